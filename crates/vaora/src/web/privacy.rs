//! The privacy page, made from the running settings so that it cannot promise what the system does not do.

use axum::extract::State;
use minijinja::context;

use crate::{app::App, error::Result, page::Page};

/// Shows what is kept, why, how long, and whom to ask.
///
/// # Errors
/// When the page cannot be made.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let values = context! {
        retention_days => app.config.retention_days,
        case_days => app.config.case_days,
        contact => &app.config.privacy_contact,
        agency => &app.config.issuing_agency,
        https => app.config.is_https(),
    };
    page.show("privacy.html", values).await
}
