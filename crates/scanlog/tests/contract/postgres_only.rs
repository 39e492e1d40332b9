//! Several servers on one PostgreSQL, and what its own failures do.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use scanlog::{Appended, Options, ScanLog, ScanLogError, ScanRow};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::harness::*;

async fn sql(place: &Place, statements: &str) {
    let Place::Schema { url, name } = place else { unreachable!("these tests run on PostgreSQL") };
    let mut connection = PgConnection::connect(url).await.unwrap();
    let text = format!("SET search_path = \"{name}\"; {statements}");
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn two_servers_store_an_event_once_between_them() {
    on_schema(async |place: Place| {
        let servers: Vec<ScanLog> = join_all((0..2).map(|_| place.open())).await;
        let servers: Vec<Arc<ScanLog>> = servers.into_iter().map(Arc::new).collect();
        // Both get the same events at once, in opposite orders, on a day whose partition neither has made.
        let sending = (0..40u64).flat_map(|n| [(0usize, n), (1, 39 - n)]).map(|(server, n)| {
            let log = Arc::clone(&servers[server]);
            let mut rows: Vec<ScanRow> = (0..50).map(|k| row_on(n * 50 + k, TODAY)).collect();
            if server == 1 {
                rows.reverse();
            }
            tokio::spawn(async move { log.append(rows).await.unwrap() })
        });
        let answers: Vec<Appended> = join_all(sending).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(answers.len(), 4_000);
        assert_eq!(answers.iter().filter(|&&answer| answer == Appended::Stored).count(), 2_000);
        let rows = read_everything(&servers[0]).await;
        let ids: HashSet<[u8; 16]> = read_ids(&servers[0]).await.into_iter().collect();
        assert_eq!((rows.len(), ids.len()), (2_000, 2_000));
    });
}

#[test]
fn events_that_come_with_two_areas_stop_neither_server_and_are_stored_once() {
    on_schema(async |place: Place| {
        let servers: Vec<ScanLog> = join_all((0..2).map(|_| place.open())).await;
        let servers: Vec<Arc<ScanLog>> = servers.into_iter().map(Arc::new).collect();
        // Written in the order of areas, the same events would go in opposite orders, and each server wait.
        let sending = (0..12u64).flat_map(|batch| [(0usize, batch), (1, batch)]).map(|(server, batch)| {
            let log = Arc::clone(&servers[server]);
            let area = |n: u64| u32::try_from(if server == 0 { n } else { 500 - n }).unwrap();
            let rows =
                (0..500).map(|n| ScanRow { area_id: area(n), ..row_on(batch * 500 + n, TODAY) }).collect();
            tokio::spawn(async move { log.append(rows).await.unwrap() })
        });
        let answers: Vec<Appended> = join_all(sending).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|&&answer| answer == Appended::Stored).count(), 6_000);
        let ids: HashSet<[u8; 16]> = read_ids(&servers[0]).await.into_iter().collect();
        assert_eq!(ids.len(), 6_000);
    });
}

#[test]
fn a_server_knows_what_another_stored_on_an_earlier_day() {
    on_schema(async |place: Place| {
        let (one, other) = (place.open().await, place.open().await);
        assert_eq!(one.append(vec![row_on(1, TODAY)]).await.unwrap(), [Appended::Stored]);
        let later = row_on(1, day_after(TODAY, 1));
        assert_eq!(other.append(vec![later]).await.unwrap(), [Appended::Duplicate]);
    });
}

#[test]
fn an_event_that_two_servers_stored_on_both_sides_of_midnight_is_read_once() {
    on_schema(async |place: Place| {
        let log = place.open().await;
        let tomorrow = day_after(TODAY, 1);
        log.append(vec![row_on(1, TODAY), row_on(2, tomorrow)]).await.unwrap();
        sql(
            &place,
            "INSERT INTO scans SELECT arrival_on + 1, event_id, 0, 77, kind, captured, token, assurance, epoch, \
             received_at + 86400000 FROM scans WHERE arrival_on = '2026-11-23'",
        )
        .await;
        assert_eq!(read(&log, tomorrow, day_after(TODAY, 2)).await.len(), 2, "it stands there twice");
        assert_eq!(read_everything(&log).await, sealed(&[row_on(1, TODAY), row_on(2, tomorrow)]));
    });
}

#[test]
fn after_a_failed_write_nothing_is_acknowledged_until_reopened() {
    on_schema(async |place: Place| {
        let log = place.open().await;
        log.append(vec![row_on(1, TODAY)]).await.unwrap();
        sql(&place, "ALTER TABLE scans_2026_11_23 ADD CONSTRAINT full_disk CHECK (area_id <> 12)").await;
        let failed = log.append(vec![row_on(3, TODAY), row_on(2, TODAY)]).await;
        assert!(
            matches!(&failed, Err(ScanLogError::Stopped(reason)) if reason.contains("2026-11-23")),
            "{failed:?}"
        );
        assert_eq!(log.append(vec![row_on(4, TODAY)]).await, failed, "a good row gets the same answer");
        assert_eq!(read_everything(&log).await, sealed(&[row_on(1, TODAY)]), "reading goes on");
        sql(&place, "ALTER TABLE scans_2026_11_23 DROP CONSTRAINT full_disk").await;
        let log = place.open().await;
        assert_eq!(log.append(vec![row_on(3, TODAY)]).await.unwrap(), [Appended::Stored]);
    });
}

#[test]
fn a_cut_connection_stops_the_log() {
    on_schema(async |place: Place| {
        let Place::Schema { url, name } = &place else { unreachable!("these tests run on PostgreSQL") };
        let named = format!("{url}?application_name={name}");
        let log = ScanLog::open_postgres(&named, Some(name), Options::default()).await.unwrap();
        log.append(vec![row_on(1, TODAY)]).await.unwrap();
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        );
        sql(&place, &cut).await;
        assert!(matches!(log.append(vec![row_on(2, TODAY)]).await, Err(ScanLogError::Stopped(_))));
        assert!(matches!(log.append(vec![row_on(3, TODAY)]).await, Err(ScanLogError::Stopped(_))));
        assert_eq!(read_everything(&place.open().await).await, sealed(&[row_on(1, TODAY)]));
    });
}

#[test]
fn a_day_that_is_being_read_is_not_retired_and_holds_nobody_up() {
    on_schema(async |place: Place| {
        let log = place.open().await;
        log.append(vec![row_on(1, TODAY)]).await.unwrap();
        let Place::Schema { url, name } = &place else { unreachable!("these tests run on PostgreSQL") };
        let mut reader = PgConnection::connect(url).await.unwrap();
        let reading = format!("BEGIN; SELECT * FROM \"{name}\".scans_2026_11_23");
        sqlx::raw_sql(AssertSqlSafe(reading)).execute(&mut reader).await.unwrap();
        let tomorrow = day_after(TODAY, 1);
        let refused = log.retire_before(tomorrow).await;
        assert!(matches!(&refused, Err(ScanLogError::Day { day, .. }) if *day == TODAY), "{refused:?}");
        assert_eq!(log.append(vec![row_on(2, tomorrow)]).await.unwrap(), [Appended::Stored]);
        reader.close().await.unwrap();
        assert_eq!(log.retire_before(tomorrow).await.unwrap(), [TODAY]);
        assert_eq!(read_everything(&log).await, sealed(&[row_on(2, tomorrow)]));
    });
}

#[test]
fn a_schema_that_could_be_sql_is_refused() {
    on_schema(async |place: Place| {
        let Place::Schema { url, .. } = &place else { unreachable!("these tests run on PostgreSQL") };
        let opened = ScanLog::open_postgres(url, Some("a\"; DROP"), Options::default()).await;
        assert!(matches!(opened.err(), Some(ScanLogError::BadSchema(_))));
    });
}
