//! What the engine must know of an area to infer how long somebody stayed.

use domain::time::{EPOCH_2020_S, LOCAL_OFFSET_MS, Seconds2020};

use crate::Error;
use crate::slots::Slots;

/// Longest visit: longer ones are two, or an out that belongs to another in. A day covers a hospital shift.
pub const VISIT_SECONDS_MAX: u32 = DAY_SECONDS;

/// How long after closing time an out scan still belongs to an in before it: staff lock up, gates are slow.
/// A later one is the out of a visit whose in was not scanned (typically the next morning's).
pub const CLOSING_GRACE_SECONDS: u32 = 4 * 3_600;

/// Area ids stand in 31 bits of a token (see the sealed log), so none is larger.
pub const AREA_ID_MAX: u32 = (1 << 31) - 1;

/// Most areas of one opening: an area's number has 24 bits of a record.
pub const AREAS_MAX: usize = 1 << 24;

const DAY_SECONDS: u32 = 86_400;

/// Local second of the day at which second 0 of 2020 (UTC) falls.
const LOCAL_SHIFT_S: u64 = (LOCAL_OFFSET_MS / 1000 + EPOCH_2020_S % DAY_SECONDS as i64) as u64;

/// One area, a part of a place with its own code. A place without areas is one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaFacts {
    /// The number scans carry, at most [`AREA_ID_MAX`].
    pub area_id: u32,
    /// The caller's number of the place the area belongs to.
    pub place: u32,
    /// How long people usually stay at such a place, 1 to [`VISIT_SECONDS_MAX`]; dated data by place type.
    pub default_stay_seconds: u32,
    /// Local second of the day (UTC+7) when the place closes, 0 to 86,400; `None`: open around the clock.
    pub closes_at_second_of_day: Option<u32>,
}

impl AreaFacts {
    /// The first closing after an instant, or `None` where the place never closes.
    #[must_use]
    pub fn closing_after(&self, at: Seconds2020) -> Option<Seconds2020> {
        let closes = self.closes_at_second_of_day? % DAY_SECONDS;
        let local = ((u64::from(at) + LOCAL_SHIFT_S) % u64::from(DAY_SECONDS)) as u32;
        let wait = if closes > local { closes - local } else { closes + DAY_SECONDS - local };
        Some(at.saturating_add(wait))
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |reason| Err(Error::Area { area_id: self.area_id, reason });
        if self.area_id > AREA_ID_MAX {
            return wrong("the id does not fit 31 bits");
        }
        if !(1..=VISIT_SECONDS_MAX).contains(&self.default_stay_seconds) {
            return wrong("the usual stay is not between one second and a day");
        }
        if self.closes_at_second_of_day.is_some_and(|second| second > DAY_SECONDS) {
            return wrong("the closing time is not within a day");
        }
        Ok(())
    }
}

/// The areas of an opening, found by id.
pub struct Areas {
    facts: Vec<AreaFacts>,
    slots: Slots,
    /// Place and instant at which its owner sent everybody home, sorted.
    closings: Vec<(u32, Seconds2020)>,
}

impl Areas {
    /// Takes the areas in any order.
    ///
    /// # Errors
    /// [`Error::Area`] for a fact out of its range and for an id that comes twice; [`Error::TooMany`] beyond
    /// [`AREAS_MAX`].
    pub fn new(mut facts: Vec<AreaFacts>) -> Result<Self, Error> {
        if facts.len() > AREAS_MAX {
            return Err(Error::TooMany { what: "areas", limit: AREAS_MAX });
        }
        facts.sort_unstable_by_key(|area| area.area_id);
        facts.iter().try_for_each(AreaFacts::check)?;
        if let Some(pair) = facts.windows(2).find(|pair| pair[0].area_id == pair[1].area_id) {
            return Err(Error::Area { area_id: pair[0].area_id, reason: "the id comes twice" });
        }
        let slots = Slots::new(facts.iter().map(|area| area.area_id));
        Ok(Self { facts, slots, closings: Vec::new() })
    }

    /// Adds instants at which a place was closed by hand, by the caller's number of the place: whoever was
    /// inside left then at the latest.
    #[must_use]
    pub fn with_closings(mut self, mut closings: Vec<(u32, Seconds2020)>) -> Self {
        closings.sort_unstable();
        closings.dedup();
        self.closings = closings;
        self
    }

    /// The first closing of an area after an instant, by its hours or by hand; `None` where there is none.
    #[must_use]
    pub fn closing_after(&self, area: &AreaFacts, at: Seconds2020) -> Option<Seconds2020> {
        if self.closings.is_empty() {
            return area.closing_after(at);
        }
        let next = self.closings.partition_point(|closing| *closing <= (area.place, at));
        let by_hand = self.closings.get(next).filter(|(place, _)| *place == area.place);
        let by_hand = by_hand.map(|(_, closed_at)| *closed_at);
        [area.closing_after(at), by_hand].into_iter().flatten().min()
    }

    /// The facts of one area, or `None` when it is not known.
    #[must_use]
    pub fn get(&self, area_id: u32) -> Option<&AreaFacts> {
        self.facts.get(self.position(area_id)? as usize)
    }

    /// Where the area stands in [`Self::all`].
    pub(crate) fn position(&self, area_id: u32) -> Option<u32> {
        self.slots.of(area_id)
    }

    /// All areas, by id.
    #[must_use]
    pub fn all(&self) -> &[AreaFacts] {
        &self.facts
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn area(area_id: u32, stay: u32, closes: Option<u32>) -> AreaFacts {
        AreaFacts { area_id, place: 1, default_stay_seconds: stay, closes_at_second_of_day: closes }
    }

    #[test]
    fn closing_is_the_next_local_one_strictly_after() {
        // Second 0 of 2020 is 07:00 local.
        assert_eq!(area(1, 60, Some(18 * 3600)).closing_after(0), Some(11 * 3600));
        assert_eq!(area(1, 60, Some(7 * 3600)).closing_after(0), Some(86_400));
        assert_eq!(area(1, 60, Some(2 * 3600)).closing_after(0), Some(19 * 3600));
        assert_eq!(area(1, 60, Some(86_400)).closing_after(0), Some(17 * 3600));
        assert_eq!(area(1, 60, Some(0)).closing_after(0), Some(17 * 3600));
        assert_eq!(area(1, 60, None).closing_after(0), None);
        assert_eq!(area(1, 60, Some(0)).closing_after(u32::MAX), Some(u32::MAX));
    }

    #[test]
    fn facts_out_of_range_are_named() {
        for wrong in
            [area(1 << 31, 60, None), area(1, 0, None), area(1, 86_401, None), area(1, 60, Some(86_401))]
        {
            assert!(
                matches!(Areas::new(vec![wrong]), Err(Error::Area { area_id, .. }) if area_id == wrong.area_id)
            );
        }
        assert!(matches!(
            Areas::new(vec![area(4, 60, None), area(4, 90, None)]),
            Err(Error::Area { area_id: 4, .. })
        ));
    }

    #[test]
    fn a_closing_by_hand_counts_where_it_comes_before_the_hours() {
        let shop = area(1, 60, Some(18 * 3600));
        let areas = Areas::new(vec![shop]).unwrap().with_closings(vec![(1, 900), (1, 100), (2, 50)]);
        assert_eq!(areas.closing_after(&shop, 0), Some(100));
        assert_eq!(areas.closing_after(&shop, 100), Some(900));
        assert_eq!(areas.closing_after(&shop, 900), Some(11 * 3600));
        let other = AreaFacts { place: 2, ..area(2, 60, None) };
        assert_eq!(areas.closing_after(&other, 0), Some(50));
        assert_eq!(areas.closing_after(&other, 50), None);
    }

    #[test]
    fn areas_are_found_by_id() {
        let areas = Areas::new(vec![area(9, 60, None), area(4, 90, None)]).unwrap();
        assert_eq!(areas.get(9).unwrap().default_stay_seconds, 60);
        assert_eq!(areas.get(4).unwrap().default_stay_seconds, 90);
        assert!(areas.get(5).is_none());
        assert_eq!(areas.all().len(), 2);
    }
}
