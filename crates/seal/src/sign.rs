//! Signatures: ECDSA over P-256 with SHA-256, deterministic (RFC 6979), 64 bytes `r ‖ s`, as WebCrypto
//! verifies them.
//!
//! What is signed is the purpose, a zero byte and the message, so that a signature made for one purpose
//! can't be passed off for another.

use p256::{
    ecdsa::{
        self,
        signature::{Signer as _, Verifier as _},
    },
    elliptic_curve::Generate as _,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::SealError;

/// Length in bytes of a verifying key in uncompressed form (SEC 1).
pub const VERIFY_KEY_LEN: usize = 65;

/// A signature, `r ‖ s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Takes a signature as stored; whether it fits is for [`VerifyKey::verify`] to say.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// A signing key. Wiped when dropped.
pub struct SigningKey(Box<ecdsa::SigningKey>);

impl SigningKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Box::new(ecdsa::SigningKey::generate_from_rng(rng)))
    }

    /// Reads a key from its 32 bytes.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the bytes are not a number of the curve's group.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let bad = SealError::BadKey("P-256 signing key");
        // The underlying reader would also take fewer bytes.
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| bad)?;
        ecdsa::SigningKey::from_bytes(bytes.into()).map(|key| Self(Box::new(key))).map_err(|_| bad)
    }

    /// The key's 32 bytes, to be kept in the key file or under a passphrase, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The half that verifies.
    #[must_use]
    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(*self.0.verifying_key())
    }

    /// Signs a message for a purpose (text without zero bytes).
    #[must_use]
    pub fn sign(&self, purpose: &str, message: &[u8]) -> Signature {
        let signature: ecdsa::Signature = self.0.sign(&signed_bytes(purpose, message));
        Signature(signature.to_bytes().into())
    }
}

/// The public half of a [`SigningKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyKey(ecdsa::VerifyingKey);

impl VerifyKey {
    /// Reads a key, uncompressed (65 bytes) or compressed (33 bytes).
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the bytes are not a point of the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let key = ecdsa::VerifyingKey::from_sec1_bytes(bytes);
        key.map(Self).map_err(|_| SealError::BadKey("P-256 verifying key"))
    }

    /// The uncompressed form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; VERIFY_KEY_LEN] {
        let mut bytes = [0; VERIFY_KEY_LEN];
        bytes.copy_from_slice(self.0.to_sec1_point(false).as_bytes());
        bytes
    }

    /// Checks that the message was signed for this purpose with the key's other half.
    ///
    /// # Errors
    /// [`SealError::BadSignature`] when it was not.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &Signature) -> Result<(), SealError> {
        let parsed =
            ecdsa::Signature::from_slice(signature.as_bytes()).map_err(|_| SealError::BadSignature)?;
        self.0.verify(&signed_bytes(purpose, message), &parsed).map_err(|_| SealError::BadSignature)
    }
}

fn signed_bytes(purpose: &str, message: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], message].concat()
}
