//! Between a day's stored rows and the reader: drops repeated events, picks areas, hands over bounded chunks.

use std::collections::HashSet;
use std::ops::ControlFlow;

use jiff::civil::Date;

use crate::limits::CHUNK_ROWS_MAX;
use crate::{ScanRow, SealedScan};

/// What a reader gives: takes rows, says whether to go on.
pub(crate) type Sink<'a> = &'a mut (dyn FnMut(&[SealedScan]) -> ControlFlow<()> + Send);

/// What a reader of ids gives.
pub(crate) type IdSink<'a> = &'a mut (dyn FnMut(&[[u8; 16]]) -> ControlFlow<()> + Send);

/// A chunk in the making.
pub(crate) struct Chunks<'a> {
    out: Out<'a>,
    areas: Option<HashSet<u32>>,
    seen: HashSet<[u8; 16]>,
    remember: bool,
}

enum Out<'a> {
    Rows(Vec<SealedScan>, Sink<'a>),
    Ids(Vec<[u8; 16]>, IdSink<'a>),
}

impl<'a> Chunks<'a> {
    /// Chunks of rows, of some areas or of all.
    pub(crate) fn new(areas: Option<&[u32]>, sink: Sink<'a>) -> Self {
        Self::with(areas, Out::Rows(Vec::new(), sink))
    }

    /// Chunks of event ids.
    pub(crate) fn of_ids(sink: IdSink<'a>) -> Self {
        Self::with(None, Out::Ids(Vec::new(), sink))
    }

    fn with(areas: Option<&[u32]>, out: Out<'a>) -> Self {
        let areas = areas.map(|areas| areas.iter().copied().collect());
        Self { out, areas, seen: HashSet::new(), remember: false }
    }

    /// Begins a day of an engine that may hold an event on two days: its ids are remembered if a day up to `last`
    /// follows.
    pub(crate) fn begin_day(&mut self, day: Date, last: Date) {
        self.remember = day < last;
    }

    /// Takes one row with its id, unless the id was seen on an earlier day; `Break` once the reader has had enough.
    pub(crate) fn push(&mut self, row: ScanRow) -> ControlFlow<()> {
        if self.remember {
            if !self.seen.insert(row.event_id) {
                return ControlFlow::Continue(());
            }
        } else if self.seen.contains(&row.event_id) {
            return ControlFlow::Continue(());
        }
        match self.out {
            Out::Rows(..) => self.push_sealed(row.into()),
            Out::Ids(..) => self.push_id(row.event_id),
        }
    }

    /// Takes one row of an engine that stores each event once; `Break` once the reader has had enough.
    pub(crate) fn push_sealed(&mut self, row: SealedScan) -> ControlFlow<()> {
        if self.areas.as_ref().is_some_and(|areas| !areas.contains(&row.area_id)) {
            return ControlFlow::Continue(());
        }
        if let Out::Rows(rows, _) = &mut self.out {
            rows.push(row);
            if rows.len() == CHUNK_ROWS_MAX {
                return self.flush();
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes one id of an engine that stores each event once.
    pub(crate) fn push_id(&mut self, id: [u8; 16]) -> ControlFlow<()> {
        if let Out::Ids(ids, _) = &mut self.out {
            ids.push(id);
            if ids.len() == CHUNK_ROWS_MAX {
                return self.flush();
            }
        }
        ControlFlow::Continue(())
    }

    /// Hands over what is left.
    pub(crate) fn flush(&mut self) -> ControlFlow<()> {
        match &mut self.out {
            Out::Rows(rows, sink) if !rows.is_empty() => {
                let flow = sink(rows);
                rows.clear();
                flow
            }
            Out::Ids(ids, sink) if !ids.is_empty() => {
                let flow = sink(ids);
                ids.clear();
                flow
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
