//! Days that the program finds closed when it starts, so that packing and retirement run, and are cut, while it
//! serves: yesterday, which it packs, and a day beyond the retention period, which it deletes.

use std::{collections::HashSet, fs, path::PathBuf};

use domain::time::{DAY_MS, date_of_day_number, day_number, day_start, local_date, to_seconds_2020};
use jiff::civil::Date;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use scanlog::{Appended, Options, ScanKind, ScanLog, ScanRow};
use uuid::Uuid;
use vaora::{bootstrap, config::Config};

/// Scans laid into the closed day before a round.
const SCANS: u32 = 120;

/// The closed days, and what was laid into them.
pub struct Closing {
    config: Config,
    /// Packed by the program.
    pub closed: Date,
    /// Deleted by the program.
    pub expired: Date,
    /// Ids laid into the closed day: durable, so none may be missing, ever.
    pub laid: HashSet<Uuid>,
    area_id: u32,
    epoch: u32,
}

impl Closing {
    /// Days around the present one. The area and the epoch are the installation's own.
    pub fn new(config: &Config, now: i64, area_id: u32, epoch: u32) -> Self {
        let today = day_number(local_date(now));
        Self {
            config: config.clone(),
            closed: date_of_day_number(today - 1),
            expired: date_of_day_number(today - i64::from(config.retention_days) - 2),
            laid: HashSet::new(),
            area_id,
            epoch,
        }
    }

    /// Puts scans into the closed days and makes the daily work due, while the program is down.
    pub async fn lay(&mut self, number: u64) {
        let mut rng = StdRng::seed_from_u64(number ^ 0x5eed);
        let log = ScanLog::open_embedded(&self.scans(), Options::default()).await.unwrap();
        let closed: Vec<ScanRow> = (0..SCANS).map(|_| self.row(self.closed, &mut rng)).collect();
        assert!(log.append(closed.clone()).await.unwrap().iter().all(|&answer| answer == Appended::Stored));
        self.laid.extend(closed.iter().map(|row| Uuid::from_bytes(row.event_id)));
        if number.is_multiple_of(2) {
            log.append((0..20).map(|_| self.row(self.expired, &mut rng)).collect()).await.unwrap();
            let store = bootstrap::open_store(&self.config).await.unwrap();
            let yesterday = day_number(self.closed).to_string();
            store.set_setting("last_daily_day", &yesterday).await.unwrap();
            store.close().await;
        }
        log.close().await;
    }

    fn row(&self, day: Date, rng: &mut StdRng) -> ScanRow {
        let (mut event_id, mut token) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut event_id);
        rng.fill_bytes(&mut token);
        let received_at = day_start(day) + rng.random_range(1000..DAY_MS);
        ScanRow {
            event_id,
            area_id: self.area_id,
            kind: if rng.random_bool(0.5) { ScanKind::In } else { ScanKind::Out },
            captured: to_seconds_2020(received_at - 1000).unwrap(),
            token,
            assurance: 3,
            epoch: self.epoch,
            received_at,
        }
    }

    fn scans(&self) -> PathBuf {
        self.config.data_dir.join("scans")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.scans()).unwrap();
        entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// True when the closed day is packed and the expired one is gone.
    pub fn is_done(&self) -> bool {
        let (live, gone) = (format!("scans-{}", self.closed), format!("scans-{}", self.expired));
        !self.names().iter().any(|name| {
            name.starts_with(&gone)
                || (name.starts_with(&live) && (name.contains(".sqlite") || name.ends_with(".part")))
        })
    }

    /// Every path that packing and retirement will touch: the folder, what stands there, and what is to be made.
    pub fn paths(&self) -> Vec<PathBuf> {
        let folder = self.scans();
        let prefix = format!("scans-{}", self.closed);
        let of_days: Vec<String> = self
            .names()
            .into_iter()
            .filter(|name| name.starts_with(&prefix) || name.starts_with(&format!("scans-{}", self.expired)))
            .collect();
        let newest =
            of_days.iter().filter_map(|name| generation(name.strip_prefix(&prefix)?)).max().unwrap_or(0);
        let made = match newest + 1 {
            1 => prefix,
            next => format!("{prefix}+{next}"),
        };
        let to_come = [".arrow.part", ".ids.part", ".arrow", ".ids"].map(|end| format!("{made}{end}"));
        let names = of_days.into_iter().chain(to_come).map(|name| folder.join(name));
        names.chain([folder.clone()]).collect()
    }
}

/// The generation in what follows the day in a name.
fn generation(rest: &str) -> Option<u32> {
    match rest.strip_prefix('+') {
        Some(numbered) => numbered.split('.').next()?.parse().ok(),
        None => Some(u32::from(!rest.starts_with(".sqlite"))),
    }
}
