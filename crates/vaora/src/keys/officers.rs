//! Key officers' own keys, under their passphrases.

use anyhow::Result;
use seal::officer::{OfficerKey, PassphraseCost};
use store::keyring::Officer;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::ids::new_id;

/// Passphrases being stretched at once; each takes 64 MiB.
static ROOM: Semaphore = Semaphore::const_new(2);

/// Makes an officer's keys under a passphrase.
///
/// # Errors
/// When the passphrase is too short (the error says how long it must be).
pub async fn make(account_id: i64, name: String, passphrase: String, now: i64) -> Result<Officer> {
    let passphrase = Zeroizing::new(passphrase);
    let _room = ROOM.acquire().await?;
    tokio::task::spawn_blocking(move || {
        let key = OfficerKey::generate(&mut rand::rng());
        let protected = key.protect(&passphrase, PassphraseCost::default(), &mut rand::rng())?;
        let public = key.public().to_bytes().to_vec();
        Ok(Officer { id: new_id(), account_id, name, public, protected, made_at: now })
    })
    .await?
}

/// Unlocks an officer's keys; `None` when the passphrase is wrong.
///
/// # Errors
/// When the kept keys are damaged.
pub async fn unlock(protected: Vec<u8>, passphrase: String) -> Result<Option<OfficerKey>> {
    let passphrase = Zeroizing::new(passphrase);
    let _room = ROOM.acquire().await?;
    tokio::task::spawn_blocking(move || match OfficerKey::unlock(&protected, &passphrase) {
        Ok(key) => Ok(Some(key)),
        Err(seal::SealError::WrongPassphrase) => Ok(None),
        Err(error) => Err(error.into()),
    })
    .await?
}
