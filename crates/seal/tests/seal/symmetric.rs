use data_encoding::HEXLOWER;
use proptest::prelude::*;
use seal::{
    SealError,
    identity::{IdentityKey, PADDED_TO},
    index::{BlindIndex, IndexKey, IndexKind},
    symmetric::{CaseKey, SymmetricKey},
};

use crate::{flipped, rng};

#[test]
fn an_identity_opens_for_its_person_and_epoch_only() {
    let mut rng = rng(1);
    let key = IdentityKey::from_bytes(IdentityKey::generate(&mut rng).expose()).unwrap();
    let sealed = key.seal(3, 9, "Y Bliên Niê".as_bytes(), &mut rng).unwrap();
    assert_eq!(key.open(3, 9, &sealed).unwrap().as_slice(), "Y Bliên Niê".as_bytes());
    assert_eq!(key.open(4, 9, &sealed), Err(SealError::CannotOpen), "another epoch");
    assert_eq!(key.open(3, 8, &sealed), Err(SealError::CannotOpen), "another person");
    assert_eq!(key.open(9, 3, &sealed), Err(SealError::CannotOpen), "numbers swapped");
    let other = IdentityKey::generate(&mut rng);
    assert_eq!(other.open(3, 9, &sealed), Err(SealError::CannotOpen), "another key");
}

#[test]
fn the_length_of_a_name_does_not_show() {
    let mut rng = rng(2);
    let key = IdentityKey::generate(&mut rng);
    let mut length_of = |name: &[u8]| key.seal(1, 1, name, &mut rng).unwrap().len();
    assert_eq!(length_of(b""), length_of(&[b'x'; PADDED_TO - 1]));
    assert!(length_of(&[b'x'; PADDED_TO]) > length_of(b""));
}

#[test]
fn a_label_has_a_key_of_its_own() {
    let mut rng = rng(3);
    let key = SymmetricKey::generate(&mut rng);
    let sealed = key.seal("owner phone", b"place 7", b"0905123456", &mut rng).unwrap();
    assert_eq!(key.open("owner phone", b"place 7", &sealed).unwrap().as_slice(), b"0905123456");
    assert_eq!(key.open("owner name", b"place 7", &sealed), Err(SealError::CannotOpen));
    assert_eq!(key.open("owner phone", b"place 8", &sealed), Err(SealError::CannotOpen));
    assert_eq!(key.open("owner phone", b"place 7", &sealed[..11]), Err(SealError::CannotOpen));
}

#[test]
fn a_mac_fits_its_label_and_message_only() {
    let mut rng = rng(4);
    let key = SymmetricKey::generate(&mut rng);
    let mac = key.mac("otp", b"123456");
    assert!(key.mac_is("otp", b"123456", &mac));
    assert!(!key.mac_is("otp", b"123457", &mac));
    assert!(!key.mac_is("session", b"123456", &mac));
    assert!(!key.mac_is("otp1", b"23456", &mac), "label and message do not run together");
    assert!(!key.mac_is("otp", b"123456", &mac[..31]), "a cut one");
    assert!(!SymmetricKey::generate(&mut rng).mac_is("otp", b"123456", &mac));
}

#[test]
fn a_case_record_opens_in_its_case_and_place_only() {
    let mut rng = rng(5);
    let key = CaseKey::from_bytes(CaseKey::generate(&mut rng).expose()).unwrap();
    let sealed = key.seal(17, "contact/4", b"record", &mut rng).unwrap();
    assert_eq!(key.open(17, "contact/4", &sealed).unwrap().as_slice(), b"record");
    assert_eq!(key.open(18, "contact/4", &sealed), Err(SealError::CannotOpen));
    assert_eq!(key.open(17, "contact/5", &sealed), Err(SealError::CannotOpen));
}

#[test]
fn indexes_are_stable_and_each_kind_has_its_own() {
    // Computed apart from this program: HMAC-SHA-256 over length, label and value, cut to 16 bytes.
    // Stored indexes would no longer be found if one of these changed.
    let key = IndexKey::from_bytes(&[7; 32]).unwrap();
    let phone = key.index(IndexKind::Phone, b"+84905123456");
    assert_eq!(HEXLOWER.encode(phone.as_bytes()), "2b5bb0b1dc7c009e7cc177df863937a8");
    let card = key.index(IndexKind::IdNumber, b"066090000001");
    assert_eq!(HEXLOWER.encode(card.as_bytes()), "2d98b2c2a95d622ac4998cb486767a6f");
    let all: std::collections::BTreeSet<BlindIndex> =
        IndexKind::ALL.iter().map(|&kind| key.index(kind, b"123456789")).collect();
    assert_eq!(all.len(), IndexKind::ALL.len());
    assert!(BlindIndex::from_bytes(*phone.as_bytes()) == phone);
    let other = IndexKey::generate(&mut rng(6));
    assert!(other.index(IndexKind::Phone, b"+84905123456") != phone);
}

proptest! {
    #[test]
    fn any_changed_bit_of_a_sealed_record_is_refused(record: Vec<u8>, bit: usize, seed: u64) {
        let mut rng = rng(seed);
        let key = IdentityKey::generate(&mut rng);
        let sealed = key.seal(1, 2, &record, &mut rng).unwrap();
        prop_assert_eq!(&*key.open(1, 2, &sealed).unwrap(), &record);
        prop_assert_eq!(key.open(1, 2, &flipped(&sealed, bit)).err(), Some(SealError::CannotOpen));

        let key = SymmetricKey::generate(&mut rng);
        let sealed = key.seal("label", b"aad", &record, &mut rng).unwrap();
        prop_assert_eq!(&*key.open("label", b"aad", &sealed).unwrap(), &record);
        let changed = key.open("label", b"aad", &flipped(&sealed, bit));
        prop_assert_eq!(changed.err(), Some(SealError::CannotOpen));
    }
}
