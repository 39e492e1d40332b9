//! Minutes of an inspection (biên bản kiểm tra) in the layout of Decree 30/2020/NĐ-CP, Annex III, form 1.10: number,
//! time and place, parties, content, findings with deadlines, the closing formula, both signatures.

use domain::time::{Millis, local_datetime};
use jiff::civil::Date;

use crate::DocumentError;
use crate::docx::letter_docx;
use crate::letter::{Align, Block, Letter, LetterColumn, Signature, letter_pdf, with_leads};
use crate::text::{FIELD_GRAPHEMES_MAX, clean, count, day};

/// Most graphemes of the notes.
const NOTES_GRAPHEMES_MAX: usize = 1_600;
/// Most rows of one table of the minutes.
const ROWS_MAX: usize = 40;

/// One finding as printed.
#[derive(Debug, Clone, PartialEq)]
pub struct MinutesFinding {
    /// What was found, with the inspector's note.
    pub text: String,
    /// What the place is to do.
    pub remedy: String,
    /// By when.
    pub due_on: Date,
}

/// Everything the minutes say.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectionMinutes {
    /// Superior office; empty when there is none. Capitals are made here.
    pub parent_agency: String,
    /// The inspector's office.
    pub issuing_agency: String,
    /// Symbol after the number, as in `BB-UBND`.
    pub symbol: String,
    /// When the visit began.
    pub began_at: Millis,
    /// When it ended.
    pub ended_at: Millis,
    /// The place.
    pub place: String,
    /// Address with commune, district, province.
    pub address: String,
    /// The inspector.
    pub inspector: String,
    /// The inspector's title; may be empty.
    pub inspector_title: String,
    /// Who spoke for the place; may be empty.
    pub representative: String,
    /// That person's title; may be empty.
    pub representative_title: String,
    /// True when that person did not sign.
    pub refused_to_sign: bool,
    /// Verdict on each poster, with its code or system.
    pub scans: Vec<(String, String)>,
    /// Question, answer and note of the checklist.
    pub answers: Vec<(String, String, String)>,
    /// People who came in, people who scanned, minutes; none when nobody was counted.
    pub counted: Option<(i64, i64, i64)>,
    /// Findings, gravest first.
    pub findings: Vec<MinutesFinding>,
    /// Notes; may be empty.
    pub notes: String,
    /// Photos kept with the minutes.
    pub photos: i64,
    /// True for another visit after findings.
    pub is_again: bool,
    /// Day on which the file is made.
    pub made_on: Date,
}

/// Sets the minutes as PDF.
///
/// # Errors
/// [`DocumentError::Typeset`] when the typesetter fails.
pub fn inspection_minutes_pdf(minutes: &InspectionMinutes) -> Result<Vec<u8>, DocumentError> {
    letter_pdf(&letter_of(minutes), minutes.made_on)
}

/// Writes the minutes as DOCX with the same content, to be edited.
///
/// # Errors
/// [`DocumentError::Docx`] when the writer fails.
pub fn inspection_minutes_docx(minutes: &InspectionMinutes) -> Result<Vec<u8>, DocumentError> {
    letter_docx(&letter_of(minutes), minutes.made_on)
}

fn name(text: &str) -> String {
    clean(text, FIELD_GRAPHEMES_MAX)
}

fn letter_of(m: &InspectionMinutes) -> Letter {
    let again = if m.is_again { "Kiểm tra lại" } else { "Kiểm tra" };
    Letter {
        parent_agency: name(&m.parent_agency).to_uppercase(),
        issuing_agency: name(&m.issuing_agency).to_uppercase(),
        number: format!("Số: …/{}", name(&m.symbol)),
        // Form 1.10 has no line of place and date: both stand in the text.
        place_and_date: String::new(),
        title: "BIÊN BẢN".to_owned(),
        summary: format!("{again} việc quét mã QR quản lý thông tin người ra, vào tại {}", name(&m.place)),
        summary_period: String::new(),
        body: with_leads(body(m)),
        recipients: ["- Cơ sở được kiểm tra;", "- UBND cấp xã nơi có cơ sở;", "- Lưu: VT, hồ sơ kiểm tra."]
            .map(str::to_owned)
            .to_vec(),
        signer_titles: Vec::new(),
        signer_name: None,
        annexes: Vec::new(),
    }
}

fn paragraph(text: String) -> Block {
    Block::Paragraph { text }
}

fn section(text: &str) -> Block {
    Block::Section { text: text.to_owned() }
}

/// `08 giờ 05 phút, ngày 10 tháng 11 năm 2021`: days below 10 and months 1 and 2 with a leading zero.
fn moment(at: Millis) -> String {
    let t = local_datetime(at);
    let month = if t.month() < 3 { format!("{:02}", t.month()) } else { t.month().to_string() };
    format!("{:02} giờ {:02} phút, ngày {:02} tháng {month} năm {}", t.hour(), t.minute(), t.day(), t.year())
}

fn person(who: &str, title: &str, of: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!(", chức vụ: {}", name(title)) };
    let of = if of.is_empty() { String::new() } else { format!(", {}", name(of)) };
    format!("Ông (bà): {}{title}{of}.", name(who))
}

fn body(m: &InspectionMinutes) -> Vec<Block> {
    let mut blocks = vec![
        paragraph(format!("Thời gian bắt đầu: {}.", moment(m.began_at))),
        paragraph(format!("Địa điểm: {}, {}.", name(&m.place), name(&m.address))),
        section("I. THÀNH PHẦN"),
        paragraph(format!(
            "1. Người kiểm tra: {}",
            person(&m.inspector, &m.inspector_title, &m.issuing_agency)
        )),
        paragraph(format!("2. Đại diện cơ sở: {}", representative(m))),
        section("II. NỘI DUNG KIỂM TRA"),
    ];
    blocks.extend(content(m));
    blocks.push(section("III. TỒN TẠI VÀ THỜI HẠN KHẮC PHỤC"));
    blocks.extend(findings(m));
    if !m.notes.trim().is_empty() {
        blocks.push(section("IV. Ý KIẾN, GHI CHÚ"));
        blocks.push(paragraph(clean(&m.notes, NOTES_GRAPHEMES_MAX)));
    }
    blocks.push(paragraph(closing(m)));
    blocks.push(Block::Signatures {
        left: Signature {
            title: "ĐẠI DIỆN CƠ SỞ".to_owned(),
            hint: if m.refused_to_sign { "(Không ký)" } else { "(Ký, ghi rõ họ tên)" }.to_owned(),
            name: name(&m.representative),
        },
        right: Signature {
            title: "NGƯỜI KIỂM TRA".to_owned(),
            hint: "(Ký, ghi rõ họ tên)".to_owned(),
            name: name(&m.inspector),
        },
    });
    blocks
}

fn representative(m: &InspectionMinutes) -> String {
    if m.representative.trim().is_empty() {
        return "vắng mặt hoặc không cho biết họ tên.".to_owned();
    }
    person(&m.representative, &m.representative_title, "")
}

fn content(m: &InspectionMinutes) -> Vec<Block> {
    let column = |name: &str, width_mm, align| LetterColumn { name: name.to_owned(), width_mm, align };
    let mut blocks = vec![paragraph("1. Kết quả theo từng nội dung:".to_owned())];
    let rows = m.answers.iter().take(ROWS_MAX).enumerate();
    blocks.push(Block::Table {
        columns: vec![
            column("STT", 12.0, Align::Center),
            column("Nội dung", 78.0, Align::Left),
            column("Kết quả", 28.0, Align::Center),
            column("Ghi chú", 47.0, Align::Left),
        ],
        rows: rows
            .map(|(n, (item, answer, note))| {
                vec![(n + 1).to_string(), name(item), name(answer), clean(note, 300)]
            })
            .collect(),
        total: None,
    });
    blocks.push(paragraph(format!("2. Mã trên áp phích: {}", posters(m))));
    blocks.push(paragraph(format!("3. Đếm người tại cửa: {}", counted(m))));
    if m.photos > 0 {
        blocks.push(paragraph(format!(
            "Kèm theo {:02} ảnh hiện trường lưu trên hệ thống, không chụp người và giấy tờ.",
            m.photos
        )));
    }
    blocks
}

fn posters(m: &InspectionMinutes) -> String {
    if m.scans.is_empty() {
        return "không có áp phích để quét.".to_owned();
    }
    let one = |(verdict, kept): &(String, String)| {
        if kept.is_empty() { name(verdict) } else { format!("{} ({})", name(verdict), name(kept)) }
    };
    let list: Vec<String> = m.scans.iter().take(ROWS_MAX).map(one).collect();
    format!("đã quét {:02} tờ: {}.", m.scans.len(), list.join("; "))
}

fn counted(m: &InspectionMinutes) -> String {
    let Some((entering, scanning, minutes)) = m.counted else { return "không đếm.".to_owned() };
    format!(
        "trong {minutes} phút có {} người vào, trong đó {} người quét mã.",
        count(entering),
        count(scanning)
    )
}

fn findings(m: &InspectionMinutes) -> Vec<Block> {
    if m.findings.is_empty() {
        return vec![paragraph("Không có tồn tại.".to_owned())];
    }
    let column = |name: &str, width_mm, align| LetterColumn { name: name.to_owned(), width_mm, align };
    let rows = m.findings.iter().take(ROWS_MAX).enumerate();
    vec![
        Block::Table {
            columns: vec![
                column("STT", 12.0, Align::Center),
                column("Tồn tại", 63.0, Align::Left),
                column("Biện pháp khắc phục", 60.0, Align::Left),
                column("Hạn", 30.0, Align::Center),
            ],
            rows: rows
                .map(|(n, one)| vec![(n + 1).to_string(), clean(&one.text, 400), name(&one.remedy), day(one.due_on)])
                .collect(),
            total: None,
        },
        paragraph(
            "Đề nghị cơ sở khắc phục đúng hạn và báo kết quả trên trang của địa điểm. Quá hạn, cơ sở được nhắc ba lần; \
             sau đó cơ quan có thẩm quyền xem xét tạm dừng hoạt động."
                .to_owned(),
        ),
    ]
}

fn closing(m: &InspectionMinutes) -> String {
    let refusal = if m.refused_to_sign {
        " Đại diện cơ sở không ký biên bản; người kiểm tra ghi nhận việc này."
    } else {
        ""
    };
    format!(
        "Việc kiểm tra kết thúc vào {}. Biên bản lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản, đã đọc lại \
         cho hai bên cùng nghe.{refusal}/.",
        moment(m.ended_at)
    )
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_written_as_the_decree_writes_dates() {
        // 05/02/2021 08:05 and 10/11/2021 09:00 in Đắk Lắk.
        assert_eq!(moment(1_612_487_100_000), "08 giờ 05 phút, ngày 05 tháng 02 năm 2021");
        assert_eq!(moment(1_636_509_600_000), "09 giờ 00 phút, ngày 10 tháng 11 năm 2021");
    }
}
