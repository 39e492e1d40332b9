//! Who met a case, found the slow and obvious way.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::contacts::certainty_of;
use crate::{Contact, ContactList, ExposureRule, Meeting, SameSpace, Span, Stay, Visit};

use super::{overlap, seconds_in_any};

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
            overlap_seconds: seconds_in_any(meetings.iter().map(|meeting| meeting.overlap)),
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
    let overlap = overlap(case, other, same)?.common(window)?;
    let case_side = (case.person, case.area_id, stay(case));
    Some(Meeting::new(overlap, case.place, case_side, (other.area_id, stay(other))))
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

/// A shared area first, then the longer, the later, the smaller id.
fn ranking(a: &Contact, b: &Contact) -> Ordering {
    b.same_area
        .cmp(&a.same_area)
        .then(b.overlap_seconds.cmp(&a.overlap_seconds))
        .then(b.last_until.cmp(&a.last_until))
        .then(a.person.cmp(&b.person))
}
