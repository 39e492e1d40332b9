//! Releases: an officer's shares, held in memory for one opening until a second officer adds his.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use domain::time::Millis;
use seal::{
    officer::OfficerKey,
    shares::{self, PairShare},
    wrap::{PrivateKey, purpose, unwrap},
};
use store::Store;
use tokio::sync::Mutex;

use crate::keys::share_aad;

/// One officer's shares of every key pair that an opening needs.
pub struct ReleasedShares {
    by_key_pair: BTreeMap<i64, Vec<Vec<PairShare>>>,
}

/// Shares that wait for a second officer, by opening and officer. Wiped when taken or dropped.
#[derive(Default)]
pub struct Releases(Mutex<HashMap<i64, Waiting>>);

/// What waits for one opening.
#[derive(Default)]
struct Waiting {
    by_officer: BTreeMap<i64, ReleasedShares>,
    since: Millis,
}

/// Milliseconds for which released shares wait for a second officer (3-sealed-log, Opening: 30 minutes idle).
pub const RELEASE_MS: i64 = 30 * 60_000;

impl Releases {
    /// Adds an officer's shares; when they are the second officer's, takes both sets.
    pub async fn add(
        &self,
        opening_id: i64,
        officer_id: i64,
        shares: ReleasedShares,
        now: Millis,
    ) -> Option<(ReleasedShares, ReleasedShares)> {
        let mut all = self.0.lock().await;
        let of_opening = all.entry(opening_id).or_default();
        of_opening.by_officer.insert(officer_id, shares);
        of_opening.since = now;
        if of_opening.by_officer.len() < 2 {
            return None;
        }
        let mut sets = all.remove(&opening_id)?.by_officer.into_values();
        Some((sets.next()?, sets.next()?))
    }

    /// Officers whose shares wait for an opening.
    pub async fn officers(&self, opening_id: i64) -> Vec<i64> {
        self.0
            .lock()
            .await
            .get(&opening_id)
            .map(|set| set.by_officer.keys().copied().collect())
            .unwrap_or_default()
    }

    /// Forgets what has waited too long; answers for which openings.
    pub async fn forget_stale(&self, now: Millis) -> Vec<i64> {
        let mut all = self.0.lock().await;
        let stale: Vec<i64> =
            all.iter().filter(|(_, waiting)| now - waiting.since >= RELEASE_MS).map(|(id, _)| *id).collect();
        all.retain(|id, _| !stale.contains(id));
        stale
    }
}

/// Opens an officer's sealed shares of some key pairs with the officer's key.
///
/// # Errors
/// When a share is missing (the officer was not of that key's roster) or damaged.
pub async fn unseal_shares(
    store: &Store,
    officer_id: i64,
    key: &OfficerKey,
    key_pairs: &[i64],
) -> Result<ReleasedShares> {
    let mut by_key_pair = BTreeMap::new();
    for key_pair_id in key_pairs {
        let mut sets = Vec::new();
        for row in store.shares_of(*key_pair_id, officer_id).await? {
            let aad = share_aad(*key_pair_id, officer_id);
            let opened = unwrap(&key.receive.private, purpose::SHARE, &aad, &row.sealed)?;
            sets.push(shares::from_bytes(&opened)?);
        }
        anyhow::ensure!(!sets.is_empty(), "the officer holds no share of a key that is needed");
        by_key_pair.insert(*key_pair_id, sets);
    }
    Ok(ReleasedShares { by_key_pair })
}

/// Rebuilds the private half of a key pair from two officers' shares.
///
/// # Errors
/// When the two have no pair in common or the shares disagree.
pub fn rebuild(a: &ReleasedShares, b: &ReleasedShares, key_pair_id: i64) -> Result<PrivateKey> {
    let sets = |released: &'_ ReleasedShares| released.by_key_pair.get(&key_pair_id).map_or(0, Vec::len);
    anyhow::ensure!(sets(a) > 0 && sets(b) > 0, "a share of a needed key was not released");
    let (a, b) = (&a.by_key_pair[&key_pair_id], &b.by_key_pair[&key_pair_id]);
    let mut last = None;
    for (mine, theirs) in a.iter().flat_map(|mine| b.iter().map(move |theirs| (mine, theirs))) {
        match shares::rebuild(mine, theirs) {
            Ok(bytes) => return Ok(PrivateKey::from_bytes(&bytes)?),
            Err(error) => last = Some(error),
        }
    }
    Err(last.context("no shares")?.into())
}
