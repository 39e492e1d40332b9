//! XLSX, cell by cell: the sheet's extent is never believed, because a file of 24 KB can claim 17 billion cells.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use crate::sheet::{Gathered, SHEET_COLUMNS_MAX, SHEET_UNPACKED_BYTES_MAX, check_length, trimmed};
use crate::{Sheet, SheetError};

/// Most parts of a workbook's archive.
const PARTS_MAX: usize = 2_000;

/// Fewest bytes of one shared text: `<si/>`.
const SHARED_TEXT_BYTES_MIN: usize = 5;

/// Largest whole number that a spreadsheet shows with all its digits.
const WHOLE_MAX: f64 = 1e15;

/// Reads the first visible worksheet.
pub(crate) fn read_xlsx(bytes: &[u8]) -> Result<Sheet, SheetError> {
    check_archive(bytes)?;
    // The reader computes with references such as `ZZZZZZZZ1` unchecked, which panics in builds that check.
    catch_unwind(AssertUnwindSafe(|| read_cells(bytes))).unwrap_or(Err(SheetError::Damaged))
}

/// Unpacks every part once, keeping nothing, so that no later step meets more than [`SHEET_UNPACKED_BYTES_MAX`]; the
/// sizes that the archive declares are checked first and then not believed.
fn check_archive(bytes: &[u8]) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetError::Damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(SheetError::UnpackedTooLarge);
    }
    check_kind(&archive)?;
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| SheetError::Damaged)?;
        declared = declared.saturating_add(part.size());
    }
    if declared > SHEET_UNPACKED_BYTES_MAX {
        return Err(SheetError::UnpackedTooLarge);
    }
    let mut left = SHEET_UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| SheetError::Damaged)?;
        let name = part.name().map_err(|_| SheetError::Damaged)?.to_lowercase();
        let is_shared_texts = name.ends_with("sharedstrings.xml");
        let mut limited = part.take(left + 1);
        let read = if is_shared_texts {
            let mut content = Vec::new();
            limited.read_to_end(&mut content).map_err(|_| SheetError::Damaged)?;
            check_shared_texts(&content)?;
            content.len() as u64
        } else {
            std::io::copy(&mut limited, &mut std::io::sink()).map_err(|_| SheetError::Damaged)?
        };
        left = left.checked_sub(read).ok_or(SheetError::UnpackedTooLarge)?;
    }
    Ok(())
}

/// Names archives that hold something else than an XLSX workbook.
fn check_kind<R>(archive: &ZipArchive<R>) -> Result<(), SheetError>
where
    R: Read + std::io::Seek,
{
    let has = |name: &str| archive.file_names().flatten().any(|part| part.eq_ignore_ascii_case(name));
    if has("xl/workbook.bin") {
        return Err(SheetError::BinaryWorkbook);
    }
    if has("mimetype") && has("content.xml") {
        return Err(SheetError::OpenDocument);
    }
    if has("word/document.xml") {
        return Err(SheetError::NotASheet("Word"));
    }
    if has("Index/Document.iwa") {
        return Err(SheetError::NotASheet("Apple Numbers"));
    }
    if !has("[Content_Types].xml") {
        return Err(SheetError::NotASheet("ZIP"));
    }
    Ok(())
}

/// The reader sets aside room for as many shared texts as the part claims to have: a claim of more than its bytes can
/// hold would end the whole program for want of memory.
fn check_shared_texts(content: &[u8]) -> Result<(), SheetError> {
    const CLAIM: &[u8] = b"uniqueCount";
    // A zero byte means UTF-16, in which the claim would not be found.
    if content.contains(&0) {
        return Err(SheetError::Damaged);
    }
    let room = content.len() / SHARED_TEXT_BYTES_MIN;
    let claims = content.windows(CLAIM.len()).enumerate().filter(|(_, window)| *window == CLAIM);
    for (at, _) in claims {
        let rest = &content[at + CLAIM.len()..];
        let is_filler = |byte: &&u8| !byte.is_ascii_digit() && !matches!(byte, b'<' | b'>');
        let digits = rest.iter().skip_while(is_filler).take_while(|byte| byte.is_ascii_digit());
        let claimed = digits
            .fold(0_usize, |sum, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        if claimed > room {
            return Err(SheetError::Damaged);
        }
    }
    Ok(())
}

fn read_cells(bytes: &[u8]) -> Result<Sheet, SheetError> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| SheetError::Damaged)?;
    let is_shown = |sheet: &&calamine::Sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    };
    let name = workbook.sheets_metadata().iter().find(is_shown).map(|sheet| sheet.name.clone());
    let name = name.ok_or(SheetError::NoWorksheet)?;
    let mut reader = workbook.worksheet_cells_reader(&name).map_err(|_| SheetError::Damaged)?;
    let mut gathered = Gathered::default();
    let mut row = Row::default();
    while let Some(cell) = reader.next_cell().map_err(|_| SheetError::Damaged)? {
        let (index, column) = cell.get_position();
        let number = index.saturating_add(1);
        if number < row.number {
            return Err(SheetError::Damaged);
        }
        if number > row.number {
            row.hand_over(&mut gathered, number)?;
        }
        row.put(column as usize, &shown(cell.get_value()))?;
    }
    row.hand_over(&mut gathered, u32::MAX)?;
    gathered.finish()
}

/// The row whose cells are being read; number 0 stands for none.
#[derive(Default)]
struct Row {
    number: u32,
    cells: Vec<String>,
}

impl Row {
    /// Puts a text into its column. Formatted cells without text reach far beyond the table and count for nothing.
    fn put(&mut self, column: usize, text: &str) -> Result<(), SheetError> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(());
        }
        if column >= SHEET_COLUMNS_MAX {
            return Err(SheetError::TooManyColumns { row: self.number });
        }
        check_length(text, self.number, column)?;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        text.clone_into(&mut self.cells[column]);
        Ok(())
    }

    /// Gives the row away and begins the one with the given number.
    fn hand_over(&mut self, gathered: &mut Gathered, next: u32) -> Result<(), SheetError> {
        gathered.push(self.number, self.cells.iter().map(String::as_str))?;
        self.cells.clear();
        self.number = next;
        Ok(())
    }
}

/// A cell's text as its spreadsheet shows it, apart from formats of the number's own.
fn shown<'a>(value: &'a DataRef<'_>) -> std::borrow::Cow<'a, str> {
    match value {
        DataRef::String(text) => text.as_str().into(),
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => shown_number(*number).into(),
        DataRef::Bool(is_true) => if *is_true { "TRUE" } else { "FALSE" }.into(),
        DataRef::DateTime(moment) => shown_moment(moment).into(),
        // `2021-08-05T00:00:00` is a day; other times keep their minutes.
        DataRef::DateTimeIso(text) => match text.split_once('T') {
            Some((day, time)) if time.starts_with("00:00") => day.into(),
            Some((day, time)) => format!("{day} {}", time.get(..5).unwrap_or(time)).into(),
            None => text.as_str().into(),
        },
        DataRef::DurationIso(text) => text.as_str().into(),
        DataRef::Error(error) => error.to_string().into(),
        DataRef::Empty => "".into(),
    }
}

/// A number with at most 15 digits, as spreadsheets show them: `912345678`, `0.3` and not `0.30000000000000004`.
fn shown_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < WHOLE_MAX {
        return format!("{number:.0}");
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// A day, a time of day, or both; seconds are left out, as no column of ours holds them.
fn shown_moment(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        let minutes = (days * 1440.0).round().clamp(0.0, WHOLE_MAX) as u64;
        return format!("{:02}:{:02}", minutes / 60, minutes % 60);
    }
    let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
    if (0.0..1.0).contains(&days) {
        return format!("{hour:02}:{minute:02}");
    }
    match (hour, minute) {
        (0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_shared_texts, shown_moment, shown_number};
    use calamine::{ExcelDateTime, ExcelDateTimeType};

    #[test]
    fn numbers_are_written_as_people_see_them() {
        for (number, text) in [
            (912_345_678.0, "912345678"),
            (1985.0, "1985"),
            (-2.0, "-2"),
            (66_095_001_234.0, "66095001234"),
            (0.1 + 0.2, "0.3"),
            (12.75, "12.75"),
            (1e20, "100000000000000000000"),
        ] {
            assert_eq!(shown_number(number), text);
        }
    }

    #[test]
    fn moments_are_days_times_or_both() {
        let moment = |days, kind| shown_moment(&ExcelDateTime::new(days, kind, false));
        for (days, text) in [
            (44_413.0, "2021-08-05"),
            (44_413.312_5, "2021-08-05 07:30"),
            (7.0 / 24.0, "07:00"),
            (0.291_666_666_666_666_6, "07:00"),
            (0.999_99, "23:59"),
            (0.0, "00:00"),
        ] {
            assert_eq!(moment(days, ExcelDateTimeType::DateTime), text, "{days}");
        }
        assert_eq!(moment(1.5, ExcelDateTimeType::TimeDelta), "36:00");
        let mac = ExcelDateTime::new(42_951.0, ExcelDateTimeType::DateTime, true);
        assert_eq!(shown_moment(&mac), "2021-08-05", "days counted from 1904");
    }

    #[test]
    fn a_claim_of_more_texts_than_bytes_is_refused() {
        let fits = b"<sst uniqueCount=\"2\"><si/><si/></sst>";
        assert!(check_shared_texts(fits).is_ok());
        assert!(check_shared_texts(b"<sst><si><t>uniqueCount</t></si></sst>").is_ok());
        for claim in [
            &b"<sst uniqueCount=\"99999999999\"></sst>"[..],
            b"<sst uniqueCount = '+00000099999999999999999999999999'/>",
            b"<!-- <sst uniqueCount=\"1\"> --><sst x:uniqueCount=\"88888888\">",
            b"<\0s\0s\0t\0",
        ] {
            assert!(check_shared_texts(claim).is_err());
        }
    }
}
