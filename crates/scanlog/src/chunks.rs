//! Between a day's stored rows and the reader: drops repeated events, picks areas, hands over bounded chunks.

use std::collections::HashSet;
use std::ops::ControlFlow;

use domain::time::day_number;
use jiff::civil::Date;

use crate::ScanRow;
use crate::limits::CHUNK_ROWS_MAX;

/// What a reader gives: takes rows, says whether to go on.
pub(crate) type Sink<'a> = &'a mut (dyn FnMut(&[ScanRow]) -> ControlFlow<()> + Send);

/// A chunk in the making.
pub(crate) struct Chunks<'a> {
    rows: Vec<ScanRow>,
    areas: Option<HashSet<u32>>,
    seen: HashSet<[u8; 16]>,
    remember: bool,
    /// The least distance in days at which the engine's writer may have stored an event id again.
    repeat_days_min: i64,
    sink: Sink<'a>,
}

impl<'a> Chunks<'a> {
    pub(crate) fn new(areas: Option<&[u32]>, repeat_days_min: u16, sink: Sink<'a>) -> Self {
        Self {
            rows: Vec::new(),
            areas: areas.map(|areas| areas.iter().copied().collect()),
            seen: HashSet::new(),
            remember: false,
            repeat_days_min: i64::from(repeat_days_min),
            sink,
        }
    }

    /// Begins a day. Its ids are remembered only if a later day up to `last` could repeat one of them.
    pub(crate) fn begin_day(&mut self, day: Date, last: Date) {
        self.remember = day_number(last) - day_number(day) >= self.repeat_days_min;
    }

    /// Takes one row; `Break` once the reader has had enough.
    pub(crate) fn push(&mut self, row: ScanRow) -> ControlFlow<()> {
        if self.remember {
            if !self.seen.insert(row.event_id) {
                return ControlFlow::Continue(());
            }
        } else if self.seen.contains(&row.event_id) {
            return ControlFlow::Continue(());
        }
        if self.areas.as_ref().is_some_and(|areas| !areas.contains(&row.area_id)) {
            return ControlFlow::Continue(());
        }
        self.rows.push(row);
        if self.rows.len() == CHUNK_ROWS_MAX { self.flush() } else { ControlFlow::Continue(()) }
    }

    /// Hands over what is left.
    pub(crate) fn flush(&mut self) -> ControlFlow<()> {
        if self.rows.is_empty() {
            return ControlFlow::Continue(());
        }
        let flow = (self.sink)(&self.rows);
        self.rows.clear();
        flow
    }
}
