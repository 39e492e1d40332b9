//! A spreadsheet that somebody uploads, read into rows of text.
//!
//! The file comes from a stranger: every size is bounded before it is believed, and nothing is evaluated.

use crate::SheetError;
use crate::sheet_csv::read_csv;
use crate::sheet_xlsx::read_xlsx;

/// Most bytes of an uploaded file.
pub const SHEET_BYTES_MAX: usize = 8 << 20;

/// Most rows with text, the header row among them.
pub const SHEET_ROWS_MAX: usize = 20_000;

/// Most columns with text.
pub const SHEET_COLUMNS_MAX: usize = 40;

/// Most characters of one cell.
pub const SHEET_CELL_CHARS_MAX: usize = 1_000;

/// Most bytes that all cells may hold together: a workbook can name one long text from a million cells.
pub const SHEET_TEXT_BYTES_MAX: usize = 16 << 20;

/// Most bytes that all parts of a workbook may unpack to.
pub const SHEET_UNPACKED_BYTES_MAX: u64 = 64 << 20;

/// One row with text. It holds what people typed of people, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// Number of the row as the spreadsheet program shows it, from 1.
    pub number: u32,
    /// Texts from the first column on, trimmed; up to the row's last cell with text.
    pub cells: Vec<String>,
}

impl SheetRow {
    /// The text in a column from 0; empty where the row has none.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// The rows of a file's first sheet; the first of them is the header row.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Rows with text, in the order of the file; at least one.
    pub rows: Vec<SheetRow>,
    /// Rows without text before the last row with text.
    pub skipped_blank: usize,
}

/// Reads an uploaded CSV file (UTF-8; comma, semicolon or tab, found from the header line) or the first visible
/// sheet of an XLSX workbook. What kind it is, its first bytes say, not its name.
///
/// Cells are trimmed. Numbers come as people see them (`912345678`, `1985`, `0.5` with a point), days as
/// `2021-08-05`, times of day as `07:30`, both as `2021-08-05 07:30`, formulas as the value that was last computed.
///
/// # Errors
/// A [`SheetError`] that names what the sender has to change: another kind of file, another encoding, or a part
/// beyond one of the limits of this module.
pub fn read_sheet(bytes: &[u8]) -> Result<Sheet, SheetError> {
    if bytes.len() > SHEET_BYTES_MAX {
        return Err(SheetError::FileTooLarge { bytes: bytes.len() });
    }
    match kind_of(bytes)? {
        Kind::Xlsx => read_xlsx(bytes),
        Kind::Csv => read_csv(bytes),
    }
}

enum Kind {
    Csv,
    Xlsx,
}

/// First bytes of an OLE compound file: Excel 97 to 2003, and workbooks under a password.
const OLE_MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

fn kind_of(bytes: &[u8]) -> Result<Kind, SheetError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Xlsx);
    }
    if bytes.starts_with(OLE_MAGIC) {
        // A workbook under a password keeps its parts in a stream of this name, written as UTF-16.
        let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|letter| [letter, 0]).collect();
        let is_locked = bytes.windows(name.len()).any(|window| window == name);
        return Err(if is_locked { SheetError::Password } else { SheetError::OldExcel });
    }
    let starts: [(&[u8], &'static str); 5] = [
        (b"%PDF", "PDF"),
        (b"\x89PNG", "PNG"),
        (b"\xFF\xD8\xFF", "JPEG"),
        (b"{\\rtf", "RTF"),
        (b"Rar!", "RAR"),
    ];
    if let Some((_, name)) = starts.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(SheetError::NotASheet(name));
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if text.starts_with(b"<") {
        return Err(SheetError::NotASheet("HTML or XML"));
    }
    Ok(Kind::Csv)
}

/// Rows as they are gathered, with the limits that both kinds of file share.
#[derive(Default)]
pub(crate) struct Gathered {
    rows: Vec<SheetRow>,
    text_bytes: usize,
}

impl Gathered {
    /// Trims a row's cells and keeps it when it has text. Rows come with rising numbers.
    pub(crate) fn push<'a>(
        &mut self,
        number: u32,
        cells: impl Iterator<Item = &'a str>,
    ) -> Result<(), SheetError> {
        let mut kept: Vec<String> = Vec::new();
        for (column, text) in cells.enumerate() {
            let text = trimmed(text);
            if text.is_empty() {
                continue;
            }
            if column >= SHEET_COLUMNS_MAX {
                return Err(SheetError::TooManyColumns { row: number });
            }
            check_length(text, number, column)?;
            self.text_bytes += text.len();
            kept.resize(column, String::new());
            kept.push(text.to_owned());
        }
        if self.text_bytes > SHEET_TEXT_BYTES_MAX {
            return Err(SheetError::TooMuchText);
        }
        if kept.is_empty() {
            return Ok(());
        }
        if self.rows.len() == SHEET_ROWS_MAX {
            return Err(SheetError::TooManyRows);
        }
        self.rows.push(SheetRow { number, cells: kept });
        Ok(())
    }

    /// The sheet, when there was any text.
    pub(crate) fn finish(self) -> Result<Sheet, SheetError> {
        let last = self.rows.last().map(|row| row.number as usize).ok_or(SheetError::Empty)?;
        Ok(Sheet { skipped_blank: last.saturating_sub(self.rows.len()), rows: self.rows })
    }
}

/// Refuses a trimmed text longer than [`SHEET_CELL_CHARS_MAX`], with its place (`column` from 0).
pub(crate) fn check_length(text: &str, row: u32, column: usize) -> Result<(), SheetError> {
    // A character is at least a byte: most texts need no counting.
    if text.len() > SHEET_CELL_CHARS_MAX && text.chars().count() > SHEET_CELL_CHARS_MAX {
        return Err(SheetError::CellTooLong { row, column: column_letters(column) });
    }
    Ok(())
}

/// A cell's text without white space, byte-order marks and zero-width characters around it, and without the
/// apostrophe by which spreadsheets mark `'0912345678` or `'=1` as text.
pub(crate) fn trimmed(text: &str) -> &str {
    let is_empty =
        |c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{2060}');
    let text = text.trim_matches(is_empty);
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || "=+-@".contains(c)) => rest,
        _ => text,
    }
}

/// A column from 0 as spreadsheets name it: A to Z, AA and so on.
pub(crate) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{column_letters, trimmed};

    #[test]
    fn columns_have_the_names_of_spreadsheets() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (39, "AN"), (701, "ZZ"), (16_383, "XFD")] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn only_what_marks_text_is_taken_off() {
        for (text, expected) in [
            ("\u{FEFF} H'Hen Niê\u{A0}\r\n", "H'Hen Niê"),
            ("'0912345678", "0912345678"),
            ("'+84912345678", "+84912345678"),
            ("'Nhà hàng'", "'Nhà hàng'"),
            ("'", "'"),
            (" \u{200B}\t", ""),
        ] {
            assert_eq!(trimmed(text), expected);
        }
    }
}
