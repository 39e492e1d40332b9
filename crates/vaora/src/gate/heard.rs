//! What devices tell of themselves with each batch: what they still hold, their clock, their sequence.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as Quick, PoisonError},
};

use anyhow::Result;
use domain::{
    plausible::Oddity,
    sequence::{Arrival, Sequences},
};
use store::gates::{Gate, Heard};
use tokio::sync::Mutex;

use crate::app::App;

/// A device's sequence, and how often a number came again with another scan.
type Spoken = Arc<Mutex<(Sequences, i64)>>;

/// Sequences of the devices that spoke since the server began. Each has a lock of its own, held until its numbers
/// are durable: two batches of one device must not overwrite each other's, and no device waits for another.
#[derive(Default)]
pub struct Devices(Quick<HashMap<i64, Spoken>>);

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
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        Ok(app.store.gate_heard(gate.id, &heard, app.now()).await?)
    }
}
