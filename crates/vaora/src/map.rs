//! The map of units as SVG paths, from boundaries that the operator imported. Without them pages show tiles.

use domain::admin_unit::AdminUnit;
use minijinja::{Value, context};

/// Width of the drawing; its height follows from the land.
const WIDTH: f64 = 720.0;
/// Most points of one unit's outline that are drawn.
const POINTS_MAX: usize = 400;

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
    use super::*;

    #[test]
    fn rings_round_trip() {
        let rings = vec![vec![(108.05, 12.66), (108.06, 12.66), (108.06, 12.67)]];
        assert_eq!(rings_of(&rings_to_text(&rings)), rings);
    }
}
