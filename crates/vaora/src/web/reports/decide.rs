//! Taking reports of the level below: accepted one by one or all together, or returned with a reason.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{Path, State},
};
use serde::Deserialize;
use store::{
    messages::{NewMessage, Recipient},
    report_periods::ReportPeriod,
    reports::Report,
};

use super::{READERS, desk, readable, view::show_refused_return};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    jobs::reports::span_of,
    page::Page,
    web::forms::{self, Errors},
};

/// Longest reason to return a report, in characters.
const REASON_MAX: usize = 400;

/// What is said to a report.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DecisionForm {
    decision: String,
    reason: String,
    /// The version that was read.
    version: i64,
}

/// Accepts a report, or returns it with a reason.
///
/// # Errors
/// Not found when it is not the officer's to take.
pub async fn decide(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<DecisionForm>,
) -> Result {
    let (report, period) = readable(&app, &page, id).await?;
    let officer = page.officer()?;
    let own_desk = desk(officer, &*app.tree().await?);
    if own_desk.is_none() || own_desk != report.above_id {
        return Err(AppError::NotFound);
    }
    let here = format!("/reports/{id}");
    // What was sent again since the page was opened has not been read.
    let already = if report.state == "submitted" && report.version != form.version {
        "Báo cáo đã được gửi lại; hãy đọc bản mới."
    } else {
        "Báo cáo này không còn chờ tiếp nhận; có người đã xử lý trước."
    };
    match form.decision.as_str() {
        "accept" => {
            if !app.store.accept_report(id, form.version, officer.id, app.now()).await? {
                return page.go(&here, "info", already).await;
            }
            tell_accepted(&app, &report, &period).await?;
            page.go(&here, "good", "Đã tiếp nhận báo cáo.").await
        }
        "return" => {
            let mut errors = Errors::default();
            let reason = forms::line(&page, &mut errors, "reason", &form.reason, REASON_MAX);
            if !errors.is_empty() {
                return show_refused_return(&app, &page, &report, &period, &errors, &form.reason).await;
            }
            if !app.store.return_report(id, form.version, &reason, officer.id, app.now()).await? {
                return page.go(&here, "info", already).await;
            }
            tell_returned(&app, &report, &reason).await?;
            page.go(&here, "good", "Đã trả lại báo cáo kèm lý do.").await
        }
        _ => page.go(&here, "bad", "Hãy chọn tiếp nhận hoặc trả lại.").await,
    }
}

/// Accepts the ticked reports of a period.
///
/// # Errors
/// Not found for those who take none.
pub async fn accept_many(
    State(app): State<App>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result {
    let officer = page.officer()?;
    officer.require(&READERS)?;
    let unit_id = desk(officer, &*app.tree().await?).ok_or(AppError::NotFound)?;
    let field = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let Some(period_id) = field("period").and_then(|id| id.parse::<i64>().ok()) else {
        return page.go("/reports", "bad", "Hãy đánh dấu ít nhất một báo cáo đã gửi.").await;
    };
    let period = app.store.report_period(period_id).await?.ok_or(AppError::NotFound)?;
    let ticked: HashMap<i64, i64> =
        pairs.iter().filter(|(key, _)| key == "report").filter_map(|(_, one)| with_version(one)).collect();
    let here = format!("/reports?period={period_id}");
    if ticked.is_empty() {
        return page.go(&here, "bad", "Hãy đánh dấu ít nhất một báo cáo đã gửi.").await;
    }
    let mut taken = 0;
    for report in app.store.reports_below(period_id, unit_id).await? {
        let Some(version) = ticked.get(&report.id) else { continue };
        if app.store.accept_report(report.id, *version, officer.id, app.now()).await? {
            tell_accepted(&app, &report, &period).await?;
            taken += 1;
        }
    }
    let mut text = page.tf("Đã tiếp nhận {n} báo cáo.", &[("n", taken.to_string())]);
    if taken < ticked.len() {
        text.push(' ');
        text.push_str(&page.t("Báo cáo đã xử lý trước đó hoặc vừa gửi lại thì giữ nguyên; hãy đọc bản mới."));
    }
    page.flash_text(if taken > 0 { "good" } else { "info" }, text).await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&here)))
}

/// A report with the version that was listed, as `id-version`.
fn with_version(text: &str) -> Option<(i64, i64)> {
    let (id, version) = text.split_once('-')?;
    Some((id.parse().ok()?, version.parse().ok()?))
}

async fn tell_accepted(app: &App, report: &Report, period: &ReportPeriod) -> Result<()> {
    let last = span_of(period).map(|span| span.last().strftime("%d/%m/%Y").to_string()).unwrap_or_default();
    let message = NewMessage {
        id: new_id(),
        dedup_key: format!("report:{}:accepted:{}", report.id, report.version),
        to: Recipient::Unit(report.unit_id),
        source: "Báo cáo kỳ đến hết ngày {last} đã được tiếp nhận.".to_owned(),
        params: serde_json::json!({ "last": last }).to_string(),
        href: format!("/reports/{}", report.id),
        urgent: false,
        due_on: None,
    };
    app.store.post_message(&message, app.now()).await?;
    Ok(())
}

async fn tell_returned(app: &App, report: &Report, reason: &str) -> Result<()> {
    let message = NewMessage {
        id: new_id(),
        dedup_key: format!("report:{}:returned:{}", report.id, report.version),
        to: Recipient::Unit(report.unit_id),
        source: "Báo cáo bị trả lại: {reason}".to_owned(),
        params: serde_json::json!({ "reason": reason }).to_string(),
        href: format!("/reports/{}", report.id),
        urgent: true,
        due_on: Some(report.due_on.clone()),
    };
    app.store.post_message(&message, app.now()).await?;
    Ok(())
}
