//! Telling an office, an officer or a place's owner something in the product.

use std::collections::BTreeMap;

use domain::{admin_unit::UnitTree, role::Role, time::Millis};
use store::messages::{NewMessage, Recipient};

use crate::{
    app::App,
    error::Result,
    i18n::{Catalog, Lang},
    ids::new_id,
};

/// A message to write: `source` names its places as `{name}`, `params` fill them.
#[must_use]
pub fn message(
    key: String,
    to: Recipient,
    source: &str,
    params: &[(&str, &str)],
    href: String,
) -> NewMessage {
    let params: BTreeMap<&str, &str> = params.iter().copied().collect();
    NewMessage {
        id: new_id(),
        dedup_key: key,
        to,
        source: source.to_owned(),
        params: serde_json::to_string(&params).unwrap_or_else(|_| "{}".to_owned()),
        href,
        urgent: false,
        due_on: None,
    }
}

/// Posts a message now.
///
/// # Errors
/// When the store refuses.
pub async fn post(app: &App, message: NewMessage) -> Result<()> {
    app.store.post_message(&message, app.now()).await?;
    Ok(())
}

/// Whom to tell when the office of a unit has to act: the office, or each active reviewer where it is the province's,
/// for nobody works in the province itself.
///
/// # Errors
/// When the store refuses.
pub async fn desk_recipients(app: &App, tree: &UnitTree, unit: i64) -> Result<Vec<Recipient>> {
    of_office(app, tree, unit, Role::Reviewer).await
}

/// As [`desk_recipients`], for what the provincial Committee decides: each of its readers stands for the province.
///
/// # Errors
/// When the store refuses.
pub async fn deciding_recipients(app: &App, tree: &UnitTree, unit: i64) -> Result<Vec<Recipient>> {
    of_office(app, tree, unit, Role::CommitteeReader).await
}

async fn of_office(app: &App, tree: &UnitTree, unit: i64, at_the_top: Role) -> Result<Vec<Recipient>> {
    if tree.get(unit).is_some_and(|unit| unit.parent_id.is_some()) {
        return Ok(vec![Recipient::Unit(unit)]);
    }
    let accounts = app.store.accounts().await?;
    let stands = |roles: &[String]| roles.iter().any(|role| role == at_the_top.code());
    let standing = accounts.iter().filter(|one| one.active && stands(&one.roles));
    Ok(standing.map(|one| Recipient::Account(one.id)).collect())
}

/// What tells recipients of the same message apart in its key.
#[must_use]
pub fn key_of(to: Recipient) -> String {
    match to {
        Recipient::Unit(id) => format!("unit:{id}"),
        Recipient::Account(id) => format!("account:{id}"),
        Recipient::Place(id) => format!("place:{id}"),
    }
}

/// The words of a message in a language.
#[must_use]
pub fn words(catalog: &Catalog, lang: Lang, source: &str, params: &str) -> String {
    let params: BTreeMap<String, String> = serde_json::from_str(params).unwrap_or_default();
    let filled: Vec<(&str, String)> =
        // A value may be words of ours, such as the reason of a ticket.
        params.iter().map(|(name, value)| (name.as_str(), catalog.text(lang, value).to_owned())).collect();
    catalog.fill(lang, source, &filled)
}

/// How long ago, in whole days.
#[must_use]
pub fn days_since(now: Millis, at: Millis) -> i64 {
    (now - at).max(0) / domain::time::DAY_MS
}
