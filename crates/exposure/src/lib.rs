//! The exposure engine: from opened scans to visits, and from visits to answers about who met whom.
//!
//! The walk, in the order in which to read the modules:
//! 1. [`areas`]: what the engine must know of each area (its place, usual stay, closing time);
//! 2. [`mod@visits`]: scans of in and out become intervals, with every end that nobody scanned marked inferred;
//! 3. [`index`]: the visits as flat arrays, by area and time, and by person (whose timeline it gives);
//! 4. [`contacts`]: who shared an area or a place with a case, for how long, how certain, with every meeting;
//! 5. [`window`]: the period in which a case could infect others, from a dated rule;
//! 6. [`present`]: who was at a place then;
//! 7. [`pairs`]: everybody with everybody, person by person;
//! 8. `presence`: the sweep behind the questions that start from many people: where and when any of them was, and
//!    who was there too; `tallies` adds up the time of each person meanwhile;
//! 9. [`cases`]: the contacts of many cases at once; [`places`]: places ranked by exposure;
//! 10. [`generations`]: contacts of contacts, in order of time; [`chain`]: from one case to another;
//! 11. [`oracle`]: the same answers found by comparing every pair of visits, for tests.
//!
//! Each question but the quickest takes a [`Stop`], by which whoever waits may give it up.
//!
//! Nothing here reads a clock, a file or randomness. All intervals are half-open, `[from, until)`, so two that
//! only touch do not overlap. Instants are [`domain::time::Seconds2020`], durations are seconds.

pub mod areas;
pub mod cases;
mod certainty;
pub mod chain;
pub mod contacts;
mod doubled;
mod error;
pub mod generations;
pub mod index;
pub mod oracle;
pub mod pairs;
mod person_set;
pub mod places;
mod presence;
pub mod present;
mod rank;
mod slots;
mod span;
mod stop;
mod tallies;
pub mod visits;
pub mod window;

pub use areas::{AreaFacts, Areas};
pub use cases::{CaseContact, CaseContacts, CaseWindow};
pub use certainty::Certainty;
pub use chain::{ChainQuestion, Link};
pub use contacts::{Contact, ContactList, ExposureRule, Meeting, SameSpace, Stay};
pub use error::Error;
pub use generations::{Exposed, Generation, GenerationRule, SpreadQuestion};
pub use index::Index;
pub use pairs::{Pair, PairCounts};
pub use places::{PlaceExposure, PlaceList};
pub use present::{PresentList, Space};
pub use span::Span;
pub use stop::Stop;
pub use visits::{OpenedScan, ScanCounts, Visit, Visits, visits};
pub use window::{WindowRule, infectious_window};

/// Most visits one opening may hold: 14 days of the province are 80 million.
pub const VISITS_MAX: usize = 200_000_000;

/// Most contacts a list holds unless told otherwise; a longer list is no use to a tracer.
pub const CONTACTS_MAX: usize = 2_000;

/// Bounds of one opening. What goes beyond is refused or cut, and said, never silently dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most visits that are made or indexed; more is [`Error::TooMany`]. At most `u32::MAX`.
    pub visits_max: usize,
    /// Most contacts in one list; [`ContactList::cut`] tells how many more there were.
    pub contacts_max: usize,
    /// Longest visit that a list of known visits may hold, in seconds. One very long visit makes each question
    /// about its area look as far back.
    pub visit_seconds_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            visits_max: VISITS_MAX,
            contacts_max: CONTACTS_MAX,
            visit_seconds_max: areas::VISIT_SECONDS_MAX,
        }
    }
}
