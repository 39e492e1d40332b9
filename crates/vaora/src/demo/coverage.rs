//! The demo's 26 weeks of coverage: figures that grew to what they are today, points that fell silent weeks ago,
//! and their tasks in every state. All of it is made up and agrees with the scans of the last days.

use std::collections::HashMap;

use anyhow::Result;
use domain::{
    admin_unit::UnitTree,
    coverage::Usage,
    period::Week,
    report::Span,
    silence::{Action, PATIENCE_DAYS, WEEKS_BACK, counts_in_week},
    time::{day_number, day_start, local_date},
};
use jiff::ToSpan as _;
use store::{
    point_tasks::{Done, Listed},
    point_weeks::QuietWeek,
    scan_counts::ScanCount,
    unit_periods::UnitPeriod,
};

use crate::{
    app::App,
    demo::accounts::Login,
    figures::{self, PointUse},
    freeze::freeze,
    ids::new_id,
    jobs::quiet_points,
};

/// Weeks of history.
const WEEKS: i64 = 26;
/// Weeks whose figures are counted from scans; those before lie on a curve.
const COUNTED_WEEKS: usize = 5;
/// Days of scans that the demo has; what is made up here lies before them.
const SCANNED_DAYS: i64 = 14;
/// Weeks back from which on tasks were opened.
const TASK_WEEKS: usize = 4;

/// Fills the history.
///
/// # Errors
/// When the store refuses.
pub async fn fill(app: &App, logins: &[Login]) -> Result<()> {
    let today = app.clock.today();
    let mut weeks = vec![Week::last_closed(today, app.config.week_start())];
    while weeks.len() < usize::try_from(WEEKS)? {
        weeks.push(weeks[weeks.len() - 1].before());
    }
    weeks.reverse();
    old_scans(app).await?;
    quiet_weeks(app, &weeks).await?;
    tasks(app, &weeks, logins).await?;
    periods(app, &weeks).await
}

/// A number that a point always has, to part points into those with one fate and another.
fn fate(point: &PointUse, of: i64) -> i64 {
    (point.facts.point.area_id * 7919 + point.facts.place_id % 97).rem_euclid(of)
}

/// Most points without a scan in the last days were used once, weeks ago.
async fn old_scans(app: &App) -> Result<()> {
    let today = day_number(app.clock.today());
    let figures = figures::on(app, app.clock.today()).await?;
    let mut counts = Vec::new();
    for point in figures.points.iter().filter(|point| point.usage == Usage::NeverUsed) {
        let issued = day_number(local_date(point.facts.point.issued_at));
        let day = today - SCANNED_DAYS - 2 - fate(point, 45);
        if fate(point, 4) > 0 && day > issued {
            let area_id = point.facts.point.area_id;
            counts.push(ScanCount {
                event_day: day,
                area_id,
                out: false,
                arrival_day: day,
                scans: 1 + fate(point, 9),
            });
        }
    }
    Ok(app.store.put_scan_counts(&counts).await?)
}

/// Weeks without a scan, up to the week before the last: that one is left to the job.
async fn quiet_weeks(app: &App, weeks: &[Week]) -> Result<()> {
    let figures = figures::on(app, app.clock.today()).await?;
    let first_scanned = day_number(app.clock.today()) - SCANNED_DAYS;
    for week in &weeks[..weeks.len() - 1] {
        let (from, until) = (day_number(week.from), day_number(week.until));
        let quiet: Vec<QuietWeek> = figures
            .points
            .iter()
            .filter(|point| counts_in_week(day_number(local_date(point.facts.point.issued_at)), from))
            .filter(|point| {
                // A few that are live again were quiet just before the scans of the demo begin.
                let returned =
                    point.usage == Usage::Live && fate(point, 40) == 0 && until <= first_scanned + 1;
                let lately = first_scanned - from < WEEKS_BACK * 7;
                point.last_scan_day.is_none_or(|last| last < from) || (returned && lately)
            })
            .map(|point| QuietWeek {
                area_id: point.facts.point.area_id,
                never_used: point.last_scan_day.is_none(),
            })
            .collect();
        app.store.note_quiet_weeks(&week.from.to_string(), &week.before().from.to_string(), &quiet).await?;
    }
    Ok(())
}

/// Tasks as they were opened week by week; what the commune of the demo did about some; then the job of today.
async fn tasks(app: &App, weeks: &[Week], logins: &[Login]) -> Result<()> {
    let before = &weeks[weeks.len() - TASK_WEEKS..weeks.len() - 1];
    for week in before {
        let after = week.from.saturating_sub((WEEKS_BACK * 7).days());
        let spells = app.store.quiet_spells(&after.to_string(), &week.from.to_string()).await?;
        let undone = week.until.saturating_sub((PATIENCE_DAYS - 1).days());
        app.store.weigh_point_tasks(&week.until.to_string(), &undone.to_string(), &spells, new_id).await?;
    }
    note_some(app, logins).await?;
    let noted = weeks[weeks.len() - 2].from.to_string();
    app.store.set_setting("quiet_points_week", &noted).await?;
    quiet_points::run(app).await
}

async fn note_some(app: &App, logins: &[Login]) -> Result<()> {
    let tree = app.tree().await?;
    let today = app.clock.today();
    let Some(officer) = logins.iter().find(|login| login.login == "xa") else { return Ok(()) };
    let Some(home) = app.store.account(officer.id).await?.map(|account| account.unit_id) else {
        return Ok(());
    };
    let district = tree.path(home).get(1).map_or(home, |unit| unit.id);
    let listed = Listed { state: "open", of_eight_min: 0, limit: 400, offset: 0 };
    let notes = [
        (Action::Called, "Chủ quán hứa dán lại mã ở cửa", 3),
        (Action::Visited, "Áp phích bị mưa hỏng, đã đưa tờ mới", 2),
        (Action::Moved, "Chuyển mã từ trong nhà ra cổng", 1),
        (Action::Called, "Chưa gặp được người phụ trách", 11),
        (Action::Closed, "Quán nghỉ bán, chờ mở lại", 12),
    ];
    for (number, task) in app.store.point_tasks(district, listed).await?.iter().enumerate() {
        // In the commune of the demo every third, elsewhere every eighth.
        if number % if task.unit_id == home { 3 } else { 8 } != 0 {
            continue;
        }
        let (action, note, ago) = notes[number / 3 % notes.len()];
        let done_on = today.saturating_sub(ago.days()).to_string();
        let done =
            Done { action: action.code().to_owned(), note: note.to_owned(), done_on, noted_by: officer.id };
        app.store.note_point_task(task.id, new_id(), &done, app.now()).await?;
    }
    Ok(())
}

/// Frozen figures: the last weeks as they were counted, those before them on a curve that leads there.
async fn periods(app: &App, weeks: &[Week]) -> Result<()> {
    let (curve, counted) = weeks.split_at(weeks.len() - COUNTED_WEEKS);
    let departments: HashMap<i64, i64> = app.store.departments_by_place().await?.into_iter().collect();
    for week in counted {
        freeze(app, Span { from: week.from, until: week.until }, &departments).await?;
    }
    let first = counted[0];
    let base = app.store.unit_periods_of(&first.from.to_string(), &first.until.to_string()).await?;
    let tree = app.tree().await?;
    let is_sum = |row: &UnitPeriod| {
        tree.get(row.unit_id).is_some_and(|unit| !unit.is_commune() && unit.level != "department")
    };
    let length = i64::try_from(curve.len())?;
    let mut rows = Vec::new();
    for (back, week) in (1..).zip(curve.iter().rev()) {
        let parts: HashMap<i64, UnitPeriod> = base
            .iter()
            .filter(|row| !is_sum(row))
            .map(|row| (row.unit_id, earlier(row, *week, back, length)))
            .collect();
        rows.extend(base.iter().filter(|row| is_sum(row)).map(|row| sum(&tree, row, *week, &parts)));
        rows.extend(parts.into_values());
    }
    app.store.freeze_unit_periods(&rows).await?;
    Ok(())
}

/// A unit some weeks before its first counted one. The campaign of the letter: slow at first, quick in the middle.
fn earlier(base: &UnitPeriod, week: Week, back: i64, length: i64) -> UnitPeriod {
    let grown = |back: i64| 1000 - 700 * back * back * (3 * length - 2 * back) / (length * length * length);
    let scaled = |count: i64, back: i64| count * grown(back) / 1000;
    let wave = (base.unit_id + back * 37).rem_euclid(31) - 15;
    let registered = scaled(base.registered, back);
    let live = (scaled(base.live, back) * (1000 - 8 * back + wave) / 1000).clamp(0, registered);
    let never_used = scaled(base.never_used, back).clamp(0, registered - live);
    let flow = |scans: i64| scaled(scans, back) * (1000 - 8 * back + wave) / 1000;
    UnitPeriod {
        from_on: week.from.to_string(),
        until_on: week.until.to_string(),
        registered,
        live,
        silent: registered - live - never_used,
        never_used,
        new_points: (registered - scaled(base.registered, back + 1)).max(0),
        missing: (base.missing + base.registered - registered).min(base.target),
        scans_in: flow(base.scans_in),
        scans_out: flow(base.scans_out),
        frozen_at: day_start(week.until) + 9 * 3_600_000,
        ..base.clone()
    }
}

/// A district or the province: what its communes come to.
fn sum(tree: &UnitTree, base: &UnitPeriod, week: Week, parts: &HashMap<i64, UnitPeriod>) -> UnitPeriod {
    let communes: Vec<&UnitPeriod> =
        tree.communes_within(base.unit_id).iter().filter_map(|unit| parts.get(&unit.id)).collect();
    let of = |count: fn(&UnitPeriod) -> i64| communes.iter().map(|row| count(row)).sum();
    UnitPeriod {
        from_on: week.from.to_string(),
        until_on: week.until.to_string(),
        registered: of(|row| row.registered),
        live: of(|row| row.live),
        silent: of(|row| row.silent),
        never_used: of(|row| row.never_used),
        new_points: of(|row| row.new_points),
        missing: of(|row| row.missing),
        scans_in: of(|row| row.scans_in),
        scans_out: of(|row| row.scans_out),
        frozen_at: day_start(week.until) + 9 * 3_600_000,
        ..base.clone()
    }
}
