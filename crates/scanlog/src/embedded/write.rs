//! Writing: one block per commit, exactly once per event id.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;

use domain::time::{day_number, day_start};
use jiff::civil::Date;
use sqlx::{Connection, SqliteConnection};

use super::folder::{DayFiles, Kind};
use super::pack::{Plan, Proven, abandon};
use super::packed::failed;
use super::{Folder, IdFile, block, day_file};
use crate::limits::OPEN_DAYS_MAX;
use crate::recent::{DayIds, RecentIds, SLACK_DAYS};
use crate::writer::Failure;
use crate::{Appended, ScanLogError, ScanRow};

const INSERT_BLOCK: &str = "INSERT INTO blocks (checksum, scans) VALUES ($1, $2)";

/// The only one that writes into the folder.
pub(crate) struct Writer {
    folder: Folder,
    recent: RecentIds,
    window_days: i64,
    /// The least generation that rows of a day may be appended to: those below it are being packed, or were. It
    /// outlives the day's retirement, so that a packing under way never takes later rows for its sources.
    closed_below: HashMap<Date, u32>,
    /// Files in use, the latest used last.
    open: Vec<OpenDay>,
    /// Keeps other processes out for as long as this one may write.
    _lock: File,
}

struct OpenDay {
    day: Date,
    connection: SqliteConnection,
    /// Epochs that stand in the file already.
    epochs: HashSet<u32>,
}

impl Writer {
    /// Reads the ids of the recent days. A day that can't be read is reported and left alone.
    pub(crate) async fn new(folder: Folder, lock: File, recent_days: u16) -> Result<Self, ScanLogError> {
        let recent = RecentIds::new(recent_days);
        let window_days = i64::from(recent_days);
        let closed_below = HashMap::new();
        let mut writer = Self { folder, recent, window_days, closed_below, open: Vec::new(), _lock: lock };
        if let Some(&newest) = writer.folder.days()?.last() {
            writer.load_around(newest).await?;
        }
        Ok(writer)
    }

    /// Stores a day's rows in one transaction and says which were new.
    pub(crate) async fn write_day(&mut self, day: Date, rows: &[&ScanRow]) -> Result<Vec<Appended>, Failure> {
        self.load_around(day).await.map_err(|error| Failure::Stop(error.to_string()))?;
        let index = self.open_day(day).await?;
        let midnight = day_start(day);
        let mut scans = Vec::with_capacity(rows.len() * block::ROW_BYTES);
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut epochs = HashSet::new();
        for row in rows {
            if self.recent.insert(day, row.event_id) {
                block::encode(midnight, row, &mut scans);
                epochs.insert(row.epoch);
                outcomes.push(Appended::Stored);
            } else {
                outcomes.push(Appended::Duplicate);
            }
        }
        if !scans.is_empty() {
            // The ids just remembered may be wrong after a failure; the writer stops, so nobody asks them again.
            let written = self.open[index].write(&epochs, scans).await;
            written.map_err(|error| Failure::Stop(error.to_string()))?;
        }
        Ok(outcomes)
    }

    /// Deletes the files of all days before a date.
    pub(crate) async fn retire_before(&mut self, before: Date) -> Result<Vec<Date>, ScanLogError> {
        let mut retired = Vec::new();
        for day in self.folder.days()?.into_iter().filter(|&day| day < before) {
            self.close_day(day).await;
            let deleted = {
                let _names = self.folder.names.write().await;
                self.folder.delete(day)
            };
            deleted.map_err(|error| ScanLogError::Day {
                day,
                reason: format!("could not be deleted: {error}"),
            })?;
            self.recent.forget(day);
            retired.push(day);
        }
        Ok(retired)
    }

    /// Closes what has been appended to a day, so that it can be packed; `None` when there is nothing.
    pub(crate) async fn begin_packing(
        &mut self,
        day: Date,
        today: Date,
    ) -> Result<Option<Plan>, ScanLogError> {
        let DayFiles { packed, live } = self.folder.files_of(day)?;
        let Some(&last) = live.last() else { return Ok(None) };
        self.close_day(day).await;
        let target = last.max(packed) + 1;
        self.closed_below.insert(day, target);
        self.recent.begin_packing(day);
        let with_ids = day_number(day) >= self.ids_from(today);
        Ok(Some(Plan { day, packed, live, target, with_ids }))
    }

    /// Names what was packed, and deletes what it was made of. True when the day is packed, false when it was
    /// retired meanwhile.
    ///
    /// # Errors
    /// `Day`: before the packed file has its name the day is as it was; after that only needless files are left.
    pub(crate) async fn end_packing(&mut self, proven: Proven) -> Result<bool, ScanLogError> {
        let Proven { plan, ids } = proven;
        let (day, target) = (plan.day, plan.target);
        {
            let _names = self.folder.names.write().await;
            let files = self.folder.files_of(day)?;
            if files.packed != plan.packed || !plan.live.iter().all(|live| files.live.contains(live)) {
                abandon(&self.folder, &plan);
                return Ok(false);
            }
            let named = name(&self.folder, &plan, ids.is_some());
            if let Err(error) = named {
                abandon(&self.folder, &plan);
                return Err(failed(day, &error));
            }
        }
        // Readers and the ids follow the names: from here on the day is the packed file.
        self.recent.end_packing(day, ids);
        let folder = self.folder.clone();
        let deleting = tokio::task::spawn_blocking(move || folder.delete_replaced(day, target)).await;
        match deleting {
            Ok(Ok(())) => Ok(true),
            Ok(Err(error)) => {
                let reason = format!("is packed, but its live file is not deleted: {error}");
                Err(ScanLogError::Day { day, reason })
            }
            Err(error) => Err(ScanLogError::Day { day, reason: error.to_string() }),
        }
    }

    /// Deletes the ids of packed days that no scan of today can repeat any more, and what earlier packings could not
    /// delete. Gives the packed days that have no ids although a scan of today could repeat theirs.
    pub(crate) fn forget_ids(&mut self, today: Date) -> Result<Vec<Date>, ScanLogError> {
        let doing = "clear its folder";
        if !self.folder.leftovers().map_err(ScanLogError::storage(doing))?.is_empty() {
            self.folder.delete_leftovers().map_err(ScanLogError::storage(doing))?;
        }
        let from = self.ids_from(today);
        let mut without_ids = Vec::new();
        for (day, files) in self.folder.list()?.into_iter().filter(|(_, files)| files.packed > 0) {
            if day_number(day) < from {
                let deleted = self.folder.delete_file(day, Kind::Ids, files.packed);
                deleted.map_err(|error| failed(day, &error))?;
            } else if day_number(today) - day_number(day) < self.window_days
                && !self.folder.path(day, Kind::Ids, files.packed).exists()
            {
                without_ids.push(day);
            }
        }
        Ok(without_ids)
    }

    /// Number of the first day whose ids are kept.
    fn ids_from(&self, today: Date) -> i64 {
        day_number(today) - self.window_days - SLACK_DAYS
    }

    /// Closes the files, which also moves their WAL files into them.
    pub(crate) async fn close(self) {
        for open in self.open {
            open.close().await;
        }
    }

    /// Makes sure that the ids of every stored day near `day` are in memory.
    async fn load_around(&mut self, day: Date) -> Result<(), ScanLogError> {
        if self.recent.is_ready(day) {
            return Ok(());
        }
        let stored = self.folder.list()?;
        let days: Vec<Date> = stored.keys().copied().collect();
        for near in self.recent.missing_around(day, &days) {
            let files = stored.get(&near).cloned().unwrap_or_default();
            self.recent.load(near, read_ids(&self.folder, near, &files).await);
        }
        self.recent.set_ready(day);
        Ok(())
    }

    async fn open_day(&mut self, day: Date) -> Result<usize, Failure> {
        if let Some(index) = self.open.iter().position(|open| open.day == day) {
            return Ok(index);
        }
        if self.open.len() == OPEN_DAYS_MAX {
            self.open.remove(0).close().await;
        }
        let current = self.folder.files_of(day).map_err(|error| Failure::Stop(error.to_string()))?.current();
        let generation = current.max(self.closed_below.get(&day).copied().unwrap_or(0));
        let path = self.folder.path(day, Kind::Live, generation);
        let opened = day_file::open_for_writing(&path, day).await.map_err(|error| match error {
            ScanLogError::Damaged { .. } => Failure::Day(error),
            other => Failure::Stop(other.to_string()),
        })?;
        if opened.is_new {
            self.folder
                .sync()
                .map_err(|error| Failure::Stop(format!("the folder was not synced: {error}")))?;
        }
        self.open.push(OpenDay { day, connection: opened.connection, epochs: HashSet::new() });
        Ok(self.open.len() - 1)
    }

    async fn close_day(&mut self, day: Date) {
        if let Some(index) = self.open.iter().position(|open| open.day == day) {
            self.open.remove(index).close().await;
        }
    }
}

/// Gives proven files their names, each durable before the next: the packed file's name is what counts.
fn name(folder: &Folder, plan: &Plan, with_ids: bool) -> io::Result<()> {
    let named =
        |kind| fs::rename(folder.part(plan.day, kind, plan.target), folder.path(plan.day, kind, plan.target));
    if with_ids {
        named(Kind::Ids)?;
        folder.sync()?;
    }
    named(Kind::Packed)
}

impl OpenDay {
    async fn write(&mut self, epochs: &HashSet<u32>, scans: Vec<u8>) -> Result<(), sqlx::Error> {
        let insert = sqlx::query(INSERT_BLOCK).bind(block::checksum(&scans)).bind(scans);
        if epochs.is_subset(&self.epochs) {
            // Outside BEGIN and COMMIT a statement is a transaction of its own: one trip instead of three.
            insert.execute(&mut self.connection).await?;
            return Ok(());
        }
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        for &epoch in epochs.difference(&self.epochs) {
            let insert_epoch = sqlx::query("INSERT INTO epochs (epoch) VALUES ($1) ON CONFLICT DO NOTHING");
            insert_epoch.bind(i64::from(epoch)).execute(&mut *transaction).await?;
        }
        insert.execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.epochs.extend(epochs);
        Ok(())
    }

    async fn close(self) {
        let day = self.day;
        if let Err(error) = self.connection.close().await {
            // Everything acknowledged is in the WAL file already; the next opening takes it from there.
            tracing::warn!(%day, %error, "a day of the scan log was not closed cleanly");
        }
    }
}

/// A day's ids. What can't be read is reported: scans of that day can't be told from repeats then, but no other day
/// may suffer from it.
async fn read_ids(folder: &Folder, day: Date, files: &DayFiles) -> DayIds {
    let mut ids = DayIds::default();
    let path = folder.path(day, Kind::Ids, files.packed);
    // A day that was packed late, or has left the window, has none.
    if files.packed > 0 && path.exists() {
        match IdFile::open(&path, day) {
            Ok(packed) => ids.packed = Some(packed),
            Err(error) => tracing::error!(%error, "the event ids of a packed day can't be read"),
        }
    }
    for &generation in &files.live {
        let path = folder.path(day, Kind::Live, generation);
        if let Err(error) = read_live_ids(&path, day, &mut ids.live).await {
            tracing::error!(%error, "a day of the scan log can't be read");
        }
    }
    ids
}

async fn read_live_ids(
    path: &std::path::Path,
    day: Date,
    ids: &mut HashSet<[u8; 16]>,
) -> Result<(), ScanLogError> {
    let Some(mut connection) = day_file::open_for_reading(path, day).await? else {
        return Ok(());
    };
    let bytes = fs::metadata(path).map_err(|error| failed(day, &error))?.len();
    // Near enough: growing a set of millions step by step takes twice as long.
    ids.reserve(usize::try_from(bytes).unwrap_or(0) / (block::ROW_BYTES + 3));
    day_file::for_each_block(&mut connection, day, |scans| {
        ids.extend(block::ids(scans));
        ControlFlow::Continue(())
    })
    .await?;
    connection.close().await.map_err(|error| day_file::named(day, error))
}
