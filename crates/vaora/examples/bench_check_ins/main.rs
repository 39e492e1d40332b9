//! Durable, sealed check-ins a second beside the same server answering without the write, in one run.
//!
//! Both are the whole program on a loopback socket: accept loop, sessions, the gate's device looked up, JSON read,
//! the phone and name parsed, blind indexes made. One then settles the person, seals, commits and answers; the
//! other answers. Client and server share this machine's cores, and rounds alternate, so the ratio says more
//! than the figures.
//!
//! `cargo run --profile measured -p vaora --example bench_check_ins [SECONDS] [ROUNDS]`

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use axum::{Json, Router, extract::State, middleware, routing::post};
use domain::{name::Name, phone::Phone, role::Role};
use rand::{Rng as _, RngExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tower_sessions::SessionManagerLayer;
use uuid::Uuid;
use vaora::{
    api::scans::Batch,
    app::App,
    auth::session_store::StoredSessions,
    bootstrap,
    clock::Clock,
    config::Config,
    error::{self, AppError},
    gate::{self, Device},
    ids::{new_id, new_token},
    intake::identity::{self, Identity},
    keys::{
        epoch::month_of,
        officers,
        roster::{self, Proposal},
    },
    router::router,
    server,
    web::{place_edit::new_code, sign_in},
};

/// Connections of the rounds.
const CONNECTIONS: [usize; 2] = [64, 256];
/// People who check in again and again.
const PEOPLE: usize = 5000;
/// Gates, taken at random.
const GATES: usize = 256;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let seconds: u64 = words.next().map_or(Ok(3), |text| text.parse()).context("SECONDS")?;
    let rounds: usize = words.next().map_or(Ok(5), |text| text.parse()).context("ROUNDS")?;
    let folder = tempfile::tempdir()?;
    // Not a gate's own limit is measured.
    let config = Config {
        data_dir: folder.path().join("data"),
        device_scans_per_second: 1_000_000,
        ..Config::default()
    };
    let app = bootstrap::open(config, Clock::default()).await?;
    hold_ceremony(&app).await?;
    let tokens = gates(&app).await?;
    let people = Arc::new(people());
    let durable = listen(router(&app)).await?;
    let silent = listen(no_write(&app)).await?;
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    println!(
        "POST /api/v1/scans, one typed scan each, SQLite, {PEOPLE} people, profile {profile}, {rounds} rounds of {seconds} s"
    );
    for connections in CONNECTIONS {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        // One round of each that does not count: people are settled, pages of the files are made.
        for round in 0..=rounds {
            let time = Duration::from_secs(if round == 0 { 2 } else { seconds });
            let kept = measure(durable, connections, time, &tokens, &people).await?;
            let answered = measure(silent, connections, time, &tokens, &people).await?;
            if round > 0 {
                with.push(kept);
                without.push(answered);
            }
        }
        let (with, without) = (median(&mut with), median(&mut without));
        println!(
            "{connections:>4} connections: durable {with:>7.0}/s, no write {without:>7.0}/s, ratio {:.2}",
            with / without
        );
    }
    let rows = app.scanlog.counts(app.clock.today()).await?.iter().map(|count| count.scans).sum::<i64>();
    println!("{rows} rows in the log");
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Two key officers and a roster signed by both.
async fn hold_ceremony(app: &App) -> Result<()> {
    let unit = app.tree().await?.tops().next().context("no unit")?.id;
    let (now, passphrase) = (app.now(), "for this bench only");
    for number in 1..=2 {
        let account = store::accounts::NewAccount {
            id: number,
            login: format!("officer{number}"),
            name: format!("Officer {number}"),
            unit_id: unit,
            password_hash: String::new(),
            totp_sealed: Vec::new(),
            roles: vec![Role::KeyOfficer.code().to_owned()],
        };
        app.store.add_account(&account, now).await?;
        let officer = officers::make(number, account.name.clone(), passphrase.to_owned(), now).await?;
        app.store.add_officer(&officer).await?;
    }
    let rows = app.store.officers().await?;
    let proposed = roster::propose(None, &rows, now)?;
    let mut signatures = Vec::new();
    for row in &rows {
        let key = officers::unlock(row.protected.clone(), passphrase.to_owned()).await?;
        signatures.push(roster::sign(&proposed, row.id, &key.context("the passphrase is right")?));
    }
    let proposal = Proposal { roster: proposed, signature: signatures[0], proposed_by: 1, proposed_at: now };
    roster::found(&app.store, &proposal, signatures[1], &month_of(app.clock.today()), now).await
}

/// Enrolled gates of one place; their devices' tokens.
async fn gates(app: &App) -> Result<Arc<Vec<String>>> {
    let tree = app.tree().await?;
    let top = tree.tops().next().context("no unit")?.id;
    let commune = tree.communes_within(top).first().context("no commune")?.id;
    let now = app.now();
    let place = store::places::Place {
        id: new_id(),
        name: "Bench".to_owned(),
        type_code: "CQNN".to_owned(),
        unit_id: commune,
        address: "Bench".to_owned(),
        contact_sealed: Vec::new(),
        owner_index: vec![0; 16],
        state: "approved".to_owned(),
        return_reason: None,
        registered_at: now,
        decided_at: Some(now),
    };
    let id = place.id;
    let rows = [(place, "bench".to_owned(), Vec::new())];
    app.store.add_approved_places(&rows, || (new_id(), new_code())).await?;
    let area = app.store.areas_of_place(id).await?.first().context("no area")?.id;
    let mut tokens = Vec::new();
    for _ in 0..GATES {
        let (enrol, token) = (new_token(), new_token());
        let hash = |secret: &str| gate::hash(app, secret);
        app.store.add_gate(new_id(), area, "Bench", hash(&enrol), now + 60_000, now).await?;
        app.store.enrol_gate(hash(&enrol), hash(&token), "bench", now).await?.context("enrolment")?;
        tokens.push(token);
    }
    Ok(Arc::new(tokens))
}

fn people() -> Vec<(String, String)> {
    let mut rng = rand::rng();
    let families = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng"];
    (0..PEOPLE)
        .map(|number| {
            let family = families[rng.random_range(0..families.len())];
            (format!("{family} Văn Đông"), format!("0912{number:06}"))
        })
        .collect()
}

async fn listen(router: Router) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(server::serve(listener, router));
    Ok(address)
}

/// The same way to the handler as the program's own, with a handler that reads, parses and answers.
fn no_write(app: &App) -> Router {
    let sessions = SessionManagerLayer::new(StoredSessions::new(app.store.clone(), app.clock.clone()));
    Router::new()
        .route("/api/v1/scans", post(answer))
        .layer(middleware::from_fn_with_state(app.clone(), error::show_errors))
        .layer(middleware::from_fn_with_state(app.clone(), sign_in::choose_language))
        .layer(sessions)
        .layer(tower_http::csrf::CsrfLayer::new())
        .layer(tower_http::compression::CompressionLayer::new())
        .with_state(app.clone())
}

async fn answer(
    State(app): State<App>,
    device: Device,
    Json(batch): Json<Batch>,
) -> error::Result<Json<Value>> {
    let mut results = Vec::with_capacity(batch.scans.len());
    for scan in batch.scans {
        let typed = scan.typed.ok_or(AppError::NotFound)?;
        let (Ok(name), Ok(phone)) = (Name::parse(&typed.name), Phone::parse(&typed.phone)) else {
            return Err(AppError::NotFound);
        };
        scan.captured_at.parse::<jiff::Timestamp>()?;
        let identity =
            Identity { name: name.into_string(), phone: Some(phone.e164()), ..Identity::default() };
        std::hint::black_box(identity::prepare(&app.keyfile.index_key, &identity)?);
        let title = app.catalog.text(vaora::i18n::Lang::Vi, "Mời vào");
        results.push(json!({
            "id": scan.id, "outcome": "accepted", "kind": scan.kind, "name": identity.name, "warnings": [],
            "reason": null, "title": title, "text": "",
        }));
    }
    gate::touch(&app, &device).await;
    Ok(Json(json!({ "results": results })))
}

/// Answered scans a second over so many connections.
async fn measure(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    tokens: &Arc<Vec<String>>,
    people: &Arc<Vec<(String, String)>>,
) -> Result<f64> {
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
        let (tokens, people) = (Arc::clone(tokens), Arc::clone(people));
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            while !stop.load(Ordering::Relaxed) {
                let token = &tokens[rand::rng().random_range(0..tokens.len())];
                connection.post(token, &scan(&people)).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    let began = Instant::now();
    tokio::time::sleep(time).await;
    let (count, took) = (done.load(Ordering::Relaxed), began.elapsed());
    stop.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of seconds are far below 2^52")]
    Ok(count as f64 / took.as_secs_f64())
}

fn scan(people: &[(String, String)]) -> Value {
    let mut rng = rand::rng();
    let (name, phone) = &people[rng.random_range(0..people.len())];
    let kind = if rng.next_u32() & 1 == 0 { "in" } else { "out" };
    // The bench's own clock: what the server's says is seconds away at most.
    let now = jiff::Timestamp::from_millisecond(Clock::default().now()).unwrap_or_default();
    json!({ "scans": [{
        "id": Uuid::new_v4(), "kind": kind, "captured_at": now.to_string(),
        "typed": { "name": name, "phone": phone },
    }] })
}

/// A kept-alive connection that asks for one thing at a time.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    async fn post(&mut self, token: &str, body: &Value) -> Result<()> {
        let body = body.to_string();
        let request = format!(
            "POST /api/v1/scans HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             cookie: vaora_gate={token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
            let Some(head) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.buffer[..head])?.to_lowercase();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .context("no length")?
                .parse()?;
            if self.buffer.len() < head + 4 + length {
                continue;
            }
            let answer = &self.buffer[head + 4..];
            ensure!(text.starts_with("http/1.1 200"), "{text}\n{}", String::from_utf8_lossy(answer));
            let accepted = answer.windows(10).any(|part| part == b"\"accepted\"");
            ensure!(accepted, "{}", String::from_utf8_lossy(answer));
            return Ok(());
        }
    }
}
