//! `GET /api/v1/coverage`: coverage of a unit and of the units below it.

use axum::{
    Json,
    extract::{Query, State},
};
use domain::admin_unit::UnitTree;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::ProblemBody,
    app::App,
    error::{AppError, Result},
    figures::{self, Figures},
    page::Page,
};

/// Which unit.
#[derive(Deserialize, IntoParams)]
pub struct Which {
    /// GSO code of a unit; the officer's own when missing.
    unit: Option<String>,
}

/// Coverage of a unit and its parts.
#[derive(Serialize, ToSchema)]
pub struct Coverage {
    /// Local day of the figures, ISO date.
    pub on: String,
    /// The unit.
    pub unit: UnitCoverage,
    /// Units directly below.
    pub parts: Vec<UnitCoverage>,
}

/// Coverage figures of one unit.
#[derive(Serialize, ToSchema)]
pub struct UnitCoverage {
    /// GSO code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Residents.
    pub population: Option<i64>,
    /// Points needed, one per 100 residents rounded up, commune by commune.
    pub target: i64,
    /// Points registered.
    pub registered: i64,
    /// Points with a scan in the last 7 days.
    pub live: i64,
    /// Points scanned before, but not in the last 7 days.
    pub silent: i64,
    /// Points never scanned.
    pub never_used: i64,
    /// Points missing to the target.
    pub missing: i64,
}

/// The unit of a code within the officer's subtree; the officer's own without one.
///
/// # Errors
/// Not signed in, or not within the subtree.
pub fn unit_of(page: &Page, tree: &UnitTree, code: Option<&str>) -> Result<i64> {
    let officer = page.officer()?;
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let Some(code) = code else { return Ok(officer.root(tree)) };
    let unit = tree.by_code(code).ok_or(AppError::NotFound)?;
    officer.require_unit(tree, unit.id)?;
    Ok(unit.id)
}

/// Coverage of a unit.
#[utoipa::path(
    get, path = "/coverage", tag = "coverage", params(Which),
    responses(
        (status = 200, description = "Figures of today", body = Coverage),
        (status = 400, description = "Not a unit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit within the officer's subtree", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result<Json<Coverage>> {
    let tree = app.tree().await?;
    let unit_id = unit_of(&page, &tree, which.unit.as_deref())?;
    let today = app.clock.today();
    let figures = figures::on(&app, today).await?;
    let of = |id: i64| unit_coverage(&tree, &figures, id);
    Ok(Json(Coverage {
        on: today.to_string(),
        unit: of(unit_id),
        parts: tree
            .children(unit_id)
            .filter(|unit| unit.level != "department")
            .map(|unit| of(unit.id))
            .collect(),
    }))
}

fn unit_coverage(tree: &UnitTree, figures: &Figures, id: i64) -> UnitCoverage {
    let c = figures.of(tree, id);
    UnitCoverage {
        code: tree.get(id).map(|unit| unit.code.clone()).unwrap_or_default(),
        name: tree.name(id).to_owned(),
        population: c.population,
        target: c.target,
        registered: c.registered,
        live: c.live,
        silent: c.silent,
        never_used: c.never_used,
        missing: c.missing,
    }
}
