//! Deciding on a scan: what its time and way say about it. Nothing is dropped for being odd; it is marked.

use crate::time::{DAY_MS, Millis, Seconds2020, to_seconds_2020};

/// Longest lateness with which a scan is still taken (3-sealed-log, Late uploads).
pub const LATE_DAYS_MAX: i64 = 7;
/// How far a device's clock may be off before its time is not believed, in milliseconds.
pub const AHEAD_MS_MAX: i64 = 2 * 60_000;
/// From which lateness on a scan counts as late, in milliseconds.
pub const LATE_MS_MIN: i64 = 10 * 60_000;
/// Highest assurance of a late scan of a gate whose clock had to be corrected.
pub const CORRECTED_LATE_ASSURANCE_MAX: u8 = 1;

/// How a scan came about, which says how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A gate's device read a personal code.
    GateCode,
    /// A visitor read the rotating code of a screen.
    Rotating,
    /// A visitor read a poster.
    Poster,
    /// Somebody typed it.
    Typed,
    /// A paper form of an outage was keyed in later.
    Paper,
    /// Somebody told the code by telephone.
    Telephone,
}

impl Way {
    /// Every way, for tables and for tests.
    pub const ALL: &[Self] =
        &[Self::GateCode, Self::Rotating, Self::Poster, Self::Typed, Self::Paper, Self::Telephone];

    /// Assurance 0 to 3: A3 gate with personal code, A2 rotating code, A1 poster, A0 typed, paper or
    /// telephone (3-sealed-log).
    #[must_use]
    pub const fn assurance(self) -> u8 {
        match self {
            Self::GateCode => 3,
            Self::Rotating => 2,
            Self::Poster => 1,
            Self::Typed | Self::Paper | Self::Telephone => 0,
        }
    }
}

/// Instants that a device's clock may show: 1970 to 2223. Whatever lies outside is no clock but an attempt to
/// make sums overflow.
pub const CLOCK_MS: std::ops::RangeInclusive<Millis> = 0..=8_000_000_000_000;

/// When a device says that it made a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// The device's clock at the scan.
    pub captured_at: Millis,
    /// The server's clock less the device's, in milliseconds, as measured at sending; `None` where it was not
    /// measured: nothing is corrected then, and what comes late is trusted no further than a wrong clock.
    pub offset_ms: Option<i64>,
}

impl Capture {
    /// The instant of the scan by the server's clock: corrected where the device's was found to be wrong.
    #[must_use]
    pub fn corrected_at(&self) -> Millis {
        self.captured_at.saturating_add(self.correction().unwrap_or(0))
    }

    fn correction(&self) -> Option<i64> {
        self.offset_ms.filter(|offset| offset.unsigned_abs() > AHEAD_MS_MAX.unsigned_abs())
    }
}

/// What was noticed about a scan's time. Kept and shown; nothing follows from it by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// It arrived more than [`LATE_MS_MIN`] after the scan.
    pub late: bool,
    /// It claims to be from the future, by more than [`AHEAD_MS_MAX`].
    pub ahead: bool,
    /// The device's clock was off by more than [`AHEAD_MS_MAX`], and its time was corrected.
    pub corrected: bool,
}

/// What was decided on a scan's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Taken, with the second to keep and the assurance after the time was weighed.
    Taken {
        /// Second of the scan.
        captured: Seconds2020,
        /// 0 to 3.
        assurance: u8,
        /// What was noticed.
        marks: Marks,
    },
    /// Older than [`LATE_DAYS_MAX`] days, so that its day may be gone: refused.
    TooOld,
}

/// Weighs a scan's time against the server's clock. The time of arrival never takes the place of the time of
/// the scan, except where the scan lies in the future: it is then taken as of now, at assurance 0.
#[must_use]
pub fn decide(capture: Capture, way: Way, now: Millis) -> Timing {
    let at = capture.corrected_at();
    if at < now.saturating_sub(LATE_DAYS_MAX * DAY_MS) {
        return Timing::TooOld;
    }
    let marks = Marks {
        late: at < now.saturating_sub(LATE_MS_MIN),
        ahead: at > now.saturating_add(AHEAD_MS_MAX),
        corrected: capture.correction().is_some(),
    };
    // A little ahead is the device's clock, not the future: no scan is kept with a time after its arrival.
    match to_seconds_2020(at.min(now)) {
        Some(captured) => {
            Timing::Taken { captured, assurance: assurance(way, marks, capture.offset_ms.is_some()), marks }
        }
        None => Timing::TooOld,
    }
}

/// The assurance left after the time was weighed.
fn assurance(way: Way, marks: Marks, is_measured: bool) -> u8 {
    match (way, marks) {
        (_, Marks { ahead: true, .. }) => 0,
        (_, Marks { late: false, .. }) => way.assurance(),
        // A gate that was offline read the card all the same: lateness says nothing about a reading made by
        // an enrolled device with a sound clock. With an unsound one, what it read is certain and when is not.
        (Way::GateCode, Marks { corrected: false, .. }) if is_measured => way.assurance(),
        (Way::GateCode, _) => way.assurance().min(CORRECTED_LATE_ASSURANCE_MAX),
        // Anybody can say later that he stood before a poster.
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    const NOW: Millis = 1_800_000_000_000;
    const MINUTE: i64 = 60_000;

    /// What a scan becomes: how long before now it is kept (milliseconds), assurance, and `late`, `ahead`,
    /// `corrected`.
    fn taken(age_ms: i64, offset_ms: Option<i64>, way: Way) -> Option<(i64, u8, [bool; 3])> {
        match decide(Capture { captured_at: NOW - age_ms, offset_ms }, way, NOW) {
            Timing::Taken { captured, assurance, marks } => {
                let age = NOW - crate::time::from_seconds_2020(captured);
                Some((age, assurance, [marks.late, marks.ahead, marks.corrected]))
            }
            Timing::TooOld => None,
        }
    }

    #[test]
    fn each_way_has_its_assurance() {
        let table: Vec<(Way, u8)> = Way::ALL.iter().map(|way| (*way, way.assurance())).collect();
        assert_eq!(
            table,
            [
                (Way::GateCode, 3),
                (Way::Rotating, 2),
                (Way::Poster, 1),
                (Way::Typed, 0),
                (Way::Paper, 0),
                (Way::Telephone, 0)
            ]
        );
        for (way, assurance) in table {
            assert_eq!(taken(1000, None, way), Some((1000, assurance, [false; 3])), "prompt {way:?}");
        }
    }

    #[test]
    fn late_scans_keep_their_time_and_only_a_gate_its_assurance() {
        for (way, assurance) in [(Way::GateCode, 3), (Way::Rotating, 0), (Way::Poster, 0), (Way::Paper, 0)] {
            for offset in [Some(0), Some(AHEAD_MS_MAX), Some(-AHEAD_MS_MAX)] {
                let kept = Some((3 * DAY_MS, assurance, [true, false, false]));
                assert_eq!(taken(3 * DAY_MS, offset, way), kept, "{way:?} {offset:?}");
            }
            // Nobody measured the clock, so it is trusted no further than a wrong one.
            let kept = Some((3 * DAY_MS, assurance.min(CORRECTED_LATE_ASSURANCE_MAX), [true, false, false]));
            assert_eq!(taken(3 * DAY_MS, None, way), kept, "{way:?}");
        }
        assert_eq!(taken(LATE_MS_MIN, None, Way::Poster), Some((LATE_MS_MIN, 1, [false; 3])));
        assert_eq!(
            taken(LATE_MS_MIN + 1000, None, Way::Poster),
            Some((LATE_MS_MIN + 1000, 0, [true, false, false]))
        );
    }

    #[test]
    fn a_clock_that_is_far_off_is_corrected() {
        // The device's clock is an hour slow, so the server's less the device's is an hour.
        let hour = 60 * MINUTE;
        assert_eq!(taken(hour + 1000, Some(hour), Way::GateCode), Some((1000, 3, [false, false, true])));
        assert_eq!(taken(hour + 1000, Some(hour), Way::Poster), Some((1000, 1, [false, false, true])));
        assert_eq!(taken(3 * hour, Some(hour), Way::GateCode), Some((2 * hour, 1, [true, false, true])));
        assert_eq!(taken(3 * hour, Some(hour), Way::Rotating), Some((2 * hour, 0, [true, false, true])));
        // An hour fast: what seems to come from the future is a scan of half an hour ago.
        assert_eq!(taken(-hour / 2, Some(-hour), Way::GateCode), Some((hour / 2, 1, [true, false, true])));
        // Small offsets are left alone.
        assert_eq!(taken(5000, Some(AHEAD_MS_MAX), Way::GateCode), Some((5000, 3, [false; 3])));
    }

    #[test]
    fn a_scan_from_the_future_is_taken_as_of_now_at_no_assurance() {
        for way in Way::ALL {
            assert_eq!(taken(-AHEAD_MS_MAX - 1, None, *way), Some((0, 0, [false, true, false])));
            assert_eq!(taken(-AHEAD_MS_MAX, None, *way), Some((0, way.assurance(), [false; 3])));
        }
        assert_eq!(taken(0, Some(5 * MINUTE), Way::GateCode), Some((0, 0, [false, true, true])));
        assert_eq!(taken(0, Some(i64::MAX), Way::GateCode), Some((0, 0, [false, true, true])));
    }

    #[test]
    fn a_scan_older_than_a_week_after_correction_is_refused() {
        let week = LATE_DAYS_MAX * DAY_MS;
        assert_eq!(taken(week + 1, None, Way::GateCode), None);
        assert!(taken(week, None, Way::GateCode).is_some());
        assert!(taken(week + 1, Some(3 * MINUTE), Way::GateCode).is_some(), "a slow clock made it older");
        assert_eq!(taken(week - MINUTE, Some(-3 * MINUTE), Way::GateCode), None, "a fast one younger");
        assert_eq!(taken(0, Some(i64::MIN), Way::GateCode), None);
    }

    proptest! {
        #[test]
        fn no_scan_is_kept_after_now_or_above_its_way(
            captured_at in prop_oneof![any::<i64>(), NOW - 9 * DAY_MS..NOW + DAY_MS],
            offset_ms in prop_oneof![Just(None), any::<i64>().prop_map(Some), (-DAY_MS..DAY_MS).prop_map(Some)],
            way in select(Way::ALL),
            now in prop_oneof![4 => Just(NOW), 1 => any::<i64>()],
        ) {
            if let Timing::Taken { captured, assurance, marks } =
                decide(Capture { captured_at, offset_ms }, way, now)
            {
                prop_assert!(crate::time::from_seconds_2020(captured) <= now);
                prop_assert!(assurance <= way.assurance());
                prop_assert!(!(marks.late && marks.ahead));
                // Arrival never takes the place of the scan's own time, but for a scan from the future.
                let own = captured_at.saturating_add(if marks.corrected { offset_ms.unwrap_or(0) } else { 0 });
                if own <= now {
                    prop_assert_eq!(Some(captured), to_seconds_2020(own));
                }
            }
        }
    }
}
