//! Places ranked by exposure, found the slow and obvious way.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{overlap, seconds_in_any};
use crate::{CaseWindow, ExposureRule, PlaceExposure, PlaceList, Span, Visit};

/// The ranked places. Time grows with visits times visits of the cases.
#[must_use]
pub fn places_by_exposure(
    visits: &[Visit],
    cases: &[CaseWindow],
    rule: &ExposureRule,
    places_max: usize,
) -> PlaceList {
    let is_case = |person| cases.iter().any(|case| case.persons.contains(&person));
    let mut shared: BTreeMap<u32, BTreeMap<u64, Vec<Span>>> = BTreeMap::new();
    let mut there: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for case in cases {
        for own in visits.iter().filter(|visit| case.persons.contains(&visit.person)) {
            if own.span().common(case.window).is_some() {
                there.entry(own.place).or_default().insert(own.person);
            }
            for other in visits.iter().filter(|visit| !is_case(visit.person)) {
                let span = overlap(own, other, rule.same).and_then(|span| span.common(case.window));
                let place = shared.entry(own.place).or_default();
                span.into_iter().for_each(|span| place.entry(other.person).or_default().push(span));
            }
        }
    }
    let mut places = Vec::new();
    for (place, people) in shared {
        let reaches = |spans: &Vec<Span>| {
            let seconds = seconds_in_any(spans.iter().copied());
            (seconds >= rule.min_overlap_seconds).then_some(seconds)
        };
        let exposed: Vec<(u32, Vec<Span>)> =
            people.into_values().filter_map(|spans| Some((reaches(&spans)?, spans))).collect();
        let spans = || exposed.iter().flat_map(|(_, spans)| spans);
        let (Some(first_from), Some(last_until)) =
            (spans().map(|span| span.from).min(), spans().map(|span| span.until).max())
        else {
            continue;
        };
        places.push(PlaceExposure {
            place,
            person_seconds: exposed.iter().map(|(seconds, _)| u64::from(*seconds)).sum(),
            people: exposed.len() as u32,
            case_persons: there[&place].len() as u32,
            first_from,
            last_until,
        });
    }
    places.sort_by_key(|place| (Reverse(place.person_seconds), Reverse(place.people), place.place));
    let cut = places.len().saturating_sub(places_max);
    places.truncate(places_max);
    PlaceList { places, cut }
}
