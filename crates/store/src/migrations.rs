//! Schema versions. One text serves both databases; the few words that differ are exchanged here.

use crate::{
    args,
    db::{Db, Result, Row},
};

/// Versions of the main database, oldest first.
pub const MAIN: &[(i64, &str)] = &[(1, include_str!("../migrations/main_0001.sql"))];
/// Versions of the keyring, oldest first.
pub const KEYRING: &[(i64, &str)] = &[(1, include_str!("../migrations/keyring_0001.sql"))];

/// Key of the PostgreSQL advisory lock under which servers that start together migrate one by one.
const LOCK: i64 = 0x7661_6f72_61;

/// Brings a database to the newest version, each step in a transaction of its own.
///
/// # Errors
/// When a step fails; the steps before it stay.
pub async fn migrate(db: &Db, steps: &'static [(i64, &'static str)]) -> Result<()> {
    for (version, script) in steps {
        let mut tx = db.begin().await?;
        if !db.is_lite() {
            tx.run("SELECT pg_advisory_xact_lock($1)", args![LOCK]).await?;
        }
        let table = "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY) STRICT";
        tx.run_script(dialect(table, db.is_lite())).await?;
        let done = tx.first("SELECT version FROM schema_versions WHERE version = $1", args![*version]).await?;
        if done.is_none() {
            tx.run_script(dialect(script, db.is_lite())).await?;
            tx.run("INSERT INTO schema_versions (version) VALUES ($1)", args![*version]).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn dialect(script: &str, lite: bool) -> String {
    if lite {
        script.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB")
    } else {
        script.replace(") STRICT", ")")
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
