//! The token of a scan: who was there, in one AES-256 block under the key of the movement epoch.
//!
//! The block holds the person and, once more, the area, direction and second that also stand in clear in
//! the row. Opening compares them, so that a token moved to another place or time, or made up, is found
//! out except with probability 2⁻⁶⁴ (encode-then-encipher: Bellare and Rogaway, Asiacrypt 2000).

use aes::{
    Aes256, Block,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use domain::time::Seconds2020;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::{SealError, secret::Secret};

/// The largest area id that a token has room for: 31 bits, as the direction takes the 32nd.
pub const AREA_ID_MAX: u32 = (1 << 31) - 1;

/// A sealed person in a scan row.
pub type Token = [u8; 16];

/// Blocks deciphered at once; a multiple of what the AES instructions keep in flight, small enough for
/// the first-level cache.
const BATCH: usize = 64;

/// The part of a scan that stands in clear beside its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The area of the place, at most [`AREA_ID_MAX`].
    pub area_id: u32,
    /// Whether the person went out; otherwise in.
    pub out: bool,
    /// When the code was read, in seconds since 2020-01-01T00:00:00Z.
    pub captured: Seconds2020,
}

impl Stamp {
    /// What follows the person in a block: direction (1 bit), area (31), second (32).
    fn packed(self) -> u64 {
        let area = (self.area_id & AREA_ID_MAX) | (u32::from(self.out) << 31);
        (u64::from(area) << 32) | u64::from(self.captured)
    }
}

/// The key of a movement epoch. Whoever holds it can read that epoch's scans.
pub struct MovementKey {
    secret: Secret,
    cipher: Box<Aes256>,
}

impl MovementKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::of(Secret::generate(rng))
    }

    /// Takes a key out of its 32 bytes, as unwrapped.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the length is not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        Ok(Self::of(Secret::from_slice(bytes, "movement key")?))
    }

    fn of(secret: Secret) -> Self {
        let cipher = Box::new(Aes256::new(secret.bytes().into()));
        Self { secret, cipher }
    }

    /// The key's bytes, to be wrapped to the authority's movement key and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.secret.bytes()
    }

    /// Seals a person into the token of a scan.
    ///
    /// # Errors
    /// [`SealError::AreaOutOfRange`] when the area id is over [`AREA_ID_MAX`].
    pub fn seal(&self, person_id: u64, stamp: &Stamp) -> Result<Token, SealError> {
        if stamp.area_id > AREA_ID_MAX {
            return Err(SealError::AreaOutOfRange(stamp.area_id));
        }
        let mut block = Block::default();
        block[..8].copy_from_slice(&person_id.to_be_bytes());
        block[8..].copy_from_slice(&stamp.packed().to_be_bytes());
        self.cipher.encrypt_block(&mut block);
        Ok(block.into())
    }

    /// The person of a scan, or `None` when the token was not sealed under this key for this stamp.
    #[must_use]
    pub fn open(&self, token: &Token, stamp: &Stamp) -> Option<u64> {
        let mut block = Block::from(*token);
        self.cipher.decrypt_block(&mut block);
        person_of(&block, stamp)
    }

    /// Opens many rows, several blocks at a time, and appends one result per row to `out`.
    pub fn open_many(&self, rows: &[(Token, Stamp)], out: &mut Vec<Option<u64>>) {
        out.reserve(rows.len());
        let mut blocks = [Block::default(); BATCH];
        for batch in rows.chunks(BATCH) {
            let blocks = &mut blocks[..batch.len()];
            for (block, (token, _)) in blocks.iter_mut().zip(batch) {
                block.copy_from_slice(token);
            }
            self.cipher.decrypt_blocks(blocks);
            out.extend(blocks.iter().zip(batch).map(|(block, (_, stamp))| person_of(block, stamp)));
        }
    }
}

/// The person in a deciphered block, when the block's own stamp is the row's and the row's is a valid one.
fn person_of(block: &Block, stamp: &Stamp) -> Option<u64> {
    let halves = u128::from_be_bytes((*block).into());
    // One comparison of whole words: byte by byte it would take as long as deciphering.
    let same = (halves as u64).ct_eq(&stamp.packed());
    let valid = stamp.area_id <= AREA_ID_MAX;
    (bool::from(same) && valid).then_some((halves >> 64) as u64)
}
