//! Sittings: that the index of an opening lies in the server's memory, and how that ended. Nothing of the index.

use crate::{Result, Row, Store, args};

/// One sitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// The opening whose rows were read.
    pub opening_id: i64,
    /// Its case.
    pub case_id: i64,
    /// When the index was there.
    pub began_at: i64,
    /// When it was wiped.
    pub ended_at: Option<i64>,
    /// Why: a code of `domain::sitting::SittingEnd`.
    pub ended_why: Option<String>,
    /// Account that closed it, where somebody did.
    pub ended_by: Option<i64>,
}

macro_rules! sitting_sql {
    ($rest:literal) => {
        concat!(
            "SELECT s.opening_id, o.case_id, s.began_at, s.ended_at, s.ended_why, s.ended_by
             FROM sittings s JOIN openings o ON o.id = s.opening_id ",
            $rest
        )
    };
}

impl Store {
    /// Notes that the index of an opening lies in memory; an opening has one sitting at most.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_sitting(&self, opening: i64, now: i64) -> Result<()> {
        let sql = "INSERT INTO sittings (opening_id, began_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.db.run(sql, args![opening, now]).await.map(drop)
    }

    /// Notes the end of a sitting; false when it had ended before, which keeps its first end.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_sitting(&self, opening: i64, why: &str, by: Option<i64>, now: i64) -> Result<bool> {
        let sql = "UPDATE sittings SET ended_at = $2, ended_why = $3, ended_by = $4
                   WHERE opening_id = $1 AND ended_at IS NULL";
        Ok(self.db.run(sql, args![opening, now, why, by]).await? == 1)
    }

    /// The latest sitting of a case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest_sitting(&self, case_id: i64) -> Result<Option<Sitting>> {
        let sql = sitting_sql!("WHERE o.case_id = $1 ORDER BY s.began_at DESC, s.opening_id LIMIT 1");
        self.db.first(sql, args![case_id]).await?.as_ref().map(sitting).transpose()
    }

    /// Sittings whose end was not noted: after a start, those that were lost with the memory.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sittings_going_on(&self) -> Result<Vec<Sitting>> {
        let sql = sitting_sql!("WHERE s.ended_at IS NULL ORDER BY s.began_at, s.opening_id LIMIT 500");
        self.db.all(sql, args![]).await?.iter().map(sitting).collect()
    }
}

fn sitting(row: &Row) -> Result<Sitting> {
    Ok(Sitting {
        opening_id: row.get(0)?,
        case_id: row.get(1)?,
        began_at: row.get(2)?,
        ended_at: row.get(3)?,
        ended_why: row.get(4)?,
        ended_by: row.get(5)?,
    })
}
