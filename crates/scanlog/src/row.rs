//! One scan as the log keeps it, and what the log answers about it.

use std::fmt;

use domain::time::{DAY_MS, EPOCH_2020_S, LOCAL_OFFSET_MS, Millis, Seconds2020, local_date};
use jiff::civil::Date;

use crate::ScanLogError;

/// Largest area number: 31 bits, because a token spends the 32nd on the kind.
pub const AREA_ID_MAX: u32 = (1 << 31) - 1;

/// Largest assurance (A3: an enrolled gate scanned a personal code).
pub const ASSURANCE_MAX: u8 = 3;

/// The last second that fits [`Seconds2020`], as an instant; arrivals lie between 2020 and it.
const RECEIVED_AT_MAX: Millis = (EPOCH_2020_S + u32::MAX as i64) * 1000;

/// Direction of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScanKind {
    /// The person came in.
    In,
    /// The person left.
    Out,
}

/// A scan as it is appended. Its token can be read only with the key of its epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ScanRow {
    /// Made by the device; the same event sent twice carries the same id.
    pub event_id: [u8; 16],
    /// The area scanned, up to [`AREA_ID_MAX`].
    pub area_id: u32,
    /// In or out.
    pub kind: ScanKind,
    /// When the code was read, by the device's corrected clock.
    pub captured: Seconds2020,
    /// The sealed person, area, kind and time: one AES block.
    pub token: [u8; 16],
    /// How far the scan can be trusted, 0 to [`ASSURANCE_MAX`].
    pub assurance: u8,
    /// The epoch whose key made the token.
    pub epoch: u32,
    /// When the server took the scan; its local day is the arrival day.
    pub received_at: Millis,
}

impl ScanRow {
    /// The local day (UTC+7) on which the scan arrived: the day it is kept and retired with.
    #[must_use]
    pub fn arrival_on(&self) -> Date {
        local_date(self.received_at)
    }

    /// The number of the local day (days since 1970-01-01) on which the code was read.
    #[must_use]
    pub fn event_day(&self) -> i64 {
        event_day(self.captured)
    }

    /// Refuses values that the stored form has no room for; `index` is the row's place in its append.
    pub(crate) fn check(&self, index: usize) -> Result<(), ScanLogError> {
        let bad = |field| Err(ScanLogError::BadRow { index, field });
        if self.area_id > AREA_ID_MAX {
            return bad("area_id");
        }
        if self.assurance > ASSURANCE_MAX {
            return bad("assurance");
        }
        if !(EPOCH_2020_S * 1000..=RECEIVED_AT_MAX).contains(&self.received_at) {
            return bad("received_at");
        }
        Ok(())
    }
}

/// A scan as it is read: without the event id, which is kept only as long as repeats are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealedScan {
    /// The area scanned, up to [`AREA_ID_MAX`].
    pub area_id: u32,
    /// In or out.
    pub kind: ScanKind,
    /// When the code was read, by the device's corrected clock.
    pub captured: Seconds2020,
    /// The sealed person, area, kind and time: one AES block.
    pub token: [u8; 16],
    /// How far the scan can be trusted, 0 to [`ASSURANCE_MAX`].
    pub assurance: u8,
    /// The epoch whose key made the token.
    pub epoch: u32,
    /// When the server took the scan; its local day is the arrival day.
    pub received_at: Millis,
}

impl SealedScan {
    /// The local day (UTC+7) on which the scan arrived: the day it is kept and retired with.
    #[must_use]
    pub fn arrival_on(&self) -> Date {
        local_date(self.received_at)
    }

    /// The number of the local day (days since 1970-01-01) on which the code was read.
    #[must_use]
    pub fn event_day(&self) -> i64 {
        event_day(self.captured)
    }
}

/// The number of the local day in which a second lies.
pub(crate) fn event_day(captured: Seconds2020) -> i64 {
    let local_s = i64::from(captured) + EPOCH_2020_S + LOCAL_OFFSET_MS / 1000;
    local_s.div_euclid(DAY_MS / 1000)
}

impl From<ScanRow> for SealedScan {
    fn from(row: ScanRow) -> Self {
        Self {
            area_id: row.area_id,
            kind: row.kind,
            captured: row.captured,
            token: row.token,
            assurance: row.assurance,
            epoch: row.epoch,
            received_at: row.received_at,
        }
    }
}

/// The token may not reach a log, so it is not printed.
impl fmt::Debug for SealedScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedScan")
            .field("area_id", &self.area_id)
            .field("kind", &self.kind)
            .field("captured", &self.captured)
            .field("assurance", &self.assurance)
            .field("epoch", &self.epoch)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// Neither the id nor the token may reach a log, so neither is printed.
impl fmt::Debug for ScanRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanRow")
            .field("area_id", &self.area_id)
            .field("kind", &self.kind)
            .field("captured", &self.captured)
            .field("assurance", &self.assurance)
            .field("epoch", &self.epoch)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// What became of an appended scan. Both mean that it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Written by this append.
    Stored,
    /// The same event id had been stored before; nothing was written.
    Duplicate,
}

/// How many scans an area had on one event day, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// Local day of the scans themselves, in days since 1970-01-01.
    pub event_day: i64,
    /// The area.
    pub area_id: u32,
    /// In or out.
    pub kind: ScanKind,
    /// Number of scans, each event counted once.
    pub scans: i64,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn row() -> ScanRow {
        ScanRow {
            event_id: *b"id-not-for-a-log",
            area_id: 7,
            kind: ScanKind::In,
            captured: 17 * 3600 - 1,
            token: *b"never-print-this",
            assurance: 3,
            epoch: 1,
            received_at: (EPOCH_2020_S + 17 * 3600) * 1000,
        }
    }

    #[test]
    fn days_turn_at_midnight_in_the_province() {
        let before = row();
        let after = ScanRow { captured: before.captured + 1, ..before };
        assert_eq!(after.event_day(), before.event_day() + 1);
        assert_eq!(before.event_day(), domain::time::day_number(jiff::civil::date(2020, 1, 1)));
        assert_eq!(before.arrival_on(), jiff::civil::date(2020, 1, 2));
    }

    #[test]
    fn debug_shows_neither_id_nor_token() {
        let text = format!("{:?}", row());
        for secret in ["id-not", "never", &format!("{:?}", row().token), &format!("{:?}", row().event_id)] {
            assert!(!text.contains(secret), "{text}");
        }
        let text = format!("{:?}", SealedScan::from(row()));
        assert!(!text.contains("never") && !text.contains(&format!("{:?}", row().token)), "{text}");
    }

    #[test]
    fn rows_that_do_not_fit_are_named() {
        assert!(row().check(0).is_ok());
        let bad = [
            ("area_id", ScanRow { area_id: AREA_ID_MAX + 1, ..row() }),
            ("assurance", ScanRow { assurance: 4, ..row() }),
            ("received_at", ScanRow { received_at: -1, ..row() }),
            ("received_at", ScanRow { received_at: i64::MAX, ..row() }),
        ];
        for (name, row) in bad {
            let error = row.check(5).unwrap_err();
            assert_eq!(error, ScanLogError::BadRow { index: 5, field: name });
        }
    }
}
