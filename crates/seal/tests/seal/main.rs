//! What the sealed log promises: round trips, every change refused, and no key without those who hold it.
#![expect(clippy::unwrap_used, reason = "a test that fails may panic")]

mod access_log;
mod keyfile;
mod officers;
mod secrecy;
mod shares;
mod sitting;
mod symmetric;
mod token;
mod wrap;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// A repeatable generator; tests that need unrelated keys take different seeds.
fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The bytes with one bit changed; `bit` counts from the front and wraps around.
fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let bit = bit % (bytes.len() * 8);
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}
