//! The weekly report in its order: parts I to IV, recipients, signature and annexes.

use crate::DocumentError;
use crate::letter::{Align, Annex, Block, Letter, LetterColumn, with_leads};
use crate::text::{FIELD_GRAPHEMES_MAX, clean, clean_breakable, count, day, decimal};
use crate::weekly_report::{AnnexTable, POINT_ROWS_MAX, PointLine, UNIT_ROWS_MAX, UnitLine, WeeklyReport};
use crate::weekly_text as sentence;

/// Most items typed into one part that are printed.
const ITEMS_MAX: usize = 100;

/// Most graphemes of one typed item.
const ITEM_GRAPHEMES_MAX: usize = 4_000;

/// Most graphemes of one text in a table.
const CELL_GRAPHEMES_MAX: usize = 600;

/// Most units praised by name.
const BEST_UNITS_MAX: usize = 10;

/// Most recipients.
const RECIPIENTS_MAX: usize = 40;

/// Puts the report into words and order.
pub(crate) fn letter_of(report: &WeeklyReport) -> Result<Letter, DocumentError> {
    let count = report.rows.len().max(report.commune_rows.len());
    if count > UNIT_ROWS_MAX {
        return Err(DocumentError::TooMany { what: "units", count, max: UNIT_ROWS_MAX });
    }
    Ok(Letter {
        parent_agency: sentence::name(&report.parent_agency).to_uppercase(),
        issuing_agency: sentence::name(&report.issuing_agency).to_uppercase(),
        number: format!("Số: …/{}", sentence::name(&report.symbol)),
        place_and_date: format!("{}, ngày … {}", sentence::name(&report.place_name), month_and_year(report)),
        title: "BÁO CÁO".to_owned(),
        summary: format!(
            "Kết quả triển khai quét mã QR quản lý thông tin người ra, vào tại {}",
            sentence::name(&report.unit_name)
        ),
        summary_period: format!("({})", sentence::period(report)),
        body: with_leads(body(report)),
        recipients: recipients(report),
        signer_titles: report
            .signer_authority
            .split(['/', '\n'])
            .map(|line| sentence::name(line).to_uppercase())
            .collect(),
        signer_name: report.signer_name.as_deref().map(sentence::name),
        annexes: annexes(report),
    })
}

/// The month as the decree writes it: 1 and 2 with a leading zero.
fn month_and_year(report: &WeeklyReport) -> String {
    let (month, year) = (report.made_on.month(), report.made_on.year());
    if month < 3 { format!("tháng {month:02} năm {year}") } else { format!("tháng {month} năm {year}") }
}

fn section(text: &str) -> Block {
    Block::Section { text: text.to_owned() }
}

fn heading(text: &str) -> Block {
    Block::Heading { text: text.to_owned() }
}

fn paragraph(text: String) -> Block {
    Block::Paragraph { text }
}

fn lead(text: String) -> Block {
    Block::Lead { text }
}

fn note(text: &str) -> Block {
    Block::Note { text: text.to_owned() }
}

fn typed(text: &str) -> String {
    clean(text, ITEM_GRAPHEMES_MAX)
}

fn body(report: &WeeklyReport) -> Vec<Block> {
    let mut blocks = vec![paragraph(sentence::introduction(report)), section("I. KẾT QUẢ TRIỂN KHAI")];
    blocks.extend(results(report));
    blocks.push(section("II. KHÓ KHĂN, VƯỚNG MẮC"));
    blocks.extend(difficulties(report));
    blocks.push(section("III. KIẾN NGHỊ, ĐỀ XUẤT VÀ HƯỚNG XỬ LÝ"));
    blocks.extend(proposals(report));
    blocks.push(section(&format!("IV. NHIỆM VỤ {} TỚI", sentence::name(&report.period_noun).to_uppercase())));
    blocks.extend(next_week(report));
    let issuing_agency = sentence::name(&report.issuing_agency);
    blocks.push(paragraph(format!(
        "Trên đây là kết quả triển khai trong kỳ, {issuing_agency} kính báo cáo./."
    )));
    blocks
}

/// Part I. Headings are numbered as they come: what has nothing to say is left out.
fn results(report: &WeeklyReport) -> Vec<Block> {
    let mut unit_blocks = units(report);
    unit_blocks.extend(typed_paragraphs(&report.results));
    unit_blocks.extend(further_annexes(report));
    let parts = [
        ("Công tác chỉ đạo, điều hành", typed_paragraphs(&report.direction)),
        ("Điểm quét mã và tỷ lệ trên dân số", points(report)),
        ("Hoạt động của các điểm quét mã", vec![paragraph(sentence::activity(report))]),
        ("Lượt quét", vec![paragraph(sentence::scans(report))]),
        ("Kết quả theo đơn vị", unit_blocks),
        ("Hướng dẫn, hỗ trợ", typed_paragraphs(&report.support)),
        ("Kiểm tra", typed_paragraphs(&report.inspection)),
        ("Chấp hành chế độ báo cáo", typed_paragraphs(&report.punctuality)),
        ("Bảo vệ dữ liệu cá nhân", vec![paragraph(sentence::data_protection(report))]),
    ];
    let mut blocks = Vec::new();
    let said = parts.into_iter().filter(|(_, paragraphs)| !paragraphs.is_empty());
    for (index, (title, paragraphs)) in said.enumerate() {
        blocks.push(heading(&format!("{}. {title}", index + 1)));
        blocks.extend(paragraphs);
    }
    blocks
}

/// Points and the target, which stands on one basis: the other is only noted.
fn points(report: &WeeklyReport) -> Vec<Block> {
    let first = paragraph(sentence::points(report));
    match sentence::target_note(report) {
        Some(remark) => vec![first, lead(sentence::coverage(report)), note(&remark)],
        None => vec![first, paragraph(sentence::coverage(report))],
    }
}

fn typed_paragraphs(lines: &[String]) -> Vec<Block> {
    let lines = lines.iter().map(|line| typed(line)).filter(|line| !line.is_empty());
    lines.take(ITEMS_MAX).map(paragraph).collect()
}

fn units(report: &WeeklyReport) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !report.best_units.is_empty() {
        blocks.push(paragraph("Các đơn vị có kết quả tốt nhất:".to_owned()));
        let mut lines: Vec<String> =
            report.best_units.iter().take(BEST_UNITS_MAX).map(sentence::best_unit).collect();
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('.');
        }
        blocks.extend(lines.into_iter().map(paragraph));
    }
    if !report.silent_units.is_empty() {
        blocks.push(paragraph(sentence::silent_units(&report.silent_units)));
    }
    if !report.rows.is_empty() {
        let label = sentence::annex_label(report, sentence::AnnexKind::Units);
        blocks.push(paragraph(match sentence::annex_label(report, sentence::AnnexKind::Communes) {
            Some(communes) => {
                format!("Số liệu của từng đơn vị tại {} và {communes}.", label.unwrap_or_default())
            }
            None => format!("Số liệu của từng đơn vị tại {}.", label.unwrap_or_default()),
        }));
    }
    if blocks.is_empty() {
        blocks.push(note("Trong kỳ không có số liệu theo đơn vị trực thuộc."));
    }
    blocks
}

fn difficulties(report: &WeeklyReport) -> Vec<Block> {
    let items = numbered(&report.difficulties);
    if items.is_empty() {
        return vec![note("Trong kỳ không có khó khăn, vướng mắc nào được nêu.")];
    }
    items
}

fn numbered(items: &[String]) -> Vec<Block> {
    let items = items.iter().map(|item| typed(item)).filter(|item| !item.is_empty()).take(ITEMS_MAX);
    items.enumerate().map(|(index, item)| paragraph(format!("{}. {item}", index + 1))).collect()
}

fn proposals(report: &WeeklyReport) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (index, one) in report.proposals.iter().take(ITEMS_MAX).enumerate() {
        blocks.push(lead(format!("{}. {}", index + 1, typed(&one.words))));
        let decision = typed(&one.decision);
        blocks.push(match typed(&one.handling) {
            handling if handling.is_empty() => note("Hướng xử lý: chưa đề xuất."),
            handling if decision.is_empty() => paragraph(format!("Hướng xử lý: {handling}")),
            handling => lead(format!("Hướng xử lý: {handling}")),
        });
        if !decision.is_empty() {
            blocks.push(paragraph(decision));
        }
    }
    if blocks.is_empty() {
        blocks.push(note("Trong kỳ không có kiến nghị, đề xuất nào."));
    }
    blocks
}

fn next_week(report: &WeeklyReport) -> Vec<Block> {
    match numbered(&report.next_week) {
        items if items.is_empty() => numbered(&sentence::tasks(report)),
        items => items,
    }
}

/// `- Như trên;` for each, and a full stop after the last.
fn recipients(report: &WeeklyReport) -> Vec<String> {
    let names: Vec<String> = report
        .recipients
        .iter()
        .map(|recipient| sentence::name(recipient))
        .map(|recipient| {
            recipient.trim_start_matches(['-', ' ']).trim_end_matches([';', '.', ' ']).to_owned()
        })
        .filter(|recipient| !recipient.is_empty())
        .take(RECIPIENTS_MAX)
        .collect();
    let last = names.len().saturating_sub(1);
    let line = |(index, name): (usize, String)| format!("- {name}{}", if index == last { "." } else { ";" });
    names.into_iter().enumerate().map(line).collect()
}

fn annexes(report: &WeeklyReport) -> Vec<Annex> {
    let reference = format!(
        "(Kèm theo Báo cáo số …/{} ngày …\u{a0}{} của {})",
        sentence::name(&report.symbol),
        month_and_year(report).replace(' ', "\u{a0}"),
        sentence::name(&report.issuing_agency)
    );
    let annex = |label: String, title: &str, body: Vec<Block>| Annex {
        label,
        title: sentence::name(title).to_uppercase(),
        reference: reference.clone(),
        body: with_leads(body),
    };
    let label = |kind| sentence::annex_label(report, kind);
    let mut annexes = Vec::new();
    if let Some(label) = label(sentence::AnnexKind::Units) {
        annexes.push(annex(label, &report.rows_title, vec![unit_table(&report.rows)]));
    }
    if let Some(label) = label(sentence::AnnexKind::Communes) {
        let title = "Kết quả theo xã, phường, thị trấn";
        annexes.push(annex(label, title, vec![unit_table(&report.commune_rows)]));
    }
    if let Some(label) = label(sentence::AnnexKind::Points) {
        let title = "Điểm quét mã không phát sinh lượt quét trong 7 ngày";
        annexes.push(annex(label, title, point_blocks(report)));
    }
    for table in report.annexes.iter().filter(|table| !table.rows.is_empty()) {
        let label = format!("Phụ lục {}", sentence::roman(annexes.len() + 1));
        let (title, remark) = title_and_remark(&table.title);
        let mut body = text_table(table);
        if let Some(remark) = remark {
            body.insert(0, note(remark));
        }
        annexes.push(annex(label, title, body));
    }
    annexes
}

/// A title, and what stands in brackets after it, which is not printed in capitals.
fn title_and_remark(title: &str) -> (&str, Option<&str>) {
    title
        .split_once(" (")
        .map_or((title, None), |(title, remark)| (title, Some(remark.trim_end_matches(')'))))
}

/// Names in the body the annexes that no sentence of it names: a letter speaks of all that hangs on it.
fn further_annexes(report: &WeeklyReport) -> Option<Block> {
    let first =
        1 + [report.rows.is_empty(), report.commune_rows.is_empty(), report.silent_points_list.is_empty()]
            .into_iter()
            .filter(|is_empty| !is_empty)
            .count();
    let tables = report.annexes.iter().filter(|table| !table.rows.is_empty());
    let named: Vec<String> = tables
        .zip(first..)
        .map(|(table, number)| {
            let title = title_and_remark(&table.title).0;
            format!("{} (Phụ lục {})", sentence::name(title), sentence::roman(number))
        })
        .collect();
    (!named.is_empty()).then(|| paragraph(format!("Các phụ lục khác kèm theo: {}.", named.join("; "))))
}

/// A table of texts; at most [`POINT_ROWS_MAX`] rows, and how many more there are is said below.
fn text_table(table: &AnnexTable) -> Vec<Block> {
    let number_mm = 12.0;
    let shares: u32 = table.columns.iter().map(|column| column.share.max(1)).sum();
    let unit_mm = (crate::official::MEASURES.text_width_mm() - number_mm) / f64::from(shares.max(1));
    let mut columns = vec![column("STT", number_mm, Align::Center)];
    columns.extend(table.columns.iter().map(|one| {
        let align = if one.is_number { Align::Right } else { Align::Left };
        column(&one.name, f64::from(one.share.max(1)) * unit_mm, align)
    }));
    let line = |(index, cells): (usize, &Vec<String>)| {
        let texts = cells.iter().map(|text| clean_breakable(text, CELL_GRAPHEMES_MAX));
        let mut row: Vec<String> = std::iter::once((index + 1).to_string()).chain(texts).collect();
        row.resize(columns.len(), String::new());
        row
    };
    let rows: Vec<Vec<String>> = table.rows.iter().take(POINT_ROWS_MAX).enumerate().map(line).collect();
    let more = table.rows.len().saturating_sub(rows.len());
    let mut blocks = vec![Block::Table { columns, rows, total: None }];
    if more > 0 {
        blocks.push(note(&format!(
            "… và {} dòng khác; danh sách đầy đủ trong tệp XLSX kèm theo.",
            sentence::count_len(more)
        )));
    }
    blocks
}

fn column(name: &str, width_mm: f64, align: Align) -> LetterColumn {
    // A cell has 1.5 mm beside its text at either side.
    let name = crate::headline::bound(name, crate::official::MEASURES.table_pt, width_mm - 3.0);
    LetterColumn { name, width_mm, align }
}

fn unit_table(rows: &[UnitLine]) -> Block {
    let columns = vec![
        column("STT", 12.0, Align::Center),
        column("Đơn vị", 74.0, Align::Left),
        column("Điểm đăng ký", 20.0, Align::Right),
        column("Điểm hoạt động", 20.0, Align::Right),
        column("Điểm/\u{200B}100 dân", 17.0, Align::Right),
        column("Lượt quét", 22.0, Align::Right),
    ];
    let ratio = |unit: &UnitLine| unit.ratio.map_or("–".to_owned(), |ratio| decimal(ratio, 2));
    let line = |(index, unit): (usize, &UnitLine)| {
        vec![
            (index + 1).to_string(),
            clean_breakable(&unit.name, FIELD_GRAPHEMES_MAX),
            count(unit.points),
            count(unit.live),
            ratio(unit),
            count(unit.scans),
        ]
    };
    let sum = |of: fn(&UnitLine) -> i64| count(rows.iter().map(of).fold(0, i64::saturating_add));
    let total = vec![
        String::new(),
        "Cộng".to_owned(),
        sum(|unit| unit.points),
        sum(|unit| unit.live),
        String::new(),
        sum(|unit| unit.scans),
    ];
    Block::Table { columns, rows: rows.iter().enumerate().map(line).collect(), total: Some(total) }
}

fn point_blocks(report: &WeeklyReport) -> Vec<Block> {
    let columns = vec![
        column("STT", 12.0, Align::Center),
        column("Điểm quét mã", 53.0, Align::Left),
        column("Xã, phường, thị trấn", 38.0, Align::Left),
        column("Mã", 28.0, Align::Center),
        column("Lượt quét gần nhất", 34.0, Align::Center),
    ];
    let shown = report.silent_points_list.iter().take(POINT_ROWS_MAX);
    let rows: Vec<Vec<String>> = shown.enumerate().map(|(index, point)| point_row(index, point)).collect();
    let named = report.silent_points.saturating_sub(report.silent_unnamed);
    let all = usize::try_from(named).unwrap_or(0).max(report.silent_points_list.len());
    let more = all.saturating_sub(rows.len());
    let mut blocks: Vec<Block> =
        sentence::unnamed_points(report).map(|text| note(&text)).into_iter().collect();
    blocks.push(Block::Table { columns, rows, total: None });
    if more > 0 {
        blocks.push(note(&format!(
            "… và {} điểm khác; danh sách đầy đủ trong tệp XLSX kèm theo.",
            sentence::count_len(more)
        )));
    }
    blocks
}

fn point_row(index: usize, point: &PointLine) -> Vec<String> {
    vec![
        (index + 1).to_string(),
        clean_breakable(&point.place, FIELD_GRAPHEMES_MAX),
        clean_breakable(&point.commune, FIELD_GRAPHEMES_MAX),
        clean(&point.code, 20),
        point.last_scan.map_or("Chưa từng sử dụng".to_owned(), day),
    ]
}
