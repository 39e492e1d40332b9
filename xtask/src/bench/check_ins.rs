//! Durable check-ins over HTTP, beside what people would write in an afternoon.

use anyhow::Result;

use super::peers;
use crate::{cluster::Cluster, house::House, run, tools};

/// PostgreSQL that acknowledges what is on the disk, with the room that a server of its own would be given.
const DURABLE: &[&str] = &[
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "max_connections=1000",
];

const FASTIFY: &str = "benches/check_ins/fastify";
const FASTAPI: &str = "benches/check_ins/fastapi";

/// Builds the server, brings the peers, and measures in turns; `--help` names the words it takes.
pub fn run(house: &House, words: &[&str]) -> Result<()> {
    let mut bench = house.cargo("run");
    bench.args(["--profile", "measured", "-p", "vaora", "--example", "bench_check_ins", "--", "run"]);
    bench.args(words);
    if words.contains(&"--help") {
        return run::run(&mut bench);
    }
    tools::node_packages(house, FASTIFY)?;
    let python = peers::python(house)?;
    let cluster = Cluster::with(DURABLE)?;
    bench.arg("--postgres").arg(cluster.url()).arg("--python").arg(python);
    bench.arg("--fastify").arg(house.root.join(FASTIFY)).arg("--fastapi").arg(house.root.join(FASTAPI));
    run::run(&mut bench)
}
