//! Who belongs to a generation: first four bytes a person, then details for the few that are shown or followed.
//!
//! A sweep over a province adds to a person here and there many millions of times. What it adds to must therefore
//! be small enough for the processor's cache: [`Sums`] keeps nothing but the seconds, and one bit for the same
//! area. Whoever must be ranked to the end, shown or followed is then looked at once more, from the own visits.

use crate::error::with_room;
use crate::people::OwnVisit;
use crate::presence::{Presence, Seen, Sight};
use crate::rank::Rank;
use crate::span::covered_seconds;
use crate::threads::{THREADS, share};
use crate::{Error, Index, SameSpace, Span, Stop};

/// Set where a person shared an area; the seconds stand in the other 31 bits (68 years).
const SAME_AREA: u32 = 1 << 31;

/// Persons whose details a thread puts together at a time.
const PERSONS_A_TURN: usize = 256;

/// Below this many persons, starting threads takes longer than the work.
const PERSONS_FOR_THREADS: usize = 1_000;

/// Time together of each person of the index.
pub(crate) struct Sums(Vec<u32>);

impl Sums {
    pub(crate) fn new(index: &Index) -> Result<Self, Error> {
        let mut sums = with_room("persons", index.person_count())?;
        sums.resize(index.person_count(), 0);
        Ok(Self(sums))
    }

    /// Brings the sums of several threads together.
    pub(crate) fn together(parts: Vec<Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut all = parts.next()?;
        for part in parts {
            all.0.iter_mut().zip(&part.0).for_each(|(sum, &more)| *sum = add(*sum, more));
        }
        Some(all)
    }

    /// Whoever reaches the minimum and is wanted, by number, with the sum.
    pub(crate) fn reaching(
        mut self,
        sweep: &Details,
        min_overlap_seconds: u32,
        wanted: impl Fn(u32) -> bool,
    ) -> Vec<(u32, u32)> {
        // Seconds of theirs that came twice were added twice.
        for person in sweep.index.doubled_persons() {
            let sum = &mut self.0[person as usize];
            if *sum > 0 {
                *sum = sweep.of(person).sum();
            }
        }
        let reaches = |&(person, sum): &(u32, u32)| {
            sum & !SAME_AREA >= min_overlap_seconds && sum > 0 && wanted(person)
        };
        (0..).zip(self.0).filter(reaches).collect()
    }
}

/// Seconds are added, not beyond what there is room for.
fn add(sum: u32, more: u32) -> u32 {
    let seconds = (sum & !SAME_AREA) + (more & !SAME_AREA);
    seconds.min(!SAME_AREA) | (sum | more) & SAME_AREA
}

impl Sight for Sums {
    fn see(&mut self, seen: &Seen) -> Result<(), Error> {
        let seconds: u32 = seen.pieces().map(Span::seconds).fold(0, u32::saturating_add);
        let more = seconds.min(!SAME_AREA) | if seen.same_area { SAME_AREA } else { 0 };
        let sum = &mut self.0[seen.who as usize];
        *sum = add(*sum, more);
        Ok(())
    }
}

/// One person's time together, in full.
#[derive(Clone, Copy)]
pub(crate) struct Detail {
    pub(crate) rank: Rank,
    pub(crate) first_from: u32,
    /// The person's visits that were shared.
    pub(crate) visits: u32,
}

impl Detail {
    fn sum(&self) -> u32 {
        let same_area = if self.rank.same_area() { SAME_AREA } else { 0 };
        self.rank.total_seconds().min(!SAME_AREA) | same_area
    }
}

/// Where details are taken from.
pub(crate) struct Details<'a> {
    pub(crate) index: &'a Index,
    pub(crate) presence: &'a Presence,
    pub(crate) same: SameSpace,
}

impl Details<'_> {
    /// The details of the `most` best ranked of some persons with their sums, and of whoever ties with the last
    /// of them by sum, best first.
    pub(crate) fn of_best(
        &self,
        sums: &mut [(u32, u32)],
        most: usize,
        stop: Stop,
    ) -> Result<Vec<Detail>, Error> {
        let most = most.min(sums.len());
        let Some(last) = most.checked_sub(1) else { return Ok(Vec::new()) };
        // The flag is the highest bit, so a larger sum ranks before a smaller one.
        let (_, &mut (_, least), _) = sums.select_nth_unstable_by_key(last, |&(_, sum)| !sum);
        let best: Vec<u32> =
            sums.iter().filter(|(_, sum)| *sum >= least).map(|&(person, _)| person).collect();
        let threads = if best.len() < PERSONS_FOR_THREADS { 1 } else { THREADS };
        let turns: Vec<&[u32]> = best.chunks(PERSONS_A_TURN).collect();
        let work = |done: &mut Vec<Detail>, turn: usize| {
            stop.check()?;
            done.extend(turns[turn].iter().map(|&person| self.of(person)));
            Ok(())
        };
        let mut details = share(threads, turns.len(), || Ok(Vec::new()), work)?.concat();
        details.sort_unstable_by_key(|detail| detail.rank);
        details.truncate(most);
        Ok(details)
    }

    /// One person's details, from the own visits.
    fn of(&self, person: u32) -> Detail {
        let mut pieces: Vec<Span> = Vec::new();
        let (mut visits, mut same_area) = (0, false);
        for visit in self.index.visits_of(person) {
            let before = pieces.len();
            same_area |= self.presence.pieces_of(visit.area(), visit.span(), &mut pieces);
            visits += u32::from(pieces.len() > before);
        }
        // In order already unless the person was in two places at once.
        pieces.sort_unstable();
        let first_from = pieces.first().map_or(0, |piece| piece.from);
        let last_until = pieces.iter().map(|piece| piece.until).max().unwrap_or(0);
        let seconds = covered_seconds(pieces.into_iter());
        Detail { rank: Rank::new(same_area, seconds, last_until, person), first_from, visits }
    }

    /// The source of the smallest number who was where the person was at that second; there always is one.
    pub(crate) fn met_first(&self, person: u32, at: u32) -> Option<u32> {
        let there = |visit: &OwnVisit| visit.from() <= at && at < visit.until();
        let then = self.index.visits_of(person).filter(there);
        let areas = then.flat_map(|visit| self.index.same_space(visit.area(), self.same));
        areas.filter_map(|area| self.presence.who_was_in(self.index, area, at)).min()
    }
}
