//! The order in which contacts are listed: a shared area before a shared place only, then longer total, then
//! later last exposure, then id.

use domain::time::Seconds2020;

/// The ranking in one number, which sorts in half the time of four: not the same area, the total and the last
/// exposure turned round (so that more comes first), the person's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u128);

impl Rank {
    pub(crate) fn new(same_area: bool, total_seconds: u32, last_until: Seconds2020, person: u32) -> Self {
        let high = u128::from(!same_area) << 32 | u128::from(!total_seconds);
        Self(high << 64 | u128::from(!last_until) << 32 | u128::from(person))
    }

    pub(crate) fn same_area(self) -> bool {
        self.0 >> 96 == 0
    }

    pub(crate) fn total_seconds(self) -> u32 {
        !((self.0 >> 64) as u32)
    }

    pub(crate) fn last_until(self) -> Seconds2020 {
        !((self.0 >> 32) as u32)
    }

    pub(crate) fn person(self) -> u32 {
        self.0 as u32
    }
}

/// Ranks a list, keeps the best `most`, and gives the number of the others.
pub(crate) fn keep_best<T, K: Ord>(list: &mut Vec<T>, most: usize, rank: impl Fn(&T) -> K) -> usize {
    let cut = list.len().saturating_sub(most);
    if cut > 0 && most > 0 {
        list.select_nth_unstable_by_key(most - 1, &rank);
    }
    list.truncate(most);
    list.sort_unstable_by_key(rank);
    cut
}
