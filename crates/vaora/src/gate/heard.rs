//! What devices tell of themselves with each batch: what they still hold, their clock, their sequence.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as Quick, PoisonError},
};

use anyhow::{Result, ensure};
use domain::{
    plausible::Oddity,
    sequence::{Arrival, Sequences},
};
use store::gates::{Gate, Heard};
use tokio::sync::{Mutex, oneshot};

use crate::app::App;

/// A device's sequence, and how often a number came again with another scan.
type Spoken = Arc<Mutex<(Sequences, i64)>>;

/// Sequences of the devices that spoke since the server began. Each has a lock of its own, held until its numbers
/// are durable: two batches of one device must not overwrite each other's. What many devices tell at once is
/// written in one transaction.
#[derive(Default)]
pub struct Devices {
    spoken: Quick<HashMap<i64, Spoken>>,
    waiting: Quick<Vec<Waiting>>,
    /// Who holds it writes for all who wait.
    turn: Mutex<()>,
}

/// What a device told, to be written; `written` says whether it was.
struct Waiting {
    gate_id: i64,
    heard: Heard,
    written: oneshot::Sender<bool>,
}

/// Devices kept in memory; beyond, those at rest are read again from the store.
const DEVICES_MAX: usize = 50_000;

/// What came with a batch.
pub struct Told {
    /// Scans that the device still holds.
    pub left: i64,
    /// Time of the oldest of these.
    pub oldest_at: Option<i64>,
    /// Server's clock less the device's.
    pub offset_ms: i64,
    /// Sequence numbers of scans that were stored now.
    pub fresh: Vec<u64>,
    /// Sequence numbers of scans that were known already.
    pub known: Vec<u64>,
}

impl Devices {
    fn of(&self, gate: &Gate) -> Spoken {
        let mut held = self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= DEVICES_MAX && !held.contains_key(&gate.id) {
            held.retain(|_, spoken| Arc::strong_count(spoken) > 1);
        }
        let read = || (Sequences::parse(&gate.sequences).unwrap_or_default(), gate.repeats);
        Arc::clone(held.entry(gate.id).or_insert_with(|| Arc::new(Mutex::new(read()))))
    }

    /// Takes down what a device told. A number that comes again with another scan betrays a second device
    /// under the same token.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn take_down(&self, app: &App, gate: &Gate, area_id: u32, told: &Told) -> Result<()> {
        let spoken = self.of(gate);
        let mut spoken = spoken.lock().await;
        let (sequences, repeats) = &mut *spoken;
        let mut clones = 0;
        for seq in &told.fresh {
            clones += i64::from(sequences.insert(*seq) == Arrival::Repeated);
        }
        for seq in &told.known {
            sequences.insert(*seq);
        }
        *repeats += clones;
        if clones > 0 {
            app.found.note(area_id, Oddity::Clone, clones, app.now());
        }
        let heard = Heard {
            left_count: told.left,
            left_oldest_at: told.oldest_at,
            sequences: sequences.to_text(),
            repeats: *repeats,
            clock_offset_ms: Some(told.offset_ms),
        };
        self.write(app, gate.id, heard).await
    }

    /// Writes what a device told, and what others told meanwhile: while one commit is on its way to the disk, the
    /// next gathers by itself.
    async fn write(&self, app: &App, gate_id: i64, heard: Heard) -> Result<()> {
        let (written, answer) = oneshot::channel();
        self.waiting().push(Waiting { gate_id, heard, written });
        // In a task of its own: a device that hangs up must not take with it what others told.
        let all = app.clone();
        tokio::spawn(async move { all.devices.write_waiting(&all).await });
        ensure!(answer.await == Ok(true), "what a device told was not written");
        Ok(())
    }

    /// Writes for all who wait; the task of whoever was written meanwhile finds nothing left to do.
    async fn write_waiting(&self, app: &App) {
        let _turn = self.turn.lock().await;
        let waiting = std::mem::take(&mut *self.waiting());
        if waiting.is_empty() {
            return;
        }
        let (rows, answers): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|one| ((one.gate_id, one.heard), one.written)).unzip();
        let done = app.store.gates_heard(&rows, app.now()).await;
        if let Err(error) = &done {
            tracing::error!(error = format!("{error:#}"), "what devices told was not written");
        }
        for answer in answers {
            // Whoever no longer waits for the answer will send its scans again.
            let _ = answer.send(done.is_ok());
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
