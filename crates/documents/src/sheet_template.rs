//! The empty spreadsheets that people fill in and upload: places to register, people to print cards for.

use domain::time::{Millis, local_date, local_datetime};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, ExcelDateTime, Format,
    FormatAlign, FormatBorder, Formula, Note, Workbook, Worksheet, XlsxError,
};

use crate::DocumentError;
use crate::sheet::{SHEET_BYTES_MAX, SHEET_ROWS_MAX, column_letters};
use crate::sheet_columns::{CARD_COLUMNS, CellRule, PLACE_COLUMNS, SheetColumn};
use crate::table_xlsx::{HEADER_COLOR, excel_datetime, text};

/// Most items of one list of choices.
const LIST_MAX: usize = 2_000;

/// The sheets behind the first, which are not read when the file comes back.
const GUIDE_SHEET: &str = "Hướng dẫn";
const LISTS_SHEET: &str = "Danh mục";

/// One choice of a list: its code and its name, either of which may be filled in.
pub type ListItem<'a> = (&'a str, &'a str);

/// A template and the lists that its columns offer.
#[derive(Debug, Clone, Copy)]
pub enum SheetTemplate<'a> {
    /// Places to register, with [`PLACE_COLUMNS`].
    Places {
        /// Kinds of place.
        place_types: &'a [ListItem<'a>],
        /// Communes that the sender may register places in.
        communes: &'a [ListItem<'a>],
    },
    /// People to print cards for, with [`CARD_COLUMNS`].
    Cards,
}

/// Makes an empty template: a first sheet with the header row, a note on each heading and the rules of its cells, a
/// sheet that explains each column, and for places a sheet with the lists. `now` bounds birth years and is the file's
/// creation time.
///
/// # Errors
/// [`DocumentError::TooMany`] for a list of more than 2,000 choices, [`DocumentError::Nothing`] for an empty one,
/// [`DocumentError::Xlsx`] when the writer fails.
pub fn template_xlsx(template: SheetTemplate<'_>, now: Millis) -> Result<Vec<u8>, DocumentError> {
    let (title, columns) = match template {
        SheetTemplate::Places { place_types, communes } => {
            check_list("place types", place_types)?;
            check_list("communes", communes)?;
            ("Địa điểm", &PLACE_COLUMNS[..])
        }
        SheetTemplate::Cards => ("Danh sách cấp thẻ", &CARD_COLUMNS[..]),
    };
    let mut workbook = Workbook::new();
    let created = excel_datetime(local_datetime(now))?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    let year = i32::from(local_date(now).year());
    let sheet = workbook.add_worksheet();
    sheet.set_name(title)?;
    write_columns(sheet, columns)?;
    for (index, column) in (0_u16..).zip(columns) {
        if let Some(rule) = validation((index, column), template, year)? {
            sheet.add_data_validation(1, index, last_row(), index, &rule)?;
        }
    }
    write_guide(workbook.add_worksheet(), columns)?;
    if let SheetTemplate::Places { place_types, communes } = template {
        write_lists(workbook.add_worksheet(), place_types, communes)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn check_list(what: &'static str, list: &[ListItem<'_>]) -> Result<(), DocumentError> {
    match list.len() {
        0 => Err(DocumentError::Nothing(what)),
        count if count > LIST_MAX => Err(DocumentError::TooMany { what, count, max: LIST_MAX }),
        _ => Ok(()),
    }
}

/// Index of the last row that is read, the header row being 0.
fn last_row() -> u32 {
    u32::try_from(SHEET_ROWS_MAX - 1).unwrap_or(u32::MAX)
}

fn header_format() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(rust_xlsxwriter::Color::White)
        .set_background_color(HEADER_COLOR)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
}

fn write_columns(sheet: &mut Worksheet, columns: &[SheetColumn]) -> Result<(), XlsxError> {
    let header = header_format();
    for (index, column) in (0_u16..).zip(columns) {
        // The format of the whole column keeps what is typed later as text: a phone keeps its leading zero.
        let cells = Format::new().set_num_format(match column.rule {
            CellRule::Number | CellRule::BirthYear => "0",
            CellRule::TimeOfDay => "hh:mm",
            _ => "@",
        });
        sheet.set_column_width(index, column.width_chars)?.set_column_format(index, &cells)?;
        sheet.write_string_with_format(0, index, column.name, &header)?;
        let note = Note::new(note_text(column)).add_author_prefix(false).set_width(260).set_height(110);
        sheet.insert_note(0, index, &note)?;
    }
    sheet.set_row_height(0, 30)?.set_freeze_panes(1, 0)?;
    sheet.set_paper_size(9).set_landscape().set_repeat_rows(0, 0)?.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn note_text(column: &SheetColumn) -> String {
    let duty = if column.is_required { "Bắt buộc." } else { "Có thể để trống." };
    format!("{} {duty}\nVí dụ: {}", column.meaning, column.example)
}

/// The rule that the spreadsheet checks while somebody types; none for plain text.
fn validation(
    (index, column): (u16, &SheetColumn),
    template: SheetTemplate<'_>,
    year: i32,
) -> Result<Option<DataValidation>, XlsxError> {
    let rule = DataValidation::new();
    let first = format!("{}2", column_letters(index.into()));
    let list = |letter: char, count: usize| {
        Formula::new(format!("='{LISTS_SHEET}'!${letter}$2:${letter}${}", count + 1))
    };
    let (types, communes) = match template {
        SheetTemplate::Places { place_types, communes } => (place_types.len(), communes.len()),
        SheetTemplate::Cards => (0, 0),
    };
    let (rule, refusal) = match column.rule {
        CellRule::Text => return Ok(None),
        // A code is as good as a name, so these lists offer and do not refuse.
        CellRule::PlaceType => (rule.allow_list_formula(list('B', types)).show_error_message(false), ""),
        CellRule::Commune => (rule.allow_list_formula(list('E', communes)).show_error_message(false), ""),
        CellRule::Number => (
            rule.allow_whole_number(DataValidationRule::Between(1, 100_000)),
            "Hãy gõ một số nguyên từ 1 đến 100000.",
        ),
        CellRule::TimeOfDay => (
            rule.allow_time(DataValidationRule::Between(
                ExcelDateTime::from_hms(0, 0, 0.0)?,
                ExcelDateTime::from_hms(23, 59, 59.0)?,
            )),
            "Hãy gõ giờ và phút, như 07:30.",
        ),
        CellRule::BirthYear => (
            rule.allow_whole_number(DataValidationRule::Between(1900, year)),
            "Hãy gõ năm sinh đủ bốn chữ số.",
        ),
        CellRule::Sex => (rule.allow_list_strings(&["Nam", "Nữ"])?, "Hãy chọn Nam hoặc Nữ."),
        CellRule::Phone => (
            rule.allow_text_length(DataValidationRule::Between(9, 15)),
            "Hãy gõ đủ số điện thoại, kể cả số 0 ở đầu.",
        ),
        // The formula is written for the first cell of the range and moves with each.
        CellRule::IdNumber => (
            rule.allow_custom(Formula::new(format!("=OR(LEN({first})=9,LEN({first})=12)"))),
            "Hãy gõ đủ 12 số căn cước, hoặc 9 số chứng minh nhân dân.",
        ),
    };
    if refusal.is_empty() {
        return Ok(Some(rule));
    }
    let rule = rule.set_error_style(DataValidationErrorStyle::Stop).set_error_title(column.name)?;
    Ok(Some(rule.set_error_message(refusal)?))
}

fn write_guide(sheet: &mut Worksheet, columns: &[SheetColumn]) -> Result<(), XlsxError> {
    sheet.set_name(GUIDE_SHEET)?;
    let title = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, "Cách điền", &title)?;
    let lines = [
        "Điền vào trang đầu, mỗi dòng một mục, bắt đầu từ dòng 2. Không đổi tên cột, không gộp ô.".to_owned(),
        format!(
            "Tệp tối đa {} MB và {} dòng. Lưu thành .xlsx hoặc CSV UTF-8.",
            SHEET_BYTES_MAX >> 20,
            crate::text::count(i64::from(last_row()))
        ),
        "Khi tải lên, hệ thống chỉ đọc trang đầu và báo lỗi theo từng dòng trước khi ghi.".to_owned(),
    ];
    let mut row = 1;
    for line in &lines {
        sheet.write_string(row, 0, line)?;
        row += 1;
    }
    row += 1;
    let header = header_format();
    for (index, (name, width)) in (0_u16..).zip([("Cột", 18), ("Bắt buộc", 11), ("Nghĩa", 70), ("Ví dụ", 32)])
    {
        sheet.write_string_with_format(row, index, name, &header)?;
        sheet.set_column_width(index, width)?;
    }
    let cell = Format::new()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border(FormatBorder::Hair)
        .set_num_format("@");
    for column in columns {
        row += 1;
        let duty = if column.is_required { "Có" } else { "Không" };
        for (index, value) in (0_u16..).zip([column.name, duty, column.meaning, column.example]) {
            sheet.write_string_with_format(row, index, value, &cell)?;
        }
    }
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// Kinds of place in columns A and B, communes in D and E: code, then name.
fn write_lists(
    sheet: &mut Worksheet,
    place_types: &[ListItem<'_>],
    communes: &[ListItem<'_>],
) -> Result<(), XlsxError> {
    sheet.set_name(LISTS_SHEET)?;
    let header = header_format();
    let cell = Format::new().set_num_format("@").set_border(FormatBorder::Hair);
    for (first, name, list) in [(0_u16, "Loại", place_types), (3, "Xã/phường", communes)] {
        sheet.write_string_with_format(0, first, format!("Mã ({name})"), &header)?;
        sheet.write_string_with_format(0, first + 1, name, &header)?;
        sheet.set_column_width(first, 16)?.set_column_width(first + 1, 36)?;
        for (row, (code, name)) in (1_u32..).zip(list) {
            sheet.write_string_with_format(row, first, text(code), &cell)?;
            sheet.write_string_with_format(row, first + 1, text(name), &cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}
