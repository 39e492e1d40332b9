use proptest::prelude::*;
use seal::{
    SealError,
    shares::{PairShare, by_holder, from_bytes, rebuild, split, to_bytes},
};

use crate::{flipped, rng};

const SECRET: [u8; 32] = [0x5a; 32];

/// The shares of each officer, in the order of their ids.
fn sets(officers: &[u64], seed: u64) -> Vec<Vec<PairShare>> {
    by_holder(split(&SECRET, officers, &mut rng(seed)).unwrap()).into_values().collect()
}

fn error_of(a: &[PairShare], b: &[PairShare]) -> Option<SealError> {
    rebuild(a, b).err()
}

#[test]
fn any_two_of_five_rebuild_and_none_alone() {
    let officers = [50, 10, 30, 20, 40];
    let sets = sets(&officers, 1);
    assert_eq!(sets.len(), 5);
    for (i, a) in sets.iter().enumerate() {
        assert_eq!(a.len(), 4, "one share for every other officer");
        for (j, b) in sets.iter().enumerate() {
            if i == j {
                assert_eq!(error_of(a, b), Some(SealError::SameOfficer(a[0].holder)));
            } else {
                assert_eq!(rebuild(a, b).unwrap().as_slice(), SECRET);
            }
        }
        let (half, rest) = a.split_at(2);
        assert_eq!(error_of(half, rest), Some(SealError::SameOfficer(a[0].holder)));
        assert_eq!(error_of(a, &[]), Some(SealError::NoCommonPair));
    }
}

#[test]
fn the_number_of_officers_is_2_to_16_different_ones() {
    let mut rng = rng(2);
    let mut try_with = |ids: &[u64]| split(&SECRET, ids, &mut rng).map(|shares| shares.len());
    assert_eq!(try_with(&[]), Err(SealError::OfficerCount(0)));
    assert_eq!(try_with(&[1]), Err(SealError::OfficerCount(1)));
    assert_eq!(try_with(&[1, 2]), Ok(2));
    assert_eq!(try_with(&(0..16).collect::<Vec<_>>()), Ok(240));
    assert_eq!(try_with(&(0..17).collect::<Vec<_>>()), Err(SealError::OfficerCount(17)));
    assert_eq!(try_with(&[3, 1, 3]), Err(SealError::OfficerTwice(3)));
}

#[test]
fn relabelled_shares_of_one_officer_do_not_rebuild() {
    // An officer who writes a colleague's id on his own shares.
    let mut sets = sets(&[1, 2, 3], 3);
    let mine = sets.remove(0);
    for own in 0..mine.len() {
        for posed in 0..mine.len() {
            let share =
                |at: usize, holder| vec![PairShare { pair: (1, 2), holder, bytes: mine[at].bytes.clone() }];
            assert_eq!(error_of(&share(own, 1), &share(posed, 2)), Some(SealError::SharesDisagree));
        }
    }
}

#[test]
fn one_officers_shares_look_alike_whatever_the_secret() {
    // Over many splittings each bit of each of an officer's shares is set half of the time, for the
    // all-zero secret as for the all-one secret, and no two shares of one officer are related.
    const ROUNDS: u32 = 2000;
    for secret in [[0_u8; 32], [0xff; 32]] {
        let mut rng = rng(4);
        for officer in [1, 2, 3] {
            let mut set_bits = [[0_u32; 256]; 2];
            let mut differing = 0_u32;
            for _ in 0..ROUNDS {
                let all = split(&secret, &[1, 2, 3], &mut rng).unwrap();
                let mine: Vec<_> = all.into_iter().filter(|share| share.holder == officer).collect();
                for (counts, share) in set_bits.iter_mut().zip(&mine) {
                    for (bit, count) in counts.iter_mut().enumerate() {
                        *count += u32::from(share.bytes[bit / 8] >> (bit % 8) & 1);
                    }
                }
                let bytes = mine[0].bytes.iter().zip(mine[1].bytes.iter()).take(32);
                differing += bytes.map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
            }
            // Six standard deviations of a fair coin: sqrt(2000)/2 = 22.4 for a bit.
            let far = set_bits.iter().flatten().find(|count| count.abs_diff(ROUNDS / 2) > 134);
            assert_eq!(far, None, "a share of officer {officer} tells about the secret");
            assert!(differing.abs_diff(ROUNDS * 128) < 2147, "the shares of officer {officer} are related");
        }
    }
}

#[test]
fn shares_of_two_splittings_do_not_fit() {
    let (june, july) = (sets(&[1, 2], 5), sets(&[1, 2], 6));
    assert_eq!(error_of(&june[0], &july[1]), Some(SealError::SharesDisagree));
    let other_pair = sets(&[3, 4], 7);
    assert_eq!(error_of(&june[0], &other_pair[1]), Some(SealError::NoCommonPair));
    let mut mixed = sets(&[1, 2, 3], 8);
    let (one, two) = (mixed.remove(0), mixed.remove(0));
    let both: Vec<PairShare> = one.into_iter().chain(two).collect();
    assert_eq!(error_of(&both, &mixed[0]), Some(SealError::NoCommonPair), "a set of two officers");
}

#[test]
fn a_set_of_shares_is_read_back_and_nothing_else_is() {
    let sets = sets(&[1, 2, 3], 9);
    let bytes = to_bytes(&sets[0]);
    let again = from_bytes(&bytes).unwrap();
    assert_eq!(rebuild(&again, &sets[2]).unwrap().as_slice(), SECRET);
    for length in 0..bytes.len() {
        assert!(from_bytes(&bytes[..length]).is_err(), "cut to {length}");
    }
    assert!(from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err(), "a byte too many");
}

proptest! {
    #[test]
    fn an_altered_share_is_refused(secret: Vec<u8>, seed: u64, bit: usize, officers in 2_u64..=16) {
        let ids: Vec<u64> = (0..officers).collect();
        let mut sets = by_holder(split(&secret, &ids, &mut rng(seed)).unwrap());
        let (mut first, last) = (sets.remove(&0).unwrap(), sets.remove(&(officers - 1)).unwrap());
        prop_assert_eq!(&*rebuild(&first, &last).unwrap(), &secret);
        for share in &mut first {
            share.bytes = flipped(&share.bytes, bit).into();
        }
        prop_assert_eq!(error_of(&first, &last), Some(SealError::SharesDisagree));
    }
}
