//! Seconds from start to ready over a history.

use anyhow::Result;

use crate::{
    child::Server,
    history::History,
    report::{median, verdict},
};

/// What lies in the log.
#[derive(clap::Args)]
pub struct Wanted {
    #[command(flatten)]
    history: History,
    /// Starts that count.
    #[arg(long, default_value_t = 5)]
    starts: usize,
}

/// Longest start-up that the issue allows, in seconds.
const GOAL_S: f64 = 2.0;

/// Fills a log, starts a server over it again and again, and prints how long it took.
pub fn run(wanted: &Wanted) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (days, rows) = (wanted.history.days.to_string(), wanted.history.rows.to_string());
    let mut seconds = Vec::new();
    let data = folder.path().join("data").display().to_string();
    let words = ["--data", &data, "--days", &days, "--rows", &rows];
    // The first founds the installation and fills its log; that start does not count.
    drop(Server::ours(&[&words[..], &["--fill"]].concat())?);
    for _ in 0..wanted.starts {
        seconds.push(Server::ours(&[&words[..], &["--again"]].concat())?.ready_s);
    }
    let middle = median(seconds.clone());
    let worst = seconds.iter().copied().fold(0.0, f64::max);
    println!("{}: ready in {middle:.2} s, at worst {worst:.2} s, files cached by the system", wanted.history);
    println!("  {}", verdict(middle < GOAL_S, &format!("< {GOAL_S} s")));
    Ok(())
}
