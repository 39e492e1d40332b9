//! The API under `/api/v1`, with its OpenAPI document.

pub mod coverage;
pub mod places;
pub mod queue;
pub mod scans;

use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vào Ra",
        description = "Check-ins from gates, places and coverage. Errors are RFC 9457 problem documents. \
                       Gates authenticate by their device cookie, officers by their session.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags((name = "scans"), (name = "places"), (name = "coverage"))
)]
struct Document;

/// An RFC 9457 problem document.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// Stable address of the kind of problem, such as `/problems/not-found`.
    pub r#type: String,
    /// What went wrong and what to do, in the reader's language.
    pub title: String,
    /// HTTP status.
    pub status: u16,
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .routes(routes!(scans::post))
            .routes(routes!(queue::post))
            .routes(routes!(places::list))
            .routes(routes!(coverage::show)),
    )
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    documented().split_for_parts().1
}

/// The API's routes, and the document that describes them.
pub fn router() -> Router<App> {
    let (router, document) = documented().split_for_parts();
    router.route(
        "/api/v1/openapi.json",
        axum::routing::get(move || {
            let document = document.clone();
            async move { Json(document) }
        }),
    )
}
