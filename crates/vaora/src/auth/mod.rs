//! Officers at the keyboard: who is signed in, what they may see.

pub mod password;
pub mod session_store;
pub mod totp;

use domain::{admin_unit::UnitTree, role::Role};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::{
    app::App,
    error::{AppError, Result},
};

/// Session key of the signed-in account.
const ACCOUNT: &str = "account";

/// What a session remembers of its officer.
#[derive(Serialize, Deserialize)]
struct SignedIn {
    account_id: i64,
    session_epoch: i64,
}

/// A signed-in officer.
#[derive(Debug, Clone)]
pub struct Officer {
    /// Account.
    pub id: i64,
    /// Name to sign in with; stands in the access log.
    pub login: String,
    /// Officer's name.
    pub name: String,
    /// Office.
    pub unit_id: i64,
    /// Office's name.
    pub unit_name: String,
    /// Roles held.
    pub roles: Vec<Role>,
}

impl Officer {
    /// True when the officer holds the role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The office whose messages the officer reads: see [`office_read_by`].
    #[must_use]
    pub fn inbox_unit(&self) -> i64 {
        office_read_by(self.unit_id, &self.roles)
    }

    /// Passes those who hold one of the roles; for others the page does not exist.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if roles.iter().any(|role| self.has(*role)) { Ok(()) } else { Err(AppError::NotFound) }
    }

    /// The unit whose subtree the officer sees: the province for Sở TTTT, the Committee and administrators,
    /// the own office for everybody else.
    #[must_use]
    pub fn root(&self, tree: &UnitTree) -> i64 {
        let whole = [Role::Reviewer, Role::CommitteeReader, Role::Administrator];
        if whole.iter().any(|role| self.has(*role)) {
            return tree.path(self.unit_id).last().map_or(self.unit_id, |top| top.id);
        }
        self.unit_id
    }

    /// Passes units within the officer's subtree; others do not exist.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn require_unit(&self, tree: &UnitTree, unit_id: i64) -> Result<()> {
        if tree.is_within(unit_id, self.root(tree)) { Ok(()) } else { Err(AppError::NotFound) }
    }
}

/// The office whose messages an account reads: its own for those who work at the office's places, reports and
/// letters; 0, which is no office, for tracers, auditors and the like.
#[must_use]
pub fn office_read_by(unit_id: i64, roles: &[Role]) -> i64 {
    if roles.iter().any(|role| role.sees_coverage()) { unit_id } else { 0 }
}

/// The officer of a session, if somebody is signed in and the account still stands.
///
/// # Errors
/// When the session or the database fails.
pub async fn current_officer(app: &App, session: &Session) -> Result<Option<Officer>> {
    let Some(signed_in) = session.get::<SignedIn>(ACCOUNT).await? else { return Ok(None) };
    let Some(account) = app.store.account(signed_in.account_id).await? else { return Ok(None) };
    if !account.active || account.session_epoch != signed_in.session_epoch {
        return Ok(None);
    }
    let tree = app.tree().await?;
    Ok(Some(Officer {
        id: account.id,
        login: account.login,
        name: account.name,
        unit_id: account.unit_id,
        unit_name: tree.name(account.unit_id).to_owned(),
        roles: account.roles.iter().filter_map(|code| Role::from_code(code)).collect(),
    }))
}

/// Signs an account in on this session, under a new session id.
///
/// # Errors
/// When the session or the database fails.
pub async fn sign_in(app: &App, session: &Session, account_id: i64) -> Result<()> {
    let account = app.store.account(account_id).await?.ok_or(AppError::NotFound)?;
    session.cycle_id().await?;
    let signed_in = SignedIn { account_id, session_epoch: account.session_epoch };
    session.insert(ACCOUNT, signed_in).await?;
    Ok(())
}
