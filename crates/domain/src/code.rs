//! The place code: the ten characters on a poster, which a person can also type or telephone.
//!
//! Eight characters of Crockford base32 carry 40 random bits; two check characters follow. Each character is
//! an element of the field GF(32), and a word `c0 … c9` is a code when `Σ cᵢ = 0` and `Σ αⁱ·cᵢ = 0`. The ten
//! `αⁱ` differ, so any two columns of the two checks are independent and two codes differ in at least three
//! characters: every one or two wrong characters are caught, hence also every swap of two characters,
//! neighbours or not, wherever they stand.

use std::fmt;

/// Crockford's base32 alphabet, without I, L, O and U.
pub(crate) const ALPHABET: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code, check characters included.
pub const CODE_LENGTH: usize = 10;

/// Random bits in a code.
pub const RANDOM_BITS: u32 = 40;

/// Longest typed text looked at, in bytes; ten characters with any sensible spacing are shorter.
const TYPED_BYTES_MAX: usize = 64;

/// The public, write-only name of a scan point. It is printed on a poster, so it is no secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceCode([u8; CODE_LENGTH]);

/// Why a typed text is not a place code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing but spaces and hyphens.
    #[error("the code is empty: type the ten characters under the symbol")]
    Empty,
    /// Not ten characters; spaces and hyphens are not counted.
    #[error("a code has 10 characters, this has {found}")]
    WrongLength {
        /// Characters found; a text longer than 64 bytes counts as its bytes.
        found: usize,
    },
    /// A character that no code contains.
    #[error("character {at} cannot stand in a code: only digits and the letters A to Z without U")]
    WrongCharacter {
        /// Which of the characters, from 1, spaces and hyphens not counted.
        at: usize,
    },
    /// Ten good characters that do not fit together.
    #[error("the code does not add up: compare each character with the poster, two may be swapped")]
    CheckFailed,
}

impl PlaceCode {
    /// Makes the code of 40 random bits, the low ones of `random`; the others are ignored.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut values = [0_u8; CODE_LENGTH];
        for (index, value) in values.iter_mut().take(8).enumerate() {
            let shift = RANDOM_BITS - 5 * (u32::try_from(index).unwrap_or(0) + 1);
            *value = u8::try_from((random >> shift) & 31).unwrap_or(0);
        }
        let (sum, weighted) = checks(&values);
        // Solve a + b = sum and x·a + y·b = weighted, with x = α⁸ and y = α⁹; in this field minus is plus.
        let (x, y) = (power(8), power(9));
        let b = multiply(weighted ^ multiply(x, sum), inverse(x ^ y));
        values[8] = sum ^ b;
        values[9] = b;
        Self(values.map(|value| ALPHABET[usize::from(value)]))
    }

    /// Reads a code as a person types it: any case, spaces and hyphens anywhere, I and L for 1, O for 0.
    ///
    /// # Errors
    /// Says whether it is empty, of the wrong length, holds a wrong character, or fails its checks.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() > TYPED_BYTES_MAX {
            return Err(CodeError::WrongLength { found: text.len() });
        }
        let typed: Vec<char> = text.chars().filter(|c| !is_spacing(*c)).collect();
        match typed.len() {
            0 => return Err(CodeError::Empty),
            CODE_LENGTH => {}
            found => return Err(CodeError::WrongLength { found }),
        }
        let mut values = [0_u8; CODE_LENGTH];
        for (index, (value, character)) in values.iter_mut().zip(typed).enumerate() {
            *value = value_of(character).ok_or(CodeError::WrongCharacter { at: index + 1 })?;
        }
        match checks(&values) {
            (0, 0) => Ok(Self(values.map(|value| ALPHABET[usize::from(value)]))),
            _ => Err(CodeError::CheckFailed),
        }
    }

    /// The ten characters, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes come from the alphabet alone, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The ten characters in two groups of five, as printed under the symbol: `ABCDE FGHJK`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (first, last) = self.as_str().split_at(CODE_LENGTH / 2);
        format!("{first} {last}")
    }

    /// The text of the poster's symbol: `HTTPS://HOST/D/XXXXXXXXXX`, upper case so that the symbol can use
    /// the alphanumeric mode and stay small. `base_url` is scheme and host, e.g. `https://vaora.example`.
    #[must_use]
    pub fn url(&self, base_url: &str) -> String {
        format!("{}/D/{}", base_url.trim_end_matches('/').to_ascii_uppercase(), self.as_str())
    }
}

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlaceCode({})", self.as_str())
    }
}

impl std::str::FromStr for PlaceCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl serde::Serialize for PlaceCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for PlaceCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// What may be typed between the characters: spaces and the hyphens and dashes of keyboards.
pub(crate) fn is_spacing(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2014}' | '\u{2212}')
}

/// The value, 0 to 31, of a typed character, or `None` where no code has it.
pub(crate) fn value_of(character: char) -> Option<u8> {
    let canonical = match character.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let position = ALPHABET.iter().position(|letter| char::from(*letter) == canonical)?;
    u8::try_from(position).ok()
}

/// The two check sums of a word: `Σ cᵢ` and `Σ αⁱ·cᵢ`.
fn checks(values: &[u8; CODE_LENGTH]) -> (u8, u8) {
    let mut weight = 1;
    values.iter().fold((0, 0), |(sum, weighted), value| {
        let next = (sum ^ value, weighted ^ multiply(weight, *value));
        weight = multiply(weight, 2);
        next
    })
}

/// Product in GF(32) over the primitive polynomial `x⁵ + x² + 1`.
fn multiply(mut left: u8, mut right: u8) -> u8 {
    let mut product = 0;
    while right != 0 {
        if right & 1 == 1 {
            product ^= left;
        }
        left <<= 1;
        if left & 0b10_0000 != 0 {
            left ^= 0b10_0101;
        }
        right >>= 1;
    }
    product
}

/// The power `αⁿ`, with α = 2, a generator of the field.
fn power(exponent: u32) -> u8 {
    (0..exponent).fold(1, |value, _| multiply(value, 2))
}

/// The inverse in GF(32): `v³⁰`, as `v³¹ = 1` for every `v` but 0.
fn inverse(value: u8) -> u8 {
    (0..30).fold(1, |product, _| multiply(product, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_has_inverses_and_ten_different_weights() {
        for value in 1..32 {
            assert_eq!(multiply(value, inverse(value)), 1, "{value}");
        }
        let weights: std::collections::BTreeSet<u8> = (0..10).map(power).collect();
        assert_eq!(weights.len(), 10);
    }
}
