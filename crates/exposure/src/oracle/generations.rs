//! Generations, found the slow and obvious way.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{overlap, seconds_in_any};
use crate::{Exposed, Generation, Span, SpreadQuestion, Visit};

/// The generations that follow a case. Time grows with generations times the square of the visits.
#[must_use]
pub fn generations(visits: &[Visit], question: &SpreadQuestion) -> Vec<Generation> {
    let mut placed: Vec<u64> = question.case.to_vec();
    let mut sources: BTreeMap<u64, Span> =
        question.case.iter().map(|&person| (person, question.window)).collect();
    let mut generations = Vec::new();
    for (number, rule) in question.generations.iter().enumerate() {
        let mut members: Vec<Exposed> = visits
            .iter()
            .map(|visit| visit.person)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .filter(|person| !placed.contains(person))
            .filter_map(|person| exposed(visits, person, &sources, question))
            .filter(|member| member.overlap_seconds >= rule.min_overlap_seconds)
            .collect();
        members.sort_by_key(|member| {
            let Exposed { same_area, overlap_seconds, last_until, person, .. } = *member;
            (!same_area, Reverse(overlap_seconds), Reverse(last_until), person)
        });
        placed.extend(members.iter().map(|member| member.person));
        let followed = members.iter().take(rule.followed_max);
        sources = followed.filter_map(|member| infectious(member, question)).collect();
        let is_last = number + 1 == question.generations.len();
        let not_followed = if is_last { 0 } else { members.len() - sources.len() };
        let cut = members.len().saturating_sub(rule.contacts_max);
        members.truncate(rule.contacts_max);
        generations.push(Generation { exposed: members, cut, not_followed });
    }
    generations
}

fn infectious(member: &Exposed, question: &SpreadQuestion) -> Option<(u64, Span)> {
    let isolated = question.isolated.iter().filter(|isolated| isolated.0 == member.person);
    let until = isolated.map(|isolated| isolated.1).min().unwrap_or(u32::MAX).min(question.until);
    Some((member.person, Span::new(member.first_from.saturating_add(question.latency_seconds), until)?))
}

/// A person's time with the sources; `None` when there is none.
fn exposed(
    visits: &[Visit],
    person: u64,
    sources: &BTreeMap<u64, Span>,
    question: &SpreadQuestion,
) -> Option<Exposed> {
    let mut shared: Vec<(Span, u64, bool)> = Vec::new();
    let mut shared_visits = 0;
    for own in visits.iter().filter(|visit| visit.person == person) {
        let before = shared.len();
        for other in visits {
            let Some(&infectious) = sources.get(&other.person) else { continue };
            let common = overlap(own, other, question.same).and_then(|span| span.common(infectious));
            shared.extend(common.map(|span| (span, other.person, own.area_id == other.area_id)));
        }
        shared_visits += u32::from(shared.len() > before);
    }
    let first_from = shared.iter().map(|(span, ..)| span.from).min()?;
    let there_first = shared.iter().filter(|(span, ..)| span.from == first_from);
    Some(Exposed {
        person,
        same_area: shared.iter().any(|(.., same_area)| *same_area),
        overlap_seconds: seconds_in_any(shared.iter().map(|(span, ..)| *span)),
        first_from,
        last_until: shared.iter().map(|(span, ..)| span.until).max()?,
        visits: shared_visits,
        met_first: there_first.map(|(_, source, _)| *source).min()?,
    })
}
