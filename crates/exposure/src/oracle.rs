//! The same contacts as [`crate::Index::contacts`], found the slow and obvious way.
//!
//! It compares every visit with every visit of the case and counts shared time second mark by second mark. It
//! stands beside the engine so that tests can hold the two together; it shares only the result types with it
//! and what makes a meeting certain.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::contacts::certainty_of;
use crate::{Contact, ContactList, ExposureRule, Meeting, SameSpace, Span, Stay, Visit};

/// The ranked contacts of a case. Time grows with visits times visits of the case.
#[must_use]
pub fn contacts(
    visits: &[Visit],
    persons: &[u64],
    window: Span,
    rule: &ExposureRule,
    contacts_max: usize,
) -> ContactList {
    let mut met: BTreeMap<u64, Vec<Meeting>> = BTreeMap::new();
    for case in visits.iter().filter(|visit| persons.contains(&visit.person)) {
        for other in visits.iter().filter(|visit| !persons.contains(&visit.person)) {
            if let Some(meeting) = meeting(case, other, window, rule.same) {
                met.entry(other.person).or_default().push(meeting);
            }
        }
    }
    let mut found: Vec<(Contact, Vec<Meeting>)> = Vec::new();
    for (person, mut meetings) in met {
        meetings.sort();
        let contact = Contact {
            person,
            same_area: meetings.iter().any(|meeting| meeting.area_id == meeting.case_area_id),
            overlap_seconds: seconds_in_any(&meetings),
            last_until: meetings.iter().map(|meeting| meeting.overlap.until).max().unwrap_or(0),
            certainty: certainty_of(&meetings, rule.min_overlap_seconds),
            meetings: 0..0,
        };
        if contact.overlap_seconds >= rule.min_overlap_seconds {
            found.push((contact, meetings));
        }
    }
    found.sort_by(|a, b| ranking(&a.0, &b.0));
    let mut list = ContactList { cut: found.len().saturating_sub(contacts_max), ..ContactList::default() };
    for (mut contact, meetings) in found.into_iter().take(contacts_max) {
        contact.meetings = list.meetings.len()..list.meetings.len() + meetings.len();
        list.contacts.push(contact);
        list.meetings.extend(meetings);
    }
    list
}

fn meeting(case: &Visit, other: &Visit, window: Span, same: SameSpace) -> Option<Meeting> {
    let together = match same {
        SameSpace::Area => case.area_id == other.area_id,
        SameSpace::Place => case.place == other.place,
    };
    let from = case.from.max(other.from).max(window.from);
    let until = case.until.min(other.until).min(window.until);
    (together && from < until).then(|| {
        let case_side = (case.person, case.area_id, stay(case));
        Meeting::new(Span { from, until }, case.place, case_side, (other.area_id, stay(other)))
    })
}

fn stay(visit: &Visit) -> Stay {
    Stay {
        from: visit.from,
        until: visit.until,
        start_inferred: visit.start_inferred,
        end_inferred: visit.end_inferred,
        assurance_in: visit.assurance_in,
        assurance_out: visit.assurance_out,
    }
}

/// Cuts time at every end of every overlap, and adds up the pieces that lie in at least one.
fn seconds_in_any(meetings: &[Meeting]) -> u32 {
    let mut marks: Vec<u32> =
        meetings.iter().flat_map(|meeting| [meeting.overlap.from, meeting.overlap.until]).collect();
    marks.sort();
    let covered = |piece: &&[u32]| {
        meetings.iter().any(|meeting| meeting.overlap.from <= piece[0] && piece[1] <= meeting.overlap.until)
    };
    marks.windows(2).filter(covered).map(|piece| piece[1] - piece[0]).sum()
}

/// A shared area first, then the longer, the later, the smaller id.
fn ranking(a: &Contact, b: &Contact) -> Ordering {
    b.same_area
        .cmp(&a.same_area)
        .then(b.overlap_seconds.cmp(&a.overlap_seconds))
        .then(b.last_until.cmp(&a.last_until))
        .then(a.person.cmp(&b.person))
}
