//! Every bound of the scan log, by name.

/// Most scans one [`append`](crate::ScanLog::append) may carry.
pub const APPEND_ROWS_MAX: usize = 8_192;

/// Most scans one transaction takes from the queue.
pub const GROUP_ROWS_MAX: usize = APPEND_ROWS_MAX;

/// Scans that may wait or be in writing at once before appends are answered `Busy`, unless set otherwise.
pub const QUEUE_ROWS_MAX: usize = 65_536;

/// Most scans handed to a sink at once.
pub const CHUNK_ROWS_MAX: usize = 8_192;

/// Most scans of one [`ScanBatch`](crate::ScanBatch), and of one record batch of a packed day: 0.8 MB.
pub const BATCH_ROWS_MAX: usize = 32_768;

/// Most scans of a day that is packed; packing holds them in memory, 72 bytes each with what orders the ids.
/// Three times the province's busiest day.
pub const PACK_ROWS_MAX: usize = 16_777_216;

/// How long after its midnight a day is packed, in milliseconds: a clock may be set back a little.
pub const PACK_SLACK_MS: i64 = 3_600_000;

/// Bytes that packing a day leaves free on the disk, for the scans that arrive meanwhile and for the other databases:
/// five million scans.
pub const PACK_FREE_BYTES_MIN: u64 = 256 << 20;

/// Most threads that read and open scans at once.
pub const READ_THREADS_MAX: usize = 16;

/// Days within which an event id is stored once: seven days of accepted lateness and the day itself.
pub const RECENT_DAYS_MIN: u16 = 8;

/// Rounds in which the writer lets the appenders it has just answered join the next group.
pub(crate) const GATHER_ROUNDS_MAX: usize = 8;

/// Batches that wait between those who find scans and those who work on them, for each of the latter.
pub(crate) const BATCHES_AHEAD: usize = 2;

/// Day files the writer holds open: two around midnight, and one spare.
pub(crate) const OPEN_DAYS_MAX: usize = 3;

/// Connections to PostgreSQL for reading.
pub(crate) const READERS_MAX: u32 = 8;

/// Most rows of one multi-row `VALUES`; a power of two, so that few statements serve every size.
pub(crate) const VALUES_ROWS_MAX: usize = 512;

/// How long retirement waits for a day that is being read before it gives up, in seconds.
pub(crate) const RETIRE_WAIT_S: u32 = 3;

/// How long a connection waits for another's lock, in seconds.
pub(crate) const LOCK_WAIT_S: u64 = 5;
