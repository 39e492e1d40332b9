//! Epochs: the keys that seal what arrives. Made at start and at each local midnight, they live in memory
//! only; their sealed copies are durable before the first row under them.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use domain::time::{Millis, day_number, local_date};
use jiff::civil::Date;
use seal::{
    identity::IdentityKey,
    token::MovementKey,
    wrap::{PublicKey, purpose, wrap},
};
use store::{
    Store, is_unique_violation,
    keyring::{EpochRow, KeyPairRow},
};
use tokio::sync::{Mutex, RwLock};

use crate::keys::{MOVEMENT, REGISTER, epoch_aad, roster};

/// The keys of one epoch.
pub struct Epoch {
    /// Number, as stands in rows.
    pub number: u32,
    /// Arrival day that it is for, local day number.
    pub arrival_day: i64,
    /// Seals tokens.
    pub movement: MovementKey,
    /// Seals identities.
    pub identity: IdentityKey,
}

/// The epoch in force.
#[derive(Default)]
pub struct Epochs {
    current: RwLock<Option<Arc<Epoch>>>,
    starting: Mutex<()>,
}

/// Tries for a number when several servers begin epochs at once.
const NUMBER_TRIES: u32 = 20;

impl Epochs {
    /// The epoch for what arrives now, begun when a day began; `None` before the first key ceremony.
    ///
    /// # Errors
    /// When the roster was changed, or the keyring cannot be written.
    pub async fn at(&self, store: &Store, now: Millis) -> Result<Option<Arc<Epoch>>> {
        let day = day_number(local_date(now));
        if let Some(epoch) = self.current.read().await.as_ref().filter(|epoch| epoch.arrival_day == day) {
            return Ok(Some(Arc::clone(epoch)));
        }
        let _one_at_a_time = self.starting.lock().await;
        if let Some(epoch) = self.current.read().await.as_ref().filter(|epoch| epoch.arrival_day == day) {
            return Ok(Some(Arc::clone(epoch)));
        }
        let Some(epoch) = begin(store, now, day).await? else { return Ok(None) };
        let epoch = Arc::new(epoch);
        // Replacing the old one drops its last reference, which wipes its keys.
        *self.current.write().await = Some(Arc::clone(&epoch));
        Ok(Some(epoch))
    }
}

/// Begins an epoch for an arrival day; `None` before the first key ceremony.
///
/// # Errors
/// When the roster was changed, or the keyring cannot be written.
pub async fn begin(store: &Store, now: Millis, arrival_day: i64) -> Result<Option<Epoch>> {
    let Some(roster) = roster::verified(store).await? else { return Ok(None) };
    let month = month_of(local_date(now));
    let pairs = store.key_pairs().await?;
    let register = find(&pairs, REGISTER, "").context("the keyring lacks the register key")?;
    let movement = match find(&pairs, MOVEMENT, &month) {
        Some(pair) => pair,
        None => make_movement_pair(store, &roster, &month, now).await?,
    };
    let (movement_key, identity_key) =
        (MovementKey::generate(&mut rand::rng()), IdentityKey::generate(&mut rand::rng()));
    for _ in 0..NUMBER_TRIES {
        let number = store.next_epoch().await?;
        let row = EpochRow {
            epoch: number,
            started_at: now,
            arrival_day,
            movement_key_id: movement.id,
            movement_wrap: Some(sealed(&movement, purpose::MOVEMENT_EPOCH, number, movement_key.expose())?),
            register_key_id: register.id,
            identity_wrap: sealed(&register, purpose::IDENTITY_EPOCH, number, identity_key.expose())?,
        };
        match store.add_epoch(&row).await {
            Ok(()) => {
                let number = u32::try_from(number).context("epoch numbers are used up")?;
                return Ok(Some(Epoch {
                    number,
                    arrival_day,
                    movement: movement_key,
                    identity: identity_key,
                }));
            }
            Err(error) if is_unique_violation(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!("no epoch number was free after {NUMBER_TRIES} tries")
}

fn sealed(pair: &KeyPairRow, purpose: &[u8], epoch: i64, key: &[u8; 32]) -> Result<Vec<u8>> {
    let public = PublicKey::from_bytes(&pair.public)?;
    Ok(wrap(&public, purpose, &epoch_aad(epoch, pair.id), key, &mut rand::rng())?)
}

async fn make_movement_pair(
    store: &Store,
    roster: &seal::roster::Roster,
    month: &str,
    now: Millis,
) -> Result<KeyPairRow> {
    let split = roster::split_key_pair(roster, MOVEMENT, month, now)?;
    let version = i64::from(roster.version());
    match store.add_key_pairs(std::slice::from_ref(&split.row), &split.shares, version).await {
        Ok(()) => Ok(split.row),
        // Another server made the month's key first: use that one.
        Err(error) if is_unique_violation(&error) => {
            find(&store.key_pairs().await?, MOVEMENT, month).context("the month's key vanished")
        }
        Err(error) => Err(error.into()),
    }
}

fn find(pairs: &[KeyPairRow], purpose: &str, month: &str) -> Option<KeyPairRow> {
    pairs.iter().rev().find(|pair| pair.purpose == purpose && pair.month == month).cloned()
}

/// The month of a date as key pairs name it: `2026-11`.
#[must_use]
pub fn month_of(date: Date) -> String {
    date.strftime("%Y-%m").to_string()
}
