//! The installation under measure: its gates, who passes them, and what the gates hold.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use anyhow::{Context as _, Result, ensure};
use domain::role::Role;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use seal::{
    sitting::Sender,
    wrap::{PublicKey, purpose, wrap},
};
use serde_json::json;
use tokio::{net::TcpListener, sync::Semaphore};
use uuid::Uuid;
use vaora::{
    app::App,
    bootstrap,
    clock::Clock,
    config::Config,
    gate,
    ids::{new_id, new_token},
    jobs,
    keys::{
        epoch::month_of,
        officers,
        roster::{self, Proposal},
    },
    router::router,
    server,
    web::place_edit::new_code,
};

use crate::{CONNECTIONS, GATES, HELD_MS_MIN, OUTAGE_MS, PEOPLE};

/// An enrolled device.
pub struct Gate {
    /// Id of its enrolment, as scans are bound to it.
    pub device: String,
    /// Its cookie.
    pub token: String,
    /// Number of its commune; its visitors live there.
    commune: usize,
    /// Scans numbered so far.
    numbered: AtomicUsize,
    /// Its page's sitting.
    sitting: Mutex<Option<Sitting>>,
}

/// A sitting: when it began by the gate's clock, and its scans so far.
struct Sitting {
    sender: Sender,
    begun_at: i64,
    rows: usize,
}

/// Most scans of a sitting, as in `static/queue/seal.js`.
const SITTING_ROWS_MAX: usize = 500;

impl Gate {
    /// Numbers so many further scans of the device; answers the first number.
    pub fn number(&self, scans: usize) -> usize {
        self.numbered.fetch_add(scans, Ordering::Relaxed) + 1
    }
}

/// A sealed scan on a device.
pub struct Item {
    pub id: Uuid,
    pub at: i64,
    pub sealed: Vec<u8>,
}

/// What all gates share.
pub struct Door {
    pub address: SocketAddr,
    key: PublicKey,
    communes: usize,
    /// How many people pass the gates.
    pub people: usize,
    pub connections: Semaphore,
    pub clock: Clock,
    /// Longest sitting, in milliseconds; 0 for apps that seal each scan by itself.
    pub sitting_ms: i64,
}

/// An installation with so many enrolled gates that return and that were never away, served with its jobs.
pub async fn set_up(
    folder: &Path,
    returning: usize,
    live: usize,
    sitting_ms: i64,
) -> Result<(App, Arc<Door>, Arc<[Arc<Gate>]>)> {
    let config = Config { data_dir: folder.join("data"), ..Config::default() };
    let app = bootstrap::open(config, Clock::default()).await?;
    hold_ceremony(&app).await?;
    let (gates, communes) = gates(&app, returning + live).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let door = Door {
        address: listener.local_addr()?,
        key: app.keyfile.ingest_key.public.clone(),
        communes,
        people: (PEOPLE * returning / GATES).max(communes),
        connections: Semaphore::new(CONNECTIONS),
        clock: app.clock.clone(),
        sitting_ms,
    };
    jobs::start(&app);
    tokio::spawn(server::serve(listener, router(&app), server::connections_max(None)?));
    Ok((app, Arc::new(door), gates.into()))
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

/// Gates at places of their own, spread over the communes of the province; how many communes there are.
async fn gates(app: &App, count: usize) -> Result<(Vec<Arc<Gate>>, usize)> {
    let tree = app.tree().await?;
    let top = tree.tops().next().context("no unit")?.id;
    let communes: Vec<i64> = tree.communes_within(top).iter().map(|unit| unit.id).collect();
    let now = app.now();
    let place = |number: usize| store::places::Place {
        id: new_id(),
        name: format!("Bench {number}"),
        type_code: "CQNN".to_owned(),
        unit_id: communes[number % communes.len()],
        address: "Bench".to_owned(),
        contact_sealed: Vec::new(),
        owner_index: vec![0; 16],
        state: "approved".to_owned(),
        return_reason: None,
        registered_at: now,
        decided_at: Some(now),
    };
    let rows: Vec<_> =
        (0..count).map(|number| (place(number), format!("bench {number}"), Vec::new())).collect();
    app.store.add_approved_places(&rows, || (new_id(), new_code())).await?;
    let mut gates = Vec::with_capacity(count);
    for (area, _, unit) in app.store.area_places().await? {
        let (id, enrol, token) = (new_id(), new_token(), new_token());
        let hash = |secret: &str| gate::hash(app, secret);
        // Valid until all have their device.
        app.store.add_gate(id, area, "Bench", hash(&enrol), now + OUTAGE_MS, now).await?;
        app.store.enrol_gate(hash(&enrol), hash(&token), "bench", now).await?.context("enrolment")?;
        let commune = communes.iter().position(|own| *own == unit).context("a place outside the communes")?;
        gates.push(Arc::new(Gate {
            device: id.to_string(),
            token,
            commune,
            numbered: AtomicUsize::new(0),
            sitting: Mutex::default(),
        }));
        if gates.len() % 2_000 == 0 {
            eprintln!("  {} gates enrolled", gates.len());
        }
    }
    ensure!(gates.len() == count, "{} gates for {count}", gates.len());
    Ok((gates, communes.len()))
}

/// Seals what a person's card said at a gate at an instant of its clock.
pub fn capture(door: &Door, gate: &Gate, at: i64, rng: &mut StdRng) -> Result<Item> {
    let of_commune = door.people / door.communes;
    let person = gate.commune * of_commune + rng.random_range(0..of_commune);
    let name = ["Nguyễn Văn Đông", "Trần Thị Hạnh", "Y Blang Niê", "H'Loan Êban"][person % 4];
    // The card's number says man or woman, as the card does.
    let (sex, digit) = if person.is_multiple_of(2) { ("Nam", 0) } else { ("Nữ", 1) };
    let code = format!("066{digit}95{person:06}||{name}|01021995|{sex}|Thôn 2, Ea Kao, Đắk Lắk|15042021");
    let kind = if rng.random_bool(0.5) { "in" } else { "out" };
    let id = Uuid::from_u128(rng.random());
    let aad = format!("{}.{id}.{at}", gate.device);
    let plain = json!({ "kind": kind, "code": code }).to_string();
    let sealed = if door.sitting_ms == 0 {
        wrap(&door.key, purpose::INGEST, aad.as_bytes(), plain.as_bytes(), rng)?
    } else {
        let mut held = gate.sitting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over =
            |now: &Sitting| now.rows >= SITTING_ROWS_MAX || (at - now.begun_at).abs() >= door.sitting_ms;
        if held.as_ref().is_none_or(is_over) {
            *held = Some(Sitting { sender: Sender::begin(&door.key, rng)?, begun_at: at, rows: 0 });
        }
        let sitting = held.as_mut().context("begun above")?;
        sitting.rows += 1;
        sitting.sender.seal(aad.as_bytes(), plain.as_bytes())?
    };
    Ok(Item { id, at, sealed })
}

/// What every gate holds, oldest first; sealed on all cores.
pub fn seal_all(door: &Door, gates: &[Arc<Gate>], scans: usize) -> Result<Vec<Vec<Item>>> {
    let threads = available_parallelism()?.get();
    let until = door.clock.now() - HELD_MS_MIN;
    let done = AtomicUsize::new(0);
    let seal_gate = |gate: &Arc<Gate>| {
        let mut rng = StdRng::from_rng(&mut rand::rng());
        let mut times: Vec<i64> = (0..scans).map(|_| until - rng.random_range(0..OUTAGE_MS)).collect();
        times.sort_unstable();
        let held = times.iter().map(|at| capture(door, gate, *at, &mut rng)).collect::<Result<Vec<_>>>();
        let count = done.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_multiple_of((gates.len() / 10).max(1)) {
            eprintln!("  held scans of {count} gates sealed");
        }
        held
    };
    std::thread::scope(|scope| {
        let share = gates.len().div_ceil(threads);
        let workers: Vec<_> = gates
            .chunks(share)
            .map(|own| scope.spawn(|| own.iter().map(&seal_gate).collect::<Result<Vec<_>>>()))
            .collect();
        let mut all = Vec::with_capacity(gates.len());
        for worker in workers {
            all.extend(worker.join().map_err(|_| anyhow::anyhow!("a sealing thread panicked"))??);
        }
        Ok(all)
    })
}
