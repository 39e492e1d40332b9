//! Gates that come back after an outage with what they held, while other gates go on scanning.
//!
//! The whole program on a loopback socket, with its jobs and its own limits. Every gate stands at a place of its
//! own, holds scans of citizen cards captured during the last eight hours and sealed to the server, and hands
//! them in by the rules of `static/queue/sync.js`: batches of 100, a pause by chance between two, full-jitter
//! back-off, Retry-After as a lower bound, eight seconds for an answer. All are back within a minute. Meanwhile
//! live scans are due at an even pace; each is sent by the same way, one a request, and its time runs from when
//! it was due until it is durable and answered. Sealing the held scans is not measured. Server and gates share
//! this machine's cores; the gates' threads are told apart by their names, so that processor time is the server's.
//!
//! `cargo run --profile measured -p vaora --example bench_drain [GATES] [SCANS] [ROUNDS] [LIVE] [MINUTES]`
//! (19,000 gates, 200 scans each, 1 round, 65 live scans a second, sittings of 240 minutes, or 0 for scans that are
//! each sealed by itself; Linux only, for `/proc`.)

mod cpu;
mod crowd;
mod installation;
mod live;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use domain::time::{date_of_day_number, day_number};
use rand::RngExt as _;
use seal::sitting::SittingKeys;
use tokio::runtime::{Builder, Runtime};
use vaora::app::App;

use self::{
    cpu::{Cpu, thread_cpu_s},
    crowd::{drain, shares},
    installation::{Door, Gate, Item, seal_all, set_up},
    live::{latency, scan_on},
};

/// Gates of the province.
const GATES: usize = 19_000;
/// People whose cards are read at so many gates; fewer gates have fewer in proportion, so that a person is met
/// anew as rarely as in the whole.
const PEOPLE: usize = 100_000;
/// Length of the outage, in milliseconds.
const OUTAGE_MS: i64 = 8 * 3_600_000;
/// How long ago the last held scan was captured at least, in milliseconds, so that none counts as live.
const HELD_MS_MIN: i64 = 120_000;
/// Time within which all gates are back.
const RETURN: Duration = Duration::from_secs(60);
/// Connections of returning gates at once; the server takes 4,096 in all.
const CONNECTIONS: usize = 3_500;
/// Gates that were not cut off and go on scanning.
const LIVE_GATES: usize = 260;
/// Live scans before any is measured, and those measured before the gates return.
const WARM: Duration = Duration::from_secs(5);
const BEFORE: Duration = Duration::from_secs(30);

/// What the command line asks for.
#[derive(Clone, Copy)]
struct Asked {
    gates: usize,
    scans: usize,
    rounds: usize,
    live_per_second: u32,
    sitting_minutes: usize,
}

fn main() -> Result<()> {
    let asked = Asked::read()?;
    let cores = available_parallelism()?.get();
    let folder = tempfile::tempdir()?;
    let serving = runtime("server", cores)?;
    let (app, door, gates) = serving.block_on(set_up(
        folder.path(),
        asked.gates,
        LIVE_GATES,
        i64::try_from(asked.sitting_minutes)? * 60_000,
    ))?;
    let (returning, live) = gates.split_at(asked.gates);
    println!(
        "{} gates return within {} s with {} scans each, sittings of {} minutes, {} live scans/s, {} people, SQLite, {cores} cores",
        asked.gates,
        RETURN.as_secs(),
        asked.scans,
        asked.sitting_minutes,
        asked.live_per_second,
        door.people
    );
    let mut distinct = 0;
    for round in 1..=asked.rounds {
        let held = seal_all(&door, returning, asked.scans)?;
        if round == 1 {
            println!("{}", cost_of_unsealing(&app, &returning[0], &held[0])?);
        }
        println!("round {round}, load average {}", std::fs::read_to_string("/proc/loadavg")?.trim());
        distinct += measure(&door, returning, held, live, asked.live_per_second)?;
        let rows = serving.block_on(rows(&app))?;
        ensure!(rows == distinct, "{rows} rows in the log for {distinct} distinct scans");
        println!("  {rows} rows in the log: each scan once");
    }
    Ok(())
}

impl Asked {
    fn read() -> Result<Self> {
        let mut words = std::env::args().skip(1);
        let mut number = |usual: usize, name: &'static str| {
            words.next().map_or(Ok(usual), |text| text.parse()).context(name)
        };
        Ok(Self {
            gates: number(GATES, "GATES")?.max(1),
            scans: number(200, "SCANS")?.max(1),
            rounds: number(1, "ROUNDS")?,
            live_per_second: u32::try_from(number(65, "LIVE")?)?.max(1),
            sitting_minutes: number(240, "MINUTES")?,
        })
    }
}

fn runtime(name: &str, threads: usize) -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(threads).thread_name(name).enable_all().build()?)
}

/// Processor time of opening a gate's scans, on one thread: each by itself, and all in a row as a batch does it.
fn cost_of_unsealing(app: &App, gate: &Gate, held: &[Item]) -> Result<String> {
    const ROUNDS: u32 = 20;
    let (mut alone, mut batch) = (0.0, 0.0);
    let aad = |item: &Item| format!("{}.{}.{}", gate.device, item.id, item.at);
    for _ in 0..ROUNDS {
        let began = thread_cpu_s("/proc/thread-self")?;
        for item in held {
            let sittings = SittingKeys::new(1);
            sittings.opener(&app.keyfile.ingest_key).open(aad(item).as_bytes(), &item.sealed)?;
        }
        let between = thread_cpu_s("/proc/thread-self")?;
        let sittings = SittingKeys::new(10);
        let mut opener = sittings.opener(&app.keyfile.ingest_key);
        for item in held {
            opener.open(aad(item).as_bytes(), &item.sealed)?;
        }
        alone += between - began;
        batch += thread_cpu_s("/proc/thread-self")? - between;
    }
    let us = |seconds: f64| seconds * 1e6 / f64::from(ROUNDS) / as_f64(held.len());
    Ok(format!(
        "opening a scan: {:.1} µs of processor time with an agreement of its own, {:.2} µs in its queue of {}",
        us(alone),
        us(batch),
        held.len()
    ))
}

/// One outage; answers how many distinct scans were confirmed, live ones included.
fn measure(
    door: &Arc<Door>,
    gates: &[Arc<Gate>],
    held: Vec<Vec<Item>>,
    live: &[Arc<Gate>],
    live_per_second: u32,
) -> Result<usize> {
    let crowd = runtime("client-crowd", available_parallelism()?.get())?;
    let doors = runtime("client-live", 1)?;
    let stop = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let scanning = doors.spawn(scan_on(Arc::clone(door), live.to_vec(), live_per_second, Arc::clone(&stop)));
    std::thread::sleep(WARM);
    let warm = Cpu::now()?;
    std::thread::sleep(BEFORE);
    let live_alone = Cpu::now()?.since(&warm).server_s / BEFORE.as_secs_f64();
    let sent: usize = held.iter().map(Vec::len).sum();
    let (cpu_before, back) = (Cpu::now()?, began.elapsed());
    let tally = crowd.block_on(crowd.spawn(drain(Arc::clone(door), gates.to_vec(), held)))??;
    let (cpu, end) = (Cpu::now()?.since(&cpu_before), began.elapsed());
    stop.store(true, Ordering::Relaxed);
    let lived = doors.block_on(scanning)??;

    let during = |from: Duration, until: Duration| {
        let due = lived.iter().filter(move |scan| scan.due >= from && scan.due < until);
        due.map(|scan| scan.took).collect::<Vec<_>>()
    };
    println!("  live before the return: {}", latency(during(WARM, back)));
    println!("  live during the drain:  {}", latency(during(back, end)));
    println!("  live scans turned away at first: {}", lived.iter().map(|scan| scan.failures).sum::<usize>());
    let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let (accepted, duplicate) = (of(&tally.accepted), of(&tally.duplicate));
    ensure!(accepted + duplicate == sent, "{sent} sent, {accepted} accepted, {duplicate} duplicate");
    let took = (end - back).as_secs_f64();
    // What live scans cost goes on during the drain and is not the drain's.
    let server_s = cpu.server_s - live_alone * took;
    println!("  drained in {took:.1} s ({}): {:.0} scans/s", shares(&tally, sent), as_f64(sent) / took);
    println!(
        "  processor time: server {:.1} s, of it {server_s:.1} s beyond live scans' {:.2} s a second; gates {:.1} s: {:.0} scans/CPU s, {:.0} µs a scan",
        cpu.server_s,
        live_alone,
        cpu.clients_s,
        as_f64(sent) / server_s,
        server_s * 1e6 / as_f64(sent)
    );
    println!(
        "  {sent} sent = {accepted} accepted + {duplicate} duplicate; batches told to come again: {} (503), {} (429); without an answer: {}",
        of(&tally.busy),
        of(&tally.too_many),
        of(&tally.lost)
    );
    Ok(sent + lived.len())
}

/// Rows of the log, of yesterday's arrival too: a run may pass midnight.
async fn rows(app: &App) -> Result<usize> {
    let today = day_number(app.clock.today());
    let mut sum = 0;
    for day in [today - 1, today] {
        sum +=
            app.scanlog.counts(date_of_day_number(day)).await?.iter().map(|count| count.scans).sum::<i64>();
    }
    Ok(usize::try_from(sum)?)
}

fn chance() -> f64 {
    rand::rng().random()
}

#[expect(clippy::cast_precision_loss, reason = "counts of scans are far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
