//! Openings: requests to read sealed rows, their approval and their release by key officers.

use crate::{Result, Row, Store, args};

/// One act of reading, from request to end.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Random id.
    pub id: i64,
    /// Case it is for.
    pub case_id: i64,
    /// Purpose from the closed list.
    pub purpose: String,
    /// Canonical text of persons and days; the approval is for exactly this.
    pub scope: String,
    /// SHA-256 of the scope.
    pub scope_hash: Vec<u8>,
    /// `requested`, `approved`, `refused`, `running`, `done` or `failed`.
    pub state: String,
    /// Tracer.
    pub requested_by: i64,
    /// When.
    pub requested_at: i64,
    /// Approver.
    pub decided_by: Option<i64>,
    /// When.
    pub decided_at: Option<i64>,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// Sealed rows read.
    pub rows_read: Option<i64>,
    /// Contacts found.
    pub contacts: Option<i64>,
}

macro_rules! opening_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, purpose, scope, scope_hash, state, requested_by, requested_at, decided_by, ",
            "decided_at, reason, finished_at, rows_read, contacts FROM openings ",
            $rest
        )
    };
}

impl Store {
    /// Keeps a request.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_opening(&self, o: &Opening) -> Result<()> {
        let sql = "INSERT INTO openings (id, case_id, purpose, scope, scope_hash, state, requested_by, requested_at)
                   VALUES ($1, $2, $3, $4, $5, 'requested', $6, $7)";
        let hash = o.scope_hash.clone();
        let args = args![o.id, o.case_id, &o.purpose, &o.scope, hash, o.requested_by, o.requested_at];
        self.db.run(sql, args).await.map(drop)
    }

    /// An opening by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn opening(&self, id: i64) -> Result<Option<Opening>> {
        self.db.first(opening_sql!("WHERE id = $1"), args![id]).await?.as_ref().map(opening).transpose()
    }

    /// Openings of a case, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn openings_of_case(&self, case_id: i64) -> Result<Vec<Opening>> {
        let sql = opening_sql!("WHERE case_id = $1 ORDER BY requested_at DESC, id");
        self.db.all(sql, args![case_id]).await?.iter().map(opening).collect()
    }

    /// Openings in a state, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn openings_in_state(&self, state: &str) -> Result<Vec<Opening>> {
        let sql = opening_sql!("WHERE state = $1 ORDER BY requested_at, id LIMIT 500");
        self.db.all(sql, args![state]).await?.iter().map(opening).collect()
    }

    /// Openings that gave a result, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest_openings_done(&self, limit: i64) -> Result<Vec<Opening>> {
        let sql = opening_sql!("WHERE state = 'done' ORDER BY finished_at DESC, id LIMIT $1");
        self.db.all(sql, args![limit]).await?.iter().map(opening).collect()
    }

    /// Openings that ended between two instants.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn openings_done(&self, from: i64, until: i64) -> Result<i64> {
        let sql =
            "SELECT COUNT(*) FROM openings WHERE state = 'done' AND finished_at >= $1 AND finished_at < $2";
        self.db.first(sql, args![from, until]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Decides a request of exactly this scope by somebody other than its requester; false when it does
    /// not wait, has another scope, or is the approver's own.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn decide_opening(
        &self,
        id: i64,
        scope_hash: &[u8],
        by: i64,
        approved: bool,
        reason: Option<&str>,
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE openings SET state = $3, decided_by = $4, decided_at = $5, reason = $6
                   WHERE id = $1 AND scope_hash = $2 AND state = 'requested' AND requested_by <> $4";
        let state = if approved { "approved" } else { "refused" };
        Ok(self.db.run(sql, args![id, scope_hash, state, by, now, reason]).await? == 1)
    }

    /// Notes that a key officer released; false when the same officer, or the same account under former
    /// keys, had already.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_release(&self, opening: i64, officer: i64, account: i64, now: i64) -> Result<bool> {
        let sql = "INSERT INTO opening_releases (opening_id, officer_id, account_id, released_at)
                   VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        Ok(self.db.run(sql, args![opening, officer, account, now]).await? == 1)
    }

    /// Releases of an opening: `(officer_id, released_at)`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn releases(&self, opening: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT officer_id, released_at FROM opening_releases WHERE opening_id = $1
                   ORDER BY released_at, officer_id";
        let rows = self.db.all(sql, args![opening]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Forgets releases whose shares were lost with a restart, so that the officers can release again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_releases(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM opening_releases WHERE opening_id IN
                   (SELECT id FROM openings WHERE state IN ('approved', 'running'))";
        tx.run(sql, args![]).await?;
        tx.run("UPDATE openings SET state = 'approved' WHERE state = 'running'", args![]).await?;
        tx.commit().await
    }

    /// Forgets the releases of an opening whose shares waited too long.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_releases_of(&self, opening: i64) -> Result<()> {
        let sql = "DELETE FROM opening_releases WHERE opening_id = $1";
        self.db.run(sql, args![opening]).await.map(drop)
    }

    /// Refuses approvals that nobody released since `before`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn expire_approvals(&self, before: i64, reason: &str) -> Result<u64> {
        let sql =
            "UPDATE openings SET state = 'refused', reason = $2 WHERE state = 'approved' AND decided_at < $1";
        self.db.run(sql, args![before, reason]).await
    }

    /// Moves an approved opening to running; false when another did so already.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start_opening(&self, id: i64) -> Result<bool> {
        let sql = "UPDATE openings SET state = 'running' WHERE id = $1 AND state = 'approved'";
        Ok(self.db.run(sql, args![id]).await? == 1)
    }

    /// Notes the end of a running opening; one that ended before keeps its first end.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finish_opening(
        &self,
        id: i64,
        rows: i64,
        contacts: i64,
        failed: Option<&str>,
        now: i64,
    ) -> Result<()> {
        let sql =
            "UPDATE openings SET state = $2, rows_read = $3, contacts = $4, reason = COALESCE($5, reason),
                   finished_at = $6 WHERE id = $1 AND state = 'running'";
        let state = if failed.is_some() { "failed" } else { "done" };
        self.db.run(sql, args![id, state, rows, contacts, failed, now]).await.map(drop)
    }
}

fn opening(row: &Row) -> Result<Opening> {
    Ok(Opening {
        id: row.get(0)?,
        case_id: row.get(1)?,
        purpose: row.get(2)?,
        scope: row.get(3)?,
        scope_hash: row.get(4)?,
        state: row.get(5)?,
        requested_by: row.get(6)?,
        requested_at: row.get(7)?,
        decided_by: row.get(8)?,
        decided_at: row.get(9)?,
        reason: row.get(10)?,
        finished_at: row.get(11)?,
        rows_read: row.get(12)?,
        contacts: row.get(13)?,
    })
}
