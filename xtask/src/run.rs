//! Running commands: each is shown before it starts and fails loudly.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

/// What a test runner's own closing lines said.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that ran.
    pub ran: u64,
    /// Tests that were skipped, ignored or left for later.
    pub skipped: u64,
}

impl Tally {
    /// Adds what one line of output says, if it is a closing line of `cargo test` or of `node --test`.
    fn note(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            self.ran += count_before(rest, " passed") + count_before(rest, " failed");
            self.skipped += count_before(rest, " ignored");
        }
        let line = line.trim_start_matches(['ℹ', '#', ' ']);
        let value = |word: &str| line.strip_prefix(word).and_then(|rest| rest.trim().parse::<u64>().ok());
        self.ran += value("tests ").unwrap_or(0);
        self.skipped += value("skipped ").or_else(|| value("todo ")).unwrap_or(0);
    }
}

fn count_before(text: &str, word: &str) -> u64 {
    let Some((before, _)) = text.split_once(word) else { return 0 };
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Runs a command to its end; an error when it cannot start or fails.
pub fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("{} did not start", name(command)))?;
    ensure!(status.success(), "{} failed: {status}", name(command));
    Ok(())
}

/// Runs tests, showing all they say; an error when they fail, when none ran, or when one was skipped.
pub fn run_tests(command: &mut Command) -> Result<()> {
    announce(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("{} did not start", name(command)))?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        let mut screen = std::io::stdout().lock();
        while reader.read_until(b'\n', &mut line)? > 0 {
            screen.write_all(&line)?;
            screen.flush()?;
            tally.note(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "failed: {status}");
    match tally {
        Tally { ran: 0, .. } => bail!("none ran"),
        Tally { skipped: 1.., .. } => bail!("{} were skipped", tally.skipped),
        Tally { .. } => Ok(()),
    }
}

fn announce(command: &Command) {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    eprintln!("\n$ {} {}", name(command), words.join(" "));
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.note(line));
        (tally.ran, tally.skipped)
    }

    #[test]
    fn closing_lines_of_cargo_add_up() {
        let line =
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(tally(&[line, "running 5 tests", line, "test result_is_kept ... ok"]), (10, 2));
        assert_eq!(tally(&["test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured"]), (3, 0));
    }

    #[test]
    fn closing_lines_of_node_add_up() {
        assert_eq!(tally(&["ℹ tests 12", "ℹ suites 3", "ℹ pass 10", "ℹ skipped 1", "ℹ todo 1"]), (12, 2));
        assert_eq!(tally(&["# tests 4", "# skipped 0", "tests of the gate"]), (4, 0));
    }
}
