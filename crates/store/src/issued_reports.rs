//! Documents of a report as they were made: the bytes themselves, their hashes, and which went up for signing.

use crate::{Result, Row, Store, args};

/// A set of documents, without the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedReport {
    /// Random id.
    pub id: i64,
    /// Report.
    pub report_id: i64,
    /// `making`, `ready` or `failed`.
    pub state: String,
    /// Steps done so far.
    pub step: i64,
    /// When it was begun.
    pub made_at: i64,
    /// By whom.
    pub made_by: i64,
    /// When it was ready.
    pub finished_at: Option<i64>,
    /// SHA-256 of the PDF, in hexadecimal.
    pub pdf_hash: Option<String>,
    /// Of the DOCX.
    pub docx_hash: Option<String>,
    /// Of the XLSX.
    pub xlsx_hash: Option<String>,
    /// When it was marked as handed up for signing.
    pub marked_at: Option<i64>,
    /// By whom.
    pub marked_by: Option<i64>,
}

/// The finished files with their hashes.
#[derive(Debug, Clone)]
pub struct IssuedFiles {
    /// PDF.
    pub pdf: Vec<u8>,
    /// DOCX.
    pub docx: Vec<u8>,
    /// XLSX.
    pub xlsx: Vec<u8>,
    /// SHA-256 of each, in hexadecimal, in the same order.
    pub hashes: [String; 3],
}

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuedFile {
    /// To read.
    Pdf,
    /// To edit.
    Docx,
    /// Annexes.
    Xlsx,
}

macro_rules! issued_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, report_id, state, step, made_at, made_by, finished_at, pdf_hash, docx_hash, xlsx_hash, ",
            "marked_at, marked_by FROM issued_reports ",
            $rest
        )
    };
}

fn issued(row: &Row) -> Result<IssuedReport> {
    Ok(IssuedReport {
        id: row.get(0)?,
        report_id: row.get(1)?,
        state: row.get(2)?,
        step: row.get(3)?,
        made_at: row.get(4)?,
        made_by: row.get(5)?,
        finished_at: row.get(6)?,
        pdf_hash: row.get(7)?,
        docx_hash: row.get(8)?,
        xlsx_hash: row.get(9)?,
        marked_at: row.get(10)?,
        marked_by: row.get(11)?,
    })
}

impl Store {
    /// Begins a set of documents, unless one of the same report is being made since `not_before`: then answers that
    /// one's id. Of the finished ones that were not marked only the latest stays, so that a report's sets are few.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_issue(
        &self,
        id: i64,
        report_id: i64,
        by: i64,
        not_before: i64,
        now: i64,
    ) -> Result<(i64, bool)> {
        let mut tx = self.db.begin().await?;
        tx.lock(crate::db::Lock::IssueReport).await?;
        let sql = "SELECT id FROM issued_reports WHERE report_id = $1 AND state = 'making' AND made_at >= $2
                   ORDER BY made_at LIMIT 1";
        if let Some(row) = tx.first(sql, args![report_id, not_before]).await? {
            return Ok((row.get(0)?, false));
        }
        let sql =
            "DELETE FROM issued_reports WHERE report_id = $1 AND marked_at IS NULL AND (state = 'failed' OR
                   (state = 'ready' AND id <> (SELECT id FROM issued_reports WHERE report_id = $1
                   AND state = 'ready' AND marked_at IS NULL ORDER BY made_at DESC, id DESC LIMIT 1)))";
        tx.run(sql, args![report_id]).await?;
        let sql = "INSERT INTO issued_reports (id, report_id, state, step, made_at, made_by)
                   VALUES ($1, $2, 'making', 0, $3, $4)";
        tx.run(sql, args![id, report_id, now, by]).await?;
        tx.commit().await?;
        Ok((id, true))
    }

    /// Notes how far the work is.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn step_issue(&self, id: i64, step: i64) -> Result<()> {
        let sql = "UPDATE issued_reports SET step = $2 WHERE id = $1 AND state = 'making'";
        self.db.run(sql, args![id, step]).await.map(drop)
    }

    /// Keeps the finished files; false when the work was given up before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finish_issue(&self, id: i64, files: IssuedFiles, step: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE issued_reports SET state = 'ready', step = $2, finished_at = $3, pdf = $4, docx = $5,
                   xlsx = $6, pdf_hash = $7, docx_hash = $8, xlsx_hash = $9 WHERE id = $1 AND state = 'making'";
        let [pdf_hash, docx_hash, xlsx_hash] = files.hashes;
        let args = args![id, step, now, files.pdf, files.docx, files.xlsx, pdf_hash, docx_hash, xlsx_hash];
        Ok(self.db.run(sql, args).await? == 1)
    }

    /// Gives up a set of documents.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fail_issue(&self, id: i64, now: i64) -> Result<()> {
        let sql =
            "UPDATE issued_reports SET state = 'failed', finished_at = $2 WHERE id = $1 AND state = 'making'";
        self.db.run(sql, args![id, now]).await.map(drop)
    }

    /// Gives up what was begun before an instant and never finished, as after a stop of the server.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fail_stale_issues(&self, before: i64, now: i64) -> Result<u64> {
        let sql = "UPDATE issued_reports SET state = 'failed', finished_at = $2
                   WHERE state = 'making' AND made_at < $1";
        self.db.run(sql, args![before, now]).await
    }

    /// A set of documents.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn issued_report(&self, id: i64) -> Result<Option<IssuedReport>> {
        let row = self.db.first(issued_sql!("WHERE id = $1"), args![id]).await?;
        row.as_ref().map(issued).transpose()
    }

    /// Sets of documents of a report: what was marked, then the rest, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn issued_reports(&self, report_id: i64) -> Result<Vec<IssuedReport>> {
        let sql = issued_sql!(
            "WHERE report_id = $1 ORDER BY CASE WHEN marked_at IS NULL THEN 1 ELSE 0 END, made_at DESC, id LIMIT 20"
        );
        self.db.all(sql, args![report_id]).await?.iter().map(issued).collect()
    }

    /// One finished file of a set.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn issued_file(&self, id: i64, file: IssuedFile) -> Result<Option<Vec<u8>>> {
        let sql = match file {
            IssuedFile::Pdf => "SELECT pdf FROM issued_reports WHERE id = $1 AND state = 'ready'",
            IssuedFile::Docx => "SELECT docx FROM issued_reports WHERE id = $1 AND state = 'ready'",
            IssuedFile::Xlsx => "SELECT xlsx FROM issued_reports WHERE id = $1 AND state = 'ready'",
        };
        Ok(self.db.first(sql, args![id]).await?.map(|row| row.get(0)).transpose()?.flatten())
    }

    /// Marks a finished set as handed up for signing; false when it is not finished, the report was saved since it
    /// was begun (its words would be others than those sent), or a set of the report was marked before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mark_issue(&self, id: i64, by: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE issued_reports SET marked_at = $2, marked_by = $3
                   WHERE id = $1 AND state = 'ready' AND marked_at IS NULL
                   AND made_at >= (SELECT saved_at FROM reports r WHERE r.id = issued_reports.report_id)
                   AND NOT EXISTS (SELECT 1 FROM issued_reports other
                   WHERE other.report_id = issued_reports.report_id AND other.marked_at IS NOT NULL)";
        let mut tx = self.db.begin().await?;
        tx.lock(crate::db::Lock::IssueReport).await?;
        let marked = tx.run(sql, args![id, now, by]).await? == 1;
        tx.commit().await?;
        Ok(marked)
    }
}
