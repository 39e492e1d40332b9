//! Measurements beside peers. A new bench is a function and a line in [`BENCHES`].

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{house::House, run::run, tools};

/// A measurement that prints its own figures.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&House) -> Result<()>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "exposure",
        about: "contacts of a case (F1) beside DuckDB on the same visits in clear",
        run: exposure,
    },
    Bench {
        name: "check-ins",
        about: "durable check-ins over HTTP beside the same server without the write",
        run: check_ins,
    },
    Bench {
        name: "drain",
        about: "gates back after an outage with sealed queues, beside live scans",
        run: drain,
    },
    Bench {
        name: "pages",
        about: "every page by every role, with the province at its real size, on SQLite and on VAORA_TEST_PG",
        run: pages,
    },
];

/// The release of DuckDB that is measured against.
const DUCKDB: &str = "duckdb==2.0.0";

/// Runs all benches, one after another.
pub fn all(house: &House) -> Result<()> {
    tools::provide(house, tools::FOR_BENCHES)?;
    BENCHES.iter().try_for_each(|bench| start(house, bench))
}

/// Runs one bench.
pub fn one(house: &House, name: &str) -> Result<()> {
    let bench = BENCHES.iter().find(|bench| bench.name == name);
    let bench = bench.with_context(|| format!("no bench `{name}`\n\n{}", list()))?;
    tools::provide(house, tools::FOR_BENCHES)?;
    start(house, bench)
}

/// Names of the benches with what each measures.
pub fn list() -> String {
    let lines = BENCHES.iter().map(|bench| format!("  {:<14} {}\n", bench.name, bench.about));
    std::iter::once("\nBenches:\n".to_owned()).chain(lines).collect()
}

fn start(house: &House, bench: &Bench) -> Result<()> {
    eprintln!("\nbench {}: {}", bench.name, bench.about);
    (bench.run)(house).with_context(|| format!("bench {}", bench.name))
}

fn check_ins(house: &House) -> Result<()> {
    let args = ["--profile", "measured", "-p", "vaora", "--example", "bench_check_ins"];
    run(house.cargo("run").args(args))
}

/// As many gates as keep it within minutes; docs/performance.md names the command for the whole province.
fn drain(house: &House) -> Result<()> {
    let args = ["--profile", "measured", "-p", "vaora", "--example", "bench_drain", "--", "1000", "200", "3"];
    run(house.cargo("run").args(args))
}

fn pages(house: &House) -> Result<()> {
    run(house.cargo("run").args(["--profile", "measured", "-p", "vaora", "--example", "bench_pages"]))
}

fn exposure(house: &House) -> Result<()> {
    run(house.cargo("build").args(["--release", "-p", "exposure", "--example", "district_speed"]))?;
    let binary = house.target().join("release/examples/district_speed");
    let python = python(house)?;
    run(house.command(python).arg("benches/exposure_duckdb.py").arg("--binary").arg(binary))
}

/// Python with the peers that come as Python packages, in a folder of its own beside what is built.
fn python(house: &House) -> Result<PathBuf> {
    let venv = house.target().join("bench-venv");
    let python = venv.join("bin/python3");
    if !python.exists() {
        run(house.command("python3").args(["-m", "venv"]).arg(&venv))
            .context("on Debian, venv is the package python3-venv")?;
    }
    run(house.command(&python).args(["-m", "pip", "install", "--quiet", DUCKDB]))?;
    Ok(python)
}
