//! Seconds from start to ready over weeks of scans.

use anyhow::Result;

use crate::{house::House, run};

/// Builds the server, fills a log, and starts over it; `--help` names the words it takes.
pub fn run(house: &House, words: &[&str]) -> Result<()> {
    let args = ["--profile", "measured", "-p", "vaora", "--example", "bench_check_ins", "--", "start-up"];
    run::run(house.cargo("run").args(args).args(words))
}
