//! One day's live file, in SQLite: how it is made, recognised, opened for writing and for reading.

use std::path::Path;
use std::time::Duration;

use domain::time::day_number;
use futures_util::TryStreamExt;
use jiff::civil::Date;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use super::block;
use crate::ScanLogError;
use crate::limits::LOCK_WAIT_S;

/// The first SQLite without the defect that can lose committed rows when a WAL file is reset.
const SQLITE_MIN: [u32; 3] = [3, 51, 3];

/// Marks our files ("VRS" and the version of the layout), in SQLite's `application_id`. The day number stands in
/// `user_version`, so that a renamed file is not taken for another day.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"VRS1");

/// Bytes of a page. A page takes five groups of 64 scans, 51 bytes a scan; pages of 4 and 8 KiB were not measurably
/// faster and took 64.
const PAGE_BYTES: u32 = 16_384;

/// Rows that SQLite's thread may read ahead of the reader.
const ROWS_AHEAD: usize = 256;

const SCHEMA: &str = "
    CREATE TABLE blocks (block_id INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, scans BLOB NOT NULL) STRICT;
    CREATE TABLE epochs (epoch INTEGER PRIMARY KEY) STRICT;";

/// Whether a file is ours.
enum Identity {
    /// A file just made, or one whose making was interrupted: it holds nothing yet.
    Blank,
    /// Ours, of the day asked for.
    Ours,
}

/// A file opened for writing.
pub(super) struct Opened {
    pub connection: SqliteConnection,
    /// True when the file was made: its name is durable only once the folder is synced.
    pub is_new: bool,
}

/// Refuses to run on a SQLite older than 3.51.3.
pub(crate) async fn check_version() -> Result<(), ScanLogError> {
    let doing = "ask SQLite for its version";
    let mut connection = SqliteConnectOptions::new()
        .in_memory(true)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(ScanLogError::storage(doing))?;
    let found: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut connection)
        .await
        .map_err(ScanLogError::storage(doing))?;
    if is_recent_enough(&found) {
        return Ok(());
    }
    let [major, minor, patch] = SQLITE_MIN;
    Err(ScanLogError::SqliteTooOld { found, minimum: format!("{major}.{minor}.{patch}") })
}

fn is_recent_enough(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    numbers.as_slice() >= SQLITE_MIN.as_slice()
}

/// Opens a day for writing, and makes its file if there is none. Every commit is on the disk before it returns.
/// Whoever makes it syncs the folder afterwards, as [`Opened::is_new`] asks.
pub(super) async fn open_for_writing(path: &Path, day: Date) -> Result<Opened, ScanLogError> {
    let options =
        options(path).create_if_missing(true).page_size(PAGE_BYTES).synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await.map_err(|error| named(day, error))?;
    let blank = matches!(identify(&mut connection, day).await?, Identity::Blank);
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| named(day, error))?;
    if mode != "wal" {
        return Err(ScanLogError::Day {
            day,
            reason: format!("the file is in {mode} mode, not in WAL mode"),
        });
    }
    if blank {
        initialise(&mut connection, day).await.map_err(|error| named(day, error))?;
    }
    Ok(Opened { connection, is_new: blank })
}

/// Opens a day for reading; `None` when it has no file, or one that holds nothing yet.
pub(super) async fn open_for_reading(
    path: &Path,
    day: Date,
) -> Result<Option<SqliteConnection>, ScanLogError> {
    if !path.exists() {
        return Ok(None);
    }
    let options = options(path).create_if_missing(false).pragma("query_only", "ON");
    let mut connection = match options.connect().await {
        Ok(connection) => connection,
        // Retired between the look and the opening.
        Err(_) if !path.exists() => return Ok(None),
        Err(error) => return Err(named(day, error)),
    };
    match identify(&mut connection, day).await? {
        Identity::Blank => Ok(None),
        Identity::Ours => Ok(Some(connection)),
    }
}

/// Gives each block of a day to `take`, oldest first, until it says to stop. Blocks are checked before.
pub(super) async fn for_each_block(
    connection: &mut SqliteConnection,
    day: Date,
    mut take: impl FnMut(&[u8]) -> std::ops::ControlFlow<()> + Send,
) -> Result<(), ScanLogError> {
    let mut blocks = sqlx::query("SELECT checksum, scans FROM blocks ORDER BY block_id").fetch(connection);
    while let Some(row) = blocks.try_next().await.map_err(|error| named(day, error))? {
        let checksum: i64 = row.try_get(0).map_err(|error| named(day, error))?;
        let scans: &[u8] = row.try_get(1).map_err(|error| named(day, error))?;
        if let Some(fault) = block::fault(checksum, scans) {
            return Err(ScanLogError::damaged(day, fault));
        }
        if take(scans).is_break() {
            break;
        }
    }
    Ok(())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(LOCK_WAIT_S))
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

async fn identify(connection: &mut SqliteConnection, day: Date) -> Result<Identity, ScanLogError> {
    let sql = "SELECT (SELECT application_id FROM pragma_application_id), \
               (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)";
    let (application, version, objects): (i64, i64, i64) =
        sqlx::query_as(sql).fetch_one(connection).await.map_err(|error| named(day, error))?;
    match (application, version, objects) {
        (0, 0, 0) => Ok(Identity::Blank),
        (application, version, _) if application == i64::from(APPLICATION_ID) => {
            if version == day_number(day) {
                Ok(Identity::Ours)
            } else {
                let of = domain::time::date_of_day_number(version);
                Err(ScanLogError::damaged(day, format!("the file holds the scans of {of}")))
            }
        }
        _ => Err(ScanLogError::damaged(day, "the file is not a scan log's")),
    }
}

/// One transaction, so that a file is either blank or whole.
async fn initialise(connection: &mut SqliteConnection, day: Date) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let marks =
        format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", day_number(day));
    sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
    sqlx::raw_sql(AssertSqlSafe(marks)).execute(&mut *transaction).await?;
    transaction.commit().await
}

/// Tells a damaged or foreign file from a failure of the machine.
pub(super) fn named(day: Date, error: sqlx::Error) -> ScanLogError {
    const SQLITE_CORRUPT: u32 = 11;
    const SQLITE_NOTADB: u32 = 26;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    // The low byte of SQLite's extended result code is the kind of failure.
    match code.map(|code| code & 0xff) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => ScanLogError::damaged(day, error),
        _ => ScanLogError::day(day)(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for enough in ["3.51.3", "3.52.0", "3.100.0", "4.0.0"] {
            assert!(is_recent_enough(enough), "{enough}");
        }
        for old in ["3.51.2", "3.9.9", "3.51", "2.99.99", ""] {
            assert!(!is_recent_enough(old), "{old}");
        }
    }
}
