//! Small worlds written as text (tests/fixtures/*.txt), each with what must come out. The grammar:
//!
//! ```text
//! == title of a world                        lines before the first title are comments, as are # lines
//! place M stay 60 closes 18:00               usual stay in minutes; closes only where it does
//! area M.1                                   an area of place M; without any, M is one area
//! case A in M 08:00 out 09:10                scans of a person; `case` makes A one of the case's ids
//! B in M.1 08:50 @1 late out M.2 10:00       @0..3 assurance (3 unless told); out is where in was unless told
//! C in M d2/23:30                            d2/: the second day; times are local
//! window d1/08:00 d2/08:00                   all of time unless told
//! rule place min 15                          area or place, least minutes; `rule area min 0` unless told
//! limit 2                                    contacts listed
//! visit B M.1 08:50 ~09:50                   a person's visits, all of them, in order; ~ marks an inferred end
//! counts duplicates 1 unknown 0 clashes 0
//! expect B 20 min 1 meetings area likely     the contacts, all of them, in order; the tail may be left out
//! expect nobody
//! cut 1
//! ```
//!
//! Each world is run again with its scans backwards and twice, and against the oracle.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;

use domain::time::{Seconds2020, day_start, to_seconds_2020};
use exposure::{
    AreaFacts, Areas, Certainty, ContactList, ExposureRule, Index, Limits, OpenedScan, SameSpace, Span,
    Visit, Visits, oracle, visits,
};

struct World {
    title: String,
    areas: Vec<(String, AreaFacts)>,
    places: Vec<String>,
    scans: Vec<OpenedScan>,
    case: Vec<u64>,
    window: Span,
    rule: ExposureRule,
    limits: Limits,
    visits: BTreeMap<String, Vec<String>>,
    counts: Option<String>,
    expected: Vec<String>,
    says_contacts: bool,
    cut: usize,
}

impl World {
    fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            areas: Vec::new(),
            places: Vec::new(),
            scans: Vec::new(),
            case: Vec::new(),
            window: Span::ALWAYS,
            rule: ExposureRule { min_overlap_seconds: 0, same: SameSpace::Area },
            limits: Limits::default(),
            visits: BTreeMap::new(),
            counts: None,
            expected: Vec::new(),
            says_contacts: false,
            cut: 0,
        }
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["place", name, "stay", minutes] => self.place(name, minutes, None),
            ["place", name, "stay", minutes, "closes", at] => {
                self.place(name, minutes, Some(time_of_day(at)))
            }
            ["area", name] => self.area(name),
            ["window", from, until] => self.window = Span::new(instant(from), instant(until)).unwrap(),
            ["rule", same, "min", minutes] => {
                let same = if same == "place" { SameSpace::Place } else { SameSpace::Area };
                let min_overlap_seconds = minutes.parse::<u32>().unwrap() * 60;
                self.rule = ExposureRule { min_overlap_seconds, same };
            }
            ["limit", count] => self.limits.contacts_max = count.parse().unwrap(),
            ["cut", count] => self.cut = count.parse().unwrap(),
            ["visit", person, ref rest @ ..] => {
                self.visits.entry(person.to_owned()).or_default().push(rest.join(" "));
            }
            ["counts", ref rest @ ..] => self.counts = Some(rest.join(" ")),
            ["expect", "nobody"] => self.says_contacts = true,
            ["expect", ref rest @ ..] => {
                self.says_contacts = true;
                self.expected.push(rest.join(" "));
            }
            ["case", person, ref rest @ ..] => {
                self.case.push(id_of(person));
                self.scans(person, rest);
            }
            [person, ref rest @ ..] => self.scans(person, rest),
            [] => {}
        }
    }

    fn place(&mut self, name: &str, minutes: &str, closes: Option<u32>) {
        self.places.push(name.to_owned());
        let number = self.places.len() as u32;
        let facts = AreaFacts {
            area_id: number * 100,
            place: number,
            default_stay_seconds: minutes.parse::<u32>().unwrap() * 60,
            closes_at_second_of_day: closes,
        };
        self.areas.push((name.to_owned(), facts));
    }

    fn area(&mut self, name: &str) {
        let place = name.split('.').next().unwrap();
        let facts = self.areas.iter().find(|(other, _)| other == place).expect("place before area").1;
        let area_id = facts.area_id + self.areas.len() as u32;
        self.areas.push((name.to_owned(), AreaFacts { area_id, ..facts }));
    }

    /// Area ids that no line declares stay unknown to the engine.
    fn area_id(&self, name: &str) -> u32 {
        self.areas.iter().find(|(other, _)| other == name).map_or(99_999, |(_, facts)| facts.area_id)
    }

    fn scans(&mut self, person: &str, words: &[&str]) {
        let mut area = "";
        let mut words = words.iter().copied().peekable();
        while let Some(direction) = words.next() {
            assert!(direction == "in" || direction == "out", "{}: {direction}", self.title);
            let mut word = words.next().expect("a time or an area");
            if !word.contains(':') {
                area = word;
                word = words.next().expect("a time");
            }
            let assurance =
                words.next_if(|word| word.starts_with('@')).map_or(3, |word| word[1..].parse().unwrap());
            let late = words.next_if_eq(&"late").is_some();
            let out = direction == "out";
            let (person, area_id, captured) = (id_of(person), self.area_id(area), instant(word));
            self.scans.push(OpenedScan { person, area_id, out, captured, assurance, late });
        }
    }

    fn visits_of(&self, scans: Vec<OpenedScan>) -> Visits {
        let areas = Areas::new(self.areas.iter().map(|(_, facts)| *facts).collect()).unwrap();
        visits(scans, &areas, &self.limits).unwrap()
    }

    fn describe_visit(&self, visit: &Visit) -> String {
        let area = &self.areas.iter().find(|(_, facts)| facts.area_id == visit.area_id).unwrap().0;
        assert_eq!(visit.start_inferred, visit.assurance_in.is_none());
        assert_eq!(visit.end_inferred, visit.assurance_out.is_none());
        let mark = |inferred: bool| if inferred { "~" } else { "" };
        let (from, until) = (show(visit.from), show(visit.until));
        format!("{area} {}{from} {}{until}", mark(visit.start_inferred), mark(visit.end_inferred))
    }

    fn check(&self) {
        let title = &self.title;
        let made = self.visits_of(self.scans.clone());
        for (person, expected) in &self.visits {
            let own = made.iter().filter(|visit| visit.person == id_of(person));
            assert_eq!(
                &own.map(|visit| self.describe_visit(&visit)).collect::<Vec<_>>(),
                expected,
                "{title}: {person}"
            );
        }
        if let Some(expected) = &self.counts {
            let counts = made.counts();
            let (duplicates, unknown, clashes) = (counts.duplicates, counts.unknown_area, counts.clashes);
            assert_eq!(
                &format!("duplicates {duplicates} unknown {unknown} clashes {clashes}"),
                expected,
                "{title}"
            );
        }
        let twice = self.scans.iter().rev().chain(&self.scans).copied().collect();
        assert!(made.iter().eq(self.visits_of(twice).iter()), "{title}: order or duplicates matter");

        let slow = oracle::contacts(
            &made.iter().collect::<Vec<_>>(),
            &self.case,
            self.window,
            &self.rule,
            self.limits.contacts_max,
        );
        let index = Index::build(made, self.limits).unwrap();
        let list = index.contacts(&self.case, self.window, &self.rule).unwrap();
        assert_eq!(list, slow, "{title}: the oracle disagrees");
        assert_eq!(list.cut, self.cut, "{title}: cut");
        self.check_contacts(&list);
        assert!(self.says_contacts || !self.visits.is_empty(), "{title}: expects nothing");
    }

    fn check_contacts(&self, list: &ContactList) {
        if !self.says_contacts {
            return;
        }
        let got: Vec<String> = list.contacts.iter().map(|contact| describe_contact(list, contact)).collect();
        let title = &self.title;
        assert_eq!(got.len(), self.expected.len(), "{title}: {got:#?}");
        for (got, expected) in got.iter().zip(&self.expected) {
            let fits = got == expected || got.starts_with(&format!("{expected} "));
            assert!(fits, "{title}: got {got}, expected {expected}");
        }
    }
}

fn describe_contact(list: &ContactList, contact: &exposure::Contact) -> String {
    let name =
        String::from_utf8(contact.person.to_be_bytes().into_iter().filter(|&byte| byte != 0).collect())
            .unwrap();
    let space = if contact.same_area { "area" } else { "place" };
    let certainty = match contact.certainty {
        Certainty::Sure => "sure",
        Certainty::Likely => "likely",
        Certainty::Uncertain => "uncertain",
    };
    let (seconds, meetings) = (contact.overlap_seconds, list.meetings_of(contact).len());
    let time = if seconds % 60 == 0 { format!("{} min", seconds / 60) } else { format!("{seconds} s") };
    format!("{name} {time} {meetings} meetings {space} {certainty}")
}

/// A person's id is the name's letters, so that ids order as names do.
fn id_of(name: &str) -> u64 {
    name.bytes().fold(0, |id, byte| id << 8 | u64::from(byte))
}

/// Local midnight at which day 1 begins.
fn day_one() -> Seconds2020 {
    // A Monday with no change of anything.
    to_seconds_2020(day_start(domain::time::date_of_day_number(18_841))).unwrap()
}

fn time_of_day(text: &str) -> u32 {
    let parts: Vec<u32> = text.split(':').map(|part| part.parse().unwrap()).collect();
    parts[0] * 3600 + parts[1] * 60 + parts.get(2).unwrap_or(&0)
}

fn instant(text: &str) -> Seconds2020 {
    let (day, time) = text.strip_prefix('d').map_or((1, text), |rest| {
        let (day, time) = rest.split_once('/').unwrap();
        (day.parse().unwrap(), time)
    });
    day_one() + (day - 1) * 86_400 + time_of_day(time)
}

fn show(at: Seconds2020) -> String {
    let since = at - day_one();
    let (day, second) = (since / 86_400 + 1, since % 86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let day = if day == 1 { String::new() } else { format!("d{day}/") };
    let tail = if second == 0 { String::new() } else { format!(":{second:02}") };
    format!("{day}{hour:02}:{minute:02}{tail}")
}

fn run(text: &str) {
    let mut worlds: Vec<World> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix("== "), worlds.last_mut()) {
            (Some(title), _) => worlds.push(World::new(title)),
            (None, Some(world)) => world.line(line),
            (None, None) => {}
        }
    }
    assert!(!worlds.is_empty());
    worlds.iter().for_each(World::check);
}

#[test]
fn ends_that_nobody_scanned() {
    run(include_str!("fixtures/ends.txt"));
}

#[test]
fn scans_in_odd_order() {
    run(include_str!("fixtures/scans.txt"));
}

#[test]
fn areas_of_one_place() {
    run(include_str!("fixtures/areas.txt"));
}

#[test]
fn overlaps_of_intervals() {
    run(include_str!("fixtures/overlaps.txt"));
}

#[test]
fn the_case_and_its_window() {
    run(include_str!("fixtures/case.txt"));
}

#[test]
fn certainty_of_contacts() {
    run(include_str!("fixtures/certainty.txt"));
}
