//! What a gate's device needs to work a week without the network: keys to seal and to check with, revoked
//! cards, words of the minute, and the place it stands at.

use axum::{Json, extract::State};
use data_encoding::BASE64URL_NOPAD;
use domain::{moment::WORDS, time::day_number};
use seal::moment::MomentKey;
use serde::Serialize;

use crate::{
    app::App,
    cards::{CARD_KEY_ID, PHONE_KEY_ID},
    error::{AppError, Result},
    gate::{Device, state::GateState},
    tree::address_of,
};

/// Days, from yesterday on, for which a device gets keys of the moment: a week offline, and both its ends.
const MOMENT_DAYS: i64 = 9;

/// The kit.
#[derive(Serialize)]
pub struct Kit {
    /// Id of this enrolment: stands in each sealed scan.
    device: String,
    /// `gate` or `screen`.
    kind: String,
    gate: String,
    place: String,
    area: String,
    commune: String,
    /// The area's id and its code in force, for a screen.
    area_id: i64,
    code: Option<String>,
    /// Scheme and host of posters and cards.
    base_url: String,
    /// Public half of the ingest key, uncompressed, base64url.
    ingest_key: String,
    /// Public halves that sign cards, by their number.
    card_keys: std::collections::BTreeMap<u8, String>,
    /// Numbers of revoked cards, 8 bytes each, ascending, base64url.
    revoked_cards: String,
    /// Keys of the moment by local day number.
    moment_keys: std::collections::BTreeMap<i64, String>,
    /// The words that a minute's word is chosen from.
    words: &'static [&'static str],
    opens_at: Option<String>,
    closes_at: Option<String>,
    state: GateState,
}

/// Hands the kit to an enrolled device.
///
/// # Errors
/// Sign-in for others.
pub async fn show(State(app): State<App>, device: Device) -> Result<Json<Kit>> {
    let gate = &device.gate;
    let area = app.store.area(gate.area_id).await?.ok_or(AppError::NotFound)?;
    let place = app.store.place(area.place_id).await?.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    let hours = app.store.place_hours(place.id).await?;
    let points = app.store.points_of_place(place.id).await?;
    let code = points.iter().find(|p| p.point.area_id == gate.area_id && p.point.retired_at.is_none());
    let yesterday = day_number(app.clock.today()) - 1;
    let key =
        |day| BASE64URL_NOPAD.encode(MomentKey::derive(&app.keyfile.session_key, place.id, day).expose());
    crate::gate::touch(&app, &device).await;
    Ok(Json(Kit {
        device: gate.id.to_string(),
        kind: gate.kind.clone(),
        gate: gate.name.clone(),
        commune: address_of(&tree, place.unit_id),
        place: place.name,
        area: area.name,
        area_id: gate.area_id,
        code: code.map(|p| p.point.code.clone()),
        base_url: app.config.public_url.trim_end_matches('/').to_owned(),
        ingest_key: BASE64URL_NOPAD.encode(&app.keyfile.ingest_key.public.to_bytes()),
        card_keys: [CARD_KEY_ID, PHONE_KEY_ID]
            .map(|id| (id, BASE64URL_NOPAD.encode(&app.keyfile.card_signing_key.verify_key().to_bytes())))
            .into(),
        revoked_cards: BASE64URL_NOPAD.encode(&app.cards.numbers()),
        moment_keys: (yesterday..yesterday + MOMENT_DAYS).map(|day| (day, key(day))).collect(),
        words: &WORDS,
        opens_at: hours.opens_at,
        closes_at: hours.closes_at,
        state: GateState::of(&app, gate).await?,
    }))
}
