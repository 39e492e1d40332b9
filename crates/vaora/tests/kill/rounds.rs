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
    closing::Closing,
    ledger::{Ledger, agent, post, scans},
    server::{Fault, Server},
};

/// Connections that post at once.
const CONNECTIONS: usize = 6;
/// Longest wait for a fault to strike; one that does not is counted as missed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for what must come, such as a first answer: a machine that does much else may take its time.
pub const FIRST_ANSWER: Duration = Duration::from_secs(60);
/// How long the program is left under a failing disk before it is killed.
const FAILING: Duration = Duration::from_millis(400);

/// System calls at which the embedded engine is killed, and how many of each a thread makes in a short life
/// (strace counts them thread by thread).
const CALLS: [(&str, u32); 3] = [("pwrite64", 400), ("fsync", 40), ("write", 60)];
/// System calls on the files of closed days at which packing or retirement is killed, and how many a thread makes.
const CLOSING_CALLS: [(&str, u32); 6] =
    [("openat", 6), ("write", 5), ("fsync", 2), ("rename", 2), ("unlink", 4), ("pread64", 8)];
/// Errors of a disk while a day is packed or deleted.
const CLOSING_ERRORS: [(&str, &str, bool); 7] = [
    ("write", "error=ENOSPC", true),
    ("write", "error=EIO", false),
    ("fsync", "error=EIO", false),
    ("rename", "error=EIO", false),
    ("unlink", "error=EIO", false),
    ("pread64", "error=EIO", false),
    ("openat", "error=EIO", false),
];
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
    /// Killed at a system call on the files of closed days: read at the start, packed or deleted.
    pub closing_calls: u32,
    /// Rounds in which a call on the files of closed days failed.
    pub closing_failing: u32,
    /// Rounds in which packing and retirement came to their end before the death.
    pub closed: u32,
}

/// True when a round finds closed days to pack and expired ones to delete.
pub fn is_closing(number: u64, embedded: bool) -> bool {
    embedded && number % 3 == 1
}

/// How a round ends, by its number. Faults need the embedded engine: PostgreSQL writes in processes of its own.
pub fn plan(number: u64, embedded: bool) -> Death {
    let mut rng = StdRng::seed_from_u64(number);
    if is_closing(number, embedded) && !number.is_multiple_of(4) {
        if number % 4 == 3 {
            let (call, effect, goes_on) = CLOSING_ERRORS[rng.random_range(0..CLOSING_ERRORS.len())];
            return Death::Failing(Fault { call, effect, at: rng.random_range(1..=3), goes_on });
        }
        let (call, usual) = CLOSING_CALLS[rng.random_range(0..CLOSING_CALLS.len())];
        let at = rng.random_range(1..=usual);
        return Death::AtCall(Fault { call, effect: "signal=KILL", at, goes_on: false });
    }
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

/// What a round is played with.
pub struct Play<'a> {
    /// Its number: what happens follows from it.
    pub number: u64,
    /// How it ends.
    pub death: Death,
    /// The program's settings.
    pub settings: &'a Path,
    /// The gate's token.
    pub token: &'a str,
    /// What is sent and acknowledged.
    pub ledger: &'a Arc<Mutex<Ledger>>,
    /// The closed days, when this round finds some.
    pub closing: Option<&'a Closing>,
}

/// Plays a round.
pub fn play(play: &Play<'_>, tally: &mut Tally) {
    let fault = match play.death {
        Death::Moment(_) => None,
        Death::AtCall(fault) | Death::Failing(fault) => Some(fault),
    };
    let paths = play.closing.map(Closing::paths).unwrap_or_default();
    let Some(mut server) = Server::start(play.settings, fault, &paths) else {
        // Days are packed from the first moment on, also before the program says that it is ready.
        match (play.closing, play.death) {
            (Some(_), Death::AtCall(_)) => tally.closing_calls += 1,
            (Some(_), _) => tally.closing_failing += 1,
            (None, _) => tally.starts += 1,
        }
        return;
    };
    let stop = Arc::new(AtomicBool::new(false));
    let before = play.ledger.lock().unwrap().acknowledged.len();
    let workers = post_from_all(play.number, &server.url, play.token, play.ledger, &stop);
    let done = || play.closing.is_some_and(Closing::is_done);
    match play.death {
        Death::Moment(moment) => {
            // The moment counts from the first answer, so that each round acknowledges something.
            let answered =
                wait_until(FIRST_ANSWER, || play.ledger.lock().unwrap().acknowledged.len() > before);
            assert!(answered, "nothing was acknowledged in {FIRST_ANSWER:?}");
            thread::sleep(Duration::from_millis(moment));
            tally.moments += 1;
        }
        Death::AtCall(_) => {
            wait_until(PATIENCE, || server.has_ended() || done());
            match (server.has_ended(), play.closing.is_some()) {
                (true, true) => tally.closing_calls += 1,
                (true, false) => tally.calls += 1,
                (false, _) => tally.missed += 1,
            }
        }
        Death::Failing(_) => {
            let deadline = Instant::now() + FAILING;
            while Instant::now() < deadline && !server.has_ended() {
                thread::sleep(Duration::from_millis(5));
            }
            *if play.closing.is_some() { &mut tally.closing_failing } else { &mut tally.failing } += 1;
        }
    }
    tally.closed += u32::from(done());
    server.kill();
    stop.store(true, Ordering::Relaxed);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

/// Waits until something holds; false when it does not in time.
pub fn wait_until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
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
