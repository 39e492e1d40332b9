//! XLSX: one worksheet with a heading, notes, a header row that stays in view, and typed cells.

use domain::time::{Millis, local_datetime};
use jiff::civil::DateTime;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use unicode_segmentation::UnicodeSegmentation;

use crate::{Cell, Column, ColumnKind, DocumentError, Table};

/// The project's green, behind the header row.
pub(crate) const HEADER_COLOR: Color = Color::RGB(0x0B_5D3B);

/// Characters a worksheet cell can hold (Excel's limit); longer text is cut with an ellipsis.
const CELL_CHARS_MAX: usize = 32_767;

/// Characters of a worksheet's name (Excel's limit).
const SHEET_NAME_CHARS_MAX: usize = 31;

/// Most notes printed above a table.
const NOTES_MAX: usize = 50;

/// Rows looked at to choose column widths.
const WIDTH_SAMPLE_ROWS: usize = 500;

/// Narrowest and widest column, in characters.
const COLUMN_CHARS: (usize, usize) = (8, 60);

/// Writes the table as XLSX. Text is always a string cell: no formula, no link, no lost leading zero. Instants are
/// local time (UTC+7). `now` is only the file's creation time.
///
/// # Errors
/// [`DocumentError::TooMany`], [`DocumentError::Nothing`], [`DocumentError::RowShape`] for a table out of its
/// limits, [`DocumentError::Xlsx`] when the writer fails.
pub fn table_xlsx(table: &Table, now: Millis) -> Result<Vec<u8>, DocumentError> {
    tables_xlsx(std::slice::from_ref(table), now)
}

/// Most worksheets of one workbook.
pub const SHEETS_MAX: usize = 20;

/// Writes several tables as one workbook, a worksheet each, in order. Titles must differ in their first 31
/// characters, which name the worksheets.
///
/// # Errors
/// As [`table_xlsx`], and [`DocumentError::TooMany`] above [`SHEETS_MAX`] tables.
pub fn tables_xlsx(tables: &[Table], now: Millis) -> Result<Vec<u8>, DocumentError> {
    if tables.len() > SHEETS_MAX {
        return Err(DocumentError::TooMany { what: "sheets", count: tables.len(), max: SHEETS_MAX });
    }
    let Some(first) = tables.first() else { return Err(DocumentError::Nothing("sheets")) };
    let mut workbook = Workbook::new();
    let created = excel_datetime(local_datetime(now))?;
    let properties = DocProperties::new().set_title(text(&first.title)).set_creation_datetime(&created);
    workbook.set_properties(&properties);
    for table in tables {
        table.check()?;
        write_sheet(workbook.add_worksheet(), table)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn write_sheet(sheet: &mut Worksheet, table: &Table) -> Result<(), DocumentError> {
    sheet.set_name(sheet_name(&table.title))?;
    let header_row = write_heading(sheet, table)?;
    write_header(sheet, table, header_row)?;
    let formats = Formats::new();
    for (row, cells) in (header_row + 1..).zip(&table.rows) {
        for ((column, cell), Column { kind, .. }) in (0_u16..).zip(cells).zip(&table.columns) {
            write_cell(sheet, (row, column), cell, *kind, &formats)?;
        }
    }
    Ok(set_layout(sheet, table, header_row)?)
}

/// Writes title and notes, and returns the row for the header.
fn write_heading(sheet: &mut Worksheet, table: &Table) -> Result<u32, XlsxError> {
    let title = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, text(&table.title), &title)?;
    let note = Format::new().set_italic().set_font_color(Color::RGB(0x44_4444));
    let mut row = 1;
    for line in table.notes.iter().take(NOTES_MAX) {
        sheet.write_string_with_format(row, 0, text(line), &note)?;
        row += 1;
    }
    Ok(row + 1)
}

fn write_header(sheet: &mut Worksheet, table: &Table, row: u32) -> Result<(), XlsxError> {
    let format = Format::new()
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(HEADER_COLOR)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_border(FormatBorder::Thin);
    for (column, Column { name, .. }) in (0_u16..).zip(&table.columns) {
        sheet.write_string_with_format(row, column, text(name), &format)?;
    }
    Ok(())
}

/// The cell formats, made once for a whole table.
struct Formats {
    text: Format,
    integer: Format,
    decimal: Format,
    date: Format,
    date_time: Format,
}

impl Formats {
    fn new() -> Self {
        let plain = Format::new().set_border(FormatBorder::Hair).set_align(FormatAlign::Top);
        Self {
            // "@" marks the cell as text, so that editing it later does not turn it into a number or a formula.
            text: plain.clone().set_num_format("@").set_text_wrap(),
            integer: plain.clone().set_num_format("0"),
            decimal: plain.clone().set_num_format("0.00"),
            date: plain.clone().set_num_format("dd/mm/yyyy"),
            date_time: plain.set_num_format("dd/mm/yyyy hh:mm"),
        }
    }

    fn of(&self, kind: ColumnKind) -> &Format {
        match kind {
            ColumnKind::Text => &self.text,
            ColumnKind::Integer => &self.integer,
            ColumnKind::Decimal => &self.decimal,
            ColumnKind::Date => &self.date,
            ColumnKind::DateTime => &self.date_time,
        }
    }
}

/// Writes one value; a text in a column of numbers takes the format of text.
fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    kind: ColumnKind,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut string =
        |value: &str| sheet.write_string_with_format(row, column, value, &formats.text).map(|_| ());
    match cell {
        Cell::Text(value) if !value.is_empty() => string(&text(value)),
        // Above 2^53 a spreadsheet's number would lose digits.
        Cell::Integer(value) if value.unsigned_abs() >= 1 << 53 => string(&value.to_string()),
        Cell::Integer(value) => {
            sheet.write_number_with_format(row, column, *value as f64, formats.of(kind)).map(|_| ())
        }
        Cell::Decimal(value) if value.is_finite() => {
            sheet.write_number_with_format(row, column, *value, formats.of(kind)).map(|_| ())
        }
        // Years that a spreadsheet does not know (before 1900) become text.
        Cell::Date(value) => match excel_datetime(value.at(0, 0, 0, 0)) {
            Ok(moment) => sheet.write_datetime_with_format(row, column, &moment, &formats.date).map(|_| ()),
            Err(_) => string(&crate::text::day(*value)),
        },
        Cell::DateTime(value) => match excel_datetime(local_datetime(*value)) {
            Ok(moment) => {
                sheet.write_datetime_with_format(row, column, &moment, &formats.date_time).map(|_| ())
            }
            Err(_) => string(&crate::text::day(local_datetime(*value).date())),
        },
        Cell::Empty | Cell::Text(_) | Cell::Decimal(_) => {
            sheet.write_blank(row, column, formats.of(kind)).map(|_| ())
        }
    }
}

pub(crate) fn excel_datetime(at: DateTime) -> Result<ExcelDateTime, XlsxError> {
    let date = at.date();
    ExcelDateTime::from_ymd(
        date.year().unsigned_abs(),
        date.month().unsigned_abs(),
        date.day().unsigned_abs(),
    )?
    .and_hms(at.hour().unsigned_abs().into(), at.minute().unsigned_abs(), f64::from(at.second()))
}

fn set_layout(sheet: &mut Worksheet, table: &Table, header_row: u32) -> Result<(), XlsxError> {
    let last_row = header_row + u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    let last_column = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.set_freeze_panes(header_row + 1, 0)?;
    sheet.autofilter(header_row, 0, last_row, last_column)?;
    for column in 0..=last_column {
        sheet.set_column_width(column, width_of(table, column.into()) as f64)?;
    }
    sheet.set_paper_size(9).set_landscape().set_repeat_rows(header_row, header_row)?;
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The longest text of the first rows, within [`COLUMN_CHARS`].
fn width_of(table: &Table, column: usize) -> usize {
    let cells = table.rows.iter().take(WIDTH_SAMPLE_ROWS).filter_map(|row| row.get(column));
    let longest = cells.map(|cell| match cell {
        Cell::Text(text) => text.graphemes(true).count(),
        Cell::Integer(number) => number.to_string().len(),
        Cell::DateTime(_) => 16,
        Cell::Date(_) | Cell::Decimal(_) => 10,
        Cell::Empty => 0,
    });
    let heading = table.columns.get(column).map_or(0, |column| column.name.graphemes(true).count());
    longest.max().unwrap_or(0).max(heading).clamp(COLUMN_CHARS.0, COLUMN_CHARS.1) + 2
}

/// Text that XML and a cell can hold: line feeds and tabs stay, other control characters become spaces.
pub(crate) fn text(value: &str) -> String {
    let printable = |c: char| match c {
        '\n' | '\t' => c,
        '\u{FFFE}' | '\u{FFFF}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    };
    // Excel counts UTF-16 units; a character takes at most two of them.
    let units = value.encode_utf16().count();
    if units <= CELL_CHARS_MAX {
        return value.chars().map(printable).collect();
    }
    let mut left = CELL_CHARS_MAX - 1;
    let fits = |c: &char| {
        let enough = left >= c.len_utf16();
        left = left.saturating_sub(c.len_utf16());
        enough
    };
    value.chars().take_while(fits).map(printable).chain(['…']).collect()
}

/// A worksheet's name: without the characters Excel forbids, not empty, at most 31 UTF-16 units.
fn sheet_name(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars().map(|c| if c.is_control() || "[]:*?/\\".contains(c) { ' ' } else { c }) {
        if name.encode_utf16().count() + c.len_utf16() > SHEET_NAME_CHARS_MAX {
            break;
        }
        name.push(c);
    }
    // An apostrophe may stand inside a name (H'Drơng), not at its ends.
    let name = name.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    if name.is_empty() { "Bảng".to_owned() } else { name.to_owned() }
}
