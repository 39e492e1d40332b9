use std::io::{Cursor, Read};

use documents::{InspectionMinutes, MinutesFinding, inspection_minutes_docx, inspection_minutes_pdf};

use crate::poppler;

fn minutes() -> InspectionMinutes {
    InspectionMinutes {
        parent_agency: "UBND thành phố Buôn Ma Thuột".to_owned(),
        issuing_agency: "UBND phường Tân Lập".to_owned(),
        symbol: "BB-UBND".to_owned(),
        began_at: 1_636_509_600_000,
        ended_at: 1_636_511_400_000,
        place: "Chợ Tân Lập".to_owned(),
        address: "12 Y Wang, Phường Tân Lập, Thành phố Buôn Ma Thuột, Tỉnh Đắk Lắk".to_owned(),
        inspector: "H'Drơng Bliă Êban".to_owned(),
        inspector_title: "Chuyên viên".to_owned(),
        representative: "Y Bhăm Niê".to_owned(),
        representative_title: "Trưởng ban quản lý chợ".to_owned(),
        refused_to_sign: false,
        scans: vec![("Đúng mã của nơi này".to_owned(), "7K3F9 Q2M4X".to_owned())],
        answers: vec![
            ("Mọi lối vào đều có áp phích".to_owned(), "Chưa đạt".to_owned(), "cửa sau chưa có".to_owned()),
            ("Có người hướng dẫn khách quét".to_owned(), "Đạt".to_owned(), String::new()),
        ],
        counted: Some((120, 54, 10)),
        findings: vec![MinutesFinding {
            text: "Có lối vào chưa dán áp phích (cửa sau chưa có)".to_owned(),
            remedy: "In và dán áp phích ở mọi lối vào, lối ra.".to_owned(),
            due_on: jiff::civil::date(2021, 11, 15),
        }],
        notes: "Ban quản lý chợ hứa dán trong ngày.".to_owned(),
        photos: 2,
        is_again: false,
        made_on: jiff::civil::date(2021, 11, 10),
    }
}

#[test]
fn the_parts_come_in_the_order_of_the_decree() {
    let pdf = inspection_minutes_pdf(&minutes()).unwrap();
    let text = poppler::flowing_text(&pdf);
    let order = [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BIÊN BẢN",
        "Kiểm tra việc quét mã QR",
        "Thời gian bắt đầu: 09 giờ 00 phút, ngày 10 tháng 11 năm 2021.",
        "Địa điểm: Chợ Tân Lập",
        "I. THÀNH PHẦN",
        "1. Người kiểm tra: Ông (bà): H'Drơng Bliă Êban, chức vụ: Chuyên viên",
        "2. Đại diện cơ sở: Ông (bà): Y Bhăm Niê, chức vụ: Trưởng ban quản lý chợ.",
        "II. NỘI DUNG KIỂM TRA",
        "7K3F9 Q2M4X",
        "trong 10 phút có 120 người vào, trong đó 54 người quét mã.",
        "III. TỒN TẠI VÀ THỜI HẠN KHẮC PHỤC",
        "15/11/2021",
        "IV. Ý KIẾN, GHI CHÚ",
        "Việc kiểm tra kết thúc vào 09 giờ 30 phút, ngày 10 tháng 11 năm 2021. Biên bản lập thành 02 bản",
        "cùng nghe./.",
        "ĐẠI DIỆN CƠ SỞ",
        "NGƯỜI KIỂM TRA",
        "Nơi nhận:",
    ];
    let mut from = 0;
    for part in order {
        let found = text[from..]
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} is missing or out of order in {text}"));
        from += found;
    }
    for part in
        ["UBND THÀNH PHỐ BUÔN MA THUỘT", "UBND PHƯỜNG TÂN LẬP", "Số: …/BB-UBND", "(Ký, ghi rõ họ tên)"]
    {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
    assert!(poppler::overlapping(&poppler::words(&pdf)).is_none());
    assert!(poppler::pages(&pdf) <= 2);
}

#[test]
fn a_refusal_and_an_empty_list_are_said() {
    let refused = InspectionMinutes {
        refused_to_sign: true,
        representative: String::new(),
        findings: Vec::new(),
        counted: None,
        scans: Vec::new(),
        notes: String::new(),
        is_again: true,
        ..minutes()
    };
    let text = poppler::flowing_text(&inspection_minutes_pdf(&refused).unwrap());
    for part in [
        "Kiểm tra lại việc quét mã",
        "Không có tồn tại.",
        "không đếm.",
        "không có áp phích để quét.",
        "(Không ký)",
        "không ký biên bản; người kiểm tra ghi nhận việc này./.",
        "vắng mặt hoặc không cho biết họ tên.",
    ] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn the_docx_says_the_same() {
    let docx = inspection_minutes_docx(&minutes()).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut xml = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    for part in ["BIÊN BẢN", "ĐẠI DIỆN CƠ SỞ", "NGƯỜI KIỂM TRA", "15/11/2021", "Biên bản lập thành 02 bản"]
    {
        assert!(xml.contains(part), "{part:?} is missing");
    }
}
