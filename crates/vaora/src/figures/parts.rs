//! The figures of a unit taken apart: by the units below it, by category, by department; and what is missing.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    admin_unit::UnitTree,
    collation,
    coverage::{Coverage, Usage},
    distancing::Level,
    silence::behind_key,
};
use store::place_care::TypeRule;

use super::{Figures, PointUse, is_department};

/// A unit below another with its figures.
#[derive(Debug, Clone)]
pub struct Part {
    /// The unit.
    pub id: i64,
    /// Its full name.
    pub name: String,
    /// Its level of distancing on the day.
    pub level: Level,
    /// Its figures.
    pub coverage: Coverage,
}

/// A category of places that a unit should have, and the units that lack one with a live point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Category's code.
    pub type_code: String,
    /// Units without any point of it.
    pub without: Vec<i64>,
    /// Units that have one, but none that is live.
    pub not_live: Vec<i64>,
    /// Units that were looked at.
    pub units: usize,
}

/// By what parts are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Furthest behind first.
    Behind,
    /// By name.
    Name,
    /// Most missing first.
    Missing,
    /// Most registered first.
    Registered,
    /// Most live first.
    Live,
    /// Most silent first.
    Silent,
    /// Most never used first.
    Never,
}

impl Order {
    /// Every order, as it stands in addresses.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Behind, "behind"),
        (Self::Name, "name"),
        (Self::Missing, "missing"),
        (Self::Registered, "registered"),
        (Self::Live, "live"),
        (Self::Silent, "silent"),
        (Self::Never, "never"),
    ];

    /// The order of a code; furthest behind first for others.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == code).map_or(Self::Behind, |(order, _)| *order)
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(order, _)| *order == self).map_or("behind", |(_, code)| code)
    }
}

/// Puts parts in order; of equals the first name.
pub fn sort(parts: &mut [Part], order: Order) {
    parts.sort_by_cached_key(|part| collation::key(&part.name));
    let by = |of: fn(&Coverage) -> i64| move |part: &Part| std::cmp::Reverse(of(&part.coverage));
    match order {
        Order::Behind => parts.sort_by_key(|part| behind_key(part.coverage.live, part.coverage.target)),
        Order::Name => {}
        Order::Missing => parts.sort_by_key(by(|c| c.missing)),
        Order::Registered => parts.sort_by_key(by(|c| c.registered)),
        Order::Live => parts.sort_by_key(by(|c| c.live)),
        Order::Silent => parts.sort_by_key(by(|c| c.silent)),
        Order::Never => parts.sort_by_key(by(|c| c.never_used)),
    }
}

impl Figures {
    /// The units directly below a unit. A department has its points counted by district, or by commune where
    /// there are no districts.
    #[must_use]
    pub fn parts(&self, tree: &UnitTree, unit: i64) -> Vec<Part> {
        let part = |id: i64, coverage| Part {
            id,
            name: tree.name(id).to_owned(),
            level: self.level(tree, id),
            coverage,
        };
        if is_department(tree, unit) {
            return count_by(self.points_within(tree, unit), |point| below_top(tree, point.facts.unit_id))
                .into_iter()
                .map(|(id, coverage)| part(id, coverage))
                .collect();
        }
        tree.children(unit)
            .filter(|child| child.level != "department")
            .map(|child| part(child.id, self.of(tree, child.id)))
            .collect()
    }

    /// Points of a unit by category, the most first.
    #[must_use]
    pub fn by_type(&self, tree: &UnitTree, unit: i64) -> Vec<(String, Coverage)> {
        let counted = count_by(self.points_within(tree, unit), |point| point.facts.type_code.as_str());
        most_first(counted.into_iter().map(|(code, coverage)| (code.to_owned(), coverage)).collect())
    }

    /// Points of a unit by the department that is responsible, the most first: their sum is the unit's.
    #[must_use]
    pub fn by_department(&self, tree: &UnitTree, unit: i64) -> Vec<(Option<i64>, Coverage)> {
        let counted = count_by(self.points_within(tree, unit), |point| point.facts.department_id);
        most_first(counted.into_iter().collect())
    }

    /// What is missing in a territory: categories that each of its communes or districts should have.
    #[must_use]
    pub fn missing(&self, tree: &UnitTree, unit: i64, rules: &[TypeRule]) -> Vec<Missing> {
        let communes: Vec<i64> = tree.communes_within(unit).iter().map(|commune| commune.id).collect();
        let mut there: HashMap<i64, HashMap<&str, bool>> = HashMap::new();
        for commune in &communes {
            let mut types: HashMap<&str, bool> = HashMap::new();
            for point in self.points_of(*commune) {
                *types.entry(&point.facts.type_code).or_default() |= point.usage == Usage::Live;
            }
            for at in tree.path(*commune) {
                let above = there.entry(at.id).or_default();
                types.iter().for_each(|(code, live)| *above.entry(code).or_default() |= live);
            }
        }
        let own = |level: &str| -> Vec<i64> {
            match level {
                "commune" => communes.clone(),
                "district" => districts_of(tree, unit, &communes),
                _ => Vec::new(),
            }
        };
        let look = |rule: &TypeRule| {
            let units = own(&rule.expected_in);
            let state =
                |id: &i64| there.get(id).and_then(|types| types.get(rule.type_code.as_str())).copied();
            Missing {
                type_code: rule.type_code.clone(),
                without: units.iter().copied().filter(|id| state(id).is_none()).collect(),
                not_live: units.iter().copied().filter(|id| state(id) == Some(false)).collect(),
                units: units.len(),
            }
        };
        let mut found: Vec<Missing> = rules.iter().map(look).collect();
        found.retain(|one| !one.without.is_empty() || !one.not_live.is_empty());
        found.sort_by_key(|one| std::cmp::Reverse((one.without.len(), one.not_live.len())));
        found
    }

    /// Communes of a territory where the level of distancing suspends the target.
    #[must_use]
    pub fn exempt(&self, tree: &UnitTree, unit: i64) -> Vec<i64> {
        let communes = tree.communes_within(unit).into_iter();
        communes.map(|one| one.id).filter(|id| !self.level(tree, *id).target_applies()).collect()
    }
}

fn districts_of(tree: &UnitTree, unit: i64, communes: &[i64]) -> Vec<i64> {
    // A commune alone is not to blame for what its district lacks.
    if tree.get(unit).is_some_and(domain::admin_unit::AdminUnit::is_commune) {
        return Vec::new();
    }
    let above = communes.iter().filter_map(|commune| tree.get(*commune)?.parent_id);
    let mut seen = HashSet::new();
    above
        .filter(|id| tree.get(*id).is_some_and(|unit| unit.level == "district"))
        .filter(|id| seen.insert(*id))
        .collect()
}

/// The unit below the top that a commune belongs to.
fn below_top(tree: &UnitTree, commune: i64) -> i64 {
    let path = tree.path(commune);
    path.iter().rev().nth(1).or_else(|| path.first()).map_or(commune, |unit| unit.id)
}

fn count_by<'a, K: Ord>(points: Vec<&'a PointUse>, key: impl Fn(&'a PointUse) -> K) -> BTreeMap<K, Coverage> {
    let mut counted: BTreeMap<K, Coverage> = BTreeMap::new();
    for point in points {
        let one = Coverage::of_points(std::iter::once(point.usage));
        counted.entry(key(point)).or_default().add(&one);
    }
    counted
}

fn most_first<K>(mut counted: Vec<(K, Coverage)>) -> Vec<(K, Coverage)> {
    counted.sort_by_key(|(_, coverage)| std::cmp::Reverse(coverage.registered));
    counted
}
