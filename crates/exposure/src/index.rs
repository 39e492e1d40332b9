//! The visits of an opening, laid out for questions.
//!
//! They are kept twice, 16 bytes each time: by person in order of time (the private module `people`), and by area in
//! order of start (`rows`). So both a person's day and an area's hour are one run of memory, and no question follows
//! a reference from one to the other.

use std::ops::Range;

use crate::people::{OwnVisit, People};
use crate::person_set::PersonSet;
use crate::present::Space;
use crate::rows::{AreaRows, Rows};
use crate::{Error, Limits, SameSpace, Visit, Visits};

/// The index in memory. Lives as long as the opening; person ids are wiped when dropped.
pub struct Index {
    pub(crate) limits: Limits,
    people: People,
    /// Whose own visits overlap.
    doubled: PersonSet,
    /// Place and id of each area, in order; an area's number is the position here.
    areas: Vec<(u32, u32)>,
    rows: Rows,
}

impl Index {
    /// Lays the visits out. Needs 32 bytes a visit, and 8 MiB more for each thread while it works; `visits` is
    /// wiped and freed.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond `limits.visits_max`, [`Error::Memory`] when there is no room.
    pub fn build(mut visits: Visits, limits: Limits) -> Result<Self, Error> {
        let limit = limits.visits_max.min(u32::MAX as usize);
        if visits.len() > limit {
            return Err(Error::TooMany { what: "visits", limit });
        }
        let people = People::new(std::mem::take(&mut visits.blocks))?;
        let areas = std::mem::take(&mut visits.areas);
        let rows = Rows::new(&people, areas.len())?;
        let doubled = PersonSet::new(people.ids().len())?;
        let mut index = Self { limits, people, doubled, areas, rows };
        for &person in &visits.doubled {
            if let Some(number) = index.number_of(person) {
                index.doubled.insert(number);
            }
        }
        Ok(index)
    }

    /// Changes how many contacts a list holds, for instance to export all of them.
    pub fn set_contacts_max(&mut self, contacts_max: usize) {
        self.limits.contacts_max = contacts_max;
    }

    /// Number of visits.
    #[must_use]
    pub fn visit_count(&self) -> usize {
        self.people.visit_count()
    }

    /// Number of persons.
    #[must_use]
    pub fn person_count(&self) -> usize {
        self.people.ids().len()
    }

    /// The persons' ids, ascending.
    #[must_use]
    pub fn persons(&self) -> &[u64] {
        self.people.ids()
    }

    /// A person's visits in order of time; none for a person who is not in the index.
    #[must_use]
    pub fn timeline(&self, person: u64) -> Vec<Visit> {
        let Some(number) = self.number_of(person) else { return Vec::new() };
        self.visits_of(number).map(|visit| visit.visit(person, self.areas[visit.area()])).collect()
    }

    /// A person's number, by id.
    pub(crate) fn number_of(&self, person: u64) -> Option<u32> {
        self.persons().binary_search(&person).ok().map(|number| number as u32)
    }

    pub(crate) fn person_at(&self, number: u32) -> u64 {
        self.persons()[number as usize]
    }

    /// A person's visits in order of time.
    pub(crate) fn visits_of(&self, number: u32) -> impl ExactSizeIterator<Item = OwnVisit> + Clone {
        self.people.visits_of(number)
    }

    /// Whether some of the person's own visits overlap, so that shared seconds do not simply add up.
    pub(crate) fn is_doubled(&self, number: u32) -> bool {
        self.doubled.has(number)
    }

    /// All of those.
    pub(crate) fn doubled_persons(&self) -> impl Iterator<Item = u32> {
        self.doubled.members()
    }

    /// The place of an area.
    pub(crate) fn place(&self, area: usize) -> u32 {
        self.areas[area].0
    }

    /// Number of areas.
    pub(crate) fn area_count(&self) -> usize {
        self.areas.len()
    }

    /// The id of an area.
    pub(crate) fn area_id(&self, area: usize) -> u32 {
        self.areas[area].1
    }

    /// The rows of an area, in order of start.
    pub(crate) fn rows(&self, area: usize) -> AreaRows<'_> {
        self.rows.of(area)
    }

    /// The areas that count as the same space as one of them.
    pub(crate) fn same_space(&self, area: usize, same: SameSpace) -> Range<usize> {
        match same {
            SameSpace::Area => area..area + 1,
            SameSpace::Place => self.areas_in(Space::Place(self.place(area))),
        }
    }

    /// The areas of a space; none for one that is not known.
    pub(crate) fn areas_in(&self, space: Space) -> Range<usize> {
        match space {
            Space::Place(place) => {
                self.areas.partition_point(|area| area.0 < place)
                    ..self.areas.partition_point(|area| area.0 <= place)
            }
            Space::Area(area_id) => {
                let found = self.areas.iter().position(|area| area.1 == area_id);
                found.map_or(0..0, |area| area..area + 1)
            }
        }
    }
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
