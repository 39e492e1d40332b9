use proptest::prelude::*;
use seal::{
    SealError,
    access_log::{
        BadEntry, BadReason, Entry, Head, Record, SignedHead, Verifier, sign_head, verify, verify_head,
    },
    sign::{Signature, SigningKey},
};

use crate::{flipped, rng};

const INSTALL: [u8; 16] = *b"install 12345678";

fn record(number: i64) -> Record {
    Record {
        at: 1_628_096_400_000 + number * 60_000,
        actor: format!("account {number}"),
        action: "open".into(),
        case_id: (number % 3 != 0).then_some(number),
        purpose: "contact tracing".into(),
        scope: format!("place {number}, 2021-08-01 to 2021-08-14"),
        count: number * 10,
        key_ids: "movement/2021-08".into(),
    }
}

fn log(entries: i64) -> Vec<Entry> {
    let mut head = Head::genesis(&INSTALL);
    let mut next = |number| {
        let entry = Entry::next(&head, record(number));
        head = entry.head();
        entry
    };
    (1..=entries).map(&mut next).collect()
}

fn check(entries: &[Entry]) -> Result<Head, BadEntry> {
    verify(Head::genesis(&INSTALL), entries)
}

fn bad(seq: u64, why: BadReason) -> Result<Head, BadEntry> {
    Err(BadEntry { seq, why })
}

/// A log of six with the heads of two days, after entries 3 and 6.
fn signed_log() -> (Vec<Entry>, Vec<SignedHead>, SigningKey) {
    let key = SigningKey::generate(&mut rng(1));
    let entries = log(6);
    let heads =
        vec![sign_head(&key, 18_844, &entries[5].head()), sign_head(&key, 18_843, &entries[2].head())];
    (entries, heads, key)
}

fn check_signed(entries: &[Entry], heads: &[SignedHead], key: &SigningKey) -> Result<Head, BadEntry> {
    let mut verifier = Verifier::against(Head::genesis(&INSTALL), heads, &key.verify_key())?;
    entries.iter().try_for_each(|entry| verifier.push(entry))?;
    verifier.finish()
}

/// A name and a change to an entry.
type Change = (&'static str, fn(&mut Entry));

/// Every way to change one field of an entry.
fn changes() -> Vec<Change> {
    vec![
        ("at", |e| e.record.at += 1),
        ("actor", |e| e.record.actor.push('x')),
        ("action", |e| e.record.action = "export".into()),
        ("case", |e| e.record.case_id = Some(e.record.case_id.map_or(0, |id| id + 1))),
        ("case dropped or made up", |e| {
            e.record.case_id = if e.record.case_id.is_some() { None } else { Some(0) };
        }),
        ("purpose", |e| e.record.purpose.clear()),
        ("scope", |e| e.record.scope = e.record.scope.replace("place", "person")),
        ("count", |e| e.record.count -= 1),
        ("key ids", |e| e.record.key_ids.push_str(",identity/1")),
        ("moved between fields", |e| {
            let last = e.record.actor.pop().unwrap();
            e.record.action.insert(0, last);
        }),
    ]
}

#[test]
fn a_true_log_gives_its_head() {
    assert_eq!(check(&[]), Ok(Head::genesis(&INSTALL)));
    let entries = log(6);
    assert_eq!(check(&entries), Ok(entries[5].head()));
    assert_eq!(verify(entries[2].head(), &entries[3..]), Ok(entries[5].head()), "from a trusted head on");
    assert!(entries[5].head().to_string().starts_with("6:"));
    assert_eq!(entries[5].head().to_string().len(), 2 + 64);
}

#[test]
fn every_changed_field_of_every_entry_is_named() {
    let entries = log(6);
    for at in 0..6 {
        let seq = at as u64 + 1;
        for (field, change) in changes() {
            let mut changed = entries.clone();
            change(&mut changed[at]);
            assert_eq!(check(&changed), bad(seq, BadReason::ChangedContent), "{field} of {seq}");
        }
        let mut changed = entries.clone();
        changed[at].prev[31] ^= 1;
        assert_eq!(check(&changed), bad(seq, BadReason::BrokenLink));
        let mut changed = entries.clone();
        changed[at].hash[0] ^= 1;
        assert_eq!(check(&changed), bad(seq, BadReason::ChangedContent));
        let mut changed = entries.clone();
        changed[at].seq += 10;
        assert_eq!(check(&changed), bad(seq, BadReason::Gap { found: seq + 10 }));
    }
}

#[test]
fn a_rewritten_entry_breaks_the_one_after_it() {
    for at in 0..5 {
        for (field, change) in changes() {
            let mut changed = log(6);
            change(&mut changed[at]);
            changed[at].hash = changed[at].computed_hash();
            assert_eq!(check(&changed), bad(at as u64 + 2, BadReason::BrokenLink), "{field}");
        }
    }
}

#[test]
fn a_removed_repeated_or_swapped_entry_is_named() {
    for at in 0..5 {
        let seq = at as u64 + 1;
        let mut removed = log(6);
        removed.remove(at);
        assert_eq!(check(&removed), bad(seq, BadReason::Gap { found: seq + 1 }));
        let mut repeated = log(6);
        repeated.insert(at + 1, repeated[at].clone());
        assert_eq!(check(&repeated), bad(seq + 1, BadReason::Gap { found: seq }));
        let mut swapped = log(6);
        swapped.swap(at, at + 1);
        assert_eq!(check(&swapped), bad(seq, BadReason::Gap { found: seq + 1 }));
    }
    let other_install = verify(Head::genesis(b"another install!"), &log(2));
    assert_eq!(other_install, bad(1, BadReason::BrokenLink));
}

#[test]
fn signed_heads_fit_the_true_log_in_any_order() {
    let (entries, mut heads, key) = signed_log();
    assert_eq!(check_signed(&entries, &heads, &key), Ok(entries[5].head()));
    heads.reverse();
    assert_eq!(check_signed(&entries, &heads, &key), Ok(entries[5].head()));
    let longer = log(8);
    assert_eq!(check_signed(&longer, &heads, &key), Ok(longer[7].head()), "entries since the last head");
    let later = Verifier::against(entries[3].head(), &heads, &key.verify_key());
    assert!(later.is_ok(), "heads before the start");
}

#[test]
fn a_cut_tail_is_found_against_the_latest_signed_head() {
    let (entries, heads, key) = signed_log();
    for kept in 0..6 {
        let cut = BadReason::CutOff { day: 18_844, signed_seq: 6 };
        assert_eq!(check(&entries[..kept]).map(|head| head.seq), Ok(kept as u64), "unseen without heads");
        assert_eq!(check_signed(&entries[..kept], &heads, &key), bad(kept as u64 + 1, cut));
    }
}

#[test]
fn a_log_rewritten_from_an_entry_on_is_found_against_the_signed_heads() {
    let (_, heads, key) = signed_log();
    let mut head = Head::genesis(&INSTALL);
    let rewritten: Vec<Entry> = (1..=6)
        .map(|number| {
            let mut record = record(number);
            record.count += i64::from(number >= 5);
            let entry = Entry::next(&head, record);
            head = entry.head();
            entry
        })
        .collect();
    assert!(check(&rewritten).is_ok(), "consistent in itself");
    let found = check_signed(&rewritten, &heads, &key);
    assert_eq!(found, bad(6, BadReason::OtherThanSigned { day: 18_844 }));
    let start = Verifier::against(rewritten[5].head(), &heads, &key.verify_key()).err();
    assert_eq!(start.map(|entry| entry.seq), Some(6), "a start that a head names otherwise");
}

#[test]
fn a_head_signed_by_another_key_or_for_another_day_is_refused() {
    let (entries, heads, key) = signed_log();
    let other = SigningKey::generate(&mut rng(2));
    assert_eq!(check_signed(&entries, &heads, &other), bad(6, BadReason::BadHead { day: 18_844 }));
    assert_eq!(verify_head(&key.verify_key(), &heads[0]), Ok(()));
    let verify_changed = |change: fn(&mut SignedHead)| {
        let mut signed = heads[0];
        change(&mut signed);
        verify_head(&key.verify_key(), &signed)
    };
    assert_eq!(verify_changed(|signed| signed.day += 1), Err(SealError::BadSignature));
    assert_eq!(verify_changed(|signed| signed.head.seq -= 1), Err(SealError::BadSignature));
    assert_eq!(verify_changed(|signed| signed.head.hash[7] ^= 1), Err(SealError::BadSignature));
}

#[test]
fn the_hash_of_an_entry_is_fixed() {
    // Computed apart from this program. Stored logs would no longer verify if it changed.
    let entry = &log(1)[0];
    assert_eq!(
        data_encoding::HEXLOWER.encode(&entry.hash),
        "55cb53d334c827ee1662818501d20a4938ca1ddf843ce47fb08e13e894d20d49"
    );
}

proptest! {
    #[test]
    fn different_records_have_different_hashes(texts in prop::array::uniform5(".{0,3}"), other in prop::array::uniform5(".{0,3}")) {
        prop_assume!(texts != other);
        let hash_of = |[actor, action, purpose, scope, key_ids]: [String; 5]| {
            let record = Record { actor, action, purpose, scope, key_ids, ..record(1) };
            Entry::next(&Head::genesis(&INSTALL), record).hash
        };
        prop_assert_ne!(hash_of(texts), hash_of(other));
    }

    #[test]
    fn any_changed_bit_of_a_head_signature_is_refused(bit: usize) {
        let key = SigningKey::generate(&mut rng(3));
        let mut signed = sign_head(&key, 1, &Head::genesis(&INSTALL));
        signed.signature = Signature::from_bytes(flipped(signed.signature.as_bytes(), bit).try_into().unwrap());
        prop_assert_eq!(verify_head(&key.verify_key(), &signed), Err(SealError::BadSignature));
    }
}
