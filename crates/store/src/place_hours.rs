//! A place's bounds: how many it holds, when it opens and closes, and when its owner closed it by hand.

use crate::{Result, Row, Store, args};

/// Capacity and hours of a place; what is not set goes by its type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceHours {
    /// Most people at once.
    pub capacity: Option<i64>,
    /// Local time of opening, `HH:MM`.
    pub opens_at: Option<String>,
    /// Local time of closing, `HH:MM`; before `opens_at` when it lies after midnight.
    pub closes_at: Option<String>,
}

/// What all gates of a place are told of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceNow {
    /// Ids of the place's areas.
    pub areas: Vec<i64>,
    /// Most people at once.
    pub capacity: Option<i64>,
    /// When its owner last sent everybody home since the instant asked for, and how many were inside by the scans.
    pub closing: Option<(i64, i64)>,
}

impl Store {
    /// The place of an area as its gates show it, in one look: every batch of every gate asks for it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_now(&self, area_id: i64, since: i64) -> Result<PlaceNow> {
        let sql = "SELECT b.id, p.capacity, c.closed_at, c.balance FROM areas a
                   JOIN places p ON p.id = a.place_id JOIN areas b ON b.place_id = p.id
                   LEFT JOIN place_closings c ON c.place_id = p.id AND c.closed_at =
                     (SELECT MAX(m.closed_at) FROM place_closings m WHERE m.place_id = p.id AND m.closed_at >= $2)
                   WHERE a.id = $1 ORDER BY b.id";
        let mut now = PlaceNow::default();
        for row in self.db.all(sql, args![area_id, since]).await? {
            now.areas.push(row.get(0)?);
            now.capacity = row.get(1)?;
            let closed_at: Option<i64> = row.get(2)?;
            now.closing = closed_at.map(|at| Ok::<_, crate::StoreError>((at, row.get(3)?))).transpose()?;
        }
        Ok(now)
    }

    /// Capacity and hours of a place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_hours(&self, place_id: i64) -> Result<PlaceHours> {
        let sql = "SELECT id, capacity, opens_at, closes_at FROM places WHERE id = $1";
        let row = self.db.first(sql, args![place_id]).await?;
        Ok(row.as_ref().map(hours).transpose()?.map(|(_, hours)| hours).unwrap_or_default())
    }

    /// Capacity and hours of every place that has any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all_place_hours(&self) -> Result<Vec<(i64, PlaceHours)>> {
        let sql = "SELECT id, capacity, opens_at, closes_at FROM places
                   WHERE capacity IS NOT NULL OR opens_at IS NOT NULL OR closes_at IS NOT NULL";
        self.db.all(sql, args![]).await?.iter().map(hours).collect()
    }

    /// Sets capacity and hours of a place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_place_hours(&self, place_id: i64, hours: &PlaceHours) -> Result<()> {
        let sql = "UPDATE places SET capacity = $2, opens_at = $3, closes_at = $4 WHERE id = $1";
        let (opens, closes) = (hours.opens_at.clone(), hours.closes_at.clone());
        self.db.run(sql, args![place_id, hours.capacity, opens, closes]).await.map(drop)
    }

    /// Notes that everybody inside a place left at an instant: its owner closed it. `balance` is by how many
    /// the day's scans in exceeded those out, so that counting begins anew from it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_place_now(&self, place_id: i64, at: i64, balance: i64) -> Result<()> {
        let sql = "INSERT INTO place_closings (place_id, closed_at, balance) VALUES ($1, $2, $3)
                   ON CONFLICT (place_id, closed_at) DO NOTHING";
        self.db.run(sql, args![place_id, at, balance]).await.map(drop)
    }

    /// Closings by hand since an instant, by place and time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_closings(&self, since: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT place_id, closed_at FROM place_closings WHERE closed_at >= $1
                   ORDER BY place_id, closed_at";
        self.db.all(sql, args![since]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// The latest closing by hand of a place since an instant: when, and the balance at it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_closing(&self, place_id: i64, since: i64) -> Result<Option<(i64, i64)>> {
        let sql = "SELECT closed_at, balance FROM place_closings WHERE place_id = $1 AND closed_at >= $2
                   ORDER BY closed_at DESC LIMIT 1";
        let row = self.db.first(sql, args![place_id, since]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }
}

fn hours(row: &Row) -> Result<(i64, PlaceHours)> {
    let hours = PlaceHours { capacity: row.get(1)?, opens_at: row.get(2)?, closes_at: row.get(3)? };
    Ok((row.get(0)?, hours))
}
