//! Cases. What a case keeps is sealed under the case's own key and goes with it.

use crate::{Result, Row, Store, StoreError, Tx, args};

/// An index person's case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Random id.
    pub id: i64,
    /// Code on lists, such as `DL-2026-0001`.
    pub code: String,
    /// Disease profile.
    pub profile: String,
    /// Office that traces.
    pub unit_id: i64,
    /// Onset, or the day of the positive sample; ISO date.
    pub onset_on: String,
    /// Day of isolation, ISO date.
    pub isolated_on: Option<String>,
    /// Random ids of the index person, 16 hexadecimal digits each, comma between (a person may have more
    /// than one). Retention reads them.
    pub persons: String,
    /// Case key, sealed under the key file.
    pub key_sealed: Vec<u8>,
    /// Timeline and contacts, sealed under the case key.
    pub file_sealed: Option<Vec<u8>>,
    /// Tracer who opened it.
    pub created_by: i64,
    /// When.
    pub created_at: i64,
    /// When it and all it keeps is deleted.
    pub delete_at: i64,
}

macro_rules! case_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, code, profile, unit_id, onset_on, isolated_on, persons, key_sealed, file_sealed, created_by, ",
            "created_at, delete_at FROM cases ",
            $rest
        )
    };
}

impl Store {
    /// Opens a case with the next code of its year (`prefix` + number); answers the code. A number is never
    /// given again, even when its case was deleted.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_case(&self, c: &Case, prefix: &str) -> Result<String> {
        let mut tx = self.db.begin().await?;
        let code = format!("{prefix}{:04}", next_number(&mut tx, prefix).await?);
        let sql = "INSERT INTO cases (id, code, profile, unit_id, onset_on, isolated_on, persons, key_sealed,
                   created_by, created_at, delete_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let (key, isolated) = (c.key_sealed.clone(), c.isolated_on.clone());
        let (by, at, delete_at) = (c.created_by, c.created_at, c.delete_at);
        let (id, unit_id, onset) = (c.id, c.unit_id, &c.onset_on);
        let args = args![id, &code, &c.profile, unit_id, onset, isolated, &c.persons, key, by, at, delete_at];
        tx.run(sql, args).await?;
        tx.commit().await?;
        Ok(code)
    }

    /// A case by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn case(&self, id: i64) -> Result<Option<Case>> {
        self.db.first(case_sql!("WHERE id = $1"), args![id]).await?.as_ref().map(case).transpose()
    }

    /// All cases, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cases(&self) -> Result<Vec<Case>> {
        let sql = case_sql!("ORDER BY created_at DESC, code DESC LIMIT 2000");
        self.db.all(sql, args![]).await?.iter().map(case).collect()
    }

    /// Keeps the sealed file of a case, replacing an earlier one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_case_file(&self, id: i64, sealed: Vec<u8>) -> Result<()> {
        self.db.run("UPDATE cases SET file_sealed = $2 WHERE id = $1", args![id, sealed]).await.map(drop)
    }
}

/// Counts on in a setting: the cases themselves are deleted in time, their numbers must not come back.
async fn next_number(tx: &mut Tx, prefix: &str) -> Result<i64> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, '1') ON CONFLICT (name) DO UPDATE
               SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT) RETURNING CAST(value AS BIGINT)";
    let row = tx.first(sql, args![format!("cases:{prefix}")]).await?;
    row.ok_or(StoreError::Unreadable("settings"))?.get(0)
}

fn case(row: &Row) -> Result<Case> {
    Ok(Case {
        id: row.get(0)?,
        code: row.get(1)?,
        profile: row.get(2)?,
        unit_id: row.get(3)?,
        onset_on: row.get(4)?,
        isolated_on: row.get(5)?,
        persons: row.get(6)?,
        key_sealed: row.get(7)?,
        file_sealed: row.get(8)?,
        created_by: row.get(9)?,
        created_at: row.get(10)?,
        delete_at: row.get(11)?,
    })
}
