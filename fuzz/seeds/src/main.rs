//! Inputs of fuzzers between two forms: lists that people read and the browser's tests share, one JSON object a
//! line, and folders with a file an input, as libFuzzer keeps them.
//!
//! `seeds unpack whole|pieces FOLDER LIST…` writes a file for each input of the lists: the input itself, or
//! each piece of it between separators, for readers of parts of codes. An input stands as `input` (text) or
//! `input_hex` (bytes), other members are passed over.
//!
//! `seeds pack FOLDER LIST` writes a new list of the inputs of a folder, short and long ones alike, within limits
//! that keep the list readable. `fuzz/corpus/card_read.jsonl` was made so, of a folder from which `cargo +nightly
//! fuzz cmin card_read -- -use_counters=0` had taken every input that reaches nothing new.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// Most inputs of a list.
const INPUTS_MAX: usize = 400;

/// Most bytes of a list.
const LIST_BYTES_MAX: usize = 300_000;

/// Longest input of a list, in bytes: a few long ones would fill it.
const INPUT_BYTES_MAX: usize = 4_400;

/// What stands between the pieces of codes.
const SEPARATORS: [char; 5] = ['|', '/', '#', '<', ','];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["unpack", form @ ("whole" | "pieces"), folder, ref lists @ ..] => {
            unpack(Path::new(folder), lists, form == "pieces")
        }
        ["pack", folder, list] => pack(Path::new(folder), Path::new(list)),
        _ => bail!("unpack whole|pieces FOLDER LIST…, or pack FOLDER LIST"),
    }
}

fn unpack(folder: &Path, lists: &[&str], in_pieces: bool) -> Result<()> {
    let mut inputs = BTreeSet::new();
    for list in lists {
        let text = std::fs::read_to_string(list).with_context(|| (*list).to_owned())?;
        for (at, line) in text.lines().enumerate() {
            let input = input_of(line).with_context(|| format!("{list}, line {}", at + 1))?;
            if in_pieces {
                let text = String::from_utf8_lossy(&input);
                inputs.extend(text.split(SEPARATORS).map(|piece| piece.as_bytes().to_vec()));
            }
            inputs.insert(input);
        }
    }
    std::fs::create_dir_all(folder)?;
    for (at, input) in inputs.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at:04}")), input)?;
    }
    println!("{} inputs in {}", inputs.len(), folder.display());
    Ok(())
}

fn input_of(line: &str) -> Result<Vec<u8>> {
    let object: Value = serde_json::from_str(line)?;
    if let Some(text) = object.get("input").and_then(Value::as_str) {
        return Ok(text.as_bytes().to_vec());
    }
    let hex = object.get("input_hex").and_then(Value::as_str).context("neither input nor input_hex")?;
    Ok(HEXLOWER.decode(hex.as_bytes())?)
}

fn pack(folder: &Path, list: &Path) -> Result<()> {
    let mut inputs: Vec<Vec<u8>> = vec![];
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path: PathBuf = entry?.path();
        inputs.push(std::fs::read(path)?);
    }
    inputs.retain(|input| input.len() <= INPUT_BYTES_MAX);
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    inputs.dedup();
    let found = inputs.len();
    // Evenly from the shortest to the longest: the short ones alone would hold no whole card.
    let chosen = (0..found.min(INPUTS_MAX)).map(|at| &inputs[at * found / found.min(INPUTS_MAX)]);
    let mut text = String::new();
    let mut kept = 0;
    for input in chosen {
        let Some(line) = line_of(input).filter(|line| text.len() + line.len() <= LIST_BYTES_MAX) else {
            continue;
        };
        text += &line;
        kept += 1;
    }
    std::fs::write(list, text)?;
    println!("{kept} of {found} inputs in {}", list.display());
    Ok(())
}

/// An input as a line of a list; `None` for bytes that are no text and hold a line feed, as the server's command,
/// which the browser's reader is held against, ends a line there.
fn line_of(input: &[u8]) -> Option<String> {
    match std::str::from_utf8(input) {
        Ok(text) => Some(format!("{}\n", json!({ "input": text }))),
        Err(_) if input.contains(&b'\n') => None,
        Err(_) => Some(format!("{}\n", json!({ "input_hex": HEXLOWER.encode(input) }))),
    }
}
