//! Sequence numbers of devices: ranges, gaps, bounds, against a plain set.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use domain::sequence::{Arrival, LEAP_MAX, RANGES_MAX, SEQUENCE_MAX, Sequences};
use proptest::prelude::*;

fn after(numbers: impl IntoIterator<Item = u64>) -> Sequences {
    let mut sequences = Sequences::default();
    for number in numbers {
        sequences.insert(number);
    }
    sequences
}

#[test]
fn numbers_in_order_stay_one_range() {
    let sequences = after(1..=200);
    assert_eq!(sequences.to_text(), "1-200");
    assert_eq!((sequences.highest(), sequences.missing(), sequences.forgotten()), (200, 0, 0));
    assert_eq!(sequences.gaps(10), []);
}

#[test]
fn a_gap_is_named_and_filled() {
    let mut sequences = after((1..=200).chain([205]));
    assert_eq!(sequences.to_text(), "1-200,205");
    assert_eq!((sequences.missing(), sequences.gaps(10)), (4, vec![(201, 204)]));
    assert_eq!(sequences.insert(203), Arrival::Fresh);
    assert_eq!(sequences.gaps(10), [(201, 202), (204, 204)]);
    assert_eq!(sequences.gaps(1), [(201, 202)]);
    for number in [204, 201, 202] {
        assert_eq!(sequences.insert(number), Arrival::Fresh);
        assert_eq!(sequences.insert(number), Arrival::Repeated);
    }
    assert_eq!(sequences.to_text(), "1-205");
}

#[test]
fn what_never_arrived_before_the_first_is_missing_too() {
    let sequences = after([4]);
    assert_eq!((sequences.missing(), sequences.gaps(9)), (3, vec![(1, 3)]));
}

#[test]
fn absurd_numbers_leave_nothing_behind() {
    let mut sequences = after([5]);
    let before = sequences.clone();
    for number in [0, 5 + LEAP_MAX + 1, SEQUENCE_MAX + 1, u64::MAX] {
        assert_eq!(sequences.insert(number), Arrival::Absurd, "{number}");
        assert_eq!(sequences, before);
    }
    assert_eq!(sequences.insert(5 + LEAP_MAX), Arrival::Fresh);
    let mut full = Sequences::parse(&format!("1-{SEQUENCE_MAX}")).unwrap();
    assert_eq!(full.insert(SEQUENCE_MAX + 1), Arrival::Absurd);
    assert_eq!(full.insert(SEQUENCE_MAX), Arrival::Repeated);
}

#[test]
fn beyond_the_bound_the_oldest_gap_is_forgotten_and_counted() {
    // 1, 4, 7 …: two numbers missing between any two.
    let most = u64::try_from(RANGES_MAX).unwrap();
    let mut sequences = after((0..most).map(|index| 1 + 3 * index));
    assert_eq!((sequences.forgotten(), sequences.missing()), (0, 2 * (most - 1)));
    assert_eq!(sequences.insert(1 + 3 * most), Arrival::Fresh);
    assert_eq!((sequences.forgotten(), sequences.missing()), (2, 2 * (most - 1)));
    assert!(sequences.to_text().starts_with("1-4,7,10,") && sequences.to_text().ends_with(",601;2"));
    assert_eq!(sequences.insert(2), Arrival::Repeated, "forgotten");
    assert_eq!(Sequences::parse(&sequences.to_text()), Some(sequences));
}

#[test]
fn texts_of_another_form_are_refused() {
    for text in [
        " ",
        "0",
        "1-",
        "-1",
        "2-1",
        "1-1",
        "1,1",
        "1,2",
        "1-3,4",
        "3,1",
        "01",
        "+1",
        "1,",
        ",1",
        "1;",
        "1;0",
        "1;1",
        "1-4;4",
        "1;2;3",
        "x",
        "1-3;-1",
        "99999999999999999999",
        "9007199254740992",
        "1 ,3",
        "1-2-3",
    ] {
        assert_eq!(Sequences::parse(text), None, "{text}");
    }
    let odd = |count: u64| (0..count).map(|n| (2 * n + 1).to_string()).collect::<Vec<_>>().join(",");
    assert!(Sequences::parse(&odd(200)).is_some());
    assert_eq!(Sequences::parse(&odd(201)), None);
    assert_eq!(Sequences::parse(""), Some(Sequences::default()));
}

proptest! {
    #[test]
    fn it_answers_as_a_plain_set_does(numbers in proptest::collection::vec(1_u64..150, 0..200)) {
        let (mut set, mut sequences) = (BTreeSet::new(), Sequences::default());
        for number in numbers {
            let expected = if set.insert(number) { Arrival::Fresh } else { Arrival::Repeated };
            prop_assert_eq!(sequences.insert(number), expected);
            let highest = set.last().copied().unwrap_or(0);
            let absent: Vec<u64> = (1..highest).filter(|number| !set.contains(number)).collect();
            prop_assert_eq!(sequences.highest(), highest);
            prop_assert_eq!(sequences.missing(), absent.len() as u64);
            let listed: Vec<u64> = sequences.gaps(usize::MAX).into_iter().flat_map(|(a, b)| a..=b).collect();
            prop_assert_eq!(listed, absent);
            prop_assert_eq!(Sequences::parse(&sequences.to_text()), Some(sequences.clone()));
        }
    }

    #[test]
    fn every_number_up_to_the_highest_arrived_is_missing_or_was_forgotten(
        numbers in proptest::collection::vec(1_u64..5_000, 0..1_200)
    ) {
        let mut sequences = Sequences::default();
        let mut fresh = 0;
        for number in numbers {
            fresh += u64::from(sequences.insert(number) == Arrival::Fresh);
            prop_assert_eq!(fresh + sequences.missing() + sequences.forgotten(), sequences.highest());
        }
        prop_assert!(sequences.gaps(usize::MAX).len() <= RANGES_MAX);
        prop_assert_eq!(Sequences::parse(&sequences.to_text()), Some(sequences));
    }

    #[test]
    fn order_does_not_matter(mut numbers in proptest::collection::vec(1_u64..300, 0..150)) {
        let forwards = after(numbers.clone());
        numbers.reverse();
        prop_assert_eq!(after(numbers), forwards);
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_written_the_same(text in "[0-9,;-]{0,20}|.*") {
        if let Some(sequences) = Sequences::parse(&text) {
            prop_assert_eq!(sequences.to_text(), text);
        }
    }
}
