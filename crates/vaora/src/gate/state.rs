//! What all gates of a place share while they are online: how many are inside, and today's figures.

use axum::{Json, extract::State};
use domain::time::{day_number, day_start};
use serde::Serialize;
use store::gates::Gate;
use utoipa::ToSchema;

use crate::{app::App, error::Result, gate::Device};

/// A place at this moment, as its gates show it. Names nobody.
#[derive(Serialize, ToSchema)]
pub struct GateState {
    /// Server's clock, in milliseconds since 1970.
    pub server_time: i64,
    /// People inside the whole place, by scans in and out of today.
    pub inside: i64,
    /// Most people that the place holds.
    pub capacity: Option<i64>,
    /// Scans in at this gate's area today.
    pub in_today: i64,
    /// Scans out at this gate's area today.
    pub out_today: i64,
    /// When the owner last sent everybody home today.
    pub closed_at: Option<i64>,
    /// True once the device was revoked: it goes on to hand in what it holds and captures nothing more.
    pub revoked: bool,
}

impl GateState {
    /// The state of a gate's place.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn of(app: &App, gate: &Gate) -> Result<Self> {
        if gate.revoked_at.is_some() {
            // It may hand in what it holds and is told nothing more.
            return Ok(Self {
                server_time: app.now(),
                inside: 0,
                capacity: None,
                in_today: 0,
                out_today: 0,
                closed_at: None,
                revoked: true,
            });
        }
        let now = app.store.place_now(gate.area_id, day_start(app.clock.today())).await?;
        let today = day_number(app.clock.today());
        let (in_today, out_today) = app.counters.today(u32::try_from(gate.area_id)?, today);
        let inside = sum(app, &now.areas)? - now.closing.map_or(0, |(_, balance)| balance);
        Ok(Self {
            server_time: app.now(),
            inside: inside.max(0),
            capacity: now.capacity,
            in_today,
            out_today,
            closed_at: now.closing.map(|(at, _)| at),
            revoked: false,
        })
    }
}

/// By how many a place's scans in exceed its scans out today.
///
/// # Errors
/// When the store refuses.
pub async fn balance(app: &App, place_id: i64) -> Result<i64> {
    let areas: Vec<i64> = app.store.areas_of_place(place_id).await?.into_iter().map(|area| area.id).collect();
    sum(app, &areas)
}

/// Scans in less scans out today, of several areas.
fn sum(app: &App, areas: &[i64]) -> Result<i64> {
    let today = day_number(app.clock.today());
    let mut sum = 0;
    for area in areas {
        let (came, left) = app.counters.today(u32::try_from(*area)?, today);
        sum += came - left;
    }
    Ok(sum)
}

/// Answers an enrolled device.
///
/// # Errors
/// When the store refuses.
pub async fn show(State(app): State<App>, device: Device) -> Result<Json<GateState>> {
    Ok(Json(GateState::of(&app, &device.gate).await?))
}
