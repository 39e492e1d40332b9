//! Inspections: planned visits, and the record of a visit that was made.

use crate::{Result, Row, Store, Tx, args, db::Lock};

/// A statement whose `u` are the ids of a unit (`$1`) and all below it, of all times.
macro_rules! within {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE u(id) AS (SELECT CAST($1 AS BIGINT) UNION ",
            "SELECT a.id FROM admin_units a JOIN u ON a.parent_id = u.id) ",
            $rest
        )
    };
}
pub(crate) use within;

/// The department that answers for a place now, as a part of a statement: the commune's choice, or by category.
macro_rules! department_sql {
    ($place:literal) => {
        concat!(
            "(SELECT CASE WHEN d.department_set = 1 THEN d.department_id ELSE t.department_id END FROM places d ",
            "LEFT JOIN place_type_rules t ON t.type_code = d.type_code WHERE d.id = ",
            $place,
            ")"
        )
    };
}
pub(crate) use department_sql;

/// An inspection with what a list says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Random id.
    pub id: i64,
    /// Its plan; none for one ordered singly.
    pub plan_id: Option<i64>,
    /// The place.
    pub place_id: i64,
    /// The place's commune.
    pub unit_id: i64,
    /// Who goes.
    pub inspector_id: Option<i64>,
    /// When, ISO date.
    pub day_on: Option<String>,
    /// `proposed`, `planned`, `done` or `cancelled`.
    pub state: String,
    /// Points of risk.
    pub score: i64,
    /// Why, as `domain::inspection::risk` writes it.
    pub reasons: String,
    /// The first inspection of the chain in which findings are followed up; itself at first.
    pub root_id: i64,
    /// Day of the visit, ISO date.
    pub done_on: Option<String>,
    /// The place's name.
    pub place_name: String,
    /// Its address.
    pub address: String,
    /// Its type.
    pub type_code: String,
    /// The inspector's name.
    pub inspector: Option<String>,
    /// Department that answered for the place when the inspection was planned, or made; keeping one does not use it.
    pub department_id: Option<i64>,
}

/// Which inspections to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Still to be made.
    Planned,
    /// Still to be made, and their day has passed.
    Overdue,
    /// Made.
    Done,
}

/// What was seen at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionRecord {
    /// The inspection.
    pub inspection_id: i64,
    /// Made by the device, so that what arrives twice is kept once.
    pub delivery_id: String,
    /// The inspector's account.
    pub recorded_by: i64,
    /// When the visit began.
    pub began_at: i64,
    /// When it ended.
    pub ended_at: i64,
    /// When the server had it.
    pub received_at: i64,
    /// Verdict and code of each poster, a line each.
    pub scans: String,
    /// Item, answer and note, a line each, divided by tabs.
    pub answers: String,
    /// People who came in during the count.
    pub entering: i64,
    /// People of those who scanned.
    pub scanning: i64,
    /// Length of the count, in seconds.
    pub count_seconds: i64,
    /// The inspector's notes.
    pub notes: String,
    /// The inspector's title.
    pub inspector_title: String,
    /// Who spoke for the place.
    pub representative: String,
    /// That person's title.
    pub representative_title: String,
    /// True when that person did not want to sign.
    pub refused_to_sign: bool,
}

/// A finding to be kept with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// Random id.
    pub id: i64,
    /// Stable code.
    pub code: String,
    /// The inspector's words.
    pub note: String,
    /// Deadline, ISO date.
    pub due_on: String,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It was kept.
    Kept,
    /// The same delivery was kept before.
    Duplicate,
    /// The inspection is not to be made any more: another record was kept, or it was given up.
    NotPlanned,
}

macro_rules! inspection_sql {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.plan_id, i.place_id, i.unit_id, i.inspector_id, i.day_on, i.state, i.score, i.reasons, ",
            "i.root_id, i.done_on, p.name, p.address, p.type_code, c.name, i.department_id FROM inspections i ",
            "JOIN places p ON p.id = i.place_id LEFT JOIN accounts c ON c.id = i.inspector_id ",
            $rest
        )
    };
}

fn inspection(row: &Row) -> Result<Inspection> {
    Ok(Inspection {
        id: row.get(0)?,
        plan_id: row.get(1)?,
        place_id: row.get(2)?,
        unit_id: row.get(3)?,
        inspector_id: row.get(4)?,
        day_on: row.get(5)?,
        state: row.get(6)?,
        score: row.get(7)?,
        reasons: row.get(8)?,
        root_id: row.get(9)?,
        done_on: row.get(10)?,
        place_name: row.get(11)?,
        address: row.get(12)?,
        type_code: row.get(13)?,
        inspector: row.get(14)?,
        department_id: row.get(15)?,
    })
}

impl Store {
    /// An inspection by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection(&self, id: i64) -> Result<Option<Inspection>> {
        let row = self.db.first(inspection_sql!("WHERE i.id = $1"), args![id]).await?;
        row.as_ref().map(inspection).transpose()
    }

    /// Places of a plan, by day and commune, or by risk while it is a draft.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspections_of_plan(&self, plan_id: i64, limit: i64) -> Result<Vec<Inspection>> {
        let sql = inspection_sql!(
            "WHERE i.plan_id = $1 ORDER BY i.day_on, i.inspector_id, i.score DESC, i.unit_id, p.name_folded, i.id LIMIT $2"
        );
        self.db.all(sql, args![plan_id, limit]).await?.iter().map(inspection).collect()
    }

    /// What an inspector has still to make, earliest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspections_of_inspector(&self, account_id: i64, limit: i64) -> Result<Vec<Inspection>> {
        let sql = inspection_sql!(
            "WHERE i.inspector_id = $1 AND i.state = 'planned' ORDER BY i.day_on, i.unit_id, p.name_folded, i.id LIMIT $2"
        );
        self.db.all(sql, args![account_id, limit]).await?.iter().map(inspection).collect()
    }

    /// Inspections of a place, latest first; drafts are left out.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspections_of_place(&self, place_id: i64, limit: i64) -> Result<Vec<Inspection>> {
        let sql = inspection_sql!(
            "WHERE i.place_id = $1 AND i.state IN ('planned', 'done') ORDER BY i.day_on DESC, i.id LIMIT $2"
        );
        self.db.all(sql, args![place_id, limit]).await?.iter().map(inspection).collect()
    }

    /// Inspections within a unit: a page of them, and how many there are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspections_within(
        &self,
        root: i64,
        which: Which,
        today: &str,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Inspection>, i64)> {
        let (state, before) = match which {
            Which::Planned => ("planned", "9999-12-31"),
            Which::Overdue => ("planned", today),
            Which::Done => ("done", "9999-12-31"),
        };
        let count = within!(
            "SELECT COUNT(*) FROM inspections i WHERE (i.unit_id IN (SELECT id FROM u) OR i.department_id = $1) AND i.state = $2 AND i.day_on < $3"
        );
        let row = self.db.first(count, args![root, state, before]).await?;
        let total = row.map_or(Ok(0), |row| row.get(0))?;
        let sql = within!(
            "SELECT i.id, i.plan_id, i.place_id, i.unit_id, i.inspector_id, i.day_on, i.state, i.score, i.reasons,
             i.root_id, i.done_on, p.name, p.address, p.type_code, c.name, i.department_id FROM inspections i
             JOIN places p ON p.id = i.place_id LEFT JOIN accounts c ON c.id = i.inspector_id
             WHERE (i.unit_id IN (SELECT id FROM u) OR i.department_id = $1) AND i.state = $2 AND i.day_on < $3
             ORDER BY CASE WHEN i.state = 'done' THEN '' ELSE i.day_on END, i.done_on DESC, p.name_folded, i.id
             LIMIT $4 OFFSET $5"
        );
        let rows = self.db.all(sql, args![root, state, before, limit, offset]).await?;
        Ok((rows.iter().map(inspection).collect::<Result<_>>()?, total))
    }

    /// Orders one inspection outside a plan; false while one is planned for the place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_inspection(&self, i: &Inspection, now: i64) -> Result<bool> {
        let sql = concat!(
            "INSERT INTO inspections (id, place_id, unit_id, inspector_id, day_on, state, score, reasons, ",
            "root_id, made_at, department_id) SELECT $1, $2, $3, $4, $5, 'planned', $6, $7, $8, $9, ",
            department_sql!("$2"),
            " WHERE NOT EXISTS (SELECT 1 FROM inspections WHERE place_id = $2 AND state = 'planned')"
        );
        let (day, reasons) = (i.day_on.clone(), &i.reasons);
        let args = args![i.id, i.place_id, i.unit_id, i.inspector_id, day, i.score, reasons, i.root_id, now];
        // Two officers who order a visit at once, or a plan that is confirmed meanwhile: one visit.
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::PlanVisits).await?;
        let added = tx.run(sql, args).await? == 1;
        tx.commit().await?;
        Ok(added)
    }

    /// Keeps a record with its findings and photos, once. An open chain of findings at the place goes on: what is
    /// found again stays open with its former deadline, what is not found any more is closed.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn record_inspection(
        &self,
        record: &InspectionRecord,
        found: &[NewFinding],
        photos: &[Vec<u8>],
        done_on: &str,
    ) -> Result<Recorded> {
        let mut tx = self.db.begin().await?;
        let sql = "SELECT inspection_id FROM inspection_records WHERE delivery_id = $1";
        if let Some(row) = tx.first(sql, args![&record.delivery_id]).await? {
            // A delivery of another visit is no record of this one: the phone must not forget it.
            let is_same = row.get::<i64>(0)? == record.inspection_id;
            return Ok(if is_same { Recorded::Duplicate } else { Recorded::NotPlanned });
        }
        // Who answers for the place on this day answers for what is found.
        let sql = concat!(
            "UPDATE inspections SET state = 'done', done_on = $2, department_id = ",
            department_sql!("inspections.place_id"),
            " WHERE id = $1 AND state = 'planned'"
        );
        if tx.run(sql, args![record.inspection_id, done_on]).await? == 0 {
            return Ok(Recorded::NotPlanned);
        }
        insert_record(&mut tx, record).await?;
        for (number, jpeg) in (1_i64..).zip(photos) {
            let sql = "INSERT INTO inspection_photos (inspection_id, number, jpeg) VALUES ($1, $2, $3)";
            tx.run(sql, args![record.inspection_id, number, jpeg.as_slice()]).await?;
        }
        follow_up(&mut tx, record, found, done_on).await?;
        tx.commit().await?;
        Ok(Recorded::Kept)
    }

    /// The record of an inspection.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_record(&self, inspection_id: i64) -> Result<Option<InspectionRecord>> {
        let sql = "SELECT inspection_id, delivery_id, recorded_by, began_at, ended_at, received_at, scans, answers,
                   entering, scanning, count_seconds, notes, inspector_title, representative, representative_title,
                   refused_to_sign FROM inspection_records WHERE inspection_id = $1";
        self.db.first(sql, args![inspection_id]).await?.as_ref().map(record_of).transpose()
    }

    /// How many photos an inspection has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_photos(&self, inspection_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM inspection_photos WHERE inspection_id = $1";
        self.db.first(sql, args![inspection_id]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// A photo of an inspection, by its number from 1.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inspection_photo(&self, inspection_id: i64, number: i64) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT jpeg FROM inspection_photos WHERE inspection_id = $1 AND number = $2";
        self.db.first(sql, args![inspection_id, number]).await?.map(|row| row.get(0)).transpose()
    }
}

fn record_of(row: &Row) -> Result<InspectionRecord> {
    Ok(InspectionRecord {
        inspection_id: row.get(0)?,
        delivery_id: row.get(1)?,
        recorded_by: row.get(2)?,
        began_at: row.get(3)?,
        ended_at: row.get(4)?,
        received_at: row.get(5)?,
        scans: row.get(6)?,
        answers: row.get(7)?,
        entering: row.get(8)?,
        scanning: row.get(9)?,
        count_seconds: row.get(10)?,
        notes: row.get(11)?,
        inspector_title: row.get(12)?,
        representative: row.get(13)?,
        representative_title: row.get(14)?,
        refused_to_sign: row.get(15)?,
    })
}

async fn insert_record(tx: &mut Tx, r: &InspectionRecord) -> Result<()> {
    let sql = "INSERT INTO inspection_records (inspection_id, delivery_id, recorded_by, began_at, ended_at, received_at,
               scans, answers, entering, scanning, count_seconds, notes, inspector_title, representative,
               representative_title, refused_to_sign)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let args = args![
        r.inspection_id,
        &r.delivery_id,
        r.recorded_by,
        r.began_at,
        r.ended_at,
        r.received_at,
        &r.scans,
        &r.answers,
        r.entering,
        r.scanning,
        r.count_seconds,
        &r.notes,
        &r.inspector_title,
        &r.representative,
        &r.representative_title,
        r.refused_to_sign
    ];
    tx.run(sql, args).await.map(drop)
}

async fn follow_up(
    tx: &mut Tx,
    record: &InspectionRecord,
    found: &[NewFinding],
    done_on: &str,
) -> Result<()> {
    let id = record.inspection_id;
    let sql = "SELECT f.root_id FROM findings f JOIN inspections i ON i.place_id = f.place_id
               WHERE i.id = $1 AND f.state IN ('open', 'answered') ORDER BY f.found_on, f.root_id LIMIT 1";
    let root: i64 = tx.first(sql, args![id]).await?.map_or(Ok(id), |row| row.get(0))?;
    tx.run("UPDATE inspections SET root_id = $2 WHERE id = $1", args![id, root]).await?;
    let sql = "SELECT code FROM findings WHERE root_id = $1 AND state IN ('open', 'answered')";
    for row in tx.all(sql, args![root]).await? {
        let code: String = row.get(0)?;
        if !found.iter().any(|finding| finding.code == code) {
            let sql = "UPDATE findings SET state = 'closed', closed_on = $3, closed_by = $4
                       WHERE root_id = $1 AND code = $2 AND state IN ('open', 'answered')";
            tx.run(sql, args![root, code, done_on, record.recorded_by]).await?;
        }
    }
    for finding in found {
        let sql = "INSERT INTO findings (id, root_id, place_id, unit_id, department_id, code, note, state, found_on,
                   due_on, answer) SELECT $1, $2, place_id, unit_id, department_id, $3, $4, 'open', $5, $6, '' FROM inspections WHERE id = $7
                   ON CONFLICT (root_id, code) DO UPDATE SET note = excluded.note, state = 'open', answer = '',
                   answered_at = NULL, closed_on = NULL, closed_by = NULL,
                   found_on = CASE WHEN findings.state = 'closed' THEN excluded.found_on ELSE findings.found_on END,
                   due_on = CASE WHEN findings.state = 'closed' THEN excluded.due_on ELSE findings.due_on END";
        let args = args![finding.id, root, &finding.code, &finding.note, done_on, &finding.due_on, id];
        tx.run(sql, args).await?;
    }
    Ok(())
}

/// A code of a place that somebody is to inspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCode {
    /// The place.
    pub place_id: i64,
    /// Ten characters.
    pub code: String,
    /// The area's name; empty for the place itself.
    pub area: String,
    /// True when it is no longer in force.
    pub is_retired: bool,
}

/// Most codes that a phone downloads.
const CODES_MAX: i64 = 20_000;

impl Store {
    /// Codes of the places that an inspector has still to visit, in force and retired.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn codes_for_inspector(&self, account_id: i64) -> Result<Vec<PlaceCode>> {
        let sql = "SELECT DISTINCT a.place_id, s.code, a.name, CASE WHEN s.retired_at IS NULL THEN CAST(0 AS BIGINT)
                   ELSE CAST(1 AS BIGINT) END
                   FROM inspections i JOIN areas a ON a.place_id = i.place_id JOIN scan_points s ON s.area_id = a.id
                   WHERE i.inspector_id = $1 AND i.state = 'planned' ORDER BY a.place_id, a.name, s.code LIMIT $2";
        let code = |row: &Row| {
            Ok(PlaceCode {
                place_id: row.get(0)?,
                code: row.get(1)?,
                area: row.get(2)?,
                is_retired: row.get(3)?,
            })
        };
        self.db.all(sql, args![account_id, CODES_MAX]).await?.iter().map(code).collect()
    }
}
