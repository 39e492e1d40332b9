//! The day partitions: their names, which there are, making and dropping one.

use jiff::civil::Date;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::layout::Layout;
use super::lock_schema;
use crate::limits::RETIRE_WAIT_S;

const PREFIX: &str = "scans_";

/// The partition of a day, such as `scans_2026_11_23`.
pub(super) fn table(day: Date) -> String {
    format!("{PREFIX}{:04}_{:02}_{:02}", day.year(), day.month(), day.day())
}

fn day_of(table: &str) -> Option<Date> {
    table.strip_prefix(PREFIX)?.replace('_', "-").parse().ok()
}

/// The days that have a partition, in order.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Vec<Date>, sqlx::Error> {
    let sql = "SELECT child.relname::text FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid \
               WHERE inhparent = 'scans'::regclass";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    let mut days: Vec<Date> = tables.iter().filter_map(|table| day_of(table)).collect();
    days.sort_unstable();
    Ok(days)
}

/// Bytes of all partitions with their indexes.
pub(super) async fn bytes(connection: &mut PgConnection, layout: Layout) -> Result<i64, sqlx::Error> {
    let size = layout.size_function();
    let sql = format!(
        "SELECT coalesce(sum({size}(inhrelid)), 0)::bigint FROM pg_inherits WHERE inhparent = 'scans'::regclass"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await
}

/// Makes a day's partition unless there is one. It is made apart and then attached, because attaching does not
/// wait for those who read other days.
pub(super) async fn create(
    connection: &mut PgConnection,
    layout: Layout,
    day: Date,
) -> Result<(), sqlx::Error> {
    let table = table(day);
    let mut transaction = connection.begin().await?;
    lock_schema(&mut transaction).await?;
    let found: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(&table)
        .fetch_one(&mut *transaction)
        .await?;
    if !found {
        let create = format!(
            "CREATE TABLE {table} (LIKE scans INCLUDING ALL); {} \
             ALTER TABLE scans ATTACH PARTITION {table} FOR VALUES IN ('{day}')",
            layout.spread_day(&table)
        );
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Drops a day's partition. Gives up after a few seconds when the day is being read: a waiting drop would hold
/// up the writers behind it.
pub(super) async fn retire(connection: &mut PgConnection, day: Date) -> Result<(), sqlx::Error> {
    let table = table(day);
    let mut transaction = connection.begin().await?;
    lock_schema(&mut transaction).await?;
    let drop = format!("SET LOCAL lock_timeout = '{RETIRE_WAIT_S}s'; DROP TABLE IF EXISTS {table}");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *transaction).await?;
    let forget = format!("DELETE FROM scan_epochs WHERE arrival_on = DATE '{day}'");
    sqlx::raw_sql(AssertSqlSafe(forget)).execute(&mut *transaction).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn tables_name_days() {
        assert_eq!(table(date(2026, 1, 5)), "scans_2026_01_05");
        assert_eq!(day_of("scans_2026_01_05"), Some(date(2026, 1, 5)));
        assert_eq!(day_of("scans_default"), None);
    }
}
