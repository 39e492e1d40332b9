//! Reports of units for periods: drafts, what was sent, what the level above said.

use crate::{Result, Row, Store, args};

/// A unit's report for a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Random id.
    pub id: i64,
    /// Period.
    pub period_id: i64,
    /// Unit that reports.
    pub unit_id: i64,
    /// Unit that takes the report; none for the province's, which goes to the Committee.
    pub above_id: Option<i64>,
    /// Level of the unit when the period was opened.
    pub level: String,
    /// Last day on which it is on time, ISO date.
    pub due_on: String,
    /// `draft`, `submitted`, `returned` or `accepted` (`domain::report::State`).
    pub state: String,
    /// How often it was sent; 0 for a draft.
    pub version: i64,
    /// Words on direction and leadership.
    pub direction: String,
    /// Words on results.
    pub results: String,
    /// Words on guidance, support and inspection.
    pub support: String,
    /// Words on what comes next.
    pub next_steps: String,
    /// When it was saved last.
    pub saved_at: i64,
    /// When it was sent first: what punctuality is counted by.
    pub first_sent_at: Option<i64>,
    /// When it was sent last.
    pub sent_at: Option<i64>,
    /// By whom.
    pub sent_by: Option<i64>,
    /// When the level above accepted or returned it.
    pub decided_at: Option<i64>,
    /// By whom.
    pub decided_by: Option<i64>,
    /// Why it was returned.
    pub return_reason: Option<String>,
}

/// What an officer typed into a report, apart from its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportWords {
    /// Direction and leadership.
    pub direction: String,
    /// Results.
    pub results: String,
    /// Guidance, support and inspection.
    pub support: String,
    /// What comes next.
    pub next_steps: String,
}

/// A version of a report as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportVersion {
    /// 1 for the first.
    pub version: i64,
    /// The words and items as JSON.
    pub body: String,
    /// When it was sent.
    pub sent_at: i64,
    /// By whom.
    pub sent_by: i64,
    /// `accepted` or `returned`; none while nobody decided.
    pub decision: Option<String>,
    /// Why it was returned.
    pub reason: Option<String>,
}

macro_rules! report_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, period_id, unit_id, above_id, level, due_on, state, version, direction, results, support, ",
            "next_steps, saved_at, first_sent_at, sent_at, sent_by, decided_at, decided_by, return_reason ",
            "FROM reports ",
            $rest
        )
    };
}

fn report(row: &Row) -> Result<Report> {
    Ok(Report {
        id: row.get(0)?,
        period_id: row.get(1)?,
        unit_id: row.get(2)?,
        above_id: row.get(3)?,
        level: row.get(4)?,
        due_on: row.get(5)?,
        state: row.get(6)?,
        version: row.get(7)?,
        direction: row.get(8)?,
        results: row.get(9)?,
        support: row.get(10)?,
        next_steps: row.get(11)?,
        saved_at: row.get(12)?,
        first_sent_at: row.get(13)?,
        sent_at: row.get(14)?,
        sent_by: row.get(15)?,
        decided_at: row.get(16)?,
        decided_by: row.get(17)?,
        return_reason: row.get(18)?,
    })
}

impl Store {
    /// Adds reports as they are given; those that stand stay as they are. Answers how many are new.
    ///
    /// # Errors
    /// When the database refuses; nothing is added then.
    pub async fn add_reports(&self, reports: &[Report]) -> Result<u64> {
        let sql = "INSERT INTO reports (id, period_id, unit_id, above_id, level, due_on, state, version, direction,
                   results, support, next_steps, saved_at, first_sent_at, sent_at, sent_by, decided_at, decided_by)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
                   ON CONFLICT (period_id, unit_id) DO NOTHING";
        let mut tx = self.db.begin().await?;
        let mut made = 0;
        for r in reports {
            let words = (&r.direction, &r.results, &r.support, &r.next_steps);
            let args = args![
                r.id,
                r.period_id,
                r.unit_id,
                r.above_id,
                &r.level,
                &r.due_on,
                &r.state,
                r.version,
                words.0,
                words.1,
                words.2,
                words.3,
                r.saved_at,
                r.first_sent_at,
                r.sent_at,
                r.sent_by,
                r.decided_at,
                r.decided_by
            ];
            made += tx.run(sql, args).await?;
        }
        tx.commit().await?;
        Ok(made)
    }

    /// A report.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report(&self, id: i64) -> Result<Option<Report>> {
        let row = self.db.first(report_sql!("WHERE id = $1"), args![id]).await?;
        row.as_ref().map(report).transpose()
    }

    /// A unit's report for a period.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_of(&self, period_id: i64, unit_id: i64) -> Result<Option<Report>> {
        let sql = report_sql!("WHERE period_id = $1 AND unit_id = $2");
        let row = self.db.first(sql, args![period_id, unit_id]).await?;
        row.as_ref().map(report).transpose()
    }

    /// Reports of a period that one unit takes.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reports_below(&self, period_id: i64, above_id: i64) -> Result<Vec<Report>> {
        let sql = report_sql!("WHERE above_id = $2 AND period_id = $1 ORDER BY level DESC, unit_id");
        self.db.all(sql, args![period_id, above_id]).await?.iter().map(report).collect()
    }

    /// All reports of a period.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reports_of_period(&self, period_id: i64) -> Result<Vec<Report>> {
        let sql = report_sql!("WHERE period_id = $1 ORDER BY level, unit_id");
        self.db.all(sql, args![period_id]).await?.iter().map(report).collect()
    }

    /// A unit's latest reports.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reports_of_unit(&self, unit_id: i64, limit: i64) -> Result<Vec<Report>> {
        let sql = report_sql!(
            "WHERE unit_id = $1 ORDER BY (SELECT until_on FROM report_periods p WHERE p.id = period_id) DESC, id LIMIT $2"
        );
        self.db.all(sql, args![unit_id, limit]).await?.iter().map(report).collect()
    }

    /// How many reports wait for a unit to take them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reports_waiting(&self, above_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM reports WHERE above_id = $1 AND state = 'submitted'";
        let row = self.db.first(sql, args![above_id]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Reports of a unit that wait to be sent, soonest due first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reports_to_send(&self, unit_id: i64) -> Result<Vec<Report>> {
        let sql = report_sql!(
            "WHERE unit_id = $1 AND state IN ('draft', 'returned') ORDER BY due_on DESC, id LIMIT 20"
        );
        self.db.all(sql, args![unit_id]).await?.iter().map(report).collect()
    }

    /// Saves the words of a report that is a draft or was returned; false when it is neither.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_report(&self, id: i64, words: &ReportWords, now: i64) -> Result<bool> {
        let sql =
            "UPDATE reports SET direction = $2, results = $3, support = $4, next_steps = $5, saved_at = $6
                   WHERE id = $1 AND state IN ('draft', 'returned')";
        let (direction, results) = (&words.direction, &words.results);
        let args = args![id, direction, results, &words.support, &words.next_steps, now];
        Ok(self.db.run(sql, args).await? == 1)
    }

    /// Sends a report and keeps the version that was sent; false when it was not a draft or returned.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn send_report(&self, id: i64, body: &str, by: i64, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE reports SET state = 'submitted', version = version + 1, sent_at = $2, sent_by = $3,
                   first_sent_at = COALESCE(first_sent_at, $2), return_reason = NULL, decided_at = NULL,
                   decided_by = NULL WHERE id = $1 AND state IN ('draft', 'returned')";
        if tx.run(sql, args![id, now, by]).await? != 1 {
            return Ok(false);
        }
        let sql = "INSERT INTO report_versions (report_id, version, body, sent_at, sent_by)
                   SELECT id, version, $2, $3, $4 FROM reports WHERE id = $1";
        tx.run(sql, args![id, body, now, by]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Accepts a version of a report that was sent; false when it does not wait for that or was sent again since.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn accept_report(&self, id: i64, version: i64, by: i64, now: i64) -> Result<bool> {
        self.decide_report((id, version), "accepted", None, by, now).await
    }

    /// Returns a version of a report that was sent, with the reason; false as for [`Store::accept_report`].
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn return_report(
        &self,
        id: i64,
        version: i64,
        reason: &str,
        by: i64,
        now: i64,
    ) -> Result<bool> {
        self.decide_report((id, version), "returned", Some(reason), by, now).await
    }

    async fn decide_report(
        &self,
        (id, version): (i64, i64),
        state: &'static str,
        reason: Option<&str>,
        by: i64,
        now: i64,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE reports SET state = $2, return_reason = $3, decided_at = $4, decided_by = $5
                   WHERE id = $1 AND state = 'submitted' AND version = $6";
        if tx.run(sql, args![id, state, reason, now, by, version]).await? != 1 {
            return Ok(false);
        }
        let sql =
            "UPDATE report_versions SET decision = $2, reason = $3 WHERE report_id = $1 AND version = $4";
        tx.run(sql, args![id, state, reason, version]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Versions of a report, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_versions(&self, id: i64) -> Result<Vec<ReportVersion>> {
        let sql = "SELECT version, body, sent_at, sent_by, decision, reason FROM report_versions
                   WHERE report_id = $1 ORDER BY version DESC LIMIT 50";
        let version = |row: &Row| {
            Ok(ReportVersion {
                version: row.get(0)?,
                body: row.get(1)?,
                sent_at: row.get(2)?,
                sent_by: row.get(3)?,
                decision: row.get(4)?,
                reason: row.get(5)?,
            })
        };
        self.db.all(sql, args![id]).await?.iter().map(version).collect()
    }
}
