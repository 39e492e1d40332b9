//! Names: what is taken, how they are found, how they are shortened.
#![expect(clippy::unwrap_used, reason = "tests")]

use domain::name::{NAME_GRAPHEMES_MAX, Name, NameError, fold, mask};
use proptest::prelude::*;

#[test]
fn names_of_the_province_are_taken() {
    for name in [
        "Nguyễn Văn A",
        "H'Hen Niê",
        "H’Hen Niê",
        "HʼHen Niê",
        "Y Bhăm Ê\u{306}ban",
        "Ksor Ơ\u{306}",
        "Nguyễn Thị Anh-Thư",
        "Y. Thông",
        "Đỗ",
        "王小明",
        "สมชาย ใจดี",
        "Олена",
    ] {
        assert_eq!(Name::parse(name).unwrap().as_str(), name);
    }
}

#[test]
fn forms_of_writing_are_made_one() {
    let composed = Name::parse("Nguyễn Văn A").unwrap();
    assert_eq!(Name::parse("  Nguye\u{302}\u{303}n \t Va\u{306}n\u{a0}A\n").unwrap(), composed);
}

#[test]
fn mistakes_are_named() {
    let error = |text: &str| Name::parse(text).unwrap_err();
    assert_eq!(error(" \t"), NameError::Empty);
    for formula in ["=1+1", "+84", "@SUM(A1)", "\u{1}A"] {
        assert!(matches!(error(formula), NameError::WrongCharacter { at: 1, .. }), "{formula}");
    }
    assert_eq!(error("-A"), NameError::NoLetterFirst);
    assert_eq!(error("'A"), NameError::NoLetterFirst);
    assert_eq!(error("\u{306}A"), NameError::NoLetterFirst);
    assert_eq!(error("An <b>"), NameError::WrongCharacter { at: 4, character: '<' });
    assert_eq!(error("An\u{202e}na"), NameError::WrongCharacter { at: 3, character: '\u{202e}' });
    assert_eq!(error("An 2"), NameError::WrongCharacter { at: 4, character: '2' });
    assert!(error("=1").to_string().starts_with("“=” cannot stand in a name (character 1)"));
}

#[test]
fn length_is_counted_in_letters_as_read() {
    let long = "Ê\u{306}".repeat(NAME_GRAPHEMES_MAX);
    assert!(Name::parse(&long).is_ok());
    assert_eq!(Name::parse(&format!("{long}a")), Err(NameError::TooLong));
    assert_eq!(Name::parse(&format!("a{}", "\u{306}".repeat(600))), Err(NameError::TooLong));
    assert_eq!(Name::parse(&" ".repeat(1_000_000)), Err(NameError::TooLong));
}

#[test]
fn search_ignores_accents_apostrophes_spaces_and_case() {
    for (left, right) in [
        ("Nguyễn Văn A", "nguyen van a"),
        ("Đặng Đình Đô", "dang dinh do"),
        ("Ðặng", "Đặng"),
        ("H'Hen Niê", "h’hen nie"),
        ("H'Hen Niê", "HʼHEN NIÊ"),
        ("H'Hen Niê", "HHen Nie"),
        ("Y Bhăm Ê\u{306}ban", "ybham eban"),
        ("Ơ\u{306} Ư\u{306} Ô\u{306}", "o u o"),
        ("Nguye\u{302}\u{303}n", "NGUYỄN"),
        ("Anh-Thư", "anh thu"),
    ] {
        assert_eq!(fold(left), fold(right), "{left} and {right}");
    }
    assert_eq!(fold("Đắk Lắk"), "daklak");
    assert_ne!(fold("Lan"), fold("Lam"));
}

#[test]
fn shared_screens_show_little() {
    for (name, shown) in [
        ("Nguyễn Văn A", "NGUYỄN V. A."),
        ("H'Hen Niê", "H'HEN N."),
        ("Y Bhăm Ê\u{306}ban", "Y B. Ê\u{306}."),
        ("Đỗ 'Anh", "ĐỖ A."),
        ("Lan", "L."),
        ("", ""),
        ("Y -", "Y."),
    ] {
        assert_eq!(mask(name), shown, "{name}");
    }
}

#[test]
fn debug_shows_no_name() {
    assert_eq!(format!("{:?}", Name::parse("Nguyễn Văn A").unwrap()), "Name(…)");
}

proptest! {
    #[test]
    fn no_text_panics_and_names_read_back(text in "[a-zA-ZàễđĐÊ'’\u{306}\u{303} .-]{0,40}|.*") {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded);
        let _ = mask(&text);
        if let Ok(name) = Name::parse(&text) {
            prop_assert_eq!(&Name::parse(name.as_str()).unwrap(), &name);
            prop_assert_eq!(fold(name.as_str()), fold(&text));
            prop_assert!(!name.as_str().starts_with(['=', '+', '-', '@']));
        }
    }
}
