//! Packing of the scan log's closed days: at night, an hour after midnight, beside everything else.

use anyhow::Result;

use crate::app::App;

/// Packs the days that have ended. A day that can't be packed stays as it is and is tried again at the next look.
///
/// # Errors
/// When the scan log has stopped or its folder can't be read.
pub async fn run(app: &App) -> Result<()> {
    let began = app.now();
    let packing = app.scanlog.pack_closed(began).await?;
    for error in &packing.failed {
        tracing::error!(%error, "a closed day of the scan log was not packed; it is tried again in an hour");
    }
    if !packing.packed.is_empty() {
        let days: Vec<String> = packing.packed.iter().map(ToString::to_string).collect();
        let bytes = app.scanlog.bytes().await?;
        let took_ms = app.now() - began;
        tracing::info!(days = days.join(", "), took_ms, bytes, "closed days of the scan log were packed");
    }
    Ok(())
}
