//! Gates and screens: enrolled devices, what they need to work offline, and what they tell of themselves.

pub mod heard;
pub mod kit;
pub mod page;
pub mod state;
pub mod worker;

use std::net::IpAddr;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use store::gates::Gate;

use crate::{
    app::App,
    error::{AppError, Result},
    page::cookie,
    server::Peer,
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
        let token = presented(&app, parts)?;
        let gate = app.store.gate_by_token(token).await?.ok_or(AppError::SignIn)?;
        let area_id = u32::try_from(gate.area_id)?;
        Ok(Self { gate, area_id })
    }
}

/// An enrolled device, even one that was revoked since: it may still hand in what it captured.
pub struct AnyDevice(pub Gate);

impl<S> FromRequestParts<S> for AnyDevice
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let app = App::from_ref(state);
        let token = presented(&app, parts)?;
        let gate = app.store.gate_by_any_token(token).await?.ok_or(AppError::SignIn)?;
        Ok(Self(gate))
    }
}

/// Hash of the token that a request presents.
fn presented(app: &App, parts: &Parts) -> Result<[u8; 32]> {
    cookie(&parts.headers, GATE_COOKIE).map(|token| hash(app, &token)).ok_or(AppError::SignIn)
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
