//! Who met a case.
//!
//! A contact shared an area (or, if the rule says so, a place) with the case. The total is the time during which
//! at least one of the contact's visits overlaps one of the case's, inside the window, each second counted once;
//! people whose total reaches the rule's minimum are contacts. The minimum applies to the total, so that two
//! short meetings on one day are not lost.
//!
//! Ranking: a shared area before a shared place only, then longer total, then later last exposure, then id.

use std::ops::Range;

use domain::time::Seconds2020;

use crate::error::with_room;
use crate::people::{OwnVisit, Scans};
use crate::radix::Scratch;
use crate::rank::{Rank, keep_best};
use crate::rows::Row;
use crate::span::covered_seconds;
use crate::{Certainty, Error, Index, Span, Stop};

/// Most ids one case may have: a person known by phone, by card and by several misspelt entries.
pub const CASE_PERSONS_MAX: usize = 256;

/// Most overlaps one question may find (64 bytes each with what orders them) before it is refused as too wide.
pub const OVERLAPS_MAX: usize = 16_000_000;

/// What two people must share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SameSpace {
    /// The same area: room, stall row, coach.
    Area,
    /// The same place, whichever areas.
    Place,
}

/// When an overlap is an exposure. Dated data of the disease profile, such as 15 minutes in the same closed
/// space (Ministry of Health, 29 December 2021).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposureRule {
    /// Least total overlap with the case inside the window, in seconds; 0 means any overlap at all.
    pub min_overlap_seconds: u32,
    /// What must be shared.
    pub same: SameSpace,
}

/// A visit as a meeting shows it: the whole of it, not only the part inside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// First second of the visit.
    pub from: Seconds2020,
    /// First second after it.
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

/// One visit of the contact overlapping one visit of the case. The order is that of a contact's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meeting {
    /// When both were there, inside the window.
    pub overlap: Span,
    /// The place, by the caller's number.
    pub place: u32,
    /// The area the case was in.
    pub case_area_id: u32,
    /// The area the contact was in.
    pub area_id: u32,
    /// Which of the case's ids was there.
    pub case_person: u64,
    /// The case's visit.
    pub case_visit: Stay,
    /// The contact's visit.
    pub contact_visit: Stay,
    /// The lowest assurance of the scans behind the two visits; 0 when there is none.
    pub assurance: u8,
    /// How sure the meeting is.
    pub certainty: Certainty,
}

impl Meeting {
    /// Puts together what follows from the two visits.
    #[inline]
    pub(crate) fn new(overlap: Span, place: u32, case: (u64, u32, Stay), contact: (u32, Stay)) -> Self {
        let ((case_person, case_area_id, case_visit), (area_id, contact_visit)) = (case, contact);
        let scans = [
            case_visit.assurance_in,
            case_visit.assurance_out,
            contact_visit.assurance_in,
            contact_visit.assurance_out,
        ];
        let assurance = scans.into_iter().flatten().min().unwrap_or(0);
        let start_inferred = case_visit.start_inferred || contact_visit.start_inferred;
        let end_inferred = case_visit.end_inferred || contact_visit.end_inferred;
        let certainty = match assurance {
            2.. if !start_inferred && !end_inferred => Certainty::Sure,
            1.. if !start_inferred => Certainty::Likely,
            _ => Certainty::Uncertain,
        };
        Self {
            overlap,
            place,
            case_area_id,
            area_id,
            case_person,
            case_visit,
            contact_visit,
            assurance,
            certainty,
        }
    }
}

/// A person who met the case for long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The person's random id.
    pub person: u64,
    /// They shared an area at least once; otherwise only a place.
    pub same_area: bool,
    /// Total time together inside the window, each second counted once.
    pub overlap_seconds: u32,
    /// End of the last overlap.
    pub last_until: Seconds2020,
    /// The best certainty at which the meetings of that certainty or better alone reach the rule's minimum.
    pub certainty: Certainty,
    /// Where the meetings stand in [`ContactList::meetings`]; its length is their number.
    pub meetings: Range<usize>,
}

/// Ranked contacts of a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactList {
    /// The contacts, best ranked first.
    pub contacts: Vec<Contact>,
    /// All their meetings, contact by contact, in order of time.
    pub meetings: Vec<Meeting>,
    /// How many more contacts there were beyond the limit; they rank below those listed.
    pub cut: usize,
}

impl ContactList {
    /// The meetings of one of the contacts, in order of time.
    #[must_use]
    pub fn meetings_of(&self, contact: &Contact) -> &[Meeting] {
        self.meetings.get(contact.meetings.clone()).unwrap_or(&[])
    }
}

/// The best certainty that still reaches the minimum; `meetings` come in order of time.
pub(crate) fn certainty_of(meetings: &[Meeting], min_overlap_seconds: u32) -> Certainty {
    let reaches = |worst: &Certainty| {
        let trusted = meetings.iter().filter(|meeting| meeting.certainty <= *worst);
        covered_seconds(trusted.map(|meeting| meeting.overlap)) >= min_overlap_seconds.max(1)
    };
    [Certainty::Sure, Certainty::Likely].into_iter().find(reaches).unwrap_or(Certainty::Uncertain)
}

/// A visit of the case, clipped to the window.
struct CaseVisit {
    number: u32,
    visit: OwnVisit,
    inside: Span,
}

/// One overlap: a row of somebody else with a visit of the case.
struct Overlap {
    row: Row,
    span: Span,
    area: u32,
    case: u32,
}

/// An overlap as it is sorted: the other's number, start, end, whether only the place was shared, and the
/// position of the [`Overlap`].
#[derive(Clone, Copy)]
struct Key(u128);

impl Key {
    fn new(who: u32, span: Span, other_area: bool, position: u32) -> Self {
        let high = u64::from(who) << 32 | u64::from(span.from);
        let low = u64::from(span.until) << 32 | u64::from(other_area) << 31 | u64::from(position);
        Self(u128::from(high) << 64 | u128::from(low))
    }

    fn who(self) -> u32 {
        (self.0 >> 96) as u32
    }

    fn span(self) -> Span {
        Span { from: (self.0 >> 64) as u32, until: (self.0 >> 32) as u32 }
    }

    fn other_area(self) -> bool {
        self.0 >> 31 & 1 == 1
    }

    fn position(self) -> usize {
        self.0 as usize & ((1 << 31) - 1)
    }
}

/// Somebody who met the case long enough, before the details are put together.
struct Candidate {
    rank: Rank,
    /// Positions of the overlaps' keys.
    keys: Range<u32>,
}

impl Index {
    /// The contacts of a case, which may be known by several person ids, inside a window.
    ///
    /// Ids that are not in the index are passed over: an id without a scan has met nobody.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond [`CASE_PERSONS_MAX`] ids or [`OVERLAPS_MAX`] overlaps.
    pub fn contacts(&self, persons: &[u64], window: Span, rule: &ExposureRule) -> Result<ContactList, Error> {
        self.contacts_unless(persons, window, rule, Stop::NEVER)
    }

    /// The same, unless it is given up.
    ///
    /// # Errors
    /// Those of [`Index::contacts`], and [`Error::Cancelled`].
    pub fn contacts_unless(
        &self,
        persons: &[u64],
        window: Span,
        rule: &ExposureRule,
        stop: Stop,
    ) -> Result<ContactList, Error> {
        let numbers = self.numbers_of_case(persons)?;
        let case = self.case_visits(&numbers, window);
        let overlaps = self.overlaps(&case, rule.same, stop)?;
        let keys = keys_by_person(&overlaps, &case, &numbers)?;
        let mut candidates = candidates(&keys, rule.min_overlap_seconds);
        let cut = keep_best(&mut candidates, self.limits.contacts_max, |candidate| candidate.rank);
        Ok(self.list(&candidates, &keys, &overlaps, &case, rule, cut))
    }

    /// The numbers of a case's ids, each once; ids without a scan are passed over.
    pub(crate) fn numbers_of_case(&self, persons: &[u64]) -> Result<Vec<u32>, Error> {
        if persons.len() > CASE_PERSONS_MAX {
            return Err(Error::TooMany { what: "ids of one case", limit: CASE_PERSONS_MAX });
        }
        let mut numbers: Vec<u32> = persons.iter().filter_map(|&person| self.number_of(person)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// The case's visits inside the window, in order of time.
    fn case_visits(&self, numbers: &[u32], window: Span) -> Vec<CaseVisit> {
        let mut case = Vec::new();
        for &number in numbers {
            let clip =
                |visit: OwnVisit| Some(CaseVisit { number, visit, inside: visit.span().common(window)? });
            case.extend(self.visits_of(number).filter_map(clip));
        }
        case.sort_by_key(|visit| visit.inside);
        case
    }

    fn overlaps(&self, case: &[CaseVisit], same: SameSpace, stop: Stop) -> Result<Vec<Overlap>, Error> {
        let mut overlaps = Vec::new();
        for (number, visit) in (0_u32..).zip(case) {
            stop.check()?;
            for area in self.same_space(visit.visit.area(), same) {
                self.rows(area).overlapping(visit.inside, |_, row, span| {
                    if overlaps.len() <= OVERLAPS_MAX {
                        overlaps.push(Overlap { row, span, area: area as u32, case: number });
                    }
                });
                if overlaps.len() > OVERLAPS_MAX {
                    return Err(Error::TooMany { what: "overlaps", limit: OVERLAPS_MAX });
                }
            }
        }
        Ok(overlaps)
    }

    fn list(
        &self,
        candidates: &[Candidate],
        keys: &[u128],
        overlaps: &[Overlap],
        case: &[CaseVisit],
        rule: &ExposureRule,
        cut: usize,
    ) -> ContactList {
        let meeting_count = candidates.iter().map(|candidate| candidate.keys.len()).sum();
        let mut meetings = Vec::with_capacity(meeting_count);
        let mut contacts = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let first = meetings.len();
            let own = keys[candidate.keys.start as usize..candidate.keys.end as usize].iter();
            let own = own.map(|&key| &overlaps[Key(key).position()]);
            meetings.extend(own.map(|overlap| self.meeting(overlap, &case[overlap.case as usize])));
            meetings[first..].sort_unstable();
            let rank = candidate.rank;
            contacts.push(Contact {
                person: self.person_at(rank.person()),
                same_area: rank.same_area(),
                overlap_seconds: rank.total_seconds(),
                last_until: rank.last_until(),
                certainty: certainty_of(&meetings[first..], rule.min_overlap_seconds),
                meetings: first..meetings.len(),
            });
        }
        ContactList { contacts, meetings, cut }
    }

    fn meeting(&self, overlap: &Overlap, case: &CaseVisit) -> Meeting {
        let area = overlap.area as usize;
        let own = stay(case.visit.span(), case.visit.scans());
        let case = (self.person_at(case.number), self.area_id(case.visit.area()), own);
        let other = (self.area_id(area), stay(overlap.row.span(), overlap.row.scans()));
        Meeting::new(overlap.span, self.place(area), case, other)
    }
}

fn stay(span: Span, scans: Scans) -> Stay {
    Stay {
        from: span.from,
        until: span.until,
        start_inferred: scans.start_inferred(),
        end_inferred: scans.end_inferred(),
        assurance_in: scans.assurance_in(),
        assurance_out: scans.assurance_out(),
    }
}

/// A key for each overlap, in order: each person's overlaps side by side, by start. The case's own ids met one
/// another too; that is no contact.
fn keys_by_person(overlaps: &[Overlap], case: &[CaseVisit], numbers: &[u32]) -> Result<Vec<u128>, Error> {
    let mut keys = with_room("overlaps", overlaps.len())?;
    for (position, overlap) in (0_u32..).zip(overlaps) {
        let who = overlap.row.who();
        if !numbers.contains(&who) {
            let other_area = case[overlap.case as usize].visit.area() != overlap.area as usize;
            keys.push(Key::new(who, overlap.span, other_area, position).0);
        }
    }
    Scratch::default().sort(&mut keys)?;
    Ok(keys)
}

/// Adds up each person's overlaps and keeps those who reach the minimum.
fn candidates(keys: &[u128], min_overlap: u32) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let mut first = 0;
    for own in keys.chunk_by(|&a, &b| Key(a).who() == Key(b).who()) {
        let spans = || own.iter().map(|&key| Key(key).span());
        let total = covered_seconds(spans());
        if total >= min_overlap {
            let same_area = own.iter().any(|&key| !Key(key).other_area());
            let last_until = spans().map(|span| span.until).max().unwrap_or(0);
            let rank = Rank::new(same_area, total, last_until, Key(own[0]).who());
            candidates.push(Candidate { rank, keys: first..first + own.len() as u32 });
        }
        first += own.len() as u32;
    }
    candidates
}
