use std::sync::LazyLock;

use proptest::prelude::*;
use seal::{
    SealError,
    officer::{OFFICER_PUBLIC_LEN, OfficerKey, OfficerPublic, PassphraseCost},
    roster::{Roster, RosterError, RosterOfficer, RosterSignature},
    sign::{Signature, SigningKey, VerifyKey},
    wrap::{purpose, unwrap, wrap},
};

use crate::{flipped, rng};

/// The least that Argon2 takes, so that the tests are quick.
const CHEAP: PassphraseCost = PassphraseCost { memory_kib: 8, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "cà phê Buôn Ma Thuột";

static KEYS: LazyLock<Vec<OfficerKey>> =
    LazyLock::new(|| (0..5).map(|seed| OfficerKey::generate(&mut rng(100 + seed))).collect());

/// Officers with these ids; officer `n` has key `n`.
fn officers(ids: &[u64]) -> Vec<RosterOfficer> {
    ids.iter().map(|&id| RosterOfficer { id, public: key(id).public() }).collect()
}

fn key(id: u64) -> &'static OfficerKey {
    &KEYS[usize::try_from(id).unwrap()]
}

fn signed(roster: &Roster, ids: &[u64]) -> Vec<RosterSignature> {
    ids.iter().map(|&id| roster.sign(id, key(id))).collect()
}

#[test]
fn a_protected_key_opens_with_its_passphrase_only() {
    let blob = key(0).protect(PASSPHRASE, CHEAP, &mut rng(1)).unwrap();
    let opened = OfficerKey::unlock(&blob, PASSPHRASE).unwrap();
    assert_eq!(opened.public(), key(0).public());
    let wrapped = wrap(&key(0).public().receive, purpose::SHARE, b"", b"share", &mut rng(2)).unwrap();
    let plain = unwrap(&opened.receive.private, purpose::SHARE, b"", &wrapped).unwrap();
    assert_eq!(plain.as_slice(), b"share");
    for wrong in ["", "ca phe Buon Ma Thuot", "Cà phê Buôn Ma Thuột"] {
        assert_eq!(OfficerKey::unlock(&blob, wrong).err(), Some(SealError::WrongPassphrase));
    }
}

#[test]
fn a_passphrase_typed_decomposed_is_the_same() {
    let blob = key(0).protect(PASSPHRASE, CHEAP, &mut rng(3)).unwrap();
    let decomposed = "ca\u{300} phe\u{302} Buo\u{302}n Ma Thuo\u{323}\u{302}t";
    assert_ne!(decomposed, PASSPHRASE);
    assert!(OfficerKey::unlock(&blob, decomposed).is_ok());
}

#[test]
fn a_short_passphrase_or_a_cost_out_of_range_is_refused() {
    let mut rng = rng(4);
    let short = SealError::PassphraseTooShort { found: 11, needed: 12 };
    assert_eq!(key(0).protect("mười một ký", CHEAP, &mut rng).err(), Some(short));
    assert_eq!(key(0).protect("ee\u{302}eeeeeeeee", CHEAP, &mut rng).err(), Some(short), "counted composed");
    assert!(key(0).protect("mười hai ký.", CHEAP, &mut rng).is_ok());
    for cost in [
        PassphraseCost { memory_kib: 7, ..CHEAP },
        PassphraseCost { memory_kib: 262_145, ..CHEAP },
        PassphraseCost { passes: 0, ..CHEAP },
        PassphraseCost { passes: 17, ..CHEAP },
        PassphraseCost { lanes: 0, ..CHEAP },
        PassphraseCost { lanes: 5, memory_kib: 64, ..CHEAP },
    ] {
        assert_eq!(key(0).protect(PASSPHRASE, cost, &mut rng).err(), Some(SealError::BadCost), "{cost:?}");
    }
    let strong = PassphraseCost::default();
    assert!(strong.memory_kib >= 19 * 1024 && strong.passes >= 2 && strong.lanes >= 1);
}

#[test]
fn the_default_cost_works() {
    let blob = key(1).protect(PASSPHRASE, PassphraseCost::default(), &mut rng(5)).unwrap();
    assert_eq!(OfficerKey::unlock(&blob, PASSPHRASE).unwrap().public(), key(1).public());
}

#[test]
fn a_cut_blob_is_refused_at_every_length() {
    let blob = key(0).protect(PASSPHRASE, CHEAP, &mut rng(6)).unwrap();
    for length in 0..blob.len() {
        assert!(OfficerKey::unlock(&blob[..length], PASSPHRASE).is_err(), "cut to {length}");
    }
}

#[test]
fn a_public_half_is_read_back_and_nothing_else_is() {
    let public = key(0).public();
    let bytes = public.to_bytes();
    assert_eq!(OfficerPublic::from_bytes(&bytes).unwrap(), public);
    assert!(OfficerPublic::from_bytes(&bytes[..OFFICER_PUBLIC_LEN - 1]).is_err());
    assert!(OfficerPublic::from_bytes(&flipped(&bytes, 200)).is_err());
    assert_eq!(public.fingerprint().len(), 19);
    assert_ne!(public.fingerprint(), key(1).public().fingerprint());
}

#[test]
fn a_signature_fits_its_key_purpose_and_message_only() {
    let mut rng = rng(7);
    let signing = SigningKey::generate(&mut rng);
    let verify = VerifyKey::from_bytes(&signing.verify_key().to_bytes()).unwrap();
    let signature = signing.sign("card", b"message");
    assert_eq!(verify.verify("card", b"message", &signature), Ok(()));
    assert!(verify.verify("head", b"message", &signature).is_err());
    assert!(verify.verify("car", b"dmessage", &signature).is_err());
    assert!(verify.verify("card", b"massage", &signature).is_err());
    assert!(key(0).public().verify.verify("card", b"message", &signature).is_err());
    assert!(verify.verify("card", b"message", &Signature::from_bytes([0; 64])).is_err());
    let again = SigningKey::from_bytes(&signing.expose()[..]).unwrap();
    assert_eq!(again.sign("card", b"message"), signature, "deterministic");
    assert!(SigningKey::from_bytes(&[1; 31]).is_err());
}

#[test]
fn the_first_roster_is_signed_by_two_of_its_own() {
    let roster = Roster::first(officers(&[2, 0, 1]), 1_628_096_400_000).unwrap();
    assert_eq!(roster.verify(None, &signed(&roster, &[0, 2])), Ok(()));
    assert_eq!(roster.verify(None, &signed(&roster, &[0, 1, 2])), Ok(()));
    assert_eq!(roster.verify(None, &[]), Err(RosterError::TooFewSigners(0)));
    assert_eq!(roster.verify(None, &signed(&roster, &[1])), Err(RosterError::TooFewSigners(1)));
    assert_eq!(roster.verify(None, &signed(&roster, &[1, 1])), Err(RosterError::SignerTwice(1)));
    assert_eq!(roster.verify(None, &signed(&roster, &[1, 4])), Err(RosterError::UnknownSigner(4)));
    let posed = [roster.sign(0, key(0)), roster.sign(1, key(0))];
    assert_eq!(roster.verify(None, &posed), Err(RosterError::BadSignature(1)), "one who signs as another");
}

#[test]
fn a_later_roster_is_signed_by_two_of_the_one_before() {
    let first = Roster::first(officers(&[0, 1, 2]), 1000).unwrap();
    let second = first.next(officers(&[2, 3, 4]), 2000).unwrap();
    assert_eq!((second.version(), second.made_at()), (2, 2000));
    assert_eq!(second.verify(Some(&first), &signed(&second, &[0, 1])), Ok(()));
    let by_new = second.verify(Some(&first), &signed(&second, &[3, 4]));
    assert_eq!(by_new, Err(RosterError::UnknownSigner(3)), "the new officers can't let themselves in");
    let kept = Roster::first(officers(&[0, 1, 2]), 1000).unwrap();
    assert_eq!(second.verify(Some(&kept), &signed(&second, &[0, 2])), Ok(()), "equal rosters have one hash");

    let fork = Roster::first(officers(&[0, 1, 3]), 1000).unwrap();
    assert_eq!(second.verify(Some(&fork), &signed(&second, &[0, 1])), Err(RosterError::OtherPrevious));
    let wrong = RosterError::Version { expected: 1, found: 2 };
    assert_eq!(second.verify(None, &signed(&second, &[2, 3])), Err(wrong));
    let third = second.next(officers(&[2, 3]), 3000).unwrap();
    let skipped = RosterError::Version { expected: 2, found: 3 };
    assert_eq!(third.verify(Some(&first), &signed(&third, &[0, 1])), Err(skipped));
    let stale = RosterError::Version { expected: 3, found: 1 };
    assert_eq!(first.verify(Some(&second), &signed(&first, &[2, 3])), Err(stale), "rolled back");
}

#[test]
fn signatures_of_another_roster_do_not_count() {
    let first = Roster::first(officers(&[0, 1, 2]), 1000).unwrap();
    let signatures = signed(&first, &[0, 1]);
    let changes = [
        Roster::first(officers(&[0, 1, 2]), 1001).unwrap(),
        Roster::first(officers(&[0, 1, 3]), 1000).unwrap(),
        Roster::first(officers(&[0, 1]), 1000).unwrap(),
    ];
    for changed in changes {
        assert_eq!(changed.verify(None, &signatures), Err(RosterError::BadSignature(0)));
    }
}

#[test]
fn a_roster_has_2_to_16_different_officers_with_different_keys() {
    assert_eq!(Roster::first(officers(&[0]), 0), Err(RosterError::OfficerCount(1)));
    let crowd = (0..17).map(|id| RosterOfficer { id, public: key(0).public() }).collect();
    assert_eq!(Roster::first(crowd, 0), Err(RosterError::OfficerCount(17)));
    assert_eq!(Roster::first(officers(&[1, 0, 1]), 0), Err(RosterError::OfficerTwice(1)));
    let with = |public| [officers(&[0]), vec![RosterOfficer { id: 1, public }]].concat();
    assert_eq!(Roster::first(with(key(0).public()), 0), Err(RosterError::KeyTwice(1)));
    let half = OfficerPublic { verify: key(0).public().verify, ..key(1).public() };
    assert_eq!(Roster::first(with(half), 0), Err(RosterError::KeyTwice(1)), "the signing key alone");
}

#[test]
fn a_roster_is_read_back_from_its_canonical_bytes_only() {
    let first = Roster::first(officers(&[1, 0]), 1000).unwrap();
    let second = first.next(officers(&[0, 1, 4]), 2000).unwrap();
    for roster in [&first, &second] {
        let bytes = roster.to_bytes();
        assert_eq!(Roster::from_bytes(&bytes).as_ref(), Ok(roster));
        assert_eq!(Roster::from_bytes(&[&bytes[..], &[0]].concat()), Err(RosterError::Malformed));
        for length in 0..bytes.len() {
            assert!(Roster::from_bytes(&bytes[..length]).is_err(), "cut to {length}");
        }
    }
    let mut swapped = first.to_bytes();
    let entry = 8 + OFFICER_PUBLIC_LEN;
    let officers_from = swapped.len() - 2 * entry;
    swapped[officers_from..].rotate_left(entry);
    assert_eq!(Roster::from_bytes(&swapped), Err(RosterError::Malformed), "officers out of order");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_bit_of_a_protected_key_is_refused(bit: usize) {
        let blob = key(0).protect(PASSPHRASE, CHEAP, &mut rng(8)).unwrap();
        prop_assert!(OfficerKey::unlock(&flipped(&blob, bit), PASSPHRASE).is_err());
    }

    #[test]
    fn any_changed_bit_of_a_roster_or_signature_is_refused(bit: usize) {
        let roster = Roster::first(officers(&[0, 1]), 1000).unwrap();
        let mut signatures = signed(&roster, &[0, 1]);
        if let Ok(changed) = Roster::from_bytes(&flipped(&roster.to_bytes(), bit)) {
            prop_assert!(changed.verify(None, &signatures).is_err());
        }
        let altered = flipped(signatures[1].signature.as_bytes(), bit);
        signatures[1].signature = Signature::from_bytes(altered.try_into().unwrap());
        prop_assert_eq!(roster.verify(None, &signatures), Err(RosterError::BadSignature(1)));
    }
}
