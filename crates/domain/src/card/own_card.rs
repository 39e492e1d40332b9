//! Our own personal card: a signed token in the fragment of `https://HOST/C#TOKEN`.
//!
//! The token is base64url without padding of, in this order: version (1), id of the issuing key (1 byte),
//! card number (8 bytes, random), last valid day (2 bytes, days since 1970-01-01, reaching into 2149), length
//! of the masked name (1 byte), the masked name (UTF-8), and a P-256 signature (64 bytes, r then s) over all
//! that precedes it. Numbers are big-endian. It holds no ID number, phone or birth date and opens nothing.
//! Only its form is read here; the signature and the list of revoked cards are for the caller.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use jiff::civil::Date;

use super::link::Link;
use super::text::has_accented_letter;
use super::{Fields, Kind, Reading, Reason};
use crate::time::{date_of_day_number, day_number};

/// The version this program writes and reads.
const VERSION: u8 = 1;

/// Bytes of a P-256 signature in fixed form.
pub const SIGNATURE_BYTES: usize = 64;

/// Bytes before the masked name.
const HEAD_BYTES: usize = 13;

/// Longest masked name, in bytes; keeps the printed symbol at 5 × 5 cm readable.
pub const MASKED_NAME_BYTES_MAX: usize = 120;

/// A fragment at least this long, in characters, behind `/C` is taken for a token: the shortest has 103.
const TOKEN_CHARS_MIN: usize = 100;

/// What the issuer signs. `Debug` shows neither number nor name.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnCard {
    /// Which issuing key signs.
    pub key_id: u8,
    /// Random number of the card.
    pub number: [u8; 8],
    /// Last day the card is valid.
    pub expires_on: Date,
    /// Name as [`crate::name::mask`] shortens it, at most [`MASKED_NAME_BYTES_MAX`] bytes.
    pub masked_name: String,
}

/// A token taken apart: the card, the bytes that were signed, and the signature over them, unchecked.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCard {
    /// What the token says.
    pub card: OwnCard,
    /// The signed bytes, exactly as they came.
    pub message: Vec<u8>,
    /// The signature, r then s.
    pub signature: [u8; SIGNATURE_BYTES],
}

/// Why a card cannot be written or a token not taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The masked name is too long for the symbol.
    #[error("a masked name has at most {MASKED_NAME_BYTES_MAX} bytes")]
    NameTooLong,
    /// The last valid day lies before 1970-01-01 or after 2149-06-06.
    #[error("the last valid day lies outside 1970 to 2149")]
    ExpiryOutOfRange,
    /// Not base64url, of the wrong length, or a name that is not UTF-8.
    #[error("the token of the card is damaged")]
    Damaged,
    /// A version that this program does not know.
    #[error("the token has version {0}, this program reads version {VERSION}")]
    UnknownVersion(u8),
}

impl OwnCard {
    /// The bytes to sign.
    ///
    /// # Errors
    /// When the masked name is too long or the last day does not fit.
    pub fn message(&self) -> Result<Vec<u8>, TokenError> {
        let name = self.masked_name.as_bytes();
        let name_length = u8::try_from(name.len()).map_err(|_| TokenError::NameTooLong)?;
        if name.len() > MASKED_NAME_BYTES_MAX {
            return Err(TokenError::NameTooLong);
        }
        let day = u16::try_from(day_number(self.expires_on)).map_err(|_| TokenError::ExpiryOutOfRange)?;
        let mut message = Vec::with_capacity(HEAD_BYTES + name.len());
        message.extend([VERSION, self.key_id]);
        message.extend(self.number);
        message.extend(day.to_be_bytes());
        message.push(name_length);
        message.extend(name);
        Ok(message)
    }

    /// The text of the card's symbol. `base_url` is scheme and host, `signature` that over
    /// [`OwnCard::message`].
    ///
    /// # Errors
    /// As [`OwnCard::message`].
    pub fn url(&self, base_url: &str, signature: &[u8; SIGNATURE_BYTES]) -> Result<String, TokenError> {
        let mut token = self.message()?;
        token.extend(signature);
        Ok(format!("{}/C#{}", base_url.trim_end_matches('/'), BASE64URL_NOPAD.encode(&token)))
    }

    /// The card number as it is stored and indexed: 16 hexadecimal digits in lower case.
    #[must_use]
    pub fn number_hex(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.number))
    }
}

impl SignedCard {
    /// Takes a token apart; checks its form, not its signature.
    ///
    /// # Errors
    /// When it is damaged or of an unknown version.
    pub fn parse(token: &str) -> Result<Self, TokenError> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| TokenError::Damaged)?;
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&version) => return Err(TokenError::UnknownVersion(version)),
            None => return Err(TokenError::Damaged),
        }
        let (message, signature) = bytes.split_last_chunk::<SIGNATURE_BYTES>().ok_or(TokenError::Damaged)?;
        let (head, name) = message.split_first_chunk::<HEAD_BYTES>().ok_or(TokenError::Damaged)?;
        let [_, key_id, number @ .., day_high, day_low, name_length] = *head;
        if name.len() != usize::from(name_length) || name.len() > MASKED_NAME_BYTES_MAX {
            return Err(TokenError::Damaged);
        }
        let masked_name = std::str::from_utf8(name).map_err(|_| TokenError::Damaged)?.to_owned();
        let expires_on = date_of_day_number(i64::from(u16::from_be_bytes([day_high, day_low])));
        let card = OwnCard { key_id, number, expires_on, masked_name };
        Ok(Self { card, message: message.to_vec(), signature: *signature })
    }

    /// Takes apart the token in the text of a card's symbol, `https://HOST/C#TOKEN`.
    ///
    /// # Errors
    /// As [`SignedCard::parse`]; a text without a fragment is damaged.
    pub fn parse_url(text: &str) -> Result<Self, TokenError> {
        let (_, token) = text.trim().split_once('#').ok_or(TokenError::Damaged)?;
        Self::parse(token)
    }
}

impl fmt::Debug for OwnCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnCard(key {}, until {})", self.key_id, self.expires_on)
    }
}

impl fmt::Debug for SignedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedCard({:?})", self.card)
    }
}

/// Reads a link `https://HOST/C#TOKEN`; `None` where the link is not of this form.
pub(super) fn read_link(link: &Link<'_>, today: Date) -> Option<Reading> {
    let is_card_path = link.path_after("/C").is_some_and(|rest| rest.is_empty() || rest == "/");
    let token = link.fragment.filter(|token| is_card_path && token.chars().count() >= TOKEN_CHARS_MIN)?;
    if has_accented_letter(token) || has_accented_letter(&link.host) {
        return Some(Reading::refused(Kind::Card, Reason::InputMethodActive));
    }
    let mut fields = Fields { host: Some(link.host_with_port()), ..Fields::default() };
    let reason = match SignedCard::parse(token) {
        Ok(signed) => put_card(&signed.card, today, &mut fields),
        Err(TokenError::UnknownVersion(_)) => Reason::CardVersionUnknown,
        Err(_) => Reason::TokenDamaged,
    };
    Some(Reading::new(Kind::Card, fields, vec![reason]))
}

fn put_card(card: &OwnCard, today: Date, fields: &mut Fields) -> Reason {
    fields.card_number = Some(card.number_hex());
    fields.card_key_id = Some(card.key_id);
    fields.expires_on = Some(card.expires_on.to_string());
    fields.masked_name = super::text::line(&card.masked_name);
    if today > card.expires_on { Reason::CardExpired } else { Reason::SignatureUnchecked }
}
