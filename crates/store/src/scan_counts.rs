//! Counts of scans by event day, area and direction: what live points and weekly figures are made from.
//!
//! Counts hold no person. Each row is the whole count of one arrival day, so writing it twice is harmless.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{MutexGuard, PoisonError},
};

use crate::{Result, Store, Tx, args, figure_marks::next_mark};

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
    /// Writes whole counts, replacing earlier values of the same key, and with them what is read from them: the
    /// last day of each area, and which days changed.
    ///
    /// # Errors
    /// When the database refuses; some may be kept then, and writing all again is harmless.
    pub async fn put_scan_counts(&self, counts: &[ScanCount]) -> Result<()> {
        let sql = "INSERT INTO scan_counts (event_day, area_id, kind, arrival_day, scans)
                   VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (event_day, area_id, kind, arrival_day) DO UPDATE SET scans = excluded.scans";
        for chunk in counts.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            let mark = next_mark(&mut tx).await?;
            for count in chunk {
                let args = args![count.event_day, count.area_id, count.out, count.arrival_day, count.scans];
                tx.run(sql, args).await?;
            }
            let last = self.last_days_to_note(chunk);
            note_last_days(&mut tx, chunk, &last, mark).await?;
            tx.commit().await?;
            self.last_days().extend(last);
        }
        Ok(())
    }

    /// The last day of each area of a chunk, without those that are known to be noted already: within a day,
    /// nearly all.
    fn last_days_to_note(&self, chunk: &[ScanCount]) -> HashMap<i64, i64> {
        let mut last: HashMap<i64, i64> = HashMap::new();
        for count in chunk {
            let day = last.entry(count.area_id).or_insert(count.event_day);
            *day = count.event_day.max(*day);
        }
        let noted = self.last_days();
        last.retain(|area, day| noted.get(area).is_none_or(|noted| noted < day));
        last
    }

    fn last_days(&self) -> MutexGuard<'_, HashMap<i64, i64>> {
        self.last_days.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scans by unit, department and direction on one event day: `(unit, department, out, scans)`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scans_of_day(&self, day: i64) -> Result<Vec<(i64, Option<i64>, bool, i64)>> {
        let sql = "SELECT p.unit_id, CASE WHEN p.department_set = 1 THEN p.department_id ELSE r.department_id END AS d,
                   c.kind, CAST(SUM(c.scans) AS BIGINT) FROM scan_counts c JOIN areas a ON a.id = c.area_id
                   JOIN places p ON p.id = a.place_id LEFT JOIN place_type_rules r ON r.type_code = p.type_code
                   WHERE c.event_day = $1 GROUP BY p.unit_id, d, c.kind ORDER BY p.unit_id, d, c.kind";
        let rows = self.db.all(sql, args![day]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
    }

    /// Every area's last event day with a scan, whatever the day.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn area_last_days(&self) -> Result<Vec<(i64, i64)>> {
        let rows =
            self.db.all("SELECT area_id, last_day FROM area_last_scans ORDER BY area_id", args![]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// For areas that were scanned after `day`, their last event day with a scan up to and with it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_days_until(&self, day: i64) -> Result<Vec<(i64, Option<i64>)>> {
        let sql = "SELECT l.area_id, (SELECT MAX(c.event_day) FROM scan_counts c
                   WHERE c.area_id = l.area_id AND c.event_day <= $1) FROM area_last_scans l
                   WHERE l.last_day > $1 ORDER BY l.area_id";
        let rows = self.db.all(sql, args![day]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Last event days with a scan of a place's areas, up to and with `day`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_scan_days_of_place(&self, place_id: i64, day: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT c.area_id, MAX(c.event_day) FROM scan_counts c WHERE c.area_id IN
                   (SELECT id FROM areas WHERE place_id = $1) AND c.event_day <= $2
                   GROUP BY c.area_id ORDER BY c.area_id";
        let rows = self.db.all(sql, args![place_id, day]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
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
        let sql = "SELECT area_id, last_day FROM (SELECT l.area_id, CASE WHEN l.last_day <= $1 THEN l.last_day
                   ELSE (SELECT MAX(c.event_day) FROM scan_counts c WHERE c.area_id = l.area_id AND c.event_day <= $1)
                   END AS last_day FROM area_last_scans l) found WHERE last_day IS NOT NULL ORDER BY area_id";
        let rows = self.db.all(sql, args![day]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

async fn note_last_days(tx: &mut Tx, chunk: &[ScanCount], last: &HashMap<i64, i64>, mark: i64) -> Result<()> {
    let sql = "INSERT INTO area_last_scans (area_id, last_day, mark) VALUES ($1, $2, $3)
               ON CONFLICT (area_id) DO UPDATE SET last_day = excluded.last_day, mark = excluded.mark
               WHERE excluded.last_day > area_last_scans.last_day";
    for (area, day) in last {
        tx.run(sql, args![*area, *day, mark]).await?;
    }
    let days: BTreeSet<i64> = chunk.iter().map(|count| count.event_day).collect();
    let sql = "INSERT INTO scan_day_changes (event_day, mark) VALUES ($1, $2)
               ON CONFLICT (event_day) DO UPDATE SET mark = excluded.mark";
    for day in days {
        tx.run(sql, args![day, mark]).await?;
    }
    Ok(())
}
