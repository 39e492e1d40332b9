//! Which places to inspect: by risk, with a random share so that nobody can count on being left out. The same
//! candidates, numbers and seed choose the same places, so that the choice can be defended.

use std::collections::{HashMap, HashSet};

use crate::coverage::LIVE_DAYS;

/// Days over which scans are compared.
pub const COMPARED_DAYS: i64 = 28;
/// Days for which a place that was inspected is left in peace, unless there are complaints.
const REST_DAYS: i64 = 30;
/// Places of a type with scans, at least, before its median says what is usual.
const PEERS_MIN: usize = 5;
/// Share of the usual scans, in percent, below which a place is far below.
const FAR_BELOW_PERCENT: i64 = 25;
/// Most places in one plan.
pub const WANTED_MAX: usize = 400;

/// A place that could be inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The place.
    pub place_id: i64,
    /// Its type.
    pub type_code: String,
    /// Codes in force: its size where no capacity is known.
    pub points: i64,
    /// Most people at once, where known.
    pub capacity: Option<i64>,
    /// Local day number on which its first code was issued.
    pub issued_day: i64,
    /// Last local day number with a scan.
    pub last_scan_day: Option<i64>,
    /// Scans of the last [`COMPARED_DAYS`].
    pub scans: i64,
    /// Open reports of visitors about its posters.
    pub complaints: i64,
    /// Findings of a year.
    pub findings: i64,
    /// Last local day number of an inspection.
    pub inspected_day: Option<i64>,
    /// True while an inspection is planned.
    pub is_planned: bool,
}

/// Why a place was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No scan since the code was issued so many days ago.
    NeverUsed(i64),
    /// No scan for so many days.
    Silent(i64),
    /// Scans in percent of what its type and size usually give.
    FarBelow(i64),
    /// Open complaints.
    Complaints(i64),
    /// Findings of a year.
    Findings(i64),
    /// By lot.
    Random,
    /// The planner added it.
    Added,
    /// Ordered again after findings.
    Again,
    /// The office went by itself.
    Own,
}

impl Why {
    /// As stored: `silent:12`.
    #[must_use]
    pub fn to_text(self) -> String {
        match self {
            Self::NeverUsed(days) => format!("never_used:{days}"),
            Self::Silent(days) => format!("silent:{days}"),
            Self::FarBelow(percent) => format!("far_below:{percent}"),
            Self::Complaints(n) => format!("complaints:{n}"),
            Self::Findings(n) => format!("findings:{n}"),
            Self::Random => "random".to_owned(),
            Self::Added => "added".to_owned(),
            Self::Again => "again".to_owned(),
            Self::Own => "own".to_owned(),
        }
    }

    /// Reads a stored one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, number) = text.split_once(':').unwrap_or((text, "0"));
        let number = number.parse().ok()?;
        Some(match name {
            "never_used" => Self::NeverUsed(number),
            "silent" => Self::Silent(number),
            "far_below" => Self::FarBelow(number),
            "complaints" => Self::Complaints(number),
            "findings" => Self::Findings(number),
            "random" => Self::Random,
            "added" => Self::Added,
            "again" => Self::Again,
            "own" => Self::Own,
            _ => return None,
        })
    }

    /// In Vietnamese with `{n}`; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NeverUsed(_) => "chưa từng có lượt quét, mã cấp {n} ngày trước",
            Self::Silent(_) => "im lặng {n} ngày",
            Self::FarBelow(_) => "chỉ bằng {n} % số lượt thường thấy ở nơi cùng loại, cùng cỡ",
            Self::Complaints(_) => "{n} lời khách báo áp phích chưa xử lý",
            Self::Findings(_) => "{n} tồn tại trong 12 tháng qua",
            Self::Random => "chọn ngẫu nhiên",
            Self::Added => "người lập kế hoạch thêm vào",
            Self::Again => "kiểm tra lại",
            Self::Own => "đơn vị tự kiểm tra",
        }
    }

    /// The number in the label.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::NeverUsed(n)
            | Self::Silent(n)
            | Self::FarBelow(n)
            | Self::Complaints(n)
            | Self::Findings(n) => n,
            _ => 0,
        }
    }

    /// Points of risk; the weights are ours, and stand in the plan's page in words.
    #[must_use]
    pub fn score(self) -> i64 {
        match self {
            Self::NeverUsed(days) => 40 + (days / 7).min(10),
            Self::Silent(days) => 30 + (days - LIVE_DAYS).clamp(0, 20),
            Self::FarBelow(percent) => 20 + (FAR_BELOW_PERCENT - percent).clamp(0, 10),
            Self::Complaints(n) => 15 * n.clamp(0, 3),
            Self::Findings(n) => 8 * n.clamp(0, 3),
            Self::Random | Self::Added | Self::Again | Self::Own => 0,
        }
    }
}

/// Stored reasons, joined by blanks.
#[must_use]
pub fn whys_to_text(whys: &[Why]) -> String {
    whys.iter().map(|why| why.to_text()).collect::<Vec<_>>().join(" ")
}

/// Reads stored reasons; unknown ones are left out.
#[must_use]
pub fn whys_of(text: &str) -> Vec<Why> {
    text.split_whitespace().filter_map(Why::parse).collect()
}

/// A place that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The place.
    pub place_id: i64,
    /// Points of risk.
    pub score: i64,
    /// Why.
    pub whys: Vec<Why>,
}

/// Size of a place: its capacity where known, else ten for each code.
fn size(candidate: &Candidate) -> i64 {
    candidate.capacity.unwrap_or(candidate.points * 10).max(1)
}

/// Scans per thousand of size that the middle place of each type has, where enough places have any.
#[must_use]
pub fn usual_scans(candidates: &[Candidate]) -> HashMap<&str, i64> {
    let mut rates: HashMap<&str, Vec<i64>> = HashMap::new();
    for one in candidates.iter().filter(|one| one.scans > 0) {
        rates.entry(one.type_code.as_str()).or_default().push(one.scans * 1000 / size(one));
    }
    rates.retain(|_, rates| rates.len() >= PEERS_MIN);
    let median = |mut rates: Vec<i64>| {
        rates.sort_unstable();
        rates[rates.len() / 2]
    };
    rates.into_iter().map(|(kind, rates)| (kind, median(rates))).collect()
}

/// Why a place is at risk, worst first. `usual` is of [`usual_scans`].
#[must_use]
pub fn whys(candidate: &Candidate, usual: &HashMap<&str, i64>, today: i64) -> Vec<Why> {
    let mut whys = Vec::new();
    match candidate.last_scan_day {
        // A code of this week was perhaps not hung up yet.
        None if today - candidate.issued_day >= LIVE_DAYS => {
            whys.push(Why::NeverUsed(today - candidate.issued_day));
        }
        Some(day) if day <= today - LIVE_DAYS => whys.push(Why::Silent(today - day)),
        Some(_) => whys.extend(far_below(candidate, usual)),
        None => {}
    }
    if candidate.complaints > 0 {
        whys.push(Why::Complaints(candidate.complaints));
    }
    if candidate.findings > 0 {
        whys.push(Why::Findings(candidate.findings));
    }
    whys.sort_by_key(|why| std::cmp::Reverse(why.score()));
    whys
}

fn far_below(candidate: &Candidate, usual: &HashMap<&str, i64>) -> Option<Why> {
    let rate = usual.get(candidate.type_code.as_str())?;
    let expected = rate * size(candidate) / 1000;
    if expected < 20 {
        return None;
    }
    let percent = candidate.scans * 100 / expected;
    (percent < FAR_BELOW_PERCENT).then_some(Why::FarBelow(percent))
}

/// A number that follows from seed and place alone, evenly spread (SplitMix64).
#[must_use]
pub fn lot(seed: u64, place_id: i64) -> u64 {
    let mut z = seed.wrapping_add(place_id.cast_unsigned()).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn may_be_chosen(candidate: &Candidate, today: i64) -> bool {
    let rests = candidate.inspected_day.is_some_and(|day| today - day < REST_DAYS);
    !candidate.is_planned && (!rests || candidate.complaints > 0)
}

/// Chooses `wanted` places: the random share (in percent, rounded up) by lot among all, the rest by risk. Where fewer
/// places are at risk than wanted, lots fill up. Sorted by risk, then by lot.
#[must_use]
pub fn choose(
    candidates: &[Candidate],
    wanted: usize,
    random_percent: i64,
    seed: u64,
    today: i64,
) -> Vec<Chosen> {
    let usual = usual_scans(candidates);
    let wanted = wanted.min(WANTED_MAX);
    let mut scored: Vec<Chosen> = candidates
        .iter()
        .filter(|candidate| may_be_chosen(candidate, today))
        .map(|candidate| {
            let whys = whys(candidate, &usual, today);
            Chosen { place_id: candidate.place_id, score: whys.iter().map(|why| why.score()).sum(), whys }
        })
        .collect();
    scored.sort_by_key(|one| (std::cmp::Reverse(one.score), lot(seed, one.place_id), one.place_id));
    let share = usize::try_from(random_percent.clamp(0, 100)).unwrap_or(0);
    let by_lot = (wanted * share).div_ceil(100);
    let mut chosen: Vec<Chosen> =
        scored.iter().filter(|one| one.score > 0).take(wanted - by_lot).cloned().collect();
    let taken: HashSet<i64> = chosen.iter().map(|one| one.place_id).collect();
    let mut rest: Vec<Chosen> = scored.into_iter().filter(|one| !taken.contains(&one.place_id)).collect();
    rest.sort_by_key(|one| (lot(seed ^ 0xA5A5, one.place_id), one.place_id));
    chosen.extend(rest.into_iter().take(wanted - chosen.len()).map(|mut one| {
        one.whys.insert(0, Why::Random);
        one
    }));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: i64 = 19_000;

    fn candidate(place_id: i64) -> Candidate {
        Candidate {
            place_id,
            type_code: "CHO".to_owned(),
            points: 1,
            capacity: None,
            issued_day: TODAY - 100,
            last_scan_day: Some(TODAY),
            scans: 400,
            complaints: 0,
            findings: 0,
            inspected_day: None,
            is_planned: false,
        }
    }

    #[test]
    fn each_risk_is_seen_and_named() {
        let many: Vec<Candidate> = (0..9).map(candidate).collect();
        let usual = usual_scans(&many);
        assert_eq!(usual.get("CHO"), Some(&40_000));
        let of = |change: fn(&mut Candidate)| {
            let mut one = candidate(1);
            change(&mut one);
            whys(&one, &usual, TODAY)
        };
        assert_eq!(of(|_| ()), []);
        assert_eq!(of(|one| one.last_scan_day = None), [Why::NeverUsed(100)]);
        assert_eq!(of(|one| (one.last_scan_day, one.issued_day) = (None, TODAY - 3)), []);
        assert_eq!(of(|one| one.last_scan_day = Some(TODAY - 12)), [Why::Silent(12)]);
        assert_eq!(of(|one| one.scans = 40), [Why::FarBelow(10)]);
        assert_eq!(
            of(|one| one.capacity = Some(100)),
            [Why::FarBelow(10)],
            "ten times the size, as many scans"
        );
        assert_eq!(of(|one| one.complaints = 2), [Why::Complaints(2)]);
        assert_eq!(
            of(|one| (one.findings, one.last_scan_day) = (1, Some(TODAY - 7))),
            [Why::Silent(7), Why::Findings(1)]
        );
    }

    #[test]
    fn reasons_round_trip() {
        let all = [Why::NeverUsed(9), Why::Silent(8), Why::FarBelow(7), Why::Complaints(6), Why::Findings(5)];
        let all = [all.as_slice(), &[Why::Random, Why::Added, Why::Again, Why::Own]].concat();
        assert_eq!(whys_of(&whys_to_text(&all)), all);
        assert_eq!(whys_of("silent:x gone:3"), []);
    }

    #[test]
    fn the_seed_and_the_candidates_decide_whatever_their_order() {
        let mut many: Vec<Candidate> = (0..200).map(candidate).collect();
        for one in &mut many[..30] {
            one.last_scan_day = Some(TODAY - 10);
        }
        let chosen = choose(&many, 20, 20, 7, TODAY);
        let random = chosen.iter().filter(|one| one.whys.first() == Some(&Why::Random)).count();
        assert_eq!((chosen.len(), random), (20, 4));
        many.reverse();
        assert_eq!(choose(&many, 20, 20, 7, TODAY), chosen);
        assert_ne!(choose(&many, 20, 20, 8, TODAY), chosen);
        let ids: HashSet<i64> = chosen.iter().map(|one| one.place_id).collect();
        assert_eq!(ids.len(), 20, "nobody twice");
    }

    #[test]
    fn lots_fill_up_and_rest_is_respected() {
        let mut many: Vec<Candidate> = (0..10).map(candidate).collect();
        many[0].is_planned = true;
        many[1].inspected_day = Some(TODAY - 5);
        many[2].inspected_day = Some(TODAY - 5);
        many[2].complaints = 1;
        let chosen = choose(&many, 100, 0, 1, TODAY);
        let ids: HashSet<i64> = chosen.iter().map(|one| one.place_id).collect();
        assert_eq!(ids, (2..10).collect());
        assert_eq!(chosen[0].place_id, 2, "the one with a complaint first");
    }
}
