//! Blind indexes: keyed hashes by which the server finds a person again without being able to read whom.
//!
//! A plain hash would be worthless: a Đắk Lắk card number has about 4·10⁸ candidates.

use hmac::Hmac;
use rand_core::CryptoRng;
use sha2::Sha256;

use crate::{
    SealError,
    secret::{Secret, labelled},
};

/// What a value is; the same digits as a phone and as a card number have unrelated indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// A phone number in its normalised form.
    Phone,
    /// The number of an identity paper (CCCD, CMND, passport).
    IdNumber,
    /// A health insurance (BHYT) number.
    BhytNumber,
    /// The national id of a health declaration (QID).
    Qid,
    /// The random number on one of our own printed cards.
    CardNumber,
    /// Normalised name, birth year and commune together, of a person who showed no number.
    Who,
    /// A person id, as the access log names the subject of an opening.
    Subject,
    /// The phone that a one-time code was sent to.
    Otp,
    /// A network address, for rate limits; never beside a scan.
    Network,
}

impl IndexKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Phone,
        Self::IdNumber,
        Self::BhytNumber,
        Self::Qid,
        Self::CardNumber,
        Self::Who,
        Self::Subject,
        Self::Otp,
        Self::Network,
    ];

    /// The label that keeps kinds apart. Never change one: stored indexes would no longer be found.
    fn label(self) -> &'static str {
        match self {
            Self::Phone => "vaora index phone v1",
            Self::IdNumber => "vaora index id number v1",
            Self::BhytNumber => "vaora index bhyt number v1",
            Self::Qid => "vaora index qid v1",
            Self::CardNumber => "vaora index card number v1",
            Self::Who => "vaora index who v1",
            Self::Subject => "vaora index subject v1",
            Self::Otp => "vaora index otp v1",
            Self::Network => "vaora index network v1",
        }
    }
}

/// The index of a value: the first 16 bytes of its HMAC-SHA-256. Equal values of a kind have equal ones.
///
/// Without `Debug`, so that none reaches a log, where it would link lines to a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlindIndex([u8; 16]);

impl BlindIndex {
    /// Reads a stored index.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The key of all blind indexes (`K_index`), kept in the key file.
pub struct IndexKey {
    secret: Secret,
    /// Several indexes are made of every scan: the key is taken in once. Wiped when dropped.
    keyed: Box<Hmac<Sha256>>,
}

impl IndexKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::of(Secret::generate(rng))
    }

    /// Takes a key out of its 32 bytes.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the length is not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Secret::from_slice(bytes, "index key").map(Self::of)
    }

    fn of(secret: Secret) -> Self {
        let keyed = Box::new(secret.keyed());
        Self { secret, keyed }
    }

    /// The key's bytes, to be kept in the key file and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.secret.bytes()
    }

    /// The index of a value that the caller has normalised.
    #[must_use]
    pub fn index(&self, kind: IndexKind, value: &[u8]) -> BlindIndex {
        let mac = labelled((*self.keyed).clone(), kind.label(), value);
        let mut first = [0; 16];
        first.copy_from_slice(&mac[..16]);
        BlindIndex(first)
    }
}
