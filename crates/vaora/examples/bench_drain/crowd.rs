//! Gates that come back, by the rules of `static/queue/sync.js`.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use tokio::{
    task::JoinSet,
    time::{interval, sleep},
};

use crate::{
    RETURN, chance,
    installation::{Door, Gate, Item},
    wire::{Reply, body_of, post},
};

/// Most scans in a batch.
const BATCH_MAX: usize = 100;
/// Longest pause between two batches, in seconds.
const PAUSE_S_MAX: f64 = 0.4;
/// Bounds of the first and the last delay after failures, in seconds.
pub const BACKOFF_S_MIN: f64 = 1.0;
const BACKOFF_S_MAX: f64 = 120.0;

/// What became of a round's batches and scans.
#[derive(Default)]
pub struct Tally {
    /// Scans kept.
    pub accepted: AtomicUsize,
    /// Scans that were kept before, so that an answer was lost.
    pub duplicate: AtomicUsize,
    /// Batches told to come again because the lane was full.
    pub busy: AtomicUsize,
    /// Batches told to come again because of the device's own limit.
    pub too_many: AtomicUsize,
    /// Batches without an answer in time.
    pub lost: AtomicUsize,
    /// When batches were confirmed, after the first gate's return, and how many scans each held.
    confirmed: Mutex<Vec<(Duration, usize)>>,
}

/// All gates come back; ends when every scan is confirmed.
pub async fn drain(door: Arc<Door>, gates: Vec<Arc<Gate>>, held: Vec<Vec<Item>>) -> Result<Arc<Tally>> {
    let tally = Arc::new(Tally::default());
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (gate, items) in gates.into_iter().zip(held) {
        tasks.spawn(come_back(Arc::clone(&door), gate, items, Arc::clone(&tally), began));
    }
    let mut ticks = interval(Duration::from_secs(15));
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(task) => task??,
                None => return Ok(tally),
            },
            _ = ticks.tick() => eprintln!("  {}", tally.line(began)),
        }
    }
}

impl Tally {
    /// How far it is.
    fn line(&self, began: Instant) -> String {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        format!(
            "{:.0} s after the return: {} scans confirmed, {} batches turned away (503), {} (429), {} not answered",
            began.elapsed().as_secs_f64(),
            of(&self.accepted) + of(&self.duplicate),
            of(&self.busy),
            of(&self.too_many),
            of(&self.lost)
        )
    }
}

async fn come_back(
    door: Arc<Door>,
    gate: Arc<Gate>,
    items: Vec<Item>,
    tally: Arc<Tally>,
    began: Instant,
) -> Result<()> {
    sleep(RETURN.mul_f64(chance())).await;
    let numbered = gate.number(items.len());
    let (mut sent, mut failures) = (0, 0);
    loop {
        let room = door.connections.acquire().await?;
        let mut connection = None;
        let retry_after = loop {
            let batch = &items[sent..items.len().min(sent + BATCH_MAX)];
            let body =
                body_of(&gate, batch, numbered + sent, items.len() - sent - batch.len(), door.clock.now());
            match post(&mut connection, door.address, &gate.token, &body).await {
                Reply::Taken(outcomes) => {
                    failures = 0;
                    count(&tally, &outcomes, batch.len(), began)?;
                    sent += batch.len();
                    if sent == items.len() {
                        return Ok(());
                    }
                    sleep(Duration::from_secs_f64(chance() * PAUSE_S_MAX)).await;
                }
                Reply::Busy(status, seconds) => {
                    let turned = if status == 429 { &tally.too_many } else { &tally.busy };
                    turned.fetch_add(1, Ordering::Relaxed);
                    break seconds;
                }
                Reply::Nothing => {
                    tally.lost.fetch_add(1, Ordering::Relaxed);
                    break 0;
                }
                Reply::Wrong(text) => anyhow::bail!("{text}"),
            }
        };
        drop((connection, room));
        let bound = (BACKOFF_S_MIN * 2f64.powi(failures)).min(BACKOFF_S_MAX);
        failures += 1;
        sleep(Duration::from_secs(retry_after) + Duration::from_secs_f64(chance() * bound)).await;
    }
}

fn count(tally: &Tally, outcomes: &[String], batch: usize, began: Instant) -> Result<()> {
    let number = |word: &str| outcomes.iter().filter(|outcome| *outcome == word).count();
    let (accepted, duplicate) = (number("accepted"), number("duplicate"));
    ensure!(accepted + duplicate == batch, "{batch} sent in a batch, outcomes {outcomes:?}");
    tally.accepted.fetch_add(accepted, Ordering::Relaxed);
    tally.duplicate.fetch_add(duplicate, Ordering::Relaxed);
    tally.confirmed.lock().unwrap_or_else(PoisonError::into_inner).push((began.elapsed(), batch));
    Ok(())
}

/// When a half and 99 of 100 scans were confirmed.
pub fn shares(tally: &Tally, sent: usize) -> String {
    let mut confirmed = tally.confirmed.lock().unwrap_or_else(PoisonError::into_inner).clone();
    confirmed.sort_unstable();
    let after = |percent: usize| {
        let mut sum = 0;
        let reached = confirmed.iter().find(|(_, count)| {
            sum += count;
            sum * 100 >= sent * percent
        });
        reached.map_or(0.0, |(at, _)| at.as_secs_f64())
    };
    format!("half after {:.1} s, 99 % after {:.1} s", after(50), after(99))
}
