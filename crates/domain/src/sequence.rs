//! Which sequence numbers of a device have arrived: a gate numbers its captures from 1, so a number that is
//! missing is a capture that was lost or still waits, and one that comes twice is a retry or a copied device.

use std::fmt::Write as _;

/// Most ranges kept for a device; beyond it the two oldest become one (see [`Sequences::forgotten`]).
pub const RANGES_MAX: usize = 200;

/// How far above the highest number a new one may lie. A gate that reads one person a second all day, every
/// day, needs a hundred days for as many, and it syncs within a week.
pub const LEAP_MAX: u64 = 10_000_000;

/// Highest number: the largest whole number that a browser counts exactly (2⁵³ − 1), which also fits the
/// databases' signed 64 bits.
pub const SEQUENCE_MAX: u64 = (1 << 53) - 1;

/// What the arrival of a number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It came for the first time.
    Fresh,
    /// It came before, or lies in a gap that was forgotten.
    Repeated,
    /// Zero, above [`SEQUENCE_MAX`], or more than [`LEAP_MAX`] above the highest: refused, nothing is noted.
    Absurd,
}

/// The numbers that have arrived, as ordered ranges with at least one missing number between any two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequences {
    /// First and last number of each range, both included.
    ranges: Vec<(u64, u64)>,
    forgotten: u64,
}

impl Sequences {
    /// Reads what [`Self::to_text`] wrote: `1-200,205`, with `;12` at the end where 12 numbers were
    /// forgotten; the empty text is a device of which nothing has arrived. `None` for any other text, among
    /// them ranges out of order, touching ranges, and more than [`RANGES_MAX`] ranges.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let (listed, forgotten) = match text.split_once(';') {
            Some((listed, forgotten)) => (listed, number(forgotten)?),
            None => (text, 0),
        };
        let mut sequences = Self { ranges: vec![], forgotten };
        for part in listed.split(',') {
            let range = match part.split_once('-') {
                Some((first, last)) => Some((number(first)?, number(last)?)).filter(|(a, b)| a < b)?,
                None => (number(part)?, number(part)?),
            };
            let is_apart = sequences.ranges.last().is_none_or(|(_, before)| range.0 > before + 1);
            if !is_apart || sequences.ranges.len() == RANGES_MAX {
                return None;
            }
            sequences.ranges.push(range);
        }
        // What was forgotten lies within the ranges, so there can never be more of it than they hold.
        (forgotten < sequences.covered()).then_some(sequences)
    }

    /// The numbers as text, to be kept in a row of the device; see [`Self::parse`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (index, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing into a string cannot fail.
            let _ = if first == last {
                write!(text, "{comma}{first}")
            } else {
                write!(text, "{comma}{first}-{last}")
            };
        }
        if self.forgotten > 0 {
            let _ = write!(text, ";{}", self.forgotten);
        }
        text
    }

    /// Notes the arrival of a number, in any order.
    pub fn insert(&mut self, seq: u64) -> Arrival {
        if seq == 0 || seq > SEQUENCE_MAX || seq > self.highest() + LEAP_MAX {
            return Arrival::Absurd;
        }
        // The range before which `seq` lies wholly, so that only its neighbour to the left can hold `seq`.
        let next = self.ranges.partition_point(|(first, _)| *first <= seq);
        let left = next.checked_sub(1).map(|index| (index, self.ranges[index].1));
        if left.is_some_and(|(_, last)| seq <= last) {
            return Arrival::Repeated;
        }
        let joins_left = left.filter(|(_, last)| last + 1 == seq).map(|(index, _)| index);
        let joins_right = self.ranges.get(next).is_some_and(|(first, _)| seq + 1 == *first);
        match (joins_left, joins_right) {
            (Some(index), true) => {
                self.ranges[index].1 = self.ranges[next].1;
                self.ranges.remove(next);
            }
            (Some(index), false) => self.ranges[index].1 = seq,
            (None, true) => self.ranges[next].0 = seq,
            (None, false) => self.ranges.insert(next, (seq, seq)),
        }
        if self.ranges.len() > RANGES_MAX {
            self.merge_oldest();
        }
        Arrival::Fresh
    }

    /// The highest number that has arrived, 0 where none has.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.ranges.last().map_or(0, |(_, last)| *last)
    }

    /// Numbers below the highest that have not arrived, those forgotten not counted.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.highest() - self.covered()
    }

    /// Missing numbers that were given up when there were more than [`RANGES_MAX`] ranges. Should one of them
    /// arrive after all, it counts as repeated.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The missing numbers as ranges, both ends included, the oldest first, at most `limit` of them.
    #[must_use]
    pub fn gaps(&self, limit: usize) -> Vec<(u64, u64)> {
        let ends = std::iter::once(0).chain(self.ranges.iter().map(|(_, last)| *last));
        ends.zip(&self.ranges)
            .filter(|(end, (first, _))| end + 1 < *first)
            .map(|(end, (first, _))| (end + 1, first - 1))
            .take(limit)
            .collect()
    }

    /// How many numbers lie in the ranges.
    fn covered(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Makes one range of the two oldest. Old gaps are the least likely to be filled still.
    fn merge_oldest(&mut self) {
        if let [(_, end), (first, last), ..] = self.ranges[..] {
            self.forgotten += first - end - 1;
            self.ranges[0].1 = last;
            self.ranges.remove(1);
        }
    }
}

/// A number from 1 to [`SEQUENCE_MAX`] in plain digits without leading zeros.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let value = if is_plain { text.parse().ok() } else { None };
    value.filter(|value| *value <= SEQUENCE_MAX)
}
