//! The map of units as SVG paths, from boundaries that the operator imported. Without them pages show tiles: each
//! district of Đắk Lắk roughly where it lies, other units in the order given.

use domain::admin_unit::AdminUnit;
use minijinja::{Value, context};

/// Width of the drawing; its height follows from the land.
const WIDTH: f64 = 720.0;
/// Most points of one unit's outline that are drawn.
const POINTS_MAX: usize = 400;

/// Side of a tile and the gap between two, in the drawing's units.
const TILE: i64 = 112;
const GAP: i64 = 6;
/// Letters of a name that fit one line of a tile.
const LINE_CHARS: usize = 12;
/// Where each district lies, as columns and rows: a picture to recognise, not a survey.
const TILE_PLACES: &str = include_str!("../data/tile-map-daklak.csv");

/// A closed line of longitude and latitude.
type Ring = Vec<(f64, f64)>;

/// Boundary rings of a unit as they are kept: rings by `;`, points by space, `lon,lat`.
#[must_use]
pub fn rings_to_text(rings: &[Ring]) -> String {
    let ring = |ring: &Ring| {
        ring.iter().map(|(lon, lat)| format!("{lon:.5},{lat:.5}")).collect::<Vec<_>>().join(" ")
    };
    rings.iter().map(ring).collect::<Vec<_>>().join(";")
}

fn rings_of(text: &str) -> Vec<Ring> {
    let point = |pair: &str| {
        let (lon, lat) = pair.split_once(',')?;
        Some((lon.parse().ok()?, lat.parse().ok()?))
    };
    text.split(';').map(|ring| ring.split(' ').filter_map(point).collect()).collect()
}

/// The choropleth of units: `none` unless every unit has a boundary. `class` names each unit's colour class.
#[must_use]
pub fn draw(
    boundaries: &[(i64, String)],
    units: &[&AdminUnit],
    class: impl Fn(i64) -> &'static str,
) -> Option<Value> {
    let outlines: Vec<(&AdminUnit, Vec<Ring>)> = units
        .iter()
        .map(|unit| {
            let kept = boundaries.iter().find(|(id, _)| *id == unit.id)?;
            Some((*unit, rings_of(&kept.1)))
        })
        .collect::<Option<_>>()?;
    let all = || outlines.iter().flat_map(|(_, rings)| rings.iter().flatten());
    let (west, east) = bounds(all().map(|point| point.0))?;
    let (south, north) = bounds(all().map(|point| point.1))?;
    // One degree of longitude is shorter than one of latitude by the cosine of the latitude.
    let squeeze = f64::midpoint(south, north).to_radians().cos();
    let scale = WIDTH / ((east - west) * squeeze).max(f64::EPSILON);
    let height = (north - south) * scale;
    let place = |(lon, lat): &(f64, f64)| ((lon - west) * squeeze * scale, (north - lat) * scale);
    let shapes: Vec<Value> = outlines
        .iter()
        .map(|(unit, rings)| {
            let path: String = rings.iter().map(|ring| path_of(ring, place)).collect();
            context! { id => unit.id.to_string(), name => &unit.full_name, path, class => class(unit.id) }
        })
        .collect();
    Some(context! { width => WIDTH.round(), height => height.round(), shapes })
}

/// Tiles in the place of a map.
#[derive(Debug, PartialEq, Eq)]
pub struct Tiles {
    /// Width of the drawing.
    pub width: i64,
    /// Height of the drawing.
    pub height: i64,
    /// True where tiles lie roughly as their units do.
    pub placed: bool,
    /// Unit, left and top of each tile.
    pub places: Vec<(i64, i64, i64)>,
}

/// Tiles for units: `None` without any. All lie in their places, or all in the order given.
#[must_use]
pub fn tiles(units: &[&AdminUnit]) -> Option<Tiles> {
    let known: Vec<(i64, i64, i64)> = units.iter().filter_map(|unit| place_of(unit)).collect();
    let placed = known.len() == units.len();
    let across = i64::try_from(units.len()).unwrap_or(1).isqrt().max(3) + 1;
    let ordered = (0..).zip(units).map(|(number, unit)| (unit.id, number % across, number / across));
    let cells: Vec<(i64, i64, i64)> = if placed { known } else { ordered.collect() };
    let columns = cells.iter().map(|cell| cell.1).max()? + 1;
    let rows = cells.iter().map(|cell| cell.2).max()? + 1;
    let places = cells.into_iter().map(|(id, x, y)| (id, x * (TILE + GAP), y * (TILE + GAP))).collect();
    Some(Tiles { width: columns * (TILE + GAP) - GAP, height: rows * (TILE + GAP) - GAP, placed, places })
}

fn place_of(unit: &AdminUnit) -> Option<(i64, i64, i64)> {
    let line = TILE_PLACES.lines().find(|line| line.split(',').next() == Some(unit.code.as_str()))?;
    let mut cells = line.split(',').skip(1).map(str::parse);
    Some((unit.id, cells.next()?.ok()?, cells.next()?.ok()?))
}

/// A name in at most two lines, broken between words.
#[must_use]
pub fn two_lines(name: &str) -> Vec<String> {
    let (mut first, mut second) = (String::new(), String::new());
    for word in name.split(' ') {
        let line = if second.is_empty()
            && (first.is_empty() || first.chars().count() + word.chars().count() < LINE_CHARS)
        {
            &mut first
        } else {
            &mut second
        };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    [first, second].into_iter().filter(|line| !line.is_empty()).collect()
}

fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |found: Option<(f64, f64)>, value| {
        Some(found.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

fn path_of(ring: &[(f64, f64)], place: impl Fn(&(f64, f64)) -> (f64, f64)) -> String {
    let step = ring.len().div_ceil(POINTS_MAX).max(1);
    let mut path = String::new();
    for (index, point) in ring.iter().step_by(step).enumerate() {
        let (x, y) = place(point);
        let letter = if index == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{letter}{x:.1} {y:.1}"));
    }
    path.push('Z');
    path
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn unit(id: i64, code: &str) -> AdminUnit {
        AdminUnit {
            id,
            code: code.to_owned(),
            parent_id: None,
            level: "district".to_owned(),
            kind: String::new(),
            name: String::new(),
            full_name: String::new(),
            valid_from_on: String::new(),
            valid_until_on: None,
        }
    }

    #[test]
    fn districts_lie_in_their_places_and_others_in_their_order() {
        let (a, b, c) = (unit(1, "646"), unit(2, "652"), unit(3, "24133"));
        let placed = tiles(&[&a, &b]).unwrap();
        assert!(placed.placed);
        assert_eq!(placed.places, [(1, 0, 0), (2, 4 * 118, 2 * 118)]);
        let ordered = tiles(&[&b, &a, &c]).unwrap();
        assert!(!ordered.placed);
        assert_eq!(ordered.places, [(2, 0, 0), (1, 118, 0), (3, 236, 0)]);
        assert!(tiles(&[]).is_none());
    }

    #[test]
    fn no_two_districts_share_a_place() {
        let mut cells: Vec<&str> = TILE_PLACES
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(',').map(|(_, cell)| cell))
            .collect();
        assert_eq!(cells.len(), 15);
        cells.sort_unstable();
        cells.dedup();
        assert_eq!(cells.len(), 15);
    }

    #[test]
    fn names_break_between_words() {
        assert_eq!(two_lines("Ea Súp"), ["Ea Súp"]);
        assert_eq!(two_lines("Buôn Ma Thuột"), ["Buôn Ma", "Thuột"]);
    }

    #[test]
    fn rings_round_trip() {
        let rings = vec![vec![(108.05, 12.66), (108.06, 12.66), (108.06, 12.67)]];
        assert_eq!(rings_of(&rings_to_text(&rings)), rings);
    }
}
