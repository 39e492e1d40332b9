//! The access log, for auditors: who read what, for which case; and whether the chain holds.

use axum::extract::State;
use domain::role::Role;
use minijinja::{Value, context};

use crate::{app::App, audit, error::Result, page::Page};

/// Entries shown.
const ENTRIES: i64 = 200;

/// Shows the latest entries and the result of checking the whole chain.
///
/// # Errors
/// Not found for all but auditors.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    page.officer()?.require(&[Role::Auditor])?;
    let entries: Vec<Value> = app
        .store
        .latest_log_rows(None, ENTRIES)
        .await?
        .into_iter()
        .map(|row| context! {
            seq => row.seq, at => row.at, actor => row.actor, action => row.action, case_id => row.case_id.map(|id| id.to_string()),
            purpose => row.purpose, scope => row.scope, count => row.count,
        })
        .collect();
    let checked = audit::verify(&app.store, &app.keyfile).await?;
    let values = context! {
        entries,
        head => checked.as_ref().ok().map(ToString::to_string),
        bad => checked.as_ref().err().map(ToString::to_string),
        heads => app.store.log_heads().await?.len(),
    };
    page.show("access_log.html", values).await
}
