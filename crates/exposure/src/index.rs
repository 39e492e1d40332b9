//! The visits of an opening, laid out for questions.
//!
//! Persons are numbered by the order of their ids, areas by place and id, so that a place's areas lie side by
//! side. A visit is a *row* of four flat arrays (13 bytes), ordered by area and start. A case's neighbours are
//! then one short run of rows in each area, and a person's own rows stand in order of time in a second list
//! (4 bytes a visit, with one offset a person).

use std::ops::Range;

use domain::time::Seconds2020;
use zeroize::Zeroize;

use crate::doubled::doubled;
use crate::error::with_room;
use crate::person_set::PersonSet;
use crate::present::Space;
use crate::slots::Slots;
use crate::{Error, Limits, SameSpace, Span, Visit, Visits};

/// An area as the index keeps it.
pub(crate) struct AreaRun {
    pub(crate) place: u32,
    pub(crate) area_id: u32,
    /// First row of the area; the next area's is its end.
    first_row: u32,
    /// Longest visit in the area: no row that starts earlier than this before an instant reaches it.
    longest_seconds: u32,
}

/// The index in memory. Lives as long as the opening; person ids are wiped when dropped.
pub struct Index {
    pub(crate) limits: Limits,
    /// Person ids in ascending order; a person's number is the position here.
    persons: Vec<u64>,
    /// For each person, where the own rows begin in `own_rows`; one more at the end.
    own_start: Vec<u32>,
    /// Rows of each person, in order of time.
    own_rows: Vec<u32>,
    /// Whose own visits overlap.
    doubled: PersonSet,
    /// Areas in order of place and id; one more at the end, for its `first_row`.
    areas: Vec<AreaRun>,
    /// The rows, by area, then start.
    from: Vec<Seconds2020>,
    until: Vec<Seconds2020>,
    who: Vec<u32>,
    scans: Vec<Scans>,
}

impl Drop for Index {
    fn drop(&mut self) {
        self.persons.zeroize();
    }
}

/// Which ends of a visit were scanned, and how well, in one byte: three bits for the in scan (0: none, 1 to 4:
/// assurance 0 to 3), three for the out scan, one each for an inferred start and end.
#[derive(Clone, Copy)]
pub(crate) struct Scans(u8);

impl Scans {
    fn pack(visit: &Visit) -> Self {
        let code = |assurance: Option<u8>| assurance.map_or(0, |level| level.min(3) + 1);
        let inferred = u8::from(visit.start_inferred) << 6 | u8::from(visit.end_inferred) << 7;
        Self(code(visit.assurance_in) | code(visit.assurance_out) << 3 | inferred)
    }

    pub(crate) fn assurance_in(self) -> Option<u8> {
        (self.0 & 7).checked_sub(1)
    }

    pub(crate) fn assurance_out(self) -> Option<u8> {
        (self.0 >> 3 & 7).checked_sub(1)
    }

    pub(crate) fn start_inferred(self) -> bool {
        self.0 & 1 << 6 != 0
    }

    pub(crate) fn end_inferred(self) -> bool {
        self.0 & 1 << 7 != 0
    }
}

impl Index {
    /// Lays the visits out. Needs 17 bytes a visit, and 8 more while it works; `visits` is wiped and freed.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond `limits.visits_max`, [`Error::Memory`] when there is no room.
    pub fn build(mut visits: Visits, limits: Limits) -> Result<Self, Error> {
        let count = visits.list.len();
        let limit = limits.visits_max.min(u32::MAX as usize);
        if count > limit {
            return Err(Error::TooMany { what: "visits", limit });
        }
        let (persons, own_start) = number_persons(&mut visits.list)?;
        let doubled = doubled(&visits.list, persons.len())?;
        let mut index = Self {
            limits,
            persons,
            own_start,
            doubled,
            own_rows: with_room("rows", count)?,
            areas: Vec::new(),
            from: with_room("rows", count)?,
            until: with_room("rows", count)?,
            who: with_room("rows", count)?,
            scans: with_room("rows", count)?,
        };
        let slots = Slots::new(visits.areas.iter().map(|&(_, area_id)| area_id));
        index.areas = count_areas(&visits, &slots);
        let order = index.order_rows(&visits.list, &slots)?;
        index.fill(&visits.list, &order);
        Ok(index)
    }

    /// The visits' positions by area, then start. Each entry holds the start above the position.
    fn order_rows(&self, list: &[Visit], slots: &Slots) -> Result<Vec<u64>, Error> {
        let mut next: Vec<u32> = self.areas.iter().map(|area| area.first_row).collect();
        let mut order = with_room("rows", list.len())?;
        order.resize(list.len(), 0_u64);
        for (position, visit) in (0_u32..).zip(list) {
            let Some(slot) = slots.of(visit.area_id) else { continue };
            let row = &mut next[slot as usize];
            order[*row as usize] = u64::from(visit.from) << 32 | u64::from(position);
            *row += 1;
        }
        for run in self.areas.windows(2) {
            order[run[0].first_row as usize..run[1].first_row as usize].sort_unstable();
        }
        Ok(order)
    }

    fn fill(&mut self, list: &[Visit], order: &[u64]) {
        self.own_rows.resize(list.len(), 0);
        for (row, entry) in (0_u32..).zip(order) {
            let position = (entry & u64::from(u32::MAX)) as usize;
            let visit = &list[position];
            self.own_rows[position] = row;
            self.from.push(visit.from);
            self.until.push(visit.until);
            self.who.push(visit.person as u32);
            self.scans.push(Scans::pack(visit));
        }
    }

    /// Changes how many contacts a list holds, for instance to export all of them.
    pub fn set_contacts_max(&mut self, contacts_max: usize) {
        self.limits.contacts_max = contacts_max;
    }

    /// Number of visits.
    #[must_use]
    pub fn visit_count(&self) -> usize {
        self.from.len()
    }

    /// Number of persons.
    #[must_use]
    pub fn person_count(&self) -> usize {
        self.persons.len()
    }

    /// The persons' ids, ascending.
    #[must_use]
    pub fn persons(&self) -> &[u64] {
        &self.persons
    }

    /// A person's visits in order of time; none for a person who is not in the index.
    #[must_use]
    pub fn timeline(&self, person: u64) -> Vec<Visit> {
        let Some(number) = self.number_of(person) else { return Vec::new() };
        self.rows_of(number).iter().map(|&row| self.visit(row)).collect()
    }

    pub(crate) fn visit(&self, row: u32) -> Visit {
        let area = &self.areas[self.area_of(row)];
        let scans = self.scans_of(row);
        let span = self.span_of(row);
        Visit {
            person: self.person_at(self.who_of(row)),
            area_id: area.area_id,
            place: area.place,
            from: span.from,
            until: span.until,
            start_inferred: scans.start_inferred(),
            end_inferred: scans.end_inferred(),
            assurance_in: scans.assurance_in(),
            assurance_out: scans.assurance_out(),
        }
    }

    /// A person's number, by id.
    pub(crate) fn number_of(&self, person: u64) -> Option<u32> {
        self.persons.binary_search(&person).ok().map(|number| number as u32)
    }

    pub(crate) fn person_at(&self, number: u32) -> u64 {
        self.persons[number as usize]
    }

    /// A person's rows in order of time.
    pub(crate) fn rows_of(&self, number: u32) -> &[u32] {
        let number = number as usize;
        &self.own_rows[self.own_start[number] as usize..self.own_start[number + 1] as usize]
    }

    /// Whether some of the person's own visits overlap, so that shared seconds do not simply add up.
    pub(crate) fn is_doubled(&self, number: u32) -> bool {
        self.doubled.has(number)
    }

    pub(crate) fn span_of(&self, row: u32) -> Span {
        Span { from: self.from[row as usize], until: self.until[row as usize] }
    }

    pub(crate) fn who_of(&self, row: u32) -> u32 {
        self.who[row as usize]
    }

    pub(crate) fn scans_of(&self, row: u32) -> Scans {
        self.scans[row as usize]
    }

    /// The position of a row's area in [`Self::areas`]. Areas without visits own no row.
    pub(crate) fn area_of(&self, row: u32) -> usize {
        self.areas.partition_point(|area| area.first_row <= row) - 1
    }

    pub(crate) fn area(&self, area: usize) -> &AreaRun {
        &self.areas[area]
    }

    /// The rows of an area, in order of start.
    pub(crate) fn rows_in(&self, area: usize) -> Range<usize> {
        self.areas[area].first_row as usize..self.areas[area + 1].first_row as usize
    }

    /// Start and end of each of some rows.
    pub(crate) fn ends_of(&self, rows: Range<usize>) -> (&[Seconds2020], &[Seconds2020]) {
        (&self.from[rows.clone()], &self.until[rows])
    }

    /// No row of the area that starts before this reaches `at`.
    pub(crate) fn too_early(&self, area: usize, at: Seconds2020) -> Seconds2020 {
        // A visit that started `longest` before an instant has ended by then.
        at.saturating_sub(self.areas[area].longest_seconds)
    }

    /// The areas that count as the same space as one of them.
    pub(crate) fn same_space(&self, area: usize, same: SameSpace) -> Range<usize> {
        match same {
            SameSpace::Area => area..area + 1,
            SameSpace::Place => self.place_of(area),
        }
    }

    /// The positions of all areas of the place that an area belongs to.
    pub(crate) fn place_of(&self, area: usize) -> Range<usize> {
        self.areas_in(Space::Place(self.areas[area].place))
    }

    /// The positions of the areas of a space; none for one that nobody visited.
    pub(crate) fn areas_in(&self, space: Space) -> Range<usize> {
        let real = &self.areas[..self.areas.len() - 1];
        match space {
            Space::Place(place) => {
                real.partition_point(|area| area.place < place)
                    ..real.partition_point(|area| area.place <= place)
            }
            Space::Area(area_id) => {
                let found = real.iter().position(|area| area.area_id == area_id);
                found.map_or(0..0, |area| area..area + 1)
            }
        }
    }

    /// Calls `found` with each row of an area that shares a second with `span`, in order of start.
    pub(crate) fn overlapping(&self, area: usize, span: Span, mut found: impl FnMut(u32, Span)) {
        let run = self.rows_in(area);
        let starts = &self.from[run.clone()];
        let too_early = self.too_early(area, span.from);
        let last = starts.partition_point(|&from| from < span.until);
        let first = starts[..last].partition_point(|&from| from < too_early);
        let rows = run.start + first..run.start + last;
        for (row, (&from, &until)) in rows.clone().zip(self.from[rows.clone()].iter().zip(&self.until[rows]))
        {
            if until > span.from {
                found(row as u32, Span { from: from.max(span.from), until: until.min(span.until) });
            }
        }
    }
}

/// Numbers the persons of an ordered list, writes the number over each visit's id (which wipes it), and gives
/// the ids and each person's first position.
fn number_persons(list: &mut [Visit]) -> Result<(Vec<u64>, Vec<u32>), Error> {
    let count = list.chunk_by(|a, b| a.person == b.person).count();
    let mut persons = with_room("persons", count)?;
    let mut own_start = with_room("persons", count + 1)?;
    for (position, visit) in (0_u32..).zip(list.iter_mut()) {
        if persons.last() != Some(&visit.person) {
            persons.push(visit.person);
            own_start.push(position);
        }
        visit.person = persons.len() as u64 - 1;
    }
    own_start.push(list.len() as u32);
    Ok((persons, own_start))
}

/// The areas with their first rows, and one more for the end.
fn count_areas(visits: &Visits, slots: &Slots) -> Vec<AreaRun> {
    let blank = |&(place, area_id): &(u32, u32)| AreaRun { place, area_id, first_row: 0, longest_seconds: 0 };
    let mut areas: Vec<AreaRun> = visits.areas.iter().map(blank).collect();
    areas.push(AreaRun { place: u32::MAX, area_id: u32::MAX, first_row: 0, longest_seconds: 0 });
    for visit in &visits.list {
        let Some(slot) = slots.of(visit.area_id) else { continue };
        let area = &mut areas[slot as usize];
        area.longest_seconds = area.longest_seconds.max(visit.span().seconds());
        areas[slot as usize + 1].first_row += 1;
    }
    let mut row = 0;
    for area in &mut areas {
        row += area.first_row;
        area.first_row = row;
    }
    areas
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn visit(person: u64, area_id: u32, from: u32, until: u32) -> Visit {
        Visit {
            person,
            area_id,
            place: area_id / 10,
            from,
            until,
            start_inferred: from % 2 == 1,
            end_inferred: until % 2 == 1,
            assurance_in: from.is_multiple_of(2).then_some((from % 4) as u8),
            assurance_out: until.is_multiple_of(2).then_some((until % 4) as u8),
        }
    }

    #[test]
    fn a_timeline_gives_back_what_was_put_in() {
        let list =
            vec![visit(7, 11, 100, 203), visit(3, 25, 50, 99), visit(7, 25, 21, 42), visit(9, 11, 6, 90)];
        let index =
            Index::build(Visits::from_list(list, &Limits::default()).unwrap(), Limits::default()).unwrap();
        assert_eq!(index.timeline(7), [visit(7, 25, 21, 42), visit(7, 11, 100, 203)]);
        assert_eq!(index.timeline(3), [visit(3, 25, 50, 99)]);
        assert_eq!(index.timeline(4), []);
        assert_eq!((index.visit_count(), index.person_count()), (4, 3));
        assert_eq!(index.persons(), [3, 7, 9]);
    }

    #[test]
    fn an_empty_index_answers() {
        let index =
            Index::build(Visits::from_list(Vec::new(), &Limits::default()).unwrap(), Limits::default())
                .unwrap();
        assert_eq!(index.timeline(1), []);
        assert_eq!((index.visit_count(), index.person_count()), (0, 0));
    }

    #[test]
    fn too_many_visits_are_refused() {
        let list = vec![visit(1, 11, 1, 2), visit(2, 11, 1, 2)];
        let limits = Limits { visits_max: 1, ..Limits::default() };
        assert!(matches!(Visits::from_list(list.clone(), &limits), Err(Error::TooMany { limit: 1, .. })));
        let visits = Visits::from_list(list, &Limits::default()).unwrap();
        assert!(matches!(Index::build(visits, limits), Err(Error::TooMany { limit: 1, .. })));
    }

    #[test]
    fn visits_that_make_no_sense_are_refused() {
        let refused = |list| Visits::from_list(list, &Limits::default()).err().unwrap();
        assert!(matches!(
            refused(vec![visit(1, 11, 5, 9), visit(1, 11, 9, 9)]),
            Error::Visit { number: 1, .. }
        ));
        assert!(matches!(refused(vec![visit(1, 11, 0, 86_401)]), Error::Visit { number: 0, .. }));
        let moved = Visit { place: 9, ..visit(1, 11, 5, 9) };
        assert!(matches!(refused(vec![visit(1, 11, 5, 9), moved]), Error::Area { area_id: 11, .. }));
    }
}
