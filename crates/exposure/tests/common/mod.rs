//! Random worlds that the tests against the oracle share.
#![allow(dead_code, clippy::allow_attributes, reason = "each test file needs a part")]

use exposure::{ExposureRule, Index, Limits, SameSpace, Span, Visit, Visits};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Few persons, areas and instants, so that ties, touching and nested visits are the rule.
pub fn any_visit() -> impl Strategy<Value = Visit> {
    let scanned = || prop::option::of(0_u8..=3);
    (0_u64..8, 0_u32..5, 0_u32..60, 1_u32..25, scanned(), scanned()).prop_map(
        |(person, area_id, from, length, assurance_in, assurance_out)| Visit {
            // Ids at both ends of the range.
            person: if person < 4 { person } else { u64::MAX - person },
            area_id: area_id * 1_000_003,
            place: area_id / 2,
            from,
            until: from + length,
            start_inferred: assurance_in.is_none(),
            end_inferred: assurance_out.is_none(),
            assurance_in,
            assurance_out,
        },
    )
}

pub fn any_rule() -> impl Strategy<Value = ExposureRule> {
    let same = prop_oneof![Just(SameSpace::Area), Just(SameSpace::Place)];
    (0_u32..20, same).prop_map(|(min_overlap_seconds, same)| ExposureRule { min_overlap_seconds, same })
}

pub fn any_window() -> impl Strategy<Value = Span> {
    (0_u32..60, 1_u32..90).prop_map(|(from, length)| Span { from, until: from + length })
}

pub fn index_of(list: Vec<Visit>) -> Index {
    index_with(list, Limits::default())
}

pub fn index_with(list: Vec<Visit>, limits: Limits) -> Index {
    Index::build(Visits::from_list(list, &limits).unwrap(), limits).unwrap()
}

/// Visits of 5 minutes to 8 hours over two weeks, areas two to a place; with `apart`, nobody is in two areas at
/// once.
pub fn town(visits: usize, persons: u64, areas: u32, apart: bool) -> Vec<Visit> {
    let mut random = ChaCha8Rng::seed_from_u64(2021);
    let mut free_at = vec![0_u32; persons as usize];
    let visit = |number: usize| {
        let person = number as u64 % persons;
        let area_id = random.random_range(0..areas) * random.random_range(1_u32..=10) / 10;
        let from = if apart {
            free_at[person as usize] + random.random_range(0..40_000)
        } else {
            random.random_range(0_u32..1_209_600)
        };
        let until = from + random.random_range(300..28_800);
        free_at[person as usize] = until;
        Visit {
            person,
            area_id,
            place: area_id / 2,
            from,
            until,
            start_inferred: false,
            end_inferred: random.random_bool(0.1),
            assurance_in: Some(random.random_range(0..=3)),
            assurance_out: Some(2),
        }
    };
    (0..visits).map(visit).collect()
}
