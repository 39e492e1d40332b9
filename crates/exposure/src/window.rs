//! The period in which a case could infect others.

use domain::time::{Millis, date_of_day_number, day_number, day_start, local_date, to_seconds_2020};

use crate::{Error, Span};

/// How far back a disease profile looks. Dated data of the profile, such as 3 days from 3 December 2020
/// (QĐ 5053/QĐ-BYT) and 2 days from 29 December 2021 (Ministry of Health).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowRule {
    /// Whole local days before the day of onset, or of the positive sample where there are no symptoms.
    pub look_back_days: u16,
}

/// From the start of the local day that lies `look_back_days` before the day of onset, until isolation.
///
/// Onset is known to the day at best, so the whole first day belongs to the window. For a person not yet
/// isolated, give the moment of asking as `isolated_at`; a part of a second at the end counts as a whole one.
///
/// # Errors
/// [`Error::Window`] when isolation comes before the window's start, or either lies outside 2020 to 2156.
pub fn infectious_window(
    rule: WindowRule,
    onset_or_sample_at: Millis,
    isolated_at: Millis,
) -> Result<Span, Error> {
    let day = day_number(local_date(onset_or_sample_at)) - i64::from(rule.look_back_days);
    let from = to_seconds_2020(day_start(date_of_day_number(day))).ok_or(Error::Window)?;
    let until = to_seconds_2020(isolated_at.saturating_add(999)).ok_or(Error::Window)?;
    Span::new(from, until).ok_or(Error::Window)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use domain::time::{DAY_MS, from_seconds_2020};

    /// 2021-08-05 00:00 local.
    const AUGUST_5: Millis = 1_628_096_400_000;

    #[test]
    fn the_window_begins_with_a_local_day() {
        let rule = WindowRule { look_back_days: 3 };
        let onset = AUGUST_5 + 13 * 3_600_000;
        let span = infectious_window(rule, onset, AUGUST_5 + 2 * DAY_MS).unwrap();
        assert_eq!(from_seconds_2020(span.from), AUGUST_5 - 3 * DAY_MS);
        assert_eq!(from_seconds_2020(span.until), AUGUST_5 + 2 * DAY_MS);
        assert_eq!(infectious_window(rule, AUGUST_5, AUGUST_5 + 2 * DAY_MS).unwrap(), span);
    }

    #[test]
    fn isolation_before_the_window_is_refused() {
        let rule = WindowRule { look_back_days: 2 };
        assert_eq!(infectious_window(rule, AUGUST_5, AUGUST_5 - 3 * DAY_MS), Err(Error::Window));
        assert!(infectious_window(rule, AUGUST_5, AUGUST_5 - DAY_MS).is_ok(), "isolated before symptoms");
        assert_eq!(infectious_window(rule, 0, 1), Err(Error::Window));
    }

    #[test]
    fn part_of_a_second_counts() {
        let rule = WindowRule { look_back_days: 0 };
        assert_eq!(infectious_window(rule, AUGUST_5, AUGUST_5 + 1).unwrap().seconds(), 1);
    }
}
