//! What comes back from outside or from storage sealed, signed or listed, through `seal`.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use domain::time::Millis;
use libfuzzer_sys::fuzz_target;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use seal::identity::IdentityKey;
use seal::keyfile::{KeyFile, KeyFileError};
use seal::officer::{OfficerKey, OfficerPublic};
use seal::roster::{Roster, RosterOfficer, RosterSignature};
use seal::sign::{Signature, VerifyKey};
use seal::wrap::{PublicKey, purpose, unwrap, wrap};
use seal::{SealError, shares};
use sha2::{Digest as _, Sha256};

/// Highest memory of a protected key that is stretched here, in KiB: more takes seconds.
const MEMORY_KIB_MAX: u32 = 64;

/// Where a protected key's memory and passes stand: behind the label's length and the label.
const COST_AT: usize = 8 + "vaora officer key v1".len();

/// A change of some bytes: where, and what they are xored with.
#[derive(Arbitrary, Debug)]
struct Change {
    at: u16,
    with: u8,
}

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Bytes for every reader.
    Bytes(&'a [u8]),
    /// The text of a key file.
    KeyFileText(&'a str),
    /// The lines of a key file, to which a fitting check sum is added.
    KeyFileLines(Vec<(u8, &'a str)>),
    /// A good key file with changes.
    ChangedKeyFile(Vec<Change>),
    /// A gate's queue, wrapped and changed on its way.
    Wrapped(&'a [u8], Vec<Change>),
    /// A person's record, sealed and changed at rest.
    Record(i64, u64, &'a [u8], Vec<Change>),
    /// A roster of some officers, changed at rest, with signatures of some.
    Roster { officers: Vec<u8>, made_at: Millis, changes: Vec<Change>, signers: Vec<u8>, is_forged: bool },
    /// A secret shared among some officers, one officer's shares changed.
    Shares { secret: &'a [u8], officers: Vec<u8>, changes: Vec<Change> },
}

/// Keys that are the same in every run.
struct Keys {
    file: KeyFile,
    identity: IdentityKey,
    officers: Vec<OfficerKey>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(1405);
    Keys {
        file: KeyFile::generate(&mut rng),
        identity: IdentityKey::generate(&mut rng),
        officers: (0..6).map(|_| OfficerKey::generate(&mut rng)).collect(),
    }
});

fuzz_target!(|input: Input<'_>| {
    match input {
        Input::Bytes(bytes) => check_bytes(bytes),
        Input::KeyFileText(text) => check_key_file(text),
        Input::KeyFileLines(lines) => check_lines(&lines),
        Input::ChangedKeyFile(changes) => check_changed_key_file(&changes),
        Input::Wrapped(queue, changes) => check_wrapped(queue, &changes),
        Input::Record(epoch, person, record, changes) => check_record(epoch, person, record, &changes),
        Input::Roster { officers, made_at, changes, signers, is_forged } => {
            if let Ok(roster) = Roster::first(roster_officers(&officers), made_at) {
                check_roster_bytes(&changed(&roster.to_bytes(), &changes));
                check_signers(&roster, &signers, is_forged);
            }
        }
        Input::Shares { secret, officers, changes } => check_shares(secret, &officers, &changes),
    }
});

fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for Change { at, with } in changes {
        let at = usize::from(*at) % bytes.len().max(1);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= with;
        }
    }
    bytes
}

/// Every reader of bytes; what one takes, it writes again.
fn check_bytes(bytes: &[u8]) {
    let keys = &*KEYS;
    assert!(unwrap(&keys.file.ingest_key.private, purpose::INGEST, b"", bytes).is_err(), "wrapped by nobody");
    assert!(keys.identity.open(1, 1, bytes).is_err(), "sealed by nobody");
    check_roster_bytes(bytes);
    if let Ok(public) = OfficerPublic::from_bytes(bytes) {
        assert_eq!(OfficerPublic::from_bytes(&public.to_bytes()), Ok(public), "an officer's keys");
    }
    if let Ok(key) = PublicKey::from_bytes(bytes) {
        assert_eq!(PublicKey::from_bytes(&key.to_bytes()), Ok(key), "a public key");
    }
    if let Ok(key) = VerifyKey::from_bytes(bytes) {
        assert_eq!(VerifyKey::from_bytes(&key.to_bytes()), Ok(key), "a verifying key");
    }
    if let Ok(set) = shares::from_bytes(bytes) {
        assert_eq!(&shares::to_bytes(&set)[..], bytes, "one text for one set of shares");
        let _ = shares::rebuild(&set, &set[..set.len() / 2]);
    }
    if is_cheap(bytes) {
        assert!(OfficerKey::unlock(bytes, "mật khẩu dài lắm").is_err(), "protected by nobody");
    }
    if let Ok(signature) = <[u8; 64]>::try_from(bytes) {
        let key = keys.file.card_signing_key.verify_key();
        assert!(key.verify("card", b"", &Signature::from_bytes(signature)).is_err(), "signed by nobody");
    }
}

/// Whether a protected key names a cost that is refused, or one that takes no time.
fn is_cheap(blob: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = blob.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        bytes.map_or(0, u32::from_be_bytes)
    };
    let (memory_kib, passes) = (number(COST_AT), number(COST_AT + 4));
    !(MEMORY_KIB_MAX..=256 * 1024).contains(&memory_kib) && !(3..=16).contains(&passes)
}

fn check_key_file(text: &str) {
    if let Ok(file) = KeyFile::parse(text) {
        let written = file.to_text();
        let again = KeyFile::parse(&written).map(|file| file.to_text());
        assert!(again.is_ok_and(|again| again == written), "a key file that is read can be written");
    }
}

/// Lines of a key file with its own names and any values; the check sum fits.
fn check_lines(lines: &[(u8, &str)]) {
    let good = KEYS.file.to_text();
    let known: Vec<&str> =
        good.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).collect();
    let mut text = format!("{}\n", known[0]);
    for (at, value) in lines.iter().take(20) {
        let line = known[usize::from(*at) % (known.len() - 1)];
        let (name, _) = line.split_once(" = ").expect("a name and a value");
        let value = value.lines().next().unwrap_or_default();
        // Values that are none get past no base64, so every second line is a good one.
        text += &if at % 2 == 0 { format!("{line}\n") } else { format!("{name} = {value}\n") };
    }
    let summed = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let check = summed.fold(Sha256::new(), |sum, line| sum.chain_update(line).chain_update("\n")).finalize();
    text += &format!("checksum = {}\n", data_encoding::HEXLOWER.encode(&check));
    check_key_file(&text);
    assert_ne!(KeyFile::parse(&text).err(), Some(KeyFileError::Damaged), "the check sum fits");
}

/// A change that is more than one of spaces or comments is found out.
fn check_changed_key_file(changes: &[Change]) {
    let good = KEYS.file.to_text();
    let Ok(text) = String::from_utf8(changed(good.as_bytes(), changes)) else { return };
    if let Ok(file) = KeyFile::parse(&text) {
        assert!(file.to_text() == good, "a changed value was taken");
    }
}

fn check_wrapped(queue: &[u8], changes: &[Change]) {
    let keys = &KEYS.file.ingest_key;
    let mut rng = ChaCha20Rng::seed_from_u64(5869);
    let wrapped = wrap(&keys.public, purpose::INGEST, b"gate", queue, &mut rng).expect("any queue");
    let arrived = changed(&wrapped, changes);
    let opened = unwrap(&keys.private, purpose::INGEST, b"gate", &arrived);
    if arrived == wrapped {
        assert!(opened.is_ok_and(|opened| opened[..] == *queue), "what was wrapped");
        assert!(unwrap(&keys.private, purpose::SHARE, b"gate", &arrived).is_err(), "for another purpose");
        assert!(unwrap(&keys.private, purpose::INGEST, b"", &arrived).is_err(), "of another place");
    } else {
        assert_eq!(opened.err(), Some(SealError::CannotOpen), "altered on its way");
    }
}

fn check_record(epoch: i64, person: u64, record: &[u8], changes: &[Change]) {
    let mut rng = ChaCha20Rng::seed_from_u64(2913);
    let sealed = KEYS.identity.seal(epoch, person, record, &mut rng).expect("any record");
    let kept = changed(&sealed, changes);
    let opened = KEYS.identity.open(epoch, person, &kept);
    if kept == sealed {
        assert!(opened.is_ok_and(|opened| opened[..] == *record), "what was sealed");
        let other = person.wrapping_add(1);
        assert_eq!(KEYS.identity.open(epoch, other, &kept).err(), Some(SealError::CannotOpen));
    } else {
        assert_eq!(opened.err(), Some(SealError::CannotOpen), "altered at rest");
    }
}

fn roster_officers(chosen: &[u8]) -> Vec<RosterOfficer> {
    let officer = |at: &u8| RosterOfficer {
        id: u64::from(*at),
        public: KEYS.officers[usize::from(*at) % KEYS.officers.len()].public(),
    };
    chosen.iter().take(20).map(officer).collect()
}

fn check_roster_bytes(bytes: &[u8]) {
    if let Ok(roster) = Roster::from_bytes(bytes) {
        assert_eq!(roster.to_bytes(), bytes, "one text for one roster");
        assert!(roster.verify(None, &[]).is_err(), "signed by nobody");
    }
}

/// A first roster is good exactly when two or more of its officers signed it, each once.
fn check_signers(roster: &Roster, signers: &[u8], is_forged: bool) {
    let signers: Vec<u64> = signers.iter().take(6).map(|at| u64::from(*at)).collect();
    let sign = |id: u64| -> RosterSignature {
        let at = usize::try_from(id).expect("small") + usize::from(is_forged);
        roster.sign(id, &KEYS.officers[at % KEYS.officers.len()])
    };
    let signatures: Vec<RosterSignature> = signers.iter().map(|id| sign(*id)).collect();
    let mut different = signers.clone();
    different.sort_unstable();
    different.dedup();
    let are_good = different.len() == signers.len()
        && signers.len() >= 2
        && signers.iter().all(|id| roster.officer(*id).is_some())
        && !is_forged;
    assert_eq!(roster.verify(None, &signatures).is_ok(), are_good, "{signers:?}, forged: {is_forged}");
}

fn check_shares(secret: &[u8], officers: &[u8], changes: &[Change]) {
    let ids: Vec<u64> = officers.iter().take(20).map(|id| u64::from(*id)).collect();
    let mut rng = ChaCha20Rng::seed_from_u64(17);
    let Ok(split) = shares::split(secret, &ids, &mut rng) else { return };
    let sets: Vec<Vec<shares::PairShare>> = shares::by_holder(split).into_values().collect();
    let [first, second, ..] = &sets[..] else { panic!("two officers or more") };
    let bytes = shares::to_bytes(first);
    let kept = changed(&bytes, changes);
    let rebuilt = shares::from_bytes(&kept).and_then(|first| shares::rebuild(&first, second));
    if kept == bytes[..] {
        assert!(rebuilt.is_ok_and(|rebuilt| rebuilt[..] == *secret), "any two rebuild the secret");
    } else if let Ok(rebuilt) = rebuilt {
        // The change fell on a share of another pair.
        assert!(rebuilt[..] == *secret, "a wrong secret");
    }
}
