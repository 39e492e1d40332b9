//! Reading in parallel: days as columns, worked on by several threads at once.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use tokio::sync::mpsc;

use crate::chunks::Chunks;
use crate::columns::ScanBatch;
use crate::embedded::PackedBatch;
use crate::limits::{BATCH_ROWS_MAX, BATCHES_AHEAD, READ_THREADS_MAX};
use crate::log::Reader;
use crate::{ScanLog, ScanLogError, SealedScan};

/// What a thread takes next.
enum Piece {
    /// Columns that the thread itself reads and checks.
    Packed(PackedBatch),
    /// Columns made of rows.
    Rows(ScanBatch),
}

/// What the threads share.
struct Shared<F> {
    pieces: Mutex<mpsc::Receiver<Piece>>,
    work: F,
    /// The fault of the earliest day.
    fault: Mutex<Option<(Date, ScanLogError)>>,
    over: AtomicBool,
}

impl ScanLog {
    /// Reads the scans that arrived from one day until before another on several threads: each reads a batch from
    /// the disk, checks it and gives it to `work`, which opens tokens or counts, at once with others. Batches come in
    /// no certain order, each scan in one of them. `work` may end the reading with `Break`.
    ///
    /// This is the quick way into a packed day: its columns go from the disk to `work` without a copy. An event that
    /// two servers on PostgreSQL wrote into two days, around midnight, is given with each.
    ///
    /// # Errors
    /// As [`read_days`](Self::read_days), but which batches were given before is not certain.
    pub async fn read_batches<F>(
        &self,
        from: Date,
        until: Date,
        threads: usize,
        work: F,
    ) -> Result<(), ScanLogError>
    where
        F: Fn(&ScanBatch) -> ControlFlow<()> + Send + Sync + 'static,
    {
        let threads = threads.clamp(1, READ_THREADS_MAX);
        let (sender, pieces) = mpsc::channel(threads * BATCHES_AHEAD);
        let pieces = Mutex::new(pieces);
        let shared = Arc::new(Shared { pieces, work, fault: Mutex::new(None), over: AtomicBool::new(false) });
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let shared = Arc::clone(&shared);
                tokio::task::spawn_blocking(move || shared.run())
            })
            .collect();
        let found = self.find(from, until, sender, &shared.over).await;
        for worker in workers {
            let ended = worker.await;
            ended.map_err(|error| ScanLogError::Storage {
                doing: "read on several threads",
                reason: error.to_string(),
            })?;
        }
        let fault = shared.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (fault, found) {
            (Some((_, error)), _) => Err(error),
            (None, found) => found,
        }
    }

    /// Lays pieces out, day by day, until somebody has had enough.
    async fn find(
        &self,
        from: Date,
        until: Date,
        sender: mpsc::Sender<Piece>,
        over: &AtomicBool,
    ) -> Result<(), ScanLogError> {
        for day in self.days_between(from, until).await? {
            let (mut packed, mut rows, mut waiting) = (Vec::new(), Vec::new(), VecDeque::new());
            let mut take = |row: SealedScan| {
                rows.push(row);
                if rows.len() == BATCH_ROWS_MAX {
                    waiting.push_back(Piece::Rows(ScanBatch::of(day, &rows)));
                    rows.clear();
                    hand_out(&mut waiting, &sender);
                }
                if over.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let read = match &self.reader {
                Reader::Embedded(reader) => reader.find_batches(day, &mut packed, take).await.map(|_| ()),
                Reader::Postgres(reader) => {
                    let mut sink = |given: &[SealedScan]| given.iter().try_for_each(|&row| take(row));
                    let mut chunks = Chunks::new(None, &mut sink);
                    let read = reader.read_day(day, None, &mut chunks).await.map(|_| ());
                    let _ = chunks.flush();
                    read
                }
            };
            if !rows.is_empty() {
                waiting.push_back(Piece::Rows(ScanBatch::of(day, &rows)));
            }
            waiting.extend(packed.into_iter().map(Piece::Packed));
            for piece in waiting {
                if sender.send(piece).await.is_err() {
                    return Ok(());
                }
            }
            read?;
            if over.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Passes on what there is room for. What there is none for waits: at most a day's columns, 26 bytes a scan.
fn hand_out(waiting: &mut VecDeque<Piece>, sender: &mpsc::Sender<Piece>) {
    while let Ok(room) = sender.try_reserve() {
        match waiting.pop_front() {
            Some(piece) => room.send(piece),
            None => return,
        }
    }
}

/// Lets nobody wait for a thread that has panicked.
struct CloseOnPanic<'a>(&'a Mutex<mpsc::Receiver<Piece>>);

impl Drop for CloseOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).close();
        }
    }
}

impl<F: Fn(&ScanBatch) -> ControlFlow<()>> Shared<F> {
    fn run(&self) {
        let _guard = CloseOnPanic(&self.pieces);
        while let Some(piece) = self.next() {
            if self.over.load(Ordering::Relaxed) {
                // What is left is taken and dropped, so that nobody waits for room.
                continue;
            }
            let batch = match piece {
                Piece::Rows(batch) => Ok(batch),
                Piece::Packed(batch) => batch.read(),
            };
            match batch {
                Ok(batch) => {
                    if (self.work)(&batch).is_break() {
                        self.over.store(true, Ordering::Relaxed);
                    }
                }
                Err(error) => self.note(error),
            }
        }
    }

    fn next(&self) -> Option<Piece> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
    }

    fn note(&self, error: ScanLogError) {
        self.over.store(true, Ordering::Relaxed);
        let day = match &error {
            ScanLogError::Damaged { day, .. } | ScanLogError::Day { day, .. } => *day,
            _ => Date::MIN,
        };
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        if fault.as_ref().is_none_or(|(earlier, _)| day < *earlier) {
            *fault = Some((day, error));
        }
    }
}
