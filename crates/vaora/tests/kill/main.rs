//! The real program, killed without warning during check-ins: what was acknowledged is there afterwards, once.
//!
//! Some rounds kill at a moment of the seed's choosing; the others at a certain system call (a write, a sync, a
//! deletion), or let such a call fail as a broken or full disk does. `cargo xtask torture` runs thousands.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something missing shall stop there"
)]

#[expect(dead_code, unused_macros, reason = "shared with the tests of the web; this one needs a part")]
#[path = "../web/common/mod.rs"]
mod common;
mod ledger;
mod rounds;
mod server;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use uuid::Uuid;
use vaora::{clock::Clock, config::Config};

use common::{TestApp, settings};
use ledger::{Ledger, agent, assert_once, post};
use rounds::{Tally, plan};
use server::Server;

/// Rounds after which the log is read and compared.
const CHECK_EVERY: u64 = 25;

/// Rounds of a run: a few, unless `VAORA_KILLS` says how many.
fn rounds_wanted() -> u64 {
    std::env::var("VAORA_KILLS").ok().map_or(16, |text| text.parse().unwrap())
}

/// Writes the settings that the program is started with.
fn settings_file(config: &Config, folder: &Path) -> PathBuf {
    // However fast this machine is, a gate shall not meet its limit.
    let mut text = format!("data_dir = {:?}\ndevice_scans_per_second = 100000\n", config.data_dir);
    if let Some(url) = &config.database_url {
        text.push_str(&format!("database_url = {url:?}\ndatabase_schema = {:?}\n", config.database_schema));
    }
    let path = folder.join("vaora.toml");
    fs::write(&path, text).unwrap();
    path
}

/// Event ids of the scan log, each as often as it stands there.
async fn kept(app: TestApp) -> (TestApp, Vec<Uuid>) {
    let app = app.restart().await;
    let ids = app.rows().await.iter().map(|row| Uuid::from_bytes(row.event_id)).collect();
    (app, ids)
}

async fn nothing_acknowledged_is_lost(config: Config, folder: TempDir) {
    let app = TestApp::start_at(config, folder, Clock::default()).await;
    app.ceremony().await;
    let place = app.place("Chợ Tân Lập").await;
    let token = app.gate(&place).await.cookie("vaora_gate").unwrap().to_owned();
    let settings = settings_file(&app.config, &app.folder());
    app.close().await;
    let embedded = app.config.database_url.is_none();
    let (rounds, ledger) = (rounds_wanted(), Arc::new(Mutex::new(Ledger::default())));
    let (mut app, mut tally) = (app, Tally::default());
    for number in 0..rounds {
        let (settings, token, ledger_there) = (settings.clone(), token.clone(), Arc::clone(&ledger));
        let play = move || {
            rounds::play(number, plan(number, embedded), &settings, &token, &ledger_there, &mut tally);
            tally
        };
        tally = tokio::task::spawn_blocking(play).await.unwrap();
        if (number + 1).is_multiple_of(CHECK_EVERY) || number + 1 == rounds {
            let (reopened, ids) = kept(app).await;
            assert_once(&ids, &ledger.lock().unwrap());
            reopened.close().await;
            app = reopened;
        }
    }
    // Everything is sent again, as a gate that got no answer does: nothing comes to stand twice.
    let (again, sender) = (settings.clone(), Arc::clone(&ledger));
    tokio::task::spawn_blocking(move || {
        let server = Server::start(&again, None).unwrap();
        let agent = agent();
        let sent = sender.lock().unwrap().sent.clone();
        for batch in sent.chunks(500) {
            let outcomes = post(&agent, &server.url, &token, batch).unwrap();
            let durable =
                outcomes.values().filter(|outcome| ["accepted", "duplicate"].contains(&outcome.as_str()));
            assert_eq!(durable.count(), batch.len());
        }
        server.kill();
    })
    .await
    .unwrap();
    let (app, ids) = kept(app).await;
    assert_once(&ids, &ledger.lock().unwrap());
    app.close().await;
    let ledger = ledger.lock().unwrap();
    assert_eq!(ids.len(), ledger.sent.len());
    // Faults that never strike, or strike before anything is served, prove nothing.
    assert!(tally.moments > 0 && (!embedded || (tally.calls > 0 && tally.failing > 0)), "{tally:?}");
    println!(
        "{} sent, {} acknowledged in {rounds} rounds: {tally:?}",
        ledger.sent.len(),
        ledger.acknowledged.len()
    );
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
