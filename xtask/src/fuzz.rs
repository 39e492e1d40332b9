//! Fuzzers of every reader: broken, cut, swapped and made-up inputs until something does not hold.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{house::House, run::run};

/// Seconds that each target runs for when nothing else is said.
const SECONDS: u64 = 60;

/// Longest input that a target is given, in bytes: more than any code holds, so that the limit is met too.
const INPUT_BYTES_MAX: u32 = 8_192;

/// Longest time that one input may take, in seconds; with a sanitizer everything is many times slower.
const INPUT_SECONDS_MAX: u32 = 25;

/// A fuzzer, `fuzz/targets/NAME.rs`, and the lists of inputs that it begins with, under the project's folder.
struct Target {
    name: &'static str,
    seeds: &'static [&'static str],
    /// How the inputs of the lists are put into files, `whole` or in `pieces`: see `fuzz/seeds`.
    form: &'static str,
}

const CASES: &str = "crates/domain/tests/fixtures/codes.jsonl";
const CARDS: &str = "fuzz/corpus/card_read.jsonl";

const TARGETS: &[Target] = &[
    Target { name: "card_read", seeds: &[CASES, CARDS], form: "whole" },
    Target { name: "own_card", seeds: &[CASES], form: "pieces" },
    Target { name: "place_code", seeds: &[CASES], form: "pieces" },
    Target { name: "name_phone", seeds: &[CASES], form: "pieces" },
    Target { name: "lists", seeds: &[CASES], form: "pieces" },
    Target { name: "sheet", seeds: &["fuzz/corpus/sheet.jsonl"], form: "whole" },
    Target { name: "sequence", seeds: &["fuzz/corpus/sequence.jsonl"], form: "whole" },
    Target { name: "sealed", seeds: &[], form: "whole" },
];

/// What a fuzzer's own closing lines said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Inputs that ran.
    executions: u64,
    /// Places of the code that were reached (libFuzzer's `cov`).
    reached: u64,
    /// File of the input at which something did not hold.
    finding: Option<String>,
}

impl Tally {
    /// Adds what one line of libFuzzer's output says.
    fn note(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("stat::number_of_executed_units:") {
            self.executions = rest.trim().parse().unwrap_or(0);
        }
        if let Some((_, rest)) = line.split_once(" cov: ") {
            let found = rest.split(' ').next().and_then(|number| number.parse().ok());
            self.reached = found.unwrap_or(self.reached);
        }
        if let Some((_, file)) = line.split_once("Test unit written to ") {
            self.finding = Some(file.trim().to_owned());
        }
    }
}

/// Runs every target for so many seconds each ([`SECONDS`] where none are given) and reports what each did.
///
/// # Errors
/// When nightly Rust or cargo-fuzz are missing, something does not build, or a target found something.
pub fn all(house: &House, seconds: Option<&str>) -> Result<()> {
    let seconds: u64 = match seconds {
        Some(text) => text.parse().with_context(|| format!("`{text}` is no number of seconds"))?,
        None => SECONDS,
    };
    ensure!(seconds > 0, "a target runs for a second or more");
    check_tools(house)?;
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    check_names(&house.root, &names)?;
    run(fuzz(house).args(["build", "--target-dir"]).arg(target_folder(house)))?;
    let mut tallies = vec![];
    for target in TARGETS {
        seed(house, target)?;
        tallies.push((target.name, one(house, target.name, seconds)?));
    }
    report(&tallies, seconds)
}

/// Says how to install what is missing.
fn check_tools(house: &House) -> Result<()> {
    let is_there = |command: &mut Command| {
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if !is_there(house.command("rustup").args(["run", "nightly", "rustc", "--version"])) {
        bail!("nightly Rust is missing. Type\n\n  rustup toolchain install nightly --profile minimal");
    }
    if !is_there(house.command("cargo-fuzz").arg("--version")) {
        bail!("cargo-fuzz is missing. Type\n\n  cargo install cargo-fuzz --locked");
    }
    Ok(())
}

/// Every file of `fuzz/targets` is run, and every target has its file.
fn check_names(root: &Path, names: &[&str]) -> Result<()> {
    let folder = root.join("fuzz/targets");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut found = vec![];
    for entry in entries {
        let path = entry?.path();
        found.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    found.sort();
    let mut names = names.to_vec();
    names.sort_unstable();
    ensure!(found == names, "the files of fuzz/targets are {found:?}, the targets {names:?}");
    Ok(())
}

/// `cargo fuzz` of the nightly toolchain. Rustup would else take the one that this program was built with.
fn fuzz(house: &House) -> Command {
    let mut command = house.command("rustup");
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO_MANIFEST_DIR");
    command.args(["run", "nightly", "cargo", "fuzz"]);
    command
}

fn target_folder(house: &House) -> PathBuf {
    house.target().join("fuzz")
}

/// The folder of the inputs that a target has gathered on this machine.
fn gathered(house: &House, name: &str) -> PathBuf {
    house.root.join("fuzz/corpus").join(name)
}

/// Puts the inputs that the project keeps, as lists that people can read, into files.
fn seed(house: &House, target: &Target) -> Result<()> {
    let folder = gathered(house, target.name);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    if target.seeds.is_empty() {
        return Ok(());
    }
    let mut seeds = house.cargo("run");
    seeds.args(["--quiet", "--manifest-path", "fuzz/Cargo.toml", "--package", "seeds", "--target-dir"]);
    seeds.arg(target_folder(house)).args(["--", "unpack", target.form]).arg(folder);
    run(seeds.args(target.seeds))
}

/// Runs one target to its end. What it says passes by, as it may run for hours.
fn one(house: &House, name: &str, seconds: u64) -> Result<Tally> {
    let mut command = fuzz(house);
    command.args(["run", "--target-dir"]).arg(target_folder(house)).arg(name).arg(gathered(house, name));
    command.args(["--", "-print_final_stats=1", "-dict=fuzz/cards.dict"]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-max_len={INPUT_BYTES_MAX}")).arg(format!("-timeout={INPUT_SECONDS_MAX}"));
    eprintln!("\nfuzz {name}: {seconds} s");
    let mut child = command.stderr(Stdio::piped()).spawn().context("cargo fuzz did not start")?;
    let mut tally = Tally::default();
    let mut screen = std::io::stderr().lock();
    if let Some(output) = child.stderr.take() {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            screen.write_all(&line)?;
            tally.note(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    let status = child.wait()?;
    ensure!(status.success() || tally.finding.is_some(), "fuzz {name} failed: {status}");
    ensure!(tally.finding.is_some() || tally.executions > 0, "fuzz {name} ran nothing");
    Ok(tally)
}

fn report(tallies: &[(&str, Tally)], seconds: u64) -> Result<()> {
    println!("\n{:<12} {:>14} {:>14}  finding ({seconds} s each)", "target", "executions", "places reached");
    for (name, tally) in tallies {
        let finding = tally.finding.as_deref().unwrap_or("none");
        println!("{name:<12} {:>14} {:>14}  {finding}", tally.executions, tally.reached);
    }
    let found = tallies.iter().filter(|(_, tally)| tally.finding.is_some()).count();
    ensure!(
        found == 0,
        "{found} targets found something; `cargo +nightly fuzz run TARGET FILE` shows it again"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.note(line));
        tally
    }

    #[test]
    fn closing_lines_of_libfuzzer_are_understood() {
        let lines = [
            "#65536\tpulse  cov: 1403 ft: 5342 corp: 901/94Kb lim: 4096 exec/s: 32768 rss: 90Mb",
            "#90000\tDONE   cov: 1410 ft: 5400 corp: 950/99Kb lim: 4096 exec/s: 30000 rss: 91Mb",
            "stat::number_of_executed_units: 90000",
            "stat::average_exec_per_sec:     30000",
        ];
        assert_eq!(tally(&lines), Tally { executions: 90_000, reached: 1_410, finding: None });
    }

    #[test]
    fn a_finding_is_kept() {
        let line =
            "artifact_prefix='fuzz/artifacts/lists/'; Test unit written to fuzz/artifacts/lists/crash-1";
        assert_eq!(tally(&[line]).finding.as_deref(), Some("fuzz/artifacts/lists/crash-1"));
    }

    #[test]
    fn every_target_has_its_file_and_its_seeds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default();
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        assert!(check_names(&root, &names).is_ok());
        assert!(check_names(&root, &names[1..]).is_err());
        for list in TARGETS.iter().flat_map(|target| target.seeds) {
            assert!(root.join(list).is_file(), "{list}");
        }
    }
}
