//! The log's public face: one type over both engines.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;
use tokio::sync::{Semaphore, TryAcquireError, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::chunks::{Chunks, Sink};
use crate::limits::{APPEND_ROWS_MAX, PACK_SLACK_MS, QUEUE_ROWS_MAX, RECENT_DAYS_MIN};
use crate::writer::{self, Append, Command, Engine};
use crate::{Appended, Count, ScanBatch, ScanLogError, ScanRow, SealedScan, embedded, postgres};

/// Settings of a scan log.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Arrival days within which an event id is stored once; fewer than [`RECENT_DAYS_MIN`] count as that many.
    /// The embedded engine keeps these days' ids: in memory, some 20 bytes a scan, until the day is packed, then in
    /// a file beside it, with a filter of 1.6 bytes a scan in memory.
    pub recent_days: u16,
    /// Scans that may wait or be in writing at once; beyond it appends are answered [`ScanLogError::Busy`].
    pub queue_rows_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { recent_days: RECENT_DAYS_MIN, queue_rows_max: QUEUE_ROWS_MAX }
    }
}

/// An open scan log. Share it behind an `Arc`; every method takes `&self`.
///
/// Dropping it lets what is queued be written; [`close`](Self::close) also waits for that.
pub struct ScanLog {
    pub(crate) reader: Reader,
    queue: mpsc::Sender<Command>,
    /// Held while days are packed: once at a time.
    packing: tokio::sync::Mutex<()>,
    room: Arc<Semaphore>,
    queue_rows_max: usize,
    stopped: Arc<OnceLock<String>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What a packing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// Days that were packed.
    pub packed: Vec<Date>,
    /// Why others were not, or not wholly: each names its day. What can be packed is packed the next time.
    pub failed: Vec<ScanLogError>,
    /// Packed days without ids among those in which repeats are looked for: their scans would be stored again.
    pub without_ids: Vec<Date>,
}

pub(crate) enum Reader {
    Embedded(embedded::Reader),
    Postgres(postgres::Reader),
}

impl ScanLog {
    /// Opens the log kept in `dir`, making it if need be, and reads the ids of the recent days.
    /// A day's file that is damaged or not ours is logged with its day and hinders no other day.
    ///
    /// # Errors
    /// `InUse` when another process has the folder, `SqliteTooOld`, `Storage`.
    pub async fn open_embedded(dir: &Path, options: Options) -> Result<Self, ScanLogError> {
        embedded::check_version().await?;
        let (folder, lock) = embedded::Folder::open(dir)?;
        let recent_days = options.recent_days.max(RECENT_DAYS_MIN);
        let writer = embedded::Writer::new(folder.clone(), lock, recent_days).await?;
        let reader = Reader::Embedded(embedded::Reader { folder });
        Ok(Self::start(Engine::Embedded(writer), reader, options))
    }

    /// Opens the log kept in a PostgreSQL database, in `schema` if named, making its tables if need be.
    /// Several servers may open the same log.
    ///
    /// # Errors
    /// `BadSchema`, `Storage`.
    pub async fn open_postgres(
        url: &str,
        schema: Option<&str>,
        options: Options,
    ) -> Result<Self, ScanLogError> {
        let recent_days = options.recent_days.max(RECENT_DAYS_MIN);
        let (writer, reader) = postgres::open(url, schema, recent_days).await?;
        Ok(Self::start(Engine::Postgres(writer), Reader::Postgres(reader), options))
    }

    fn start(engine: Engine, reader: Reader, options: Options) -> Self {
        let queue_rows_max = options.queue_rows_max.clamp(1, Semaphore::MAX_PERMITS);
        // An append holds at least one row, so the rows' bound is reached before this one.
        let (queue, commands) = mpsc::channel(queue_rows_max + 1);
        let stopped = Arc::new(OnceLock::new());
        let writer = tokio::spawn(writer::run(engine, commands, Arc::clone(&stopped)));
        Self {
            reader,
            queue,
            packing: tokio::sync::Mutex::new(()),
            room: Arc::new(Semaphore::new(queue_rows_max)),
            queue_rows_max,
            stopped,
            writer: Mutex::new(Some(writer)),
        }
    }

    /// Appends rows and resolves once they are durable, with the outcome of each in order.
    /// Rows of several arrival days are written day by day; within a day all are, or none.
    /// On an error none of them is promised, some may be stored: sending the same rows again is safe.
    ///
    /// # Errors
    /// `BadRow` and `TooManyRows` before anything is written, `Busy` when too many scans wait, `Damaged` when the
    /// day's file is not ours, `Stopped` after a failed write or a close.
    pub async fn append(&self, rows: Vec<ScanRow>) -> Result<Vec<Appended>, ScanLogError> {
        if rows.len() > APPEND_ROWS_MAX.min(self.queue_rows_max) {
            let rows_max = APPEND_ROWS_MAX.min(self.queue_rows_max);
            return Err(ScanLogError::TooManyRows { found: rows.len(), rows_max });
        }
        for (index, row) in rows.iter().enumerate() {
            row.check(index)?;
        }
        if let Some(reason) = self.stopped.get() {
            return Err(ScanLogError::Stopped(reason.clone()));
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let busy = ScanLogError::Busy { rows_max: self.queue_rows_max };
        let permits = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let room = match Arc::clone(&self.room).try_acquire_many_owned(permits) {
            Ok(room) => room,
            Err(TryAcquireError::NoPermits) => return Err(busy),
            Err(TryAcquireError::Closed) => return Err(self.why_stopped()),
        };
        let (answer, answered) = oneshot::channel();
        match self.queue.try_send(Command::Append(Append { rows, answer, room })) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(busy),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(self.why_stopped()),
        }
        answered.await.map_err(|_| self.why_stopped())?
    }

    /// Gives the rows that arrived from one day until before another, in chunks of at most
    /// [`CHUNK_ROWS_MAX`](crate::limits::CHUNK_ROWS_MAX): days in order; within a day those packed by area and
    /// captured time, then the others as they were committed. The sink may stop the reading with `Break`.
    ///
    /// # Errors
    /// `Damaged` or `Day` naming the day, after the days before it have been given; reading may go on with the
    /// day after.
    pub async fn read_days<F>(&self, from: Date, until: Date, mut sink: F) -> Result<(), ScanLogError>
    where
        F: FnMut(&[SealedScan]) -> ControlFlow<()> + Send,
    {
        self.read(from, until, None, &mut sink).await
    }

    /// As [`read_days`](Self::read_days), but only the rows of some areas.
    ///
    /// # Errors
    /// As [`read_days`](Self::read_days).
    pub async fn read_areas<F>(
        &self,
        from: Date,
        until: Date,
        area_ids: &[u32],
        mut sink: F,
    ) -> Result<(), ScanLogError>
    where
        F: FnMut(&[SealedScan]) -> ControlFlow<()> + Send,
    {
        self.read(from, until, Some(area_ids), &mut sink).await
    }

    async fn read(
        &self,
        from: Date,
        until: Date,
        areas: Option<&[u32]>,
        sink: Sink<'_>,
    ) -> Result<(), ScanLogError> {
        let mut chunks = Chunks::new(areas, sink);
        self.read_into(from, until, areas, &mut chunks).await
    }

    async fn read_into(
        &self,
        from: Date,
        until: Date,
        areas: Option<&[u32]>,
        chunks: &mut Chunks<'_>,
    ) -> Result<(), ScanLogError> {
        let days = self.days_between(from, until).await?;
        for &day in &days {
            let flow = match &self.reader {
                Reader::Embedded(reader) => reader.read_day(day, areas, chunks).await,
                Reader::Postgres(reader) => {
                    // Two servers can, around midnight, write the same event into two days.
                    chunks.begin_day(day, days[days.len() - 1]);
                    reader.read_day(day, areas, chunks).await
                }
            };
            match flow {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return Ok(()),
                Err(error) => {
                    // What was read before the fault is good; the error follows it.
                    let _ = chunks.flush();
                    return Err(error);
                }
            }
        }
        let _ = chunks.flush();
        Ok(())
    }

    /// Gives the event ids that arrived from one day until before another, in chunks, in no order that means
    /// anything. Of packed days they are kept only while repeats are looked for.
    ///
    /// # Errors
    /// As [`read_days`](Self::read_days).
    pub async fn read_ids<F>(&self, from: Date, until: Date, mut sink: F) -> Result<(), ScanLogError>
    where
        F: FnMut(&[[u8; 16]]) -> ControlFlow<()> + Send,
    {
        let mut chunks = Chunks::of_ids(&mut sink);
        let Reader::Embedded(reader) = &self.reader else {
            return self.read_into(from, until, None, &mut chunks).await;
        };
        for day in self.days_between(from, until).await? {
            if reader.read_ids(day, &mut chunks).await?.is_break() {
                return Ok(());
            }
        }
        let _ = chunks.flush();
        Ok(())
    }

    /// Counts the scans that arrived on a day, by the day they were captured on, area and kind, in that order:
    /// what the daily counters are rebuilt from.
    ///
    /// # Errors
    /// `Damaged` or `Day` naming the day.
    pub async fn counts(&self, arrival_on: Date) -> Result<Vec<Count>, ScanLogError> {
        if let Reader::Postgres(reader) = &self.reader {
            return reader.counts(arrival_on).await;
        }
        let counted = Arc::new(Mutex::new(BTreeMap::new()));
        let adding = Arc::clone(&counted);
        let until = domain::time::date_of_day_number(domain::time::day_number(arrival_on) + 1);
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let work = move |batch: &ScanBatch| {
            let found = batch.counts();
            let mut counted = adding.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, scans) in found {
                *counted.entry(key).or_insert(0i64) += scans;
            }
            ControlFlow::Continue(())
        };
        self.read_batches(arrival_on, until, threads, work).await?;
        let counted = std::mem::take(&mut *counted.lock().unwrap_or_else(PoisonError::into_inner));
        let count = |((event_day, area_id, kind), scans)| Count { event_day, area_id, kind, scans };
        Ok(counted.into_iter().map(count).collect())
    }

    /// The epochs whose keys are needed to open the rows of these arrival days, in order.
    ///
    /// # Errors
    /// `Damaged` or `Day` naming the day, `Storage`.
    pub async fn epochs_in(&self, from: Date, until: Date) -> Result<Vec<u32>, ScanLogError> {
        let mut epochs = BTreeSet::new();
        for day in self.days_between(from, until).await? {
            epochs.extend(match &self.reader {
                Reader::Embedded(reader) => reader.epochs(day).await?,
                Reader::Postgres(reader) => reader.epochs(day).await?,
            });
        }
        Ok(epochs.into_iter().collect())
    }

    /// The arrival days that are kept, in order, damaged ones too.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn days(&self) -> Result<Vec<Date>, ScanLogError> {
        match &self.reader {
            Reader::Embedded(reader) => reader.days().await,
            Reader::Postgres(reader) => reader.days().await,
        }
    }

    pub(crate) async fn days_between(&self, from: Date, until: Date) -> Result<Vec<Date>, ScanLogError> {
        let mut days = self.days().await?;
        days.retain(|&day| from <= day && day < until);
        Ok(days)
    }

    /// Bytes the log takes on the disk, indexes and WAL files included.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn bytes(&self) -> Result<u64, ScanLogError> {
        match &self.reader {
            Reader::Embedded(reader) => reader.folder.bytes(),
            Reader::Postgres(reader) => reader.bytes().await,
        }
    }

    /// Packs the arrival days that ended an hour before `now`, in the embedded engine; the partitions of PostgreSQL
    /// stay as they are. What was packed before is left alone, unless rows came after it.
    ///
    /// A day takes seconds and, for the time, 72 bytes of memory a scan; appends and readings go on beside it.
    /// A second call waits for the first. Nothing is lost whenever it is interrupted. A `now` that lies days ahead
    /// costs the ids of packed days: who calls makes sure of the clock.
    ///
    /// # Errors
    /// `Stopped`, or `Storage` when the days cannot be listed. What else hinders stands in [`Packing::failed`].
    pub async fn pack_closed(&self, now: domain::time::Millis) -> Result<Packing, ScanLogError> {
        let mut packing = Packing::default();
        let Reader::Embedded(reader) = &self.reader else { return Ok(packing) };
        let _turn = self.packing.lock().await;
        let today = domain::time::local_date(now);
        let closed_before = domain::time::local_date(now - PACK_SLACK_MS);
        for day in self.days_between(Date::MIN, closed_before).await? {
            let plan = self.ask(|answer| Command::BeginPacking { day, today, answer }).await;
            let made = match plan {
                Ok(None) => continue,
                Ok(Some(plan)) => embedded::make(&reader.folder, plan).await,
                Err(stopped @ ScanLogError::Stopped(_)) => return Err(stopped),
                Err(error) => Err(error),
            };
            let packed = match made {
                Ok(Some(proven)) => self.ask(|answer| Command::EndPacking { proven, answer }).await,
                Ok(None) => Ok(false),
                Err(error) => Err(error),
            };
            match packed {
                Ok(true) => packing.packed.push(day),
                Ok(false) => {}
                Err(stopped @ ScanLogError::Stopped(_)) => return Err(stopped),
                Err(error) => packing.failed.push(error),
            }
        }
        match self.ask(|answer| Command::ForgetIds { today, answer }).await {
            Ok(days) => packing.without_ids = days,
            Err(stopped @ ScanLogError::Stopped(_)) => return Err(stopped),
            Err(error) => packing.failed.push(error),
        }
        Ok(packing)
    }

    /// Gives the writer something to do, in its turn, and waits for the answer.
    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, ScanLogError>>) -> Command,
    ) -> Result<T, ScanLogError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(command(answer)).await.map_err(|_| self.why_stopped())?;
        answered.await.map_err(|_| self.why_stopped())?
    }

    /// Removes every arrival day before a date, each whole, and gives the days removed.
    /// It takes its turn behind the appends that wait.
    ///
    /// # Errors
    /// `Day` naming the first day that could not be removed, such as one that is being read on PostgreSQL; the
    /// days before it are gone. `Stopped`, `Storage`.
    pub async fn retire_before(&self, before: Date) -> Result<Vec<Date>, ScanLogError> {
        self.ask(|answer| Command::Retire { before, answer }).await
    }

    /// Writes what is queued, closes the files or connections and waits for the writer to end.
    /// Later appends are answered `Stopped`. Closing twice is the same as once.
    pub async fn close(&self) {
        let (answer, answered) = oneshot::channel();
        if self.queue.send(Command::Close { answer }).await.is_ok() {
            // No answer means that the writer had stopped already.
            let _ = answered.await;
        }
        // A packing under way finds the writer gone; its files must not meet those of the next opening.
        drop(self.packing.lock().await);
        let writer = self.writer.lock().map_or(None, |mut writer| writer.take());
        if let Some(writer) = writer
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the scan log's writer did not end well");
        }
        if let Reader::Postgres(reader) = &self.reader {
            reader.close().await;
        }
    }

    fn why_stopped(&self) -> ScanLogError {
        let reason = self.stopped.get().map_or("its writer has ended", String::as_str);
        ScanLogError::Stopped(reason.to_owned())
    }
}
