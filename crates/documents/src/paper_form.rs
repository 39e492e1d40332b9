//! The paper form of a door: who came in and went out while neither phone nor network works.

use domain::scan::LATE_DAYS_MAX;
use domain::time::Millis;
use serde::Serialize;

use crate::DocumentError;
use crate::text::{clean, clean_breakable};
use crate::typeset::{Template, typeset_pdf};

/// Most sheets of one form.
pub const FORM_PAGES_MAX: u8 = 20;

/// Rows on one sheet.
pub const FORM_ROWS: u8 = 25;

/// Most graphemes printed of the place's name, of its area, address, units and of the agency's name.
const PLACE_GRAPHEMES_MAX: usize = 150;
const AREA_GRAPHEMES_MAX: usize = 90;
const ADDRESS_GRAPHEMES_MAX: usize = 90;
const UNIT_GRAPHEMES_MAX: usize = 45;
const AGENCY_GRAPHEMES_MAX: usize = 90;

const TEMPLATE: Template = Template {
    path: "/paper_form.typ",
    source: concat!(include_str!("../templates/shared.typ"), include_str!("../templates/paper_form.typ")),
};

/// What the form says of its place. Text may hold any character; long text shrinks and wraps, and what is far
/// beyond any name is cut with an ellipsis.
#[derive(Debug, Clone)]
pub struct PaperForm {
    /// Name of the place.
    pub place_name: String,
    /// Name of the area (room, gate, stall row) when the point belongs to one.
    pub area_name: Option<String>,
    /// House number and street, or hamlet; may be empty.
    pub address: String,
    /// Commune with its kind, as in `phường Tân Lợi`.
    pub commune: String,
    /// District with its kind; none since the two-level units of 1 July 2025.
    pub district: Option<String>,
    /// Province with its kind, as in `tỉnh Đắk Lắk`.
    pub province: String,
    /// The point's code as people read and type it, in groups.
    pub code_grouped: String,
    /// Telephone for help.
    pub hotline: Option<String>,
    /// The office that answers for the place.
    pub agency: String,
    /// Sheets to print, 1 to [`FORM_PAGES_MAX`].
    pub pages: u8,
}

/// What the template reads; every field is set as a string, never as markup.
#[derive(Serialize)]
struct FormData {
    title: String,
    author: &'static str,
    place_name: String,
    area_name: String,
    where_line: String,
    code_grouped: String,
    help_line: String,
    rows: u8,
    pages: u8,
    days_max: i64,
}

/// Sets the form as a PDF of A4 sheets, each with [`FORM_ROWS`] rows; `now` is only the file's creation time.
/// It says within how many days its rows can be keyed in ([`LATE_DAYS_MAX`]).
///
/// # Errors
/// [`DocumentError::Nothing`] for no page, [`DocumentError::TooMany`] above [`FORM_PAGES_MAX`],
/// [`DocumentError::Typeset`] when the typesetter fails.
pub fn paper_form_pdf(form: &PaperForm, now: Millis) -> Result<Vec<u8>, DocumentError> {
    match form.pages {
        0 => return Err(DocumentError::Nothing("pages")),
        pages if pages > FORM_PAGES_MAX => {
            let (count, max) = (pages.into(), FORM_PAGES_MAX.into());
            return Err(DocumentError::TooMany { what: "pages", count, max });
        }
        _ => {}
    }
    let place_name = clean_breakable(&form.place_name, PLACE_GRAPHEMES_MAX);
    let parts = [
        clean_breakable(&form.address, ADDRESS_GRAPHEMES_MAX),
        clean_breakable(&form.commune, UNIT_GRAPHEMES_MAX),
        clean_breakable(form.district.as_deref().unwrap_or(""), UNIT_GRAPHEMES_MAX),
        clean_breakable(&form.province, UNIT_GRAPHEMES_MAX),
    ];
    let where_line: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let help = [
        clean(form.hotline.as_deref().unwrap_or(""), 40),
        clean_breakable(&form.agency, AGENCY_GRAPHEMES_MAX),
    ];
    let help: Vec<String> = help.into_iter().filter(|part| !part.is_empty()).collect();
    let data = FormData {
        title: format!("Phiếu ghi người vào, ra: {place_name}"),
        author: "Vào Ra",
        area_name: clean_breakable(form.area_name.as_deref().unwrap_or(""), AREA_GRAPHEMES_MAX),
        where_line: where_line.join(", "),
        code_grouped: clean(&form.code_grouped, 20),
        help_line: help.join(" – "),
        rows: FORM_ROWS,
        pages: form.pages,
        days_max: LATE_DAYS_MAX,
        place_name,
    };
    typeset_pdf(&TEMPLATE, &data, now)
}
