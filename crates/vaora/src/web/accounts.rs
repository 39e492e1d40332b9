//! Accounts and invitations, for administrators.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::role::{self, Role};
use minijinja::{Value, context};
use serde::Deserialize;
use store::accounts::Invitation;

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    ids::new_token,
    page::Page,
    web::{
        forms::{self, Errors},
        join,
    },
};

/// Milliseconds for which an invitation stands.
const INVITATION_MS: i64 = 7 * 86_400_000;

/// The invitation form. Roles come as repeated fields, which is why it is read pair by pair.
#[derive(Default)]
struct InviteForm {
    login: String,
    name: String,
    unit_id: String,
    roles: Vec<Role>,
}

impl InviteForm {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (key, value) in pairs {
            match key.as_str() {
                "login" => form.login = value,
                "name" => form.name = value,
                "unit_id" => form.unit_id = value,
                "roles" => form.roles.extend(Role::from_code(&value)),
                _ => {}
            }
        }
        form
    }
}

/// Lists accounts and open invitations, with the form to invite.
///
/// # Errors
/// Not found for all but administrators.
pub async fn list(State(app): State<App>, page: Page) -> Result {
    page.officer()?.require(&[Role::Administrator])?;
    show(&app, &page, &InviteForm::default(), &Errors::default(), None).await
}

async fn show(app: &App, page: &Page, form: &InviteForm, errors: &Errors, link: Option<String>) -> Result {
    let tree = app.tree().await?;
    let labels = |codes: &[String]| {
        let roles = codes.iter().filter_map(|code| Role::from_code(code));
        roles.map(|role| page.t(role.label())).collect::<Vec<_>>().join(", ")
    };
    let accounts: Vec<Value> = app
        .store
        .accounts()
        .await?
        .iter()
        .map(|a| {
            context! {
                id => a.id.to_string(), login => &a.login, name => &a.name, active => a.active,
                unit => tree.name(a.unit_id), roles => labels(&a.roles), last_login_at => a.last_login_at,
                own => page.officer.as_ref().is_some_and(|officer| officer.id == a.id),
            }
        })
        .collect();
    let invitations: Vec<Value> = app
        .store
        .open_invitations(app.now())
        .await?
        .iter()
        .map(|i| {
            context! {
                login => &i.login, name => &i.name, unit => tree.name(i.unit_id), roles => labels(&i.roles),
                expires_at => i.expires_at,
            }
        })
        .collect();
    let units: Vec<Value> = crate::tree::options(&tree, |_| true)
        .into_iter()
        .map(|(id, label)| context! { value => id.to_string(), label })
        .collect();
    let roles: Vec<Value> =
        Role::ALL.iter().map(|r| context! { value => r.code(), label => page.t(r.label()) }).collect();
    let chosen: Vec<&str> = form.roles.iter().map(|role| role.code()).collect();
    let values = context! {
        accounts, invitations, units, roles, link,
        form => context! { login => &form.login, name => &form.name, unit_id => &form.unit_id, roles => chosen },
        errors => errors.view(),
    };
    page.show("accounts.html", values).await
}

/// Makes a one-time link for a new officer. The link is shown once; only its hash is kept.
///
/// # Errors
/// Not found for all but administrators.
pub async fn invite(State(app): State<App>, page: Page, Form(pairs): Form<Vec<(String, String)>>) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Administrator])?;
    let form = InviteForm::read(pairs);
    let tree = app.tree().await?;
    let mut errors = Errors::default();
    let login = join::login_of(&page, &mut errors, &form.login);
    let name = forms::line(&page, &mut errors, "name", &form.name, 80);
    let unit_id = form.unit_id.parse::<i64>().ok().filter(|id| tree.get(*id).is_some());
    if unit_id.is_none() {
        errors.add("unit_id", page.t("Hãy chọn đơn vị."));
    }
    check_roles(&page, &form.roles, &mut errors);
    if app.store.credentials(&login).await?.is_some() {
        errors.add("login", page.t("Tên đăng nhập này đã có người dùng."));
    }
    let Some(unit_id) = unit_id.filter(|_| errors.is_empty()) else {
        return show(&app, &page, &form, &errors, None).await;
    };
    let token = new_token();
    let now = app.now();
    let invitation = Invitation {
        token_hash: join::token_hash(&token).to_vec(),
        login: login.clone(),
        name,
        unit_id,
        roles: form.roles.iter().map(|role| role.code().to_owned()).collect(),
        invited_by: Some(officer.id),
        expires_at: now + INVITATION_MS,
    };
    let scope = format!("invite {login} roles {} unit {}", invitation.roles.join(" "), tree.name(unit_id));
    let act = Act { actor: &officer.login, action: "account.invited", scope, count: 1, ..Act::default() };
    audit::record(&app, act, &[]).await?;
    app.store.add_invitation(&invitation, now).await?;
    let link = format!("{}/join/{token}", app.config.public_url.trim_end_matches('/'));
    show(&app, &page, &InviteForm::default(), &Errors::default(), Some(link)).await
}

fn check_roles(page: &Page, roles: &[Role], errors: &mut Errors) {
    if roles.is_empty() {
        errors.add("roles", page.t("Hãy chọn ít nhất một vai trò."));
    }
    if let Some((a, b)) = role::conflict(roles) {
        let names = [("a", page.t(a.label())), ("b", page.t(b.label()))];
        errors.add("roles", page.tf("Một người không được vừa là {a} vừa là {b}.", &names));
    }
}

/// What to do with an account.
#[derive(Deserialize)]
pub struct ActiveForm {
    active: String,
}

/// Closes or reopens an account.
///
/// # Errors
/// Not found for all but administrators, and for the own account.
pub async fn set_active(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ActiveForm>,
) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Administrator])?;
    let account = app.store.account(id).await?.ok_or(AppError::NotFound)?;
    if account.id == officer.id {
        return Err(AppError::BadRequest("Không thể khóa chính tài khoản đang dùng."));
    }
    let active = form.active == "1";
    let action = if active { "account.opened" } else { "account.closed" };
    let act = Act { actor: &officer.login, action, scope: account.login, count: 1, ..Act::default() };
    audit::record(&app, act, &[]).await?;
    app.store.set_account_active(id, active).await?;
    page.go("/accounts", "good", if active { "Đã mở lại tài khoản." } else { "Đã khóa tài khoản." }).await
}
