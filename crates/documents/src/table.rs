//! A table to be exported.

use domain::time::Millis;
use jiff::civil::Date;

use crate::DocumentError;

/// Most rows of one exported table (a worksheet holds 1,048,576, some go to title, notes and header).
pub const ROWS_MAX: usize = 1_000_000;

/// Most columns of one exported table.
pub const COLUMNS_MAX: usize = 200;

/// What a column holds; decides alignment and number format in XLSX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text: names, codes, telephone numbers, card numbers.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers with two decimals.
    Decimal,
    /// Calendar days.
    Date,
    /// Instants, shown in local time (UTC+7) to the minute.
    DateTime,
}

/// A column's heading and kind.
#[derive(Debug, Clone)]
pub struct Column {
    /// Heading in the reader's language.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// One value. Text never becomes a formula or a number, in either format.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing known.
    Empty,
    /// Text as typed by anybody.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction; infinities and NaN are written as empty.
    Decimal(f64),
    /// A calendar day.
    Date(Date),
    /// An instant.
    DateTime(Millis),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A table with a heading; every row has as many cells as there are columns.
#[derive(Debug, Clone)]
pub struct Table {
    /// Heading, also the worksheet's name (cut to what a spreadsheet allows).
    pub title: String,
    /// Lines under the heading: source, period, who made it. Only in XLSX: a CSV file starts with its header row.
    pub notes: Vec<String>,
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Rows from top to bottom.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Checks the limits and that each row fits the columns.
    pub(crate) fn check(&self) -> Result<(), DocumentError> {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        if columns == 0 {
            return Err(DocumentError::Nothing("columns"));
        }
        if columns > COLUMNS_MAX {
            return Err(DocumentError::TooMany { what: "columns", count: columns, max: COLUMNS_MAX });
        }
        if rows > ROWS_MAX {
            return Err(DocumentError::TooMany { what: "rows", count: rows, max: ROWS_MAX });
        }
        match self.rows.iter().enumerate().find(|(_, row)| row.len() != columns) {
            Some((row, cells)) => Err(DocumentError::RowShape { row, cells: cells.len(), columns }),
            None => Ok(()),
        }
    }
}
