//! The devices at gates of a unit: when each was last seen, what it still holds, gaps and doubles in its
//! sequence; and what revoked devices handed in, for the commune to decide.

use axum::{
    Form,
    extract::{Path, Query, State},
};
use domain::sequence::Sequences;
use minijinja::{Value, context};
use serde::Deserialize;
use store::{gates::Gate, quarantine::Quarantined};
use uuid::Uuid;

use crate::{
    api::scans::keep_all,
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    intake::{
        CheckIn, Source,
        sealed::open_sealed,
        weigh::{At, Weighed, weigh},
    },
    limits::QUARANTINE_MAX,
    page::Page,
    web::office::Office,
};

/// Milliseconds without a word after which a device counts as out of sight.
const QUIET_MS: i64 = 24 * 3_600_000;
/// Milliseconds that a clock may be off before it is told.
const CLOCK_MS: i64 = 2 * 60_000;
/// Scans decided on at once.
const DECIDE_MAX: usize = 500;

/// Which unit.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    /// Unit id; the officer's own when empty.
    pub unit: String,
}

/// Shows the devices of a unit, those with trouble first.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let office = Office::of(&app, &page, &asked.unit).await?;
    let now = app.now();
    let mut devices: Vec<(i64, Value)> = app
        .store
        .gates_in_use()
        .await?
        .into_iter()
        .filter(|(_, _, _, unit_id)| office.tree.is_within(*unit_id, office.unit))
        .map(|(gate, place_id, place, unit_id)| {
            let facts = facts(&gate, now);
            let trouble = i64::from(!facts.troubles.is_empty() && gate.revoked_at.is_none());
            let value = context! {
                gate => gate.name, device => gate.device_name, place, place_id => place_id.to_string(),
                commune => office.tree.name(unit_id), last_seen_at => gate.last_seen_at,
                left => gate.left_count, oldest_at => gate.left_oldest_at, is_screen => gate.kind == "screen",
                revoked_at => gate.revoked_at, troubles => facts.troubles, missing => facts.missing,
                repeats => gate.repeats, clock_minutes => gate.clock_offset_ms.unwrap_or(0) / 60_000,
            };
            (-trouble, value)
        })
        .collect();
    devices.sort_by_key(|(order, _)| *order);
    let waiting: Vec<Value> = app
        .store
        .quarantine_counts()
        .await?
        .into_iter()
        .filter(|count| office.tree.is_within(count.unit_id, office.unit))
        .map(|count| {
            context! {
                gate_id => count.gate_id.to_string(), gate => count.gate_name, place => count.place_name,
                place_id => count.place_id.to_string(), scans => count.scans, first_at => count.first_at,
                last_at => count.last_at,
            }
        })
        .collect();
    let values = context! {
        unit_id => office.unit.to_string(), unit_name => office.tree.name(office.unit), waiting,
        decides => office.decides(),
        devices => devices.into_iter().map(|(_, value)| value).collect::<Vec<_>>(),
    };
    page.show("devices.html", values).await
}

/// What is the matter with a device, as stable codes that the page has words for.
pub struct Facts {
    /// `quiet`, `holds`, `gaps`, `clone`, `clock`.
    pub troubles: Vec<&'static str>,
    /// Sequence numbers that never arrived.
    pub missing: i64,
}

/// Looks at a device.
#[must_use]
pub fn facts(gate: &Gate, now: i64) -> Facts {
    let sequences = Sequences::parse(&gate.sequences).unwrap_or_default();
    let missing = i64::try_from(sequences.missing()).unwrap_or(i64::MAX);
    let held_ms =
        gate.left_oldest_at.filter(|_| gate.left_count > 0).map_or(0, |oldest| now.saturating_sub(oldest));
    let mut troubles = Vec::new();
    if gate.last_seen_at.is_none_or(|seen| now - seen > QUIET_MS) {
        troubles.push("quiet");
    }
    if held_ms > QUIET_MS {
        troubles.push("holds");
    }
    // What is still on its way is not missing yet.
    if missing > gate.left_count {
        troubles.push("gaps");
    }
    if gate.repeats > 0 {
        troubles.push("clone");
    }
    if gate.clock_offset_ms.is_some_and(|offset| offset.saturating_abs() > CLOCK_MS) {
        troubles.push("clock");
    }
    Facts { troubles, missing }
}

/// What to do with the scans of a gate in quarantine.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Decision {
    unit: String,
    /// `accept` or `discard`.
    action: String,
}

/// Decides on a gate's quarantined scans: taken in at the lowest assurance, or discarded.
///
/// # Errors
/// Not found for gates outside the officer's subtree.
pub async fn decide(
    State(app): State<App>,
    page: Page,
    Path(gate_id): Path<i64>,
    Form(form): Form<Decision>,
) -> Result {
    let office = Office::deciding(&app, &page, &form.unit).await?;
    let counts = app.store.quarantine_counts().await?;
    let mine = counts
        .into_iter()
        .find(|count| count.gate_id == gate_id && office.tree.is_within(count.unit_id, office.unit));
    let Some(mine) = mine else { return Err(AppError::NotFound) };
    let action = match form.action.as_str() {
        "accept" => "quarantine.accepted",
        "discard" => "quarantine.discarded",
        _ => return Err(AppError::BadRequest("Hãy chọn nhận hoặc bỏ.")),
    };
    let scope = format!("gate {} of {}", mine.gate_name, mine.place_name);
    let act = Act { actor: &office.officer.login, action, scope, count: mine.scans, ..Act::default() };
    audit::record(&app, act, &[]).await?;
    let gate = app.store.gate(gate_id).await?.ok_or(AppError::NotFound)?;
    let scans = app.store.quarantine_of_gate(gate_id, QUARANTINE_MAX).await?;
    let back = format!("/devices?unit={}", office.unit);
    if form.action == "discard" {
        let ids: Vec<_> = scans.into_iter().map(|scan| scan.event_id).collect();
        app.store.leave_quarantine(&ids).await?;
        return page.go(&back, "good", "Đã bỏ các lượt ghi.").await;
    }
    let (mut kept, held) = (0, scans.len());
    for batch in scans.chunks(DECIDE_MAX) {
        let ids = take_in(&app, &page, &gate, batch).await?;
        kept += ids.len();
        app.store.leave_quarantine(&ids).await?;
    }
    let words = page.tf(
        "Đã nhận {kept} lượt. {left} lượt không nhận được (quá 7 ngày hoặc hỏng) vẫn để đó.",
        &[("kept", kept.to_string()), ("left", (held - kept).to_string())],
    );
    page.flash_text(if kept == held { "good" } else { "warn" }, words).await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&back)))
}

/// Takes scans in at the lowest assurance: nobody can vouch for a device that was revoked. Answers the ids of
/// those that could be.
async fn take_in(app: &App, page: &Page, gate: &Gate, scans: &[Quarantined]) -> Result<Vec<Vec<u8>>> {
    let (mut groups, mut ids): (Vec<(usize, Vec<CheckIn>)>, Vec<_>) = Default::default();
    for (position, scan) in scans.iter().enumerate() {
        let Ok(id) = Uuid::from_slice(&scan.event_id) else { continue };
        let device = gate.id.to_string();
        let Some(captured) = open_sealed(app, &device, &id, scan.captured_at, &scan.sealed) else { continue };
        let at = At {
            event_id: *id.as_bytes(),
            area_id: u32::try_from(gate.area_id)?,
            captured_at: scan.captured_at,
            offset_ms: scan.offset_ms,
            source: Source::Keyed,
            already_in: true,
            assurance_max: 0,
        };
        if let Weighed::Keep(check_ins, _) = weigh(app, at, &captured, page.lang)? {
            groups.push((position, check_ins));
            ids.push(scan.event_id.clone());
        }
    }
    keep_all(app, groups).await?;
    Ok(ids)
}
