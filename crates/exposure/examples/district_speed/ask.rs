//! Questions on standard input, a line each, so that another tool can be asked in turns.
//!
//! ```text
//! contacts ID                 one case, whole list
//! generations ID FILE         F1 and F2 of one case, infectious a day after they met
//! cases ID,ID,… FILE          the contacts of each
//! places ID,ID,… FILE         places ranked by exposure to all of them
//! pairs FILE                  everybody with everybody
//! ```
//! Each is answered with `nanoseconds rows` once its result stands. Where FILE is not `-`, the rows are then
//! written there; that is not in the time.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use exposure::{CaseWindow, GenerationRule, Index, Pair, Span, SpreadQuestion, Stop};

use crate::RULE;

/// A made-up latency, long enough to matter.
const LATENCY_SECONDS: u32 = 86_400;

type Answer = Result<(Duration, usize), Box<dyn Error>>;

/// Answers until the input ends.
pub fn serve(index: &Index) -> Result<(), Box<dyn Error>> {
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (time, rows) = match line.split(' ').collect::<Vec<_>>()[..] {
            ["contacts", id] => contacts(index, id.parse()?)?,
            ["generations", id, file] => generations(index, id.parse()?, file)?,
            ["cases", ids, file] => cases(index, &numbers(ids)?, file)?,
            ["places", ids, file] => places(index, &numbers(ids)?, file)?,
            ["pairs", file] => pairs(index, file)?,
            _ => return Err(format!("what is {line}?").into()),
        };
        println!("{} {rows}", time.as_nanos());
    }
    Ok(())
}

fn numbers(ids: &str) -> Result<Vec<u64>, std::num::ParseIntError> {
    ids.split(',').map(str::parse).collect()
}

/// Writes rows to a file, or nowhere.
fn write(file: &str, header: &str, rows: impl Iterator<Item = String>) -> std::io::Result<()> {
    if file == "-" {
        return Ok(());
    }
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "{header}")?;
    for row in rows {
        writeln!(out, "{row}")?;
    }
    out.flush()
}

/// The contacts of one case.
pub fn contacts(index: &Index, person: u64) -> Answer {
    let start = Instant::now();
    let list = index.contacts(&[person], Span::ALWAYS, &RULE)?;
    Ok((start.elapsed(), list.contacts.len()))
}

fn generations(index: &Index, person: u64, file: &str) -> Answer {
    let all = GenerationRule {
        min_overlap_seconds: RULE.min_overlap_seconds,
        contacts_max: if file == "-" { exposure::CONTACTS_MAX } else { usize::MAX },
        followed_max: usize::MAX,
    };
    let question = SpreadQuestion {
        case: &[person],
        window: Span::ALWAYS,
        until: u32::MAX,
        latency_seconds: LATENCY_SECONDS,
        same: RULE.same,
        isolated: &[],
        generations: &[all, all],
    };
    let start = Instant::now();
    let generations = index.generations(&question, Stop::NEVER)?;
    let time = start.elapsed();
    let found = generations.iter().map(|generation| generation.exposed.len() + generation.cut).sum();
    let rows = generations.iter().zip(1..).flat_map(|(generation, number)| {
        generation.exposed.iter().map(move |one| {
            let (first, last) = (one.first_from, one.last_until);
            format!("{number},{},{},{first},{last}", one.person, one.overlap_seconds)
        })
    });
    write(file, "generation,person,overlap_seconds,first_from,last_until", rows)?;
    Ok((time, found))
}

fn windows(persons: &[u64]) -> Vec<CaseWindow<'_>> {
    persons.chunks(1).map(|persons| CaseWindow { persons, window: Span::ALWAYS }).collect()
}

fn cases(index: &Index, persons: &[u64], file: &str) -> Answer {
    let start = Instant::now();
    let lists = index.contacts_of_cases(&windows(persons), &RULE, Stop::NEVER)?;
    let time = start.elapsed();
    let found = lists.iter().map(|list| list.contacts.len() + list.cut).sum();
    let rows = persons.iter().zip(&lists).flat_map(|(person, list)| {
        list.contacts.iter().map(move |contact| {
            format!("{person},{},{},{}", contact.person, contact.overlap_seconds, contact.last_until)
        })
    });
    write(file, "case,person,overlap_seconds,last_until", rows)?;
    Ok((time, found))
}

fn places(index: &Index, persons: &[u64], file: &str) -> Answer {
    let start = Instant::now();
    let list = index.places_by_exposure(&windows(persons), &RULE, usize::MAX, Stop::NEVER)?;
    let time = start.elapsed();
    let rows = list.places.iter().map(|place| {
        let (first, last) = (place.first_from, place.last_until);
        format!("{},{},{},{first},{last}", place.place, place.person_seconds, place.people)
    });
    write(file, "place,person_seconds,people,first_from,last_until", rows)?;
    Ok((time, list.places.len()))
}

fn pairs(index: &Index, file: &str) -> Answer {
    let mut sum = 0_u64;
    let add = |batch: &[Pair]| {
        sum += batch.iter().map(|pair| u64::from(pair.overlap_seconds)).sum::<u64>();
        ControlFlow::Continue(())
    };
    let start = Instant::now();
    let counts = index.pairs(Span::ALWAYS, &RULE, Stop::NEVER, add)?;
    let time = start.elapsed();
    // The sum is read, so that the rows are too.
    eprintln!("{} pairs, {} meetings, {} hours", counts.pairs, counts.meetings, sum / 3_600);
    if file != "-" {
        let mut all: Vec<Pair> = Vec::new();
        index.pairs(Span::ALWAYS, &RULE, Stop::NEVER, |batch| {
            all.extend_from_slice(batch);
            ControlFlow::Continue(())
        })?;
        let row = |pair: &Pair| {
            let (seconds, meetings) = (pair.overlap_seconds, pair.meetings);
            format!("{},{},{seconds},{meetings}", pair.person_a, pair.person_b)
        };
        write(file, "person_a,person_b,overlap_seconds,meetings", all.iter().map(row))?;
    }
    Ok((time, counts.pairs as usize))
}
