//! Coverage on one screen, for a meeting room: a map, a trend, the five furthest behind. It loads itself anew.

use axum::extract::{Path, State};
use domain::{admin_unit::UnitTree, coverage::Coverage};
use minijinja::{Value, context};

use crate::{
    app::App,
    error::{AppError, Result},
    figures::{
        is_department,
        parts::{Order, Part, sort},
    },
    map,
    page::Page,
    trend,
    web::coverage::{class_of, legend, moments, seen, share_text, view},
};

/// Units named as furthest behind.
const NAMED: usize = 5;

/// The screen of a unit.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (tree, figures) = seen(&app, &page, id).await?;
    let unit = tree.get(id).ok_or(AppError::NotFound)?;
    let whole = figures.of(&tree, id);
    let mut parts = figures.parts(&tree, id);
    sort(&mut parts, Order::Behind);
    let boundaries = app.store.boundaries().await?;
    let units: Vec<_> = parts.iter().filter_map(|part| tree.get(part.id)).collect();
    let coverage =
        |id: i64| parts.iter().find(|part| part.id == id).map(|part| part.coverage).unwrap_or_default();
    let behind = parts.iter().filter(|part| part.coverage.target > 0).take(NAMED);
    let values = context! {
        unit => context! { id => id.to_string(), name => &unit.full_name },
        is_department => is_department(&tree, id), is_commune => unit.is_commune(),
        c => view(&whole), share => share_text(&whole),
        map => map::draw(&boundaries, &units, |part| class_of(&coverage(part))),
        tiles => map::tiles(&units).map(|tiles| tile_values(&tiles, &tree, &parts)),
        shares => parts.iter().map(|part| share_value(&tree, part)).collect::<Vec<_>>(),
        behind => behind.map(|part| behind_value(&tree, part)).collect::<Vec<_>>(),
        legend => legend(&page),
        trend => trend::draw(&moments(&app, id, &whole).await?),
        today => app.clock.today().to_string(), now => app.now(),
    };
    page.show("coverage_screen.html", values).await
}

fn share_value(tree: &UnitTree, part: &Part) -> Value {
    context! {
        id => part.id.to_string(), name => tree.get(part.id).map(|unit| unit.name.clone()),
        share => share_text(&part.coverage), mark => mark_of(&part.coverage),
    }
}

/// The number of the class, so that the map reads without its colours; 0 without a target.
fn mark_of(c: &Coverage) -> i64 {
    match class_of(c) {
        "q0" => 1,
        "q1" => 2,
        "q2" => 3,
        "q3" => 4,
        "q4" => 5,
        "q5" => 6,
        _ => 0,
    }
}

fn behind_value(tree: &UnitTree, part: &Part) -> Value {
    context! {
        id => part.id.to_string(), name => tree.name(part.id), share => share_text(&part.coverage),
        live => part.coverage.live, target => part.coverage.target, missing => part.coverage.missing,
        live_share => part.coverage.share_of_target(part.coverage.live),
        registered_share => part.coverage.share_of_target(part.coverage.registered),
    }
}

fn tile_values(tiles: &map::Tiles, tree: &UnitTree, parts: &[Part]) -> Value {
    let tile = |(id, x, y): &(i64, i64, i64)| {
        let part = parts.iter().find(|part| part.id == *id);
        let coverage = part.map(|part| part.coverage).unwrap_or_default();
        let share = coverage.share_of_target(coverage.live).unwrap_or(0.0).clamp(0.0, 1.0);
        context! {
            id => id.to_string(), x, y, class => class_of(&coverage), share => share_text(&coverage),
            mark => mark_of(&coverage), bar => (share * 100.0).round(),
            lines => map::two_lines(tree.get(*id).map_or("–", |unit| unit.name.as_str())),
        }
    };
    context! {
        width => tiles.width, height => tiles.height, placed => tiles.placed,
        tiles => tiles.places.iter().map(tile).collect::<Vec<_>>(),
    }
}
