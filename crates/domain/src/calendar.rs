//! Working days: Monday to Friday, save holidays. Holidays are data, dated and with a source, because the
//! Government moves days off each year.

use std::collections::BTreeSet;

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

/// Days walked at most in one question; no run of holidays comes near it.
const WALK_DAYS_MAX: u32 = 400;

/// The days on which offices work.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar with days off.
    #[must_use]
    pub fn new(holidays: impl IntoIterator<Item = Date>) -> Self {
        Self { holidays: holidays.into_iter().collect() }
    }

    /// True when offices work on the day.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }

    /// The `working_days`-th working day after a day (which itself does not count); the day itself for 0.
    #[must_use]
    pub fn after(&self, day: Date, working_days: u32) -> Date {
        let (mut at, mut left) = (day, working_days);
        for _ in 0..WALK_DAYS_MAX {
            if left == 0 {
                break;
            }
            at = at.saturating_add(1.days());
            left -= u32::from(self.is_working(at));
        }
        at
    }

    /// Working days after `from` up to and with `until`; 0 when `until` is not later.
    #[must_use]
    pub fn working_days_between(&self, from: Date, until: Date) -> u32 {
        let (mut at, mut days) = (from, 0);
        for _ in 0..WALK_DAYS_MAX {
            if at >= until {
                break;
            }
            at = at.saturating_add(1.days());
            days += u32::from(self.is_working(at));
        }
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weekends_and_holidays_do_not_count() {
        // 2 and 3 September 2021: National Day, Thursday and Friday.
        let calendar = Calendar::new([date(2021, 9, 2), date(2021, 9, 3)]);
        assert_eq!(calendar.after(date(2021, 9, 1), 1), date(2021, 9, 6));
        assert_eq!(calendar.after(date(2021, 9, 1), 0), date(2021, 9, 1));
        assert_eq!(calendar.after(date(2021, 9, 9), 2), date(2021, 9, 13));
        assert!(!calendar.is_working(date(2021, 9, 2)));
    }

    #[test]
    fn days_between_mirror_days_after() {
        let calendar = Calendar::new([date(2021, 9, 2), date(2021, 9, 3)]);
        for working_days in 0..30 {
            let day = calendar.after(date(2021, 8, 30), working_days);
            assert_eq!(calendar.working_days_between(date(2021, 8, 30), day), working_days);
        }
        assert_eq!(calendar.working_days_between(date(2021, 9, 5), date(2021, 9, 1)), 0);
    }
}
