use documents::{
    DocumentError, POINT_ROWS_MAX, PointLine, ProposalLine, UNIT_ROWS_MAX, WeeklyReport, weekly_report_pdf,
};

use crate::poppler::{self, Word};
use crate::sample::{first_report, report, unit};

const POINTS_PER_MM: f64 = 72.0 / 25.4;

#[test]
fn the_parts_come_in_the_order_of_the_decree() {
    let text = poppler::flowing_text(&weekly_report_pdf(&report()).unwrap());
    let order = [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BÁO CÁO",
        "Kết quả triển khai quét mã QR",
        "I. KẾT QUẢ TRIỂN KHAI",
        "II. KHÓ KHĂN, VƯỚNG MẮC",
        "III. KIẾN NGHỊ, ĐỀ XUẤT VÀ HƯỚNG XỬ LÝ",
        "IV. NHIỆM VỤ TUẦN TỚI",
        "kính báo cáo./.",
        "Nơi nhận:",
        "- Lưu: VT, CNTT.",
        "Phụ lục I ",
        "KẾT QUẢ THEO HUYỆN, THỊ XÃ, THÀNH PHỐ",
        "Phụ lục II ",
        "KẾT QUẢ THEO XÃ, PHƯỜNG, THỊ TRẤN",
        "Phụ lục III ",
        "ĐIỂM QUÉT MÃ KHÔNG PHÁT SINH LƯỢT QUÉT",
        "Phụ lục IV ",
        "ĐƠN VỊ GỬI BÁO CÁO CHẬM HOẶC CHƯA GỬI",
    ];
    let mut from = 0;
    for part in order {
        let found = text[from..]
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} is missing or out of order in {text}"));
        from += found;
    }
    for part in [
        "ỦY BAN NHÂN DÂN TỈNH ĐẮK LẮK",
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        "Số: …/BC-STTTT",
        "Đắk Lắk, ngày … tháng 11 năm 2021",
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "- UBND tỉnh (báo cáo);",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn the_figures_are_told_in_sentences() {
    let text = poppler::flowing_text(&weekly_report_pdf(&report()).unwrap());
    for part in [
        "1.393 điểm quét mã đã đăng ký, tăng 133 điểm (10,6%) so với tuần trước; trong kỳ tạo mới 140 điểm.",
        "45.536 lượt quét, gồm 30.112 lượt vào và 15.424 lượt ra, tăng 7.410 lượt (19,4%) so với tuần trước.",
        "Dân số 1.869.322 người (nguồn: Tổng điều tra dân số 2019).",
        "Chỉ tiêu 01 điểm/100 dân (*), tính cho từng xã, phường, thị trấn và làm tròn lên, tương ứng 19.508 điểm, đạt \
         7,1%, còn thiếu 18.115 điểm.",
        "(*) Nếu tính chung trên tổng dân số và làm tròn một lần thì chỉ tiêu là 18.694 điểm",
        "Trong số 282 điểm không phát sinh lượt quét có 12 điểm của địa điểm không nêu tên",
        "UBND tỉnh đã chấp thuận (Công văn số 1234/UBND-KGVX ngày 10/11/2021); giao Sở Tài chính thực hiện.",
        "1.111 điểm đang hoạt động",
        "giảm 9 điểm (0,8%)",
        "282 điểm không phát sinh lượt quét",
        "209 điểm chưa từng được sử dụng (chi tiết tại Phụ lục III)",
        "nhận bổ sung 1.216 lượt quét của các kỳ trước gửi về sau thời điểm chốt số liệu (812 lượt vào, 404 lượt ra).",
        "Số liệu của từng đơn vị tại Phụ lục I và Phụ lục II.",
        "2 lần mở dữ liệu định danh",
        "huyện M'Drắk (12 điểm); huyện Ea Súp (9 điểm)",
        "Hướng xử lý: chưa đề xuất.",
        "và 230 điểm khác",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn a_first_report_compares_with_nothing_and_says_what_was_not_entered() {
    let text = poppler::flowing_text(&weekly_report_pdf(&first_report()).unwrap());
    assert!(!text.contains("tuần trước"), "{text}");
    assert!(!text.contains("Phụ lục"), "{text}");
    for part in [
        "kỳ báo cáo đầu tiên",
        "Chưa có số liệu dân số",
        "không có khó khăn, vướng mắc nào được nêu",
        "không có kiến nghị, đề xuất nào",
        "ngày … tháng 01 năm 2022",
        "không có lần nào mở dữ liệu định danh",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn pages_are_a4_with_the_decrees_margins() {
    let pdf = weekly_report_pdf(&report()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pdf");
    std::fs::write(&file, &pdf).unwrap();
    let output = std::process::Command::new("pdfinfo").arg(&file).output().expect("package poppler-utils");
    let info = String::from_utf8(output.stdout).unwrap();
    assert!(info.contains("(A4)"), "{info}");
    let (left, right) = (30.0 * POINTS_PER_MM, (210.0 - 15.0) * POINTS_PER_MM);
    let (top, bottom) = (20.0 * POINTS_PER_MM, (297.0 - 20.0) * POINTS_PER_MM);
    for word in poppler::words(&pdf) {
        assert!(word.x_min >= left - 0.5 && word.x_max <= right + 0.5, "beside the margins: {word:?}");
        assert!(word.y_max <= bottom + 4.0, "below the margin: {word:?}");
        let is_page_number = word.text.chars().all(|c| c.is_ascii_digit());
        assert!(word.y_min >= top - 4.0 || is_page_number, "above the margin: {word:?}");
    }
}

#[test]
fn pages_are_numbered_from_two_and_each_annex_from_one() {
    let pdf =
        weekly_report_pdf(&WeeklyReport { silent_points_list: points(120), annexes: Vec::new(), ..report() })
            .unwrap();
    let words = poppler::words(&pdf);
    let top = 20.0 * POINTS_PER_MM;
    let numbers: Vec<(usize, &Word)> =
        words.iter().filter(|word| word.y_max < top).map(|word| (word.page, word)).collect();
    let annex_one = words.iter().filter(|word| word.text == "Phụ").map(|word| word.page).max().unwrap();
    let centre = (30.0 + 165.0 / 2.0) * POINTS_PER_MM;
    assert!(numbers.iter().all(|(page, _)| *page != 1), "no number on page 1");
    assert_eq!(numbers[0].0, 2);
    assert_eq!(numbers[0].1.text, "2");
    for (page, word) in &numbers {
        assert!(((word.x_min + word.x_max) / 2.0 - centre).abs() < 2.0, "not centred: {word:?}");
        if *page > annex_one {
            assert_eq!(word.text, (page - annex_one + 1).to_string(), "the annex counts its own pages");
        }
    }
    assert!(numbers.iter().any(|(page, _)| *page > annex_one), "the annex has more pages");
    assert!(numbers.iter().all(|(page, _)| *page != annex_one), "no number on an annex's first page");
}

fn points(count: usize) -> Vec<PointLine> {
    let point = report().silent_points_list[0].clone();
    vec![point; count]
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let long = WeeklyReport {
        silent_points_list: points(POINT_ROWS_MAX + 7),
        silent_points: 0,
        silent_unnamed: 0,
        ..report()
    };
    let text = poppler::flowing_text(&weekly_report_pdf(&long).unwrap());
    assert!(text.contains("và 7 điểm khác"), "the list itself is longer than the count given");
    let rows = vec![unit("xã", 1, 1, 1, None); UNIT_ROWS_MAX + 1];
    let refused = weekly_report_pdf(&WeeklyReport { rows, ..report() });
    assert!(matches!(refused, Err(DocumentError::TooMany { what: "units", .. })));
}

#[test]
fn typed_text_stays_text() {
    let nasty = "#panic() *x* $y$ \u{0} <b> & \\ @a [ ] { } =1+1";
    let hostile = WeeklyReport {
        difficulties: vec![nasty.to_owned()],
        proposals: vec![ProposalLine {
            words: nasty.to_owned(),
            handling: nasty.to_owned(),
            decision: nasty.to_owned(),
        }],
        direction: vec!["W".repeat(9_000)],
        unit_name: "Ê\u{306}".repeat(900),
        ..report()
    };
    let text = poppler::flowing_text(&weekly_report_pdf(&hostile).unwrap());
    assert!(text.contains("1. #panic() *x* $y$ <b> & \\ @a [ ] { } =1+1"), "{text}");
}

#[test]
fn a_line_that_leads_in_a_list_stays_on_its_page() {
    let mut ends = std::collections::BTreeSet::new();
    for paragraphs in 24..34 {
        let direction = vec!["Sở đã ban hành Công văn hướng dẫn.".to_owned(); paragraphs];
        let pdf = weekly_report_pdf(&WeeklyReport {
            direction,
            rows: Vec::new(),
            commune_rows: Vec::new(),
            silent_points_list: Vec::new(),
            annexes: Vec::new(),
            ..report()
        })
        .unwrap();
        let words = poppler::words(&pdf);
        let lead = words.windows(2).find(|pair| pair[0].text == "tốt" && pair[1].text == "nhất:").unwrap();
        let first = words.iter().find(|word| word.text == "(0,21" || word.text == "801").unwrap();
        assert_eq!(lead[1].page, first.page, "{paragraphs} paragraphs before");
        ends.insert(lead[1].page);
    }
    assert_eq!(ends.len(), 2, "the line came over a page's end on the way");
}
