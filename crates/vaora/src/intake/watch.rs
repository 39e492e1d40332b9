//! Watching for what does not add up while check-ins are kept. What is found lowers a scan's assurance and is
//! counted by place and day; nothing is dropped, and no person is named. All of it lives in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    plausible::{self, Nearness, Oddity, Rules},
    time::{Millis, Seconds2020, day_number, from_seconds_2020, local_date, local_datetime},
};
use store::oddities::Oddity as OddityRow;

use super::{CheckIn, Source, places::Whereabouts};

/// Persons whose last sight is remembered.
const SEEN_MAX: usize = 500_000;
/// Sources whose bursts are counted.
const BURSTS_MAX: usize = 100_000;

/// A person's last sight.
struct Sight {
    area_id: u32,
    captured: Seconds2020,
}

/// What is remembered of the day, and what was found odd since it was last written.
#[derive(Default)]
pub struct Watch {
    rules: Rules,
    day: i64,
    seen: HashMap<u64, Sight>,
    bursts: HashMap<(Source, u32, Seconds2020), u32>,
}

/// Oddities that wait to be written.
#[derive(Default)]
pub struct Found(Mutex<HashMap<(i64, u32, &'static str), (i64, Millis, Millis)>>);

impl Found {
    /// Counts scans that looked odd.
    pub fn note(&self, area_id: u32, oddity: Oddity, scans: i64, at: Millis) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (day_number(local_date(at)), area_id, oddity.code());
        let entry = held.entry(key).or_insert((0, at, at));
        *entry = (entry.0 + scans, entry.1.min(at), entry.2.max(at));
    }

    /// Takes what waits.
    pub fn take(&self) -> Vec<OddityRow> {
        let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let row =
            |((event_day, area_id, kind), (scans, first_at, last_at)): ((i64, u32, &str), _)| OddityRow {
                event_day,
                area_id: i64::from(area_id),
                kind: kind.to_owned(),
                scans,
                first_at,
                last_at,
                seen_at: None,
            };
        held.into_iter().map(row).collect()
    }
}

impl Watch {
    /// Looks at a check-in of a person; answers the assurance that is left.
    pub fn look(
        &mut self,
        check_in: &CheckIn,
        person: u64,
        areas: &HashMap<u32, Whereabouts>,
        found: &Found,
        now: Millis,
    ) -> u8 {
        let today = day_number(local_date(now));
        if self.day != today || self.seen.len() > SEEN_MAX || self.bursts.len() > BURSTS_MAX {
            *self = Self { day: today, ..Self::default() };
        }
        let at = from_seconds_2020(check_in.captured);
        let mut odd = Vec::new();
        if self.is_too_far(check_in, person, areas) {
            odd.push(Oddity::TooFar);
        }
        if self.is_burst(check_in) {
            odd.push(Oddity::Burst);
        }
        if let Some(place) = areas.get(&check_in.area_id)
            && plausible::is_closed(place.opens_at, place.closes_at, local_datetime(at).time())
        {
            odd.push(Oddity::ClosedHours);
        }
        for oddity in &odd {
            found.note(check_in.area_id, *oddity, 1, at);
        }
        if odd.is_empty() { check_in.assurance } else { 0 }
    }

    fn is_too_far(&mut self, check_in: &CheckIn, person: u64, areas: &HashMap<u32, Whereabouts>) -> bool {
        let sight = Sight { area_id: check_in.area_id, captured: check_in.captured };
        let Some(before) = self.seen.insert(person, sight) else { return false };
        let gap_s = i64::from(check_in.captured) - i64::from(before.captured);
        let (Some(here), Some(there)) = (areas.get(&check_in.area_id), areas.get(&before.area_id)) else {
            return false;
        };
        let nearness = if here.place_id == there.place_id {
            Nearness::SamePlace
        } else if here.unit_id == there.unit_id {
            Nearness::SameCommune
        } else if here.district_id.is_some() && here.district_id == there.district_id {
            Nearness::SameDistrict
        } else {
            Nearness::Unknown
        };
        plausible::too_far(nearness, gap_s.abs(), &self.rules)
    }

    fn is_burst(&mut self, check_in: &CheckIn) -> bool {
        if check_in.source == Source::Keyed {
            return false;
        }
        // A gate's device is one wherever it stands; a network is weighed at each place for itself.
        let area_id = if matches!(check_in.source, Source::Device(_)) { 0 } else { check_in.area_id };
        let count = self.bursts.entry((check_in.source, area_id, check_in.captured / 60)).or_insert(0);
        *count += 1;
        match check_in.source {
            Source::Device(_) => plausible::is_device_burst(*count, 60, &self.rules),
            Source::Network(_) | Source::Keyed => plausible::is_burst(*count, 60, &self.rules),
        }
    }
}
