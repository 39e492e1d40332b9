//! Counts of scans by event day, area and direction: what live points and weekly figures are made from.
//!
//! Counts hold no person. Each row is the whole count of one arrival day, so writing it twice is harmless.

use crate::{Result, Store, args};

/// Scans of one area and direction on one event day that arrived on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanCount {
    /// Local day number on which the scans were captured.
    pub event_day: i64,
    /// Area of the scans.
    pub area_id: i64,
    /// True for out, false for in.
    pub out: bool,
    /// Local day number on which they arrived.
    pub arrival_day: i64,
    /// How many.
    pub scans: i64,
}

/// Rows of one transaction, so that a long list does not hold up other writers.
const CHUNK: usize = 10_000;

impl Store {
    /// Writes whole counts, replacing earlier values of the same key.
    ///
    /// # Errors
    /// When the database refuses; some may be kept then, and writing all again is harmless.
    pub async fn put_scan_counts(&self, counts: &[ScanCount]) -> Result<()> {
        let sql = "INSERT INTO scan_counts (event_day, area_id, kind, arrival_day, scans)
                   VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (event_day, area_id, kind, arrival_day) DO UPDATE SET scans = excluded.scans";
        for chunk in counts.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            for count in chunk {
                let args = args![count.event_day, count.area_id, count.out, count.arrival_day, count.scans];
                tx.run(sql, args).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Scans by area and direction for event days in `from..until` (day numbers, half-open).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scans_by_area(&self, from: i64, until: i64) -> Result<Vec<(i64, bool, i64)>> {
        let sql = "SELECT area_id, kind, CAST(SUM(scans) AS BIGINT) FROM scan_counts
                   WHERE event_day >= $1 AND event_day < $2 GROUP BY area_id, kind
                   ORDER BY area_id, kind";
        let rows = self.db.all(sql, args![from, until]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Scans of some areas by day and direction for event days in `from..until`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scans_by_day(&self, from: i64, until: i64) -> Result<Vec<(i64, i64, bool, i64)>> {
        let sql = "SELECT event_day, area_id, kind, CAST(SUM(scans) AS BIGINT) FROM scan_counts
                   WHERE event_day >= $1 AND event_day < $2 GROUP BY event_day, area_id, kind
                   ORDER BY event_day, area_id, kind";
        let rows = self.db.all(sql, args![from, until]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
    }

    /// Each area's last event day with a scan, up to and with `day`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_scan_days(&self, day: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT area_id, MAX(event_day) FROM scan_counts WHERE event_day <= $1
                   GROUP BY area_id ORDER BY area_id";
        let rows = self.db.all(sql, args![day]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}
