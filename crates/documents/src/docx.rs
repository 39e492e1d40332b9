//! An official document as DOCX, with the same content and measures as the PDF.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BorderType, BreakType, Docx, Header, HeightRule, LineSpacing, LineSpacingType, PageMargin,
    PageNum, PageNumType, PageSize, Paragraph, ParagraphBorder, ParagraphBorderPosition, ParagraphBorders,
    Run, RunFonts, Section, SpecialIndentType, Table, TableAlignmentType, TableCell, TableCellMargins,
    TableLayoutType, TableRow, VAlignType, WidthType,
};
use jiff::civil::Date;

use crate::DocumentError;
use crate::letter::{Align, Annex, Block, Letter, LetterColumn, Signature};
use crate::official::{MEASURES, MOTTO, NATIONAL_NAME};

/// The face the decree names; where it is missing, programs take a metric-compatible one.
const FACE: &str = "Times New Roman";

/// Printed width of the motto in bold 13 pt, for the rule below it.
const MOTTO_RULE_MM: f64 = 62.0;

/// Writes the letter. Each annex is a section of its own, so that its pages are numbered from 1.
pub(crate) fn letter_docx(letter: &Letter, made_on: Date) -> Result<Vec<u8>, DocumentError> {
    let mut parts = vec![letter_parts(letter)];
    parts.extend(letter.annexes.iter().map(annex_parts));
    let last = parts.pop().unwrap_or_default();
    let stamp = format!("{made_on}T00:00:00+07:00");
    let mut docx = Docx::new()
        .default_fonts(RunFonts::new().ascii(FACE).hi_ansi(FACE).east_asia(FACE).cs(FACE))
        .default_size(half_points(MEASURES.body_pt))
        .created_at(&stamp)
        .updated_at(&stamp);
    for part in parts {
        docx = docx.add_section(section(part));
    }
    // The last part's section properties are the document's own: one more section would add an empty page.
    docx = docx
        .page_size(
            twips(MEASURES.paper_width_mm).unsigned_abs(),
            twips(MEASURES.paper_height_mm).unsigned_abs(),
        )
        .page_margin(margins())
        .header(page_number_header())
        .title_pg()
        .page_num_type(PageNumType::new().start(1));
    for child in last {
        docx = match child {
            Part::Paragraph(paragraph) => docx.add_paragraph(*paragraph),
            Part::Table(table) => docx.add_table(*table),
        };
    }
    let mut out = Cursor::new(Vec::new());
    docx.pack(&mut out).map_err(|error| DocumentError::Docx(error.to_string()))?;
    Ok(out.into_inner())
}

/// What a section holds, in order.
enum Part {
    Paragraph(Box<Paragraph>),
    Table(Box<Table>),
}

impl From<Paragraph> for Part {
    fn from(paragraph: Paragraph) -> Self {
        Self::Paragraph(Box::new(paragraph))
    }
}

impl From<Table> for Part {
    fn from(table: Table) -> Self {
        Self::Table(Box::new(table))
    }
}

fn section(parts: Vec<Part>) -> Section {
    let paper = PageSize::new()
        .size(twips(MEASURES.paper_width_mm).unsigned_abs(), twips(MEASURES.paper_height_mm).unsigned_abs());
    let section = Section::new()
        .page_size(paper)
        .page_margin(margins())
        .header(page_number_header())
        .title_pg()
        .page_num_type(PageNumType::new().start(1));
    parts.into_iter().fold(section, |section, part| match part {
        Part::Paragraph(paragraph) => section.add_paragraph(*paragraph),
        Part::Table(table) => section.add_table(*table),
    })
}

fn margins() -> PageMargin {
    let m = MEASURES;
    PageMargin {
        top: twips(m.top_mm),
        bottom: twips(m.bottom_mm),
        left: twips(m.left_mm),
        right: twips(m.right_mm),
        header: twips(m.top_mm / 2.0),
        footer: twips(m.bottom_mm / 2.0),
        gutter: 0,
    }
}

/// The page number, centred; `title_pg` without a header of its own keeps it off the first page.
fn page_number_header() -> Header {
    let number = Paragraph::new()
        .align(AlignmentType::Center)
        .size(half_points(MEASURES.page_number_pt))
        .add_page_num(PageNum::new());
    Header::new().add_paragraph(number)
}

fn letter_parts(letter: &Letter) -> Vec<Part> {
    let body_pt = MEASURES.body_pt;
    let mut parts: Vec<Part> = vec![letterhead(letter).into(), gap(6.0).into()];
    let text_width_mm = MEASURES.text_width_mm();
    parts.push(centred(bold(&letter.title, body_pt)).keep_next(true).into());
    parts.push(centred(lines(&letter.summary_lines(), body_pt).bold()).keep_next(true).into());
    if !letter.summary_period.is_empty() {
        parts.push(centred(bold(&letter.summary_period, body_pt)).keep_next(true).into());
    }
    parts.push(rule(50.0, text_width_mm).into());
    parts.extend(letter.body.iter().map(block));
    // The signature never stands alone on a page: the last paragraph goes with it.
    match parts.pop() {
        Some(Part::Paragraph(closing)) => parts.push(closing.keep_next(true).into()),
        // Minutes end with both parties' table.
        Some(table) => parts.push(table),
        None => {}
    }
    parts.push(gap(6.0).keep_next(true).into());
    parts.push(signature(letter).into());
    parts
}

fn annex_parts(annex: &Annex) -> Vec<Part> {
    let body_pt = MEASURES.body_pt;
    let mut parts: Vec<Part> = vec![
        centred(bold(&annex.label, body_pt)).keep_next(true).into(),
        centred(lines(&annex.title_lines(), body_pt).bold()).keep_next(true).into(),
        centred(lines(&annex.reference_lines(), body_pt).italic()).keep_next(true).into(),
        rule(50.0, MEASURES.text_width_mm()).keep_next(true).into(),
    ];
    parts.extend(annex.body.iter().map(block));
    parts
}

/// Agency at left, national name and motto at right; below them number, place and date.
fn letterhead(letter: &Letter) -> Table {
    let m = MEASURES;
    let (left_mm, right_mm) = (m.agency_column_mm, m.text_width_mm() - m.agency_column_mm);
    let mut agency = TableCell::new().width(width(left_mm), WidthType::Dxa);
    if !letter.parent_agency.is_empty() {
        agency = agency.add_paragraph(centred(lines(&letter.parent_agency_lines(), m.nation_pt)));
    }
    agency = agency
        .add_paragraph(centred(lines(&letter.issuing_agency_lines(), m.nation_pt).bold()))
        .add_paragraph(rule(24.0, left_mm));
    let nation = TableCell::new()
        .width(width(right_mm), WidthType::Dxa)
        .add_paragraph(centred(bold(NATIONAL_NAME, m.nation_pt)))
        .add_paragraph(centred(bold(MOTTO, m.motto_pt)))
        .add_paragraph(rule(MOTTO_RULE_MM, right_mm));
    let number = TableCell::new()
        .width(width(left_mm), WidthType::Dxa)
        .add_paragraph(centred(run(&letter.number, m.number_pt)));
    let date = TableCell::new()
        .width(width(right_mm), WidthType::Dxa)
        .add_paragraph(centred(run(&letter.place_and_date, m.number_pt).italic()));
    bare_table(vec![left_mm, right_mm], vec![vec![agency, nation], vec![number, date]])
}

/// Recipients at left, the signer's block at right.
fn signature(letter: &Letter) -> Table {
    let m = MEASURES;
    let half_mm = m.text_width_mm() / 2.0;
    let label = run("Nơi nhận:", m.recipients_label_pt).bold().italic();
    let mut left =
        TableCell::new().width(width(half_mm), WidthType::Dxa).add_paragraph(tight().add_run(label));
    for recipient in &letter.recipients {
        left = left.add_paragraph(tight().add_run(run(recipient, m.recipients_pt)));
    }
    let mut right = TableCell::new().width(width(half_mm), WidthType::Dxa);
    for line in &letter.signer_titles {
        right = right.add_paragraph(centred(bold(line, m.body_pt)));
    }
    // Minutes are signed above, by both parties.
    let room = if letter.signer_titles.is_empty() { 0 } else { 4 };
    for _ in 0..room {
        right = right.add_paragraph(centred(run("", m.body_pt)));
    }
    right = right.add_paragraph(centred(bold(letter.signer_name.as_deref().unwrap_or(""), m.body_pt)));
    bare_table(vec![half_mm, half_mm], vec![vec![left, right]])
}

fn bare_table(widths_mm: Vec<f64>, rows: Vec<Vec<TableCell>>) -> Table {
    let grid: Vec<usize> = widths_mm.iter().map(|mm| width(*mm)).collect();
    let total = grid.iter().sum();
    Table::without_borders(rows.into_iter().map(|cells| TableRow::new(cells).cant_split()).collect())
        .set_grid(grid)
        .width(total, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .align(TableAlignmentType::Center)
        .margins(TableCellMargins::new().margin(0, 0, 0, 0))
}

fn block(block: &Block) -> Part {
    let body_pt = MEASURES.body_pt;
    match block {
        Block::Section { text } => justified(bold(text, body_pt)).keep_next(true).outline_lvl(0).into(),
        Block::Heading { text } => justified(bold(text, body_pt)).keep_next(true).outline_lvl(1).into(),
        Block::Paragraph { text } => justified(run(text, body_pt)).into(),
        Block::Lead { text } => justified(run(text, body_pt)).keep_next(true).into(),
        Block::Note { text } => justified(run(text, body_pt).italic()).into(),
        Block::LeadNote { text } => justified(run(text, body_pt).italic()).keep_next(true).into(),
        Block::Table { columns, rows, total } => ruled_table(columns, rows, total.as_ref()).into(),
        Block::Signatures { left, right } => signatures(left, right).into(),
    }
}

/// Two parties side by side, each with room to sign.
fn signatures(left: &Signature, right: &Signature) -> Table {
    let half_mm = MEASURES.text_width_mm() / 2.0;
    let party = |party: &Signature| {
        let mut cell = TableCell::new()
            .width(width(half_mm), WidthType::Dxa)
            .add_paragraph(centred(bold(&party.title, MEASURES.body_pt)))
            .add_paragraph(centred(run(&party.hint, MEASURES.number_pt).italic()));
        for _ in 0..4 {
            cell = cell.add_paragraph(centred(run("", MEASURES.body_pt)));
        }
        cell.add_paragraph(centred(bold(&party.name, MEASURES.body_pt)))
    };
    bare_table(vec![half_mm, half_mm], vec![vec![party(left), party(right)]])
}

fn ruled_table(columns: &[LetterColumn], rows: &[Vec<String>], total: Option<&Vec<String>>) -> Table {
    let header = columns.iter().map(|column| cell(&column.name, column, Align::Center, true)).collect();
    let line = |values: &Vec<String>, is_bold: bool| {
        let cells =
            columns.iter().zip(values).map(|(column, value)| cell(value, column, column.align, is_bold));
        TableRow::new(cells.collect()).cant_split()
    };
    let mut table_rows = vec![TableRow::new(header).cant_split().height_rule(HeightRule::AtLeast)];
    table_rows.extend(rows.iter().map(|values| line(values, false)));
    table_rows.extend(total.map(|values| line(values, true)));
    let grid: Vec<usize> = columns.iter().map(|column| width(column.width_mm)).collect();
    let total_width = grid.iter().sum();
    let side = width(1.5);
    Table::new(table_rows)
        .set_grid(grid)
        .width(total_width, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .align(TableAlignmentType::Center)
        .margins(TableCellMargins::new().margin(width(0.7), side, width(0.7), side))
}

fn cell(value: &str, column: &LetterColumn, align: Align, is_bold: bool) -> TableCell {
    let run = if is_bold { bold(value, MEASURES.table_pt) } else { run(value, MEASURES.table_pt) };
    let alignment = match align {
        Align::Left => AlignmentType::Left,
        Align::Center => AlignmentType::Center,
        Align::Right => AlignmentType::Right,
    };
    TableCell::new()
        .width(width(column.width_mm), WidthType::Dxa)
        .vertical_align(VAlignType::Center)
        .add_paragraph(tight().align(alignment).add_run(run))
}

fn run(text: &str, size_pt: f64) -> Run {
    Run::new().size(half_points(size_pt)).add_text(text)
}

/// Text in the lines that were chosen for it.
fn lines(text: &str, size_pt: f64) -> Run {
    let run = Run::new().size(half_points(size_pt));
    text.split('\n').enumerate().fold(run, |run, (number, line)| {
        let run = if number > 0 { run.add_break(BreakType::TextWrapping) } else { run };
        run.add_text(line)
    })
}

fn bold(text: &str, size_pt: f64) -> Run {
    run(text, size_pt).bold()
}

/// A paragraph without space around it and with single lines.
fn tight() -> Paragraph {
    Paragraph::new()
        .line_spacing(LineSpacing::new().before(0).after(0).line(240).line_rule(LineSpacingType::Auto))
}

fn centred(run: Run) -> Paragraph {
    tight().align(AlignmentType::Center).add_run(run)
}

fn justified(run: Run) -> Paragraph {
    let spacing = LineSpacing::new()
        .before(0)
        .after(u32::try_from(twentieths(MEASURES.paragraph_gap_pt)).unwrap_or(0))
        .line((240.0 * MEASURES.line_spacing).round() as i32)
        .line_rule(LineSpacingType::Auto);
    let first_line = SpecialIndentType::FirstLine(twips(MEASURES.first_line_mm));
    Paragraph::new()
        .align(AlignmentType::Both)
        .indent(Some(0), Some(first_line), None, None)
        .line_spacing(spacing)
        .add_run(run)
}

/// An empty line of the given height in points.
fn gap(height_pt: f64) -> Paragraph {
    let spacing =
        LineSpacing::new().before(0).after(0).line(twentieths(height_pt)).line_rule(LineSpacingType::Exact);
    Paragraph::new().line_spacing(spacing).size(half_points(2.0))
}

/// A rule of `length_mm`, centred in a column of `column_mm`: the upper border of an empty, indented paragraph.
fn rule(length_mm: f64, column_mm: f64) -> Paragraph {
    let side = twips((column_mm - length_mm) / 2.0);
    let border = ParagraphBorder::new(ParagraphBorderPosition::Top)
        .val(BorderType::Single)
        .size(6)
        .space(1)
        .color("000000");
    let spacing =
        LineSpacing::new().before(60).after(0).line(twentieths(10.0)).line_rule(LineSpacingType::Exact);
    let mut paragraph = Paragraph::new().line_spacing(spacing).size(half_points(2.0)).indent(
        Some(side),
        None,
        Some(side),
        None,
    );
    paragraph.property = paragraph.property.set_borders(ParagraphBorders::with_empty().set(border));
    paragraph
}

/// Twentieths of a point, Word's unit of length.
fn twips(mm: f64) -> i32 {
    (mm * 1440.0 / 25.4).round() as i32
}

fn width(mm: f64) -> usize {
    usize::try_from(twips(mm)).unwrap_or(0)
}

fn twentieths(pt: f64) -> i32 {
    (pt * 20.0).round() as i32
}

/// Half points, Word's unit of type size.
fn half_points(pt: f64) -> usize {
    (pt * 2.0).round() as usize
}
