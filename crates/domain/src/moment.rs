//! What changes with the clock at a door: the rotating part of a screen's code, and the word of the minute
//! that stands on a visitor's success page and at the gate, so that a screenshot or a check-in from home
//! shows. The keyed hash behind both (32 bytes) is made by the caller.

use std::hint::black_box;

use crate::code::ALPHABET;
pub use crate::moment_words::WORDS;
use crate::time::Millis;

/// How long one rotating code is shown, in seconds.
pub const ROTATE_S: i64 = 30;

/// Characters of the rotating part of a code.
pub const ROTATING_LENGTH: usize = 6;

/// The number of the half-minute that an instant lies in, counted from 1970.
#[must_use]
pub fn rotate_step(now: Millis) -> i64 {
    now.div_euclid(ROTATE_S * 1000)
}

/// The rotating part for a step's keyed hash: its first 30 bits, big-endian, as six Crockford characters.
#[must_use]
pub fn rotating_text(mac: &[u8; 32]) -> String {
    let bits = first_word(mac) >> 2;
    let values = [25, 20, 15, 10, 5, 0].map(|shift| (bits >> shift) & 31);
    values.map(|value| char::from(ALPHABET[value as usize])).iter().collect()
}

/// Whether a rotating part, as [`crate::card::Fields::rotating`] holds it, is one of those of the last steps.
/// Every candidate is compared to its end whatever the result, so that the time taken does not tell how much
/// of a guess was right.
#[must_use]
pub fn rotating_fits(text: &str, candidates: &[String]) -> bool {
    candidates.iter().fold(false, |fits, candidate| black_box(fits | is_same(text, candidate)))
}

/// The number of the minute that an instant lies in, counted from 1970.
#[must_use]
pub fn minute(now: Millis) -> i64 {
    now.div_euclid(60_000)
}

/// The word for a minute's keyed hash: its first four bytes, big-endian, modulo the number of words.
#[must_use]
pub fn word(mac: &[u8; 32]) -> &'static str {
    WORDS[first_word(mac) as usize % WORDS.len()]
}

fn first_word(mac: &[u8; 32]) -> u32 {
    let [a, b, c, d, ..] = *mac;
    u32::from_be_bytes([a, b, c, d])
}

/// Equality without an early end; only the length, which is public, shows in its time.
fn is_same(left: &str, right: &str) -> bool {
    let differing = left.bytes().zip(right.bytes()).fold(0, |found, (a, b)| black_box(found | (a ^ b)));
    left.len() == right.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use unicode_normalization::UnicodeNormalization;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;
    use crate::name::fold;

    fn mac(first: [u8; 4]) -> [u8; 32] {
        let mut mac = [0xff; 32];
        mac[..4].copy_from_slice(&first);
        mac
    }

    #[test]
    fn steps_and_minutes_change_on_the_half_minute_and_the_minute() {
        assert_eq!(
            (rotate_step(0), rotate_step(29_999), rotate_step(30_000), rotate_step(-1)),
            (0, 0, 1, -1)
        );
        assert_eq!((minute(59_999), minute(60_000), minute(-1)), (0, 1, -1));
    }

    #[test]
    fn the_first_thirty_bits_become_six_characters() {
        assert_eq!(rotating_text(&mac([0, 0, 0, 3])), "000000", "the last two bits are left out");
        assert_eq!(rotating_text(&mac([0xff; 4])), "ZZZZZZ");
        // 00001 00010 00011 00100 00101 00110 and two bits more.
        assert_eq!(rotating_text(&mac([0b0000_1000, 0b1000_0110, 0b0100_0010, 0b1001_1000])), "123456");
        assert_eq!(rotating_text(&mac([0x12, 0x34, 0x56, 0x78])).len(), ROTATING_LENGTH);
    }

    #[test]
    fn the_words_are_256_and_chosen_by_the_first_four_bytes() {
        assert_eq!(word(&mac([0; 4])), WORDS[0]);
        assert_eq!(word(&mac([9, 9, 9, 255])), WORDS[255]);
        assert_eq!(word(&mac([0, 0, 1, 7])), WORDS[7]);
        assert_eq!(word(&mac([0xff; 4])), WORDS[255]);
    }

    #[test]
    fn words_differ_without_accents_and_are_short() {
        let folded: BTreeSet<String> = WORDS.iter().map(|word| fold(word)).collect();
        assert_eq!(folded.len(), WORDS.len());
        for word in WORDS {
            assert!(word.graphemes(true).count() <= 10, "{word}");
            assert_eq!(word.nfc().collect::<String>(), word);
            assert_eq!(word.split(' ').collect::<String>().to_lowercase(), word.replace(' ', ""));
            assert!(word.chars().all(|c| c.is_alphabetic() || c == ' '), "{word}");
            assert!((2..=3).contains(&word.split(' ').count()), "{word}");
        }
    }

    #[test]
    fn one_of_the_candidates_must_be_the_text() {
        let candidates = ["123456", "ABCDEF"].map(str::to_owned);
        assert!(rotating_fits("123456", &candidates) && rotating_fits("ABCDEF", &candidates));
        for wrong in ["", "12345", "1234567", "123457", "923456", "abcdef", "123456ABCDEF"] {
            assert!(!rotating_fits(wrong, &candidates), "{wrong}");
        }
        assert!(!rotating_fits("123456", &[]));
    }
}
