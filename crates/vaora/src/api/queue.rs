//! `POST /api/v1/queue`: scans that a gate's device sealed while it may have been offline.
//!
//! The person was let in when it was captured, so a scan is a fact: it is kept, kept in quarantine where the
//! device had been revoked before, or refused because it cannot be read, which the gate then shows.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::HeaderMap};
use domain::scan::CLOCK_MS;
use scanlog::Appended;
use serde::{Deserialize, Serialize};
use store::gates::Gate;
use tokio::sync::SemaphorePermit;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        ProblemBody,
        scans::{keep_all, refusal_error},
    },
    app::App,
    error::{AppError, Result},
    gate::{AnyDevice, heard::Told, state::GateState},
    i18n::Lang,
    intake::{
        Refusal,
        captured::Refused,
        sealed::{Bearer, Judged},
    },
    limits::QUEUE_ITEMS_MAX,
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
    /// What was captured, sealed to the server's ingest key: by a sitting (HPKE exporter, `vaora sitting v1`), or
    /// by itself (HPKE, `vaora ingest v1`); base64url.
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
    if !CLOCK_MS.contains(&batch.sent_at) {
        return Err(AppError::BadRequest("Đồng hồ của máy sai quá xa. Hãy bật chỉnh giờ tự động."));
    }
    app.limits.device(gate.id, batch.items.len())?;
    let lang = reader_lang(&headers);
    let offset_ms = app.now() - batch.sent_at;
    // Thousands of gates come back at once after an outage: what they held waits in a lane of its own, so
    // that people at doors now are answered at once.
    let is_held = |item: &&QueueItem| batch.sent_at.saturating_sub(item.at) > LIVE_MS;
    let held = batch.items.iter().filter(is_held).count();
    let is_backlog = held == batch.items.len() || held > HELD_BESIDE_LIVE_MAX;
    let lane = if is_backlog { Some(backlog_lane(&app).await?) } else { None };
    let items: Arc<[QueueItem]> = batch.items.into();
    let taken = take(&app, &gate, &items, Some(offset_ms), lang).await?;
    // What follows waits for the disk more than it works: the next may begin.
    drop(lane);
    let device = gate.id.to_string();
    let seqs = |fresh: bool| {
        let own =
            items.iter().zip(&taken).filter(|(item, taken)| taken.is_fresh == fresh && item.device == device);
        own.map(|(item, _)| item.seq).collect()
    };
    let told = Told {
        left: batch.left.clamp(0, i64::from(u32::MAX)),
        oldest_at: batch.oldest_at.filter(|at| CLOCK_MS.contains(at)),
        offset_ms,
        fresh: seqs(true),
        known: seqs(false),
    };
    let noted = app.devices.take_down(&app, &gate, u32::try_from(gate.area_id)?, &told).await;
    noted.map_err(|error| {
        // The scans are durable, and are known when they come again; the store is too slow just now.
        tracing::error!(error = format!("{error:#}"), "what a device told was not noted");
        refusal_error(Refusal::Busy)
    })?;
    let state = GateState::of(&app, &gate).await?;
    let results = taken.into_iter().map(|taken| taken.result).collect();
    Ok(Json(QueueAnswer { server_time: app.now(), results, state }))
}

/// Milliseconds by which a scan may lag to count as live.
const LIVE_MS: i64 = 60_000;
/// Held scans that may come beside live ones without waiting in the lane; `queue/outbox.js` sends no more.
const HELD_BESIDE_LIVE_MAX: usize = 10;
/// Batches that may wait for the lane at once; more are told to come again without waiting.
pub const LANE_WAITERS_MAX: usize = 256;
/// How long a batch of the backlog waits for the lane before its gate is told to come again.
const LANE_WAIT: Duration = Duration::from_secs(3);

/// A place in the lane of what was held.
///
/// # Errors
/// Unavailable when it is taken for too long.
pub async fn backlog_lane(app: &App) -> Result<SemaphorePermit<'_>> {
    const LATER: AppError =
        AppError::Unavailable("Máy chủ đang nhận lượt tồn của nhiều cổng. Máy sẽ tự gửi lại.");
    let _waiting = app.backlog_waiters.try_acquire().map_err(|_| LATER)?;
    match tokio::time::timeout(LANE_WAIT, app.backlog.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(LATER),
    }
}

/// What became of a scan, and whether its sequence number is new with it.
pub struct Taken {
    /// As the device is answered.
    pub result: QueueResult,
    /// True for a scan that was stored now.
    pub is_fresh: bool,
}

/// Takes sealed scans that a device hands in, or an officer from a device's exported file.
///
/// # Errors
/// Unavailable when any was not kept: nothing is promised then, and sending again is safe.
pub async fn take(
    app: &App,
    gate: &Gate,
    items: &Arc<[QueueItem]>,
    offset_ms: Option<i64>,
    lang: Lang,
) -> Result<Vec<Taken>> {
    let bearer = Bearer::of(app, gate, items, offset_ms, lang).await?;
    let mut taken = Vec::with_capacity(items.len());
    let (mut kept, mut apart) = (Vec::new(), Vec::new());
    for (item, judged) in items.iter().zip(bearer.judge(items).await?) {
        let (outcome, why, is_fresh) = match judged {
            Judged::Keep(check_ins) => {
                let is_scan = check_ins.iter().any(|one| !one.record_only);
                kept.push((taken.len(), check_ins));
                (QueueOutcome::Accepted, None, is_scan)
            }
            Judged::Apart(scan, why) => {
                apart.push(scan);
                (QueueOutcome::Quarantined, Some(why), false)
            }
            Judged::Refuse(why) => (QueueOutcome::Refused, Some(why), false),
        };
        taken.push(Taken { result: result(item.id, outcome, why), is_fresh });
    }
    if !apart.is_empty() {
        app.store.quarantine(&apart).await?;
    }
    for (position, appended) in keep_all(app, kept).await? {
        if appended == Appended::Duplicate {
            taken[position].result.outcome = QueueOutcome::Duplicate;
            taken[position].is_fresh = false;
        }
    }
    Ok(taken)
}

fn result(id: Uuid, outcome: QueueOutcome, why: Option<Refused>) -> QueueResult {
    let (reason, title, text) = match why {
        Some(why) => (Some(why.reason), why.title, why.text),
        None => (None, String::new(), String::new()),
    };
    QueueResult { id, outcome, reason, title, text }
}
