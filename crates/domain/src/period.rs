//! Reporting weeks. No national rule fixes their start, so it is a setting; the default is Friday 00:00
//! to Thursday 24:00 (2-domain, Reports).

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

/// The weekday on which weeks begin unless the province says otherwise.
pub const DEFAULT_WEEK_START: Weekday = Weekday::Friday;

/// A week: seven local days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// First day.
    pub from: Date,
    /// Day after the last.
    pub until: Date,
}

impl Week {
    /// The week that holds a day.
    #[must_use]
    pub fn holding(day: Date, starts: Weekday) -> Self {
        let back = i64::from(day.weekday().since(starts));
        let from = day.saturating_sub(back.days());
        Self { from, until: from.saturating_add(7.days()) }
    }

    /// The latest week that has ended before a day begins.
    #[must_use]
    pub fn last_closed(today: Date, starts: Weekday) -> Self {
        Self::holding(today, starts).before()
    }

    /// The week before.
    #[must_use]
    pub fn before(self) -> Self {
        Self { from: self.from.saturating_sub(7.days()), until: self.from }
    }

    /// The week after.
    #[must_use]
    pub fn after(self) -> Self {
        Self { from: self.until, until: self.until.saturating_add(7.days()) }
    }

    /// Last day of the week.
    #[must_use]
    pub fn last(self) -> Date {
        self.until.saturating_sub(1.days())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weeks_run_from_friday_to_thursday() {
        for day in 12..=18 {
            let week = Week::holding(date(2021, 11, day), DEFAULT_WEEK_START);
            assert_eq!((week.from, week.last()), (date(2021, 11, 12), date(2021, 11, 18)));
        }
        assert_eq!(Week::holding(date(2021, 11, 11), DEFAULT_WEEK_START).from, date(2021, 11, 5));
    }

    #[test]
    fn the_last_closed_week_ended_before_today() {
        let week = Week::last_closed(date(2021, 11, 12), DEFAULT_WEEK_START);
        assert_eq!((week.from, week.until), (date(2021, 11, 5), date(2021, 11, 12)));
        assert_eq!(week.before().after(), week);
    }
}
