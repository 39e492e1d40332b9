//! Opened scans on their way in, from several threads at once.
//!
//! A scan becomes a record of 16 bytes whose order as a number is that in which the rules want a person's scans:
//! person, second, out before in, area; the assurance stands last, so that of two equal scans the better comes
//! last. Records are kept apart by the leading bits of the person's id, which is random, so the buckets are alike.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::fold::fold_all;
use crate::radix::{Buckets, Sink};
use crate::threads::{THREADS, share};
use crate::{Areas, Error, Limits, OpenedScan, Visits};

/// Most scans of one opening (16 bytes each): two for each visit of a full one.
pub const SCANS_MAX: usize = 2 * crate::VISITS_MAX;

/// Leading bits of a person's id that choose the bucket: those of a province then hold about 300,000 scans each,
/// few enough for the processor's last cache.
const BUCKET_BITS: u32 = 9;

/// A scan as a record.
#[derive(Clone, Copy)]
pub(crate) struct Packed(pub(crate) u128);

impl Packed {
    /// `area` is the area's position in [`Areas::all`].
    fn new(scan: &OpenedScan, area: u32) -> Self {
        let assurance = if scan.late { 0 } else { scan.assurance.min(3) };
        let low = u32::from(!scan.out) << 31 | area << 2 | u32::from(assurance);
        let low = u64::from(scan.captured) << 32 | u64::from(low);
        Self(u128::from(scan.person) << 64 | u128::from(low))
    }

    pub(crate) fn person(self) -> u64 {
        (self.0 >> 64) as u64
    }

    pub(crate) fn captured(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) fn out(self) -> bool {
        self.0 >> 31 & 1 == 0
    }

    pub(crate) fn area(self) -> usize {
        (self.0 as u32 >> 2) as usize & ((1 << 29) - 1)
    }

    pub(crate) fn assurance(self) -> u8 {
        self.0 as u8 & 3
    }

    /// The same person, second, direction and area.
    pub(crate) fn is_again(self, other: Self) -> bool {
        self.0 >> 2 == other.0 >> 2
    }
}

/// Takes the scans of an opening and makes its visits.
///
/// ```
/// use exposure::{AreaFacts, Areas, Gathering, Limits, OpenedScan};
/// let shop =
///     AreaFacts { area_id: 7, place: 1, default_stay_seconds: 3_600, closes_at_second_of_day: None };
/// let areas = Areas::new(vec![shop])?;
/// let gathering = Gathering::new(&areas);
/// std::thread::scope(|scope| {
///     for person in 0..2 {
///         let mut sink = gathering.sink()?;
///         scope.spawn(move || {
///             let arrived =
///                 OpenedScan { person, area_id: 7, out: false, captured: 100, assurance: 3, late: false };
///             sink.add(&[arrived])?;
///             sink.finish()
///         });
///     }
///     Ok::<_, exposure::Error>(())
/// })?;
/// assert_eq!(gathering.visits(&Limits::default())?.len(), 2);
/// # Ok::<_, exposure::Error>(())
/// ```
pub struct Gathering<'a> {
    areas: &'a Areas,
    buckets: Buckets,
    scans: AtomicUsize,
    unknown_area: AtomicUsize,
}

impl<'a> Gathering<'a> {
    /// Begins without scans.
    #[must_use]
    pub fn new(areas: &'a Areas) -> Self {
        let buckets = Buckets::new(1 << BUCKET_BITS);
        Self { areas, buckets, scans: AtomicUsize::new(0), unknown_area: AtomicUsize::new(0) }
    }

    /// A way in for one thread. What it took counts once it is finished.
    ///
    /// # Errors
    /// [`Error::Memory`] without room for half a megabyte.
    pub fn sink(&self) -> Result<ScanSink<'_>, Error> {
        Ok(ScanSink { gathering: self, sink: Sink::new(&self.buckets)? })
    }

    /// Takes a list on several threads and wipes its ids.
    ///
    /// # Errors
    /// Those of [`ScanSink::add`].
    pub fn add_all(&self, mut scans: Vec<OpenedScan>) -> Result<(), Error> {
        let turns: Vec<_> = scans.chunks_mut(SCANS_A_TURN).map(Mutex::new).collect();
        let result = share(
            THREADS,
            turns.len(),
            || self.sink(),
            |sink, turn| {
                // Each turn is taken once.
                let mut scans = turns[turn].lock().unwrap_or_else(PoisonError::into_inner);
                let result = sink.add(&scans);
                wipe(&mut scans);
                result
            },
        );
        if result.is_err() {
            // Some turns were not taken.
            wipe(&mut scans);
        }
        result?.into_iter().try_for_each(ScanSink::finish)
    }

    /// The visits by the rules of [`mod@crate::visits`].
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond `limits.visits_max`, [`Error::Memory`] when there is no room.
    pub fn visits(self, limits: &Limits) -> Result<Visits, Error> {
        let counts = crate::ScanCounts {
            scans: self.scans.load(Ordering::Relaxed),
            unknown_area: self.unknown_area.load(Ordering::Relaxed),
            ..Default::default()
        };
        fold_all(&self.buckets, self.areas, counts, limits)
    }
}

/// Scans a thread takes at a time.
const SCANS_A_TURN: usize = 1 << 16;

/// One thread's way into a [`Gathering`].
pub struct ScanSink<'a> {
    gathering: &'a Gathering<'a>,
    sink: Sink<'a>,
}

impl ScanSink<'_> {
    /// Takes scans, in any order. The caller's copies stay the caller's to wipe.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond [`SCANS_MAX`], [`Error::Memory`] when there is no room.
    pub fn add(&mut self, scans: &[OpenedScan]) -> Result<(), Error> {
        let before = self.gathering.scans.fetch_add(scans.len(), Ordering::Relaxed);
        if before + scans.len() > SCANS_MAX {
            return Err(Error::TooMany { what: "scans", limit: SCANS_MAX });
        }
        let mut unknown = 0;
        for scan in scans {
            let Some(area) = self.gathering.areas.position(scan.area_id) else {
                unknown += 1;
                continue;
            };
            let bucket = (scan.person >> (u64::BITS - BUCKET_BITS)) as usize;
            self.sink.push(bucket, Packed::new(scan, area).0)?;
        }
        self.gathering.unknown_area.fetch_add(unknown, Ordering::Relaxed);
        Ok(())
    }

    /// Hands over the last scans.
    ///
    /// # Errors
    /// [`Error::Memory`] when there is no room.
    pub fn finish(mut self) -> Result<(), Error> {
        self.sink.finish()
    }
}

fn wipe(scans: &mut [OpenedScan]) {
    scans.iter_mut().for_each(|scan| zeroize::Zeroize::zeroize(&mut scan.person));
}
