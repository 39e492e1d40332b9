//! The printed personal card: for people who carry no phone.
//!
//! A card is two halves side by side, folded along the line between them: the front says whose it is and what to
//! do when it is lost, the back holds the symbol. Both halves are as wide as a bank card (ISO/IEC 7810 ID-1,
//! 85.6 mm) but 62 mm high instead of 54: a symbol of 5 cm with the four light modules that a reader needs around it
//! (ISO/IEC 18004) takes up to 61 mm, and a symbol cut into its light border is a card that fails at the door.

use domain::time::Millis;
use fast_qr::{ECL, Version};
use jiff::civil::Date;
use serde::Serialize;

use crate::DocumentError;
use crate::qr::Symbol;
use crate::text::{clean, clean_breakable, day};
use crate::typeset::{Template, typeset_pdf};

/// Most cards in one file: a large commune's people without a phone, on 500 sheets.
pub const CARDS_MAX: usize = 2_000;

/// Cards on one A4 sheet.
pub const CARDS_PER_SHEET: usize = 4;

/// Width of one half of a card, in millimetres (ISO/IEC 7810, ID-1).
pub const CARD_WIDTH_MM: f64 = 85.6;

/// Height of a card, in millimetres.
pub const CARD_HEIGHT_MM: f64 = 62.0;

/// Width and height of the symbol's modules on a card, in millimetres, without the quiet zone. A millimetre above
/// the least, because printers draw pages a little smaller than asked.
pub const CARD_SYMBOL_MM: f64 = 51.0;

/// The least width a personal code may have, in millimetres (rule of Hà Nội, 2021: 5 × 5 cm).
pub const CARD_SYMBOL_MM_MIN: f64 = 50.0;

/// Most characters of the text in a card's symbol: an address of 90 and the longest token of 263 (see
/// `domain::card`). At error correction M that is 73 modules of 0.7 mm.
pub const CARD_URL_CHARS_MAX: usize = 353;

/// Modules above which a symbol at error correction Q would have modules smaller than 0.78 mm; a longer text is
/// written at M instead, because coarse modules help a cheap camera more than the last repairs do.
const MODULES_MAX: usize = 65;

/// With fewer than these 41 modules, four light ones on each side would not fit into the height of the card.
const VERSION_MIN: Version = Version::V06;

/// Most graphemes printed of each field: what fits its box at the smallest size of the template.
const NAME_GRAPHEMES_MAX: usize = 80;
const NOTE_GRAPHEMES_MAX: usize = 60;
const UNIT_GRAPHEMES_MAX: usize = 45;
const AGENCY_GRAPHEMES_MAX: usize = 90;

const TEMPLATE: Template = Template {
    path: "/personal_card.typ",
    source: concat!(include_str!("../templates/shared.typ"), include_str!("../templates/personal_card.typ")),
};

/// What one card says. Text may hold any character; long text shrinks and wraps, and what is far beyond any name
/// is cut with an ellipsis.
#[derive(Clone)]
pub struct PersonalCard {
    /// The holder's name, already masked: nobody but the holder should know it from the card.
    pub masked_name: String,
    /// Hamlet or group (thôn, buôn, tổ dân phố), so that the right card reaches the right hand; may be empty.
    pub note: String,
    /// Commune with its kind, as in `phường Tân Lợi`.
    pub commune: String,
    /// District with its kind; none since the two-level units of 1 July 2025.
    pub district: Option<String>,
    /// Province with its kind, as in `tỉnh Đắk Lắk`.
    pub province: String,
    /// The number by which the office finds and revokes the card, as people read it: `K7F2-9QXM`.
    pub number_short: String,
    /// The text of the symbol, 1 to [`CARD_URL_CHARS_MAX`] characters.
    pub url: String,
    /// Last day on which the card is valid.
    pub expires_on: Date,
    /// Day on which the card was issued.
    pub issued_on: Date,
    /// Telephone for lost cards and help.
    pub hotline: Option<String>,
    /// The office that issues the card.
    pub agency: String,
}

/// What the template reads; every field is set as a string, never as markup.
#[derive(Serialize)]
struct CardData {
    masked_name: String,
    note: String,
    where_line: String,
    number_short: String,
    symbol_svg: String,
    expires_on: String,
    issued_on: String,
    lost_line: String,
    agency: String,
}

#[derive(Serialize)]
struct CardFile {
    title: String,
    author: &'static str,
    card_width_mm: f64,
    card_height_mm: f64,
    symbol_mm: f64,
    cards_per_sheet: usize,
    cards: Vec<CardData>,
}

/// Sets the cards as a PDF of A4 sheets to cut and fold, [`CARDS_PER_SHEET`] a sheet in the given order; `now` is
/// only the file's creation time.
///
/// # Errors
/// [`DocumentError::Nothing`] without cards, [`DocumentError::TooMany`] above [`CARDS_MAX`],
/// [`DocumentError::QrText`] for an address that does not fit, [`DocumentError::Typeset`] when the typesetter fails.
pub fn cards_pdf(cards: &[PersonalCard], now: Millis) -> Result<Vec<u8>, DocumentError> {
    if cards.len() > CARDS_MAX {
        return Err(DocumentError::TooMany { what: "cards", count: cards.len(), max: CARDS_MAX });
    }
    if cards.is_empty() {
        return Err(DocumentError::Nothing("cards"));
    }
    // A file's title shows in lists of files: it says how many cards, never whose.
    let file = CardFile {
        title: format!("Thẻ quét mã, {} thẻ", cards.len()),
        author: "Vào Ra",
        card_width_mm: CARD_WIDTH_MM,
        card_height_mm: CARD_HEIGHT_MM,
        symbol_mm: CARD_SYMBOL_MM,
        cards_per_sheet: CARDS_PER_SHEET,
        cards: cards.iter().map(data).collect::<Result<Vec<_>, _>>()?,
    };
    typeset_pdf(&TEMPLATE, &file, now)
}

fn data(card: &PersonalCard) -> Result<CardData, DocumentError> {
    let agency = clean_breakable(&card.agency, AGENCY_GRAPHEMES_MAX);
    let district = card.district.as_deref().unwrap_or("");
    let units =
        [&card.commune, district, &card.province].map(|unit| clean_breakable(unit, UNIT_GRAPHEMES_MAX));
    let where_line: Vec<String> = units.into_iter().filter(|unit| !unit.is_empty()).collect();
    Ok(CardData {
        masked_name: clean_breakable(&card.masked_name, NAME_GRAPHEMES_MAX),
        note: clean_breakable(&card.note, NOTE_GRAPHEMES_MAX),
        where_line: where_line.join(", "),
        number_short: clean(&card.number_short, 12),
        symbol_svg: symbol(&card.url)?.svg(0, ""),
        expires_on: day(card.expires_on),
        issued_on: day(card.issued_on),
        lost_line: lost_line(&agency, card.hotline.as_deref()),
        agency,
    })
}

fn symbol(url: &str) -> Result<Symbol, DocumentError> {
    let at = |ecl| Symbol::encode_as(url, CARD_URL_CHARS_MAX, ecl, VERSION_MIN);
    match at(ECL::Q)? {
        symbol if symbol.size() <= MODULES_MAX => Ok(symbol),
        _ => at(ECL::M),
    }
}

/// What to do with a lost card, in words of daily use.
fn lost_line(agency: &str, hotline: Option<&str>) -> String {
    let whom = match agency {
        "" => "nơi cấp thẻ",
        agency => agency,
    };
    match clean(hotline.unwrap_or(""), 40) {
        hotline if hotline.is_empty() => {
            format!("Mất thẻ: báo ngay cho {whom} để khóa thẻ cũ và cấp thẻ mới. Ai nhặt được xin gửi lại.")
        }
        hotline => format!(
            "Mất thẻ: gọi ngay {hotline} hoặc báo {whom} để khóa thẻ cũ và cấp thẻ mới. Ai nhặt được xin gửi lại."
        ),
    }
}
