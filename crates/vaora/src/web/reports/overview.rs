//! The reports of a period: one's own, and those of the level below in one table.

use axum::extract::{Query, State};
use domain::{calendar::Calendar, report::Punctuality, role::Role};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;
use store::{report_periods::ReportPeriod, reports::Report};

use super::{READERS, desk, figures::Frozen, period_view, punctuality_of, punctuality_view, state_view};
use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    jobs::reports::calendar,
    page::Page,
};

/// Periods that the list offers.
const PERIODS_SHOWN: i64 = 26;
/// Older reports of one's own that are listed.
const OWN_SHOWN: i64 = 12;

/// What to show.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    /// Period; the latest when empty.
    period: String,
    /// A unit whose level below is shown; the officer's own when empty.
    unit: String,
}

/// Shows the reports of a period.
///
/// # Errors
/// Not found for those without a role that reads reports, and for units outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result {
    let officer = page.officer()?.clone();
    officer.require(&READERS)?;
    let tree = app.tree().await?;
    let periods = app.store.report_periods(PERIODS_SHOWN).await?;
    let own_desk = desk(&officer, &tree);
    let unit_id = match which.unit.parse() {
        Ok(id) => id,
        Err(_) => own_desk.unwrap_or_else(|| officer.root(&tree)),
    };
    officer.require_unit(&tree, unit_id)?;
    let period = match which.period.parse::<i64>() {
        Ok(id) => Some(periods.iter().find(|one| one.id == id).ok_or(AppError::NotFound)?),
        Err(_) => periods.first(),
    };
    let mut values = context! {
        unit => context! { id => unit_id.to_string(), name => tree.name(unit_id) },
        is_own => own_desk == Some(unit_id),
        is_province => tree.get(unit_id).is_some_and(|unit| unit.parent_id.is_none()),
        is_commune => tree.get(unit_id).is_some_and(domain::admin_unit::AdminUnit::is_commune),
        is_reviewer => officer.has(Role::Reviewer),
        above => (own_desk.unwrap_or_else(|| officer.root(&tree)) != unit_id).then(|| tree.name(officer.root(&tree)).to_owned()),
        periods => periods.iter().map(|one| period_view(&page, one)).collect::<Vec<_>>(),
    };
    if let Some(period) = period {
        let part = of_period(&app, &page, &officer, period, unit_id, own_desk == Some(unit_id)).await?;
        values = context! { ..part, ..values };
    }
    page.show("reports.html", values).await
}

async fn of_period(
    app: &App,
    page: &Page,
    officer: &Officer,
    shown: &ReportPeriod,
    unit_id: i64,
    is_own: bool,
) -> Result<Value> {
    let period = shown;
    let tree = app.tree().await?;
    let (calendar, today) = (calendar(app).await?, app.clock.today());
    let frozen = Frozen::read(app, period).await?;
    let own = app.store.report_of(period.id, unit_id).await?;
    let mut below = app.store.reports_below(period.id, unit_id).await?;
    below.sort_by_key(|report| (report.level != "district", tree.rank(report.unit_id)));
    let rows: Vec<Value> = below
        .iter()
        .map(|report| {
            context! {
                name => tree.name(report.unit_id), has_below => report.level == "district",
                ..row(page, report, &frozen, today, &calendar)
            }
        })
        .collect();
    let history = app.store.reports_of_unit(unit_id, OWN_SHOWN).await?;
    let periods = app.store.report_periods(PERIODS_SHOWN).await?;
    let history: Vec<Value> = history
        .iter()
        .filter_map(|report| {
            let period = periods.iter().find(|one| one.id == report.period_id && one.id != shown.id)?;
            let state = state_view(page, report);
            Some(context! { id => report.id.to_string(), period => period_view(page, period), state })
        })
        .collect();
    Ok(context! {
        period => period_view(page, period),
        own => own.as_ref().map(|report| row(page, report, &frozen, today, &calendar)),
        own_figures => frozen.view(unit_id),
        counts => counts(&below, today, &calendar),
        may_take => is_own && below.iter().any(|report| report.state == "submitted"),
        may_merge => is_own && !below.is_empty() && (officer.has(Role::UnitOfficer) || officer.has(Role::Reviewer)),
        rows, history,
    })
}

fn row(page: &Page, report: &Report, frozen: &Frozen, today: Date, calendar: &Calendar) -> Value {
    context! {
        id => report.id.to_string(), unit_id => report.unit_id.to_string(), due => report.due_on.clone(),
        state => state_view(page, report), waits => report.state == "submitted",
        punctuality => punctuality_view(page, punctuality_of(report, today, calendar)),
        sent_at => report.sent_at, version => report.version, reason => report.return_reason.clone(),
        f => frozen.view(report.unit_id),
    }
}

/// How many reports stand where.
fn counts(reports: &[Report], today: Date, calendar: &Calendar) -> Value {
    let of = |state: &str| reports.iter().filter(|report| report.state == state).count();
    let standing: Vec<Punctuality> =
        reports.iter().map(|report| punctuality_of(report, today, calendar)).collect();
    let late = standing.iter().filter(|one| matches!(one, Punctuality::Late(_))).count();
    let silent = standing.iter().filter(|one| matches!(one, Punctuality::Silent(_))).count();
    context! {
        all => reports.len(), accepted => of("accepted"), submitted => of("submitted"),
        returned => of("returned"), draft => of("draft"), late, silent,
    }
}
