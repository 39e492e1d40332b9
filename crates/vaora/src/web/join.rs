//! Becoming an officer: by a one-time invitation, or as the first administrator at set-up. Both choose a
//! password and prove an authenticator app before the account exists.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::role::Role;
use minijinja::context;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use store::{
    accounts::{Invitation, NewAccount},
    is_unique_violation,
};
use tokio::sync::Mutex;

use crate::{
    app::App,
    audit::{self, Act},
    auth::{password, totp},
    error::{AppError, Result},
    page::Page,
    web::forms::{self, Errors},
};

/// Hash of the set-up token while no account exists.
#[derive(Default)]
pub struct SetupToken(pub Mutex<Option<[u8; 32]>>);

/// Hash of a one-time token, as kept.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.trim().as_bytes()).into()
}

/// The form of a new officer.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct JoinForm {
    name: String,
    login: String,
    password: String,
    password_again: String,
    secret: String,
    code: String,
}

/// An invitation, or the set-up, as the page needs it.
struct Way {
    invitation: Option<Invitation>,
    hash: [u8; 32],
}

async fn way(app: &App, token: &str) -> Result<Way> {
    let hash = token_hash(token);
    if app.setup.0.lock().await.as_ref() == Some(&hash) {
        return Ok(Way { invitation: None, hash });
    }
    let invitation = app.store.invitation(hash, app.now()).await?;
    match invitation {
        Some(invitation) => Ok(Way { invitation: Some(invitation), hash }),
        None => Err(AppError::NotFound),
    }
}

/// Shows the form with a fresh authenticator secret.
///
/// # Errors
/// Not found when the link is used, expired or wrong.
pub async fn form(State(app): State<App>, page: Page, Path(token): Path<String>) -> Result {
    let way = way(&app, &token).await?;
    let form = JoinForm { secret: totp::typed(&totp::new_secret()), ..JoinForm::default() };
    show(&page, &way, &token, &form, &Errors::default()).await
}

async fn show(page: &Page, way: &Way, token: &str, form: &JoinForm, errors: &Errors) -> Result {
    let login = way.invitation.as_ref().map_or(form.login.as_str(), |invitation| invitation.login.as_str());
    let secret = data_encoding::BASE32_NOPAD.decode(form.secret.as_bytes()).unwrap_or_default();
    let shown = if login.is_empty() { "admin" } else { login };
    let qr = documents::qr_svg(&totp::address(&secret, shown)?)?;
    let values = context! {
        token, qr,
        setup => way.invitation.is_none(),
        name => way.invitation.as_ref().map_or(form.name.as_str(), |invitation| invitation.name.as_str()),
        login,
        secret => &form.secret,
        secret_grouped => form.secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect::<Vec<_>>().join(" "),
        password_min => password::PASSWORD_CHARS_MIN,
        errors => errors.view(),
    };
    page.show("join.html", values).await
}

/// Makes the account when everything is right.
///
/// # Errors
/// Not found when the link is used, expired or wrong.
pub async fn submit(
    State(app): State<App>,
    page: Page,
    Path(token): Path<String>,
    Form(form): Form<JoinForm>,
) -> Result {
    let way = way(&app, &token).await?;
    let mut errors = Errors::default();
    let (name, login) = who(&page, &way, &form, &mut errors);
    check_password(&page, &form, &mut errors);
    let secret =
        data_encoding::BASE32_NOPAD.decode(form.secret.as_bytes()).ok().filter(|bytes| bytes.len() == 20);
    let secret = secret.ok_or(AppError::BadRequest("Trang đã cũ. Hãy mở lại đường dẫn mời."))?;
    let now_s = u64::try_from(app.now() / 1000).unwrap_or(0);
    if totp::check(&secret, &form.code, now_s)?.is_none() {
        errors.add(
            "code",
            page.t("Mã chưa đúng. Hãy quét mã QR bằng ứng dụng xác thực rồi nhập 6 số đang hiện."),
        );
    }
    if !errors.is_empty() {
        return show(&page, &way, &token, &form, &errors).await;
    }
    let (id, totp_sealed) = totp::for_new_account(&app.keyfile.contact_key, &secret)?;
    let (unit_id, roles) = post(&app, &way).await?;
    let password_hash = password::hash(form.password.clone()).await?;
    let account = NewAccount { id, login, name, unit_id, password_hash, totp_sealed, roles };
    if !keep(&app, &way, &account).await? {
        errors.add("login", page.t("Tên đăng nhập này đã có người dùng."));
        return show(&page, &way, &token, &form, &errors).await;
    }
    *app.setup.0.lock().await = None;
    let scope = format!("account {} roles {}", account.login, account.roles.join(" "));
    let act = Act { actor: &account.login, action: "account.made", scope, count: 1, ..Act::default() };
    audit::record(&app, act, &[]).await?;
    page.go("/login", "good", "Đã tạo tài khoản. Hãy đăng nhập.").await
}

fn who(page: &Page, way: &Way, form: &JoinForm, errors: &mut Errors) -> (String, String) {
    if let Some(invitation) = &way.invitation {
        return (invitation.name.clone(), invitation.login.clone());
    }
    let name = forms::line(page, errors, "name", &form.name, 80);
    (name, login_of(page, errors, &form.login))
}

/// A login from a field: lower-case letters, digits, dot, hyphen and underscore.
pub fn login_of(page: &Page, errors: &mut Errors, text: &str) -> String {
    let login = text.trim().to_lowercase();
    let plain = login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b));
    if !(3..=64).contains(&login.len()) || !plain {
        errors.add(
            "login",
            page.t("Tên đăng nhập gồm 3 đến 64 chữ không dấu, chữ số, dấu chấm, gạch nối hoặc @."),
        );
    }
    login
}

fn check_password(page: &Page, form: &JoinForm, errors: &mut Errors) {
    let length = form.password.chars().count();
    if length < password::PASSWORD_CHARS_MIN {
        let min = password::PASSWORD_CHARS_MIN.to_string();
        errors.add(
            "password",
            page.tf("Mật khẩu cần ít nhất {min} ký tự; một câu ngắn dễ nhớ là tốt nhất.", &[("min", min)]),
        );
    } else if length > password::PASSWORD_CHARS_MAX {
        errors.add("password", page.t("Mật khẩu quá dài."));
    } else if form.password != form.password_again {
        errors.add("password_again", page.t("Hai lần nhập mật khẩu chưa giống nhau."));
    }
}

async fn post(app: &App, way: &Way) -> Result<(i64, Vec<String>)> {
    if let Some(invitation) = &way.invitation {
        return Ok((invitation.unit_id, invitation.roles.clone()));
    }
    let tree = app.tree().await?;
    let top = tree
        .tops()
        .next()
        .ok_or(AppError::Unavailable("Chưa có đơn vị nào. Hãy chạy vaora units import trước."))?;
    Ok((top.id, vec![Role::Administrator.code().to_owned()]))
}

async fn keep(app: &App, way: &Way, account: &NewAccount) -> Result<bool> {
    let now = app.now();
    let kept = match way.invitation {
        None => app.store.add_first_account(account, now).await.map(|()| true),
        Some(_) => app.store.accept_invitation(way.hash, account, now).await,
    };
    match kept {
        Ok(true) => Ok(true),
        Ok(false) => Err(AppError::NotFound),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
