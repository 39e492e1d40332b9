//! Gates on a place's page: made with a one-time enrolment code, listed, revoked.

use axum::{
    Form,
    extract::{Path, State},
};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::{
    app::App,
    error::{AppError, Result},
    gate::hash,
    ids::{new_id, new_typed_code, normalise_typed_code},
    limits::GATES_MAX,
    page::Page,
    web::{
        devices,
        forms::{self, Errors},
        place_edit,
    },
};

/// Milliseconds for which an enrolment code stands.
const ENROL_MS: i64 = 30 * 60_000;

/// Gates of a place, for its page.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, place_id: i64) -> Result<Vec<Value>> {
    let areas = app.store.areas_of_place(place_id).await?;
    let now = app.now();
    Ok(app
        .store
        .gates_of_place(place_id)
        .await?
        .into_iter()
        .map(|gate| {
            let area = areas.iter().find(|area| area.id == gate.area_id).map(|area| area.name.clone());
            let state = match (gate.revoked_at, gate.enrolled_at) {
                (Some(_), _) => "revoked",
                (None, Some(_)) => "enrolled",
                (None, None) if gate.enrol_expires_at > now => "waiting",
                (None, None) => "expired",
            };
            context! {
                id => gate.id.to_string(), area, state, last_seen_at => gate.last_seen_at,
                device => gate.device_name.clone(), left => gate.left_count, oldest_at => gate.left_oldest_at,
                troubles => devices::facts(&gate, now).troubles, is_screen => gate.kind == "screen",
                name => gate.name,
            }
        })
        .collect())
}

/// The form of a new gate.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GateForm {
    gate_name: String,
    area_id: String,
    /// `gate` or `screen`.
    kind: String,
}

/// Makes a gate and shows its enrolment code once.
///
/// # Errors
/// Not found when the place is not the viewer's or was not approved.
pub async fn add(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<GateForm>,
) -> Result {
    let (viewer, place) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    if place.state != "approved" {
        return Err(AppError::NotFound);
    }
    let mut errors = Errors::default();
    let name = forms::line(&page, &mut errors, "gate_name", &form.gate_name, 60);
    let areas = app.store.areas_of_place(id).await?;
    let area = areas.iter().find(|area| area.id.to_string() == form.area_id).or(areas.first());
    if app.store.gates_of_place(id).await?.len() >= GATES_MAX {
        errors.add("gate_name", page.t("Mỗi địa điểm có tối đa 50 cổng."));
    }
    let Some(area) = area.filter(|_| errors.is_empty()) else {
        return place_edit::render(&app, &page, &viewer, &place, &errors, "", None).await;
    };
    let code = new_typed_code();
    let now = app.now();
    let enrol_hash = hash(&app, &normalise_typed_code(&code));
    let gate_id = new_id();
    app.store.add_gate(gate_id, area.id, &name, enrol_hash, now + ENROL_MS, now).await?;
    if form.kind == "screen" {
        app.store.set_gate_kind(gate_id, "screen").await?;
    }
    let address = format!("{}/gate/enrol", app.config.public_url.trim_end_matches('/'));
    let enrol = context! { code, name, address, minutes => ENROL_MS / 60_000 };
    place_edit::render(&app, &page, &viewer, &place, &Errors::default(), "", Some(enrol)).await
}

/// Revokes a gate: its device can post no more.
///
/// # Errors
/// Not found when the gate is not of a place of the viewer's.
pub async fn revoke(State(app): State<App>, page: Page, Path((id, gate)): Path<(i64, i64)>) -> Result {
    let (viewer, _) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    if !app.store.revoke_gate(gate, id, app.now()).await? {
        return Err(AppError::NotFound);
    }
    page.go(&format!("{}/{id}", viewer.base()), "good", "Đã thu hồi máy của cổng.").await
}
