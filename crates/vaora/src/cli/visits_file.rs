//! A file of visits in clear, as analysts keep it: CSV with the columns `person,place,check_in,check_out[,area]`.
//!
//! Columns are found by name, in any order; others are passed over. Ids are any text; spaces around a field do not
//! count. Instants are seconds (whole, from 0, such as Unix time) or RFC 3339 with an offset, to the second.
//! A visit holds from check-in until just before check-out.
//!
//! The file is read row by row. A row costs 32 bytes here, up to twice that while the list grows, and 25 more while
//! the index is built; each different id is kept once.

use std::{
    cell::Cell,
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
    rc::Rc,
    str::FromStr as _,
};

use ::exposure::{Index, Limits, Visit, Visits};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use csv::ByteRecord;
use jiff::Timestamp;

/// Most bytes of an id.
const ID_BYTES_MAX: usize = 256;

/// Most bytes of a row; a longer one is a quotation mark that nobody closed.
const ROW_BYTES_MAX: u64 = 64 * 1024;

/// Bytes read from the file at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file's visits, ready for questions.
pub struct VisitsFile {
    /// The visits. A person's number there is the position in `persons`.
    pub index: Index,
    /// The persons' ids in order of their text.
    pub persons: Vec<Box<str>>,
    /// Instants were written in RFC 3339, and so shall answers be.
    pub in_rfc_3339: bool,
    /// Visits whose check-out is their check-in; they are left out.
    pub without_length: u64,
}

impl VisitsFile {
    /// Reads a file, or standard input when its name is `-`. Where the check-out is empty, the visit lasts
    /// `default_stay_seconds`.
    ///
    /// # Errors
    /// When the file cannot be read, a row is not as described (the error names its line), or there are too many.
    pub fn read(path: &Path, default_stay_seconds: Option<u32>) -> Result<Self> {
        if path == Path::new("-") {
            return Self::read_from(io::stdin().lock(), default_stay_seconds);
        }
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        Self::read_from(file, default_stay_seconds).with_context(|| path.display().to_string())
    }

    fn read_from(source: impl Read, default_stay_seconds: Option<u32>) -> Result<Self> {
        let bytes_left = Rc::new(Cell::new(0));
        let bounded = Bounded { source, bytes_left: Rc::clone(&bytes_left) };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(bounded);
        let mut row = ByteRecord::new();
        let mut next = |row: &mut ByteRecord| {
            bytes_left.set(ROW_BYTES_MAX + BUFFER_BYTES as u64);
            let before = reader.position().line();
            reader.read_byte_record(row).map_err(|error| anyhow!("line {before}: {error}"))
        };
        ensure!(next(&mut row)?, "the file is empty: its first line must name the columns, {COLUMNS}");
        let columns = Columns::find(&row)?;
        let mut rows = Rows { columns, default_stay_seconds, ..Rows::default() };
        while next(&mut row)? {
            let line = row.position().map_or(0, csv::Position::line);
            rows.add(&row).with_context(|| format!("line {line}"))?;
        }
        rows.finish()
    }
}

/// Ends the reading of a row that has no end.
struct Bounded<R> {
    source: R,
    /// What may be read until the next row.
    bytes_left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let left = self.bytes_left.get().checked_sub(count as u64);
        let too_long = || io::Error::other("the row is too long; is a quotation mark not closed?");
        self.bytes_left.set(left.ok_or_else(too_long)?);
        Ok(count)
    }
}

const COLUMNS: &str = "person,place,check_in,check_out and perhaps area";

/// Where the columns stand.
#[derive(Default)]
struct Columns {
    person: usize,
    place: usize,
    check_in: usize,
    check_out: usize,
    area: Option<usize>,
    count: usize,
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self> {
        let name = |field: &[u8]| field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field).to_ascii_lowercase();
        let names: Vec<Vec<u8>> = header.iter().map(name).collect();
        let position = |wanted: &str| names.iter().position(|name| name == wanted.as_bytes());
        let needed = |wanted: &str| {
            position(wanted)
                .with_context(|| format!("line 1 names no column {wanted}; it must name {COLUMNS}"))
        };
        Ok(Self {
            person: needed("person")?,
            place: needed("place")?,
            check_in: needed("check_in")?,
            check_out: needed("check_out")?,
            area: position("area"),
            count: names.len(),
        })
    }
}

/// What has been read.
#[derive(Default)]
struct Rows {
    columns: Columns,
    default_stay_seconds: Option<u32>,
    visits: Vec<Visit>,
    persons: Numbers,
    places: Numbers,
    areas: Numbers,
    /// Put together anew for each row, so that it is not allocated anew.
    area_key: String,
    in_rfc_3339: bool,
    without_length: u64,
}

impl Rows {
    fn add(&mut self, row: &ByteRecord) -> Result<()> {
        let Columns { person, place, check_in, check_out, area, count } = self.columns;
        ensure!(row.len() == count, "{} fields instead of {count}", row.len());
        ensure!(self.visits.len() < ::exposure::VISITS_MAX, "more than {} visits", ::exposure::VISITS_MAX);
        let (person, place) = (id(row, person, "person")?, id(row, place, "place")?);
        let from = self.instant(text(row, check_in, "check_in")?, "check_in")?;
        let until = match (text(row, check_out, "check_out")?, self.default_stay_seconds) {
            ("", Some(stay)) => from.saturating_add(stay),
            ("", None) => bail!("check_out is empty; say with --default-stay how long such visits last"),
            (out, _) => self.instant(out, "check_out")?,
        };
        ensure!(from <= until, "check_out is before check_in");
        let person = u64::from(self.persons.number(person));
        let place = self.places.number(place);
        let area_id = match area {
            None => place,
            Some(area) => {
                use std::fmt::Write as _;
                self.area_key.clear();
                // Writing to a string cannot fail.
                write!(self.area_key, "{place},{}", text(row, area, "area")?).ok();
                self.areas.number(&self.area_key)
            }
        };
        if from == until {
            self.without_length += 1;
            return Ok(());
        }
        self.visits.push(Visit {
            person,
            area_id,
            place,
            from,
            until,
            start_inferred: false,
            end_inferred: false,
            assurance_in: None,
            assurance_out: None,
        });
        Ok(())
    }

    fn instant(&mut self, text: &str, column: &str) -> Result<u32> {
        let (at, in_rfc_3339) = instant(text).with_context(|| column.to_owned())?;
        self.in_rfc_3339 |= in_rfc_3339;
        Ok(at)
    }

    /// Renumbers the persons by their text, so that answers come in that order, and builds the index.
    fn finish(mut self) -> Result<VisitsFile> {
        let mut persons: Vec<(Box<str>, u32)> = self.persons.0.into_iter().collect();
        persons.sort_unstable();
        let mut rank = vec![0_u64; persons.len()];
        for (position, (_, number)) in (0_u64..).zip(&persons) {
            rank[*number as usize] = position;
        }
        self.visits.iter_mut().for_each(|visit| visit.person = rank[visit.person as usize]);
        let limits = Limits {
            contacts_max: persons.len(),
            // A stay in hospital may last weeks.
            visit_seconds_max: u32::MAX,
            ..Limits::default()
        };
        let index = Index::build(Visits::from_list(self.visits, &limits)?, limits)?;
        Ok(VisitsFile {
            index,
            persons: persons.into_iter().map(|(text, _)| text).collect(),
            in_rfc_3339: self.in_rfc_3339,
            without_length: self.without_length,
        })
    }
}

/// Texts numbered in order of their first occurrence.
#[derive(Default)]
struct Numbers(HashMap<Box<str>, u32>);

impl Numbers {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.0.get(text) {
            return number;
        }
        // No more than there are visits, whose number is bounded below this.
        let number = self.0.len() as u32;
        self.0.insert(text.into(), number);
        number
    }
}

fn text<'a>(row: &'a ByteRecord, column: usize, name: &str) -> Result<&'a str> {
    let field = row.get(column).unwrap_or_default();
    std::str::from_utf8(field).map_err(|_| anyhow!("{name} is not text in UTF-8"))
}

fn id<'a>(row: &'a ByteRecord, column: usize, name: &str) -> Result<&'a str> {
    let id = text(row, column, name)?;
    ensure!(!id.is_empty(), "{name} is empty");
    ensure!(id.len() <= ID_BYTES_MAX, "{name} is longer than {ID_BYTES_MAX} bytes");
    Ok(id)
}

/// An instant in seconds, and whether it was written in RFC 3339.
///
/// # Errors
/// When it is neither whole seconds from 0 to 4,294,967,295 nor RFC 3339 within the years 1970 to 2106.
pub fn instant(text: &str) -> Result<(u32, bool)> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = u32::from_str(text)
            .map_err(|_| anyhow!("{text} is beyond {} seconds; is it in milliseconds?", u32::MAX))?;
        return Ok((seconds, false));
    }
    let wanted = "seconds, or RFC 3339 such as 2021-08-05T08:00:00+07:00";
    let at = Timestamp::from_str(text).map_err(|_| anyhow!("`{text}` is no instant; write {wanted}"))?;
    let seconds = u32::try_from(at.as_second()).ok();
    Ok((seconds.with_context(|| format!("`{text}` is not within the years 1970 to 2106"))?, true))
}
