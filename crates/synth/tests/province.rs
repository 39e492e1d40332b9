#![expect(clippy::unwrap_used, reason = "tests")]
//! The real units and place types that the product embeds, and a world made on two of their districts.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use domain::time::local_datetime;
use synth::{Commune, Config, PlaceType, Usage, World, generate};

type Row = HashMap<String, String>;

fn rows(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vaora/data").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains('\r') && text.ends_with('\n'), "{name} has LF line ends");
    csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>().map(Result::unwrap).collect()
}

/// The figure to use for each unit.
fn populations() -> HashMap<String, u32> {
    let preferred = rows("populations-daklak.csv").into_iter().filter(|row| row["preferred"] == "1");
    let pairs: Vec<(String, u32)> =
        preferred.map(|row| (row["unit_code"].clone(), row["population"].parse().unwrap())).collect();
    let figures: HashMap<String, u32> = pairs.iter().cloned().collect();
    assert_eq!(figures.len(), pairs.len(), "one preferred figure for each unit");
    figures
}

fn two_districts() -> Vec<Commune> {
    let figures = populations();
    let units = rows("units-daklak-2021.csv");
    let chosen = units.iter().filter(|row| matches!(row["parent_code"].as_str(), "643" | "644"));
    chosen
        .map(|row| Commune {
            code: row["code"].clone(),
            name: row["full_name"].clone(),
            population: figures[&row["code"]],
        })
        .collect()
}

fn types() -> Vec<PlaceType> {
    let rows = rows("place-types.csv");
    let types = rows.iter().map(|row| PlaceType {
        code: row["code"].clone(),
        vi: row["vi"].clone(),
        default_stay_minutes: row["default_stay_minutes"].parse().unwrap(),
    });
    types.collect()
}

fn demo() -> World {
    generate(&two_districts(), &types(), &Config::default())
}

#[test]
fn the_trees_are_whole() {
    let old = rows("units-daklak-2021.csv");
    let count = |level: &str| old.iter().filter(|row| row["level"] == level).count();
    assert_eq!((count("province"), count("district"), count("commune")), (1, 15, 184));
    let codes: HashSet<&str> = old.iter().map(|row| row["code"].as_str()).collect();
    assert_eq!(codes.len(), 200);
    assert!(
        old.iter().all(|row| row["parent_code"].is_empty() || codes.contains(row["parent_code"].as_str()))
    );
    let new = rows("units-daklak-2025.csv");
    assert_eq!(new.iter().filter(|row| row["level"] == "commune" && row["parent_code"] == "66").count(), 102);
    let predecessors: HashSet<&str> = new
        .iter()
        .flat_map(|row| row["predecessor_codes"].split(';'))
        .map(|code| code.trim_start_matches('~'))
        .collect();
    let communes = old.iter().filter(|row| row["level"] == "commune");
    assert!(communes.into_iter().all(|row| predecessors.contains(row["code"].as_str())));
}

#[test]
fn departments_hang_in_the_tree() {
    let departments = rows("departments-daklak-2021.csv");
    let codes: HashSet<&str> = departments.iter().map(|row| row["code"].as_str()).collect();
    assert_eq!(codes.len(), departments.len());
    for row in &departments {
        let parent = row["parent_code"].as_str();
        assert!(parent == "66" || codes.contains(parent), "{}", row["code"]);
    }
    assert!(codes.contains("66-UBND") && codes.contains("66-STTTT") && codes.contains("66-CDC"));
}

#[test]
fn communes_add_up_to_their_district() {
    let figures = populations();
    let units = rows("units-daklak-2021.csv");
    assert_eq!(figures.len(), units.len());
    assert_eq!(figures["66"], 1_869_322);
    for district in units.iter().filter(|row| row["level"] == "district") {
        let inside = units.iter().filter(|row| row["parent_code"] == district["code"]);
        let sum: u32 = inside.map(|row| figures[&row["code"]]).sum();
        assert_eq!(sum, figures[&district["code"]], "{}", district["full_name"]);
    }
}

#[test]
fn the_demo_fills_two_districts_and_keeps_to_the_closing_hours_of_the_list() {
    let world = demo();
    assert!((220_000..=280_000).contains(&world.scans.len()), "{} scans", world.scans.len());
    let closes: HashMap<String, String> = rows("place-types.csv")
        .into_iter()
        .map(|row| (row["code"].clone(), row["closes_at"].clone()))
        .collect();
    for scan in &world.scans {
        let closes_at = &closes[&world.places[scan.place as usize].type_code];
        let time = local_datetime(scan.at).time();
        let minute = format!("{:02}:{:02}", time.hour(), time.minute());
        assert!(closes_at.is_empty() || minute <= *closes_at, "{minute} after {closes_at}");
    }
    let live = world.places.iter().filter(|place| place.usage == Usage::Live).count();
    assert!((1_000..1_300).contains(&live), "{live} live places");
    let homes: HashSet<usize> = world.people.iter().map(|person| person.commune).collect();
    assert_eq!(homes.len(), 33);
}
