//! What stood at a cut-off: points, their last scans and the scans of a span as they had arrived by then. The same
//! question asked later gets the same answer, so a server that was down freezes as of the cut-off.

use crate::{Result, Row, Store, args};

/// A point in force at a cut-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingPoint {
    /// Area, as stands in counts.
    pub area_id: i64,
    /// Place.
    pub place_id: i64,
    /// Commune.
    pub unit_id: i64,
    /// Place's category.
    pub type_code: String,
    /// When the code was issued.
    pub issued_at: i64,
    /// The code.
    pub code: String,
    /// True for a place that no published list may name.
    pub sensitive: bool,
}

/// A point that had no scan in the last days, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietPoint {
    /// Place's name.
    pub place_name: String,
    /// Area's name; empty for the place itself.
    pub area_name: String,
    /// Place.
    pub place_id: i64,
    /// Commune.
    pub unit_id: i64,
    /// The code.
    pub code: String,
    /// Local day number of the last scan; none when never used.
    pub last_day: Option<i64>,
}

/// Scans that arrived in a span and were made before it, which the reports before could not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCorrection {
    /// Unit.
    pub unit_id: i64,
    /// First day of the span in which they arrived, ISO date.
    pub from_on: String,
    /// Day after its last, ISO date.
    pub until_on: String,
    /// Scans in.
    pub scans_in: i64,
    /// Scans out.
    pub scans_out: i64,
}

/// Days before a span in which a late scan may have been made; devices may not send older ones.
pub const LATE_DAYS_MAX: i64 = 31;

/// A point from the columns place's name, area's name, place, commune, code, last day.
pub(crate) fn quiet_point(row: &Row) -> Result<QuietPoint> {
    Ok(QuietPoint {
        place_name: row.get(0)?,
        area_name: row.get(1)?,
        place_id: row.get(2)?,
        unit_id: row.get(3)?,
        code: row.get(4)?,
        last_day: row.get(5)?,
    })
}

impl Store {
    /// Points of approved places that were in force at an instant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn points_standing(&self, at: i64) -> Result<Vec<StandingPoint>> {
        let sql = "SELECT s.area_id, p.id, p.unit_id, p.type_code, s.issued_at, s.code,
                   COALESCE(p.sensitive, r.sensitive, 0) FROM scan_points s
                   JOIN areas a ON a.id = s.area_id JOIN places p ON p.id = a.place_id
                   LEFT JOIN place_type_rules r ON r.type_code = p.type_code
                   WHERE p.state = 'approved' AND s.issued_at < $1 AND (s.retired_at IS NULL OR s.retired_at >= $1)";
        let point = |row: &Row| {
            Ok(StandingPoint {
                area_id: row.get(0)?,
                place_id: row.get(1)?,
                unit_id: row.get(2)?,
                type_code: row.get(3)?,
                issued_at: row.get(4)?,
                code: row.get(5)?,
                sensitive: row.get(6)?,
            })
        };
        self.db.all(sql, args![at]).await?.iter().map(point).collect()
    }

    /// Which department is responsible for which place: as its commune chose, or by its category.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn departments_by_place(&self) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT x.id, x.department_id FROM (SELECT p.id AS id, CASE WHEN p.department_set = 1
                   THEN p.department_id ELSE r.department_id END AS department_id FROM places p
                   LEFT JOIN place_type_rules r ON r.type_code = p.type_code) x WHERE x.department_id IS NOT NULL";
        self.db.all(sql, args![]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Points in force at an instant without a scan on the days `live_from..until` that had arrived before `until`
    /// (local day numbers), those quiet longest first, the never used before all. Places that no published list may
    /// name are left out.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn quiet_points(&self, at: i64, live_from: i64, until: i64) -> Result<Vec<QuietPoint>> {
        let sql = "SELECT p.name, a.name, p.id, p.unit_id, s.code, c.last_day FROM scan_points s
                   JOIN areas a ON a.id = s.area_id JOIN places p ON p.id = a.place_id
                   LEFT JOIN (SELECT area_id, MAX(event_day) AS last_day FROM scan_counts
                   WHERE event_day < $3 AND arrival_day < $3 GROUP BY area_id) c ON c.area_id = s.area_id
                   LEFT JOIN place_type_rules r ON r.type_code = p.type_code
                   WHERE COALESCE(p.sensitive, r.sensitive, 0) = 0 AND p.state = 'approved' AND s.issued_at < $1 AND (s.retired_at IS NULL OR s.retired_at >= $1)
                   AND (c.last_day IS NULL OR c.last_day < $2)
                   ORDER BY COALESCE(c.last_day, 0), p.unit_id, p.name_folded, s.area_id";
        self.db.all(sql, args![at, live_from, until]).await?.iter().map(quiet_point).collect()
    }

    /// Each area's last day with a scan before a day, of scans that had arrived before it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_days_arrived(&self, until: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT area_id, MAX(event_day) FROM scan_counts WHERE event_day < $1 AND arrival_day < $1
                   GROUP BY area_id";
        self.db.all(sql, args![until]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Scans by area and direction of the days `from..until`, of those that had arrived before `until`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scans_arrived(&self, from: i64, until: i64) -> Result<Vec<(i64, bool, i64)>> {
        let sql = "SELECT area_id, kind, CAST(SUM(scans) AS BIGINT) FROM scan_counts
                   WHERE event_day >= $1 AND event_day < $2 AND arrival_day < $2 GROUP BY area_id, kind";
        let rows = self.db.all(sql, args![from, until]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Scans by area and direction that were made before the days `from..until` and arrived on them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scans_late(&self, from: i64, until: i64) -> Result<Vec<(i64, bool, i64)>> {
        let sql = "SELECT area_id, kind, CAST(SUM(scans) AS BIGINT) FROM scan_counts
                   WHERE event_day >= $3 AND event_day < $1 AND arrival_day >= $1 AND arrival_day < $2
                   GROUP BY area_id, kind";
        let rows = self.db.all(sql, args![from, until, from - LATE_DAYS_MAX]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Keeps corrections; those that were kept before stay.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_unit_corrections(&self, corrections: &[UnitCorrection]) -> Result<()> {
        let sql = "INSERT INTO unit_corrections (unit_id, from_on, until_on, scans_in, scans_out)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit_id, from_on, until_on) DO NOTHING";
        let mut tx = self.db.begin().await?;
        for c in corrections {
            tx.run(sql, args![c.unit_id, &c.from_on, &c.until_on, c.scans_in, c.scans_out]).await?;
        }
        tx.commit().await
    }

    /// Corrections of every unit for one span.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unit_corrections(&self, from_on: &str, until_on: &str) -> Result<Vec<UnitCorrection>> {
        let sql = "SELECT unit_id, from_on, until_on, scans_in, scans_out FROM unit_corrections
                   WHERE from_on = $1 AND until_on = $2 ORDER BY unit_id";
        let correction = |row: &Row| {
            Ok(UnitCorrection {
                unit_id: row.get(0)?,
                from_on: row.get(1)?,
                until_on: row.get(2)?,
                scans_in: row.get(3)?,
                scans_out: row.get(4)?,
            })
        };
        self.db.all(sql, args![from_on, until_on]).await?.iter().map(correction).collect()
    }
}
