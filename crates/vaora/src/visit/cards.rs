//! Cards on a visitor's phone: his own, and those of children and elders who have none. The phone keeps the
//! symbol; the server keeps the number, to renew and to revoke it.

use axum::{Json, extract::State};
use data_encoding::HEXLOWER;
use documents::qr_svg;
use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};
use store::cards::Card;

use super::diary::QueuedPerson;
use crate::{
    app::App,
    cards::{Issue, PHONE_DAYS, is_phone_secret, issue, phone_secret, revoke, short_number, symbol_text},
    error::{AppError, Result},
    gate::From,
    ids::new_id,
    page::Page,
};

/// Most cards that a phone asks for at once: a family.
const CARDS_MAX: usize = 8;

/// Whom cards are for.
#[derive(Deserialize)]
pub struct Asked {
    people: Vec<QueuedPerson>,
}

/// A card for the phone to keep and show.
#[derive(Serialize)]
pub struct PhoneCard {
    number: String,
    short_number: String,
    masked_name: String,
    expires_on: String,
    /// Text of the symbol.
    text: String,
    /// The symbol as SVG.
    svg: String,
    /// What renews the card or gives it back; for the phone to keep, and not in the symbol.
    secret: String,
}

/// Makes cards for people on this phone.
///
/// # Errors
/// A bad request that says what is wrong with a name or phone; too many from one network.
pub async fn make(
    State(app): State<App>,
    From(peer): From,
    Json(asked): Json<Asked>,
) -> Result<Json<Vec<PhoneCard>>> {
    app.limits.network(peer)?;
    if asked.people.is_empty() || asked.people.len() > CARDS_MAX {
        return Err(AppError::BadRequest("Mỗi lần làm được từ 1 đến 8 thẻ."));
    }
    let sheet_id = new_id();
    let mut issues = Vec::new();
    for person in &asked.people {
        let identity = person.identity().map_err(AppError::BadRequest)?;
        issues.push(Issue {
            identity,
            note: String::new(),
            unit_id: None,
            sheet_id,
            kind: "phone",
            issued_by: None,
        });
    }
    let cards = issue(&app, issues).await?;
    cards.iter().map(|card| phone_card(&app, card)).collect::<Result<_>>().map(Json)
}

fn phone_card(app: &App, card: &Card) -> Result<PhoneCard> {
    let text = symbol_text(app, card)?;
    Ok(PhoneCard {
        number: HEXLOWER.encode(&card.number),
        short_number: short_number(&card.number),
        masked_name: card.masked_name.clone(),
        expires_on: card.expires_on.clone(),
        svg: qr_svg(&text)?,
        secret: phone_secret(app, &card.number),
        text,
    })
}

/// A card of a phone, as its holder names it.
#[derive(Deserialize)]
pub struct Held {
    /// Number, in hexadecimal.
    number: String,
    /// As it was given with the card.
    secret: String,
}

/// The card that its holder names, if it is in force.
async fn held_card(app: &App, held: &Held) -> Result<Card> {
    const NOT_HELD: AppError = AppError::BadRequest("Thẻ này không gia hạn được; hãy làm thẻ mới.");
    let number = HEXLOWER.decode(held.number.as_bytes()).map_err(|_| NOT_HELD)?;
    let card =
        if is_phone_secret(app, &number, &held.secret) { app.store.card(&number).await? } else { None };
    card.filter(|card| card.kind == "phone" && card.revoked_at.is_none()).ok_or(NOT_HELD)
}

/// Renews a card of a phone: the same number, a later last day.
///
/// # Errors
/// A bad request for a card that is revoked, printed, or not the phone's own.
pub async fn renew(
    State(app): State<App>,
    From(peer): From,
    Json(held): Json<Held>,
) -> Result<Json<PhoneCard>> {
    app.limits.network(peer)?;
    let card = held_card(&app, &held).await?;
    let expires_on = app.clock.today().saturating_add(PHONE_DAYS.days()).to_string();
    app.store.extend_card(&card.number, &expires_on).await?;
    Ok(Json(phone_card(&app, &Card { expires_on, ..card })?))
}

/// Gives a card of a phone back: its number is revoked.
///
/// # Errors
/// A bad request for a card that is revoked, printed, or not the phone's own.
pub async fn give_back(
    State(app): State<App>,
    From(peer): From,
    Json(held): Json<Held>,
) -> Result<axum::http::StatusCode> {
    app.limits.network(peer)?;
    let card = held_card(&app, &held).await?;
    revoke(&app, &card.number, None).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// What a phone shows that reads somebody's card with its own camera: what this is and where to bring it.
/// The token stands in the fragment, which no browser sends: nothing is read, nothing is known.
///
/// # Errors
/// When the page cannot be made.
pub async fn found(State(_app): State<App>, page: Page) -> Result {
    page.show("card_found.html", minijinja::context! {}).await
}
