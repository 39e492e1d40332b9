//! The tree of units as lists for forms.

use domain::admin_unit::{AdminUnit, UnitTree};

/// Units valid today that pass, as `(id, label)`, communes named with their district, in the tree's order.
pub fn options(tree: &UnitTree, pass: impl Fn(&AdminUnit) -> bool) -> Vec<(i64, String)> {
    let mut found: Vec<(u8, usize, usize, i64, String)> = tree
        .valid()
        .filter(|unit| pass(unit))
        .map(|unit| {
            let district = tree.path(unit.id).into_iter().find(|above| above.level == "district");
            let within =
                district.filter(|district| district.id != unit.id).map(|district| district.full_name.clone());
            let label = match &within {
                Some(district) => format!("{district} – {}", unit.full_name),
                None => unit.full_name.clone(),
            };
            let within = district.map_or(0, |district| tree.rank(district.id));
            (level_order(unit), within, tree.rank(unit.id), unit.id, label)
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, _, _, id, label)| (id, label)).collect()
}

fn level_order(unit: &AdminUnit) -> u8 {
    match unit.level.as_str() {
        "province" => 0,
        "department" => 1,
        "district" => 2,
        _ => 3,
    }
}

/// A commune's name with its district and province, as addresses are written: `Phường Tân Lập, Thành phố
/// Buôn Ma Thuột, Tỉnh Đắk Lắk`.
#[must_use]
pub fn address_of(tree: &UnitTree, unit_id: i64) -> String {
    let names: Vec<&str> = tree.path(unit_id).into_iter().map(|unit| unit.full_name.as_str()).collect();
    names.join(", ")
}
