//! Secret bytes: wiped when dropped, without `Debug` or `Clone`.

use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::SealError;

/// A 32-byte secret on the heap, so that moving its owner leaves no copy behind.
pub(crate) struct Secret(Box<Zeroizing<[u8; 32]>>);

impl Secret {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Self(Box::new(Zeroizing::new([0; 32])));
        rng.fill_bytes(&mut secret.0[..]);
        secret
    }

    /// Copies 32 bytes; `what` names the key in the error when the length is another.
    pub(crate) fn from_slice(bytes: &[u8], what: &'static str) -> Result<Self, SealError> {
        let mut secret = Self(Box::new(Zeroizing::new([0; 32])));
        if bytes.len() != secret.0.len() {
            return Err(SealError::BadKey(what));
        }
        secret.0.copy_from_slice(bytes);
        Ok(secret)
    }

    pub(crate) fn copy(bytes: &[u8; 32]) -> Self {
        let mut secret = Self(Box::new(Zeroizing::new([0; 32])));
        secret.0.copy_from_slice(bytes);
        secret
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 under this secret of a label and a message, see [`labelled`].
    pub(crate) fn hmac(&self, label: &str, message: &[u8]) -> Zeroizing<[u8; 32]> {
        labelled(self.keyed(), label, message)
    }

    /// HMAC-SHA-256 that has taken this secret in: half of what a short message costs.
    pub(crate) fn keyed(&self) -> Hmac<Sha256> {
        // HMAC pads a short key with zeros to one block (RFC 2104); padding here keeps this infallible.
        let mut block = Zeroizing::new([0u8; 64]);
        block[..32].copy_from_slice(self.bytes());
        <Hmac<Sha256> as KeyInit>::new((&*block).into())
    }
}

/// The keyed hash of a label and a message. The label's length stands before it, so that no label and message
/// run together into another label's.
pub(crate) fn labelled(mut mac: Hmac<Sha256>, label: &str, message: &[u8]) -> Zeroizing<[u8; 32]> {
    mac.update(&(label.len() as u64).to_be_bytes());
    mac.update(label.as_bytes());
    mac.update(message);
    Zeroizing::new(mac.finalize().into_bytes().into())
}
