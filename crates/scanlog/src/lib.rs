//! The scan log: every accepted scan, sealed, in the order it arrived; the firehose of the system.
//!
//! It appends (grouping what waits into one commit), reads whole arrival days or some areas of them, and retires
//! whole days. It never changes a row. Two engines hold the same contract: [`ScanLog::open_embedded`] keeps a
//! folder with one SQLite file per arrival day, which [`ScanLog::pack_closed`] turns into a column file once the day
//! is over; [`ScanLog::open_postgres`] keeps a table partitioned by arrival day.
//!
//! - [`ScanLog::append`] resolves after the rows are durable, and an event id is stored once.
//! - A scan belongs to the local day on which the server received it, whenever it was captured: a late upload
//!   goes to its day of arrival. There is no clock here; `received_at` comes with the row.
//! - After a failed write nothing is acknowledged until the log is opened again: only then is it known what
//!   reached the disk.

mod batches;
mod chunks;
mod columns;
mod embedded;
mod error;
pub mod limits;
mod log;
mod postgres;
mod recent;
mod row;
mod writer;

pub use columns::ScanBatch;
pub use error::ScanLogError;
pub use log::{Options, Packing, ScanLog};
pub use row::{AREA_ID_MAX, ASSURANCE_MAX, Appended, Count, ScanKind, ScanRow, SealedScan};
