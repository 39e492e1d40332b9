//! Packing: a closed day's live files become one packed file, and go only when that has been proven to hold them.
//!
//! 1. The writer closes the day's live files ([`Plan`]); a row that still comes goes to a new one.
//! 2. Beside the writer: the rows are read and checked, ordered, written under names that end in `.part`, synced.
//! 3. Still beside it: what was written is read back from the files and compared: number, order, and a sum over
//!    hashes of all rows and ids, taken when the source was read.
//! 4. The writer gives the files their names and syncs the folder. From here on the day is read from the packed file.
//! 5. The sources are deleted.
//!
//! A crash before 4 leaves the sources and a `.part` that the next opening deletes; one after it leaves sources that
//! their names show to be replaced, and the next opening deletes those. A failure before 4 changes nothing, and the
//! day is packed the next time. A source that is damaged is not packed. Nothing is begun without room on the disk for
//! both forms of the day and a reserve.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

use jiff::civil::Date;
use sqlx::Connection;

use super::folder::Kind;
use super::packed::{PackedDay, PackedWriter, failed};
use super::{Folder, IdFile, block, day_file};
use crate::columns::ScanBatch;
use crate::limits::{BATCH_ROWS_MAX, PACK_FREE_BYTES_MIN, PACK_ROWS_MAX};
use crate::{ScanLogError, ScanRow, SealedScan};

/// What is to be packed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) day: Date,
    /// Generation of the packed file that is to be taken in; 0 when there is none.
    pub(super) packed: u32,
    /// Generations of the live files that are to be taken in.
    pub(super) live: Vec<u32>,
    /// Generation of the packed file to be made.
    pub(super) target: u32,
    /// Whether the ids are still needed.
    pub(super) with_ids: bool,
}

/// Files that were made and proven, ready to be named.
pub(crate) struct Proven {
    pub(super) plan: Plan,
    pub(super) ids: Option<IdFile>,
}

/// A day's rows as they are packed.
#[derive(Default)]
struct Rows {
    rows: Vec<(Id, SealedScan)>,
    /// Ids of the packed file that is taken in.
    older_ids: Vec<Id>,
}

type Id = [u8; 16];

/// Number of things and the sum of their hashes: the same for the same things in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    count: u64,
    sum: u128,
}

impl Tally {
    fn add(&mut self, thing: &impl Hash) {
        let mut hasher = DefaultHasher::new();
        thing.hash(&mut hasher);
        self.count += 1;
        self.sum = self.sum.wrapping_add(u128::from(hasher.finish()));
    }

    fn add_row(&mut self, row: &SealedScan) {
        let SealedScan { area_id, kind, captured, token, assurance, epoch, received_at } = row;
        self.add(&(area_id, kind, captured, token, assurance, epoch, received_at));
    }
}

/// Steps 2 and 3; `None` when the day was retired meanwhile. It takes seconds and a processor, and disturbs nobody.
pub(crate) async fn make(folder: &Folder, plan: Plan) -> Result<Option<Proven>, ScanLogError> {
    match try_make(folder, &plan).await {
        Ok(ids) => Ok(Some(Proven { plan, ids })),
        Err(error) => {
            abandon(folder, &plan);
            let files = folder.files_of(plan.day)?;
            let is_there = plan.live.iter().all(|live| files.live.contains(live));
            if is_there { Err(error) } else { Ok(None) }
        }
    }
}

async fn try_make(folder: &Folder, plan: &Plan) -> Result<Option<IdFile>, ScanLogError> {
    let free = folder.free_bytes().map_err(|error| failed(plan.day, &error))?;
    check_room(plan.day, folder.bytes_of(plan.day)?, free)?;
    let mut rows = Rows::default();
    for &generation in &plan.live {
        read_live(folder, plan.day, generation, &mut rows).await?;
    }
    let (there, made) = (folder.clone(), plan.clone());
    let making = tokio::task::spawn_blocking(move || write_and_prove(&there, &made, rows));
    making.await.map_err(|error| ScanLogError::Day { day: plan.day, reason: error.to_string() })?
}

/// Removes files in the making. What can't be removed is removed at the next opening.
pub(super) fn abandon(folder: &Folder, plan: &Plan) {
    for kind in [Kind::Packed, Kind::Ids] {
        let _ = fs::remove_file(folder.part(plan.day, kind, plan.target));
    }
}

/// Refuses when packing a day could fill the disk: scans that arrive need it more. A packed scan and its id take 46
/// bytes, a live one 51, so the new files take no more than the day takes now.
fn check_room(day: Date, taken: u64, free: u64) -> Result<(), ScanLogError> {
    let needed = taken.saturating_add(PACK_FREE_BYTES_MIN);
    if free >= needed {
        return Ok(());
    }
    let reason = format!("packing waits for room on the disk: {free} bytes are free, {needed} are needed");
    Err(ScanLogError::Day { day, reason })
}

async fn read_live(folder: &Folder, day: Date, generation: u32, rows: &mut Rows) -> Result<(), ScanLogError> {
    let path = folder.path(day, Kind::Live, generation);
    let Some(mut connection) = day_file::open_for_reading(&path, day).await? else {
        return Ok(());
    };
    // Memory that is not written to is not taken.
    let bytes = fs::metadata(&path).map_err(|error| failed(day, &error))?.len();
    rows.rows.reserve(
        usize::try_from(bytes).unwrap_or(0).min(PACK_ROWS_MAX * block::ROW_BYTES) / block::ROW_BYTES,
    );
    let mut too_many = false;
    day_file::for_each_block(&mut connection, day, |scans| {
        rows.rows.extend(block::decode(day, scans).map(|row: ScanRow| (row.event_id, SealedScan::from(row))));
        too_many = rows.rows.len() > PACK_ROWS_MAX;
        if too_many { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .await?;
    connection.close().await.map_err(|error| day_file::named(day, error))?;
    if too_many {
        return Err(ScanLogError::Day { day, reason: format!("over {PACK_ROWS_MAX} scans are not packed") });
    }
    Ok(())
}

fn write_and_prove(folder: &Folder, plan: &Plan, mut rows: Rows) -> Result<Option<IdFile>, ScanLogError> {
    let day = plan.day;
    // An append refuses repeats, but could not while a day's ids were unreadable: the first received stays.
    rows.rows.sort_unstable_by_key(|(id, row)| (*id, row.received_at));
    rows.rows.dedup_by_key(|(id, _)| *id);
    let mut with_ids = plan.with_ids;
    if plan.packed > 0 {
        with_ids &= take_in(folder, plan, &mut rows)?;
    }
    let (mut row_tally, mut epochs) = (Tally::default(), BTreeSet::new());
    for (_, row) in &rows.rows {
        row_tally.add_row(row);
        epochs.insert(row.epoch);
    }
    let ids = if with_ids { Some(write_ids(folder, plan, &rows)?) } else { None };
    rows.rows.sort_unstable_by_key(|(_, row)| order(row));
    let path = folder.part(day, Kind::Packed, plan.target);
    write_rows(&path, day, epochs.iter().copied().collect(), &rows.rows)
        .map_err(|error| failed(day, &error))?;
    drop(rows);
    let proven = PackedDay::open(&path, day)?;
    let epochs_same = proven.index.epochs.iter().eq(&epochs);
    if tally_of(&proven)? != Some(row_tally) || !epochs_same || proven.index.rows != row_tally.count {
        return Err(ScanLogError::damaged(day, "what was packed is not what was read"));
    }
    Ok(ids)
}

/// By area and captured time; the rest only makes the order certain.
fn order(row: &SealedScan) -> (u32, u32, i64, [u8; 16]) {
    (row.area_id, row.captured, row.received_at, row.token)
}

/// Adds the rows of an earlier packed file; false when its ids are gone, or damaged.
fn take_in(folder: &Folder, plan: &Plan, rows: &mut Rows) -> Result<bool, ScanLogError> {
    let day = plan.day;
    let older = PackedDay::open(&folder.path(day, Kind::Packed, plan.packed), day)?;
    let older_ids = read_older_ids(folder, plan)?;
    let has_ids = older_ids.is_some();
    if let Some(ids) = older_ids {
        rows.older_ids = ids;
        let known = &rows.older_ids;
        rows.rows.retain(|(id, _)| known.binary_search(id).is_err());
    }
    if older.index.rows + rows.rows.len() as u64 > PACK_ROWS_MAX as u64 {
        return Err(ScanLogError::Day { day, reason: format!("over {PACK_ROWS_MAX} scans are not packed") });
    }
    for number in 0..older.batches() {
        // The ids of these stand in `older_ids`; nothing looks at those beside the rows any more.
        rows.rows.extend(older.read(number)?.rows().map(|row| ([0; 16], row)));
    }
    Ok(has_ids)
}

/// The ids of an earlier packed file, in order. Ids that are damaged will be no better the next time, and the scans
/// are worth more: the day is packed without any. A failure to read is an error, and may pass.
fn read_older_ids(folder: &Folder, plan: &Plan) -> Result<Option<Vec<Id>>, ScanLogError> {
    let path = folder.path(plan.day, Kind::Ids, plan.packed);
    if !path.exists() {
        return Ok(None);
    }
    let mut ids = Vec::new();
    match IdFile::open(&path, plan.day)
        .and_then(|file| file.for_each_page(|page| ids.extend_from_slice(page)))
    {
        Ok(()) => Ok(Some(ids)),
        Err(error @ ScanLogError::Damaged { .. }) => {
            tracing::error!(%error, "the day is packed without its event ids: repeats of its scans are stored again");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn write_ids(folder: &Folder, plan: &Plan, rows: &Rows) -> Result<IdFile, ScanLogError> {
    let day = plan.day;
    let fresh = rows.rows.len() - rows.older_ids.len().min(rows.rows.len());
    let mut ids: Vec<Id> = rows.rows[..fresh].iter().map(|(id, _)| *id).collect();
    ids.extend_from_slice(&rows.older_ids);
    ids.sort_unstable();
    let path = folder.part(day, Kind::Ids, plan.target);
    IdFile::write(&path, day, &ids).map_err(|error| failed(day, &error))?;
    let (mut expected, mut found, mut rising, mut last) = (Tally::default(), Tally::default(), true, None);
    ids.iter().for_each(|id| expected.add(id));
    let file = IdFile::open(&path, day)?;
    file.for_each_page(|page| {
        for id in page {
            found.add(id);
            rising &= last < Some(*id);
            last = Some(*id);
        }
    })?;
    let rows = rows.rows.len() as u64;
    if found != expected || !rising || file.len() != rows || found.count != rows {
        return Err(ScanLogError::damaged(day, "the event ids packed are not those that were read"));
    }
    Ok(file)
}

fn write_rows(
    path: &std::path::Path,
    day: Date,
    epochs: Vec<u32>,
    rows: &[(Id, SealedScan)],
) -> std::io::Result<()> {
    let mut writer = PackedWriter::create(path, day, epochs)?;
    let mut batch = Vec::with_capacity(BATCH_ROWS_MAX.min(rows.len()));
    for rows in rows.chunks(BATCH_ROWS_MAX) {
        batch.clear();
        batch.extend(rows.iter().map(|(_, row)| *row));
        writer.write(&ScanBatch::of(day, &batch))?;
    }
    writer.finish()
}

/// What a packed file holds; `None` when its rows are not in order.
fn tally_of(packed: &PackedDay) -> Result<Option<Tally>, ScanLogError> {
    let (mut tally, mut last) = (Tally::default(), None);
    for number in 0..packed.batches() {
        for row in packed.read(number)?.rows() {
            let place = Some((row.area_id, row.captured));
            if last > place {
                return Ok(None);
            }
            last = place;
            tally.add_row(&row);
        }
    }
    Ok(Some(tally))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_packed_only_with_room_for_it_and_a_reserve() {
        let day = jiff::civil::date(2026, 11, 23);
        assert_eq!(check_room(day, 1_000, PACK_FREE_BYTES_MIN + 1_000), Ok(()));
        for (taken, free) in [(1_000, PACK_FREE_BYTES_MIN + 999), (0, 0), (u64::MAX, u64::MAX - 1)] {
            let refused = check_room(day, taken, free);
            assert!(matches!(refused, Err(ScanLogError::Day { day: of, .. }) if of == day), "{taken} {free}");
        }
    }
}
