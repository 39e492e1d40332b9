//! Places: how many in which commune, of which type, named how, and who goes there.

use std::collections::HashMap;

use domain::time::{DAY_MS, Millis, date_of_day_number, day_number, day_start};

use crate::config::Config;
use crate::dice::{Dice, Weighted};
use crate::kind::{Kind, Kinds, areas};
use crate::names::Names;
use crate::numbers;
use crate::story;
use crate::world::{Commune, Sex, SynthPlace, SynthScan, Usage};

/// Stream of the dice for places.
const STREAM: u64 = 1;

/// Phones of owners follow those of all people that can be.
const OWNER_PHONES_FROM: u32 = crate::config::PEOPLE_MAX;

/// A place and what the generator knows of it besides.
pub(crate) struct Site {
    pub place: SynthPlace,
    pub kind: Kind,
    /// A staffed gate reads personal codes here.
    pub gated: bool,
    /// A screen shows a rotating code here.
    pub screen: bool,
    /// First and last day (as day numbers, last exclusive) on which anybody scans.
    pub scanned_from: i64,
    pub scanned_until: i64,
}

/// Makes all places, the scripted ones first.
pub(crate) fn make(communes: &[Commune], kinds: &Kinds, names: &Names, config: &Config) -> Vec<Site> {
    let mut dice = Dice::new(config.seed, STREAM);
    let mut maker = Maker { communes, names, config, taken: HashMap::new(), made: 0 };
    let mut sites = Vec::with_capacity(config.places as usize);
    for scripted in story::places(communes) {
        let kind = kinds.all().get(kinds.index(scripted.type_code)).cloned();
        if let Some(kind) = kind {
            sites.push(maker.scripted(scripted, kind, &mut dice));
        }
    }
    let counts = spread(communes, config.places - sites.len() as u32, &mut dice);
    let stock: Weighted<usize> =
        kinds.all().iter().enumerate().map(|(index, kind)| (index, kind.stock)).collect();
    for (commune, count) in counts.into_iter().enumerate() {
        for nth in 0..count {
            // Each commune begins with its office, health station, school and market.
            let first = ["CQNN", "TYT", "TRUONG", "CHO"].get(nth as usize).map(|code| kinds.index(code));
            let first = first.filter(|index| kinds.all().get(*index).is_some_and(|kind| kind.stock > 0.0));
            let index = first.or_else(|| stock.draw(&mut dice).copied()).unwrap_or(0);
            if let Some(kind) = kinds.all().get(index) {
                sites.push(maker.site(commune, kind.clone(), &mut dice));
            }
        }
    }
    sites
}

/// How many places each commune gets; adds up to `total`.
fn spread(communes: &[Commune], total: u32, dice: &mut Dice) -> Vec<u32> {
    let mut counts = vec![0; communes.len()];
    let smallest =
        communes.iter().enumerate().min_by_key(|(_, commune)| commune.population).map_or(0, |(at, _)| at);
    let mut left = total;
    if let (Some(count), Some(commune)) = (counts.get_mut(smallest), communes.get(smallest)) {
        let target = commune.population.div_ceil(100);
        // Above its target where the total allows, but never more than a quarter of all.
        *count = (target + target / 7 + 1).min(if communes.len() == 1 { total } else { total / 4 });
        left -= *count;
    }
    const ZEAL: [f64; 5] = [0.15, 0.4, 0.8, 1.2, 2.0];
    let weights: Vec<f64> = communes
        .iter()
        .enumerate()
        .map(|(index, commune)| {
            let zeal = dice.pick(&ZEAL).copied().unwrap_or(1.0);
            let kept_out = index == smallest && communes.len() > 1;
            if kept_out { 0.0 } else { f64::from(commune.population.max(1)) * zeal }
        })
        .collect();
    for (count, share) in counts.iter_mut().zip(largest_remainder(left, &weights)) {
        *count += share;
    }
    counts
}

/// Shares `total` in proportion to the weights, in whole numbers that add up to it.
fn largest_remainder(total: u32, weights: &[f64]) -> Vec<u32> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<f64> = weights.iter().map(|weight| f64::from(total) * weight / sum).collect();
    let mut whole: Vec<u32> = exact.iter().map(|share| *share as u32).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let rest = |index: &usize| exact.get(*index).map_or(0.0, |share| share - f64::from(*share as u32));
    order.sort_by(|a, b| rest(b).total_cmp(&rest(a)).then(a.cmp(b)));
    let missing = total.saturating_sub(whole.iter().sum()) as usize;
    for index in order.into_iter().take(missing) {
        if let Some(share) = whole.get_mut(index) {
            *share += 1;
        }
    }
    whole
}

/// What the making of one place needs besides its kind.
struct Maker<'a> {
    communes: &'a [Commune],
    names: &'a Names,
    config: &'a Config,
    /// How often a name was given in a commune.
    taken: HashMap<(usize, String), u32>,
    made: u32,
}

impl Maker<'_> {
    /// A scripted place: its name and areas are fixed, it is old and in use to the end.
    fn scripted(&mut self, scripted: story::ScriptedPlace, kind: Kind, dice: &mut Dice) -> Site {
        let mut site = self.site(scripted.commune, kind, dice);
        let first = day_number(self.config.first_on);
        site.place.name = self.unique(scripted.commune, scripted.name.to_owned());
        site.place.type_code = scripted.type_code.to_owned();
        site.place.areas = scripted.areas.iter().map(|area| (*area).to_owned()).collect();
        site.place.opened_on = date_of_day_number(first - 30);
        site.gated = scripted.gated;
        site.screen = false;
        site.scanned_from = first;
        site.scanned_until = i64::MAX;
        site
    }

    /// A place of this kind with a name, an address and an owner.
    fn site(&mut self, commune: usize, kind: Kind, dice: &mut Dice) -> Site {
        let home = self.communes.get(commune).map_or("", |commune| commune.name.as_str());
        let sign = self.names.sign(dice);
        let number = dice.between(1, 40).to_string();
        let (whole, short) = inside_a_name(home);
        let name = kind.pattern.replace("{G}", &sign).replace("{C}", &whole);
        let name = name.replace("{S}", short).replace("{N}", &number);
        let custom = self.names.custom(dice);
        let surname = self.names.surname(custom, dice);
        let sex = if dice.chance(0.5) { Sex::Male } else { Sex::Female };
        let owner_name = self.names.full(custom, &surname, sex, dice);
        let first = day_number(self.config.first_on);
        let last = first + i64::from(self.config.days);
        // One in eight opened during the window, so that each week has new points to report.
        let opened = if dice.chance(0.125) {
            first + i64::from(dice.below(u32::from(self.config.days)))
        } else {
            first - i64::from(dice.between(1, 90))
        };
        let fate = dice.unit();
        let (scanned_from, scanned_until) = if fate < self.config.never_used_share {
            (opened, opened)
        } else if fate < self.config.never_used_share + self.config.silent_share {
            // Quiet for eight days at least: seven full ones before any hour of the last day.
            (opened, last - 8 - i64::from(dice.below(3)))
        } else {
            (opened, i64::MAX)
        };
        let owner_phone = numbers::phone(OWNER_PHONES_FROM + self.made);
        self.made += 1;
        let place = SynthPlace {
            commune,
            type_code: kind.code.to_owned(),
            name: self.unique(commune, name),
            address: address(home, dice),
            owner_name,
            owner_phone,
            areas: areas(kind.code, dice),
            opened_on: date_of_day_number(opened),
            usage: Usage::NeverUsed,
        };
        let gated = dice.chance(kind.gated);
        let screen = !gated && dice.chance(0.04);
        Site { place, kind, gated, screen, scanned_from, scanned_until }
    }

    /// The name, with a number from the second of its commune on.
    fn unique(&mut self, commune: usize, name: String) -> String {
        let count = self.taken.entry((commune, name.clone())).or_insert(0);
        *count += 1;
        if *count == 1 { name } else { format!("{name} (cơ sở {count})") }
    }
}

/// A commune's name as it stands inside another ("phường Tân Lập"), and without its kind ("Tân Lập").
fn inside_a_name(commune_name: &str) -> (String, &str) {
    for (kind, small) in [("Phường ", "phường"), ("Thị trấn ", "thị trấn"), ("Xã ", "xã")] {
        if let Some(short) = commune_name.strip_prefix(kind) {
            return (format!("{small} {short}"), short);
        }
    }
    (commune_name.to_owned(), commune_name)
}

/// A made-up address inside a commune: a street in towns, a village elsewhere.
fn address(commune_name: &str, dice: &mut Dice) -> String {
    const STREETS: [&str; 16] = [
        "Nguyễn Tất Thành",
        "Lê Duẩn",
        "Hùng Vương",
        "Phan Bội Châu",
        "Y Jút",
        "Trần Phú",
        "Lê Hồng Phong",
        "Nguyễn Trãi",
        "Quang Trung",
        "Hoàng Diệu",
        "Y Ngông",
        "Phan Chu Trinh",
        "Lý Thường Kiệt",
        "Ngô Quyền",
        "Nguyễn Văn Cừ",
        "Hai Bà Trưng",
    ];
    const HAMLETS: [&str; 8] = ["Ea Nao", "Kô Sia", "Dhă", "Krông A", "Tring", "Ea Mdruăl", "Alê", "Kwang"];
    let town = commune_name.starts_with("Phường") || commune_name.starts_with("Thị trấn");
    if town {
        let street = dice.pick(&STREETS).copied().unwrap_or_default();
        format!("{} {street}", dice.between(1, 400))
    } else if dice.chance(0.4) {
        format!("Buôn {}", dice.pick(&HAMLETS).copied().unwrap_or_default())
    } else {
        format!("Thôn {}", dice.between(1, 14))
    }
}

/// Writes down what the scans say of each place.
pub(crate) fn judge_usage(sites: &mut [Site], scans: &[SynthScan], end_at: Millis) {
    for scan in scans {
        if let Some(site) = sites.get_mut(scan.place as usize) {
            let live = scan.at >= end_at - 7 * DAY_MS;
            // Scans come by time, so a later one only ever raises the verdict.
            site.place.usage = if live { Usage::Live } else { Usage::Silent };
        }
    }
}

impl Site {
    /// Whether anybody scans here on this day.
    pub(crate) fn scanned_on(&self, day: i64) -> bool {
        (self.scanned_from..self.scanned_until).contains(&day) && day >= day_number(self.place.opened_on)
    }

    /// The instant of a minute of a local day.
    pub(crate) fn at(day: i64, minute: u32) -> Millis {
        day_start(date_of_day_number(day)) + i64::from(minute) * 60_000
    }
}
