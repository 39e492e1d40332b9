//! The event ids of the recent arrival days: what makes an embedded append exactly once.
//!
//! Those of days that are appended to are in memory; those of packed days stand in files ([`IdFile`]), of which a
//! filter is in memory.

use std::collections::{BTreeMap, HashSet};

use domain::time::day_number;
use jiff::civil::Date;

use crate::embedded::IdFile;

/// Days beyond the window that stay in memory, so that late rows around midnight don't reload a day in turns.
pub(crate) const SLACK_DAYS: i64 = 2;

/// Ids of one arrival day. The standard hasher is keyed: devices choose the ids, and may not choose collisions.
#[derive(Default)]
pub(crate) struct DayIds {
    /// Ids of the packed file.
    pub packed: Option<IdFile>,
    /// Ids of rows that are being packed.
    pub packing: HashSet<[u8; 16]>,
    /// Ids of rows that are in no packed file.
    pub live: HashSet<[u8; 16]>,
}

impl DayIds {
    fn contains(&self, id: &[u8; 16]) -> bool {
        if self.live.contains(id) || self.packing.contains(id) {
            return true;
        }
        match self.packed.as_ref().map_or(Ok(false), |packed| packed.contains(id)) {
            Ok(found) => found,
            Err(error) => {
                // A scan of that day can't be told from a repeat; no other day may suffer from it.
                tracing::error!(%error, "event ids of the scan log can't be read");
                false
            }
        }
    }
}

/// Ids by arrival day.
pub(crate) struct RecentIds {
    days: BTreeMap<i64, DayIds>,
    /// Days for which the whole window around them is in memory.
    ready: HashSet<i64>,
    window_days: i64,
}

impl RecentIds {
    pub(crate) fn new(window_days: u16) -> Self {
        Self { days: BTreeMap::new(), ready: HashSet::new(), window_days: i64::from(window_days) }
    }

    /// Which of the stored days must be [`load`](Self::load)ed before an id of `day` can be judged.
    pub(crate) fn missing_around(&self, day: Date, stored: &[Date]) -> Vec<Date> {
        let centre = day_number(day);
        let near = |other: i64| (other - centre).abs() < self.window_days;
        stored
            .iter()
            .copied()
            .filter(|&other| near(day_number(other)) && !self.days.contains_key(&day_number(other)))
            .collect()
    }

    /// Whether every stored day around `day` is in memory.
    pub(crate) fn is_ready(&self, day: Date) -> bool {
        self.ready.contains(&day_number(day))
    }

    /// Says that what [`missing_around`](Self::missing_around) named has been loaded, and lets far days go.
    pub(crate) fn set_ready(&mut self, day: Date) {
        let centre = day_number(day);
        let keep = self.window_days + SLACK_DAYS;
        self.days.retain(|&other, _| (other - centre).abs() <= keep);
        let days_near_ends = keep - self.window_days;
        self.ready.retain(|&other| (other - centre).abs() <= days_near_ends);
        self.ready.insert(centre);
    }

    /// Takes the ids of a stored day.
    pub(crate) fn load(&mut self, day: Date, ids: DayIds) {
        self.days.insert(day_number(day), ids);
    }

    /// Remembers an id of `day`; false when a day of the window around it has it already.
    pub(crate) fn insert(&mut self, day: Date, id: [u8; 16]) -> bool {
        let day = day_number(day);
        let window = (day - self.window_days + 1)..(day + self.window_days);
        if self.days.range(window).any(|(_, ids)| ids.contains(&id)) {
            return false;
        }
        self.days.entry(day).or_default().live.insert(id)
    }

    /// Sets the ids apart that are in memory for a day: their rows are being packed.
    pub(crate) fn begin_packing(&mut self, day: Date) {
        if let Some(ids) = self.days.get_mut(&day_number(day)) {
            if ids.packing.is_empty() {
                ids.packing = std::mem::take(&mut ids.live);
            } else {
                // An earlier packing failed.
                ids.packing.extend(ids.live.drain());
            }
        }
    }

    /// The ids set apart stand in a file now.
    pub(crate) fn end_packing(&mut self, day: Date, packed: Option<IdFile>) {
        if let Some(ids) = self.days.get_mut(&day_number(day))
            && packed.is_some()
        {
            ids.packing = HashSet::new();
            ids.packed = packed;
        }
    }

    /// Forgets a day that was retired, or whose ids were deleted.
    pub(crate) fn forget(&mut self, day: Date) {
        self.days.remove(&day_number(day));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_id_is_new_once_within_the_window_and_again_beyond_it() {
        let mut recent = RecentIds::new(8);
        let id = [1; 16];
        assert!(recent.insert(date(2026, 11, 10), id));
        assert!(!recent.insert(date(2026, 11, 10), id));
        assert!(!recent.insert(date(2026, 11, 17), id), "seven days later");
        assert!(!recent.insert(date(2026, 11, 3), id), "a clock set back seven days");
        assert!(recent.insert(date(2026, 11, 18), id), "eight days later");
    }

    #[test]
    fn the_window_is_loaded_once_and_far_days_are_forgotten() {
        let mut recent = RecentIds::new(8);
        let stored = [date(2026, 11, 1), date(2026, 11, 9), date(2026, 11, 16)];
        assert_eq!(recent.missing_around(date(2026, 11, 16), &stored), [stored[1], stored[2]]);
        for day in [stored[1], stored[2]] {
            recent.load(day, DayIds::default());
        }
        recent.set_ready(stored[2]);
        assert!(recent.is_ready(stored[2]) && !recent.is_ready(date(2026, 11, 17)));
        recent.set_ready(date(2026, 11, 17));
        assert!(recent.is_ready(stored[2]), "the slack keeps both sides of midnight");
        recent.set_ready(date(2026, 12, 20));
        assert_eq!(recent.missing_around(stored[2], &stored), [stored[1], stored[2]]);
    }

    #[test]
    fn ids_are_known_while_their_rows_are_being_packed() {
        let mut recent = RecentIds::new(8);
        let day = date(2026, 11, 10);
        assert!(recent.insert(day, [1; 16]));
        recent.begin_packing(day);
        assert!(!recent.insert(day, [1; 16]) && recent.insert(day, [2; 16]));
        recent.begin_packing(day);
        assert!(!recent.insert(day, [1; 16]) && !recent.insert(day, [2; 16]));
    }
}
