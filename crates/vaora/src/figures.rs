//! Figures of a day: every point with its usage, and coverage of every unit, computed once for a page.

use std::collections::HashMap;

use domain::{
    admin_unit::UnitTree,
    coverage::{Coverage, Usage},
    distancing::{DatedLevel, Level, level_on},
    time::day_number,
};
use jiff::civil::Date;
use store::{admin_units::Population, places::PointFacts};

use crate::{app::App, error::Result};

/// A point with its usage on the day.
pub struct PointUse {
    /// The point.
    pub facts: PointFacts,
    /// Last event day with a scan.
    pub last_scan_day: Option<i64>,
    /// Live, silent or never used.
    pub usage: Usage,
}

/// Points, populations and levels of one day.
pub struct Figures {
    /// All points in force.
    pub points: Vec<PointUse>,
    /// The figure to use for each unit.
    pub populations: HashMap<i64, Population>,
    levels: Vec<DatedLevel>,
    by_commune: HashMap<i64, Vec<usize>>,
    date: String,
}

/// Reads what the figures of a day are made from.
///
/// # Errors
/// When the store refuses.
pub async fn on(app: &App, date: Date) -> Result<Figures> {
    app.counters.flush(&app.store).await?;
    let today = day_number(date);
    let last: HashMap<i64, i64> = app.store.last_scan_days(today).await?.into_iter().collect();
    let points: Vec<PointUse> = app
        .store
        .points_in_force()
        .await?
        .into_iter()
        .map(|facts| {
            let last_scan_day = last.get(&facts.point.area_id).copied();
            PointUse { facts, last_scan_day, usage: Usage::of(last_scan_day, today) }
        })
        .collect();
    let populations = app.store.preferred_populations().await?.into_iter().map(|p| (p.unit_id, p)).collect();
    let mut by_commune: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, point) in points.iter().enumerate() {
        by_commune.entry(point.facts.unit_id).or_default().push(index);
    }
    let levels = levels(app).await?;
    Ok(Figures { points, populations, levels, by_commune, date: date.to_string() })
}

/// All dated levels that this program knows.
///
/// # Errors
/// When the store refuses.
pub async fn levels(app: &App) -> Result<Vec<DatedLevel>> {
    let rows = app.store.distancing_levels().await?;
    let known = rows.into_iter().filter_map(|row| {
        let level = Level::from_code(&row.level)?;
        Some(DatedLevel { unit_id: row.unit_id, level, from_on: row.from_on, until_on: row.until_on })
    });
    Ok(known.collect())
}

impl Figures {
    /// Points of a commune.
    pub fn points_of(&self, commune: i64) -> impl Iterator<Item = &PointUse> {
        self.by_commune.get(&commune).into_iter().flatten().map(|index| &self.points[*index])
    }

    /// Points at or below a unit.
    #[must_use]
    pub fn points_within(&self, tree: &UnitTree, unit: i64) -> Vec<&PointUse> {
        tree.communes_within(unit).into_iter().flat_map(|commune| self.points_of(commune.id)).collect()
    }

    /// The distancing level of a unit on the day.
    #[must_use]
    pub fn level(&self, tree: &UnitTree, unit: i64) -> Level {
        let chain: Vec<i64> = tree.path(unit).into_iter().map(|unit| unit.id).collect();
        level_on(&self.levels, &chain, &self.date)
    }

    /// Coverage of a unit: a commune's own, or its communes' added up.
    #[must_use]
    pub fn of(&self, tree: &UnitTree, unit: i64) -> Coverage {
        let mut sum = Coverage::default();
        for commune in tree.communes_within(unit) {
            let population = self.populations.get(&commune.id).map(|figure| figure.population);
            let applies = self.level(tree, commune.id).target_applies();
            let usages = self.points_of(commune.id).map(|point| point.usage);
            sum.add(&Coverage::of_commune(population, applies, usages));
        }
        sum
    }
}
