//! `vaora code read`: the server's own reader on standard input.

use std::{
    io::{BufRead as _, Write as _},
    process::ExitCode,
};

use anyhow::Result;
use domain::card;

use crate::clock::Clock;

/// Reads lines until the input ends. A line that is a JSON string stands for its text; any other is raw.
///
/// # Errors
/// When input or output fails.
pub fn run() -> Result<ExitCode> {
    let today = Clock::default().today();
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.split(b'\n') {
        let line = line?;
        let reading = match serde_json::from_slice::<String>(&line) {
            Ok(text) => card::read(&text, today),
            Err(_) => card::read_bytes(&line, today),
        };
        serde_json::to_writer(&mut output, &reading)?;
        output.write_all(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}
