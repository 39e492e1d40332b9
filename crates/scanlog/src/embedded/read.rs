//! Reading: each day's files by handles of their own, beside the writer.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::civil::Date;
use sqlx::{Connection, SqliteConnection};

use super::folder::Kind;
use super::packed::PackedDay;
use super::{Folder, IdFile, block, day_file};
use crate::chunks::Chunks;
use crate::columns::ScanBatch;
use crate::{ScanLogError, SealedScan};

/// Reads days of a folder.
pub(crate) struct Reader {
    pub folder: Folder,
}

/// A day's files, opened at one moment: whatever is packed or deleted meanwhile, they stay as they are.
struct OpenDay {
    day: Date,
    packed: Option<Arc<PackedDay>>,
    live: Vec<SqliteConnection>,
}

/// A record batch of a packed day, to be read by whoever comes first.
#[derive(Clone)]
pub(crate) struct PackedBatch {
    day: Arc<PackedDay>,
    number: usize,
}

impl PackedBatch {
    /// Reads the batch. It blocks.
    pub(crate) fn read(&self) -> Result<ScanBatch, ScanLogError> {
        self.day.read(self.number)
    }
}

impl Reader {
    /// The days that are kept, in order.
    pub(crate) async fn days(&self) -> Result<Vec<Date>, ScanLogError> {
        let _names = self.folder.names.read().await;
        self.folder.days()
    }

    /// Pushes a day's rows: those packed by area and captured time, then the others in the order they were
    /// committed. `Break` when the sink has had enough.
    pub(crate) async fn read_day(
        &self,
        day: Date,
        areas: Option<&[u32]>,
        chunks: &mut Chunks<'_>,
    ) -> Result<ControlFlow<()>, ScanLogError> {
        let open = self.open_day(day).await?;
        for batch in open.packed_batches(areas) {
            let read = tokio::task::spawn_blocking(move || batch.read()).await;
            let batch = read.map_err(|error| ScanLogError::Day { day, reason: error.to_string() })??;
            if batch.rows().try_for_each(|row| chunks.push_sealed(row)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        open.read_live(|row| chunks.push_sealed(row)).await
    }

    /// Gives a day's rows for work in parallel: the packed ones as batches that are still to be read, the others
    /// as they come.
    pub(crate) async fn find_batches(
        &self,
        day: Date,
        packed: &mut Vec<PackedBatch>,
        live: impl FnMut(SealedScan) -> ControlFlow<()> + Send,
    ) -> Result<ControlFlow<()>, ScanLogError> {
        let open = self.open_day(day).await?;
        packed.extend(open.packed_batches(None));
        open.read_live(live).await
    }

    /// Pushes a day's event ids, as far as they are still kept, in no order that means anything.
    pub(crate) async fn read_ids(
        &self,
        day: Date,
        chunks: &mut Chunks<'_>,
    ) -> Result<ControlFlow<()>, ScanLogError> {
        let (ids, mut open) = {
            let _names = self.folder.names.read().await;
            let packed = self.folder.files_of(day)?.packed;
            let path = self.folder.path(day, Kind::Ids, packed);
            let ids = if packed > 0 && path.exists() { Some(IdFile::open(&path, day)?) } else { None };
            (ids, self.open_files(day).await?)
        };
        let mut flow = ControlFlow::Continue(());
        if let Some(ids) = ids {
            ids.for_each_page(|page| {
                if flow.is_continue() {
                    flow = page.iter().try_for_each(|&id| chunks.push_id(id));
                }
            })?;
        }
        for connection in &mut open.live {
            if flow.is_continue() {
                day_file::for_each_block(connection, day, |scans| {
                    flow = block::ids(scans).try_for_each(|id| chunks.push_id(id));
                    flow
                })
                .await?;
            }
        }
        open.close().await?;
        Ok(flow)
    }

    /// The epochs of a day's rows, in order.
    pub(crate) async fn epochs(&self, day: Date) -> Result<Vec<u32>, ScanLogError> {
        let mut open = self.open_day(day).await?;
        let mut epochs: BTreeSet<u32> = BTreeSet::new();
        if let Some(packed) = &open.packed {
            epochs.extend(&packed.index.epochs);
        }
        for connection in &mut open.live {
            let found: Vec<i64> = sqlx::query_scalar("SELECT epoch FROM epochs")
                .fetch_all(connection)
                .await
                .map_err(|error| day_file::named(day, error))?;
            for epoch in found {
                let epoch = u32::try_from(epoch);
                epochs.insert(epoch.map_err(|_| ScanLogError::damaged(day, "an epoch is out of range"))?);
            }
        }
        open.close().await?;
        Ok(epochs.into_iter().collect())
    }

    async fn open_day(&self, day: Date) -> Result<OpenDay, ScanLogError> {
        let _names = self.folder.names.read().await;
        self.open_files(day).await
    }

    /// Opens what a day consists of; the caller keeps the names from changing.
    async fn open_files(&self, day: Date) -> Result<OpenDay, ScanLogError> {
        let files = self.folder.files_of(day)?;
        let mut open = OpenDay { day, packed: None, live: Vec::new() };
        if files.packed > 0 {
            let path = self.folder.path(day, Kind::Packed, files.packed);
            open.packed = Some(Arc::new(PackedDay::open(&path, day)?));
        }
        for generation in files.live {
            let path = self.folder.path(day, Kind::Live, generation);
            open.live.extend(day_file::open_for_reading(&path, day).await?);
        }
        Ok(open)
    }
}

impl OpenDay {
    /// The packed batches that may hold rows of some areas, or all.
    fn packed_batches(&self, areas: Option<&[u32]>) -> Vec<PackedBatch> {
        let Some(day) = &self.packed else { return Vec::new() };
        let sorted = areas.map(|areas| {
            let mut areas = areas.to_vec();
            areas.sort_unstable();
            areas
        });
        let wanted =
            |number: &usize| sorted.as_ref().is_none_or(|areas| day.index.batches[*number].may_hold(areas));
        let batches = (0..day.batches()).filter(wanted);
        batches.map(|number| PackedBatch { day: Arc::clone(day), number }).collect()
    }

    async fn read_live(
        mut self,
        mut take: impl FnMut(SealedScan) -> ControlFlow<()> + Send,
    ) -> Result<ControlFlow<()>, ScanLogError> {
        let (day, mut flow) = (self.day, ControlFlow::Continue(()));
        for connection in &mut self.live {
            if flow.is_continue() {
                day_file::for_each_block(connection, day, |scans| {
                    flow = block::decode(day, scans).try_for_each(|row| take(row.into()));
                    flow
                })
                .await?;
            }
        }
        self.close().await?;
        Ok(flow)
    }

    async fn close(self) -> Result<(), ScanLogError> {
        for connection in self.live {
            connection.close().await.map_err(|error| day_file::named(self.day, error))?;
        }
        Ok(())
    }
}
