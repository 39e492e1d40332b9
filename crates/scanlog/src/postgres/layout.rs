//! Where the rows lie: in one server, or spread by place over several where the Citus extension is there.
//!
//! A distributed table can be unique only by keys that hold the column it is distributed by. The key by place is
//! therefore (arrival day, event, area) instead of (arrival day, event). Both keep an event once, because an event
//! carries one area: the device's enrolment, or the poster, says where it was captured, and neither ever moves.
//! A forged event of two areas is two rows by place and one row otherwise; its reader sees the first (`chunks`).

use sqlx::{AssertSqlSafe, PgConnection};

use super::place_order::place_order;
use crate::ScanRow;

/// How `scans` and its partitions are made and asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// All rows in the server that is connected to.
    Single,
    /// Shards by the hash of the area, on the servers that Citus knows.
    ByPlace,
}

/// Spreads an empty table; Citus then does the same in each of its servers.
const DISTRIBUTE: &str = "SELECT create_distributed_table('scans', 'area_id');";

impl Layout {
    /// The layout that new tables get: by place where Citus is installed in this database.
    pub(super) async fn of_database(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')";
        let by_place: bool = sqlx::query_scalar(sql).fetch_one(connection).await?;
        Ok(if by_place { Self::ByPlace } else { Self::Single })
    }

    /// The layout of tables that are there already, told by their key; none where there are no tables.
    /// Citus may have come after them: they then stay in one server, as they were made.
    pub(super) async fn of_tables(connection: &mut PgConnection) -> Result<Option<Self>, sqlx::Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = conrelid AND attname = 'area_id' \
                   AND attnum = ANY(conkey)) \
                   FROM pg_constraint WHERE contype = 'p' AND conrelid = to_regclass('scans')";
        let by_place: Option<bool> = sqlx::query_scalar(sql).fetch_optional(connection).await?;
        Ok(by_place.map(|by_place| if by_place { Self::ByPlace } else { Self::Single }))
    }

    /// Makes the tables.
    pub(super) async fn make_tables(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let (key, distribute) = match self {
            Self::Single => ("arrival_on, event_id", ""),
            Self::ByPlace => ("arrival_on, event_id, area_id", DISTRIBUTE),
        };
        let sql = format!("{}{distribute}", super::SCHEMA.replace("KEY_OF_SCANS", key));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
    }

    /// What follows the making of a day's table, before it is attached: it lies where its parent does.
    pub(super) fn spread_day(self, table: &str) -> String {
        match self {
            Self::Single => String::new(),
            Self::ByPlace => {
                format!("SELECT create_distributed_table('{table}', 'area_id', colocate_with => 'scans');")
            }
        }
    }

    /// A further condition on the look for stored events, with their areas as `$2`: it tells Citus which shards
    /// to ask. In one server, whose key is by event alone, repeats under another area are found too.
    pub(super) fn only_areas(self) -> &'static str {
        match self {
            Self::Single => "",
            Self::ByPlace => " AND area_id = ANY($2)",
        }
    }

    /// The order in which rows are written, the same in every server and that of the key. By place, rows of a place
    /// stand side by side and places in the order of shards, so that a statement meets few of them.
    pub(super) fn order(self, row: &ScanRow) -> (i32, u32, [u8; 16]) {
        match self {
            Self::Single => (0, 0, row.event_id),
            Self::ByPlace => (place_order(row.area_id), row.area_id, row.event_id),
        }
    }

    /// The function that measures a table with its indexes.
    pub(super) fn size_function(self) -> &'static str {
        match self {
            Self::Single => "pg_total_relation_size",
            Self::ByPlace => "citus_total_relation_size",
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use sqlx::Connection as _;

    use super::*;

    /// Stands for Citus in what this engine asks of it: takes the calls, and keeps the rows in one server.
    const STAND_IN: &str = "
        CREATE TABLE calls (place BIGINT GENERATED ALWAYS AS IDENTITY, called TEXT);
        CREATE FUNCTION create_distributed_table(t REGCLASS, c TEXT, colocate_with TEXT DEFAULT 'default')
        RETURNS VOID LANGUAGE sql AS $$
            INSERT INTO calls (called) VALUES (t::text || ' by ' || c || ' with ' || colocate_with) $$;
        CREATE FUNCTION citus_total_relation_size(t REGCLASS) RETURNS BIGINT LANGUAGE sql AS $$
            SELECT pg_total_relation_size(t) $$;";

    fn schema_name() -> String {
        format!("scanlog_layout_{:016x}", rand::random::<u64>())
    }

    async fn connect(schema: &str) -> PgConnection {
        let url = std::env::var("VAORA_TEST_PG");
        let url = url.unwrap_or_else(|_| panic!("VAORA_TEST_PG is not set: run `cargo xtask test`"));
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let sql = format!("CREATE SCHEMA {schema}; SET search_path = {schema}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection
    }

    async fn remove(mut connection: PgConnection, schema: &str) {
        let sql = format!("SET client_min_messages = warning; DROP SCHEMA {schema} CASCADE");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }

    fn row(event: u8, area_id: u32) -> ScanRow {
        ScanRow {
            event_id: [event; 16],
            area_id,
            kind: crate::ScanKind::In,
            captured: 1,
            token: [9; 16],
            assurance: 1,
            epoch: 1,
            received_at: domain::time::day_start(jiff::civil::date(2026, 11, 23)),
        }
    }

    #[test]
    fn by_place_rows_of_a_place_stand_side_by_side() {
        let mut rows = [row(4, 2), row(1, 9), row(3, 2), row(2, 1)];
        rows.sort_unstable_by_key(|row| Layout::Single.order(row));
        assert_eq!(rows.map(|row| row.event_id[0]), [1, 2, 3, 4]);
        rows.sort_unstable_by_key(|row| Layout::ByPlace.order(row));
        let at = |event| rows.iter().position(|row| row.event_id[0] == event).unwrap();
        assert_eq!(at(3) + 1, at(4));
    }

    #[tokio::test]
    async fn a_database_without_citus_keeps_its_rows_in_one_server() {
        let schema = &schema_name();
        let mut connection = connect(schema).await;
        assert_eq!(Layout::of_database(&mut connection).await.unwrap(), Layout::Single);
        assert_eq!(Layout::of_tables(&mut connection).await.unwrap(), None);
        Layout::Single.make_tables(&mut connection).await.unwrap();
        assert_eq!(Layout::of_tables(&mut connection).await.unwrap(), Some(Layout::Single));
        remove(connection, schema).await;
    }

    #[tokio::test]
    async fn tables_by_place_are_spread_with_their_days_and_keep_an_event_once() {
        let (schema, day) = (&schema_name(), jiff::civil::date(2026, 11, 23));
        let mut connection = connect(schema).await;
        sqlx::raw_sql(STAND_IN).execute(&mut connection).await.unwrap();
        Layout::ByPlace.make_tables(&mut connection).await.unwrap();
        assert_eq!(Layout::of_tables(&mut connection).await.unwrap(), Some(Layout::ByPlace));
        let mut writer = super::super::Writer::new(connection, 8, Layout::ByPlace);
        let (stored, repeat) = (crate::Appended::Stored, crate::Appended::Duplicate);
        let rows = [row(1, 7), row(2, 5), row(1, 7)];
        let written = writer.write_day(day, &rows.each_ref()).await.ok();
        assert_eq!(written, Some(vec![stored, stored, repeat]));
        let next = domain::time::date_of_day_number(domain::time::day_number(day) + 1);
        let rows = [row(2, 5), row(3, 5)];
        assert_eq!(writer.write_day(next, &rows.each_ref()).await.ok(), Some(vec![repeat, stored]));
        let mut connection = connect_again(schema).await;
        let calls: Vec<String> = sqlx::query_scalar("SELECT called FROM calls ORDER BY place")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let expected = [
            "scans by area_id with default",
            "scans_2026_11_23 by area_id with scans",
            "scans_2026_11_24 by area_id with scans",
        ];
        assert_eq!(calls, expected);
        assert!(super::super::days::bytes(&mut connection, Layout::ByPlace).await.unwrap() > 0);
        writer.close().await;
        remove(connection, schema).await;
    }

    async fn connect_again(schema: &str) -> PgConnection {
        let mut connection = PgConnection::connect(&std::env::var("VAORA_TEST_PG").unwrap()).await.unwrap();
        let sql = format!("SET search_path = {schema}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection
    }
}
