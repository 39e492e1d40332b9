//! What can go wrong, in words that hold no id and no token.

use jiff::civil::Date;

/// Why the scan log did not do what was asked. Cloned, because one failed commit answers many appends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanLogError {
    /// Too many scans wait for the disk; nothing was taken, and the same append may be tried again.
    #[error("the scan log is busy: {rows_max} scans are waiting already")]
    Busy {
        /// The bound that was reached.
        rows_max: usize,
    },
    /// A write failed earlier, or the log was closed: nothing is acknowledged until it is opened again.
    #[error("the scan log has stopped: {0}")]
    Stopped(String),
    /// One append carried more scans than a transaction takes.
    #[error("an append may hold {rows_max} scans, not {found}")]
    TooManyRows {
        /// Scans in the append.
        found: usize,
        /// Scans allowed.
        rows_max: usize,
    },
    /// A value has no room in the stored form.
    #[error("scan {index} of the append: {field} is out of range")]
    BadRow {
        /// Place in the append, from 0.
        index: usize,
        /// Name of the field.
        field: &'static str,
    },
    /// What is kept for a day can't be read or is not ours. Other days are not touched by it.
    #[error("the scans of {day} are damaged: {reason}")]
    Damaged {
        /// The arrival day.
        day: Date,
        /// What was found.
        reason: String,
    },
    /// The database failed while it worked on a day.
    #[error("the scans of {day}: {reason}")]
    Day {
        /// The arrival day.
        day: Date,
        /// The database's own words.
        reason: String,
    },
    /// Another process holds the folder.
    #[error("the scan log's folder is in use by another process")]
    InUse,
    /// SQLite before 3.51.3 can lose committed rows when a WAL file is reset.
    #[error("SQLite {found} is too old: {minimum} or later is needed")]
    SqliteTooOld {
        /// The version linked.
        found: String,
        /// The version needed.
        minimum: String,
    },
    /// A schema is named with lower-case letters, digits and `_`, at most 63, not beginning with a digit.
    #[error("{0:?} can't name a schema")]
    BadSchema(String),
    /// The folder, or the database as a whole, could not be used.
    #[error("the scan log could not {doing}: {reason}")]
    Storage {
        /// What was being done.
        doing: &'static str,
        /// The system's or the database's own words.
        reason: String,
    },
}

impl ScanLogError {
    /// For `map_err`: a failure of the folder or of the database as a whole.
    pub(crate) fn storage<E: std::fmt::Display>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Storage { doing, reason: error.to_string() }
    }

    /// For `map_err`: a failure while working on one day.
    pub(crate) fn day(day: Date) -> impl FnOnce(sqlx::Error) -> Self {
        move |error| Self::Day { day, reason: error.to_string() }
    }

    /// A day whose content is not what this log wrote.
    pub(crate) fn damaged(day: Date, reason: impl std::fmt::Display) -> Self {
        Self::Damaged { day, reason: reason.to_string() }
    }
}
