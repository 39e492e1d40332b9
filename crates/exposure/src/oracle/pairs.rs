//! All pairs, found the slow and obvious way.

use std::collections::BTreeMap;

use super::{overlap, seconds_in_any};
use crate::{ExposureRule, Pair, Span, Visit};

/// The pairs in order of both ids. Time grows with the square of the visits.
#[must_use]
pub fn pairs(visits: &[Visit], window: Span, rule: &ExposureRule) -> Vec<Pair> {
    let mut met: BTreeMap<(u64, u64), Vec<Span>> = BTreeMap::new();
    for a in visits {
        for b in visits.iter().filter(|b| a.person < b.person) {
            if let Some(shared) = overlap(a, b, rule.same).and_then(|span| span.common(window)) {
                met.entry((a.person, b.person)).or_default().push(shared);
            }
        }
    }
    let pair = |((person_a, person_b), spans): ((u64, u64), Vec<Span>)| Pair {
        person_a,
        person_b,
        meetings: spans.len() as u32,
        overlap_seconds: seconds_in_any(spans.into_iter()),
    };
    met.into_iter().map(pair).filter(|pair| pair.overlap_seconds >= rule.min_overlap_seconds).collect()
}
