//! Names and phone numbers as people type them, through `domain::name` and `domain::phone`.
#![no_main]

use domain::name::{NAME_GRAPHEMES_MAX, Name, fold, mask};
use domain::phone::Phone;
use libfuzzer_sys::fuzz_target;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

fuzz_target!(|text: &str| {
    check_fold(text);
    if let Ok(name) = Name::parse(text) {
        check_name(text, &name);
    }
    // A mask is also made of names of other origin than `Name::parse`.
    let _ = mask(text);
    if let Ok(phone) = Phone::parse(text) {
        check_phone(text, &phone);
    }
});

fn check_fold(text: &str) {
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "folding twice is folding once");
    for form in [text.nfc().collect::<String>(), text.nfd().collect(), text.nfkd().collect()] {
        assert_eq!(fold(&form), folded, "the same in every form of its marks: {form:?}");
    }
    assert!(!folded.contains(char::is_whitespace), "no spaces are left: {folded:?}");
}

fn check_name(text: &str, name: &Name) {
    let parsed = name.as_str();
    assert_eq!(Name::parse(parsed).as_ref(), Ok(name), "a name is a name");
    assert!((1..=NAME_GRAPHEMES_MAX).contains(&parsed.graphemes(true).count()), "its length is bounded");
    assert!(!parsed.starts_with(['=', '+', '-', '@', '\t', '\r']), "it runs as no formula");
    assert!(!parsed.contains(char::is_control), "no control character is left");
    assert_eq!(fold(parsed), fold(text), "it is found as it was typed");
    let masked = mask(parsed);
    assert_eq!(masked.nfc().collect::<String>(), masked, "a mask is composed");
    assert!(!masked.is_empty(), "something of a name is shown");
    for word in masked.split(' ').skip(1) {
        let (initial, dot) = word.split_at(word.len() - 1);
        assert_eq!((initial.graphemes(true).count(), dot), (1, "."), "initials alone: {masked:?}");
    }
}

fn check_phone(text: &str, phone: &Phone) {
    let e164 = phone.e164();
    for form in [e164.clone(), phone.display(), format!("84{}", &e164[3..]), format!("0084{}", &e164[3..])] {
        assert_eq!(Phone::parse(&form).as_ref(), Ok(phone), "the same number as {form}");
    }
    assert!(e164.len() == 12 && e164[1..].bytes().all(|byte| byte.is_ascii_digit()), "E.164: {e164}");
    let typed: String = text.chars().filter(char::is_ascii_digit).collect();
    assert!(typed.ends_with(&e164[3..]), "no digit is made up");
    assert_eq!(phone.masked().bytes().filter(u8::is_ascii_digit).count(), 3, "three digits are shown");
}
