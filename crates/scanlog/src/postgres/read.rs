//! Reading: rows are streamed from a day's partition.

use std::ops::ControlFlow;

use futures_util::TryStreamExt;
use jiff::civil::Date;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Row};

use super::days;
use super::layout::Layout;
use crate::chunks::Chunks;
use crate::{Count, ScanKind, ScanLogError, ScanRow};

/// Reads days through a few connections.
pub(crate) struct Reader {
    pub(super) pool: PgPool,
    pub(super) layout: Layout,
}

impl Reader {
    /// Pushes a day's rows in the order they were written; `Break` when the sink has had enough.
    pub(crate) async fn read_day(
        &self,
        day: Date,
        areas: Option<&[u32]>,
        chunks: &mut Chunks<'_>,
    ) -> Result<ControlFlow<()>, ScanLogError> {
        let sql = format!(
            "SELECT event_id, area_id, kind, captured, token, assurance, epoch, received_at FROM {} \
             WHERE $1::int[] IS NULL OR area_id = ANY($1) ORDER BY seq",
            days::table(day)
        );
        let areas: Option<Vec<i32>> =
            areas.map(|areas| areas.iter().map(|area| area.cast_signed()).collect());
        let mut connection = self.pool.acquire().await.map_err(ScanLogError::day(day))?;
        let mut flow = ControlFlow::Continue(());
        {
            let mut rows = sqlx::query(AssertSqlSafe(sql)).bind(areas).fetch(&mut *connection);
            while flow.is_continue() {
                match rows.try_next().await {
                    Ok(Some(row)) => flow = chunks.push(decode(day, &row)?),
                    Ok(None) => return Ok(flow),
                    // Retired since the days were listed.
                    Err(error) if is_missing_table(&error) => return Ok(flow),
                    Err(error) => return Err(ScanLogError::day(day)(error)),
                }
            }
        }
        // The rest of the day is still on its way: dropping the connection is cheaper than reading it.
        drop(connection.detach());
        Ok(flow)
    }

    /// A day's scans by event day, area and kind, in that order.
    pub(crate) async fn counts(&self, day: Date) -> Result<Vec<Count>, ScanLogError> {
        let sql = format!(
            "SELECT (captured + $1) / 86400 AS event_day, area_id, kind, count(*) FROM {} \
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            days::table(day)
        );
        let offset_s = domain::time::EPOCH_2020_S + domain::time::LOCAL_OFFSET_MS / 1000;
        let counted: Result<Vec<(i64, i32, i16, i64)>, _> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(offset_s).fetch_all(&self.pool).await;
        match counted {
            Ok(counted) => Ok(counted
                .into_iter()
                .map(|(event_day, area, kind, scans)| Count {
                    event_day,
                    area_id: area.cast_unsigned(),
                    kind: kind_of(kind),
                    scans,
                })
                .collect()),
            Err(error) if is_missing_table(&error) => Ok(Vec::new()),
            Err(error) => Err(ScanLogError::day(day)(error)),
        }
    }

    /// The epochs of a day's rows.
    pub(crate) async fn epochs(&self, day: Date) -> Result<Vec<u32>, ScanLogError> {
        let sql = format!("SELECT epoch FROM scan_epochs WHERE arrival_on = DATE '{day}'");
        let epochs: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&self.pool)
            .await
            .map_err(ScanLogError::day(day))?;
        epochs.into_iter().map(|epoch| narrow(day, "epoch", epoch)).collect()
    }

    /// The days that have a partition, in order.
    pub(crate) async fn days(&self) -> Result<Vec<Date>, ScanLogError> {
        let doing = "list its days";
        let mut connection = self.pool.acquire().await.map_err(ScanLogError::storage(doing))?;
        days::list(&mut connection).await.map_err(ScanLogError::storage(doing))
    }

    /// Bytes of all partitions with their indexes.
    pub(crate) async fn bytes(&self) -> Result<u64, ScanLogError> {
        let doing = "measure its size";
        let mut connection = self.pool.acquire().await.map_err(ScanLogError::storage(doing))?;
        let bytes = days::bytes(&mut connection, self.layout).await.map_err(ScanLogError::storage(doing))?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// Ends the connections.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

fn decode(day: Date, row: &PgRow) -> Result<ScanRow, ScanLogError> {
    let failed = ScanLogError::day;
    Ok(ScanRow {
        event_id: sixteen(day, row.try_get(0).map_err(failed(day))?)?,
        area_id: row.try_get::<i32, _>(1).map_err(failed(day))?.cast_unsigned(),
        kind: kind_of(row.try_get(2).map_err(failed(day))?),
        captured: narrow(day, "captured", row.try_get::<i64, _>(3).map_err(failed(day))?)?,
        token: sixteen(day, row.try_get(4).map_err(failed(day))?)?,
        assurance: narrow(day, "assurance", row.try_get::<i16, _>(5).map_err(failed(day))?)?,
        epoch: narrow(day, "epoch", row.try_get::<i64, _>(6).map_err(failed(day))?)?,
        received_at: row.try_get(7).map_err(failed(day))?,
    })
}

/// The table's CHECK allows 0 and 1 only.
fn kind_of(kind: i16) -> ScanKind {
    if kind == 0 { ScanKind::In } else { ScanKind::Out }
}

fn sixteen(day: Date, bytes: &[u8]) -> Result<[u8; 16], ScanLogError> {
    bytes.try_into().map_err(|_| ScanLogError::damaged(day, "an id or token is not 16 bytes long"))
}

fn narrow<Wide, Narrow: TryFrom<Wide>>(day: Date, column: &str, value: Wide) -> Result<Narrow, ScanLogError> {
    Narrow::try_from(value).map_err(|_| ScanLogError::damaged(day, format!("{column} is out of range")))
}

fn is_missing_table(error: &sqlx::Error) -> bool {
    const UNDEFINED_TABLE: &str = "42P01";
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some(UNDEFINED_TABLE)
}
