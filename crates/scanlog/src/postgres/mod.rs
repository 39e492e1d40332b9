//! The PostgreSQL engine: table `scans`, partitioned by arrival day, for several servers at once.
//!
//! Rows are written to and read from a day's partition by its own name, not through `scans`: the parent table is
//! then free of their locks, and days can be made and dropped while others are being read.
//! The servers share nothing in memory, so repeats are looked for in the database.
//! Where Citus is installed the rows are spread by place over its servers ([`layout`]).

mod days;
mod layout;
mod place_order;
mod read;
mod write;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::ScanLogError;
use crate::limits::{LOCK_WAIT_S, READERS_MAX};

use layout::Layout;

pub(crate) use read::Reader;
pub(crate) use write::Writer;

/// Serialises the making and dropping of tables between servers ("vrscanlg").
const SCHEMA_LOCK: i64 = i64::from_be_bytes(*b"vrscanlg");

/// `KEY_OF_SCANS` stands for the columns that the [`Layout`] says.
/// `seq` orders a day's rows as they were written: the number of the batch, then the place in it.
/// `received_at` is in milliseconds since 1970 (UTC), `captured` in seconds since 2020 (UTC); `kind` is 0 in, 1 out.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS scans (
        arrival_on DATE NOT NULL,
        event_id BYTEA NOT NULL CHECK (octet_length(event_id) = 16),
        seq BIGINT NOT NULL,
        area_id INTEGER NOT NULL CHECK (area_id >= 0),
        kind SMALLINT NOT NULL CHECK (kind IN (0, 1)),
        captured BIGINT NOT NULL,
        token BYTEA NOT NULL CHECK (octet_length(token) = 16),
        assurance SMALLINT NOT NULL CHECK (assurance BETWEEN 0 AND 3),
        epoch BIGINT NOT NULL,
        received_at BIGINT NOT NULL,
        PRIMARY KEY (KEY_OF_SCANS)
    ) PARTITION BY LIST (arrival_on);
    CREATE TABLE IF NOT EXISTS scan_epochs (
        arrival_on DATE NOT NULL,
        epoch BIGINT NOT NULL,
        PRIMARY KEY (arrival_on, epoch)
    );
    CREATE SEQUENCE IF NOT EXISTS scan_batches;";

/// Connects, makes the tables if need be, and gives both halves of the engine.
pub(crate) async fn open(
    url: &str,
    schema: Option<&str>,
    recent_days: u16,
) -> Result<(Writer, Reader), ScanLogError> {
    let connecting = "connect to PostgreSQL";
    let mut options: PgConnectOptions =
        url.parse().map_err(ScanLogError::storage("read the database's URL"))?;
    options = options.disable_statement_logging().options([("synchronous_commit", "on")]);
    if let Some(schema) = schema {
        check_schema(schema)?;
        options = options.options([("search_path", schema)]);
    }
    // The writer looks for events by key only; a freshly grown day, of which PostgreSQL knows little, must not
    // tempt it to read the day from end to end.
    let for_writing = options.clone().options([("enable_seqscan", "off")]);
    let mut connection = for_writing.connect().await.map_err(ScanLogError::storage(connecting))?;
    let making = "make its tables";
    let layout = initialise(&mut connection, schema).await.map_err(ScanLogError::storage(making))?;
    let pool = PgPoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(Duration::from_secs(LOCK_WAIT_S))
        .connect_with(options)
        .await
        .map_err(ScanLogError::storage(connecting))?;
    Ok((Writer::new(connection, recent_days, layout), Reader { pool, layout }))
}

/// Makes the schema and the tables where they are missing; tells how the tables lie.
async fn initialise(connection: &mut PgConnection, schema: Option<&str>) -> Result<Layout, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    lock_schema(&mut transaction).await?;
    if let Some(schema) = schema {
        let create = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *transaction).await?;
    }
    let layout = match Layout::of_tables(&mut transaction).await? {
        Some(layout) => layout,
        None => {
            let layout = Layout::of_database(&mut transaction).await?;
            layout.make_tables(&mut transaction).await?;
            layout
        }
    };
    transaction.commit().await?;
    tracing::info!(?layout, "the scan log in PostgreSQL is open");
    Ok(layout)
}

/// Until the transaction ends, no other server makes or drops a table.
async fn lock_schema(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SCHEMA_LOCK).execute(transaction).await?;
    Ok(())
}

/// The name goes into SQL text and into a connection's options, so it may hold nothing that means anything there.
fn check_schema(schema: &str) -> Result<(), ScanLogError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins_well = schema.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if begins_well && schema.len() <= 63 && schema.chars().all(plain) {
        Ok(())
    } else {
        Err(ScanLogError::BadSchema(schema.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_names_are_plain_words() {
        for good in ["vaora", "_x9", "a"] {
            assert!(check_schema(good).is_ok(), "{good}");
        }
        for bad in ["", "9a", "A", "a b", "a\"b", "a;b", "đ", &"x".repeat(64)] {
            assert!(check_schema(bad).is_err(), "{bad}");
        }
    }
}
