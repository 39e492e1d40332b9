//! `POST /api/v1/queue`: scans that a gate's device sealed while it may have been offline.
//!
//! The person was let in when it was captured, so a scan is a fact: it is kept, kept in quarantine where the
//! device had been revoked before, or refused because it cannot be read, which the gate then shows.

use std::time::Duration;

use axum::{Json, extract::State, http::HeaderMap};
use data_encoding::BASE64URL_NOPAD;
use domain::scan::{CLOCK_MS, Capture};
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
    limits::{QUARANTINE_MAX, QUEUE_ITEMS_MAX, SEALED_BYTES_MAX},
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
    let _lane = if is_backlog { Some(backlog_lane(&app).await?) } else { None };
    let taken = take(&app, &gate, &batch.items, Some(offset_ms), lang).await?;
    let seqs = |fresh: bool| {
        let own = batch
            .items
            .iter()
            .zip(&taken)
            .filter(move |(item, taken)| taken.is_fresh == fresh && item.device == gate.id.to_string());
        own.map(|(item, _)| item.seq).collect()
    };
    let told = Told {
        left: batch.left.clamp(0, i64::from(u32::MAX)),
        oldest_at: batch.oldest_at.filter(|at| CLOCK_MS.contains(at)),
        offset_ms,
        fresh: seqs(true),
        known: seqs(false),
    };
    app.devices.take_down(&app, &gate, u32::try_from(gate.area_id)?, &told).await?;
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
    items: &[QueueItem],
    offset_ms: Option<i64>,
    lang: Lang,
) -> Result<Vec<Taken>> {
    let bearer = Bearer::of(app, gate, offset_ms, lang).await?;
    let mut taken = Vec::with_capacity(items.len());
    let (mut kept, mut apart) = (Vec::new(), Vec::new());
    for (item, opened) in items.iter().zip(open_all(app, items).await?) {
        let considered = match opened {
            Some((sealed, captured)) => bearer.consider(item, sealed, &captured).await?,
            None => Considered::Refuse(bearer.refusal("unreadable", UNREADABLE)),
        };
        let (outcome, why, is_fresh) = match considered {
            Considered::Keep(check_ins) => {
                let is_scan = check_ins.iter().any(|one| !one.record_only);
                kept.push((taken.len(), check_ins));
                (QueueOutcome::Accepted, None, is_scan)
            }
            Considered::Apart(scan, why) => {
                apart.push(scan);
                (QueueOutcome::Quarantined, Some(why), false)
            }
            Considered::Refuse(why) => (QueueOutcome::Refused, Some(why), false),
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

const UNREADABLE: (&str, &str) =
    ("Không mở được lượt này", "Dữ liệu của lượt này bị hỏng. Hãy hỏi và ghi lại người đó nếu còn kịp.");

fn result(id: Uuid, outcome: QueueOutcome, why: Option<Refused>) -> QueueResult {
    let (reason, title, text) = match why {
        Some(why) => (Some(why.reason), why.title, why.text),
        None => (None, String::new(), String::new()),
    };
    QueueResult { id, outcome, reason, title, text }
}

type Opened = Option<(Vec<u8>, Captured)>;

/// Opens a batch aside: each is a key agreement, and those who stand at a door meanwhile must not wait.
async fn open_all(app: &App, items: &[QueueItem]) -> Result<Vec<Opened>> {
    let (app, items) = (app.clone(), items.to_vec());
    let open = move || {
        let one = |item: &QueueItem| {
            let sealed = BASE64URL_NOPAD.decode(item.sealed.as_bytes()).ok()?;
            let is_sane = sealed.len() <= SEALED_BYTES_MAX && CLOCK_MS.contains(&item.at);
            let captured = is_sane.then(|| open_sealed(&app, &item.device, &item.id, item.at, &sealed));
            captured.flatten().map(|captured| (sealed, captured))
        };
        items.iter().map(one).collect()
    };
    Ok(tokio::task::spawn_blocking(open).await?)
}

enum Considered {
    Keep(Vec<CheckIn>),
    Apart(Quarantined, Refused),
    Refuse(Refused),
}

/// Who hands scans in: an enrolled device, or an officer with its file.
struct Bearer<'a> {
    app: &'a App,
    gate: &'a Gate,
    place_id: i64,
    /// Scans of this bearer that are in quarantine already.
    quarantined: i64,
    offset_ms: Option<i64>,
    lang: Lang,
}

impl<'a> Bearer<'a> {
    async fn of(app: &'a App, gate: &'a Gate, offset_ms: Option<i64>, lang: Lang) -> Result<Self> {
        let place_id = place_of(app, gate).await?;
        let quarantined = match gate.revoked_at {
            Some(_) => app.store.quarantined_of_gate(gate.id).await?,
            None => 0,
        };
        Ok(Self { app, gate, place_id, quarantined, offset_ms, lang })
    }

    fn refusal(&self, reason: &str, words: (&str, &str)) -> Refused {
        refusal(self.app, self.lang, reason, words)
    }

    async fn consider(&self, item: &QueueItem, sealed: Vec<u8>, captured: &Captured) -> Result<Considered> {
        let mut former = None;
        if item.device != self.gate.id.to_string() {
            // A device enrolled anew hands in what it captured under its former enrolment, at the same place.
            former = self.former(item).await?;
            if former.is_none() {
                let words = ("Máy lạ", "Lượt này mang mã của một máy không thuộc địa điểm này.");
                return Ok(Considered::Refuse(self.refusal("unknown_device", words)));
            }
        }
        let of = former.as_ref().unwrap_or(self.gate);
        let capture = Capture { captured_at: item.at, offset_ms: self.offset_ms };
        let is_revoked = |gate: &Gate| gate.revoked_at.is_some_and(|at| capture.corrected_at() >= at);
        if is_revoked(of) || is_revoked(self.gate) {
            return Ok(self.apart(of, item, sealed));
        }
        let at = At {
            event_id: *item.id.as_bytes(),
            area_id: u32::try_from(of.area_id)?,
            captured_at: item.at,
            offset_ms: self.offset_ms,
            source: Source::Device(self.gate.id),
            already_in: true,
            // Whoever holds a revoked device may well have set its clock back.
            assurance_max: if self.gate.revoked_at.is_some() || of.revoked_at.is_some() { 1 } else { 3 },
        };
        Ok(match weigh(self.app, at, captured, self.lang)? {
            Weighed::Keep(check_ins, _) => Considered::Keep(check_ins),
            Weighed::Refused(refused) => Considered::Refuse(refused),
        })
    }

    /// The gate of a former enrolment, where it stood at the same place.
    async fn former(&self, item: &QueueItem) -> Result<Option<Gate>> {
        let Ok(id) = item.device.parse() else { return Ok(None) };
        let Some(gate) = self.app.store.gate(id).await? else { return Ok(None) };
        Ok((place_of(self.app, &gate).await? == self.place_id).then_some(gate))
    }

    fn apart(&self, of: &Gate, item: &QueueItem, sealed: Vec<u8>) -> Considered {
        if self.quarantined >= QUARANTINE_MAX {
            let words =
                ("Máy đã bị thu hồi", "Đã có quá nhiều lượt chờ xã, phường quyết định; không nhận thêm.");
            return Considered::Refuse(self.refusal("quarantine_full", words));
        }
        let words = ("Máy đã bị thu hồi", "Lượt này ghi sau khi máy bị thu hồi; xã, phường sẽ xem xét.");
        let why = self.refusal("revoked", words);
        let scan = Quarantined {
            event_id: item.id.as_bytes().to_vec(),
            gate_id: of.id,
            captured_at: item.at,
            offset_ms: self.offset_ms,
            received_at: self.app.now(),
            reason: why.reason.clone(),
            sealed,
        };
        Considered::Apart(scan, why)
    }
}

async fn place_of(app: &App, gate: &Gate) -> Result<i64> {
    Ok(app.store.area(gate.area_id).await?.map_or(0, |area| area.place_id))
}

/// Opens a sealed scan of a device by what its seal is bound to.
#[must_use]
pub fn open_sealed(app: &App, device: &str, id: &Uuid, at: i64, sealed: &[u8]) -> Option<Captured> {
    let aad = format!("{device}.{id}.{at}");
    let private = &app.keyfile.ingest_key.private;
    let plain = unwrap(private, purpose::INGEST, aad.as_bytes(), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
