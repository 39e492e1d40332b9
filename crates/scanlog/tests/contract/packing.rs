//! Packing: what becomes of the files, whatever interrupts it; what a damaged packed file hurts.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::time::day_start;
use jiff::civil::Date;
use scanlog::{Appended, Packing, ScanLog, ScanLogError, ScanRow};

use crate::harness::*;
use Appended::{Duplicate, Stored};

fn folder(place: &Place) -> &Path {
    let Place::Folder(path) = place else { unreachable!("these tests run on a folder") };
    path
}

fn names(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder(place))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("scans-"))
        .collect();
    names.sort();
    names
}

fn path(place: &Place, name: &str) -> PathBuf {
    folder(place).join(name)
}

fn copy_all(from: &Place, to: &Place) {
    fs::create_dir_all(folder(to)).unwrap();
    for name in names(from) {
        fs::copy(path(from, &name), path(to, &name)).unwrap();
    }
}

fn rows(count: u64) -> Vec<ScanRow> {
    (0..count).map(|n| row_on(n, TODAY)).collect()
}

/// An hour and a moment after midnight: today is over.
fn tomorrow_morning() -> i64 {
    day_start(day_after(TODAY, 1)) + 3_600_000
}

async fn packed_now(log: &ScanLog) -> Packing {
    log.pack_closed(tomorrow_morning()).await.unwrap()
}

async fn fault(log: &ScanLog, day: Date) -> Option<ScanLogError> {
    log.read_days(day, day_after(day, 1), |_| ControlFlow::Continue(())).await.err()
}

const LIVE: &str = "scans-2026-11-23.sqlite";
const ARROW: &str = "scans-2026-11-23.arrow";
const IDS: &str = "scans-2026-11-23.ids";

#[test]
fn a_closed_day_becomes_one_file_and_its_ids() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(rows(500)).await.unwrap();
        assert_eq!(
            log.pack_closed(tomorrow_morning() - 1).await.unwrap(),
            Packing::default(),
            "not closed yet"
        );
        assert_eq!(packed_now(&log).await, Packing { packed: vec![TODAY], ..Packing::default() });
        assert_eq!(names(&place), [ARROW, IDS]);
        assert_eq!(packed_now(&log).await, Packing::default(), "twice is the same as once");
        assert_eq!(
            log.append(vec![row_on(7, TODAY), row_on(7, day_after(TODAY, 7))]).await.unwrap(),
            [Duplicate; 2]
        );
        log.close().await;
        let log = place.open().await;
        assert_eq!(log.append(vec![row_on(7, day_after(TODAY, 7))]).await.unwrap(), [Duplicate]);
        assert_eq!(read_everything(&log).await.len(), 500);
        assert_eq!(log.retire_before(day_after(TODAY, 1)).await.unwrap(), [TODAY]);
        assert!(!names(&place).iter().any(|name| name.contains("2026-11-23")), "{:?}", names(&place));
    });
}

#[test]
fn rows_that_come_after_packing_are_kept_read_and_packed_too() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(rows(100)).await.unwrap();
        packed_now(&log).await;
        // A clock that was set back: yesterday receives scans again.
        let late: Vec<ScanRow> = (90..130).map(|n| row_on(n, TODAY)).collect();
        let answers = log.append(late).await.unwrap();
        assert_eq!(answers.iter().filter(|&&answer| answer == Stored).count(), 30);
        assert_eq!(
            names(&place).iter().filter(|name| name.contains("sqlite")).count(),
            3,
            "{:?}",
            names(&place)
        );
        assert_eq!(read_everything(&log).await.len(), 130);
        assert_eq!(log.days().await.unwrap(), [TODAY]);
        log.close().await;
        let log = place.open().await;
        assert_eq!(log.append(vec![row_on(3, TODAY), row_on(129, TODAY)]).await.unwrap(), [Duplicate; 2]);
        assert_eq!(packed_now(&log).await.packed, [TODAY]);
        assert_eq!(names(&place), ["scans-2026-11-23+2.arrow", "scans-2026-11-23+2.ids"]);
        assert_eq!(read_ids(&log).await, (0..130).map(id).collect::<Vec<_>>());
        assert_eq!(read_everything(&log).await.len(), 130);
        assert_eq!(log.counts(TODAY).await.unwrap().iter().map(|count| count.scans).sum::<i64>(), 130);
        assert_eq!(log.append(vec![row_on(129, TODAY)]).await.unwrap(), [Duplicate]);
    });
}

#[test]
fn appends_go_on_while_a_day_is_packed() {
    on_folder(async |place: Place| {
        let log = Arc::new(place.open().await);
        for part in rows(40_000).chunks(8_000) {
            log.append(part.to_vec()).await.unwrap();
        }
        let packer = Arc::clone(&log);
        let packing = tokio::spawn(async move { packed_now(&packer).await });
        let mut stored = 0u64;
        while !packing.is_finished() {
            let row = if stored.is_multiple_of(2) {
                row_on(stored, TODAY)
            } else {
                row_on(100_000 + stored, TODAY)
            };
            let expected = if stored.is_multiple_of(2) { Duplicate } else { Stored };
            assert_eq!(log.append(vec![row]).await.unwrap(), [expected], "append {stored}");
            stored += 1;
        }
        assert_eq!(packing.await.unwrap().packed, [TODAY]);
        let whole = 40_000 + stored / 2;
        assert_eq!(read_everything(&log).await.len() as u64, whole);
        packed_now(&log).await;
        assert_eq!(read_everything(&log).await.len() as u64, whole);
    });
}

#[test]
fn a_reading_that_has_begun_ends_well() {
    on_folder(async |place: Place| {
        let log = Arc::new(place.open().await);
        for part in rows(24_000).chunks(8_000) {
            log.append(part.to_vec()).await.unwrap();
        }
        for _ in 0..20 {
            let reader = Arc::clone(&log);
            let reading = tokio::spawn(async move { read_everything(&reader).await.len() });
            packed_now(&log).await;
            assert_eq!(reading.await.unwrap(), 24_000);
            let unpacked = place.beside();
            copy_all(&place, &unpacked);
        }
    });
}

/// Whatever step a crash comes after, opening finds every row once.
#[test]
fn a_crash_after_any_step_loses_nothing_and_doubles_nothing() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(rows(300)).await.unwrap();
        log.close().await;
        let (before, after) = (place.beside(), place.beside());
        copy_all(&place, &before);
        let log = place.open().await;
        packed_now(&log).await;
        log.close().await;
        copy_all(&place, &after);
        // What stands in the folder after each step: the live file, and parts or names of the packed ones.
        let steps: [&[(&str, &str)]; 6] = [
            &[(IDS, "scans-2026-11-23.ids.part")],
            &[(IDS, "scans-2026-11-23.ids.part"), (ARROW, "scans-2026-11-23.arrow.part")],
            &[(IDS, IDS), (ARROW, "scans-2026-11-23.arrow.part")],
            &[(IDS, IDS), (ARROW, ARROW)],
            &[(ARROW, ARROW)],
            &[(IDS, IDS)],
        ];
        for (number, step) in steps.into_iter().enumerate() {
            for cut in [false, true] {
                let here = place.beside();
                copy_all(&before, &here);
                for (made, name) in step {
                    let mut bytes = fs::read(path(&after, made)).unwrap();
                    if cut && name.ends_with(".part") {
                        bytes.truncate(bytes.len() / 2);
                    }
                    fs::write(path(&here, name), bytes).unwrap();
                }
                let log = here.open().await;
                assert!(!names(&here).iter().any(|name| name.ends_with(".part")), "{:?}", names(&here));
                assert_eq!(read_everything(&log).await.len(), 300, "step {number}");
                if !step.contains(&(ARROW, ARROW)) || step.len() == 2 {
                    assert_eq!(log.append(rows(300)).await.unwrap(), [Duplicate; 300], "step {number}");
                }
                packed_now(&log).await;
                assert_eq!(read_everything(&log).await.len(), 300, "step {number}");
                log.close().await;
            }
        }
    });
}

#[test]
fn a_damaged_day_is_not_packed_and_hinders_no_other() {
    on_folder(async |place: Place| {
        let yesterday = day_after(TODAY, -1);
        let log = place.open().await;
        log.append(vec![row_on(1_000, yesterday), row_on(1_001, yesterday)]).await.unwrap();
        log.append(rows(10)).await.unwrap();
        log.close().await;
        let damaged = path(&place, "scans-2026-11-22.sqlite");
        let mut bytes = fs::read(&damaged).unwrap();
        let at = bytes.windows(16).position(|window| window == id(1_000)).unwrap();
        bytes[at + 20] ^= 4;
        fs::write(&damaged, &bytes).unwrap();
        let log = place.open().await;
        for _ in 0..2 {
            let packing = packed_now(&log).await;
            assert!(
                matches!(&packing.failed[..], [ScanLogError::Damaged { day, .. }] if *day == yesterday),
                "{packing:?}"
            );
            assert_eq!(fs::read(&damaged).unwrap(), bytes, "it stays as it is");
        }
        assert!(path(&place, ARROW).exists() && !path(&place, LIVE).exists());
        assert_eq!(log.append(vec![row_on(2_000, yesterday)]).await.unwrap(), [Stored], "scans are taken in");
    });
}

#[test]
fn a_damaged_packed_file_is_named_and_hurts_its_own_day_only() {
    on_folder(async |place: Place| {
        let tomorrow = day_after(TODAY, 1);
        let log = place.open().await;
        for part in 0..5u64 {
            log.append((0..8_000).map(|n| row_on(part * 8_000 + n, TODAY)).collect()).await.unwrap();
        }
        log.append(vec![row_on(90_000, tomorrow)]).await.unwrap();
        packed_now(&log).await;
        let whole = fs::read(path(&place, ARROW)).unwrap();
        let mut bytes = whole.clone();
        let late = bytes.len() * 9 / 10;
        bytes[late] ^= 1;
        fs::write(path(&place, ARROW), &bytes).unwrap();
        let mut before = 0;
        let count = |rows: &[scanlog::SealedScan]| {
            before += rows.len();
            ControlFlow::Continue(())
        };
        let error = log.read_days(TODAY, day_after(TODAY, 2), count).await.unwrap_err();
        assert!(
            matches!(&error, ScanLogError::Damaged { day, reason } if *day == TODAY && reason.contains("batch 2 of 2")),
            "{error}"
        );
        assert_eq!(before, scanlog::limits::BATCH_ROWS_MAX, "the good batch before it is given");
        assert!(log.read_batches(TODAY, tomorrow, 2, |_| ControlFlow::Continue(())).await.is_err());
        assert_eq!(read(&log, tomorrow, day_after(TODAY, 2)).await.len(), 1);
        for broken in [&whole[..whole.len() / 2], b"no arrow file at all", b""] {
            fs::write(path(&place, ARROW), broken).unwrap();
            assert!(
                matches!(fault(&log, TODAY).await, Some(ScanLogError::Damaged { day, .. }) if day == TODAY)
            );
        }
        log.close().await;
        let log = place.open().await;
        assert!(fault(&log, TODAY).await.is_some());
        assert_eq!(
            log.append(vec![row_on(1, TODAY), row_on(90_001, tomorrow)]).await.unwrap(),
            [Duplicate, Stored]
        );
        assert_eq!(log.days().await.unwrap(), [TODAY, tomorrow]);
        assert_eq!(log.retire_before(tomorrow).await.unwrap(), [TODAY]);
    });
}

#[test]
fn what_a_day_was_packed_from_stays_while_its_packed_file_is_damaged() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(rows(300)).await.unwrap();
        log.close().await;
        let live = fs::read(path(&place, LIVE)).unwrap();
        let log = place.open().await;
        packed_now(&log).await;
        log.close().await;
        let packed = fs::read(path(&place, ARROW)).unwrap();
        let mut broken = packed.clone();
        broken[packed.len() / 3] ^= 1;
        fs::write(path(&place, LIVE), &live).unwrap();
        for bytes in [&broken[..], &packed[..packed.len() / 2], b""] {
            fs::write(path(&place, ARROW), bytes).unwrap();
            let log = place.open().await;
            packed_now(&log).await;
            log.close().await;
            assert_eq!(fs::read(path(&place, LIVE)).unwrap(), live);
        }
        fs::remove_file(path(&place, ARROW)).unwrap();
        let log = place.open().await;
        assert_eq!(read_everything(&log).await.len(), 300, "without the damaged file the day is what it was");
        log.close().await;
        fs::write(path(&place, ARROW), &packed).unwrap();
        let log = place.open().await;
        assert!(!path(&place, LIVE).exists(), "a packed file that is whole replaces it");
        assert_eq!(read_everything(&log).await.len(), 300);
    });
}

#[test]
fn damaged_ids_do_not_keep_late_rows_from_being_packed() {
    on_folder(async |place: Place| {
        // In a page, and in the trailer: a file that opens, and one that does not.
        for from_end in [false, true] {
            let here = place.beside();
            let log = here.open().await;
            log.append(rows(100)).await.unwrap();
            packed_now(&log).await;
            log.close().await;
            let mut ids = fs::read(path(&here, IDS)).unwrap();
            let at = if from_end { ids.len() - 3 } else { 40 };
            ids[at] ^= 1;
            fs::write(path(&here, IDS), ids).unwrap();
            let log = here.open().await;
            assert_eq!(log.append(vec![row_on(100, TODAY)]).await.unwrap(), [Stored]);
            let packing = packed_now(&log).await;
            assert_eq!((packing.packed, packing.without_ids), (vec![TODAY], vec![TODAY]));
            assert_eq!(names(&here), ["scans-2026-11-23+2.arrow"]);
            assert_eq!(read_everything(&log).await.len(), 101);
            assert_eq!(
                log.append(vec![row_on(100, TODAY)]).await.unwrap(),
                [Duplicate],
                "as long as it is open"
            );
        }
    });
}

#[test]
fn ids_go_when_nothing_can_repeat_them() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(rows(50)).await.unwrap();
        packed_now(&log).await;
        let in_days = |days: i64| day_start(day_after(TODAY, days)) + 2 * 3_600_000;
        log.pack_closed(in_days(10)).await.unwrap();
        assert_eq!(names(&place), [ARROW, IDS], "the window and its slack");
        assert_eq!(log.pack_closed(in_days(11)).await.unwrap(), Packing::default(), "none is missed");
        assert_eq!(names(&place), [ARROW]);
        assert_eq!(
            log.pack_closed(in_days(7)).await.unwrap().without_ids,
            [TODAY],
            "the clock was days ahead"
        );
        assert_eq!(read_ids(&log).await, [] as [[u8; 16]; 0]);
        assert_eq!(read_everything(&log).await.len(), 50);
        let old = place.beside();
        let log = old.open().await;
        log.append(rows(50)).await.unwrap();
        log.pack_closed(in_days(20)).await.unwrap();
        assert_eq!(names(&old), [ARROW], "a day that is packed so late gets none");
    });
}

#[test]
fn what_cannot_be_written_leaves_the_day_as_it_was_and_is_tried_again() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        log.append(rows(60)).await.unwrap();
        // A folder stands where the file is to be made.
        let in_the_way = path(&place, "scans-2026-11-23.arrow.part");
        fs::create_dir(&in_the_way).unwrap();
        let packing = packed_now(&log).await;
        assert!(
            matches!(&packing.failed[..], [ScanLogError::Day { day, .. }, ..] if *day == TODAY),
            "{packing:?}"
        );
        assert!(path(&place, LIVE).exists() && !path(&place, IDS).exists());
        assert_eq!(log.append(vec![row_on(5, TODAY), row_on(60, TODAY)]).await.unwrap(), [Duplicate, Stored]);
        assert_eq!(read_everything(&log).await.len(), 61);
        fs::remove_dir(&in_the_way).unwrap();
        assert_eq!(packed_now(&log).await.packed, [TODAY]);
        assert_eq!(log.append(vec![row_on(5, TODAY), row_on(60, TODAY)]).await.unwrap(), [Duplicate; 2]);
        assert_eq!(read_everything(&log).await.len(), 61);
        log.close().await;
        assert_eq!(read_everything(&place.open().await).await.len(), 61);
    });
}

#[test]
fn a_packed_scan_takes_at_most_28_bytes() {
    on_folder(async |place: Place| {
        let log = place.open().await;
        for part in 0..8u64 {
            let row = |n: u64| ScanRow {
                event_id: rand::random(),
                token: rand::random(),
                area_id: rand::random_range(0..500),
                ..row_on(part * 8_000 + n, TODAY)
            };
            log.append((0..8_000).map(row).collect()).await.unwrap();
        }
        packed_now(&log).await;
        let bytes = fs::metadata(path(&place, ARROW)).unwrap().len();
        assert!(bytes <= 64_000 * 28, "{bytes} bytes for 64,000 scans");
        let ids = fs::metadata(path(&place, IDS)).unwrap().len();
        assert!(ids <= 64_000 * 18, "{ids} bytes for 64,000 ids");
    });
}
