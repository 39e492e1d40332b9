//! Coverage: at least one scan point for every 100 residents (the Committee's letter of August 2021),
//! counted by registered and by live points.

/// Residents for whom one scan point is needed.
pub const RESIDENTS_PER_POINT: i64 = 100;

/// Days within which a scan makes a point live.
pub const LIVE_DAYS: i64 = 7;

/// Points needed for a population: one per 100 residents, rounded up.
#[must_use]
pub fn target_points(population: i64) -> i64 {
    let population = population.max(0);
    population / RESIDENTS_PER_POINT + i64::from(population % RESIDENTS_PER_POINT != 0)
}

/// How a point was used up to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Had a scan within [`LIVE_DAYS`].
    Live,
    /// Was scanned once, but not within [`LIVE_DAYS`].
    Silent,
    /// Never scanned since it was made.
    NeverUsed,
}

impl Usage {
    /// Usage of a point on day `today`, from the day of its last scan (local day numbers).
    #[must_use]
    pub fn of(last_scan_day: Option<i64>, today: i64) -> Self {
        match last_scan_day {
            None => Self::NeverUsed,
            Some(day) if day > today - LIVE_DAYS => Self::Live,
            Some(_) => Self::Silent,
        }
    }

    /// Stable code, as stands in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Silent => "silent",
            Self::NeverUsed => "never",
        }
    }
}

/// Coverage of a unit: its own figures, or those of the communes below it added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Residents, where a figure is known.
    pub population: Option<i64>,
    /// Points needed where the target applies; the sum over communes for a higher unit.
    pub target: i64,
    /// Points registered (codes in force of approved places).
    pub registered: i64,
    /// Live points.
    pub live: i64,
    /// Silent points.
    pub silent: i64,
    /// Points never used.
    pub never_used: i64,
    /// Points missing: the target less the registered, commune by commune, never below zero.
    pub missing: i64,
    /// Communes whose distancing level suspends the target.
    pub exempt_communes: i64,
    /// Communes counted.
    pub communes: i64,
}

impl Coverage {
    /// Coverage of one commune. `applies` is false where the distancing level suspends the target.
    #[must_use]
    pub fn of_commune(population: Option<i64>, applies: bool, usages: impl Iterator<Item = Usage>) -> Self {
        Self::of_counts(population, applies, &Self::of_points(usages))
    }

    /// Coverage of one commune whose points were counted before.
    #[must_use]
    pub fn of_counts(population: Option<i64>, applies: bool, points: &Self) -> Self {
        let target = if applies { population.map_or(0, target_points) } else { 0 };
        Self {
            population,
            target,
            missing: (target - points.registered).max(0),
            exempt_communes: i64::from(!applies),
            communes: 1,
            ..*points
        }
    }

    /// Points of a department: counted alone, since the target is one of residents.
    #[must_use]
    pub fn of_points(usages: impl Iterator<Item = Usage>) -> Self {
        let mut coverage = Self::default();
        for usage in usages {
            coverage.registered += 1;
            match usage {
                Usage::Live => coverage.live += 1,
                Usage::Silent => coverage.silent += 1,
                Usage::NeverUsed => coverage.never_used += 1,
            }
        }
        coverage
    }

    /// Adds another unit's figures. A population unknown in one part leaves the sum of the known ones.
    pub fn add(&mut self, other: &Self) {
        self.population = match (self.population, other.population) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        self.target += other.target;
        self.registered += other.registered;
        self.live += other.live;
        self.silent += other.silent;
        self.never_used += other.never_used;
        self.missing += other.missing;
        self.exempt_communes += other.exempt_communes;
        self.communes += other.communes;
    }

    /// Points per 100 residents of a count of points.
    #[must_use]
    pub fn per_100(&self, points: i64) -> Option<f64> {
        let population = self.population.filter(|population| *population > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "counts of points and residents are far below 2^52")]
        let ratio = points as f64 * RESIDENTS_PER_POINT as f64 / population as f64;
        Some(ratio)
    }

    /// Share of the target reached by a count of points, where the target applies.
    #[must_use]
    pub fn share_of_target(&self, points: i64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of points are far below 2^52")]
        let share = (self.target > 0).then(|| points as f64 / self.target as f64);
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_rounded_up() {
        assert_eq!(target_points(1_869_322), 18_694, "the province as one, census 2019");
        assert_eq!(target_points(100), 1);
        assert_eq!(target_points(101), 2);
        assert_eq!(target_points(0), 0);
    }

    #[test]
    fn a_point_is_live_for_seven_days() {
        assert_eq!(Usage::of(Some(100), 100), Usage::Live);
        assert_eq!(Usage::of(Some(94), 100), Usage::Live);
        assert_eq!(Usage::of(Some(93), 100), Usage::Silent);
        assert_eq!(Usage::of(None, 100), Usage::NeverUsed);
    }

    #[test]
    fn a_surplus_in_one_commune_does_not_fill_another() {
        let mut sum = Coverage::of_commune(Some(150), true, [Usage::Live; 5].into_iter());
        sum.add(&Coverage::of_commune(Some(1000), true, [Usage::Silent].into_iter()));
        assert_eq!((sum.target, sum.registered, sum.missing), (12, 6, 9));
    }

    #[test]
    fn a_suspended_target_asks_for_nothing() {
        let commune = Coverage::of_commune(Some(1000), false, std::iter::empty());
        assert_eq!((commune.target, commune.missing, commune.exempt_communes), (0, 0, 1));
        assert_eq!(commune.share_of_target(0), None);
    }
}
