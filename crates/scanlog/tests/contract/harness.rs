//! Places to keep a log in, and rows to put there.

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

use domain::time::{EPOCH_2020_S, Millis, day_start};
use jiff::civil::Date;
use scanlog::{Options, Packing, ScanKind, ScanLog, ScanLogError, ScanRow, SealedScan};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The day most tests happen on.
pub const TODAY: Date = jiff::civil::date(2026, 11, 23);

/// Where a test keeps its log.
#[derive(Clone)]
pub enum Place {
    Folder(PathBuf),
    /// A folder whose days are packed before every reading and at every opening, today's too.
    Packed(PathBuf),
    Schema {
        url: String,
        name: String,
    },
}

impl Place {
    pub async fn open(&self) -> ScanLog {
        self.open_with(Options::default()).await.unwrap()
    }

    pub async fn open_with(&self, options: Options) -> Result<ScanLog, ScanLogError> {
        match self {
            Self::Folder(path) => ScanLog::open_embedded(path, options).await,
            Self::Packed(path) => {
                let log = ScanLog::open_embedded(path, options).await?;
                pack_all(&log).await;
                Ok(log)
            }
            Self::Schema { url, name } => ScanLog::open_postgres(url, Some(name), options).await,
        }
    }

    /// Packs what there is, in a place where days are packed.
    pub async fn settle(&self, log: &ScanLog) {
        if let Self::Packed(_) = self {
            pack_all(log).await;
        }
    }

    /// Rows as this place gives them back: days in order, and packed days by area and time.
    pub fn given_back(&self, rows: &[ScanRow]) -> Vec<SealedScan> {
        let mut rows: Vec<SealedScan> = rows.iter().map(|&row| row.into()).collect();
        match self {
            Self::Packed(_) => rows
                .sort_by_key(|row| (row.arrival_on(), row.area_id, row.captured, row.received_at, row.token)),
            _ => rows.sort_by_key(SealedScan::arrival_on),
        }
        rows
    }

    /// An empty place beside this one, removed with it.
    pub fn beside(&self) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(path.join(random_name())),
            Self::Packed(path) => Self::Packed(path.join(random_name())),
            Self::Schema { url, name } => {
                Self::Schema { url: url.clone(), name: format!("{name}_{:016x}", rand::random::<u64>()) }
            }
        }
    }
}

pub fn on_folder(case: impl AsyncFn(Place)) {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(case(Place::Folder(folder.path().to_owned())));
}

pub fn on_packed(case: impl AsyncFn(Place)) {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(case(Place::Packed(folder.path().to_owned())));
}

/// Packs every day there is, as if the newest had ended two hours ago.
pub async fn pack_all(log: &ScanLog) -> Packing {
    let Some(&newest) = log.days().await.unwrap().last() else { return Packing::default() };
    let packing = log.pack_closed(day_start(day_after(newest, 1)) + 2 * 3_600_000).await.unwrap();
    assert_eq!(packing.failed, []);
    packing
}

/// Runs a case in a schema of its own, and drops that whatever becomes of the case.
pub fn on_schema(case: impl AsyncFn(Place)) {
    let Ok(url) = std::env::var("VAORA_TEST_PG") else {
        panic!("VAORA_TEST_PG is not set: run `cargo xtask test`, which starts PostgreSQL");
    };
    let name = random_name();
    let place = Place::Schema { url: url.clone(), name: name.clone() };
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| runtime().block_on(case(place))));
    runtime().block_on(drop_schemas(&url, &name));
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn drop_schemas(url: &str, prefix: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname::text, $1)")
            .bind(prefix)
            .fetch_all(&mut connection)
            .await
            .unwrap();
    for name in names {
        let drop = format!("SET client_min_messages = warning; DROP SCHEMA \"{name}\" CASCADE");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
    }
}

fn random_name() -> String {
    format!("scanlog_test_{:016x}", rand::random::<u64>())
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn id(number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    id
}

/// A row received at an instant, captured a second before.
pub fn row_at(number: u64, received_at: Millis) -> ScanRow {
    let captured = u32::try_from(received_at / 1000 - EPOCH_2020_S - 1).unwrap();
    ScanRow {
        event_id: id(number),
        area_id: 10 + u32::try_from(number % 5).unwrap(),
        kind: if number.is_multiple_of(2) { ScanKind::In } else { ScanKind::Out },
        captured,
        token: [u8::try_from(number % 251).unwrap(); 16],
        assurance: u8::try_from(number % 4).unwrap(),
        epoch: 1,
        received_at,
    }
}

/// A row received at noon of a day.
pub fn row_on(number: u64, day: Date) -> ScanRow {
    row_at(number, day_start(day) + 12 * 3_600_000 + i64::try_from(number % 1000).unwrap())
}

pub fn day_after(day: Date, days: i64) -> Date {
    domain::time::date_of_day_number(domain::time::day_number(day) + days)
}

pub async fn read(log: &ScanLog, from: Date, until: Date) -> Vec<SealedScan> {
    let mut all = Vec::new();
    log.read_days(from, until, |rows| {
        all.extend_from_slice(rows);
        ControlFlow::Continue(())
    })
    .await
    .unwrap();
    all
}

pub const EVER: (Date, Date) = (jiff::civil::date(2020, 1, 1), jiff::civil::date(2150, 1, 1));

pub async fn read_everything(log: &ScanLog) -> Vec<SealedScan> {
    read(log, EVER.0, EVER.1).await
}

/// The ids that are still kept, in order.
pub async fn read_ids(log: &ScanLog) -> Vec<[u8; 16]> {
    let mut all = Vec::new();
    log.read_ids(EVER.0, EVER.1, |ids| {
        all.extend_from_slice(ids);
        ControlFlow::Continue(())
    })
    .await
    .unwrap();
    all.sort_unstable();
    all
}

pub fn sealed(rows: &[ScanRow]) -> Vec<SealedScan> {
    rows.iter().map(|&row| row.into()).collect()
}
