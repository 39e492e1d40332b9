//! The case's contacts, their contacts, and so on: who may have been infected through whom, in order of time.
//!
//! Generation 0 is the case, infectious inside its window. A person of a later generation is infectious from the
//! first second together with the generation before, plus the profile's latency, until isolation where that is
//! known, else until the question's end. Only time with infectious people counts: whoever met a contact before
//! that contact met the case is not exposed by it.
//!
//! Time together with *anyone* of the generation before counts, each second once, and whoever reaches the
//! generation's minimum belongs to it. That is the rule for a case known by several ids, applied again. It finds
//! everybody whom adding up pair by pair would find, and those who met several contacts for a little each. For
//! the first generation it gives the same people in the same order as [`Index::contacts`].
//!
//! A person belongs to the first generation that reaches the minimum, listed or not, and to no later one.
//!
//! Each generation is one sweep (see the module `presence`) over the places where the one before was, instead of
//! one question for each of thousands of contacts.

use domain::time::Seconds2020;

use crate::presence::{Presence, Source};
use crate::sums::{Detail, Details, Sums};
use crate::{Error, Index, SameSpace, Span, Stop};

/// Most generations one question may ask for; after three or four a province is one list.
pub const GENERATIONS_MAX: usize = 8;

/// Most people whose isolation one question may tell.
pub const ISOLATED_MAX: usize = 1_000_000;

/// What makes somebody a member of one generation, and how many of them are shown and followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerationRule {
    /// Least total time with the generation before, in seconds; 0 means any at all.
    pub min_overlap_seconds: u32,
    /// Most members listed, the best ranked; [`Generation::cut`] tells how many more there were.
    pub contacts_max: usize,
    /// Most members, the best ranked, from whom the next generation is sought;
    /// [`Generation::not_followed`] tells how many more there were.
    pub followed_max: usize,
}

/// A question for generations.
#[derive(Debug, Clone, Copy)]
pub struct SpreadQuestion<'a> {
    /// The case's ids.
    pub case: &'a [u64],
    /// When the case was infectious.
    pub window: Span,
    /// The question's end, such as the moment of asking: nobody is followed beyond it.
    pub until: Seconds2020,
    /// From exposure until a person can infect others, in seconds. Dated data of the profile.
    pub latency_seconds: u32,
    /// What must be shared.
    pub same: SameSpace,
    /// Since when people have been isolated, where it is known; the earliest where one comes twice.
    pub isolated: &'a [(u64, Seconds2020)],
    /// One rule for each generation wanted, the first for F1.
    pub generations: &'a [GenerationRule],
}

/// A member of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposed {
    /// The person's random id.
    pub person: u64,
    /// Shared an area with the generation before at least once; otherwise only a place.
    pub same_area: bool,
    /// Total time with infectious people of the generation before, each second once.
    pub overlap_seconds: u32,
    /// First second of it: the earliest possible infection.
    pub first_from: Seconds2020,
    /// End of the last.
    pub last_until: Seconds2020,
    /// How many of the person's visits were shared.
    pub visits: u32,
    /// Who of the generation before was there in the first second; the smallest id where several were.
    pub met_first: u64,
}

/// One generation, best ranked first: by shared area, longer total, later last exposure, id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Generation {
    /// The members listed.
    pub exposed: Vec<Exposed>,
    /// How many more there were beyond the limit; they rank below those listed.
    pub cut: usize,
    /// How many members were not followed into the next generation, for the limit or because they could infect
    /// nobody before isolation or the question's end. 0 for the last one, where nobody need be.
    pub not_followed: usize,
}

/// The number of a person's generation, for those who have none yet.
const NONE: u8 = u8::MAX;

impl Index {
    /// The generations that follow a case, one for each rule; the last ones are empty when nobody is left.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond [`GENERATIONS_MAX`] rules, [`ISOLATED_MAX`] isolations or the ids of one case;
    /// [`Error::Memory`]; [`Error::Cancelled`].
    pub fn generations(&self, question: &SpreadQuestion, stop: Stop) -> Result<Vec<Generation>, Error> {
        if question.generations.len() > GENERATIONS_MAX {
            return Err(Error::TooMany { what: "generations", limit: GENERATIONS_MAX });
        }
        let case = self.numbers_of_case(question.case)?;
        let isolations = Isolations::new(self, question.isolated)?;
        let mut generation_of = vec![NONE; self.person_count()];
        case.iter().for_each(|&number| generation_of[number as usize] = 0);
        let mut sources: Vec<Source> =
            case.into_iter().map(|number| Source { number, infectious: question.window }).collect();
        let mut generations = Vec::with_capacity(question.generations.len());
        for (rule, level) in question.generations.iter().zip(1_u8..) {
            let presence = Presence::of(self, &sources, question.same, stop)?;
            let details = Details { index: self, presence: &presence, same: question.same };
            let sums = presence.sweep(self, stop, || Sums::new(self))?;
            let fresh = |person: u32| generation_of[person as usize] == NONE;
            let sums = Sums::together(sums);
            let mut sums =
                sums.map_or_else(Vec::new, |sums| sums.reaching(&details, rule.min_overlap_seconds, fresh));
            let found = sums.len();
            sums.iter().for_each(|&(person, _)| generation_of[person as usize] = level);
            let is_last = usize::from(level) == question.generations.len();
            let followed_max = if is_last { 0 } else { rule.followed_max };
            let best = details.of_best(&mut sums, rule.contacts_max.max(followed_max), stop)?;
            let followed = followed(&best[..followed_max.min(best.len())], question, &isolations);
            let not_followed = if is_last { 0 } else { found - followed.len() };
            let listed = &best[..rule.contacts_max.min(best.len())];
            let exposed = listed.iter().map(|detail| self.exposed(detail, &details)).collect();
            let cut = found - listed.len();
            generations.push(Generation { exposed, cut, not_followed });
            sources = followed;
        }
        Ok(generations)
    }

    fn exposed(&self, detail: &Detail, details: &Details) -> Exposed {
        let Detail { rank, first_from, visits } = *detail;
        let met_first = details.met_first(rank.person(), first_from).unwrap_or(rank.person());
        Exposed {
            person: self.person_at(rank.person()),
            same_area: rank.same_area(),
            overlap_seconds: rank.total_seconds(),
            first_from,
            last_until: rank.last_until(),
            visits,
            met_first: self.person_at(met_first),
        }
    }
}

/// Members as sources of the next generation.
fn followed(members: &[Detail], question: &SpreadQuestion, isolations: &Isolations) -> Vec<Source> {
    let source = |member: &Detail| {
        let number = member.rank.person();
        let from = member.first_from.saturating_add(question.latency_seconds);
        let until = isolations.of(number).map_or(question.until, |at| at.min(question.until));
        Some(Source { number, infectious: Span::new(from, until)? })
    };
    let mut sources: Vec<Source> = members.iter().filter_map(source).collect();
    sources.sort_unstable_by_key(|source| source.number);
    sources
}

/// Since when people have been isolated, by number.
pub(crate) struct Isolations(Vec<(u32, Seconds2020)>);

impl Isolations {
    pub(crate) fn new(index: &Index, isolated: &[(u64, Seconds2020)]) -> Result<Self, Error> {
        if isolated.len() > ISOLATED_MAX {
            return Err(Error::TooMany { what: "isolations", limit: ISOLATED_MAX });
        }
        let known = isolated.iter().filter_map(|&(person, at)| Some((index.number_of(person)?, at)));
        let mut list: Vec<_> = known.collect();
        list.sort_unstable();
        list.dedup_by_key(|isolation| isolation.0);
        Ok(Self(list))
    }

    pub(crate) fn of(&self, number: u32) -> Option<Seconds2020> {
        let at = self.0.binary_search_by_key(&number, |isolation| isolation.0).ok()?;
        Some(self.0[at].1)
    }
}
