//! The demo's logins, shown on its sign-in page. Outside the demo there are none.

use minijinja::{Value, context};
use zeroize::Zeroizing;

use crate::{app::App, auth::totp, error::Result, page::Page};

/// Setting that holds the demo's password; its presence also marks a demo's data folder.
pub const DEMO_PASSWORD: &str = "demo_password";

/// A filled-in sign-in form.
#[derive(Default)]
pub struct Filled {
    /// Login.
    pub login: String,
    /// Password.
    pub password: String,
    /// One-time password of the moment.
    pub code: String,
}

/// The form filled for one of the demo's logins.
///
/// # Errors
/// When the store fails.
pub async fn filled(app: &App, login: &str) -> Result<Option<Filled>> {
    if !app.config.demo || login.is_empty() {
        return Ok(None);
    }
    let Some(password) = app.store.setting(DEMO_PASSWORD).await? else { return Ok(None) };
    let Some((account_id, credentials)) = app.store.credentials(login).await? else { return Ok(None) };
    let secret: Zeroizing<Vec<u8>> =
        totp::open_secret(&app.keyfile.contact_key, account_id, &credentials.totp_sealed)?;
    let step = i64::try_from(totp::STEP_S).unwrap_or(30);
    // A code works once; when this step's was used already, offer the next one, which is accepted early.
    let now_s = (app.now() / 1000).max((credentials.totp_last_step + 1) * step);
    let code = totp::code_at(&secret, u64::try_from(now_s).unwrap_or(0))?;
    Ok(Some(Filled { login: login.to_owned(), password, code }))
}

/// The passphrase of the demo's key officers, to fill in; empty outside the demo.
///
/// # Errors
/// When the store fails.
pub async fn passphrase(app: &App) -> Result<String> {
    if !app.config.demo {
        return Ok(String::new());
    }
    Ok(app.store.setting(DEMO_PASSWORD).await?.unwrap_or_default())
}

/// Begins the logins of officers who only sent what the demo shows as sent; they are not offered on the sign-in page.
pub const SENDER: &str = "gui-";

/// The demo's logins with role and office, for the sign-in page.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, page: &Page) -> Result<Vec<Value>> {
    if !app.config.demo {
        return Ok(Vec::new());
    }
    let tree = app.tree().await?;
    let role = |code: &String| domain::role::Role::from_code(code).map(|role| page.t(role.label()));
    let accounts = app.store.accounts().await?;
    Ok(accounts
        .iter()
        .filter(|account| !account.login.starts_with(SENDER))
        .map(|account| {
            let roles = account.roles.iter().filter_map(role).collect::<Vec<_>>().join(", ");
            context! { login => &account.login, name => &account.name, roles, unit => tree.name(account.unit_id) }
        })
        .collect())
}
