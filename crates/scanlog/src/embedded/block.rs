//! A block: the scans of one commit, 48 bytes each, under one CRC-32.
//!
//! SQLite checks the shape of its pages but not what they hold; the checksum finds what a disk has changed.
//!
//! | bytes | holds (integers little-endian) |
//! | --- | --- |
//! | 0..16 | event id |
//! | 16..32 | token |
//! | 32..36 | kind in the highest bit (1 is out), area in the others |
//! | 36..40 | captured, in seconds since 2020 |
//! | 40..44 | epoch |
//! | 44..48 | assurance in the two highest bits, milliseconds since local midnight in the others |

use domain::time::{DAY_MS, Millis, day_start};
use jiff::civil::Date;

use crate::row::AREA_ID_MAX;
use crate::{ScanKind, ScanRow};

/// Bytes of one scan.
pub(super) const ROW_BYTES: usize = 48;

const OUT_BIT: u32 = 1 << 31;
const ASSURANCE_SHIFT: u32 = 30;
const MS_MASK: u32 = (1 << ASSURANCE_SHIFT) - 1;

/// Appends one row to a block of the day that begins at `midnight`.
pub(super) fn encode(midnight: Millis, row: &ScanRow, block: &mut Vec<u8>) {
    let kind = match row.kind {
        ScanKind::In => 0,
        ScanKind::Out => OUT_BIT,
    };
    let ms = u32::try_from((row.received_at - midnight).clamp(0, DAY_MS - 1)).unwrap_or(0);
    block.extend_from_slice(&row.event_id);
    block.extend_from_slice(&row.token);
    for word in
        [row.area_id | kind, row.captured, row.epoch, ms | u32::from(row.assurance) << ASSURANCE_SHIFT]
    {
        block.extend_from_slice(&word.to_le_bytes());
    }
}

/// The rows of a block, in the order they were written.
pub(super) fn decode(day: Date, block: &[u8]) -> impl Iterator<Item = ScanRow> {
    let midnight = day_start(day);
    let (rows, _) = block.as_chunks::<ROW_BYTES>();
    rows.iter().map(move |bytes| decode_row(midnight, bytes))
}

fn decode_row(midnight: Millis, bytes: &[u8; ROW_BYTES]) -> ScanRow {
    let (words, _) = bytes.as_chunks::<4>();
    let word = |index: usize| u32::from_le_bytes(words[index]);
    let (ids, _) = bytes.as_chunks::<16>();
    let (place, arrival) = (word(8), word(11));
    ScanRow {
        event_id: ids[0],
        token: ids[1],
        area_id: place & AREA_ID_MAX,
        kind: if place & OUT_BIT == 0 { ScanKind::In } else { ScanKind::Out },
        captured: word(9),
        epoch: word(10),
        assurance: (arrival >> ASSURANCE_SHIFT) as u8,
        received_at: midnight + i64::from(arrival & MS_MASK),
    }
}

/// The event ids alone.
pub(super) fn ids(block: &[u8]) -> impl Iterator<Item = [u8; 16]> {
    let (rows, _) = block.as_chunks::<ROW_BYTES>();
    rows.iter().map(|row| row.as_chunks::<16>().0[0])
}

/// The checksum as SQLite keeps it: signed, so that it takes four bytes.
pub(super) fn checksum(block: &[u8]) -> i64 {
    i64::from(crc32fast::hash(block).cast_signed())
}

/// What is wrong with a stored block, if anything.
pub(super) fn fault(stored_checksum: i64, block: &[u8]) -> Option<&'static str> {
    if block.is_empty() || !block.len().is_multiple_of(ROW_BYTES) {
        Some("a block is not made of whole scans")
    } else if checksum(block) != stored_checksum {
        Some("a block does not match its checksum")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_come_back_as_they_were(
            event_id: [u8; 16], token: [u8; 16], area_id in 0..=AREA_ID_MAX, out: bool, captured: u32,
            assurance in 0u8..=3, epoch: u32, ms in 0..DAY_MS,
        ) {
            let day = date(2026, 11, 23);
            let kind = if out { ScanKind::Out } else { ScanKind::In };
            let received_at = day_start(day) + ms;
            let row = ScanRow { event_id, area_id, kind, captured, token, assurance, epoch, received_at };
            let mut block = Vec::new();
            encode(day_start(day), &row, &mut block);
            prop_assert_eq!(block.len(), ROW_BYTES);
            prop_assert_eq!(decode(day, &block).collect::<Vec<_>>(), vec![row]);
            prop_assert_eq!(ids(&block).collect::<Vec<_>>(), vec![event_id]);
        }

        #[test]
        fn any_changed_bit_is_found(block in prop::collection::vec(any::<u8>(), ROW_BYTES), bit in 0..ROW_BYTES * 8) {
            let sum = checksum(&block);
            prop_assert_eq!(fault(sum, &block), None);
            let mut changed = block.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(fault(sum, &changed).is_some());
            prop_assert!(fault(sum, &block[..ROW_BYTES - 1]).is_some());
        }
    }
}
