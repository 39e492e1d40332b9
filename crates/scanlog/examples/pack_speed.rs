//! What packing saves and costs: bytes a scan live and packed, time to pack, to open the log and to read it.
//!
//! `cargo run -p scanlog --example pack_speed [DAYS] [SCANS_A_DAY] [EMPTY_FOLDER]`; 3 days of 1,000,000 random scans
//! in 19,000 areas, unless told otherwise. Room on the disk: 80 bytes a scan.

#![expect(clippy::unwrap_used, reason = "an example stops at the first error")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::time::{DAY_MS, EPOCH_2020_S, date_of_day_number, day_number, day_start};
use jiff::civil::Date;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use scanlog::limits::APPEND_ROWS_MAX;
use scanlog::{Options, ScanBatch, ScanKind, ScanLog, ScanRow, SealedScan};

const FIRST: Date = jiff::civil::date(2026, 11, 1);
const AREAS: u32 = 19_000;

#[tokio::main]
async fn main() {
    let word = |number: usize| std::env::args().nth(number);
    let days: u32 = word(1).map_or(3, |text| text.parse().unwrap());
    let scans: u32 = word(2).map_or(1_000_000, |text| text.parse().unwrap());
    let made = tempfile::tempdir().unwrap();
    let folder = word(3).map_or_else(|| made.path().to_owned(), PathBuf::from);
    let all = f64::from(days) * f64::from(scans);

    let log = open(&folder, "an empty log").await;
    let begun = Instant::now();
    fill(&log, days, scans).await;
    println!(
        "{:>12.0} scans a second appended in groups of {APPEND_ROWS_MAX}",
        all / begun.elapsed().as_secs_f64()
    );
    log.close().await;
    println!("{:>12.1} bytes a scan live", bytes(&folder, ".sqlite") / all);
    let log = open(&folder, "live days").await;
    read_rows(&log, all, "live").await;

    let until = date_of_day_number(day_number(FIRST) + i64::from(days));
    let begun = Instant::now();
    let packing = log.pack_closed(day_start(until) + DAY_MS / 12).await.unwrap();
    assert!(packing.failed.is_empty(), "{packing:?}");
    println!("{:>12.0} scans a second packed, proven and synced", all / begun.elapsed().as_secs_f64());
    log.close().await;
    println!("{:>12.2} bytes a scan packed", bytes(&folder, ".arrow") / all);
    println!(
        "{:>12.1} MB of event ids for the days in which repeats are looked for",
        bytes(&folder, ".ids") / 1e6
    );
    let log = open(&folder, "packed days").await;
    read_rows(&log, all, "packed").await;
    for threads in [1, 2] {
        read_columns(&log, all, threads).await;
    }
    plain_read(&folder);
}

async fn open(folder: &Path, what: &str) -> ScanLog {
    let begun = Instant::now();
    let log = ScanLog::open_embedded(folder, Options::default()).await.unwrap();
    println!("{:>12.3} s to open {what}", begun.elapsed().as_secs_f64());
    log
}

async fn fill(log: &ScanLog, days: u32, scans: u32) {
    let mut rng = StdRng::seed_from_u64(5);
    for day in 0..days {
        let midnight = day_start(date_of_day_number(day_number(FIRST) + i64::from(day)));
        let mut left = scans as usize;
        while left > 0 {
            let rows: Vec<ScanRow> =
                (0..left.min(APPEND_ROWS_MAX)).map(|_| row(&mut rng, midnight, day)).collect();
            left -= rows.len();
            log.append(rows).await.unwrap();
        }
    }
}

fn row(rng: &mut StdRng, midnight: i64, day: u32) -> ScanRow {
    let (mut event_id, mut token) = ([0; 16], [0; 16]);
    rng.fill_bytes(&mut event_id);
    rng.fill_bytes(&mut token);
    let received_at = midnight + rng.random_range(0..DAY_MS);
    ScanRow {
        event_id,
        area_id: rng.random_range(0..AREAS),
        kind: if rng.random() { ScanKind::In } else { ScanKind::Out },
        captured: u32::try_from(received_at / 1000 - EPOCH_2020_S).unwrap() - rng.random_range(0..5),
        token,
        assurance: rng.random_range(0..=3),
        epoch: day * 2 + u32::from(received_at - midnight > DAY_MS / 2),
        received_at,
    }
}

const EVER: (Date, Date) = (jiff::civil::date(2020, 1, 1), jiff::civil::date(2100, 1, 1));

async fn read_rows(log: &ScanLog, all: f64, what: &str) {
    let begun = Instant::now();
    let mut read = 0;
    let count = |rows: &[SealedScan]| {
        read += rows.len();
        ControlFlow::Continue(())
    };
    log.read_days(EVER.0, EVER.1, count).await.unwrap();
    assert_eq!(read as f64, all);
    println!("{:>12.0} scans a second read as rows, {what}", all / begun.elapsed().as_secs_f64());
}

async fn read_columns(log: &ScanLog, all: f64, threads: usize) {
    let begun = Instant::now();
    let sum = |batch: &ScanBatch| {
        black_box(batch.captured().iter().fold(0u32, |sum, captured| sum.wrapping_add(*captured)));
        ControlFlow::Continue(())
    };
    log.read_batches(EVER.0, EVER.1, threads, sum).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:>12.0} scans a second read as columns and checked by {threads} thread(s)", all / seconds);
}

/// The same files, read and not looked at.
fn plain_read(folder: &Path) {
    let mut buffer = vec![0; 1 << 20];
    let (mut read, begun) = (0.0, Instant::now());
    for path in files(folder, ".arrow") {
        let mut file = File::open(path).unwrap();
        loop {
            let bytes = file.read(&mut buffer).unwrap();
            if bytes == 0 {
                break;
            }
            read += bytes as f64;
        }
    }
    println!(
        "{:>12.0} MB a second of the packed files by plain reads",
        read / 1e6 / begun.elapsed().as_secs_f64()
    );
}

fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().ends_with(end)).collect()
}

fn bytes(folder: &Path, end: &str) -> f64 {
    files(folder, end).iter().map(|path| fs::metadata(path).unwrap().len() as f64).sum()
}
