//! Cards on a visitor's phone: his own, and those of children and elders who have none. The phone keeps the
//! symbol; the server keeps the number, to renew and to revoke it.

use axum::{Json, extract::State};
use data_encoding::HEXLOWER;
use documents::qr_svg;
use domain::card::own_card::SignedCard;
use jiff::ToSpan as _;
use seal::sign::Signature;
use serde::{Deserialize, Serialize};
use store::cards::Card;

use super::diary::QueuedPerson;
use crate::{
    app::App,
    cards::{CARD_PURPOSE, Issue, PHONE_DAYS, issue, short_number, symbol_text},
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
        text,
    })
}

/// A card to renew.
#[derive(Deserialize)]
pub struct Renewal {
    /// Text of its symbol.
    text: String,
}

/// Renews a card of a phone: the same number, a later last day. Whoever shows the signed text is its holder.
///
/// # Errors
/// A bad request for a card that is not ours, is revoked, or was printed.
pub async fn renew(
    State(app): State<App>,
    From(peer): From,
    Json(renewal): Json<Renewal>,
) -> Result<Json<PhoneCard>> {
    app.limits.network(peer)?;
    const NOT_RENEWED: AppError = AppError::BadRequest("Thẻ này không gia hạn được; hãy làm thẻ mới.");
    let signed = SignedCard::parse_url(&renewal.text).map_err(|_| NOT_RENEWED)?;
    let key = app.keyfile.card_signing_key.verify_key();
    key.verify(CARD_PURPOSE, &signed.message, &Signature::from_bytes(signed.signature))
        .map_err(|_| NOT_RENEWED)?;
    let card = app.store.card(&signed.card.number).await?;
    let card = card.filter(|card| card.kind == "phone" && card.revoked_at.is_none()).ok_or(NOT_RENEWED)?;
    let expires_on = app.clock.today().saturating_add(PHONE_DAYS.days()).to_string();
    app.store.extend_card(&card.number, &expires_on).await?;
    Ok(Json(phone_card(&app, &Card { expires_on, ..card })?))
}

/// What a phone shows that reads somebody's card with its own camera: what this is and where to bring it.
/// The token stands in the fragment, which no browser sends: nothing is read, nothing is known.
///
/// # Errors
/// When the page cannot be made.
pub async fn found(State(_app): State<App>, page: Page) -> Result {
    page.show("card_found.html", minijinja::context! {}).await
}
