//! The scripted part: an index case and the people who met her, to look for by name.
//!
//! | Who | Where and when (days before the end of the window) | Shared with the case |
//! | --- | --- | --- |
//! | Nguyễn Thị Minh Thu | the case | |
//! | Trần Văn Lợi | market, row B, days 5, 3 and 2 | 45 + 30 + 30 minutes, three meetings |
//! | H'Luyến Mlô | market, row B, day 5 | 25 minutes |
//! | Y Wih Êban | café, day 4, never scanned out | 50 minutes, end inferred |
//! | Phạm Thị Hồng Nhung | café, day 4 | 25 minutes |
//! | Ngô Thanh Tùng | café, day 4 | 5 minutes: below a 15-minute rule |
//! | Lê Quang Huy | coach, day 3, both read by a gate (A3) | 65 minutes |
//! | H'Mai Bing | coach, day 3, card and no phone (A3) | 30 minutes |
//! | Đỗ Thị Lan | market, row C, day 5 | nothing: another area at the same time |
//! | Vũ Đức Thành | coach, day 3, got in after the case got out | nothing |
//! | Hồ Thị Thu Hà | café with Trần Văn Lợi, day 2 | second generation, 45 minutes |
//!
//! Others may have met the case too: these places are open to everybody.

use domain::time::{Millis, date_of_day_number, day_number};
use jiff::civil::Date;

use crate::config::Config;
use crate::emit::Log;
use crate::kind::Kinds;
use crate::numbers::{self, CitizenNumbers};
use crate::world::{Commune, Sex, SynthPerson, SynthScan};

/// How many people are scripted; they come first and do nothing outside the script.
pub(crate) const PEOPLE: usize = CAST.len();

/// What can be found in the world by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The index case: Nguyễn Thị Minh Thu, phone +84900000001.
    pub case: u32,
    /// First day of symptoms: two days after the first scripted meeting.
    pub onset_on: Date,
    /// Index of the market (with areas).
    pub market: u32,
    /// Index of the café.
    pub cafe: u32,
    /// Index of the coach, with a gate.
    pub coach: u32,
    /// Index of the pharmacy, where the case met nobody scripted.
    pub pharmacy: u32,
    /// Who met the case (first generation), in no particular order.
    pub contacts: Vec<StoryContact>,
    /// Who met one of the contacts afterwards, and not the case.
    pub second_contacts: Vec<StoryContact>,
    /// Who seems to have met the case and did not.
    pub near_misses: Vec<NearMiss>,
}

/// Somebody with known meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryContact {
    /// Index of the person.
    pub person: u32,
    /// Index of the person met.
    pub met: u32,
    /// The meetings by time.
    pub meetings: Vec<Meeting>,
}

/// A time two people were in the same area of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// Index of the place.
    pub place: u32,
    /// Area as in [`SynthScan::area`].
    pub area: u16,
    /// Both are there from this instant.
    pub from_at: Millis,
    /// Until one of them left, exclusive.
    pub until_at: Millis,
    /// One of them never scanned out: his or her stay is taken to be the default of the place's type.
    pub end_inferred: bool,
    /// The lower assurance of the two ways in.
    pub assurance_min: u8,
}

/// Somebody who is no contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearMiss {
    /// Index of the person.
    pub person: u32,
    /// Why not.
    pub reason: NearMissReason,
}

/// Why somebody is no contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearMissReason {
    /// Same place and time, another area.
    OtherArea,
    /// Same place and area, after the case had left.
    TooLate,
}

impl StoryContact {
    /// Minutes of all meetings together.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.meetings.iter().map(|meeting| (meeting.until_at - meeting.from_at) / 60_000).sum()
    }
}

impl Story {
    /// The story of an empty world.
    pub(crate) fn empty(onset_on: Date) -> Self {
        Self {
            case: 0,
            onset_on,
            market: 0,
            cafe: 0,
            coach: 0,
            pharmacy: 0,
            contacts: vec![],
            second_contacts: vec![],
            near_misses: vec![],
        }
    }
}

/// A scripted place.
pub(crate) struct ScriptedPlace {
    pub commune: usize,
    pub type_code: &'static str,
    pub name: &'static str,
    pub areas: &'static [&'static str],
    pub gated: bool,
}

const MARKET: u32 = 0;
const CAFE: u32 = 1;
const COACH: u32 = 2;
const PHARMACY: u32 = 3;
/// Type codes of the scripted places, by their index.
const TYPES: [&str; 4] = ["CHO", "CAFE", "PTVT", "NTHUOC"];

const ROW_B: u16 = 2;
const ROW_C: u16 = 3;

/// The four places, all in the most populous commune.
pub(crate) fn places(communes: &[Commune]) -> [ScriptedPlace; 4] {
    let place = |index: u32, name, areas, gated| ScriptedPlace {
        commune: centre(communes),
        type_code: TYPES.get(index as usize).copied().unwrap_or(TYPES[0]),
        name,
        areas,
        gated,
    };
    [
        place(MARKET, "Chợ Cao Nguyên", &["Dãy A - Rau củ", "Dãy B - Thịt cá", "Dãy C - Quần áo"], false),
        place(CAFE, "Cà phê Gió Ngàn", &[], false),
        place(COACH, "Xe khách Ban Mê số 7", &[], true),
        place(PHARMACY, "Nhà thuốc An Tâm", &[], false),
    ]
}

/// The most populous commune, the first of equals.
fn centre(communes: &[Commune]) -> usize {
    let most = communes.iter().map(|commune| commune.population).max().unwrap_or(0);
    communes.iter().position(|commune| commune.population == most).unwrap_or(0)
}

/// Name, sex, year of birth, whether there is a phone.
const CAST: [(&str, Sex, u16, bool); 11] = [
    ("Nguyễn Thị Minh Thu", Sex::Female, 1988, true),
    ("Trần Văn Lợi", Sex::Male, 1975, true),
    ("H'Luyến Mlô", Sex::Female, 1996, true),
    ("Y Wih Êban", Sex::Male, 1990, true),
    ("Phạm Thị Hồng Nhung", Sex::Female, 2001, true),
    ("Ngô Thanh Tùng", Sex::Male, 1983, true),
    ("Lê Quang Huy", Sex::Male, 1969, true),
    ("H'Mai Bing", Sex::Female, 1954, false),
    ("Đỗ Thị Lan", Sex::Female, 1979, true),
    ("Vũ Đức Thành", Sex::Male, 2003, true),
    ("Hồ Thị Thu Hà", Sex::Female, 1992, true),
];
const CASE: u32 = 0;
const LOI: u32 = 1;
const CONTACTS: std::ops::RangeInclusive<u32> = 1..=7;
const OTHER_ROW: u32 = 8;
const LATE: u32 = 9;
const SECOND: u32 = 10;

/// The scripted people. The case lives in the centre, the others in the communes that follow it.
pub(crate) fn people(communes: &[Commune], cards: &mut CitizenNumbers) -> Vec<SynthPerson> {
    let person =
        |(index, (name, sex, birth_year, has_phone)): (usize, &(&str, Sex, u16, bool))| SynthPerson {
            name: (*name).to_owned(),
            phone: has_phone.then(|| numbers::scripted_phone(index as u32)),
            birth_year: *birth_year,
            sex: *sex,
            commune: (centre(communes) + index) % communes.len(),
            id_number: cards.next(*birth_year, *sex),
        };
    CAST.iter().enumerate().map(person).collect()
}

/// A scripted stay. Times are minutes after midnight.
struct Stay {
    who: u32,
    days_before_end: u16,
    place: u32,
    area: u16,
    from: u16,
    out: Option<u16>,
    assurance: u8,
}

/// Minutes after midnight.
const fn hm(hour: u16, minute: u16) -> u16 {
    hour * 60 + minute
}

const fn stay(who: u32, days_before_end: u16, spot: (u32, u16), from: u16, out: u16, assurance: u8) -> Stay {
    Stay { who, days_before_end, place: spot.0, area: spot.1, from, out: Some(out), assurance }
}

const SCRIPT: [Stay; 20] = [
    stay(CASE, 5, (MARKET, ROW_B), hm(7, 10), hm(7, 55), 1),
    stay(LOI, 5, (MARKET, ROW_B), hm(6, 30), hm(11, 0), 1),
    stay(2, 5, (MARKET, ROW_B), hm(7, 30), hm(8, 20), 1),
    stay(OTHER_ROW, 5, (MARKET, ROW_C), hm(7, 15), hm(7, 45), 1),
    stay(CASE, 4, (CAFE, 0), hm(19, 0), hm(20, 10), 1),
    Stay { who: 3, days_before_end: 4, place: CAFE, area: 0, from: hm(19, 20), out: None, assurance: 1 },
    stay(4, 4, (CAFE, 0), hm(18, 30), hm(19, 25), 1),
    stay(5, 4, (CAFE, 0), hm(20, 5), hm(20, 40), 1),
    stay(CASE, 3, (MARKET, ROW_B), hm(7, 5), hm(7, 35), 1),
    stay(LOI, 3, (MARKET, ROW_B), hm(6, 30), hm(11, 0), 1),
    stay(CASE, 3, (COACH, 0), hm(16, 0), hm(17, 10), 3),
    stay(6, 3, (COACH, 0), hm(16, 5), hm(17, 30), 3),
    stay(7, 3, (COACH, 0), hm(16, 30), hm(17, 0), 3),
    stay(LATE, 3, (COACH, 0), hm(17, 12), hm(17, 40), 3),
    stay(CASE, 2, (MARKET, ROW_B), hm(7, 20), hm(7, 50), 1),
    stay(LOI, 2, (MARKET, ROW_B), hm(6, 30), hm(11, 0), 1),
    stay(LOI, 2, (CAFE, 0), hm(16, 0), hm(17, 0), 1),
    stay(SECOND, 2, (CAFE, 0), hm(16, 15), hm(17, 30), 1),
    stay(CASE, 2, (PHARMACY, 0), hm(17, 40), hm(17, 50), 1),
    stay(6, 2, (PHARMACY, 0), hm(19, 0), hm(19, 10), 1),
];

/// Writes the script's scans down and says what they amount to.
pub(crate) fn play(kinds: &Kinds, config: &Config, log: &mut Log) -> Story {
    for stay in &SCRIPT {
        let scan = |out: bool, minute: u16| SynthScan {
            person: stay.who,
            place: stay.place,
            area: stay.area,
            out,
            at: at(config, stay, minute),
            assurance: stay.assurance,
        };
        log.push(scan(false, stay.from));
        if let Some(minute) = stay.out {
            log.push(scan(true, minute));
        }
    }
    let met =
        |person: u32, met: u32| StoryContact { person, met, meetings: meetings(person, met, kinds, config) };
    let onset = day_number(config.first_on) + i64::from(config.days) - 3;
    Story {
        case: CASE,
        onset_on: date_of_day_number(onset),
        market: MARKET,
        cafe: CAFE,
        coach: COACH,
        pharmacy: PHARMACY,
        contacts: CONTACTS.map(|person| met(person, CASE)).collect(),
        second_contacts: vec![met(SECOND, LOI)],
        near_misses: vec![
            NearMiss { person: OTHER_ROW, reason: NearMissReason::OtherArea },
            NearMiss { person: LATE, reason: NearMissReason::TooLate },
        ],
    }
}

fn at(config: &Config, stay: &Stay, minute: u16) -> Millis {
    config.day_at(config.days - stay.days_before_end) + i64::from(minute) * 60_000
}

/// All times two scripted people shared an area, by time.
fn meetings(person: u32, met: u32, kinds: &Kinds, config: &Config) -> Vec<Meeting> {
    let of = |who: u32| SCRIPT.iter().filter(move |stay| stay.who == who);
    let mut found: Vec<Meeting> = of(person)
        .flat_map(|mine| of(met).filter_map(move |theirs| meeting(mine, theirs, kinds, config)))
        .collect();
    found.sort_unstable_by_key(|meeting| meeting.from_at);
    found
}

/// What two stays share, if anything.
fn meeting(mine: &Stay, theirs: &Stay, kinds: &Kinds, config: &Config) -> Option<Meeting> {
    let until = |stay: &Stay| match stay.out {
        Some(minute) => at(config, stay, minute),
        None => {
            let type_code = TYPES.get(stay.place as usize).copied().unwrap_or_default();
            at(config, stay, stay.from) + i64::from(kinds.stay(type_code)) * 60_000
        }
    };
    let from_at = at(config, mine, mine.from).max(at(config, theirs, theirs.from));
    let until_at = until(mine).min(until(theirs));
    let shared = mine.place == theirs.place && mine.area == theirs.area && from_at < until_at;
    shared.then_some(Meeting {
        place: mine.place,
        area: mine.area,
        from_at,
        until_at,
        end_inferred: mine.out.is_none() || theirs.out.is_none(),
        assurance_min: mine.assurance.min(theirs.assurance),
    })
}
