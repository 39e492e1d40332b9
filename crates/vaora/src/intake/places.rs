//! Where areas are, as the way in for check-ins needs it: read from the store and kept for a minute.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use anyhow::Result;
use domain::{admin_unit::UnitTree, time::Millis};
use jiff::civil::Time;
use store::Store;

/// Where an area is and when its place is open.
#[derive(Clone, Copy)]
pub struct Whereabouts {
    /// Its place.
    pub place_id: i64,
    /// The place's commune.
    pub unit_id: i64,
    /// The unit above the commune.
    pub district_id: Option<i64>,
    /// Opening time.
    pub opens_at: Option<Time>,
    /// Closing time.
    pub closes_at: Option<Time>,
}

/// How long a reading counts, in milliseconds.
const FRESH_MS: i64 = 60_000;

#[derive(Default)]
struct Held {
    read_at: Millis,
    areas: Arc<HashMap<u32, Whereabouts>>,
}

/// All areas, read again when older than a minute.
#[derive(Default)]
pub struct AreaBook(RwLock<Held>);

impl AreaBook {
    /// The areas as last read; reads them anew when that was too long ago.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn areas(&self, store: &Store, now: Millis) -> Result<Arc<HashMap<u32, Whereabouts>>> {
        {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if held.read_at != 0 && (now - held.read_at).abs() < FRESH_MS {
                return Ok(Arc::clone(&held.areas));
            }
        }
        let areas = Arc::new(read(store, now).await?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Held { read_at: now, areas: Arc::clone(&areas) };
        Ok(areas)
    }
}

async fn read(store: &Store, now: Millis) -> Result<HashMap<u32, Whereabouts>> {
    let today = domain::time::local_date(now).to_string();
    let tree = UnitTree::on(store.admin_units().await?, &today);
    let hours: HashMap<i64, _> = store.all_place_hours().await?.into_iter().collect();
    let mut places = HashMap::new();
    for (area_id, place_id, unit_id) in store.area_places().await? {
        let own = hours.get(&place_id);
        let time = |text: Option<&String>| text.and_then(|text| format!("{text}:00").parse::<Time>().ok());
        let whereabouts = Whereabouts {
            place_id,
            unit_id,
            district_id: tree.get(unit_id).and_then(|unit| unit.parent_id),
            opens_at: time(own.and_then(|own| own.opens_at.as_ref())),
            closes_at: time(own.and_then(|own| own.closes_at.as_ref())),
        };
        places.insert(u32::try_from(area_id)?, whereabouts);
    }
    Ok(places)
}
