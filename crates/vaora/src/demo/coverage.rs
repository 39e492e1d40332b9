//! The demo's 26 weeks of coverage: figures that grew to what they are today, points that fell silent weeks ago,
//! and their tasks in every state. All of it is made up and agrees with the scans of the last days.

use anyhow::Result;
use domain::{
    admin_unit::UnitTree,
    coverage::{Coverage, Usage},
    period::Week,
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
    figures::{self, Figures, PointUse},
    ids::new_id,
    jobs::quiet_points,
};

/// Weeks of history.
const WEEKS: i64 = 26;
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
        app.store.note_point_task(task.id, &done, app.now()).await?;
    }
    Ok(())
}

/// Frozen figures: the last week as it was, those before it on a curve that leads there.
async fn periods(app: &App, weeks: &[Week]) -> Result<()> {
    let tree = app.tree().await?;
    let last = weeks[weeks.len() - 1];
    let figures = figures::on(app, last.last()).await?;
    let days = figures::scans_in_days(app, last.from, last.until).await?;
    let units: Vec<i64> = tree
        .valid()
        .map(|unit| unit.id)
        .filter(|unit| figures.standing(&tree, *unit, last.until).registered > 0)
        .collect();
    let mut rows = Vec::new();
    for unit in units {
        let end = figures.standing(&tree, unit, last.until);
        let flow = days.iter().fold(figures::Flow::default(), |mut sum, (_, day)| {
            sum.add(day.within(&tree, unit));
            sum
        });
        for (back, week) in (0..WEEKS).zip(weeks.iter().rev()) {
            rows.push(period(&tree, &figures, unit, *week, back, (end, flow)));
        }
    }
    app.store.freeze_unit_periods(&rows).await?;
    Ok(())
}

fn period(
    tree: &UnitTree,
    figures: &Figures,
    unit_id: i64,
    week: Week,
    back: i64,
    end: (Coverage, figures::Flow),
) -> UnitPeriod {
    let (end, flow) = end;
    // The campaign of the letter: slow at first, quick in the middle, nearly done now; in thousandths.
    let grown = |back: i64| 1000 - 700 * back * back * (3 * WEEKS - 2 * back) / (WEEKS * WEEKS * WEEKS);
    let wave = if back == 0 { 0 } else { (unit_id + back * 37).rem_euclid(31) - 15 };
    let registered = end.registered * grown(back) / 1000;
    let live = (end.live * grown(back) / 1000 * (1000 - 8 * back + wave) / 1000).clamp(0, registered);
    let never_used = (end.never_used * grown(back) / 1000 + back / 4).clamp(0, registered - live);
    let (from, until) = (day_start(week.from), day_start(week.until));
    let issued = |at: i64| from <= at && at < until;
    let new_points = if back == 0 {
        let points = figures.points_within(tree, unit_id).into_iter();
        i64::try_from(points.filter(|point| issued(point.facts.point.issued_at)).count()).unwrap_or(0)
    } else {
        registered - end.registered * grown(back + 1) / 1000
    };
    UnitPeriod {
        unit_id,
        from_on: week.from.to_string(),
        until_on: week.until.to_string(),
        registered,
        live,
        silent: registered - live - never_used,
        never_used,
        new_points: new_points.max(0),
        population: end.population,
        target: end.target,
        missing: if back == 0 {
            end.missing
        } else {
            (end.missing + end.registered - registered).min(end.target)
        },
        scans_in: flow.entered * grown(back) / 1000 * (1000 - 8 * back + wave) / 1000,
        scans_out: flow.left * grown(back) / 1000 * (1000 - 8 * back + wave) / 1000,
        frozen_at: until + 9 * 3_600_000,
    }
}
