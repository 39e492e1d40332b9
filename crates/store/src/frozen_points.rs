//! Points without a scan as they were counted at a cut-off: the list has exactly the members of the count.

use crate::{
    Result, Store, args,
    standing::{QuietPoint, quiet_point},
    unit_periods::UnitPeriod,
};

/// A point that had no scan in the last seven days of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenPoint {
    /// Area of the point.
    pub area_id: i64,
    /// Place.
    pub place_id: i64,
    /// Commune.
    pub unit_id: i64,
    /// Department that is responsible for the place.
    pub department_id: Option<i64>,
    /// The code.
    pub code: String,
    /// Local day number of the last scan; none when never used.
    pub last_day: Option<i64>,
    /// True for a point of a place that no published list may name.
    pub hidden: bool,
}

/// Whose points are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointsOf {
    /// All.
    Province,
    /// Those of a commune, or of a district's communes.
    Territory(i64),
    /// Those that a department is responsible for.
    Department(i64),
}

impl PointsOf {
    /// Territory and department, 0 for any.
    fn ids(self) -> (i64, i64) {
        match self {
            Self::Province => (0, 0),
            Self::Territory(unit) => (unit, 0),
            Self::Department(unit) => (0, unit),
        }
    }
}

/// Rows, of which the hidden ones are those hidden then or now.
macro_rules! points_sql {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (SELECT q.area_id, q.place_id, q.unit_id, q.code, q.last_day, p.name, p.name_folded, a.name AS area_name,
              CASE WHEN q.hidden = 1 OR COALESCE(p.sensitive, r.sensitive, 0) = 1 THEN 1 ELSE 0 END AS hidden
              FROM frozen_points q JOIN places p ON p.id = q.place_id JOIN areas a ON a.id = q.area_id
              JOIN admin_units u ON u.id = q.unit_id LEFT JOIN place_type_rules r ON r.type_code = p.type_code
              WHERE q.from_on = $1 AND q.until_on = $2 AND ($3 = 0 OR q.unit_id = $3 OR u.parent_id = $3)
              AND ($4 = 0 OR q.department_id = $4)) x ",
            $rest
        )
    };
}

impl Store {
    /// Keeps the figures of a span and the points without a scan that are in them, all at once; where the span was
    /// frozen before, nothing changes. Returns how many rows of figures are new.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn freeze_span(&self, periods: &[UnitPeriod], points: &[FrozenPoint]) -> Result<u64> {
        let Some(span) = periods.first() else { return Ok(0) };
        let mut tx = self.db.begin().await?;
        let sql = "SELECT 1 FROM unit_periods WHERE from_on = $1 AND until_on = $2 LIMIT 1";
        if tx.first(sql, args![&span.from_on, &span.until_on]).await?.is_none() {
            let sql = "INSERT INTO frozen_points (from_on, until_on, area_id, place_id, unit_id, department_id, code,
                       last_day, hidden) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                       ON CONFLICT (from_on, until_on, area_id) DO NOTHING";
            for p in points {
                let args = args![
                    &span.from_on,
                    &span.until_on,
                    p.area_id,
                    p.place_id,
                    p.unit_id,
                    p.department_id,
                    &p.code,
                    p.last_day,
                    p.hidden
                ];
                tx.run(sql, args).await?;
            }
        }
        let kept = crate::unit_periods::insert(&mut tx, periods).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// The points of a span that a list may name, those quiet longest first, the never used before all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn frozen_points(
        &self,
        (from_on, until_on): (&str, &str),
        of: PointsOf,
        (limit, offset): (i64, i64),
    ) -> Result<Vec<QuietPoint>> {
        let sql = points_sql!(
            "name, area_name, place_id, unit_id, code, last_day",
            "WHERE hidden = 0 ORDER BY COALESCE(last_day, 0), unit_id, name_folded, area_id LIMIT $5 OFFSET $6"
        );
        let (territory, department) = of.ids();
        let args = args![from_on, until_on, territory, department, limit, offset];
        self.db.all(sql, args).await?.iter().map(quiet_point).collect()
    }

    /// How many points of a span a list may name, and how many it may not.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn frozen_point_counts(
        &self,
        (from_on, until_on): (&str, &str),
        of: PointsOf,
    ) -> Result<(i64, i64)> {
        let sql = points_sql!("COUNT(*), CAST(COALESCE(SUM(hidden), 0) AS BIGINT)", "");
        let (territory, department) = of.ids();
        let Some(row) = self.db.first(sql, args![from_on, until_on, territory, department]).await? else {
            return Ok((0, 0));
        };
        let (all, hidden): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok((all - hidden, hidden))
    }
}
