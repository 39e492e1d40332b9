//! What kind of world to make.

use domain::time::{DAY_MS, Millis, day_start};
use jiff::civil::{Date, date};

/// The most people a world may have: beyond it the marked phone numbers would run out.
pub const PEOPLE_MAX: u32 = 300_000;

/// The most places a world may have; each owner has a phone of his own.
pub const PLACES_MAX: u32 = 40_000;

/// The fewest days a world may have: the story takes four, and one is left for today.
const DAYS_MIN: u16 = 5;
/// The most days a world may have.
const DAYS_MAX: u16 = 366;
/// The fewest people and places: the scripted ones.
const PEOPLE_MIN: u32 = 20;
const PLACES_MIN: u32 = 8;

/// Settings of [`crate::generate`]. Values out of range are brought to the nearest allowed one.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// All that is random follows from it.
    pub seed: u64,
    /// The first local day with scans.
    pub first_on: Date,
    /// Length of the window in days, 5 to 366.
    pub days: u16,
    /// The instant called "now": no scan is later. `None` is the end of the window. It is raised to the
    /// start of the last day if earlier, so that the story is always whole.
    pub until_at: Option<Millis>,
    /// How many people, 20 to [`PEOPLE_MAX`].
    pub people: u32,
    /// How many places, 8 to [`PLACES_MAX`].
    pub places: u32,
    /// Mean number of visits that leave a scan, for one person and day, 0 to 5.
    pub visits_per_person_day: f64,
    /// Share of visits with a scan at the way out, 0 to 1.
    pub check_out_share: f64,
    /// Share of people without a phone of their own or their family's, 0 to 1.
    pub no_phone_share: f64,
    /// Share of places that went quiet more than seven days before the end, 0 to 1.
    pub silent_share: f64,
    /// Share of places whose code nobody ever read, 0 to 1.
    pub never_used_share: f64,
}

impl Default for Config {
    /// Suits a demonstration with the 33 communes of two districts: about 250,000 scans.
    fn default() -> Self {
        Self {
            seed: 7341,
            first_on: date(2021, 10, 22),
            days: 14,
            until_at: None,
            people: 12_000,
            places: 1_400,
            visits_per_person_day: 1.0,
            check_out_share: 0.5,
            no_phone_share: 0.10,
            silent_share: 0.10,
            never_used_share: 0.07,
        }
    }
}

impl Config {
    /// The same settings with every value inside its range.
    pub(crate) fn bounded(&self) -> Self {
        Self {
            days: self.days.clamp(DAYS_MIN, DAYS_MAX),
            people: self.people.clamp(PEOPLE_MIN, PEOPLE_MAX),
            places: self.places.clamp(PLACES_MIN, PLACES_MAX),
            visits_per_person_day: share(self.visits_per_person_day, 5.0),
            check_out_share: share(self.check_out_share, 1.0),
            no_phone_share: share(self.no_phone_share, 1.0),
            silent_share: share(self.silent_share, 1.0),
            never_used_share: share(self.never_used_share, 1.0),
            ..self.clone()
        }
    }

    /// The start of day `index` of the window (0 is the first).
    pub(crate) fn day_at(&self, index: u16) -> Millis {
        day_start(self.first_on) + i64::from(index) * DAY_MS
    }

    /// The end of the window, exclusive.
    pub(crate) fn end_at(&self) -> Millis {
        let end_at = self.day_at(self.days);
        self.until_at.map_or(end_at, |until_at| until_at.clamp(self.day_at(self.days - 1), end_at))
    }
}

/// Brings a number into `0..=max`; what is not a number becomes 0.
fn share(value: f64, max: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, max) }
}
