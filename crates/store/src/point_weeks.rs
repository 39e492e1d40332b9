//! Weeks of points without a scan: a row only where a point was not live, so that 26 weeks of a province stay
//! small.

use crate::{Result, Store, args};

/// A point that had no scan in a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietWeek {
    /// Area of the point.
    pub area_id: i64,
    /// True when it was never scanned until then.
    pub never_used: bool,
}

/// How long a point has been quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietSpell {
    /// Area of the point.
    pub area_id: i64,
    /// Weeks in a row up to the last one asked for.
    pub in_a_row: i64,
    /// Weeks among those asked for.
    pub weeks: i64,
    /// True when it was never scanned.
    pub never_used: bool,
}

/// Rows of one transaction.
const CHUNK: usize = 2000;

impl Store {
    /// Notes the points that had no scan in a week, named by its first day; those noted before stay.
    ///
    /// # Errors
    /// When the database refuses; whole chunks may be kept then, and noting again is harmless.
    pub async fn note_quiet_weeks(
        &self,
        week_on: &str,
        before_on: &str,
        points: &[QuietWeek],
    ) -> Result<u64> {
        let sql = "INSERT INTO point_weeks (area_id, week_on, usage, in_a_row) VALUES ($1, $2, $3,
                   1 + COALESCE((SELECT in_a_row FROM point_weeks WHERE area_id = $1 AND week_on = $4), 0))
                   ON CONFLICT (area_id, week_on) DO NOTHING";
        let mut kept = 0;
        for chunk in points.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            for point in chunk {
                let usage = if point.never_used { "never" } else { "silent" };
                kept += tx.run(sql, args![point.area_id, week_on, usage, before_on]).await?;
            }
            tx.commit().await?;
        }
        Ok(kept)
    }

    /// Takes back what was noted for a week where scans of its days (`from..until`) arrived later, and counts the
    /// weeks in a row anew. To be called week by week, the oldest first. Returns how many points were not quiet.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn correct_quiet_week(
        &self,
        week_on: &str,
        before_on: &str,
        from: i64,
        until: i64,
    ) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM point_weeks WHERE week_on = $1 AND EXISTS (SELECT c.area_id FROM scan_counts c
                   WHERE c.area_id = point_weeks.area_id AND c.event_day >= $2 AND c.event_day < $3)";
        let taken = tx.run(sql, args![week_on, from, until]).await?;
        let sql = "UPDATE point_weeks SET in_a_row = 1 + COALESCE((SELECT q.in_a_row FROM point_weeks q
                   WHERE q.area_id = point_weeks.area_id AND q.week_on = $2), 0)
                   WHERE week_on = $1 AND in_a_row <> 1 + COALESCE((SELECT q.in_a_row FROM point_weeks q
                   WHERE q.area_id = point_weeks.area_id AND q.week_on = $2), 0)";
        tx.run(sql, args![week_on, before_on]).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Points that were quiet in the week `last_on`, with their quiet weeks after `after_on`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn quiet_spells(&self, after_on: &str, last_on: &str) -> Result<Vec<QuietSpell>> {
        let sql = "SELECT w.area_id, w.in_a_row, (SELECT COUNT(*) FROM point_weeks q
                   WHERE q.area_id = w.area_id AND q.week_on > $1 AND q.week_on <= $2),
                   CASE WHEN w.usage = 'never' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
                   FROM point_weeks w WHERE w.week_on = $2 ORDER BY w.area_id";
        let rows = self.db.all(sql, args![after_on, last_on]).await?;
        let spell = |row: &crate::Row| {
            Ok(QuietSpell {
                area_id: row.get(0)?,
                in_a_row: row.get(1)?,
                weeks: row.get(2)?,
                never_used: row.get(3)?,
            })
        };
        rows.iter().map(spell).collect()
    }

    /// First days of the weeks after `after_on` in which each of a place's areas had no scan.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn quiet_weeks_of_place(&self, place_id: i64, after_on: &str) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT w.area_id, w.week_on FROM point_weeks w JOIN areas a ON a.id = w.area_id
                   WHERE a.place_id = $1 AND w.week_on > $2 ORDER BY w.area_id, w.week_on";
        let rows = self.db.all(sql, args![place_id, after_on]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}
