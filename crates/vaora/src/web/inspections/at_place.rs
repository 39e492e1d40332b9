//! What a place's page shows of inspections: to its owner, and to its offices.

use minijinja::{Value, context};
use store::places::Place;

use crate::{app::App, error::Result, page::Page, web::inspections::lists::finding_line};

/// Findings on the page.
const FINDINGS_MAX: i64 = 20;
/// Inspections on the page.
const INSPECTIONS_MAX: i64 = 10;

/// The part of a place's page about inspections.
///
/// # Errors
/// When the store refuses.
pub async fn view(app: &App, page: &Page, place: &Place) -> Result<Value> {
    let today = app.clock.today().to_string();
    let findings = app.store.findings_of_place(place.id, FINDINGS_MAX).await?;
    let findings: Vec<Value> = findings.iter().map(|one| finding_line(page, "", one, &today)).collect();
    let visits = app.store.inspections_of_place(place.id, INSPECTIONS_MAX).await?;
    let visits: Vec<Value> = visits
        .iter()
        .map(|one| {
            context! { id => one.id.to_string(), state => &one.state, day_on => &one.day_on, done_on => &one.done_on }
        })
        .collect();
    let is_planned =
        visits.iter().any(|one| one.get_attr("state").is_ok_and(|state| state.as_str() == Some("planned")));
    let suspension = app.store.suspension_of_place(place.id).await?;
    let suspension =
        suspension.filter(|one| matches!(one.state.as_str(), "waiting" | "suspended" | "extended"));
    let suspension = suspension.map(|one| {
        context! {
            state => one.state, reason => one.reason, until_on => one.until_on, suspended_on => one.suspended_on,
            proposed_on => one.proposed_on,
        }
    });
    Ok(context! { findings, visits, is_planned, suspension })
}
