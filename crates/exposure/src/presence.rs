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

use crate::error::with_room;
use crate::radix::Scratch;
use crate::stop::ROWS_BETWEEN_LOOKS;
use crate::threads::{THREADS, share};
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

/// A visit of a source, cut to when it could infect: area, start, end and the source's number, 32 bits each, so that
/// their order as numbers is by area and start.
#[derive(Clone, Copy)]
pub(crate) struct SourceVisit(u128);

impl SourceVisit {
    fn new(area: u32, span: Span, number: u32) -> Self {
        let high = u64::from(area) << 32 | u64::from(span.from);
        let low = u64::from(span.until) << 32 | u64::from(number);
        Self(u128::from(high) << 64 | u128::from(low))
    }

    fn area(self) -> usize {
        (self.0 >> 96) as usize
    }

    fn span(self) -> Span {
        Span { from: (self.0 >> 64) as u32, until: (self.0 >> 32) as u32 }
    }

    fn number(self) -> u32 {
        self.0 as u32
    }
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
    /// The sources' visits, as packed [`SourceVisit`]s in order.
    visits: Vec<u128>,
    stretches: Vec<Span>,
    /// In order of area, so that a place's areas lie side by side.
    areas: Vec<PresentArea>,
    /// For each area of the index, one more than its position in `areas`; 0 where no source was.
    positions: Vec<u32>,
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
        let visits = sources.iter().map(|source| index.visits_of(source.number).len()).sum();
        let mut met: Vec<u128> = with_room("visits of sources", visits)?;
        for source in sources {
            let inside = index.visits_of(source.number).filter_map(|visit| {
                let span = visit.span().common(source.infectious)?.trimmed(trim_seconds)?;
                Some(SourceVisit::new(visit.area() as u32, span, source.number).0)
            });
            met.extend(inside);
        }
        stop.check()?;
        Scratch::default().sort(&mut met)?;
        let mut presence = Self {
            visits: met,
            stretches: Vec::new(),
            areas: Vec::new(),
            positions: vec![0; index.area_count()],
            places: Vec::new(),
            trim_seconds,
        };
        let mut next = 0;
        while let Some(&visit) = presence.visits.get(next) {
            stop.check()?;
            let space = index.same_space(SourceVisit(visit).area(), same);
            next = presence.add_space(space, next);
        }
        presence.group_places(index);
        for (position, area) in (1..).zip(&presence.areas) {
            presence.positions[area.area as usize] = position;
        }
        Ok(presence)
    }

    /// Adds one area, or all areas of one place, with the sources' visits there, of which `next` is the first;
    /// gives the first visit elsewhere.
    fn add_space(&mut self, space: Range<usize>, mut next: usize) -> usize {
        let first_area = self.areas.len();
        let first_stretch = self.stretches.len();
        for area in space {
            let here = self.visits[next..].partition_point(|&visit| SourceVisit(visit).area() == area);
            let own = self.add_stretches(next..next + here);
            next += here;
            self.areas.push(PresentArea { area: area as u32, counted: own.clone(), own });
        }
        if self.areas.len() > first_area + 1 {
            let mut all = self.stretches[first_stretch..].to_vec();
            all.sort_unstable();
            let first = self.stretches.len();
            all.into_iter().for_each(|span| add_stretch(&mut self.stretches, first, span));
            let counted = first as u32..self.stretches.len() as u32;
            self.areas[first_area..].iter_mut().for_each(|area| area.counted = counted.clone());
        }
        next
    }

    /// Merges visits, which are in order of start, and keeps the stretches.
    fn add_stretches(&mut self, visits: Range<usize>) -> Range<u32> {
        let first = self.stretches.len();
        for &visit in &self.visits[visits] {
            add_stretch(&mut self.stretches, first, SourceVisit(visit).span());
        }
        first as u32..self.stretches.len() as u32
    }

    fn group_places(&mut self, index: &Index) {
        let place = |area: &PresentArea| index.place(area.area as usize);
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
        let rows: usize = self.areas.iter().map(|area| index.rows(area.area as usize).len()).sum();
        let threads = if rows < ROWS_FOR_THREADS { 1 } else { THREADS };
        let turns = self.places.len().div_ceil(PLACES_A_TURN);
        share(threads, turns, make, |sight, turn| {
            let first = turn * PLACES_A_TURN;
            let turn = first..(first + PLACES_A_TURN).min(self.places.len());
            self.places[turn].iter().try_for_each(|place| self.walk_place(index, place, stop, sight))
        })
    }

    /// Appends what a span in an area shares with the stretches that count there, in order, and says whether some
    /// of it was in that very area.
    pub(crate) fn pieces_of(&self, area: usize, span: Span, pieces: &mut Vec<Span>) -> bool {
        let Some(position) = self.positions[area].checked_sub(1) else { return false };
        let PresentArea { counted, own, .. } = &self.areas[position as usize];
        let stretches = |range: &Range<u32>| &self.stretches[range.start as usize..range.end as usize];
        let counted_here = stretches(counted);
        let first = counted_here.partition_point(|stretch| stretch.until <= span.from);
        pieces.extend(counted_here[first..].iter().map_while(|stretch| stretch.common(span)));
        if own == counted {
            first < counted_here.len() && counted_here[first].from < span.until
        } else {
            shares_time(stretches(own), span)
        }
    }

    /// The source of the smallest number who was in an area at a second.
    pub(crate) fn who_was_in(&self, index: &Index, area: usize, at: u32) -> Option<u32> {
        // Cut visits start no earlier than whole ones.
        let earliest = at.saturating_sub(index.rows(area).longest_seconds());
        let starts = |from| SourceVisit::new(area as u32, Span { from, until: 0 }, 0).0;
        let first = self.visits.partition_point(|&visit| visit < starts(earliest));
        let started = self.visits[first..].iter().map(|&visit| SourceVisit(visit));
        let started = started.take_while(|visit| visit.area() == area && visit.span().from <= at);
        started.filter(|visit| visit.span().until > at).map(SourceVisit::number).min()
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
            sight.leave_place(index.place(area.area as usize));
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
        let rows = index.rows(area.area as usize);
        let Some(first) = stretches.first() else { return Ok(()) };
        let mut row = rows.first_reaching(first.from);
        let mut current = 0;
        while row < rows.len() {
            if row.is_multiple_of(ROWS_BETWEEN_LOOKS) {
                stop.check()?;
            }
            let at = rows.get(row);
            let span = Span { from: at.from(), until: at.until().saturating_sub(self.trim_seconds) };
            // Over for this row is over for all later ones.
            if stretches[current].until <= span.from {
                current += stretches[current..].partition_point(|stretch| stretch.until <= span.from);
                let Some(stretch) = stretches.get(current) else { break };
                row = row.max(rows.first_reaching(stretch.from));
                continue;
            }
            if stretches[current].from < span.until && span.from < span.until {
                let beyond = stretches[current..].iter().position(|stretch| stretch.from >= span.until);
                let shared = &stretches[current..beyond.map_or(stretches.len(), |beyond| current + beyond)];
                let same_area = own.is_none_or(|own| shares_time(own, span));
                sight.see(&Seen { who: at.who(), span, stretches: shared, same_area })?;
            }
            row += 1;
        }
        Ok(())
    }
}

/// Adds a span to the stretches from `first` on, to the last of them where the two touch.
fn add_stretch(stretches: &mut Vec<Span>, first: usize, span: Span) {
    match stretches[first..].last_mut() {
        Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
        _ => stretches.push(span),
    }
}

/// Whether one of the stretches, which lie apart and in order, shares a second with a span.
fn shares_time(stretches: &[Span], span: Span) -> bool {
    let next = stretches.partition_point(|stretch| stretch.until <= span.from);
    stretches.get(next).is_some_and(|stretch| stretch.from < span.until)
}
