//! The points without a scan that a report counts: the frozen list behind its figure, page by page.

use axum::extract::{Path, Query, State};
use domain::time::date_of_day_number;
use minijinja::{Value, context};
use serde::Deserialize;

use super::{content::points_of, figures::Frozen, period_view, readable};
use crate::{app::App, error::Result, page::Page};

/// Points on one page.
const PAGE_ROWS: i64 = 50;

/// Which page of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    page: String,
}

/// Shows the list. What it may not name is counted in one sentence.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(which): Query<Which>,
) -> Result {
    let (report, period) = readable(&app, &page, id).await?;
    let tree = app.tree().await?;
    let (days, of) = ((period.from_on.as_str(), period.until_on.as_str()), points_of(&tree, report.unit_id));
    let (named, unnamed) = app.store.frozen_point_counts(days, of).await?;
    let pages = named.div_euclid(PAGE_ROWS) + i64::from(named % PAGE_ROWS != 0);
    let number = which.page.parse::<i64>().unwrap_or(1).clamp(1, pages.max(1));
    let points = app.store.frozen_points(days, of, (PAGE_ROWS, (number - 1) * PAGE_ROWS)).await?;
    let rows: Vec<Value> = points
        .iter()
        .map(|point| {
            context! {
                place => point.place_name.clone(), area => point.area_name.clone(), code => point.code.clone(),
                place_id => point.place_id.to_string(), commune => tree.name(point.unit_id),
                last => point.last_day.map(|day| date_of_day_number(day).to_string()),
            }
        })
        .collect();
    let frozen = Frozen::read(&app, &period).await?;
    let counted = frozen.now.get(&report.unit_id).map_or(0, |row| row.silent + row.never_used);
    let values = context! {
        report => context! { id => id.to_string(), unit => tree.name(report.unit_id), unit_id => report.unit_id.to_string() },
        period => period_view(&page, &period), rows, counted, unnamed, total => named, pages, number,
        kept => named + unnamed == counted, base => format!("/reports/{id}/silent?page="),
    };
    page.show("report_silent.html", values).await
}
