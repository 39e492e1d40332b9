//! The index against the oracle, on random small worlds and on one crowded larger one.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{any_rule, any_visit};
use exposure::{
    AreaFacts, Areas, Error, ExposureRule, Index, Limits, OpenedScan, SameSpace, Span, Visit, Visits, oracle,
    visits,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn any_scan() -> impl Strategy<Value = OpenedScan> {
    // A quarter of a day to a slot of time, over four days, or seconds close together.
    let captured = prop_oneof![(0_u32..16).prop_map(|slot| slot * 21_600), 0_u32..2_000, 0_u32..300_000];
    (0_u64..3, 0_u32..7, any::<bool>(), captured, 0_u8..=3, any::<bool>()).prop_map(
        |(person, area_id, out, captured, assurance, late)| OpenedScan {
            person,
            area_id,
            out,
            captured,
            assurance,
            late,
        },
    )
}

fn six_areas() -> Areas {
    let facts = (0..6).map(|area_id| AreaFacts {
        area_id,
        place: area_id / 2,
        default_stay_seconds: 600 * (area_id + 1).pow(2),
        closes_at_second_of_day: (area_id % 3 == 1).then_some(area_id * 14_400),
    });
    Areas::new(facts.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn contacts_equal_the_oracle(
        list in prop::collection::vec(any_visit(), 0..60),
        case in prop::collection::vec(0_u64..4, 0..3),
        window in (0_u32..60, 1_u32..90).prop_map(|(from, length)| Span { from, until: from + length }),
        rule in any_rule(),
        contacts_max in 0_usize..8,
    ) {
        let limits = Limits { contacts_max, ..Limits::default() };
        let slow = oracle::contacts(&list, &case, window, &rule, contacts_max);
        let index = Index::build(Visits::from_list(list, &limits).unwrap(), limits).unwrap();
        prop_assert_eq!(index.contacts(&case, window, &rule).unwrap(), slow);
    }

    #[test]
    fn timelines_give_back_the_visits(list in prop::collection::vec(any_visit(), 0..60)) {
        let visits = Visits::from_list(list, &Limits::default()).unwrap();
        let before = visits.iter().collect::<Vec<_>>();
        let index = Index::build(visits, Limits::default()).unwrap();
        let after: Vec<Visit> = index.persons().iter().flat_map(|&person| index.timeline(person)).collect();
        prop_assert_eq!(after, before);
    }

    /// Whatever is scanned: order and repetition change nothing, a person is at one place at a time, a visit
    /// has a length of at most a day, and a scanned end stands where the scan was.
    #[test]
    fn visits_hold_together(scans in prop::collection::vec(any_scan(), 0..40)) {
        let areas = six_areas();
        let once: Vec<Visit> = visits(scans.clone(), &areas, &Limits::default()).unwrap().iter().collect();
        let twice: Vec<OpenedScan> = scans.iter().rev().chain(&scans).copied().collect();
        prop_assert!(visits(twice, &areas, &Limits::default()).unwrap().iter().eq(once.iter().copied()));
        for pair in once.windows(2).filter(|pair| pair[0].person == pair[1].person) {
            prop_assert!(pair[0].until <= pair[1].from, "{pair:?}");
        }
        let scanned = |visit: &Visit, out: bool, at: u32| scans.iter().any(|scan| {
            let place = areas.get(scan.area_id).map(|area| area.place);
            (scan.person, place, scan.out, scan.captured) == (visit.person, Some(visit.place), out, at)
        });
        for visit in &once {
            prop_assert!((1..=86_400).contains(&visit.span().seconds()), "{visit:?}");
            prop_assert!(visit.start_inferred || scanned(visit, false, visit.from), "{visit:?}");
            prop_assert!(visit.end_inferred || scanned(visit, true, visit.until), "{visit:?}");
            prop_assert_eq!(visit.start_inferred, visit.assurance_in.is_none());
            prop_assert_eq!(visit.end_inferred, visit.assurance_out.is_none());
            prop_assert!(!(visit.start_inferred && visit.end_inferred), "{visit:?}");
        }
    }
}

#[test]
fn a_crowded_town_equals_the_oracle() {
    let mut random = ChaCha8Rng::seed_from_u64(2021);
    let list: Vec<Visit> = (0..200_000)
        .map(|_| {
            let area_id = random.random_range(0_u32..300) * random.random_range(1_u32..=10) / 10;
            let from = random.random_range(0_u32..1_209_600);
            Visit {
                person: random.random_range(0_u64..5_000),
                area_id,
                place: area_id / 3,
                from,
                until: from + random.random_range(300..28_800),
                start_inferred: false,
                end_inferred: random.random_bool(0.1),
                assurance_in: Some(random.random_range(0..=3)),
                assurance_out: Some(2),
            }
        })
        .collect();
    let limits = Limits { contacts_max: 500, ..Limits::default() };
    let index = Index::build(Visits::from_list(list.clone(), &limits).unwrap(), limits).unwrap();
    for (case, same) in [(vec![17], SameSpace::Area), (vec![4_999, 3], SameSpace::Place)] {
        let rule = ExposureRule { min_overlap_seconds: 900, same };
        let window = Span { from: 300_000, until: 900_000 };
        let fast = index.contacts(&case, window, &rule).unwrap();
        assert!(fast.contacts.len() > 100, "the town is crowded: {}", fast.contacts.len());
        assert_eq!(fast, oracle::contacts(&list, &case, window, &rule, 500));
    }
}

#[test]
fn questions_beyond_a_limit_are_refused() {
    let index =
        Index::build(Visits::from_list(Vec::new(), &Limits::default()).unwrap(), Limits::default()).unwrap();
    let rule = ExposureRule { min_overlap_seconds: 0, same: SameSpace::Area };
    let ids: Vec<u64> = (0..257).collect();
    assert!(matches!(index.contacts(&ids, Span::ALWAYS, &rule), Err(Error::TooMany { limit: 256, .. })));
    assert!(index.contacts(&ids[1..], Span::ALWAYS, &rule).unwrap().contacts.is_empty());
}

#[test]
fn more_visits_than_the_limit_are_refused() {
    let scan = |person| OpenedScan { person, area_id: 1, out: false, captured: 9, assurance: 1, late: false };
    let limits = Limits { visits_max: 2, ..Limits::default() };
    assert_eq!(visits((0..2).map(scan).collect(), &six_areas(), &limits).unwrap().len(), 2);
    let refused = visits((0..3).map(scan).collect(), &six_areas(), &limits).err();
    assert_eq!(refused, Some(Error::TooMany { what: "visits", limit: 2 }));
}
