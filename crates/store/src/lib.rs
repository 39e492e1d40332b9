//! Every table except the scan log: all relational SQL and nothing else, one file per noun.
//!
//! One SQL text serves SQLite and PostgreSQL (see [`db`]); every test here runs on both.
//! Times and random ids are arguments: nothing in this crate reads a clock.

pub mod access_log;
pub mod accounts;
pub mod admin_units;
pub mod campaigns;
pub mod cards;
pub mod cases;
pub mod db;
pub mod directives;
pub mod figure_marks;
pub mod findings;
pub mod frozen_points;
pub mod gates;
pub mod home_looks;
pub mod inspection_figures;
pub mod inspection_plans;
pub mod inspections;
pub mod issued_reports;
pub mod keyring;
pub mod messages;
pub mod migrations;
pub mod notice;
pub mod notice_proofs;
pub mod oddities;
pub mod openings;
pub mod people;
pub mod place_batches;
pub mod place_care;
pub mod place_hours;
pub mod places;
pub mod point_tasks;
pub mod point_weeks;
pub mod poster_reports;
pub mod proposals;
pub mod quarantine;
pub mod reference;
pub mod report_items;
pub mod report_periods;
pub mod reports;
pub mod retention;
pub mod scan_counts;
pub mod sessions;
pub mod sittings;
pub mod standing;
pub mod suspensions;
pub mod tickets;
pub mod unit_periods;
pub mod unit_signers;

pub use db::{Column, Db, Result, Row, StoreError, Tx, Value, is_unique_violation};

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
};

/// Every table outside the scan log: the main database and the keyring, which is kept apart.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) keyring: Db,
    /// Last days with a scan that are known to be written, by area: what need not be written again.
    pub(crate) last_days: Arc<Mutex<HashMap<i64, i64>>>,
}

impl Store {
    /// Opens the embedded databases `vaora.sqlite` and `keyring.sqlite` in a folder, making them when missing.
    ///
    /// # Errors
    /// When a file cannot be opened or a migration fails.
    pub async fn open_embedded(folder: &Path) -> Result<Self> {
        let db = Db::open_file(&folder.join("vaora.sqlite")).await?;
        let keyring = Db::open_file(&folder.join("keyring.sqlite")).await?;
        Self::migrated(db, keyring).await
    }

    /// Opens PostgreSQL: tables in `schema`, the keyring in `schema` + `_keyring` of the keyring's server
    /// (the same server when `keyring_url` is `None`).
    ///
    /// # Errors
    /// When a server is away or a migration fails.
    pub async fn open_postgres(url: &str, keyring_url: Option<&str>, schema: &str) -> Result<Self> {
        let db = Db::open_postgres(url, schema).await?;
        let keyring = Db::open_postgres(keyring_url.unwrap_or(url), &format!("{schema}_keyring")).await?;
        Self::migrated(db, keyring).await
    }

    async fn migrated(db: Db, keyring: Db) -> Result<Self> {
        migrations::migrate(&db, migrations::MAIN).await?;
        migrations::migrate(&keyring, migrations::KEYRING).await?;
        Ok(Self { db, keyring, last_days: Arc::default() })
    }

    /// Answers when the main database does.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn ping(&self) -> Result<()> {
        self.db.first("SELECT CAST(1 AS BIGINT)", args![]).await.map(drop)
    }

    /// A setting's value, if one was kept.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        let row = self.db.first("SELECT value FROM settings WHERE name = $1", args![name]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Keeps a setting, replacing the former value.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let sql = "INSERT INTO settings (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.db.run(sql, args![name, value]).await.map(drop)
    }

    /// Names of all tables of both databases, for the test that compares them with docs/retention.md.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn table_names(&self) -> Result<Vec<String>> {
        let mut names = migrations::table_names(&self.db).await?;
        names.extend(migrations::table_names(&self.keyring).await?);
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.db.close().await;
        self.keyring.close().await;
    }
}
