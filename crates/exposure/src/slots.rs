//! From an area's id to its position in a sorted list, quickly.

/// Ids below this are looked up in a table of four bytes an id (16 MiB at most); larger ones by halving.
const DENSE_IDS_MAX: u32 = 1 << 22;

/// Marks an id of the table that no area has.
const NOBODY: u32 = u32::MAX;

/// The position of each area id in the list it was made from.
pub(crate) struct Slots {
    dense: Vec<u32>,
    sparse: Vec<(u32, u32)>,
}

impl Slots {
    /// Numbers the ids by their order; a repeated id keeps its last position.
    pub(crate) fn new(ids: impl Iterator<Item = u32>) -> Self {
        let mut sparse: Vec<(u32, u32)> = ids.zip(0_u32..).collect();
        sparse.sort_unstable();
        let largest = sparse.last().map_or(0, |last| last.0);
        if largest >= DENSE_IDS_MAX {
            return Self { dense: Vec::new(), sparse };
        }
        let mut dense = vec![NOBODY; largest as usize + 1];
        for (id, slot) in sparse {
            dense[id as usize] = slot;
        }
        Self { dense, sparse: Vec::new() }
    }

    /// The position of an id, or `None` for one that is not in the list.
    pub(crate) fn of(&self, id: u32) -> Option<u32> {
        if let Some(&slot) = self.dense.get(id as usize) {
            return (slot != NOBODY).then_some(slot);
        }
        let at = self.sparse.binary_search_by_key(&id, |pair| pair.0).ok()?;
        Some(self.sparse[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_ids_are_found_and_others_are_not() {
        for largest in [9, DENSE_IDS_MAX - 1, DENSE_IDS_MAX, (1 << 31) - 1] {
            let slots = Slots::new([5, largest, 0].into_iter());
            assert_eq!(slots.of(5), Some(0));
            assert_eq!(slots.of(largest), Some(1));
            assert_eq!(slots.of(0), Some(2));
            assert_eq!(slots.of(6), None);
            assert_eq!(slots.of(u32::MAX), None);
        }
        assert_eq!(Slots::new(std::iter::empty()).of(0), None);
    }
}
