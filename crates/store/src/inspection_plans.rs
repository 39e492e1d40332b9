//! Plans of inspections: which places, who, when; and the facts from which places are chosen.

use domain::{
    inspection::risk::{COMPARED_DAYS, Candidate},
    time::{date_of_day_number, day_number, local_date},
};

use crate::{
    Result, Row, Store, StoreError, Tx, args,
    db::Lock,
    inspections::{department_sql, within},
};

/// Days of findings that speak against a place.
const FINDINGS_DAYS: i64 = 365;
/// Most places looked at for one plan: the province's real size and half as many again.
const CANDIDATES_MAX: i64 = 30_000;

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionPlan {
    /// Random id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// The unit whose places are inspected.
    pub unit_id: i64,
    /// First day, ISO date.
    pub from_on: String,
    /// Last day, ISO date.
    pub until_on: String,
    /// Places wanted.
    pub wanted: i64,
    /// Share chosen by lot, in percent.
    pub random_percent: i64,
    /// From which the lots follow.
    pub seed: i64,
    /// `draft`, `running` or `closed`.
    pub state: String,
    /// The planner's account.
    pub made_by: i64,
    /// When it was drafted.
    pub made_at: i64,
    /// When it was confirmed.
    pub confirmed_at: Option<i64>,
}

/// A plan with how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// The plan.
    pub plan: InspectionPlan,
    /// Places in it.
    pub places: i64,
    /// Places inspected.
    pub done: i64,
}

/// A place in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPlace {
    /// Id of the inspection.
    pub id: i64,
    /// The place.
    pub place_id: i64,
    /// Its commune.
    pub unit_id: i64,
    /// Points of risk.
    pub score: i64,
    /// Why, as `domain::inspection::risk` writes it.
    pub reasons: String,
}

macro_rules! plan_columns {
    () => {
        "l.id, l.title, l.unit_id, l.from_on, l.until_on, l.wanted, l.random_percent, l.seed, l.state, l.made_by, \
         l.made_at, l.confirmed_at"
    };
}

fn plan(row: &Row) -> Result<InspectionPlan> {
    Ok(InspectionPlan {
        id: row.get(0)?,
        title: row.get(1)?,
        unit_id: row.get(2)?,
        from_on: row.get(3)?,
        until_on: row.get(4)?,
        wanted: row.get(5)?,
        random_percent: row.get(6)?,
        seed: row.get(7)?,
        state: row.get(8)?,
        made_by: row.get(9)?,
        made_at: row.get(10)?,
        confirmed_at: row.get(11)?,
    })
}

impl Store {
    /// Keeps a draft with its inspectors and the places chosen.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn add_inspection_plan(
        &self,
        p: &InspectionPlan,
        inspectors: &[i64],
        places: &[PlannedPlace],
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO inspection_plans (id, title, unit_id, from_on, until_on, wanted, random_percent, seed,
                   state, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, $10)";
        let (from, until) = (&p.from_on, &p.until_on);
        let args = args![
            p.id,
            &p.title,
            p.unit_id,
            from,
            until,
            p.wanted,
            p.random_percent,
            p.seed,
            p.made_by,
            p.made_at
        ];
        tx.run(sql, args).await?;
        for account in inspectors {
            let sql = "INSERT INTO inspection_plan_inspectors (plan_id, account_id) VALUES ($1, $2)";
            tx.run(sql, args![p.id, *account]).await?;
        }
        for place in places {
            insert_planned(&mut tx, p.id, place, p.made_at).await?;
        }
        tx.commit().await
    }

    /// A plan by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_plan(&self, id: i64) -> Result<Option<InspectionPlan>> {
        let sql = concat!("SELECT ", plan_columns!(), " FROM inspection_plans l WHERE l.id = $1");
        self.db.first(sql, args![id]).await?.as_ref().map(plan).transpose()
    }

    /// Plans of a unit and all below it, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_plans_within(&self, root: i64, limit: i64) -> Result<Vec<PlanLine>> {
        let sql = within!(
            "SELECT l.id, l.title, l.unit_id, l.from_on, l.until_on, l.wanted, l.random_percent, l.seed, l.state,
             l.made_by, l.made_at, l.confirmed_at,
             (SELECT COUNT(*) FROM inspections i WHERE i.plan_id = l.id AND i.state <> 'cancelled'),
             (SELECT COUNT(*) FROM inspections i WHERE i.plan_id = l.id AND i.state = 'done')
             FROM inspection_plans l WHERE l.unit_id IN (SELECT id FROM u) ORDER BY l.made_at DESC, l.id LIMIT $2"
        );
        let line = |row: &Row| Ok(PlanLine { plan: plan(row)?, places: row.get(12)?, done: row.get(13)? });
        self.db.all(sql, args![root, limit]).await?.iter().map(line).collect()
    }

    /// Accounts of a plan's inspectors.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn plan_inspectors(&self, plan_id: i64) -> Result<Vec<i64>> {
        let sql = "SELECT account_id FROM inspection_plan_inspectors WHERE plan_id = $1 ORDER BY account_id";
        self.db.all(sql, args![plan_id]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Strikes places out of a draft; answers how many.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn strike_from_plan(&self, plan_id: i64, ids: &[i64]) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let mut struck = 0;
        for id in ids {
            let sql = "DELETE FROM inspections WHERE id = $1 AND plan_id = $2 AND state = 'proposed'";
            struck += tx.run(sql, args![*id, plan_id]).await?;
        }
        tx.commit().await?;
        Ok(struck)
    }

    /// Adds a place to a draft; false when it stands there already or the plan is no draft any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_to_plan(&self, plan_id: i64, place: &PlannedPlace, now: i64) -> Result<bool> {
        let sql = concat!(
            "INSERT INTO inspections (id, plan_id, place_id, unit_id, state, score, reasons, root_id, made_at, ",
            "department_id) SELECT $1, $2, $3, $4, 'proposed', $5, $6, $1, $7, ",
            department_sql!("$3"),
            " WHERE (SELECT COUNT(*) FROM inspection_plans WHERE id = $2 AND state = 'draft') = 1
             ON CONFLICT (plan_id, place_id) DO NOTHING"
        );
        let args = args![place.id, plan_id, place.place_id, place.unit_id, place.score, &place.reasons, now];
        Ok(self.db.run(sql, args).await? == 1)
    }

    /// Confirms a draft: each place gets its inspector and day, unless a visit to it is planned already, which is then
    /// enough. Answers the visits given up for that; none when the draft was confirmed before.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn confirm_plan(
        &self,
        plan_id: i64,
        visits: &[(i64, i64, String)],
        now: i64,
    ) -> Result<Option<Vec<i64>>> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::PlanVisits).await?;
        let sql = "UPDATE inspection_plans SET state = 'running', confirmed_at = $2 WHERE id = $1 AND state = 'draft'";
        if tx.run(sql, args![plan_id, now]).await? == 0 {
            return Ok(None);
        }
        let mut given_up = Vec::new();
        for (id, inspector, day) in visits {
            let sql = "UPDATE inspections SET state = 'planned', inspector_id = $3, day_on = $4
                       WHERE id = $1 AND plan_id = $2 AND state = 'proposed' AND NOT EXISTS
                       (SELECT 1 FROM inspections o WHERE o.place_id = inspections.place_id AND o.state = 'planned')";
            if tx.run(sql, args![*id, plan_id, *inspector, day]).await? == 0 {
                let sql = "UPDATE inspections SET state = 'cancelled'
                           WHERE id = $1 AND plan_id = $2 AND state = 'proposed'";
                tx.run(sql, args![*id, plan_id]).await?;
                given_up.push(*id);
            }
        }
        tx.commit().await?;
        Ok(Some(given_up))
    }

    /// Throws a draft away; false when it is none.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn discard_plan(&self, plan_id: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM inspections WHERE plan_id = $1 AND state = 'proposed'";
        tx.run(sql, args![plan_id]).await?;
        tx.run("DELETE FROM inspection_plan_inspectors WHERE plan_id = $1", args![plan_id]).await?;
        let sql = "DELETE FROM inspection_plans WHERE id = $1 AND state = 'draft'";
        if tx.run(sql, args![plan_id]).await? == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Closes a running plan; what was not inspected is given up. False when it does not run.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn close_plan(&self, plan_id: i64, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE inspection_plans SET state = 'closed', closed_at = $2 WHERE id = $1 AND state = 'running'";
        if tx.run(sql, args![plan_id, now]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE inspections SET state = 'cancelled' WHERE plan_id = $1 AND state = 'planned'";
        tx.run(sql, args![plan_id]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The approved places of a unit and all below it that have a code in force, with what speaks for a visit on
    /// local day number `today`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_candidates(&self, root: i64, today: i64) -> Result<Vec<Candidate>> {
        let sql = within!(
            "SELECT p.id, p.type_code, COUNT(s.id), p.capacity, MIN(s.issued_at),
             (SELECT MAX(c.event_day) FROM areas b JOIN scan_counts c ON c.area_id = b.id
              WHERE b.place_id = p.id AND c.event_day <= $2),
             (SELECT CAST(COALESCE(SUM(c.scans), 0) AS BIGINT) FROM areas b JOIN scan_counts c ON c.area_id = b.id
              WHERE b.place_id = p.id AND c.event_day > $3 AND c.event_day <= $2),
             (SELECT COUNT(*) FROM areas b JOIN scan_points t ON t.area_id = b.id
              JOIN poster_reports r ON r.point_id = t.id AND r.closed_at IS NULL WHERE b.place_id = p.id),
             (SELECT COUNT(*) FROM findings f WHERE f.place_id = p.id AND f.found_on > $4),
             (SELECT MAX(i.done_on) FROM inspections i WHERE i.place_id = p.id AND i.state = 'done'),
             (SELECT COUNT(*) FROM inspections i WHERE i.place_id = p.id AND i.state = 'planned')
             FROM places p JOIN areas a ON a.place_id = p.id
             JOIN scan_points s ON s.area_id = a.id AND s.retired_at IS NULL
             WHERE p.state = 'approved' AND p.unit_id IN (SELECT id FROM u)
             GROUP BY p.id, p.type_code, p.capacity ORDER BY p.id LIMIT $5"
        );
        let since = date_of_day_number(today - FINDINGS_DAYS).to_string();
        let args = args![root, today, today - COMPARED_DAYS, since, CANDIDATES_MAX];
        self.db.all(sql, args).await?.iter().map(candidate).collect()
    }
}

impl Store {
    /// Each approved place within a unit with its commune.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_units(&self, root: i64) -> Result<Vec<(i64, i64)>> {
        let sql = within!(
            "SELECT id, unit_id FROM places WHERE state = 'approved' AND unit_id IN (SELECT id FROM u) LIMIT $2"
        );
        let rows = self.db.all(sql, args![root, CANDIDATES_MAX]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Approved places within a unit of exactly this folded name, with their communes.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn approved_places_named(
        &self,
        root: i64,
        folded: &str,
        limit: i64,
    ) -> Result<Vec<(i64, i64)>> {
        let sql = within!(
            "SELECT id, unit_id FROM places WHERE name_folded = $2 AND state = 'approved'
             AND unit_id IN (SELECT id FROM u) ORDER BY id LIMIT $3"
        );
        let rows = self.db.all(sql, args![root, folded, limit]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

fn candidate(row: &Row) -> Result<Candidate> {
    let inspected: Option<String> = row.get(9)?;
    let inspected_day = match inspected {
        None => None,
        Some(text) => {
            let day = text.parse().map_err(|_| StoreError::Unreadable("inspections.done_on"))?;
            Some(day_number(day))
        }
    };
    Ok(Candidate {
        place_id: row.get(0)?,
        type_code: row.get(1)?,
        points: row.get(2)?,
        capacity: row.get(3)?,
        issued_day: day_number(local_date(row.get(4)?)),
        last_scan_day: row.get(5)?,
        scans: row.get(6)?,
        complaints: row.get(7)?,
        findings: row.get(8)?,
        inspected_day,
        is_planned: row.get::<i64>(10)? > 0,
    })
}

async fn insert_planned(tx: &mut Tx, plan_id: i64, place: &PlannedPlace, now: i64) -> Result<()> {
    let sql = concat!(
        "INSERT INTO inspections (id, plan_id, place_id, unit_id, state, score, reasons, root_id, made_at, ",
        "department_id) VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $1, $7, ",
        department_sql!("$3"),
        ")"
    );
    let args = args![place.id, plan_id, place.place_id, place.unit_id, place.score, &place.reasons, now];
    tx.run(sql, args).await.map(drop)
}
