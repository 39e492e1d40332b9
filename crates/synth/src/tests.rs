#![expect(clippy::unwrap_used, reason = "tests")]
//! What every made-up world keeps to.

use std::collections::{HashMap, HashSet};

use domain::time::{DAY_MS, day_number, day_start, local_date, local_datetime};
use jiff::civil::date;

use super::*;
use crate::kind::Kinds;
use crate::names::Names;

/// Thirty-three communes of unequal size and a handful of types.
fn communes() -> Vec<Commune> {
    (0..33)
        .map(|index| Commune {
            code: format!("{}", 24_118 + 3 * index),
            name: format!("{} Số {index}", if index % 3 == 0 { "Phường" } else { "Xã" }),
            population: 3_000 + (index * 7_919) % 29_000,
        })
        .collect()
}

fn types() -> Vec<PlaceType> {
    let stays = [
        ("CQNN", 60),
        ("TYT", 60),
        ("TRUONG", 300),
        ("CHO", 60),
        ("CAFE", 60),
        ("PTVT", 120),
        ("NTHUOC", 10),
        ("ATM", 5),
        ("NHANG", 60),
        ("CHTL", 15),
        ("NMAY", 480),
        ("BVIEN", 180),
        ("TXANG", 10),
        ("CUAHANG", 30),
    ];
    stays
        .iter()
        .map(|(code, minutes)| PlaceType {
            code: (*code).to_owned(),
            vi: (*code).to_owned(),
            default_stay_minutes: *minutes,
        })
        .collect()
}

fn small() -> Config {
    Config { people: 1_500, places: 500, ..Config::default() }
}

fn minutes_of(contact: &StoryContact) -> Vec<i64> {
    contact.meetings.iter().map(|meeting| (meeting.until_at - meeting.from_at) / 60_000).collect()
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let world = generate(&communes(), &types(), &small());
    assert_eq!(world, generate(&communes(), &types(), &small()));
    let other = generate(&communes(), &types(), &Config { seed: 8, ..small() });
    assert_ne!(world.scans, other.scans);
    assert_eq!(world.story, other.story, "the story is scripted");
}

#[test]
fn a_longer_window_keeps_places_and_people_in_their_homes() {
    let world = generate(&communes(), &types(), &small());
    let longer = generate(&communes(), &types(), &Config { days: 21, ..small() });
    assert_eq!(world.people, longer.people);
}

#[test]
fn the_default_world_has_the_size_it_promises() {
    let config = Config::default();
    let world = generate(&communes(), &types(), &config);
    assert_eq!(world.places.len(), 1_400);
    assert_eq!(world.people.len(), 12_000);
    assert!((220_000..=280_000).contains(&world.scans.len()), "{} scans", world.scans.len());
    let ins = world.scans.iter().filter(|scan| !scan.out).count() as f64;
    let visits = ins / (12_000.0 * 14.0);
    assert!((0.9..=1.1).contains(&visits), "{visits} visits for a person and day");
    let outs = world.scans.iter().filter(|scan| scan.out).count() as f64 / ins;
    assert!((0.4..=0.6).contains(&outs), "{outs} of the visits end with a scan");
    let by_phone = world.people.iter().filter(|person| person.phone.is_some()).count() as f64 / 12_000.0;
    assert!((0.87..=0.93).contains(&by_phone), "{by_phone} have a phone");
    for assurance in 0..=3 {
        assert!(world.scans.iter().any(|scan| scan.assurance == assurance), "A{assurance} occurs");
    }
}

#[test]
fn usage_says_what_the_scans_say_and_every_kind_of_it_occurs() {
    let config = Config::default();
    let world = generate(&communes(), &types(), &config);
    let mut last = HashMap::new();
    for scan in &world.scans {
        last.insert(scan.place, scan.at);
    }
    let mut counts: HashMap<Usage, u32> = HashMap::new();
    for (index, place) in world.places.iter().enumerate() {
        let expected = match last.get(&(index as u32)) {
            None => Usage::NeverUsed,
            Some(at) if *at >= config.end_at() - 7 * DAY_MS => Usage::Live,
            Some(_) => Usage::Silent,
        };
        assert_eq!(place.usage, expected, "{}", place.name);
        *counts.entry(place.usage).or_default() += 1;
    }
    assert!(counts[&Usage::Live] > 900, "{counts:?}");
    assert!(counts[&Usage::Silent] > 60, "{counts:?}");
    assert!(counts[&Usage::NeverUsed] > 60, "{counts:?}");
}

#[test]
fn coverage_differs_by_commune_and_the_smallest_is_above_its_target() {
    let communes = communes();
    let world = generate(&communes, &types(), &Config::default());
    let mut points = vec![0_u32; communes.len()];
    for place in &world.places {
        points[place.commune] += 1 + place.areas.len() as u32;
    }
    let ratio = |index: usize| f64::from(points[index] * 100) / f64::from(communes[index].population);
    let smallest = (0..33).min_by_key(|index| communes[*index].population).unwrap();
    assert!(ratio(smallest) >= 1.0, "{}", ratio(smallest));
    let ratios: Vec<f64> = (0..33).filter(|index| *index != smallest).map(ratio).collect();
    assert!(ratios.iter().any(|ratio| *ratio < 0.2) && ratios.iter().all(|ratio| *ratio < 1.0), "{ratios:?}");
}

#[test]
fn no_scan_is_outside_opening_hours_or_before_the_place_or_after_now() {
    let until_at = day_start(date(2021, 11, 4)) + 15 * 3_600_000;
    let config = Config { until_at: Some(until_at), ..small() };
    let world = generate(&communes(), &types(), &config);
    let kinds = Kinds::of(&types());
    assert!(world.scans.is_sorted_by_key(|scan| scan.at));
    assert!(world.scans.last().unwrap().at < until_at);
    assert!(world.scans.last().unwrap().at > until_at - 3_600_000, "the last hour is not empty");
    for scan in &world.scans {
        let place = &world.places[scan.place as usize];
        let kind = &kinds.all()[kinds.index(&place.type_code)];
        let time = local_datetime(scan.at).time();
        let minute = time.hour() as u32 * 60 + time.minute() as u32;
        assert!(kind.opens <= minute && minute < kind.closes, "{} at {time}", place.type_code);
        assert!(local_date(scan.at) >= place.opened_on && local_date(scan.at) >= config.first_on);
        assert!(usize::from(scan.area) <= place.areas.len());
    }
}

#[test]
fn visits_of_one_person_never_overlap() {
    let world = generate(&communes(), &types(), &small());
    let mut by_person: HashMap<u32, Vec<&SynthScan>> = HashMap::new();
    for scan in &world.scans {
        by_person.entry(scan.person).or_default().push(scan);
    }
    for scans in by_person.values() {
        let mut inside: Option<(u32, u16)> = None;
        for pair in scans.windows(2) {
            assert!(pair[0].at < pair[1].at, "one scan at a time");
        }
        for scan in scans {
            let spot = (scan.place, scan.area);
            if scan.out {
                assert_eq!(inside, Some(spot), "nobody leaves where he is not");
                inside = None;
            } else {
                inside = Some(spot);
            }
        }
    }
}

#[test]
fn citizen_numbers_agree_with_year_and_sex_and_are_unique() {
    let world = generate(&communes(), &types(), &small());
    let mut seen = HashSet::new();
    for person in &world.people {
        let Some(number) = &person.id_number else { continue };
        let digit = u16::from(number.as_bytes()[3] - b'0');
        let year: u16 = number[4..6].parse().unwrap();
        assert!(number.len() == 12 && number.starts_with("066"));
        assert_eq!(1900 + 100 * (digit / 2) + year, person.birth_year);
        assert_eq!(digit % 2 == 1, person.sex == Sex::Female);
        assert!(number[6..].starts_with("99") && seen.insert(number.clone()));
    }
    assert!(seen.len() > 1_000);
}

#[test]
fn phones_are_valid_marked_and_shared_by_few() {
    let world = generate(&communes(), &types(), &Config::default());
    let mut users: HashMap<&str, u32> = HashMap::new();
    for phone in world.people.iter().filter_map(|person| person.phone.as_deref()) {
        let rest = phone.strip_prefix("+84").unwrap();
        assert_eq!(rest.len(), 9);
        let prefix: u32 = rest[..2].parse().unwrap();
        assert!(
            matches!(prefix, 32..=39 | 52 | 55 | 56 | 58 | 59 | 70 | 76..=79 | 81..=89 | 90..=94 | 96..=99)
        );
        assert!(rest[2..].starts_with("000"), "{phone}");
        *users.entry(phone).or_default() += 1;
    }
    let shared = users.values().filter(|count| **count > 1).count();
    assert!((50..1_200).contains(&shared), "{shared} phones with several users");
    assert!(world.places.iter().all(|place| !users.contains_key(place.owner_phone.as_str())));
}

#[test]
fn every_marked_number_is_different() {
    let numbers: HashSet<String> = (0..PEOPLE_MAX + PLACES_MAX).map(numbers::phone).collect();
    assert_eq!(numbers.len(), (PEOPLE_MAX + PLACES_MAX) as usize);
    assert!(!numbers.contains(&numbers::scripted_phone(0)));
}

#[test]
fn names_of_places_are_unique_in_their_commune_and_all_names_are_whole() {
    let world = generate(&communes(), &types(), &Config::default());
    let mut seen = HashSet::new();
    for place in &world.places {
        assert!(seen.insert((place.commune, place.name.clone())), "{}", place.name);
        assert!(!place.name.contains(['{', '}']) && !place.address.ends_with(' '));
    }
    for name in
        world.people.iter().map(|person| &person.name).chain(world.places.iter().map(|p| &p.owner_name))
    {
        assert!(name.split(' ').count() >= 2 && name.split(' ').all(|word| !word.is_empty()), "{name:?}");
    }
    assert!(world.people.iter().any(|person| person.name.ends_with(" Niê")));
    assert!(world.people.iter().any(|person| person.name.starts_with("Y ")));
    assert!(world.people.iter().any(|person| person.name.starts_with("H'")));
    assert!(world.people.iter().any(|person| person.name.starts_with("Giàng A ")));
}

#[test]
fn the_list_of_names_is_read_whole() {
    let text = include_str!("../data/names.csv");
    let rows = csv::Reader::from_reader(text.as_bytes()).into_records().filter_map(Result::ok);
    assert!(rows.count() + 1 == text.lines().count() && text.len() < 60_000);
    let _ = Names::embedded();
}

#[test]
fn the_story_happens_as_promised() {
    let world = generate(&communes(), &types(), &small());
    let story = &world.story;
    let case = &world.people[story.case as usize];
    assert_eq!((case.name.as_str(), case.phone.as_deref()), ("Nguyễn Thị Minh Thu", Some("+84900000001")));
    let expected: [(&str, &[i64], u32); 7] = [
        ("Trần Văn Lợi", &[45, 30, 30], story.market),
        ("H'Luyến Mlô", &[25], story.market),
        ("Y Wih Êban", &[50], story.cafe),
        ("Phạm Thị Hồng Nhung", &[25], story.cafe),
        ("Ngô Thanh Tùng", &[5], story.cafe),
        ("Lê Quang Huy", &[65], story.coach),
        ("H'Mai Bing", &[30], story.coach),
    ];
    assert_eq!(story.contacts.len(), expected.len());
    for (contact, (name, minutes, place)) in story.contacts.iter().zip(expected) {
        assert_eq!(world.people[contact.person as usize].name, name);
        assert_eq!((minutes_of(contact).as_slice(), contact.met), (minutes, story.case));
        assert_eq!(contact.minutes(), minutes.iter().sum::<i64>());
        for meeting in &contact.meetings {
            assert_eq!(meeting.place, place);
            assert_eq!(meeting.end_inferred, name == "Y Wih Êban");
            assert_eq!(meeting.assurance_min, if place == story.coach { 3 } else { 1 });
            let onset = day_number(story.onset_on);
            assert!((onset - 2..=onset + 1).contains(&day_number(local_date(meeting.from_at))));
        }
    }
    assert_eq!(world.people[story.contacts[6].person as usize].phone, None);
    assert_eq!(minutes_of(&story.second_contacts[0]), [45]);
}

#[test]
fn the_scans_of_the_story_bear_its_meetings_out() {
    let world = generate(&communes(), &types(), &Config { people: 20, places: 8, days: 5, ..small() });
    let during = |person: u32, meeting: &Meeting| {
        let spot = |scan: &&SynthScan| {
            scan.person == person && (scan.place, scan.area) == (meeting.place, meeting.area)
        };
        let came = world.scans.iter().filter(spot).rfind(|scan| !scan.out && scan.at <= meeting.from_at);
        let came = came.unwrap().at;
        let left = world.scans.iter().filter(spot).find(|scan| scan.out && scan.at > came);
        (came, left.map(|scan| scan.at).filter(|at| *at < came + DAY_MS))
    };
    for contact in world.story.contacts.iter().chain(&world.story.second_contacts) {
        assert!(!contact.meetings.is_empty());
        for meeting in &contact.meetings {
            let (mine, theirs) = (during(contact.person, meeting), during(contact.met, meeting));
            assert_eq!(mine.0.max(theirs.0), meeting.from_at);
            assert_eq!(meeting.end_inferred, mine.1.is_none() || theirs.1.is_none());
            let known = mine.1.into_iter().chain(theirs.1).min().unwrap();
            assert!(meeting.until_at <= known && (meeting.end_inferred || meeting.until_at == known));
        }
    }
    for near in &world.story.near_misses {
        assert!(world.scans.iter().any(|scan| scan.person == near.person));
    }
}

#[test]
fn odd_settings_are_brought_into_range() {
    let odd = Config {
        days: 0,
        people: 0,
        places: 0,
        visits_per_person_day: f64::NAN,
        check_out_share: -1.0,
        no_phone_share: 7.0,
        until_at: Some(0),
        ..Config::default()
    };
    let world = generate(&communes(), &types(), &odd);
    assert_eq!((world.people.len(), world.places.len()), (20, 8));
    assert_eq!(world.story.contacts.len(), 7);
    assert!(world.people.iter().skip(story::PEOPLE).all(|person| person.phone.is_none()));
    let nowhere = generate(&[], &types(), &odd);
    assert!(nowhere.places.is_empty() && nowhere.people.is_empty() && nowhere.scans.is_empty());
    let one = generate(&communes()[..1], &[], &small());
    assert_eq!(one.places.len(), 500);
}
