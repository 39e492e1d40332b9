//! Findings of inspections: open, answered by the place, closed; and the reminders sent about them.

use crate::{Result, Row, Store, args, inspections::within};

/// Most chains that the reminders' job takes up at once.
const CHAINS_MAX: i64 = 5_000;

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Random id.
    pub id: i64,
    /// First inspection of its chain.
    pub root_id: i64,
    /// The place.
    pub place_id: i64,
    /// Its commune.
    pub unit_id: i64,
    /// Stable code.
    pub code: String,
    /// The inspector's words.
    pub note: String,
    /// `open`, `answered` or `closed`.
    pub state: String,
    /// Day found, ISO date.
    pub found_on: String,
    /// Deadline, ISO date.
    pub due_on: String,
    /// What the place says it did.
    pub answer: String,
    /// When it said so.
    pub answered_at: Option<i64>,
    /// Day closed, ISO date.
    pub closed_on: Option<String>,
    /// The place's name.
    pub place_name: String,
}

/// A chain with findings past their deadline, and how far the reminders are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateChain {
    /// First inspection of the chain.
    pub root_id: i64,
    /// The place.
    pub place_id: i64,
    /// Its commune.
    pub unit_id: i64,
    /// The place's name.
    pub place_name: String,
    /// Earliest deadline passed, ISO date.
    pub due_on: String,
    /// Findings past their deadline.
    pub findings: i64,
    /// Reminders sent.
    pub reminders: i64,
    /// Day of the last one, ISO date.
    pub last_sent_on: Option<String>,
    /// Department that answered for the place when it was inspected, by category or by the commune's word.
    pub department_id: Option<i64>,
    /// Department that the commune itself named for the place: the place is that department's.
    pub proposer_id: Option<i64>,
}

macro_rules! finding_sql {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.root_id, f.place_id, f.unit_id, f.code, f.note, f.state, f.found_on, f.due_on, f.answer, ",
            "f.answered_at, f.closed_on, p.name FROM findings f JOIN places p ON p.id = f.place_id ",
            $rest
        )
    };
}

fn finding(row: &Row) -> Result<Finding> {
    Ok(Finding {
        id: row.get(0)?,
        root_id: row.get(1)?,
        place_id: row.get(2)?,
        unit_id: row.get(3)?,
        code: row.get(4)?,
        note: row.get(5)?,
        state: row.get(6)?,
        found_on: row.get(7)?,
        due_on: row.get(8)?,
        answer: row.get(9)?,
        answered_at: row.get(10)?,
        closed_on: row.get(11)?,
        place_name: row.get(12)?,
    })
}

impl Store {
    /// A finding by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finding(&self, id: i64) -> Result<Option<Finding>> {
        self.db.first(finding_sql!("WHERE f.id = $1"), args![id]).await?.as_ref().map(finding).transpose()
    }

    /// Findings of a chain, by deadline.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn findings_of_root(&self, root_id: i64) -> Result<Vec<Finding>> {
        let sql = finding_sql!("WHERE f.root_id = $1 ORDER BY f.due_on, f.code LIMIT 50");
        self.db.all(sql, args![root_id]).await?.iter().map(finding).collect()
    }

    /// Findings that are not closed of the proposals that wait for an office, chain by chain.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn findings_to_decide(&self, office_id: i64) -> Result<Vec<Finding>> {
        let sql = finding_sql!(
            "JOIN suspension_proposals s ON s.root_id = f.root_id WHERE s.office_id = $1 AND s.state = 'waiting'
             AND f.state <> 'closed' ORDER BY f.root_id, f.due_on, f.code LIMIT $2"
        );
        self.db.all(sql, args![office_id, CHAINS_MAX]).await?.iter().map(finding).collect()
    }

    /// Findings of a place, those not closed first, then the latest.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn findings_of_place(&self, place_id: i64, limit: i64) -> Result<Vec<Finding>> {
        let sql = finding_sql!(
            "WHERE f.place_id = $1 ORDER BY CASE WHEN f.state = 'closed' THEN 1 ELSE 0 END, f.found_on DESC, f.due_on,
             f.code LIMIT $2"
        );
        self.db.all(sql, args![place_id, limit]).await?.iter().map(finding).collect()
    }

    /// Findings within a unit that are in a state, most urgent first: a page of them, and how many there are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn findings_within(
        &self,
        root: i64,
        state: &str,
        due_before: &str,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Finding>, i64)> {
        let count = within!(
            "SELECT COUNT(*) FROM findings f WHERE (f.unit_id IN (SELECT id FROM u) OR f.department_id = $1) AND f.state = $2 AND f.due_on < $3"
        );
        let row = self.db.first(count, args![root, state, due_before]).await?;
        let total = row.map_or(Ok(0), |row| row.get(0))?;
        let sql = within!(
            "SELECT f.id, f.root_id, f.place_id, f.unit_id, f.code, f.note, f.state, f.found_on, f.due_on, f.answer,
             f.answered_at, f.closed_on, p.name FROM findings f JOIN places p ON p.id = f.place_id
             WHERE (f.unit_id IN (SELECT id FROM u) OR f.department_id = $1) AND f.state = $2 AND f.due_on < $3
             ORDER BY f.due_on, p.name_folded, f.code LIMIT $4 OFFSET $5"
        );
        let rows = self.db.all(sql, args![root, state, due_before, limit, offset]).await?;
        Ok((rows.iter().map(finding).collect::<Result<_>>()?, total))
    }

    /// Keeps what a place says it did; false when the finding is not open any more. Saying more does not begin the
    /// wait for an officer anew.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn answer_finding(&self, id: i64, answer: &str, now: i64) -> Result<bool> {
        let sql = "UPDATE findings SET state = 'answered', answer = $2,
                   answered_at = COALESCE(answered_at, $3)
                   WHERE id = $1 AND state IN ('open', 'answered')";
        Ok(self.db.run(sql, args![id, answer, now]).await? == 1)
    }

    /// Closes a finding: an officer saw that it was mended. False when it was closed before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_finding(&self, id: i64, by: i64, on: &str) -> Result<bool> {
        let sql = "UPDATE findings SET state = 'closed', closed_on = $3, closed_by = $2
                   WHERE id = $1 AND state IN ('open', 'answered')";
        Ok(self.db.run(sql, args![id, by, on]).await? == 1)
    }

    /// Opens an answered finding again: it was not mended. False when it was not answered.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reopen_finding(&self, id: i64) -> Result<bool> {
        let sql =
            "UPDATE findings SET state = 'open', answered_at = NULL WHERE id = $1 AND state = 'answered'";
        Ok(self.db.run(sql, args![id]).await? == 1)
    }

    /// Chains with findings past their deadline and no proposal to suspend yet: open ones, and those that were
    /// answered before `answered_before` and that no officer confirmed since.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn late_chains(&self, today: &str, answered_before: i64) -> Result<Vec<LateChain>> {
        let sql = "SELECT f.root_id, f.place_id, f.unit_id, p.name, MIN(f.due_on), COUNT(*),
                   (SELECT COUNT(*) FROM inspection_reminders r WHERE r.root_id = f.root_id),
                   (SELECT MAX(r.sent_on) FROM inspection_reminders r WHERE r.root_id = f.root_id),
                   (SELECT i.department_id FROM inspections i WHERE i.id = f.root_id),
                   MAX(CASE WHEN p.department_set = 1 THEN p.department_id END)
                   FROM findings f JOIN places p ON p.id = f.place_id
                   WHERE (f.state = 'open' OR (f.state = 'answered' AND f.answered_at < $3)) AND f.due_on < $1
                   AND NOT EXISTS (SELECT 1 FROM suspension_proposals s WHERE s.root_id = f.root_id)
                   GROUP BY f.root_id, f.place_id, f.unit_id, p.name ORDER BY MIN(f.due_on), f.root_id LIMIT $2";
        let chain = |row: &Row| {
            Ok(LateChain {
                root_id: row.get(0)?,
                place_id: row.get(1)?,
                unit_id: row.get(2)?,
                place_name: row.get(3)?,
                due_on: row.get(4)?,
                findings: row.get(5)?,
                reminders: row.get(6)?,
                last_sent_on: row.get(7)?,
                department_id: row.get(8)?,
                proposer_id: row.get(9)?,
            })
        };
        self.db.all(sql, args![today, CHAINS_MAX, answered_before]).await?.iter().map(chain).collect()
    }

    /// Notes a reminder; false when one of that number was sent before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_inspection_reminder(
        &self,
        root_id: i64,
        number: i64,
        unit_id: i64,
        on: &str,
    ) -> Result<bool> {
        let sql = "INSERT INTO inspection_reminders (root_id, number, unit_id, sent_on, department_id)
                   VALUES ($1, $2, $3, $4, (SELECT i.department_id FROM inspections i WHERE i.id = $1))
                   ON CONFLICT (root_id, number) DO NOTHING";
        Ok(self.db.run(sql, args![root_id, number, unit_id, on]).await? == 1)
    }

    /// Days on which reminders of a chain were sent, in order, ISO dates.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_reminders(&self, root_id: i64) -> Result<Vec<String>> {
        let sql = "SELECT sent_on FROM inspection_reminders WHERE root_id = $1 ORDER BY number";
        self.db.all(sql, args![root_id]).await?.iter().map(|row| row.get(0)).collect()
    }
}
