//! The keyring: officers, rosters, key pairs whose private halves are split, and wrapped epoch keys.

use crate::{Result, Row, Store, Tx, args};

/// A key officer.
#[derive(Debug, Clone)]
pub struct Officer {
    /// Random id.
    pub id: i64,
    /// Account of the officer.
    pub account_id: i64,
    /// Name as it stands in the roster.
    pub name: String,
    /// Public half.
    pub public: Vec<u8>,
    /// Private half under the officer's passphrase.
    pub protected: Vec<u8>,
    /// When the keys were made.
    pub made_at: i64,
}

/// A roster of officers, signed by two.
#[derive(Debug, Clone)]
pub struct RosterRow {
    /// Counts from 1.
    pub version: i64,
    /// Canonical encoding.
    pub body: Vec<u8>,
    /// Signatures of two officers: `(officer id, signature)`.
    pub signatures: [(i64, Vec<u8>); 2],
    /// When it was made.
    pub made_at: i64,
}

/// A key pair whose private half exists only as shares.
#[derive(Debug, Clone)]
pub struct KeyPairRow {
    /// Random id.
    pub id: i64,
    /// `movement` or `register`.
    pub purpose: String,
    /// `YYYY-MM` of a movement key; empty for the register key.
    pub month: String,
    /// Public half.
    pub public: Vec<u8>,
    /// When it was made.
    pub made_at: i64,
}

/// All that one officer holds of one key pair, sealed to that officer.
#[derive(Debug, Clone)]
pub struct ShareRow {
    /// Key pair.
    pub key_pair_id: i64,
    /// Whose shares they are.
    pub holder: i64,
    /// Sealed bytes.
    pub sealed: Vec<u8>,
}

/// The sealed keys of an epoch.
#[derive(Debug, Clone)]
pub struct EpochRow {
    /// Number of the epoch.
    pub epoch: i64,
    /// When it began.
    pub started_at: i64,
    /// Local day number of the rows under it.
    pub arrival_day: i64,
    /// Key pair of the movement wrap.
    pub movement_key_id: i64,
    /// Movement key sealed to the authority; `None` once deleted after the retention period.
    pub movement_wrap: Option<Vec<u8>>,
    /// Key pair of the identity wrap.
    pub register_key_id: i64,
    /// Identity key sealed to the authority.
    pub identity_wrap: Vec<u8>,
}

const EPOCH: &str = "SELECT epoch, started_at, arrival_day, movement_key_id, movement_wrap, register_key_id,
     identity_wrap FROM epochs WHERE arrival_day >= $1 AND arrival_day < $2 ORDER BY epoch";
const EPOCH_BY_NUMBER: &str = "SELECT epoch, started_at, arrival_day, movement_key_id, movement_wrap,
     register_key_id, identity_wrap FROM epochs WHERE epoch = $1";

impl Store {
    /// Keeps a new officer's keys, ending the account's former ones.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_officer(&self, o: &Officer) -> Result<()> {
        let mut tx = self.keyring.begin().await?;
        let sql = "UPDATE officers SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL";
        tx.run(sql, args![o.account_id, o.made_at]).await?;
        let sql = "INSERT INTO officers (id, account_id, name, public, protected, made_at)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let (public, protected) = (o.public.clone(), o.protected.clone());
        tx.run(sql, args![o.id, o.account_id, &o.name, public, protected, o.made_at]).await?;
        tx.commit().await
    }

    /// Officers whose keys have not ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn officers(&self) -> Result<Vec<Officer>> {
        let sql = "SELECT id, account_id, name, public, protected, made_at FROM officers
                   WHERE ended_at IS NULL ORDER BY made_at, id";
        self.keyring.all(sql, args![]).await?.iter().map(officer).collect()
    }

    /// All rosters, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rosters(&self) -> Result<Vec<RosterRow>> {
        let sql = "SELECT version, body, signer_a, signature_a, signer_b, signature_b, made_at
                   FROM rosters ORDER BY version";
        self.keyring.all(sql, args![]).await?.iter().map(roster).collect()
    }

    /// Keeps a roster together with the key pairs and shares made for it, all or nothing.
    ///
    /// # Errors
    /// When the version exists already or the database refuses.
    pub async fn add_roster(
        &self,
        roster: &RosterRow,
        pairs: &[KeyPairRow],
        shares: &[ShareRow],
    ) -> Result<()> {
        let mut tx = self.keyring.begin().await?;
        let sql = "INSERT INTO rosters (version, body, signer_a, signature_a, signer_b, signature_b, made_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let [(a, signature_a), (b, signature_b)] = roster.signatures.clone();
        let args = args![roster.version, roster.body.clone(), a, signature_a, b, signature_b, roster.made_at];
        tx.run(sql, args).await?;
        insert_key_pairs(&mut tx, pairs, shares, roster.version).await?;
        tx.commit().await
    }

    /// Keeps key pairs with their shares, all or nothing.
    ///
    /// # Errors
    /// When the month has its key already or the database refuses.
    pub async fn add_key_pairs(
        &self,
        pairs: &[KeyPairRow],
        shares: &[ShareRow],
        roster_version: i64,
    ) -> Result<()> {
        let mut tx = self.keyring.begin().await?;
        insert_key_pairs(&mut tx, pairs, shares, roster_version).await?;
        tx.commit().await
    }

    /// All key pairs, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn key_pairs(&self) -> Result<Vec<KeyPairRow>> {
        let sql = "SELECT id, purpose, month, public, made_at FROM key_pairs ORDER BY made_at, id";
        self.keyring.all(sql, args![]).await?.iter().map(key_pair).collect()
    }

    /// The shares that an officer holds of a key pair.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn shares_of(&self, key_pair_id: i64, holder: i64) -> Result<Vec<ShareRow>> {
        let sql = "SELECT key_pair_id, holder, sealed FROM shares
                   WHERE key_pair_id = $1 AND holder = $2 ORDER BY roster_version";
        self.keyring.all(sql, args![key_pair_id, holder]).await?.iter().map(share).collect()
    }

    /// The next free number of an epoch; taken only by [`Store::add_epoch`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn next_epoch(&self) -> Result<i64> {
        let row = self.keyring.first("SELECT COALESCE(MAX(epoch), 0) + 1 FROM epochs", args![]).await?;
        row.map_or(Ok(1), |row| row.get(0))
    }

    /// Keeps an epoch's wraps; durable when this returns.
    ///
    /// # Errors
    /// When another server took the number (see [`crate::is_unique_violation`]) or the database refuses.
    pub async fn add_epoch(&self, e: &EpochRow) -> Result<()> {
        let sql = "INSERT INTO epochs (epoch, started_at, arrival_day, movement_key_id, movement_wrap,
                   register_key_id, identity_wrap) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (movement, identity) = (e.movement_wrap.clone(), e.identity_wrap.clone());
        let (epoch, started, day) = (e.epoch, e.started_at, e.arrival_day);
        let args = args![epoch, started, day, e.movement_key_id, movement, e.register_key_id, identity];
        self.keyring.run(sql, args).await.map(drop)
    }

    /// Epochs of arrival days `from..until` (day numbers, half-open).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn epochs(&self, from: i64, until: i64) -> Result<Vec<EpochRow>> {
        self.keyring.all(EPOCH, args![from, until]).await?.iter().map(epoch).collect()
    }

    /// One epoch.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn epoch(&self, number: i64) -> Result<Option<EpochRow>> {
        self.keyring.first(EPOCH_BY_NUMBER, args![number]).await?.as_ref().map(epoch).transpose()
    }
}

async fn insert_key_pairs(tx: &mut Tx, pairs: &[KeyPairRow], shares: &[ShareRow], roster: i64) -> Result<()> {
    for p in pairs {
        let sql = "INSERT INTO key_pairs (id, purpose, month, public, made_at) VALUES ($1, $2, $3, $4, $5)";
        tx.run(sql, args![p.id, &p.purpose, &p.month, p.public.clone(), p.made_at]).await?;
    }
    for s in shares {
        let sql = "INSERT INTO shares (key_pair_id, holder, roster_version, sealed) VALUES ($1, $2, $3, $4)";
        tx.run(sql, args![s.key_pair_id, s.holder, roster, s.sealed.clone()]).await?;
    }
    Ok(())
}

fn officer(row: &Row) -> Result<Officer> {
    Ok(Officer {
        id: row.get(0)?,
        account_id: row.get(1)?,
        name: row.get(2)?,
        public: row.get(3)?,
        protected: row.get(4)?,
        made_at: row.get(5)?,
    })
}

fn roster(row: &Row) -> Result<RosterRow> {
    Ok(RosterRow {
        version: row.get(0)?,
        body: row.get(1)?,
        signatures: [(row.get(2)?, row.get(3)?), (row.get(4)?, row.get(5)?)],
        made_at: row.get(6)?,
    })
}

fn key_pair(row: &Row) -> Result<KeyPairRow> {
    Ok(KeyPairRow {
        id: row.get(0)?,
        purpose: row.get(1)?,
        month: row.get(2)?,
        public: row.get(3)?,
        made_at: row.get(4)?,
    })
}

fn share(row: &Row) -> Result<ShareRow> {
    Ok(ShareRow { key_pair_id: row.get(0)?, holder: row.get(1)?, sealed: row.get(2)? })
}

fn epoch(row: &Row) -> Result<EpochRow> {
    Ok(EpochRow {
        epoch: row.get(0)?,
        started_at: row.get(1)?,
        arrival_day: row.get(2)?,
        movement_key_id: row.get(3)?,
        movement_wrap: row.get(4)?,
        register_key_id: row.get(5)?,
        identity_wrap: row.get(6)?,
    })
}
