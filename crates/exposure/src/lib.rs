//! The exposure engine: from opened scans to visits, and from visits to answers about who met whom.
//!
//! # One example, from scans to an answer
//!
//! At a market (place 1: hall 11 and hall 12) Ai is the case; she scans in at hall 11 at 08:00 and out at 08:40. Bình
//! scans in at hall 11 at 08:30 and forgets to scan out; people stay half an hour there. Chi scans in at hall 12 at
//! 08:10 and out at 08:20.
//!
//! 1. *Gather.* Each scan becomes a record of 16 bytes, `person | second | out or in | area | assurance`, that sorts
//!    as a number. Records go into 512 buckets by the leading bits of the person's id. A bucket fits the processor's
//!    cache, is sorted there, and every person's scans then stand together in order of time.
//! 2. *Fold.* Person by person: in and out make a visit; Bình's end is inferred (09:00) and marked so.
//!    `Ai 11 08:00–08:40`, `Bình 11 08:30–~09:00`, `Chi 12 08:10–08:20`.
//! 3. *Index.* The visits are kept by person, and again by area in order of start:
//!    hall 11 `[08:00–08:40 Ai] [08:30–09:00 Bình]`, hall 12 `[08:10–08:20 Chi]`.
//! 4. *Question.* Who met Ai for five minutes or more? Take Ai's visits one by one. In hall 11, whoever shares time
//!    with 08:00–08:40 started before 08:40, and no earlier than the longest stay of the hall before 08:00: one run
//!    of rows, found by halving. Each row of it that ends after 08:00 is a meeting: Bình, 08:30–08:40, ten minutes.
//!    Where the rule counts the whole place, hall 12's run is read too: Chi, 08:10–08:20.
//!
//! With many sources at once (a hundred cases, or all contacts of one) the runs would be read again and again. So
//! the sources' visits in an area are first merged into *stretches*, when anybody was there, and rows and stretches
//! are walked side by side, each once. That is the sweep (`presence`); all it does with a row is to add the shared
//! seconds to the row's person.
//!
//! # The walk, in the order in which to read the modules
//!
//! 1. [`areas`]: what the engine must know of each area (its place, usual stay, closing time);
//! 2. [`gather`]: opened scans from several threads, brought together by person (`radix`, `threads`);
//! 3. [`mod@visits`]: the rules by which scans become intervals, with every end that nobody scanned marked
//!    inferred; `fold` carries them out;
//! 4. [`index`]: the visits by person (`people`) and by area (`rows`);
//! 5. [`contacts`]: who shared an area or a place with a case, for how long, how certain, with every meeting;
//! 6. [`window`]: the period in which a case could infect others, from a dated rule;
//! 7. [`present`]: who was at a place then;
//! 8. [`pairs`]: everybody with everybody, person by person;
//! 9. `presence`: the sweep behind the questions that start from many people; `tallies` and `sums` add up the time of
//!    each person meanwhile;
//! 10. [`cases`]: the contacts of many cases at once; [`places`]: places ranked by exposure;
//! 11. [`generations`]: contacts of contacts, in order of time; [`chain`]: from one case to another;
//! 12. [`oracle`]: the same answers found by comparing every pair of visits, for tests.
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
mod error;
mod fold;
pub mod gather;
pub mod generations;
pub mod index;
pub mod oracle;
pub mod pairs;
mod people;
mod person_set;
pub mod places;
mod presence;
pub mod present;
mod radix;
mod rank;
mod rows;
mod slots;
mod span;
mod stop;
mod sums;
mod tallies;
pub mod threads;
pub mod visits;
pub mod window;

pub use areas::{AreaFacts, Areas};
pub use cases::{CaseContact, CaseContacts, CaseWindow};
pub use certainty::Certainty;
pub use chain::{ChainQuestion, Link};
pub use contacts::{Contact, ContactList, ExposureRule, Meeting, SameSpace, Stay};
pub use error::Error;
pub use gather::{Gathering, ScanSink};
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
