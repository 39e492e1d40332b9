use std::io::{Cursor, Read};

use calamine::{Reader, Xlsx};
use documents::{CARD_COLUMNS, DocumentError, PLACE_COLUMNS, SheetTemplate, read_sheet, template_xlsx};

use crate::sample::NOW;

const TYPES: [(&str, &str); 3] = [("market", "Chợ"), ("school", "Trường học"), ("bus", "Xe khách")];
const COMMUNES: [(&str, &str); 2] = [("24121", "phường Tân Lợi"), ("24490", "xã Ea Ô\u{306}")];

fn places() -> Vec<u8> {
    template_xlsx(SheetTemplate::Places { place_types: &TYPES, communes: &COMMUNES }, NOW).unwrap()
}

fn part(xlsx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The texts of one sheet, row by row.
fn texts(xlsx: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(xlsx)).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn an_empty_template_comes_back_as_its_header_row_alone() {
    let cards = template_xlsx(SheetTemplate::Cards, NOW).unwrap();
    let (place_names, card_names) =
        (PLACE_COLUMNS.map(|column| column.name), CARD_COLUMNS.map(|column| column.name));
    for (bytes, names) in [(places(), &place_names[..]), (cards, &card_names[..])] {
        let sheet = read_sheet(&bytes).ok().unwrap();
        assert_eq!(sheet.rows.len(), 1);
        assert_eq!(sheet.rows[0].cells, names);
    }
    let expected = [
        "Tên địa điểm",
        "Loại",
        "Xã/phường",
        "Địa chỉ",
        "Người liên hệ",
        "Điện thoại",
        "Khu vực",
        "Sức chứa",
        "Giờ mở",
        "Giờ đóng",
    ];
    assert_eq!(place_names, expected);
    assert_eq!(card_names, ["Họ và tên", "Năm sinh", "Giới tính", "Điện thoại", "Thôn/buôn", "Số căn cước"]);
}

#[test]
fn the_guide_explains_each_column_and_the_lists_hold_codes_and_names() {
    let bytes = places();
    let guide = texts(&bytes, "Hướng dẫn");
    for column in PLACE_COLUMNS {
        let duty = if column.is_required { "Có" } else { "Không" };
        assert!(
            guide.contains(&[column.name, duty, column.meaning, column.example].map(str::to_owned).to_vec()),
            "{guide:?}"
        );
    }
    let lists = texts(&bytes, "Danh mục");
    assert_eq!(lists[1], ["market", "Chợ", "", "24121", "phường Tân Lợi"]);
    assert_eq!(lists[2][3..], ["24490", "xã Ea Ô\u{306}"]);
    assert_eq!(lists[3][..2], ["bus", "Xe khách"]);
    let cards = template_xlsx(SheetTemplate::Cards, NOW).unwrap();
    let workbook: Xlsx<_> = Xlsx::new(Cursor::new(&cards[..])).unwrap();
    assert_eq!(workbook.sheet_names(), ["Danh sách cấp thẻ", "Hướng dẫn"]);
}

#[test]
fn headings_have_notes_and_cells_have_rules() {
    let bytes = places();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    for rule in [
        "'Danh mục'!$B$2:$B$4",
        "'Danh mục'!$E$2:$E$3",
        "type=\"whole\"",
        "type=\"time\"",
        "type=\"textLength\"",
        "sqref=\"B2:B20000\"",
    ] {
        assert!(sheet.contains(rule), "{rule} is missing from {sheet}");
    }
    let list = sheet.split("<dataValidation ").find(|rule| rule.contains("$B$2")).unwrap();
    assert!(!list.contains("showErrorMessage=\"1\""), "a code may be typed instead of a name: {list}");
    let notes = part(&bytes, "xl/comments1.xml");
    assert_eq!(notes.matches("<comment ").count(), PLACE_COLUMNS.len());
    assert!(notes.contains("cách nhau bằng dấu chấm phẩy (;)") && notes.contains("Bắt buộc."));

    let cards = template_xlsx(SheetTemplate::Cards, NOW).unwrap();
    let sheet = part(&cards, "xl/worksheets/sheet1.xml");
    for rule in
        ["<formula1>1900</formula1><formula2>2021</formula2>", "\"Nam,Nữ\"", "OR(LEN(F2)=9,LEN(F2)=12)"]
    {
        assert!(sheet.contains(rule), "{rule} is missing from {sheet}");
    }
    let columns = sheet.split_once("<cols>").unwrap().1.split_once("</cols>").unwrap().0;
    assert_eq!(
        columns.matches(" style=\"").count(),
        CARD_COLUMNS.len(),
        "each column has its format: {columns}"
    );
    assert!(part(&cards, "xl/styles.xml").contains("formatCode=\"@\""), "phones and numbers stay text");
}

#[test]
fn the_same_template_gives_the_same_bytes_and_lists_have_limits() {
    assert_eq!(places(), places());
    let make = |types: &[(&str, &str)], communes: &[(&str, &str)]| {
        template_xlsx(SheetTemplate::Places { place_types: types, communes }, NOW)
    };
    assert!(matches!(make(&[], &COMMUNES), Err(DocumentError::Nothing("place types"))));
    assert!(matches!(make(&TYPES, &[]), Err(DocumentError::Nothing("communes"))));
    let many = vec![("1", "xã"); 2_001];
    assert!(matches!(make(&TYPES, &many), Err(DocumentError::TooMany { what: "communes", .. })));
    let odd = make(&[("=1+1", "=HYPERLINK(\"x\")\u{0}")], &COMMUNES).unwrap();
    assert_eq!(
        texts(&odd, "Danh mục")[1][..2],
        ["=1+1", "=HYPERLINK(\"x\") "],
        "typed text is never a formula"
    );
}
