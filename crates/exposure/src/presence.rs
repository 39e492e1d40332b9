//! Where and when somebody who can infect was, and who was there too: the sweep behind every question that starts
//! from many persons at once.
//!
//! 1. Each *source* is a person with the time in which that person can infect. Its visits, cut to that time,
//!    are put in order of area and start.
//! 2. In each area, what overlaps is merged into *stretches*: when at least one source was there. A second is
//!    then counted once however many sources shared it, and a thousand sources in a market cost no more than one
//!    who stayed all day.
//! 3. The area's rows, which stand in order of start, are walked beside the stretches, each list once, and every
//!    row that shares a second with a stretch is shown to a [`Sight`]. Rows too early to reach the next stretch
//!    are jumped over by halving.
//!
//! The time grows with the rows of the areas that sources visited, never with sources times rows. Threads take
//! whole places, so that what a sight adds up place by place needs no lock.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::pairs::THREADS;
use crate::stop::ROWS_BETWEEN_LOOKS;
use crate::{Error, Index, SameSpace, Span, Stop};

/// Below this many rows to walk, starting threads takes longer than the walk.
const ROWS_FOR_THREADS: usize = 200_000;

/// Places a thread takes at a time.
const PLACES_A_TURN: usize = 8;

/// Somebody who can infect, by number, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub(crate) number: u32,
    pub(crate) infectious: Span,
}

/// One area where somebody may have met a source.
struct PresentArea {
    area: u32,
    /// The stretches that count here: the area's own, or those of the whole place.
    counted: Range<u32>,
    /// The area's own stretches; the same unless the whole place counts.
    own: Range<u32>,
}

/// Where and when at least one source was.
pub(crate) struct Presence {
    stretches: Vec<Span>,
    /// In order of area, so that a place's areas lie side by side.
    areas: Vec<PresentArea>,
    /// The areas of each place, as ranges of `areas`.
    places: Vec<Range<u32>>,
    /// Taken off the end of every visit (see [`Presence::of_meetings`]).
    trim_seconds: u32,
}

/// A row that shares time with a stretch.
pub(crate) struct Seen<'a> {
    pub(crate) who: u32,
    /// The row's own time, trimmed.
    pub(crate) span: Span,
    /// The stretches it shares time with, in order, at least one.
    pub(crate) stretches: &'a [Span],
    /// Whether a source was in the same area, not only the same place.
    pub(crate) same_area: bool,
}

impl Seen<'_> {
    /// The shared time, piece by piece, in order. The pieces lie apart.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Span> {
        self.stretches.iter().filter_map(|stretch| stretch.common(self.span))
    }

    /// First shared second.
    pub(crate) fn first_from(&self) -> u32 {
        self.stretches[0].from.max(self.span.from)
    }
}

/// What looks at the rows of a sweep.
pub(crate) trait Sight: Send {
    /// A row, all those of one place before those of the next.
    fn see(&mut self, seen: &Seen) -> Result<(), Error>;
    /// All rows of the place were shown.
    fn leave_place(&mut self, _place: u32) {}
}

impl Presence {
    /// Puts together where the sources were. `same` says whether a source counts for its area or its place.
    pub(crate) fn of(index: &Index, sources: &[Source], same: SameSpace, stop: Stop) -> Result<Self, Error> {
        Self::of_meetings(index, sources, same, 1, stop)
    }

    /// The same, but only time at which a meeting of at least `least_seconds` with one source can *begin* counts,
    /// on either side: every visit loses all but the first of that many seconds at its end. Two visits share so
    /// many seconds exactly if what is left of them overlaps, and the first instant of that is when they met.
    pub(crate) fn of_meetings(
        index: &Index,
        sources: &[Source],
        same: SameSpace,
        least_seconds: u32,
        stop: Stop,
    ) -> Result<Self, Error> {
        let trim_seconds = least_seconds.max(1) - 1;
        let rows = sources.iter().map(|source| index.rows_of(source.number).len()).sum();
        let mut visits: Vec<(u32, u32)> = crate::error::with_room("rows of sources", rows)?;
        for (number, source) in (0_u32..).zip(sources) {
            visits.extend(index.rows_of(source.number).iter().map(|&row| (row, number)));
        }
        stop.check()?;
        // Rows stand in order of area, then start.
        visits.sort_unstable();
        let mut presence =
            Self { stretches: Vec::new(), areas: Vec::new(), places: Vec::new(), trim_seconds };
        let mut next = 0;
        while let Some(&(row, _)) = visits.get(next) {
            stop.check()?;
            let area = index.area_of(row);
            let space = index.same_space(area, same);
            let end = index.rows_in(space.end - 1).end as u32;
            let here = next..next + visits[next..].partition_point(|&(row, _)| row < end);
            presence.add_space(index, space, &visits[here.clone()], sources);
            next = here.end;
        }
        presence.group_places(index);
        Ok(presence)
    }

    /// Adds one area, or all areas of one place, with the sources' visits there.
    fn add_space(&mut self, index: &Index, space: Range<usize>, visits: &[(u32, u32)], sources: &[Source]) {
        let first_area = self.areas.len();
        let mut all: Vec<Span> = Vec::new();
        let mut rest = visits;
        for area in space {
            let end = index.rows_in(area).end as u32;
            let (here, later) = rest.split_at(rest.partition_point(|&(row, _)| row < end));
            rest = later;
            let inside = here.iter().filter_map(|&(row, source)| {
                let span = index.span_of(row).common(sources[source as usize].infectious)?;
                span.trimmed(self.trim_seconds)
            });
            let own = self.add_stretches(inside.collect());
            all.extend_from_slice(&self.stretches[own.start as usize..own.end as usize]);
            self.areas.push(PresentArea { area: area as u32, counted: own.clone(), own });
        }
        if all.is_empty() {
            self.areas.truncate(first_area);
        } else if self.areas.len() > first_area + 1 {
            let counted = self.add_stretches(all);
            self.areas[first_area..].iter_mut().for_each(|area| area.counted = counted.clone());
        }
    }

    /// Merges spans and keeps them.
    fn add_stretches(&mut self, mut spans: Vec<Span>) -> Range<u32> {
        let first = self.stretches.len();
        // Nearly in order already: only what was cut to the source's time moved.
        spans.sort_unstable();
        for span in spans {
            match self.stretches[first..].last_mut() {
                Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
                _ => self.stretches.push(span),
            }
        }
        first as u32..self.stretches.len() as u32
    }

    fn group_places(&mut self, index: &Index) {
        let place = |area: &PresentArea| index.area(area.area as usize).place;
        let mut first = 0;
        for areas in self.areas.chunk_by(|a, b| place(a) == place(b)) {
            self.places.push(first..first + areas.len() as u32);
            first += areas.len() as u32;
        }
    }

    /// Shows every row that shares time with a source to sights made by `make`, one a thread; gives them back.
    /// Sources are shown too: the sight knows whom it does not count.
    pub(crate) fn sweep<S: Sight>(
        &self,
        index: &Index,
        stop: Stop,
        make: impl Fn() -> Result<S, Error> + Sync,
    ) -> Result<Vec<S>, Error> {
        let next_place = AtomicUsize::new(0);
        let work = || -> Result<S, Error> {
            let mut sight = make()?;
            loop {
                let first = next_place.fetch_add(PLACES_A_TURN, Ordering::Relaxed);
                if first >= self.places.len() {
                    return Ok(sight);
                }
                let turn = first..(first + PLACES_A_TURN).min(self.places.len());
                self.places[turn]
                    .iter()
                    .try_for_each(|place| self.walk_place(index, place, stop, &mut sight))?;
            }
        };
        let rows: usize = self.areas.iter().map(|area| index.rows_in(area.area as usize).len()).sum();
        if rows < ROWS_FOR_THREADS {
            return Ok(vec![work()?]);
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> = (1..THREADS).map(|_| scope.spawn(work)).collect();
            let mut sights = vec![work()];
            for thread in threads {
                sights.push(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            sights.into_iter().collect()
        })
    }

    /// The same by this thread alone, into one sight.
    pub(crate) fn sweep_alone(&self, index: &Index, stop: Stop, sight: &mut impl Sight) -> Result<(), Error> {
        self.places.iter().try_for_each(|place| self.walk_place(index, place, stop, sight))
    }

    fn walk_place(
        &self,
        index: &Index,
        areas: &Range<u32>,
        stop: Stop,
        sight: &mut impl Sight,
    ) -> Result<(), Error> {
        let areas = &self.areas[areas.start as usize..areas.end as usize];
        for area in areas {
            stop.check()?;
            self.walk_area(index, area, stop, sight)?;
        }
        if let Some(area) = areas.first() {
            sight.leave_place(index.area(area.area as usize).place);
        }
        Ok(())
    }

    /// The walk of one area: rows and stretches side by side.
    fn walk_area(
        &self,
        index: &Index,
        area: &PresentArea,
        stop: Stop,
        sight: &mut impl Sight,
    ) -> Result<(), Error> {
        let stretches = &self.stretches[area.counted.start as usize..area.counted.end as usize];
        let own = (area.own != area.counted)
            .then(|| &self.stretches[area.own.start as usize..area.own.end as usize]);
        let rows = index.rows_in(area.area as usize);
        let (from, until) = index.ends_of(rows.clone());
        let first_reaching = |at| {
            let too_early = index.too_early(area.area as usize, at);
            from.partition_point(|&from| from < too_early)
        };
        let Some(first) = stretches.first() else { return Ok(()) };
        let mut row = first_reaching(first.from);
        let mut current = 0;
        while row < from.len() {
            if row % ROWS_BETWEEN_LOOKS == 0 {
                stop.check()?;
            }
            let span = Span { from: from[row], until: until[row].saturating_sub(self.trim_seconds) };
            // Over for this row is over for all later ones.
            if stretches[current].until <= span.from {
                current += stretches[current..].partition_point(|stretch| stretch.until <= span.from);
                let Some(stretch) = stretches.get(current) else { break };
                row = row.max(first_reaching(stretch.from));
                continue;
            }
            if stretches[current].from < span.until && span.from < span.until {
                let beyond = stretches[current..].iter().position(|stretch| stretch.from >= span.until);
                let shared = &stretches[current..beyond.map_or(stretches.len(), |beyond| current + beyond)];
                let same_area = own.is_none_or(|own| shares_time(own, span));
                let who = index.who_of((rows.start + row) as u32);
                sight.see(&Seen { who, span, stretches: shared, same_area })?;
            }
            row += 1;
        }
        Ok(())
    }
}

/// Whether one of the stretches, which lie apart and in order, shares a second with a span.
fn shares_time(stretches: &[Span], span: Span) -> bool {
    let next = stretches.partition_point(|stretch| stretch.until <= span.from);
    stretches.get(next).is_some_and(|stretch| stretch.from < span.until)
}
