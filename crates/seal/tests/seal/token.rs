use proptest::prelude::*;
use seal::{
    SealError,
    token::{AREA_ID_MAX, MovementKey, Stamp, Token},
};

use crate::{flipped, rng};

fn stamps() -> impl Strategy<Value = Stamp> {
    (0..=AREA_ID_MAX, any::<bool>(), any::<u32>()).prop_map(|(area_id, out, captured)| Stamp {
        area_id,
        out,
        captured,
    })
}

#[test]
fn a_token_is_one_block_of_aes_256_over_person_and_stamp() {
    // FIPS-197, appendix C.3; the block's halves read as person, direction with area, and second.
    let key: Vec<u8> = (0..32).collect();
    let key = MovementKey::from_bytes(&key).unwrap();
    let stamp = Stamp { area_id: 0x0899_aabb, out: true, captured: 0xccdd_eeff };
    let token = key.seal(0x0011_2233_4455_6677, &stamp).unwrap();
    assert_eq!(token, 0x8ea2_b7ca_5167_45bf_eafc_4990_4b49_6089_u128.to_be_bytes());
    assert_eq!(key.open(&token, &stamp), Some(0x0011_2233_4455_6677));
}

#[test]
fn an_area_over_31_bits_is_refused_both_ways() {
    let key = MovementKey::generate(&mut rng(1));
    let last = Stamp { area_id: AREA_ID_MAX, out: false, captured: 7 };
    let over = Stamp { area_id: AREA_ID_MAX + 1, ..last };
    assert_eq!(key.seal(1, &over), Err(SealError::AreaOutOfRange(1 << 31)));
    let token = key.seal(1, &last).unwrap();
    assert_eq!(key.open(&token, &last), Some(1));
    assert_eq!(key.open(&token, &Stamp { area_id: u32::MAX, ..last }), None, "the 32nd bit is not ignored");
}

#[test]
fn a_key_of_another_length_is_refused() {
    assert!(matches!(MovementKey::from_bytes(&[1; 31]), Err(SealError::BadKey("movement key"))));
}

#[test]
fn many_rows_open_as_each_alone() {
    let mut rng = rng(2);
    let (key, other) = (MovementKey::generate(&mut rng), MovementKey::generate(&mut rng));
    for count in [0, 1, 63, 64, 65, 1000] {
        let rows: Vec<(Token, Stamp)> = (0..count)
            .map(|at: u32| {
                let stamp = Stamp { area_id: at * 7, out: at % 2 == 1, captured: 50_000_000 + at };
                let sealing = if at.is_multiple_of(5) { &other } else { &key };
                (sealing.seal(u64::from(at) << 20, &stamp).unwrap(), stamp)
            })
            .collect();
        let mut opened = vec![Some(42)];
        key.open_many(&rows, &mut opened);
        assert_eq!(opened[0], Some(42), "results are appended");
        let alone: Vec<Option<u64>> = rows.iter().map(|(token, stamp)| key.open(token, stamp)).collect();
        assert_eq!(opened[1..], alone);
        for (at, person_id) in (0_u64..).zip(alone) {
            assert_eq!(person_id, (!at.is_multiple_of(5)).then_some(at << 20), "row {at} of {count}");
        }
    }
}

#[test]
fn one_person_has_unrelated_tokens_in_two_places_and_two_epochs() {
    let mut rng = rng(3);
    let (today, tomorrow) = (MovementKey::generate(&mut rng), MovementKey::generate(&mut rng));
    let here = Stamp { area_id: 1, out: false, captured: 1 };
    let there = Stamp { area_id: 2, ..here };
    let tokens =
        [today.seal(9, &here).unwrap(), today.seal(9, &there).unwrap(), tomorrow.seal(9, &here).unwrap()];
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let same = (0..16).filter(|&at| tokens[a][at] == tokens[b][at]).count();
        assert!(same < 4, "tokens {a} and {b} have {same} bytes in common");
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens(person_id: u64, stamp in stamps(), seed: u64) {
        let key = MovementKey::generate(&mut rng(seed));
        let token = key.seal(person_id, &stamp).unwrap();
        prop_assert_eq!(key.open(&token, &stamp), Some(person_id));
        let again = MovementKey::from_bytes(key.expose()).unwrap();
        prop_assert_eq!(again.open(&token, &stamp), Some(person_id));
    }

    #[test]
    fn a_token_moved_to_another_place_time_or_direction_is_refused(
        person_id: u64, stamp in stamps(), other in stamps(),
    ) {
        prop_assume!(stamp != other);
        let key = MovementKey::generate(&mut rng(4));
        let token = key.seal(person_id, &stamp).unwrap();
        prop_assert_eq!(key.open(&token, &other), None);
        prop_assert_eq!(key.open(&token, &Stamp { out: !stamp.out, ..stamp }), None);
        let later = Stamp { captured: stamp.captured.wrapping_add(1), ..stamp };
        prop_assert_eq!(key.open(&token, &later), None);
    }

    #[test]
    fn an_altered_or_made_up_token_is_refused(
        person_id: u64, stamp in stamps(), bit in 0_usize..128, made_up: [u8; 16],
    ) {
        let key = MovementKey::generate(&mut rng(5));
        let token = key.seal(person_id, &stamp).unwrap();
        let altered: Token = flipped(&token, bit).try_into().unwrap();
        prop_assert_eq!(key.open(&altered, &stamp), None);
        prop_assert_eq!(key.open(&made_up, &stamp), None);
        prop_assert_eq!(MovementKey::generate(&mut rng(6)).open(&token, &stamp), None);
    }
}
