//! What is said by itself: reminders of directives, tickets that close, campaigns that can be measured.

use anyhow::Result;
use domain::{
    calendar::Calendar,
    directive::{REMIND_AFTER_DAYS, reminder_on},
    support::CLOSE_DAYS,
    time::DAY_MS,
};
use jiff::{ToSpan as _, civil::Date};
use store::messages::{NewMessage, Recipient};

use crate::{app::App, notify, web::guidance::effects};

/// Local hour from which reminders are posted: when offices open.
const FROM_HOUR: i8 = 7;
/// Days looked ahead for deadlines: two working days and any run of holidays.
const AHEAD_DAYS: i64 = 16;
/// Campaigns that one look measures at most.
const MEASURED_AT_ONCE: usize = 40;

/// Posts and closes what is due; a second look says nothing twice.
///
/// # Errors
/// When the store refuses.
pub async fn run(app: &App) -> Result<()> {
    let now = app.now();
    app.store.close_solved_tickets(now - CLOSE_DAYS * DAY_MS, now).await?;
    if domain::time::local_datetime(now).hour() >= FROM_HOUR {
        remind_of_directives(app).await?;
    }
    effects::measure_due(app, MEASURED_AT_ONCE).await
}

/// The days off, as the store has them.
///
/// # Errors
/// When the store refuses.
pub async fn calendar(app: &App) -> Result<Calendar> {
    let holidays = app.store.holidays().await?;
    Ok(Calendar::new(holidays.iter().filter_map(|holiday| holiday.day_on.parse().ok())))
}

async fn remind_of_directives(app: &App) -> Result<()> {
    let today = app.clock.today();
    let calendar = calendar(app).await?;
    let last_after = REMIND_AFTER_DAYS.iter().max().copied().unwrap_or(0);
    let from = today.saturating_sub(last_after.days()).to_string();
    let until = today.saturating_add(AHEAD_DAYS.days()).to_string();
    let mut due = Vec::new();
    for (id, number, unit_id, due_on) in app.store.directives_to_remind(&from, &until).await? {
        let Ok(day) = due_on.parse::<Date>() else { continue };
        if let Some(which) = reminder_on(&calendar, day, today) {
            due.push(reminder(id, &number, unit_id, &due_on, &which));
        }
    }
    if !due.is_empty() {
        app.store.post_messages(&due, app.now()).await?;
    }
    Ok(())
}

fn reminder(id: i64, number: &str, unit_id: i64, due_on: &str, which: &str) -> NewMessage {
    let is_before = which == "before";
    let source = if is_before {
        "Nhắc: công văn {number} sắp đến hạn, đơn vị chưa báo đã làm xong."
    } else {
        "Nhắc: công văn {number} đã quá hạn, đơn vị chưa báo đã làm xong."
    };
    let key = format!("directive:{id}:{unit_id}:{due_on}:{which}");
    let href = format!("/directives/{id}");
    NewMessage {
        urgent: !is_before,
        due_on: Some(due_on.to_owned()),
        ..notify::message(key, Recipient::Unit(unit_id), source, &[("number", number)], href)
    }
}
