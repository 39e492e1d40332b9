//! Officers' accounts, their roles and invitations.

use crate::{Result, Row, Store, StoreError, Tx, args, db::Lock};

/// An officer's account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Random id.
    pub id: i64,
    /// Name to sign in with, lower case.
    pub login: String,
    /// Officer's name.
    pub name: String,
    /// Office the officer belongs to; sees its subtree.
    pub unit_id: i64,
    /// False once the account was closed.
    pub active: bool,
    /// Grows when all sessions of the account end.
    pub session_epoch: i64,
    /// Codes of the roles held.
    pub roles: Vec<String>,
    /// Last sign-in.
    pub last_login_at: Option<i64>,
}

/// What is needed to check a sign-in.
pub struct Credentials {
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// TOTP secret, sealed under the key file.
    pub totp_sealed: Vec<u8>,
    /// Last time step that was used, so that a code works once.
    pub totp_last_step: i64,
}

/// A new account.
pub struct NewAccount {
    /// Random id.
    pub id: i64,
    /// Name to sign in with.
    pub login: String,
    /// Officer's name.
    pub name: String,
    /// Office.
    pub unit_id: i64,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// TOTP secret, sealed under the key file.
    pub totp_sealed: Vec<u8>,
    /// Role codes.
    pub roles: Vec<String>,
}

/// An invitation that waits for its officer.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Hash of the one-time token.
    pub token_hash: Vec<u8>,
    /// Name to sign in with.
    pub login: String,
    /// Officer's name.
    pub name: String,
    /// Office.
    pub unit_id: i64,
    /// Role codes.
    pub roles: Vec<String>,
    /// Account that invited.
    pub invited_by: Option<i64>,
    /// End of the invitation.
    pub expires_at: i64,
}

impl Store {
    /// True when at least one account exists.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn has_accounts(&self) -> Result<bool> {
        Ok(self.db.first("SELECT id FROM accounts LIMIT 1", args![]).await?.is_some())
    }

    /// Makes an account directly; only set-up and demo do so.
    ///
    /// # Errors
    /// When the login is taken or the database refuses.
    pub async fn add_account(&self, account: &NewAccount, now: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        insert_account(&mut tx, account, now).await?;
        tx.commit().await
    }

    /// Makes the first account, unless one exists.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an account exists already.
    pub async fn add_first_account(&self, account: &NewAccount, now: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::FirstAccount).await?;
        if tx.first("SELECT id FROM accounts LIMIT 1", args![]).await?.is_some() {
            return Err(StoreError::Conflict("the first administrator exists already"));
        }
        insert_account(&mut tx, account, now).await?;
        tx.commit().await
    }

    /// An account by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn account(&self, id: i64) -> Result<Option<Account>> {
        let sql = "SELECT id, login, name, unit_id, active, session_epoch, last_login_at FROM accounts WHERE id = $1";
        let Some(row) = self.db.first(sql, args![id]).await? else { return Ok(None) };
        let mut account = account(&row)?;
        account.roles = self.roles_of(id).await?;
        Ok(Some(account))
    }

    /// All accounts with their roles, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let sql = "SELECT id, login, name, unit_id, active, session_epoch, last_login_at
                   FROM accounts ORDER BY name, id";
        let mut accounts: Vec<Account> =
            self.db.all(sql, args![]).await?.iter().map(account).collect::<Result<_>>()?;
        let roles = self.db.all("SELECT account_id, role FROM account_roles ORDER BY role", args![]).await?;
        for row in &roles {
            let id: i64 = row.get(0)?;
            if let Some(account) = accounts.iter_mut().find(|account| account.id == id) {
                account.roles.push(row.get(1)?);
            }
        }
        Ok(accounts)
    }

    async fn roles_of(&self, id: i64) -> Result<Vec<String>> {
        let sql = "SELECT role FROM account_roles WHERE account_id = $1 ORDER BY role";
        self.db.all(sql, args![id]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Id and credentials of an active account by login.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn credentials(&self, login: &str) -> Result<Option<(i64, Credentials)>> {
        let sql = "SELECT id, password_hash, totp_sealed, totp_last_step
                   FROM accounts WHERE login = $1 AND active = 1";
        let Some(row) = self.db.first(sql, args![login]).await? else { return Ok(None) };
        let credentials =
            Credentials { password_hash: row.get(1)?, totp_sealed: row.get(2)?, totp_last_step: row.get(3)? };
        Ok(Some((row.get(0)?, credentials)))
    }

    /// Notes a sign-in and uses up the TOTP step; false when that step or a later one was used before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn use_totp_step(&self, id: i64, step: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE accounts SET totp_last_step = $2, last_login_at = $3
                   WHERE id = $1 AND totp_last_step < $2";
        Ok(self.db.run(sql, args![id, step, now]).await? == 1)
    }

    /// Closes or reopens an account; closing ends all its sessions.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_account_active(&self, id: i64, active: bool) -> Result<()> {
        let sql = "UPDATE accounts SET active = $2, session_epoch = session_epoch + 1 WHERE id = $1";
        self.db.run(sql, args![id, active]).await.map(drop)
    }

    /// Keeps an invitation.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_invitation(&self, invitation: &Invitation, now: i64) -> Result<()> {
        let sql = "INSERT INTO invitations (token_hash, login, name, unit_id, roles, invited_by, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let i = invitation;
        let hash = i.token_hash.clone();
        let roles = i.roles.join(" ");
        let args = args![hash, &i.login, &i.name, i.unit_id, roles, i.invited_by, now, i.expires_at];
        self.db.run(sql, args).await.map(drop)
    }

    /// An invitation that is neither used nor expired at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn invitation(&self, token_hash: [u8; 32], now: i64) -> Result<Option<Invitation>> {
        let sql = "SELECT token_hash, login, name, unit_id, roles, invited_by, expires_at FROM invitations
                   WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
        self.db.first(sql, args![token_hash, now]).await?.as_ref().map(invitation).transpose()
    }

    /// Open invitations, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_invitations(&self, now: i64) -> Result<Vec<Invitation>> {
        let sql = "SELECT token_hash, login, name, unit_id, roles, invited_by, expires_at FROM invitations
                   WHERE used_at IS NULL AND expires_at > $1 ORDER BY created_at DESC, token_hash";
        self.db.all(sql, args![now]).await?.iter().map(invitation).collect()
    }

    /// Makes the invited account and uses up the invitation, both or neither; false when it was used meanwhile.
    ///
    /// # Errors
    /// When the login is taken or the database refuses.
    pub async fn accept_invitation(
        &self,
        token_hash: [u8; 32],
        account: &NewAccount,
        now: i64,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE invitations SET used_at = $2
                   WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
        if tx.run(sql, args![token_hash, now]).await? == 0 {
            return Ok(false);
        }
        insert_account(&mut tx, account, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn insert_account(tx: &mut Tx, a: &NewAccount, now: i64) -> Result<()> {
    let sql =
        "INSERT INTO accounts (id, login, name, unit_id, password_hash, totp_sealed, totp_last_step, active,
               session_epoch, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 1, 0, $7)";
    let sealed = a.totp_sealed.clone();
    tx.run(sql, args![a.id, &a.login, &a.name, a.unit_id, &a.password_hash, sealed, now]).await?;
    for role in &a.roles {
        tx.run("INSERT INTO account_roles (account_id, role) VALUES ($1, $2)", args![a.id, role]).await?;
    }
    Ok(())
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        unit_id: row.get(3)?,
        active: row.get(4)?,
        session_epoch: row.get(5)?,
        roles: Vec::new(),
        last_login_at: row.get(6)?,
    })
}

fn invitation(row: &Row) -> Result<Invitation> {
    let roles: String = row.get(4)?;
    Ok(Invitation {
        token_hash: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        unit_id: row.get(3)?,
        roles: roles.split_whitespace().map(str::to_owned).collect(),
        invited_by: row.get(5)?,
        expires_at: row.get(6)?,
    })
}
