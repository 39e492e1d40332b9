//! Proposals to suspend a place, and what the competent office decided. Scanning itself is never stopped.

use std::collections::HashSet;

use crate::{Result, Row, Store, args, inspections::within};

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Random id.
    pub id: i64,
    /// First inspection of the chain.
    pub root_id: i64,
    /// The place.
    pub place_id: i64,
    /// Its commune.
    pub unit_id: i64,
    /// The office that decides.
    pub office_id: i64,
    /// `waiting`, `suspended`, `extended`, `rejected`, `withdrawn` (mended before a decision) or `lifted`.
    pub state: String,
    /// Day proposed, ISO date.
    pub proposed_on: String,
    /// Day decided, ISO date.
    pub decided_on: Option<String>,
    /// Why it was decided so.
    pub reason: String,
    /// Last day of the extra time, ISO date.
    pub until_on: Option<String>,
    /// Day from which the place is suspended, ISO date.
    pub suspended_on: Option<String>,
    /// Day lifted, ISO date.
    pub lifted_on: Option<String>,
    /// The place's name.
    pub place_name: String,
    /// Findings of the chain that are not closed.
    pub left: i64,
    /// Department that answered for the place when it was inspected.
    pub department_id: Option<i64>,
}

/// What an office decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Suspend until mended.
    Suspend,
    /// Give time until a day, ISO date.
    Extend(String),
    /// Do not suspend.
    Reject,
}

macro_rules! suspension_sql {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.root_id, s.place_id, s.unit_id, s.office_id, s.state, s.proposed_on, s.decided_on, ",
            "s.reason, s.until_on, s.suspended_on, s.lifted_on, p.name, (SELECT COUNT(*) FROM findings f ",
            "WHERE f.root_id = s.root_id AND f.state <> 'closed'), s.department_id ",
            "FROM suspension_proposals s JOIN places p ON p.id = s.place_id ",
            $rest
        )
    };
}

fn suspension(row: &Row) -> Result<Suspension> {
    Ok(Suspension {
        id: row.get(0)?,
        root_id: row.get(1)?,
        place_id: row.get(2)?,
        unit_id: row.get(3)?,
        office_id: row.get(4)?,
        state: row.get(5)?,
        proposed_on: row.get(6)?,
        decided_on: row.get(7)?,
        reason: row.get(8)?,
        until_on: row.get(9)?,
        suspended_on: row.get(10)?,
        lifted_on: row.get(11)?,
        place_name: row.get(12)?,
        left: row.get(13)?,
        department_id: row.get(14)?,
    })
}

impl Store {
    /// Proposes to suspend the place of a chain (`place` is the place and its commune, `offices` who decides and the
    /// department that answers for the place, if any); false when it was proposed before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn propose_suspension(
        &self,
        id: i64,
        root_id: i64,
        place: (i64, i64),
        offices: (i64, Option<i64>),
        on: &str,
    ) -> Result<bool> {
        let (office_id, department_id) = offices;
        let sql =
            "INSERT INTO suspension_proposals (id, root_id, place_id, unit_id, office_id, state, proposed_on,
                   reason, department_id) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, '', $7) ON CONFLICT (root_id) DO NOTHING";
        Ok(self.db.run(sql, args![id, root_id, place.0, place.1, office_id, on, department_id]).await? == 1)
    }

    /// A proposal by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspension(&self, id: i64) -> Result<Option<Suspension>> {
        let row = self.db.first(suspension_sql!("WHERE s.id = $1"), args![id]).await?;
        row.as_ref().map(suspension).transpose()
    }

    /// The latest proposal about a place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspension_of_place(&self, place_id: i64) -> Result<Option<Suspension>> {
        let sql = suspension_sql!("WHERE s.place_id = $1 ORDER BY s.proposed_on DESC, s.id LIMIT 1");
        self.db.first(sql, args![place_id]).await?.as_ref().map(suspension).transpose()
    }

    /// Proposals within a unit: those that wait first, then those in force, then the latest.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspensions_within(&self, root: i64, limit: i64) -> Result<Vec<Suspension>> {
        let sql = within!(
            "SELECT s.id, s.root_id, s.place_id, s.unit_id, s.office_id, s.state, s.proposed_on, s.decided_on,
             s.reason, s.until_on, s.suspended_on, s.lifted_on, p.name, (SELECT COUNT(*) FROM findings f
             WHERE f.root_id = s.root_id AND f.state <> 'closed'), s.department_id
             FROM suspension_proposals s JOIN places p ON p.id = s.place_id
             WHERE (s.unit_id IN (SELECT id FROM u) OR s.department_id = $1)
             ORDER BY CASE s.state WHEN 'waiting' THEN 0 WHEN 'suspended' THEN 1 WHEN 'extended' THEN 2 ELSE 3 END,
             s.proposed_on DESC, s.id LIMIT $2"
        );
        self.db.all(sql, args![root, limit]).await?.iter().map(suspension).collect()
    }

    /// How many proposals wait for an office.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspensions_waiting(&self, office_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM suspension_proposals WHERE office_id = $1 AND state = 'waiting'";
        self.db.first(sql, args![office_id]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Decides a proposal that waits; false when it does not.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn decide_suspension(
        &self,
        id: i64,
        decision: &Decision,
        reason: &str,
        by: i64,
        on: &str,
    ) -> Result<bool> {
        let (state, until, suspended) = match decision {
            Decision::Suspend => ("suspended", None, Some(on)),
            Decision::Extend(until) => ("extended", Some(until.as_str()), None),
            Decision::Reject => ("rejected", None, None),
        };
        let sql = "UPDATE suspension_proposals SET state = $2, reason = $3, decided_by = $4, decided_on = $5,
                   until_on = $6, suspended_on = $7 WHERE id = $1 AND state = 'waiting'";
        Ok(self.db.run(sql, args![id, state, reason, by, on, until, suspended]).await? == 1)
    }

    /// Lifts a suspension; false when the place is not suspended.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn lift_suspension(&self, id: i64, by: i64, on: &str) -> Result<bool> {
        let sql = "UPDATE suspension_proposals SET state = 'lifted', lifted_by = $2, lifted_on = $3
                   WHERE id = $1 AND state = 'suspended'";
        Ok(self.db.run(sql, args![id, by, on]).await? == 1)
    }

    /// Ends the extra time that is over: with findings left the proposal waits again, else it is done with.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_extra_time(&self, today: &str) -> Result<u64> {
        let sql =
            "UPDATE suspension_proposals SET state = 'waiting' WHERE state = 'extended' AND until_on < $1
                   AND EXISTS (SELECT 1 FROM findings f WHERE f.root_id = suspension_proposals.root_id
                   AND f.state <> 'closed')";
        self.db.run(sql, args![today]).await
    }

    /// Withdraws proposals that wait while nothing is left to mend.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn withdraw_mended_proposals(&self) -> Result<u64> {
        let sql = "UPDATE suspension_proposals SET state = 'withdrawn'
                   WHERE state IN ('waiting', 'extended') AND NOT EXISTS (SELECT 1 FROM findings f
                   WHERE f.root_id = suspension_proposals.root_id AND f.state <> 'closed')";
        self.db.run(sql, args![]).await
    }

    /// Places that are suspended now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn suspended_places(&self) -> Result<HashSet<i64>> {
        let sql = "SELECT place_id FROM suspension_proposals WHERE state = 'suspended' LIMIT 20000";
        self.db.all(sql, args![]).await?.iter().map(|row| row.get(0)).collect()
    }
}
