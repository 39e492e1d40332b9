//! `POST /api/v1/scans`: scans from a gate, one or a batch, each with an id made on the device.
//!
//! A scan that cannot be kept for what it is, such as a foreign code, is answered with an outcome (200), not
//! an error. Sending the same id again gives `duplicate` and keeps nothing twice.

use axum::{Json, extract::State, http::HeaderMap};
use domain::{
    card::{self, Reading, Verdict},
    phone::Phone,
    scan::{self, Timing, Way},
};
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
        CheckIn, Refusal,
        identity::{self, Identity},
    },
    limits::BATCH_SCANS_MAX,
    page::reader_lang,
    web::forms,
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
}

/// In or out.
#[derive(Deserialize, Serialize, Clone, Copy, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Came in.
    In,
    /// Left.
    Out,
}

/// A person typed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// Full name.
    pub name: String,
    /// Mobile number; empty only with `no_phone`.
    pub phone: String,
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
    /// `accepted` and `duplicate` are durable; `needs_phone` asks once; `rejected` says why.
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
    /// Not kept: the person is new and the card carries no phone.
    NeedsPhone,
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
    for scan in &batch.scans {
        match consider(&app, &device, scan, lang).await? {
            Considered::Keep(check_in, shown) => {
                kept.push((outcomes.len(), *check_in));
                outcomes.push(shown);
            }
            Considered::Answer(outcome) => outcomes.push(outcome),
        }
    }
    keep(&app, lang, kept, &mut outcomes).await?;
    gate::touch(&app, &device).await;
    Ok(Json(Outcomes { results: outcomes }))
}

enum Considered {
    Keep(Box<CheckIn>, Outcome),
    Answer(Outcome),
}

async fn keep(app: &App, lang: Lang, kept: Vec<(usize, CheckIn)>, outcomes: &mut [Outcome]) -> Result<()> {
    let (positions, check_ins): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
    for (position, answer) in positions.into_iter().zip(app.intake.keep(check_ins).await) {
        match answer {
            Ok(scanlog::Appended::Stored) => {}
            Ok(scanlog::Appended::Duplicate) => {
                outcomes[position].outcome = OutcomeKind::Duplicate;
                outcomes[position].text =
                    app.catalog.text(lang, "Lượt này đã được ghi nhận trước đó.").to_owned();
            }
            Err(refusal) => return Err(refusal_error(refusal)),
        }
    }
    Ok(())
}

/// The error behind a refusal: nothing was kept, and sending again is safe.
#[must_use]
pub fn refusal_error(refusal: Refusal) -> AppError {
    AppError::Unavailable(match refusal {
        Refusal::NotOpen => "Hệ thống chưa mở: người giữ khóa chưa tạo khóa. Hãy báo đơn vị quản trị.",
        Refusal::Busy => "Chưa ghi nhận được. Hãy thử lại ngay.",
    })
}

async fn consider(app: &App, device: &Device, scan: &Scan, lang: Lang) -> Result<Considered> {
    let Ok(captured_at) = scan.captured_at.parse::<jiff::Timestamp>() else {
        let words = ("Sai thời điểm", "captured_at phải là thời điểm theo RFC 3339.");
        return Ok(Considered::Answer(rejected(app, scan, lang, "captured_at", words)));
    };
    let captured_at = captured_at.as_millisecond();
    let (identity, way, warnings) = match subject(app, scan, lang) {
        Ok(found) => found,
        Err(refused) => return Ok(Considered::Answer(*refused)),
    };
    let subject = identity::prepare(&app.keyfile.index_key, &identity)?;
    if way == Way::GateCode && !subject.has_phone && !scan.no_phone {
        let (kind, index) = subject.naming[0];
        if app.store.knows_phone(kind, index).await?.is_none() {
            return Ok(Considered::Answer(ask_phone(app, scan, &identity, lang)));
        }
    }
    let (captured, assurance) = match scan::decide(captured_at, way, app.now()) {
        Timing::Taken { captured, assurance } => (captured, assurance),
        Timing::TooOld => {
            let words = ("Quá cũ", "Lượt quét này đã quá 7 ngày nên không nhận được nữa.");
            return Ok(Considered::Answer(rejected(app, scan, lang, "too_old", words)));
        }
    };
    let check_in = CheckIn {
        event_id: *scan.id.as_bytes(),
        area_id: device.area_id,
        out: scan.kind == Direction::Out,
        captured,
        assurance,
        subject,
    };
    Ok(Considered::Keep(Box::new(check_in), accepted(app, scan, &identity, warnings, lang)))
}

type Subject = (Identity, Way, Vec<String>);

fn subject(app: &App, scan: &Scan, lang: Lang) -> std::result::Result<Subject, Box<Outcome>> {
    let refuse = |reason: &str, title: &'static str, text: &'static str| {
        Box::new(rejected(app, scan, lang, reason, (title, text)))
    };
    if let Some(typed) = &scan.typed {
        let name = domain::name::Name::parse(&typed.name)
            .map_err(|error| refuse("name_invalid", "Sai tên", forms::name_problem(&error)))?;
        let phone = match typed.phone.trim() {
            "" if scan.no_phone => None,
            text => Some(Phone::parse(text).map_err(|error| {
                refuse("phone_invalid", "Sai số điện thoại", forms::phone_problem(&error))
            })?),
        };
        let phone = phone.map(|phone| phone.e164());
        let identity = Identity { name: name.into_string(), phone, ..Identity::default() };
        return Ok((identity, Way::Typed, Vec::new()));
    }
    let code = scan.code.as_deref().unwrap_or_default();
    let reading = card::read(code, app.clock.today());
    if let Some((reason, title, text)) = unusable(&reading) {
        return Err(refuse(reason, title, text));
    }
    if reading.verdict == Verdict::Reject {
        return Err(Box::new(rejected_reading(app, scan, &reading, lang)));
    }
    let mut identity = of_reading(&reading);
    if let Some(given) = scan.phone.as_deref().filter(|given| !given.trim().is_empty()) {
        let phone = Phone::parse(given)
            .map_err(|error| refuse("phone_invalid", "Sai số điện thoại", forms::phone_problem(&error)))?;
        identity.phone = Some(phone.e164());
    }
    Ok((identity, Way::GateCode, sentences(&reading, lang)))
}

/// Codes that are read well but are not a person's.
fn unusable(reading: &Reading) -> Option<(&'static str, &'static str, &'static str)> {
    match reading.kind {
        card::Kind::Place if reading.verdict != Verdict::Reject => Some((
            "place_code",
            "Đây là mã địa điểm",
            "Mã này để khách tự quét bằng điện thoại của mình. Ở cổng, hãy quét thẻ căn cước, thẻ BHYT hoặc mã QR cá nhân.",
        )),
        card::Kind::Card if reading.verdict != Verdict::Reject => Some((
            "card_not_issued",
            "Thẻ chưa dùng được",
            "Thẻ in riêng chưa được phát hành ở tỉnh. Hãy quét căn cước, thẻ BHYT hoặc nhập tên và số điện thoại.",
        )),
        _ => None,
    }
}

fn of_reading(reading: &Reading) -> Identity {
    let fields = &reading.fields;
    Identity {
        name: fields.name.clone().unwrap_or_default(),
        phone: fields.phone.clone(),
        birth_year: fields.year_of_birth(),
        sex: fields.sex.and_then(|sex| match sex {
            card::Sex::Male => Some("male".to_owned()),
            card::Sex::Female => Some("female".to_owned()),
            card::Sex::Unknown => None,
        }),
        address: fields.address.clone(),
        id_number: fields.id_number.clone(),
        bhyt_number: fields.social_insurance_number().map(str::to_owned),
        qid: fields.qid.clone(),
        also: Vec::new(),
    }
}

fn sentences(reading: &Reading, lang: Lang) -> Vec<String> {
    let sentence = |reason: &card::Reason| match lang {
        Lang::Vi => reason.vi().to_string(),
        Lang::En => reason.en().to_string(),
    };
    reading.reasons.iter().map(sentence).collect()
}

fn shell(scan: &Scan, outcome: OutcomeKind) -> Outcome {
    Outcome {
        id: scan.id,
        outcome,
        kind: scan.kind,
        name: None,
        warnings: Vec::new(),
        reason: None,
        title: String::new(),
        text: String::new(),
    }
}

fn rejected(app: &App, scan: &Scan, lang: Lang, reason: &str, words: (&str, &str)) -> Outcome {
    Outcome {
        reason: Some(reason.to_owned()),
        title: app.catalog.text(lang, words.0).to_owned(),
        text: app.catalog.text(lang, words.1).to_owned(),
        ..shell(scan, OutcomeKind::Rejected)
    }
}

fn rejected_reading(app: &App, scan: &Scan, reading: &Reading, lang: Lang) -> Outcome {
    let title = match reading.system {
        Some(system) => {
            app.catalog.fill(lang, "Mã của hệ thống khác: {system}", &[("system", system.to_owned())])
        }
        None => app.catalog.text(lang, "Không đọc được mã này").to_owned(),
    };
    Outcome {
        reason: reading.reasons.first().map(|reason| reason.code().to_string()),
        title,
        text: sentences(reading, lang).into_iter().next().unwrap_or_default(),
        ..shell(scan, OutcomeKind::Rejected)
    }
}

fn ask_phone(app: &App, scan: &Scan, identity: &Identity, lang: Lang) -> Outcome {
    Outcome {
        name: Some(identity.name.clone()),
        title: app.catalog.text(lang, "Hỏi số điện thoại").to_owned(),
        text: app
            .catalog
            .text(lang, "Thẻ không có số điện thoại. Hỏi một lần; lần sau không phải hỏi nữa.")
            .to_owned(),
        ..shell(scan, OutcomeKind::NeedsPhone)
    }
}

fn accepted(app: &App, scan: &Scan, identity: &Identity, warnings: Vec<String>, lang: Lang) -> Outcome {
    let title = if scan.kind == Direction::In { "Mời vào" } else { "Đã ra" };
    Outcome {
        name: Some(identity.name.clone()).filter(|name| !name.is_empty()),
        warnings,
        title: app.catalog.text(lang, title).to_owned(),
        ..shell(scan, OutcomeKind::Accepted)
    }
}
