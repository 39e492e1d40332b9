//! The contract, case by case.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use domain::time::{day_number, day_start};
use futures_util::future::join_all;
use scanlog::limits::{APPEND_ROWS_MAX, CHUNK_ROWS_MAX};
use scanlog::{Appended, Count, Options, ScanKind, ScanLogError, ScanRow, SealedScan};

use crate::harness::*;
use Appended::{Duplicate, Stored};

pub async fn rows_come_back_as_they_were_in_order_of_arrival(place: Place) {
    let log = place.open().await;
    let extremes = ScanRow {
        event_id: [0xff; 16],
        area_id: scanlog::AREA_ID_MAX,
        kind: ScanKind::Out,
        captured: u32::MAX,
        token: [0xfe; 16],
        assurance: 3,
        epoch: u32::MAX,
        received_at: day_start(TODAY) + domain::time::DAY_MS - 1,
    };
    let zeros = ScanRow { captured: 0, epoch: 0, assurance: 0, area_id: 0, ..row_on(2, TODAY) };
    let mut given = vec![extremes, zeros, row_on(9, TODAY), row_on(1, TODAY)];
    assert_eq!(log.append(given.clone()).await.unwrap(), [Stored; 4]);
    let yesterday = row_on(5, day_after(TODAY, -1));
    log.append(vec![yesterday]).await.unwrap();
    place.settle(&log).await;
    assert_eq!(read(&log, TODAY, day_after(TODAY, 1)).await, place.given_back(&given));
    given.insert(0, yesterday);
    let given = place.given_back(&given);
    assert_eq!(read_everything(&log).await, given, "days in order");
    assert_eq!(read(&log, TODAY, TODAY).await, []);
    assert!(log.bytes().await.unwrap() > 0);
    log.close().await;
    assert_eq!(read_everything(&place.open().await).await, given, "after reopening");
}

pub async fn every_acknowledged_row_of_64_appenders_is_there_once_after_reopening(place: Place) {
    let log = Arc::new(place.open().await);
    let tasks = (0..64u64).map(|task| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            for turn in 0..10 {
                let row = row_on(task * 100 + turn, TODAY);
                assert_eq!(log.append(vec![row]).await.unwrap(), [Stored]);
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    log.close().await;
    let log = place.open().await;
    let rows = read_everything(&log).await;
    let found: HashSet<[u8; 16]> = read_ids(&log).await.into_iter().collect();
    let sent: HashSet<[u8; 16]> =
        (0..64).flat_map(|task| (0..10).map(move |turn| id(task * 100 + turn))).collect();
    assert_eq!(rows.len(), 640);
    assert_eq!(found, sent);
}

pub async fn an_event_is_stored_once_within_an_append_between_appends_and_after_reopening(place: Place) {
    let log = place.open().await;
    let first = row_on(1, TODAY);
    let changed = ScanRow { token: [77; 16], ..first };
    let other = row_on(2, TODAY);
    assert_eq!(
        log.append(vec![first, changed, other, first]).await.unwrap(),
        [Stored, Duplicate, Stored, Duplicate]
    );
    place.settle(&log).await;
    assert_eq!(log.append(vec![changed]).await.unwrap(), [Duplicate]);
    let next_day = ScanRow { received_at: first.received_at + 7 * domain::time::DAY_MS, ..first };
    assert_eq!(log.append(vec![next_day]).await.unwrap(), [Duplicate], "seven days later");
    log.close().await;
    let log = place.open().await;
    assert_eq!(log.append(vec![other, changed, next_day]).await.unwrap(), [Duplicate; 3]);
    assert_eq!(read_everything(&log).await, place.given_back(&[first, other]));
}

pub async fn an_event_repeated_beyond_the_window_is_stored_again(place: Place) {
    let log = place.open().await;
    let first = row_on(1, TODAY);
    let again = ScanRow { area_id: 99, ..row_on(1, day_after(TODAY, 8)) };
    assert_eq!(log.append(vec![again]).await.unwrap(), [Stored]);
    assert_eq!(log.append(vec![first]).await.unwrap(), [Stored], "the log does not look so far");
    place.settle(&log).await;
    assert_eq!(read(&log, TODAY, day_after(TODAY, 1)).await, sealed(&[first]));
    assert_eq!(read(&log, day_after(TODAY, 8), day_after(TODAY, 9)).await, sealed(&[again]));
}

pub async fn one_append_may_cross_midnight(place: Place) {
    let log = place.open().await;
    let midnight = day_start(day_after(TODAY, 1));
    let rows: Vec<ScanRow> = (0..40u64)
        .map(|n| row_at(n, if n % 2 == 0 { midnight - 1 } else { midnight }))
        .chain([row_at(0, midnight), row_at(1, midnight - 1)])
        .collect();
    let answers = log.append(rows.clone()).await.unwrap();
    assert_eq!(answers.iter().filter(|&&answer| answer == Stored).count(), 40);
    assert_eq!(log.days().await.unwrap(), [TODAY, day_after(TODAY, 1)]);
    place.settle(&log).await;
    let before = read(&log, TODAY, day_after(TODAY, 1)).await;
    let after = read(&log, day_after(TODAY, 1), day_after(TODAY, 2)).await;
    assert!(before.iter().all(|row| row.received_at < midnight));
    assert!(after.iter().all(|row| row.received_at >= midnight));
    assert_eq!(before.len() + after.len(), 40, "each event on one side only");
    for (row, answer) in rows.iter().zip(answers) {
        let row = SealedScan::from(*row);
        let kept = before.contains(&row) || after.contains(&row);
        assert_eq!(kept, answer == Stored);
    }
}

pub async fn late_rows_stay_with_their_day_of_arrival_and_count_on_their_own(place: Place) {
    let log = place.open().await;
    let on_time = row_on(0, TODAY);
    let late = ScanRow { captured: on_time.captured - 3 * 86_400, ..row_on(10, TODAY) };
    let out = ScanRow { kind: ScanKind::Out, ..row_on(20, TODAY) };
    log.append(vec![on_time, late, out, row_on(30, TODAY), row_on(30, TODAY)]).await.unwrap();
    assert_eq!(log.days().await.unwrap(), [TODAY]);
    place.settle(&log).await;
    let today = day_number(TODAY);
    let count = |event_day, kind, scans| Count { event_day, area_id: 10, kind, scans };
    assert_eq!(
        log.counts(TODAY).await.unwrap(),
        [count(today - 3, ScanKind::In, 1), count(today, ScanKind::In, 2), count(today, ScanKind::Out, 1)]
    );
    assert_eq!(log.counts(day_after(TODAY, -3)).await.unwrap(), []);
}

pub async fn areas_are_read_apart(place: Place) {
    let log = place.open().await;
    let rows: Vec<ScanRow> =
        (0..50).map(|n| row_on(n, day_after(TODAY, i64::try_from(n / 25).unwrap()))).collect();
    log.append(rows.clone()).await.unwrap();
    place.settle(&log).await;
    let mut found = Vec::new();
    let take = |rows: &[SealedScan]| {
        found.extend_from_slice(rows);
        ControlFlow::Continue(())
    };
    log.read_areas(TODAY, day_after(TODAY, 2), &[11, 14, 999], take).await.unwrap();
    let wanted: Vec<ScanRow> = rows.into_iter().filter(|row| [11, 14].contains(&row.area_id)).collect();
    assert_eq!(found, place.given_back(&wanted));
    let nothing = |_: &[SealedScan]| panic!("no area was asked for");
    log.read_areas(TODAY, day_after(TODAY, 2), &[], nothing).await.unwrap();
}

pub async fn threads_read_each_scan_once(place: Place) {
    let log = place.open().await;
    let rows: Vec<ScanRow> =
        (0..9_000).map(|n| row_on(n, day_after(TODAY, i64::try_from(n / 4_000).unwrap()))).collect();
    for part in rows.chunks(3_000) {
        log.append(part.to_vec()).await.unwrap();
    }
    place.settle(&log).await;
    let found = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&found);
    let work = move |batch: &scanlog::ScanBatch| {
        assert!(batch.rows().all(|row| row.arrival_on() == batch.day()));
        let areas: usize = batch.area_runs().map(|(_, scans)| scans.len()).sum();
        let epochs: usize = batch.epoch_runs().map(|(_, scans)| scans.len()).sum();
        assert_eq!((areas, epochs, batch.tokens().len()), (batch.len(), batch.len(), batch.len()));
        taken.lock().unwrap().extend(batch.rows());
        ControlFlow::Continue(())
    };
    log.read_batches(TODAY, day_after(TODAY, 3), 3, work).await.unwrap();
    let mut found = found.lock().unwrap().clone();
    let mut wanted = sealed(&rows);
    let order = |row: &SealedScan| (row.arrival_on(), row.area_id, row.captured, row.received_at, row.token);
    found.sort_by_key(order);
    wanted.sort_by_key(order);
    assert!(found == wanted, "{} scans of {}", found.len(), wanted.len());
    log.read_batches(TODAY, day_after(TODAY, 3), 2, |_| ControlFlow::Break(())).await.unwrap();
    log.read_batches(TODAY, TODAY, 2, |_| panic!("no day was asked for")).await.unwrap();
}

pub async fn event_ids_are_read_apart(place: Place) {
    let log = place.open().await;
    log.append((0..300).map(|n| row_on(n, TODAY)).collect()).await.unwrap();
    place.settle(&log).await;
    log.append((300..400).map(|n| row_on(n, TODAY)).collect()).await.unwrap();
    assert_eq!(read_ids(&log).await, (0..400).map(id).collect::<Vec<_>>());
    place.settle(&log).await;
    assert_eq!(read_ids(&log).await, (0..400).map(id).collect::<Vec<_>>());
}

pub async fn a_reader_may_stop(place: Place) {
    let log = place.open().await;
    for day in 0..3 {
        let rows =
            (0..CHUNK_ROWS_MAX as u64).map(|n| row_on(day * 10_000 + n, day_after(TODAY, day.cast_signed())));
        log.append(rows.collect()).await.unwrap();
    }
    place.settle(&log).await;
    for _ in 0..6 {
        let mut chunks = 0;
        let stop = |_: &[SealedScan]| {
            chunks += 1;
            ControlFlow::Break(())
        };
        log.read_days(TODAY, day_after(TODAY, 3), stop).await.unwrap();
        assert_eq!(chunks, 1);
    }
    assert_eq!(read_everything(&log).await.len(), 3 * CHUNK_ROWS_MAX, "and reading goes on working");
}

pub async fn chunks_are_bounded(place: Place) {
    let log = place.open().await;
    for part in 0..3u64 {
        log.append((0..5_000).map(|n| row_on(part * 5_000 + n, TODAY)).collect()).await.unwrap();
    }
    place.settle(&log).await;
    let mut sizes = Vec::new();
    let take = |rows: &[SealedScan]| {
        sizes.push(rows.len());
        ControlFlow::Continue(())
    };
    log.read_days(TODAY, day_after(TODAY, 1), take).await.unwrap();
    assert_eq!(sizes, [CHUNK_ROWS_MAX, 15_000 - CHUNK_ROWS_MAX]);
}

pub async fn epochs_are_known_by_day(place: Place) {
    let log = place.open().await;
    let row = |n, day, epoch| ScanRow { epoch, ..row_on(n, day) };
    let tomorrow = day_after(TODAY, 1);
    log.append(vec![row(1, TODAY, 7), row(2, TODAY, u32::MAX), row(3, tomorrow, 8)]).await.unwrap();
    log.append(vec![row(4, TODAY, 7), row(5, TODAY, 3), row(1, TODAY, 1000)]).await.unwrap();
    log.close().await;
    let log = place.open().await;
    log.append(vec![row(6, TODAY, 9), row(7, TODAY, 7)]).await.unwrap();
    place.settle(&log).await;
    assert_eq!(log.epochs_in(TODAY, tomorrow).await.unwrap(), [3, 7, 9, u32::MAX], "a duplicate brings none");
    assert_eq!(log.epochs_in(TODAY, day_after(TODAY, 2)).await.unwrap(), [3, 7, 8, 9, u32::MAX]);
    assert_eq!(log.epochs_in(day_after(TODAY, 2), day_after(TODAY, 9)).await.unwrap(), [] as [u32; 0]);
}

pub async fn whole_days_are_retired(place: Place) {
    let log = place.open().await;
    let days: Vec<_> = (0..4).map(|n| day_after(TODAY, n)).collect();
    let rows: Vec<ScanRow> = (0..40).map(|n| row_on(n, days[usize::try_from(n % 4).unwrap()])).collect();
    log.append(rows.clone()).await.unwrap();
    place.settle(&log).await;
    assert_eq!(log.retire_before(days[0]).await.unwrap(), []);
    assert_eq!(log.retire_before(days[2]).await.unwrap(), days[..2]);
    assert_eq!(log.retire_before(days[2]).await.unwrap(), [], "twice is the same as once");
    assert_eq!(log.days().await.unwrap(), days[2..]);
    assert_eq!(log.counts(days[0]).await.unwrap(), []);
    assert_eq!(log.epochs_in(days[0], days[2]).await.unwrap(), [] as [u32; 0]);
    assert_eq!(read_everything(&log).await.len(), 20);
    // The log goes on working, for the days kept and even for a day that was retired.
    assert_eq!(log.append(vec![rows[2], row_on(100, days[3])]).await.unwrap(), [Duplicate, Stored]);
    assert_eq!(log.append(vec![row_on(101, days[0])]).await.unwrap(), [Stored]);
    assert_eq!(log.retire_before(days[1]).await.unwrap(), days[..1]);
    log.close().await;
    let log = place.open().await;
    assert_eq!(log.days().await.unwrap(), days[2..]);
    assert_eq!(read_everything(&log).await.len(), 21);
}

pub async fn rows_survive_a_runtime_that_is_dropped(place: Place) {
    for round in 0..5u64 {
        let there = place.clone();
        let acknowledged = tokio::task::spawn_blocking(move || {
            let dying = runtime();
            let acknowledged = dying.block_on(async {
                let log = Arc::new(there.open().await);
                let last =
                    log.append((0..10).map(|n| row_on(round * 1000 + n, TODAY)).collect()).await.unwrap();
                // These are under way when the runtime goes, and may be stored or not.
                for n in 10..20 {
                    let log = Arc::clone(&log);
                    tokio::spawn(async move { log.append(vec![row_on(round * 1000 + n, TODAY)]).await });
                }
                tokio::task::yield_now().await;
                last
            });
            dying.shutdown_background();
            acknowledged
        });
        assert_eq!(acknowledged.await.unwrap(), [Stored; 10]);
        let log = reopen_when_free(&place).await;
        let ids = read_ids(&log).await;
        for n in 0..10 {
            let found = ids.iter().filter(|found| **found == id(round * 1000 + n)).count();
            assert_eq!(found, 1, "round {round}, row {n}");
        }
        log.close().await;
    }
}

/// The dropped runtime's threads may take a moment to let the folder go.
async fn reopen_when_free(place: &Place) -> scanlog::ScanLog {
    loop {
        match place.open_with(Options::default()).await {
            Err(ScanLogError::InUse) => tokio::task::yield_now().await,
            other => return other.unwrap(),
        }
    }
}

pub async fn a_full_queue_answers_busy_and_takes_more_later(place: Place) {
    // On one thread the writer can't begin before all ten appends have been tried.
    let alone = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let options = Options { queue_rows_max: 4, ..Options::default() };
            let log = place.open_with(options).await.unwrap();
            let answers = join_all((0..10).map(|n| log.append(vec![row_on(n, TODAY)]))).await;
            let busy = Err(ScanLogError::Busy { rows_max: 4 });
            assert_eq!(answers.iter().filter(|&answer| *answer == Ok(vec![Stored])).count(), 4);
            assert_eq!(answers.iter().filter(|&answer| *answer == busy).count(), 6);
            for n in 4..10 {
                assert_eq!(
                    log.append(vec![row_on(n, TODAY)]).await.unwrap(),
                    [Stored],
                    "the room is given back"
                );
            }
            let whole = (20..25).map(|n| row_on(n, TODAY)).collect();
            assert_eq!(log.append(whole).await, Err(ScanLogError::TooManyRows { found: 5, rows_max: 4 }));
            assert_eq!(read_everything(&log).await.len(), 10);
            log.close().await;
        });
    };
    tokio::task::spawn_blocking(alone).await.unwrap();
}

pub async fn what_does_not_fit_is_refused_before_anything_is_written(place: Place) {
    let log = place.open().await;
    assert_eq!(log.append(Vec::new()).await.unwrap(), []);
    let too_many = vec![row_on(1, TODAY); APPEND_ROWS_MAX + 1];
    assert!(matches!(log.append(too_many).await, Err(ScanLogError::TooManyRows { .. })));
    let bad = ScanRow { assurance: 4, ..row_on(2, TODAY) };
    let refused = log.append(vec![row_on(1, TODAY), bad]).await;
    assert_eq!(refused, Err(ScanLogError::BadRow { index: 1, field: "assurance" }));
    assert_eq!(log.days().await.unwrap(), []);
}

pub async fn a_closed_log_answers_stopped(place: Place) {
    let log = place.open().await;
    log.append(vec![row_on(1, TODAY)]).await.unwrap();
    log.close().await;
    log.close().await;
    assert!(matches!(log.append(vec![row_on(2, TODAY)]).await, Err(ScanLogError::Stopped(_))));
    assert!(matches!(log.retire_before(TODAY).await, Err(ScanLogError::Stopped(_))));
}

pub async fn dropping_the_log_writes_what_is_queued(place: Place) {
    let log = Arc::new(place.open().await);
    let appends: Vec<_> = (0..32)
        .map(|n| {
            let log = Arc::clone(&log);
            tokio::spawn(async move { log.append(vec![row_on(n, TODAY)]).await })
        })
        .collect();
    drop(log);
    for append in appends {
        assert_eq!(append.await.unwrap().unwrap(), [Stored]);
    }
    assert_eq!(read_everything(&reopen_when_free(&place).await).await.len(), 32);
}
