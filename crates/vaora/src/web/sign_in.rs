//! Signing in with name, password and one-time password; signing out; choosing a language.

use axum::{
    Form,
    extract::{Query, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use minijinja::context;
use serde::Deserialize;

use crate::{
    app::App,
    auth::{self, password, totp},
    error::{AppError, Result},
    gate::From,
    i18n::Lang,
    page::{LANG_COOKIE, Page, set_cookie},
    web::demo_sign_in,
};

/// Longest login.
const LOGIN_BYTES_MAX: usize = 64;

/// Where to go after signing in.
#[derive(Deserialize, Default)]
pub struct Onward {
    #[serde(default)]
    next: String,
    /// Login to fill in, in the demo.
    #[serde(default, rename = "as")]
    demo_login: String,
}

/// The sign-in form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignInForm {
    login: String,
    password: String,
    code: String,
    next: String,
}

/// Shows the form.
///
/// # Errors
/// When the page cannot be made.
pub async fn form(State(app): State<App>, page: Page, Query(query): Query<Onward>) -> Result {
    if page.officer.is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let filled = demo_sign_in::filled(&app, &query.demo_login).await?;
    show(&app, &page, &query.next, filled, "").await
}

async fn show(
    app: &App,
    page: &Page,
    next: &str,
    filled: Option<demo_sign_in::Filled>,
    error: &str,
) -> Result {
    let demo_logins = demo_sign_in::list(app, page).await?;
    let filled = filled.unwrap_or_default();
    let values = context! {
        next, error, demo_logins,
        login => filled.login, password => filled.password, code => filled.code,
    };
    page.show("sign_in.html", values).await
}

/// Checks the form and signs in. A wrong name, password and code are told alike.
///
/// # Errors
/// When too many tries were made, or the store fails.
pub async fn submit(
    State(app): State<App>,
    page: Page,
    From(peer): From,
    Form(form): Form<SignInForm>,
) -> Result {
    let login = form.login.trim().to_lowercase();
    if login.len() > LOGIN_BYTES_MAX {
        return Err(AppError::BadRequest("Tên đăng nhập quá dài."));
    }
    app.limits.network(peer)?;
    app.limits.sign_in(&login, peer)?;
    match check(&app, &login, form.password, &form.code).await? {
        Some(account_id) => {
            auth::sign_in(&app, page.session(), account_id).await?;
            let local =
                form.next.starts_with('/') && !form.next.starts_with("//") && !form.next.contains('\\');
            Ok(Redirect::to(if local { &form.next } else { "/" }).into_response())
        }
        None => {
            let error = page.t("Tên đăng nhập, mật khẩu hoặc mã xác thực chưa đúng. Mã xác thực chỉ dùng được một lần; hãy đợi mã mới rồi thử lại.");
            let filled = demo_sign_in::Filled { login, ..Default::default() };
            show(&app, &page, &form.next, Some(filled), &error).await
        }
    }
}

async fn check(app: &App, login: &str, password: String, code: &str) -> Result<Option<i64>> {
    let found = app.store.credentials(login).await?;
    let hash = found.as_ref().map(|(_, credentials)| credentials.password_hash.clone());
    let right = password::verify(password, hash).await?;
    let Some((account_id, credentials)) = found.filter(|_| right) else { return Ok(None) };
    let secret = totp::open_secret(&app.keyfile.contact_key, account_id, &credentials.totp_sealed)?;
    let now = app.now();
    let now_s = u64::try_from(now / 1000).unwrap_or(0);
    let Some(step) = totp::check(&secret, code, now_s)? else { return Ok(None) };
    // A code that somebody looked at over the shoulder is worth nothing once it was used.
    Ok(app.store.use_totp_step(account_id, step, now).await?.then_some(account_id))
}

/// Signs out, ending the session on the server.
///
/// # Errors
/// When the session cannot be ended.
pub async fn sign_out(page: Page) -> Result {
    page.session().flush().await?;
    Ok(Redirect::to("/").into_response())
}

/// A language asked for in an address.
#[derive(Deserialize)]
struct Wanted {
    lang: Option<String>,
}

/// Keeps a language asked for with `?lang=` and goes on to the same page.
pub async fn choose_language(State(app): State<App>, request: Request, next: Next) -> Response {
    let wanted = Query::<Wanted>::try_from_uri(request.uri()).ok().and_then(|query| query.0.lang);
    let Some(lang) = wanted.as_deref().and_then(Lang::from_code).filter(|_| request.method() == Method::GET)
    else {
        return next.run(request).await;
    };
    let rest: Vec<&str> = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.starts_with("lang="))
        .collect();
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    let mut answer = Redirect::to(&format!("{}{query}", request.uri().path())).into_response();
    set_cookie(&app, &mut answer, LANG_COOKIE, lang.code(), "/", 365 * 86_400);
    answer
}
