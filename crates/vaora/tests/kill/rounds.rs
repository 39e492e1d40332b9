//! One round: start the program, post from several connections, and let it die.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use vaora::clock::Clock;

use crate::{
    ledger::{Ledger, agent, post, scans},
    server::{Fault, Server},
};

/// Connections that post at once.
const CONNECTIONS: usize = 6;
/// Longest wait for a fault to strike, or for a first answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the program is left under a failing disk before it is killed.
const FAILING: Duration = Duration::from_millis(400);

/// System calls at which the embedded engine is killed, and how many of each a thread makes in a short life
/// (strace counts them thread by thread).
const CALLS: [(&str, u32); 3] = [("pwrite64", 400), ("fsync", 40), ("write", 60)];
/// Errors of a disk.
const ERRORS: [(&str, &str, bool); 4] = [
    ("fsync", "error=EIO", false),
    ("pwrite64", "error=EIO", false),
    ("pwrite64", "error=ENOSPC", true),
    ("fsync", "error=EIO", true),
];

/// How a round ends.
#[derive(Debug, Clone, Copy)]
pub enum Death {
    /// Killed so many milliseconds after the first answer.
    Moment(u64),
    /// Killed at a system call.
    AtCall(Fault),
    /// A system call fails; killed some time later unless the program ends first.
    Failing(Fault),
}

/// What the rounds came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Killed at a moment.
    pub moments: u32,
    /// Killed at a system call.
    pub calls: u32,
    /// Killed before the program was ready.
    pub starts: u32,
    /// Rounds under a failing disk.
    pub failing: u32,
    /// The call never came: killed by hand.
    pub missed: u32,
}

/// How a round ends, by its number. Faults need the embedded engine: PostgreSQL writes in processes of its own.
pub fn plan(number: u64, embedded: bool) -> Death {
    let mut rng = StdRng::seed_from_u64(number);
    if !embedded || number.is_multiple_of(4) {
        return Death::Moment(rng.random_range(1..400));
    }
    if number % 4 == 3 {
        let (call, effect, goes_on) = ERRORS[rng.random_range(0..ERRORS.len())];
        return Death::Failing(Fault { call, effect, at: rng.random_range(1..40), goes_on });
    }
    let (call, usual) = CALLS[rng.random_range(0..CALLS.len())];
    Death::AtCall(Fault { call, effect: "signal=KILL", at: rng.random_range(1..=usual), goes_on: false })
}

/// Plays a round.
pub fn play(
    number: u64,
    death: Death,
    settings: &Path,
    token: &str,
    ledger: &Arc<Mutex<Ledger>>,
    tally: &mut Tally,
) {
    let fault = match death {
        Death::Moment(_) => None,
        Death::AtCall(fault) | Death::Failing(fault) => Some(fault),
    };
    let Some(mut server) = Server::start(settings, fault) else {
        tally.starts += 1;
        return;
    };
    let stop = Arc::new(AtomicBool::new(false));
    let before = ledger.lock().unwrap().acknowledged.len();
    let workers = post_from_all(number, &server.url, token, ledger, &stop);
    match death {
        Death::Moment(moment) => {
            // The moment counts from the first answer, so that each round acknowledges something.
            let answered = wait_until(|| ledger.lock().unwrap().acknowledged.len() > before);
            assert!(answered, "nothing was acknowledged in {PATIENCE:?}");
            thread::sleep(Duration::from_millis(moment));
            tally.moments += 1;
        }
        Death::AtCall(_) if wait_until(|| server.has_ended()) => tally.calls += 1,
        Death::AtCall(_) => tally.missed += 1,
        Death::Failing(_) => {
            let deadline = Instant::now() + FAILING;
            while Instant::now() < deadline && !server.has_ended() {
                thread::sleep(Duration::from_millis(5));
            }
            tally.failing += 1;
        }
    }
    server.kill();
    stop.store(true, Ordering::Relaxed);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if holds() {
            return true;
        }
        thread::sleep(Duration::from_millis(2));
    }
    false
}

fn post_from_all(
    number: u64,
    url: &str,
    token: &str,
    ledger: &Arc<Mutex<Ledger>>,
    stop: &Arc<AtomicBool>,
) -> Vec<JoinHandle<()>> {
    let start = |worker: usize| {
        let (url, token) = (url.to_owned(), token.to_owned());
        let (ledger, stop) = (Arc::clone(ledger), Arc::clone(stop));
        let mut rng = StdRng::seed_from_u64(number * 100 + u64::try_from(worker).unwrap());
        thread::spawn(move || {
            let (agent, clock) = (agent(), Clock::default());
            while !stop.load(Ordering::Relaxed) {
                let scans = scans(&mut rng, &clock);
                ledger.lock().unwrap().sent.extend(scans.iter().cloned());
                let Some(outcomes) = post(&agent, &url, &token, &scans) else {
                    // A program that has died answers nothing at once: do not fill the ledger meanwhile.
                    thread::sleep(Duration::from_millis(20));
                    continue;
                };
                let accepted = outcomes.into_iter().filter(|(_, outcome)| outcome == "accepted");
                ledger.lock().unwrap().acknowledged.extend(accepted.map(|(id, _)| id));
            }
        })
    };
    (0..CONNECTIONS).map(start).collect()
}
