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
use jiff::civil::Time;
use store::oddities::Oddity as OddityRow;

use super::{CheckIn, Source, places::Whereabouts};

/// Persons whose last sight is remembered: a day of the whole province.
const SEEN_MAX: usize = 2_000_000;
/// Sources (networks, devices) whose bursts are counted.
const BURSTS_MAX: usize = 500_000;

/// A person's last sight.
struct Sight {
    area_id: u32,
    captured: Seconds2020,
    assurance: u8,
}

/// What came of a look.
pub struct Looked {
    /// The assurance that is left.
    pub assurance: u8,
    /// What was odd, to be counted once the scan is stored.
    pub odd: Vec<Oddity>,
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
pub struct Found(Mutex<Counts>);

/// Scans, first and last instant, by local day number, area and kind.
type Counts = HashMap<(i64, u32, &'static str), (i64, Millis, Millis)>;

impl Found {
    /// Counts scans that looked odd.
    pub fn note(&self, area_id: u32, oddity: Oddity, scans: i64, at: Millis) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (day_number(local_date(at)), area_id, oddity.code());
        let entry = held.entry(key).or_insert((0, at, at));
        *entry = (entry.0 + scans, entry.1.min(at), entry.2.max(at));
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, rows: Vec<OddityRow>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let kind = Oddity::parse(&row.kind).map(|oddity| oddity.code());
            let (Some(kind), Ok(area_id)) = (kind, u32::try_from(row.area_id)) else { continue };
            let entry = held.entry((row.event_day, area_id, kind)).or_insert((0, row.first_at, row.last_at));
            *entry = (entry.0 + row.scans, entry.1.min(row.first_at), entry.2.max(row.last_at));
        }
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
    /// Begins a group of looks on a local day: what was seen the day before is forgotten.
    pub fn begin(&mut self, today: i64) {
        if self.day != today || self.seen.len() > SEEN_MAX {
            *self = Self { day: today, ..Self::default() };
        }
        if self.bursts.len() > BURSTS_MAX {
            self.bursts.clear();
        }
    }

    /// Looks at a check-in of a person.
    pub fn look(&mut self, check_in: &CheckIn, person: u64, areas: &HashMap<u32, Whereabouts>) -> Looked {
        let (mut odd, mut assurance) = (Vec::new(), check_in.assurance);
        if let Some(before) = self.too_far_from(check_in, person, areas) {
            odd.push(Oddity::TooFar);
            // One of the two is wrong: the one that is vouched for better stands, so that nobody can pull down
            // a gate's scan by a word typed elsewhere.
            if assurance <= before {
                assurance = 0;
            }
        }
        if self.is_burst(check_in) {
            odd.push(Oddity::Burst);
            assurance = 0;
        }
        if let Some(place) = areas.get(&check_in.area_id)
            && (place.opens_at.is_some() || place.closes_at.is_some())
            && plausible::is_closed(place.opens_at, place.closes_at, local_time(check_in.captured))
        {
            odd.push(Oddity::ClosedHours);
            assurance = 0;
        }
        if let Some(sight) = self.seen.get_mut(&person) {
            sight.assurance = assurance;
        }
        Looked { assurance, odd }
    }

    /// Takes a look back: the scan was known already, so it must not count twice.
    pub fn take_back(&mut self, check_in: &CheckIn) {
        if let Some(count) = self.bursts.get_mut(&Self::burst_key(check_in)) {
            *count = count.saturating_sub(1);
        }
    }

    /// The assurance of the person's sight before, where it was too far away for the time between.
    fn too_far_from(
        &mut self,
        check_in: &CheckIn,
        person: u64,
        areas: &HashMap<u32, Whereabouts>,
    ) -> Option<u8> {
        let sight =
            Sight { area_id: check_in.area_id, captured: check_in.captured, assurance: check_in.assurance };
        let before = self.seen.insert(person, sight)?;
        let gap_s = i64::from(check_in.captured) - i64::from(before.captured);
        let (here, there) = (areas.get(&check_in.area_id)?, areas.get(&before.area_id)?);
        let nearness = if here.place_id == there.place_id {
            Nearness::SamePlace
        } else if here.unit_id == there.unit_id {
            Nearness::SameCommune
        } else if here.district_id.is_some() && here.district_id == there.district_id {
            Nearness::SameDistrict
        } else {
            Nearness::Unknown
        };
        plausible::too_far(nearness, gap_s.abs(), &self.rules).then_some(before.assurance)
    }

    fn is_burst(&mut self, check_in: &CheckIn) -> bool {
        if check_in.source == Source::Keyed {
            return false;
        }
        let count = self.bursts.entry(Self::burst_key(check_in)).or_insert(0);
        *count += 1;
        match check_in.source {
            Source::Device(_) => plausible::is_device_burst(*count, 60, &self.rules),
            Source::Network(_) | Source::Keyed => plausible::is_burst(*count, 60, &self.rules),
        }
    }

    fn burst_key(check_in: &CheckIn) -> (Source, u32, Seconds2020) {
        // A gate's device is one wherever it stands; a network is weighed at each place for itself.
        let area_id = if matches!(check_in.source, Source::Device(_)) { 0 } else { check_in.area_id };
        (check_in.source, area_id, check_in.captured / 60)
    }
}

fn local_time(captured: Seconds2020) -> Time {
    local_datetime(from_seconds_2020(captured)).time()
}
