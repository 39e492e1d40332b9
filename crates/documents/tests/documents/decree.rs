//! Each rule of Decree 30/2020/NĐ-CP, Annex I, against the produced files: the DOCX by its XML, the PDF by where its
//! words stand.

use documents::{weekly_report_docx, weekly_report_pdf};

use crate::poppler::{self, Word};
use crate::sample::report;
use crate::weekly_docx::{joined, part};

/// A paragraph of the DOCX: its properties, its runs' properties and its text.
struct Line {
    xml: String,
    text: String,
}

fn lines() -> Vec<Line> {
    let document = joined(&part(&weekly_report_docx(&report()).unwrap(), "word/document.xml"));
    document
        .split("<w:p ")
        .skip(1)
        .map(|piece| {
            let xml = piece.split("</w:p>").next().unwrap().to_owned();
            let text = xml
                .split("<w:t ")
                .skip(1)
                .filter_map(|run| run.split_once('>')?.1.split("</w:t>").next())
                .collect::<String>()
                .replace("&apos;", "'");
            Line { xml, text }
        })
        .collect()
}

fn line<'a>(lines: &'a [Line], text: &str) -> &'a Line {
    lines.iter().find(|line| line.text.starts_with(text)).unwrap_or_else(|| panic!("no {text:?}"))
}

/// Rule of the decree, the text it is about, what its XML must hold and must not hold.
type Rule = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const BOLD: &str = "<w:b ";
const ITALIC: &str = "<w:i ";

const KEEP: &str = "<w:keepNext ";

const RULES: [Rule; 29] = [
    (
        "1. national name: capitals, bold, 12 to 13",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        &["w:sz w:val=\"24\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    (
        "1. motto: bold, 13 to 14, below it",
        "Độc lập - Tự do - Hạnh phúc",
        &["w:sz w:val=\"26\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    (
        "2. agency above: capitals, 12 to 13, upright",
        "ỦY BAN NHÂN DÂN TỈNH ĐẮK LẮK",
        &["w:sz w:val=\"24\"", "w:jc w:val=\"center\""],
        &[BOLD, ITALIC],
    ),
    (
        "2. issuing agency: capitals, bold",
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        &["w:sz w:val=\"24\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    (
        "3. number and symbol: 13, upright, number blank",
        "Số: …/BC-STTTT",
        &["w:sz w:val=\"26\"", "w:jc w:val=\"center\""],
        &[BOLD, ITALIC],
    ),
    (
        "4. place and date: italic, 13 to 14, day blank",
        "Đắk Lắk, ngày … tháng 11 năm 2021",
        &["w:sz w:val=\"26\"", ITALIC],
        &[BOLD],
    ),
    (
        "5. kind of document: capitals, bold, centred",
        "BÁO CÁO",
        &["w:sz w:val=\"28\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    (
        "5. summary: bold, below the kind, centred",
        "Kết quả triển khai quét mã QR",
        &["w:sz w:val=\"28\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    (
        "6. body: 13 to 14, justified, first line 1 or 1.27 cm",
        "Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh",
        &["w:sz w:val=\"28\"", "w:jc w:val=\"both\"", "w:firstLine=\"567\""],
        &[BOLD, ITALIC],
    ),
    (
        "6. paragraphs: at least 6 pt apart, lines 1 to 1.5",
        "Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh",
        &["w:after=\"120\"", "w:line=\"276\"", "w:lineRule=\"auto\""],
        &[],
    ),
    (
        "6. section: Roman number, capitals, bold",
        "I. KẾT QUẢ TRIỂN KHAI",
        &[BOLD, "w:sz w:val=\"28\""],
        &[ITALIC],
    ),
    ("6. section II", "II. KHÓ KHĂN, VƯỚNG MẮC", &[BOLD], &[ITALIC]),
    ("6. section III", "III. KIẾN NGHỊ, ĐỀ XUẤT VÀ HƯỚNG XỬ LÝ", &[BOLD], &[ITALIC]),
    ("6. section IV", "IV. NHIỆM VỤ TUẦN TỚI", &[BOLD], &[ITALIC]),
    (
        "6. heading with a title: Arabic number, bold",
        "1. Công tác chỉ đạo, điều hành",
        &[BOLD, "w:jc w:val=\"both\""],
        &[ITALIC],
    ),
    ("6. item without a title: upright", "1. Nhiều tiểu thương", &["w:jc w:val=\"both\""], &[BOLD, ITALIC]),
    (
        "7. signer's authority: capitals, bold, 13 to 14",
        "KT. GIÁM ĐỐC",
        &["w:sz w:val=\"28\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    ("9. recipients' label: bold italic, 12", "Nơi nhận:", &["w:sz w:val=\"24\"", BOLD, ITALIC], &[]),
    ("9. recipients: upright, 11", "- UBND tỉnh (báo cáo);", &["w:sz w:val=\"22\""], &[BOLD, ITALIC]),
    (
        "9. last recipient: Lưu, ends with a full stop",
        "- Lưu: VT, CNTT.",
        &["w:sz w:val=\"22\""],
        &[BOLD, ITALIC],
    ),
    (
        "Annex: label bold, centred, own section",
        "Phụ lục I",
        &["w:sz w:val=\"28\"", BOLD, "w:jc w:val=\"center\""],
        &[ITALIC],
    ),
    (
        "Annex: which document it goes with, italic",
        "(Kèm theo Báo cáo số …/BC-STTTT ngày …",
        &[ITALIC, "w:jc w:val=\"center\""],
        &[BOLD],
    ),
    ("A section's head stays with what follows", "II. KHÓ KHĂN", &[KEEP], &[]),
    (
        "The introduction stays with the first section",
        "Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh",
        &[KEEP],
        &[],
    ),
    ("A line that leads in a list stays with it", "Các đơn vị có kết quả tốt nhất:", &[KEEP], &[BOLD]),
    ("A proposal stays with its handling", "1. Cấp thẻ in mã cá nhân", &[KEEP], &[]),
    ("A handling stays with the decision", "Hướng xử lý: Sở Thông tin", &[KEEP], &[]),
    ("The decision ends its item", "UBND tỉnh đã chấp thuận (Công văn số 1234", &[], &[KEEP, BOLD, ITALIC]),
    ("A remark above a table stays with it", "Trong số 282 điểm", &[KEEP, ITALIC], &[]),
];

#[test]
fn each_element_of_the_docx_keeps_its_rule() {
    let lines = lines();
    let mut broken = Vec::new();
    for (rule, text, must, must_not) in RULES {
        let xml = &line(&lines, text).xml;
        broken.extend(
            must.iter().filter(|part| !xml.contains(*part)).map(|part| format!("{rule}: lacks {part}")),
        );
        broken.extend(
            must_not.iter().filter(|part| xml.contains(*part)).map(|part| format!("{rule}: has {part}")),
        );
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn titles_break_between_words() {
    let document = part(&weekly_report_docx(&report()).unwrap(), "word/document.xml");
    let parts: Vec<&str> = document.split("<w:br w:type=\"textWrapping\" />").collect();
    let ends: Vec<String> = parts[..parts.len() - 1]
        .iter()
        .map(|part| part.rsplit_once("</w:t>").unwrap().0.rsplit('>').next().unwrap().replace('\u{a0}', " "))
        .collect();
    assert!(ends.len() >= 3, "agency, office and title have two lines each: {ends:?}");
    for end in ["ỦY BAN NHÂN DÂN", "SỞ THÔNG TIN", "Kết quả triển khai quét mã QR quản lý"]
    {
        assert!(ends.iter().any(|line| line == end), "{end} is no line of {ends:?}");
    }
    for word in ["Đắk\u{a0}Lắk", "người\u{a0}ra,\u{a0}vào"] {
        assert!(document.contains(word), "{word} could break in a program with other widths");
    }
}

#[test]
fn the_body_ends_as_the_decree_says_and_the_recipients_follow() {
    let lines = lines();
    let at = |text: &str| lines.iter().position(|line| line.text.contains(text)).unwrap();
    let end = at("./.");
    assert!(lines[end].text.ends_with("./."), "{}", lines[end].text);
    assert_eq!(lines.iter().filter(|line| line.text.contains("./.")).count(), 1);
    assert!(at("IV. NHIỆM VỤ") < end && end < at("Nơi nhận:") && at("Nơi nhận:") < at("- Lưu: VT"));
    let annex = lines.iter().position(|line| line.text == "Phụ lục I").unwrap();
    assert!(at("- Lưu: VT") < annex, "annexes come after the signature");
    let recipients: Vec<&str> = lines
        .iter()
        .map(|line| line.text.as_str())
        .filter(|text| text.starts_with("- ") && text.len() < 90)
        .collect();
    let list: Vec<&&str> = recipients.iter().filter(|text| !text.contains("điểm")).collect();
    assert!(list[..list.len() - 1].iter().all(|text| text.ends_with(';')), "{list:?}");
    assert!(list.last().unwrap().starts_with("- Lưu: "), "{list:?}");
}

#[test]
fn rules_stand_under_motto_agency_and_summary() {
    let lines = lines();
    for text in ["Độc lập - Tự do - Hạnh phúc", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "(từ ngày"]
    {
        let at = lines.iter().position(|line| line.text.starts_with(text)).unwrap();
        let below = &lines[at + 1];
        assert!(
            below.text.is_empty() && below.xml.contains("<w:top w:val=\"single\""),
            "{text}: {}",
            below.xml
        );
    }
}

#[test]
fn the_page_number_is_centred_in_the_header_and_not_on_page_one() {
    let docx = weekly_report_docx(&report()).unwrap();
    let document = part(&docx, "word/document.xml");
    let sections = document.matches("<w:sectPr").count();
    assert_eq!(document.matches("<w:titlePg").count(), sections, "page 1 of each part is without a number");
    let header = part(&docx, "word/header1.xml");
    assert!(
        header.contains("PAGE")
            && header.contains("w:val=\"center\"")
            && header.contains("w:sz w:val=\"26\"")
    );
}

fn at<'a>(words: &'a [Word], page: usize, text: &str) -> &'a Word {
    words.iter().find(|word| word.page == page && word.text == text).unwrap_or_else(|| panic!("no {text:?}"))
}

#[test]
fn in_the_pdf_the_heads_stand_side_by_side_and_the_signature_at_the_right() {
    let words = poppler::words(&weekly_report_pdf(&report()).unwrap());
    let middle = 105.0 * 72.0 / 25.4;
    let (nation, motto, number) = (at(&words, 1, "CỘNG"), at(&words, 1, "Độc"), at(&words, 1, "Số:"));
    let (agency, date, kind) = (at(&words, 1, "ỦY"), at(&words, 1, "ngày"), at(&words, 1, "BÁO"));
    assert!(agency.x_max < middle && number.x_max < middle, "agency and number at the left");
    assert!(nation.x_min > agency.x_max && date.x_min > middle, "national name and date at the right");
    assert!((nation.y_min - agency.y_min).abs() < 3.0, "both begin on one line");
    assert!(motto.y_min > nation.y_max - 3.0 && number.y_min > motto.y_max, "motto below, then the number");
    assert!((number.y_min - date.y_min).abs() < 3.0, "number and date on one line");
    assert!(kind.y_min > date.y_max, "the kind below them");
    let signer = words.iter().find(|word| word.text == "KT.").unwrap();
    let label = words.iter().find(|word| word.text == "Nơi" && word.page == signer.page).unwrap();
    assert!(label.x_max < middle && signer.x_min > middle, "recipients at the left, signature at the right");
    assert!((label.y_min - signer.y_min).abs() < 6.0, "both begin on one line");
}

#[test]
fn the_pdf_has_the_decrees_face_in_black() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pdf");
    std::fs::write(&file, weekly_report_pdf(&report()).unwrap()).unwrap();
    let output = std::process::Command::new("pdffonts").arg(&file).output().expect("package poppler-utils");
    let fonts = String::from_utf8(output.stdout).unwrap();
    let faces: Vec<&str> = fonts.lines().skip(2).collect();
    // Tinos has the measures of Times New Roman.
    assert!(faces.len() >= 3 && faces.iter().all(|line| line.contains("Tinos")), "{fonts}");
    assert!(faces.iter().all(|line| line.contains("yes yes")), "embedded and subset: {fonts}");
}

#[test]
fn names_of_the_highlands_keep_their_marks() {
    let text = poppler::flowing_text(&weekly_report_pdf(&report()).unwrap());
    for name in ["H'Drơng", "Ea Ô\u{306}", "Y Bhăm Êban", "M'Drắk"] {
        assert!(text.contains(name), "{name}");
    }
}
