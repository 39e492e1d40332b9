use proptest::prelude::*;
use seal::{
    SealError,
    wrap::{KeyPair, PrivateKey, PublicKey, WRAP_OVERHEAD, purpose, unwrap, wrap},
};

use crate::{flipped, rng};

#[test]
fn a_wrapped_message_opens_for_its_key_purpose_and_place_only() {
    let mut rng = rng(1);
    let (mine, other) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
    let wrapped = wrap(&mine.public, purpose::MOVEMENT_EPOCH, b"epoch 5", &[7; 32], &mut rng).unwrap();
    assert_eq!(wrapped.len(), 32 + WRAP_OVERHEAD);
    let open = |key: &KeyPair, info, aad| unwrap(&key.private, info, aad, &wrapped).map(|p| p.to_vec());
    assert_eq!(open(&mine, purpose::MOVEMENT_EPOCH, b"epoch 5"), Ok(vec![7; 32]));
    assert_eq!(open(&mine, purpose::IDENTITY_EPOCH, b"epoch 5"), Err(SealError::CannotOpen));
    assert_eq!(open(&mine, purpose::MOVEMENT_EPOCH, b"epoch 6"), Err(SealError::CannotOpen));
    assert_eq!(open(&other, purpose::MOVEMENT_EPOCH, b"epoch 5"), Err(SealError::CannotOpen));
}

#[test]
fn wrapping_twice_gives_unrelated_messages() {
    let mut rng = rng(2);
    let pair = KeyPair::generate(&mut rng);
    let one = wrap(&pair.public, purpose::SHARE, b"", b"same", &mut rng).unwrap();
    let two = wrap(&pair.public, purpose::SHARE, b"", b"same", &mut rng).unwrap();
    assert_ne!(one[..65], two[..65]);
    assert_ne!(one[65..], two[65..]);
}

#[test]
fn keys_are_read_back_in_both_forms() {
    let pair = KeyPair::generate(&mut rng(3));
    let long = pair.public.to_bytes();
    assert_eq!(PublicKey::from_bytes(&long).unwrap(), pair.public);
    let mut short = vec![2 + (long[64] & 1)];
    short.extend_from_slice(&long[1..33]);
    assert_eq!(PublicKey::from_bytes(&short).unwrap(), pair.public, "compressed");
    let again = KeyPair::from_private_bytes(&pair.private.expose()[..]).unwrap();
    assert_eq!(again.public, pair.public);
    assert_eq!(PrivateKey::from_bytes(&pair.private.expose()[..]).unwrap().public(), pair.public);
}

#[test]
fn what_is_no_key_is_refused() {
    let long = KeyPair::generate(&mut rng(4)).public.to_bytes();
    for bad in [&[][..], &[0], &long[..64], &flipped(&long, 300), &[4; 65]] {
        assert!(PublicKey::from_bytes(bad).is_err());
    }
    for bad in [&[0; 32][..], &[0xff; 32], &[1; 31], &[1; 33], &[]] {
        assert!(PrivateKey::from_bytes(bad).is_err());
    }
}

#[test]
fn a_cut_message_is_refused_at_every_length() {
    let mut rng = rng(5);
    let pair = KeyPair::generate(&mut rng);
    let wrapped = wrap(&pair.public, purpose::SHARE, b"", b"twelve bytes", &mut rng).unwrap();
    for length in (0..wrapped.len()).step_by(5).chain([64, 65, 66, wrapped.len() - 1]) {
        assert!(unwrap(&pair.private, purpose::SHARE, b"", &wrapped[..length]).is_err(), "{length} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_bit_is_refused(plaintext: Vec<u8>, bit: usize, seed: u64) {
        let mut rng = rng(seed);
        let pair = KeyPair::generate(&mut rng);
        let wrapped = wrap(&pair.public, purpose::INGEST, b"aad", &plaintext, &mut rng).unwrap();
        let opened = unwrap(&pair.private, purpose::INGEST, b"aad", &wrapped).unwrap();
        prop_assert_eq!(&*opened, &plaintext);
        let changed = unwrap(&pair.private, purpose::INGEST, b"aad", &flipped(&wrapped, bit));
        prop_assert_eq!(changed.err(), Some(SealError::CannotOpen));
    }
}
