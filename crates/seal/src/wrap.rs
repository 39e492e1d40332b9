//! Wrapping: HPKE base mode (RFC 9180) with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, as
//! browsers can do it too.
//!
//! A wrapped message is the encapsulated key (65 bytes) followed by the ciphertext with its tag (16 bytes
//! longer than the plaintext). `info` carries the [`purpose`], so that a message wrapped for one use can't
//! be passed off for another.

use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256,
    kem::DhP256HkdfSha256,
};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::SealError;

/// How two halves agree on a key.
pub(crate) type Kem = DhP256HkdfSha256;

/// Length in bytes of a public key in uncompressed form (SEC 1).
pub const PUBLIC_KEY_LEN: usize = 65;

/// What a wrapped message is longer than its plaintext, in bytes.
pub const WRAP_OVERHEAD: usize = PUBLIC_KEY_LEN + 16;

/// What messages are wrapped for; each is an `info` of its own.
pub mod purpose {
    /// A movement epoch key, to the authority's movement key of the month.
    pub const MOVEMENT_EPOCH: &[u8] = b"vaora movement epoch v1";
    /// An identity epoch key, to the authority's register key.
    pub const IDENTITY_EPOCH: &[u8] = b"vaora identity epoch v1";
    /// An officer's shares of a private half, to the officer.
    pub const SHARE: &[u8] = b"vaora share v1";
    /// An officer's shares released for one opening, to the server.
    pub const RELEASE: &[u8] = b"vaora release v1";
    /// A scan of a gate device's queue, wrapped by itself, to the server.
    pub const INGEST: &[u8] = b"vaora ingest v1";
    /// A gate device's sitting, from which the key of its scans is exported, to the server.
    pub const SITTING: &[u8] = b"vaora sitting v1";
}

/// The public half: whoever has it can wrap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(pub(crate) <Kem as hpke::Kem>::PublicKey);

impl PublicKey {
    /// Reads a public key, uncompressed (65 bytes) or compressed (33 bytes).
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the bytes are not a point of the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let bad = SealError::BadKey("P-256 public key");
        let point = p256::PublicKey::from_sec1_bytes(bytes).map_err(|_| bad)?.to_sec1_point(false);
        Deserializable::from_bytes(point.as_bytes()).map(Self).map_err(|_| bad)
    }

    /// The uncompressed form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_LEN] {
        self.0.to_bytes().into()
    }
}

/// The private half: whoever has it can unwrap. Wiped when dropped.
pub struct PrivateKey(pub(crate) Box<<Kem as hpke::Kem>::PrivateKey>);

impl PrivateKey {
    /// Reads a private key from its 32 bytes, as rebuilt from shares.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the bytes are not a number of the curve's group.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let key = Deserializable::from_bytes(bytes).map_err(|_| SealError::BadKey("P-256 private key"))?;
        Ok(Self(Box::new(key)))
    }

    /// The key's 32 bytes, to be split among officers or protected by a passphrase, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.0.write_exact(bytes.as_mut());
        bytes
    }

    /// The public half of this key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(Kem::sk_to_pk(&self.0))
    }
}

/// Both halves.
pub struct KeyPair {
    /// The half that wraps.
    pub public: PublicKey,
    /// The half that unwraps.
    pub private: PrivateKey,
}

impl KeyPair {
    /// Makes a new pair.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let (private, public) = Kem::gen_keypair_with_rng(rng);
        Self { public: PublicKey(public), private: PrivateKey(Box::new(private)) }
    }

    /// Reads a pair from the 32 bytes of its private half.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the bytes are not a number of the curve's group.
    pub fn from_private_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let private = PrivateKey::from_bytes(bytes)?;
        Ok(Self { public: private.public(), private })
    }
}

/// Wraps a plaintext to a public key. `info` is its [`purpose`]; `aad` binds it to where it is kept.
///
/// # Errors
/// [`SealError::CannotSeal`] when the plaintext is longer than the cipher takes (64 GiB).
pub fn wrap(
    to: &PublicKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let (encapped, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &to.0,
        info,
        plaintext,
        aad,
        rng,
    )
    .map_err(|_| SealError::CannotSeal)?;
    let mut wrapped = encapped.to_bytes().to_vec();
    wrapped.extend_from_slice(&ciphertext);
    Ok(wrapped)
}

/// Unwraps what [`wrap`] (or a browser) wrapped with the same `info` and `aad`.
///
/// # Errors
/// [`SealError::Malformed`] when the bytes are too short; [`SealError::CannotOpen`] when the key, the
/// purpose or the place is another one, or the bytes were altered.
pub fn unwrap(
    with: &PrivateKey,
    info: &[u8],
    aad: &[u8],
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (encapped, ciphertext) =
        wrapped.split_at_checked(PUBLIC_KEY_LEN).ok_or(SealError::Malformed("wrapped message"))?;
    let encapped = Deserializable::from_bytes(encapped).map_err(|_| SealError::CannotOpen)?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(
        &OpModeR::Base,
        &with.0,
        &encapped,
        info,
        ciphertext,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| SealError::CannotOpen)
}
