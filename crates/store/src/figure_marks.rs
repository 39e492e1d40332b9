//! What changed since figures were last read: a running number, given to communes and to days of scans.
//!
//! The number is taken inside the transaction that changes something and its row is held until the commit, so
//! numbers become visible in their order: a reader who has read up to a number has missed nothing below it.

use crate::{Result, Store, StoreError, Tx, args};

/// In the place of a unit: populations, distancing levels or the tree changed.
pub const REFERENCE: i64 = 0;
/// In the place of a unit: all points are to be read anew.
pub const EVERYTHING: i64 = -1;

/// In the place of a unit: a place changed its department.
pub(crate) const RESPONSIBLE: i64 = -2;

/// What changed after a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The number up to which all was seen.
    pub mark: i64,
    /// Communes whose points changed; [`REFERENCE`], [`EVERYTHING`] and others below 1 stand among them.
    pub units: Vec<i64>,
    /// Areas whose last day with a scan moved on, with that day.
    pub areas: Vec<(i64, i64)>,
}

/// Takes the next number. To be the last thing but the marks themselves that a transaction locks.
pub(crate) async fn next_mark(tx: &mut Tx) -> Result<i64> {
    let sql = "UPDATE figure_marks SET mark = mark + 1 WHERE name = 'all' RETURNING mark";
    tx.first(sql, args![]).await?.ok_or(StoreError::Unreadable("figure_marks"))?.get(0)
}

/// Notes that a commune's points, or one of the constants above, changed.
pub(crate) async fn touch_unit(tx: &mut Tx, unit_id: i64) -> Result<()> {
    let mark = next_mark(tx).await?;
    let sql = "INSERT INTO unit_changes (unit_id, mark) VALUES ($1, $2)
               ON CONFLICT (unit_id) DO UPDATE SET mark = excluded.mark";
    tx.run(sql, args![unit_id, mark]).await.map(drop)
}

/// Notes that a place's points changed.
pub(crate) async fn touch_place(tx: &mut Tx, place_id: i64) -> Result<()> {
    let row = tx.first("SELECT unit_id FROM places WHERE id = $1", args![place_id]).await?;
    match row {
        Some(row) => touch_unit(tx, row.get(0)?).await,
        None => Ok(()),
    }
}

/// Notes that an area's points changed.
pub(crate) async fn touch_area(tx: &mut Tx, area_id: i64) -> Result<()> {
    let sql = "SELECT place_id FROM areas WHERE id = $1";
    match tx.first(sql, args![area_id]).await? {
        Some(row) => touch_place(tx, row.get(0)?).await,
        None => Ok(()),
    }
}

impl Store {
    /// The number of the latest change.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn figure_mark(&self) -> Result<i64> {
        let row = self.db.first("SELECT mark FROM figure_marks WHERE name = 'all'", args![]).await?;
        row.ok_or(StoreError::Unreadable("figure_marks"))?.get(0)
    }

    /// What changed after a number, up to now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn figure_changes(&self, after: i64) -> Result<Changes> {
        let mark = self.figure_mark().await?;
        if mark == after {
            return Ok(Changes { mark, ..Changes::default() });
        }
        let sql = "SELECT unit_id FROM unit_changes WHERE mark > $1 ORDER BY unit_id";
        let rows = self.db.all(sql, args![after]).await?;
        let units = rows.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
        let sql = "SELECT area_id, last_day FROM area_last_scans WHERE mark > $1 ORDER BY area_id";
        let rows = self.db.all(sql, args![after]).await?;
        let areas = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_>>()?;
        Ok(Changes { mark, units, areas })
    }

    /// The number of the latest change to counts of event days up to and with `day`; 0 when there is none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scans_changed_until(&self, day: i64) -> Result<i64> {
        let sql = "SELECT COALESCE(MAX(mark), 0) FROM scan_day_changes WHERE event_day <= $1";
        self.db.first(sql, args![day]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// The numbers of the latest changes to counts of event days in `from..until`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scan_day_marks(&self, from: i64, until: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT event_day, mark FROM scan_day_changes WHERE event_day >= $1 AND event_day < $2
                   ORDER BY event_day";
        let rows = self.db.all(sql, args![from, until]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// The number of the latest change by which scans of past days may belong to another unit or department.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn places_moved(&self) -> Result<i64> {
        let sql = "SELECT COALESCE(MAX(mark), 0) FROM unit_changes WHERE unit_id IN ($1, $2)";
        self.db.first(sql, args![EVERYTHING, RESPONSIBLE]).await?.map_or(Ok(0), |row| row.get(0))
    }
}
