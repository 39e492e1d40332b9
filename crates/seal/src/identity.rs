//! Identity records: who a person is, sealed under the key of the identity epoch, which the running server
//! holds only to add records.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    SealError,
    encode::Writer,
    secret::Secret,
    symmetric::{gcm_siv_open, gcm_siv_seal},
};

/// Plaintexts are padded to a multiple of this many bytes, so that a record's length does not tell how
/// long the name and address in it are.
pub const PADDED_TO: usize = 128;

/// The key of an identity epoch (AES-256-GCM-SIV).
pub struct IdentityKey(Secret);

impl IdentityKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// Takes a key out of its 32 bytes, as unwrapped.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the length is not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Secret::from_slice(bytes, "identity key").map(Self)
    }

    /// The key's bytes, to be wrapped to the authority's register key and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.bytes()
    }

    /// Seals a record, bound to its person and epoch. The nonce is drawn from `rng`.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] when the record is longer than the cipher takes (64 GiB).
    pub fn seal(
        &self,
        epoch_id: i64,
        person_id: u64,
        record: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        gcm_siv_seal(self.0.bytes(), &aad(epoch_id, person_id), &pad(record), rng)
    }

    /// Opens a record of this person and epoch.
    ///
    /// # Errors
    /// [`SealError::CannotOpen`] when it is of another person, epoch or key, or was altered.
    pub fn open(
        &self,
        epoch_id: i64,
        person_id: u64,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut record = gcm_siv_open(self.0.bytes(), &aad(epoch_id, person_id), sealed)?;
        let end = record.iter().rposition(|&byte| byte != 0).filter(|&at| record[at] == PAD_MARK);
        record.truncate(end.ok_or(SealError::Malformed("identity record"))?);
        Ok(record)
    }
}

/// Stands between a record and the zeros that fill it up.
const PAD_MARK: u8 = 0x80;

fn pad(record: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = (record.len() + 1).next_multiple_of(PADDED_TO);
    // Reserved at once: growing would leave unwiped copies behind.
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(record);
    padded.push(PAD_MARK);
    padded.resize(length, 0);
    padded
}

fn aad(epoch_id: i64, person_id: u64) -> Vec<u8> {
    Writer::labelled("vaora identity v1").u64(person_id).i64(epoch_id).done()
}
