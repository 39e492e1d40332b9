//! Time together, added up for each person of the index while a sweep goes on.

use domain::time::Seconds2020;

use crate::contacts::OVERLAPS_MAX;
use crate::error::with_room;
use crate::presence::Seen;
use crate::rank::Rank;
use crate::span::covered_seconds;
use crate::{Error, Index, Span};

/// What is known so far of one person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    /// Time together, each second once.
    pub(crate) seconds: u32,
    /// First shared second.
    pub(crate) first_from: Seconds2020,
    /// End of the last shared time; 0 for somebody not met.
    pub(crate) last_until: Seconds2020,
    /// At least once in the same area.
    pub(crate) same_area: bool,
}

const NOT_MET: Tally = Tally { seconds: 0, first_from: Seconds2020::MAX, last_until: 0, same_area: false };

impl Tally {
    fn join(&mut self, more: Self) {
        self.seconds += more.seconds;
        self.first_from = self.first_from.min(more.first_from);
        self.last_until = self.last_until.max(more.last_until);
        self.same_area |= more.same_area;
    }

    /// Where the person stands among the others.
    pub(crate) fn rank(&self, person: u32) -> Rank {
        Rank::new(self.same_area, self.seconds, self.last_until, person)
    }
}

/// A tally for each person of the index, 16 bytes each, of which only those in use are ever read.
pub(crate) struct Tallies<'a> {
    index: &'a Index,
    of: Vec<Tally>,
    met: Vec<u32>,
    /// Shared time of persons whose own visits overlap: it must be sorted before it is counted.
    unordered: Vec<(u32, Span)>,
}

impl<'a> Tallies<'a> {
    pub(crate) fn new(index: &'a Index) -> Result<Self, Error> {
        let mut of = with_room("persons", index.person_count())?;
        of.resize(index.person_count(), NOT_MET);
        Ok(Self { index, of, met: Vec::new(), unordered: Vec::new() })
    }

    /// Adds a row's shared time to its person.
    pub(crate) fn add(&mut self, seen: &Seen) -> Result<(), Error> {
        let doubled = self.index.is_doubled(seen.who);
        let (mut seconds, mut last_until) = (0, 0);
        for piece in seen.pieces() {
            seconds += piece.seconds();
            last_until = piece.until;
            if doubled {
                if self.unordered.len() >= OVERLAPS_MAX {
                    return Err(Error::TooMany { what: "overlaps", limit: OVERLAPS_MAX });
                }
                self.unordered.push((seen.who, piece));
            }
        }
        let seconds = if doubled { 0 } else { seconds };
        let (first_from, same_area) = (seen.first_from(), seen.same_area);
        self.entry(seen.who).join(Tally { seconds, first_from, last_until, same_area });
        Ok(())
    }

    fn entry(&mut self, person: u32) -> &mut Tally {
        let tally = &mut self.of[person as usize];
        if tally.last_until == 0 {
            self.met.push(person);
        }
        tally
    }

    /// Puts those met in order of number, because reading a province's tallies here and there takes many times
    /// longer than one after another.
    fn put_in_order(&mut self) {
        if self.met.len() < self.of.len() / 8 {
            self.met.sort_unstable();
        } else {
            self.met.clear();
            let tallies = (0_u32..).zip(&self.of);
            self.met.extend(tallies.filter(|(_, tally)| tally.last_until > 0).map(|(person, _)| person));
        }
    }

    /// Takes out whoever was met, with all seconds counted, in order of number; all is blank again.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (u32, Tally)> {
        self.unordered.sort_unstable();
        for own in self.unordered.chunk_by(|a, b| a.0 == b.0) {
            self.of[own[0].0 as usize].seconds = covered_seconds(own.iter().map(|&(_, span)| span));
        }
        self.unordered.clear();
        self.put_in_order();
        let of = &mut self.of;
        self.met.drain(..).map(move |person| (person, std::mem::replace(&mut of[person as usize], NOT_MET)))
    }
}
