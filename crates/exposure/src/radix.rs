//! Sorting records of 16 bytes by their leading bits, in the processor's cache.
//!
//! Both lists of the engine are records whose order as numbers is the order wanted: a person's scans by time, an
//! area's visits by start. [`Buckets`] takes records from several threads and keeps them apart by coarse ranges;
//! each bucket is then small enough to be sorted where it lies in the cache. So a province's records are written
//! to memory once and read once, while sorting them whole would go through memory twenty times.

use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroize;

use crate::Error;
use crate::error::with_room;

/// Records a thread holds back for each bucket, so that it writes to memory a page's quarter at a time.
const HELD_BACK: usize = 64;

/// Up to so many records, comparing is quicker than counting.
const SMALL: usize = 96;

/// Records aimed at for each run that counting makes.
const RECORDS_A_RUN: usize = 16;

/// Most bits of one round of counting: the counts (8 KiB) must stay beside the records in the cache.
const BITS_MAX: u32 = 11;

/// Rounds after which what is left is sorted by comparing; only odd distributions get so far.
const ROUNDS_MAX: usize = 4;

/// Records kept apart by bucket. They hold person ids or numbers and are wiped when dropped.
pub(crate) struct Buckets(Vec<Mutex<Vec<u128>>>);

impl Buckets {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::default()).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes a bucket's records out.
    pub(crate) fn take(&self, bucket: usize) -> Vec<u128> {
        std::mem::take(&mut self.lock(bucket))
    }

    fn lock(&self, bucket: usize) -> MutexGuard<'_, Vec<u128>> {
        // A thread that panicked left whole records: they are copied only once there is room.
        self.0[bucket].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Buckets {
    fn drop(&mut self) {
        for bucket in &mut self.0 {
            bucket.get_mut().unwrap_or_else(PoisonError::into_inner).zeroize();
        }
    }
}

/// One thread's way into the buckets.
pub(crate) struct Sink<'a> {
    buckets: &'a Buckets,
    held: Vec<u128>,
    counts: Vec<u8>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(buckets: &'a Buckets) -> Result<Self, Error> {
        let mut held = with_room("records", buckets.len() * HELD_BACK)?;
        held.resize(buckets.len() * HELD_BACK, 0);
        Ok(Self { buckets, held, counts: vec![0; buckets.len()] })
    }

    #[inline]
    pub(crate) fn push(&mut self, bucket: usize, record: u128) -> Result<(), Error> {
        let count = &mut self.counts[bucket];
        self.held[bucket * HELD_BACK + usize::from(*count)] = record;
        *count += 1;
        if usize::from(*count) == HELD_BACK { self.hand_over(bucket) } else { Ok(()) }
    }

    fn hand_over(&mut self, bucket: usize) -> Result<(), Error> {
        let count = usize::from(std::mem::take(&mut self.counts[bucket]));
        let mut kept = self.buckets.lock(bucket);
        kept.try_reserve(count).map_err(|_| Error::Memory { what: "records", count })?;
        kept.extend_from_slice(&self.held[bucket * HELD_BACK..][..count]);
        Ok(())
    }

    /// Hands over what is held back.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        (0..self.buckets.len()).try_for_each(|bucket| self.hand_over(bucket))
    }
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

/// Room to sort in, kept from one bucket to the next and wiped at the end.
#[derive(Default)]
pub(crate) struct Scratch(Vec<u128>);

impl Scratch {
    /// Puts records in order.
    ///
    /// # Errors
    /// [`Error::Memory`] without room for as many again.
    pub(crate) fn sort(&mut self, records: &mut [u128]) -> Result<(), Error> {
        if self.0.len() < records.len() {
            let more = records.len() - self.0.len();
            self.0.try_reserve(more).map_err(|_| Error::Memory { what: "records", count: more })?;
            self.0.resize(records.len(), 0);
        }
        let scratch = &mut self.0[..records.len()];
        sort(records, scratch, ROUNDS_MAX);
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Spreads the records by the leading bits in which they differ, and sorts each run the same way.
fn sort(records: &mut [u128], scratch: &mut [u128], rounds: usize) {
    if records.len() <= SMALL || rounds == 0 {
        return records.sort_unstable();
    }
    let least = records.iter().copied().fold(u128::MAX, u128::min);
    let range = records.iter().copied().fold(0, u128::max) - least;
    let differing = u128::BITS - range.leading_zeros();
    let bits = (records.len() / RECORDS_A_RUN).ilog2().min(BITS_MAX).min(differing);
    let shift = differing - bits;
    if bits == 0 {
        return;
    }
    let run_of = |record: u128| (((record - least) >> shift) as usize) & ((1 << BITS_MAX) - 1);
    let mut next = [0_u32; 1 << BITS_MAX];
    records.iter().for_each(|&record| next[run_of(record)] += 1);
    let mut before = 0;
    for count in &mut next[..1 << bits] {
        before += std::mem::replace(count, before);
    }
    for &record in &*records {
        let place = &mut next[run_of(record)];
        scratch[*place as usize] = record;
        *place += 1;
    }
    records.copy_from_slice(scratch);
    let mut first = 0;
    for &end in &next[..1 << bits] {
        let end = end as usize;
        if end - first > 1 {
            sort(&mut records[first..end], &mut scratch[first..end], rounds - 1);
        }
        first = end;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn records_come_in_order_however_they_are_spread() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        for count in [0, 1, 2, SMALL, SMALL + 1, 3_000, 70_000] {
            for kind in 0..6 {
                let mut record = |number: usize| match kind {
                    0 => random.random(),
                    1 => random.random_range(0..9_u128),
                    2 => number as u128,
                    3 => u128::MAX - number as u128,
                    // Outliers of ever larger size.
                    4 => 1 << (number % 128),
                    _ => u128::from(random.random::<u16>()) << 96 | u128::from(random.random::<u32>()),
                };
                let mut records: Vec<u128> = (0..count).map(&mut record).collect();
                let mut expected = records.clone();
                expected.sort_unstable();
                Scratch::default().sort(&mut records).unwrap();
                assert!(records == expected, "{count} of kind {kind}");
            }
        }
    }

    #[test]
    fn buckets_hold_what_threads_put_in() {
        let buckets = Buckets::new(3);
        crate::threads::share(
            4,
            100,
            || Sink::new(&buckets),
            |sink, turn| {
                (0..1_000).try_for_each(|number| sink.push(number % 3, (turn * 1_000 + number) as u128))?;
                sink.finish()
            },
        )
        .unwrap();
        let mut all: Vec<u128> = (0..3).flat_map(|bucket| buckets.take(bucket)).collect();
        all.sort_unstable();
        assert!(all.iter().copied().eq(0..100_000));
    }
}
