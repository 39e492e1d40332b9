//! Packing of the scan log's closed days: at night, an hour after midnight, beside everything else.

use anyhow::Result;
use domain::time::{day_number, local_date};

use crate::app::App;

/// Packs the days that have ended. A day that can't be packed stays as it is and is tried again at the next look.
/// Nothing is done while the clock is in doubt: it says which days are over, and which ids nothing can repeat.
///
/// # Errors
/// When the scan log has stopped or its folder can't be read, or the store refuses.
pub async fn run(app: &App) -> Result<()> {
    let began = app.now();
    let today = day_number(local_date(began));
    if super::is_clock_in_doubt(app, super::last_daily(app).await?, today).await? {
        tracing::error!(
            today,
            "the clock jumped by more than two days: nothing is packed; run `vaora confirm-clock`"
        );
        return Ok(());
    }
    let packing = app.scanlog.pack_closed(began).await?;
    for error in &packing.failed {
        tracing::error!(%error, "a closed day of the scan log was not packed; it is tried again in an hour");
    }
    for day in &packing.without_ids {
        tracing::error!(%day, "a packed day has no event ids: scans of it that are sent again are stored twice");
    }
    if !packing.packed.is_empty() {
        let days: Vec<String> = packing.packed.iter().map(ToString::to_string).collect();
        let bytes = app.scanlog.bytes().await?;
        let took_ms = app.now() - began;
        tracing::info!(days = days.join(", "), took_ms, bytes, "closed days of the scan log were packed");
    }
    Ok(())
}
