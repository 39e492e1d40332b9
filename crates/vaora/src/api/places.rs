//! `GET /api/v1/places`: places of the officer's subtree, without contacts and without sensitive places, since
//! what this answers is passed on to other systems and published.

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{api::ProblemBody, app::App, error::Result, page::Page};

/// Which places.
#[derive(Deserialize, IntoParams)]
pub struct Filter {
    /// GSO code of a unit; its subtree is listed. The officer's own unit when missing.
    unit: Option<String>,
    /// Page, from 1; 500 places each.
    page: Option<usize>,
}

/// A page of places.
#[derive(Serialize, ToSchema)]
pub struct Places {
    /// Places in all; sensitive ones are not among them.
    pub total: usize,
    /// This page's.
    pub places: Vec<Place>,
}

/// A place, as offices see it.
#[derive(Serialize, ToSchema)]
pub struct Place {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Category code.
    pub type_code: String,
    /// GSO code of the commune.
    pub commune_code: String,
    /// Address.
    pub address: String,
    /// `submitted`, `approved`, `returned` or `closed`.
    pub state: String,
}

/// Places of one answer.
const PAGE_PLACES: usize = 500;

/// Lists places of the officer's subtree.
#[utoipa::path(
    get, path = "/places", tag = "places", params(Filter),
    responses(
        (status = 200, description = "Places by name", body = Places),
        (status = 400, description = "Not a filter", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit within the officer's subtree", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(app): State<App>, page: Page, Query(filter): Query<Filter>) -> Result<Json<Places>> {
    let tree = app.tree().await?;
    let root = super::coverage::unit_of(&page, &tree, filter.unit.as_deref())?;
    let before = filter.page.unwrap_or(1).saturating_sub(1).saturating_mul(PAGE_PLACES);
    let (before, most) = (i64::try_from(before).unwrap_or(i64::MAX), i64::try_from(PAGE_PLACES).unwrap_or(0));
    let (total, places) = app.store.named_places_below(root, most, before).await?;
    let places = places.iter().map(|place| Place {
        id: place.id.to_string(),
        name: place.name.clone(),
        type_code: place.type_code.clone(),
        commune_code: tree.get(place.unit_id).map(|unit| unit.code.clone()).unwrap_or_default(),
        address: place.address.clone(),
        state: place.state.clone(),
    });
    Ok(Json(Places { total: usize::try_from(total).unwrap_or(0), places: places.collect() }))
}
