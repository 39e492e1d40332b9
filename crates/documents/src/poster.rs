//! The poster of a scan point: what hangs at every entrance.

use domain::time::Millis;
use jiff::civil::Date;
use serde::Serialize;

use crate::DocumentError;
use crate::qr::Symbol;
use crate::text::{clean, clean_breakable, day};
use crate::typeset::{Template, typeset_pdf};

/// Most posters in one file.
pub const POSTERS_MAX: usize = 500;

/// Width and height of the symbol's modules on the poster, in millimetres, without the quiet zone.
pub const SYMBOL_MM: f64 = 152.0;

/// The least width a place's code may have, in millimetres (rule of Hà Nội, 2021: 15 × 15 cm).
pub const SYMBOL_MM_MIN: f64 = 150.0;

/// Light modules kept around the symbol (ISO/IEC 18004); these lie outside [`SYMBOL_MM`].
pub const QUIET_ZONE_MODULES: usize = crate::qr::QUIET_MODULES;

/// Most graphemes printed of the place's name, of the area's name, of the line that says where it is (in parts), and
/// of the agency's name: what fits their boxes at the smallest sizes of the template.
const PLACE_GRAPHEMES_MAX: usize = 200;
const AREA_GRAPHEMES_MAX: usize = 150;
const ADDRESS_GRAPHEMES_MAX: usize = 100;
const UNIT_GRAPHEMES_MAX: usize = 45;
const AGENCY_GRAPHEMES_MAX: usize = 100;

/// Most characters of a poster's address, so that the symbol stays at 41 modules (version 6) or fewer.
const URL_CHARS_MAX: usize = 100;

const TEMPLATE: Template = Template {
    path: "/poster.typ",
    source: concat!(include_str!("../templates/shared.typ"), include_str!("../templates/poster.typ")),
};

/// What one poster says. Text may hold any character; long text shrinks and wraps, and what is far beyond any
/// name (200 graphemes of a place, 150 of an area, 100 of an address) is cut with an ellipsis.
#[derive(Debug, Clone)]
pub struct Poster {
    /// Name of the place, set large.
    pub place_name: String,
    /// Name of the area (room, gate, stall row) when the point belongs to one.
    pub area_name: Option<String>,
    /// Commune with its kind, as in `phường Tân Lợi`.
    pub commune: String,
    /// District with its kind; none since the two-level units of 1 July 2025.
    pub district: Option<String>,
    /// Province with its kind, as in `tỉnh Đắk Lắk`.
    pub province: String,
    /// House number and street, or hamlet; may be empty.
    pub address: String,
    /// The code's ten characters without separators.
    pub code: String,
    /// The code as people read and type it, in groups.
    pub code_grouped: String,
    /// The address in the symbol: QR alphanumeric characters only (upper case), at most 100.
    pub url: String,
    /// Telephone for help.
    pub hotline: Option<String>,
    /// The office that issues the poster.
    pub agency: String,
    /// Day on which this version of the code was issued.
    pub issued_on: Date,
    /// Version of the code, from 1.
    pub version: u32,
}

/// What the template reads; every field is set as a string, never as markup.
#[derive(Serialize)]
struct PosterPage {
    place_name: String,
    area_name: Option<String>,
    where_line: String,
    code: String,
    code_grouped: String,
    url: String,
    symbol_svg: String,
    hotline: Option<String>,
    agency: String,
    issued_on: String,
    version: u32,
}

#[derive(Serialize)]
struct PosterFile {
    title: String,
    author: &'static str,
    symbol_mm: f64,
    posters: Vec<PosterPage>,
}

/// Sets the posters as a PDF, one A4 page each, in the given order; `now` is only the file's creation time.
///
/// # Errors
/// [`DocumentError::Nothing`] without posters, [`DocumentError::TooMany`] above [`POSTERS_MAX`],
/// [`DocumentError::UrlNotAlphanumeric`] or [`DocumentError::QrText`] for an address that does not fit,
/// [`DocumentError::Typeset`] when the typesetter fails.
pub fn posters_pdf(posters: &[Poster], now: Millis) -> Result<Vec<u8>, DocumentError> {
    if posters.len() > POSTERS_MAX {
        return Err(DocumentError::TooMany { what: "posters", count: posters.len(), max: POSTERS_MAX });
    }
    let first = posters.first().ok_or(DocumentError::Nothing("posters"))?;
    let title = match posters.len() {
        1 => format!("Mã quét {}", clean(&first.place_name, PLACE_GRAPHEMES_MAX)),
        count => format!("Mã quét, {count} điểm"),
    };
    let pages = posters.iter().map(page).collect::<Result<Vec<_>, _>>()?;
    let file = PosterFile { title, author: "Vào Ra", symbol_mm: SYMBOL_MM, posters: pages };
    typeset_pdf(&TEMPLATE, &file, now)
}

fn page(poster: &Poster) -> Result<PosterPage, DocumentError> {
    let chars = poster.url.chars().count();
    if chars > URL_CHARS_MAX {
        return Err(DocumentError::QrText { chars, max: URL_CHARS_MAX });
    }
    if !poster.url.chars().all(is_qr_alphanumeric) {
        return Err(DocumentError::UrlNotAlphanumeric(poster.url.clone()));
    }
    let parts = [
        clean_breakable(&poster.address, ADDRESS_GRAPHEMES_MAX),
        clean_breakable(&poster.commune, UNIT_GRAPHEMES_MAX),
        clean_breakable(poster.district.as_deref().unwrap_or(""), UNIT_GRAPHEMES_MAX),
        clean_breakable(&poster.province, UNIT_GRAPHEMES_MAX),
    ];
    let where_line: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let area_name = poster.area_name.as_deref().map(|name| clean_breakable(name, AREA_GRAPHEMES_MAX));
    Ok(PosterPage {
        place_name: clean_breakable(&poster.place_name, PLACE_GRAPHEMES_MAX),
        area_name: area_name.filter(|name| !name.is_empty()),
        where_line: where_line.join(", "),
        code: clean(&poster.code, 20),
        code_grouped: clean(&poster.code_grouped, 20),
        url: poster.url.clone(),
        symbol_svg: Symbol::encode(&poster.url)?.svg(0, &poster.url),
        hotline: poster.hotline.as_deref().map(|hotline| clean(hotline, 40)).filter(|text| !text.is_empty()),
        agency: clean_breakable(&poster.agency, AGENCY_GRAPHEMES_MAX),
        issued_on: day(poster.issued_on),
        version: poster.version,
    })
}

/// The 45 characters of QR alphanumeric mode (ISO/IEC 18004, table 5).
fn is_qr_alphanumeric(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | ' ' | '$' | '%' | '*' | '+' | '-' | '.' | '/' | ':')
}
