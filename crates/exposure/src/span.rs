//! A half-open interval of time.

use domain::time::Seconds2020;

/// The instants from `from` (included) until `until` (not included).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First second inside.
    pub from: Seconds2020,
    /// First second after.
    pub until: Seconds2020,
}

impl Span {
    /// All of time, for questions without a window.
    pub const ALWAYS: Self = Self { from: 0, until: Seconds2020::MAX };

    /// An interval, or `None` when it would be empty.
    #[must_use]
    pub fn new(from: Seconds2020, until: Seconds2020) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// What two intervals have in common; `None` when they only touch or lie apart.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.until.min(other.until))
    }

    /// Without its last seconds; `None` when nothing is left.
    pub(crate) fn trimmed(self, seconds: u32) -> Option<Self> {
        Self::new(self.from, self.until.saturating_sub(seconds))
    }

    /// Its length in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.until.saturating_sub(self.from)
    }
}

/// Seconds covered by at least one of the spans, which must come in order of `from`.
pub(crate) fn covered_seconds(spans: impl Iterator<Item = Span>) -> u32 {
    let mut covered = 0;
    let mut end = 0;
    for span in spans {
        covered += span.until.saturating_sub(span.from.max(end));
        end = end.max(span.until);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: u32, until: u32) -> Span {
        Span { from, until }
    }

    #[test]
    fn touching_intervals_have_nothing_in_common() {
        assert_eq!(span(10, 20).common(span(20, 30)), None);
        assert_eq!(span(10, 20).common(span(19, 30)), Some(span(19, 20)));
        assert_eq!(Span::new(5, 5), None);
        assert_eq!(Span::new(6, 5), None);
    }

    #[test]
    fn covered_seconds_count_each_second_once() {
        assert_eq!(covered_seconds([].into_iter()), 0);
        assert_eq!(covered_seconds([span(0, 10), span(2, 5), span(8, 12), span(20, 21)].into_iter()), 13);
        assert_eq!(covered_seconds([span(3, 4), span(3, 4)].into_iter()), 1);
    }
}
