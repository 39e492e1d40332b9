//! The health-insurance card (BHYT), old and new form.
//!
//! Fields by `|`, the last one `$`; `-` means empty; text fields are hexadecimal UTF-8.
//! Old: `[0]` 2 letters and 13 digits, `[4]` address, 15 fields. New: `[0]` 10 digits, `[4]` `-`, 17 fields,
//! `[15]` issuing office. What a gate does not need (dates of validity, hospital) is not kept, so that a
//! space before `[12]` does no harm.

use jiff::civil::Date;

use super::text::{self, has_accented_letter, is_digits};
use super::{Fields, HexFault, HexField, Kind, Reading, Reason, Sex};

/// Fields of the old form, the final `$` included.
const OLD_FIELDS: usize = 15;

/// Fields of the new form, the final `$` included.
const NEW_FIELDS: usize = 17;

/// A text with this many fields and a final `$`, or with a number of either form in front, is a BHYT card.
const FIELDS_MIN: usize = 8;

/// Reads a health-insurance card; `None` where the fields do not look like one.
pub(super) fn read(parts: &[&str], today: Date) -> Option<Reading> {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let (first, last) = (*parts.first()?, *parts.last()?);
    let number = normal_number(first);
    let has_end = last == "$";
    let is_old = first.starts_with(char::is_alphabetic);
    let is_card = parts.len() >= FIELDS_MIN && (has_end || number.is_some());
    if !is_card {
        return None;
    }
    let hex_parts = [1, 4, 15].into_iter().filter_map(|at| parts.get(at));
    if has_accented_letter(first) || hex_parts.into_iter().any(|part| has_accented_letter(part)) {
        return Some(Reading::refused(Kind::Bhyt, Reason::InputMethodActive));
    }
    let (mut fields, mut reasons) = (Fields::default(), vec![]);
    match number {
        Some(number) => fields.bhyt_number = Some(number),
        None => reasons.push(Reason::BhytNumberInvalid),
    }
    if !has_end {
        reasons.push(Reason::EndMissing);
    } else if parts.len() < if is_old { OLD_FIELDS } else { NEW_FIELDS } {
        reasons.push(Reason::FieldsMissing);
    }
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    match decode(part(1), HexField::Name, &mut reasons) {
        Decoded::Text(name) => text::put_name(&name, &mut fields, &mut reasons),
        Decoded::Empty => reasons.push(Reason::NameMissing),
        Decoded::Damaged => {}
    }
    put_birth(part(2), today, &mut fields, &mut reasons);
    put_sex(part(3), &mut fields, &mut reasons);
    fields.address = decode(part(4), HexField::Address, &mut reasons).line();
    if !is_old && parts.len() >= NEW_FIELDS {
        fields.office = decode(part(15), HexField::Office, &mut reasons).line();
    }
    Some(Reading::new(Kind::Bhyt, fields, reasons))
}

/// A health-insurance number in capitals: 2 letters and 13 digits, or 10 digits; `None` for anything else.
pub(super) fn normal_number(text: &str) -> Option<String> {
    let is_old = text.len() == 15
        && text.get(..2).is_some_and(|letters| letters.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && text.get(2..).is_some_and(|digits| is_digits(digits, 13));
    (is_old || is_digits(text, 10)).then(|| text.to_ascii_uppercase())
}

/// A hexadecimal field after decoding.
enum Decoded {
    Text(String),
    Empty,
    /// The reason has been given.
    Damaged,
}

impl Decoded {
    fn line(self) -> Option<String> {
        match self {
            Self::Text(decoded) => text::line(&decoded),
            Self::Empty | Self::Damaged => None,
        }
    }
}

fn decode(hex: &str, field: HexField, reasons: &mut Vec<Reason>) -> Decoded {
    if hex.is_empty() || hex == "-" {
        return Decoded::Empty;
    }
    match decode_hex(hex) {
        Ok(decoded) => Decoded::Text(decoded),
        Err(fault) => {
            reasons.push(Reason::Hex(field, fault));
            Decoded::Damaged
        }
    }
}

fn decode_hex(hex: &str) -> Result<String, HexFault> {
    if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(HexFault::NotHex);
    }
    if !hex.len().is_multiple_of(2) {
        return Err(HexFault::OddLength);
    }
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| HexFault::NotHex)?;
    String::from_utf8(bytes).map_err(|_| HexFault::NotUtf8)
}

/// Reads `dd/MM/yyyy`, `yyyy`, or nothing.
fn put_birth(text: &str, today: Date, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        ["" | "-"] => {}
        [year] => text::put_birth_year(year, today, fields, reasons),
        [day, month, year] => text::put_birth_date(text::date(year, month, day), today, fields, reasons),
        _ => reasons.push(Reason::BirthDateInvalid),
    }
}

/// Reads 1 for male and 2 for female.
fn put_sex(text: &str, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    fields.sex = Some(match text {
        "1" => Sex::Male,
        "2" => Sex::Female,
        other => {
            if !matches!(other, "" | "-") {
                reasons.push(Reason::SexInvalid);
            }
            Sex::Unknown
        }
    });
}
