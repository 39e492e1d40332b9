//! Points without a scan, once a closed week: noted, counted, handed to their communes as tasks. Tasks of points
//! that are scanned again close by themselves.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use domain::{
    coverage::Usage,
    period::Week,
    silence::{OFTEN, PATIENCE_DAYS, WEEKS_BACK, counts_in_week},
    time::{day_number, local_date},
};
use jiff::ToSpan as _;
use store::{
    messages::{NewMessage, Recipient},
    point_weeks::QuietWeek,
};

use crate::{app::App, figures, ids::new_id};

/// Setting that holds the first day of the last week that was noted.
const LAST_WEEK: &str = "quiet_points_week";
/// Weeks before the last one that are corrected by scans that arrived late: as long as scans are kept.
const CORRECTED: usize = 4;
/// Most weeks that are noted at once after the server was away.
const CAUGHT_UP: usize = 26;

/// Closes what is done, and does the week's work when a week has closed since the last time.
///
/// # Errors
/// When the store refuses; what was done stays, and the next run goes on.
pub async fn run(app: &App) -> Result<()> {
    close(app).await?;
    let week = Week::last_closed(app.clock.today(), app.config.week_start());
    let last = app.store.setting(LAST_WEEK).await?;
    let missed = missed(week, last.as_deref());
    if missed.is_empty() {
        return Ok(());
    }
    let mut earlier = missed[0];
    for _ in 0..CORRECTED {
        earlier = earlier.before();
    }
    while earlier.from < missed[0].from {
        correct(app, earlier).await?;
        earlier = earlier.after();
    }
    for week in &missed {
        note(app, *week).await?;
    }
    weigh(app, week).await?;
    tell(app, week).await?;
    Ok(app.store.set_setting(LAST_WEEK, &week.from.to_string()).await?)
}

/// The closed weeks after the last that was noted, oldest first: a server that was away catches up. The first
/// time it is the last week alone.
fn missed(week: Week, last: Option<&str>) -> Vec<Week> {
    let Some(last) = last else { return vec![week] };
    let mut weeks = Vec::new();
    let mut next = week;
    while next.from.to_string().as_str() > last && weeks.len() < CAUGHT_UP {
        weeks.push(next);
        next = next.before();
    }
    weeks.reverse();
    weeks
}

/// Closes tasks of points that are live today or have no code any more.
async fn close(app: &App) -> Result<()> {
    let today = figures::on(app, app.clock.today()).await?;
    let quiet: HashSet<i64> = today
        .points
        .iter()
        .filter(|point| point.usage != Usage::Live)
        .map(|point| point.facts.point.area_id)
        .collect();
    let open = app.store.areas_with_tasks().await?;
    let done: Vec<i64> = open.into_iter().filter(|area| !quiet.contains(area)).collect();
    if !done.is_empty() {
        app.store.close_point_tasks(&done, &app.clock.today().to_string()).await?;
    }
    Ok(())
}

/// Notes the points that had no scan in a week.
async fn note(app: &App, week: Week) -> Result<()> {
    let figures = figures::on(app, week.last()).await?;
    let first = day_number(week.from);
    let quiet: Vec<QuietWeek> = figures
        .points
        .iter()
        .filter(|point| point.usage != Usage::Live)
        .filter(|point| counts_in_week(day_number(local_date(point.facts.point.issued_at)), first))
        .map(|point| QuietWeek {
            area_id: point.facts.point.area_id,
            never_used: point.usage == Usage::NeverUsed,
        })
        .collect();
    app.store.note_quiet_weeks(&week.from.to_string(), &week.before().from.to_string(), &quiet).await?;
    Ok(())
}

async fn correct(app: &App, week: Week) -> Result<()> {
    let (on, before) = (week.from.to_string(), week.before().from.to_string());
    app.store.correct_quiet_week(&on, &before, day_number(week.from), day_number(week.until)).await?;
    Ok(())
}

/// Opens, renews and reopens tasks.
async fn weigh(app: &App, week: Week) -> Result<()> {
    let after = week.from.saturating_sub((WEEKS_BACK * 7).days());
    let mut spells = app.store.quiet_spells(&after.to_string(), &week.from.to_string()).await?;
    let today = figures::on(app, app.clock.today()).await?;
    let usage: HashMap<i64, Usage> =
        today.points.iter().map(|point| (point.facts.point.area_id, point.usage)).collect();
    // Scanned since the week closed: nobody need go there.
    spells.retain(|spell| usage.get(&spell.area_id).is_some_and(|usage| *usage != Usage::Live));
    let undone_since = app.clock.today().saturating_sub((PATIENCE_DAYS - 1).days()).to_string();
    Ok(app.store.weigh_point_tasks(&app.clock.today().to_string(), &undone_since, &spells, new_id).await?)
}

/// One message a commune and week.
async fn tell(app: &App, week: Week) -> Result<()> {
    for (unit, open, often) in app.store.open_tasks_by_commune(OFTEN).await? {
        let params = serde_json::json!({ "n": open.to_string(), "often": often.to_string() });
        let message = NewMessage {
            id: new_id(),
            dedup_key: format!("quiet-points:{unit}:{}", week.from),
            to: Recipient::Unit(unit),
            source:
                "{n} điểm tuần qua không ai quét chờ anh/chị xem, trong đó {often} điểm lặp lại nhiều tuần."
                    .to_owned(),
            params: params.to_string(),
            href: format!("/coverage/{unit}/tasks"),
            urgent: false,
            due_on: None,
        };
        app.store.post_message(&message, app.now()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn missed_weeks_are_caught_up_in_order() {
        let week = Week { from: date(2021, 11, 19), until: date(2021, 11, 26) };
        assert_eq!(missed(week, None), [week]);
        assert_eq!(missed(week, Some("2021-11-19")), []);
        assert_eq!(missed(week, Some("2021-11-05")), [week.before(), week]);
        assert_eq!(missed(week, Some("2000-01-01")).len(), CAUGHT_UP);
    }
}
