use domain::time::day_number;
use jiff::civil::date;
use store::{accounts::Invitation, cases::Case, retention::Removed};

use crate::{
    common::{
        House,
        rows::{CARD, COMMUNE, HOUR, NOW, PHONE, account, arrival, case, ground, opening, settle},
    },
    keyring::{epoch, key_pair, share},
};

/// Oldest day kept in these tests.
const FIRST: i64 = 20_000;
/// Days that the day last seen may lag.
const LAG: i64 = 3;

async fn people(on: &House) -> (i64, i64) {
    (on.count("SELECT COUNT(*) FROM people").await, on.count("SELECT COUNT(*) FROM person_indexes").await)
}

on_both! {
    async fn an_empty_store_has_nothing_to_remove(on) {
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap(), Removed::default());
    }

    async fn movement_keys_go_with_their_day(on) {
        for (number, day) in [(1, FIRST - 2), (2, FIRST - 1), (3, FIRST), (4, FIRST + 1)] {
            on.store.add_epoch(&epoch(number, day)).await.unwrap();
        }
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().movement_keys, 2);
        let kept = on.store.epochs(0, i64::MAX).await.unwrap();
        let wraps: Vec<_> = kept.iter().map(|e| (e.epoch, e.movement_wrap.is_some())).collect();
        assert_eq!(wraps, [(1, false), (2, false), (3, true), (4, true)]);
        assert!(kept.iter().all(|e| e.identity_wrap.len() == 97), "identities of people seen since still open");
        assert_eq!(on.count_keyring("SELECT COUNT(*) FROM epochs WHERE movement_wrap IS NULL").await, 2);
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap(), Removed::default(), "twice is as once");
        assert_eq!(on.store.next_epoch().await.unwrap(), 5, "numbers are not used again");
    }

    async fn shares_go_when_their_month_has_left_the_period(on) {
        let pairs = [
            key_pair(1, "movement", "2025-12"),
            key_pair(2, "movement", "2026-10"),
            key_pair(3, "movement", "2026-11"),
            key_pair(4, "register", ""),
        ];
        let shares: Vec<_> = pairs.iter().flat_map(|pair| [share(pair.id, 7), share(pair.id, 8)]).collect();
        on.store.add_key_pairs(&pairs, &shares, 1).await.unwrap();
        let left = on.store.remove_expired(day_number(date(2026, 10, 31)), NOW).await.unwrap();
        assert_eq!(left.movement_shares, 2, "of 2025 only: a day of October still stands");
        let left = on.store.remove_expired(day_number(date(2026, 11, 1)), NOW).await.unwrap();
        assert_eq!(left.movement_shares, 2, "October has left");
        assert!(on.store.shares_of(2, 7).await.unwrap().is_empty());
        assert_eq!(on.store.shares_of(3, 7).await.unwrap().len(), 1);
        assert_eq!(on.store.shares_of(4, 8).await.unwrap().len(), 1, "the register's stay with the system");
        assert_eq!(on.store.key_pairs().await.unwrap().len(), 4, "public halves tell nothing");
    }

    async fn people_not_seen_within_the_period_go_with_their_indexes(on) {
        settle(&on, arrival(77, 1, Some(2), FIRST - LAG - 1), 1).await;
        settle(&on, arrival(78, 3, Some(2), FIRST), 2).await;
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().people, 1);
        assert_eq!(people(&on).await, (1, 2));
        assert!(on.store.persons_by_index(CARD, [1; 16]).await.unwrap().is_empty());
        assert_eq!(on.store.persons_by_index(PHONE, [2; 16]).await.unwrap(), [78], "the shared phone is the other's");
        assert!(on.store.person_records(&[77]).await.unwrap().is_empty());
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().people, 0);
        assert_eq!(settle(&on, arrival(90, 1, None, FIRST), 9).await, 90, "comes back as somebody new");
    }

    async fn nobody_goes_while_his_scans_still_open(on) {
        settle(&on, arrival(77, 1, None, FIRST - LAG), 1).await;
        // The visit three days later is inside the period, though the day last seen was not worth a write.
        settle(&on, arrival(77, 1, None, FIRST), 2).await;
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().people, 0);
        assert_eq!(on.store.remove_expired(FIRST + 1, NOW).await.unwrap().people, 1);
        assert_eq!(people(&on).await, (0, 0));
    }

    async fn all_records_of_a_person_go_together(on) {
        settle(&on, arrival(77, 1, None, FIRST - 40), 1).await;
        settle(&on, arrival(77, 1, Some(2), FIRST), 2).await;
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().people, 0, "seen lately: the old record stays");
        assert_eq!(on.store.remove_expired(FIRST + LAG + 1, NOW).await.unwrap().people, 2);
        assert_eq!(people(&on).await, (0, 0));
    }

    async fn persons_of_a_case_stay_while_it_does(on) {
        ground(&on).await;
        let high = u64::MAX - 4;
        for (person, card) in [(77, 1), (78, 2), (high.cast_signed(), 3), (0x77, 4)] {
            settle(&on, arrival(person, card, None, FIRST - 40), i64::from(card)).await;
        }
        on.store.add_case(&case(1, &format!("{:016x},{high:016x}", 77)), "DL-2026-").await.unwrap();
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().people, 2, "78, and 0x77, which only looks like 77");
        assert_eq!(on.store.person_records(&[77, high.cast_signed()]).await.unwrap().len(), 2);
        let last = on.store.remove_expired(FIRST, NOW + HOUR).await.unwrap();
        assert_eq!((last.cases, last.people), (1, 2), "they go in the same run as the case");
        assert_eq!(people(&on).await, (0, 0));
    }

    async fn thousands_go_in_one_run(on) {
        let arrivals: Vec<_> = (0..1_205i64)
            .map(|number| store::people::Arrival {
                naming: vec![(CARD, (number as u128 + 1).to_be_bytes())],
                ..arrival(if number % 2 == 0 { number } else { -number }, 0, None, FIRST - 40)
            })
            .collect();
        on.store.settle_arrivals(&arrivals, NOW, |at, _| Some((at as i64, 1, vec![0]))).await.unwrap();
        settle(&on, arrival(5_000, 9, None, FIRST), 9_000).await;
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().people, 1_205);
        assert_eq!(people(&on).await, (1, 1));
    }

    async fn an_identity_that_cannot_be_sealed_leaves_nothing(on) {
        assert!(on.store.settle_arrivals(&[arrival(77, 1, Some(2), FIRST)], NOW, |_, _| None).await.is_err());
        assert!(on.store.persons_by_index(PHONE, [2; 16]).await.unwrap().is_empty());
        assert_eq!(people(&on).await, (0, 0));
    }

    async fn somebody_who_comes_while_he_is_removed_is_whole(on) {
        for round in 0..5 {
            let card = 10 + round as u8;
            settle(&on, arrival(700 + round, card, Some(card), FIRST - 40), 10 * round).await;
            let (a, b) = (on.clone(), on.clone());
            let removing = tokio::spawn(async move { a.store.remove_expired(FIRST, NOW).await.unwrap() });
            let coming =
                tokio::spawn(async move { settle(&b, arrival(800 + round, card, Some(card), FIRST), 10 * round + 1).await });
            removing.await.unwrap();
            let person = coming.await.unwrap();
            assert_eq!(on.store.persons_by_index(CARD, [card; 16]).await.unwrap(), [person]);
            assert_eq!(on.store.persons_by_index(PHONE, [card; 16]).await.unwrap(), [person]);
            assert_eq!(on.store.person_records(&[person]).await.unwrap().len(), 1);
        }
    }

    async fn a_case_goes_with_all_it_keeps(on) {
        ground(&on).await;
        on.store.add_case(&Case { delete_at: NOW, ..case(1, "77") }, "DL-2026-").await.unwrap();
        on.store.add_case(&Case { delete_at: NOW + 1, ..case(2, "78") }, "DL-2026-").await.unwrap();
        on.store.put_case_file(1, vec![1]).await.unwrap();
        for (id, case_id) in [(9, 1), (10, 1), (11, 2)] {
            on.store.add_opening(&opening(id, case_id)).await.unwrap();
            on.store.add_release(id, 1, 501, NOW).await.unwrap();
            on.store.begin_sitting(id, NOW).await.unwrap();
        }
        assert_eq!(on.store.remove_expired(FIRST, NOW - 1).await.unwrap().cases, 0);
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().cases, 1);
        assert!(on.store.case(1).await.unwrap().is_none());
        assert!(on.store.openings_of_case(1).await.unwrap().is_empty());
        assert!(on.store.releases(9).await.unwrap().is_empty());
        assert!(on.store.latest_sitting(1).await.unwrap().is_none());
        assert_eq!(on.store.openings_of_case(2).await.unwrap().len(), 1);
        assert_eq!(on.store.releases(11).await.unwrap().len(), 1);
        assert!(on.store.latest_sitting(2).await.unwrap().is_some());
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap(), Removed::default());
    }

    async fn sessions_codes_and_invitations_go_when_over(on) {
        ground(&on).await;
        for (number, ends) in [(1u8, NOW), (2, NOW + 1)] {
            on.store.save_session([number; 32], "x", ends).await.unwrap();
            on.store.put_phone_proof([number; 16], [0; 32], NOW - 9, ends).await.unwrap();
        }
        for (number, ends) in [(1u8, NOW), (2, NOW + 1), (3, NOW + HOUR)] {
            let invitation = Invitation {
                token_hash: vec![number; 32],
                login: format!("a{number}"),
                name: "An".to_owned(),
                unit_id: COMMUNE,
                roles: vec!["tracer".to_owned()],
                invited_by: Some(1),
                expires_at: ends,
            };
            on.store.add_invitation(&invitation, NOW - 9).await.unwrap();
        }
        assert!(on.store.accept_invitation([3; 32], &account(3, "a3"), NOW - 1).await.unwrap());
        assert_eq!(on.store.remove_expired(FIRST, NOW).await.unwrap().leftovers, 4, "an accepted one too");
        assert!(on.store.session([2; 32], NOW).await.unwrap().is_some());
        assert!(on.store.try_phone_proof([2; 16], NOW).await.unwrap().is_some());
        assert!(on.store.invitation([2; 32], NOW).await.unwrap().is_some());
        for table in [
            "SELECT COUNT(*) FROM sessions",
            "SELECT COUNT(*) FROM phone_proofs",
            "SELECT COUNT(*) FROM invitations",
        ] {
            assert_eq!(on.count(table).await, 1, "{table}");
        }
        assert!(on.store.account(3).await.unwrap().is_some());
    }

    async fn the_access_log_outlives_its_case(on) {
        ground(&on).await;
        on.store.add_case(&Case { delete_at: NOW, ..case(1, "77") }, "DL-2026-").await.unwrap();
        let entry = |_: Option<&store::access_log::LogRow>| store::access_log::LogRow {
            seq: 1,
            prev: vec![0; 32],
            at: NOW,
            actor: "an".to_owned(),
            action: "case_opened".to_owned(),
            case_id: Some(1),
            purpose: String::new(),
            scope: String::new(),
            count: 1,
            key_ids: String::new(),
            hash: vec![1; 32],
        };
        on.store.append_log(&[[1; 16]], entry).await.unwrap();
        on.store.remove_expired(FIRST, NOW).await.unwrap();
        assert_eq!(on.store.latest_log_rows(Some(1), 10).await.unwrap().len(), 1);
        assert_eq!(on.store.log_rows_of_subject([1; 16]).await.unwrap().len(), 1);
    }
}
