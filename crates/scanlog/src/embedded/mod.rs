//! The embedded engine: a folder with the files of each arrival day.
//!
//! While a day runs, each commit appends one row to its SQLite file: a *block* with all the scans of the group. There
//! is no index to keep, so a write goes to the end of the file. Once the day is over it is *packed* into an Arrow
//! file, ordered by area and captured time. A day is retired by deleting its files.

mod block;
mod day_file;
mod folder;
mod ids;
mod pack;
mod packed;
mod read;
mod write;

pub(crate) use day_file::check_version;
pub(crate) use folder::Folder;
pub(crate) use ids::IdFile;
pub(crate) use pack::{Plan, Proven, make};
pub(crate) use read::{PackedBatch, Reader};
pub(crate) use write::Writer;
