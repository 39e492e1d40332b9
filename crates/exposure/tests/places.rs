//! Places ranked by exposure, many cases at once and who was where, against the slow ways.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::atomic::AtomicBool;

use common::{any_rule, any_visit, any_window, index_of, index_with, town};
use exposure::{
    CaseContact, CaseWindow, Error, ExposureRule, Limits, SameSpace, Space, Span, Stop, Visit,
    cases::CASES_MAX, oracle,
};
use proptest::prelude::*;

type OwnedCase = (Vec<u64>, Span);

fn any_cases() -> impl Strategy<Value = Vec<OwnedCase>> {
    prop::collection::vec((prop::collection::vec(0_u64..5, 0..3), any_window()), 0..4)
}

fn windows(cases: &[OwnedCase]) -> Vec<CaseWindow<'_>> {
    cases.iter().map(|(persons, window)| CaseWindow { persons, window: *window }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn places_equal_the_oracle(
        list in prop::collection::vec(any_visit(), 0..60),
        cases in any_cases(),
        rule in any_rule(),
        places_max in 0_usize..4,
    ) {
        let cases = windows(&cases);
        let slow = oracle::places_by_exposure(&list, &cases, &rule, places_max);
        let index = index_of(list);
        prop_assert_eq!(index.places_by_exposure(&cases, &rule, places_max, Stop::NEVER).unwrap(), slow);
    }

    #[test]
    fn many_cases_are_the_contacts_of_each(
        list in prop::collection::vec(any_visit(), 0..60),
        cases in any_cases(),
        rule in any_rule(),
        contacts_max in 0_usize..8,
    ) {
        let index = index_with(list, Limits { contacts_max, ..Limits::default() });
        let together = index.contacts_of_cases(&windows(&cases), &rule, Stop::NEVER).unwrap();
        prop_assert_eq!(together.len(), cases.len());
        for (list, (persons, window)) in together.iter().zip(&cases) {
            let alone = index.contacts(persons, *window, &rule).unwrap();
            let light: Vec<CaseContact> = alone.contacts.iter().map(|contact| CaseContact {
                person: contact.person,
                same_area: contact.same_area,
                overlap_seconds: contact.overlap_seconds,
                first_from: alone.meetings_of(contact).iter().map(|met| met.overlap.from).min().unwrap(),
                last_until: contact.last_until,
            }).collect();
            prop_assert_eq!(&list.contacts, &light);
            prop_assert_eq!(list.cut, alone.cut);
        }
    }

    #[test]
    fn who_was_here_is_a_filter(
        list in prop::collection::vec(any_visit(), 0..60),
        window in any_window(),
        space in prop_oneof![
            (0_u32..6).prop_map(|area| Space::Area(area * 1_000_003)),
            (0_u32..4).prop_map(Space::Place),
        ],
        visits_max in 0_usize..9,
    ) {
        let here = |visit: &&Visit| match space {
            Space::Area(area_id) => visit.area_id == area_id,
            Space::Place(place) => visit.place == place,
        } && visit.span().common(window).is_some();
        let mut slow: Vec<Visit> = list.iter().filter(here).copied().collect();
        slow.sort_by_key(|visit| (visit.from, visit.person, visit.area_id));
        let mut people: Vec<u64> = slow.iter().map(|visit| visit.person).collect();
        people.sort_unstable();
        people.dedup();
        let fast = index_of(list).present(space, window, visits_max, Stop::NEVER).unwrap();
        prop_assert_eq!(fast.people, people.len());
        prop_assert_eq!(fast.cut, slow.len().saturating_sub(visits_max));
        slow.truncate(visits_max);
        let keys = |list: &[Visit]| -> Vec<_> {
            list.iter().map(|visit| (visit.from, visit.person, visit.area_id)).collect()
        };
        prop_assert_eq!(keys(&fast.visits), keys(&slow));
    }
}

#[test]
fn a_town_over_two_threads_equals_the_oracle() {
    for apart in [true, false] {
        let visits = town(220_000, 9_000, 60, apart);
        let index = index_of(visits.clone());
        let window = Span { from: 100_000, until: 900_000 };
        let persons: Vec<[u64; 2]> = (0..3).map(|number| [number, 8_000 + number]).collect();
        let cases: Vec<_> = persons.iter().map(|persons| CaseWindow { persons, window }).collect();
        for same in [SameSpace::Area, SameSpace::Place] {
            let rule = ExposureRule { min_overlap_seconds: 900, same };
            let fast = index.places_by_exposure(&cases, &rule, 20, Stop::NEVER).unwrap();
            assert_eq!(fast, oracle::places_by_exposure(&visits, &cases, &rule, 20));
            assert!(fast.cut > 2 && fast.places[0].people > 50, "{fast:?}");
        }
    }
}

#[test]
fn questions_about_cases_have_limits_and_can_be_given_up() {
    let index = index_of(town(2_000, 100, 20, true));
    let rule = ExposureRule { min_overlap_seconds: 0, same: SameSpace::Area };
    let case = CaseWindow { persons: &[17], window: Span::ALWAYS };
    let many = vec![case; CASES_MAX + 1];
    let refused = Some(Error::TooMany { what: "cases", limit: CASES_MAX });
    assert_eq!(index.contacts_of_cases(&many, &rule, Stop::NEVER).err(), refused);
    assert_eq!(index.places_by_exposure(&many, &rule, 9, Stop::NEVER).err(), refused);
    let flag = AtomicBool::new(true);
    let given_up = Some(Error::Cancelled);
    assert_eq!(index.contacts_of_cases(&[case; 3], &rule, Stop::when(&flag)).err(), given_up);
    assert_eq!(index.contacts_unless(&[17], Span::ALWAYS, &rule, Stop::when(&flag)).err(), given_up);
    assert_eq!(index.places_by_exposure(&[case], &rule, 9, Stop::when(&flag)).err(), given_up);
    assert_eq!(index.present(Space::Area(1), Span::ALWAYS, 9, Stop::when(&flag)).err(), given_up);
}
