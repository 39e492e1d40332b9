//! Who was here then.

use crate::contacts::OVERLAPS_MAX;
use crate::people::OwnVisit;
use crate::{Error, Index, Span, Stop, Visit};

/// A place, or one area of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    /// One area, by id.
    Area(u32),
    /// All areas of a place, by the caller's number.
    Place(u32),
}

/// Who was somewhere during a window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PresentList {
    /// The visits, whole, in order of start, then person and area.
    pub visits: Vec<Visit>,
    /// How many more there were beyond the limit; they start later than those listed.
    pub cut: usize,
    /// Different people in all, those beyond the limit too.
    pub people: usize,
}

impl Index {
    /// The visits to a place or area that share a second with the window, the first `visits_max` of them. A space
    /// that nobody visited gives an empty list.
    ///
    /// # Errors
    /// [`Error::TooMany`] when more than [`OVERLAPS_MAX`] visits share the window; [`Error::Cancelled`].
    pub fn present(
        &self,
        space: Space,
        window: Span,
        visits_max: usize,
        stop: Stop,
    ) -> Result<PresentList, Error> {
        let mut found: Vec<(u32, u32, usize, usize)> = Vec::new();
        for area in self.areas_in(space) {
            stop.check()?;
            self.rows(area).overlapping(window, |number, row, _| {
                if found.len() <= OVERLAPS_MAX {
                    found.push((row.from(), row.who(), area, number));
                }
            });
            if found.len() > OVERLAPS_MAX {
                return Err(Error::TooMany { what: "visits to list", limit: OVERLAPS_MAX });
            }
        }
        found.sort_unstable();
        let visits = found.iter().take(visits_max);
        let visits = visits.map(|&(_, who, area, number)| {
            let row = self.rows(area).get(number);
            let visit = OwnVisit::new(area as u32, row.span(), row.scans());
            visit.visit(self.person_at(who), (self.place(area), self.area_id(area)))
        });
        let visits = visits.collect();
        let cut = found.len().saturating_sub(visits_max);
        let mut people: Vec<u32> = found.iter().map(|found| found.1).collect();
        people.sort_unstable();
        people.dedup();
        Ok(PresentList { visits, cut, people: people.len() })
    }
}
