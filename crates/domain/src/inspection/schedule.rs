//! Who goes where on which day.

use jiff::civil::Date;

/// A place to visit: its id, and its commune with all units above, the commune first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Inspection.
    pub id: i64,
    /// Chain of units from the commune up.
    pub units: Vec<i64>,
}

/// An inspector and the unit within which he inspects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspector {
    /// Account.
    pub account_id: i64,
    /// The unit whose subtree is his.
    pub root: i64,
}

/// Gives each visit an inspector and a day: visits in the order given (by commune, so that a day's way is short) go
/// to the least laden inspector of their territory, or of all where none has it; each one's visits are spread evenly
/// over the days in order.
#[must_use]
pub fn assign(visits: &[Visit], inspectors: &[Inspector], days: &[Date]) -> Vec<(i64, i64, Date)> {
    if inspectors.is_empty() || days.is_empty() {
        return Vec::new();
    }
    let mut lists: Vec<Vec<i64>> = vec![Vec::new(); inspectors.len()];
    for visit in visits {
        let of_territory = |at: &usize| visit.units.contains(&inspectors[*at].root);
        let least = |candidates: Vec<usize>| candidates.into_iter().min_by_key(|at| lists[*at].len());
        let all: Vec<usize> = (0..inspectors.len()).collect();
        let fitting: Vec<usize> = all.iter().copied().filter(of_territory).collect();
        if let Some(at) = least(if fitting.is_empty() { all } else { fitting }) {
            lists[at].push(visit.id);
        }
    }
    let mut plan = Vec::with_capacity(visits.len());
    for (inspector, list) in inspectors.iter().zip(&lists) {
        for (number, id) in list.iter().enumerate() {
            let day = days[(number * days.len() / list.len()).min(days.len() - 1)];
            plan.push((*id, inspector.account_id, day));
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn visits_go_to_their_territory_and_are_spread() {
        let visits: Vec<_> =
            (0..8).map(|id| Visit { id, units: vec![if id < 4 { 11 } else { 12 }, 5, 1] }).collect();
        let inspectors = [Inspector { account_id: 100, root: 11 }, Inspector { account_id: 200, root: 5 }];
        let days = [date(2021, 11, 10), date(2021, 11, 11)];
        let plan = assign(&visits, &inspectors, &days);
        assert_eq!(plan.len(), 8);
        let of = |account| plan.iter().filter(|(_, by, _)| *by == account).count();
        assert_eq!((of(100), of(200)), (2, 6));
        assert!(plan.iter().all(|(id, by, _)| *by == 200 || *id < 4), "not outside the territory");
        let first = plan.iter().filter(|(_, by, day)| *by == 200 && *day == days[0]).count();
        assert_eq!(first, 3);
        assert!(assign(&visits, &[], &days).is_empty() && assign(&visits, &inspectors, &[]).is_empty());
    }

    #[test]
    fn a_place_of_nobodys_territory_is_not_forgotten() {
        let visits = [Visit { id: 1, units: vec![77] }];
        let plan = assign(&visits, &[Inspector { account_id: 9, root: 11 }], &[date(2021, 11, 10)]);
        assert_eq!(plan, [(1, 9, date(2021, 11, 10))]);
    }
}
