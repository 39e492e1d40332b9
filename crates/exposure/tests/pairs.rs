//! Pairs against the oracle, in one thread and two, whole and broken off.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use common::{any_rule, any_visit, any_window, index_of, town};
use exposure::{Error, ExposureRule, Index, Pair, SameSpace, Span, Stop, oracle};
use proptest::prelude::*;

fn all_pairs(index: &Index, window: Span, rule: &ExposureRule) -> Vec<Pair> {
    let mut all = Vec::new();
    let take = |batch: &[Pair]| {
        all.extend_from_slice(batch);
        ControlFlow::Continue(())
    };
    let counts = index.pairs(window, rule, Stop::NEVER, take).unwrap();
    assert_eq!(counts.pairs, all.len() as u64);
    assert_eq!(counts.meetings, all.iter().map(|pair| u64::from(pair.meetings)).sum::<u64>());
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn pairs_equal_the_oracle(
        list in prop::collection::vec(any_visit(), 0..60),
        window in any_window(),
        rule in any_rule(),
    ) {
        let slow = oracle::pairs(&list, window, &rule);
        prop_assert_eq!(all_pairs(&index_of(list), window, &rule), slow);
    }

    #[test]
    fn pairs_are_the_contacts_of_everybody(
        list in prop::collection::vec(any_visit(), 0..60),
        rule in any_rule(),
    ) {
        let index = index_of(list);
        let mut by_contacts = Vec::new();
        for &person_a in index.persons() {
            let met = index.contacts(&[person_a], Span::ALWAYS, &rule).unwrap();
            by_contacts.extend(met.contacts.iter().filter(|met| met.person > person_a).map(|met| Pair {
                person_a,
                person_b: met.person,
                overlap_seconds: met.overlap_seconds,
                meetings: met.meetings.len() as u32,
            }));
        }
        by_contacts.sort();
        prop_assert_eq!(all_pairs(&index, Span::ALWAYS, &rule), by_contacts);
    }
}

#[test]
fn a_town_over_two_threads_equals_the_contacts_of_each() {
    for apart in [true, false] {
        let index = index_of(town(25_000, 700, 60, apart));
        for same in [SameSpace::Area, SameSpace::Place] {
            let rule = ExposureRule { min_overlap_seconds: 900, same };
            let pairs = all_pairs(&index, Span::ALWAYS, &rule);
            assert!(pairs.is_sorted() && pairs.len() > 50_000, "{}", pairs.len());
            for &person in index.persons().iter().step_by(97) {
                let list = index.contacts(&[person], Span::ALWAYS, &rule).unwrap();
                let of = pairs.iter().filter(|pair| pair.person_a == person || pair.person_b == person);
                let mut met: Vec<_> = of
                    .map(|pair| (pair.person_a ^ pair.person_b ^ person, pair.overlap_seconds, pair.meetings))
                    .collect();
                met.sort_unstable();
                let mut expected: Vec<_> = list
                    .contacts
                    .iter()
                    .map(|met| (met.person, met.overlap_seconds, met.meetings.len() as u32))
                    .collect();
                expected.sort_unstable();
                assert_eq!(met, expected);
            }
        }
    }
}

#[test]
fn a_question_can_be_broken_off() {
    let rule = ExposureRule { min_overlap_seconds: 0, same: SameSpace::Area };
    for visits in [2_000, 25_000] {
        let index = index_of(town(visits, 700, 60, true));
        let mut batches = 0;
        let first_only = |_: &[Pair]| {
            batches += 1;
            ControlFlow::Break(())
        };
        assert_eq!(index.pairs(Span::ALWAYS, &rule, Stop::NEVER, first_only), Err(Error::Cancelled));
        assert_eq!(batches, 1);
        let flag = AtomicBool::new(true);
        let nothing = |_: &[Pair]| panic!("nothing is handed out once it is given up");
        assert_eq!(index.pairs(Span::ALWAYS, &rule, Stop::when(&flag), nothing), Err(Error::Cancelled));
    }
}

#[test]
fn an_empty_index_has_no_pairs() {
    let rule = ExposureRule { min_overlap_seconds: 0, same: SameSpace::Area };
    assert_eq!(all_pairs(&index_of(Vec::new()), Span::ALWAYS, &rule), []);
}
