//! Randomness with nothing left to the platform or to another crate's choice of algorithm.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A reproducible source of choices.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Dice of a seed; each `stream` is independent, so that one part of the world can grow without
    /// changing another.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number in `0..n`; 0 when `n` is 0. Multiply-shift: its bias is below 2⁻²⁰ for any `n` used here.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// A number in `from..=to`; `from` when the range is empty.
    pub(crate) fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number in `[0, 2)` around 1, likelier near the middle (the sum of two units).
    pub(crate) fn around_one(&mut self) -> f64 {
        self.unit() + self.unit()
    }

    /// One of the items, `None` of none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len() as u32) as usize)
    }

    /// How many of `tries` succeed, with this mean: a bell-shaped count without logarithms.
    pub(crate) fn count_of_mean(&mut self, mean: f64, tries: u32) -> u32 {
        let probability = mean / f64::from(tries);
        (0..tries).map(|_| u32::from(self.chance(probability))).sum()
    }
}

/// Items to draw with unequal weights.
#[derive(Debug, Clone)]
pub(crate) struct Weighted<T> {
    items: Vec<T>,
    /// Running totals of the weights.
    totals: Vec<f64>,
}

impl<T> Default for Weighted<T> {
    fn default() -> Self {
        Self { items: Vec::new(), totals: Vec::new() }
    }
}

impl<T> Weighted<T> {
    /// Adds an item; a weight that is not above 0 leaves it out.
    pub(crate) fn push(&mut self, item: T, weight: f64) {
        if weight > 0.0 {
            self.totals.push(self.totals.last().copied().unwrap_or(0.0) + weight);
            self.items.push(item);
        }
    }

    /// Draws one; `None` of none.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Option<&T> {
        let goal = dice.unit() * self.totals.last()?;
        let at = self.totals.partition_point(|total| *total <= goal);
        self.items.get(at.min(self.items.len() - 1))
    }
}

impl<T> FromIterator<(T, f64)> for Weighted<T> {
    fn from_iter<I: IntoIterator<Item = (T, f64)>>(pairs: I) -> Self {
        let mut list = Self::default();
        for (item, weight) in pairs {
            list.push(item, weight);
        }
        list
    }
}
