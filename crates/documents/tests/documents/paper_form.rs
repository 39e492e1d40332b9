use documents::{DocumentError, FORM_PAGES_MAX, FORM_ROWS, PaperForm, paper_form_pdf};
use domain::scan::LATE_DAYS_MAX;

use crate::poppler;
use crate::sample::{NOW, form};

const POINTS_PER_MM: f64 = 72.0 / 25.4;

fn long_form() -> PaperForm {
    PaperForm {
        place_name:
            "Trường Phổ thông Dân tộc nội trú Trung học cơ sở H'Drơng Ê\u{306}ban Buôn Čư\u{306} M'gar"
                .to_owned(),
        area_name: None,
        address: "Buôn Ea Ô\u{306}, quốc lộ 14 kéo dài".to_owned(),
        commune: "xã Cư M'gar".to_owned(),
        district: None,
        hotline: None,
        pages: 1,
        ..form()
    }
}

fn hostile_form() -> PaperForm {
    PaperForm {
        place_name: "#panic(\"x\") *đậm* $x^2$ <nhãn> @ref \\ ]{}[ \u{0}\u{202E}".to_owned(),
        area_name: Some("W".repeat(5_000)),
        address: "😀 漢字 ".repeat(300),
        commune: "Ê\u{306}".repeat(900),
        agency: "Ứ".repeat(2_000),
        ..form()
    }
}

#[test]
fn a_form_says_where_it_belongs_and_what_becomes_of_it() {
    let text = poppler::flowing_text(&paper_form_pdf(&form(), NOW).unwrap());
    for part in [
        "PHIẾU GHI NGƯỜI VÀO, RA",
        "Chợ Buôn Ma Thuột",
        "Cổng số 2 – dãy rau quả",
        "2 Quang Trung, phường Thắng Lợi, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk",
        "7Q4ZK-M2T9X",
        "Người gác cổng tự ghi",
        &format!("Trong vòng {LATE_DAYS_MAX} ngày kể từ giờ vào, người phụ trách địa điểm nhập"),
        "Cất phiếu trong tủ có khóa. Nhập xong thì hủy ngay",
        "Hỗ trợ: 1900 0000 – UBND phường Thắng Lợi",
        "Tờ 1/2",
        "Tờ 2/2",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
    let order = ["STT", "Giờ vào", "Giờ ra", "Họ và tên", "Năm sinh", "Số điện thoại", "Xã, phường nơi ở"];
    let heading = order.join(" ");
    assert!(text.contains(&heading), "{heading:?} is missing from {text}");
}

#[test]
fn each_sheet_has_its_numbered_rows_inside_the_page() {
    let forms = [form(), long_form(), hostile_form(), PaperForm { pages: FORM_PAGES_MAX, ..form() }];
    for form in forms {
        let pdf = paper_form_pdf(&form, NOW).unwrap();
        assert_eq!(poppler::pages(&pdf), usize::from(form.pages), "one page each, however long the names");
        let words = poppler::words(&pdf);
        let table_top = 74.0 * POINTS_PER_MM;
        for page in 1..=usize::from(form.pages) {
            let numbers: Vec<&str> = words
                .iter()
                .filter(|word| {
                    word.page == page && word.x_max < 21.0 * POINTS_PER_MM && word.y_min > table_top
                })
                .map(|word| word.text.as_str())
                .filter(|text| text.chars().all(|c| c.is_ascii_digit()))
                .collect();
            let expected: Vec<String> = (1..=FORM_ROWS).map(|row| row.to_string()).collect();
            assert_eq!(numbers, expected, "sheet {page}");
        }
        for word in words {
            assert!(word.x_min >= 28.0 && word.x_max <= 567.0, "beside the margins: {word:?}");
            assert!(word.y_min >= 22.0 && word.y_max <= 823.0, "above or below the page: {word:?}");
        }
    }
}

#[test]
fn no_line_lies_over_another() {
    for form in [form(), long_form()] {
        let words = poppler::words(&paper_form_pdf(&form, NOW).unwrap());
        assert!(poppler::overlapping(&words).is_none(), "{:?}", poppler::overlapping(&words));
    }
}

#[test]
fn marks_of_ede_names_survive_and_typed_text_is_never_markup() {
    let text = poppler::flowing_text(&paper_form_pdf(&long_form(), NOW).unwrap());
    for part in [
        "H'Drơng Ê\u{306}ban Buôn Čư\u{306} M'gar",
        "Buôn Ea Ô\u{306}, quốc lộ 14 kéo dài, xã Cư M'gar, tỉnh Đắk Lắk",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
    let text = poppler::flowing_text(&paper_form_pdf(&hostile_form(), NOW).unwrap());
    assert!(text.contains("#panic(\"x\") *đậm* $x^2$ <nhãn> @ref \\ ]{}["), "{text}");
}

#[test]
fn the_same_form_gives_the_same_bytes_and_a_wrong_number_of_pages_is_refused() {
    let make = || paper_form_pdf(&form(), NOW).unwrap();
    assert_eq!(make(), make());
    let none = paper_form_pdf(&PaperForm { pages: 0, ..form() }, NOW);
    assert!(matches!(none, Err(DocumentError::Nothing("pages"))));
    let many = paper_form_pdf(&PaperForm { pages: FORM_PAGES_MAX + 1, ..form() }, NOW);
    assert!(matches!(many, Err(DocumentError::TooMany { what: "pages", count: 21, max: 20 })));
}
