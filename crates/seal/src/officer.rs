//! An officer's keys: one pair to receive shares, one to sign, both under a passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::HEXLOWER;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{
    SealError,
    encode::{Reader, Writer},
    sign::{SigningKey, VERIFY_KEY_LEN, VerifyKey},
    symmetric::{gcm_siv_open, gcm_siv_seal},
    wrap::{KeyPair, PUBLIC_KEY_LEN, PublicKey},
};

/// The fewest characters of a passphrase, counted after Unicode composition (NFC).
pub const PASSPHRASE_CHARS_MIN: usize = 12;

/// Length in bytes of an officer's public half.
pub const OFFICER_PUBLIC_LEN: usize = PUBLIC_KEY_LEN + VERIFY_KEY_LEN;

const BLOB_LABEL: &str = "vaora officer key v1";
const SALT_LEN: usize = 16;

/// What Argon2id may cost. Stored with the protected key, so that it can be raised later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassphraseCost {
    /// Memory in KiB, at most 262,144 (256 MiB), so that an altered blob can't exhaust the machine.
    pub memory_kib: u32,
    /// Passes over the memory, at most 16.
    pub passes: u32,
    /// Lanes, at most 4.
    pub lanes: u32,
}

impl Default for PassphraseCost {
    /// 64 MiB, 3 passes, 1 lane: above OWASP's least for Argon2id (19 MiB, 2, 1), as it runs seldom.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }
}

impl PassphraseCost {
    fn params(self) -> Result<Params, SealError> {
        if self.memory_kib > 256 * 1024 || self.passes > 16 || self.lanes > 4 {
            return Err(SealError::BadCost);
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| SealError::BadCost)
    }
}

/// Both private keys of an officer.
pub struct OfficerKey {
    /// Receives shares and case keys.
    pub receive: KeyPair,
    /// Signs rosters, approvals and releases.
    pub sign: SigningKey,
}

impl OfficerKey {
    /// Makes a new officer's keys.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self { receive: KeyPair::generate(rng), sign: SigningKey::generate(rng) }
    }

    /// The half that others need.
    #[must_use]
    pub fn public(&self) -> OfficerPublic {
        OfficerPublic { receive: self.receive.public.clone(), verify: self.sign.verify_key() }
    }

    /// Protects the keys under a passphrase: Argon2id, then AES-256-GCM-SIV. Salt and nonce are drawn from
    /// `rng`. Takes a noticeable time by design: call it off the request path.
    ///
    /// # Errors
    /// [`SealError::PassphraseTooShort`], [`SealError::BadCost`].
    pub fn protect(
        &self,
        passphrase: &str,
        cost: PassphraseCost,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let passphrase = composed(passphrase);
        let found = passphrase.chars().count();
        if found < PASSPHRASE_CHARS_MIN {
            return Err(SealError::PassphraseTooShort { found, needed: PASSPHRASE_CHARS_MIN });
        }
        let mut salt = [0; SALT_LEN];
        rng.fill_bytes(&mut salt);
        let header = Writer::labelled(BLOB_LABEL)
            .u32(cost.memory_kib)
            .u32(cost.passes)
            .u32(cost.lanes)
            .raw(&salt)
            .done();
        let mut keys = Zeroizing::new([0; 64]);
        keys[..32].copy_from_slice(&self.receive.private.expose()[..]);
        keys[32..].copy_from_slice(&self.sign.expose()[..]);
        let sealed = gcm_siv_seal(&*stretched(&passphrase, &salt, cost)?, &header, &keys[..], rng)?;
        Ok([header, sealed].concat())
    }

    /// Opens what [`OfficerKey::protect`] made. Takes a noticeable time by design.
    ///
    /// # Errors
    /// [`SealError::WrongPassphrase`] (also when the blob was altered), [`SealError::Malformed`] when it is
    /// no such blob, [`SealError::BadCost`] when its cost is out of range.
    pub fn unlock(blob: &[u8], passphrase: &str) -> Result<Self, SealError> {
        let (cost, salt, sealed) = read_blob(blob).ok_or(SealError::Malformed("protected officer key"))?;
        let header = &blob[..blob.len() - sealed.len()];
        let key = stretched(&composed(passphrase), &salt, cost)?;
        let keys = gcm_siv_open(&key, header, sealed).map_err(|_| SealError::WrongPassphrase)?;
        let (receive, sign) =
            keys.split_at_checked(32).ok_or(SealError::Malformed("protected officer key"))?;
        Ok(Self { receive: KeyPair::from_private_bytes(receive)?, sign: SigningKey::from_bytes(sign)? })
    }
}

fn read_blob(blob: &[u8]) -> Option<(PassphraseCost, [u8; SALT_LEN], &[u8])> {
    let mut reader = Reader::new(blob);
    reader.label(BLOB_LABEL)?;
    let cost = PassphraseCost { memory_kib: reader.u32()?, passes: reader.u32()?, lanes: reader.u32()? };
    Some((cost, reader.array()?, reader.rest()))
}

/// The passphrase composed to NFC: keyboards for Vietnamese differ in whether they compose.
fn composed(passphrase: &str) -> Zeroizing<String> {
    // Composition never makes UTF-8 more than three times as long; reserved so that growing leaves no copy.
    let mut text = Zeroizing::new(String::with_capacity(passphrase.len() * 3));
    text.extend(passphrase.nfc());
    text
}

fn stretched(
    passphrase: &str,
    salt: &[u8; SALT_LEN],
    cost: PassphraseCost,
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
    let mut key = Zeroizing::new([0; 32]);
    argon2.hash_password_into(passphrase.as_bytes(), salt, &mut key[..]).map_err(|_| SealError::BadCost)?;
    Ok(key)
}

/// The public half of an officer's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerPublic {
    /// What shares are wrapped to.
    pub receive: PublicKey,
    /// What the officer's signatures are checked with.
    pub verify: VerifyKey,
}

impl OfficerPublic {
    /// Reads what [`OfficerPublic::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the length is another or a half is not a point of the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() != OFFICER_PUBLIC_LEN {
            return Err(SealError::BadKey("officer's public key"));
        }
        let (receive, verify) = bytes.split_at(PUBLIC_KEY_LEN);
        Ok(Self { receive: PublicKey::from_bytes(receive)?, verify: VerifyKey::from_bytes(verify)? })
    }

    /// Both keys, uncompressed, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; OFFICER_PUBLIC_LEN] {
        let mut bytes = [0; OFFICER_PUBLIC_LEN];
        bytes[..PUBLIC_KEY_LEN].copy_from_slice(&self.receive.to_bytes());
        bytes[PUBLIC_KEY_LEN..].copy_from_slice(&self.verify.to_bytes());
        bytes
    }

    /// Sixteen hexadecimal digits in fours, to compare by voice before an officer is put on the roster.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::digest(self.to_bytes());
        let groups: Vec<String> = hash[..8].chunks(2).map(|two| HEXLOWER.encode(two)).collect();
        groups.join(" ")
    }
}
