//! CSV that opens safely in a spreadsheet: UTF-8 with a byte-order mark, CRLF, no cell that runs as a formula.

use csv::{Terminator, WriterBuilder};
use domain::time::local_datetime;

use crate::{Cell, DocumentError, Table};

/// Without it Excel reads UTF-8 as the machine's old code page.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Writes the header row and the rows as CSV. Days are `2021-08-05`, instants `2021-08-05 14:30` local time
/// (UTC+7), decimals have a point. Text that a spreadsheet could run gets a leading apostrophe; all other text is
/// written as it is, so a telephone number keeps its leading zero.
///
/// # Errors
/// [`DocumentError::TooMany`], [`DocumentError::Nothing`], [`DocumentError::RowShape`] for a table out of its
/// limits, [`DocumentError::Csv`] when the writer fails.
pub fn table_csv(table: &Table) -> Result<Vec<u8>, DocumentError> {
    table.check()?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(table.columns.iter().map(|column| safe_text(&column.name)))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(field))?;
    }
    writer.into_inner().map_err(|error| DocumentError::Csv(error.into_error().into()))
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => safe_text(text),
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number) if number.is_finite() => number.to_string(),
        Cell::Decimal(_) => String::new(),
        Cell::Date(date) => date.to_string(),
        Cell::DateTime(at) => local_datetime(*at).strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// Puts an apostrophe before text whose first visible character starts a formula in some spreadsheet, also in
/// full width and after spaces, and before text that begins with a tab, carriage return or line feed
/// (OWASP, "CSV Injection").
fn safe_text(text: &str) -> String {
    let starts_with_control = text.starts_with(['\t', '\r', '\n']);
    let visible = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c));
    let starts_formula =
        visible.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹢', '﹣', '﹦', '﹫']);
    if starts_with_control || starts_formula { format!("'{text}") } else { text.to_owned() }
}

/// Characters without width that some programs drop before looking at the first character.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::safe_text;

    #[test]
    fn text_that_could_run_gets_an_apostrophe() {
        let risky = [
            "=1+1",
            "+84912345678",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\tAn",
            "\rAn",
            "\nAn",
            "  =1",
            "\u{A0}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            " ＝1",
            "\u{FEFF}=1",
            "\u{200B}=cmd|' /C calc'!A0",
            "\u{0}=1",
        ];
        for text in risky {
            assert_eq!(safe_text(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "0912345678", "Y Bhăm Êban", "H'Hen Niê", "a=b", "1-2", "'=1", "  An", "Ô\u{306}"]
        {
            assert_eq!(safe_text(text), text);
        }
    }
}
