//! The access log: a hash chain in which every later change shows.
//!
//! Each entry holds the hash of the one before. The head of each day is signed and printed in the weekly
//! report; it anchors the chain outside the system, and shows when the tail was cut off.

use std::{collections::BTreeMap, fmt};

use data_encoding::HEXLOWER;
use domain::time::Millis;
use sha2::{Digest, Sha256};

use crate::{
    SealError,
    encode::Writer,
    sign::{Signature, SigningKey, VerifyKey},
};

const ENTRY_LABEL: &str = "vaora access log entry v1";
const GENESIS_LABEL: &str = "vaora access log genesis v1";
const HEAD_LABEL: &str = "vaora access log head v1";

/// What is recorded about one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it was done.
    pub at: Millis,
    /// Who did it: an account, a device, or the server itself.
    pub actor: String,
    /// What was done, such as `open` or `export`.
    pub action: String,
    /// The case it was done under.
    pub case_id: Option<i64>,
    /// The purpose, from the closed list.
    pub purpose: String,
    /// The exact scope; persons as subject indexes, never as ids.
    pub scope: String,
    /// How many rows or persons it touched.
    pub count: i64,
    /// The ids of the keys it used.
    pub key_ids: String,
}

/// An entry of the log, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log, from 1, without gaps.
    pub seq: u64,
    /// The hash of the entry before; of the install for the first.
    pub prev: [u8; 32],
    /// What is recorded.
    pub record: Record,
    /// [`Entry::computed_hash`] when the entry was made.
    pub hash: [u8; 32],
}

impl Entry {
    /// The entry that follows a head.
    #[must_use]
    pub fn next(head: &Head, record: Record) -> Self {
        let mut entry = Self { seq: head.seq.saturating_add(1), prev: head.hash, record, hash: [0; 32] };
        entry.hash = entry.computed_hash();
        entry
    }

    /// SHA-256 over all that the entry holds, in an unambiguous layout.
    #[must_use]
    pub fn computed_hash(&self) -> [u8; 32] {
        let record = &self.record;
        let mut writer = Writer::labelled(ENTRY_LABEL).u64(self.seq).raw(&self.prev).i64(record.at);
        writer = writer.bytes(record.actor.as_bytes()).bytes(record.action.as_bytes());
        writer = match record.case_id {
            Some(id) => writer.u8(1).i64(id),
            None => writer.u8(0),
        };
        let bytes = writer
            .bytes(record.purpose.as_bytes())
            .bytes(record.scope.as_bytes())
            .i64(record.count)
            .bytes(record.key_ids.as_bytes())
            .done();
        Sha256::digest(bytes).into()
    }

    /// The head of a log that ends with this entry.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }
}

/// Where a log ends: the last entry's place and hash. Displayed as `seq:hash`, for the printed report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Place of the last entry; 0 for an empty log.
    pub seq: u64,
    /// Hash of the last entry.
    pub hash: [u8; 32],
}

impl Head {
    /// The head of the empty log of an installation, so that another's log can't stand in for it.
    #[must_use]
    pub fn genesis(install_id: &[u8; 16]) -> Self {
        let hash = Sha256::digest(Writer::labelled(GENESIS_LABEL).raw(install_id).done()).into();
        Self { seq: 0, hash }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, HEXLOWER.encode(&self.hash))
    }
}

/// A day's head with the log key's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedHead {
    /// The local day at whose end the log ended so, in days since 1970-01-01.
    pub day: i64,
    /// Where the log ended.
    pub head: Head,
    /// Over day and head.
    pub signature: Signature,
}

/// Signs the head of a local day (days since 1970-01-01).
#[must_use]
pub fn sign_head(key: &SigningKey, day: i64, head: &Head) -> SignedHead {
    SignedHead { day, head: *head, signature: key.sign(HEAD_LABEL, &head_bytes(day, head)) }
}

/// Checks a signed head.
///
/// # Errors
/// [`SealError::BadSignature`] when the log key did not sign this day and head.
pub fn verify_head(key: &VerifyKey, signed: &SignedHead) -> Result<(), SealError> {
    key.verify(HEAD_LABEL, &head_bytes(signed.day, &signed.head), &signed.signature)
}

fn head_bytes(day: i64, head: &Head) -> Vec<u8> {
    Writer::default().i64(day).u64(head.seq).raw(&head.hash).done()
}

/// Why an entry is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadReason {
    /// Another entry stands in this place: entries are missing, repeated or out of order.
    #[error("entry {found} stands in its place")]
    Gap {
        /// The entry found there.
        found: u64,
    },
    /// It does not follow from the entry before: either was replaced.
    #[error("it does not follow from the entry before")]
    BrokenLink,
    /// Its content is not what its hash was made of.
    #[error("its content was changed")]
    ChangedContent,
    /// A signed head names another entry in this place: it, or all up to it, was replaced.
    #[error("the signed head of day {day} names another entry")]
    OtherThanSigned {
        /// The day of the signed head.
        day: i64,
    },
    /// The log ends before it, though a signed head names it: the tail was cut off.
    #[error("it is missing, though the signed head of day {day} reaches to entry {signed_seq}")]
    CutOff {
        /// The day of the signed head.
        day: i64,
        /// The last entry that the signed head covers.
        signed_seq: u64,
    },
    /// The signed head that names it was not signed by the log key.
    #[error("the signature of the head of day {day} does not fit")]
    BadHead {
        /// The day of the head.
        day: i64,
    },
}

/// The first bad entry of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("access log entry {seq} is bad: {why}")]
pub struct BadEntry {
    /// Its place in the log.
    pub seq: u64,
    /// What is wrong with it.
    pub why: BadReason,
}

/// Checks a log entry by entry, so that it needn't be held in memory.
pub struct Verifier {
    head: Head,
    signed: BTreeMap<u64, Vec<SignedHead>>,
}

impl Verifier {
    /// Begins after a trusted head: [`Head::genesis`] for the whole log.
    #[must_use]
    pub fn new(start: Head) -> Self {
        Self { head: start, signed: BTreeMap::new() }
    }

    /// Begins after a trusted head and also holds the log against signed heads, in any order. Heads of
    /// places before the start are checked for their signature only.
    ///
    /// # Errors
    /// [`BadReason::BadHead`] when one was not signed by the log key, [`BadReason::OtherThanSigned`] when
    /// one names the start otherwise.
    pub fn against(start: Head, heads: &[SignedHead], key: &VerifyKey) -> Result<Self, BadEntry> {
        let mut verifier = Self::new(start);
        for signed in heads {
            let day = signed.day;
            let bad = |why| BadEntry { seq: signed.head.seq, why };
            verify_head(key, signed).map_err(|_| bad(BadReason::BadHead { day }))?;
            if signed.head.seq > start.seq {
                verifier.signed.entry(signed.head.seq).or_default().push(*signed);
            } else if signed.head.seq == start.seq && signed.head.hash != start.hash {
                return Err(bad(BadReason::OtherThanSigned { day }));
            }
        }
        Ok(verifier)
    }

    /// Checks the next entry.
    ///
    /// # Errors
    /// The entry, when it is bad. Nothing after it should then be trusted.
    pub fn push(&mut self, entry: &Entry) -> Result<(), BadEntry> {
        let seq = self.head.seq.saturating_add(1);
        let bad = |why| Err(BadEntry { seq, why });
        if entry.seq != seq {
            return bad(BadReason::Gap { found: entry.seq });
        }
        if entry.prev != self.head.hash {
            return bad(BadReason::BrokenLink);
        }
        if entry.hash != entry.computed_hash() {
            return bad(BadReason::ChangedContent);
        }
        let other = self.signed.get(&seq).and_then(|all| all.iter().find(|s| s.head.hash != entry.hash));
        if let Some(signed) = other {
            return bad(BadReason::OtherThanSigned { day: signed.day });
        }
        self.head = entry.head();
        Ok(())
    }

    /// Ends the check and gives the log's head.
    ///
    /// # Errors
    /// [`BadReason::CutOff`] when a signed head reaches beyond the last entry.
    pub fn finish(self) -> Result<Head, BadEntry> {
        let beyond = self.signed.range(self.head.seq.saturating_add(1)..).next_back();
        match beyond.and_then(|(_, heads)| heads.first()) {
            Some(SignedHead { day, head, .. }) => Err(BadEntry {
                seq: self.head.seq.saturating_add(1),
                why: BadReason::CutOff { day: *day, signed_seq: head.seq },
            }),
            None => Ok(self.head),
        }
    }
}

/// Checks entries in order after a trusted head, and gives the log's head.
///
/// # Errors
/// The first bad entry.
pub fn verify<'a>(start: Head, entries: impl IntoIterator<Item = &'a Entry>) -> Result<Head, BadEntry> {
    let mut verifier = Verifier::new(start);
    entries.into_iter().try_for_each(|entry| verifier.push(entry))?;
    verifier.finish()
}
