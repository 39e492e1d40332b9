//! Small worlds of visits written as text, each with the answers to the questions beyond one list of contacts:
//!
//! ```text
//! == title of a world               lines before the first title are comments, as are # lines
//! A M 08:00-09:10                   a visit to place M, or to its area M.1
//! B M.1 08:50-d2/00:30              d2/: the second day
//! case A 08:00-10:00                the case, and when it was infectious (all of time unless told)
//! rule place min 15                 area or place, least minutes; `rule area min 0` unless told
//! latency 60                        minutes from a meeting until one can infect; 0 unless told
//! isolated B 12:00
//! pair A B 20 min 1 meetings        all pairs, in order; `pair none`
//! f1 B 20 min 08:50 by A            the first generation, all of it, in order, with who was met first; `f1 none`
//! f2 C 10 min 09:30 by B
//! spot M 80 min 2 people            places ranked by exposure to the case; `spot none`
//! chain D A-B 08:50 B-D 09:30       the chain from the case to D; `chain D none`
//! here M 08:00-09:00 A B            who was there then, in order of start
//! ```
//!
//! Answers that a world tells are held against the oracle's too.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::ops::ControlFlow;

use common::index_of;
use exposure::{
    CaseWindow, ChainQuestion, ExposureRule, GenerationRule, Index, SameSpace, Space, Span, SpreadQuestion,
    Stop, Visit, oracle,
};

#[derive(Default)]
struct World {
    title: String,
    areas: Vec<String>,
    visits: Vec<Visit>,
    case: Vec<u64>,
    window: Option<Span>,
    by_place: bool,
    min_overlap_seconds: u32,
    latency_seconds: u32,
    isolated: Vec<(u64, u32)>,
    /// The lines that tell answers, in order.
    told: Vec<Vec<String>>,
}

impl World {
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["case", person] => self.case.push(id_of(person)),
            ["case", person, window] => {
                self.case.push(id_of(person));
                self.window = Some(span(window));
            }
            ["rule", same, "min", minutes] => {
                self.by_place = same == "place";
                self.min_overlap_seconds = minutes.parse::<u32>().unwrap() * 60;
            }
            ["latency", minutes] => self.latency_seconds = minutes.parse::<u32>().unwrap() * 60,
            ["isolated", person, at] => self.isolated.push((id_of(person), instant(at))),
            ["pair" | "f1" | "f2" | "f3" | "spot" | "chain" | "here", ..] => {
                self.told.push(words.iter().map(|word| (*word).to_owned()).collect());
            }
            [person, area, times] => self.visit(person, area, span(times)),
            [] => {}
            _ => panic!("{}: {line}", self.title),
        }
    }

    fn visit(&mut self, person: &str, area: &str, Span { from, until }: Span) {
        let area_id = self.areas.iter().position(|other| other == area).unwrap_or_else(|| {
            self.areas.push(area.to_owned());
            self.areas.len() - 1
        }) as u32;
        let visit = Visit {
            person: id_of(person),
            area_id,
            place: place_of(area),
            from,
            until,
            start_inferred: false,
            end_inferred: false,
            assurance_in: Some(3),
            assurance_out: Some(3),
        };
        self.visits.push(visit);
    }

    fn rule(&self) -> ExposureRule {
        let same = if self.by_place { SameSpace::Place } else { SameSpace::Area };
        ExposureRule { min_overlap_seconds: self.min_overlap_seconds, same }
    }

    fn case_window(&self) -> CaseWindow<'_> {
        CaseWindow { persons: &self.case, window: self.window.unwrap_or(Span::ALWAYS) }
    }

    /// All answers of one kind, as the world's lines tell them.
    fn answers(&self, kind: &str, index: &Index, told: &[String]) -> Vec<String> {
        match kind {
            "pair" => self.pairs(index),
            "f1" => self.generation(index, 1),
            "f2" => self.generation(index, 2),
            "f3" => self.generation(index, 3),
            "spot" => self.spots(index),
            "chain" => vec![self.chain(index, &told[1])],
            _ => vec![self.here(index, &told[1], span(&told[2]))],
        }
    }

    fn pairs(&self, index: &Index) -> Vec<String> {
        let mut pairs = Vec::new();
        let take = |batch: &[exposure::Pair]| {
            pairs.extend_from_slice(batch);
            ControlFlow::Continue(())
        };
        index.pairs(Span::ALWAYS, &self.rule(), Stop::NEVER, take).unwrap();
        assert_eq!(pairs, oracle::pairs(&self.visits, Span::ALWAYS, &self.rule()), "{}", self.title);
        let tell = |pair: &exposure::Pair| {
            let (a, b) = (name(pair.person_a), name(pair.person_b));
            format!("{a} {b} {} {} meetings", minutes(u64::from(pair.overlap_seconds)), pair.meetings)
        };
        pairs.iter().map(tell).collect()
    }

    fn generation(&self, index: &Index, number: usize) -> Vec<String> {
        let ExposureRule { min_overlap_seconds, same } = self.rule();
        let rule = GenerationRule { min_overlap_seconds, contacts_max: 100, followed_max: 100 };
        let question = SpreadQuestion {
            case: &self.case,
            window: self.case_window().window,
            until: u32::MAX,
            latency_seconds: self.latency_seconds,
            same,
            isolated: &self.isolated,
            generations: &vec![rule; number],
        };
        let generations = index.generations(&question, Stop::NEVER).unwrap();
        assert_eq!(generations, oracle::generations(&self.visits, &question), "{}", self.title);
        let tell = |one: &exposure::Exposed| {
            let time = minutes(u64::from(one.overlap_seconds));
            format!("{} {time} {} by {}", name(one.person), show(one.first_from), name(one.met_first))
        };
        generations[number - 1].exposed.iter().map(tell).collect()
    }

    fn spots(&self, index: &Index) -> Vec<String> {
        let cases = [self.case_window()];
        let list = index.places_by_exposure(&cases, &self.rule(), 100, Stop::NEVER).unwrap();
        let slow = oracle::places_by_exposure(&self.visits, &cases, &self.rule(), 100);
        assert_eq!(list, slow, "{}", self.title);
        let tell = |place: &exposure::PlaceExposure| {
            let letter = char::from_u32(place.place).unwrap();
            format!("{letter} {} {} people", minutes(place.person_seconds), place.people)
        };
        list.places.iter().map(tell).collect()
    }

    fn chain(&self, index: &Index, to: &str) -> String {
        let question = ChainQuestion {
            from: self.case_window(),
            to: &[id_of(to)],
            until: u32::MAX,
            latency_seconds: self.latency_seconds,
            rule: self.rule(),
            isolated: &self.isolated,
            links_max: 4,
        };
        let chain = index.chain(&question, Stop::NEVER).unwrap();
        let slow = oracle::chain(&self.visits, &question);
        assert_eq!(chain.as_ref().map(Vec::len), slow.map(|(links, _)| links), "{}", self.title);
        let tell = |link: &exposure::Link| {
            format!("{}-{} {}", name(link.from_person), name(link.person), show(link.overlap.from))
        };
        let links =
            chain.map_or("none".to_owned(), |chain| chain.iter().map(tell).collect::<Vec<_>>().join(" "));
        format!("{to} {links}").trim().to_owned()
    }

    fn here(&self, index: &Index, space: &str, window: Span) -> String {
        let area = self.areas.iter().position(|area| area == space).map(|area| Space::Area(area as u32));
        let space_asked = if space.len() == 1 { Space::Place(place_of(space)) } else { area.unwrap() };
        let list = index.present(space_asked, window, 100, Stop::NEVER).unwrap();
        let names: Vec<String> = list.visits.iter().map(|visit| name(visit.person)).collect();
        format!("{space} {}-{} {}", show(window.from), show(window.until), names.join(" ")).trim().to_owned()
    }

    fn check(&self) {
        let index = index_of(self.visits.clone());
        assert!(!self.told.is_empty(), "{}: tells nothing", self.title);
        for told in self.told.chunk_by(|a, b| a[0] == b[0] && !["chain", "here"].contains(&a[0].as_str())) {
            let expected: Vec<String> = told.iter().map(|words| words[1..].join(" ")).collect();
            let expected = if expected == ["none"] { Vec::new() } else { expected };
            assert_eq!(self.answers(&told[0][0], &index, &told[0]), expected, "{}: {told:?}", self.title);
        }
    }
}

/// A place's number is its letter, an area's place the letter before the dot.
fn place_of(area: &str) -> u32 {
    u32::from(area.chars().next().unwrap())
}

/// A person's id is the letter's, so that ids order as names do.
fn id_of(name: &str) -> u64 {
    u64::from(name.bytes().next().unwrap())
}

fn name(person: u64) -> String {
    char::from_u32(person as u32).unwrap().to_string()
}

fn minutes(seconds: u64) -> String {
    if seconds.is_multiple_of(60) { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}

fn span(text: &str) -> Span {
    let (from, until) = text.split_once('-').unwrap();
    Span::new(instant(from), instant(until)).unwrap()
}

/// Seconds since the first midnight.
fn instant(text: &str) -> u32 {
    let (day, time) = text.strip_prefix('d').map_or((1, text), |rest| {
        let (day, time) = rest.split_once('/').unwrap();
        (day.parse::<u32>().unwrap(), time)
    });
    let parts: Vec<u32> = time.split(':').map(|part| part.parse().unwrap()).collect();
    (day - 1) * 86_400 + parts[0] * 3_600 + parts[1] * 60 + parts.get(2).unwrap_or(&0)
}

fn show(at: u32) -> String {
    let (day, second) = (at / 86_400 + 1, at % 86_400);
    let day = if day == 1 { String::new() } else { format!("d{day}/") };
    let tail = if second.is_multiple_of(60) { String::new() } else { format!(":{:02}", second % 60) };
    format!("{day}{:02}:{:02}{tail}", second / 3_600, second / 60 % 60)
}

fn run(text: &str) {
    let mut worlds: Vec<World> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix("== "), worlds.last_mut()) {
            (Some(title), _) => worlds.push(World { title: title.to_owned(), ..World::default() }),
            (None, Some(world)) => world.line(line),
            (None, None) => {}
        }
    }
    assert!(!worlds.is_empty());
    worlds.iter().for_each(World::check);
}

#[test]
fn everybody_with_everybody() {
    run(include_str!("fixtures/pairs.txt"));
}

#[test]
fn contacts_of_contacts() {
    run(include_str!("fixtures/generations.txt"));
}

#[test]
fn from_one_case_to_another() {
    run(include_str!("fixtures/chains.txt"));
}

#[test]
fn places_and_who_was_there() {
    run(include_str!("fixtures/places.txt"));
}
