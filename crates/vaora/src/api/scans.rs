//! `POST /api/v1/scans`: scans from a gate, one or a batch, each with an id made on the device.
//!
//! A scan that cannot be kept for what it is, such as a foreign code, is answered with an outcome (200), not
//! an error. Sending the same id again gives `duplicate` and keeps nothing twice.

use axum::{Json, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::ProblemBody,
    app::App,
    error::{AppError, Result},
    gate::{self, Device},
    i18n::Lang,
    intake::{
        CheckIn, Refusal, Source,
        captured::{Captured, Direction, Refused, Typed, refusal},
        weigh::{At, Shown, Weighed, weigh},
    },
    limits::BATCH_SCANS_MAX,
    page::reader_lang,
};

/// A batch of scans.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// 1 to 1,000 scans.
    #[schema(min_items = 1, max_items = 1000)]
    pub scans: Vec<Scan>,
}

/// One scan as the gate saw it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Made on the device; the same scan sent again carries the same id.
    pub id: Uuid,
    /// Direction.
    pub kind: Direction,
    /// RFC 3339 time of the scan by the device's clock.
    #[schema(example = "2026-11-23T08:15:30+07:00")]
    pub captured_at: String,
    /// Text of the code that was read, as it was read.
    #[serde(default)]
    pub code: Option<String>,
    /// Name and phone typed instead of a code.
    #[serde(default)]
    pub typed: Option<Typed>,
    /// Phone given for a card that carries none.
    #[serde(default)]
    pub phone: Option<String>,
    /// True when the person has no phone.
    #[serde(default)]
    pub no_phone: bool,
    /// Names of those who came with this person, 20 at most.
    #[serde(default)]
    pub companions: Vec<String>,
}

/// Outcomes, in the order of the scans.
#[derive(Serialize, ToSchema)]
pub struct Outcomes {
    /// One for each scan.
    pub results: Vec<Outcome>,
}

/// What became of a scan.
#[derive(Serialize, ToSchema)]
pub struct Outcome {
    /// The scan's id.
    pub id: Uuid,
    /// `accepted` and `duplicate` are durable; `rejected` says why.
    pub outcome: OutcomeKind,
    /// Direction.
    pub kind: Direction,
    /// Name as it stands on what was shown; never from the register.
    pub name: Option<String>,
    /// What to look at, in the gate's language.
    pub warnings: Vec<String>,
    /// Stable code of why it was rejected.
    pub reason: Option<String>,
    /// Short words for the screen.
    pub title: String,
    /// What to do.
    pub text: String,
}

/// Kinds of outcome.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, ToSchema, Debug)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Kept.
    Accepted,
    /// Kept before.
    Duplicate,
    /// Not kept.
    Rejected,
}

/// Takes scans from an enrolled gate.
#[utoipa::path(
    post, path = "/scans", tag = "scans", request_body = Batch,
    responses(
        (status = 200, description = "Outcomes, in order", body = Outcomes),
        (status = 401, description = "Unknown or revoked device", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Body over 2 MiB", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Not a batch of 1 to 1,000 scans", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many scans a minute", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Cannot be kept right now; send again", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(batch): Json<Batch>,
) -> Result<Json<Outcomes>> {
    if batch.scans.is_empty() || batch.scans.len() > BATCH_SCANS_MAX {
        return Err(AppError::BadRequest("Một lần gửi cần có từ 1 đến 1.000 lượt quét."));
    }
    app.limits.device(device.gate.id, batch.scans.len())?;
    let lang = reader_lang(&headers);
    let mut outcomes = Vec::with_capacity(batch.scans.len());
    let mut kept = Vec::new();
    for scan in batch.scans {
        match consider(&app, &device, scan, lang)? {
            Considered::Keep(check_ins, shown) => {
                kept.push((outcomes.len(), check_ins));
                outcomes.push(shown);
            }
            Considered::Answer(outcome) => outcomes.push(outcome),
        }
    }
    for (position, appended) in keep_all(&app, kept).await? {
        if appended == scanlog::Appended::Duplicate {
            outcomes[position].outcome = OutcomeKind::Duplicate;
            outcomes[position].text =
                app.catalog.text(lang, "Lượt này đã được ghi nhận trước đó.").to_owned();
        }
    }
    gate::touch(&app, &device).await;
    Ok(Json(Outcomes { results: outcomes }))
}

enum Considered {
    Keep(Vec<CheckIn>, Outcome),
    Answer(Outcome),
}

/// Keeps groups of check-ins, each a person and who came along; answers with each group's position and what
/// became of its first.
///
/// # Errors
/// Unavailable when any was not kept: nothing of the batch is promised then, and sending again is safe.
pub async fn keep_all(
    app: &App,
    groups: Vec<(usize, Vec<CheckIn>)>,
) -> Result<Vec<(usize, scanlog::Appended)>> {
    let (mut positions, mut check_ins) = (Vec::new(), Vec::new());
    for (position, group) in groups {
        positions.extend(std::iter::repeat_n(position, group.len()));
        check_ins.extend(group);
    }
    let mut first: Vec<(usize, scanlog::Appended)> = Vec::new();
    for (position, answer) in positions.into_iter().zip(app.intake.keep(check_ins).await) {
        let appended = answer.map_err(refusal_error)?;
        if first.last().is_none_or(|(last, _)| *last != position) {
            first.push((position, appended));
        }
    }
    Ok(first)
}

/// The error behind a refusal: nothing was kept, and sending again is safe.
#[must_use]
pub fn refusal_error(refusal: Refusal) -> AppError {
    AppError::Unavailable(match refusal {
        Refusal::NotOpen => "Hệ thống chưa mở: người giữ khóa chưa tạo khóa. Hãy báo đơn vị quản trị.",
        Refusal::Busy => "Chưa ghi nhận được. Hãy thử lại ngay.",
    })
}

fn consider(app: &App, device: &Device, scan: Scan, lang: Lang) -> Result<Considered> {
    let (id, kind) = (scan.id, scan.kind);
    let Ok(captured_at) = scan.captured_at.parse::<jiff::Timestamp>() else {
        let words = ("Sai thời điểm", "captured_at phải là thời điểm theo RFC 3339.");
        return Ok(Considered::Answer(rejected(id, kind, refusal(app, lang, "captured_at", words))));
    };
    let captured = Captured {
        kind: Some(kind),
        code: scan.code,
        typed: scan.typed,
        phone: scan.phone,
        no_phone: scan.no_phone,
        companions: scan.companions,
        ..Captured::default()
    };
    let at = At {
        event_id: *id.as_bytes(),
        area_id: device.area_id,
        captured_at: captured_at.as_millisecond(),
        offset_ms: None,
        source: Source::Device(device.gate.id),
        already_in: false,
        assurance_max: 3,
    };
    Ok(match weigh(app, at, &captured, lang)? {
        Weighed::Keep(check_ins, shown) => Considered::Keep(check_ins, accepted(app, id, kind, shown, lang)),
        Weighed::Refused(refused) => Considered::Answer(rejected(id, kind, refused)),
    })
}

fn shell(id: Uuid, kind: Direction, outcome: OutcomeKind) -> Outcome {
    Outcome {
        id,
        outcome,
        kind,
        name: None,
        warnings: Vec::new(),
        reason: None,
        title: String::new(),
        text: String::new(),
    }
}

fn rejected(id: Uuid, kind: Direction, refused: Refused) -> Outcome {
    Outcome {
        reason: Some(refused.reason),
        title: refused.title,
        text: refused.text,
        ..shell(id, kind, OutcomeKind::Rejected)
    }
}

fn accepted(app: &App, id: Uuid, kind: Direction, shown: Shown, lang: Lang) -> Outcome {
    let title = if kind == Direction::In { "Mời vào" } else { "Đã ra" };
    Outcome {
        name: shown.name,
        warnings: shown.warnings,
        title: app.catalog.text(lang, title).to_owned(),
        ..shell(id, kind, OutcomeKind::Accepted)
    }
}
