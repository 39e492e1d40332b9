//! Posters, cards, forms, the weekly report and tables as finished files: typed data in, bytes out, no IO and no
//! clock. The other way, the spreadsheets that people upload are read into plain rows of text, within named limits.
//!
//! PDF is set by typst, DOCX by docx-rs, XLSX by rust_xlsxwriter. Text that people typed travels as data
//! (JSON read by the template, or string values), never as markup, so it may hold any character.

mod docx;
mod error;
mod headline;
mod inspection_minutes;
mod letter;
mod official;
mod paper_form;
mod personal_card;
mod poster;
mod poster_zip;
mod qr;
mod sheet;
mod sheet_columns;
mod sheet_csv;
mod sheet_error;
mod sheet_template;
mod sheet_xlsx;
mod table;
mod table_csv;
mod table_xlsx;
mod text;
mod typeset;
mod weekly_report;
mod weekly_sections;
mod weekly_text;

pub use error::DocumentError;
pub use inspection_minutes::{
    InspectionMinutes, MinutesFinding, inspection_minutes_docx, inspection_minutes_pdf,
};
pub use paper_form::{FORM_PAGES_MAX, FORM_ROWS, PaperForm, paper_form_pdf};
pub use personal_card::{
    CARD_HEIGHT_MM, CARD_SYMBOL_MM, CARD_SYMBOL_MM_MIN, CARD_URL_CHARS_MAX, CARD_WIDTH_MM, CARDS_MAX,
    CARDS_PER_SHEET, PersonalCard, cards_pdf,
};
pub use poster::{POSTERS_MAX, Poster, QUIET_ZONE_MODULES, SYMBOL_MM, SYMBOL_MM_MIN, posters_pdf};
pub use poster_zip::posters_zip;
pub use qr::{QR_TEXT_CHARS_MAX, qr_png, qr_svg};
pub use sheet::{
    SHEET_BYTES_MAX, SHEET_CELL_CHARS_MAX, SHEET_COLUMNS_MAX, SHEET_ROWS_MAX, SHEET_TEXT_BYTES_MAX,
    SHEET_UNPACKED_BYTES_MAX, Sheet, SheetRow, read_sheet,
};
pub use sheet_columns::{CARD_COLUMNS, PLACE_COLUMNS, SheetColumn};
pub use sheet_error::SheetError;
pub use sheet_template::{ListItem, SheetTemplate, template_xlsx};
pub use table::{COLUMNS_MAX, Cell, Column, ColumnKind, ROWS_MAX, Table};
pub use table_csv::table_csv;
pub use table_xlsx::{SHEETS_MAX, table_xlsx, tables_xlsx};
pub use weekly_report::{
    AnnexColumn, AnnexTable, POINT_ROWS_MAX, PointLine, ProposalLine, UNIT_ROWS_MAX, UnitLine, WeeklyReport,
    weekly_report_docx, weekly_report_pdf,
};
