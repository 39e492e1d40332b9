//! The length of the shortest chain between two cases, found the slow and obvious way.

use std::collections::BTreeMap;

use super::overlap;
use crate::{ChainQuestion, Span, Visit};

/// The fewest links by which one case leads to another, and the earliest start of the last of that many; `None`
/// where there is no chain. Time grows with links times the square of the visits.
#[must_use]
pub fn chain(visits: &[Visit], question: &ChainQuestion) -> Option<(usize, u32)> {
    let starts = question.from.persons;
    let occurs = |person: &&u64| visits.iter().any(|visit| visit.person == **person);
    if question.to.iter().filter(occurs).any(|person| starts.contains(person)) {
        return Some((0, 0));
    }
    let mut met_at: BTreeMap<u64, u32> = BTreeMap::new();
    for links in 1..=question.links_max {
        let before = met_at.clone();
        for source in visits {
            let Some(infectious) = infectious(source.person, &before, question) else { continue };
            for other in visits.iter().filter(|other| !starts.contains(&other.person)) {
                let shared = overlap(source, other, question.rule.same);
                let shared = shared.and_then(|span| span.common(infectious));
                let long_enough = |span: &Span| span.seconds() >= question.rule.min_overlap_seconds;
                if let Some(span) = shared.filter(long_enough)
                    && source.person != other.person
                {
                    let earliest = met_at.entry(other.person).or_insert(span.from);
                    *earliest = span.from.min(*earliest);
                }
            }
        }
        if let Some(&arrival) = question.to.iter().filter_map(|person| met_at.get(person)).min() {
            return Some((links, arrival));
        }
    }
    None
}

fn infectious(person: u64, met_at: &BTreeMap<u64, u32>, question: &ChainQuestion) -> Option<Span> {
    if question.from.persons.contains(&person) {
        return Some(question.from.window);
    }
    let isolated = question.isolated.iter().filter(|isolated| isolated.0 == person);
    let until = isolated.map(|isolated| isolated.1).min().unwrap_or(u32::MAX).min(question.until);
    Span::new(met_at.get(&person)?.saturating_add(question.latency_seconds), until)
}
