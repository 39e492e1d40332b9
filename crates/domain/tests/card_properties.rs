//! Whatever is held before a camera or typed by a reader: no panic, one answer, and line ends do not matter.
#![expect(clippy::unwrap_used, reason = "tests")]

use domain::card::{INPUT_BYTES_MAX, Kind, Reason, Verdict, read, read_bytes};
use domain::code::PlaceCode;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const TODAY: Date = date(2026, 11, 23);

/// The inputs of the shared cases, as a stock to disturb.
fn stock() -> Vec<String> {
    include_str!("fixtures/codes.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|case| Some(case.get("input")?.as_str()?.to_owned()))
        .collect()
}

/// A known input with up to four characters replaced, put in or taken out.
fn disturbed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        select(vec![
            "|",
            "<",
            "*",
            "-",
            "/",
            "$",
            "#",
            "@",
            ".",
            "đ",
            "Ê\u{306}",
            "\u{301}",
            "\0",
            "\n",
            " "
        ])
        .prop_map(str::to_owned),
        "[0-9a-zA-Z]",
        any::<char>().prop_map(String::from),
    ];
    let change = (any::<Index>(), 0_usize..3, piece);
    (select(stock()), proptest::collection::vec(change, 0..4)).prop_map(|(text, changes)| {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        for (at, taken, piece) in changes {
            let from = at.index(characters.len() + 1);
            let until = (from + taken).min(characters.len());
            characters.splice(from..until, [piece]);
        }
        characters.concat()
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![3 => disturbed(), 1 => any::<String>(), 1 => "[0-9A-Za-z|<*$:/#. -]{0,80}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_answer_is_always_the_same_and_follows_from_its_reasons(text in any_text()) {
        let reading = read(&text, TODAY);
        prop_assert_eq!(&read(&text, TODAY), &reading);
        prop_assert_eq!(&read_bytes(text.as_bytes(), TODAY), &reading);
        let gravest = reading.reasons.iter().map(|reason| reason.verdict()).max();
        prop_assert_eq!(reading.verdict, gravest.unwrap_or(Verdict::Accept));
        prop_assert_eq!(reading.system.is_some(), reading.kind == Kind::Foreign);
        prop_assert!(serde_json::to_string(&reading).is_ok());
        let mut codes: Vec<&str> = reading.reasons.iter().map(|reason| reason.code()).collect();
        codes.sort_unstable();
        prop_assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "said once each: {:?}", codes);
    }

    #[test]
    fn line_ends_and_nul_at_the_ends_change_nothing(
        text in any_text(), before in "[\r\n\0\t]{0,3}", after in "[\r\n\0\t ]{0,3}"
    ) {
        let dressed = format!("{before}{text}{after}");
        prop_assert_eq!(read(&dressed, TODAY), read(&text, TODAY));
        prop_assert_eq!(read_bytes(dressed.as_bytes(), TODAY), read(&text, TODAY));
    }

    #[test]
    fn decomposed_text_reads_as_composed_text(text in disturbed()) {
        use unicode_normalization::UnicodeNormalization;
        let (composed, decomposed) = (text.nfc().collect::<String>(), text.nfd().collect::<String>());
        prop_assume!(composed.len().max(decomposed.len()) <= INPUT_BYTES_MAX);
        prop_assert_eq!(read(&decomposed, TODAY), read(&composed, TODAY));
    }

    #[test]
    fn a_screens_link_reads_as_the_posters_with_its_rotating_part(
        random: u64, rotating in "[0-9A-Za-z]{4,8}", is_lower: bool, slash in "/?"
    ) {
        let poster = PlaceCode::from_random(random).url("https://vaora.example");
        let screen = format!("{poster}/{rotating}{slash}");
        let reading = read(&if is_lower { screen.to_lowercase() } else { screen.clone() }, TODAY);
        if rotating.len() == 6 && !rotating.contains(['u', 'U']) {
            let mut expected = read(&poster, TODAY);
            let upper = rotating.to_ascii_uppercase().replace(['I', 'L'], "1").replace('O', "0");
            expected.fields.rotating = Some(upper);
            prop_assert_eq!(reading, expected);
        } else {
            prop_assert_eq!(reading.reasons, vec![Reason::NotOurLink]);
        }
        let typed_with_telex = read(&format!("{poster}/ĐA1Z{slash}"), TODAY);
        prop_assert_eq!(typed_with_telex.reasons, vec![Reason::InputMethodActive]);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let reading = read_bytes(&bytes, TODAY);
        if std::str::from_utf8(&bytes).is_err() {
            prop_assert_eq!(reading.reasons, vec![Reason::NotUtf8]);
        }
    }

    #[test]
    fn what_is_accepted_can_be_recorded(text in any_text()) {
        let reading = read(&text, TODAY);
        let fields = &reading.fields;
        if reading.verdict == Verdict::Accept {
            let is_keyed = fields.place_code.is_some()
                || fields.id_number.is_some()
                || fields.bhyt_number.is_some()
                || fields.qid.is_some();
            prop_assert!(is_keyed, "{:?}", reading);
            prop_assert!(fields.place_code.is_some() || fields.name.is_some(), "{:?}", reading);
        }
        if let Some(rotating) = &fields.rotating {
            prop_assert!(reading.kind == Kind::Place && fields.host.is_some());
            let is_code = |byte| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&byte);
            prop_assert!(rotating.len() == 6 && rotating.bytes().all(is_code), "{}", rotating);
        }
    }
}

#[test]
fn a_huge_input_is_refused_at_once_with_its_limit_named() {
    let huge = "|".repeat(50_000_000);
    let reading = read(&huge, TODAY);
    assert_eq!(reading.reasons, [Reason::TooLong]);
    assert!(Reason::TooLong.en().contains("4,296") && INPUT_BYTES_MAX == 4_296);
}
