//! Reading: each day's file by a connection of its own, beside the writer.

use std::ops::ControlFlow;

use jiff::civil::Date;
use sqlx::Connection;

use super::{Folder, block, day_file};
use crate::ScanLogError;
use crate::chunks::Chunks;

/// Reads days of a folder.
pub(crate) struct Reader {
    pub folder: Folder,
}

impl Reader {
    /// Pushes a day's rows in the order they were committed; `Break` when the sink has had enough.
    pub(crate) async fn read_day(
        &self,
        day: Date,
        chunks: &mut Chunks<'_>,
    ) -> Result<ControlFlow<()>, ScanLogError> {
        let Some(mut connection) = day_file::open_for_reading(&self.folder, day).await? else {
            return Ok(ControlFlow::Continue(()));
        };
        let mut flow = ControlFlow::Continue(());
        day_file::for_each_block(&mut connection, day, |scans| {
            flow = block::decode(day, scans).try_for_each(|row| chunks.push(row));
            flow
        })
        .await?;
        connection.close().await.map_err(|error| day_file::named(day, error))?;
        Ok(flow)
    }

    /// The epochs of a day's rows.
    pub(crate) async fn epochs(&self, day: Date) -> Result<Vec<u32>, ScanLogError> {
        let Some(mut connection) = day_file::open_for_reading(&self.folder, day).await? else {
            return Ok(Vec::new());
        };
        let epochs: Vec<i64> = sqlx::query_scalar("SELECT epoch FROM epochs")
            .fetch_all(&mut connection)
            .await
            .map_err(|error| day_file::named(day, error))?;
        connection.close().await.map_err(|error| day_file::named(day, error))?;
        epochs
            .into_iter()
            .map(|epoch| {
                u32::try_from(epoch).map_err(|_| ScanLogError::damaged(day, "an epoch is out of range"))
            })
            .collect()
    }
}
