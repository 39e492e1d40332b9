//! The access log: rows of a hash chain. Nothing here changes or removes a row.

use crate::{Result, Row, Store, StoreError, args};

/// An entry as it stands in the table; its meaning and hash are made by the seal crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Number in the chain, from 1.
    pub seq: i64,
    /// Hash of the entry before.
    pub prev: Vec<u8>,
    /// When.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// For which case.
    pub case_id: Option<i64>,
    /// Purpose from the closed list, or empty.
    pub purpose: String,
    /// Scope in words without personal data.
    pub scope: String,
    /// How many persons or rows it was about.
    pub count: i64,
    /// Keys used.
    pub key_ids: String,
    /// Hash over all of the above.
    pub hash: Vec<u8>,
}

/// A signed daily head.
#[derive(Debug, Clone)]
pub struct LogHead {
    /// Local day, ISO date.
    pub day_on: String,
    /// Last entry of that day.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// Signature by the log key.
    pub signature: Vec<u8>,
}

macro_rules! log_sql {
    ($rest:literal) => {
        concat!(
            "SELECT seq, prev, at, actor, action, case_id, purpose, scope, count, key_ids, hash FROM access_log ",
            $rest
        )
    };
}

impl Store {
    /// Appends the entry that `make` builds on the last one (`None` for an empty log), with the subjects it
    /// is about; durable when this returns.
    ///
    /// # Errors
    /// When the database refuses, or another server appended at the same instant; nothing is kept then.
    pub async fn append_log(
        &self,
        subjects: &[[u8; 16]],
        make: impl FnOnce(Option<&LogRow>) -> LogRow + Send,
    ) -> Result<LogRow> {
        let mut tx = self.db.begin().await?;
        if !self.db.is_lite() {
            tx.run("LOCK TABLE access_log IN EXCLUSIVE MODE", args![]).await?;
        }
        let last = tx.first(log_sql!("ORDER BY seq DESC LIMIT 1"), args![]).await?;
        let entry = make(last.as_ref().map(log_row).transpose()?.as_ref());
        let sql = "INSERT INTO access_log (seq, prev, at, actor, action, case_id, purpose, scope, count, key_ids, hash)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let e = &entry;
        let (prev, hash) = (e.prev.clone(), e.hash.clone());
        let (seq, at, case_id, count) = (e.seq, e.at, e.case_id, e.count);
        let args =
            args![seq, prev, at, &e.actor, &e.action, case_id, &e.purpose, &e.scope, count, &e.key_ids, hash];
        tx.run(sql, args).await?;
        for subject in subjects {
            let sql = "INSERT INTO access_subjects (seq, subject_index) VALUES ($1, $2)
                       ON CONFLICT (seq, subject_index) DO NOTHING";
            tx.run(sql, args![seq, *subject]).await?;
        }
        tx.commit().await?;
        Ok(entry)
    }

    /// Up to `limit` entries from number `from` on, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_rows(&self, from: i64, limit: i64) -> Result<Vec<LogRow>> {
        self.db
            .all(log_sql!("WHERE seq >= $1 ORDER BY seq LIMIT $2"), args![from, limit])
            .await?
            .iter()
            .map(log_row)
            .collect()
    }

    /// The latest entries, newest first, of one case or of all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest_log_rows(&self, case_id: Option<i64>, limit: i64) -> Result<Vec<LogRow>> {
        let rows = match case_id {
            Some(id) => {
                let sql = log_sql!("WHERE case_id = $1 ORDER BY seq DESC LIMIT $2");
                self.db.all(sql, args![id, limit]).await?
            }
            None => self.db.all(log_sql!("ORDER BY seq DESC LIMIT $1"), args![limit]).await?,
        };
        rows.iter().map(log_row).collect()
    }

    /// The last entry before an instant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_head_at(&self, until: i64) -> Result<Option<LogRow>> {
        let sql = log_sql!("WHERE at < $1 ORDER BY seq DESC LIMIT 1");
        self.db.first(sql, args![until]).await?.as_ref().map(log_row).transpose()
    }

    /// Keeps a signed head; the first one of a day stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_log_head(&self, head: &LogHead) -> Result<()> {
        let sql = "INSERT INTO log_heads (day_on, seq, hash, signature) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (day_on) DO NOTHING";
        let args = args![&head.day_on, head.seq, head.hash.clone(), head.signature.clone()];
        self.db.run(sql, args).await.map(drop)
    }

    /// All signed heads, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_heads(&self) -> Result<Vec<LogHead>> {
        let rows = self
            .db
            .all("SELECT day_on, seq, hash, signature FROM log_heads ORDER BY day_on", args![])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(LogHead {
                    day_on: row.get(0)?,
                    seq: row.get(1)?,
                    hash: row.get(2)?,
                    signature: row.get(3)?,
                })
            })
            .collect::<std::result::Result<_, StoreError>>()
    }

    /// Entries that are about a person, by the keyed index of subjects, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_rows_of_subject(&self, subject: [u8; 16]) -> Result<Vec<LogRow>> {
        let sql = log_sql!(
            "WHERE seq IN (SELECT seq FROM access_subjects WHERE subject_index = $1) ORDER BY seq DESC LIMIT 1000"
        );
        self.db.all(sql, args![subject]).await?.iter().map(log_row).collect()
    }
}

fn log_row(row: &Row) -> Result<LogRow> {
    Ok(LogRow {
        seq: row.get(0)?,
        prev: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        action: row.get(4)?,
        case_id: row.get(5)?,
        purpose: row.get(6)?,
        scope: row.get(7)?,
        count: row.get(8)?,
        key_ids: row.get(9)?,
        hash: row.get(10)?,
    })
}
