//! Posters to print, and tables to download.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::collections::BTreeMap;

use documents::{Poster, Table, posters_pdf, posters_zip, table_csv, table_xlsx};
use domain::{code::PlaceCode, name::fold, time::local_date};
use serde::Deserialize;
use store::places::PointFacts;

use crate::{
    app::App,
    error::{AppError, Result},
    limits::POSTERS_MAX,
    page::Page,
    web::{office::Office, place_edit},
};

/// Which areas of a place.
#[derive(Deserialize, Default)]
pub struct Which {
    /// One area; all when missing.
    area: Option<i64>,
}

/// A PDF of the posters of a place.
///
/// # Errors
/// Not found when the place is not the viewer's or has no code in force.
pub async fn of_place(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(which): Query<Which>,
) -> Result {
    let (_, place) = place_edit::viewed(&app, &page, id).await?;
    let points = app.store.points_of_place(place.id).await?;
    let points = points
        .into_iter()
        .filter(|p| p.point.retired_at.is_none() && p.state == "approved")
        .filter(|p| which.area.is_none_or(|area| p.point.area_id == area))
        .take(POSTERS_MAX)
        .collect();
    pdf(&app, points, "ap-phich").await
}

/// A PDF of all posters of a commune.
///
/// # Errors
/// Not found for communes outside the officer's subtree or without a code.
pub async fn of_unit(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(part): Query<Part>,
) -> Result {
    let officer = page.officer()?;
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let tree = app.tree().await?;
    officer.require_unit(&tree, id)?;
    let skip = part.part.unwrap_or(1).saturating_sub(1).saturating_mul(POSTERS_MAX);
    let points = app.store.points_of_unit(id).await?.into_iter().skip(skip).take(POSTERS_MAX).collect();
    pdf(&app, points, "ap-phich-xa").await
}

/// Which part of a commune with very many posters.
#[derive(Deserialize, Default)]
pub struct Part {
    /// From 1; 150 posters each.
    part: Option<usize>,
}

/// All posters of a commune, a PDF a place, in one ZIP: for those who print place by place.
///
/// # Errors
/// Not found for communes outside the officer's subtree or without a code.
pub async fn zip_of_unit(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(part): Query<Part>,
) -> Result {
    let office = Office::of(&app, &page, &id.to_string()).await?;
    let skip = part.part.unwrap_or(1).saturating_sub(1).saturating_mul(POSTERS_MAX);
    let points: Vec<PointFacts> =
        app.store.points_of_unit(id).await?.into_iter().skip(skip).take(POSTERS_MAX).collect();
    if points.is_empty() {
        return Err(AppError::NotFound);
    }
    let mut places: BTreeMap<(String, i64), Vec<Poster>> = BTreeMap::new();
    for point in &points {
        let key = (fold(&point.place_name), point.place_id);
        places.entry(key).or_default().push(poster(&app, &office.tree, point));
    }
    let now = app.now();
    let places: Vec<_> = places.into_iter().map(|((name, _), posters)| (name, posters)).collect();
    let bytes = tokio::task::spawn_blocking(move || posters_zip(&places, now)).await??;
    Ok(file(bytes, "application/zip", "ap-phich-xa.zip", false))
}

async fn pdf(app: &App, points: Vec<PointFacts>, name: &str) -> Result {
    if points.is_empty() {
        return Err(AppError::NotFound);
    }
    let tree = app.tree().await?;
    let posters: Vec<Poster> = points.iter().map(|point| poster(app, &tree, point)).collect();
    let now = app.now();
    let bytes = tokio::task::spawn_blocking(move || posters_pdf(&posters, now)).await??;
    Ok(file(bytes, "application/pdf", &format!("{name}.pdf"), true))
}

fn poster(app: &App, tree: &domain::admin_unit::UnitTree, point: &PointFacts) -> Poster {
    let level = |level: &str| {
        tree.path(point.unit_id)
            .into_iter()
            .find(|unit| unit.level == level)
            .map(|unit| unit.full_name.clone())
    };
    let code = PlaceCode::parse(&point.point.code);
    Poster {
        place_name: point.place_name.clone(),
        area_name: Some(point.area_name.clone()).filter(|name| !name.is_empty()),
        commune: tree.name(point.unit_id).to_owned(),
        district: level("district"),
        province: level("province").unwrap_or_default(),
        address: point.address.clone(),
        code: point.point.code.clone(),
        code_grouped: code.map(|code| code.grouped()).unwrap_or_default(),
        url: code.map(|code| code.url(&app.config.public_url)).unwrap_or_default(),
        hotline: app.config.hotline.clone(),
        agency: app.config.parent_agency.clone(),
        issued_on: local_date(point.point.issued_at),
        version: u32::try_from(point.point.version).unwrap_or(1),
    }
}

/// A file to open (`inline`) or to save.
#[must_use]
pub fn file(bytes: Vec<u8>, kind: &'static str, name: &str, inline: bool) -> Response {
    let mut answer = bytes.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let way = if inline { "inline" } else { "attachment" };
    if let Ok(value) = HeaderValue::from_str(&format!("{way}; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A table as CSV or XLSX, safe against formulas.
///
/// # Errors
/// Not found for other formats; internal when the table is too large for the format.
pub fn download(table: &Table, name: &str, format: &str, now: i64) -> Result {
    match format {
        "csv" => Ok(file(table_csv(table)?, "text/csv; charset=utf-8", &format!("{name}.csv"), false)),
        "xlsx" => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(file(table_xlsx(table, now)?, kind, &format!("{name}.xlsx"), false))
        }
        _ => Err(AppError::NotFound),
    }
}
