//! Durable scans per second on the embedded engine, each appended alone by one of 64 concurrent appenders.
//!
//! `cargo run --release -p scanlog --example append_speed [EMPTY_FOLDER]`; it appends for five
//! seconds, of which the first is one appender alone, then opens and reads what it wrote.

#![expect(clippy::unwrap_used, reason = "an example stops at the first error")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::time::{EPOCH_2020_S, day_start};
use scanlog::{Options, ScanKind, ScanLog, ScanRow, SealedScan};

const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);
const APPENDERS: u64 = 64;
const ALONE_S: u64 = 1;
const TOGETHER_S: u64 = 4;

#[tokio::main]
async fn main() {
    let made = tempfile::tempdir().unwrap();
    let folder = std::env::args().nth(1).map_or_else(|| made.path().to_owned(), PathBuf::from);
    let log = Arc::new(ScanLog::open_embedded(&folder, Options::default()).await.unwrap());

    let alone = append_for(Arc::clone(&log), APPENDERS, Duration::from_secs(ALONE_S)).await;
    println!("{:>9.0} scans a second by one appender", alone as f64 / ALONE_S as f64);

    let appenders: Vec<_> = (0..APPENDERS)
        .map(|appender| tokio::spawn(append_for(Arc::clone(&log), appender, Duration::from_secs(TOGETHER_S))))
        .collect();
    let mut together = 0;
    for appender in appenders {
        together += appender.await.unwrap();
    }
    println!("{:>9.0} scans a second by {APPENDERS} appenders", together as f64 / TOGETHER_S as f64);

    log.close().await;
    let scans = (alone + together) as f64;
    let begun = Instant::now();
    let log = ScanLog::open_embedded(&folder, Options::default()).await.unwrap();
    println!("{:>9.0} scans a second when opened again", scans / begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let mut read = 0;
    let count = |rows: &[SealedScan]| {
        read += rows.len();
        ControlFlow::Continue(())
    };
    log.read_days(DAY, DAY.tomorrow().unwrap(), count).await.unwrap();
    println!("{:>9.0} scans a second when read", read as f64 / begun.elapsed().as_secs_f64());
    println!("{:>9.1} bytes a scan on the disk", log.bytes().await.unwrap() as f64 / scans);
}

async fn append_for(log: Arc<ScanLog>, appender: u64, time: Duration) -> u64 {
    let until = Instant::now() + time;
    let mut appended = 0;
    while Instant::now() < until {
        log.append(vec![row(appender, appended)]).await.unwrap();
        appended += 1;
    }
    appended
}

fn row(appender: u64, number: u64) -> ScanRow {
    let received_at = day_start(DAY) + 8 * 3_600_000;
    let mut event_id = [0; 16];
    event_id[..8].copy_from_slice(&appender.to_le_bytes());
    event_id[8..].copy_from_slice(&number.to_le_bytes());
    ScanRow {
        event_id,
        area_id: (number % 19_000) as u32,
        kind: ScanKind::In,
        captured: (received_at / 1000 - EPOCH_2020_S) as u32,
        token: [0; 16],
        assurance: 3,
        epoch: 1,
        received_at,
    }
}
