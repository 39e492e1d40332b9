//! What visitors say of a poster: that it is wrong, dead or damaged. Who said it is not kept.

use crate::{Result, Row, Store, args};

/// Reports of one scan point that nobody has seen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosterReport {
    /// The scan point.
    pub point_id: i64,
    /// Its code.
    pub code: String,
    /// Its place.
    pub place_id: i64,
    /// The place's name.
    pub place_name: String,
    /// The area's name.
    pub area_name: String,
    /// Commune.
    pub unit_id: i64,
    /// What was said: `wrong_place`, `dead` or `damaged`.
    pub kind: String,
    /// How often.
    pub times: i64,
    /// When last.
    pub last_at: i64,
}

/// Reports of one kind about one point that are kept open; more say nothing new.
const OPEN_MAX: i64 = 20;

impl Store {
    /// Keeps a report, unless enough of the kind stand open; true when it was kept.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_poster_report(&self, id: i64, point_id: i64, kind: &str, now: i64) -> Result<bool> {
        let sql = "INSERT INTO poster_reports (id, point_id, kind, reported_at)
                   SELECT $1, $2, $3, $4 WHERE (SELECT COUNT(*) FROM poster_reports
                   WHERE point_id = $2 AND kind = $3 AND closed_at IS NULL) < $5";
        Ok(self.db.run(sql, args![id, point_id, kind, now, OPEN_MAX]).await? == 1)
    }

    /// Open reports by point and kind, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_poster_reports(&self) -> Result<Vec<PosterReport>> {
        let sql = "SELECT r.point_id, s.code, p.id, p.name, a.name, p.unit_id, r.kind, COUNT(*), MAX(r.reported_at)
                   FROM poster_reports r JOIN scan_points s ON s.id = r.point_id JOIN areas a ON a.id = s.area_id
                   JOIN places p ON p.id = a.place_id WHERE r.closed_at IS NULL
                   GROUP BY r.point_id, s.code, p.id, p.name, a.name, p.unit_id, r.kind
                   ORDER BY MAX(r.reported_at) DESC, r.point_id, r.kind LIMIT 100000";
        let report = |row: &Row| {
            Ok(PosterReport {
                point_id: row.get(0)?,
                code: row.get(1)?,
                place_id: row.get(2)?,
                place_name: row.get(3)?,
                area_name: row.get(4)?,
                unit_id: row.get(5)?,
                kind: row.get(6)?,
                times: row.get(7)?,
                last_at: row.get(8)?,
            })
        };
        self.db.all(sql, args![]).await?.iter().map(report).collect()
    }

    /// Closes the open reports of a place: somebody saw to it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_poster_reports(&self, place_id: i64, now: i64) -> Result<u64> {
        let sql = "UPDATE poster_reports SET closed_at = $2 WHERE closed_at IS NULL AND point_id IN
                   (SELECT s.id FROM scan_points s JOIN areas a ON a.id = s.area_id WHERE a.place_id = $1)";
        self.db.run(sql, args![place_id, now]).await
    }
}
