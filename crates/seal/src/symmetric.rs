//! Symmetric keys for what must be read again by whoever sealed it: AES-256-GCM-SIV (RFC 8452), which
//! stays safe even if a nonce should repeat.
//!
//! A sealed message is the nonce (12 bytes), the ciphertext and the tag (16 bytes).

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit,
    aead::{Aead, Payload},
};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{SealError, encode::Writer, secret::Secret};

/// Length in bytes of the nonce at the front of a sealed message.
const NONCE_LEN: usize = 12;

/// A key for several uses, each of which gets a subkey of its own by its label.
pub struct SymmetricKey(Secret);

impl SymmetricKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// Takes a key out of its 32 bytes.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the length is not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Secret::from_slice(bytes, "symmetric key").map(Self)
    }

    /// The key's bytes, to be kept in the key file or sealed under another key, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.bytes()
    }

    /// Seals a plaintext under the label's subkey. `aad` binds it to where it is kept, such as a row's id.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] when the plaintext is longer than the cipher takes (64 GiB).
    pub fn seal(
        &self,
        label: &str,
        aad: &[u8],
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        gcm_siv_seal(&self.subkey("seal", label), aad, plaintext, rng)
    }

    /// Opens what [`SymmetricKey::seal`] sealed under the same label and `aad`.
    ///
    /// # Errors
    /// [`SealError::CannotOpen`] when the key, label or place is another one, or the bytes were altered.
    pub fn open(&self, label: &str, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        gcm_siv_open(&self.subkey("seal", label), aad, sealed)
    }

    /// A keyed hash (HMAC-SHA-256) of a message under the label's subkey: for what is only ever compared,
    /// such as session tokens and one-time codes.
    #[must_use]
    pub fn mac(&self, label: &str, message: &[u8]) -> [u8; 32] {
        *self.mac_key(label).hmac("", message)
    }

    /// Whether `mac` is the keyed hash of the message; takes the same time wherever they differ.
    #[must_use]
    pub fn mac_is(&self, label: &str, message: &[u8], mac: &[u8]) -> bool {
        self.mac(label, message).ct_eq(mac).into()
    }

    fn subkey(&self, usage: &str, label: &str) -> Zeroizing<[u8; 32]> {
        self.0.hmac("vaora subkey v1", &Writer::labelled(usage).raw(label.as_bytes()).done())
    }

    fn mac_key(&self, label: &str) -> Secret {
        Secret::copy(&self.subkey("mac", label))
    }
}

/// The key of a case: what the case keeps is sealed under it and ends with it.
pub struct CaseKey(SymmetricKey);

impl CaseKey {
    /// Makes the key of a new case.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SymmetricKey::generate(rng))
    }

    /// Takes a key out of its 32 bytes.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the length is not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        SymmetricKey::from_bytes(bytes).map(Self)
    }

    /// The key's bytes, to be sealed under the server's key for the case's row, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Seals a record of the case. `record` names what it is and which, such as `contact/17`.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] when the plaintext is longer than the cipher takes (64 GiB).
    pub fn seal(
        &self,
        case_id: i64,
        record: &str,
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        self.0.seal("case", &case_aad(case_id, record), plaintext, rng)
    }

    /// Opens a record of the case.
    ///
    /// # Errors
    /// [`SealError::CannotOpen`] when it is of another case or record, or was altered.
    pub fn open(&self, case_id: i64, record: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.0.open("case", &case_aad(case_id, record), sealed)
    }
}

fn case_aad(case_id: i64, record: &str) -> Vec<u8> {
    Writer::default().i64(case_id).bytes(record.as_bytes()).done()
}

/// Seals under a key and a random nonce: nonce, ciphertext, tag.
pub(crate) fn gcm_siv_seal(
    key: &[u8; 32],
    aad: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0u8; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    let ciphertext = Aes256GcmSiv::new(key.into())
        .encrypt(&nonce.into(), Payload { msg: plaintext, aad })
        .map_err(|_| SealError::CannotSeal)?;
    let mut sealed = nonce.to_vec();
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Opens what [`gcm_siv_seal`] sealed.
pub(crate) fn gcm_siv_open(
    key: &[u8; 32],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::CannotOpen)?;
    Aes256GcmSiv::new(key.into())
        .decrypt(&(*nonce).into(), Payload { msg: ciphertext, aad })
        .map(Zeroizing::new)
        .map_err(|_| SealError::CannotOpen)
}
