//! The real program, killed without warning during check-ins: what was acknowledged is there afterwards, once.
//!
//! Some rounds kill at a moment of the seed's choosing; the others at a certain system call (a write, a sync, a
//! deletion), or let such a call fail as a broken or full disk does. A third of the rounds finds days to pack and to
//! delete, and strikes at the calls on their files. `cargo xtask torture` runs thousands.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something missing shall stop there"
)]

mod closing;
#[expect(dead_code, unused_macros, reason = "shared with the tests of the web; this one needs a part")]
#[path = "../web/common/mod.rs"]
mod common;
mod ledger;
mod rounds;
mod server;

use std::{
    collections::HashSet,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use domain::time::date_of_day_number;
use jiff::civil::Date;
use scanlog::SealedScan;
use store::keyring::EpochRow;
use tempfile::TempDir;
use uuid::Uuid;
use vaora::{clock::Clock, config::Config};

use closing::Closing;
use common::{TestApp, settings};
use ledger::{Kept, Ledger, agent, assert_once, post};
use rounds::{Play, Tally, is_closing, plan};
use server::Server;

/// Rounds after which the log is read and compared.
const CHECK_EVERY: u64 = 25;

/// Rounds of a run: a few, unless `VAORA_KILLS` says how many.
fn rounds_wanted() -> u64 {
    std::env::var("VAORA_KILLS").ok().map_or(16, |text| text.parse().unwrap())
}

/// Writes the settings that the program is started with.
fn settings_file(config: &Config, folder: &Path) -> PathBuf {
    // However fast this machine is, a gate shall not meet its limit; and closed days are packed at once.
    let settings = "device_scans_per_second = 100000\npack_after_start_s = 0\n";
    let mut text = format!("data_dir = {:?}\n{settings}", config.data_dir);
    if let Some(url) = &config.database_url {
        text.push_str(&format!("database_url = {url:?}\ndatabase_schema = {:?}\n", config.database_schema));
    }
    let path = folder.join("vaora.toml");
    fs::write(&path, text).unwrap();
    path
}

/// What the scan log holds from a day on. Every epoch of its scans has its wrapped key.
async fn kept(app: TestApp, from: Date) -> (TestApp, Kept) {
    let app = app.restart().await;
    let (mut ids, mut scans) = (Vec::new(), 0);
    let until = date_of_day_number(40_000);
    let take = |found: &[[u8; 16]]| {
        ids.extend(found.iter().copied().map(Uuid::from_bytes));
        ControlFlow::Continue(())
    };
    app.app.scanlog.read_ids(from, until, take).await.unwrap();
    let count = |rows: &[SealedScan]| {
        scans += rows.len();
        ControlFlow::Continue(())
    };
    app.app.scanlog.read_days(from, until, count).await.unwrap();
    let wrapped: HashSet<u32> =
        app.app.store.epochs(0, 40_000).await.unwrap().iter().filter_map(wrap_of).collect();
    let used = app.app.scanlog.epochs_in(from, until).await.unwrap();
    assert!(used.iter().all(|epoch| wrapped.contains(epoch)), "scans stand under an epoch without its wrap");
    (app, Kept { ids, scans })
}

/// The number of an epoch whose key is kept, wrapped.
fn wrap_of(epoch: &EpochRow) -> Option<u32> {
    epoch.movement_wrap.as_ref()?;
    u32::try_from(epoch.epoch).ok()
}

async fn nothing_acknowledged_is_lost(config: Config, folder: TempDir) {
    let clock = Clock::default();
    let app = TestApp::start_at(config, folder, clock.clone()).await;
    app.ceremony().await;
    let place = app.place("Chợ Tân Lập").await;
    let token = app.gate(&place).await.cookie("vaora_gate").unwrap().to_owned();
    let settings = settings_file(&app.config, &app.folder());
    let epoch = app.app.store.epochs(0, 40_000).await.unwrap().iter().find_map(wrap_of).unwrap();
    app.close().await;
    let embedded = app.config.database_url.is_none();
    let area_id = u32::try_from(place.area_id).unwrap();
    let mut closing = Closing::new(&app.config, clock.now(), area_id, epoch);
    let from = closing.closed;
    let (rounds, ledger) = (rounds_wanted(), Arc::new(Mutex::new(Ledger::default())));
    let (mut app, mut tally) = (app, Tally::default());
    for number in 0..rounds {
        let is_closing = is_closing(number, embedded);
        if is_closing {
            closing.lay(number).await;
        }
        let (settings, token, ledger_there) = (settings.clone(), token.clone(), Arc::clone(&ledger));
        let play = move || {
            let closing_here = is_closing.then_some(&closing);
            let death = plan(number, embedded);
            let (settings, token, ledger) = (&settings, &token, &ledger_there);
            rounds::play(&Play { number, death, settings, token, ledger, closing: closing_here }, &mut tally);
            (closing, tally)
        };
        (closing, tally) = tokio::task::spawn_blocking(play).await.unwrap();
        if (number + 1).is_multiple_of(CHECK_EVERY) || number + 1 == rounds {
            let (reopened, kept) = kept(app, from).await;
            assert_once(&kept, &ledger.lock().unwrap(), &closing.laid);
            reopened.close().await;
            app = reopened;
        }
    }
    let closing = send_again(settings, Arc::clone(&ledger), token, closing, embedded).await;
    let (app, kept) = kept(app, from).await;
    assert_once(&kept, &ledger.lock().unwrap(), &closing.laid);
    app.close().await;
    let ledger = ledger.lock().unwrap();
    assert_eq!(kept.ids.len(), ledger.sent.len() + closing.laid.len());
    // Faults that never strike, or strike before anything is served, prove nothing.
    assert!(tally.moments > 0 && (!embedded || (tally.calls > 0 && tally.failing > 0)), "{tally:?}");
    assert!(!embedded || tally.closing_calls > 0, "{tally:?}");
    println!(
        "{} sent, {} acknowledged, {} laid into closed days in {rounds} rounds: {tally:?}",
        ledger.sent.len(),
        ledger.acknowledged.len(),
        closing.laid.len()
    );
}

/// Everything is sent again, as a gate that got no answer does: nothing comes to stand twice. Meanwhile, undisturbed,
/// the program packs what is closed and deletes what has expired.
async fn send_again(
    settings: PathBuf,
    ledger: Arc<Mutex<Ledger>>,
    token: String,
    mut closing: Closing,
    embedded: bool,
) -> Closing {
    if embedded {
        closing.lay(0).await;
    }
    tokio::task::spawn_blocking(move || {
        let server = Server::start(&settings, None, &[]).unwrap();
        let agent = agent();
        let sent = ledger.lock().unwrap().sent.clone();
        for batch in sent.chunks(500) {
            let outcomes = post(&agent, &server.url, &token, batch).unwrap();
            let durable =
                outcomes.values().filter(|outcome| ["accepted", "duplicate"].contains(&outcome.as_str()));
            assert_eq!(durable.count(), batch.len());
        }
        assert!(
            !embedded || rounds::wait_until(rounds::FIRST_ANSWER, || closing.is_done()),
            "a closed day is left unpacked"
        );
        server.kill();
        closing
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn lite() {
    let folder = TempDir::new().unwrap();
    nothing_acknowledged_is_lost(settings(&folder), folder).await;
}

#[tokio::test]
async fn pg() {
    let (url, schema) = (common::postgres(), common::random_schema());
    let folder = TempDir::new().unwrap();
    let config =
        Config { database_url: Some(url.clone()), database_schema: schema.clone(), ..settings(&folder) };
    let local = tokio::task::LocalSet::new();
    let test = async { tokio::task::spawn_local(nothing_acknowledged_is_lost(config, folder)).await };
    let outcome = local.run_until(test).await;
    common::drop_schemas(&url, &schema).await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}
