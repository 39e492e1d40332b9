//! Days of scans that lie in a log before anything is measured: sealed rows, made up, of the days before today.

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result};
use domain::time::{DAY_MS, EPOCH_2020_S, day_number, day_start};
use rand::{Rng as _, RngExt as _, rngs::SmallRng};
use scanlog::{Options, ScanKind, ScanLog, ScanRow, limits::APPEND_ROWS_MAX};
use vaora::clock::Clock;

/// Points of the province.
const AREAS: u32 = 19_000;

/// What lies in the log.
#[derive(Clone, Copy, clap::Args)]
pub struct History {
    /// Days before today that hold scans.
    #[arg(long, default_value_t = 30)]
    pub days: u32,
    /// Scans of each of these days. The province has 5,600,000.
    #[arg(long, default_value_t = 200_000)]
    pub rows: usize,
}

impl History {
    /// Fills the log of a data folder.
    pub async fn fill(self, data: &Path) -> Result<()> {
        let began = Instant::now();
        std::fs::create_dir_all(data)?;
        let log = ScanLog::open_embedded(&data.join("scans"), Options::default()).await?;
        let today = day_number(Clock::default().today());
        let mut random: SmallRng = rand::make_rng();
        for day in (1..=i64::from(self.days)).rev() {
            let midnight = day_start(domain::time::date_of_day_number(today - day));
            let mut left = self.rows;
            while left > 0 {
                let size = left.min(APPEND_ROWS_MAX);
                let rows = (0..size).map(|_| row(&mut random, midnight)).collect::<Result<_>>()?;
                log.append(rows).await?;
                left -= size;
            }
        }
        let bytes = log.bytes().await?;
        log.close().await;
        eprintln!("{self}: made in {:.0} s, {} MB", began.elapsed().as_secs_f64(), bytes / 1_000_000);
        Ok(())
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} days of {} rows", self.days, self.rows)
    }
}

fn row(random: &mut SmallRng, midnight: i64) -> Result<ScanRow> {
    let received_at = midnight + random.random_range(0..DAY_MS);
    let captured = u32::try_from(received_at / 1000 - EPOCH_2020_S).context("before 2020")?;
    let (mut event_id, mut token) = ([0; 16], [0; 16]);
    random.fill_bytes(&mut event_id);
    random.fill_bytes(&mut token);
    let kind = if random.random() { ScanKind::In } else { ScanKind::Out };
    let area_id = random.random_range(1..=AREAS);
    Ok(ScanRow { event_id, area_id, kind, captured, token, assurance: 3, epoch: 1, received_at })
}
