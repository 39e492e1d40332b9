//! What is odd about scans taken together: flags for the commune to look at. A flag never drops a scan, never
//! changes what a person may do, and is never held against anybody (3-sealed-log, Rules that follow).

use jiff::civil::{Date, Time, date};

/// How long before opening and after closing a scan is still nothing odd, in minutes: staff come and go.
pub const CLOSED_SLACK_MINUTES: i64 = 60;
/// Scans a day, as the median of the days before, from which on silence means something.
pub const SILENT_MEDIAN_MIN: i64 = 20;
/// From this hour on (0 to 23, local) a day without any scan is odd.
pub const SILENT_NONE_FROM_HOUR: i8 = 14;
/// From this hour on (0 to 23, local) a day with next to none is odd.
pub const SILENT_FEW_FROM_HOUR: i8 = 20;
/// What next to none is, in percent of the median.
pub const SILENT_FEW_PERCENT: i64 = 10;

const DAY_S: i64 = 86_400;
/// Mean radius of the Earth (IUGG), in kilometres.
const EARTH_RADIUS_KM: f64 = 6_371.0;

/// A kind of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Oddity {
    /// One person at two places that nobody reaches in that time.
    TooFar,
    /// Many check-ins in a moment from one network or device.
    Burst,
    /// A scan outside opening hours.
    ClosedHours,
    /// A place that is scanned every day suddenly is not.
    FellSilent,
    /// Two devices count under one name: one is a copy.
    Clone,
    /// Captures of a device have not arrived.
    Gaps,
}

impl Oddity {
    /// Every kind, for tables and for tests.
    pub const ALL: &[Self] =
        &[Self::TooFar, Self::Burst, Self::ClosedHours, Self::FellSilent, Self::Clone, Self::Gaps];

    /// The stable code, in snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooFar => "too_far",
            Self::Burst => "burst",
            Self::ClosedHours => "closed_hours",
            Self::FellSilent => "fell_silent",
            Self::Clone => "clone",
            Self::Gaps => "gaps",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|oddity| oddity.code() == code)
    }

    /// A short label in Vietnamese.
    #[must_use]
    pub const fn vi(self) -> &'static str {
        match self {
            Self::TooFar => "Hai nơi quá xa nhau",
            Self::Burst => "Quá nhiều lượt cùng lúc",
            Self::ClosedHours => "Ngoài giờ mở cửa",
            Self::FellSilent => "Bỗng nhiên im lặng",
            Self::Clone => "Thiết bị bị sao chép",
            Self::Gaps => "Thiếu lượt của thiết bị",
        }
    }

    /// A short label in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::TooFar => "Two places too far apart",
            Self::Burst => "Too many at once",
            Self::ClosedHours => "Outside opening hours",
            Self::FellSilent => "Suddenly silent",
            Self::Clone => "Copied device",
            Self::Gaps => "Scans of a device missing",
        }
    }
}

/// Thresholds in force from a day on. They are this project's own estimates and come from no regulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// First day on which they hold.
    pub valid_from_on: Date,
    /// Fastest that anybody goes on the province's roads, as the crow flies, in kilometres an hour.
    pub km_per_hour_max: u32,
    /// Shortest way between two places of one commune, in minutes.
    pub commune_minutes_min: u32,
    /// Shortest way between two communes of one district, in minutes.
    pub district_minutes_min: u32,
    /// Shortest way between two districts, in minutes.
    pub far_minutes_min: u32,
    /// Most check-ins a minute from one network at one place.
    pub network_scans_per_minute_max: u32,
    /// Most check-ins a minute from one device.
    pub device_scans_per_minute_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            valid_from_on: date(2021, 8, 5),
            km_per_hour_max: 120,
            commune_minutes_min: 1,
            district_minutes_min: 5,
            far_minutes_min: 15,
            network_scans_per_minute_max: 40,
            device_scans_per_minute_max: 120,
        }
    }
}

/// How near two places are, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearness {
    /// One place, whatever its areas.
    SamePlace,
    /// Two places of one commune.
    SameCommune,
    /// Two communes of one district.
    SameDistrict,
    /// This far apart, in kilometres.
    Km(u32),
    /// In different districts, the distance unknown.
    Unknown,
}

/// Whether one person cannot have been at both places. `gap_s` is the time between the two scans in seconds,
/// of either sign.
#[must_use]
pub fn too_far(nearness: Nearness, gap_s: i64, rules: &Rules) -> bool {
    let gap_s = gap_s.unsigned_abs();
    let is_under = |minutes: u32| gap_s < u64::from(minutes) * 60;
    match nearness {
        Nearness::SamePlace => false,
        Nearness::SameCommune => is_under(rules.commune_minutes_min),
        Nearness::SameDistrict => is_under(rules.district_minutes_min),
        Nearness::Km(km) => u64::from(km) * 3600 > u64::from(rules.km_per_hour_max).saturating_mul(gap_s),
        Nearness::Unknown => is_under(rules.far_minutes_min),
    }
}

/// Whether a network made too many check-ins at one place in a span of `seconds`. Spans under a minute count
/// as one, as a family that checks in together is no burst.
#[must_use]
pub fn is_burst(scans: u32, seconds: u32, rules: &Rules) -> bool {
    is_above_rate(scans, seconds, rules.network_scans_per_minute_max)
}

/// Whether a device made too many check-ins in a span of `seconds`; see [`is_burst`].
#[must_use]
pub fn is_device_burst(scans: u32, seconds: u32, rules: &Rules) -> bool {
    is_above_rate(scans, seconds, rules.device_scans_per_minute_max)
}

fn is_above_rate(scans: u32, seconds: u32, per_minute_max: u32) -> bool {
    u64::from(scans) * 60 > u64::from(per_minute_max) * u64::from(seconds.max(60))
}

/// Whether a time of day lies outside opening hours by more than [`CLOSED_SLACK_MINUTES`]. Hours may reach
/// over midnight; equal ones mean open round the clock. Where only one end is known, the other end is taken
/// for midnight, and nothing is said of places that may be open across it: an opening after noon or a
/// closing before noon.
#[must_use]
pub fn is_closed(opens_at: Option<Time>, closes_at: Option<Time>, at: Time) -> bool {
    let noon = DAY_S / 2;
    let (opens, closes) = match (opens_at.map(second_of_day), closes_at.map(second_of_day)) {
        (Some(opens), Some(closes)) => (opens, closes),
        (Some(opens), None) if opens <= noon => (opens, DAY_S),
        (None, Some(closes)) if closes >= noon => (0, closes),
        _ => return false,
    };
    if (closes - opens) % DAY_S == 0 {
        return false;
    }
    let slack = CLOSED_SLACK_MINUTES * 60;
    let open_for = (closes - opens).rem_euclid(DAY_S);
    // Midnight as a missing end stays an end: the slack must not reach around it to the other side.
    let (before, after) =
        (if opens_at.is_some() { slack } else { 0 }, if closes_at.is_some() { slack } else { 0 });
    let since = (second_of_day(at) - opens + before).rem_euclid(DAY_S);
    since > open_for + before + after
}

/// Whether a place that is scanned daily has fallen silent. `counts_before` are its scans on the last seven
/// days, days without any as 0; `today` those of today up to `hour` (0 to 23, local).
#[must_use]
pub fn fell_silent(counts_before: &[i64], today: i64, hour: i8) -> bool {
    let mut sorted = counts_before.to_vec();
    sorted.sort_unstable();
    // Of an even number of days the lower of the two in the middle, which flags less.
    let Some(median) = sorted.get(sorted.len().saturating_sub(1) / 2).copied() else { return false };
    let has_none = hour >= SILENT_NONE_FROM_HOUR && today == 0;
    let has_few =
        hour >= SILENT_FEW_FROM_HOUR && today.saturating_mul(100) < median.saturating_mul(SILENT_FEW_PERCENT);
    median >= SILENT_MEDIAN_MIN && (has_none || has_few)
}

/// The distance between two points given as (longitude, latitude) in degrees, in kilometres along a sphere
/// (haversine); right to about 0.5 %.
#[must_use]
pub fn km_between(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (from_lat, to_lat) = (from.1.to_radians(), to.1.to_radians());
    let half_lat = ((to_lat - from_lat) / 2.0).sin();
    let half_lon = ((to.0 - from.0).to_radians() / 2.0).sin();
    let haversine = half_lat.powi(2) + from_lat.cos() * to_lat.cos() * half_lon.powi(2);
    2.0 * EARTH_RADIUS_KM * haversine.clamp(0.0, 1.0).sqrt().asin()
}

fn second_of_day(time: Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}
