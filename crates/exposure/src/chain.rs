//! Whether one case can have infected another through others: the shortest chain in order of time.
//!
//! A *link* is a meeting of two people of at least the rule's minimum without a break, during which the first was
//! infectious. Whoever is met may infect others from the first second of the meeting plus the latency, until
//! isolation or the question's end.
//!
//! Round after round, the sweep finds for each person the earliest such meeting that a chain of at most so many
//! links can lead to. A person already reached is sought again when a longer chain gets there earlier, because
//! only the earlier meeting may leave time for the next link. The first round that reaches the other case gives
//! the fewest links, and the meetings are then found backwards, from the last one to the first.

use domain::time::Seconds2020;

use crate::cases::CaseWindow;
use crate::error::with_room;
use crate::generations::Isolations;
use crate::person_set::PersonSet;
use crate::presence::{Presence, Seen, Sight, Source};
use crate::{Error, ExposureRule, Index, Span, Stop};

/// Most links of a chain: each round may walk all visits, and needs 4 bytes for every person.
pub const LINKS_MAX: usize = 6;

/// A question for a chain between two cases.
#[derive(Debug, Clone, Copy)]
pub struct ChainQuestion<'a> {
    /// The case that may have infected the other.
    pub from: CaseWindow<'a>,
    /// The other case's ids.
    pub to: &'a [u64],
    /// The question's end, such as the moment of asking.
    pub until: Seconds2020,
    /// From a meeting until a person can infect others, in seconds. Dated data of the profile.
    pub latency_seconds: u32,
    /// What must be shared, and for how long at least without a break.
    pub rule: ExposureRule,
    /// Since when people have been isolated, where it is known; the earliest where one comes twice.
    pub isolated: &'a [(u64, Seconds2020)],
    /// Most links, at most [`LINKS_MAX`].
    pub links_max: usize,
}

/// A meeting at which the infection may have passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Who was infectious.
    pub from_person: u64,
    /// Who may have been infected.
    pub person: u64,
    /// The place, by the caller's number.
    pub place: u32,
    /// The area in which the infectious person was.
    pub from_area_id: u32,
    /// The area in which the other was.
    pub area_id: u32,
    /// When both were there and the first was infectious.
    pub overlap: Span,
}

/// A person not reached yet.
const NEVER: Seconds2020 = Seconds2020::MAX;

impl Index {
    /// A shortest chain from one case to another, and among the shortest one that arrives earliest; `None` where
    /// there is none within so many links. The same person in both cases is a chain without links.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond [`LINKS_MAX`] links or the limits of ids and isolations; [`Error::Memory`];
    /// [`Error::Cancelled`].
    pub fn chain(&self, question: &ChainQuestion, stop: Stop) -> Result<Option<Vec<Link>>, Error> {
        if question.links_max > LINKS_MAX {
            return Err(Error::TooMany { what: "links of a chain", limit: LINKS_MAX });
        }
        let (mut sources, starts) = self.sources_of_cases(&[question.from])?;
        let targets = self.numbers_of_case(question.to)?;
        if targets.iter().any(|&target| starts.has(target)) {
            return Ok(Some(Vec::new()));
        }
        let isolations = Isolations::new(self, question.isolated)?;
        let mut search =
            Search { index: self, question, starts, isolations, met_at: vec![self.nobody_met()?] };
        for round in 1..=question.links_max {
            sources = search.round(&sources, stop)?;
            let arrival = |&&target: &&u32| (search.met_at[round][target as usize], target);
            let reached = targets.iter().min_by_key(arrival);
            let reached = reached.filter(|&&target| search.met_at[round][target as usize] != NEVER);
            if let Some(&target) = reached {
                return Ok(Some(search.backwards(target, round)));
            }
            if sources.is_empty() {
                break;
            }
        }
        Ok(None)
    }

    fn nobody_met(&self) -> Result<Vec<Seconds2020>, Error> {
        let mut met_at = with_room("persons", self.person_count())?;
        met_at.resize(self.person_count(), NEVER);
        Ok(met_at)
    }
}

struct Search<'a> {
    index: &'a Index,
    question: &'a ChainQuestion<'a>,
    starts: PersonSet,
    isolations: Isolations,
    /// For each number of links, when each person was first met by a chain of at most so many.
    met_at: Vec<Vec<Seconds2020>>,
}

impl Search<'_> {
    /// One link more; gives those who are now met earlier than before and can infect others.
    fn round(&mut self, sources: &[Source], stop: Stop) -> Result<Vec<Source>, Error> {
        let rule = &self.question.rule;
        let before = self.met_at.last().map_or(&[][..], Vec::as_slice);
        let presence = Presence::of_meetings(self.index, sources, rule.same, rule.min_overlap_seconds, stop)?;
        let make = || {
            let met_at = self.index.nobody_met()?;
            Ok(Earliest { before, starts: &self.starts, met_at, earlier: Vec::new() })
        };
        let sights = presence.sweep(self.index, stop, make)?;
        let mut now = with_room("persons", before.len())?;
        now.extend_from_slice(before);
        let mut earlier: Vec<u32> = Vec::new();
        for sight in sights {
            for person in sight.earlier {
                let met = &mut now[person as usize];
                *met = sight.met_at[person as usize].min(*met);
                earlier.push(person);
            }
        }
        self.met_at.push(now);
        earlier.sort_unstable();
        earlier.dedup();
        let round = self.met_at.len() - 1;
        let source = |number| Some(Source { number, infectious: self.infectious(number, round)? });
        Ok(earlier.into_iter().filter_map(source).collect())
    }

    /// When a person can infect others, if reached by at most so many links.
    fn infectious(&self, number: u32, links: usize) -> Option<Span> {
        if self.starts.has(number) {
            return Some(self.question.from.window);
        }
        let met_at = self.met_at[links][number as usize];
        let until = self.isolations.of(number).map_or(self.question.until, |at| at.min(self.question.until));
        if met_at == NEVER {
            None
        } else {
            Span::new(met_at.saturating_add(self.question.latency_seconds), until)
        }
    }

    /// The chain that reaches a person by `links` links, found from its end.
    fn backwards(&self, target: u32, links: usize) -> Vec<Link> {
        let mut chain = Vec::with_capacity(links);
        let (mut person, mut links) = (target, links);
        while let Some((from, link)) = self.last_link(person, links) {
            chain.push(link);
            if self.starts.has(from) {
                break;
            }
            // The fewest links that reach that person as early.
            let at = self.met_at[links - 1][from as usize];
            links = self.met_at.iter().position(|met_at| met_at[from as usize] == at).unwrap_or(0);
            person = from;
        }
        chain.reverse();
        chain
    }

    /// The meeting at which a person was first met by a chain of so many links, with the smallest id.
    fn last_link(&self, person: u32, links: usize) -> Option<(u32, Link)> {
        let at = self.met_at[links][person as usize];
        let instant = Span { from: at, until: at.saturating_add(1) };
        let rule = &self.question.rule;
        let mut best: Option<(u32, Link)> = None;
        for visit in self.index.visits_of(person) {
            let (own, own_area) = (visit.span(), visit.area());
            if own.common(instant).is_none() {
                continue;
            }
            for area in self.index.same_space(own_area, rule.same) {
                self.index.rows(area).overlapping(instant, |_, other, _| {
                    let from = other.who();
                    if from == person || best.as_ref().is_some_and(|(number, _)| *number <= from) {
                        return;
                    }
                    let shared = other.span().common(own);
                    let shared = shared.and_then(|span| span.common(self.infectious(from, links - 1)?));
                    let long_enough =
                        |span: &Span| span.from == at && span.seconds() >= rule.min_overlap_seconds;
                    if let Some(overlap) = shared.filter(long_enough) {
                        best = Some((from, self.link(from, area, person, own_area, overlap)));
                    }
                });
            }
        }
        best
    }

    fn link(&self, from: u32, from_area: usize, person: u32, area: usize, overlap: Span) -> Link {
        Link {
            from_person: self.index.person_at(from),
            person: self.index.person_at(person),
            place: self.index.place(area),
            from_area_id: self.index.area_id(from_area),
            area_id: self.index.area_id(area),
            overlap,
        }
    }
}

/// Keeps the earliest meeting of each person who was not met as early before.
struct Earliest<'a> {
    before: &'a [Seconds2020],
    starts: &'a PersonSet,
    met_at: Vec<Seconds2020>,
    earlier: Vec<u32>,
}

impl Sight for Earliest<'_> {
    fn see(&mut self, seen: &Seen) -> Result<(), Error> {
        let at = seen.first_from();
        let met = &mut self.met_at[seen.who as usize];
        if at < self.before[seen.who as usize] && at < *met && !self.starts.has(seen.who) {
            if *met == NEVER {
                self.earlier.push(seen.who);
            }
            *met = at;
        }
        Ok(())
    }
}
