//! Visits by area, in order of start.
//!
//! A *row* is a visit as its area lists it, 16 bytes: start, end, the person's number, scans. Whoever asks about an
//! area and a time reads one run of rows. Areas are numbered by place and id, so that a place's areas lie side by
//! side; they stand in *groups*, each small enough to be sorted in the cache.

use domain::time::Seconds2020;

use crate::people::{OwnVisit, People, Scans};
use crate::radix::{Buckets, Scratch, Sink};
use crate::threads::{THREADS, share};
use crate::{Error, Span};

/// Rows of a group, unless one area alone has more.
const GROUP_ROWS: usize = 1 << 18;

/// Below this many visits, starting threads takes longer than the work.
const VISITS_FOR_THREADS: usize = 50_000;

/// Bits of a record above those that make a row: the area's number.
const AREA_BITS: u32 = 24;

/// A visit as its area lists it. While the rows are being sorted, the area's number stands above it.
#[derive(Clone, Copy)]
pub(crate) struct Row(u128);

impl Row {
    pub(crate) fn from(self) -> Seconds2020 {
        (self.0 >> 96) as u32
    }

    pub(crate) fn until(self) -> Seconds2020 {
        (self.0 >> 64) as u32
    }

    pub(crate) fn span(self) -> Span {
        Span { from: self.from(), until: self.until() }
    }

    /// The person's number.
    pub(crate) fn who(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) fn scans(self) -> Scans {
        Scans((self.0 >> AREA_BITS) as u8)
    }

    /// What is sorted: area, start, end, person, scans.
    fn record(number: u32, visit: OwnVisit) -> u128 {
        let times = u128::from(visit.from()) << 32 | u128::from(visit.until());
        (visit.area() as u128) << (128 - AREA_BITS)
            | times << 40
            | u128::from(number) << 8
            | u128::from(visit.scans().0)
    }

    fn of_record(record: u128) -> u128 {
        record << AREA_BITS
    }
}

/// The rows of one area.
#[derive(Clone, Copy)]
pub(crate) struct AreaRows<'a> {
    rows: &'a [u128],
    /// Longest visit in the area: no row that starts earlier than this before an instant reaches it.
    longest_seconds: u32,
}

impl<'a> AreaRows<'a> {
    pub(crate) fn len(self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(self, row: usize) -> Row {
        Row(self.rows[row])
    }

    pub(crate) fn longest_seconds(self) -> u32 {
        self.longest_seconds
    }

    /// The rows from one position on.
    pub(crate) fn after(self, first: usize) -> impl Iterator<Item = Row> + use<'a> {
        self.rows[first..].iter().map(|&row| Row(row))
    }

    /// The first row that may reach `at`.
    pub(crate) fn first_reaching(self, at: Seconds2020) -> usize {
        let too_early = at.saturating_sub(self.longest_seconds);
        self.rows.partition_point(|&row| Row(row).from() < too_early)
    }

    /// Calls `found` with each row that shares a second with `span`, and that time, in order of start.
    pub(crate) fn overlapping(self, span: Span, mut found: impl FnMut(usize, Row, Span)) {
        let first = self.first_reaching(span.from);
        for (number, row) in (first..).zip(self.after(first)) {
            if row.from() >= span.until {
                break;
            }
            if let Some(shared) = row.span().common(span) {
                found(number, row, shared);
            }
        }
    }
}

/// Where an area's rows are.
#[derive(Clone, Copy, Default)]
struct Run {
    group: u32,
    first: u32,
    len: u32,
    longest_seconds: u32,
}

/// All rows, by area.
pub(crate) struct Rows {
    groups: Vec<Vec<u128>>,
    /// By area.
    runs: Vec<Run>,
}

impl Rows {
    /// Lays out the visits of all people again, by area.
    pub(crate) fn new(people: &People, area_count: usize) -> Result<Self, Error> {
        let threads = if people.visit_count() < VISITS_FOR_THREADS { 1 } else { THREADS };
        let mut runs = count(people, area_count, threads)?;
        let groups = group(&mut runs);
        let buckets = Buckets::new(groups);
        let spread = |sink: &mut Sink, block: usize| {
            people.block(block).try_for_each(|(number, visit)| {
                sink.push(runs[visit.area()].group as usize, Row::record(number, visit))
            })
        };
        let sinks = share(threads, people.block_count(), || Sink::new(&buckets), spread)?;
        sinks.into_iter().try_for_each(|mut sink| sink.finish())?;
        let sort = |(scratch, done): &mut (Scratch, Vec<_>), group: usize| {
            let mut rows = buckets.take(group);
            scratch.sort(&mut rows)?;
            rows.iter_mut().for_each(|row| *row = Row::of_record(*row));
            rows.shrink_to_fit();
            done.push((group, rows));
            Ok(())
        };
        let done = share(threads, groups, || Ok((Scratch::default(), Vec::new())), sort)?;
        let mut done: Vec<_> = done.into_iter().flat_map(|(_, done)| done).collect();
        done.sort_unstable_by_key(|(group, _)| *group);
        Ok(Self { groups: done.into_iter().map(|(_, rows)| rows).collect(), runs })
    }

    /// The rows of an area.
    pub(crate) fn of(&self, area: usize) -> AreaRows<'_> {
        let Run { group, first, len, longest_seconds } = self.runs[area];
        let rows = self.groups.get(group as usize).map_or(&[][..], Vec::as_slice);
        AreaRows { rows: &rows[first as usize..][..len as usize], longest_seconds }
    }
}

/// How many rows each area has, and its longest visit.
fn count(people: &People, area_count: usize, threads: usize) -> Result<Vec<Run>, Error> {
    let make = || Ok(vec![Run::default(); area_count]);
    let count = |runs: &mut Vec<Run>, block: usize| {
        for (_, visit) in people.block(block) {
            let run = &mut runs[visit.area()];
            run.len += 1;
            run.longest_seconds = run.longest_seconds.max(visit.span().seconds());
        }
        Ok(())
    };
    let mut parts = share(threads, people.block_count(), make, count)?.into_iter();
    let mut all = parts.next().unwrap_or_default();
    for (run, more) in parts.flat_map(|part| part.into_iter().enumerate()) {
        all[run].len += more.len;
        all[run].longest_seconds = all[run].longest_seconds.max(more.longest_seconds);
    }
    Ok(all)
}

/// Puts neighbouring areas into groups and says how many there are.
fn group(runs: &mut [Run]) -> usize {
    let (mut group, mut rows) = (0, 0);
    for run in runs {
        if rows > 0 && rows + run.len as usize > GROUP_ROWS {
            (group, rows) = (group + 1, 0);
        }
        (run.group, run.first) = (group, rows as u32);
        rows += run.len as usize;
    }
    group as usize + 1
}
