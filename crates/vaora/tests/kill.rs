//! The real program, killed without warning during check-ins: what was acknowledged is there afterwards, once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something missing shall stop there"
)]

#[expect(dead_code, unused_macros, reason = "shared with the tests of the web; this one needs a part")]
#[path = "web/common/mod.rs"]
mod common;

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;
use vaora::{clock::Clock, config::Config};

use common::{TestApp, rfc3339, settings};

/// Times the program is killed.
const ROUNDS: u64 = 5;
/// Connections that post at once.
const CONNECTIONS: usize = 6;
/// Scans of one request: so that some requests are cut in their middle.
const BATCH: usize = 3;

/// A running `vaora serve`, killed when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(settings: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let mut child = Command::new(env!("CARGO_BIN_EXE_vaora"))
            .arg("--config")
            .arg(settings)
            .args(["serve", "--listen", &listen])
            .env("VAORA_LOG", "error")
            .env_remove("VAORA_DATA")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("is ready"), "{line:?}");
        Self { child, url: format!("http://{listen}") }
    }

    /// SIGKILL: no destructor, no flush, no goodbye.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the connections sent and what was acknowledged.
#[derive(Default)]
struct Ledger {
    sent: Vec<Value>,
    acknowledged: HashSet<Uuid>,
}

fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(10));
    ureq::Agent::new_with_config(ureq::Agent::config_builder().timeout_global(timeout).build())
}

/// Posts a batch; its outcomes by id, or `None` when no whole answer came.
fn post(agent: &ureq::Agent, url: &str, token: &str, scans: &[Value]) -> Option<HashMap<Uuid, String>> {
    let request = agent.post(format!("{url}/api/v1/scans")).header("cookie", format!("vaora_gate={token}"));
    let body: Value = request.send_json(json!({ "scans": scans })).ok()?.body_mut().read_json().ok()?;
    let outcomes = body["results"].as_array()?.iter();
    outcomes
        .map(|result| Some((result["id"].as_str()?.parse().ok()?, result["outcome"].as_str()?.to_owned())))
        .collect()
}

fn scans(rng: &mut StdRng, clock: &Clock) -> Vec<Value> {
    let one = |rng: &mut StdRng| {
        let phone = format!("0912{:06}", rng.random_range(0..1_000_000));
        json!({
            "id": Uuid::from_u128(rng.random()),
            "kind": if rng.random_bool(0.5) { "in" } else { "out" },
            "captured_at": rfc3339(clock.now()),
            "typed": { "name": "Trần Văn Đông", "phone": phone },
        })
    };
    (0..BATCH).map(|_| one(rng)).collect()
}

/// Posts from several connections until the program is killed at a moment of the seed's choosing.
fn round(number: u64, settings: &Path, token: &str, ledger: &Arc<Mutex<Ledger>>) {
    let server = Server::start(settings);
    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            let (url, token) = (server.url.clone(), token.to_owned());
            let (ledger, stop) = (Arc::clone(ledger), Arc::clone(&stop));
            let mut rng = StdRng::seed_from_u64(number * 100 + u64::try_from(worker).unwrap());
            thread::spawn(move || {
                let (agent, clock) = (agent(), Clock::default());
                while !stop.load(Ordering::Relaxed) {
                    let scans = scans(&mut rng, &clock);
                    ledger.lock().unwrap().sent.extend(scans.iter().cloned());
                    let Some(outcomes) = post(&agent, &url, &token, &scans) else { continue };
                    let accepted = outcomes.into_iter().filter(|(_, outcome)| outcome == "accepted");
                    ledger.lock().unwrap().acknowledged.extend(accepted.map(|(id, _)| id));
                }
            })
        })
        .collect();
    let before = ledger.lock().unwrap().acknowledged.len();
    let moment = StdRng::seed_from_u64(number).random_range(1..400);
    let deadline = Instant::now() + Duration::from_secs(30);
    // The moment counts from the first answer, so that each round acknowledges something.
    while ledger.lock().unwrap().acknowledged.len() == before {
        assert!(Instant::now() < deadline, "nothing was acknowledged in 30 s");
        thread::yield_now();
    }
    thread::sleep(Duration::from_millis(moment));
    server.kill();
    stop.store(true, Ordering::Relaxed);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
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

fn assert_once(ids: &[Uuid], ledger: &Ledger) {
    let distinct: HashSet<Uuid> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "a scan stands twice in the log");
    let lost: Vec<&Uuid> = ledger.acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged scans are lost", lost.len(), ledger.acknowledged.len());
    let sent: HashSet<Uuid> =
        ledger.sent.iter().map(|scan| scan["id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(distinct.is_subset(&sent), "the log holds a scan that nobody sent");
}

async fn nothing_acknowledged_is_lost(config: Config, folder: TempDir) {
    let app = TestApp::start_at(config, folder, Clock::default()).await;
    app.ceremony().await;
    let place = app.place("Chợ Tân Lập").await;
    let token = app.gate(&place).await.cookie("vaora_gate").unwrap().to_owned();
    let settings = settings_file(&app.config, &app.folder());
    app.close().await;
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for number in 0..ROUNDS {
        let (settings, token, ledger) = (settings.clone(), token.clone(), Arc::clone(&ledger));
        tokio::task::spawn_blocking(move || round(number, &settings, &token, &ledger)).await.unwrap();
    }
    let (app, ids) = kept(app).await;
    assert_once(&ids, &ledger.lock().unwrap());
    app.close().await;
    // Everything is sent again, as a gate that got no answer does: nothing comes to stand twice.
    let (again, sender) = (settings.clone(), Arc::clone(&ledger));
    tokio::task::spawn_blocking(move || {
        let server = Server::start(&again);
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
    println!("{} sent, {} acknowledged in {ROUNDS} rounds", ledger.sent.len(), ledger.acknowledged.len());
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
