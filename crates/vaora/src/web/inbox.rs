//! An officer's messages: unread first, each leading to where it is to be seen to.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::messages::Message;

use crate::{
    app::App,
    error::{AppError, Result},
    i18n::Lang,
    limits::PAGE_ROWS,
    notify,
    page::Page,
    web::place_edit::{self, Viewer},
};

/// Messages of a place that its owner is shown.
const OWNER_MESSAGES: i64 = 10;

/// Which page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    page: usize,
}

/// Lists the officer's messages.
///
/// # Errors
/// Sign-in for strangers.
pub async fn list(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result {
    let officer = page.officer()?;
    let total = usize::try_from(app.store.inbox_size(officer.id, officer.inbox_unit()).await?).unwrap_or(0);
    let pages = total.div_ceil(PAGE_ROWS).max(1);
    let current = which.page.clamp(1, pages);
    let offset = i64::try_from((current - 1) * PAGE_ROWS).unwrap_or(0);
    let rows = app.store.inbox(officer.id, officer.inbox_unit(), rows_max(), offset).await?;
    let messages: Vec<Value> = rows.iter().map(|message| view(&app, page.lang, message)).collect();
    let newest = rows.iter().map(|message| message.made_at).max().unwrap_or(0);
    let any_unread = rows.iter().any(|message| message.read_at.is_none());
    page.show("messages.html", context! { messages, total, pages, current, newest, any_unread }).await
}

fn rows_max() -> i64 {
    i64::try_from(PAGE_ROWS).unwrap_or(50)
}

/// A message for a template.
#[must_use]
pub fn view(app: &App, lang: Lang, message: &Message) -> Value {
    context! {
        id => message.id.to_string(),
        text => notify::words(&app.catalog, lang, &message.source, &message.params),
        href => &message.href, urgent => message.urgent, due_on => &message.due_on,
        late => message.due_on.as_deref().is_some_and(|due| due < app.clock.today().to_string().as_str()),
        made_at => message.made_at, read => message.read_at.is_some(),
    }
}

/// The latest messages to a place's owner, for its page.
///
/// # Errors
/// When the store refuses.
pub async fn of_place(app: &App, page: &Page, place_id: i64) -> Result<Vec<Value>> {
    let messages = app.store.messages_of_place(place_id, OWNER_MESSAGES).await?;
    Ok(messages.iter().map(|message| view(app, page.lang, message)).collect())
}

/// The owner has read what stands on the page of a place, up to a moment.
///
/// # Errors
/// Not found for places that are not the owner's.
pub async fn read_of_place(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ReadForm>,
) -> Result {
    let (viewer, place) = place_edit::viewed(&app, &page, id).await?;
    let Viewer::Owner = viewer else { return Err(AppError::NotFound) };
    app.store.read_messages_of_place(place.id, form.until.min(app.now()), app.now()).await?;
    page.go(&format!("/owner/places/{id}"), "good", "Đã đánh dấu các tin là đã đọc.").await
}

/// Marks a message as read and goes where it leads.
///
/// # Errors
/// Not found for messages of others.
pub async fn open(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let officer = page.officer()?;
    let message =
        app.store.own_message(id, officer.id, officer.inbox_unit()).await?.ok_or(AppError::NotFound)?;
    app.store.read_message(id, officer.id, app.now()).await?;
    // Only addresses of ours: a message never leads out.
    let within = message.href.starts_with('/') && !message.href.starts_with("//");
    Ok(Redirect::to(if within { &message.href } else { "/messages" }).into_response())
}

/// Up to which moment all is read.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ReadForm {
    until: i64,
}

/// Marks everything up to a moment as read.
///
/// # Errors
/// Sign-in for strangers.
pub async fn read_all(State(app): State<App>, page: Page, Form(form): Form<ReadForm>) -> Result {
    let officer = page.officer()?;
    let until = form.until.min(app.now());
    app.store.read_messages(officer.id, officer.inbox_unit(), until, app.now()).await?;
    page.go("/messages", "good", "Đã đánh dấu tất cả là đã đọc.").await
}
