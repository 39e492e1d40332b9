//! Vietnamese mobile numbers as people type them.
#![expect(clippy::unwrap_used, reason = "tests")]

use domain::phone::{Phone, PhoneError};
use proptest::prelude::*;

#[test]
fn every_usual_typing_gives_the_same_number() {
    for typed in [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "(0912) 345 678",
        "+84912345678",
        "+84 912 345 678",
        "+84 (0)912 345 678",
        "84912345678",
        "840912345678",
        "0084912345678",
        "912345678",
        " 0912\u{a0}345\u{2013}678 ",
    ] {
        let phone = Phone::parse(typed).unwrap();
        assert_eq!(phone.e164(), "+84912345678", "{typed}");
        assert_eq!(phone.display(), "0912 345 678", "{typed}");
    }
}

#[test]
fn ranges_are_those_of_the_networks() {
    let mobile = |prefix: u32| Phone::parse(&format!("{prefix:03}1234567"));
    let used: Vec<u32> = (30..100).filter(|prefix| mobile(*prefix).is_ok()).collect();
    let expected: Vec<u32> =
        (32..=39).chain([52, 55, 56, 58, 59, 70]).chain(76..=79).chain(81..=94).chain(96..=99).collect();
    assert_eq!(used, expected);
    assert_eq!(mobile(95), Err(PhoneError::UnknownRange { first: '9', second: '5' }));
}

#[test]
fn a_number_in_eighty_four_without_its_zero_is_not_taken_for_the_country_code() {
    assert_eq!(Phone::parse("842345678").unwrap().e164(), "+84842345678");
    assert_eq!(Phone::parse("0842345678").unwrap().e164(), "+84842345678");
    assert_eq!(Phone::parse("84842345678").unwrap().e164(), "+84842345678");
}

#[test]
fn mistakes_are_named() {
    let error = |text: &str| Phone::parse(text).unwrap_err();
    assert_eq!(error(""), PhoneError::Empty);
    assert_eq!(error(" +"), PhoneError::Empty);
    assert_eq!(error("0912 34x 678"), PhoneError::WrongCharacter { at: 8 });
    assert_eq!(error("0912+345678"), PhoneError::WrongCharacter { at: 5 });
    assert_eq!(error("091234567"), PhoneError::WrongLength { found: 9 });
    assert_eq!(error("09123456789"), PhoneError::WrongLength { found: 11 });
    assert_eq!(error("+14155552671"), PhoneError::OtherCountry);
    assert_eq!(error("0085612345678"), PhoneError::OtherCountry);
    assert_eq!(error("0262 3812 345"), PhoneError::Landline);
    assert_eq!(error("0123 456 7890"), PhoneError::ElevenDigits);
    assert_eq!(error("+84 168 345 6789"), PhoneError::ElevenDigits);
    assert_eq!(error("0512345678"), PhoneError::UnknownRange { first: '5', second: '1' });
    assert_eq!(error(&"9".repeat(10_000)), PhoneError::WrongLength { found: 10_000 });
}

#[test]
fn nothing_prints_a_number_by_accident() {
    let phone = Phone::parse("0912345678").unwrap();
    assert_eq!(format!("{phone:?}"), "Phone(…)");
    assert_eq!(phone.masked(), "**** *** 678");
    for text in ["091234567", "0912x45678", "0512345678"] {
        let message = Phone::parse(text).unwrap_err().to_string();
        assert!(!message.contains("345"), "{message}");
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_shown_reads_back(text in "[0-9+. ()-]{0,20}|.*") {
        if let Ok(phone) = Phone::parse(&text) {
            prop_assert_eq!(&Phone::parse(&phone.display()).unwrap(), &phone);
            prop_assert_eq!(&Phone::parse(&phone.e164()).unwrap(), &phone);
        }
    }
}
