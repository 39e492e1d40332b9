//! Counts of scans by day, area and direction, in memory, written to the store every few seconds.
//!
//! A count is the whole of its arrival day, so writing it again is harmless; after a crash the days that may
//! lack some are counted anew from the scan log.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use anyhow::Result;
use domain::time::{date_of_day_number, day_number, local_date};
use scanlog::{ScanKind, ScanLog, ScanLogError, SealedScan};
use store::{Store, scan_counts::ScanCount};

use super::local_day;

#[derive(PartialEq, Eq, Hash, Clone, Copy)]
struct Key {
    event_day: i64,
    area_id: u32,
    out: bool,
    arrival_day: i64,
}

#[derive(Default)]
struct Held {
    counts: HashMap<Key, i64>,
    dirty: HashMap<Key, i64>,
    /// In and out by area and event day: what gates ask for all the time.
    sums: HashMap<(u32, i64), (i64, i64)>,
}

impl Held {
    fn add(&mut self, key: Key, scans: i64) {
        let count = self.counts.entry(key).or_default();
        *count += scans;
        self.dirty.insert(key, *count);
        let sum = self.sums.entry((key.area_id, key.event_day)).or_default();
        *if key.out { &mut sum.1 } else { &mut sum.0 } += scans;
    }
}

/// Counts of the arrival days since the server began.
#[derive(Default)]
pub struct Counters(Mutex<Held>);

impl Counters {
    /// Counts rows that were stored.
    pub fn add(&self, rows: impl Iterator<Item = SealedScan>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let key = Key {
                event_day: row.event_day(),
                area_id: row.area_id,
                out: row.kind == ScanKind::Out,
                arrival_day: local_day(row.received_at),
            };
            held.add(key, 1);
        }
    }

    /// Scans of an area on one day: in and out.
    #[must_use]
    pub fn today(&self, area_id: u32, event_day: i64) -> (i64, i64) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.sums.get(&(area_id, event_day)).copied().unwrap_or_default()
    }

    /// Writes what changed since the last time.
    ///
    /// # Errors
    /// When the database refuses; the changes are kept for the next time.
    pub async fn flush(&self, store: &Store) -> Result<()> {
        let dirty = std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).dirty);
        if dirty.is_empty() {
            return Ok(());
        }
        let counts: Vec<ScanCount> = dirty.iter().map(|(key, scans)| to_count(*key, *scans)).collect();
        if let Err(error) = store.put_scan_counts(&counts).await {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, scans) in dirty {
                held.dirty.entry(key).or_insert(scans);
            }
            return Err(error.into());
        }
        Ok(())
    }

    /// Counts the arrival days from `from` on anew from the scan log: at start, for those a crash may have cut. A day
    /// that is damaged keeps the counts it has: it must not keep the server from starting.
    ///
    /// # Errors
    /// When the log or the database cannot be read.
    pub async fn rebuild(&self, scanlog: &ScanLog, store: &Store, from: i64, now: i64) -> Result<()> {
        for arrival_day in from..=day_number(local_date(now)) {
            let counts = match scanlog.counts(date_of_day_number(arrival_day)).await {
                Err(error @ ScanLogError::Damaged { .. }) => {
                    tracing::error!(%error, "a day of the scan log is not counted anew");
                    continue;
                }
                counts => counts?,
            };
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for count in counts {
                let (event_day, area_id) = (count.event_day, count.area_id);
                let key = Key { event_day, area_id, out: count.kind == ScanKind::Out, arrival_day };
                held.add(key, count.scans);
            }
        }
        self.flush(store).await
    }

    /// Forgets counts of arrival days before `day`; they are in the store.
    pub fn forget_before(&self, day: i64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.counts.retain(|key, _| key.arrival_day >= day);
        held.sums.retain(|(_, event_day), _| *event_day >= day);
    }
}

fn to_count(key: Key, scans: i64) -> ScanCount {
    ScanCount {
        event_day: key.event_day,
        area_id: i64::from(key.area_id),
        out: key.out,
        arrival_day: key.arrival_day,
        scans,
    }
}
