//! Gates: the page of an enrolled device. Online only so far.

use std::net::IpAddr;

use axum::{
    Form,
    extract::{FromRef, FromRequestParts, State},
    http::request::Parts,
    response::{IntoResponse, Redirect},
};
use domain::time::day_number;
use minijinja::context;
use serde::Deserialize;
use store::gates::Gate;

use crate::{
    app::App,
    error::{AppError, Result},
    ids::{new_token, normalise_typed_code},
    page::{Page, cookie, set_cookie},
    server::Peer,
    tree::address_of,
};

/// Cookie that holds a device's token.
const GATE_COOKIE: &str = "vaora_gate";
/// Seconds for which a device stays enrolled without being seen (its token is renewed by enrolment only).
const DEVICE_S: i64 = 365 * 86_400;
/// Milliseconds after which a device's last sight is written again.
const TOUCH_MS: i64 = 60_000;

/// An enrolled device that made the request.
pub struct Device {
    /// Its gate.
    pub gate: Gate,
    /// The gate's area.
    pub area_id: u32,
}

impl<S> FromRequestParts<S> for Device
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let app = App::from_ref(state);
        let token = cookie(&parts.headers, GATE_COOKIE).ok_or(AppError::SignIn)?;
        let gate = app.store.gate_by_token(hash(&app, &token)).await?.ok_or(AppError::SignIn)?;
        let area_id = u32::try_from(gate.area_id)?;
        Ok(Self { gate, area_id })
    }
}

/// Address of the client: of the other end, or, behind a proxy on this machine, the last one it forwarded for.
/// Loopback where the accept loop did not say (tests).
pub struct From(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
        let forwarded = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let client = forwarded.and_then(|chain| chain.rsplit(',').next()?.trim().parse().ok());
        // Only a proxy on this machine is believed; anybody else could write what he likes.
        Ok(Self(client.filter(|_| peer.is_loopback()).unwrap_or(peer)))
    }
}

/// Keyed hash of a device token or enrolment code, as kept.
#[must_use]
pub fn hash(app: &App, secret: &str) -> [u8; 32] {
    app.keyfile.session_key.mac("gate device v1", secret.as_bytes())
}

/// Notes that the device spoke, at most once a minute.
pub async fn touch(app: &App, device: &Device) {
    let now = app.now();
    if device.gate.last_seen_at.is_none_or(|seen| now - seen > TOUCH_MS)
        && let Err(error) = app.store.touch_gate(device.gate.id, now).await
    {
        tracing::warn!(%error, "a gate's last sight was not noted");
    }
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
    let device = match device {
        Ok(device) => device,
        Err(AppError::SignIn) => return Ok(Redirect::to("/gate/enrol").into_response()),
        Err(error) => return Err(error),
    };
    let area = app.store.area(device.gate.area_id).await?.ok_or(AppError::NotFound)?;
    let place = app.store.place(area.place_id).await?.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    let (count_in, count_out) = app.counters.today(device.area_id, day_number(app.clock.today()));
    let values = context! {
        gate => context! {
            name => device.gate.name, place_name => place.name, area_name => area.name,
            commune => address_of(&tree, place.unit_id), in_today => count_in, out_today => count_out,
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
    let enrolled = app.store.enrol_gate(hash(&app, &code), hash(&app, &token), app.now()).await?;
    if enrolled.is_none() {
        let error =
            page.t("Mã ghi danh chưa đúng, đã dùng hoặc đã hết hạn. Hãy tạo mã mới ở trang địa điểm.");
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
