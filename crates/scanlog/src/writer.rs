//! The one writer: takes everything that waits, commits it as a group, then answers everybody.
//!
//! While a commit is on its way to the disk the next group gathers by itself, so the group's size follows the
//! load. Nothing sleeps: an append into an idle log is committed at once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::embedded::{Plan, Proven};
use crate::limits::{GATHER_ROUNDS_MAX, GROUP_ROWS_MAX};
use crate::{Appended, ScanLogError, ScanRow, embedded, postgres};

/// What the writer is asked to do.
pub(crate) enum Command {
    Append(Append),
    Retire { before: Date, answer: oneshot::Sender<Result<Vec<Date>, ScanLogError>> },
    BeginPacking { day: Date, today: Date, answer: oneshot::Sender<Result<Option<Plan>, ScanLogError>> },
    EndPacking { proven: Proven, answer: oneshot::Sender<Result<bool, ScanLogError>> },
    ForgetIds { today: Date, answer: oneshot::Sender<Result<Vec<Date>, ScanLogError>> },
    Close { answer: oneshot::Sender<()> },
}

/// One caller's scans, and where the answer goes.
pub(crate) struct Append {
    pub rows: Vec<ScanRow>,
    pub answer: oneshot::Sender<Result<Vec<Appended>, ScanLogError>>,
    /// The rows' share of the queue; given back when the append has been answered.
    pub room: OwnedSemaphorePermit,
}

/// Why a day's rows were not written.
pub(crate) enum Failure {
    /// Nothing of this day was written and the others are unaffected: the day's file is not ours, or damaged.
    Day(ScanLogError),
    /// A write failed; whether it reached the disk is unknown until the log is opened again.
    Stop(String),
}

/// Where the writer writes.
pub(crate) enum Engine {
    Embedded(embedded::Writer),
    Postgres(postgres::Writer),
}

impl Engine {
    async fn write_day(&mut self, day: Date, rows: &[&ScanRow]) -> Result<Vec<Appended>, Failure> {
        match self {
            Self::Embedded(writer) => writer.write_day(day, rows).await,
            Self::Postgres(writer) => writer.write_day(day, rows).await,
        }
    }

    async fn retire_before(&mut self, before: Date) -> Result<Vec<Date>, ScanLogError> {
        match self {
            Self::Embedded(writer) => writer.retire_before(before).await,
            Self::Postgres(writer) => writer.retire_before(before).await,
        }
    }

    async fn begin_packing(&mut self, day: Date, today: Date) -> Result<Option<Plan>, ScanLogError> {
        match self {
            Self::Embedded(writer) => writer.begin_packing(day, today).await,
            Self::Postgres(_) => Ok(None),
        }
    }

    async fn end_packing(&mut self, proven: Proven) -> Result<bool, ScanLogError> {
        match self {
            Self::Embedded(writer) => writer.end_packing(proven).await,
            Self::Postgres(_) => Ok(false),
        }
    }

    fn forget_ids(&mut self, today: Date) -> Result<Vec<Date>, ScanLogError> {
        match self {
            Self::Embedded(writer) => writer.forget_ids(today),
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    async fn close(self) {
        match self {
            Self::Embedded(writer) => writer.close().await,
            Self::Postgres(writer) => writer.close().await,
        }
    }
}

/// Runs until closed, until every sender is gone, or until a write fails; the reason then stands in `stopped`.
pub(crate) async fn run(
    mut engine: Engine,
    mut queue: mpsc::Receiver<Command>,
    stopped: Arc<OnceLock<String>>,
) {
    let mut held = None;
    let mut closed = None;
    while let Some(command) = next(&mut held, &mut queue).await {
        match command {
            Command::Append(first) => {
                let group;
                (group, held) = gather(first, &mut queue).await;
                if let Err(reason) = commit(&mut engine, group, &stopped).await {
                    tracing::error!(reason, "the scan log stops acknowledging");
                    return;
                }
            }
            Command::Retire { before, answer } => {
                // A caller who no longer waits for the answer does not undo the retirement.
                let _ = answer.send(engine.retire_before(before).await);
            }
            Command::BeginPacking { day, today, answer } => {
                let _ = answer.send(engine.begin_packing(day, today).await);
            }
            Command::EndPacking { proven, answer } => {
                let _ = answer.send(engine.end_packing(proven).await);
            }
            Command::ForgetIds { today, answer } => {
                let _ = answer.send(engine.forget_ids(today));
            }
            Command::Close { answer } => {
                let _ = stopped.set("it was closed".to_owned());
                closed = Some(answer);
                break;
            }
        }
    }
    engine.close().await;
    if let Some(answer) = closed {
        let _ = answer.send(());
    }
}

async fn next(held: &mut Option<Command>, queue: &mut mpsc::Receiver<Command>) -> Option<Command> {
    match held.take() {
        Some(command) => Some(command),
        None => queue.recv().await,
    }
}

/// Adds to `first` what waits behind it, and gives appenders that were answered a moment ago their turn to come
/// back, as long as each turn brings some. What does not fit, or is not an append, is handed back.
async fn gather(first: Append, queue: &mut mpsc::Receiver<Command>) -> (Vec<Append>, Option<Command>) {
    let mut rows = first.rows.len();
    let mut group = vec![first];
    for round in 0..GATHER_ROUNDS_MAX {
        let before = group.len();
        while let Ok(command) = queue.try_recv() {
            match command {
                Command::Append(append) if rows + append.rows.len() <= GROUP_ROWS_MAX => {
                    rows += append.rows.len();
                    group.push(append);
                }
                other => return (group, Some(other)),
            }
        }
        if round > 0 && group.len() == before {
            break;
        }
        tokio::task::yield_now().await;
    }
    (group, None)
}

/// Writes a group, day by day, and answers each append. On a failed write nobody is told that a row is stored.
async fn commit(engine: &mut Engine, group: Vec<Append>, stopped: &OnceLock<String>) -> Result<(), String> {
    let mut answers: Vec<Result<Vec<Appended>, ScanLogError>> =
        group.iter().map(|append| Ok(vec![Appended::Duplicate; append.rows.len()])).collect();
    for (day, places) in by_day(&group) {
        let rows: Vec<&ScanRow> = places.iter().map(|&(append, row)| &group[append].rows[row]).collect();
        match engine.write_day(day, &rows).await {
            Ok(outcomes) => {
                for (&(append, row), outcome) in places.iter().zip(outcomes) {
                    if let Ok(answer) = &mut answers[append] {
                        answer[row] = outcome;
                    }
                }
            }
            Err(Failure::Day(error)) => {
                for &(append, _) in &places {
                    answers[append] = Err(error.clone());
                }
            }
            Err(Failure::Stop(reason)) => {
                let reason = format!("the scans of {day} could not be written: {reason}");
                let _ = stopped.set(reason.clone());
                for append in group {
                    let _ = append.answer.send(Err(ScanLogError::Stopped(reason.clone())));
                }
                return Err(reason);
            }
        }
    }
    for (append, answer) in group.into_iter().zip(answers) {
        drop(append.room);
        // A caller who has gone away will find the scan stored when he sends it again.
        let _ = append.answer.send(answer);
    }
    Ok(())
}

/// Where each arrival day's rows stand in the group: (append, row), in order of arrival.
fn by_day(group: &[Append]) -> BTreeMap<Date, Vec<(usize, usize)>> {
    let mut days: BTreeMap<Date, Vec<(usize, usize)>> = BTreeMap::new();
    for (append_index, append) in group.iter().enumerate() {
        for (row_index, row) in append.rows.iter().enumerate() {
            days.entry(row.arrival_on()).or_default().push((append_index, row_index));
        }
    }
    days
}
