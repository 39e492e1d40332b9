use proptest::prelude::*;
use seal::{
    SealError,
    sitting::{ROW_OVERHEAD, Sender, SittingKeys, VERSION},
    wrap::{KeyPair, PublicKey, purpose, wrap},
};

use crate::{flipped, rng};

/// Rows made by the browser's side, see the file's head.
const FIXTURE: &str = include_str!("sitting.txt");

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn values(name: &str) -> impl Iterator<Item = &str> {
    FIXTURE.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(" = "))
}

#[test]
fn rows_of_the_browser_open_and_cost_one_agreement_a_sitting() {
    let pair = KeyPair::from_private_bytes(&hex(values("private").next().unwrap())).unwrap();
    assert_eq!(PublicKey::from_bytes(&hex(values("public").next().unwrap())).unwrap(), pair.public);
    let sittings = SittingKeys::new(10);
    let mut opener = sittings.opener(&pair);
    let rows: Vec<_> = values("aad").zip(values("plaintext")).zip(values("row")).collect();
    assert_eq!(rows.len(), 4);
    for ((aad, plaintext), row) in rows.iter().rev() {
        assert_eq!(&opener.open(aad.as_bytes(), &hex(row)).unwrap()[..], plaintext.as_bytes());
    }
    assert_eq!((opener.agreements(), sittings.remembered()), (2, 2));
}

#[test]
fn a_row_opens_alone_in_any_order_and_again() {
    let mut rng = rng(1);
    let pair = KeyPair::generate(&mut rng);
    let mut sender = Sender::begin(&pair.public, &mut rng).unwrap();
    let rows: Vec<_> = (0..5u8).map(|number| sender.seal(&[number], &[number; 9]).unwrap()).collect();
    assert!(rows.iter().all(|row| row.len() == 9 + ROW_OVERHEAD && row[0] == VERSION));
    for number in [4u8, 0, 2, 0] {
        // A process of its own each time: nothing but the row and the key is needed.
        let sittings = SittingKeys::new(10);
        let opened = sittings.opener(&pair).open(&[number], &rows[usize::from(number)]).unwrap();
        assert_eq!(&opened[..], [number; 9]);
    }
}

#[test]
fn a_row_opens_for_its_place_number_sitting_and_key_only() {
    let mut rng = rng(2);
    let (mine, other) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
    let mut sender = Sender::begin(&mine.public, &mut rng).unwrap();
    let one = sender.seal(b"7.a.1", b"first").unwrap();
    let two = sender.seal(b"7.b.2", b"second").unwrap();
    let elsewhere = Sender::begin(&mine.public, &mut rng).unwrap().seal(b"7.a.1", b"first").unwrap();
    let sittings = SittingKeys::new(10);
    let open =
        |with, aad: &[u8], row: &[u8]| sittings.opener(with).open(aad, row).map(|opened| opened.to_vec());
    assert_eq!(open(&mine, b"7.a.1", &one), Ok(b"first".to_vec()));
    // The sitting is known by now, and known to the right key alone.
    assert_eq!(open(&other, b"7.a.1", &one), Err(SealError::CannotOpen), "another key");
    for aad in [&b"8.a.1"[..], b"7.b.1", b"7.a.2", b""] {
        assert_eq!(open(&mine, aad, &one), Err(SealError::CannotOpen), "another device, id or time");
    }
    let swapped = |from: &[u8], range: std::ops::Range<usize>| {
        let mut row = one.clone();
        row[range.clone()].copy_from_slice(&from[range]);
        row
    };
    assert_eq!(open(&mine, b"7.a.1", &swapped(&two, 1..5)), Err(SealError::CannotOpen), "another number");
    assert_eq!(
        open(&mine, b"7.a.1", &swapped(&elsewhere, 5..70)),
        Err(SealError::CannotOpen),
        "another sitting"
    );
    assert_ne!(one[70..], elsewhere[70..]);
}

#[test]
fn what_was_sealed_for_another_use_opens_nothing() {
    let mut rng = rng(3);
    let pair = KeyPair::generate(&mut rng);
    let sittings = SittingKeys::new(10);
    let mut opener = sittings.opener(&pair);
    let alone = wrap(&pair.public, purpose::INGEST, b"aad", b"scan", &mut rng).unwrap();
    assert_eq!(&opener.open(b"aad", &alone).unwrap()[..], b"scan", "as devices sealed before");
    let release = wrap(&pair.public, purpose::RELEASE, b"aad", b"scan", &mut rng).unwrap();
    assert_eq!(opener.open(b"aad", &release).err(), Some(SealError::CannotOpen));
    let row = Sender::begin(&pair.public, &mut rng).unwrap().seal(b"aad", b"scan").unwrap();
    // As a message wrapped by itself: the same agreement, another purpose.
    assert!(opener.open(b"aad", &row[5..]).is_err());
    assert_eq!(sittings.remembered(), 0, "what opened nothing is not remembered");
}

#[test]
fn a_cut_row_is_refused_at_every_length() {
    let mut rng = rng(4);
    let pair = KeyPair::generate(&mut rng);
    let row = Sender::begin(&pair.public, &mut rng).unwrap().seal(b"", b"twelve bytes").unwrap();
    let sittings = SittingKeys::new(10);
    let mut opener = sittings.opener(&pair);
    opener.open(b"", &row).unwrap();
    for length in 0..row.len() {
        assert!(opener.open(b"", &row[..length]).is_err(), "{length} bytes");
    }
    opener.open(b"", &row).unwrap();
}

#[test]
fn sittings_in_use_stay_and_the_number_of_the_others_is_bounded() {
    let mut rng = rng(5);
    let pair = KeyPair::generate(&mut rng);
    let sittings = SittingKeys::new(4);
    let steady = Sender::begin(&pair.public, &mut rng).unwrap().seal(b"", b"steady").unwrap();
    for _ in 0..9 {
        sittings.opener(&pair).open(b"", &steady).unwrap();
        let passing = Sender::begin(&pair.public, &mut rng).unwrap().seal(b"", b"passing").unwrap();
        sittings.opener(&pair).open(b"", &passing).unwrap();
        assert!(sittings.remembered() <= 4, "{}", sittings.remembered());
    }
    let mut opener = sittings.opener(&pair);
    opener.open(b"", &steady).unwrap();
    assert_eq!(opener.agreements(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_bit_is_refused(plaintext: Vec<u8>, bit: usize, seed: u64) {
        let mut rng = rng(seed);
        let pair = KeyPair::generate(&mut rng);
        let row = Sender::begin(&pair.public, &mut rng).unwrap().seal(b"aad", &plaintext).unwrap();
        let sittings = SittingKeys::new(2);
        let mut opener = sittings.opener(&pair);
        prop_assert_eq!(&*opener.open(b"aad", &row).unwrap(), &plaintext);
        prop_assert!(opener.open(b"aad", &flipped(&row, bit)).is_err());
    }
}
