//! Lists of places taken in at once by a commune, which it can take back within a day.

use crate::{
    Result, Row, Store, args,
    figure_marks::{EVERYTHING, touch_unit},
    places::{Place, ScanPoint, insert_area, insert_place, insert_point},
};

/// A list that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceBatch {
    /// Random id.
    pub id: i64,
    /// Unit that took it in.
    pub unit_id: i64,
    /// When.
    pub made_at: i64,
    /// Places in it.
    pub places: i64,
    /// When it was taken back.
    pub undone_at: Option<i64>,
    /// Scans that its places have had: a list in use is not taken back.
    pub scans: i64,
}

/// A place of a list, with its folded name, areas and hours.
pub struct BatchPlace {
    /// The place, approved.
    pub place: Place,
    /// Name for search.
    pub folded: String,
    /// Areas beside the place itself.
    pub areas: Vec<String>,
    /// Capacity and hours.
    pub hours: crate::place_hours::PlaceHours,
}

impl Store {
    /// Takes in a list of approved places with their areas and first codes, all or none.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn add_place_batch(
        &self,
        batch: &PlaceBatch,
        made_by: i64,
        places: &[BatchPlace],
        mut next_code: impl FnMut() -> (i64, String) + Send,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql =
            "INSERT INTO place_batches (id, unit_id, made_by, made_at, places) VALUES ($1, $2, $3, $4, $5)";
        tx.run(sql, args![batch.id, batch.unit_id, made_by, batch.made_at, batch.places]).await?;
        for one in places {
            insert_place(&mut tx, &one.place, &one.folded).await?;
            let sql = "UPDATE places SET batch_id = $2, capacity = $3, opens_at = $4, closes_at = $5, decided_by = $6
                       WHERE id = $1";
            let (opens, closes) = (one.hours.opens_at.clone(), one.hours.closes_at.clone());
            tx.run(sql, args![one.place.id, batch.id, one.hours.capacity, opens, closes, made_by]).await?;
            for name in std::iter::once("").chain(one.areas.iter().map(String::as_str)) {
                let area_id = insert_area(&mut tx, one.place.id, name, batch.made_at).await?;
                let (id, code) = next_code();
                let issued_at = batch.made_at;
                let point = ScanPoint { id, area_id, code, version: 1, issued_at, retired_at: None };
                insert_point(&mut tx, &point).await?;
            }
        }
        touch_unit(&mut tx, EVERYTHING).await?;
        tx.commit().await
    }

    /// Lists of a unit, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_batches(&self, unit_id: i64) -> Result<Vec<PlaceBatch>> {
        let sql = "SELECT b.id, b.unit_id, b.made_at, b.places, b.undone_at,
                   (SELECT CAST(COALESCE(SUM(c.scans), 0) AS BIGINT) FROM scan_counts c
                    JOIN areas a ON a.id = c.area_id JOIN places p ON p.id = a.place_id WHERE p.batch_id = b.id)
                   FROM place_batches b WHERE b.unit_id = $1 ORDER BY b.made_at DESC, b.id LIMIT 50";
        let batch = |row: &Row| {
            Ok(PlaceBatch {
                id: row.get(0)?,
                unit_id: row.get(1)?,
                made_at: row.get(2)?,
                places: row.get(3)?,
                undone_at: row.get(4)?,
                scans: row.get(5)?,
            })
        };
        self.db.all(sql, args![unit_id]).await?.iter().map(batch).collect()
    }

    /// Takes a list back: its codes are retired and its places closed. False when it was taken back before,
    /// was made before `since`, or is not of that unit. Nothing is deleted: a printed code stays known.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn undo_place_batch(&self, id: i64, unit_id: i64, since: i64, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE place_batches SET undone_at = $4 WHERE id = $1 AND unit_id = $2 AND made_at >= $3
                   AND undone_at IS NULL";
        if tx.run(sql, args![id, unit_id, since, now]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE scan_points SET retired_at = $2 WHERE retired_at IS NULL AND area_id IN
                   (SELECT a.id FROM areas a JOIN places p ON p.id = a.place_id WHERE p.batch_id = $1)";
        tx.run(sql, args![id, now]).await?;
        let sql = "UPDATE places SET state = 'closed', decided_at = $2 WHERE batch_id = $1";
        tx.run(sql, args![id, now]).await?;
        touch_unit(&mut tx, EVERYTHING).await?;
        tx.commit().await?;
        Ok(true)
    }
}
