//! Lists of places and points for officers: what waits, what is silent, with search, sort and export.

use std::collections::HashMap;

use axum::extract::{Query, State};
use documents::{Cell, Column, ColumnKind, Table};
use domain::{name::fold, role::Role, time::date_of_day_number};
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    error::{AppError, Result},
    figures::{self, PointUse},
    limits::{PAGE_ROWS, POSTERS_MAX},
    page::Page,
    web::{place_edit::grouped, posters::download},
};

/// What to list.
#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub struct Filter {
    /// Unit id; the officer's own when empty.
    unit: String,
    /// `submitted` places, or points that are `all`, `live`, `silent` or `never`.
    show: String,
    /// Text to find in name or address.
    q: String,
    /// Column to sort by.
    sort: String,
    /// Page, from 1.
    page: usize,
    /// `csv` or `xlsx`.
    export: String,
}

/// Lists places that wait, or points by usage.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn list(State(app): State<App>, page: Page, Query(filter): Query<Filter>) -> Result {
    let officer = page.officer()?;
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let tree = app.tree().await?;
    let unit = match filter.unit.as_str() {
        "" => officer.root(&tree),
        text => text.parse().map_err(|_| AppError::NotFound)?,
    };
    officer.require_unit(&tree, unit)?;
    if filter.show == "submitted" || filter.show.is_empty() {
        return submitted(&app, &page, &filter, unit).await;
    }
    points(&app, &page, &filter, unit).await
}

async fn submitted(app: &App, page: &Page, filter: &Filter, unit: i64) -> Result {
    let tree = app.tree().await?;
    let types = type_names(app, page).await?;
    let waiting: Vec<Value> = app
        .store
        .submitted_places()
        .await?
        .into_iter()
        .filter(|place| tree.is_within(place.unit_id, unit))
        .map(|place| {
            context! {
                id => place.id.to_string(), name => place.name, address => place.address,
                commune => tree.name(place.unit_id), type_name => types.get(&place.type_code),
                registered_at => place.registered_at,
            }
        })
        .collect();
    let values = context! {
        unit_id => unit.to_string(), unit_name => tree.name(unit), waiting,
        show => "submitted", tabs => tabs(page, unit, "submitted"), q => &filter.q,
        decides => page.officer()?.has(Role::UnitOfficer),
    };
    page.show("places.html", values).await
}

async fn type_names(app: &App, page: &Page) -> Result<HashMap<String, String>> {
    let types = app.store.place_types().await?.into_iter();
    let vi = page.lang.code() == "vi";
    Ok(types.map(|kind| (kind.code, if vi { kind.name_vi } else { kind.name_en })).collect())
}

fn tabs(page: &Page, unit: i64, active: &str) -> Vec<Value> {
    let all = [
        ("submitted", "Chờ duyệt"),
        ("all", "Tất cả điểm"),
        ("live", "Đang hoạt động"),
        ("silent", "Im lặng"),
        ("never", "Chưa từng dùng"),
    ];
    all.iter()
        .map(|(show, label)| context! {
            href => format!("/places?unit={unit}&show={show}"), label => page.t(label), active => *show == active,
        })
        .collect()
}

async fn points(app: &App, page: &Page, filter: &Filter, unit: i64) -> Result {
    let tree = app.tree().await?;
    let figures = figures::on(app, app.clock.today()).await?;
    let needle = fold(&filter.q);
    let mut rows: Vec<&PointUse> = figures
        .points_within(&tree, unit)
        .into_iter()
        .filter(|point| filter.show == "all" || point.usage.code() == filter.show)
        .filter(|point| {
            needle.is_empty()
                || fold(&point.facts.place_name).contains(&needle)
                || fold(&point.facts.address).contains(&needle)
                || point.facts.point.code.contains(&filter.q.trim().to_uppercase())
        })
        .collect();
    match filter.sort.as_str() {
        "last" => rows.sort_by_key(|point| std::cmp::Reverse(point.last_scan_day)),
        "issued" => rows.sort_by_key(|point| std::cmp::Reverse(point.facts.point.issued_at)),
        "commune" => rows.sort_by_cached_key(|point| fold(tree.name(point.facts.unit_id))),
        _ => rows.sort_by_cached_key(|point| fold(&point.facts.place_name)),
    }
    let types = type_names(app, page).await?;
    if !filter.export.is_empty() {
        let table = table(page, &tree, &rows, &types, tree.name(unit));
        return download(&table, "diem-quet", &filter.export, app.now());
    }
    let suspended = app.store.suspended_places().await?;
    let pages = rows.len().div_ceil(PAGE_ROWS).max(1);
    let current = filter.page.clamp(1, pages);
    let shown: Vec<Value> = rows
        .iter()
        .skip((current - 1) * PAGE_ROWS)
        .take(PAGE_ROWS)
        .map(|point| {
            context! {
                place_id => point.facts.place_id.to_string(), name => &point.facts.place_name,
                suspended => suspended.contains(&point.facts.place_id),
                area => &point.facts.area_name, address => &point.facts.address,
                commune => tree.name(point.facts.unit_id), type_name => types.get(&point.facts.type_code),
                code => grouped(&point.facts.point.code), usage => point.usage.code(),
                issued_at => point.facts.point.issued_at,
                last_scan_on => point.last_scan_day.map(|day| date_of_day_number(day).to_string()),
            }
        })
        .collect();
    let query = format!(
        "/places?unit={unit}&show={}&q={}",
        filter.show,
        minijinja::filters::urlencode(&filter.q.clone().into()).unwrap_or_default()
    );
    let values = context! {
        unit_id => unit.to_string(), unit_name => tree.name(unit), rows => shown, total => rows.len(), pages,
        current, query, sort => &filter.sort, q => &filter.q, show => &filter.show,
        tabs => tabs(page, unit, &filter.show), is_commune => tree.get(unit).is_some_and(|unit| unit.is_commune()),
        poster_parts => figures.points_within(&tree, unit).len().div_ceil(POSTERS_MAX),
        decides => page.officer()?.has(Role::UnitOfficer),
    };
    page.show("places.html", values).await
}

fn table(
    page: &Page,
    tree: &domain::admin_unit::UnitTree,
    rows: &[&PointUse],
    types: &HashMap<String, String>,
    unit_name: &str,
) -> Table {
    let column = |name: &str, kind| Column { name: page.t(name), kind };
    Table {
        title: page.tf("Điểm quét mã – {unit}", &[("unit", unit_name.to_owned())]),
        notes: Vec::new(),
        columns: vec![
            column("Địa điểm", ColumnKind::Text),
            column("Khu vực", ColumnKind::Text),
            column("Loại", ColumnKind::Text),
            column("Địa chỉ", ColumnKind::Text),
            column("Xã, phường", ColumnKind::Text),
            column("Mã", ColumnKind::Text),
            column("Ngày cấp", ColumnKind::DateTime),
            column("Lượt quét gần nhất", ColumnKind::Date),
        ],
        rows: rows
            .iter()
            .map(|point| {
                vec![
                    Cell::Text(point.facts.place_name.clone()),
                    Cell::Text(point.facts.area_name.clone()),
                    Cell::Text(types.get(&point.facts.type_code).cloned().unwrap_or_default()),
                    Cell::Text(point.facts.address.clone()),
                    Cell::Text(tree.name(point.facts.unit_id).to_owned()),
                    Cell::Text(point.facts.point.code.clone()),
                    Cell::DateTime(point.facts.point.issued_at),
                    point.last_scan_day.map_or(Cell::Empty, |day| Cell::Date(date_of_day_number(day))),
                ]
            })
            .collect(),
    }
}
