//! One of our servers in a process of its own: says where it listens, and ends when standard input does.

use std::{io::Read as _, path::PathBuf, time::Instant};

use anyhow::Result;
use tokio::net::TcpListener;
use vaora::{bootstrap, clock::Clock, config::Config, router::router, server};

use crate::{history::History, installation, no_write};

/// Which server.
#[derive(clap::Args)]
pub struct Wanted {
    /// Its data folder.
    #[arg(long)]
    data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: Option<String>,
    /// Answer without the write.
    #[arg(long)]
    no_write: bool,
    /// Fill the log before it is opened.
    #[arg(long)]
    fill: bool,
    /// Start an installation that another has founded; nobody then checks in.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    history: History,
}

/// Prints `ready ADDRESS SECONDS` once it listens, then the tokens of its gates in one line. What runs by itself in
/// the program (deletion, reports, messages) does not run here.
pub async fn run(wanted: Wanted) -> Result<()> {
    if wanted.fill {
        wanted.history.fill(&wanted.data).await?;
    }
    // Not a gate's own limit is measured.
    let config = Config {
        data_dir: wanted.data,
        database_url: wanted.postgres,
        device_scans_per_second: 1_000_000,
        ..Config::default()
    };
    let began = Instant::now();
    let app = bootstrap::open(config, Clock::default()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let seconds = began.elapsed().as_secs_f64();
    let tokens = if wanted.again { Vec::new() } else { installation::set_up(&app).await? };
    let address = listener.local_addr()?;
    let router = if wanted.no_write { no_write::router(&app) } else { router(&app) };
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    println!("ready {address} {seconds:.3}\n{}", tokens.join(" "));
    tokio::select! {
        served = server::serve(listener, router, server::CONNECTIONS_MAX) => served?,
        _ = ended => {}
    }
    app.counters.flush(&app.store).await?;
    app.scanlog.close().await;
    app.store.close().await;
    // The pool of blocking threads may still wait for standard input.
    std::process::exit(0)
}
