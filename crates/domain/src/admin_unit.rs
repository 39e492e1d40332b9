//! The tree of offices. Codes are reused over time, so a unit is a code and its first day of validity.

use std::collections::HashMap;

use crate::collation;

/// A node of the tree of offices, valid for a span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminUnit {
    /// Random id.
    pub id: i64,
    /// Official code; reused over time, so unique only with `valid_from_on`.
    pub code: String,
    /// Parent office.
    pub parent_id: Option<i64>,
    /// `province`, `district`, `commune` or `department`; levels are data, 2025 has no districts.
    pub level: String,
    /// Kind as written: `xã`, `phường`, `thị trấn`, `sở` …
    pub kind: String,
    /// Short name.
    pub name: String,
    /// Name with its kind.
    pub full_name: String,
    /// First day, ISO date.
    pub valid_from_on: String,
    /// Day after the last, ISO date; `None` while it stands.
    pub valid_until_on: Option<String>,
}

impl AdminUnit {
    /// True on an ISO date within the unit's validity.
    #[must_use]
    pub fn is_valid_on(&self, date: &str) -> bool {
        self.valid_from_on.as_str() <= date && self.valid_until_on.as_deref().is_none_or(|until| date < until)
    }

    /// True for the level at which places stand and the target is counted.
    #[must_use]
    pub fn is_commune(&self) -> bool {
        self.level == "commune"
    }
}

/// The tree as it stands on one day, with all units of all times kept by id.
#[derive(Debug, Default)]
pub struct UnitTree {
    units: Vec<AdminUnit>,
    by_id: HashMap<i64, usize>,
    children: HashMap<i64, Vec<usize>>,
    /// Place of each unit among all by name with its kind, in the order of Vietnamese lists.
    ranks: Vec<usize>,
    /// The same by the short name.
    name_ranks: Vec<usize>,
    date: String,
}

/// The place of each unit among all in the order of a name of it; of the same names the smaller id first.
fn ranks(units: &[AdminUnit], name: fn(&AdminUnit) -> &str) -> Vec<usize> {
    let keys: Vec<(Vec<u8>, i64)> = units.iter().map(|unit| (collation::key(name(unit)), unit.id)).collect();
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    let mut ranks = vec![0; units.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = rank;
    }
    ranks
}

/// Deepest tree that is walked; a longer chain of parents is a mistake in the data.
pub const DEPTH_MAX: usize = 8;

impl UnitTree {
    /// Builds the tree of the units valid on `date` (ISO); names stay findable for units of other times.
    #[must_use]
    pub fn on(units: Vec<AdminUnit>, date: &str) -> Self {
        let by_id = units.iter().enumerate().map(|(index, unit)| (unit.id, index)).collect();
        let mut children: HashMap<i64, Vec<usize>> = HashMap::new();
        for (index, unit) in units.iter().enumerate() {
            if let Some(parent) = unit.parent_id.filter(|_| unit.is_valid_on(date)) {
                children.entry(parent).or_default().push(index);
            }
        }
        let (ranks, name_ranks) = (ranks(&units, |unit| &unit.full_name), ranks(&units, |unit| &unit.name));
        Self { units, by_id, children, ranks, name_ranks, date: date.to_owned() }
    }

    /// The day the tree stands for, ISO date.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// A unit of any time.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<&AdminUnit> {
        self.by_id.get(&id).map(|index| &self.units[*index])
    }

    /// A unit's full name, or a dash when unknown.
    #[must_use]
    pub fn name(&self, id: i64) -> &str {
        self.get(id).map_or("–", |unit| unit.full_name.as_str())
    }

    /// A unit's place among all units by its name with its kind, as Vietnamese lists are ordered (see
    /// [`collation`]); last for an unknown one.
    #[must_use]
    pub fn rank(&self, id: i64) -> usize {
        self.by_id.get(&id).map_or(usize::MAX, |index| self.ranks[*index])
    }

    /// Units directly below, in the order given.
    pub fn children(&self, id: i64) -> impl Iterator<Item = &AdminUnit> {
        self.children.get(&id).into_iter().flatten().map(|index| &self.units[*index])
    }

    /// True when `id` is `root` or below it.
    #[must_use]
    pub fn is_within(&self, id: i64, root: i64) -> bool {
        self.path(id).iter().any(|unit| unit.id == root)
    }

    /// The chain from the unit up to the top, the unit first.
    #[must_use]
    pub fn path(&self, id: i64) -> Vec<&AdminUnit> {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(unit) = next.and_then(|id| self.get(id)) {
            chain.push(unit);
            if chain.len() == DEPTH_MAX {
                break;
            }
            next = unit.parent_id;
        }
        chain
    }

    /// All communes at or below a unit, by name as Vietnamese lists are ordered.
    #[must_use]
    pub fn communes_within(&self, root: i64) -> Vec<&AdminUnit> {
        let mut found = Vec::new();
        let mut waiting: Vec<&AdminUnit> = self.get(root).into_iter().collect();
        while let Some(unit) = waiting.pop() {
            if unit.is_commune() {
                found.push(unit);
            }
            waiting.extend(self.children(unit.id));
        }
        found.sort_by_key(|unit| self.by_id.get(&unit.id).map(|index| self.name_ranks[*index]));
        found
    }

    /// Top units (without a parent) that are valid on the day.
    pub fn tops(&self) -> impl Iterator<Item = &AdminUnit> {
        self.units.iter().filter(|unit| unit.parent_id.is_none() && unit.is_valid_on(&self.date))
    }

    /// The unit with a code that is valid on the day.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&AdminUnit> {
        self.units.iter().find(|unit| unit.code == code && unit.is_valid_on(&self.date))
    }

    /// Every unit valid on the day.
    pub fn valid(&self) -> impl Iterator<Item = &AdminUnit> {
        self.units.iter().filter(|unit| unit.is_valid_on(&self.date))
    }

    /// Every unit of every time.
    #[must_use]
    pub fn all(&self) -> &[AdminUnit] {
        &self.units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(
        id: i64,
        parent: Option<i64>,
        level: &str,
        code: &str,
        from: &str,
        until: Option<&str>,
    ) -> AdminUnit {
        AdminUnit {
            id,
            code: code.into(),
            parent_id: parent,
            level: level.into(),
            kind: String::new(),
            name: format!("n{id}"),
            full_name: format!("Đơn vị {id}"),
            valid_from_on: from.into(),
            valid_until_on: until.map(str::to_owned),
        }
    }

    fn reused() -> Vec<AdminUnit> {
        vec![
            unit(1, None, "province", "66", "2004-01-01", None),
            unit(2, Some(1), "district", "643", "2004-01-01", Some("2025-07-01")),
            unit(3, Some(2), "commune", "24133", "2004-01-01", Some("2025-07-01")),
            unit(4, Some(1), "commune", "24133", "2025-07-01", None),
        ]
    }

    #[test]
    fn a_code_used_again_names_the_unit_of_its_day() {
        assert_eq!(UnitTree::on(reused(), "2025-06-30").by_code("24133").map(|u| u.id), Some(3));
        assert_eq!(UnitTree::on(reused(), "2025-07-01").by_code("24133").map(|u| u.id), Some(4));
    }

    #[test]
    fn a_subtree_holds_only_the_units_of_the_day() {
        let before = UnitTree::on(reused(), "2021-08-05");
        assert_eq!(before.communes_within(1).iter().map(|u| u.id).collect::<Vec<_>>(), [3]);
        assert!(before.is_within(3, 2) && before.is_within(3, 1) && !before.is_within(2, 3));
        let after = UnitTree::on(reused(), "2025-07-01");
        assert_eq!(after.communes_within(1).iter().map(|u| u.id).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn lists_stand_in_the_order_of_vietnamese_names() {
        let names =
            ["Tân Lợi", "Ea Tu", "Đắk Liêng", "Dray Bhăng", "Tân Lập", "Ea Kao", "Cư Êbur", "Cư Dliê"];
        let mut units = vec![unit(100, None, "province", "66", "2004-01-01", None)];
        for (id, name) in (1..).zip(names) {
            let full_name = format!("Xã {name}");
            let commune = unit(id, Some(100), "commune", name, "2004-01-01", None);
            units.push(AdminUnit { name: name.to_owned(), full_name, ..commune });
        }
        let tree = UnitTree::on(units, "2021-08-05");
        let order: Vec<&str> = tree.communes_within(100).iter().map(|unit| unit.name.as_str()).collect();
        let wanted =
            ["Cư Dliê", "Cư Êbur", "Dray Bhăng", "Đắk Liêng", "Ea Kao", "Ea Tu", "Tân Lập", "Tân Lợi"];
        assert_eq!(order, wanted);
        assert!(tree.rank(4) < tree.rank(3) && tree.rank(3) < tree.rank(6), "Dray, Đắk, Ea");
        assert_eq!(tree.rank(-1), usize::MAX);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let tree = UnitTree::on(
            vec![
                unit(1, Some(2), "district", "a", "2000-01-01", None),
                unit(2, Some(1), "district", "b", "2000-01-01", None),
            ],
            "2021-01-01",
        );
        assert_eq!(tree.path(1).len(), DEPTH_MAX);
    }
}
