//! Keys of the sealed log: epochs that seal what arrives, officers who hold shares, releases that open.

pub mod epoch;
pub mod officers;
pub mod release;
pub mod roster;

use store::keyring::ShareRow;

/// Purpose of key pairs that receive movement epoch keys.
pub const MOVEMENT: &str = "movement";
/// Purpose of the key pair that receives identity epoch keys.
pub const REGISTER: &str = "register";

/// Additional data that binds a wrapped epoch key to its epoch and key pair.
#[must_use]
pub fn epoch_aad(epoch: i64, key_pair_id: i64) -> Vec<u8> {
    [epoch.to_be_bytes(), key_pair_id.to_be_bytes()].concat()
}

/// Additional data that binds sealed shares to their key pair and holder.
#[must_use]
pub fn share_aad(key_pair_id: i64, holder: i64) -> Vec<u8> {
    [key_pair_id.to_be_bytes(), holder.to_be_bytes()].concat()
}

/// A key pair fresh from the generator: its public half to keep, and its private half as sealed shares.
pub struct SplitKeyPair {
    /// Public half and purpose.
    pub row: store::keyring::KeyPairRow,
    /// Shares, each sealed to its holder.
    pub shares: Vec<ShareRow>,
}
