//! Damaged, foreign and stray files; the lock; what a kill leaves.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use scanlog::{Appended, Options, ScanLog, ScanLogError};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::harness::*;
use Appended::{Duplicate, Stored};

fn folder(place: &Place) -> &Path {
    let (Place::Folder(path) | Place::Packed(path)) = place else {
        unreachable!("these tests run on a folder")
    };
    path
}

fn file(place: &Place, day: Date) -> PathBuf {
    folder(place).join(format!("scans-{day}.sqlite"))
}

async fn sql(path: &Path, statements: &str) {
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn fault(log: &ScanLog, day: Date) -> Option<ScanLogError> {
    log.read_days(day, day_after(day, 1), |_| ControlFlow::Continue(())).await.err()
}

/// A log with two rows on each of three days, closed; then something happens to the middle one.
async fn three_days(place: &Place) -> [Date; 3] {
    let days = [TODAY, day_after(TODAY, 1), day_after(TODAY, 2)];
    let log = place.open().await;
    for (day, n) in days.into_iter().zip([0, 2, 4]) {
        log.append(vec![row_on(n, day), row_on(n + 1, day)]).await.unwrap();
    }
    log.close().await;
    days
}

/// The middle day is named as damaged; the others are read and written, and it can be retired.
async fn only_the_middle_day_suffers(place: &Place, days: [Date; 3], writing_fails: bool) {
    let log = place.open().await;
    let error = fault(&log, days[1]).await;
    assert!(matches!(&error, Some(ScanLogError::Damaged { day, .. }) if *day == days[1]), "{error:?}");
    let mut before = Vec::new();
    let all = log.read_days(days[0], day_after(TODAY, 9), |rows| {
        before.extend_from_slice(rows);
        ControlFlow::Continue(())
    });
    assert_eq!(all.await.err(), error, "a longer reading ends with it");
    assert_eq!(before.len(), 2, "after giving what stands before");
    assert_eq!(read(&log, days[2], day_after(TODAY, 9)).await.len(), 2);
    assert_eq!(log.days().await.unwrap(), days);
    if writing_fails {
        let both = vec![row_on(20, days[1]), row_on(21, days[2])];
        assert_eq!(log.append(both).await.err(), error);
    }
    assert_eq!(log.append(vec![row_on(0, days[0]), row_on(30, days[2])]).await.unwrap(), [Duplicate, Stored]);
    assert_eq!(log.retire_before(days[2]).await.unwrap(), days[..2]);
    assert!(!file(place, days[1]).exists());
}

#[test]
fn a_file_that_is_no_database_hurts_its_own_day_only() {
    on_folder(async |place: Place| {
        let days = three_days(&place).await;
        fs::write(file(&place, days[1]), "not a database, but long enough to be taken for one".repeat(400))
            .unwrap();
        only_the_middle_day_suffers(&place, days, true).await;
    });
}

#[test]
fn another_programs_database_is_left_alone() {
    on_folder(async |place: Place| {
        let days = three_days(&place).await;
        let path = file(&place, days[1]);
        fs::remove_file(&path).unwrap();
        sql(&path, "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").await;
        let theirs = fs::read(&path).unwrap();
        let log = place.open().await;
        assert!(matches!(log.append(vec![row_on(9, days[1])]).await, Err(ScanLogError::Damaged { .. })));
        log.close().await;
        assert_eq!(fs::read(&path).unwrap(), theirs);
        only_the_middle_day_suffers(&place, days, true).await;
    });
}

#[test]
fn a_file_under_another_days_name_is_found() {
    on_folder(async |place: Place| {
        let days = three_days(&place).await;
        fs::copy(file(&place, days[0]), file(&place, days[1])).unwrap();
        only_the_middle_day_suffers(&place, days, true).await;
    });
}

#[test]
fn a_changed_bit_in_a_scan_is_found() {
    on_folder(async |place: Place| {
        let days = three_days(&place).await;
        let path = file(&place, days[1]);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(16).position(|window| window == id(2)).unwrap();
        bytes[at + 20] ^= 4;
        fs::write(&path, bytes).unwrap();
        only_the_middle_day_suffers(&place, days, false).await;
    });
}

#[test]
fn a_cut_off_file_is_found() {
    on_folder(async |place: Place| {
        let days = three_days(&place).await;
        let path = file(&place, days[1]);
        let length = fs::metadata(&path).unwrap().len();
        fs::File::options().write(true).open(&path).unwrap().set_len(length - 16_384).unwrap();
        only_the_middle_day_suffers(&place, days, false).await;
    });
}

#[test]
fn an_interrupted_making_is_taken_up() {
    on_folder(async |place: Place| {
        fs::create_dir_all(folder(&place)).unwrap();
        fs::write(file(&place, TODAY), "").unwrap();
        let log = place.open().await;
        assert_eq!(read_everything(&log).await, []);
        assert_eq!(log.append(vec![row_on(1, TODAY)]).await.unwrap(), [Stored]);
    });
}

#[test]
fn a_stray_wal_file_is_not_replayed() {
    on_folder(async |place: Place| {
        let wal = folder(&place).join(format!("scans-{TODAY}.sqlite-wal"));
        let log = place.open().await;
        log.append(vec![row_on(1, TODAY)]).await.unwrap();
        let of_a_live_log = fs::read(&wal).unwrap();
        log.close().await;
        fs::remove_file(file(&place, TODAY)).unwrap();
        fs::write(&wal, of_a_live_log).unwrap();
        let log = place.open().await;
        assert!(!wal.exists());
        assert_eq!(log.append(vec![row_on(2, TODAY)]).await.unwrap(), [Stored]);
        assert_eq!(read_everything(&log).await, sealed(&[row_on(2, TODAY)]));
    });
}

#[test]
fn what_a_kill_leaves_on_the_disk_holds_every_acknowledged_row() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        let copy = place.beside();
        for n in 0..100 {
            log.append(vec![row_on(n, day_after(TODAY, i64::try_from(n / 50).unwrap()))]).await.unwrap();
        }
        fs::create_dir_all(folder(&copy)).unwrap();
        for entry in fs::read_dir(folder(&place)).unwrap() {
            let entry = entry.unwrap();
            // The -shm file is shared memory: a restarted machine would not have it.
            if entry.file_type().unwrap().is_file() && !entry.file_name().to_string_lossy().ends_with("-shm")
            {
                fs::copy(entry.path(), folder(&copy).join(entry.file_name())).unwrap();
            }
        }
        let copied = copy.open().await;
        assert_eq!(copied.append(vec![row_on(0, TODAY), row_on(99, TODAY)]).await.unwrap(), [Duplicate; 2]);
        assert_eq!(read_everything(&copied).await, read_everything(&log).await);
        assert_eq!(read_everything(&log).await.len(), 100);
    });
}

#[test]
fn a_folder_has_one_writer() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        let second = place.open_with(Options::default()).await;
        assert_eq!(second.err(), Some(ScanLogError::InUse));
        log.close().await;
        place.open().await;
    });
}

#[test]
fn after_a_failed_write_nothing_is_acknowledged_until_reopened() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(vec![row_on(1, TODAY)]).await.unwrap();
        let refuse =
            "CREATE TRIGGER full BEFORE INSERT ON blocks BEGIN SELECT RAISE(ABORT, 'disk full'); END";
        sql(&file(&place, TODAY), refuse).await;
        let failed = log.append(vec![row_on(2, TODAY)]).await;
        assert!(
            matches!(&failed, Err(ScanLogError::Stopped(reason)) if reason.contains("disk full")),
            "{failed:?}"
        );
        assert_eq!(log.append(vec![row_on(1, TODAY)]).await, failed, "not even a duplicate");
        assert_eq!(log.append(vec![row_on(3, day_after(TODAY, 1))]).await, failed);
        assert!(matches!(log.retire_before(TODAY).await, Err(ScanLogError::Stopped(_))));
        assert_eq!(read_everything(&log).await, sealed(&[row_on(1, TODAY)]), "reading goes on");
        sql(&file(&place, TODAY), "DROP TRIGGER full").await;
        let log = place.open().await;
        assert_eq!(
            log.append(vec![row_on(2, TODAY)]).await.unwrap(),
            [Stored],
            "and is stored when it can be"
        );
    });
}

#[test]
fn a_scan_takes_at_most_64_bytes_even_alone() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        for n in 0..6_000 {
            log.append(vec![row_on(n, TODAY)]).await.unwrap();
        }
        log.close().await;
        let bytes = place.open().await.bytes().await.unwrap();
        // The schema, the epochs and the top of the tree take a page of 16 KiB each, however few the scans.
        assert!((bytes - 3 * 16_384) / 6_000 <= 64, "{bytes} bytes for 6,000 scans");
    });
}
