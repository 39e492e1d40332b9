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

//!
//! [`crate::Gathering`] takes the scans and brings each person's together, the private module `fold` carries the
//! rules out, and [`Visits`] holds what comes of it until [`crate::Index::build`] takes it.

use domain::time::Seconds2020;

pub use crate::areas::{CLOSING_GRACE_SECONDS, VISIT_SECONDS_MAX};
use crate::people::{Block, OwnVisit, Scans};
use crate::slots::Slots;
use crate::{Areas, Error, Gathering, Limits, Span};

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

/// Visits in order of person and time, 16 bytes each. Person ids are wiped when dropped.
pub struct Visits {
    /// In order of person id.
    pub(crate) blocks: Vec<Block>,
    /// Place and area id of every area that occurs (and perhaps more), sorted, each once. Visits name an area by
    /// its position here.
    pub(crate) areas: Vec<(u32, u32)>,
    /// Persons some of whose visits overlap, ascending. Visits made of scans never do.
    pub(crate) doubled: Vec<u64>,
    pub(crate) counts: ScanCounts,
}

/// Visits of a block when a known list is cut into some.
const BLOCK_VISITS: usize = 1 << 17;

impl Visits {
    /// Takes visits that are known already, in any order, such as an analyst's file.
    ///
    /// # Errors
    /// [`Error::Visit`] for one that is empty or longer than `limits.visit_seconds_max`, [`Error::Area`] for an area
    /// in two places or with too large an id, [`Error::TooMany`] beyond `limits.visits_max` or
    /// [`crate::areas::AREAS_MAX`] areas.
    pub fn from_list(list: Vec<Visit>, limits: &Limits) -> Result<Self, Error> {
        // Owned by what wipes the ids before anything can fail.
        let mut list = Wiped(list);
        if list.0.len() > limits.visits_max {
            return Err(Error::TooMany { what: "visits", limit: limits.visits_max });
        }
        let longest_seconds = limits.visit_seconds_max;
        let wrong = |visit: &Visit| !(1..=longest_seconds).contains(&visit.span().seconds());
        if let Some(number) = list.0.iter().position(wrong) {
            return Err(Error::Visit { number, longest_seconds });
        }
        let areas = areas_of(&list.0)?;
        list.0.sort_unstable_by_key(Visit::order);
        let slots = Slots::new(areas.iter().map(|&(_, area_id)| area_id));
        let doubled = doubled(&list.0);
        Ok(Self { blocks: blocks_of(&list.0, &slots), areas, doubled, counts: ScanCounts::default() })
    }

    /// The visits, by person, then start.
    pub fn iter(&self) -> impl Iterator<Item = Visit> {
        self.blocks.iter().flat_map(move |block| {
            (0..block.ids.len()).flat_map(move |person| {
                let id = block.ids[person];
                block.visits_of(person).map(move |visit| visit.visit(id, self.areas[visit.area()]))
            })
        })
    }

    /// Number of visits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.visits.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What became of the scans.
    #[must_use]
    pub fn counts(&self) -> ScanCounts {
        self.counts
    }
}

impl Drop for Visits {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.doubled);
    }
}

struct Wiped(Vec<Visit>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|visit| zeroize::Zeroize::zeroize(&mut visit.person));
    }
}

/// Who was in two places at once, by visits in order of person and start. An analyst's file may hold anything, and
/// shared time then does not simply add up: each second must be counted once, which takes longer.
fn doubled(list: &[Visit]) -> Vec<u64> {
    let mut doubled = Vec::new();
    for own in list.chunk_by(|a, b| a.person == b.person) {
        let mut end = 0;
        let overlaps = own.iter().any(|visit| {
            let overlaps = visit.from < end;
            end = visit.until;
            overlaps
        });
        doubled.extend(overlaps.then(|| own[0].person));
    }
    doubled
}

/// Packs visits in order of person, some persons to a block.
fn blocks_of(list: &[Visit], slots: &Slots) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for own in list.chunk_by(|a, b| a.person == b.person) {
        if blocks.last().is_none_or(|block| block.visits.len() >= BLOCK_VISITS) {
            blocks.push(Block::empty());
        }
        let Some(block) = blocks.last_mut() else { continue };
        block.ids.push(own[0].person);
        let pack = |visit: &Visit| {
            // Every area of the list has a slot.
            let area = slots.of(visit.area_id).unwrap_or_default();
            OwnVisit::new(area, visit.span(), Scans::pack(visit)).0
        };
        block.visits.extend(own.iter().map(pack));
        block.starts.push(block.visits.len() as u32);
    }
    blocks
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
    if place_of.len() > crate::areas::AREAS_MAX {
        return Err(Error::TooMany { what: "areas", limit: crate::areas::AREAS_MAX });
    }
    let mut areas: Vec<_> = place_of.into_iter().map(|(area_id, place)| (place, area_id)).collect();
    areas.sort_unstable();
    Ok(areas)
}

/// Turns scans, in any order, into visits by the rules above. The scans' person ids are wiped afterwards.
///
/// # Errors
/// [`Error::TooMany`] beyond `limits.visits_max` or [`crate::gather::SCANS_MAX`], [`Error::Memory`] when there is no
/// room.
pub fn visits(scans: Vec<OpenedScan>, areas: &Areas, limits: &Limits) -> Result<Visits, Error> {
    let gathering = Gathering::new(areas);
    gathering.add_all(scans)?;
    gathering.visits(limits)
}
