//! Directives: letters with their file, and a copy of each for every office that got it.

use crate::{Result, Row, Store, args};

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Random id; the form carries it, so that sending twice sends one.
    pub id: i64,
    /// The office that sent it.
    pub unit_id: i64,
    /// Number and symbol: `5869/UBND-KGVX`.
    pub number: String,
    /// Its date, ISO.
    pub issued_on: String,
    /// Who signed it: the issuing agency in words.
    pub issuer: String,
    /// What it is about.
    pub summary: String,
    /// What is asked of those who get it.
    pub asked: String,
    /// Deadline, ISO date; its day is in time.
    pub due_on: String,
    /// The officer who sent it.
    pub sent_by: i64,
    /// When.
    pub sent_at: i64,
    /// `sent`, `withdrawn` or `replaced`.
    pub state: String,
    /// Why it was withdrawn.
    pub state_reason: String,
    /// The letter that replaced it.
    pub replaced_by: Option<i64>,
}

/// The file of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectiveFile {
    /// Name to save it under.
    pub name: String,
    /// `pdf` or `docx`.
    pub kind: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// An office's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The letter.
    pub directive_id: i64,
    /// The office.
    pub unit_id: i64,
    /// The office that sent it on.
    pub from_unit_id: i64,
    /// What that office added.
    pub remark: String,
    /// The office's deadline, ISO date.
    pub due_on: String,
    /// When it came.
    pub received_at: i64,
    /// When somebody of the office opened it first.
    pub read_at: Option<i64>,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<i64>,
    /// Name of who did.
    pub acknowledged_name: Option<String>,
    /// `""`, `in_progress` or `done`.
    pub progress: String,
    /// What the office says of it.
    pub progress_words: String,
    /// When it said so.
    pub progress_at: Option<i64>,
}

/// A letter with how the copies of some offices stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The letter.
    pub directive: Directive,
    /// Copies.
    pub copies: i64,
    /// Of these, acknowledged.
    pub acknowledged: i64,
    /// Of these, done.
    pub done: i64,
    /// Not done, and the deadline is over.
    pub late: i64,
}

fn directive(row: &Row) -> Result<Directive> {
    Ok(Directive {
        id: row.get(0)?,
        unit_id: row.get(1)?,
        number: row.get(2)?,
        issued_on: row.get(3)?,
        issuer: row.get(4)?,
        summary: row.get(5)?,
        asked: row.get(6)?,
        due_on: row.get(7)?,
        sent_by: row.get(8)?,
        sent_at: row.get(9)?,
        state: row.get(10)?,
        state_reason: row.get(11)?,
        replaced_by: row.get(12)?,
    })
}

fn copy_at(row: &Row, first: usize) -> Result<Copy> {
    Ok(Copy {
        directive_id: row.get(first)?,
        unit_id: row.get(first + 1)?,
        from_unit_id: row.get(first + 2)?,
        remark: row.get(first + 3)?,
        due_on: row.get(first + 4)?,
        received_at: row.get(first + 5)?,
        read_at: row.get(first + 6)?,
        acknowledged_at: row.get(first + 7)?,
        acknowledged_name: row.get(first + 8)?,
        progress: row.get(first + 9)?,
        progress_words: row.get(first + 10)?,
        progress_at: row.get(first + 11)?,
    })
}

impl Store {
    /// Sends a letter to offices, and marks the one that it replaces; false when it was sent before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn send_directive(
        &self,
        d: &Directive,
        file: Option<&DirectiveFile>,
        units: &[i64],
        replaces: Option<i64>,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql =
            "INSERT INTO directives (id, unit_id, number, issued_on, issuer, summary, asked, due_on, sent_by,
                   sent_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'sent')
                   ON CONFLICT (id) DO NOTHING";
        let args = args![
            d.id,
            d.unit_id,
            &d.number,
            &d.issued_on,
            &d.issuer,
            &d.summary,
            &d.asked,
            &d.due_on,
            d.sent_by,
            d.sent_at
        ];
        if tx.run(sql, args).await? == 0 {
            return Ok(false);
        }
        if let Some(file) = file {
            let sql = "INSERT INTO directive_files (directive_id, name, kind, bytes) VALUES ($1, $2, $3, $4)";
            tx.run(sql, args![d.id, &file.name, &file.kind, file.bytes.as_slice()]).await?;
        }
        let sql =
            "INSERT INTO directive_copies (directive_id, unit_id, from_unit_id, remark, due_on, received_at)
                   VALUES ($1, $2, $3, '', $4, $5) ON CONFLICT (directive_id, unit_id) DO NOTHING";
        for unit in units {
            tx.run(sql, args![d.id, *unit, d.unit_id, &d.due_on, d.sent_at]).await?;
        }
        if let Some(old) = replaces {
            let sql = "UPDATE directives SET state = 'replaced', replaced_by = $2
                       WHERE id = $1 AND state = 'sent' AND unit_id = $3";
            tx.run(sql, args![old, d.id, d.unit_id]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Copies a letter on to offices; how many did not have it yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn copy_directive_on(
        &self,
        id: i64,
        from_unit_id: i64,
        units: &[i64],
        remark: &str,
        due_on: &str,
        now: i64,
    ) -> Result<Vec<i64>> {
        let mut tx = self.db.begin().await?;
        let sql =
            "INSERT INTO directive_copies (directive_id, unit_id, from_unit_id, remark, due_on, received_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (directive_id, unit_id) DO NOTHING";
        let mut fresh = Vec::new();
        for unit in units {
            if tx.run(sql, args![id, *unit, from_unit_id, remark, due_on, now]).await? == 1 {
                fresh.push(*unit);
            }
        }
        tx.commit().await?;
        Ok(fresh)
    }

    /// A letter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directive(&self, id: i64) -> Result<Option<Directive>> {
        let sql =
            "SELECT id, unit_id, number, issued_on, issuer, summary, asked, due_on, sent_by, sent_at, state,
                   state_reason, replaced_by FROM directives WHERE id = $1";
        let row = self.db.first(sql, args![id]).await?;
        row.as_ref().map(directive).transpose()
    }

    /// The file of a letter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directive_file(&self, id: i64) -> Result<Option<DirectiveFile>> {
        let sql = "SELECT name, kind, bytes FROM directive_files WHERE directive_id = $1";
        let row = self.db.first(sql, args![id]).await?;
        let file = |row: Row| Ok(DirectiveFile { name: row.get(0)?, kind: row.get(1)?, bytes: row.get(2)? });
        row.map(file).transpose()
    }

    /// True when a letter has a file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn has_directive_file(&self, id: i64) -> Result<bool> {
        let sql = "SELECT CAST(1 AS BIGINT) FROM directive_files WHERE directive_id = $1";
        Ok(self.db.first(sql, args![id]).await?.is_some())
    }

    /// An office's copy of a letter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directive_copy(&self, id: i64, unit_id: i64) -> Result<Option<Copy>> {
        let sql =
            "SELECT c.directive_id, c.unit_id, c.from_unit_id, c.remark, c.due_on, c.received_at, c.read_at,
                   c.acknowledged_at, a.name, c.progress, c.progress_words, c.progress_at
                   FROM directive_copies c LEFT JOIN accounts a ON a.id = c.acknowledged_by
                   WHERE c.directive_id = $1 AND c.unit_id = $2";
        let row = self.db.first(sql, args![id, unit_id]).await?;
        row.as_ref().map(|row| copy_at(row, 0)).transpose()
    }

    /// All copies of a letter; the tree bounds them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directive_copies(&self, id: i64) -> Result<Vec<Copy>> {
        let sql =
            "SELECT c.directive_id, c.unit_id, c.from_unit_id, c.remark, c.due_on, c.received_at, c.read_at,
                   c.acknowledged_at, a.name, c.progress, c.progress_words, c.progress_at
                   FROM directive_copies c LEFT JOIN accounts a ON a.id = c.acknowledged_by
                   WHERE c.directive_id = $1 ORDER BY c.unit_id LIMIT 2000";
        self.db.all(sql, args![id]).await?.iter().map(|row| copy_at(row, 0)).collect()
    }

    /// A page of the letters that an office got, latest first, each with its copy.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directives_received(
        &self,
        unit_id: i64,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<(Directive, Copy)>> {
        let sql = "SELECT d.id, d.unit_id, d.number, d.issued_on, d.issuer, d.summary, d.asked, d.due_on, d.sent_by,
                   d.sent_at, d.state, d.state_reason, d.replaced_by, c.directive_id, c.unit_id, c.from_unit_id,
                   c.remark, c.due_on, c.received_at, c.read_at, c.acknowledged_at, a.name, c.progress,
                   c.progress_words, c.progress_at
                   FROM directive_copies c JOIN directives d ON d.id = c.directive_id
                   LEFT JOIN accounts a ON a.id = c.acknowledged_by
                   WHERE c.unit_id = $1 ORDER BY c.received_at DESC, d.id LIMIT $2 OFFSET $3";
        let read = |row: &Row| Ok((directive(row)?, copy_at(row, 13)?));
        self.db.all(sql, args![unit_id, limit, offset]).await?.iter().map(read).collect()
    }

    /// How many letters an office got.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_directives_received(&self, unit_id: i64) -> Result<i64> {
        let row =
            self.db.first("SELECT COUNT(*) FROM directive_copies WHERE unit_id = $1", args![unit_id]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// A page of the letters that offices sent, latest first, with how the copies stand: of one office, or of
    /// every office for 0.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directives_sent(
        &self,
        unit_id: i64,
        today: &str,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Tally>> {
        let sql = "SELECT d.id, d.unit_id, d.number, d.issued_on, d.issuer, d.summary, d.asked, d.due_on, d.sent_by,
                   d.sent_at, d.state, d.state_reason, d.replaced_by, COUNT(c.unit_id),
                   CAST(COALESCE(SUM(CASE WHEN c.acknowledged_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN c.progress = 'done' THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN c.progress <> 'done' AND c.due_on < $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
                   FROM directives d LEFT JOIN directive_copies c ON c.directive_id = d.id
                   WHERE d.id IN (SELECT x.id FROM directives x WHERE CAST($1 AS BIGINT) = 0 OR x.unit_id = $1
                    ORDER BY x.sent_at DESC, x.id LIMIT $3 OFFSET $4)
                   GROUP BY d.id, d.unit_id, d.number, d.issued_on, d.issuer, d.summary, d.asked, d.due_on, d.sent_by,
                   d.sent_at, d.state, d.state_reason, d.replaced_by
                   ORDER BY d.sent_at DESC, d.id";
        let read = |row: &Row| {
            Ok(Tally {
                directive: directive(row)?,
                copies: row.get(13)?,
                acknowledged: row.get(14)?,
                done: row.get(15)?,
                late: row.get(16)?,
            })
        };
        self.db.all(sql, args![unit_id, today, limit, offset]).await?.iter().map(read).collect()
    }

    /// How many letters an office sent; of every office for 0.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_directives_sent(&self, unit_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM directives WHERE CAST($1 AS BIGINT) = 0 OR unit_id = $1";
        let row = self.db.first(sql, args![unit_id]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Marks that an office opened a letter; the first time stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read_directive(&self, id: i64, unit_id: i64, by: i64, now: i64) -> Result<()> {
        let sql = "UPDATE directive_copies SET read_at = $4, read_by = $3
                   WHERE directive_id = $1 AND unit_id = $2 AND read_at IS NULL";
        self.db.run(sql, args![id, unit_id, by, now]).await.map(drop)
    }

    /// Acknowledges a letter for an office; false when it was acknowledged before, withdrawn or not received.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn acknowledge_directive(&self, id: i64, unit_id: i64, by: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE directive_copies SET acknowledged_at = $4, acknowledged_by = $3,
                   read_at = COALESCE(read_at, $4), read_by = COALESCE(read_by, $3)
                   WHERE directive_id = $1 AND unit_id = $2 AND acknowledged_at IS NULL
                   AND EXISTS (SELECT 1 FROM directives d WHERE d.id = $1 AND d.state = 'sent')";
        Ok(self.db.run(sql, args![id, unit_id, by, now]).await? == 1)
    }

    /// Keeps what an office says of its progress; acknowledges the letter with it. False when it was withdrawn,
    /// not received, or reported done before: that stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_directive(
        &self,
        id: i64,
        unit_id: i64,
        progress: &str,
        words: &str,
        by: i64,
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE directive_copies SET progress = $3, progress_words = $4, progress_at = $6, progress_by = $5,
                   acknowledged_at = COALESCE(acknowledged_at, $6), acknowledged_by = COALESCE(acknowledged_by, $5),
                   read_at = COALESCE(read_at, $6), read_by = COALESCE(read_by, $5)
                   WHERE directive_id = $1 AND unit_id = $2 AND progress <> 'done'
                   AND EXISTS (SELECT 1 FROM directives d WHERE d.id = $1 AND d.state = 'sent')";
        Ok(self.db.run(sql, args![id, unit_id, progress, words, by, now]).await? == 1)
    }

    /// Withdraws a letter with a reason; false when it was withdrawn or replaced before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn withdraw_directive(&self, id: i64, reason: &str) -> Result<bool> {
        let sql =
            "UPDATE directives SET state = 'withdrawn', state_reason = $2 WHERE id = $1 AND state = 'sent'";
        Ok(self.db.run(sql, args![id, reason]).await? == 1)
    }

    /// An office's letters: not acknowledged, of these late; acknowledged but not done and past the deadline.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directives_waiting(&self, unit_id: i64, today: &str) -> Result<(i64, i64, i64)> {
        let sql = "SELECT
                   CAST(COALESCE(SUM(CASE WHEN c.acknowledged_at IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN c.acknowledged_at IS NULL AND c.due_on < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN c.acknowledged_at IS NOT NULL AND c.due_on < $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
                   FROM directive_copies c JOIN directives d ON d.id = c.directive_id
                   WHERE c.unit_id = $1 AND d.state = 'sent' AND c.progress <> 'done'";
        let row = self.db.first(sql, args![unit_id, today]).await?;
        row.map_or(Ok((0, 0, 0)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// Copies in force that are not done, with the letter's number, whose deadline lies between two days (ISO
    /// dates, both included): those that reminders look at.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directives_to_remind(
        &self,
        from_on: &str,
        until_on: &str,
    ) -> Result<Vec<(i64, String, i64, String)>> {
        let sql = "SELECT d.id, d.number, c.unit_id, c.due_on FROM directive_copies c
                   JOIN directives d ON d.id = c.directive_id
                   WHERE d.state = 'sent' AND c.progress <> 'done' AND c.due_on >= $1 AND c.due_on <= $2
                   ORDER BY d.id, c.unit_id LIMIT 20000";
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        self.db.all(sql, args![from_on, until_on]).await?.iter().map(read).collect()
    }
}
