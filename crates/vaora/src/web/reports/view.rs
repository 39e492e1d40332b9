//! One report: its figures and words, the form while it can still be changed, and what was said to it.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{difficulty::Topic, proposal, report::State as ReportState};
use minijinja::{Value, context};
use store::{messages::NewMessage, report_items::ReportItem, report_periods::ReportPeriod, reports::Report};

use super::{
    READERS, desk, draft::Draft, draft::KINDS, draft::topics, figures::Frozen, is_unsent_elsewhere,
    period_view, punctuality_of, punctuality_view, readable, state_of, state_view,
};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    jobs::reports::{calendar, span_of},
    notify,
    page::Page,
    web::{forms::Errors, guidance, inspections},
};

/// Answered proposals shown in a draft.
const ANSWERS_SHOWN: i64 = 20;
/// Items of the units below shown in a report.
const BELOW_SHOWN: usize = 100;

/// Shows a report.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (report, period) = readable(&app, &page, id).await?;
    if is_unsent_elsewhere(&app, &page, &report).await? {
        return render(&app, &page, &report, &period, &[], &Draft::default(), &Errors::default(), "").await;
    }
    let items = app.store.items_of_report(id).await?;
    let draft = Draft::of(&report, &items);
    render(&app, &page, &report, &period, &items, &draft, &Errors::default(), "").await
}

/// Shows the report again with a reason to return it that cannot be taken.
pub(super) async fn show_refused_return(
    app: &App,
    page: &Page,
    report: &Report,
    period: &ReportPeriod,
    errors: &Errors,
    reason: &str,
) -> Result {
    let items = app.store.items_of_report(report.id).await?;
    let draft = Draft::of(report, &items);
    render(app, page, report, period, &items, &draft, errors, reason).await
}

#[expect(clippy::too_many_arguments, reason = "the page and each form on it as last typed")]
async fn render(
    app: &App,
    page: &Page,
    report: &Report,
    period: &ReportPeriod,
    items: &[ReportItem],
    draft: &Draft,
    errors: &Errors,
    reason: &str,
) -> Result {
    let officer = page.officer()?;
    let tree = app.tree().await?;
    let own_desk = desk(officer, &tree);
    let state = state_of(report);
    let frozen = Frozen::read(app, period).await?;
    let punctuality = punctuality_of(report, app.clock.today(), &calendar(app).await?);
    let is_own = own_desk == Some(report.unit_id);
    let values = context! {
        report => context! {
            id => report.id.to_string(), unit => tree.name(report.unit_id), unit_id => report.unit_id.to_string(),
            above => report.above_id.map(|above| tree.name(above).to_owned()), due => report.due_on.clone(),
            state => state_view(page, report), punctuality => punctuality_view(page, punctuality),
            version => report.version, sent_at => report.sent_at, decided_at => report.decided_at,
            reason => report.return_reason.clone(), saved_at => report.saved_at,
            is_province => report.above_id.is_none(), is_department => report.level == "department",
            is_commune => report.level == "commune",
        },
        period => period_view(page, period),
        f => frozen.view(report.unit_id),
        done => done_view(app, report, &frozen).await?,
        // Sở TTTT sends its report by handing the document up for signing.
        may_edit => is_own && state.is_editable(),
        may_send => is_own && state.is_editable() && report.above_id.is_some(),
        may_decide => own_desk.is_some() && own_desk == report.above_id && state == ReportState::Submitted,
        draft => draft.view(), topics => topics(page), errors => errors.view(), return_reason => reason,
        items => items_view(page, items), is_unsent => !is_own && state.is_editable(),
        below => below_view(app, page, report).await?,
        answers => answers(app, page, report, is_own).await?,
        versions => versions(app, report).await?,
    };
    page.show("report.html", values).await
}

/// What inspection and guidance did in the period, as their own pages count it.
async fn done_view(app: &App, report: &Report, frozen: &Frozen) -> Result<Value> {
    let tree = app.tree().await?;
    let (unit, span) = (report.unit_id, frozen.span);
    let inspected = inspections::period_figures(app, &tree, unit, span.from, span.until).await?;
    let guided = guidance::period_figures(app, &tree, unit, span.from, span.until).await?;
    Ok(context! {
        inspections => inspected.done, findings => inspected.findings, reminders => inspected.reminders,
        campaigns => guided.campaigns, reached => guided.reached, opened => guided.tickets_opened,
        closed => guided.tickets_closed,
    })
}

/// What a report of a level above carries of those below, and what still is to be done before it goes up.
pub(super) async fn below_view(app: &App, page: &Page, report: &Report) -> Result<Option<Value>> {
    if !matches!(report.level.as_str(), "district" | "province") {
        return Ok(None);
    }
    let scope = report.above_id.map(|_| report.unit_id);
    let mut items = Vec::new();
    for kind in KINDS {
        items.extend(app.store.standing_items(kind, report.period_id, scope).await?);
    }
    items.retain(|item| item.report_id != Some(report.id));
    let unhandled = items.iter().filter(|item| item.kind == "proposal" && item.handling.is_empty()).count();
    let reports = app.store.reports_below(report.period_id, report.unit_id).await?;
    Ok(Some(context! {
        items => items_view(page, &items[..items.len().min(BELOW_SHOWN)]), all => items.len(),
        unsent => reports.iter().filter(|one| state_of(one).is_editable()).count(),
        // Only Sở TTTT proposes how to handle.
        unhandled => if report.above_id.is_none() { unhandled } else { 0 },
    }))
}

fn items_view(page: &Page, items: &[ReportItem]) -> Vec<Value> {
    items
        .iter()
        .map(|item| {
            let topic = Topic::from_code(&item.topic).map_or("", Topic::label);
            context! {
                id => item.id.to_string(), kind => item.kind.clone(), topic => page.t(topic),
                words => item.words.clone(), merged => item.merged_into.is_some(),
            }
        })
        .collect()
}

/// What became of the proposals that the unit raised before.
async fn answers(app: &App, page: &Page, report: &Report, is_own: bool) -> Result<Vec<Value>> {
    let raised = app.store.proposals_raised_by(report.unit_id, ANSWERS_SHOWN).await?;
    let tree = app.tree().await?;
    // What nobody has dealt with may stand in a draft, which is its unit's alone.
    let shown = |one: &&ReportItem| one.period_id != report.period_id && (is_own || one.state != "raised");
    let views = raised.iter().filter(shown).map(|one| {
        let state = proposal::State::from_code(&one.state).unwrap_or(proposal::State::Raised);
        context! {
            id => one.id.to_string(), words => one.words.clone(), state => page.t(state.label()),
            answer => one.answer.clone(), office => one.office_id.map(|id| tree.name(id).to_owned()),
            due => one.due_on.clone(),
            overdue => state.is_overdue(one.due_on.as_deref().and_then(|due| due.parse().ok()), app.clock.today()),
        }
    });
    Ok(views.collect())
}

async fn versions(app: &App, report: &Report) -> Result<Vec<Value>> {
    let versions = app.store.report_versions(report.id).await?;
    let accounts = app.store.accounts().await?;
    let name = |id: i64| accounts.iter().find(|one| one.id == id).map(|one| one.name.clone());
    let view = |version: store::reports::ReportVersion| {
        let body: serde_json::Value = serde_json::from_str(&version.body).unwrap_or_default();
        let text = |of: &serde_json::Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
        let items = body["items"].as_array().into_iter().flatten().map(|item| {
            context! { kind => text(item, "kind"), words => text(item, "words") }
        });
        context! {
            version => version.version, sent_at => version.sent_at, sent_by => name(version.sent_by),
            decision => version.decision, reason => version.reason,
            direction => text(&body, "direction"), results => text(&body, "results"),
            support => text(&body, "support"), next_steps => text(&body, "next_steps"),
            items => items.collect::<Vec<_>>(),
        }
    };
    Ok(versions.into_iter().map(view).collect())
}

/// Saves or sends the officer's own report.
///
/// # Errors
/// Not found when it is not the officer's to write.
pub async fn submit(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result {
    let (report, period) = readable(&app, &page, id).await?;
    let officer = page.officer()?;
    officer.require(&READERS)?;
    if desk(officer, &*app.tree().await?) != Some(report.unit_id) {
        return Err(AppError::NotFound);
    }
    let here = format!("/reports/{id}");
    let draft = Draft::read(pairs);
    if !state_of(&report).is_editable() {
        // Pressed twice, or on an old page: what was sent stands.
        return page.go(&here, "info", "Báo cáo này đã gửi rồi; nội dung đã gửi được giữ nguyên.").await;
    }
    let mut errors = Errors::default();
    let items = draft.check(&page, &mut errors);
    if !errors.is_empty() {
        let kept = app.store.items_of_report(id).await?;
        return render(&app, &page, &report, &period, &kept, &draft, &errors, "").await;
    }
    let saved = app.store.put_items(id, &items, app.now()).await?
        && app.store.save_report(id, &draft.words, app.now()).await?;
    if !saved {
        return page.go(&here, "info", "Báo cáo này đã gửi rồi; nội dung đã gửi được giữ nguyên.").await;
    }
    if draft.document {
        return page.go(&format!("{here}/document"), "good", "Đã lưu. Hãy xem lại rồi lập bộ văn bản.").await;
    }
    if !draft.send || report.above_id.is_none() {
        return page.go(&here, "good", "Đã lưu. Báo cáo chưa gửi; anh/chị sửa tiếp được.").await;
    }
    if send(&app, &report, officer.id).await? {
        tell_above(&app, &report, &period).await?;
    }
    page.go(
        &here,
        "good",
        "Đã gửi báo cáo lên cấp trên. Khi được tiếp nhận hoặc trả lại, anh/chị sẽ nhận tin.",
    )
    .await
}

/// Sends a report as it is saved, with its words and items kept as a version.
///
/// # Errors
/// When the store refuses.
pub async fn send(app: &App, report: &Report, by: i64) -> Result<bool> {
    let saved = app.store.report(report.id).await?.ok_or(AppError::NotFound)?;
    let items = app.store.items_of_report(report.id).await?;
    let body = serde_json::json!({
        "direction": saved.direction, "results": saved.results, "support": saved.support,
        "next_steps": saved.next_steps,
        "items": items.iter().map(|item| serde_json::json!({
            "kind": item.kind, "topic": item.topic, "words": item.words,
        })).collect::<Vec<_>>(),
    });
    Ok(app.store.send_report(report.id, &body.to_string(), by, app.now()).await?)
}

/// One message a day for all that came in, so that 184 reports are not 184 messages.
async fn tell_above(app: &App, report: &Report, period: &ReportPeriod) -> Result<()> {
    let Some(above) = report.above_id else { return Ok(()) };
    let last = span_of(period).map(|span| span.last().strftime("%d/%m/%Y").to_string()).unwrap_or_default();
    for to in notify::desk_recipients(app, &*app.tree().await?, above).await? {
        let message = NewMessage {
            id: new_id(),
            dedup_key: format!("report:{}:waiting:{}:{}", period.id, notify::key_of(to), app.clock.today()),
            to,
            source: "Có báo cáo kỳ đến hết ngày {last} gửi lên, chờ tiếp nhận.".to_owned(),
            params: serde_json::json!({ "last": last }).to_string(),
            href: format!("/reports?period={}", period.id),
            urgent: false,
            due_on: None,
        };
        app.store.post_message(&message, app.now()).await?;
    }
    Ok(())
}
