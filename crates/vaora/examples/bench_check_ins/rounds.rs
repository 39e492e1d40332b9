//! The contestants in turns, at each number of connections.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result};

use crate::{
    batches,
    child::Server,
    history::History,
    load::{Load, PEOPLE, Round},
    peers::Peers,
    report,
};

/// Time of the first round of each, which does not count: people are settled, pages of the files are made.
const WARM: Duration = Duration::from_secs(2);

/// How much is measured, and beside whom.
#[derive(clap::Args)]
pub struct Wanted {
    /// Seconds of a round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds that count.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Connections at once.
    #[arg(long, value_delimiter = ',', default_values_t = [64, 256])]
    connections: Vec<usize>,
    #[command(flatten)]
    history: History,
    #[command(flatten)]
    peers: Peers,
}

/// Who takes part, in the order of their turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contestant {
    /// Ours, answering without the write.
    NoWrite,
    /// Ours on SQLite, from empty.
    Durable,
    /// Ours on SQLite, over weeks of scans.
    Historic,
    /// Ours on PostgreSQL.
    OnPostgres,
    /// One insert a request.
    Fastify,
    /// One insert a request.
    FastApi,
}

impl Contestant {
    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoWrite => "Vào Ra without the write",
            Self::Durable => "Vào Ra, SQLite",
            Self::Historic => "Vào Ra, SQLite, with history",
            Self::OnPostgres => "Vào Ra, PostgreSQL",
            Self::Fastify => "Fastify, an insert a request",
            Self::FastApi => "FastAPI, an insert a request",
        }
    }
}

/// Measures and prints.
pub async fn run(wanted: &Wanted) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let servers = servers(wanted, folder.path())?;
    let profile = if cfg!(debug_assertions) { "dev" } else { "optimised" };
    println!(
        "POST /api/v1/scans, one typed scan each, {PEOPLE} people, {profile} build, {} rounds of {} s in turns",
        wanted.rounds, wanted.seconds
    );
    println!("history: {}", wanted.history);
    let load = Load::of(1);
    for &connections in &wanted.connections {
        let mut rounds: Vec<(Contestant, Vec<Round>)> =
            servers.iter().map(|(contestant, _)| (*contestant, Vec::new())).collect();
        for round in 0..=wanted.rounds {
            let time = if round == 0 { WARM } else { Duration::from_secs(wanted.seconds) };
            for ((contestant, server), (_, kept)) in servers.iter().zip(&mut rounds) {
                let done = load.put_on(server, connections, time).await;
                let done = done.with_context(|| contestant.name())?;
                if round > 0 {
                    kept.push(done);
                }
            }
        }
        report::print(connections, &rounds);
    }
    let (_, durable) = servers.iter().find(|(who, _)| *who == Contestant::Durable).context("no server")?;
    batches::run(durable, wanted.rounds, Duration::from_secs(wanted.seconds)).await
}

fn servers(wanted: &Wanted, folder: &Path) -> Result<Vec<(Contestant, Server)>> {
    let data = |name: &str| folder.join(name).display().to_string();
    let (days, rows) = (wanted.history.days.to_string(), wanted.history.rows.to_string());
    let historic =
        ["--data", &data("historic"), "--fill", "--days", &days, "--rows", &rows].map(str::to_owned);
    let historic: Vec<&str> = historic.iter().map(String::as_str).collect();
    let mut servers = vec![
        (Contestant::NoWrite, Server::ours(&["--no-write", "--data", &data("no-write")])?),
        (Contestant::Durable, Server::ours(&["--data", &data("durable")])?),
        (Contestant::Historic, Server::ours(&historic)?),
    ];
    match wanted.peers.postgres() {
        Some(url) => {
            let words = ["--data", &data("postgres"), "--postgres", url];
            servers.push((Contestant::OnPostgres, Server::ours(&words)?));
        }
        None => println!("no --postgres: neither our PostgreSQL engine nor the peers are measured"),
    }
    servers.extend(wanted.peers.fastify()?.map(|server| (Contestant::Fastify, server)));
    servers.extend(wanted.peers.fastapi()?.map(|server| (Contestant::FastApi, server)));
    Ok(servers)
}
