//! `vaora exposure`: the engine alone, for analysts with a file of visits in clear.
//!
//! It reads no settings and no data folder, and asks nobody: what it answers was in the file.

use std::{
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::PathBuf,
    process::ExitCode,
};

use ::exposure::{Error, ExposureRule, Pair, SameSpace, Span, Stop};
use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::visits_file::{VisitsFile, instant};

/// Bytes written at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// Questions to a file of visits in clear.
#[derive(Subcommand)]
pub enum Exposure {
    /// All pairs of persons who were together long enough, as CSV: person_a,person_b,overlap_seconds,meetings.
    ///
    /// Each pair comes once, the smaller id first, in order of the ids' text. Time together is added up over all
    /// meetings, each second once; a meeting is a visit of one that overlaps a visit of the other. Visits that
    /// only touch do not overlap.
    Pairs(Visits),
    /// Who was together with one person, longest first, as CSV:
    /// person,overlap_seconds,meetings,first_from,last_until.
    Contacts {
        #[command(flatten)]
        visits: Visits,
        /// The person's id; several times for a person with several ids.
        #[arg(long = "case", value_name = "ID", required = true)]
        case: Vec<String>,
        /// Start of the time that counts, in seconds or RFC 3339; unless told, all.
        #[arg(long, value_parser = moment)]
        from: Option<u32>,
        /// Its end, itself not included; unless told, all.
        #[arg(long, value_parser = moment)]
        until: Option<u32>,
    },
}

/// The file, and when two people were together.
#[derive(Args)]
pub struct Visits {
    /// CSV with the columns person,place,check_in,check_out and perhaps area; `-` for standard input.
    ///
    /// Ids are any text. Instants are whole seconds or RFC 3339 with an offset. A visit holds from check-in until
    /// just before check-out. A row takes 60 to 100 bytes of memory.
    file: PathBuf,
    /// Least time together in all, such as 15m, 900s, 1h30m or 900.
    #[arg(long, default_value = "15m", value_parser = duration)]
    min_overlap: u32,
    /// How long a visit lasts whose check-out is empty; unless told, such a row is an error.
    #[arg(long, value_parser = duration)]
    default_stay: Option<u32>,
    /// What two people must share. A file without the column area has one area a place.
    #[arg(long, value_enum, default_value_t = Same::Place)]
    same: Same,
}

/// What two people must share.
#[derive(Clone, Copy, ValueEnum)]
enum Same {
    /// The same area of a place.
    Area,
    /// The same place, whichever areas.
    Place,
}

impl Visits {
    fn rule(&self) -> ExposureRule {
        let same = match self.same {
            Same::Area => SameSpace::Area,
            Same::Place => SameSpace::Place,
        };
        ExposureRule { min_overlap_seconds: self.min_overlap, same }
    }

    fn read(&self) -> Result<VisitsFile> {
        let file = VisitsFile::read(&self.file, self.default_stay)?;
        if file.without_length > 0 {
            eprintln!("vaora: left out {} visits whose check-out is their check-in", file.without_length);
        }
        Ok(file)
    }
}

/// Answers on standard output.
///
/// # Errors
/// When the file is not as described, or writing fails.
pub fn run(command: &Exposure) -> Result<ExitCode> {
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    let written = match command {
        Exposure::Pairs(visits) => pairs(visits, &mut output)?,
        Exposure::Contacts { visits, case, from, until } => {
            contacts(visits, case, (*from, *until), &mut output)?
        }
    };
    match written.and_then(|()| output.flush()) {
        // Whoever read has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        result => result.context("cannot write the answer").map(|()| ExitCode::SUCCESS),
    }
}

fn pairs(visits: &Visits, output: &mut impl Write) -> Result<io::Result<()>> {
    let file = visits.read()?;
    let ids: Vec<String> = file.persons.iter().map(|id| quoted(id)).collect();
    let mut written = writeln!(output, "person_a,person_b,overlap_seconds,meetings");
    let mut write = |pair: &Pair| {
        let (a, b) = (&ids[pair.person_a as usize], &ids[pair.person_b as usize]);
        writeln!(output, "{a},{b},{},{}", pair.overlap_seconds, pair.meetings)
    };
    let found = |batch: &[Pair]| {
        if written.is_ok() {
            written = batch.iter().try_for_each(&mut write);
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    match file.index.pairs(Span::ALWAYS, &visits.rule(), Stop::NEVER, found) {
        // Only broken off where writing failed, which is told instead.
        Ok(_) | Err(Error::Cancelled) => Ok(written),
        Err(error) => Err(error.into()),
    }
}

fn contacts(
    visits: &Visits,
    case: &[String],
    (from, until): (Option<u32>, Option<u32>),
    output: &mut impl Write,
) -> Result<io::Result<()>> {
    let window = Span::new(from.unwrap_or(0), until.unwrap_or(u32::MAX));
    let window = window.context("--until is not later than --from")?;
    let file = visits.read()?;
    let mut numbers = Vec::with_capacity(case.len());
    for id in case {
        let number = file.persons.binary_search_by(|person| person.as_ref().cmp(id.trim()));
        numbers.push(number.map_err(|_| anyhow::anyhow!("the file has no person `{id}`"))? as u64);
    }
    let list = file.index.contacts(&numbers, window, &visits.rule())?;
    let written = writeln!(output, "person,overlap_seconds,meetings,first_from,last_until");
    Ok(written.and_then(|()| {
        list.contacts.iter().try_for_each(|contact| {
            let meetings = list.meetings_of(contact);
            let first_from = meetings.iter().map(|meeting| meeting.overlap.from).min().unwrap_or(0);
            let id = quoted(&file.persons[contact.person as usize]);
            let (first, last) = (shown(first_from, &file), shown(contact.last_until, &file));
            writeln!(output, "{id},{},{},{first},{last}", contact.overlap_seconds, meetings.len())
        })
    }))
}

/// An instant as the file writes them.
fn shown(at: u32, file: &VisitsFile) -> String {
    match Timestamp::from_second(i64::from(at)) {
        Ok(instant) if file.in_rfc_3339 => instant.to_string(),
        _ => at.to_string(),
    }
}

/// An id as a field of CSV.
fn quoted(id: &str) -> String {
    if id.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", id.replace('"', "\"\""))
    } else {
        id.to_owned()
    }
}

fn moment(text: &str) -> Result<u32> {
    Ok(instant(text)?.0)
}

/// A duration in seconds: a number of seconds, or numbers each with `h`, `m` or `s`.
fn duration(text: &str) -> Result<u32> {
    let wrong = || format!("`{text}` is no duration; write 15m, 900s, 1h30m or 900");
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    ensure!(text.ends_with(['h', 'm', 's']), wrong());
    let mut total: u32 = 0;
    for part in text.split_inclusive(['h', 'm', 's']) {
        let (number, unit) = part.split_at(part.len() - 1);
        let seconds: u32 = match unit {
            "h" => 3_600,
            "m" => 60,
            _ => 1,
        };
        let part = number.parse::<u32>().ok().and_then(|number| number.checked_mul(seconds));
        total = part.and_then(|part| total.checked_add(part)).with_context(wrong)?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in
            [("15m", 900), ("900s", 900), ("900", 900), ("1h30m", 5_400), ("0", 0), ("2h1m1s", 7_261)]
        {
            assert_eq!(duration(text).unwrap(), seconds, "{text}");
        }
        for text in ["", "m", "15", "15min", "-5m", "1.5h", "m15", "99999999h", "15 m"] {
            assert_eq!(duration(text).is_ok(), text == "15", "{text}");
        }
    }

    #[test]
    fn ids_are_quoted_where_they_must_be() {
        assert_eq!(quoted("H'Hen Niê"), "H'Hen Niê");
        assert_eq!(quoted("a,b \"c\""), "\"a,b \"\"c\"\"\"");
    }
}
