//! Guidance and support: guides, campaigns, tickets.

pub mod figures;

pub use figures::{GuidanceFigures, period_figures};

use crate::{app::App, auth::Officer, error::Result, page::Page, web::task::Task};

/// What waits here for an officer, for the first page.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(_app: &App, _page: &Page, _officer: &Officer, _tasks: &mut Vec<Task>) -> Result<()> {
    Ok(())
}
