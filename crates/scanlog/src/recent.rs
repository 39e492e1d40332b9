//! The event ids of the recent arrival days, in memory: what makes an embedded append exactly once.

use std::collections::{BTreeMap, HashSet};

use domain::time::day_number;
use jiff::civil::Date;

/// Days beyond the window that stay in memory, so that late rows around midnight don't reload a day in turns.
const SLACK_DAYS: i64 = 2;

/// Ids by arrival day. The standard hasher is keyed: devices choose the ids, and may not choose collisions.
pub(crate) struct RecentIds {
    days: BTreeMap<i64, HashSet<[u8; 16]>>,
    /// Days for which the whole window around them is in memory.
    ready: HashSet<i64>,
    window_days: i64,
}

impl RecentIds {
    pub(crate) fn new(window_days: u16) -> Self {
        Self { days: BTreeMap::new(), ready: HashSet::new(), window_days: i64::from(window_days) }
    }

    /// Which of the stored days must be [`load`](Self::load)ed before an id of `day` can be judged.
    /// Forgets days that are far from `day`, to bound the memory.
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
    pub(crate) fn load(&mut self, day: Date, ids: HashSet<[u8; 16]>) {
        self.days.insert(day_number(day), ids);
    }

    /// Remembers an id of `day`; false when a day of the window around it has it already.
    pub(crate) fn insert(&mut self, day: Date, id: [u8; 16]) -> bool {
        let day = day_number(day);
        let window = (day - self.window_days + 1)..(day + self.window_days);
        if self.days.range(window).any(|(_, ids)| ids.contains(&id)) {
            return false;
        }
        self.days.entry(day).or_default().insert(id)
    }

    /// Forgets a day that was retired.
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
            recent.load(day, HashSet::new());
        }
        recent.set_ready(stored[2]);
        assert!(recent.is_ready(stored[2]) && !recent.is_ready(date(2026, 11, 17)));
        recent.set_ready(date(2026, 11, 17));
        assert!(recent.is_ready(stored[2]), "the slack keeps both sides of midnight");
        recent.set_ready(date(2026, 12, 20));
        assert_eq!(recent.missing_around(stored[2], &stored), [stored[1], stored[2]]);
    }
}
