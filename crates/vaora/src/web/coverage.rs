//! Coverage of the province, a district or a commune: figures, parts, map or tiles; each number leads to its list.

use std::collections::HashMap;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    admin_unit::{AdminUnit, UnitTree},
    coverage::Coverage,
    distancing::Level,
    role::Role,
};
use minijinja::{Value, context};

use crate::{
    app::App,
    error::{AppError, Result},
    figures::{self, Figures},
    map,
    page::Page,
};

/// Goes to the officer's own unit.
///
/// # Errors
/// Not signed in, or no role that sees coverage.
pub async fn own(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader])?;
    let tree = app.tree().await?;
    Ok(Redirect::to(&format!("/coverage/{}", officer.root(&tree))).into_response())
}

/// Coverage of a unit.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader])?;
    let tree = app.tree().await?;
    officer.require_unit(&tree, id)?;
    let unit = tree.get(id).ok_or(AppError::NotFound)?;
    let figures = figures::on(&app, app.clock.today()).await?;
    let whole = figures.of(&tree, id);
    let parts: Vec<&AdminUnit> = tree.children(id).filter(|part| part.level != "department").collect();
    let shares: HashMap<i64, Coverage> =
        parts.iter().map(|part| (part.id, figures.of(&tree, part.id))).collect();
    let boundaries = app.store.boundaries().await?;
    let mut rows: Vec<Value> =
        parts.iter().map(|part| row(&page, &tree, &figures, part, &shares[&part.id])).collect();
    rows.sort_by_key(|row| {
        std::cmp::Reverse(row.get_attr("missing").ok().and_then(|n| n.as_i64()).unwrap_or(0))
    });
    let population = figures.populations.get(&id);
    let values = context! {
        unit => context! { id => id.to_string(), name => &unit.full_name, level => &unit.level },
        crumbs => crumbs(&tree, id, officer.root(&tree)),
        c => view(&whole),
        own_population => population.map(|p| context! {
            population => p.population, year => &p.year, basis => &p.basis, grade => &p.grade, source => &p.source,
            target => domain::coverage::target_points(p.population),
        }),
        parts_level => parts.first().map(|part| part.level.clone()),
        rows,
        level => page.t(figures.level(&tree, id).label()),
        target_applies => figures.level(&tree, id).target_applies(),
        levels => Level::ALL.iter().map(|l| context! { value => l.code(), label => page.t(l.label()) }).collect::<Vec<_>>(),
        dated_levels => dated_levels(&app, &page, id).await?,
        may_set_level => officer.has(Role::Reviewer),
        is_commune => unit.is_commune(),
        today => app.clock.today().to_string(),
        map => map::draw(&boundaries, &parts, |part| class_of(&shares[&part])),
        tiles => parts.iter().map(|part| context! {
            id => part.id.to_string(), name => &part.name, class => class_of(&shares[&part.id]),
            share => share_text(&shares[&part.id]),
        }).collect::<Vec<_>>(),
        legend => legend(&page),
    };
    page.show("coverage.html", values).await
}

fn crumbs(tree: &UnitTree, id: i64, root: i64) -> Vec<Value> {
    let mut chain = tree.path(id);
    let keep = chain.iter().position(|unit| unit.id == root).map_or(chain.len(), |at| at + 1);
    chain.truncate(keep);
    chain
        .iter()
        .rev()
        .map(|unit| context! { href => format!("/coverage/{}", unit.id), label => &unit.full_name })
        .collect()
}

fn view(c: &Coverage) -> Value {
    context! {
        population => c.population, target => c.target, registered => c.registered, live => c.live,
        silent => c.silent, never_used => c.never_used, missing => c.missing, communes => c.communes,
        exempt => c.exempt_communes,
        registered_per_100 => c.per_100(c.registered), live_per_100 => c.per_100(c.live),
        registered_share => c.share_of_target(c.registered),
        live_share => c.share_of_target(c.live),
        live_of_registered => (c.registered > 0).then(|| ratio(c.live, c.registered)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of points are far below 2^52")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

fn row(page: &Page, tree: &UnitTree, figures: &Figures, part: &AdminUnit, c: &Coverage) -> Value {
    let level = figures.level(tree, part.id);
    context! {
        id => part.id.to_string(), name => &part.full_name, missing => c.missing, c => view(c),
        level => page.t(level.label()), applies => level.target_applies(),
    }
}

async fn dated_levels(app: &App, page: &Page, id: i64) -> Result<Vec<Value>> {
    let rows = app.store.distancing_levels().await?;
    let own = rows.into_iter().filter(|row| row.unit_id == id);
    Ok(own
        .filter_map(|row| {
            let label = page.t(Level::from_code(&row.level)?.label());
            Some(context! { label, from_on => row.from_on, until_on => row.until_on, source => row.source })
        })
        .collect())
}

/// Class of a unit on the map by live points as a share of the target: q0 below 20 %, then in fifths, q5 reached.
fn class_of(c: &Coverage) -> &'static str {
    match c.share_of_target(c.live) {
        None => "none",
        Some(share) if share >= 1.0 => "q5",
        Some(share) if share >= 0.8 => "q4",
        Some(share) if share >= 0.6 => "q3",
        Some(share) if share >= 0.4 => "q2",
        Some(share) if share >= 0.2 => "q1",
        Some(_) => "q0",
    }
}

fn share_text(c: &Coverage) -> String {
    c.share_of_target(c.live).map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

fn legend(page: &Page) -> Vec<String> {
    ["dưới 20 %", "20–39 %", "40–59 %", "60–79 %", "80–99 %", "đạt 100 %"]
        .iter()
        .map(|text| page.t(text))
        .collect()
}
