//! "This poster is wrong or dead": a visitor's word to the commune, kept without who said it.

use axum::{
    Form,
    extract::{Path, State},
};
use minijinja::context;
use serde::Deserialize;

use super::point;
use crate::{
    app::App,
    error::{AppError, Result},
    gate::From,
    ids::new_id,
    page::Page,
    tree::address_of,
};

/// What may be said of a poster, with its words.
pub const KINDS: [(&str, &str); 3] = [
    ("wrong_place", "Áp phích này dán ở nơi khác"),
    ("dead", "Quét hoặc ghi không được"),
    ("damaged", "Áp phích rách, mờ hoặc khó thấy"),
];

/// What is said.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ReportForm {
    kind: String,
}

/// Asks what is wrong.
///
/// # Errors
/// Not found when no such code was ever issued.
pub async fn form(State(app): State<App>, page: Page, Path(code): Path<String>) -> Result {
    render(&app, &page, &code, false).await
}

async fn render(app: &App, page: &Page, code: &str, thanks: bool) -> Result {
    let facts = point(app, code).await?;
    let tree = app.tree().await?;
    let kinds: Vec<_> =
        KINDS.iter().map(|(value, label)| context! { value => *value, label => page.t(label) }).collect();
    let values = context! {
        code => facts.point.code, place_name => facts.place_name, area_name => facts.area_name,
        commune => address_of(&tree, facts.unit_id), kinds, thanks,
    };
    Ok(axum::response::IntoResponse::into_response(page.html("poster_report.html", values)?))
}

/// Keeps a report.
///
/// # Errors
/// Not found when no such code was ever issued; a bad request for another kind.
pub async fn submit(
    State(app): State<App>,
    page: Page,
    Path(code): Path<String>,
    From(peer): From,
    Form(form): Form<ReportForm>,
) -> Result {
    app.limits.network(peer)?;
    let facts = point(&app, &code).await?;
    if !KINDS.iter().any(|(kind, _)| *kind == form.kind) {
        return Err(AppError::BadRequest("Hãy chọn điều không ổn với áp phích."));
    }
    app.store.add_poster_report(new_id(), facts.point.id, &form.kind, app.now()).await?;
    render(&app, &page, &code, true).await
}
