//! Gates that were not cut off: live scans at an even pace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::Mutex,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    chance,
    crowd::BACKOFF_S_MIN,
    installation::{Door, Gate, capture},
    wire::{Connection, Reply, body_of, post},
};

/// A live scan.
pub struct Lived {
    /// After the beginning.
    pub due: Duration,
    /// From due to confirmed.
    pub took: Duration,
    /// Times it was turned away or not answered.
    pub failures: usize,
}

/// A device's connection: it sends one scan at a time.
type Line = Arc<Mutex<Option<Connection>>>;

/// Live scans at an even pace until told to stop; all are confirmed at the end.
pub async fn scan_on(
    door: Arc<Door>,
    gates: Vec<Arc<Gate>>,
    per_second: u32,
    stop: Arc<AtomicBool>,
) -> Result<Vec<Lived>> {
    let began = Instant::now();
    let lines: Vec<Line> = gates.iter().map(|_| Arc::default()).collect();
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    // What was due while this thread did not run is due all the same.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut tasks = JoinSet::new();
    for number in (0..gates.len()).cycle() {
        let due = ticks.tick().await.into_std();
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (door, gate, line) = (Arc::clone(&door), Arc::clone(&gates[number]), Arc::clone(&lines[number]));
        tasks.spawn(async move {
            let failures = scan_once(&door, &gate, &line).await?;
            anyhow::Ok(Lived { due: due.saturating_duration_since(began), took: due.elapsed(), failures })
        });
    }
    let mut lived = Vec::new();
    while let Some(task) = tasks.join_next().await {
        lived.push(task??);
    }
    Ok(lived)
}

/// Captures and sends one scan until it is confirmed; answers how often it was not.
async fn scan_once(door: &Door, gate: &Gate, line: &Mutex<Option<Connection>>) -> Result<usize> {
    let now = door.clock.now();
    let item = capture(door, gate, now, &mut StdRng::from_rng(&mut rand::rng()))?;
    let mut connection = line.lock().await;
    let number = gate.number(1);
    let mut failures = 0;
    loop {
        let body = body_of(gate, std::slice::from_ref(&item), number, 0, door.clock.now());
        match post(&mut connection, door.address, &gate.token, &body).await {
            Reply::Taken(outcomes) => {
                ensure!(
                    matches!(outcomes[0].as_str(), "accepted" | "duplicate"),
                    "a live scan: {outcomes:?}"
                );
                return Ok(failures);
            }
            Reply::Wrong(text) => anyhow::bail!("{text}"),
            Reply::Busy(_, seconds) => sleep(Duration::from_secs(seconds)).await,
            Reply::Nothing => sleep(Duration::from_secs_f64(chance() * BACKOFF_S_MIN)).await,
        }
        failures += 1;
    }
}

/// Percentiles in words.
pub fn latency(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let ms = |percent: usize| {
        let at = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(at).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    };
    format!(
        "median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms, of {}",
        ms(50),
        ms(95),
        ms(99),
        ms(100),
        took.len()
    )
}
