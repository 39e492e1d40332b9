//! Our own place code: as the poster's link, or its ten characters typed.

use super::link::Link;
use super::text::{has_accented_letter, is_vietnamese_letter};
use super::{Fields, Kind, Reading, Reason};
use crate::code::{ALPHABET, CODE_LENGTH, CodeError, PlaceCode, is_spacing, value_of};
use crate::moment::ROTATING_LENGTH;

/// A code that an input method shortened (two letters became one) keeps at least this many characters.
const DISTURBED_LENGTH_MIN: usize = 6;

/// Reads a link `HTTPS://ANYHOST/D/CODE`, or `HTTPS://ANYHOST/D/CODE/RRRRRR` from a screen, in any case;
/// `None` where the link is not of this form.
pub(super) fn read_link(link: &Link<'_>) -> Option<Reading> {
    let path = link.path_after("/D/")?.trim_end_matches('/');
    let (code, rotating) = match path.split_once('/') {
        Some((code, rotating)) => (code, Some(rotating)),
        None => (path, None),
    };
    let length = code.chars().filter(|c| !is_spacing(*c)).count();
    let has_code_shape = code.chars().all(|c| c.is_alphanumeric() || is_spacing(c));
    if !(has_code_shape && rotating.is_none_or(has_rotating_shape)) {
        return None;
    }
    let is_disturbed = has_accented_letter(path) || has_accented_letter(&link.host);
    if is_disturbed && (DISTURBED_LENGTH_MIN..=CODE_LENGTH).contains(&length) {
        return Some(Reading::refused(Kind::Place, Reason::InputMethodActive));
    }
    if length != CODE_LENGTH {
        return None;
    }
    let rotating = match rotating {
        Some(text) => Some(rotating_part(text)?),
        None => None,
    };
    let fields = Fields { host: Some(link.host_with_port()), rotating, ..Fields::default() };
    Some(judge(PlaceCode::parse(code), fields))
}

/// Whether a text may be a rotating part, or what an input method, which makes one letter of two, left of it.
fn has_rotating_shape(text: &str) -> bool {
    let length = text.chars().count();
    (ROTATING_LENGTH / 2..=ROTATING_LENGTH).contains(&length) && text.chars().all(char::is_alphanumeric)
}

/// The rotating part in upper case, look-alikes put right; `None` where it is not six characters of codes.
fn rotating_part(text: &str) -> Option<String> {
    let is_whole = text.chars().count() == ROTATING_LENGTH;
    let character = |c| Some(char::from(*ALPHABET.get(usize::from(value_of(c)?))?));
    text.chars().map(character).collect::<Option<String>>().filter(|_| is_whole)
}

/// Reads a code typed without its link; `None` where the text does not look like one.
pub(super) fn read_typed(text: &str) -> Option<Reading> {
    let typed: Vec<char> = text.chars().filter(|c| !is_spacing(*c)).collect();
    let parsed = PlaceCode::parse(text);
    if parsed.is_ok() {
        return Some(judge(parsed, Fields::default()));
    }
    // Ten letters may be words and ten digits a phone number; only a mixture is surely meant as a code.
    let has_digit = typed.iter().any(char::is_ascii_digit);
    let has_letter = typed.iter().any(|c| c.is_alphabetic());
    if !(has_digit && has_letter && (DISTURBED_LENGTH_MIN..=CODE_LENGTH + 1).contains(&typed.len())) {
        return None;
    }
    let is_plain = typed.iter().all(char::is_ascii_alphanumeric);
    let is_near = (CODE_LENGTH - 1..=CODE_LENGTH + 1).contains(&typed.len());
    if is_plain && is_near {
        return Some(judge(parsed, Fields::default()));
    }
    let fits = |c: &char| value_of(*c).is_some() || is_vietnamese_letter(*c) || matches!(c, 'u' | 'U');
    let is_disturbed = !is_plain && typed.iter().all(fits) && !text.contains(char::is_whitespace);
    (is_disturbed && typed.len() <= CODE_LENGTH)
        .then(|| Reading::refused(Kind::Place, Reason::InputMethodActive))
}

fn judge(parsed: Result<PlaceCode, CodeError>, mut fields: Fields) -> Reading {
    let reasons = match parsed {
        Ok(code) => {
            fields.place_code = Some(code.as_str().to_owned());
            vec![]
        }
        Err(CodeError::CheckFailed) => vec![Reason::CheckFailed],
        Err(CodeError::WrongCharacter { .. }) => vec![Reason::CodeCharacter],
        Err(CodeError::WrongLength { .. } | CodeError::Empty) => vec![Reason::CodeLength],
    };
    Reading::new(Kind::Place, fields, reasons)
}
