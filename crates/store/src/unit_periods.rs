//! Figures of units for closed periods, frozen at the cut-off: what trends and reports are made from.

use crate::{Result, Row, Store, Tx, args};

/// What one unit had in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPeriod {
    /// The unit: commune, district, province or department.
    pub unit_id: i64,
    /// First day, ISO date.
    pub from_on: String,
    /// Day after the last, ISO date.
    pub until_on: String,
    /// Points issued before the end and not retired.
    pub registered: i64,
    /// Of these, with a scan in the last seven days of the period.
    pub live: i64,
    /// Of these, used before but not in the last seven days.
    pub silent: i64,
    /// Of these, never used.
    pub never_used: i64,
    /// Points issued within the period.
    pub new_points: i64,
    /// Residents, where a figure is known.
    pub population: Option<i64>,
    /// Points wanted where the target applies (sum over communes, each rounded up).
    pub target: i64,
    /// Points missing from the target.
    pub missing: i64,
    /// Scans in.
    pub scans_in: i64,
    /// Scans out.
    pub scans_out: i64,
    /// When the figures were frozen.
    pub frozen_at: i64,
}

/// Rows of one transaction.
const CHUNK: usize = 2000;

fn period(row: &Row) -> Result<UnitPeriod> {
    Ok(UnitPeriod {
        unit_id: row.get(0)?,
        from_on: row.get(1)?,
        until_on: row.get(2)?,
        registered: row.get(3)?,
        live: row.get(4)?,
        silent: row.get(5)?,
        never_used: row.get(6)?,
        new_points: row.get(7)?,
        population: row.get(8)?,
        target: row.get(9)?,
        missing: row.get(10)?,
        scans_in: row.get(11)?,
        scans_out: row.get(12)?,
        frozen_at: row.get(13)?,
    })
}

/// Keeps figures within a transaction; those that were frozen before stay. Returns how many are new.
pub(crate) async fn insert(tx: &mut Tx, periods: &[UnitPeriod]) -> Result<u64> {
    let sql = "INSERT INTO unit_periods (unit_id, from_on, until_on, registered, live, silent, never_used, new_points,
               population, target, missing, scans_in, scans_out, frozen_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
               ON CONFLICT (unit_id, from_on, until_on) DO NOTHING";
    let mut kept = 0;
    for p in periods {
        let args = args![
            p.unit_id,
            &p.from_on,
            &p.until_on,
            p.registered,
            p.live,
            p.silent,
            p.never_used,
            p.new_points,
            p.population,
            p.target,
            p.missing,
            p.scans_in,
            p.scans_out,
            p.frozen_at
        ];
        kept += tx.run(sql, args).await?;
    }
    Ok(kept)
}

impl Store {
    /// Keeps frozen figures; those that were frozen before stay as they are. Returns how many are new.
    ///
    /// # Errors
    /// When the database refuses; whole chunks may be kept then, and freezing again is harmless.
    pub async fn freeze_unit_periods(&self, periods: &[UnitPeriod]) -> Result<u64> {
        let mut kept = 0;
        for chunk in periods.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            kept += insert(&mut tx, chunk).await?;
            tx.commit().await?;
        }
        Ok(kept)
    }

    /// Frozen figures of every unit for one period.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unit_periods_of(&self, from_on: &str, until_on: &str) -> Result<Vec<UnitPeriod>> {
        let sql =
            "SELECT unit_id, from_on, until_on, registered, live, silent, never_used, new_points, population,
                   target, missing, scans_in, scans_out, frozen_at FROM unit_periods
                   WHERE from_on = $1 AND until_on = $2 ORDER BY unit_id";
        self.db.all(sql, args![from_on, until_on]).await?.iter().map(period).collect()
    }

    /// Frozen figures of one unit for periods that end after a day and no later than another, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unit_periods_between(
        &self,
        unit_id: i64,
        after_on: &str,
        until_on: &str,
    ) -> Result<Vec<UnitPeriod>> {
        let sql =
            "SELECT unit_id, from_on, until_on, registered, live, silent, never_used, new_points, population,
                   target, missing, scans_in, scans_out, frozen_at FROM unit_periods
                   WHERE unit_id = $1 AND until_on > $2 AND until_on <= $3 ORDER BY until_on, from_on";
        self.db.all(sql, args![unit_id, after_on, until_on]).await?.iter().map(period).collect()
    }
}
