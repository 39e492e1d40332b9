use documents::{
    CARD_HEIGHT_MM, CARD_SYMBOL_MM, CARD_SYMBOL_MM_MIN, CARD_URL_CHARS_MAX, CARD_WIDTH_MM, CARDS_MAX,
    CARDS_PER_SHEET, DocumentError, PersonalCard, QUIET_ZONE_MODULES, cards_pdf,
};

use crate::poppler::{self, Picture};
use crate::sample::{NOW, card, card_url, hostile_card, long_card};

const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// Left edge of the backs and top edge of the first card on the sheet, in millimetres.
const BACK_LEFT_MM: f64 = 210.0 / 2.0;
const TOP_MM: f64 = (297.0 - CARDS_PER_SHEET as f64 * CARD_HEIGHT_MM) / 2.0;

/// The white square of one card's symbol, by its place on the sheet from 0.
fn symbol_square(sheet: &Picture, row: usize) -> Picture {
    let (left, top) = (BACK_LEFT_MM, TOP_MM + row as f64 * CARD_HEIGHT_MM);
    // The hairlines of cut and fold lie on the edges of the square; they are outside the quiet zone.
    sheet.part((left + 0.35, top + 0.35), (left + CARD_HEIGHT_MM - 0.35, top + CARD_HEIGHT_MM - 0.35))
}

fn decoded(picture: &Picture) -> rxing::RXingResult {
    let (width, height) = (picture.width as u32, picture.height as u32);
    rxing::helpers::detect_in_luma(picture.luma.clone(), width, height, Some(rxing::BarcodeFormat::QR_CODE))
        .expect("the card's symbol reads")
}

/// The least and greatest column and row with ink, in millimetres from the picture's corner.
fn ink_mm(picture: &Picture) -> ((f64, f64), (f64, f64)) {
    let inked = (0..picture.luma.len()).filter(|at| picture.luma[*at] < 128);
    let (mut x, mut y) = ((usize::MAX, 0), (usize::MAX, 0));
    for at in inked {
        let (column, row) = (at % picture.width, at / picture.width);
        x = (x.0.min(column), x.1.max(column + 1));
        y = (y.0.min(row), y.1.max(row + 1));
    }
    let mm = |pixel: usize| pixel as f64 / picture.pixels_per_mm;
    ((mm(x.0), mm(x.1)), (mm(y.0), mm(y.1)))
}

#[test]
fn each_card_on_a_sheet_reads_back_as_exactly_its_text() {
    let mut cards = vec![card(), long_card(), hostile_card()];
    cards.extend((3..6).map(|n| PersonalCard { url: card_url(n), ..card() }));
    let pdf = cards_pdf(&cards, NOW).unwrap();
    assert_eq!(poppler::pages(&pdf), 2, "four on the first sheet, two on the second");
    for (index, card) in cards.iter().enumerate() {
        let sheet = poppler::picture_at(&pdf, index / CARDS_PER_SHEET + 1, 150);
        assert_eq!(decoded(&symbol_square(&sheet, index % CARDS_PER_SHEET)).getText(), card.url);
    }
}

#[test]
fn the_symbol_is_at_least_five_centimetres_wide_and_stands_in_white() {
    let longest = format!("https://a.vn/C#{}", "q".repeat(CARD_URL_CHARS_MAX - 15));
    // 41 modules are the fewest and take the widest quiet zone; 73 are the most and the finest.
    for (url, modules) in [("https://a.vn/C#x".to_owned(), 41.0), (card_url(0), 61.0), (longest, 73.0)] {
        let pdf = cards_pdf(&[PersonalCard { url: url.clone(), ..card() }], NOW).unwrap();
        let square = symbol_square(&poppler::picture_at(&pdf, 1, 300), 0);
        assert_eq!(decoded(&square).getText(), url);
        let ((left, right), (top, bottom)) = ink_mm(&square);
        for width in [right - left, bottom - top] {
            assert!(width >= CARD_SYMBOL_MM_MIN, "{modules}: measured {width} mm");
            assert!((width - CARD_SYMBOL_MM).abs() < 0.2, "{modules}: measured {width} mm");
        }
        let quiet = QUIET_ZONE_MODULES as f64 * CARD_SYMBOL_MM / modules - 0.2;
        // The square was cut 0.35 mm inside its edges, where white goes on.
        let whites = [left, top, CARD_HEIGHT_MM - 0.7 - right, CARD_HEIGHT_MM - 0.7 - bottom];
        assert!(whites.iter().all(|white| white + 0.35 >= quiet), "{modules}: {whites:?} of {quiet}");
    }
}

#[test]
fn a_card_says_what_its_holder_and_a_finder_need() {
    let text = poppler::flowing_text(&cards_pdf(&[card()], NOW).unwrap());
    for part in [
        "THẺ QUÉT MÃ",
        "H'Bhứt N. K. Ênuôl",
        "Buôn Akŏ Dhŏng – phường Tân Lợi, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk",
        "K7F2-9QXM",
        "31/12/2022",
        "05/08/2021",
        "Mất thẻ: gọi ngay 0262 000 0000 hoặc báo UBND phường Tân Lợi để khóa thẻ cũ và cấp thẻ mới.",
        "không thay giấy tờ tùy thân",
        "In đúng cỡ thật (100%)",
        "gấp đôi theo nét đứt",
        "Tờ 1/1",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
    let two_levels = PersonalCard { district: None, note: String::new(), hotline: None, ..card() };
    let text = poppler::flowing_text(&cards_pdf(&[two_levels], NOW).unwrap());
    assert!(text.contains("phường Tân Lợi, tỉnh Đắk Lắk"), "{text}");
    assert!(text.contains("Mất thẻ: báo ngay cho UBND phường Tân Lợi"), "{text}");
    assert!(!text.contains('–'), "no dash without a hamlet: {text}");
}

#[test]
fn marks_of_ede_names_survive_and_typed_text_is_never_markup() {
    let text = poppler::flowing_text(&cards_pdf(&[long_card(), hostile_card()], NOW).unwrap());
    for part in [
        "H'Bhứt Niê Kdăm Ê\u{306}nuôl Ô\u{306} Ơ\u{306} Ư\u{306} Mlô Duôn Du",
        "buôn Ea Ô\u{306}, đội 4",
        "#panic(\"x\") *đậm* $x^2$ <nhãn> @ref \\ ]{}[",
        "gọi ngay =1+1 #x",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn long_text_stays_on_its_own_half_of_its_own_card() {
    let pdf = cards_pdf(&[hostile_card(), long_card(), card(), hostile_card()], NOW).unwrap();
    let (left, fold) = ((BACK_LEFT_MM - CARD_WIDTH_MM) * POINTS_PER_MM, BACK_LEFT_MM * POINTS_PER_MM);
    let right = (BACK_LEFT_MM + CARD_WIDTH_MM) * POINTS_PER_MM;
    let strip = (BACK_LEFT_MM + CARD_HEIGHT_MM) * POINTS_PER_MM;
    for word in poppler::words(&pdf) {
        assert!(word.x_min >= left - 0.5 && word.x_max <= right + 0.5, "off the sheet's cards: {word:?}");
        let row_of = |y: f64| ((y / POINTS_PER_MM - TOP_MM) / CARD_HEIGHT_MM).floor();
        if (0.0..4.0).contains(&row_of(word.y_min)) {
            assert_eq!(row_of(word.y_min), row_of(word.y_max), "over the edge of a card: {word:?}");
            assert!(word.x_max <= fold || word.x_min >= strip, "over the fold or the symbol: {word:?}");
        }
    }
}

#[test]
fn no_line_lies_over_another() {
    let words = poppler::words(
        &cards_pdf(&[card(), long_card(), PersonalCard { hotline: None, ..card() }], NOW).unwrap(),
    );
    assert!(words.len() > 100);
    assert!(poppler::overlapping(&words).is_none(), "{:?}", poppler::overlapping(&words));
}

#[test]
fn the_same_cards_give_the_same_bytes_and_the_file_names_nobody() {
    let make = || cards_pdf(&[card()], NOW).unwrap();
    assert_eq!(make(), make());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pdf");
    std::fs::write(&file, make()).unwrap();
    let output = std::process::Command::new("pdfinfo").arg(&file).output().expect("package poppler-utils");
    let info = String::from_utf8(output.stdout).unwrap();
    assert!(info.contains("(A4)") && info.contains("Thẻ quét mã, 1 thẻ"), "{info}");
    assert!(!info.contains("Ênuôl"), "{info}");
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    assert!(matches!(cards_pdf(&[], NOW), Err(DocumentError::Nothing("cards"))));
    let many = vec![card(); CARDS_MAX + 1];
    assert!(matches!(cards_pdf(&many, NOW), Err(DocumentError::TooMany { count: 2001, max: 2000, .. })));
    for url in [String::new(), "a".repeat(CARD_URL_CHARS_MAX + 1)] {
        let refused = cards_pdf(&[PersonalCard { url, ..card() }], NOW);
        assert!(matches!(refused, Err(DocumentError::QrText { max: CARD_URL_CHARS_MAX, .. })));
    }
}
