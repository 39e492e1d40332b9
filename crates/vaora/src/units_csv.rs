//! Units, populations and other reference data from CSV, with problems named by row.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use domain::admin_unit::{AdminUnit, UnitTree};
use serde::Deserialize;
use store::{
    Store,
    admin_units::{DistancingLevel, Population},
    place_care::TypeRule,
    reference::{DiseaseRule, Holiday, PlaceType},
};

use crate::ids::new_id;

/// A row of a units file.
#[derive(Deserialize)]
struct UnitRow {
    code: String,
    parent_code: String,
    level: String,
    kind: String,
    name: String,
    full_name: String,
    valid_from: String,
    valid_until: String,
    #[serde(default)]
    predecessor_codes: String,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Units added or renewed.
    pub units: usize,
    /// Predecessor links.
    pub links: usize,
    /// Predecessors named in the file that no unit here has.
    pub unknown_predecessors: usize,
    /// Former units that were closed because the new tree replaces them.
    pub closed: usize,
    /// Places that went to the unit that follows theirs.
    pub places_moved: u64,
    /// Of those, places of a divided unit: they went to the first follower, and its officers must check.
    pub places_to_check: u64,
}

const LEVELS: [&str; 4] = ["province", "district", "commune", "department"];

/// Imports units. With `replaces`, territorial units that stand open at the new tree's first day are closed
/// on it, so that a code that is used again names one unit on each day.
///
/// # Errors
/// When the file is malformed; the error names the row and nothing is imported.
pub async fn import_units(store: &Store, text: &str, replaces: bool) -> Result<Imported> {
    let rows = read_rows(text)?;
    let known = store.admin_units().await?;
    let (mut units, mut imported) = (Vec::new(), Imported::default());
    if replaces {
        units.extend(closed(&known, &rows)?);
        imported.closed = units.len();
    }
    let mut ids: HashMap<(String, String), i64> =
        known.iter().map(|unit| ((unit.code.clone(), unit.valid_from_on.clone()), unit.id)).collect();
    for row in &rows {
        ids.entry((row.code.clone(), row.valid_from.clone())).or_insert_with(new_id);
    }
    for (number, row) in rows.iter().enumerate() {
        units.push(unit_of(row, &known, &rows, &ids).with_context(|| format!("row {}", number + 2))?);
    }
    if replaces {
        let moved = under_followers(&known, &units, &ids);
        units.extend(moved);
    }
    let mut links = Vec::new();
    for row in &rows {
        let unit_id = ids[&(row.code.clone(), row.valid_from.clone())];
        for code in row.predecessor_codes.split(';').map(str::trim).filter(|code| !code.is_empty()) {
            let (partial, code) = (code.starts_with('~'), code.trim_start_matches('~'));
            match known.iter().find(|unit| unit.code == code && unit.valid_from_on < row.valid_from) {
                Some(unit) => links.push((unit_id, unit.id, partial)),
                None => imported.unknown_predecessors += 1,
            }
        }
    }
    store.put_admin_units(&units, &links).await?;
    if replaces {
        move_places(store, &units, &links, &mut imported).await?;
    }
    imported.units = rows.len();
    imported.links = links.len();
    Ok(imported)
}

/// Offices that go on under a unit that was closed, put under the unit that has its code from now on: the
/// departments of a province whose tree was replaced.
fn under_followers(
    known: &[AdminUnit],
    units: &[AdminUnit],
    ids: &HashMap<(String, String), i64>,
) -> Vec<AdminUnit> {
    let closed = |id: i64| units.iter().find(|unit| unit.id == id && unit.valid_until_on.is_some());
    let goes_on =
        |unit: &&AdminUnit| unit.valid_until_on.is_none() && !units.iter().any(|other| other.id == unit.id);
    known
        .iter()
        .filter(goes_on)
        .filter_map(|unit| {
            let parent = closed(unit.parent_id?)?;
            let first = parent.valid_until_on.clone()?;
            let parent_id = *ids.get(&(parent.code.clone(), first))?;
            Some(AdminUnit { parent_id: Some(parent_id), ..unit.clone() })
        })
        .collect()
}

/// Moves the places and accounts of units that were closed to the units that follow them.
async fn move_places(
    store: &Store,
    units: &[AdminUnit],
    links: &[(i64, i64, bool)],
    imported: &mut Imported,
) -> Result<()> {
    let closed = units.iter().filter(|unit| unit.valid_until_on.is_some());
    for unit in closed {
        let Some((follower, _, partial)) = links.iter().find(|(_, predecessor, _)| *predecessor == unit.id)
        else {
            continue;
        };
        let moved = store.move_to_successor(unit.id, *follower).await?;
        imported.places_moved += moved;
        imported.places_to_check += if *partial { moved } else { 0 };
    }
    Ok(())
}

fn read_rows(text: &str) -> Result<Vec<UnitRow>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut rows = Vec::new();
    for (number, row) in reader.deserialize::<UnitRow>().enumerate() {
        let line = number + 2;
        let row = row.with_context(|| format!("row {line} cannot be read"))?;
        if row.code.trim().is_empty() || row.full_name.trim().is_empty() {
            bail!("row {line}: code and full_name must not be empty");
        }
        if !LEVELS.contains(&row.level.as_str()) {
            bail!("row {line}: level must be one of {}", LEVELS.join(", "));
        }
        for (column, date) in [("valid_from", &row.valid_from), ("valid_until", &row.valid_until)] {
            let optional = column == "valid_until" && date.is_empty();
            if !optional && date.parse::<jiff::civil::Date>().is_err() {
                bail!("row {line}: {column} must be a date such as 2025-07-01");
            }
        }
        rows.push(row);
    }
    if rows.is_empty() {
        bail!("the file holds no unit");
    }
    Ok(rows)
}

fn unit_of(
    row: &UnitRow,
    known: &[AdminUnit],
    rows: &[UnitRow],
    ids: &HashMap<(String, String), i64>,
) -> Result<AdminUnit> {
    let parent_id = if row.parent_code.is_empty() {
        None
    } else {
        // The parent of the same file comes first; else a unit known already that stands on the first day.
        let own =
            rows.iter().find(|other| other.code == row.parent_code && other.valid_from <= row.valid_from);
        let own = own.map(|parent| ids[&(parent.code.clone(), parent.valid_from.clone())]);
        let older =
            || known.iter().find(|unit| unit.code == row.parent_code && unit.is_valid_on(&row.valid_from));
        Some(
            own.or_else(|| older().map(|unit| unit.id))
                .with_context(|| format!("parent {} is not known", row.parent_code))?,
        )
    };
    Ok(AdminUnit {
        id: ids[&(row.code.clone(), row.valid_from.clone())],
        code: row.code.clone(),
        parent_id,
        level: row.level.clone(),
        kind: row.kind.clone(),
        name: row.name.clone(),
        full_name: row.full_name.clone(),
        valid_from_on: row.valid_from.clone(),
        valid_until_on: Some(row.valid_until.clone()).filter(|until| !until.is_empty()),
    })
}

fn closed(known: &[AdminUnit], rows: &[UnitRow]) -> Result<Vec<AdminUnit>> {
    let first = rows.iter().map(|row| row.valid_from.as_str()).min().context("the file holds no unit")?;
    let renewed = |unit: &AdminUnit| {
        rows.iter().any(|row| row.code == unit.code && row.valid_from == unit.valid_from_on)
    };
    let open = |unit: &&AdminUnit| {
        unit.level != "department"
            && unit.valid_until_on.is_none()
            && unit.valid_from_on.as_str() < first
            && !renewed(unit)
    };
    Ok(known
        .iter()
        .filter(open)
        .map(|unit| AdminUnit { valid_until_on: Some(first.to_owned()), ..unit.clone() })
        .collect())
}

#[derive(Deserialize)]
struct PopulationRow {
    unit_code: String,
    population: i64,
    year: String,
    basis: String,
    grade: String,
    preferred: String,
    source: String,
}

/// Imports population figures for the units that stand on a day.
///
/// # Errors
/// When a row cannot be read.
pub async fn import_populations(store: &Store, text: &str, date: &str) -> Result<usize> {
    let tree = UnitTree::on(store.admin_units().await?, date);
    let mut figures = Vec::new();
    for (number, row) in csv::Reader::from_reader(text.as_bytes()).deserialize::<PopulationRow>().enumerate()
    {
        let row = row.with_context(|| format!("row {} cannot be read", number + 2))?;
        let Some(unit) = tree.by_code(&row.unit_code) else { continue };
        figures.push(Population {
            unit_id: unit.id,
            population: row.population,
            year: row.year,
            basis: row.basis,
            grade: row.grade,
            source: row.source,
            preferred: row.preferred == "1",
        });
    }
    store.put_populations(&figures).await?;
    Ok(figures.len())
}

#[derive(Deserialize)]
struct TypeRow {
    code: String,
    vi: String,
    en: String,
    group: String,
    default_stay_minutes: i64,
    closes_at: String,
}

/// Imports place types.
///
/// # Errors
/// When a row cannot be read.
pub async fn import_place_types(store: &Store, text: &str) -> Result<()> {
    let rows =
        csv::Reader::from_reader(text.as_bytes()).deserialize::<TypeRow>().collect::<Result<Vec<_>, _>>()?;
    let types: Vec<PlaceType> = rows
        .into_iter()
        .map(|row| PlaceType {
            code: row.code,
            name_vi: row.vi,
            name_en: row.en,
            type_group: row.group,
            default_stay_minutes: row.default_stay_minutes,
            closes_at: Some(row.closes_at).filter(|text| !text.is_empty()),
        })
        .collect();
    Ok(store.put_place_types(&types).await?)
}

#[derive(Deserialize)]
struct RuleRow {
    profile: String,
    label_vi: String,
    label_en: String,
    valid_from: String,
    look_back_days: i64,
    min_overlap_minutes: i64,
    same_space: String,
    question_days: i64,
    latency_hours: i64,
    source: String,
}

/// Imports disease rules.
///
/// # Errors
/// When a row cannot be read.
pub async fn import_disease_rules(store: &Store, text: &str) -> Result<()> {
    let rows =
        csv::Reader::from_reader(text.as_bytes()).deserialize::<RuleRow>().collect::<Result<Vec<_>, _>>()?;
    let rules: Vec<DiseaseRule> = rows
        .into_iter()
        .map(|row| DiseaseRule {
            profile: row.profile,
            label_vi: row.label_vi,
            label_en: row.label_en,
            valid_from_on: row.valid_from,
            look_back_days: row.look_back_days,
            min_overlap_minutes: row.min_overlap_minutes,
            same_space: row.same_space,
            question_days: row.question_days,
            latency_hours: row.latency_hours,
            source: row.source,
        })
        .collect();
    Ok(store.put_disease_rules(&rules).await?)
}

#[derive(Deserialize)]
struct LevelRow {
    unit_code: String,
    level: String,
    from: String,
    until: String,
    source: String,
}

/// Imports distancing levels for the units that stand on a day, where none were entered yet.
///
/// # Errors
/// When a row cannot be read.
pub async fn import_distancing(store: &Store, text: &str, date: &str) -> Result<()> {
    if !store.distancing_levels().await?.is_empty() {
        return Ok(());
    }
    let tree = UnitTree::on(store.admin_units().await?, date);
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize::<LevelRow>() {
        let row = row?;
        let Some(unit) = tree.by_code(&row.unit_code) else { continue };
        let level = DistancingLevel {
            id: new_id(),
            unit_id: unit.id,
            level: row.level,
            from_on: row.from,
            until_on: Some(row.until).filter(|text| !text.is_empty()),
            source: row.source,
        };
        store.add_distancing_level(&level).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct HolidayRow {
    day: String,
    name: String,
    source: String,
}

/// Imports holidays.
///
/// # Errors
/// When a row cannot be read or is no date.
pub async fn import_holidays(store: &Store, text: &str) -> Result<()> {
    let mut holidays = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize::<HolidayRow>() {
        let row = row?;
        let day: jiff::civil::Date = row.day.parse().with_context(|| format!("{} is no date", row.day))?;
        holidays.push(Holiday { day_on: day.to_string(), name: row.name, source: row.source });
    }
    Ok(store.put_holidays(&holidays).await?)
}

#[derive(Deserialize)]
struct TypeRuleRow {
    type_code: String,
    department_code: String,
    sensitive: u8,
    expected_in: String,
}

/// Imports what follows from categories of places; a department that is not in the tree counts as none.
///
/// # Errors
/// When a row cannot be read or names no category.
pub async fn import_type_rules(store: &Store, text: &str, date: &str) -> Result<()> {
    let tree = UnitTree::on(store.admin_units().await?, date);
    let types = store.place_types().await?;
    let mut rules = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize::<TypeRuleRow>() {
        let row = row?;
        if !types.iter().any(|kind| kind.code == row.type_code) {
            bail!("{} is no category of places", row.type_code);
        }
        rules.push(TypeRule {
            department_id: tree.by_code(&row.department_code).map(|unit| unit.id),
            sensitive: row.sensitive == 1,
            type_code: row.type_code,
            expected_in: row.expected_in,
        });
    }
    Ok(store.put_type_rules(&rules).await?)
}

/// Imports boundaries from GeoJSON: features with a property `code`, polygons or multipolygons.
///
/// # Errors
/// When the file is not such a GeoJSON; the error names the feature.
pub async fn import_boundaries(store: &Store, text: &str, date: &str, now: i64) -> Result<(usize, usize)> {
    let geojson: geojson::GeoJson = text.parse().context("the file is not GeoJSON")?;
    let collection =
        geojson::FeatureCollection::try_from(geojson).context("the file is no feature collection")?;
    let tree = UnitTree::on(store.admin_units().await?, date);
    let (mut found, mut unknown) = (Vec::new(), 0);
    for (number, feature) in collection.features.iter().enumerate() {
        let code = feature
            .property("code")
            .and_then(|code| code.as_str())
            .with_context(|| format!("feature {number} has no code"))?;
        let rings = rings_of(feature).with_context(|| format!("feature {number} ({code}) is no polygon"))?;
        match tree.by_code(code) {
            Some(unit) => found.push((unit.id, crate::map::rings_to_text(&rings))),
            None => unknown += 1,
        }
    }
    store.put_boundaries(&found, now).await?;
    Ok((found.len(), unknown))
}

type Ring = Vec<(f64, f64)>;

fn rings_of(feature: &geojson::Feature) -> Option<Vec<Ring>> {
    let ring = |ring: &Vec<geojson::Position>| -> Ring {
        ring.iter()
            .filter_map(|p| {
                let [lon, lat, ..] = p.as_slice() else { return None };
                Some((*lon, *lat))
            })
            .collect()
    };
    match &feature.geometry.as_ref()?.value {
        geojson::GeometryValue::Polygon { coordinates } => Some(coordinates.iter().map(ring).collect()),
        geojson::GeometryValue::MultiPolygon { coordinates } => {
            Some(coordinates.iter().flat_map(|polygon| polygon.iter().map(ring)).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const TREE_2021: &str = include_str!("../data/units-daklak-2021.csv");
    const DEPARTMENTS: &str = include_str!("../data/departments-daklak-2021.csv");
    const TREE_2025: &str = include_str!("../data/units-daklak-2025.csv");

    #[tokio::test]
    async fn the_tree_of_2025_replaces_that_of_2021_and_keeps_the_departments() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_embedded(folder.path()).await.unwrap();
        import_units(&store, TREE_2021, false).await.unwrap();
        import_units(&store, DEPARTMENTS, false).await.unwrap();
        let done = import_units(&store, TREE_2025, true).await.unwrap();
        assert_eq!((done.units, done.closed), (103, 200));
        for (day, communes, province) in [("2025-06-30", 184, "66"), ("2025-07-01", 102, "66")] {
            let tree = UnitTree::on(store.admin_units().await.unwrap(), day);
            let top = tree.by_code(province).unwrap().id;
            assert_eq!(tree.communes_within(top).len(), communes, "{day}");
        }
        let tree = UnitTree::on(store.admin_units().await.unwrap(), "2025-07-01");
        let office = tree.by_code("66-STTTT").unwrap().id;
        assert!(tree.is_within(office, tree.by_code("66").unwrap().id), "Sở TTTT sees the new province");
        // A code that was used for another commune before names the new one now.
        assert_eq!(tree.by_code("24133").unwrap().full_name, "Phường Buôn Ma Thuột");
        assert!(
            import_units(&store, TREE_2025, true).await.unwrap().closed == 0,
            "twice is the same as once"
        );
    }

    #[tokio::test]
    async fn a_wrong_row_is_named_and_nothing_is_imported() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_embedded(folder.path()).await.unwrap();
        let wrong = TREE_2021.replacen(",district,", ",hamlet,", 1);
        let error = import_units(&store, &wrong, false).await.unwrap_err();
        assert!(format!("{error:#}").contains("row 3: level"), "{error:#}");
        assert!(store.admin_units().await.unwrap().is_empty());
    }
}
