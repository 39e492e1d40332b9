//! The engine beside PostgreSQL, DuckDB and SQLite: the table of issue 5.

use anyhow::Result;

use super::peers;
use crate::{cluster::Cluster, house::House, run};

/// Memory as a server of its own would be given; no question asks the disk.
const SETTINGS: &[&str] = &[
    "shared_buffers=4GB",
    "work_mem=256MB",
    "maintenance_work_mem=1GB",
    "effective_cache_size=12GB",
    "random_page_cost=1.1",
    "max_wal_size=8GB",
    "fsync=off",
];

/// Builds the engine, brings the peers, and asks all of them; `--help` names the words it takes.
pub fn run(house: &House, words: &[&str]) -> Result<()> {
    run::run(house.cargo("build").args(["--release", "-p", "exposure", "--example", "district_speed"]))?;
    let binary = house.target().join("release/examples/district_speed");
    let mut bench = house.command(peers::python(house)?);
    bench.arg("benches/exposure/bench.py").arg("--binary").arg(binary).args(words);
    if words.contains(&"--help") || words.contains(&"--postgres") {
        return run::run(&mut bench);
    }
    let cluster = Cluster::with(SETTINGS)?;
    run::run(bench.arg("--postgres").arg(cluster.url()))
}
