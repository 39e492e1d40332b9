//! Raising a ticket: first the reason with what to try, then the words. For owners and for offices.

use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    role::Role,
    support::{Reason, acknowledge_by, first_office},
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    messages::Recipient,
    places::Place,
    tickets::{Post, Ticket},
};

use super::{form_id, prose, reasons, support};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    jobs::remind::calendar,
    notify,
    page::Page,
    web::{forms::Errors, owner},
};

/// Longest text of a ticket, in characters.
pub const WORDS_CHARS_MAX: usize = 2000;
/// Tickets of an owner that may be open at once: more say nothing new.
const OWNER_OPEN_MAX: usize = 20;
/// Tickets of an owner that are listed.
const OWNER_LISTED: i64 = 50;

/// Which reason and place were chosen.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Chosen {
    reason: String,
    place: String,
}

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TicketForm {
    id: String,
    reason: String,
    place: String,
    words: String,
}

/// Who asks: the owner of places, or an office.
struct Asker {
    /// Where this asker's pages begin.
    base: &'static str,
    /// Places to choose from; an office needs none.
    places: Vec<Place>,
    /// The officer and his office.
    office: Option<(i64, i64)>,
}

async fn asker(app: &App, page: &Page, place: &str) -> Result<Asker> {
    if page.path.starts_with("/owner/") {
        let owner = owner::require(app, page).await?;
        let places = app.store.places_of_owner(owner.index).await?;
        return Ok(Asker { base: "/owner/support", places, office: None });
    }
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer])?;
    let mut places = Vec::new();
    if let Ok(id) = place.parse::<i64>() {
        let found = app.store.place(id).await?.ok_or(AppError::NotFound)?;
        officer.require_unit(&*app.tree().await?, found.unit_id)?;
        places.push(found);
    }
    Ok(Asker { base: "/support", places, office: Some((officer.id, officer.unit_id)) })
}

/// Lists the tickets of an owner's places.
///
/// # Errors
/// When the store fails.
pub async fn of_owner(State(app): State<App>, page: Page) -> Result {
    let Some(owner) = owner::current(&app, page.session()).await? else {
        return Ok(Redirect::to("/owner").into_response());
    };
    let tree = app.tree().await?;
    let tickets = app.store.tickets_of_owner(owner.index, OWNER_LISTED).await?;
    let today = app.clock.today().to_string();
    let rows: Vec<Value> =
        tickets.iter().map(|ticket| support::row(&page, &tree, ticket, &today, app.now())).collect();
    page.show("owner_support.html", context! { rows }).await
}

/// Shows the reasons, or the chosen one with what to try and the form.
///
/// # Errors
/// Not found for those who may not ask.
pub async fn form(State(app): State<App>, page: Page, Query(chosen): Query<Chosen>) -> Result {
    if page.path.starts_with("/owner/") && owner::current(&app, page.session()).await?.is_none() {
        return Ok(Redirect::to("/owner").into_response());
    }
    let asker = asker(&app, &page, &chosen.place).await?;
    let form = TicketForm {
        id: new_id().to_string(),
        reason: chosen.reason,
        place: chosen.place,
        words: String::new(),
    };
    show(&page, &asker, &form, &Errors::default()).await
}

async fn show(page: &Page, asker: &Asker, form: &TicketForm, errors: &Errors) -> Result {
    let reason = Reason::from_code(&form.reason).filter(|one| asker.office.is_some() || !one.is_of_office());
    let places: Vec<Value> = asker
        .places
        .iter()
        .map(|place| context! { value => place.id.to_string(), label => &place.name })
        .collect();
    let values = context! {
        base => asker.base, is_owner => asker.office.is_none(), places,
        reasons => support::reason_choices(page, asker.office.is_some()),
        chosen => reason.map(|reason| context! {
            code => reason.code(), label => page.t(reasons::label(reason)), help => page.t(reasons::help(reason)),
            guide => reason.guide(),
        }),
        form => context! { id => &form.id, place => &form.place, words => &form.words },
        errors => errors.view(), words_max => WORDS_CHARS_MAX,
    };
    page.show("support_new.html", values).await
}

/// Raises the ticket and tells the office that has to answer.
///
/// # Errors
/// Not found for those who may not ask.
pub async fn submit(State(app): State<App>, page: Page, Form(form): Form<TicketForm>) -> Result {
    let asker = asker(&app, &page, &form.place).await?;
    let mut errors = Errors::default();
    let Some(ticket) = check(&app, &page, &asker, &form, &mut errors).await? else {
        return show(&page, &asker, &form, &errors).await;
    };
    if app.store.open_ticket(&ticket, asker.office.map(|(_, unit)| unit)).await? {
        let tree = app.tree().await?;
        let from = ticket.place_name.clone().unwrap_or_else(|| tree.name(ticket.unit_id).to_owned());
        let reason = reasons::label(Reason::from_code(&ticket.reason).unwrap_or(Reason::Other));
        let source = "Phiếu hỗ trợ mới từ {from}: {reason}.";
        let message = notify::message(
            format!("ticket:{}:open", ticket.id),
            Recipient::Unit(ticket.office_id),
            source,
            &[("from", &from), ("reason", reason)],
            format!("/support/{}", ticket.id),
        );
        let due_on = Some(ticket.ack_due_on.clone());
        notify::post(&app, store::messages::NewMessage { due_on, ..message }).await?;
    }
    let to = format!("{}/{}", asker.base, ticket.id);
    page.go(&to, "good", "Đã gửi. Trả lời sẽ hiện ở trang này.").await
}

async fn check(
    app: &App,
    page: &Page,
    asker: &Asker,
    form: &TicketForm,
    errors: &mut Errors,
) -> Result<Option<Ticket>> {
    let reason = Reason::from_code(&form.reason).filter(|one| asker.office.is_some() || !one.is_of_office());
    if reason.is_none() {
        errors.add("reason", page.t("Hãy chọn việc gặp phải."));
    }
    let words = prose(page, errors, "words", &form.words, WORDS_CHARS_MAX, true);
    let place = asker.places.iter().find(|place| place.id.to_string() == form.place);
    if place.is_none() && asker.office.is_none() {
        errors.add("place", page.t("Hãy chọn địa điểm."));
    }
    if asker.office.is_none() && errors.is_empty() {
        refuse_too_many(app, page, errors).await?;
    }
    let Some(reason) = reason.filter(|_| errors.is_empty()) else { return Ok(None) };
    let tree = app.tree().await?;
    let unit_id = match (asker.office, place) {
        (Some((_, unit)), _) => unit,
        (None, Some(place)) => place.unit_id,
        (None, None) => return Ok(None),
    };
    let day = acknowledge_by(&calendar(app).await?, app.clock.today());
    Ok(Some(Ticket {
        id: form_id(&form.id),
        place_id: place.map(|place| place.id),
        place_name: place.map(|place| place.name.clone()),
        unit_id,
        account_id: asker.office.map(|(account, _)| account),
        office_id: first_office(&tree, unit_id, asker.office.is_none()),
        reason: reason.code().to_owned(),
        words,
        state: domain::support::State::New.code().to_owned(),
        opened_at: app.now(),
        ack_due_on: day.to_string(),
        acknowledged_at: None,
        answered_at: None,
        solved_at: None,
        closed_at: None,
        reopened: 0,
    }))
}

async fn refuse_too_many(app: &App, page: &Page, errors: &mut Errors) -> Result<()> {
    let owner = owner::require(app, page).await?;
    let tickets = app.store.tickets_of_owner(owner.index, OWNER_LISTED).await?;
    let is_open = |ticket: &&Ticket| {
        domain::support::State::from_code(&ticket.state).is_some_and(domain::support::State::is_open)
    };
    if tickets.iter().filter(is_open).count() >= OWNER_OPEN_MAX {
        errors.add("words", page.t("Đang có quá nhiều phiếu chưa xong; hãy viết tiếp vào một phiếu cũ."));
    }
    Ok(())
}

/// What was said, for a template; an owner's page names offices and not their people.
#[must_use]
pub fn post_view(page: &Page, tree: &domain::admin_unit::UnitTree, post: &Post, for_owner: bool) -> Value {
    let who = match (post.unit_id, &post.account_name) {
        (Some(unit), Some(name)) if !for_owner => format!("{name}, {}", tree.name(unit)),
        (Some(unit), _) => tree.name(unit).to_owned(),
        _ if for_owner => page.t("Bạn"),
        _ => page.t("Chủ địa điểm"),
    };
    context! {
        id => post.id.to_string(), at => post.at, who, act => &post.act,
        act_label => page.t(reasons::act_label(&post.act)), words => &post.words,
    }
}
