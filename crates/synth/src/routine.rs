//! Everybody's days: work or school, errands, evenings out. One visit never overlaps another of the same
//! person, and no scan falls outside opening hours.

use std::collections::HashMap;

use domain::time::{date_of_day_number, day_number};
use jiff::civil::Weekday;

use crate::config::Config;
use crate::dice::{Dice, Weighted};
use crate::emit::Log;
use crate::kind::{PURPOSES, Purpose};
use crate::places::Site;
use crate::story;
use crate::world::{Commune, SynthPerson, SynthScan};

/// Streams of the dice for ranks and, from the second on, one for each person.
const STREAM_RANKS: u64 = 3;
const STREAM_PEOPLE: u64 = 1 << 32;

/// Nobody goes out earlier or comes home later (minutes after midnight).
const DAY_FROM: u32 = 5 * 60 + 30;
const DAY_UNTIL: u32 = 22 * 60;

/// The shortest way between two places, minutes.
const WAY_MIN: u32 = 5;

/// Visits are drawn from this many tries a day.
const TRIES: u32 = 8;

/// Where people of a commune go.
struct Town {
    visits: HashMap<(usize, Purpose), Weighted<u32>>,
    /// Places to work at, by commune, and schools.
    work: HashMap<usize, Weighted<u32>>,
    schools: HashMap<usize, Weighted<u32>>,
    /// Communes by the pull of what is there.
    centres: Weighted<usize>,
}

impl Town {
    /// Ranks places: within a commune and purpose the n-th has 1/n of the first one's visitors (Zipf).
    fn of(sites: &[Site], seed: u64) -> Self {
        let mut dice = Dice::new(seed, STREAM_RANKS);
        let mut order: Vec<(u32, usize)> =
            (0..sites.len()).map(|index| (dice.below(u32::MAX), index)).collect();
        order.sort_unstable();
        let mut town = Self {
            visits: HashMap::new(),
            work: HashMap::new(),
            schools: HashMap::new(),
            centres: Weighted::default(),
        };
        let mut ranks: HashMap<(usize, &str), u32> = HashMap::new();
        let mut pulls: Vec<f64> = Vec::new();
        for (_, index) in order {
            let Some(site) = sites.get(index) else { continue };
            let (commune, kind) = (site.place.commune, &site.kind);
            let rank = ranks.entry((commune, kind.code)).or_insert(0);
            *rank += 1;
            let pull = kind.pull / f64::from(*rank);
            town.visits.entry((commune, kind.purpose)).or_default().push(index as u32, pull);
            let pupils = matches!(kind.code, "TRUONG" | "DHCD");
            let anchors = if pupils { &mut town.schools } else { &mut town.work };
            anchors.entry(commune).or_default().push(index as u32, kind.staff / f64::from(*rank));
            pulls.resize(pulls.len().max(commune + 1), 0.0);
            if let Some(total) = pulls.get_mut(commune) {
                *total += pull;
            }
        }
        for (commune, pull) in pulls.into_iter().enumerate() {
            town.centres.push(commune, pull);
        }
        town
    }
}

/// Where somebody is on most working days.
#[derive(Clone, Copy)]
struct Anchor {
    site: u32,
    /// Share of working days with a scan there.
    share: f64,
    school: bool,
    /// Room, stall row or floor: one goes to the same.
    area: u16,
}

/// One person's habits.
struct Habits<'a> {
    person: u32,
    home: usize,
    has_phone: bool,
    anchor: Option<Anchor>,
    /// Visits a day, mean.
    busy: f64,
    /// Share of visits with a scan at the way out.
    tidy: f64,
    sites: &'a [Site],
    town: &'a Town,
}

/// Lets everybody but the scripted people live through the window.
pub(crate) fn walk(
    people: &[SynthPerson],
    sites: &[Site],
    communes: &[Commune],
    config: &Config,
    log: &mut Log,
) {
    let town = Town::of(sites, config.seed);
    let first = day_number(config.first_on);
    let weekends: Vec<bool> = (0..i64::from(config.days))
        .map(|day| matches!(date_of_day_number(first + day).weekday(), Weekday::Saturday | Weekday::Sunday))
        .collect();
    for (index, person) in people.iter().enumerate().skip(story::PEOPLE) {
        let mut dice = Dice::new(config.seed, STREAM_PEOPLE + index as u64);
        let age = config.first_on.year().unsigned_abs().saturating_sub(person.birth_year);
        let habits = habits(index as u32, person, age, &town, (sites, communes), config, &mut dice);
        for (day, weekend) in (first..).zip(&weekends) {
            habits.live(day, *weekend, &mut dice, log);
        }
    }
}

/// Draws a person's habits.
fn habits<'a>(
    person: u32,
    record: &SynthPerson,
    age: u16,
    town: &'a Town,
    (sites, communes): (&'a [Site], &[Commune]),
    config: &Config,
    dice: &mut Dice,
) -> Habits<'a> {
    // Most work near home, some in a neighbouring commune (the next in the list).
    let near = dice.chance(0.8);
    let commune = if near { record.commune } else { (record.commune + 1) % communes.len() };
    let school = age < 18 || (age < 22 && dice.chance(0.4));
    let works = school || (age < 62 && dice.chance(0.55));
    let anchors = if school { &town.schools } else { &town.work };
    let anchor =
        anchors.get(&commune).filter(|_| works).and_then(|list| list.draw(dice)).map(|site| Anchor {
            site: *site,
            share: if school { 0.5 } else { 0.7 },
            school,
            area: sites.get(*site as usize).map_or(0, |site| area_of(site, dice)),
        });
    const ACTIVITY: [f64; 5] = [0.4, 0.7, 1.0, 1.2, 1.7];
    let activity = dice.pick(&ACTIVITY).copied().unwrap_or(1.0);
    // Some always scan out, some never do; the mean is the share asked for.
    let tidy = (config.check_out_share * dice.around_one()).min(1.0);
    Habits {
        person,
        home: record.commune,
        has_phone: record.phone.is_some(),
        anchor,
        busy: config.visits_per_person_day * activity,
        tidy,
        sites,
        town,
    }
}

/// The place itself, or mostly one of its areas.
fn area_of(site: &Site, dice: &mut Dice) -> u16 {
    let count = site.place.areas.len() as u32;
    if count == 0 || dice.chance(0.08) { 0 } else { dice.between(1, count) as u16 }
}

/// A stay planned for one day.
struct Plan {
    from: u32,
    /// Where the place is fixed (work, school) with the minute it ends at the latest.
    fixed: Option<(Anchor, u32)>,
}

impl Habits<'_> {
    /// One day of one person.
    fn live(&self, day: i64, weekend: bool, dice: &mut Dice, log: &mut Log) {
        let plans = self.plan(day, weekend, dice);
        let mut free_from = DAY_FROM;
        for (nth, plan) in plans.iter().enumerate() {
            let next_fixed = plans.iter().skip(nth + 1).find(|next| next.fixed.is_some());
            let free_until = next_fixed.map_or(DAY_UNTIL, |next| next.from.saturating_sub(WAY_MIN));
            let from = plan.from.max(free_from);
            let end = match plan.fixed {
                Some((anchor, until)) => self.work(day, from, until, anchor, dice, log),
                None => self.call(day, from, free_until, dice, log),
            };
            if let Some(end) = end {
                free_from = end + WAY_MIN + dice.below(20);
            }
        }
    }

    /// The day's stays by their beginning.
    fn plan(&self, day: i64, weekend: bool, dice: &mut Dice) -> Vec<Plan> {
        let mut count = dice.count_of_mean(self.busy, TRIES);
        let mut plans = Vec::new();
        let mut evening_from = DAY_FROM;
        if let Some(anchor) = self.anchor.filter(|anchor| count > 0 && !weekend && dice.chance(anchor.share))
            && let Some(site) = self.sites.get(anchor.site as usize).filter(|site| site.scanned_on(day))
        {
            let from = (if anchor.school { 6 * 60 + 40 } else { 7 * 60 }) + dice.below(35);
            let from = from.max(site.kind.opens);
            let length = if dice.chance(0.3) { 4 * 60 } else { 9 * 60 + 20 };
            let until = (from + length - dice.below(40)).min(site.kind.closes - 1);
            evening_from = until;
            plans.push(Plan { from, fixed: Some((anchor, until)) });
            count -= 1;
        }
        let busy = !plans.is_empty();
        for _ in 0..count {
            let before_work = busy && dice.chance(0.2);
            let (from, until) = match (busy, before_work) {
                (true, true) => (DAY_FROM, 6 * 60 + 20),
                (true, false) => (evening_from + 10, 21 * 60),
                (false, _) => (6 * 60, 20 * 60 + 30),
            };
            plans.push(Plan { from: dice.between(from, until), fixed: None });
        }
        plans.sort_by_key(|plan| plan.from);
        plans
    }

    /// A day at work or school; answers when it ended.
    fn work(
        &self,
        day: i64,
        from: u32,
        until: u32,
        anchor: Anchor,
        dice: &mut Dice,
        log: &mut Log,
    ) -> Option<u32> {
        if from + 30 > until {
            return None;
        }
        let site = self.sites.get(anchor.site as usize)?;
        self.stay(day, (from, until), (anchor.site, anchor.area, site), dice, log)
    }

    /// A visit somewhere open between the two minutes; answers when it ended.
    fn call(&self, day: i64, from: u32, free_until: u32, dice: &mut Dice, log: &mut Log) -> Option<u32> {
        for _ in 0..6 {
            let commune = match dice.unit() {
                share if share < 0.78 => self.home,
                _ => self.town.centres.draw(dice).copied().unwrap_or(self.home),
            };
            let Some(index) =
                self.town.visits.get(&(commune, purpose(dice))).and_then(|list| list.draw(dice))
            else {
                continue;
            };
            let Some(site) = self.sites.get(*index as usize) else { continue };
            let until = free_until.min(site.kind.closes - 1);
            let length = ((f64::from(site.kind.stay) * dice.around_one()) as u32).max(3);
            if site.scanned_on(day) && from >= site.kind.opens && from + 3 <= until {
                let area = area_of(site, dice);
                return self.stay(day, (from, (from + length).min(until)), (*index, area, site), dice, log);
            }
        }
        None
    }

    /// Writes the scans of a stay down; answers when it ended. Without a phone there is only the card, which
    /// a gate reads, or the keeper's typing, and one seldom asks for that on leaving.
    fn stay(
        &self,
        day: i64,
        (from, until): (u32, u32),
        (place, area, site): (u32, u16, &Site),
        dice: &mut Dice,
        log: &mut Log,
    ) -> Option<u32> {
        let assurance = match (self.has_phone, site.gated) {
            (_, true) if !self.has_phone || dice.chance(0.5) => 3,
            (false, _) => 0,
            (true, _) if site.screen => 2,
            (true, _) => u8::from(dice.chance(0.97)),
        };
        let mut note = |out: bool, minute: u32, dice: &mut Dice| {
            let at = Site::at(day, minute) + i64::from(dice.below(60_000));
            log.push(SynthScan { person: self.person, place, area, out, at, assurance });
        };
        note(false, from, dice);
        // Now and then somebody scans in twice, not sure whether it worked.
        if until > from + 4 && dice.chance(0.01) {
            note(false, from + 1, dice);
        }
        if dice.chance(if assurance == 0 { self.tidy / 4.0 } else { self.tidy }) {
            note(true, until, dice);
        }
        Some(until)
    }
}

fn purpose(dice: &mut Dice) -> Purpose {
    let mut goal = dice.unit();
    for (purpose, share) in PURPOSES {
        if goal < share {
            return purpose;
        }
        goal -= share;
    }
    Purpose::Errand
}
