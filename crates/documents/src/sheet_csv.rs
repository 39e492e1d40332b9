//! CSV as people save it: UTF-8, with the separator of their machine.

use csv::{ReaderBuilder, StringRecord};

use crate::sheet::Gathered;
use crate::{Sheet, SheetError};

/// Reads CSV text; rows may be of different lengths.
pub(crate) fn read_csv(bytes: &[u8]) -> Result<Sheet, SheetError> {
    let text = utf8(bytes)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut gathered = Gathered::default();
    let mut record = StringRecord::new();
    let mut number = 0_u32;
    while reader.read_record(&mut record).map_err(|_| SheetError::Damaged)? {
        let start = record.position().map_or(0, csv::Position::byte);
        number += blank_lines(text.as_bytes(), usize::try_from(start).unwrap_or(0)) + 1;
        gathered.push(number, record.iter())?;
    }
    gathered.finish()
}

/// The text behind a byte-order mark, or the encoding's name when it is not UTF-8.
fn utf8(bytes: &[u8]) -> Result<&str, SheetError> {
    let marks: [(&[u8], &'static str); 4] = [
        (b"\xFF\xFE\x00\x00", "UTF-32"),
        (b"\x00\x00\xFE\xFF", "UTF-32"),
        (b"\xFF\xFE", "UTF-16"),
        (b"\xFE\xFF", "UTF-16"),
    ];
    if let Some((_, name)) = marks.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Err(SheetError::Encoding(name));
    }
    if bytes.contains(&0) {
        // Latin letters of UTF-16 have a zero at every other byte, also without a mark.
        let is_wide = matches!(bytes, [0, second, ..] if *second != 0)
            || matches!(bytes, [first, 0, ..] if *first != 0);
        return Err(if is_wide { SheetError::Encoding("UTF-16") } else { SheetError::NotASheet("binary") });
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        SheetError::NotUtf8 { line: before.iter().filter(|byte| **byte == b'\n').count() + 1 }
    })
}

/// The separator that stands most often in the header line, outside quotes; a comma when there is none.
fn separator(text: &str) -> u8 {
    const CANDIDATES: [u8; 3] = [b'\t', b';', b','];
    let mut counts = [0_usize; CANDIDATES.len()];
    let mut is_quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                if let Some(at) = CANDIDATES.iter().position(|candidate| *candidate == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    // Of equals the last wins: the comma.
    (0..CANDIDATES.len()).max_by_key(|at| counts[*at]).map_or(b',', |at| CANDIDATES[at])
}

/// Empty lines from `start` on, which the reader passes over in silence but a spreadsheet counts as rows.
fn blank_lines(bytes: &[u8], start: usize) -> u32 {
    let mut at = start;
    // The reader stops between the two bytes of a line's end.
    if at > 0 && bytes.get(at - 1) == Some(&b'\r') && bytes.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut lines = 0;
    while let Some(byte @ (b'\r' | b'\n')) = bytes.get(at) {
        at += if *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
        lines += 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::separator;

    #[test]
    fn the_separator_is_found_outside_quotes() {
        for (header, expected) in [
            ("Họ và tên,Năm sinh,Điện thoại", b','),
            ("Họ và tên;Năm sinh, tuổi;Điện thoại", b';'),
            ("\n\nHọ và tên\tNăm sinh\n1,2,3,4", b'\t'),
            ("\"a;b;c;d\",e\n", b','),
            ("\"a\"\";\nb;;;\",c,d", b','),
            ("Họ và tên", b','),
            ("", b','),
        ] {
            assert_eq!(separator(header), expected, "{header:?}");
        }
    }
}
