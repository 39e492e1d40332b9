//! Places, their areas and the versioned codes (scan points) that hang at their doors.

use crate::{
    Result, Row, Store, StoreError, Tx, args,
    db::Lock,
    figure_marks::{EVERYTHING, touch_area, touch_place, touch_unit},
};

/// Somewhere people go in and out.
#[derive(Debug, Clone)]
pub struct Place {
    /// Random id.
    pub id: i64,
    /// Name on the poster.
    pub name: String,
    /// Category.
    pub type_code: String,
    /// Commune.
    pub unit_id: i64,
    /// Street, hamlet.
    pub address: String,
    /// Contact's name and phone, sealed under the key file.
    pub contact_sealed: Vec<u8>,
    /// Blind index of the owner's phone.
    pub owner_index: Vec<u8>,
    /// `submitted`, `approved`, `returned` or `closed`.
    pub state: String,
    /// Why the commune returned it.
    pub return_reason: Option<String>,
    /// When the owner registered it.
    pub registered_at: i64,
    /// When the commune decided.
    pub decided_at: Option<i64>,
}

/// A part of a place with a code of its own; the one with an empty name is the place itself.
#[derive(Debug, Clone)]
pub struct Area {
    /// Dense id below 2³¹, as stands in tokens.
    pub id: i64,
    /// Its place.
    pub place_id: i64,
    /// Room, floor, stall row; empty for the place itself.
    pub name: String,
    /// When it was made.
    pub created_at: i64,
}

/// One published code.
#[derive(Debug, Clone)]
pub struct ScanPoint {
    /// Random id.
    pub id: i64,
    /// Its area.
    pub area_id: i64,
    /// Ten typed characters.
    pub code: String,
    /// Counts from 1 within the area.
    pub version: i64,
    /// When it was issued.
    pub issued_at: i64,
    /// When it was retired.
    pub retired_at: Option<i64>,
}

/// A scan point with what a scan of it needs to know.
#[derive(Debug, Clone)]
pub struct PointFacts {
    /// The code itself.
    pub point: ScanPoint,
    /// Area's name; empty for the place itself.
    pub area_name: String,
    /// The place.
    pub place_id: i64,
    /// Place's name.
    pub place_name: String,
    /// Place's category.
    pub type_code: String,
    /// Commune.
    pub unit_id: i64,
    /// Address.
    pub address: String,
    /// Place's state.
    pub state: String,
    /// Department that is responsible: the commune's choice, or the category's.
    pub department_id: Option<i64>,
    /// True for what no published list or map may show: the commune's choice, or the category's.
    pub sensitive: bool,
    /// Place's name as it is searched and ordered.
    pub name_folded: String,
}

macro_rules! place_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, type_code, unit_id, address, contact_sealed, owner_index, state, return_reason, ",
            "registered_at, decided_at FROM places ",
            $rest
        )
    };
}

macro_rules! point_sql {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.area_id, s.code, s.version, s.issued_at, s.retired_at, a.name, p.id, p.name, ",
            "p.type_code, p.unit_id, p.address, p.state, ",
            "CASE WHEN p.department_set = 1 THEN p.department_id ELSE r.department_id END, ",
            "COALESCE(p.sensitive, r.sensitive, 0), p.name_folded FROM scan_points s ",
            "JOIN areas a ON a.id = s.area_id JOIN places p ON p.id = a.place_id ",
            "LEFT JOIN place_type_rules r ON r.type_code = p.type_code ",
            $rest
        )
    };
}

impl Store {
    /// Registers a place together with its areas, in state `submitted`. Areas get their ids here.
    ///
    /// # Errors
    /// When two areas share a name or the database refuses; nothing is kept then.
    pub async fn add_place(&self, place: &Place, folded: &str, areas: &[String]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        insert_place(&mut tx, place, folded).await?;
        insert_area(&mut tx, place.id, "", place.registered_at).await?;
        for area in areas {
            insert_area(&mut tx, place.id, area, place.registered_at).await?;
        }
        tx.commit().await
    }

    /// Adds many places already approved, with their areas and first codes: the fill of demo and drills.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn add_approved_places(
        &self,
        places: &[(Place, String, Vec<String>)],
        mut next_code: impl FnMut() -> (i64, String) + Send,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for (place, folded, areas) in places {
            insert_place(&mut tx, place, folded).await?;
            let mut names = vec![String::new()];
            names.extend(areas.iter().cloned());
            for name in names {
                let area_id = insert_area(&mut tx, place.id, &name, place.registered_at).await?;
                let (id, code) = next_code();
                let issued_at = place.decided_at.unwrap_or(place.registered_at);
                insert_point(
                    &mut tx,
                    &ScanPoint { id, area_id, code, version: 1, issued_at, retired_at: None },
                )
                .await?;
            }
        }
        touch_unit(&mut tx, EVERYTHING).await?;
        tx.commit().await
    }

    /// Adds an area to a place; answers its id.
    ///
    /// # Errors
    /// When the name is taken in that place or the database refuses.
    pub async fn add_area(&self, place_id: i64, name: &str, now: i64) -> Result<i64> {
        let mut tx = self.db.begin().await?;
        let id = insert_area(&mut tx, place_id, name, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A place by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place(&self, id: i64) -> Result<Option<Place>> {
        self.db.first(place_sql!("WHERE id = $1"), args![id]).await?.as_ref().map(place).transpose()
    }

    /// Places of an owner, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn places_of_owner(&self, owner_index: [u8; 16]) -> Result<Vec<Place>> {
        let sql = place_sql!("WHERE owner_index = $1 ORDER BY registered_at DESC, id LIMIT 500");
        self.db.all(sql, args![owner_index]).await?.iter().map(place).collect()
    }

    /// Every place, by name: the tree's pages pick theirs (19,000 rows at the province's real size).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn places(&self) -> Result<Vec<Place>> {
        self.db.all(place_sql!("ORDER BY name_folded, id"), args![]).await?.iter().map(place).collect()
    }

    /// Places of the communes at or below a unit, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn places_below(&self, unit_id: i64) -> Result<Vec<Place>> {
        let sql = place_sql!(
            "WHERE unit_id IN (WITH RECURSIVE below(id) AS (SELECT CAST($1 AS BIGINT) UNION
             SELECT u.id FROM admin_units u JOIN below b ON u.parent_id = b.id) SELECT id FROM below)
             ORDER BY name_folded, id"
        );
        self.db.all(sql, args![unit_id]).await?.iter().map(place).collect()
    }

    /// How many places at or below a unit a published list may name, and a part of them by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn named_places_below(
        &self,
        unit_id: i64,
        limit: i64,
        offset: i64,
    ) -> Result<(i64, Vec<Place>)> {
        let sql = "SELECT COUNT(*) FROM places p LEFT JOIN place_type_rules r ON r.type_code = p.type_code
                   WHERE COALESCE(p.sensitive, r.sensitive, 0) = 0 AND p.unit_id IN (WITH RECURSIVE below(id) AS
                   (SELECT CAST($1 AS BIGINT) UNION SELECT u.id FROM admin_units u JOIN below b ON u.parent_id = b.id)
                   SELECT id FROM below)";
        let total = self.db.first(sql, args![unit_id]).await?.map_or(Ok(0), |row| row.get(0))?;
        let sql = place_sql!(
            "WHERE unit_id IN (WITH RECURSIVE below(id) AS (SELECT CAST($1 AS BIGINT) UNION
             SELECT u.id FROM admin_units u JOIN below b ON u.parent_id = b.id) SELECT id FROM below)
             AND id NOT IN (SELECT p.id FROM places p LEFT JOIN place_type_rules r ON r.type_code = p.type_code
             WHERE COALESCE(p.sensitive, r.sensitive, 0) = 1) ORDER BY name_folded, id LIMIT $2 OFFSET $3"
        );
        let rows = self.db.all(sql, args![unit_id, limit, offset]).await?;
        Ok((total, rows.iter().map(place).collect::<Result<_>>()?))
    }

    /// Places of one commune, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn places_of_unit(&self, unit_id: i64) -> Result<Vec<Place>> {
        let sql = place_sql!("WHERE unit_id = $1 ORDER BY name_folded, id");
        self.db.all(sql, args![unit_id]).await?.iter().map(place).collect()
    }

    /// Places that wait for their commune, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn submitted_places(&self) -> Result<Vec<Place>> {
        let sql = place_sql!("WHERE state = 'submitted' ORDER BY registered_at, id");
        self.db.all(sql, args![]).await?.iter().map(place).collect()
    }

    /// Approves a submitted place and issues the first code of each area; false when it was not waiting.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn approve_place(
        &self,
        id: i64,
        by: i64,
        now: i64,
        codes: &[(i64, i64, String)],
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql =
            "UPDATE places SET state = 'approved', decided_at = $2, decided_by = $3, return_reason = NULL
                   WHERE id = $1 AND state = 'submitted'";
        if tx.run(sql, args![id, now, by]).await? == 0 {
            return Ok(false);
        }
        for (area_id, point_id, code) in codes {
            let point = ScanPoint {
                id: *point_id,
                area_id: *area_id,
                code: code.clone(),
                version: 1,
                issued_at: now,
                retired_at: None,
            };
            insert_point(&mut tx, &point).await?;
        }
        touch_place(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Returns a submitted place to its owner with a reason; false when it was not waiting.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn return_place(&self, id: i64, by: i64, reason: &str, now: i64) -> Result<bool> {
        let sql = "UPDATE places SET state = 'returned', decided_at = $2, decided_by = $3, return_reason = $4
                   WHERE id = $1 AND state = 'submitted'";
        Ok(self.db.run(sql, args![id, now, by, reason]).await? == 1)
    }

    /// Corrects a place that was not approved yet and submits it again; false when it may not change.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn resubmit_place(&self, p: &Place, folded: &str) -> Result<bool> {
        let sql = "UPDATE places SET name = $2, name_folded = $3, type_code = $4, unit_id = $5, address = $6,
                   contact_sealed = $7, state = 'submitted', return_reason = NULL
                   WHERE id = $1 AND state IN ('returned', 'submitted')";
        let sealed = p.contact_sealed.clone();
        let args = args![p.id, &p.name, folded, &p.type_code, p.unit_id, &p.address, sealed];
        Ok(self.db.run(sql, args).await? == 1)
    }

    /// Areas of a place, the place itself first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn areas_of_place(&self, place_id: i64) -> Result<Vec<Area>> {
        let sql = "SELECT id, place_id, name, created_at FROM areas WHERE place_id = $1 ORDER BY id";
        self.db.all(sql, args![place_id]).await?.iter().map(area).collect()
    }

    /// One area.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn area(&self, id: i64) -> Result<Option<Area>> {
        let sql = "SELECT id, place_id, name, created_at FROM areas WHERE id = $1";
        self.db.first(sql, args![id]).await?.as_ref().map(area).transpose()
    }

    /// Every area of every place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn areas(&self) -> Result<Vec<Area>> {
        let sql = "SELECT id, place_id, name, created_at FROM areas ORDER BY id";
        self.db.all(sql, args![]).await?.iter().map(area).collect()
    }

    /// Each area with the commune of its place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn area_units(&self) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT a.id, p.unit_id FROM areas a JOIN places p ON p.id = a.place_id";
        self.db.all(sql, args![]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Each area with its place and the place's commune.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn area_places(&self) -> Result<Vec<(i64, i64, i64)>> {
        let sql = "SELECT a.id, p.id, p.unit_id FROM areas a JOIN places p ON p.id = a.place_id";
        let line = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.db.all(sql, args![]).await?.iter().map(line).collect()
    }

    /// Retires the area's code in force and issues the next version, at one instant.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn renew_code(&self, area_id: i64, point_id: i64, code: &str, now: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        // Two at once would each retire the former code only and leave two in force.
        tx.lock(Lock::RenewCode).await?;
        let sql = "UPDATE scan_points SET retired_at = $2 WHERE area_id = $1 AND retired_at IS NULL";
        tx.run(sql, args![area_id, now]).await?;
        let sql = "SELECT COALESCE(MAX(version), 0) + 1 FROM scan_points WHERE area_id = $1";
        let row = tx.first(sql, args![area_id]).await?.ok_or(StoreError::Unreadable("version"))?;
        let version = row.get(0)?;
        let code = code.to_owned();
        insert_point(
            &mut tx,
            &ScanPoint { id: point_id, area_id, code, version, issued_at: now, retired_at: None },
        )
        .await?;
        touch_area(&mut tx, area_id).await?;
        tx.commit().await
    }

    /// Retires a code without a successor; false when it was retired before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retire_code(&self, point_id: i64, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql =
            "UPDATE scan_points SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL RETURNING area_id";
        let Some(row) = tx.first(sql, args![point_id, now]).await? else { return Ok(false) };
        touch_area(&mut tx, row.get(0)?).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The facts behind a code, retired ones too.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn point_by_code(&self, code: &str) -> Result<Option<PointFacts>> {
        self.db
            .first(point_sql!("WHERE s.code = $1"), args![code])
            .await?
            .as_ref()
            .map(point_facts)
            .transpose()
    }

    /// All codes of a place, newest version first within an area.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn points_of_place(&self, place_id: i64) -> Result<Vec<PointFacts>> {
        let sql = point_sql!("WHERE p.id = $1 ORDER BY s.area_id, s.version DESC");
        self.db.all(sql, args![place_id]).await?.iter().map(point_facts).collect()
    }

    /// Codes in force of one commune's approved places.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn points_of_unit(&self, unit_id: i64) -> Result<Vec<PointFacts>> {
        let sql = point_sql!(
            "WHERE p.unit_id = $1 AND p.state = 'approved' AND s.retired_at IS NULL ORDER BY p.name_folded, s.area_id"
        );
        self.db.all(sql, args![unit_id]).await?.iter().map(point_facts).collect()
    }

    /// Codes in force of all approved places: what the target counts.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn points_in_force(&self) -> Result<Vec<PointFacts>> {
        let sql = point_sql!("WHERE p.state = 'approved' AND s.retired_at IS NULL ORDER BY s.area_id");
        self.db.all(sql, args![]).await?.iter().map(point_facts).collect()
    }

    /// Keeps a one-time code's hash for a phone, replacing an earlier one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_phone_proof(&self, index: [u8; 16], hash: [u8; 32], now: i64, until: i64) -> Result<()> {
        let sql = "INSERT INTO phone_proofs (phone_index, code_hash, sent_at, expires_at, tries)
                   VALUES ($1, $2, $3, $4, 0)
                   ON CONFLICT (phone_index) DO UPDATE SET code_hash = excluded.code_hash,
                   sent_at = excluded.sent_at, expires_at = excluded.expires_at,
                   tries = CASE WHEN phone_proofs.expires_at > excluded.sent_at THEN phone_proofs.tries ELSE 0 END";
        self.db.run(sql, args![index, hash, now, until]).await.map(drop)
    }

    /// Counts a try at a phone's code and answers `(code_hash, tries)` when one is in force.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn try_phone_proof(&self, index: [u8; 16], now: i64) -> Result<Option<(Vec<u8>, i64)>> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE phone_proofs SET tries = tries + 1 WHERE phone_index = $1 AND expires_at > $2
                   RETURNING code_hash, tries";
        let row = tx.first(sql, args![index, now]).await?;
        tx.commit().await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Uses up a phone's code.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_phone_proof(&self, index: [u8; 16]) -> Result<()> {
        self.db.run("DELETE FROM phone_proofs WHERE phone_index = $1", args![index]).await.map(drop)
    }
}

pub(crate) async fn insert_place(tx: &mut Tx, p: &Place, folded: &str) -> Result<()> {
    let sql =
        "INSERT INTO places (id, name, name_folded, type_code, unit_id, address, contact_sealed, owner_index,
               state, registered_at, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (sealed, index) = (p.contact_sealed.clone(), p.owner_index.clone());
    let (registered, decided) = (p.registered_at, p.decided_at);
    let head = (p.id, &p.name, &p.type_code, p.unit_id);
    let args = args![
        head.0, head.1, folded, head.2, head.3, &p.address, sealed, index, &p.state, registered, decided
    ];
    tx.run(sql, args).await.map(drop)
}

pub(crate) async fn insert_area(tx: &mut Tx, place_id: i64, name: &str, now: i64) -> Result<i64> {
    // Ids are dense, so the next one depends on what others are adding at this moment.
    tx.lock(Lock::AreaIds).await?;
    let sql = "INSERT INTO areas (id, place_id, name, created_at)
               SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3 FROM areas RETURNING id";
    let row = tx.first(sql, args![place_id, name, now]).await?.ok_or(StoreError::Unreadable("area"))?;
    row.get(0)
}

pub(crate) async fn insert_point(tx: &mut Tx, point: &ScanPoint) -> Result<()> {
    let sql = "INSERT INTO scan_points (id, area_id, code, version, issued_at) VALUES ($1, $2, $3, $4, $5)";
    tx.run(sql, args![point.id, point.area_id, &point.code, point.version, point.issued_at]).await.map(drop)
}

fn place(row: &Row) -> Result<Place> {
    Ok(Place {
        id: row.get(0)?,
        name: row.get(1)?,
        type_code: row.get(2)?,
        unit_id: row.get(3)?,
        address: row.get(4)?,
        contact_sealed: row.get(5)?,
        owner_index: row.get(6)?,
        state: row.get(7)?,
        return_reason: row.get(8)?,
        registered_at: row.get(9)?,
        decided_at: row.get(10)?,
    })
}

fn area(row: &Row) -> Result<Area> {
    Ok(Area { id: row.get(0)?, place_id: row.get(1)?, name: row.get(2)?, created_at: row.get(3)? })
}

fn point_facts(row: &Row) -> Result<PointFacts> {
    Ok(PointFacts {
        point: ScanPoint {
            id: row.get(0)?,
            area_id: row.get(1)?,
            code: row.get(2)?,
            version: row.get(3)?,
            issued_at: row.get(4)?,
            retired_at: row.get(5)?,
        },
        area_name: row.get(6)?,
        place_id: row.get(7)?,
        place_name: row.get(8)?,
        type_code: row.get(9)?,
        unit_id: row.get(10)?,
        address: row.get(11)?,
        state: row.get(12)?,
        department_id: row.get(13)?,
        sensitive: row.get(14)?,
        name_folded: row.get(15)?,
    })
}
