use store::access_log::{LogHead, LogRow};

use crate::common::{House, rows::NOW};

/// The next entry of a chain whose hashes are only numbers: the store does not look into them.
fn next(last: Option<&LogRow>, at: i64, case_id: Option<i64>) -> LogRow {
    let seq = last.map_or(1, |last| last.seq + 1);
    LogRow {
        seq,
        prev: last.map_or(vec![0; 32], |last| last.hash.clone()),
        at,
        actor: "an".to_owned(),
        action: "opening_run".to_owned(),
        case_id,
        purpose: "trace_contacts".to_owned(),
        scope: "14 ngày".to_owned(),
        count: 2,
        key_ids: "1 2".to_owned(),
        hash: seq.to_be_bytes().repeat(4),
    }
}

async fn append(on: &House, at: i64, case_id: Option<i64>, subjects: &[[u8; 16]]) -> LogRow {
    on.store.append_log(subjects, |last| next(last, at, case_id)).await.unwrap()
}

on_both! {
    async fn entries_build_on_one_another(on) {
        let first = append(&on, NOW, None, &[]).await;
        let second = append(&on, NOW + 1, Some(7), &[]).await;
        assert_eq!((first.seq, second.seq, &second.prev), (1, 2, &first.hash));
        assert_eq!(on.store.log_rows(1, 10).await.unwrap(), [first.clone(), second.clone()]);
        assert_eq!(on.store.log_rows(2, 10).await.unwrap(), std::slice::from_ref(&second));
        assert_eq!(on.store.log_rows(1, 1).await.unwrap(), std::slice::from_ref(&first));
        assert_eq!(on.store.log_rows(3, 10).await.unwrap(), []);
        assert_eq!(on.store.latest_log_rows(None, 10).await.unwrap(), [second.clone(), first]);
        assert_eq!(on.store.latest_log_rows(Some(7), 10).await.unwrap(), [second]);
        assert_eq!(on.store.latest_log_rows(Some(8), 10).await.unwrap(), []);
    }

    async fn twenty_at_once_make_a_chain_without_a_gap(on) {
        let appending: Vec<_> = (0..20)
            .map(|number| {
                let on = on.clone();
                tokio::spawn(async move { append(&on, NOW + number, None, &[[number as u8; 16]]).await })
            })
            .collect();
        for one in appending {
            one.await.unwrap();
        }
        let rows = on.store.log_rows(1, 100).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
        assert!(rows.windows(2).all(|pair| pair[1].prev == pair[0].hash));
        assert_eq!(on.count("SELECT COUNT(*) FROM access_subjects").await, 20);
    }

    async fn a_server_that_reads_is_not_held_up_by_one_that_appends(on) {
        append(&on, NOW, None, &[]).await;
        let other = on.address.open().await.unwrap();
        let second = other.append_log(&[], |last| next(last, NOW, None)).await.unwrap();
        assert_eq!(second.seq, 2);
        assert_eq!(on.store.log_rows(1, 10).await.unwrap().len(), 2);
        other.close().await;
    }

    async fn an_entry_that_does_not_fit_keeps_nothing(on) {
        append(&on, NOW, None, &[]).await;
        let stale = on.store.append_log(&[[1; 16]], |_| next(None, NOW, None)).await;
        assert!(store::is_unique_violation(&stale.unwrap_err()));
        assert_eq!(on.store.log_rows(1, 10).await.unwrap().len(), 1);
        assert!(on.store.log_rows_of_subject([1; 16]).await.unwrap().is_empty());
        assert_eq!(append(&on, NOW, None, &[]).await.seq, 2, "the chain goes on");
    }

    async fn a_person_finds_the_entries_about_him(on) {
        append(&on, NOW, Some(1), &[[1; 16], [2; 16], [1; 16]]).await;
        append(&on, NOW + 1, Some(2), &[[2; 16]]).await;
        append(&on, NOW + 2, Some(3), &[]).await;
        let cases = |rows: Vec<LogRow>| rows.iter().map(|r| r.case_id).collect::<Vec<_>>();
        assert_eq!(cases(on.store.log_rows_of_subject([2; 16]).await.unwrap()), [Some(2), Some(1)]);
        assert_eq!(cases(on.store.log_rows_of_subject([1; 16]).await.unwrap()), [Some(1)], "named twice, once");
        assert_eq!(cases(on.store.log_rows_of_subject([3; 16]).await.unwrap()), []);
    }

    async fn the_head_of_a_day_is_the_last_before_its_end(on) {
        append(&on, NOW, None, &[]).await;
        append(&on, NOW + 10, None, &[]).await;
        assert_eq!(on.store.log_head_at(NOW).await.unwrap(), None);
        assert_eq!(on.store.log_head_at(NOW + 1).await.unwrap().unwrap().seq, 1);
        assert_eq!(on.store.log_head_at(NOW + 10).await.unwrap().unwrap().seq, 1);
        assert_eq!(on.store.log_head_at(NOW + 11).await.unwrap().unwrap().seq, 2);
    }

    async fn the_first_signed_head_of_a_day_stands(on) {
        let head = |day: &str, seq| LogHead { day_on: day.to_owned(), seq, hash: vec![1; 32], signature: vec![2; 64] };
        on.store.add_log_head(&head("2026-11-23", 5)).await.unwrap();
        on.store.add_log_head(&head("2026-11-22", 3)).await.unwrap();
        on.store.add_log_head(&head("2026-11-23", 9)).await.unwrap();
        let heads = on.store.log_heads().await.unwrap();
        let facts: Vec<_> = heads.iter().map(|h| (h.day_on.as_str(), h.seq, h.signature.len())).collect();
        assert_eq!(facts, [("2026-11-22", 3, 64), ("2026-11-23", 5, 64)]);
    }
}
