//! The visitor's own app under `/D/me`: its diary and cards live on the phone alone. Here is its shell, and
//! the way in for what the phone queued while it had no network.

use axum::{Json, extract::State, http::HeaderMap, response::IntoResponse as _};
use domain::{name::Name, phone::Phone, scan::CLOCK_MS, time::Millis};
use minijinja::context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    is_open,
    keep::{COMPANIONS_MAX, Visited, keep, network_of},
    moment, point,
    remembered::Remembered,
};
use crate::{
    app::App,
    error::{AppError, Result},
    gate::From,
    intake::{captured::Direction, identity::Identity},
    page::{Page, reader_lang},
    tree::address_of,
    web::forms,
};

/// Most check-ins in one request of a phone.
const VISITS_MAX: usize = 50;

/// The shell of the app.
///
/// # Errors
/// When the page cannot be made.
pub async fn shell(State(app): State<App>, page: Page) -> Result {
    let values = context! { retention_days => app.config.retention_days };
    Ok(axum::response::IntoResponse::into_response(page.html("visit_me.html", values)?))
}

/// What a phone queued.
#[derive(Deserialize)]
pub struct Queued {
    /// Milliseconds since 1970 by the phone's clock, at sending.
    sent_at: Millis,
    visits: Vec<QueuedVisit>,
}

/// A check-in that a phone queued.
#[derive(Deserialize)]
pub struct QueuedVisit {
    id: Uuid,
    code: String,
    kind: Direction,
    at: Millis,
    #[serde(default)]
    rotating: Option<String>,
    /// True where the visitor typed the time afterwards.
    #[serde(default)]
    corrected: bool,
    #[serde(default)]
    companions: Vec<String>,
    /// Who; the person that this device's cookie remembers when missing.
    #[serde(default)]
    person: Option<QueuedPerson>,
}

/// A person as his own phone knows him.
#[derive(Deserialize)]
pub struct QueuedPerson {
    /// Full name.
    pub name: String,
    /// Mobile number; may be empty for a child or an elder with a card on a relative's phone.
    #[serde(default)]
    pub phone: String,
    /// Year of birth.
    #[serde(default)]
    pub birth_year: Option<u16>,
    /// Commune or hamlet.
    #[serde(default)]
    pub address: Option<String>,
}

impl QueuedPerson {
    /// The person, or why it is none, as source words.
    ///
    /// # Errors
    /// Source words that say what is wrong.
    pub fn identity(&self) -> std::result::Result<Identity, &'static str> {
        let name = Name::parse(&self.name).map_err(|error| forms::name_problem(&error))?;
        let phone = match self.phone.trim() {
            "" => None,
            text => Some(Phone::parse(text).map_err(|error| forms::phone_problem(&error))?.e164()),
        };
        let address = self.address.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Ok(Identity {
            name: name.into_string(),
            phone,
            birth_year: self.birth_year.filter(|year| (1850..=2200).contains(year)),
            address: address.map(|text| text.chars().take(120).collect()),
            ..Identity::default()
        })
    }
}

/// What became of a phone's queue.
#[derive(Serialize)]
pub struct Answers {
    server_time: Millis,
    results: Vec<VisitResult>,
}

/// What became of a check-in.
#[derive(Serialize)]
struct VisitResult {
    id: Uuid,
    /// `accepted`, `duplicate` or `refused`.
    outcome: &'static str,
    text: String,
    place: String,
    area: String,
    commune: String,
    word: Option<&'static str>,
    #[serde(skip)]
    place_id: Option<i64>,
}

/// Takes a phone's queue. Each check-in is answered for itself; a refusal is final and says why.
///
/// # Errors
/// A bad request when there are too many; unavailable when they cannot be kept right now.
pub async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    From(peer): From,
    Json(queued): Json<Queued>,
) -> Result {
    if queued.visits.is_empty() || queued.visits.len() > VISITS_MAX {
        return Err(AppError::BadRequest("Một lần gửi cần có từ 1 đến 50 lượt."));
    }
    if !CLOCK_MS.contains(&queued.sent_at) || queued.visits.iter().any(|visit| !CLOCK_MS.contains(&visit.at))
    {
        return Err(AppError::BadRequest("Đồng hồ của máy sai quá xa. Hãy bật chỉnh giờ tự động."));
    }
    let mut known = Remembered::read(&app, &headers);
    let offset_ms = app.now() - queued.sent_at;
    let lang = reader_lang(&headers);
    let mut results = Vec::with_capacity(queued.visits.len());
    for visit in &queued.visits {
        app.limits.check_in(peer)?;
        let mut result = one(&app, visit, known.as_ref(), offset_ms, network_of(&app, peer)).await?;
        if let (Some(known), Some(place_id), "accepted") = (&mut known, result.place_id, result.outcome)
            && visit.person.as_ref().is_none_or(|person| person.name == known.identity.name)
        {
            known.note(place_id, visit.kind == Direction::Out, visit.at + offset_ms);
        }
        result.text = app.catalog.text(lang, &result.text).to_owned();
        results.push(result);
    }
    let mut answer = Json(Answers { server_time: app.now(), results }).into_response();
    if let Some(known) = known {
        // The page of the place then knows what went through the phone's queue.
        known.write(&app, &mut answer)?;
    }
    Ok(answer)
}

async fn one(
    app: &App,
    visit: &QueuedVisit,
    known: Option<&Remembered>,
    offset_ms: i64,
    network: crate::intake::Source,
) -> Result<VisitResult> {
    let mut result = VisitResult {
        id: visit.id,
        outcome: "refused",
        text: String::new(),
        place: String::new(),
        area: String::new(),
        commune: String::new(),
        word: None,
        place_id: None,
    };
    let facts = match point(app, &visit.code).await {
        Ok(facts) => facts,
        Err(AppError::NotFound) => {
            return Ok(VisitResult {
                text: "Mã địa điểm không có trong hệ thống.".to_owned(), ..result
            });
        }
        Err(error) => return Err(error),
    };
    result.place_id = Some(facts.place_id);
    result.place.clone_from(&facts.place_name);
    result.area.clone_from(&facts.area_name);
    result.commune = address_of(&*app.tree().await?, facts.unit_id);
    if !is_open(&facts) {
        return Ok(VisitResult { text: "Mã này không còn dùng".to_owned(), ..result });
    }
    let person = match (&visit.person, known) {
        (Some(person), _) => person.identity(),
        (None, Some(known)) => Ok(known.identity.clone()),
        (None, None) => Err("Hãy nhập họ và tên."),
    };
    let person = match person {
        Ok(person) => person,
        Err(text) => return Ok(VisitResult { text: text.to_owned(), ..result }),
    };
    let named = visit.companions.iter().take(COMPANIONS_MAX).filter_map(|name| Name::parse(name).ok());
    let visited = Visited {
        id: visit.id,
        out: visit.kind == Direction::Out,
        captured_at: visit.at,
        offset_ms: Some(offset_ms),
        rotating: visit.rotating.clone(),
        corrected: visit.corrected,
        companions: named.map(Name::into_string).collect(),
        network,
    };
    match keep(app, &facts, &person, &visited).await {
        Ok(appended) => {
            result.outcome = if appended == scanlog::Appended::Duplicate { "duplicate" } else { "accepted" };
            result.word = Some(moment::word(app, facts.place_id, app.now())?);
            Ok(result)
        }
        Err(AppError::BadRequest(text)) => Ok(VisitResult { text: text.to_owned(), ..result }),
        Err(error) => Err(error),
    }
}
