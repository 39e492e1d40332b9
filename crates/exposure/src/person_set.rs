//! A set of persons by number, one bit for each of the index.

use crate::{Error, error::with_room};

/// Quick to ask: for a province it fits the processor's cache.
pub(crate) struct PersonSet {
    bits: Vec<u64>,
    any: bool,
}

impl PersonSet {
    /// An empty set for persons below `person_count`.
    pub(crate) fn new(person_count: usize) -> Result<Self, Error> {
        let words = person_count.div_ceil(64);
        let mut bits = with_room("persons", words)?;
        bits.resize(words, 0_u64);
        Ok(Self { bits, any: false })
    }

    pub(crate) fn insert(&mut self, person: u32) {
        self.bits[person as usize / 64] |= 1 << (person % 64);
        self.any = true;
    }

    pub(crate) fn has(&self, person: u32) -> bool {
        self.any && self.bits[person as usize / 64] >> (person % 64) & 1 == 1
    }

    /// Those in the set, ascending.
    pub(crate) fn members(&self) -> impl Iterator<Item = u32> {
        let words = (0_u32..).zip(&self.bits).filter(|(_, bits)| **bits != 0);
        words.flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        })
    }
}
