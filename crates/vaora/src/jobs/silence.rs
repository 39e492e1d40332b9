//! Looking for places that suddenly fall silent: scanned every day of the week before, and not today.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use domain::{
    plausible::{self, Oddity},
    time::{day_number, local_datetime},
};

use crate::app::App;

/// Days before today that are compared with.
const DAYS: i64 = 7;

/// Notes each place that fell silent today, once. Its first area stands for the place.
///
/// # Errors
/// When the store refuses.
pub async fn look(app: &App) -> Result<()> {
    let today = day_number(app.clock.today());
    let hour = local_datetime(app.now()).hour();
    app.counters.flush(&app.store).await?;
    let mut place_of: HashMap<i64, i64> = HashMap::new();
    let mut first_area: HashMap<i64, i64> = HashMap::new();
    for (area_id, place_id, _) in app.store.area_places().await? {
        let first = first_area.entry(place_id).or_insert(area_id);
        *first = area_id.min(*first);
        place_of.insert(area_id, place_id);
    }
    let mut counts: HashMap<i64, [i64; 8]> = HashMap::new();
    for (day, area_id, _, scans) in app.store.scans_by_day(today - DAYS, today + 1).await? {
        let Some(place_id) = place_of.get(&area_id) else { continue };
        let slot = usize::try_from(day - (today - DAYS)).unwrap_or(0);
        if let Some(count) = counts.entry(*place_id).or_default().get_mut(slot) {
            *count += scans;
        }
    }
    let told: HashSet<i64> = app
        .store
        .oddities_since(today)
        .await?
        .into_iter()
        .filter(|oddity| oddity.kind == Oddity::FellSilent.code())
        .map(|oddity| oddity.area_id)
        .collect();
    for (place_id, days) in counts {
        let [before @ .., now] = days;
        let Some(area_id) = first_area.get(&place_id).filter(|area| !told.contains(area)) else { continue };
        if plausible::fell_silent(&before, now, hour) {
            app.found.note(u32::try_from(*area_id)?, Oddity::FellSilent, 1, app.now());
        }
    }
    super::write_oddities(app).await
}
