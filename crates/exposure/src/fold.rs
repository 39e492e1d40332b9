//! One person's scans, in order, folded into visits by the rules of [`mod@crate::visits`].
//!
//! A bucket's scans are sorted where they lie, then read from the front while the visits are written over them:
//! no visit begins without a scan of its own, so what is written never overtakes what is read.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::time::Seconds2020;

use crate::areas::{CLOSING_GRACE_SECONDS, VISIT_SECONDS_MAX};
use crate::gather::Packed;
use crate::people::{Block, OwnVisit, Scans};
use crate::radix::{Buckets, Scratch};
use crate::threads::{THREADS, share};
use crate::{AreaFacts, Areas, Error, Limits, ScanCounts, Span, Visits};

/// Below this many scans, starting threads takes longer than the work.
const SCANS_FOR_THREADS: usize = 50_000;

/// Makes the visits of all buckets, which are left empty.
pub(crate) fn fold_all(
    buckets: &Buckets,
    areas: &Areas,
    mut counts: ScanCounts,
    limits: &Limits,
) -> Result<Visits, Error> {
    let mut areas_by_place: Vec<_> = areas.all().iter().map(|area| (area.place, area.area_id)).collect();
    areas_by_place.sort_unstable();
    let rules = Rules::new(areas, &areas_by_place);
    let made = AtomicUsize::new(0);
    let work = |state: &mut Folder, bucket: usize| -> Result<(), Error> {
        let mut records = buckets.take(bucket);
        if let Err(error) = state.scratch.sort(&mut records) {
            zeroize::Zeroize::zeroize(&mut records);
            return Err(error);
        }
        let block = state.block(&rules, records);
        let visits = block.visits.len();
        if made.fetch_add(visits, Ordering::Relaxed) + visits > limits.visits_max {
            return Err(Error::TooMany { what: "visits", limit: limits.visits_max });
        }
        state.blocks.push((bucket, block));
        Ok(())
    };
    let threads = if counts.scans < SCANS_FOR_THREADS { 1 } else { THREADS };
    let folders = share(threads, buckets.len(), || Ok(Folder::default()), work)?;
    let mut blocks = Vec::with_capacity(buckets.len());
    for folder in folders {
        counts.duplicates += folder.duplicates;
        counts.clashes += folder.clashes;
        blocks.extend(folder.blocks);
    }
    blocks.sort_unstable_by_key(|(bucket, _)| *bucket);
    let blocks = blocks.into_iter().map(|(_, block)| block).collect();
    Ok(Visits { blocks, areas: areas_by_place, doubled: Vec::new(), counts })
}

/// What the rules must know, by an area's position in order of id.
struct Rules<'a> {
    areas: &'a Areas,
    /// Where each area stands in order of place and id.
    number_of: Vec<u32>,
}

impl<'a> Rules<'a> {
    fn new(areas: &'a Areas, by_place: &[(u32, u32)]) -> Self {
        let mut number_of = vec![0; by_place.len()];
        for (number, &(_, area_id)) in (0..).zip(by_place) {
            if let Some(position) = areas.position(area_id) {
                number_of[position as usize] = number;
            }
        }
        Self { areas, number_of }
    }

    fn facts(&self, area: usize) -> &AreaFacts {
        &self.areas.all()[area]
    }
}

/// One thread's work.
#[derive(Default)]
struct Folder {
    scratch: Scratch,
    blocks: Vec<(usize, Block)>,
    duplicates: usize,
    clashes: usize,
}

impl Folder {
    /// Folds sorted scans into the visits of their persons.
    fn block(&mut self, rules: &Rules, records: Vec<u128>) -> Block {
        let mut block = Block::empty();
        let count = records.len();
        let mut walk = Walk { rules, records, written: 0, clashes: 0, open: None, last: 0 };
        let mut next = 0;
        while next < count {
            let person = Packed(walk.records[next]).person();
            (walk.open, walk.last) = (None, 0);
            while next < count && Packed(walk.records[next]).person() == person {
                let mut scan = Packed(walk.records[next]);
                next += 1;
                // The last of equal ones has the best assurance.
                while next < count && scan.is_again(Packed(walk.records[next])) {
                    scan = Packed(walk.records[next]);
                    next += 1;
                    self.duplicates += 1;
                }
                walk.step(scan);
            }
            walk.leave_by(Seconds2020::MAX);
            let end = walk.written as u32;
            if block.starts.last() != Some(&end) {
                block.ids.push(person);
                block.starts.push(end);
            }
        }
        self.clashes += walk.clashes;
        block.visits = walk.finish();
        block
    }
}

/// A visit that has begun and not ended.
struct Open {
    area: usize,
    from: Seconds2020,
    assurance_in: u8,
    /// The last in scan there, from which the inferred end is counted.
    last_in: Seconds2020,
    facts: AreaFacts,
}

impl Open {
    fn closing(&self, areas: &Areas) -> Seconds2020 {
        areas.closing_after(&self.facts, self.last_in).unwrap_or(Seconds2020::MAX)
    }

    /// When the visit ends if nothing else is heard.
    fn end_by_rule(&self, areas: &Areas) -> Seconds2020 {
        let stay = self.last_in.saturating_add(self.facts.default_stay_seconds);
        stay.min(self.closing(areas)).min(self.from.saturating_add(VISIT_SECONDS_MAX))
    }

    /// The last instant at which an out scan belongs to this visit.
    fn last_out(&self, areas: &Areas) -> Seconds2020 {
        let longest = self.from.saturating_add(VISIT_SECONDS_MAX);
        self.closing(areas).saturating_add(CLOSING_GRACE_SECONDS).min(longest)
    }
}

/// Which ends were scanned, and with what assurance.
type Ends = (Option<u8>, Option<u8>);

/// One person's way through the scans.
struct Walk<'a> {
    rules: &'a Rules<'a>,
    /// Visits first, as many as `written`; the scans after them are still needed from where `block` reads.
    records: Vec<u128>,
    written: usize,
    clashes: usize,
    open: Option<Open>,
    /// Instant of the scan before this one.
    last: Seconds2020,
}

impl Walk<'_> {
    fn step(&mut self, scan: Packed) {
        if scan.out() {
            self.out(scan)
        } else {
            self.come_in(scan)
        }
        self.last = scan.captured();
    }

    fn come_in(&mut self, scan: Packed) {
        let at = scan.captured();
        if let Some(open) = &mut self.open
            && open.area == scan.area()
            && at - open.from < VISIT_SECONDS_MAX
            && at <= open.end_by_rule(self.rules.areas)
        {
            open.last_in = at;
            return;
        }
        self.leave_by(at);
        let (area, facts) = (scan.area(), *self.rules.facts(scan.area()));
        self.open = Some(Open { area, from: at, assurance_in: scan.assurance(), last_in: at, facts });
    }

    fn out(&mut self, scan: Packed) {
        let at = scan.captured();
        let areas = self.rules.areas;
        let facts = self.rules.facts(scan.area());
        let belongs = |open: &mut Open| open.facts.place == facts.place && at <= open.last_out(areas);
        let ends = |assurance_in| (assurance_in, Some(scan.assurance()));
        if let Some(open) = self.open.take_if(belongs) {
            return self.push(open.area, Span { from: open.from, until: at }, ends(Some(open.assurance_in)));
        }
        let before = self.written;
        self.leave_by(at);
        let mut from = at.saturating_sub(facts.default_stay_seconds).max(self.last);
        if let Some(previous) = self.records[before..self.written].last_mut() {
            let visit = OwnVisit(*previous);
            if visit.until() > from {
                from += (visit.until() - from).div_ceil(2);
                let span = Span { from: visit.from(), until: from };
                *previous = OwnVisit::new(visit.area() as u32, span, visit.scans()).0;
            }
        }
        self.push(scan.area(), Span { from, until: at }, ends(None));
    }

    /// Ends the open visit by inference, at `at` the latest.
    fn leave_by(&mut self, at: Seconds2020) {
        let Some(open) = self.open.take() else { return };
        let until = open.end_by_rule(self.rules.areas).min(at);
        self.push(open.area, Span { from: open.from, until }, (Some(open.assurance_in), None));
    }

    fn push(&mut self, area: usize, span: Span, (assurance_in, assurance_out): Ends) {
        if span.from >= span.until {
            self.clashes += 1;
            return;
        }
        let scans = Scans::of(assurance_in, assurance_out);
        self.records[self.written] = OwnVisit::new(self.rules.number_of[area], span, scans).0;
        self.written += 1;
    }

    /// The visits, with the memory of the scans wiped and given back.
    fn finish(mut self) -> Vec<u128> {
        zeroize::Zeroize::zeroize(&mut self.records[self.written..]);
        self.records.truncate(self.written);
        self.records.shrink_to_fit();
        self.records
    }
}
