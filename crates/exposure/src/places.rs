//! Where a case, or several, exposed others: places ranked by the time people shared with it there.
//!
//! At each place, a person's time with anyone of the cases counts, each second once; people who reach the rule's
//! minimum *at that place* count for it. Ranking: more person-seconds, more people, smaller place number.

use std::cmp::Reverse;

use domain::time::Seconds2020;

use crate::cases::CaseWindow;
use crate::person_set::PersonSet;
use crate::presence::{Presence, Seen, Sight, Source};
use crate::rank::keep_best;
use crate::tallies::Tallies;
use crate::{Error, ExposureRule, Index, Stop};

/// What happened at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceExposure {
    /// The place, by the caller's number.
    pub place: u32,
    /// Time shared with the cases, in seconds, added up over the people.
    pub person_seconds: u64,
    /// People who reach the rule's minimum there.
    pub people: u32,
    /// How many of the cases' ids were there inside their windows.
    pub case_persons: u32,
    /// First second that one of the people shared.
    pub first_from: Seconds2020,
    /// End of the last.
    pub last_until: Seconds2020,
}

/// Ranked places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceList {
    /// The places, best ranked first; none where nobody reaches the minimum.
    pub places: Vec<PlaceExposure>,
    /// How many more there were beyond the limit; they rank below those listed.
    pub cut: usize,
}

impl Index {
    /// Places ranked by exposure to one case or several. Nobody who is one of the cases counts as exposed.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the limits of cases and their ids; [`Error::Memory`]; [`Error::Cancelled`].
    pub fn places_by_exposure(
        &self,
        cases: &[CaseWindow],
        rule: &ExposureRule,
        places_max: usize,
        stop: Stop,
    ) -> Result<PlaceList, Error> {
        let (sources, ids) = self.sources_of_cases(cases)?;
        let presence = Presence::of(self, &sources, rule.same, stop)?;
        let make = || {
            let tallies = Tallies::new(self)?;
            Ok(PlaceByPlace { cases: &ids, least: rule.min_overlap_seconds, tallies, places: Vec::new() })
        };
        let sights = presence.sweep(self, stop, make)?;
        let mut places: Vec<_> = sights.into_iter().flat_map(|sight| sight.places).collect();
        let cut = keep_best(&mut places, places_max, |place| {
            (Reverse(place.person_seconds), Reverse(place.people), place.place)
        });
        self.count_case_persons(&sources, &mut places);
        Ok(PlaceList { places, cut })
    }

    fn count_case_persons(&self, sources: &[Source], places: &mut [PlaceExposure]) {
        let mut there: Vec<(u32, u32)> = Vec::new();
        for source in sources {
            let visits = self.visits_of(source.number);
            let inside = visits.filter(|visit| visit.span().common(source.infectious).is_some());
            there.extend(inside.map(|visit| (self.place(visit.area()), source.number)));
        }
        there.sort_unstable();
        there.dedup();
        for place in places {
            let first = there.partition_point(|visit| visit.0 < place.place);
            let beyond = there.partition_point(|visit| visit.0 <= place.place);
            place.case_persons = (beyond - first) as u32;
        }
    }
}

/// Adds up one place after another.
struct PlaceByPlace<'a> {
    cases: &'a PersonSet,
    least: u32,
    tallies: Tallies<'a>,
    places: Vec<PlaceExposure>,
}

impl Sight for PlaceByPlace<'_> {
    fn see(&mut self, seen: &Seen) -> Result<(), Error> {
        if self.cases.has(seen.who) { Ok(()) } else { self.tallies.add(seen) }
    }

    fn leave_place(&mut self, place: u32) {
        let least = self.least;
        let mut sum = PlaceExposure {
            place,
            person_seconds: 0,
            people: 0,
            case_persons: 0,
            first_from: Seconds2020::MAX,
            last_until: 0,
        };
        for (_, tally) in self.tallies.take().filter(|(_, tally)| tally.seconds >= least) {
            sum.person_seconds += u64::from(tally.seconds);
            sum.people += 1;
            sum.first_from = sum.first_from.min(tally.first_from);
            sum.last_until = sum.last_until.max(tally.last_until);
        }
        if sum.people > 0 {
            self.places.push(sum);
        }
    }
}
