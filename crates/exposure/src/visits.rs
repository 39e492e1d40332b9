//! Scans of in and out become visits.
//!
//! The rules, for one person's scans in order of time (at the same second an out comes before an in, and a
//! smaller area id before a larger one, so the answer does not depend on the order of arrival):
//! - *In*, then *out* at the same place: a visit with both ends scanned. The out may be scanned at any area of
//!   the place, at most [`VISIT_SECONDS_MAX`] after the in and [`CLOSING_GRACE_SECONDS`] after closing.
//! - Nobody scanned out: the visit ends at the earliest of the next scan elsewhere, the usual stay, and closing
//!   time (by the hours, or when the owner closed by hand). The end is inferred.
//! - A second *in* at the same area before that end extends the visit: usual stay and closing count from it.
//!   After that end it is a new visit. At another area of the place, the visit ends there and a new one begins.
//! - *Out* with no in: the visit began one usual stay earlier, but not before the person's scan before it. Where
//!   the visit before ends by inference later than that, the two meet half way, as nobody knows when the person
//!   went over. The start is inferred.
//! - A visit of no length (two places within one second) is left out and counted.
//!
//! A visit still going on when the log is read gets its inferred end, even if that lies in the future.

use domain::time::Seconds2020;
use zeroize::Zeroize;

pub use crate::areas::{CLOSING_GRACE_SECONDS, VISIT_SECONDS_MAX};
use crate::error::with_room;
use crate::{AreaFacts, Areas, Error, Limits, Span};

/// A scan as an opening gives it: who, where, when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedScan {
    /// The person's random id.
    pub person: u64,
    /// The area whose code was read.
    pub area_id: u32,
    /// `true` for out, `false` for in.
    pub out: bool,
    /// When it was read, in seconds since 2020.
    pub captured: Seconds2020,
    /// 0 typed or odd, 1 poster, 2 rotating code, 3 gate with a personal code. More counts as 3.
    pub assurance: u8,
    /// It arrived late or was flagged odd: its assurance counts as 0.
    pub late: bool,
}

/// The interval one person stayed in one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// The person's random id.
    pub person: u64,
    /// The area.
    pub area_id: u32,
    /// The place the area belongs to, by the caller's number.
    pub place: u32,
    /// First second of the visit.
    pub from: Seconds2020,
    /// First second after it; always later than `from`.
    pub until: Seconds2020,
    /// Nobody scanned in.
    pub start_inferred: bool,
    /// Nobody scanned out.
    pub end_inferred: bool,
    /// Assurance (0 to 3) of the in scan, where there is one.
    pub assurance_in: Option<u8>,
    /// Assurance (0 to 3) of the out scan, where there is one.
    pub assurance_out: Option<u8>,
}

impl Visit {
    /// The visit's interval.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { from: self.from, until: self.until }
    }

    /// The order in which [`Visits`] keeps them; everything else breaks ties so that it is total.
    fn order(&self) -> impl Ord + use<> {
        let scans = (self.start_inferred, self.end_inferred, self.assurance_in, self.assurance_out);
        (self.person, self.from, self.until, self.place, self.area_id, scans)
    }
}

/// What became of the scans that are not an end of a visit of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanCounts {
    /// Scans handed in.
    pub scans: usize,
    /// The same person, area, direction and second again; the best assurance is kept.
    pub duplicates: usize,
    /// Scans of areas that [`Areas`] does not know; they are left out.
    pub unknown_area: usize,
    /// Visits without length, from scans at two places within one second; they are left out.
    pub clashes: usize,
}

/// Visits in order of person and time. Person ids are wiped when dropped.
pub struct Visits {
    pub(crate) list: Vec<Visit>,
    /// Place and area id of every area that occurs (and perhaps more), sorted, each once.
    pub(crate) areas: Vec<(u32, u32)>,
    counts: ScanCounts,
}

impl Visits {
    /// Takes visits that are known already, in any order, such as an analyst's file.
    ///
    /// # Errors
    /// [`Error::Visit`] for one that is empty or longer than `limits.visit_seconds_max`, [`Error::Area`] for an area
    /// in two places or with too large an id, [`Error::TooMany`] beyond `limits.visits_max`.
    pub fn from_list(list: Vec<Visit>, limits: &Limits) -> Result<Self, Error> {
        // Owned by `Visits` before anything can fail, so that the ids are wiped on every way out.
        let mut visits = Self { list, areas: Vec::new(), counts: ScanCounts::default() };
        if visits.list.len() > limits.visits_max {
            return Err(Error::TooMany { what: "visits", limit: limits.visits_max });
        }
        let longest_seconds = limits.visit_seconds_max;
        let wrong = |visit: &Visit| !(1..=longest_seconds).contains(&visit.span().seconds());
        if let Some(number) = visits.list.iter().position(wrong) {
            return Err(Error::Visit { number, longest_seconds });
        }
        visits.areas = areas_of(&visits.list)?;
        visits.list.sort_unstable_by_key(Visit::order);
        Ok(visits)
    }

    /// The visits, by person, then start.
    #[must_use]
    pub fn as_slice(&self) -> &[Visit] {
        &self.list
    }

    /// What became of the scans.
    #[must_use]
    pub fn counts(&self) -> ScanCounts {
        self.counts
    }
}

impl Drop for Visits {
    fn drop(&mut self) {
        self.list.iter_mut().for_each(|visit| visit.person.zeroize());
    }
}

/// Place and id of the areas of a list, sorted, each once.
fn areas_of(list: &[Visit]) -> Result<Vec<(u32, u32)>, Error> {
    let mut place_of = std::collections::BTreeMap::new();
    for visit in list {
        let area_id = visit.area_id;
        if area_id > crate::areas::AREA_ID_MAX {
            return Err(Error::Area { area_id, reason: "the id does not fit 31 bits" });
        }
        if *place_of.entry(area_id).or_insert(visit.place) != visit.place {
            return Err(Error::Area { area_id, reason: "it belongs to two places" });
        }
    }
    let mut areas: Vec<_> = place_of.into_iter().map(|(area_id, place)| (place, area_id)).collect();
    areas.sort_unstable();
    Ok(areas)
}

/// Turns scans, in any order, into visits by the rules above. The scans' person ids are wiped afterwards.
///
/// # Errors
/// [`Error::TooMany`] beyond `limits.visits_max`, [`Error::Memory`] when there is no room.
pub fn visits(scans: Vec<OpenedScan>, areas: &Areas, limits: &Limits) -> Result<Visits, Error> {
    let mut scans = WipedScans(scans);
    let room = scans.0.len().min(limits.visits_max);
    let mut areas_by_place: Vec<_> = areas.all().iter().map(|area| (area.place, area.area_id)).collect();
    areas_by_place.sort_unstable();
    let counts = ScanCounts { scans: scans.0.len(), ..ScanCounts::default() };
    let mut made = Visits { list: with_room("visits", room)?, areas: areas_by_place, counts };
    scans.0.sort_unstable_by_key(scan_order);
    for own in scans.0.chunk_by(|a, b| a.person == b.person) {
        let mut walk = Walk { areas, visits_max: limits.visits_max, made: &mut made, open: None, last: 0 };
        own.chunk_by(|a, b| scan_order(a) == scan_order(b)).try_for_each(|same| walk.step(same))?;
        walk.finish()?;
    }
    Ok(made)
}

struct WipedScans(Vec<OpenedScan>);

impl Drop for WipedScans {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|scan| scan.person.zeroize());
    }
}

/// Person, then time, then out before in, then area, in one number that sorts quickly.
/// Area ids beyond 31 bits are unknown to [`Areas`]; here they merely must not collide with smaller ones' order.
fn scan_order(scan: &OpenedScan) -> (u64, u64, u32) {
    (scan.person, (u64::from(scan.captured) << 1) | u64::from(!scan.out), scan.area_id)
}

/// A visit that has begun and not ended.
struct Open {
    visit: Visit,
    facts: AreaFacts,
    /// The last in scan there, from which the inferred end is counted.
    last_in: Seconds2020,
}

impl Open {
    /// When the visit ends if nothing else is heard.
    fn end_by_rule(&self, areas: &Areas) -> Seconds2020 {
        let stay = self.last_in.saturating_add(self.facts.default_stay_seconds);
        let closing = areas.closing_after(&self.facts, self.last_in).unwrap_or(Seconds2020::MAX);
        stay.min(closing).min(self.visit.from.saturating_add(VISIT_SECONDS_MAX))
    }

    /// The last instant at which an out scan belongs to this visit.
    fn last_out(&self, areas: &Areas) -> Seconds2020 {
        let closing = areas.closing_after(&self.facts, self.last_in).unwrap_or(Seconds2020::MAX);
        let longest = self.visit.from.saturating_add(VISIT_SECONDS_MAX);
        closing.saturating_add(CLOSING_GRACE_SECONDS).min(longest)
    }
}

/// One person's way through the scans.
struct Walk<'a> {
    areas: &'a Areas,
    visits_max: usize,
    made: &'a mut Visits,
    open: Option<Open>,
    /// Instant of the scan before this one.
    last: Seconds2020,
}

impl Walk<'_> {
    /// Takes one scan, with its duplicates.
    fn step(&mut self, same: &[OpenedScan]) -> Result<(), Error> {
        self.made.counts.duplicates += same.len() - 1;
        let Some(&scan) = same.first() else { return Ok(()) };
        let Some(&facts) = self.areas.get(scan.area_id) else {
            self.made.counts.unknown_area += 1;
            return Ok(());
        };
        let assurance =
            same.iter().map(|scan| if scan.late { 0 } else { scan.assurance.min(3) }).max().unwrap_or(0);
        if scan.out {
            self.out(scan, facts, assurance)?
        } else {
            self.come_in(scan, facts, assurance)?
        }
        self.last = scan.captured;
        Ok(())
    }

    fn come_in(&mut self, scan: OpenedScan, facts: AreaFacts, assurance: u8) -> Result<(), Error> {
        if let Some(open) = &mut self.open
            && open.visit.area_id == scan.area_id
            && scan.captured <= open.end_by_rule(self.areas)
            && scan.captured - open.visit.from < VISIT_SECONDS_MAX
        {
            open.last_in = scan.captured;
            return Ok(());
        }
        self.leave_by(scan.captured)?;
        let visit = Visit {
            person: scan.person,
            area_id: scan.area_id,
            place: facts.place,
            from: scan.captured,
            until: scan.captured,
            start_inferred: false,
            end_inferred: true,
            assurance_in: Some(assurance),
            assurance_out: None,
        };
        self.open = Some(Open { visit, facts, last_in: scan.captured });
        Ok(())
    }

    fn out(&mut self, scan: OpenedScan, facts: AreaFacts, assurance: u8) -> Result<(), Error> {
        let areas = self.areas;
        let belongs =
            |open: &mut Open| open.facts.place == facts.place && scan.captured <= open.last_out(areas);
        if let Some(Open { mut visit, .. }) = self.open.take_if(belongs) {
            visit.until = scan.captured;
            visit.end_inferred = false;
            visit.assurance_out = Some(assurance);
            return self.push(visit);
        }
        let before = self.made.list.len();
        self.leave_by(scan.captured)?;
        let mut from = scan.captured.saturating_sub(facts.default_stay_seconds).max(self.last);
        if let Some(previous) = self.made.list[before..].last_mut()
            && previous.until > from
        {
            from += (previous.until - from).div_ceil(2);
            previous.until = from;
        }
        self.push(Visit {
            person: scan.person,
            area_id: scan.area_id,
            place: facts.place,
            from,
            until: scan.captured,
            start_inferred: true,
            end_inferred: false,
            assurance_in: None,
            assurance_out: Some(assurance),
        })
    }

    /// Ends the open visit by inference, at `at` the latest.
    fn leave_by(&mut self, at: Seconds2020) -> Result<(), Error> {
        let Some(open) = self.open.take() else { return Ok(()) };
        self.push(Visit { until: open.end_by_rule(self.areas).min(at), ..open.visit })
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.leave_by(Seconds2020::MAX)
    }

    fn push(&mut self, visit: Visit) -> Result<(), Error> {
        if visit.from >= visit.until {
            self.made.counts.clashes += 1;
            return Ok(());
        }
        if self.made.list.len() >= self.visits_max {
            return Err(Error::TooMany { what: "visits", limit: self.visits_max });
        }
        self.made.list.push(visit);
        Ok(())
    }
}
