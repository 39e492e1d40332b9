//! `POST /api/v1/queue`: scans that a gate's device sealed while it may have been offline.
//!
//! The person was let in when it was captured, so a scan is a fact: it is kept, kept in quarantine where the
//! device had been revoked before, or refused because it cannot be read, which the gate then shows.

use std::time::Duration;

use axum::{Json, extract::State, http::HeaderMap};
use data_encoding::BASE64URL_NOPAD;
use scanlog::Appended;
use seal::wrap::{purpose, unwrap};
use serde::{Deserialize, Serialize};
use store::{gates::Gate, quarantine::Quarantined};
use tokio::sync::SemaphorePermit;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{ProblemBody, scans::keep_all},
    app::App,
    error::{AppError, Result},
    gate::{AnyDevice, heard::Told, state::GateState},
    i18n::Lang,
    intake::{
        CheckIn, Source,
        captured::{Captured, Refused, refusal},
        weigh::{At, Weighed, weigh},
    },
    limits::{QUEUE_ITEMS_MAX, SEALED_BYTES_MAX},
    page::reader_lang,
};

/// A batch of a device's queue.
#[derive(Deserialize, ToSchema)]
pub struct QueueBatch {
    /// Milliseconds since 1970 by the device's clock, at sending.
    pub sent_at: i64,
    /// Scans that the device still holds after this batch.
    #[serde(default)]
    pub left: i64,
    /// Time of the oldest of these, by the device's clock.
    #[serde(default)]
    pub oldest_at: Option<i64>,
    /// 1 to 100 scans.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<QueueItem>,
}

/// A sealed scan.
#[derive(Deserialize, ToSchema, Clone)]
pub struct QueueItem {
    /// Made on the device.
    pub id: Uuid,
    /// Id of the device's enrolment, as its kit names it.
    pub device: String,
    /// When it was captured, in milliseconds since 1970 by the device's clock.
    pub at: i64,
    /// Counts the device's scans from 1.
    pub seq: u64,
    /// What was captured, sealed to the server's ingest key (HPKE, `vaora ingest v1`), base64url.
    pub sealed: String,
}

/// What became of a batch.
#[derive(Serialize, ToSchema)]
pub struct QueueAnswer {
    /// Server's clock, in milliseconds since 1970.
    pub server_time: i64,
    /// One for each scan.
    pub results: Vec<QueueResult>,
    /// The gate's place at this moment.
    pub state: GateState,
}

/// What became of a scan.
#[derive(Serialize, ToSchema)]
pub struct QueueResult {
    /// The scan's id.
    pub id: Uuid,
    /// `accepted`, `duplicate` and `quarantined` are durable; `refused` is final and says why.
    pub outcome: QueueOutcome,
    /// Stable code of why it was refused or is in quarantine.
    pub reason: Option<String>,
    /// Short words for the screen.
    pub title: String,
    /// What to do.
    pub text: String,
}

/// Kinds of outcome.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, ToSchema, Debug)]
#[serde(rename_all = "snake_case")]
pub enum QueueOutcome {
    /// Kept.
    Accepted,
    /// Kept before.
    Duplicate,
    /// Kept apart until the commune decides.
    Quarantined,
    /// Not kept: it cannot be read.
    Refused,
}

/// Takes a batch of a device's queue.
#[utoipa::path(
    post, path = "/queue", tag = "scans", request_body = QueueBatch,
    responses(
        (status = 200, description = "Outcomes, in order", body = QueueAnswer),
        (status = 401, description = "Unknown device", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Body over 2 MiB", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Not a batch of 1 to 100 scans", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many scans", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Cannot be kept right now; send again", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    AnyDevice(gate): AnyDevice,
    Json(batch): Json<QueueBatch>,
) -> Result<Json<QueueAnswer>> {
    if batch.items.is_empty() || batch.items.len() > QUEUE_ITEMS_MAX {
        return Err(AppError::BadRequest("Một lần gửi cần có từ 1 đến 100 lượt quét."));
    }
    app.limits.device(gate.id, batch.items.len())?;
    let lang = reader_lang(&headers);
    let offset_ms = app.now() - batch.sent_at;
    // Thousands of gates come back at once after an outage: what they held waits in a lane of its own, so
    // that people at doors now are answered at once.
    let newest = batch.items.iter().map(|item| item.at).max().unwrap_or(batch.sent_at);
    let _lane = if batch.sent_at - newest > LIVE_MS { Some(backlog_lane(&app).await?) } else { None };
    let results = take(&app, &gate, &batch.items, Some(offset_ms), lang).await?;
    let of = |outcome: QueueOutcome| {
        let own =
            batch.items.iter().zip(&results).filter(move |(item, result)| {
                result.outcome == outcome && item.device == gate.id.to_string()
            });
        own.map(|(item, _)| item.seq).collect()
    };
    let told = Told {
        left: batch.left.max(0),
        oldest_at: batch.oldest_at,
        offset_ms,
        fresh: of(QueueOutcome::Accepted),
        known: [of(QueueOutcome::Duplicate), of(QueueOutcome::Quarantined), of(QueueOutcome::Refused)]
            .concat(),
    };
    app.devices.take_down(&app, &gate, u32::try_from(gate.area_id)?, &told).await?;
    let state = GateState::of(&app, &gate).await?;
    Ok(Json(QueueAnswer { server_time: app.now(), results, state }))
}

/// Milliseconds by which the newest scan of a batch may lag to count as live.
const LIVE_MS: i64 = 60_000;
/// How long a batch of the backlog waits for the lane before its gate is told to come again.
const LANE_WAIT: Duration = Duration::from_secs(3);

async fn backlog_lane(app: &App) -> Result<SemaphorePermit<'_>> {
    const LATER: AppError =
        AppError::Unavailable("Máy chủ đang nhận lượt tồn của nhiều cổng. Máy sẽ tự gửi lại.");
    match tokio::time::timeout(LANE_WAIT, app.backlog.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(LATER),
    }
}

/// Takes sealed scans that a device hands in, or an officer from a device's exported file.
///
/// # Errors
/// Unavailable when any was not kept: nothing is promised then, and sending again is safe.
pub async fn take(
    app: &App,
    gate: &Gate,
    items: &[QueueItem],
    offset_ms: Option<i64>,
    lang: Lang,
) -> Result<Vec<QueueResult>> {
    let mut results = Vec::with_capacity(items.len());
    let (mut kept, mut apart) = (Vec::new(), Vec::new());
    for item in items {
        let result = |outcome, refused: Option<Refused>| QueueResult {
            id: item.id,
            outcome,
            reason: refused.as_ref().map(|refused| refused.reason.clone()),
            title: refused.as_ref().map(|refused| refused.title.clone()).unwrap_or_default(),
            text: refused.map(|refused| refused.text).unwrap_or_default(),
        };
        match consider(app, gate, item, offset_ms, lang).await? {
            Considered::Keep(check_ins) => {
                kept.push((results.len(), check_ins));
                results.push(result(QueueOutcome::Accepted, None));
            }
            Considered::Apart(scan, why) => {
                apart.push(scan);
                results.push(result(QueueOutcome::Quarantined, Some(why)));
            }
            Considered::Refuse(why) => results.push(result(QueueOutcome::Refused, Some(why))),
        }
    }
    if !apart.is_empty() {
        app.store.quarantine(&apart).await?;
    }
    for (position, appended) in keep_all(app, kept).await? {
        if appended == Appended::Duplicate {
            results[position].outcome = QueueOutcome::Duplicate;
        }
    }
    Ok(results)
}

enum Considered {
    Keep(Vec<CheckIn>),
    Apart(Quarantined, Refused),
    Refuse(Refused),
}

async fn consider(
    app: &App,
    gate: &Gate,
    item: &QueueItem,
    offset_ms: Option<i64>,
    lang: Lang,
) -> Result<Considered> {
    let unreadable = || {
        let words = (
            "Không mở được lượt này",
            "Dữ liệu của lượt này bị hỏng. Hãy hỏi và ghi lại người đó nếu còn kịp.",
        );
        Considered::Refuse(refusal(app, lang, "unreadable", words))
    };
    let Ok(sealed) = BASE64URL_NOPAD.decode(item.sealed.as_bytes()) else { return Ok(unreadable()) };
    if sealed.len() > SEALED_BYTES_MAX {
        return Ok(unreadable());
    }
    let Some(captured) = open(app, item, &sealed) else { return Ok(unreadable()) };
    // A device enrolled anew hands in what it captured under its former enrolment.
    let former = if item.device == gate.id.to_string() { None } else { former_gate(app, item).await? };
    if former.is_none() && item.device != gate.id.to_string() {
        let words = ("Máy lạ", "Lượt này mang mã của một máy không có trong hệ thống.");
        return Ok(Considered::Refuse(refusal(app, lang, "unknown_device", words)));
    }
    let of = former.as_ref().unwrap_or(gate);
    let captured_at = item.at + offset_ms.unwrap_or(0);
    if of.revoked_at.is_some_and(|revoked_at| captured_at >= revoked_at) {
        let words = ("Máy đã bị thu hồi", "Lượt này ghi sau khi máy bị thu hồi; xã, phường sẽ xem xét.");
        let why = refusal(app, lang, "revoked", words);
        return Ok(Considered::Apart(quarantined(app, of, item, sealed, &why.reason), why));
    }
    let at = At {
        event_id: *item.id.as_bytes(),
        area_id: u32::try_from(of.area_id)?,
        captured_at: item.at,
        offset_ms,
        source: Source::Device(of.id),
        already_in: true,
    };
    Ok(match weigh(app, at, &captured, lang)? {
        Weighed::Keep(check_ins, _) => Considered::Keep(check_ins),
        Weighed::Refused(refused) => Considered::Refuse(refused),
    })
}

async fn former_gate(app: &App, item: &QueueItem) -> Result<Option<Gate>> {
    let Ok(id) = item.device.parse() else { return Ok(None) };
    Ok(app.store.gate(id).await?)
}

fn quarantined(app: &App, gate: &Gate, item: &QueueItem, sealed: Vec<u8>, reason: &str) -> Quarantined {
    Quarantined {
        event_id: item.id.as_bytes().to_vec(),
        gate_id: gate.id,
        captured_at: item.at,
        received_at: app.now(),
        reason: reason.to_owned(),
        sealed,
    }
}

/// Opens what a device sealed; `None` when it was altered or is no scan.
fn open(app: &App, item: &QueueItem, sealed: &[u8]) -> Option<Captured> {
    open_sealed(app, &item.device, &item.id, item.at, sealed)
}

/// Opens a sealed scan of a device by what its seal is bound to.
#[must_use]
pub fn open_sealed(app: &App, device: &str, id: &Uuid, at: i64, sealed: &[u8]) -> Option<Captured> {
    let aad = format!("{device}.{id}.{at}");
    let private = &app.keyfile.ingest_key.private;
    let plain = unwrap(private, purpose::INGEST, aad.as_bytes(), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
