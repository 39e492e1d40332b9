use std::io::{Cursor, Read};

use documents::{WeeklyReport, weekly_report_docx};

use crate::sample::{first_report, report};

/// The XML of a part of the package.
pub fn part(docx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The XML with the chosen lines of a text as one text.
pub fn joined(xml: &str) -> String {
    xml.replace("</w:t><w:br w:type=\"textWrapping\" /><w:t xml:space=\"preserve\">", " ")
        .replace('\u{a0}', " ")
}

/// The paragraphs' texts, tags removed.
fn plain(xml: &str) -> String {
    let mut out = String::new();
    for piece in xml.replace("</w:p>", "\n").split('<').skip(1) {
        out.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    out.replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[test]
fn the_docx_has_the_decrees_measures() {
    let docx = weekly_report_docx(&report()).unwrap();
    let document = part(&docx, "word/document.xml");
    let sections: Vec<&str> =
        document.split("<w:sectPr").skip(1).map(|s| s.split_once("</w:sectPr>").unwrap().0).collect();
    assert_eq!(sections.len(), 5, "the letter and four annexes");
    for section in &sections {
        for rule in [
            "w:w=\"11906\" w:h=\"16838\"",
            "w:top=\"1134\"",
            "w:bottom=\"1134\"",
            "w:left=\"1701\"",
            "w:right=\"850\"",
            "<w:titlePg",
            "w:headerReference",
            "w:start=\"1\"",
        ] {
            assert!(section.contains(rule), "{rule} is missing from {section}");
        }
    }
    let styles = part(&docx, "word/styles.xml");
    assert!(styles.contains("Times New Roman"));
    assert!(styles.contains("<w:sz w:val=\"28\""), "14 pt");
    for number in 1..=5 {
        let header = part(&docx, &format!("word/header{number}.xml"));
        assert!(header.contains("PAGE") && header.contains("w:val=\"center\""), "{header}");
    }
    assert!(document.contains("w:jc w:val=\"both\""), "justified");
    assert!(document.contains("w:firstLine=\"567\""), "first line 1 cm");
}

#[test]
fn names_and_titles_have_their_sizes_and_weights() {
    let document = joined(&part(&weekly_report_docx(&report()).unwrap(), "word/document.xml"));
    let runs: Vec<&str> =
        document.split("<w:r>").skip(1).map(|run| run.split_once("</w:r>").unwrap().0).collect();
    let rules = [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 24, true, false),
        ("Độc lập - Tự do - Hạnh phúc", 26, true, false),
        ("ỦY BAN NHÂN DÂN TỈNH ĐẮK LẮK", 24, false, false),
        ("SỞ THÔNG TIN VÀ TRUYỀN THÔNG", 24, true, false),
        ("Số: …/BC-STTTT", 26, false, false),
        ("Đắk Lắk, ngày … tháng 11 năm 2021", 26, false, true),
        ("BÁO CÁO", 28, true, false),
        ("I. KẾT QUẢ TRIỂN KHAI", 28, true, false),
        ("Nơi nhận:", 24, true, true),
        ("- Lưu: VT, CNTT.", 22, false, false),
        ("PHÓ GIÁM ĐỐC", 28, true, false),
    ];
    for (text, half_points, bold, italic) in rules {
        let run = runs
            .iter()
            .find(|run| run.contains(&format!(">{text}<")))
            .unwrap_or_else(|| panic!("no {text:?}"));
        assert!(run.contains(&format!("<w:sz w:val=\"{half_points}\"")), "{text}: {run}");
        assert_eq!(run.contains("<w:b "), bold, "{text}: {run}");
        assert_eq!(run.contains("<w:i "), italic, "{text}: {run}");
    }
}

#[test]
fn the_docx_says_what_the_pdf_says() {
    for report in [report(), first_report()] {
        let document = plain(&part(&weekly_report_docx(&report).unwrap(), "word/document.xml"));
        let pdf = documents::weekly_report_pdf(&report).unwrap();
        let pdf = squeezed(&without_page_numbers(&pdf));
        let lines: Vec<&str> = document.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(lines.len() > 25);
        for line in lines {
            // Table cells wrap beside one another in the PDF's text; whole sentences do not.
            if line.chars().count() > 70 {
                assert!(pdf.contains(&squeezed(line)), "{line:?} is not in the PDF");
            }
        }
    }
}

/// The PDF's text without the numbers in its heads, so that a paragraph may go over to the next page.
fn without_page_numbers(pdf: &[u8]) -> String {
    let text = String::from_utf8(crate::poppler::run("pdftotext", &["-raw"], pdf)).unwrap();
    let is_number = |line: &&str| !line.is_empty() && line.chars().all(|c| c.is_ascii_digit());
    let page = |page: &str| {
        let lines: Vec<&str> = page.lines().filter(|line| !line.is_empty()).collect();
        let head = lines.first().filter(|line| is_number(line)).map_or(0, |_| 1);
        let end =
            lines.len() - lines.last().filter(|line| lines.len() > 1 && is_number(line)).map_or(0, |_| 1);
        lines[head..end.max(head)].join(" ")
    };
    text.split('\u{c}').map(page).collect::<Vec<_>>().join(" ")
}

/// Without white space: lines may break anywhere between the two formats.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200B}').collect()
}

#[test]
fn any_typed_text_leaves_the_xml_whole() {
    let nasty = "<w:p>&\u{0}\u{1F}\"'\u{FFFF} ]]> \u{B}";
    let hostile = WeeklyReport {
        difficulties: vec![nasty.to_owned()],
        unit_name: nasty.to_owned(),
        recipients: vec![nasty.to_owned()],
        signer_name: Some(nasty.to_owned()),
        ..report()
    };
    let document = part(&weekly_report_docx(&hostile).unwrap(), "word/document.xml");
    assert!(document.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r')));
    assert!(!document.contains('\u{FFFF}'));
    assert!(plain(&document).contains("1. <w:p>&  \"' ]]>"), "{}", plain(&document));
    assert_eq!(
        document.matches("<w:p>").count() + document.matches("<w:p ").count(),
        document.matches("</w:p>").count()
    );
}
