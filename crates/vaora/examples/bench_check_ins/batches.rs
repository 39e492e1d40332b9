//! Batches of typed scans: how many a second of the server's own processor time.

use std::time::Duration;

use anyhow::Result;

use crate::{
    child::Server,
    load::Load,
    report::{median, verdict},
};

/// Scans of a batch; the API takes 1,000.
const SCANS: u16 = 500;
/// Senders at once.
const SENDERS: usize = 8;
/// Scans a CPU second that the issue asks for.
const GOAL: f64 = 100_000.0;

/// Measures and prints.
pub async fn run(server: &Server, rounds: usize, time: Duration) -> Result<()> {
    let load = Load::of(usize::from(SCANS));
    let (mut rates, mut per_cpu) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let before = server.cpu_s()?;
        let done = load.put_on(server, SENDERS, time).await?;
        let cpu_s = server.cpu_s()? - before;
        if round > 0 {
            rates.push(done.per_second * f64::from(SCANS));
            per_cpu.push(done.answered * f64::from(SCANS) / cpu_s);
        }
    }
    let (rate, per_cpu) = (median(rates), median(per_cpu));
    println!("\nbatches of {SCANS} typed scans from {SENDERS} senders: {rate:.0} scans a second,");
    println!(
        "  {per_cpu:.0} a CPU second of the server   {}",
        verdict(per_cpu >= GOAL, &format!("≥ {GOAL}"))
    );
    Ok(())
}
