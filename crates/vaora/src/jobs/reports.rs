//! Opening reports: at each cut-off the figures freeze, every unit gets its draft, and is told by when to send it.

use std::collections::HashMap;

use anyhow::Result;
use domain::{
    admin_unit::{AdminUnit, UnitTree},
    calendar::Calendar,
    report::{Deadlines, Kind, Lead, Level, Span},
    role::Role,
};
use jiff::{ToSpan as _, civil::Date};
use store::{
    messages::{NewMessage, Recipient},
    report_periods::{ReportPeriod, ReportTemplate},
    reports::Report,
};

use crate::{app::App, freeze, ids::new_id};

/// Spans caught up at most after a long stop; older ones are opened by hand.
const CATCH_UP_MAX: usize = 8;

/// Days after a period's last deadline in which its late units are reminded.
const REMIND_DAYS: i32 = 30;

/// Opens every span that has ended since the last one of its kind. Cheap when nothing is due.
///
/// # Errors
/// When the store refuses; the next look goes on.
pub async fn look(app: &App) -> Result<()> {
    for kind in [Kind::Weekly, Kind::Monthly] {
        let Some(last) = Span::last_closed(kind, app.clock.today(), app.config.week_start()) else {
            continue;
        };
        let newest = app.store.latest_report_period(kind.code()).await?;
        let newest = newest.as_ref().and_then(span_of);
        if newest.is_some_and(|newest| newest.until >= last.until) || !template(app, kind).await?.active {
            continue;
        }
        for span in missed(kind, newest, last) {
            open(app, kind, span, "", None).await?;
        }
    }
    Ok(())
}

/// Spans after the newest up to the last, the latest [`CATCH_UP_MAX`] of them; only the last without a newest one.
fn missed(kind: Kind, newest: Option<Span>, last: Span) -> Vec<Span> {
    let mut spans = vec![last];
    while let Some(newest) = newest
        && spans.len() < CATCH_UP_MAX
        && spans[0].from > newest.from
    {
        let before = spans[0].before(kind);
        if before.from <= newest.from {
            break;
        }
        spans.insert(0, before);
    }
    spans
}

/// The days of a stored period.
#[must_use]
pub fn span_of(period: &ReportPeriod) -> Option<Span> {
    Some(Span { from: period.from_on.parse().ok()?, until: period.until_on.parse().ok()? })
}

/// How a kind of report runs: as set, or by default (weeks by themselves, months and ad hoc ones not).
///
/// # Errors
/// When the store refuses.
pub async fn template(app: &App, kind: Kind) -> Result<ReportTemplate> {
    let set = app.store.report_templates().await?.into_iter().find(|one| one.kind == kind.code());
    let lead = Lead::DEFAULT;
    Ok(set.unwrap_or_else(|| ReportTemplate {
        kind: kind.code().to_owned(),
        active: kind == Kind::Weekly,
        commune_days: lead.commune.into(),
        district_days: lead.district.into(),
        department_days: lead.department.into(),
        province_days: lead.province.into(),
        changed_at: 0,
        changed_by: None,
    }))
}

/// The working days that a template gives.
#[must_use]
pub fn lead_of(template: &ReportTemplate) -> Lead {
    let days = |days: i64| u32::try_from(days).unwrap_or(1).max(1);
    Lead {
        commune: days(template.commune_days),
        district: days(template.district_days),
        department: days(template.department_days),
        province: days(template.province_days),
    }
}

/// The offices' calendar.
///
/// # Errors
/// When the store refuses.
pub async fn calendar(app: &App) -> Result<Calendar> {
    let days = app.store.holidays().await?;
    Ok(Calendar::new(days.iter().filter_map(|day| day.day_on.parse::<Date>().ok())))
}

/// Freezes a span and opens its period with a draft for every unit that reports; twice is the same as once.
/// `deadlines` stand in place of the template's, for tests and demos.
///
/// # Errors
/// When the store refuses; opening again goes on where it stopped.
pub async fn open(
    app: &App,
    kind: Kind,
    span: Span,
    title: &str,
    deadlines: Option<Deadlines>,
) -> Result<ReportPeriod> {
    let departments = departments_by_place(app).await?;
    freeze::freeze(app, span, &departments).await?;
    let deadlines = match deadlines {
        Some(deadlines) => deadlines,
        None => lead_of(&template(app, kind).await?).deadlines(span, &calendar(app).await?),
    };
    let period = ReportPeriod {
        id: new_id(),
        kind: kind.code().to_owned(),
        title: title.to_owned(),
        from_on: span.from.to_string(),
        until_on: span.until.to_string(),
        commune_due_on: deadlines.commune.to_string(),
        district_due_on: deadlines.district.to_string(),
        department_due_on: deadlines.department.to_string(),
        province_due_on: deadlines.province.to_string(),
        opened_at: app.now(),
    };
    let (period, _) = app.store.open_report_period(&period).await?;
    let reports = drafts(app, &period, span, &deadlines).await?;
    if app.store.add_reports(&reports).await? > 0 {
        tell(app, &period, &reports).await?;
    }
    Ok(period)
}

/// Departments by the places they are responsible for; a place counts for one department at most, and for its
/// commune besides, never twice for either.
async fn departments_by_place(app: &App) -> Result<HashMap<i64, i64>> {
    Ok(app.store.departments_by_place().await?.into_iter().collect())
}

/// Drafts of all who report: communes, districts, departments with places or officers of their own, the province.
///
/// # Errors
/// When the store refuses.
pub async fn drafts(
    app: &App,
    period: &ReportPeriod,
    span: Span,
    deadlines: &Deadlines,
) -> Result<Vec<Report>> {
    let tree = UnitTree::on(app.store.admin_units().await?, &span.last().to_string());
    let frozen = app.store.unit_periods_of(&period.from_on, &period.until_on).await?;
    let accounts = app.store.accounts().await?;
    let works = |unit: &AdminUnit| {
        frozen.iter().any(|row| row.unit_id == unit.id && row.registered > 0)
            || accounts.iter().any(|account| {
                account.active
                    && account.unit_id == unit.id
                    && account.roles.iter().any(|role| role == Role::UnitOfficer.code())
            })
    };
    let mut reports = Vec::new();
    for unit in tree.valid() {
        let Some(level) = Level::of(&unit.level) else { continue };
        if level == Level::Department && (!works(unit) || unit.full_name == app.config.issuing_agency) {
            continue;
        }
        reports.push(Report {
            id: new_id(),
            period_id: period.id,
            unit_id: unit.id,
            above_id: if level == Level::Department {
                tree.path(unit.id).last().map(|top| top.id)
            } else {
                unit.parent_id
            },
            level: unit.level.clone(),
            due_on: deadlines.of(level).to_string(),
            state: "draft".to_owned(),
            version: 0,
            direction: String::new(),
            results: String::new(),
            support: String::new(),
            next_steps: String::new(),
            saved_at: app.now(),
            first_sent_at: None,
            sent_at: None,
            sent_by: None,
            decided_at: None,
            decided_by: None,
            return_reason: None,
        });
    }
    Ok(reports)
}

async fn tell(app: &App, period: &ReportPeriod, reports: &[Report]) -> Result<()> {
    let last = span_of(period).map_or_else(String::new, |span| span.last().strftime("%d/%m/%Y").to_string());
    for report in reports {
        let due = report.due_on.parse::<Date>().map(|due| due.strftime("%d/%m/%Y").to_string());
        let message = NewMessage {
            id: new_id(),
            dedup_key: format!("report:{}:{}:open", period.id, report.unit_id),
            to: Recipient::Unit(report.unit_id),
            source: "Báo cáo kỳ đến hết ngày {last} đã có số liệu; hạn gửi {due}.".to_owned(),
            params: serde_json::json!({ "last": last, "due": due.unwrap_or_default() }).to_string(),
            href: format!("/reports?period={}", period.id),
            urgent: false,
            due_on: Some(report.due_on.clone()),
        };
        app.store.post_message(&message, app.now()).await?;
    }
    Ok(())
}

/// Reminds units that are late, once a report, and gives up documents that a stop left unfinished.
///
/// # Errors
/// When the store refuses.
pub async fn remind(app: &App) -> Result<()> {
    app.store.fail_stale_issues(app.now() - ISSUE_MS_MAX, app.now()).await?;
    let since = app.clock.today().saturating_sub(REMIND_DAYS.days()).to_string();
    let today = app.clock.today().to_string();
    for period in app.store.report_periods_due(&since, &today).await? {
        let reports = app.store.reports_of_period(period.id).await?;
        for report in reports.iter().filter(|one| one.first_sent_at.is_none() && one.due_on < today) {
            let message = NewMessage {
                id: new_id(),
                dedup_key: format!("report:{}:late", report.id),
                to: Recipient::Unit(report.unit_id),
                source: "Đã quá hạn gửi báo cáo. Hãy gửi ngay trong hôm nay.".to_owned(),
                params: "{}".to_owned(),
                href: format!("/reports/{}", report.id),
                urgent: true,
                due_on: Some(report.due_on.clone()),
            };
            app.store.post_message(&message, app.now()).await?;
        }
    }
    Ok(())
}

/// Longest time that a set of documents is being made, in milliseconds; after it the work counts as lost.
pub const ISSUE_MS_MAX: i64 = 5 * 60_000;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};

    fn week(today: Date) -> Span {
        Span::last_closed(Kind::Weekly, today, Weekday::Friday).unwrap_or(Span { from: today, until: today })
    }

    #[test]
    fn a_server_that_was_down_catches_up_week_by_week() {
        let (newest, last) = (week(date(2021, 11, 12)), week(date(2021, 12, 3)));
        let spans = missed(Kind::Weekly, Some(newest), last);
        assert_eq!(spans, [newest.next(Kind::Weekly), newest.next(Kind::Weekly).next(Kind::Weekly), last]);
        assert_eq!(missed(Kind::Weekly, None, last), [last]);
        assert_eq!(missed(Kind::Weekly, Some(week(date(2021, 1, 1))), last).len(), CATCH_UP_MAX);
    }
}
