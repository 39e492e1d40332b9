//! Owners of places: proving a phone by a one-time code, and the list of one's places.

use std::collections::HashMap;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect},
};
use data_encoding::{BASE64, HEXLOWER};
use domain::phone::Phone;
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::{
    app::App,
    error::{AppError, Result},
    gate::From,
    ids::new_six_digits,
    intake::identity::owner_index,
    page::Page,
    sms::Sent,
    web::forms::{self, Errors},
};

/// Session key of a phone that was proved.
const OWNER: &str = "owner";
/// Session key of a phone that waits for its code, sealed.
const PROVING: &str = "proving";
const LABEL: &str = "owner phone v1";
/// Milliseconds for which a one-time code stands.
const CODE_MS: i64 = 10 * 60_000;
/// Tries at one code.
const TRIES_MAX: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Proved {
    index: String,
    phone_sealed: String,
}

/// The owner at the keyboard: a phone that was proved in this session.
pub struct Owner {
    /// Blind index of the phone.
    pub index: [u8; 16],
    /// The phone.
    pub phone: Phone,
}

/// The session's owner, if a phone was proved.
///
/// # Errors
/// When the session fails.
pub async fn current(app: &App, session: &Session) -> Result<Option<Owner>> {
    let Some(proved) = session.get::<Proved>(OWNER).await? else { return Ok(None) };
    let index = HEXLOWER.decode(proved.index.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let Some(phone) = open_phone(app, &proved.phone_sealed) else { return Ok(None) };
    Ok(index.map(|index| Owner { index, phone }))
}

/// The session's owner; others are sent to prove a phone.
///
/// # Errors
/// [`AppError::NotFound`] when no phone was proved: what is not one's own does not exist.
pub async fn require(app: &App, page: &Page) -> Result<Owner> {
    current(app, page.session()).await?.ok_or(AppError::NotFound)
}

fn seal_phone(app: &App, phone: &Phone) -> Result<String> {
    let sealed = app.keyfile.session_key.seal(LABEL, &[], phone.e164().as_bytes(), &mut rand::rng())?;
    Ok(BASE64.encode(&sealed))
}

fn open_phone(app: &App, sealed: &str) -> Option<Phone> {
    let sealed = BASE64.decode(sealed.as_bytes()).ok()?;
    let opened = app.keyfile.session_key.open(LABEL, &[], &sealed).ok()?;
    Phone::parse(std::str::from_utf8(&opened).ok()?).ok()
}

/// Asks for the phone, or goes on to the list.
///
/// # Errors
/// When the page cannot be made.
pub async fn start(State(app): State<App>, page: Page) -> Result {
    if current(&app, page.session()).await?.is_some() {
        return Ok(Redirect::to("/owner/places").into_response());
    }
    page.show("owner_phone.html", context! { phone => "", errors => context! {} }).await
}

/// The phone form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PhoneForm {
    phone: String,
}

/// Sends a one-time code and asks for it.
///
/// # Errors
/// When too many codes were asked for, or the gateway is away.
pub async fn send_code(
    State(app): State<App>,
    page: Page,
    From(peer): From,
    Form(form): Form<PhoneForm>,
) -> Result {
    let mut errors = Errors::default();
    let Some(phone) = forms::phone(&page, &mut errors, "phone", &form.phone) else {
        return page
            .show("owner_phone.html", context! { phone => form.phone, errors => errors.view() })
            .await;
    };
    let index = owner_index(&app.keyfile.index_key, &phone);
    app.limits.network(peer)?;
    app.limits.phone(index)?;
    let code = new_six_digits();
    let now = app.now();
    app.store.put_phone_proof(index, code_hash(&app, &code), now, now + CODE_MS).await?;
    let text = page.tf(
        "Ma xac thuc Vao Ra cua ban la {code}, dung trong 10 phut. Khong dua ma nay cho ai.",
        &[("code", code.clone())],
    );
    match app.sender.send(&phone, text, &code).await {
        Ok(Sent::OnItsWay) => {}
        Ok(Sent::ShowOnScreen(code)) => {
            let text = page.tf("Bản trình diễn không gửi tin nhắn. Mã của bạn là {code}.", &[("code", code)]);
            page.flash_text("warn", text).await?;
        }
        Ok(Sent::NoGateway) => {
            return Err(AppError::Unavailable(
                "Chưa cài cổng gửi tin nhắn nên chưa xác thực được số điện thoại. Hãy báo đơn vị quản trị.",
            ));
        }
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a one-time code was not sent");
            return Err(AppError::Unavailable("Chưa gửi được tin nhắn. Hãy thử lại sau ít phút."));
        }
    }
    page.session().insert(PROVING, seal_phone(&app, &phone)?).await?;
    Ok(Redirect::to("/owner/code").into_response())
}

fn code_hash(app: &App, code: &str) -> [u8; 32] {
    app.keyfile.session_key.mac("phone code v1", code.as_bytes())
}

/// Asks for the code.
///
/// # Errors
/// When the page cannot be made.
pub async fn code_form(State(app): State<App>, page: Page) -> Result {
    let Some(phone) = proving(&app, &page).await? else { return Ok(Redirect::to("/owner").into_response()) };
    page.show("owner_code.html", context! { phone => phone.masked(), errors => context! {} }).await
}

async fn proving(app: &App, page: &Page) -> Result<Option<Phone>> {
    let sealed = page.session().get::<String>(PROVING).await?;
    Ok(sealed.and_then(|sealed| open_phone(app, &sealed)))
}

/// The code form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CodeForm {
    code: String,
}

/// Checks the code and opens the owner's list.
///
/// # Errors
/// When the store fails.
pub async fn check_code(
    State(app): State<App>,
    page: Page,
    From(peer): From,
    Form(form): Form<CodeForm>,
) -> Result {
    app.limits.network(peer)?;
    let Some(phone) = proving(&app, &page).await? else { return Ok(Redirect::to("/owner").into_response()) };
    let index = owner_index(&app.keyfile.index_key, &phone);
    let digits: String = form.code.chars().filter(char::is_ascii_digit).collect();
    let wanted = app.store.try_phone_proof(index, app.now()).await?;
    let right = wanted.is_some_and(|(hash, tries)| {
        tries <= TRIES_MAX && app.keyfile.session_key.mac_is("phone code v1", digits.as_bytes(), &hash)
    });
    if !right {
        let error = page.t("Mã chưa đúng hoặc đã hết hạn. Hãy kiểm tra tin nhắn mới nhất, hoặc xin mã khác.");
        let values = context! { phone => phone.masked(), errors => context! { code => error } };
        return page.show("owner_code.html", values).await;
    }
    app.store.delete_phone_proof(index).await?;
    page.session().cycle_id().await?;
    page.session().remove::<String>(PROVING).await?;
    let proved = Proved { index: HEXLOWER.encode(&index), phone_sealed: seal_phone(&app, &phone)? };
    page.session().insert(OWNER, proved).await?;
    Ok(Redirect::to("/owner/places").into_response())
}

/// The owner's places.
///
/// # Errors
/// When the store fails.
pub async fn places(State(app): State<App>, page: Page) -> Result {
    let Some(owner) = current(&app, page.session()).await? else {
        return Ok(Redirect::to("/owner").into_response());
    };
    let tree = app.tree().await?;
    let suspended = app.store.suspended_places().await?;
    let unread: HashMap<i64, i64> = app.store.unread_of_owner(owner.index).await?.into_iter().collect();
    let places: Vec<Value> = app
        .store
        .places_of_owner(owner.index)
        .await?
        .into_iter()
        .map(|place| {
            context! {
                id => place.id.to_string(), name => place.name, commune => tree.name(place.unit_id),
                state => place.state, registered_at => place.registered_at,
                suspended => suspended.contains(&place.id), unread => unread.get(&place.id).copied().unwrap_or(0),
            }
        })
        .collect();
    page.show("owner_places.html", context! { places, phone => owner.phone.display() }).await
}
