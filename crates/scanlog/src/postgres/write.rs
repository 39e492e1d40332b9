//! Writing: one transaction per group and day, unique by day and event id.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use domain::time::{date_of_day_number, day_number};
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::days;
use super::layout::Layout;
use crate::limits::{GROUP_ROWS_MAX, VALUES_ROWS_MAX};
use crate::writer::Failure;
use crate::{Appended, ScanKind, ScanLogError, ScanRow};

/// Places that one batch number leaves for its rows.
const SEQ_PER_BATCH: i64 = (GROUP_ROWS_MAX as i64) * 2;

/// Columns bound per row; the day stands in the text.
const COLUMNS: usize = 9;

/// This server's writing connection.
pub(crate) struct Writer {
    connection: PgConnection,
    layout: Layout,
    recent_days: i64,
    /// Days whose partition is known to be there.
    ready: BTreeSet<Date>,
    /// Epochs that stand in `scan_epochs` already.
    epochs: HashSet<(Date, u32)>,
}

/// A row to be written, with its place in the group.
type Placed<'a> = (usize, &'a ScanRow);

impl Writer {
    pub(super) fn new(connection: PgConnection, recent_days: u16, layout: Layout) -> Self {
        let recent_days = i64::from(recent_days);
        Self { connection, layout, recent_days, ready: BTreeSet::new(), epochs: HashSet::new() }
    }

    /// Stores a day's rows in one transaction and says which were new.
    pub(crate) async fn write_day(&mut self, day: Date, rows: &[&ScanRow]) -> Result<Vec<Appended>, Failure> {
        self.try_write_day(day, rows).await.map_err(|error| Failure::Stop(error.to_string()))
    }

    async fn try_write_day(&mut self, day: Date, rows: &[&ScanRow]) -> Result<Vec<Appended>, sqlx::Error> {
        if !self.ready.contains(&day) {
            days::create(&mut self.connection, self.layout, day).await?;
            self.ready.insert(day);
        }
        let known = self.stored_around(day, rows).await?;
        let mut first_of: HashMap<[u8; 16], usize> = HashMap::new();
        let mut fresh: Vec<Placed<'_>> = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            if known.contains(&row.event_id) {
                continue;
            }
            if let Entry::Vacant(first) = first_of.entry(row.event_id) {
                first.insert(place);
                fresh.push((place, row));
            }
        }
        let mut outcomes = vec![Appended::Duplicate; rows.len()];
        if fresh.is_empty() {
            return Ok(outcomes);
        }
        // Two servers that insert the same keys in different orders would wait for each other.
        fresh.sort_unstable_by_key(|(_, row)| self.layout.order(row));
        for id in self.insert(day, &fresh).await? {
            if let Some(&place) = first_of.get(&id) {
                outcomes[place] = Appended::Stored;
            }
        }
        Ok(outcomes)
    }

    /// Drops the partitions of all days before a date.
    pub(crate) async fn retire_before(&mut self, before: Date) -> Result<Vec<Date>, ScanLogError> {
        let listed = days::list(&mut self.connection).await;
        let mut retired = Vec::new();
        for day in listed.map_err(ScanLogError::storage("list its days"))? {
            if day < before {
                days::retire(&mut self.connection, day).await.map_err(ScanLogError::day(day))?;
                self.ready.remove(&day);
                self.epochs.retain(|&(other, _)| other != day);
                retired.push(day);
            }
        }
        Ok(retired)
    }

    /// Ends the connection.
    pub(crate) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the scan log's connection was not closed cleanly");
        }
    }

    /// Which of the rows' ids the days around have already, by whichever server.
    async fn stored_around(
        &mut self,
        day: Date,
        rows: &[&ScanRow],
    ) -> Result<HashSet<[u8; 16]>, sqlx::Error> {
        let sql = look_sql(day, self.recent_days, self.layout);
        let ids: Vec<&[u8]> = rows.iter().map(|row| row.event_id.as_slice()).collect();
        let mut query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids);
        if self.layout == Layout::ByPlace {
            let areas: BTreeSet<i32> = rows.iter().map(|row| row.area_id.cast_signed()).collect();
            query = query.bind(Vec::from_iter(areas));
        }
        let found: Vec<Vec<u8>> = query.fetch_all(&mut self.connection).await?;
        Ok(found.into_iter().filter_map(|id| id.try_into().ok()).collect())
    }

    /// Writes rows in their order; gives the ids that no other server wrote in the meantime.
    async fn insert(&mut self, day: Date, fresh: &[Placed<'_>]) -> Result<Vec<[u8; 16]>, sqlx::Error> {
        let mut transaction = self.connection.begin().await?;
        let new_epochs: BTreeSet<u32> = fresh
            .iter()
            .map(|(_, row)| row.epoch)
            .filter(|&epoch| !self.epochs.contains(&(day, epoch)))
            .collect();
        for &epoch in &new_epochs {
            let sql = format!(
                "INSERT INTO scan_epochs (arrival_on, epoch) VALUES (DATE '{day}', $1) ON CONFLICT DO NOTHING"
            );
            sqlx::query(AssertSqlSafe(sql)).bind(i64::from(epoch)).execute(&mut *transaction).await?;
        }
        let batch: i64 =
            sqlx::query_scalar("SELECT nextval('scan_batches')").fetch_one(&mut *transaction).await?;
        let mut stored = Vec::with_capacity(fresh.len());
        for rows in powers_of_two(fresh) {
            stored.extend(insert_values(&mut transaction, day, batch * SEQ_PER_BATCH, rows).await?);
        }
        transaction.commit().await?;
        self.epochs.extend(new_epochs.into_iter().map(|epoch| (day, epoch)));
        Ok(stored)
    }
}

/// Looks in each day by itself: with a range of days PostgreSQL reads whole days, because the day comes first in
/// the key. Days without a partition cost nothing.
fn look_sql(day: Date, recent_days: i64, layout: Layout) -> String {
    let mut sql = String::new();
    for away in 1 - recent_days..recent_days {
        let other = date_of_day_number(day_number(day) + away);
        let union = if sql.is_empty() { "" } else { " UNION ALL " };
        // Writing to a String can't fail.
        let _ = write!(
            sql,
            "{union}SELECT event_id FROM scans WHERE arrival_on = DATE '{other}' AND event_id = ANY($1){}",
            layout.only_areas()
        );
    }
    sql
}

async fn insert_values(
    connection: &mut PgConnection,
    day: Date,
    seq_from: i64,
    rows: &[Placed<'_>],
) -> Result<Vec<[u8; 16]>, sqlx::Error> {
    let mut query = sqlx::query_scalar(AssertSqlSafe(insert_sql(day, rows.len())));
    for &(place, row) in rows {
        let kind: i16 = match row.kind {
            ScanKind::In => 0,
            ScanKind::Out => 1,
        };
        query = query
            .bind(row.event_id.as_slice())
            .bind(seq_from + i64::try_from(place).unwrap_or(i64::MAX))
            .bind(row.area_id.cast_signed())
            .bind(kind)
            .bind(i64::from(row.captured))
            .bind(row.token.as_slice())
            .bind(i16::from(row.assurance))
            .bind(i64::from(row.epoch))
            .bind(row.received_at);
    }
    let stored: Vec<Vec<u8>> = query.fetch_all(connection).await?;
    Ok(stored.into_iter().filter_map(|id| id.try_into().ok()).collect())
}

fn insert_sql(day: Date, rows: usize) -> String {
    let mut sql = format!(
        "INSERT INTO {} (arrival_on, event_id, seq, area_id, kind, captured, token, assurance, epoch, received_at) \
         VALUES ",
        days::table(day)
    );
    for row in 0..rows {
        let comma = if row == 0 { "" } else { "," };
        // Writing to a String can't fail.
        let _ = write!(sql, "{comma}(DATE '{day}'");
        for column in 1..=COLUMNS {
            let _ = write!(sql, ",${}", row * COLUMNS + column);
        }
        sql.push(')');
    }
    sql.push_str(" ON CONFLICT DO NOTHING RETURNING event_id");
    sql
}

/// Cuts rows into pieces of 512, 256, 128 … 1, so that ten prepared statements serve every size.
fn powers_of_two<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = 1 << rows.len().min(VALUES_ROWS_MAX).checked_ilog2()?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_powers_of_two_and_lose_nothing() {
        let rows: Vec<usize> = (0..1_387).collect();
        let sizes: Vec<usize> = powers_of_two(&rows).map(<[usize]>::len).collect();
        assert_eq!(sizes, [512, 512, 256, 64, 32, 8, 2, 1]);
        assert_eq!(powers_of_two(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(powers_of_two::<u8>(&[]).count(), 0);
    }

    #[test]
    fn events_are_looked_for_in_the_days_around_one_by_one() {
        let sql = look_sql(jiff::civil::date(2026, 11, 23), 8, Layout::Single);
        assert_eq!(sql.matches("arrival_on = DATE").count(), 15);
        assert!(sql.contains("'2026-11-16'") && sql.contains("'2026-11-30'"), "{sql}");
    }

    #[test]
    fn a_statement_numbers_its_columns() {
        let sql = insert_sql(jiff::civil::date(2026, 11, 23), 2);
        assert!(sql.contains("INTO scans_2026_11_23 "), "{sql}");
        assert!(sql.ends_with("(DATE '2026-11-23',$10,$11,$12,$13,$14,$15,$16,$17,$18) ON CONFLICT DO NOTHING RETURNING event_id"), "{sql}");
    }
}
