//! The roster: who the key officers are, each version signed by two officers of the one before.
//!
//! A version names the hash of the one before, so that versions can't be swapped, skipped or forked.

use data_encoding::HEXLOWER;
use domain::time::Millis;
use sha2::{Digest, Sha256};

use crate::{
    encode::{Reader, Writer},
    officer::{OFFICER_PUBLIC_LEN, OfficerKey, OfficerPublic},
    shares::{OFFICERS_MAX, OFFICERS_MIN},
    sign::Signature,
};

const ROSTER_LABEL: &str = "vaora roster v1";

/// How many different officers must sign a roster.
pub const SIGNERS_NEEDED: usize = 2;

/// Why a roster is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// A roster has 2 to 16 officers.
    #[error("{0} officers; a roster has 2 to 16")]
    OfficerCount(usize),
    /// An officer stands twice on the roster.
    #[error("officer {0} stands twice on the roster")]
    OfficerTwice(u64),
    /// Two officers have a key in common, and so one person could sign as both.
    #[error("officer {0} has a key of another officer")]
    KeyTwice(u64),
    /// The bytes are not a roster.
    #[error("not a well-formed roster")]
    Malformed,
    /// The roster's version does not follow the previous one's (the first is 1).
    #[error("roster version {found}; expected {expected}")]
    Version {
        /// The version that has to come.
        expected: u32,
        /// The version that came.
        found: u32,
    },
    /// The roster follows another roster than the previous one.
    #[error("the roster does not follow the previous one")]
    OtherPrevious,
    /// A signer is not an officer of the previous roster (of the roster itself for the first).
    #[error("signer {0} is not among the officers who may sign")]
    UnknownSigner(u64),
    /// An officer signed twice; two different officers are needed.
    #[error("officer {0} signed twice")]
    SignerTwice(u64),
    /// A signature does not fit the roster and its signer.
    #[error("the signature of officer {0} does not fit")]
    BadSignature(u64),
    /// Fewer than two officers signed.
    #[error("{0} signatures; two officers must sign")]
    TooFewSigners(usize),
}

/// One officer of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterOfficer {
    /// The officer's id.
    pub id: u64,
    /// The officer's public keys.
    pub public: OfficerPublic,
}

/// An officer's signature of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterSignature {
    /// Who signed.
    pub officer_id: u64,
    /// Over the roster's canonical bytes.
    pub signature: Signature,
}

/// A version of the roster. Fields are read through methods, as only valid rosters exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    version: u32,
    made_at: Millis,
    previous: Option<[u8; 32]>,
    officers: Vec<RosterOfficer>,
}

impl Roster {
    /// The first roster, version 1.
    ///
    /// # Errors
    /// [`RosterError::OfficerCount`], [`RosterError::OfficerTwice`], [`RosterError::KeyTwice`].
    pub fn first(officers: Vec<RosterOfficer>, made_at: Millis) -> Result<Self, RosterError> {
        Self::of(1, made_at, None, officers)
    }

    /// The roster that is to follow this one.
    ///
    /// # Errors
    /// As [`Roster::first`].
    pub fn next(&self, officers: Vec<RosterOfficer>, made_at: Millis) -> Result<Self, RosterError> {
        Self::of(self.version.saturating_add(1), made_at, Some(self.hash()), officers)
    }

    fn of(
        version: u32,
        made_at: Millis,
        previous: Option<[u8; 32]>,
        mut officers: Vec<RosterOfficer>,
    ) -> Result<Self, RosterError> {
        if !(OFFICERS_MIN..=OFFICERS_MAX).contains(&officers.len()) {
            return Err(RosterError::OfficerCount(officers.len()));
        }
        officers.sort_by_key(|officer| officer.id);
        for (at, officer) in officers.iter().enumerate() {
            for other in &officers[..at] {
                if other.id == officer.id {
                    return Err(RosterError::OfficerTwice(officer.id));
                }
                if shares_a_key(&other.public, &officer.public) {
                    return Err(RosterError::KeyTwice(officer.id));
                }
            }
        }
        Ok(Self { version, made_at, previous, officers })
    }

    /// The version, from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// When this version was made.
    #[must_use]
    pub fn made_at(&self) -> Millis {
        self.made_at
    }

    /// The officers by ascending id.
    #[must_use]
    pub fn officers(&self) -> &[RosterOfficer] {
        &self.officers
    }

    /// An officer's public keys.
    #[must_use]
    pub fn officer(&self, id: u64) -> Option<&OfficerPublic> {
        self.officers.iter().find(|officer| officer.id == id).map(|officer| &officer.public)
    }

    /// The canonical bytes: what is stored, hashed and signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::labelled(ROSTER_LABEL).u32(self.version).i64(self.made_at);
        writer = match &self.previous {
            Some(hash) => writer.u8(1).raw(hash),
            None => writer.u8(0),
        };
        writer = writer.u64(self.officers.len() as u64);
        for officer in &self.officers {
            writer = writer.u64(officer.id).raw(&officer.public.to_bytes());
        }
        writer.done()
    }

    /// Reads what [`Roster::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`RosterError::Malformed`], or as [`Roster::first`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RosterError> {
        let (version, made_at, previous, officers) = parse(bytes).ok_or(RosterError::Malformed)?;
        let roster = Self::of(version, made_at, previous, officers)?;
        // Only the canonical bytes are taken, so that a roster has one hash.
        if roster.to_bytes() == bytes { Ok(roster) } else { Err(RosterError::Malformed) }
    }

    /// SHA-256 of the canonical bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// The hash in hexadecimal, to compare on paper.
    #[must_use]
    pub fn hash_text(&self) -> String {
        HEXLOWER.encode(&self.hash())
    }

    /// Signs the roster as an officer.
    #[must_use]
    pub fn sign(&self, officer_id: u64, key: &OfficerKey) -> RosterSignature {
        RosterSignature { officer_id, signature: key.sign.sign(ROSTER_LABEL, &self.to_bytes()) }
    }

    /// Checks that this roster follows `previous` (`None` for the first) and that two different officers
    /// of the previous roster (of itself for the first) signed it. Every signature given must be good.
    ///
    /// # Errors
    /// The [`RosterError`] that says what does not fit.
    pub fn verify(&self, previous: Option<&Self>, signatures: &[RosterSignature]) -> Result<(), RosterError> {
        let expected = previous.map_or(1, |roster| roster.version.saturating_add(1));
        if self.version != expected {
            return Err(RosterError::Version { expected, found: self.version });
        }
        if self.previous != previous.map(Self::hash) {
            return Err(RosterError::OtherPrevious);
        }
        let bytes = self.to_bytes();
        let signers = previous.unwrap_or(self);
        for (at, signed) in signatures.iter().enumerate() {
            let id = signed.officer_id;
            if signatures[..at].iter().any(|other| other.officer_id == id) {
                return Err(RosterError::SignerTwice(id));
            }
            let public = signers.officer(id).ok_or(RosterError::UnknownSigner(id))?;
            let verified = public.verify.verify(ROSTER_LABEL, &bytes, &signed.signature);
            verified.map_err(|_| RosterError::BadSignature(id))?;
        }
        if signatures.len() < SIGNERS_NEEDED {
            return Err(RosterError::TooFewSigners(signatures.len()));
        }
        Ok(())
    }
}

fn shares_a_key(a: &OfficerPublic, b: &OfficerPublic) -> bool {
    let keys = [a.receive.to_bytes(), a.verify.to_bytes()];
    keys.contains(&b.receive.to_bytes()) || keys.contains(&b.verify.to_bytes())
}

type Parts = (u32, Millis, Option<[u8; 32]>, Vec<RosterOfficer>);

fn parse(bytes: &[u8]) -> Option<Parts> {
    let mut reader = Reader::new(bytes);
    reader.label(ROSTER_LABEL)?;
    let version = reader.u32()?;
    let made_at = reader.i64()?;
    let previous = match reader.u8()? {
        0 => None,
        1 => Some(reader.array()?),
        _ => return None,
    };
    let count = usize::try_from(reader.u64()?).ok().filter(|&count| count <= OFFICERS_MAX)?;
    let mut officers = Vec::with_capacity(count);
    for _ in 0..count {
        let id = reader.u64()?;
        let public = OfficerPublic::from_bytes(reader.raw(OFFICER_PUBLIC_LEN)?).ok()?;
        officers.push(RosterOfficer { id, public });
    }
    reader.end()?;
    Some((version, made_at, previous, officers))
}
