//! The embedded engine: a folder with one SQLite file per arrival day.
//!
//! Each commit appends one row to the day's file: a *block* with all the scans of the group. There is no index to
//! keep, so a write goes to the end of the file; a day is retired by deleting its file.

mod block;
mod day_file;
mod folder;
mod read;
mod write;

pub(crate) use day_file::check_version;
pub(crate) use folder::Folder;
pub(crate) use read::Reader;
pub(crate) use write::Writer;
