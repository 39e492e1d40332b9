//! Our own personal cards: signed, issued to people without a phone, shown on phones, revoked.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use anyhow::{Context as _, Result};
use data_encoding::{HEXLOWER, HEXUPPER};
use domain::{card::own_card::OwnCard, name, time::Millis};
use jiff::{ToSpan as _, civil::Date};
use store::cards::Card;

use crate::{
    app::App,
    ids::new_person_id,
    intake::{
        CheckIn, Source,
        identity::{Identity, card_find_index, card_index, prepare_issued},
    },
};

/// What the signature on a card is for.
pub const CARD_PURPOSE: &str = "vaora personal card v1";
/// The key that signs printed cards now, by the number that stands on them.
pub const CARD_KEY_ID: u8 = 1;
/// The number that stands on cards made by phones for themselves: the same key, less trust.
pub const PHONE_KEY_ID: u8 = 2;
const PHONE_LABEL: &str = "phone card v1";
/// Days for which a printed card is valid.
pub const PRINTED_DAYS: i64 = 365;
/// Days for which a card on a phone is valid; the phone renews it.
pub const PHONE_DAYS: i64 = 30;

/// Revoked cards that would still be valid, kept in memory: each scan of a card asks.
#[derive(Default)]
pub struct RevokedCards(RwLock<HashMap<[u8; 8], Millis>>);

impl RevokedCards {
    /// Whether a card was revoked when it was shown.
    pub fn is_revoked(&self, number: &[u8; 8], at: Millis) -> bool {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(number).is_some_and(|revoked_at| *revoked_at <= at)
    }

    /// Reads the list anew.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn refresh(&self, store: &store::Store, today: Date) -> Result<()> {
        let list = store.revoked_cards(&today.to_string()).await?;
        let list = list.into_iter().filter_map(|(number, at)| Some((number.try_into().ok()?, at))).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = list;
        Ok(())
    }

    /// The numbers, one after the other in ascending order, as gates keep them.
    #[must_use]
    pub fn numbers(&self) -> Vec<u8> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut numbers: Vec<_> = held.keys().copied().collect();
        numbers.sort_unstable();
        numbers.concat()
    }
}

/// Who gets a card, from whom.
pub struct Issue<'a> {
    /// The person.
    pub identity: Identity,
    /// Hamlet or group printed on the card.
    pub note: String,
    /// Commune, or none for a card on a visitor's own phone.
    pub unit_id: Option<i64>,
    /// Sheet that it belongs to.
    pub sheet_id: i64,
    /// `printed` or `phone`.
    pub kind: &'a str,
    /// The officer's account.
    pub issued_by: Option<i64>,
}

/// Issues cards: the persons' records are sealed and durable, then the cards. Answers the cards in order.
///
/// # Errors
/// When check-ins are not open yet, or a store refuses; no card is issued then.
pub async fn issue(app: &App, issues: Vec<Issue<'_>>) -> Result<Vec<Card>> {
    let now = app.now();
    let today = app.clock.today();
    let mut records = Vec::with_capacity(issues.len());
    let mut cards = Vec::with_capacity(issues.len());
    for issue in issues {
        let number = new_person_id().to_be_bytes();
        records.push(CheckIn {
            event_id: *uuid::Uuid::new_v4().as_bytes(),
            area_id: 0,
            out: false,
            captured: 0,
            assurance: 0,
            subject: prepare_issued(&app.keyfile.index_key, &number, &issue.identity)?,
            source: Source::Keyed,
            record_only: true,
        });
        let days = if issue.kind == "phone" { PHONE_DAYS } else { PRINTED_DAYS };
        let (name, year) = (&issue.identity.name, issue.identity.birth_year);
        cards.push(Card {
            number: number.to_vec(),
            unit_id: issue.unit_id,
            sheet_id: issue.sheet_id,
            kind: issue.kind.to_owned(),
            masked_name: name::mask(name),
            note: issue.note,
            find_index: card_find_index(&app.keyfile.index_key, name, year).to_vec(),
            card_index: card_index(&app.keyfile.index_key, &number).1.to_vec(),
            issued_at: now,
            issued_by: issue.issued_by,
            expires_on: today.saturating_add(days.days()).to_string(),
            revoked_at: None,
            replaced_by: None,
        });
    }
    for kept in app.intake.keep(records).await {
        kept?;
    }
    app.store.add_cards(&cards).await?;
    Ok(cards)
}

/// The text of a card's symbol, signed.
///
/// # Errors
/// When the row is damaged.
pub fn symbol_text(app: &App, card: &Card) -> Result<String> {
    let own = OwnCard {
        key_id: if card.kind == "phone" { PHONE_KEY_ID } else { CARD_KEY_ID },
        number: card.number.as_slice().try_into().context("card number")?,
        expires_on: card.expires_on.parse()?,
        masked_name: card.masked_name.clone(),
    };
    let signature = app.keyfile.card_signing_key.sign(CARD_PURPOSE, &own.message()?);
    Ok(own.url(&app.config.public_url, signature.as_bytes())?)
}

/// What renews or gives back a card of a phone: it stands not in the symbol, so that a photograph of the card
/// does neither.
#[must_use]
pub fn phone_secret(app: &App, number: &[u8]) -> String {
    HEXLOWER.encode(&app.keyfile.session_key.mac(PHONE_LABEL, number))
}

/// Whether a secret is that of a phone's card.
#[must_use]
pub fn is_phone_secret(app: &App, number: &[u8], secret: &str) -> bool {
    let given = HEXLOWER.decode(secret.as_bytes());
    given.is_ok_and(|given| app.keyfile.session_key.mac_is(PHONE_LABEL, number, &given))
}

/// A card's number as people read it out: its last eight hexadecimal digits in two groups.
#[must_use]
pub fn short_number(number: &[u8]) -> String {
    let text = HEXUPPER.encode(number);
    let tail = text.get(text.len().saturating_sub(8)..).unwrap_or(&text);
    let (first, last) = tail.split_at(tail.len() / 2);
    format!("{first}-{last}")
}

/// Revokes a card; false when it was revoked before.
///
/// # Errors
/// When the store refuses.
pub async fn revoke(app: &App, number: &[u8], replaced_by: Option<Vec<u8>>) -> Result<bool> {
    let revoked = app.store.revoke_card(number, replaced_by, app.now()).await?;
    app.cards.refresh(&app.store, app.clock.today()).await?;
    Ok(revoked)
}
