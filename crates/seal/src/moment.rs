//! Keys of the moment: from them a place's screens and gates make, offline, the rotating code and the word of
//! the minute, and the server makes the same.
//!
//! A key is of one place and one local day, so that a lost device gives away no more than the days it holds.
//! What it makes is the plain HMAC-SHA-256 of an ASCII text, as WebCrypto makes it too.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{SealError, symmetric::SymmetricKey};

/// Length in bytes of a day's key.
pub const MOMENT_KEY_LEN: usize = 32;

/// The key of one place and one local day.
pub struct MomentKey([u8; MOMENT_KEY_LEN]);

impl MomentKey {
    /// Derives the key of a place (by its id) and a local day (by its number) from a key of the server.
    #[must_use]
    pub fn derive(server: &SymmetricKey, place_id: i64, day: i64) -> Self {
        let mut message = [0; 16];
        message[..8].copy_from_slice(&place_id.to_be_bytes());
        message[8..].copy_from_slice(&day.to_be_bytes());
        Self(server.mac("moment key v1", &message))
    }

    /// The key's bytes, to be handed to an enrolled device, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; MOMENT_KEY_LEN] {
        &self.0
    }

    /// What the word of a minute (minutes since 1970) is chosen by.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] never happens with a key of this length.
    pub fn word_mac(&self, minute: i64) -> Result<[u8; 32], SealError> {
        self.mac(&format!("word {minute}"))
    }

    /// What the rotating code of an area in a step is made from.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] never happens with a key of this length.
    pub fn code_mac(&self, area_id: i64, step: i64) -> Result<[u8; 32], SealError> {
        self.mac(&format!("code {area_id} {step}"))
    }

    fn mac(&self, text: &str) -> Result<[u8; 32], SealError> {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).map_err(|_| SealError::CannotSeal)?;
        mac.update(text.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn keys_differ_by_place_and_day_and_their_macs_by_what_is_asked() {
        let server = SymmetricKey::from_bytes(&[7; 32]).unwrap();
        let key = MomentKey::derive(&server, 1, 2);
        assert_ne!(key.expose(), MomentKey::derive(&server, 2, 2).expose());
        assert_ne!(key.expose(), MomentKey::derive(&server, 1, 3).expose());
        assert_eq!(key.word_mac(5).unwrap(), MomentKey::derive(&server, 1, 2).word_mac(5).unwrap());
        assert_ne!(key.word_mac(5).unwrap(), key.word_mac(6).unwrap());
        assert_ne!(key.code_mac(1, 5).unwrap(), key.code_mac(2, 5).unwrap());
    }

    #[test]
    fn it_is_the_plain_hmac() {
        // Computed with another implementation, Python's hmac.
        let key = MomentKey([0x0b; 32]);
        assert_eq!(data_encoding::HEXLOWER.encode(&key.word_mac(1).unwrap()), PYTHON);
    }

    const PYTHON: &str = "c4c776b558d89fe87cdc31684a060a349635a413c66a420ce1790299d469eb0f";
}
