//! Scans as columns: what a reader gets that opens millions of tokens and cannot spend a call on each.

use std::collections::HashMap;
use std::ops::Range;
use std::slice;

use arrow_buffer::{Buffer, ScalarBuffer};
use domain::time::{Millis, Seconds2020, day_start};
use jiff::civil::Date;

use crate::row::event_day;
use crate::{ScanKind, SealedScan};

/// Lowest bit of a mark: the person left. The two bits above it are the assurance.
pub(crate) const OUT_MARK: u8 = 1;
/// Where the assurance stands in a mark.
pub(crate) const ASSURANCE_SHIFT: u8 = 1;

/// Scans of one arrival day, at most [`BATCH_ROWS_MAX`](crate::limits::BATCH_ROWS_MAX) of them, column by column.
///
/// The columns of a packed day are ordered by area and captured time and stand as they were read from the disk;
/// nothing is copied. Cheap to clone and to send to another thread.
#[derive(Clone)]
pub struct ScanBatch {
    pub(crate) day: Date,
    pub(crate) tokens: Buffer,
    pub(crate) captured: ScalarBuffer<u32>,
    pub(crate) received: ScalarBuffer<u32>,
    pub(crate) marks: Buffer,
    pub(crate) areas: Runs,
    pub(crate) epochs: Runs,
}

/// A column in which neighbours are mostly the same: each value once, with the row after its last.
#[derive(Clone)]
pub(crate) struct Runs {
    pub ends: ScalarBuffer<i32>,
    pub values: ScalarBuffer<u32>,
}

impl Runs {
    pub(crate) fn of(values: impl Iterator<Item = u32>) -> Self {
        let (mut ends, mut kept): (Vec<i32>, Vec<u32>) = (Vec::new(), Vec::new());
        for (end, value) in (1i32..).zip(values) {
            match ends.last_mut() {
                Some(last) if kept.last() == Some(&value) => *last = end,
                _ => {
                    ends.push(end);
                    kept.push(value);
                }
            }
        }
        Self { ends: ends.into(), values: kept.into() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Range<usize>)> {
        let mut from = 0;
        self.values.iter().zip(self.ends.iter()).map(move |(&value, &end)| {
            let end = usize::try_from(end).unwrap_or(from);
            let rows = from..end;
            from = end;
            (value, rows)
        })
    }

    /// Whether the runs cover exactly so many rows, in order.
    pub(crate) fn cover(&self, rows: usize) -> bool {
        let rising = self.ends.windows(2).all(|pair| pair[0] < pair[1]);
        let first_ok = self.ends.first().is_none_or(|&first| first > 0);
        let last = self.ends.last().map_or(Some(0), |&last| usize::try_from(last).ok());
        rising && first_ok && last == Some(rows) && self.values.len() == self.ends.len()
    }
}

impl ScanBatch {
    /// Makes columns of rows, in their order.
    pub(crate) fn of(day: Date, rows: &[SealedScan]) -> Self {
        let midnight = day_start(day);
        let tokens: Vec<u8> = rows.iter().flat_map(|row| row.token).collect();
        let ms = |row: &SealedScan| u32::try_from(row.received_at - midnight).unwrap_or(0);
        let mark =
            |row: &SealedScan| u8::from(row.kind == ScanKind::Out) | (row.assurance << ASSURANCE_SHIFT);
        Self {
            day,
            tokens: tokens.into(),
            captured: rows.iter().map(|row| row.captured).collect(),
            received: rows.iter().map(ms).collect(),
            marks: rows.iter().map(mark).collect::<Vec<u8>>().into(),
            areas: Runs::of(rows.iter().map(|row| row.area_id)),
            epochs: Runs::of(rows.iter().map(|row| row.epoch)),
        }
    }

    /// The arrival day.
    #[must_use]
    pub fn day(&self) -> Date {
        self.day
    }

    /// Number of scans.
    #[must_use]
    pub fn len(&self) -> usize {
        self.captured.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.captured.is_empty()
    }

    /// The tokens, one a scan.
    #[must_use]
    pub fn tokens(&self) -> &[[u8; 16]] {
        self.tokens.as_chunks().0
    }

    /// When the codes were read, in seconds since 2020, one a scan.
    #[must_use]
    pub fn captured(&self) -> &[Seconds2020] {
        &self.captured
    }

    /// Areas, each with the scans in a row that belong to it; together they are all scans, in order.
    pub fn area_runs(&self) -> impl Iterator<Item = (u32, Range<usize>)> {
        self.areas.iter()
    }

    /// Epochs, each with the scans in a row that were sealed under it; together they are all scans, in order.
    pub fn epoch_runs(&self) -> impl Iterator<Item = (u32, Range<usize>)> {
        self.epochs.iter()
    }

    /// In or out.
    ///
    /// # Panics
    /// When there is no such scan.
    #[must_use]
    pub fn kind(&self, scan: usize) -> ScanKind {
        if self.marks[scan] & OUT_MARK == 0 { ScanKind::In } else { ScanKind::Out }
    }

    /// How far a scan can be trusted.
    ///
    /// # Panics
    /// When there is no such scan.
    #[must_use]
    pub fn assurance(&self, scan: usize) -> u8 {
        self.marks[scan] >> ASSURANCE_SHIFT
    }

    /// When the server took a scan.
    ///
    /// # Panics
    /// When there is no such scan.
    #[must_use]
    pub fn received_at(&self, scan: usize) -> Millis {
        day_start(self.day) + i64::from(self.received[scan])
    }

    /// Scans by event day, area and kind. Of a packed day neighbours mostly fall together.
    pub(crate) fn counts(&self) -> HashMap<(i64, u32, ScanKind), i64> {
        let mut counts = HashMap::new();
        for (area_id, scans) in self.areas.iter() {
            let mut of_day = (i64::MIN, [0i64; 2]);
            let mut put = |(day, counted): (i64, [i64; 2])| {
                for (kind, scans) in [ScanKind::In, ScanKind::Out].into_iter().zip(counted) {
                    if scans > 0 {
                        *counts.entry((day, area_id, kind)).or_default() += scans;
                    }
                }
            };
            for scan in scans {
                let day = event_day(self.captured[scan]);
                if day != of_day.0 {
                    put(std::mem::replace(&mut of_day, (day, [0; 2])));
                }
                of_day.1[usize::from(self.marks[scan] & OUT_MARK)] += 1;
            }
            put(of_day);
        }
        counts
    }

    /// The scans as rows.
    pub fn rows(&self) -> impl Iterator<Item = SealedScan> {
        let midnight = day_start(self.day);
        let (mut areas, mut epochs) = (EachRow::of(&self.areas), EachRow::of(&self.epochs));
        self.tokens().iter().enumerate().map(move |(scan, &token)| SealedScan {
            area_id: areas.at(scan),
            kind: self.kind(scan),
            captured: self.captured[scan],
            token,
            assurance: self.assurance(scan),
            epoch: epochs.at(scan),
            received_at: midnight + i64::from(self.received[scan]),
        })
    }
}

/// Walks runs row by row.
struct EachRow<'a> {
    ends: slice::Iter<'a, i32>,
    values: slice::Iter<'a, u32>,
    end: usize,
    value: u32,
}

impl<'a> EachRow<'a> {
    fn of(runs: &'a Runs) -> Self {
        Self { ends: runs.ends.iter(), values: runs.values.iter(), end: 0, value: 0 }
    }

    fn at(&mut self, row: usize) -> u32 {
        while row >= self.end
            && let (Some(&end), Some(&value)) = (self.ends.next(), self.values.next())
        {
            self.end = usize::try_from(end).unwrap_or(0);
            self.value = value;
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_tell_each_value_once() {
        let runs = Runs::of([7, 7, 7, 9, 7].into_iter());
        assert_eq!(runs.iter().collect::<Vec<_>>(), [(7, 0..3), (9, 3..4), (7, 4..5)]);
        let mut each = EachRow::of(&runs);
        assert_eq!((0..5).map(|row| each.at(row)).collect::<Vec<_>>(), [7, 7, 7, 9, 7]);
        assert!(runs.cover(5) && !runs.cover(4) && !runs.cover(6));
        assert!(Runs::of(std::iter::empty()).cover(0));
    }
}
