//! Figures of a day: every point with its usage, and coverage of every unit, kept between pages.
//!
//! A territory counts the points of its communes. A department counts the points that it is responsible for,
//! wherever they stand: another view on the same points, never added to the territory's.

mod cache;
pub mod parts;
mod scans;

use std::{collections::HashMap, sync::Arc};

use domain::{
    admin_unit::UnitTree,
    coverage::{Coverage, Usage},
    distancing::{DatedLevel, Level, level_on},
    time::day_start,
};
use jiff::civil::Date;
use store::{admin_units::Population, places::PointFacts};

use anyhow::Result;

use crate::app::App;

pub use cache::Cache;
pub use scans::{Cache as ScanCache, DayFlow, Flow, in_days as scans_in_days};

/// A point with its usage on the day.
#[derive(Debug, Clone)]
pub struct PointUse {
    /// The point.
    pub facts: Arc<PointFacts>,
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
    pub populations: Arc<HashMap<i64, Population>>,
    levels: Arc<Vec<DatedLevel>>,
    by_commune: HashMap<i64, Vec<usize>>,
    by_department: HashMap<i64, Vec<usize>>,
    usages: HashMap<i64, Coverage>,
    date: String,
}

/// The figures of a day, as they stand with all that is written.
///
/// # Errors
/// When the store refuses.
pub async fn on(app: &App, date: Date) -> Result<Arc<Figures>> {
    app.counters.flush(&app.store).await?;
    app.figures().on(&app.store, date).await
}

/// All dated levels that this program knows.
///
/// # Errors
/// When the store refuses.
pub async fn levels(app: &App) -> Result<Vec<DatedLevel>> {
    cache::levels(&app.store).await
}

impl Figures {
    /// Puts points and last days together; `last` answers an area's last day with a scan.
    fn new(
        points: impl Iterator<Item = Arc<PointFacts>>,
        last: impl Fn(i64) -> Option<i64>,
        populations: Arc<HashMap<i64, Population>>,
        levels: Arc<Vec<DatedLevel>>,
        date: (String, i64),
    ) -> Self {
        let points: Vec<PointUse> = points
            .map(|facts| {
                let last_scan_day = last(facts.point.area_id);
                PointUse { usage: Usage::of(last_scan_day, date.1), facts, last_scan_day }
            })
            .collect();
        let mut by_commune: HashMap<i64, Vec<usize>> = HashMap::new();
        let mut by_department: HashMap<i64, Vec<usize>> = HashMap::new();
        let mut usages: HashMap<i64, Coverage> = HashMap::new();
        for (index, point) in points.iter().enumerate() {
            by_commune.entry(point.facts.unit_id).or_default().push(index);
            if let Some(department) = point.facts.department_id {
                by_department.entry(department).or_default().push(index);
            }
            let one = Coverage::of_points(std::iter::once(point.usage));
            usages.entry(point.facts.unit_id).or_default().add(&one);
        }
        Self { points, populations, levels, by_commune, by_department, usages, date: date.0 }
    }

    /// Points of a commune.
    pub fn points_of(&self, commune: i64) -> impl Iterator<Item = &PointUse> {
        self.by_commune.get(&commune).into_iter().flatten().map(|index| &self.points[*index])
    }

    /// Points that a department is responsible for.
    pub fn points_of_department(&self, department: i64) -> impl Iterator<Item = &PointUse> {
        self.by_department.get(&department).into_iter().flatten().map(|index| &self.points[*index])
    }

    /// Points at or below a unit: of its communes, or, for a department, those that it is responsible for.
    #[must_use]
    pub fn points_within(&self, tree: &UnitTree, unit: i64) -> Vec<&PointUse> {
        if is_department(tree, unit) {
            return departments_within(tree, unit)
                .into_iter()
                .flat_map(|department| self.points_of_department(department))
                .collect();
        }
        tree.communes_within(unit).into_iter().flat_map(|commune| self.points_of(commune.id)).collect()
    }

    /// The distancing level of a unit on the day.
    #[must_use]
    pub fn level(&self, tree: &UnitTree, unit: i64) -> Level {
        let chain: Vec<i64> = tree.path(unit).into_iter().map(|unit| unit.id).collect();
        level_on(&self.levels, &chain, &self.date)
    }

    /// Coverage of a unit: a commune's own, or its communes' added up; a department's points without a target.
    #[must_use]
    pub fn of(&self, tree: &UnitTree, unit: i64) -> Coverage {
        if is_department(tree, unit) {
            return Coverage::of_points(self.points_within(tree, unit).into_iter().map(|point| point.usage));
        }
        let mut sum = Coverage::default();
        for commune in tree.communes_within(unit) {
            let usages = self.usages.get(&commune.id).copied().unwrap_or_default();
            let population = self.populations.get(&commune.id).map(|figure| figure.population);
            let applies = self.level(tree, commune.id).target_applies();
            sum.add(&Coverage::of_counts(population, applies, &usages));
        }
        sum
    }

    /// Coverage of a unit by the points that had been issued before a day.
    #[must_use]
    pub fn standing(&self, tree: &UnitTree, unit: i64, end: Date) -> Coverage {
        let end = day_start(end);
        let usages = |points: Vec<&PointUse>| {
            let standing = points.into_iter().filter(move |point| point.facts.point.issued_at < end);
            Coverage::of_points(standing.map(|point| point.usage))
        };
        if is_department(tree, unit) {
            return usages(self.points_within(tree, unit));
        }
        let mut sum = Coverage::default();
        for commune in tree.communes_within(unit) {
            let population = self.populations.get(&commune.id).map(|figure| figure.population);
            let applies = self.level(tree, commune.id).target_applies();
            let points = usages(self.points_of(commune.id).collect());
            sum.add(&Coverage::of_counts(population, applies, &points));
        }
        sum
    }
}

/// True for a department, whose places stand all over the province.
#[must_use]
pub fn is_department(tree: &UnitTree, unit: i64) -> bool {
    tree.get(unit).is_some_and(|unit| unit.level == "department")
}

/// A department with the offices below it.
#[must_use]
pub fn departments_within(tree: &UnitTree, unit: i64) -> Vec<i64> {
    let mut found = vec![unit];
    let mut at = 0;
    while let Some(next) = found.get(at).copied() {
        let below = tree.children(next).filter(|child| child.level == "department").map(|child| child.id);
        found.extend(below.filter(|id| !found.contains(id)).collect::<Vec<_>>());
        at += 1;
    }
    found
}
