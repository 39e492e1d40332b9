//! What the readers share: trimming, digits, dates, single lines and signs of a disturbed keyboard.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::{Fields, Reason};
use crate::name::{Name, NameError};

/// Nobody at a door was born before this year.
pub(crate) const BIRTH_YEAR_MIN: i16 = 1850;

/// What readers and keyboards leave at the ends of a text: line ends, NUL, tabs, spaces, a byte-order mark.
pub(super) fn is_trimmed(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\0' | '\t' | ' ' | '\u{feff}')
}

/// Trims the one-byte characters of [`is_trimmed`] from bytes.
pub(super) fn trim_bytes(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_trimmed(char::from(*first))
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_trimmed(char::from(*last))
    {
        bytes = rest;
    }
    bytes
}

/// Whether a text is exactly `count` ASCII digits.
pub(crate) fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text holds a letter outside ASCII: in a number, in hexadecimal or in our own link only an input
/// method can have put it there.
pub(super) fn has_accented_letter(text: &str) -> bool {
    text.chars().any(|character| !character.is_ascii() && character.is_alphabetic())
}

/// Whether a letter is one that Vietnamese input methods make of ASCII letters: đ, or a vowel with marks.
pub(super) fn is_vietnamese_letter(character: char) -> bool {
    let base = std::iter::once(character).nfd().next().unwrap_or(character).to_ascii_lowercase();
    !character.is_ascii() && matches!(base, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'đ' | 'Đ')
}

/// One line of NFC text: control characters and runs of spaces become one space, and the invisible
/// characters that turn the direction of writing are dropped. `None` when nothing is left.
pub(crate) fn line(text: &str) -> Option<String> {
    let visible = text.nfc().filter(
        |c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'),
    );
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// Puts a name into the fields, or says what is wrong with it. Question marks, digits and the replacement
/// character are what accents become on the way through a wrong code page or the VNI input method: the name
/// is then left out, and the person is not turned away.
pub(super) fn put_name(text: &str, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    match Name::parse(text) {
        Ok(name) => fields.name = Some(name.into_string()),
        Err(NameError::Empty) => reasons.push(Reason::NameMissing),
        Err(NameError::WrongCharacter { character: '?' | '\u{fffd}' | '0'..='9', .. }) => {
            reasons.push(Reason::AccentsLost);
        }
        Err(_) => reasons.push(Reason::NameInvalid),
    }
}

/// A calendar date from its digits, or `None` where the calendar has no such day.
pub(super) fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    if !(is_digits(year, 4) && is_digits(month, 2) && is_digits(day, 2)) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A date written `ddMMyyyy`.
pub(super) fn date_ddmmyyyy(text: &str) -> Option<Date> {
    date(text.get(4..)?, text.get(2..4)?, text.get(..2)?)
}

/// Puts a date of birth into the fields, or says what is wrong with it.
pub(super) fn put_birth_date(
    date: Option<Date>,
    today: Date,
    fields: &mut Fields,
    reasons: &mut Vec<Reason>,
) {
    match date {
        Some(date) if date > today => reasons.push(Reason::BirthDateFuture),
        Some(date) if date.year() >= BIRTH_YEAR_MIN => fields.birth_date = Some(date.to_string()),
        _ => reasons.push(Reason::BirthDateInvalid),
    }
}

/// Puts a year of birth (four digits) into the fields, or says what is wrong with it.
pub(super) fn put_birth_year(year: &str, today: Date, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    let year = if is_digits(year, 4) { year.parse::<i16>().ok() } else { None };
    match year {
        Some(year) if year > today.year() => reasons.push(Reason::BirthDateFuture),
        Some(year) if year >= BIRTH_YEAR_MIN => fields.birth_year = u16::try_from(year).ok(),
        _ => reasons.push(Reason::BirthDateInvalid),
    }
}
