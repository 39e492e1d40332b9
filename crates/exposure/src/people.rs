//! Visits by person, in order of time.
//!
//! A person's visits lie side by side, 16 bytes each, so that whoever asks about a person reads a few lines of
//! memory. Persons are numbered by the order of their ids; their visits stand in *blocks*, one for each bucket
//! that the scans were gathered in.

use domain::time::Seconds2020;
use zeroize::Zeroize;

use crate::error::with_room;
use crate::{Error, Span, Visit};

/// Which ends of a visit were scanned, and how well, in one byte: three bits for the in scan (0: none, 1 to 4:
/// assurance 0 to 3), three for the out scan, one each for an inferred start and end.
#[derive(Clone, Copy)]
pub(crate) struct Scans(pub(crate) u8);

impl Scans {
    pub(crate) fn pack(visit: &Visit) -> Self {
        let code = |assurance: Option<u8>| assurance.map_or(0, |level| level.min(3) + 1);
        let inferred = u8::from(visit.start_inferred) << 6 | u8::from(visit.end_inferred) << 7;
        Self(code(visit.assurance_in) | code(visit.assurance_out) << 3 | inferred)
    }

    /// An end that nobody scanned is inferred.
    pub(crate) fn of(assurance_in: Option<u8>, assurance_out: Option<u8>) -> Self {
        let code = |assurance: Option<u8>| assurance.map_or(0, |level| level + 1);
        let inferred = u8::from(assurance_in.is_none()) << 6 | u8::from(assurance_out.is_none()) << 7;
        Self(code(assurance_in) | code(assurance_out) << 3 | inferred)
    }

    pub(crate) fn assurance_in(self) -> Option<u8> {
        (self.0 & 7).checked_sub(1)
    }

    pub(crate) fn assurance_out(self) -> Option<u8> {
        (self.0 >> 3 & 7).checked_sub(1)
    }

    pub(crate) fn start_inferred(self) -> bool {
        self.0 & 1 << 6 != 0
    }

    pub(crate) fn end_inferred(self) -> bool {
        self.0 & 1 << 7 != 0
    }
}

/// A visit as its person's list keeps it: area, start, end (32 bits each) and scans.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnVisit(pub(crate) u128);

impl OwnVisit {
    /// `area` is the area's number.
    pub(crate) fn new(area: u32, span: Span, scans: Scans) -> Self {
        let high = u64::from(area) << 32 | u64::from(span.from);
        let low = u64::from(span.until) << 32 | u64::from(scans.0);
        Self(u128::from(high) << 64 | u128::from(low))
    }

    /// The area's number: its position in order of place and id.
    pub(crate) fn area(self) -> usize {
        (self.0 >> 96) as usize
    }

    pub(crate) fn from(self) -> Seconds2020 {
        (self.0 >> 64) as u32
    }

    pub(crate) fn until(self) -> Seconds2020 {
        (self.0 >> 32) as u32
    }

    pub(crate) fn span(self) -> Span {
        Span { from: self.from(), until: self.until() }
    }

    pub(crate) fn scans(self) -> Scans {
        Scans(self.0 as u8)
    }

    /// The visit as answers show it, given whose it was and the area's place and id.
    pub(crate) fn visit(self, person: u64, (place, area_id): (u32, u32)) -> Visit {
        let scans = self.scans();
        Visit {
            person,
            area_id,
            place,
            from: self.from(),
            until: self.until(),
            start_inferred: scans.start_inferred(),
            end_inferred: scans.end_inferred(),
            assurance_in: scans.assurance_in(),
            assurance_out: scans.assurance_out(),
        }
    }
}

/// Some persons, in order of id, and their visits. The ids are wiped when dropped.
pub(crate) struct Block {
    pub(crate) ids: Vec<u64>,
    /// Where each person's visits begin, and one more for the end.
    pub(crate) starts: Vec<u32>,
    /// Packed [`OwnVisit`]s.
    pub(crate) visits: Vec<u128>,
}

impl Block {
    pub(crate) fn empty() -> Self {
        Self { ids: Vec::new(), starts: vec![0], visits: Vec::new() }
    }

    /// A person's visits, by position in the block.
    pub(crate) fn visits_of(&self, person: usize) -> impl ExactSizeIterator<Item = OwnVisit> + Clone {
        self.visits[self.starts[person] as usize..self.starts[person + 1] as usize]
            .iter()
            .map(|&packed| OwnVisit(packed))
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.ids.zeroize();
    }
}

/// The persons of an index.
pub(crate) struct People {
    /// Ascending; a person's number is the position here.
    ids: Vec<u64>,
    /// Without their ids.
    blocks: Vec<Block>,
    /// The first number of each block, and one more for the end.
    firsts: Vec<u32>,
}

impl People {
    /// Numbers the persons of blocks that come in order of id.
    pub(crate) fn new(mut blocks: Vec<Block>) -> Result<Self, Error> {
        blocks.retain(|block| !block.ids.is_empty());
        let mut ids = with_room("persons", blocks.iter().map(|block| block.ids.len()).sum())?;
        let mut firsts = vec![0];
        for block in &mut blocks {
            ids.extend_from_slice(&block.ids);
            block.ids.zeroize();
            block.ids.shrink_to_fit();
            firsts.push(ids.len() as u32);
        }
        Ok(Self { ids, blocks, firsts })
    }

    pub(crate) fn ids(&self) -> &[u64] {
        &self.ids
    }

    pub(crate) fn visits_of(&self, number: u32) -> impl ExactSizeIterator<Item = OwnVisit> + Clone {
        let block = self.firsts.partition_point(|&first| first <= number) - 1;
        self.blocks[block].visits_of((number - self.firsts[block]) as usize)
    }

    pub(crate) fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The persons of a block by number, with their visits.
    pub(crate) fn block(&self, block: usize) -> impl Iterator<Item = (u32, OwnVisit)> {
        let numbers = self.firsts[block]..self.firsts[block + 1];
        let own = &self.blocks[block];
        numbers
            .zip(0..)
            .flat_map(move |(number, person)| own.visits_of(person).map(move |visit| (number, visit)))
    }

    pub(crate) fn visit_count(&self) -> usize {
        self.blocks.iter().map(|block| block.visits.len()).sum()
    }
}

impl Drop for People {
    fn drop(&mut self) {
        self.ids.zeroize();
    }
}
