//! Deciding on a scan: what its time and way say about it. Nothing is dropped for being odd; it is marked.

use crate::time::{DAY_MS, Millis, Seconds2020, to_seconds_2020};

/// Longest lateness with which a scan is still taken (3-sealed-log, Late uploads).
pub const LATE_DAYS_MAX: i64 = 7;
/// How far a device's clock may run ahead before its time is not believed, in milliseconds.
pub const AHEAD_MS_MAX: i64 = 2 * 60_000;
/// From which lateness on a scan counts as late, in milliseconds.
pub const LATE_MS_MIN: i64 = 10 * 60_000;

/// How a scan came about, which says how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A gate's device read a personal code.
    GateCode,
    /// A visitor read a poster.
    Poster,
    /// Somebody typed it.
    Typed,
}

impl Way {
    /// Assurance 0 to 3: A3 gate with personal code, A1 poster, A0 typed (3-sealed-log).
    #[must_use]
    pub const fn assurance(self) -> u8 {
        match self {
            Self::GateCode => 3,
            Self::Poster => 1,
            Self::Typed => 0,
        }
    }
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
    },
    /// Older than [`LATE_DAYS_MAX`] days, so that its day may be gone: refused.
    TooOld,
}

/// Weighs a scan's time against the server's clock. A late scan keeps its time at assurance 0; one from the
/// future is taken as of now at assurance 0.
#[must_use]
pub fn decide(captured_at: Millis, way: Way, now: Millis) -> Timing {
    if captured_at < now - LATE_DAYS_MAX * DAY_MS {
        return Timing::TooOld;
    }
    let ahead = captured_at > now + AHEAD_MS_MAX;
    let late = captured_at < now - LATE_MS_MIN;
    // A little ahead is the device's clock, not the future: no scan is kept with a time after its arrival.
    let at = captured_at.min(now);
    match to_seconds_2020(at) {
        Some(captured) => {
            Timing::Taken { captured, assurance: if ahead || late { 0 } else { way.assurance() } }
        }
        None => Timing::TooOld,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_800_000_000_000;

    fn taken(at: Millis) -> (Seconds2020, u8) {
        match decide(at, Way::GateCode, NOW) {
            Timing::Taken { captured, assurance } => (captured, assurance),
            Timing::TooOld => (0, 99),
        }
    }

    #[test]
    fn a_prompt_scan_keeps_its_time_and_assurance() {
        assert_eq!(taken(NOW - 1000), (to_seconds_2020(NOW - 1000).unwrap_or(0), 3));
    }

    #[test]
    fn a_late_scan_is_kept_at_its_own_time() {
        assert_eq!(taken(NOW - 3 * DAY_MS), (to_seconds_2020(NOW - 3 * DAY_MS).unwrap_or(0), 0));
        assert_eq!(decide(NOW - LATE_DAYS_MAX * DAY_MS - 1, Way::Poster, NOW), Timing::TooOld);
    }

    #[test]
    fn a_clock_that_runs_ahead_is_not_believed() {
        assert_eq!(taken(NOW + AHEAD_MS_MAX + 1), (to_seconds_2020(NOW).unwrap_or(0), 0));
        assert_eq!(taken(NOW + AHEAD_MS_MAX).1, 3);
    }
}
