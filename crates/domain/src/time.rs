//! Instants and local days. The province keeps UTC+7 without daylight saving (Asia/Ho_Chi_Minh).

use jiff::civil::{Date, DateTime};

/// Milliseconds since the Unix epoch, UTC. Every `*_at` in the project is one.
pub type Millis = i64;

/// Milliseconds in a day; Viet Nam has no daylight saving, so each day has as many.
pub const DAY_MS: i64 = 86_400_000;

/// Offset of local time from UTC, in milliseconds (UTC+7).
pub const LOCAL_OFFSET_MS: i64 = 7 * 3_600_000;

/// The second that [`Seconds2020`] counts from: 2020-01-01T00:00:00Z.
pub const EPOCH_2020_S: i64 = 1_577_836_800;

/// Seconds since 2020-01-01T00:00:00Z, as stored in scan rows and tokens; reaches into the year 2156.
pub type Seconds2020 = u32;

/// Converts an instant to seconds since 2020, rounding down; `None` when before 2020 or after 2156.
#[must_use]
pub fn to_seconds_2020(at: Millis) -> Option<Seconds2020> {
    u32::try_from(at.div_euclid(1000) - EPOCH_2020_S).ok()
}

/// The instant of a stored second.
#[must_use]
pub fn from_seconds_2020(seconds: Seconds2020) -> Millis {
    (i64::from(seconds) + EPOCH_2020_S) * 1000
}

/// The local calendar day (UTC+7) of an instant. Instants outside years 1 to 9999 clamp to the ends.
#[must_use]
pub fn local_date(at: Millis) -> Date {
    local_datetime(at).date()
}

/// The local date and time of day (UTC+7) of an instant, to the second.
#[must_use]
pub fn local_datetime(at: Millis) -> DateTime {
    let second = (at + LOCAL_OFFSET_MS).div_euclid(1000);
    match jiff::Timestamp::from_second(second) {
        Ok(timestamp) => jiff::tz::Offset::UTC.to_datetime(timestamp),
        Err(_) if second < 0 => DateTime::MIN,
        Err(_) => DateTime::MAX,
    }
}

/// The instant at which a local day begins (00:00 UTC+7).
#[must_use]
pub fn day_start(date: Date) -> Millis {
    day_number(date) * DAY_MS - LOCAL_OFFSET_MS
}

/// Days since 1970-01-01 of a calendar date; local days are numbered by it everywhere.
#[must_use]
pub fn day_number(date: Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since(epoch).map_or(0, |span| i64::from(span.get_days()))
}

/// The calendar date of a day number; out-of-range numbers clamp to the calendar's ends.
#[must_use]
pub fn date_of_day_number(number: i64) -> Date {
    local_date(number.saturating_mul(DAY_MS).saturating_sub(LOCAL_OFFSET_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_local_day_begins_at_seventeen_hours_utc() {
        let start = day_start(date(2021, 8, 5));
        assert_eq!(start, 1_628_096_400_000, "2021-08-04T17:00:00Z");
        assert_eq!(local_date(start), date(2021, 8, 5));
        assert_eq!(local_date(start - 1), date(2021, 8, 4));
    }

    #[test]
    fn seconds_since_2020_round_trip_and_refuse_what_does_not_fit() {
        assert_eq!(to_seconds_2020(EPOCH_2020_S * 1000), Some(0));
        assert_eq!(to_seconds_2020(EPOCH_2020_S * 1000 - 1), None);
        assert_eq!(from_seconds_2020(5), (EPOCH_2020_S + 5) * 1000);
    }

    #[test]
    fn day_numbers_round_trip() {
        for day in [date(1970, 1, 1), date(2024, 2, 29), date(2026, 11, 23)] {
            assert_eq!(date_of_day_number(day_number(day)), day);
        }
    }
}
