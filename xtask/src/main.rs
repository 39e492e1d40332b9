//! One word per chore: `cargo xtask help` lists them.

mod bench;
mod cluster;
mod fuzz;
mod house;
mod lint;
mod run;
mod test;
mod tools;
mod torture;

use std::process::ExitCode;

use anyhow::{Result, bail};

use house::House;

const HELP: &str = "\
cargo xtask WORD

  test           install what is missing, then every test on both databases and in the browser
  lint           format check, and clippy with warnings as errors
  bench [NAME [WORDS]]
                 measure beside peers; all benches, or the one named, with its own words
  fuzz [SECONDS] broken inputs for every reader, 60 seconds each or as many as given
  torture [N]    the program killed N times (2000), at moments, at system calls, under a failing disk
  help           this text
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match chore(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn chore(words: &[&str]) -> Result<()> {
    let house = House::find()?;
    match words {
        ["test"] => test::all(&house),
        ["lint"] => lint::all(&house),
        ["bench"] => bench::all(&house),
        ["bench", name, words @ ..] => bench::one(&house, name, words),
        ["fuzz", seconds @ ..] if seconds.len() < 2 => fuzz::all(&house, seconds.first().copied()),
        ["torture", rounds @ ..] if rounds.len() < 2 => torture::all(&house, rounds.first().copied()),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}{}", bench::list());
            Ok(())
        }
        _ => bail!("unknown words `{}`\n\n{HELP}", words.join(" ")),
    }
}
