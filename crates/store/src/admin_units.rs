//! The tree of offices with validity dates, populations, distancing levels and boundaries.

use std::collections::HashMap;

use domain::admin_unit::AdminUnit;

use crate::{
    Result, Row, Store, StoreError, Tx, args,
    figure_marks::{EVERYTHING, REFERENCE, touch_unit},
};

/// A population figure of a unit.
#[derive(Debug, Clone)]
pub struct Population {
    /// Unit.
    pub unit_id: i64,
    /// Number of residents.
    pub population: i64,
    /// Year as printed.
    pub year: String,
    /// What the figure counts.
    pub basis: String,
    /// A official, B secondary, C doubtful, D undated, E estimated by scaling.
    pub grade: String,
    /// Where it was printed.
    pub source: String,
    /// True for the one figure to use.
    pub preferred: bool,
}

/// A distancing level of a unit for a span of days.
#[derive(Debug, Clone)]
pub struct DistancingLevel {
    /// Random id.
    pub id: i64,
    /// Unit; communes under it inherit unless they have their own.
    pub unit_id: i64,
    /// `none`, `ct15`, `ct16`, `ct19`, `nq128-1` … `nq128-4`.
    pub level: String,
    /// First day, ISO date.
    pub from_on: String,
    /// Day after the last, ISO date.
    pub until_on: Option<String>,
    /// Document it comes from.
    pub source: String,
}

const UNIT: &str = "SELECT id, code, parent_id, level, kind, name, full_name, valid_from_on, valid_until_on
     FROM admin_units ORDER BY level DESC, name, id";

impl Store {
    /// All units of all times; a few hundred rows for a province.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn admin_units(&self) -> Result<Vec<AdminUnit>> {
        self.db.all(UNIT, args![]).await?.iter().map(admin_unit).collect()
    }

    /// Adds units (parents first) or renews those with the same code and first day, with their
    /// predecessors `(unit_id, predecessor_id, partial)`, all or nothing. A renewed unit keeps the id it has;
    /// parents and predecessors may be named by the ids given here all the same.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_admin_units(&self, units: &[AdminUnit], links: &[(i64, i64, bool)]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let mut kept_as = HashMap::new();
        for unit in units {
            let parent_id = unit.parent_id.map(|id| *kept_as.get(&id).unwrap_or(&id));
            kept_as.insert(unit.id, put_unit(&mut tx, unit, parent_id).await?);
        }
        for (unit_id, predecessor_id, partial) in links {
            let [unit_id, predecessor_id] = [unit_id, predecessor_id].map(|id| kept_as.get(id).unwrap_or(id));
            let sql = "INSERT INTO unit_predecessors (unit_id, predecessor_id, partial) VALUES ($1, $2, $3)
                       ON CONFLICT (unit_id, predecessor_id) DO UPDATE SET partial = excluded.partial";
            tx.run(sql, args![*unit_id, *predecessor_id, *partial]).await?;
        }
        touch_unit(&mut tx, REFERENCE).await?;
        tx.commit().await
    }

    /// Moves places and accounts from a unit that ended to the one that follows it; answers how many places.
    ///
    /// # Errors
    /// When the database refuses; nothing is moved then.
    pub async fn move_to_successor(&self, from: i64, to: i64) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let moved = tx.run("UPDATE places SET unit_id = $2 WHERE unit_id = $1", args![from, to]).await?;
        tx.run("UPDATE accounts SET unit_id = $2 WHERE unit_id = $1", args![from, to]).await?;
        touch_unit(&mut tx, EVERYTHING).await?;
        tx.commit().await?;
        Ok(moved)
    }

    /// Predecessors of a unit: `(predecessor_id, partial)`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unit_predecessors(&self, unit_id: i64) -> Result<Vec<(i64, bool)>> {
        let sql = "SELECT predecessor_id, partial FROM unit_predecessors WHERE unit_id = $1 ORDER BY predecessor_id";
        let rows = self.db.all(sql, args![unit_id]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Adds or renews population figures. A preferred one takes the place of the unit's former preferred one.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_populations(&self, figures: &[Population]) -> Result<()> {
        let sql = "INSERT INTO populations (unit_id, population, year, basis, grade, source, preferred)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (unit_id, year, basis) DO UPDATE SET population = excluded.population,
                   grade = excluded.grade, source = excluded.source, preferred = excluded.preferred";
        let mut tx = self.db.begin().await?;
        for f in figures {
            let args = args![f.unit_id, f.population, &f.year, &f.basis, &f.grade, &f.source, f.preferred];
            tx.run(sql, args).await?;
            if f.preferred {
                let sql = "UPDATE populations SET preferred = 0
                           WHERE unit_id = $1 AND preferred = 1 AND NOT (year = $2 AND basis = $3)";
                tx.run(sql, args![f.unit_id, &f.year, &f.basis]).await?;
            }
        }
        touch_unit(&mut tx, REFERENCE).await?;
        tx.commit().await
    }

    /// The preferred population figures.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn preferred_populations(&self) -> Result<Vec<Population>> {
        let sql = "SELECT unit_id, population, year, basis, grade, source, preferred
                   FROM populations WHERE preferred = 1 ORDER BY unit_id";
        self.db.all(sql, args![]).await?.iter().map(population).collect()
    }

    /// Adds a distancing level.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_distancing_level(&self, level: &DistancingLevel) -> Result<()> {
        let sql = "INSERT INTO distancing_levels (id, unit_id, level, from_on, until_on, source)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let until = level.until_on.clone();
        let args = args![level.id, level.unit_id, &level.level, &level.from_on, until, &level.source];
        let mut tx = self.db.begin().await?;
        tx.run(sql, args).await?;
        touch_unit(&mut tx, REFERENCE).await?;
        tx.commit().await
    }

    /// All distancing levels, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn distancing_levels(&self) -> Result<Vec<DistancingLevel>> {
        let sql = "SELECT id, unit_id, level, from_on, until_on, source
                   FROM distancing_levels ORDER BY from_on DESC, id DESC";
        self.db.all(sql, args![]).await?.iter().map(distancing_level).collect()
    }

    /// Keeps a unit's boundary: rings of `lon,lat` pairs as text, replacing the former.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_boundaries(&self, boundaries: &[(i64, String)], now: i64) -> Result<()> {
        let sql = "INSERT INTO boundaries (unit_id, rings, imported_at) VALUES ($1, $2, $3)
                   ON CONFLICT (unit_id) DO UPDATE SET rings = excluded.rings, imported_at = excluded.imported_at";
        let mut tx = self.db.begin().await?;
        for (unit_id, rings) in boundaries {
            tx.run(sql, args![*unit_id, rings, now]).await?;
        }
        tx.commit().await
    }

    /// All boundaries: `(unit_id, rings)`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn boundaries(&self) -> Result<Vec<(i64, String)>> {
        let rows = self.db.all("SELECT unit_id, rings FROM boundaries ORDER BY unit_id", args![]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

/// Answers the id under which the unit stands.
async fn put_unit(tx: &mut Tx, unit: &AdminUnit, parent_id: Option<i64>) -> Result<i64> {
    let sql = "INSERT INTO admin_units (id, code, parent_id, level, kind, name, full_name, valid_from_on, valid_until_on)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               ON CONFLICT (code, valid_from_on) DO UPDATE SET parent_id = excluded.parent_id,
               level = excluded.level, kind = excluded.kind, name = excluded.name,
               full_name = excluded.full_name, valid_until_on = excluded.valid_until_on RETURNING id";
    let until = unit.valid_until_on.clone();
    let (code, level, kind) = (&unit.code, &unit.level, &unit.kind);
    let args =
        args![unit.id, code, parent_id, level, kind, &unit.name, &unit.full_name, &unit.valid_from_on, until];
    tx.first(sql, args).await?.ok_or(StoreError::Unreadable("admin_units"))?.get(0)
}

fn admin_unit(row: &Row) -> Result<AdminUnit> {
    Ok(AdminUnit {
        id: row.get(0)?,
        code: row.get(1)?,
        parent_id: row.get(2)?,
        level: row.get(3)?,
        kind: row.get(4)?,
        name: row.get(5)?,
        full_name: row.get(6)?,
        valid_from_on: row.get(7)?,
        valid_until_on: row.get(8)?,
    })
}

fn population(row: &Row) -> Result<Population> {
    Ok(Population {
        unit_id: row.get(0)?,
        population: row.get(1)?,
        year: row.get(2)?,
        basis: row.get(3)?,
        grade: row.get(4)?,
        source: row.get(5)?,
        preferred: row.get(6)?,
    })
}

fn distancing_level(row: &Row) -> Result<DistancingLevel> {
    Ok(DistancingLevel {
        id: row.get(0)?,
        unit_id: row.get(1)?,
        level: row.get(2)?,
        from_on: row.get(3)?,
        until_on: row.get(4)?,
        source: row.get(5)?,
    })
}
