//! The place code: check characters, tolerant typing, and the text of the poster's symbol.
#![expect(clippy::unwrap_used, reason = "tests")]

use domain::code::{CODE_LENGTH, CodeError, PlaceCode};
use proptest::prelude::*;

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Codes spread over the range, the ends included, from a fixed multiplicative walk.
fn codes(count: u64) -> impl Iterator<Item = PlaceCode> {
    let ends = [0, 1, (1 << 40) - 1];
    let walk = (1..=count).map(|step| step.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24);
    ends.into_iter().chain(walk).map(PlaceCode::from_random)
}

fn with(code: &PlaceCode, changes: &[(usize, u8)]) -> String {
    let mut bytes = code.as_str().as_bytes().to_vec();
    for (at, letter) in changes {
        bytes[*at] = *letter;
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_wrong_character_is_caught() {
    for code in codes(300) {
        for at in 0..CODE_LENGTH {
            for letter in ALPHABET.iter().filter(|letter| **letter != code.as_str().as_bytes()[at]) {
                let wrong = with(&code, &[(at, *letter)]);
                assert_eq!(PlaceCode::parse(&wrong), Err(CodeError::CheckFailed), "{code} as {wrong}");
            }
        }
    }
}

#[test]
fn every_swap_of_two_characters_is_caught_neighbours_or_not() {
    for code in codes(2_000) {
        let bytes = code.as_str().as_bytes();
        for left in 0..CODE_LENGTH {
            for right in left + 1..CODE_LENGTH {
                let swapped = with(&code, &[(left, bytes[right]), (right, bytes[left])]);
                let expected =
                    if bytes[left] == bytes[right] { Ok(code) } else { Err(CodeError::CheckFailed) };
                assert_eq!(PlaceCode::parse(&swapped), expected, "{code} as {swapped}");
            }
        }
    }
}

#[test]
fn every_two_wrong_characters_are_caught() {
    let code = PlaceCode::from_random(0x12_3456_789A);
    let bytes = code.as_str().as_bytes();
    for left in 0..CODE_LENGTH {
        for right in left + 1..CODE_LENGTH {
            for first in ALPHABET.iter().filter(|letter| **letter != bytes[left]) {
                for second in ALPHABET.iter().filter(|letter| **letter != bytes[right]) {
                    let wrong = with(&code, &[(left, *first), (right, *second)]);
                    assert_eq!(PlaceCode::parse(&wrong), Err(CodeError::CheckFailed), "{wrong}");
                }
            }
        }
    }
}

#[test]
fn known_codes_stay_as_they_were_printed() {
    let printed = |random| PlaceCode::from_random(random).as_str().to_owned();
    assert_eq!(printed(0), "0000000000");
    assert_eq!(printed(0x12_3456_789A), "28T5CY4TZ6");
    assert_eq!(printed(0xFE_DCBA_9876), "ZVEBN63PDA");
    assert_eq!(printed((1 << 40) - 1), "ZZZZZZZZNN");
}

#[test]
fn typing_is_tolerated() {
    let code = PlaceCode::parse("28T5CY4TZ6").unwrap();
    for typed in ["28t5cy4tz6", "28T5C Y4TZ6", " 28t5-cy4t-z6 ", "28T5\u{2013}CY4T\u{a0}Z6"] {
        assert_eq!(PlaceCode::parse(typed), Ok(code), "{typed}");
    }
    assert_eq!(PlaceCode::parse("oOoOo-oOoOo").unwrap().as_str(), "0000000000");
    assert_eq!(PlaceCode::parse("iIlL1 111MM").unwrap().as_str(), "11111111MM");
}

#[test]
fn mistakes_are_named() {
    let error = |text: &str| PlaceCode::parse(text).unwrap_err();
    assert_eq!(error(" - "), CodeError::Empty);
    assert_eq!(error("28T5CY4TZ"), CodeError::WrongLength { found: 9 });
    assert_eq!(error("28T5CY4TZ66"), CodeError::WrongLength { found: 11 });
    assert_eq!(error(&"2".repeat(5_000)), CodeError::WrongLength { found: 5_000 });
    assert_eq!(error("28T5 CU4TZ6"), CodeError::WrongCharacter { at: 6 });
    assert_eq!(error("28T5CY4TZĐ"), CodeError::WrongCharacter { at: 10 });
    assert!(error("28T5CU4TZ6").to_string().contains("character 6"));
}

#[test]
fn the_poster_carries_the_code_in_the_alphanumeric_set() {
    let code = PlaceCode::from_random(0x12_3456_789A);
    assert_eq!(code.url("http://localhost:8080"), "HTTP://LOCALHOST:8080/D/28T5CY4TZ6");
    assert_eq!(code.url("https://vaora.example/"), "HTTPS://VAORA.EXAMPLE/D/28T5CY4TZ6");
    let set = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    assert!(code.url("https://vao-ra.example").chars().all(|character| set.contains(character)));
    assert_eq!(code.grouped(), "28T5C Y4TZ6");
    assert_eq!(serde_json::to_string(&code).unwrap(), "\"28T5CY4TZ6\"");
    assert_eq!(serde_json::from_str::<PlaceCode>("\"28t5cy4tz6\"").unwrap(), code);
}

proptest! {
    #[test]
    fn forty_bits_go_in_and_the_code_reads_back(random: u64) {
        let code = PlaceCode::from_random(random);
        prop_assert_eq!(PlaceCode::parse(&code.grouped().to_lowercase()), Ok(code));
        prop_assert_eq!(PlaceCode::from_random(random & ((1 << 40) - 1)), code);
        let different = PlaceCode::from_random(random ^ 1);
        prop_assert_ne!(different, code);
    }

    #[test]
    fn no_text_panics(text: String) {
        let _ = PlaceCode::parse(&text);
    }
}
