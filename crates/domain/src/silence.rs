//! Points that nobody scans, as tasks of their commune: when one is a repeat offender, what may be done, when a
//! task is open again.

/// Weeks that are looked back over.
pub const WEEKS_BACK: i64 = 8;

/// Quiet weeks, of the last [`WEEKS_BACK`], from which a point is named on the pages of the offices above. Three
/// in a row are three of eight too.
pub const OFTEN: i64 = 3;

/// Days after something was done within which a scan should follow; then the task is open again.
pub const PATIENCE_DAYS: i64 = 7;

/// Longest note of what was done, in characters.
pub const NOTE_CHARS_MAX: usize = 300;

/// True for a point that is quiet again and again.
#[must_use]
pub const fn is_repeated(in_a_row: i64, of_eight: i64) -> bool {
    in_a_row >= OFTEN || of_eight >= OFTEN
}

/// What a commune did about a quiet point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The contact was called.
    Called,
    /// Somebody went there.
    Visited,
    /// The poster was moved or printed anew.
    Moved,
    /// The place is closed, for a time or for good.
    Closed,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Called, Self::Visited, Self::Moved, Self::Closed];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Visited => "visited",
            Self::Moved => "moved",
            Self::Closed => "closed",
        }
    }

    /// Vietnamese words; the catalogue translates them.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Called => "Đã gọi điện nhắc",
            Self::Visited => "Đã đến tận nơi",
            Self::Moved => "Đã in lại hoặc dán lại mã",
            Self::Closed => "Nơi này đã đóng cửa",
        }
    }

    /// The action of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }
}

/// True when a point counts in a week of which `from` is the first day number: its code was there all week.
#[must_use]
pub const fn counts_in_week(issued_day: i64, from: i64) -> bool {
    issued_day <= from
}

/// Where a unit stands in the list of those furthest behind: units whose target does not apply or is unknown
/// last, then by the share of the target that live points reach, then by the points missing.
#[must_use]
pub fn behind_key(live: i64, target: i64) -> (bool, i64, i64) {
    if target <= 0 {
        return (true, 0, 0);
    }
    // Shares as parts of a million, so that they can be ordered.
    (false, live.saturating_mul(1_000_000) / target, live - target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for action in Action::ALL {
            assert_eq!(Action::from_code(action.code()), Some(action));
        }
        assert_eq!(Action::from_code("forgot"), None);
    }

    #[test]
    fn three_weeks_make_a_repeat() {
        assert!(!is_repeated(2, 2));
        assert!(is_repeated(3, 3));
        assert!(is_repeated(1, 3), "three of the last eight, not in a row");
    }

    #[test]
    fn a_week_counts_only_whole() {
        assert!(counts_in_week(100, 100));
        assert!(!counts_in_week(101, 100));
    }

    #[test]
    fn the_smallest_share_stands_first_and_those_without_a_target_last() {
        let mut units = [("ít", 5, 10), ("không", 0, 0), ("đủ", 12, 10), ("tệ", 1, 100), ("lớn", 50, 100)];
        units.sort_by_key(|(_, live, target)| behind_key(*live, *target));
        let names: Vec<_> = units.iter().map(|unit| unit.0).collect();
        assert_eq!(names, ["tệ", "lớn", "ít", "đủ", "không"], "of equal shares the one that lacks more");
    }
}
