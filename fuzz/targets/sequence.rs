//! Which numbers of a device have arrived, through `domain::sequence`, beside a plain set of numbers.
#![no_main]

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use domain::sequence::{Arrival, LEAP_MAX, RANGES_MAX, SEQUENCE_MAX, Sequences};
use libfuzzer_sys::fuzz_target;

/// A number that arrives.
#[derive(Arbitrary, Debug, Clone, Copy)]
enum Step {
    /// That far above the highest.
    Above(u8),
    /// That far below the highest.
    Below(u16),
    /// Every other number from one above the highest on, that many times: makes many ranges.
    Gaps(u8),
    /// Anything.
    Any(u64),
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    steps: Vec<Step>,
    text: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let mut from_text = Sequences::parse(input.text);
    if let Some(sequences) = &mut from_text {
        assert_eq!(sequences.to_text(), input.text, "one text for one state");
        check(sequences);
        for step in input.steps.iter().take(200) {
            numbers(*step, sequences.highest()).for_each(|seq| {
                sequences.insert(seq);
            });
            check(sequences);
        }
    }
    check_against_set(&input.steps);
});

/// From nothing on, every answer and every count is that of a plain set; only a number that was forgotten is
/// taken for a repeated one.
fn check_against_set(steps: &[Step]) {
    let mut sequences = Sequences::default();
    let mut arrived = BTreeSet::new();
    for step in steps.iter().take(200) {
        for seq in numbers(*step, sequences.highest()) {
            let highest = arrived.last().copied().unwrap_or(0);
            let is_absurd = seq == 0 || seq > SEQUENCE_MAX || seq > highest + LEAP_MAX;
            let arrival = sequences.insert(seq);
            if is_absurd {
                assert_eq!(arrival, Arrival::Absurd, "{seq} after {highest}");
                continue;
            }
            let is_fresh = arrived.insert(seq);
            match arrival {
                Arrival::Fresh => assert!(is_fresh, "{seq} came before"),
                Arrival::Repeated if is_fresh => {
                    assert!(sequences.forgotten() > 0, "{seq} is new");
                    arrived.remove(&seq);
                }
                Arrival::Repeated => {}
                Arrival::Absurd => panic!("{seq} after {highest} is sensible"),
            }
        }
        check(&sequences);
        let highest = arrived.last().copied().unwrap_or(0);
        assert_eq!(sequences.highest(), highest);
        let known = sequences.missing() + sequences.forgotten() + arrived.len() as u64;
        assert_eq!(known, highest, "each number is missing, forgotten or has arrived");
    }
}

fn numbers(step: Step, highest: u64) -> impl Iterator<Item = u64> {
    let (first, count) = match step {
        Step::Above(by) => (highest.saturating_add(u64::from(by)), 1),
        Step::Below(by) => (highest.saturating_sub(u64::from(by)), 1),
        Step::Gaps(count) => (highest.saturating_add(2), u64::from(count)),
        Step::Any(seq) => (seq, 1),
    };
    (0..count).map(move |at| first.saturating_add(2 * at))
}

/// What holds of every state.
fn check(sequences: &Sequences) {
    let text = sequences.to_text();
    assert_eq!(Sequences::parse(&text).as_ref(), Some(sequences), "kept and read again");
    assert!(text.split(',').count() <= RANGES_MAX, "the ranges are bounded");
    let gaps = sequences.gaps(usize::MAX);
    let missing: u64 = gaps.iter().map(|(first, last)| last - first + 1).sum();
    assert_eq!(missing, sequences.missing(), "the gaps are what is missing");
    assert!(gaps.windows(2).all(|two| two[0].1 < two[1].0), "gaps come in order");
    assert!(gaps.last().is_none_or(|(_, last)| *last < sequences.highest()), "below the highest");
    assert!(missing + sequences.forgotten() <= sequences.highest(), "nothing is missing twice");
    let mut again = sequences.clone();
    if sequences.highest() > 0 {
        assert_eq!(again.insert(sequences.highest()), Arrival::Repeated, "the highest has arrived");
        assert_eq!(again, *sequences, "a repeated number changes nothing");
    }
}
