//! What inspections come to: by period, by unit, and the counts of people at doors.

use domain::inspection::ratio::Count;

use crate::{Result, Row, Store, args, inspections::within};

/// Most counts that a ratio is made from.
const COUNTS_MAX: i64 = 50_000;

/// Figures of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InspectionFigures {
    /// Inspections whose planned day lies in the period.
    pub planned: i64,
    /// Inspections made.
    pub done: i64,
    /// Findings found.
    pub findings: i64,
    /// Findings closed.
    pub findings_closed: i64,
    /// Reminders sent.
    pub reminders: i64,
    /// Proposals to suspend.
    pub suspensions_proposed: i64,
    /// Places suspended.
    pub suspended: i64,
}

/// Where a commune stands today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InspectionSum {
    /// The commune.
    pub unit_id: i64,
    /// Inspections still to be made.
    pub planned: i64,
    /// Of those, with their day passed.
    pub overdue: i64,
    /// Inspections made since a day.
    pub done: i64,
    /// Findings not closed.
    pub open: i64,
    /// Of those, past their deadline without an answer.
    pub late: i64,
    /// Findings that the place says it mended and nobody confirmed.
    pub answered: i64,
    /// Proposals to suspend that wait.
    pub proposed: i64,
    /// Places suspended.
    pub suspended: i64,
}

impl Store {
    /// Figures of a unit and all below it, or of the places that a department answered for when they were inspected, for the days `from..until`, ISO dates, half-open.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_figures(&self, root: i64, from: &str, until: &str) -> Result<InspectionFigures> {
        let sql = within!(
            "SELECT
             (SELECT COUNT(*) FROM inspections WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1)
              AND state IN ('planned', 'done', 'cancelled') AND day_on >= $2 AND day_on < $3),
             (SELECT COUNT(*) FROM inspections WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND state = 'done'
              AND done_on >= $2 AND done_on < $3),
             (SELECT COUNT(*) FROM findings WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND found_on >= $2 AND found_on < $3),
             (SELECT COUNT(*) FROM findings WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND closed_on >= $2 AND closed_on < $3),
             (SELECT COUNT(*) FROM inspection_reminders WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1)
              AND sent_on >= $2 AND sent_on < $3),
             (SELECT COUNT(*) FROM suspension_proposals WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1)
              AND proposed_on >= $2 AND proposed_on < $3),
             (SELECT COUNT(*) FROM suspension_proposals WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1)
              AND suspended_on >= $2 AND suspended_on < $3)"
        );
        let Some(row) = self.db.first(sql, args![root, from, until]).await? else {
            return Ok(InspectionFigures::default());
        };
        Ok(InspectionFigures {
            planned: row.get(0)?,
            done: row.get(1)?,
            findings: row.get(2)?,
            findings_closed: row.get(3)?,
            reminders: row.get(4)?,
            suspensions_proposed: row.get(5)?,
            suspended: row.get(6)?,
        })
    }

    /// Where each commune within a unit stands on a day; inspections made are counted from `since`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_sums(&self, root: i64, today: &str, since: &str) -> Result<Vec<InspectionSum>> {
        let sql = within!(
            ", parts(unit_id, planned, overdue, done, still_open, late, answered, proposed, suspended) AS (
             SELECT unit_id, CASE WHEN state = 'planned' THEN 1 ELSE 0 END,
             CASE WHEN state = 'planned' AND day_on < $2 THEN 1 ELSE 0 END,
             CASE WHEN state = 'done' THEN 1 ELSE 0 END, 0, 0, 0, 0, 0 FROM inspections
             WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND (state = 'planned' OR (state = 'done' AND done_on >= $3))
             UNION ALL
             SELECT unit_id, 0, 0, 0, 1, CASE WHEN state = 'open' AND due_on < $2 THEN 1 ELSE 0 END,
             CASE WHEN state = 'answered' THEN 1 ELSE 0 END, 0, 0 FROM findings
             WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND state IN ('open', 'answered')
             UNION ALL
             SELECT unit_id, 0, 0, 0, 0, 0, 0, CASE WHEN state = 'waiting' THEN 1 ELSE 0 END,
             CASE WHEN state = 'suspended' THEN 1 ELSE 0 END FROM suspension_proposals
             WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND state IN ('waiting', 'suspended'))
             SELECT unit_id, CAST(SUM(planned) AS BIGINT), CAST(SUM(overdue) AS BIGINT), CAST(SUM(done) AS BIGINT),
             CAST(SUM(still_open) AS BIGINT), CAST(SUM(late) AS BIGINT), CAST(SUM(answered) AS BIGINT),
             CAST(SUM(proposed) AS BIGINT), CAST(SUM(suspended) AS BIGINT)
             FROM parts GROUP BY unit_id ORDER BY unit_id"
        );
        let sum = |row: &Row| {
            Ok(InspectionSum {
                unit_id: row.get(0)?,
                planned: row.get(1)?,
                overdue: row.get(2)?,
                done: row.get(3)?,
                open: row.get(4)?,
                late: row.get(5)?,
                answered: row.get(6)?,
                proposed: row.get(7)?,
                suspended: row.get(8)?,
            })
        };
        self.db.all(sql, args![root, today, since]).await?.iter().map(sum).collect()
    }

    /// Findings within a unit that are not closed, by code, most first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_findings_by_code(&self, root: i64) -> Result<Vec<(String, i64)>> {
        let sql = within!(
            "SELECT code, COUNT(*) FROM findings WHERE (unit_id IN (SELECT id FROM u) OR department_id = $1) AND state IN ('open', 'answered')
             GROUP BY code ORDER BY COUNT(*) DESC, code"
        );
        self.db.all(sql, args![root]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Counts of people at doors since a day (ISO date), with the place's type.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn door_counts(&self, since: &str) -> Result<Vec<(String, Count)>> {
        let sql = "SELECT p.type_code, i.place_id, r.entering, r.scanning FROM inspection_records r
                   JOIN inspections i ON i.id = r.inspection_id JOIN places p ON p.id = i.place_id
                   WHERE i.done_on >= $1 AND r.entering > 0 ORDER BY p.type_code, i.place_id, i.id LIMIT $2";
        let count = |row: &Row| {
            let count = Count { place_id: row.get(1)?, entering: row.get(2)?, scanning: row.get(3)? };
            Ok((row.get(0)?, count))
        };
        self.db.all(sql, args![since, COUNTS_MAX]).await?.iter().map(count).collect()
    }
}
