//! The visitor's page: the poster's address. A code is a write-only capability: a stranger with it sees the
//! place's name and the form, nothing else.

pub mod cards;
pub mod diary;
mod keep;
pub mod moment;
mod remembered;
pub mod report;

use axum::{
    Form,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    code::PlaceCode,
    collation,
    time::{Millis, local_datetime},
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::places::PointFacts;

use self::{
    keep::{COMPANIONS_MAX, Visited, keep, network_of},
    remembered::Remembered,
};
use crate::{
    app::App,
    error::{AppError, Result},
    gate::From,
    intake::identity::Identity,
    page::Page,
    tree::address_of,
    web::forms::{self, Errors},
};

/// The check-in form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct VisitForm {
    action: String,
    name: String,
    phone: String,
    birth_year: String,
    commune: String,
    /// Names of those who came along, a line or a comma between.
    companions: String,
    /// What a screen showed beside the code.
    rotating: String,
    /// Made with the page, so that a form sent twice is one check-in.
    id: String,
}

/// Earliest year of birth taken.
const BIRTH_YEAR_MIN: i16 = 1900;

/// The facts behind a code, in whatever form it was typed.
///
/// # Errors
/// Not found when no such code was ever issued.
pub async fn point(app: &App, code: &str) -> Result<PointFacts> {
    let Ok(code) = PlaceCode::parse(code) else { return Err(AppError::NotFound) };
    app.store.point_by_code(code.as_str()).await?.ok_or(AppError::NotFound)
}

/// Whether scans are taken at a point: its code is in force and its place approved.
#[must_use]
pub fn is_open(facts: &PointFacts) -> bool {
    facts.point.retired_at.is_none() && facts.state == "approved"
}

/// Shows the place's name and the form. Typed addresses in another form lead to the right one.
///
/// # Errors
/// Not found when no such code was ever issued.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result {
    let facts = point(&app, &code).await?;
    if facts.point.code != code {
        return Ok(Redirect::to(&format!("/D/{}", facts.point.code)).into_response());
    }
    let known = Remembered::read(&app, &headers);
    render(&app, &page, &facts, known.as_ref(), &VisitForm::default(), &Errors::default(), None).await
}

/// The same for a screen's code, whose last part changes every half minute.
///
/// # Errors
/// Not found when no such code was ever issued.
pub async fn show_rotating(
    State(app): State<App>,
    page: Page,
    Path((code, rotating)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result {
    let facts = point(&app, &code).await?;
    let known = Remembered::read(&app, &headers);
    let form = VisitForm { rotating: rotating.chars().take(12).collect(), ..VisitForm::default() };
    render(&app, &page, &facts, known.as_ref(), &form, &Errors::default(), None).await
}

async fn render(
    app: &App,
    page: &Page,
    facts: &PointFacts,
    known: Option<&Remembered>,
    form: &VisitForm,
    errors: &Errors,
    done: Option<Value>,
) -> Result {
    let tree = app.tree().await?;
    let mut communes: Vec<String> =
        tree.valid().filter(|unit| unit.is_commune()).map(|unit| unit.full_name.clone()).collect();
    communes.sort_by_cached_key(|name| collation::key(name));
    communes.dedup();
    let inside = known.and_then(|known| known.inside(facts.place_id, app.now()));
    let values = context! {
        code => &facts.point.code,
        place => context! {
            name => &facts.place_name, area_name => &facts.area_name, address => &facts.address,
            commune => address_of(&tree, facts.unit_id),
            open => is_open(facts),
        },
        known => known.map(|known| context! { name => &known.identity.name, phone_masked => known.phone_masked() }),
        inside => inside.map(|since| context! { since }),
        form => context! {
            name => &form.name, phone => &form.phone, birth_year => &form.birth_year, commune => &form.commune,
            companions => &form.companions, rotating => &form.rotating,
            id => uuid::Uuid::parse_str(&form.id).unwrap_or_else(|_| uuid::Uuid::new_v4()).to_string(),
        },
        errors => errors.view(),
        communes => if known.is_none() { communes } else { Vec::new() },
        notice => notice(app, page),
        done,
    };
    Ok(page.html("visit.html", values)?.into_response())
}

fn notice(app: &App, page: &Page) -> Value {
    context! {
        purpose => page.t("Thông tin này chỉ dùng để tìm người tiếp xúc khi có ca bệnh."),
        retention_days => app.config.retention_days,
        law => page.t("Theo Luật Bảo vệ dữ liệu cá nhân 2025 và chỉ đạo phòng, chống dịch của UBND tỉnh, việc ghi này phục vụ nhiệm vụ nhà nước. Bạn có quyền hỏi, xem, sửa và khiếu nại về dữ liệu của mình."),
        contact => page.tf("Nơi trả lời: {contact}.", &[("contact", app.config.privacy_contact.clone())]),
    }
}

/// Takes the form: in, out, or forget this device's person.
///
/// # Errors
/// Not found for an unknown code; unavailable when nothing can be kept right now.
pub async fn submit(
    State(app): State<App>,
    page: Page,
    Path(code): Path<String>,
    From(peer): From,
    headers: HeaderMap,
    Form(form): Form<VisitForm>,
) -> Result {
    let facts = point(&app, &code).await?;
    if form.action == "forget" {
        let mut answer = Redirect::to(&format!("/D/{}", facts.point.code)).into_response();
        Remembered::forget(&app, &mut answer);
        return Ok(answer);
    }
    app.limits.check_in(peer)?;
    if !is_open(&facts) {
        return render(&app, &page, &facts, None, &form, &Errors::default(), None).await;
    }
    let known = Remembered::read(&app, &headers);
    let mut errors = Errors::default();
    let person = match &known {
        Some(known) => Some(known.identity.clone()),
        None => read_person(&app, &page, &form, &mut errors),
    };
    let companions = companions(&page, &form, &mut errors);
    let (Some(person), true) = (person, errors.is_empty()) else {
        let mut answer = render(&app, &page, &facts, known.as_ref(), &form, &errors, None).await?;
        *answer.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(answer);
    };
    let out = form.action == "out";
    let now = app.now();
    let visited = Visited {
        id: uuid::Uuid::parse_str(&form.id).unwrap_or_else(|_| uuid::Uuid::new_v4()),
        out,
        captured_at: now,
        offset_ms: None,
        rotating: Some(form.rotating.clone()).filter(|text| !text.is_empty()),
        corrected: false,
        companions,
        network: network_of(&app, peer),
    };
    keep(&app, &facts, &person, &visited).await?;
    let mut remembered = known.unwrap_or_else(|| Remembered::of(person));
    remembered.note(facts.place_id, out, now);
    let mut answer = done(&app, &page, &facts, &remembered, out, now).await?;
    remembered.write(&app, &mut answer)?;
    Ok(answer)
}

fn read_person(app: &App, page: &Page, form: &VisitForm, errors: &mut Errors) -> Option<Identity> {
    let name = forms::person_name(page, errors, "name", &form.name);
    let phone = forms::phone(page, errors, "phone", &form.phone);
    let birth_year = birth_year(app, page, form, errors);
    let commune = form.commune.trim();
    let address = (!commune.is_empty()).then(|| forms::line(page, errors, "commune", commune, 120));
    if !errors.is_empty() {
        return None;
    }
    Some(Identity {
        name: name?.into_string(),
        phone: Some(phone?.e164()),
        birth_year,
        address,
        ..Identity::default()
    })
}

fn birth_year(app: &App, page: &Page, form: &VisitForm, errors: &mut Errors) -> Option<u16> {
    let text = form.birth_year.trim();
    if text.is_empty() {
        return None;
    }
    let year =
        text.parse::<i16>().ok().filter(|year| (BIRTH_YEAR_MIN..=app.clock.today().year()).contains(year));
    if year.is_none() {
        errors.add("birth_year", page.t("Năm sinh gồm 4 chữ số, ví dụ 1985."));
    }
    year.and_then(|year| u16::try_from(year).ok())
}

/// Those who came along: a name a line, or commas between.
fn companions(page: &Page, form: &VisitForm, errors: &mut Errors) -> Vec<String> {
    let names = form.companions.split(['\n', ',', ';']).map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names
        .filter_map(|name| forms::person_name(page, errors, "companions", name))
        .map(domain::name::Name::into_string)
        .collect();
    if names.len() > COMPANIONS_MAX {
        errors.add("companions", page.t("Mỗi lượt ghi tối đa 20 người đi cùng; hãy ghi làm nhiều lượt."));
    }
    names
}

async fn done(
    app: &App,
    page: &Page,
    facts: &PointFacts,
    known: &Remembered,
    out: bool,
    now: Millis,
) -> Result<Response> {
    let tree = app.tree().await?;
    let local = local_datetime(now);
    let done = context! {
        kind => if out { "out" } else { "in" },
        at_text => local.strftime("%H:%M %d/%m/%Y").to_string(),
        second => local.second(),
        place => if facts.area_name.is_empty() { facts.place_name.clone() } else { format!("{} · {}", facts.place_name, facts.area_name) },
        commune => address_of(&tree, facts.unit_id),
        word => moment::word(app, facts.place_id, now)?,
        at => now, place_name => &facts.place_name, area_name => &facts.area_name,
    };
    render(app, page, facts, Some(known), &VisitForm::default(), &Errors::default(), Some(done)).await
}
