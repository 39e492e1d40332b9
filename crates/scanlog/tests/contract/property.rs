//! Whatever is appended, in whatever order, each event is stored and read once.

use std::collections::HashMap;

use domain::time::day_number;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scanlog::limits::RECENT_DAYS_MIN;
use scanlog::{Appended, ScanRow};

use crate::harness::*;

/// Sequences tried on each engine.
const SEQUENCES: u32 = 24;

/// One step: rows as (id, day), and whether the log is reopened after them.
type Step = (Vec<(u64, i64)>, bool);

pub async fn any_sequence_of_appends_stores_each_event_once(place: Place) {
    // Few ids over many days, so that repeats fall within the window and beyond it.
    let row = (0u64..30, prop_oneof![4 => 0i64..3, 1 => 0i64..24]);
    let steps = prop::collection::vec((prop::collection::vec(row, 1..20), prop::bool::weighted(0.2)), 1..8);
    let config = Config { cases: SEQUENCES, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&steps, |sequence| {
        let here = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| here.block_on(try_sequence(&place.beside(), &sequence)));
        Ok(())
    });
    tried.unwrap();
}

async fn try_sequence(place: &Place, steps: &[Step]) {
    let mut log = place.open().await;
    let mut stored: HashMap<[u8; 16], Vec<ScanRow>> = HashMap::new();
    let mut token = 0u8;
    for (step, reopen) in steps {
        let rows: Vec<ScanRow> = step
            .iter()
            .map(|&(number, day)| {
                // Once a day is packed, repeats of days that lie further back than a clock may be set go unnoticed.
                let day = if matches!(place, Place::Packed(_)) { day.min(9) } else { day };
                token = token.wrapping_add(1);
                ScanRow { token: [token; 16], ..row_on(number, day_after(TODAY, day)) }
            })
            .collect();
        let answers = log.append(rows.clone()).await.unwrap();
        assert_eq!(answers.len(), rows.len());
        // The log writes an append day by day.
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&index| rows[index].arrival_on());
        for index in order {
            let expected = expect(&mut stored, rows[index]);
            assert_eq!(answers[index], expected, "row {index} of {step:?} in {steps:?}");
        }
        place.settle(&log).await;
        if *reopen {
            log.close().await;
            log = place.open().await;
        }
    }
    let read = read_everything(&log).await;
    if let Place::Schema { .. } = place {
        // Two servers may store an event twice there, so what is repeated is read as first received.
        assert_eq!(read.len(), stored.len(), "each event once: {steps:?}");
        let firsts: Vec<_> =
            stored.values().filter_map(|rows| rows.iter().min_by_key(|row| row.arrival_on())).collect();
        assert!(
            firsts.iter().all(|first| read.contains(&(**first).into())),
            "first received wins: {steps:?}"
        );
    } else {
        let all: Vec<ScanRow> = stored.values().flatten().copied().collect();
        let mut wanted = sealed(&all);
        let order = |row: &scanlog::SealedScan| (row.arrival_on(), row.area_id, row.captured, row.token);
        wanted.sort_by_key(order);
        let mut read = read;
        read.sort_by_key(order);
        assert_eq!(read, wanted, "{steps:?}");
    }
    log.close().await;
}

/// What a log with an unlimited memory of each day would answer.
fn expect(stored: &mut HashMap<[u8; 16], Vec<ScanRow>>, row: ScanRow) -> Appended {
    let before = stored.entry(row.event_id).or_default();
    let apart = |other: &ScanRow| (day_number(other.arrival_on()) - day_number(row.arrival_on())).abs();
    if before.iter().any(|other| apart(other) < i64::from(RECENT_DAYS_MIN)) {
        return Appended::Duplicate;
    }
    before.push(row);
    Appended::Stored
}
