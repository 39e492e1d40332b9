//! Who was in two places at once.
//!
//! Visits made of scans never overlap for one person, but an analyst's file may hold anything. Where a person's
//! visits lie apart, shared time simply adds up; where they do not, each second must be counted once, which
//! takes longer. So the index remembers for whom the longer way is needed.

use crate::person_set::PersonSet;
use crate::{Error, Visit};

/// Looks through visits in order of person and start, whose persons are numbered already.
pub(crate) fn doubled(list: &[Visit], person_count: usize) -> Result<PersonSet, Error> {
    let mut doubled = PersonSet::new(person_count)?;
    let (mut person, mut end) = (u64::MAX, 0);
    for visit in list {
        if visit.person == person && visit.from < end {
            doubled.insert(visit.person as u32);
        }
        end = if visit.person == person { visit.until.max(end) } else { visit.until };
        person = visit.person;
    }
    Ok(doubled)
}
