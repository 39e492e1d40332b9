//! Writing: one block per commit, exactly once per event id.

use std::collections::HashSet;
use std::fs::File;
use std::ops::ControlFlow;

use domain::time::day_start;
use jiff::civil::Date;
use sqlx::{Connection, SqliteConnection};

use super::{Folder, block, day_file};
use crate::limits::OPEN_DAYS_MAX;
use crate::recent::RecentIds;
use crate::writer::Failure;
use crate::{Appended, ScanLogError, ScanRow};

const INSERT_BLOCK: &str = "INSERT INTO blocks (checksum, scans) VALUES ($1, $2)";

/// The only one that writes into the folder.
pub(crate) struct Writer {
    folder: Folder,
    recent: RecentIds,
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
        let mut writer = Self { folder, recent, open: Vec::new(), _lock: lock };
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
            if let Some(index) = self.open.iter().position(|open| open.day == day) {
                self.open.remove(index).close().await;
            }
            self.folder.delete(day).map_err(|error| ScanLogError::Day {
                day,
                reason: format!("could not be deleted: {error}"),
            })?;
            self.recent.forget(day);
            retired.push(day);
        }
        Ok(retired)
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
        for near in self.recent.missing_around(day, &self.folder.days()?) {
            let mut ids = HashSet::new();
            if let Err(error) = read_ids(&self.folder, near, &mut ids).await {
                // Scans of that day can't be told from repeats, but no other day may suffer from it.
                tracing::error!(%error, "a day of the scan log can't be read");
            }
            self.recent.load(near, ids);
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
        let connection =
            day_file::open_for_writing(&self.folder, day).await.map_err(|error| match error {
                ScanLogError::Damaged { .. } => Failure::Day(error),
                other => Failure::Stop(other.to_string()),
            })?;
        self.open.push(OpenDay { day, connection, epochs: HashSet::new() });
        Ok(self.open.len() - 1)
    }
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

async fn read_ids(folder: &Folder, day: Date, ids: &mut HashSet<[u8; 16]>) -> Result<(), ScanLogError> {
    let Some(mut connection) = day_file::open_for_reading(folder, day).await? else {
        return Ok(());
    };
    day_file::for_each_block(&mut connection, day, |scans| {
        ids.extend(block::ids(scans));
        ControlFlow::Continue(())
    })
    .await?;
    connection.close().await.map_err(|error| day_file::named(day, error))
}
