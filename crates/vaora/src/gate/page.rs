//! Pages of an enrolled device: the gate, the screen, and enrolment by a one-time code.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect},
};
use minijinja::context;
use serde::Deserialize;

use super::{DEVICE_S, Device, From, GATE_COOKIE, hash};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::{new_token, normalise_typed_code},
    page::{Page, set_cookie},
    tree::address_of,
};

/// Longest name of a device, in characters.
const DEVICE_NAME_CHARS_MAX: usize = 60;

/// The device of a request; none where it has to be enrolled first.
fn enrolled(device: std::result::Result<Device, AppError>) -> Result<Option<Device>> {
    match device {
        Ok(device) => Ok(Some(device)),
        Err(AppError::SignIn) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The screen's page: a code that changes every half minute, and the word of the minute.
///
/// # Errors
/// When the page cannot be made.
pub async fn screen(
    State(app): State<App>,
    page: Page,
    device: std::result::Result<Device, AppError>,
) -> Result {
    let Some(device) = enrolled(device)? else { return Ok(Redirect::to("/gate/enrol").into_response()) };
    let area = app.store.area(device.gate.area_id).await?.ok_or(AppError::NotFound)?;
    let place = app.store.place(area.place_id).await?.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    let values = context! {
        place_name => place.name, area_name => area.name, commune => address_of(&tree, place.unit_id),
    };
    Ok(page.html("screen.html", values)?.into_response())
}

/// The gate's page; a device that is not enrolled is asked for its code.
///
/// # Errors
/// When the page cannot be made.
pub async fn show(
    State(app): State<App>,
    page: Page,
    device: std::result::Result<Device, AppError>,
) -> Result {
    let Some(device) = enrolled(device)? else { return Ok(Redirect::to("/gate/enrol").into_response()) };
    if device.gate.kind == "screen" {
        return Ok(Redirect::to("/screen").into_response());
    }
    let area = app.store.area(device.gate.area_id).await?.ok_or(AppError::NotFound)?;
    let place = app.store.place(area.place_id).await?.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    let values = context! {
        gate => context! {
            name => device.gate.name, place_name => place.name, area_name => area.name,
            commune => address_of(&tree, place.unit_id),
        },
    };
    Ok(page.html("gate.html", values)?.into_response())
}

/// Asks for the one-time enrolment code.
///
/// # Errors
/// When the page cannot be made.
pub async fn enrol_form(page: Page) -> Result {
    Ok(page
        .html(
            "gate_enrol.html",
            context! { errors => context! {}, form => context! { code => "", device_name => "" } },
        )?
        .into_response())
}

/// The enrolment form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EnrolForm {
    code: String,
    device_name: String,
}

/// Uses up an enrolment code and makes this browser the gate's device.
///
/// # Errors
/// When too many codes were tried from one network.
pub async fn enrol(
    State(app): State<App>,
    page: Page,
    From(peer): From,
    Form(form): Form<EnrolForm>,
) -> Result {
    app.limits.network(peer)?;
    let code = normalise_typed_code(&form.code);
    let token = new_token();
    let device_name: String = form.device_name.trim().chars().take(DEVICE_NAME_CHARS_MAX).collect();
    let enrolled =
        app.store.enrol_gate(hash(&app, &code), hash(&app, &token), device_name.trim(), app.now()).await?;
    if enrolled.is_none() {
        let error =
            page.t("Mã gắn máy chưa đúng, đã dùng hoặc đã hết hạn. Hãy xin người quản lý địa điểm mã mới.");
        let values = context! {
            errors => context! { code => error },
            form => context! { code => form.code, device_name => form.device_name },
        };
        return Ok(page.html("gate_enrol.html", values)?.into_response());
    }
    let mut answer = Redirect::to("/gate").into_response();
    set_cookie(&app, &mut answer, GATE_COOKIE, &token, "/", DEVICE_S);
    Ok(answer)
}
