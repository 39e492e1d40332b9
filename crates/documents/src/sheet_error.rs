//! Why an uploaded spreadsheet was not read, and what its sender can do.

use crate::sheet::{
    SHEET_BYTES_MAX, SHEET_CELL_CHARS_MAX, SHEET_COLUMNS_MAX, SHEET_ROWS_MAX, SHEET_TEXT_BYTES_MAX,
    SHEET_UNPACKED_BYTES_MAX,
};

/// Bytes in a mebibyte, which people call MB.
const MEBIBYTE: usize = 1 << 20;

/// Why a file was refused. Texts name places in the file and never what stands there, so they may be logged;
/// [`SheetError::vi`] and [`SheetError::en`] are sentences for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// The file is larger than [`SHEET_BYTES_MAX`].
    #[error("the file has {bytes} bytes, at most {SHEET_BYTES_MAX} are read")]
    FileTooLarge {
        /// Bytes of the file.
        bytes: usize,
    },
    /// There is no text in the file or its first sheet.
    #[error("no text in the first sheet")]
    Empty,
    /// Text in another encoding that names itself.
    #[error("the text is {0}, not UTF-8")]
    Encoding(&'static str),
    /// Text that is not UTF-8: most often an old Vietnamese code page.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// First line with such bytes, from 1.
        line: usize,
    },
    /// A workbook of Excel 97 to 2003.
    #[error("a legacy Excel workbook (.xls)")]
    OldExcel,
    /// A workbook under a password.
    #[error("a workbook under a password")]
    Password,
    /// A spreadsheet of LibreOffice or OpenOffice.
    #[error("an OpenDocument spreadsheet (.ods)")]
    OpenDocument,
    /// Excel's binary workbook.
    #[error("a binary Excel workbook (.xlsb)")]
    BinaryWorkbook,
    /// Something that is no spreadsheet.
    #[error("the file is {0}, not a spreadsheet")]
    NotASheet(&'static str),
    /// The workbook has no visible worksheet.
    #[error("the workbook has no visible worksheet")]
    NoWorksheet,
    /// The workbook unpacks to more than [`SHEET_UNPACKED_BYTES_MAX`], or into too many parts.
    #[error("the workbook unpacks to more than {SHEET_UNPACKED_BYTES_MAX} bytes or too many parts")]
    UnpackedTooLarge,
    /// More than [`SHEET_ROWS_MAX`] rows with text.
    #[error("more than {SHEET_ROWS_MAX} rows with text")]
    TooManyRows,
    /// Text beyond column [`SHEET_COLUMNS_MAX`].
    #[error("row {row} has text beyond column {SHEET_COLUMNS_MAX}")]
    TooManyColumns {
        /// The row, from 1.
        row: u32,
    },
    /// A cell with more than [`SHEET_CELL_CHARS_MAX`] characters.
    #[error("cell {column}{row} has more than {SHEET_CELL_CHARS_MAX} characters")]
    CellTooLong {
        /// The row, from 1.
        row: u32,
        /// The column's letters.
        column: String,
    },
    /// All cells together hold more than [`SHEET_TEXT_BYTES_MAX`].
    #[error("the cells hold more than {SHEET_TEXT_BYTES_MAX} bytes of text")]
    TooMuchText,
    /// The file is not whole, or was made to do harm.
    #[error("the file is damaged")]
    Damaged,
}

impl SheetError {
    /// What happened and what to do, in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        let save_as_xlsx = "Hãy mở tệp bằng Excel hoặc LibreOffice, chọn Lưu thành (Save As) \
                            \"Excel Workbook (.xlsx)\" rồi tải lên lại.";
        let split = "Hãy chia thành nhiều tệp nhỏ hơn rồi tải lên từng tệp.";
        match self {
            Self::FileTooLarge { .. } => format!("Tệp lớn hơn {} MB. {split}", SHEET_BYTES_MAX / MEBIBYTE),
            Self::Empty => {
                "Trang đầu của tệp không có dữ liệu. Hãy điền vào trang đầu của tệp mẫu rồi tải lên lại.".to_owned()
            }
            Self::Encoding(name) => format!("Tệp CSV lưu bằng mã {name}. {}", VI_SAVE_UTF8),
            Self::NotUtf8 { line } => format!("Dòng {line} của tệp CSV không phải mã UTF-8. {}", VI_SAVE_UTF8),
            Self::OldExcel => format!("Tệp là Excel đời cũ (.xls). {save_as_xlsx}"),
            Self::Password => "Tệp có mật khẩu. Hãy bỏ mật khẩu, lưu thành .xlsx rồi tải lên lại.".to_owned(),
            Self::OpenDocument => format!("Tệp là bảng tính OpenDocument (.ods). {save_as_xlsx}"),
            Self::BinaryWorkbook => format!("Tệp là Excel nhị phân (.xlsb). {save_as_xlsx}"),
            Self::NotASheet(name) => {
                format!("Tệp này là {name}, không phải bảng tính. Hãy chọn tệp .xlsx hoặc .csv.")
            }
            Self::NoWorksheet => {
                "Tệp không có trang tính nào đang hiện. Hãy bỏ ẩn trang có dữ liệu, lưu lại rồi tải lên.".to_owned()
            }
            Self::UnpackedTooLarge => {
                "Tệp quá lớn khi mở ra. Hãy chép riêng bảng dữ liệu (không kèm ảnh, trang khác) sang tệp mẫu mới."
                    .to_owned()
            }
            Self::TooManyRows => format!("Tệp có quá {} dòng. {split}", dotted(SHEET_ROWS_MAX)),
            Self::TooManyColumns { row } => format!(
                "Dòng {row} có dữ liệu ở quá cột thứ {SHEET_COLUMNS_MAX}. Hãy xóa các cột thừa bên phải rồi tải lên lại."
            ),
            Self::CellTooLong { row, column } => format!(
                "Ô {column}{row} có quá {} ký tự. Hãy viết ngắn lại; nếu là tệp CSV, xem có thiếu dấu nháy kép không.",
                dotted(SHEET_CELL_CHARS_MAX)
            ),
            Self::TooMuchText => format!("Tệp có quá nhiều chữ. {split}"),
            Self::Damaged => {
                "Tệp bị hỏng, không đọc được. Hãy mở lại bằng Excel, lưu thành tệp .xlsx mới rồi tải lên.".to_owned()
            }
        }
    }

    /// What happened and what to do, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let save_as_xlsx =
            "Open it in Excel or LibreOffice, choose Save As \"Excel Workbook (.xlsx)\" and upload it again.";
        let split = "Split it into smaller files and upload each.";
        match self {
            Self::FileTooLarge { .. } => {
                format!("The file is larger than {} MB. {split}", SHEET_BYTES_MAX / MEBIBYTE)
            }
            Self::Empty => {
                "The first sheet has no data. Fill in the first sheet of the template and upload it again.".to_owned()
            }
            Self::Encoding(name) => format!("The CSV file is saved as {name}. {EN_SAVE_UTF8}"),
            Self::NotUtf8 { line } => format!("Line {line} of the CSV file is not UTF-8. {EN_SAVE_UTF8}"),
            Self::OldExcel => format!("The file is an old Excel workbook (.xls). {save_as_xlsx}"),
            Self::Password => {
                "The file has a password. Remove it, save the file as .xlsx and upload it again.".to_owned()
            }
            Self::OpenDocument => format!("The file is an OpenDocument spreadsheet (.ods). {save_as_xlsx}"),
            Self::BinaryWorkbook => format!("The file is a binary Excel workbook (.xlsb). {save_as_xlsx}"),
            Self::NotASheet(name) => {
                format!("The file is {name}, not a spreadsheet. Choose an .xlsx or .csv file.")
            }
            Self::NoWorksheet => {
                "No sheet of the file is visible. Unhide the one with the data, save and upload it again.".to_owned()
            }
            Self::UnpackedTooLarge => {
                "The file is too large once opened. Copy the table alone (no pictures, no other sheets) into a new template."
                    .to_owned()
            }
            Self::TooManyRows => format!("The file has more than {SHEET_ROWS_MAX} rows. {split}"),
            Self::TooManyColumns { row } => format!(
                "Row {row} has data beyond column {SHEET_COLUMNS_MAX}. Delete the columns at the right and upload it again."
            ),
            Self::CellTooLong { row, column } => format!(
                "Cell {column}{row} has more than {SHEET_CELL_CHARS_MAX} characters. Shorten it; in a CSV file, look for a \
                 missing double quote."
            ),
            Self::TooMuchText => format!("The file holds too much text. {split}"),
            Self::Damaged => {
                "The file is damaged and cannot be read. Open it in Excel, save it as a new .xlsx file and upload that."
                    .to_owned()
            }
        }
    }
}

const VI_SAVE_UTF8: &str =
    "Trong Excel, chọn Lưu thành (Save As) \"CSV UTF-8\" hoặc \"Excel Workbook (.xlsx)\" rồi tải lên lại.";
const EN_SAVE_UTF8: &str =
    "In Excel, choose Save As \"CSV UTF-8\" or \"Excel Workbook (.xlsx)\" and upload it again.";

fn dotted(number: usize) -> String {
    crate::text::count(i64::try_from(number).unwrap_or(i64::MAX))
}
