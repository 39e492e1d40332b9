//! What can go wrong while a document is made.

/// Why a document could not be made. Texts are for logs; pages show their own words.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// More items than one file may hold.
    #[error("{count} {what} asked for, at most {max} fit one file")]
    TooMany {
        /// What was counted, in English and in the plural.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// The named limit.
        max: usize,
    },
    /// There is nothing to print.
    #[error("no {0} given")]
    Nothing(&'static str),
    /// The text of a QR symbol is too long, or empty.
    #[error("a QR text of {chars} characters does not fit (1 to {max})")]
    QrText {
        /// Characters given.
        chars: usize,
        /// Most characters allowed.
        max: usize,
    },
    /// A poster's address must be of QR alphanumeric characters only, or its symbol grows.
    #[error("the poster's address {0:?} holds a character outside QR alphanumeric mode")]
    UrlNotAlphanumeric(String),
    /// A row has not as many cells as there are columns.
    #[error("row {row} has {cells} cells, the table has {columns} columns")]
    RowShape {
        /// Index of the row, from 0.
        row: usize,
        /// Cells in it.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// The typesetter refused: a defect of a template, not of the data.
    #[error("typesetting failed: {0}")]
    Typeset(String),
    /// The DOCX writer failed.
    #[error("DOCX could not be written: {0}")]
    Docx(String),
    /// The XLSX writer failed.
    #[error("XLSX could not be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The CSV writer failed.
    #[error("CSV could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// The PNG writer failed.
    #[error("PNG could not be written: {0}")]
    Png(#[from] png::EncodingError),
    /// The archive could not be written.
    #[error("ZIP could not be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// A file of the archive could not be written.
    #[error("ZIP could not be written: {0}")]
    ZipFile(#[from] std::io::Error),
    /// The data could not be handed to the template.
    #[error("data could not be serialised: {0}")]
    Json(#[from] serde_json::Error),
}
