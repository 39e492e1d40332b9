//! How fast the PostgreSQL engine appends, from empty and over days of scans. The database's durability settings
//! are printed beside the figures, for they decide.
//!
//! `cargo run -p scanlog --example postgres_speed -- URL [DAYS ROWS]` makes the schema `postgres_speed` and drops
//! it at the end.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a bench"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::time::{EPOCH_2020_S, date_of_day_number, day_number, day_start};
use jiff::civil::{Date, date};
use scanlog::limits::APPEND_ROWS_MAX;
use scanlog::{Options, ScanKind, ScanLog, ScanRow};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const SCHEMA: &str = "postgres_speed";
const DAY: Date = date(2026, 11, 23);
const TIME: Duration = Duration::from_secs(5);
const AREAS: u64 = 19_000;

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let url = words.next().unwrap();
    let days: i64 = words.next().map_or(0, |word| word.parse().unwrap());
    let rows: u64 = words.next().map_or(0, |word| word.parse().unwrap());
    let mut admin = PgConnection::connect(&url).await.unwrap();
    drop_schema(&mut admin).await;
    for setting in ["server_version", "fsync", "synchronous_commit", "shared_buffers"] {
        let show = format!("SHOW {setting}");
        let value: String = sqlx::query_scalar(AssertSqlSafe(show)).fetch_one(&mut admin).await.unwrap();
        println!("{setting} = {value}");
    }
    let log = Arc::new(ScanLog::open_postgres(&url, Some(SCHEMA), Options::default()).await.unwrap());
    fill(&log, days, rows).await;
    for appenders in [1, 64, 256] {
        let began = Instant::now();
        let tasks = (0..appenders).map(|_| tokio::spawn(append_for(Arc::clone(&log), 1)));
        println!("{appenders:>4} appenders of one row: {:>8.0} a second", sum(tasks).await / secs(began));
    }
    let began = Instant::now();
    let tasks = (0..4).map(|_| tokio::spawn(append_for(Arc::clone(&log), 1_000)));
    println!("   4 appenders of 1,000:   {:>8.0} a second", sum(tasks).await / secs(began));
    let mut count = 0_u64;
    let began = Instant::now();
    let next = date_of_day_number(day_number(DAY) + 1);
    log.read_days(date(2026, 1, 1), next, |rows| {
        count += rows.len() as u64;
        std::ops::ControlFlow::Continue(())
    })
    .await
    .unwrap();
    println!("{count} rows read in {:.1} s: {:.0} a second", secs(began), count as f64 / secs(began));
    println!("{:.1} bytes a row with its key", log.bytes().await.unwrap() as f64 / count as f64);
    log.close().await;
    drop_schema(&mut admin).await;
}

async fn fill(log: &ScanLog, days: i64, rows: u64) {
    let began = Instant::now();
    for day in (1..=days).rev().map(|ago| date_of_day_number(day_number(DAY) - ago)) {
        let mut left = rows as usize;
        while left > 0 {
            let size = left.min(APPEND_ROWS_MAX);
            log.append((0..size).map(|_| row(day)).collect()).await.unwrap();
            left -= size;
        }
    }
    if days > 0 {
        let rate = (days as u64 * rows) as f64 / secs(began);
        println!("{days} days of {rows} rows filled: {rate:.0} a second in groups of {APPEND_ROWS_MAX}");
    }
}

async fn append_for(log: Arc<ScanLog>, rows: usize) -> u64 {
    let until = Instant::now() + TIME;
    let mut appended = 0;
    while Instant::now() < until {
        log.append((0..rows).map(|_| row(DAY)).collect()).await.unwrap();
        appended += rows as u64;
    }
    appended
}

async fn sum(tasks: impl Iterator<Item = tokio::task::JoinHandle<u64>>) -> f64 {
    let mut all = 0;
    for task in tasks.collect::<Vec<_>>() {
        all += task.await.unwrap();
    }
    all as f64
}

fn secs(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}

fn row(day: Date) -> ScanRow {
    let received_at = day_start(day) + 8 * 3_600_000;
    ScanRow {
        event_id: rand::random(),
        area_id: (rand::random::<u64>() % AREAS) as u32,
        kind: ScanKind::In,
        captured: (received_at / 1000 - EPOCH_2020_S) as u32,
        token: rand::random(),
        assurance: 3,
        epoch: 1,
        received_at,
    }
}

async fn drop_schema(admin: &mut PgConnection) {
    let drop = format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {SCHEMA} CASCADE");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(admin).await.unwrap();
}
