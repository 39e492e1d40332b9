//! Place codes as people type them, through `domain::code`, and mistakes in good ones.
#![no_main]

use arbitrary::Arbitrary;
use domain::code::{CODE_LENGTH, CodeError, PlaceCode};
use libfuzzer_sys::fuzz_target;

/// The characters of codes.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// What the code of a place is made of.
    random: u64,
    /// Places and values of two characters that somebody gets wrong.
    wrong: [(u8, u8); 2],
    /// Something typed.
    typed: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    check_typed(input.typed);
    let code = PlaceCode::from_random(input.random);
    check_forms(&code);
    check_mistakes(&code, &input.wrong);
});

fn check_typed(typed: &str) {
    match PlaceCode::parse(typed) {
        Ok(code) => check_forms(&code),
        Err(CodeError::WrongLength { found }) => assert_ne!(found, CODE_LENGTH, "ten is no wrong length"),
        Err(CodeError::WrongCharacter { at }) => assert!((1..=CODE_LENGTH).contains(&at), "which of ten"),
        Err(CodeError::Empty | CodeError::CheckFailed) => {}
    }
}

fn check_forms(code: &PlaceCode) {
    let text = code.as_str();
    assert!(text.len() == CODE_LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte)), "{text}");
    let hyphens: Vec<String> = text.chars().map(String::from).collect();
    let look_alike = text.replace('1', "l").replace('0', "o");
    for form in [text.to_owned(), text.to_lowercase(), code.grouped(), hyphens.join(" - "), look_alike] {
        assert_eq!(PlaceCode::parse(&form), Ok(*code), "{form}");
    }
    let written = serde_json::to_string(code).expect("a code can be written");
    assert_eq!(serde_json::from_str::<PlaceCode>(&written).expect("and read again"), *code);
}

/// One or two wrong characters, and so every swap of two, are found out wherever they stand.
fn check_mistakes(code: &PlaceCode, wrong: &[(u8, u8); 2]) {
    let mut typed = code.as_str().as_bytes().to_vec();
    for (at, value) in wrong {
        typed[usize::from(*at) % CODE_LENGTH] = ALPHABET[usize::from(*value) % ALPHABET.len()];
    }
    let typed = String::from_utf8(typed).expect("ASCII");
    let expected = if typed == code.as_str() { Ok(*code) } else { Err(CodeError::CheckFailed) };
    assert_eq!(PlaceCode::parse(&typed), expected, "{typed} for {code}");
}
