//! The citizen card with chip (CCCD, and CC from July 2024).
//!
//! `12 digits|old CMND 9 or empty|name|ddMMyyyy|Nam/Nữ|address|ddMMyyyy issued`, in UTF-8. Cards from July
//! 2024 leave the second field empty and add fields at the end, which are ignored.

use jiff::civil::Date;

use super::text::{self, has_accented_letter, is_digits};
use super::{Fields, Kind, Reading, Reason, Sex};
use crate::name::fold;

/// Fields up to the address; the issue date may be missing.
const FIELDS_MIN: usize = 6;

/// Reads a citizen card; `None` where the fields do not look like one.
pub(super) fn read(parts: &[&str], today: Date) -> Option<Reading> {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let number = *parts.first()?;
    let has_birth_date = parts.len() >= FIELDS_MIN && parts.get(3).is_some_and(|date| is_digits(date, 8));
    if !is_digits(number, 12) && !has_birth_date {
        return None;
    }
    let &[_, old_number, name, birth, sex, address, ref rest @ ..] = parts.as_slice() else {
        return Some(Reading::refused(Kind::Cccd, Reason::FieldsMissing));
    };
    if has_accented_letter(number) || has_accented_letter(birth) {
        return Some(Reading::refused(Kind::Cccd, Reason::InputMethodActive));
    }
    let (mut fields, mut reasons) = (Fields::default(), vec![]);
    if is_digits(number, 12) {
        fields.id_number = Some(number.to_owned());
    } else {
        reasons.push(Reason::IdNumberInvalid);
    }
    if is_digits(old_number, 9) || is_digits(old_number, 12) {
        fields.old_id_number = Some(old_number.to_owned());
    }
    text::put_name(name, &mut fields, &mut reasons);
    text::put_birth_date(text::date_ddmmyyyy(birth), today, &mut fields, &mut reasons);
    put_sex(sex, &mut fields, &mut reasons);
    fields.address = text::line(address);
    put_issued_on(rest.first().copied().unwrap_or_default(), today, &mut fields, &mut reasons);
    if is_typed_out(name, address) || address.contains(['?', '\u{fffd}']) {
        reasons.push(Reason::AccentsLost);
    }
    check_number(&fields, &mut reasons);
    drop_repeated_accents_lost(&mut reasons);
    Some(Reading::new(Kind::Cccd, fields, reasons))
}

/// Compares the CCCD number with birth year and sex: digit 4 gives the century and the sex, 5 and 6 the year
/// (Circular 59/2021/TT-BCA, article 4). A disagreement is a warning, as the official specimen disagrees.
pub(crate) fn check_number(fields: &Fields, reasons: &mut Vec<Reason>) {
    let Some(number) = fields.id_number.as_deref().filter(|number| is_digits(number, 12)) else { return };
    let digit = |at: usize| number.as_bytes().get(at).map_or(0, |byte| u16::from(byte - b'0'));
    let year = 1900 + 100 * (digit(3) / 2) + 10 * digit(4) + digit(5);
    if fields.year_of_birth().is_some_and(|stated| stated != year) {
        reasons.push(Reason::NumberBirthYearDiffers);
    }
    let sex = if digit(3) % 2 == 0 { Sex::Male } else { Sex::Female };
    if fields.sex.is_some_and(|stated| stated != Sex::Unknown && stated != sex) {
        reasons.push(Reason::NumberSexDiffers);
    }
}

/// Reads `Nam` or `Nữ`. Forms of `Nữ` that lost their accent, or were typed out as keystrokes, are
/// understood and mentioned.
fn put_sex(text: &str, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    let lower = text.to_lowercase();
    let (sex, reason) = match lower.as_str() {
        "nam" => (Sex::Male, None),
        "nữ" => (Sex::Female, None),
        "n?" | "n\u{fffd}" | "nuwx" | "nuxw" | "nu74" | "nu47" => (Sex::Female, Some(Reason::AccentsLost)),
        other if fold(other) == "nu" => (Sex::Female, Some(Reason::AccentsLost)),
        _ => (Sex::Unknown, Some(Reason::SexInvalid)),
    };
    fields.sex = Some(sex);
    reasons.extend(reason);
}

/// Reads the issue date. It decides nothing at a door, so a wrong one is left out with a warning.
fn put_issued_on(text: &str, today: Date, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    if text.is_empty() {
        return;
    }
    match text::date_ddmmyyyy(text).filter(|date| *date <= today) {
        Some(date) => fields.issued_on = Some(date.to_string()),
        None => reasons.push(Reason::IssuedOnInvalid),
    }
}

/// Whether name and address were typed out as the keystrokes of an input method that was off: no accent in
/// either, and a Telex vowel with its tone letter at a word's end (`Nguyeenx`), as no language here writes.
fn is_typed_out(name: &str, address: &str) -> bool {
    let is_keystrokes = |word: &str| {
        let lower = word.trim_end_matches([',', '.']).to_ascii_lowercase();
        let has_pair = ["aa", "ee", "oo", "dd", "aw", "ow", "uw"].iter().any(|pair| lower.contains(pair));
        has_pair && lower.ends_with(['s', 'f', 'r', 'x', 'j'])
    };
    name.is_ascii() && address.is_ascii() && name.split(' ').chain(address.split(' ')).any(is_keystrokes)
}

/// Keeps the first mention of lost accents; name, sex and address may each have found it.
fn drop_repeated_accents_lost(reasons: &mut Vec<Reason>) {
    let mut is_said = false;
    reasons.retain(|reason| *reason != Reason::AccentsLost || !std::mem::replace(&mut is_said, true));
}
