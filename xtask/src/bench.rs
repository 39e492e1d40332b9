//! Measurements beside peers. A new bench is a file in `bench/` and a line in [`BENCHES`].

mod check_ins;
mod exposure;
mod peers;
mod start_up;

use anyhow::{Context as _, Result};

use crate::{house::House, run::run, tools};

/// A measurement that prints its own figures.
struct Bench {
    name: &'static str,
    about: &'static str,
    /// Takes what stood after the bench's name.
    run: fn(&House, &[&str]) -> Result<()>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "exposure",
        about: "the questions of a case beside PostgreSQL, DuckDB and SQLite on the same visits in clear",
        run: exposure::run,
    },
    Bench {
        name: "check-ins",
        about: "durable check-ins over HTTP beside the server without the write, Fastify and FastAPI",
        run: check_ins::run,
    },
    Bench {
        name: "start-up",
        about: "seconds from start to ready over 30 days of scans",
        run: start_up::run,
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

/// The first three, small: what `bench quick` runs, within 12 minutes on two quiet cores once it is built.
const QUICK: &[(&str, &[&str])] = &[
    ("check-ins", &["--rounds", "3", "--seconds", "2", "--rows", "100000"]),
    ("start-up", &["--rows", "200000", "--starts", "3"]),
    (
        "exposure",
        &["--persons", "10", "--spreads", "2", "--rounds", "2", "--seconds-max", "60", "--budget", "20"],
    ),
];

/// Runs all benches, one after another.
pub fn all(house: &House) -> Result<()> {
    tools::provide(house, tools::FOR_BENCHES)?;
    BENCHES.iter().try_for_each(|bench| start(house, bench, &[]))
}

/// Runs one bench, or the quick ones, with the words that stood after its name.
pub fn one(house: &House, name: &str, words: &[&str]) -> Result<()> {
    let chosen: Vec<(&str, &[&str])> = if name == "quick" { QUICK.to_vec() } else { vec![(name, words)] };
    for (name, words) in chosen {
        let bench = BENCHES.iter().find(|bench| bench.name == name);
        let bench = bench.with_context(|| format!("no bench `{name}`\n\n{}", list()))?;
        tools::provide(house, tools::FOR_BENCHES)?;
        start(house, bench, words)?;
    }
    Ok(())
}

/// Names of the benches with what each measures.
pub fn list() -> String {
    let line = |name: &str, about: &str| format!("  {name:<14} {about}\n");
    let lines = BENCHES.iter().map(|bench| line(bench.name, bench.about));
    let quick = line("quick", "check-ins, start-up and exposure with few rounds, in about ten minutes");
    let head = "\nBenches (`cargo xtask bench NAME --help` tells the words of the first three):\n".to_owned();
    std::iter::once(head).chain(lines).chain([quick]).collect()
}

fn start(house: &House, bench: &Bench, words: &[&str]) -> Result<()> {
    eprintln!("\nbench {}: {}", bench.name, bench.about);
    (bench.run)(house, words).with_context(|| format!("bench {}", bench.name))
}

/// As many gates as keep it within minutes; docs/performance.md names the command for the whole province.
fn drain(house: &House, words: &[&str]) -> Result<()> {
    let words = if words.is_empty() { &["1000", "200", "3"] } else { words };
    let args = ["--profile", "measured", "-p", "vaora", "--example", "bench_drain", "--"];
    run(house.cargo("run").args(args).args(words))
}

fn pages(house: &House, words: &[&str]) -> Result<()> {
    let args = ["--profile", "measured", "-p", "vaora", "--example", "bench_pages", "--"];
    run(house.cargo("run").args(args).args(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_quick_one_runs_is_there() {
        for (name, _) in QUICK {
            assert!(BENCHES.iter().any(|bench| bench.name == *name), "{name}");
        }
    }
}
