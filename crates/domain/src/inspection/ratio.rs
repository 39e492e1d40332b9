//! What share of people scan, from counts at doors, and how sure that is.
//!
//! People counted at one door resemble one another, so the sample is worth less than its size. Counts of one place
//! are added up first (a place is a cluster); from the spread between places comes the design effect of the ratio
//! estimator (Cochran, Sampling Techniques, 3rd ed., 1977, sections 6.2 and 9A.1), never taken below 1. The interval
//! is Wilson's (1927) at 95 %, for the sample size divided by the design effect.

use std::collections::BTreeMap;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Places counted at least; below, nothing is said.
pub const PLACES_MIN: usize = 3;

/// People counted at least; below, nothing is said.
pub const PEOPLE_MIN: i64 = 10;

/// A count at one door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The place.
    pub place_id: i64,
    /// People who came in.
    pub entering: i64,
    /// People of those who scanned.
    pub scanning: i64,
}

/// A share with its interval, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Places counted.
    pub places: usize,
    /// People who came in.
    pub entering: i64,
    /// People who scanned.
    pub scanning: i64,
    /// The share.
    pub share: f64,
    /// Lower end at 95 %.
    pub low: f64,
    /// Upper end at 95 %.
    pub high: f64,
    /// By how much the likeness of people at one door thins the sample, at least 1.
    pub design_effect: f64,
}

/// Wilson's interval at 95 % for a share of a sample of size `n` (which need not be whole).
#[must_use]
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    if n <= 0.0 {
        return (0.0, 1.0);
    }
    let z2 = Z * Z;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// The share over some counts; none where there are too few places or people to say anything.
#[must_use]
pub fn of(counts: &[Count]) -> Option<Ratio> {
    let mut places: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for count in counts.iter().filter(|count| count.entering > 0) {
        let place = places.entry(count.place_id).or_default();
        place.0 += count.entering;
        // Somebody may scan for others; more scans than people are as many as people.
        place.1 += count.scanning.clamp(0, count.entering);
    }
    let (entering, scanning) = places.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    if places.len() < PLACES_MIN || entering < PEOPLE_MIN {
        return None;
    }
    let (n, s) = (float(entering), float(scanning));
    let share = s / n;
    let design_effect = design_effect(&places, share, n);
    let (low, high) = wilson(share, n / design_effect);
    Some(Ratio { places: places.len(), entering, scanning, share, low, high, design_effect })
}

/// The variance of the ratio between places, over that of as many people drawn one by one.
fn design_effect(places: &BTreeMap<i64, (i64, i64)>, share: f64, n: f64) -> f64 {
    let simple = share * (1.0 - share) / n;
    if simple <= 0.0 {
        return 1.0;
    }
    let k = float(i64::try_from(places.len()).unwrap_or(0));
    let squares: f64 = places
        .values()
        .map(|(entering, scanning)| (float(*scanning) - share * float(*entering)).powi(2))
        .sum();
    let between = k / (k - 1.0) * squares / (n * n);
    (between / simple).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^52")]
fn float(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what is missing")]
mod tests {
    use super::*;

    fn near(found: (f64, f64), expected: (f64, f64)) {
        assert!(
            (found.0 - expected.0).abs() < 5e-5 && (found.1 - expected.1).abs() < 5e-5,
            "{found:?}, expected {expected:?}"
        );
    }

    #[test]
    fn wilson_gives_the_published_intervals() {
        // Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3.
        near(wilson(81.0 / 263.0, 263.0), (0.2553, 0.3662));
        near(wilson(15.0 / 148.0, 148.0), (0.0624, 0.1605));
        near(wilson(0.0, 20.0), (0.0, 0.1611));
        near(wilson(1.0 / 29.0, 29.0), (0.0061, 0.1718));
        near(wilson(1.0, 20.0), (0.8389, 1.0));
        assert_eq!(wilson(0.5, 0.0), (0.0, 1.0));
    }

    fn count(place_id: i64, entering: i64, scanning: i64) -> Count {
        Count { place_id, entering, scanning }
    }

    #[test]
    fn few_places_or_people_say_nothing() {
        assert_eq!(of(&[count(1, 50, 25), count(2, 50, 25)]), None);
        assert_eq!(of(&[count(1, 3, 1), count(2, 3, 1), count(3, 3, 1)]), None);
        assert_eq!(of(&[count(1, 50, 1), count(1, 50, 1), count(1, 50, 1)]), None, "one place thrice");
        assert!(of(&[count(1, 4, 1), count(2, 3, 1), count(3, 3, 1)]).is_some());
    }

    #[test]
    fn like_places_leave_the_sample_whole_and_unlike_ones_thin_it() {
        let like = of(&[count(1, 100, 50), count(2, 100, 50), count(3, 100, 50)]).unwrap();
        assert!((like.design_effect - 1.0).abs() < 1e-12);
        near((like.low, like.high), wilson(0.5, 300.0));
        let unlike = of(&[count(1, 100, 10), count(2, 100, 50), count(3, 100, 90)]).unwrap();
        // Between: 3/2 × (40² + 0 + 40²) / 300² = 0.05333; one by one: 0.25 / 300. Their ratio is 64.
        assert!((unlike.design_effect - 64.0).abs() < 1e-9, "{}", unlike.design_effect);
        near((unlike.low, unlike.high), wilson(0.5, 300.0 / 64.0));
        assert!(unlike.high - unlike.low > like.high - like.low);
    }

    #[test]
    fn counts_of_one_place_are_added_up_first() {
        let split = of(&[count(1, 50, 40), count(1, 50, 30), count(2, 80, 20), count(3, 60, 30)]).unwrap();
        let whole = of(&[count(1, 100, 70), count(2, 80, 20), count(3, 60, 30)]).unwrap();
        assert_eq!(split, whole);
        assert_eq!((whole.places, whole.entering, whole.scanning), (3, 240, 120));
    }
}
