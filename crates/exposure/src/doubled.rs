//! Who was in two places at once.
//!
//! Visits made of scans never overlap for one person, but an analyst's file may hold anything. Where a person's
//! visits lie apart, shared time simply adds up; where they do not, each second must be counted once, which
//! takes longer. So the index remembers, one bit a person, for whom the longer way is needed.

use crate::{Error, Visit, error::with_room};

/// One bit a person: some of the person's own visits overlap.
pub(crate) struct Doubled {
    bits: Vec<u64>,
    any: bool,
}

impl Doubled {
    /// Looks through visits in order of person and start, whose persons are numbered already.
    pub(crate) fn find(list: &[Visit], person_count: usize) -> Result<Self, Error> {
        let words = person_count.div_ceil(64);
        let mut bits = with_room("persons", words)?;
        bits.resize(words, 0_u64);
        let mut doubled = Self { bits, any: false };
        let (mut person, mut end) = (u64::MAX, 0);
        for visit in list {
            if visit.person == person && visit.from < end {
                doubled.bits[person as usize / 64] |= 1 << (person % 64);
                doubled.any = true;
            }
            end = if visit.person == person { visit.until.max(end) } else { visit.until };
            person = visit.person;
        }
        Ok(doubled)
    }

    /// Whether some of the person's own visits overlap.
    pub(crate) fn has(&self, person: u32) -> bool {
        self.any && self.bits[person as usize / 64] >> (person % 64) & 1 == 1
    }
}
