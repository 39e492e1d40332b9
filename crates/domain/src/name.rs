//! Names of people: checked, searched without accents, and shortened for shared screens.
//!
//! Names here are Kinh, Ê Đê (`H'Hen Niê`, `Y Bhăm Êban`) and M'Nông among others. Ê̆, Ô̆, Ơ̆ and Ư̆ have no
//! code point of their own, so lengths and initials are counted in graphemes.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Longest name, in graphemes (what a reader calls letters).
pub const NAME_GRAPHEMES_MAX: usize = 80;

/// Longest name, in bytes: a bound on letters with many marks.
const NAME_BYTES_MAX: usize = 512;

/// A person's name: NFC, single spaces, only letters with their marks, apostrophes, dots and hyphens. It is
/// personal data, so `Debug` does not show it and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or nothing but spaces.
    #[error("the name is empty")]
    Empty,
    /// More than [`NAME_GRAPHEMES_MAX`] letters.
    #[error("a name has at most {NAME_GRAPHEMES_MAX} letters")]
    TooLong,
    /// A character that stands in no name. A name that begins with `=`, `+` or `@` fails here, so that none
    /// can run as a formula in a spreadsheet.
    #[error("“{character}” cannot stand in a name (character {at}): letters, spaces, ' . and - only")]
    WrongCharacter {
        /// Which character, from 1.
        at: usize,
        /// The character itself.
        character: char,
    },
    /// The first character is not a letter.
    #[error("a name begins with a letter")]
    NoLetterFirst,
}

impl Name {
    /// Reads a name as typed or as a card carries it: normalises to NFC and collapses spaces.
    ///
    /// # Errors
    /// Names what is wrong; see [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        // Bounded before any work: four times the limit leaves room for wide spacing and decomposed marks.
        if text.len() > 4 * NAME_BYTES_MAX {
            return Err(NameError::TooLong);
        }
        let composed: String = text.nfc().collect();
        let name = composed.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = name.chars().next().ok_or(NameError::Empty)?;
        let wrong = name.chars().enumerate().find(|(_, character)| !is_name_character(*character));
        if let Some((index, character)) = wrong {
            return Err(NameError::WrongCharacter { at: index + 1, character });
        }
        if !is_letter(first) {
            return Err(NameError::NoLetterFirst);
        }
        if name.len() > NAME_BYTES_MAX || name.graphemes(true).count() > NAME_GRAPHEMES_MAX {
            return Err(NameError::TooLong);
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

/// Folds a text for search: two names that differ only in accents, đ or d, the form of the apostrophe,
/// spaces, punctuation or case fold to the same text. Not for display.
#[must_use]
pub fn fold(text: &str) -> String {
    let bare = text.nfkd().filter(|character| !is_combining_mark(*character));
    // The apostrophe U+02BC is a letter to Unicode, and a break to the reader.
    let letters = bare.flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric() && *c != '\u{2bc}');
    letters
        .map(|character| match character {
            // Some sources write Đ as the Icelandic Ð, which looks the same.
            'đ' | 'ð' => 'd',
            other => other,
        })
        .filter(|character| !is_combining_mark(*character))
        .collect()
}

/// Shortens a name for a screen that others can see: the first word whole, of the others the first letter:
/// `Nguyễn Văn A` gives `NGUYỄN V. A.`. A name of one word gives its first letter alone.
#[must_use]
pub fn mask(name: &str) -> String {
    let composed = name.nfc().collect::<String>().to_uppercase();
    let mut words = composed.split_whitespace();
    let Some(first) = words.next() else { return String::new() };
    let others: Vec<String> = words.filter_map(initial).collect();
    let shown = if others.is_empty() { initial(first).unwrap_or_default() } else { first.to_owned() };
    let joined = std::iter::once(shown).chain(others).collect::<Vec<_>>().join(" ");
    joined.nfc().collect()
}

/// The first letter of a word with its marks and a dot; `None` for a word without a letter.
fn initial(word: &str) -> Option<String> {
    let letter = word.graphemes(true).find(|grapheme| grapheme.chars().any(is_letter))?;
    Some(format!("{letter}."))
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() && !is_combining_mark(character) && character != '\u{2bc}'
}

fn is_name_character(character: char) -> bool {
    character.is_alphabetic()
        || is_combining_mark(character)
        || matches!(character, ' ' | '\'' | '’' | '‘' | '\u{2bc}' | '.' | '-' | '\u{2010}' | '\u{2011}')
}
