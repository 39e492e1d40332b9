//! Many cases at once: a list of contacts for each, without the details of every meeting.
//!
//! The threads take cases in turn and keep their tallies from one to the next, so that a hundred cases cost a
//! hundred short walks and nothing else. For one case with all its meetings there is [`Index::contacts`]; both
//! give the same people in the same order.

use domain::time::Seconds2020;

use crate::person_set::PersonSet;
use crate::presence::{Presence, Seen, Sight, Source};
use crate::rank::keep_best;
use crate::tallies::Tallies;
use crate::threads::{THREADS, share};
use crate::{Error, ExposureRule, Index, Span, Stop};

/// Most cases of one question.
pub const CASES_MAX: usize = 1_000;

/// A case among others: its ids, and when it was infectious.
#[derive(Debug, Clone, Copy)]
pub struct CaseWindow<'a> {
    /// The case's ids.
    pub persons: &'a [u64],
    /// When the case was infectious.
    pub window: Span,
}

/// A person who met a case for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseContact {
    /// The person's random id.
    pub person: u64,
    /// They shared an area at least once; otherwise only a place.
    pub same_area: bool,
    /// Total time together inside the window, each second counted once.
    pub overlap_seconds: u32,
    /// First second together.
    pub first_from: Seconds2020,
    /// End of the last overlap.
    pub last_until: Seconds2020,
}

/// The contacts of one of the cases, best ranked first, as [`Index::contacts`] ranks them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseContacts {
    /// The contacts, at most `contacts_max` of the limits.
    pub contacts: Vec<CaseContact>,
    /// How many more there were; they rank below those listed.
    pub cut: usize,
}

impl Index {
    /// The contacts of each case, in the order of the cases. A case's own ids are no contacts of it, though they
    /// may be of another.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond [`CASES_MAX`] cases or the ids of one; [`Error::Memory`]; [`Error::Cancelled`].
    pub fn contacts_of_cases(
        &self,
        cases: &[CaseWindow],
        rule: &ExposureRule,
        stop: Stop,
    ) -> Result<Vec<CaseContacts>, Error> {
        if cases.len() > CASES_MAX {
            return Err(Error::TooMany { what: "cases", limit: CASES_MAX });
        }
        type State<'a> = (Tallies<'a>, Vec<(usize, CaseContacts)>);
        let make = || Ok((Tallies::new(self)?, Vec::new()));
        let work = |(tallies, lists): &mut State, number: usize| {
            lists.push((number, self.contacts_of_one(&cases[number], rule, tallies, stop)?));
            Ok(())
        };
        let parts = share(THREADS, cases.len(), make, work)?;
        let mut lists: Vec<_> = parts.into_iter().flat_map(|(_, lists)| lists).collect();
        lists.sort_unstable_by_key(|(number, _)| *number);
        Ok(lists.into_iter().map(|(_, list)| list).collect())
    }

    fn contacts_of_one(
        &self,
        case: &CaseWindow,
        rule: &ExposureRule,
        tallies: &mut Tallies,
        stop: Stop,
    ) -> Result<CaseContacts, Error> {
        let numbers = self.numbers_of_case(case.persons)?;
        let source = |&number: &u32| Source { number, infectious: case.window };
        let sources: Vec<Source> = numbers.iter().map(source).collect();
        let presence = Presence::of(self, &sources, rule.same, stop)?;
        presence.sweep_alone(self, stop, &mut Others { case: &numbers, tallies: &mut *tallies })?;
        let reaches = tallies.take().filter(|(_, tally)| tally.seconds >= rule.min_overlap_seconds);
        let mut found: Vec<_> =
            reaches.map(|(person, tally)| (tally.rank(person), tally.first_from)).collect();
        let cut = keep_best(&mut found, self.limits.contacts_max, |found| found.0);
        let contact = |(rank, first_from): (crate::rank::Rank, Seconds2020)| CaseContact {
            person: self.person_at(rank.person()),
            same_area: rank.same_area(),
            overlap_seconds: rank.total_seconds(),
            first_from,
            last_until: rank.last_until(),
        };
        Ok(CaseContacts { contacts: found.into_iter().map(contact).collect(), cut })
    }

    /// The sources that several cases make, in order of number, and the set of their ids.
    pub(crate) fn sources_of_cases(&self, cases: &[CaseWindow]) -> Result<(Vec<Source>, PersonSet), Error> {
        if cases.len() > CASES_MAX {
            return Err(Error::TooMany { what: "cases", limit: CASES_MAX });
        }
        let mut sources = Vec::new();
        let mut ids = PersonSet::new(self.person_count())?;
        for case in cases {
            for number in self.numbers_of_case(case.persons)? {
                sources.push(Source { number, infectious: case.window });
                ids.insert(number);
            }
        }
        sources.sort_unstable_by_key(|source| source.number);
        Ok((sources, ids))
    }
}

/// Tallies everybody but the case.
struct Others<'a, 'b> {
    /// In order.
    case: &'a [u32],
    tallies: &'a mut Tallies<'b>,
}

impl Sight for Others<'_, '_> {
    fn see(&mut self, seen: &Seen) -> Result<(), Error> {
        if self.case.contains(&seen.who) { Ok(()) } else { self.tallies.add(seen) }
    }
}
