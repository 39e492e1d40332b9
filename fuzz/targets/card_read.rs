//! Every code that a gate meets, through `domain::card`.
#![no_main]

use domain::card::{Kind, Reading, Reason, Verdict, read, read_bytes};
use domain::{code::PlaceCode, name::Name, phone::Phone};
use jiff::civil::{Date, date};
use libfuzzer_sys::fuzz_target;
use unicode_normalization::UnicodeNormalization as _;

/// The day that all cards are read on; that of the shared cases.
const TODAY: Date = date(2026, 11, 23);

fuzz_target!(|input: &[u8]| {
    let reading = read_bytes(input, TODAY);
    assert_eq!(reading, read_bytes(input, TODAY), "reading twice");
    let padded = [b"\0\t \r\n", input, b"\r\n\0 \t"].concat();
    assert_eq!(reading, read_bytes(&padded, TODAY), "what readers leave at the ends");
    check_verdict(&reading);
    check_fields(&reading);
    check_serialised(&reading);
    if let Ok(text) = std::str::from_utf8(input) {
        check_text(text, &reading);
    }
});

/// A text reads as its bytes do, and in whichever form its marks are composed.
fn check_text(text: &str, reading: &Reading) {
    assert_eq!(*reading, read(text, TODAY), "as a text");
    let composed = read(&text.nfc().collect::<String>(), TODAY);
    // Composing changes the length, and so what is too long.
    if ![reading, &composed].iter().any(|one| one.reasons.contains(&Reason::TooLong)) {
        assert_eq!(*reading, composed, "composed");
    }
}

fn check_verdict(reading: &Reading) {
    let gravest = reading.reasons.iter().map(|reason| reason.verdict()).max();
    assert_eq!(reading.verdict, gravest.unwrap_or(Verdict::Accept), "the gravest reason decides");
    assert_eq!(reading.system.is_some(), reading.kind == Kind::Foreign, "only foreign systems are named");
    if matches!(reading.kind, Kind::Foreign | Kind::Unknown) {
        assert_eq!(reading.verdict, Verdict::Reject, "what is none of ours lets nobody in");
        assert_eq!(reading.fields.present(), [""; 0], "what is none of ours has no fields");
    }
    let is_repeated = |(at, reason)| reading.reasons[..at].contains(reason);
    assert!(!reading.reasons.iter().enumerate().any(is_repeated), "each reason once: {:?}", reading.reasons);
}

/// Fields that other parts of the program take without a further look are in the form they promise.
fn check_fields(reading: &Reading) {
    let fields = &reading.fields;
    if let Some(code) = &fields.place_code {
        assert_eq!(PlaceCode::parse(code).map(|parsed| parsed.as_str().to_owned()).as_ref(), Ok(code));
    }
    if let Some(phone) = &fields.phone {
        assert_eq!(Phone::parse(phone).map(|parsed| parsed.e164()).as_ref(), Ok(phone));
    }
    if let Some(name) = &fields.name {
        assert_eq!(Name::parse(name).map(Name::into_string).as_ref(), Ok(name));
    }
    for day in [&fields.birth_date, &fields.issued_on].into_iter().flatten() {
        let day: Date = day.parse().expect("a day of the calendar");
        assert!(day <= TODAY, "{day} is not over yet");
    }
    if let Some(day) = &fields.expires_on {
        let day: Date = day.parse().expect("a day of the calendar");
        assert_eq!(day < TODAY, reading.reasons.contains(&Reason::CardExpired), "expired or not");
    }
    if let Some(year) = fields.year_of_birth() {
        assert!((1850..=2026).contains(&year), "born in {year}");
    }
    assert!(fields.birth_date.is_none() || fields.birth_year.is_none(), "a date or a year alone");
    for line in [&fields.name, &fields.masked_name, &fields.address, &fields.office].into_iter().flatten() {
        assert!(!line.is_empty() && !line.contains(char::is_control), "one line of text: {line:?}");
        assert_eq!(line.trim(), line, "one line of text: {line:?}");
    }
    if let Some(number) = &fields.bhyt_number {
        assert_eq!(fields.social_insurance_number().map(str::len), Some(10), "{number}");
    }
}

fn check_serialised(reading: &Reading) {
    let line = serde_json::to_string(reading).expect("a reading can be written");
    assert!(!line.contains('\n'), "a reading is one line");
    let value: serde_json::Value = serde_json::from_str(&line).expect("and read again");
    let written = value["fields"].as_object().expect("fields are an object");
    let mut present = reading.fields.present();
    present.sort_unstable();
    let mut keys: Vec<&str> = written.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, present, "what is present is what is written");
}
