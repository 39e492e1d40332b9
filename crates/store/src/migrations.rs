//! Schema versions. One text serves both databases; the few words that differ are exchanged here.

use crate::{
    args,
    db::{Db, Lock, Result, Row, StoreError},
};

/// Versions of the main database, oldest first.
pub const MAIN: &[(i64, &str)] = &[
    (1, include_str!("../migrations/main_0001.sql")),
    (2, include_str!("../migrations/main_0002.sql")),
    (3, include_str!("../migrations/main_0003.sql")),
    (4, include_str!("../migrations/main_0004.sql")),
    (5, include_str!("../migrations/main_0005.sql")),
    (6, include_str!("../migrations/main_0006.sql")),
    (7, include_str!("../migrations/main_0007.sql")),
    (8, include_str!("../migrations/main_0008.sql")),
    (9, include_str!("../migrations/main_0009.sql")),
    (10, include_str!("../migrations/main_0010.sql")),
    (11, include_str!("../migrations/main_0011.sql")),
];
/// Versions of the keyring, oldest first.
pub const KEYRING: &[(i64, &str)] = &[(1, include_str!("../migrations/keyring_0001.sql"))];

/// Brings a database to the newest version, each step in a transaction of its own. Servers that start
/// together migrate one by one.
///
/// # Errors
/// When a step fails; the steps before it stay. [`StoreError::Conflict`] when a newer program made the
/// database.
pub async fn migrate(db: &Db, steps: &'static [(i64, &'static str)]) -> Result<()> {
    for (version, script) in steps {
        let mut tx = db.begin().await?;
        tx.lock(Lock::Migrate).await?;
        let table = "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY) STRICT";
        tx.run_script(dialect(table, db.is_lite())).await?;
        let done =
            tx.first("SELECT version FROM schema_versions WHERE version = $1", args![*version]).await?;
        if done.is_none() {
            tx.run_script(dialect(script, db.is_lite())).await?;
            tx.run("INSERT INTO schema_versions (version) VALUES ($1)", args![*version]).await?;
        }
        tx.commit().await?;
    }
    refuse_newer(db, steps.last().map_or(0, |(version, _)| *version)).await
}

async fn refuse_newer(db: &Db, known: i64) -> Result<()> {
    let newer =
        db.first("SELECT version FROM schema_versions WHERE version > $1 LIMIT 1", args![known]).await?;
    match newer {
        Some(_) => Err(StoreError::Conflict("the database was made by a newer version of this program")),
        None => Ok(()),
    }
}

fn dialect(script: &str, lite: bool) -> String {
    if lite {
        script.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB")
    } else {
        // SQLite compares text byte by byte; so must PostgreSQL, whatever the database's own collation.
        script
            .replace(") STRICT, WITHOUT ROWID", ")")
            .replace(") STRICT", ")")
            .replace(" TEXT", " TEXT COLLATE \"C\"")
    }
}

pub(crate) async fn table_names(db: &Db) -> Result<Vec<String>> {
    let sql = if db.is_lite() {
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
    };
    db.all(sql, args![]).await?.iter().map(|row: &Row| row.get(0)).collect()
}
