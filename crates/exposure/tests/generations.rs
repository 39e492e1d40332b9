//! Generations against the oracle, and the first of them against the contacts.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use common::{any_rule, any_visit, any_window, index_of, index_with, town};
use exposure::{
    Error, Exposed, GenerationRule, Limits, SameSpace, Span, SpreadQuestion, Stop, Visit,
    generations::GENERATIONS_MAX, oracle,
};
use proptest::prelude::*;

fn any_generation() -> impl Strategy<Value = GenerationRule> {
    (0_u32..15, 0_usize..8, 0_usize..8).prop_map(|(min_overlap_seconds, contacts_max, followed_max)| {
        GenerationRule { min_overlap_seconds, contacts_max, followed_max }
    })
}

const ALL: GenerationRule =
    GenerationRule { min_overlap_seconds: 900, contacts_max: usize::MAX, followed_max: usize::MAX };

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn generations_equal_the_oracle(
        list in prop::collection::vec(any_visit(), 0..60),
        case in prop::collection::vec(0_u64..4, 0..3),
        window in any_window(),
        until in 20_u32..90,
        latency_seconds in 0_u32..30,
        by_place in any::<bool>(),
        isolated in prop::collection::vec((0_u64..4, 0_u32..90), 0..3),
        generations in prop::collection::vec(any_generation(), 0..4),
    ) {
        let same = if by_place { SameSpace::Place } else { SameSpace::Area };
        let question = SpreadQuestion {
            case: &case, window, until, latency_seconds, same, isolated: &isolated, generations: &generations,
        };
        let slow = oracle::generations(&list, &question);
        prop_assert_eq!(index_of(list).generations(&question, Stop::NEVER).unwrap(), slow);
    }

    #[test]
    fn the_first_generation_is_the_contacts(
        list in prop::collection::vec(any_visit(), 0..60),
        case in prop::collection::vec(0_u64..4, 0..3),
        window in any_window(),
        rule in any_rule(),
        contacts_max in 0_usize..8,
    ) {
        let min_overlap_seconds = rule.min_overlap_seconds;
        let generations = [GenerationRule { min_overlap_seconds, contacts_max, followed_max: 0 }];
        let question = SpreadQuestion {
            case: &case, window, until: 0, latency_seconds: 0, same: rule.same, isolated: &[],
            generations: &generations,
        };
        let index = index_with(list, Limits { contacts_max, ..Limits::default() });
        let first = index.generations(&question, Stop::NEVER).unwrap().remove(0);
        let contacts = index.contacts(&case, window, &rule).unwrap();
        prop_assert_eq!(first.cut, contacts.cut);
        prop_assert_eq!(first.exposed.len(), contacts.contacts.len());
        for (exposed, contact) in first.exposed.iter().zip(&contacts.contacts) {
            prop_assert_eq!(
                (exposed.person, exposed.same_area, exposed.overlap_seconds, exposed.last_until),
                (contact.person, contact.same_area, contact.overlap_seconds, contact.last_until)
            );
        }
    }
}

fn everybody<'a>(case: &'a [u64], same: SameSpace, generations: &'a [GenerationRule]) -> SpreadQuestion<'a> {
    let window = Span { from: 100_000, until: 400_000 };
    SpreadQuestion {
        case,
        window,
        until: u32::MAX,
        latency_seconds: 86_400,
        same,
        isolated: &[],
        generations,
    }
}

/// Everybody's seconds with the first generation, added up place by place with one mark for each second; only
/// where nobody is in two areas at once.
fn second_by_hand(visits: &[Visit], case: &[u64], first: &[Exposed]) -> BTreeMap<u64, u32> {
    let from: BTreeMap<u64, u32> =
        first.iter().map(|exposed| (exposed.person, exposed.first_from + 86_400)).collect();
    let mut there: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for visit in visits {
        if let Some(&from) = from.get(&visit.person) {
            there.entry(visit.area_id).or_default().extend(visit.from.max(from)..visit.until.max(from));
        }
    }
    let mut seconds = BTreeMap::new();
    for visit in visits.iter().filter(|visit| !from.contains_key(&visit.person)) {
        let shared =
            there.get(&visit.area_id).map_or(0, |there| there.range(visit.from..visit.until).count());
        *seconds.entry(visit.person).or_default() += shared as u32;
    }
    seconds.retain(|person, seconds| *seconds >= 900 && !case.contains(person));
    seconds
}

#[test]
fn a_town_over_two_threads_equals_marks_of_seconds() {
    // More rows than it takes to start a second thread.
    let visits = town(220_000, 9_000, 2_000, true);
    let index = index_of(visits.clone());
    let case = [17, 4_000];
    let generations =
        index.generations(&everybody(&case, SameSpace::Area, &[ALL, ALL]), Stop::NEVER).unwrap();
    let [first, second] = generations.as_slice() else { panic!("two generations") };
    let expected = second_by_hand(&visits, &case, &first.exposed);
    assert!(first.exposed.len() > 50 && expected.len() > 2_000, "{} {}", first.exposed.len(), expected.len());
    let found: BTreeMap<u64, u32> =
        second.exposed.iter().map(|exposed| (exposed.person, exposed.overlap_seconds)).collect();
    assert_eq!(found, expected);
    let firsts: BTreeSet<u64> = first.exposed.iter().map(|exposed| exposed.person).collect();
    assert!(second.exposed.iter().all(|exposed| firsts.contains(&exposed.met_first)));
}

#[test]
fn a_question_can_be_given_up_and_has_limits() {
    let index = index_of(town(2_000, 100, 20, true));
    let flag = AtomicBool::new(true);
    let question = everybody(&[17], SameSpace::Area, &[ALL]);
    assert_eq!(index.generations(&question, Stop::when(&flag)), Err(Error::Cancelled));
    let many = [ALL; GENERATIONS_MAX + 1];
    let refused = index.generations(&everybody(&[17], SameSpace::Area, &many), Stop::NEVER);
    assert_eq!(refused, Err(Error::TooMany { what: "generations", limit: GENERATIONS_MAX }));
    let last = index.generations(&everybody(&[17], SameSpace::Area, &many[1..]), Stop::NEVER).unwrap();
    assert!(last.last().unwrap().exposed.is_empty(), "nobody is left after a few");
}
