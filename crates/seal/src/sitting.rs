//! SittingKeys: one key agreement for the scans that a device seals before it is put down again.
//!
//! The device makes one HPKE sender context (the suite of [`crate::wrap`]) and exports from it (RFC 9180,
//! 5.3) an AES-256-GCM key, which lives in its page's memory only. Every row carries all that opens it beside
//! the server's key, so rows may be lost, reordered or repeated; the server agrees once a sitting.
//! `docs/adr/0005-one-key-agreement-a-sitting.md` says what that costs in secrecy and what bounds it.
//!
//! | bytes of a row | hold |
//! | --- | --- |
//! | 0 | [`VERSION`]; a scan wrapped by itself begins with 4, as an uncompressed point does |
//! | 1..5 | the row's number within the sitting, big-endian; the nonce is this number in twelve bytes |
//! | 5..70 | the sitting's encapsulated key |
//! | 70.. | ciphertext, 16 bytes longer than the plaintext |
//!
//! The first 70 bytes are associated data, before what binds the row to where it is kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256, setup_receiver,
    setup_sender_with_rng,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    SealError,
    secret::Secret,
    wrap::{Kem, KeyPair, PUBLIC_KEY_LEN, PublicKey, purpose, unwrap},
};

/// First byte of a row that a sitting sealed.
pub const VERSION: u8 = 1;
/// What a sealed row is longer than its plaintext, in bytes.
pub const ROW_OVERHEAD: usize = HEAD_LEN + 16;

/// The exporter's context: what the exported key is for.
const SCAN_KEY: &[u8] = b"vaora scan key v1";
const ENC_AT: usize = 5;
const HEAD_LEN: usize = ENC_AT + PUBLIC_KEY_LEN;

/// A device's side: seals rows one after the other. In the product this is `static/queue/seal.js`.
pub struct Sender {
    key: Secret,
    encapped: [u8; PUBLIC_KEY_LEN],
    next: u32,
}

impl Sender {
    /// Begins a sitting to the holder of the ingest key.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] when the key cannot be agreed with.
    pub fn begin(to: &PublicKey, rng: &mut impl CryptoRng) -> Result<Self, SealError> {
        let (encapped, context) =
            setup_sender_with_rng::<AesGcm256, HkdfSha256, Kem>(&OpModeS::Base, &to.0, purpose::SITTING, rng)
                .map_err(|_| SealError::CannotSeal)?;
        let mut key = Zeroizing::new([0; 32]);
        context.export(SCAN_KEY, &mut key[..]).map_err(|_| SealError::CannotSeal)?;
        Ok(Self { key: Secret::copy(&key), encapped: encapped.to_bytes().into(), next: 0 })
    }

    /// Seals the sitting's next row. `aad` binds it to where it is kept.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`] when the plaintext is too long or the numbers are used up.
    pub fn seal(&mut self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        let number = self.next;
        // Before anything can fail: no number is ever used twice.
        self.next = number.checked_add(1).ok_or(SealError::CannotSeal)?;
        let mut row = Vec::with_capacity(plaintext.len() + ROW_OVERHEAD);
        row.push(VERSION);
        row.extend_from_slice(&number.to_be_bytes());
        row.extend_from_slice(&self.encapped);
        let bound = [&row[..], aad].concat();
        let sealed = Aes256Gcm::new(self.key.bytes().into())
            .encrypt(&nonce_of(number).into(), Payload { msg: plaintext, aad: &bound })
            .map_err(|_| SealError::CannotSeal)?;
        row.extend_from_slice(&sealed);
        Ok(row)
    }
}

fn nonce_of(number: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&number.to_be_bytes());
    nonce
}

/// Names a sitting: the encapsulated key, and the key that it was made to.
type Name = [u8; 2 * PUBLIC_KEY_LEN];

/// Keys of the sittings that were met lately. A key that is forgotten only costs another agreement.
pub struct SittingKeys {
    generations: Mutex<Generations>,
    max: usize,
}

/// Two generations make "least recently used" cheap: what was met in the last one moves to the newest.
#[derive(Default)]
struct Generations {
    newest: HashMap<Name, Arc<Secret>>,
    last: HashMap<Name, Arc<Secret>>,
}

impl SittingKeys {
    /// Remembers at most so many keys, each some 200 bytes.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { generations: Mutex::default(), max }
    }

    /// Opens rows for the holder of this key.
    #[must_use]
    pub fn opener<'a>(&'a self, with: &'a KeyPair) -> Opener<'a> {
        Opener { sittings: self, with, public: with.public.to_bytes(), current: None, agreements: 0 }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        let held = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        held.newest.len() + held.last.len()
    }

    fn known(&self, name: &Name) -> Option<Arc<Secret>> {
        let mut held = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = held.newest.get(name) {
            return Some(Arc::clone(key));
        }
        let key = held.last.remove(name)?;
        self.put(&mut held, *name, Arc::clone(&key));
        Some(key)
    }

    fn remember(&self, name: Name, key: Arc<Secret>) {
        let mut held = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        self.put(&mut held, name, key);
    }

    fn put(&self, held: &mut Generations, name: Name, key: Arc<Secret>) {
        if held.newest.len() >= (self.max / 2).max(1) {
            // Keys of the generation that goes are wiped as the last who uses them lets go.
            held.last = std::mem::take(&mut held.newest);
        }
        held.newest.insert(name, key);
    }
}

/// Opens rows in turn; those of one sitting in a row cost no look-up.
pub struct Opener<'a> {
    sittings: &'a SittingKeys,
    with: &'a KeyPair,
    public: [u8; PUBLIC_KEY_LEN],
    current: Option<(Name, Aes256Gcm)>,
    agreements: usize,
}

impl Opener<'_> {
    /// Opens a row that a sitting sealed, or one that was wrapped by itself, as devices did before.
    /// `aad` is what binds it to where it is kept.
    ///
    /// # Errors
    /// [`SealError::Malformed`] when the bytes are too short; [`SealError::CannotOpen`] when the key or the
    /// place is another one, or the bytes were altered.
    pub fn open(&mut self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if sealed.first() != Some(&VERSION) {
            self.agreements += 1;
            return unwrap(&self.with.private, purpose::INGEST, aad, sealed);
        }
        let (head, ciphertext) =
            sealed.split_first_chunk::<HEAD_LEN>().ok_or(SealError::Malformed("sealed row"))?;
        let name = self.name_of(head);
        if self.current.as_ref().is_none_or(|(current, _)| *current != name) {
            let (key, is_new) = match self.sittings.known(&name) {
                Some(key) => (key, false),
                None => (Arc::new(self.agree(head)?), true),
            };
            let cipher = Aes256Gcm::new(key.bytes().into());
            let opened = open_row(&cipher, head, aad, ciphertext)?;
            // Only now: what opens nothing shall drive no key out.
            if is_new {
                self.sittings.remember(name, key);
            }
            self.current = Some((name, cipher));
            return Ok(opened);
        }
        let (_, cipher) = self.current.as_ref().ok_or(SealError::CannotOpen)?;
        open_row(cipher, head, aad, ciphertext)
    }

    /// Key agreements so far: what rows cost that are not of a known sitting.
    #[must_use]
    pub fn agreements(&self) -> usize {
        self.agreements
    }

    fn name_of(&self, head: &[u8; HEAD_LEN]) -> Name {
        let mut name = [0; 2 * PUBLIC_KEY_LEN];
        name[..PUBLIC_KEY_LEN].copy_from_slice(&head[ENC_AT..]);
        name[PUBLIC_KEY_LEN..].copy_from_slice(&self.public);
        name
    }

    fn agree(&mut self, head: &[u8; HEAD_LEN]) -> Result<Secret, SealError> {
        self.agreements += 1;
        let encapped = Deserializable::from_bytes(&head[ENC_AT..]).map_err(|_| SealError::CannotOpen)?;
        let context = setup_receiver::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.with.private.0,
            &encapped,
            purpose::SITTING,
        )
        .map_err(|_| SealError::CannotOpen)?;
        let mut key = Zeroizing::new([0; 32]);
        context.export(SCAN_KEY, &mut key[..]).map_err(|_| SealError::CannotOpen)?;
        Ok(Secret::copy(&key))
    }
}

fn open_row(
    cipher: &Aes256Gcm,
    head: &[u8; HEAD_LEN],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&head[1..ENC_AT]);
    let bound = [&head[..], aad].concat();
    cipher
        .decrypt(&nonce.into(), Payload { msg: ciphertext, aad: &bound })
        .map(Zeroizing::new)
        .map_err(|_| SealError::CannotOpen)
}
