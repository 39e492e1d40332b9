//! The readers of codes against the cases that the JavaScript reader shares, and the words of the reasons.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use domain::card::own_card::{OwnCard, SignedCard, TokenError};
use domain::card::{Reading, Reason, Verdict, read, read_bytes};
use jiff::civil::{Date, date};
use serde_json::Value;

/// Every case, one a line: `input` or `input_hex`, `today`, then the reading expected.
const CASES: &str = include_str!("fixtures/codes.jsonl");

const CCCD: &str = "066095001234|241234567|Y Nguyễn Văn A|01021995|Nam|Buôn Kô Siêr, Đắk Lắk|15042021";

const TODAY: Date = date(2026, 11, 23);

fn cases() -> Vec<Value> {
    CASES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read_case(case: &Value) -> Reading {
    let today = case["today"].as_str().unwrap().parse().unwrap();
    match case.get("input") {
        Some(input) => read(input.as_str().unwrap(), today),
        None => {
            let hex = case["input_hex"].as_str().unwrap();
            read_bytes(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap(), today)
        }
    }
}

#[test]
fn every_shared_case_reads_as_written() {
    for case in cases() {
        let got = serde_json::to_value(read_case(&case)).unwrap();
        for key in ["kind", "verdict", "system", "fields", "reasons"] {
            assert_eq!(got.get(key), case.get(key), "{key} of {}", case["note"]);
        }
    }
}

#[test]
fn the_shared_cases_cover_every_reason_and_kind() {
    let readings: Vec<Reading> = cases().iter().map(read_case).collect();
    let seen: BTreeSet<&str> = readings.iter().flat_map(|r| &r.reasons).map(|r| r.code()).collect();
    let all: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(seen, all);
    let kinds: BTreeSet<String> =
        readings.iter().map(|r| serde_json::to_value(r.kind).unwrap().as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

#[test]
fn reasons_have_stable_codes_and_two_sentences() {
    let row = |r: &Reason| format!("{} {:?}\n  {}\n  {}", r.code(), r.verdict(), r.en(), r.vi());
    let table: Vec<String> = Reason::ALL.iter().map(row).collect();
    insta::assert_snapshot!("reasons", table.join("\n"));
    for reason in Reason::ALL {
        assert!(reason.code().bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')));
        assert!(reason.en().ends_with('.') && reason.vi().ends_with('.'), "{}", reason.code());
        assert_ne!(reason.verdict(), Verdict::Accept);
    }
}

#[test]
fn a_line_of_the_command_has_its_keys_in_order() {
    let line = serde_json::to_string(&read("smsto:1922:x", TODAY)).unwrap();
    assert_eq!(
        line,
        r#"{"kind":"foreign","verdict":"reject","system":"1922 SMS (Taiwan)","fields":{},"reasons":["foreign_system"]}"#
    );
}

#[test]
fn debug_names_fields_and_shows_no_value() {
    let shown = format!("{:?}", read(CCCD, TODAY));
    assert!(shown.contains("id_number, old_id_number, name"), "{shown}");
    for value in ["066095001234", "241234567", "Nguyễn", "1995", "Siêr"] {
        assert!(!shown.contains(value), "{shown}");
    }
}

#[test]
fn both_insurance_cards_lead_to_one_number() {
    let number = |text: &str| read(text, TODAY).fields.social_insurance_number().map(str::to_owned);
    let old = "GD4666600000001|4e67|1995|1|-|66 - 001|-|-|-|-|-|4|-|a|$";
    let new = "6600000001|4e67|1995|1|-|66 - 001|-|-|-|-|-|4| -|a|4|-|$";
    assert_eq!(number(old).unwrap(), "6600000001");
    assert_eq!(number(old), number(new));
    assert_eq!(number(CCCD), None);
}

#[test]
fn the_year_of_birth_comes_from_either_form() {
    assert_eq!(read(CCCD, TODAY).fields.year_of_birth(), Some(1995));
    let masked = "******001234|NGUYEN VAN A|1995-**-**|0|1629|";
    assert_eq!(read(masked, TODAY).fields.year_of_birth(), Some(1995));
}

fn card() -> OwnCard {
    OwnCard {
        key_id: 7,
        number: [0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff],
        expires_on: date(2027, 6, 30),
        masked_name: "Y B. Ê\u{306}.".to_owned(),
    }
}

#[test]
fn an_issued_card_reads_back_with_the_bytes_that_were_signed() {
    let url = card().url("https://vaora.example/", &[9; 64]).unwrap();
    assert!(url.starts_with("https://vaora.example/C#"));
    let signed = SignedCard::parse_url(&url).unwrap();
    assert_eq!(signed.card, card());
    assert_eq!(signed.message, card().message().unwrap());
    assert_eq!(signed.signature, [9; 64]);
    let reading = read(&url, TODAY);
    assert_eq!(reading.verdict, Verdict::Warn);
    assert_eq!(reading.reasons, [Reason::SignatureUnchecked]);
    assert_eq!(reading.fields.card_number.as_deref(), Some("00010203fcfdfeff"));
    assert_eq!(read(&url, date(2027, 7, 1)).reasons, [Reason::CardExpired]);
    assert!(!format!("{signed:?}").contains('Ê'), "no name in logs");
}

#[test]
fn cards_that_cannot_be_written_or_taken_apart_are_refused() {
    let long = OwnCard { masked_name: "A".repeat(121), ..card() };
    assert_eq!(long.message(), Err(TokenError::NameTooLong));
    let late = OwnCard { expires_on: date(2150, 1, 1), ..card() };
    assert_eq!(late.message(), Err(TokenError::ExpiryOutOfRange));
    assert_eq!(SignedCard::parse(""), Err(TokenError::Damaged));
    assert_eq!(SignedCard::parse("AQ"), Err(TokenError::Damaged));
    assert_eq!(SignedCard::parse("Ag"), Err(TokenError::UnknownVersion(2)));
    assert_eq!(SignedCard::parse_url("https://vaora.example/C"), Err(TokenError::Damaged));
}
