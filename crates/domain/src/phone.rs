//! Vietnamese mobile numbers: read from any usual typing, kept as E.164, shown with a leading zero.

use std::fmt;

/// Longest typed text looked at, in bytes.
const TYPED_BYTES_MAX: usize = 64;

/// Digits after the country code, or after the leading zero.
const NATIONAL_DIGITS: usize = 9;

/// A Vietnamese mobile number. Several people may share one. It is personal data: `Debug` does not show it
/// and there is no `Display`; call [`Phone::e164`] or [`Phone::display`] where it is really meant.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

/// What is wrong with a typed number. Holds positions and counts, never the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// No digit at all.
    #[error("the phone number is empty")]
    Empty,
    /// Something other than digits, spaces, dots, hyphens, brackets and a plus in front.
    #[error("character {at} cannot stand in a phone number")]
    WrongCharacter {
        /// Which character of the text, from 1.
        at: usize,
    },
    /// Too few or too many digits.
    #[error("a mobile number has 10 digits and begins with 0, this has {found}")]
    WrongLength {
        /// Digits found, counted with the leading 0 and without the country code.
        found: usize,
    },
    /// A number with a plus or 00 and a country code other than 84.
    #[error("this is a number of another country, only Vietnamese mobile numbers (+84) can be used")]
    OtherCountry,
    /// A landline (02…), which cannot be called back when the person has left the building.
    #[error("this is a landline, a mobile number is needed")]
    Landline,
    /// Eleven digits beginning 01: changed to ten digits in 2018.
    #[error("numbers of 11 digits were changed to 10 digits in 2018, give the new number")]
    ElevenDigits,
    /// Ten digits in a range given to no mobile network.
    #[error("no mobile network has numbers beginning with 0{first}{second}")]
    UnknownRange {
        /// The digit after the 0.
        first: char,
        /// The digit after that.
        second: char,
    },
}

impl Phone {
    /// Reads a number as typed: `0912 345 678`, `+84912345678`, `84 912.345.678`, `0084-912-345-678`,
    /// `+84 (0)912 345 678`, or without its leading zero, as spreadsheets leave it.
    ///
    /// # Errors
    /// Names what is wrong; see [`PhoneError`].
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let (digits, plus) = digits_of(text)?;
        let national = national_part(&digits, plus)?;
        if national.len() == NATIONAL_DIGITS + 1 && national.starts_with('1') {
            return Err(PhoneError::ElevenDigits);
        }
        if national.starts_with('2') && (9..=10).contains(&national.len()) {
            return Err(PhoneError::Landline);
        }
        if national.len() != NATIONAL_DIGITS {
            return Err(PhoneError::WrongLength { found: national.len() + 1 });
        }
        let mut leading = national.chars();
        let (first, second) = (leading.next().unwrap_or('0'), leading.next().unwrap_or('0'));
        if is_mobile_range(first, second) {
            Ok(Self(national.to_owned()))
        } else {
            Err(PhoneError::UnknownRange { first, second })
        }
    }

    /// The number in E.164, the form to store and to index: `+84912345678`.
    #[must_use]
    pub fn e164(&self) -> String {
        format!("+84{}", self.0)
    }

    /// The number as people write it: `0912 345 678`.
    #[must_use]
    pub fn display(&self) -> String {
        format!("0{} {} {}", self.part(0, 3), self.part(3, 6), self.part(6, 9))
    }

    /// The number for a shared screen, its last three digits left: `**** *** 678`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("**** *** {}", self.part(6, 9))
    }

    fn part(&self, from: usize, until: usize) -> &str {
        self.0.get(from..until).unwrap_or_default()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// Whether a mobile network uses numbers beginning with these two digits after the 0: ranges after the
/// renumbering of 2018, including ranges kept free for new networks (`2-domain.md`, Phones).
fn is_mobile_range(first: char, second: char) -> bool {
    match first {
        '3' => matches!(second, '2'..='9'),
        '5' => matches!(second, '2' | '5' | '6' | '8' | '9'),
        '7' => matches!(second, '0' | '6'..='9'),
        '8' => matches!(second, '1'..='9'),
        '9' => matches!(second, '0'..='4' | '6'..='9'),
        _ => false,
    }
}

/// The digits of a typed number, and whether a plus stood before them.
fn digits_of(text: &str) -> Result<(String, bool), PhoneError> {
    if text.len() > TYPED_BYTES_MAX {
        return Err(PhoneError::WrongLength { found: text.chars().filter(char::is_ascii_digit).count() });
    }
    let mut digits = String::new();
    let mut plus = false;
    for (index, character) in text.chars().enumerate() {
        match character {
            '0'..='9' => digits.push(character),
            '+' if digits.is_empty() && !plus => plus = true,
            '.' | '-' | '(' | ')' | '\u{2010}'..='\u{2014}' => {}
            space if space.is_whitespace() => {}
            _ => return Err(PhoneError::WrongCharacter { at: index + 1 }),
        }
    }
    if digits.is_empty() { Err(PhoneError::Empty) } else { Ok((digits, plus)) }
}

/// The digits after the country code and the leading zero.
fn national_part(digits: &str, plus: bool) -> Result<&str, PhoneError> {
    if let Some(international) = if plus { Some(digits) } else { digits.strip_prefix("00") } {
        let national = international.strip_prefix("84").ok_or(PhoneError::OtherCountry)?;
        return Ok(national.strip_prefix('0').unwrap_or(national));
    }
    if let Some(national) = digits.strip_prefix('0') {
        return Ok(national);
    }
    // `84912345678` has the country code without its plus; `849123456` lacks only its leading zero.
    match digits.strip_prefix("84") {
        Some(national) if digits.len() > NATIONAL_DIGITS => {
            Ok(national.strip_prefix('0').unwrap_or(national))
        }
        _ => Ok(digits),
    }
}
