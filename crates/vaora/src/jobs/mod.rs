//! What runs by itself: counts written, epochs begun at midnight, closed days packed, old days retired, the log's
//! head signed.

pub mod deliver;
mod inspections;
pub mod pack;
pub mod quiet_points;
pub mod remind;
pub mod reports;
mod silence;

use std::time::Duration;

use anyhow::Result;
use domain::time::{date_of_day_number, day_number, local_date};

use crate::app::App;

pub use inspections::remind as remind_of_findings;
pub use silence::look as look_for_silence;

/// How often counts are written.
const FLUSH: Duration = Duration::from_secs(3);
/// How often the daily work looks whether it is due.
const DAILY_LOOK: Duration = Duration::from_secs(60);
/// How often closed days of the scan log are looked for: the day before is packed in the second hour of the night.
const PACK_LOOK: Duration = Duration::from_secs(3600);
/// Looks between two searches for silent places.
const LOOKS_AN_HOUR: u64 = 60;
/// Milliseconds for which an approval stands.
const APPROVAL_MS: i64 = 24 * 3_600_000;
/// Setting that holds the local day number of the last daily work.
const LAST_DAILY: &str = "last_daily_day";
/// Jump of the clock, in days, after which nothing is deleted until somebody confirms.
const JUMP_DAYS_MAX: i64 = 2;

/// Starts all jobs. They end with the process.
pub fn start(app: &App) {
    let warmed = app.clone();
    tokio::spawn(async move {
        if let Err(error) = crate::figures::warm(&warmed).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "figures were not read ahead; the first pages read them"
            );
        }
    });
    let flusher = app.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FLUSH).await;
            if let Err(error) = flusher.counters.flush(&flusher.store).await {
                tracing::error!(error = format!("{error:#}"), "counts were not written; they are kept");
            }
            if let Err(error) = write_oddities(&flusher).await {
                tracing::error!(error = format!("{error:#}"), "oddities were not written");
            }
        }
    });
    let packer = app.clone();
    tokio::spawn(async move {
        // A server that was down at night has days to pack, but first the scans that waited in devices meanwhile.
        tokio::time::sleep(Duration::from_secs(u64::from(packer.config.pack_after_start_s))).await;
        loop {
            if let Err(error) = pack::run(&packer).await {
                tracing::error!(
                    error = format!("{error:#}"),
                    "closed days were not packed; it is tried again in an hour"
                );
            }
            tokio::time::sleep(PACK_LOOK).await;
        }
    });
    let telling = app.clone();
    tokio::spawn(async move {
        let mut looks: u64 = 0;
        loop {
            tell(&telling, looks.is_multiple_of(LOOKS_AN_HOUR)).await;
            looks += 1;
            tokio::time::sleep(DAILY_LOOK).await;
        }
    });
    let daily_app = app.clone();
    tokio::spawn(async move {
        let mut looks: u64 = 0;
        loop {
            if let Err(error) = daily(&daily_app).await {
                tracing::error!(
                    error = format!("{error:#}"),
                    "daily work failed; it is tried again in a minute"
                );
            }
            if let Err(error) = expire(&daily_app).await {
                tracing::error!(error = format!("{error:#}"), "stale releases were not forgotten");
            }
            if let Err(error) = reports::look(&daily_app).await {
                tracing::error!(
                    error = format!("{error:#}"),
                    "reports were not opened; it is tried again in a minute"
                );
            }
            if looks.is_multiple_of(LOOKS_AN_HOUR)
                && let Err(error) = reports::remind(&daily_app).await
            {
                tracing::error!(error = format!("{error:#}"), "late reports were not reminded of");
            }
            // Once an hour is enough: silence is told by the day.
            if looks.is_multiple_of(LOOKS_AN_HOUR)
                && let Err(error) = look_for_silence(&daily_app).await
            {
                tracing::error!(error = format!("{error:#}"), "silent places were not looked for");
            }
            // Beside it, so that a point that is scanned again is off its commune's list within the hour.
            if looks.is_multiple_of(LOOKS_AN_HOUR)
                && let Err(error) = quiet_points::run(&daily_app).await
            {
                tracing::error!(error = format!("{error:#}"), "points without a scan were not noted");
            }
            if looks.is_multiple_of(LOOKS_AN_HOUR)
                && let Err(error) = remind_of_findings(&daily_app).await
            {
                tracing::error!(error = format!("{error:#}"), "reminders of findings were not sent");
            }
            looks += 1;
            daily_app.limits.forget_resting();
            tokio::time::sleep(DAILY_LOOK).await;
        }
    });
}

/// Posts reminders, once an hour, and takes messages out of the product; what fails is tried again at the next
/// look.
async fn tell(app: &App, is_hourly: bool) {
    if is_hourly && let Err(error) = remind::run(app).await {
        tracing::error!(error = format!("{error:#}"), "reminders were not posted");
    }
    if let Err(error) = deliver::run(app).await {
        tracing::error!(error = format!("{error:#}"), "messages were not delivered");
    }
}

/// Writes what looked odd since the last time.
///
/// # Errors
/// When the store refuses.
pub async fn write_oddities(app: &App) -> Result<()> {
    let found = app.found.take();
    if found.is_empty() {
        return Ok(());
    }
    if let Err(error) = app.store.add_oddities(&found).await {
        app.found.put_back(found);
        return Err(error.into());
    }
    Ok(())
}

/// Forgets shares that waited too long for a second officer, approvals that nobody used, and sittings that are over.
///
/// # Errors
/// When the store refuses.
pub async fn expire(app: &App) -> Result<()> {
    for opening in app.releases.forget_stale(app.now()).await {
        app.store.forget_releases_of(opening).await?;
    }
    let before = app.now() - APPROVAL_MS;
    app.store.expire_approvals(before, "Quá 24 giờ không ai mở khóa; hãy xin lại.").await?;
    app.sittings.end_due(app).await
}

/// The work of a new day, done once for each: epoch, signed head, retirement.
///
/// # Errors
/// When a step fails; the day then counts as not done.
pub async fn daily(app: &App) -> Result<()> {
    app.epochs.at(&app.store, app.now()).await?;
    let today = day_number(local_date(app.now()));
    let last = last_daily(app).await?;
    if last == Some(today) {
        return Ok(());
    }
    if is_clock_in_doubt(app, last, today).await? {
        tracing::error!(
            today,
            ?last,
            "the clock jumped by more than two days: nothing is deleted; run `vaora confirm-clock`"
        );
        return Ok(());
    }
    crate::audit::sign_yesterday(app).await?;
    retire(app, today).await?;
    app.counters.forget_before(today - 1);
    app.store.set_setting(LAST_DAILY, &today.to_string()).await?;
    Ok(())
}

/// Local day number of the last daily work; `None` before the first.
async fn last_daily(app: &App) -> Result<Option<i64>> {
    Ok(app.store.setting(LAST_DAILY).await?.and_then(|text| text.parse().ok()))
}

/// True when the clock is more than two days past the last daily work and nobody has confirmed it: nothing that can't
/// be undone may follow it then.
async fn is_clock_in_doubt(app: &App, last: Option<i64>, today: i64) -> Result<bool> {
    Ok(last.is_some_and(|last| today > last + JUMP_DAYS_MAX) && !away_so_long(app, last).await?)
}

/// True when an operator confirmed the clock after a jump.
async fn away_so_long(app: &App, last: Option<i64>) -> Result<bool> {
    let confirmed = app.store.setting("clock_confirmed_day").await?.and_then(|text| text.parse::<i64>().ok());
    Ok(confirmed.is_some_and(|day| Some(day) > last))
}

/// Deletes what is older than the retention period (docs/retention.md).
///
/// # Errors
/// When a store refuses.
pub async fn retire(app: &App, today: i64) -> Result<()> {
    let first_day = today - i64::from(app.config.retention_days);
    // Rows lie under their arrival day; a row of the oldest kept event day may have arrived later, never earlier.
    let retired = app.scanlog.retire_before(date_of_day_number(first_day)).await?;
    let removed = app.store.remove_expired(first_day, app.now()).await?;
    if !retired.is_empty() || removed != store::retention::Removed::default() {
        tracing::info!(days = retired.len(), ?removed, "retention: removed what was due");
    }
    Ok(())
}
