//! What changed since an officer last looked: counts of two sittings compared.
//!
//! Looks close together are one sitting, so that opening the page again does not wipe out what is new.

use std::collections::BTreeMap;

use crate::time::Millis;

/// Looks less than this apart belong to one sitting.
pub const SITTING_MS: Millis = 30 * 60_000;
/// Kinds of counts kept, so that a stored look stays small.
pub const KINDS_MAX: usize = 100;

/// Counts by kind, as they stood at one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Millis,
    /// Count of each kind.
    pub counts: BTreeMap<String, i64>,
}

/// The last look of the sitting before, and the latest of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    /// What changes are counted from.
    pub before: Look,
    /// The latest look.
    pub latest: Look,
}

impl Looks {
    /// The looks after one more.
    #[must_use]
    pub fn and_then(self, now: Look) -> Self {
        let same_sitting = now.at - self.latest.at < SITTING_MS;
        let before = if same_sitting { self.before } else { self.latest };
        let counts = now.counts.into_iter().take(KINDS_MAX).collect();
        Self { before, latest: Look { at: now.at, counts } }
    }

    /// How a kind changed since the sitting before; nothing on the first sitting or without a change.
    #[must_use]
    pub fn change(&self, kind: &str) -> Option<i64> {
        if self.before.at == 0 {
            return None;
        }
        let count = |look: &Look| look.counts.get(kind).copied().unwrap_or(0);
        Some(count(&self.latest) - count(&self.before)).filter(|change| *change != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(at: Millis, silent: i64) -> Look {
        Look { at, counts: BTreeMap::from([("silent".to_owned(), silent)]) }
    }

    #[test]
    fn the_first_sitting_has_nothing_to_compare_with() {
        let looks = Looks::default().and_then(look(10 * SITTING_MS, 5));
        assert_eq!(looks.change("silent"), None);
        let again = looks.and_then(look(10 * SITTING_MS + 1, 6));
        assert_eq!(again.change("silent"), None);
    }

    #[test]
    fn looking_again_soon_keeps_what_is_new() {
        let first = Looks::default().and_then(look(10 * SITTING_MS, 5));
        let next_day = first.and_then(look(20 * SITTING_MS, 8));
        assert_eq!(next_day.change("silent"), Some(3));
        let reloaded = next_day.and_then(look(20 * SITTING_MS + 60_000, 8));
        assert_eq!(reloaded.change("silent"), Some(3));
        assert_eq!(reloaded.before.at, 10 * SITTING_MS);
        assert_eq!(reloaded.clone().and_then(look(30 * SITTING_MS, 8)).change("silent"), None);
    }

    #[test]
    fn a_kind_that_went_is_a_change() {
        let first = Looks::default().and_then(look(10 * SITTING_MS, 5));
        let gone = first.and_then(Look { at: 20 * SITTING_MS, counts: BTreeMap::new() });
        assert_eq!(gone.change("silent"), Some(-5));
    }
}
