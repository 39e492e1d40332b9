//! One thin face over SQLite and PostgreSQL: one SQL text, `$1` parameters, three value types.
//!
//! SQLite has one writer (transactions begin `IMMEDIATE`) and a pool of readers; PostgreSQL one pool.
//! Every statement of the project runs through here, so that a test on both databases covers it.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Postgres, Row as _, Sqlite, Transaction,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow},
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};

/// What went wrong at the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was lost.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The bundled SQLite is too old to be trusted with data.
    #[error("SQLite {0} is below 3.51.3, which carries a corruption bug; build with a newer one")]
    OldSqlite(String),
    /// A row holds what this program cannot read.
    #[error("unreadable value in {0}")]
    Unreadable(&'static str),
    /// A rule of the data was broken; the text names it.
    #[error("{0}")]
    Conflict(&'static str),
}

/// Result of every store function.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A parameter of a statement.
#[derive(Debug, Clone)]
pub enum Value {
    /// A 64-bit integer or NULL.
    Int(Option<i64>),
    /// Text or NULL.
    Text(Option<String>),
    /// Bytes or NULL.
    Bytes(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident, $convert:expr;)*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self { Value::$variant($convert(value)) }
        }
    )*};
}

value_from! {
    i64 => Int, Some;
    i32 => Int, |v| Some(i64::from(v));
    u32 => Int, |v| Some(i64::from(v));
    bool => Int, |v| Some(i64::from(v));
    Option<i64> => Int, |v| v;
    String => Text, Some;
    &String => Text, |v: &String| Some(v.clone());
    &str => Text, |v: &str| Some(v.to_owned());
    Option<String> => Text, |v| v;
    Option<&str> => Text, |v: Option<&str>| v.map(str::to_owned);
    Vec<u8> => Bytes, Some;
    &[u8] => Bytes, |v: &[u8]| Some(v.to_vec());
    [u8; 16] => Bytes, |v: [u8; 16]| Some(v.to_vec());
    [u8; 32] => Bytes, |v: [u8; 32]| Some(v.to_vec());
    Option<Vec<u8>> => Bytes, |v| v;
}

/// Parameters of a statement, in order: `args![id, name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

/// A row of an answer.
pub enum Row {
    /// From SQLite.
    Lite(SqliteRow),
    /// From PostgreSQL.
    Pg(PgRow),
}

/// A column type that both databases hold alike.
pub trait Column: Sized {
    /// Reads column `index`.
    ///
    /// # Errors
    /// When the column is missing, NULL or of another type.
    fn read(row: &Row, index: usize) -> Result<Self>;
}

macro_rules! column {
    ($($type:ty),*) => {$(
        impl Column for $type {
            fn read(row: &Row, index: usize) -> Result<Self> {
                Ok(match row {
                    Row::Lite(row) => row.try_get(index)?,
                    Row::Pg(row) => row.try_get(index)?,
                })
            }
        }
    )*};
}

column!(i64, Option<i64>, String, Option<String>, Vec<u8>, Option<Vec<u8>>);

impl Column for bool {
    fn read(row: &Row, index: usize) -> Result<Self> {
        Ok(i64::read(row, index)? != 0)
    }
}

impl Row {
    /// Reads column `index`.
    ///
    /// # Errors
    /// When the column is missing, NULL or of another type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        T::read(self, index)
    }
}

/// A database: SQLite or PostgreSQL.
#[derive(Clone)]
pub enum Db {
    /// One writer and several readers over one file.
    Lite {
        /// Single connection through which every change goes.
        writer: SqlitePool,
        /// Connections that only read.
        readers: SqlitePool,
    },
    /// A pool of connections.
    Pg(PgPool),
}

/// An open transaction. Dropped without [`Tx::commit`], it leaves nothing.
pub enum Tx {
    /// On the single writer.
    Lite(Transaction<'static, Sqlite>),
    /// On a pooled connection.
    Pg(Transaction<'static, Postgres>),
}

macro_rules! bind {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $args {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

/// Longest wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Reading connections to one SQLite file.
const LITE_READERS: u32 = 6;
/// Connections to PostgreSQL.
const PG_CONNECTIONS: u32 = 16;

impl Db {
    /// Opens or makes a SQLite file.
    ///
    /// # Errors
    /// When the file cannot be opened or the library is too old.
    pub async fn open_file(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted, such as the wraps of old epochs, must not survive in free pages.
            .pragma("secure_delete", "on")
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone())
            .await?;
        let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&writer).await?;
        refuse_old_sqlite(&version)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(LITE_READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self::Lite { writer, readers })
    }

    /// Connects to PostgreSQL, keeping all tables in `schema` (made when missing).
    ///
    /// # Errors
    /// When the address is malformed, the server away or the schema's name not plain letters.
    pub async fn open_postgres(url: &str, schema: &str) -> Result<Self> {
        if schema.is_empty()
            || !schema.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(StoreError::Conflict("a schema's name may hold a-z, 0-9 and _ only"));
        }
        let options =
            PgConnectOptions::from_str(url)?.options([("search_path", schema)]).disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(PG_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        let db = Self::Pg(pool);
        db.make_schema(schema).await?;
        Ok(db)
    }

    /// Makes the schema when it is missing. Asking first lets an administrator make it for a role that may
    /// not, and the lock keeps servers that start together from tripping over each other.
    async fn make_schema(&self, schema: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Migrate).await?;
        let sql = "SELECT CAST(1 AS BIGINT) FROM pg_namespace WHERE nspname = $1";
        if tx.first(sql, vec![Value::from(schema)]).await?.is_none() {
            tx.run_script(format!("CREATE SCHEMA {schema}")).await?;
        }
        tx.commit().await
    }

    /// True for SQLite.
    #[must_use]
    pub fn is_lite(&self) -> bool {
        matches!(self, Self::Lite { .. })
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Lite { writer, .. } => Tx::Lite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Pg(pool) => Tx::Pg(pool.begin().await?),
        })
    }

    /// All rows of a reading statement.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all(&self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Lite { readers, .. } => {
                bind!(sql, args).fetch_all(readers).await?.into_iter().map(Row::Lite).collect()
            }
            Self::Pg(pool) => bind!(sql, args).fetch_all(pool).await?.into_iter().map(Row::Pg).collect(),
        })
    }

    /// The first row of a reading statement, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn first(&self, sql: &'static str, args: Vec<Value>) -> Result<Option<Row>> {
        Ok(match self {
            Self::Lite { readers, .. } => bind!(sql, args).fetch_optional(readers).await?.map(Row::Lite),
            Self::Pg(pool) => bind!(sql, args).fetch_optional(pool).await?.map(Row::Pg),
        })
    }

    /// One statement that changes rows; answers how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&self, sql: &'static str, args: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Lite { writer, .. } => bind!(sql, args).execute(writer).await?.rows_affected(),
            Self::Pg(pool) => bind!(sql, args).execute(pool).await?.rows_affected(),
        })
    }

    /// Closes every connection, letting running statements end.
    pub async fn close(&self) {
        match self {
            Self::Lite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Pg(pool) => pool.close().await,
        }
    }
}

/// What only one transaction may do at a time, whichever server it runs on. SQLite has one writer anyway.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lock {
    /// Bringing the schema to the newest version.
    Migrate,
    /// Finding or making people, and removing them.
    Settle,
    /// Giving areas their dense ids.
    AreaIds,
    /// Making the first account.
    FirstAccount,
    /// Exchanging the code in force of an area.
    RenewCode,
    /// Merging items of reports, and taking them apart.
    MergeItems,
    /// Beginning the documents of a report.
    IssueReport,
    /// Giving places their planned visits, one each.
    PlanVisits,
}

impl Lock {
    /// Key of PostgreSQL's advisory lock; the letters `vaora` keep clear of other programs' keys.
    const fn key(self) -> i64 {
        0x0076_616f_7261_0000 + self as i64
    }
}

impl Tx {
    /// Waits for a lock and holds it until the transaction ends.
    pub(crate) async fn lock(&mut self, lock: Lock) -> Result<()> {
        if let Self::Pg(_) = self {
            self.run("SELECT pg_advisory_xact_lock($1)", vec![Value::from(lock.key())]).await?;
        }
        Ok(())
    }

    /// All rows of a statement, seen inside the transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Lite(tx) => {
                bind!(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Lite).collect()
            }
            Self::Pg(tx) => bind!(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Pg).collect(),
        })
    }

    /// The first row of a statement, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn first(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Option<Row>> {
        Ok(match self {
            Self::Lite(tx) => bind!(sql, args).fetch_optional(&mut **tx).await?.map(Row::Lite),
            Self::Pg(tx) => bind!(sql, args).fetch_optional(&mut **tx).await?.map(Row::Pg),
        })
    }

    /// One statement that changes rows; answers how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Lite(tx) => bind!(sql, args).execute(&mut **tx).await?.rows_affected(),
            Self::Pg(tx) => bind!(sql, args).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs a migration's text, several statements at once.
    pub(crate) async fn run_script(&mut self, script: String) -> Result<()> {
        match self {
            Self::Lite(tx) => sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut **tx).await.map(drop)?,
            Self::Pg(tx) => sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut **tx).await.map(drop)?,
        }
        Ok(())
    }

    /// Makes the transaction's changes durable.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Lite(tx) => tx.commit().await?,
            Self::Pg(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// True when the error is a broken uniqueness, which callers turn into words for the user.
#[must_use]
pub fn is_unique_violation(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(sqlx::Error::Database(e)) if e.is_unique_violation())
}

fn refuse_old_sqlite(version: &str) -> Result<()> {
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts < vec![3, 51, 3] { Err(StoreError::OldSqlite(version.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::refuse_old_sqlite;

    #[test]
    fn an_old_sqlite_is_refused() {
        assert!(refuse_old_sqlite("3.51.2").is_err());
        assert!(refuse_old_sqlite("3.46.1").is_err());
        assert!(refuse_old_sqlite("3.51.3").is_ok());
        assert!(refuse_old_sqlite("3.100.0").is_ok());
        assert!(refuse_old_sqlite("4.0.0").is_ok());
    }
}
