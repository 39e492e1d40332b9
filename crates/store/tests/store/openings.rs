use store::openings::Opening;

use crate::common::{
    House,
    rows::{NOW, case, ground, opening},
};

const SCOPE: [u8; 32] = [3; 32];
const TRACER: i64 = 100;
const APPROVER: i64 = 200;

/// Opening 9 of case 1, requested by account 100.
async fn requested(on: &House) {
    ground(on).await;
    on.store.add_case(&case(1, "77"), "DL-2026-").await.unwrap();
    on.store.add_opening(&opening(9, 1)).await.unwrap();
}

async fn approved(on: &House) {
    requested(on).await;
    assert!(on.store.decide_opening(9, &SCOPE, APPROVER, true, None, NOW + 1).await.unwrap());
}

async fn state(on: &House) -> String {
    on.store.opening(9).await.unwrap().unwrap().state
}

on_both! {
    async fn a_request_waits_whatever_state_it_claims(on) {
        ground(&on).await;
        on.store.add_case(&case(1, "77"), "DL-2026-").await.unwrap();
        on.store.add_opening(&Opening { state: "done".to_owned(), ..opening(9, 1) }).await.unwrap();
        let kept = on.store.opening(9).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.decided_by, kept.rows_read), ("requested", None, None));
        assert_eq!((kept.scope_hash, kept.requested_by), (SCOPE.to_vec(), TRACER));
        assert!(on.store.opening(8).await.unwrap().is_none());
        assert!(on.store.add_opening(&opening(10, 999)).await.is_err(), "no such case");
    }

    async fn approval_is_for_exactly_this_scope_by_another_person(on) {
        requested(&on).await;
        assert!(!on.store.decide_opening(9, &[4; 32], APPROVER, true, None, NOW).await.unwrap(), "another scope");
        assert!(!on.store.decide_opening(9, &SCOPE, TRACER, true, None, NOW).await.unwrap(), "one's own");
        assert!(!on.store.decide_opening(8, &SCOPE, APPROVER, true, None, NOW).await.unwrap(), "none such");
        assert_eq!(state(&on).await, "requested");
        assert!(on.store.decide_opening(9, &SCOPE, APPROVER, true, Some("Đúng"), NOW + 1).await.unwrap());
        assert!(!on.store.decide_opening(9, &SCOPE, 201, false, None, NOW + 2).await.unwrap(), "decided before");
        let kept = on.store.opening(9).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.decided_by, kept.decided_at), ("approved", Some(APPROVER), Some(NOW + 1)));
        assert_eq!(kept.reason.as_deref(), Some("Đúng"));
    }

    async fn decisions_at_once_are_one(on) {
        requested(&on).await;
        let deciding: Vec<_> = (0..8)
            .map(|number| {
                let store = on.store.clone();
                let approves = number % 2 == 0;
                tokio::spawn(async move { store.decide_opening(9, &SCOPE, 300 + number, approves, None, NOW).await.unwrap() })
            })
            .collect();
        let mut decided = 0;
        for one in deciding {
            decided += i64::from(one.await.unwrap());
        }
        assert_eq!(decided, 1);
    }

    async fn a_refused_request_never_runs(on) {
        requested(&on).await;
        assert!(on.store.decide_opening(9, &SCOPE, APPROVER, false, Some("Quá rộng"), NOW).await.unwrap());
        let kept = on.store.opening(9).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.reason.as_deref()), ("refused", Some("Quá rộng")));
        assert!(!on.store.start_opening(9).await.unwrap());
    }

    async fn one_officer_releases_once_whatever_keys_he_holds(on) {
        approved(&on).await;
        assert!(on.store.add_release(9, 1, 501, NOW + 2).await.unwrap());
        assert!(!on.store.add_release(9, 1, 501, NOW + 3).await.unwrap(), "the same officer");
        assert!(!on.store.add_release(9, 3, 501, NOW + 3).await.unwrap(), "the same account under other keys");
        assert!(on.store.add_release(9, 2, 502, NOW + 4).await.unwrap());
        assert_eq!(on.store.releases(9).await.unwrap(), [(1, NOW + 2), (2, NOW + 4)]);
        assert!(on.store.releases(8).await.unwrap().is_empty());
        assert!(on.store.add_release(8, 1, 501, NOW).await.is_err(), "no such opening");
    }

    async fn an_approved_opening_starts_once(on) {
        requested(&on).await;
        assert!(!on.store.start_opening(9).await.unwrap(), "not approved yet");
        on.store.decide_opening(9, &SCOPE, APPROVER, true, None, NOW).await.unwrap();
        let starting: Vec<_> = (0..8)
            .map(|_| {
                let store = on.store.clone();
                tokio::spawn(async move { store.start_opening(9).await.unwrap() })
            })
            .collect();
        let mut started = 0;
        for one in starting {
            started += i64::from(one.await.unwrap());
        }
        assert_eq!((started, state(&on).await.as_str()), (1, "running"));
    }

    async fn an_opening_ends_once(on) {
        approved(&on).await;
        on.store.finish_opening(9, 1, 1, None, NOW).await.unwrap();
        assert_eq!(state(&on).await, "approved", "what never ran does not end");
        on.store.start_opening(9).await.unwrap();
        on.store.finish_opening(9, 1_000, 12, None, NOW + 5).await.unwrap();
        on.store.finish_opening(9, 0, 0, Some("mất khóa"), NOW + 6).await.unwrap();
        let kept = on.store.opening(9).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.rows_read, kept.contacts), ("done", Some(1_000), Some(12)));
        assert_eq!((kept.finished_at, kept.reason), (Some(NOW + 5), None));
        assert_eq!(on.store.openings_done(NOW, NOW + 5).await.unwrap(), 0, "half-open");
        assert_eq!(on.store.openings_done(NOW + 5, NOW + 6).await.unwrap(), 1);
    }

    async fn a_failure_says_why(on) {
        approved(&on).await;
        on.store.start_opening(9).await.unwrap();
        on.store.finish_opening(9, 0, 0, Some("mất khóa"), NOW + 6).await.unwrap();
        let kept = on.store.opening(9).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.reason.as_deref()), ("failed", Some("mất khóa")));
        assert_eq!(on.store.openings_done(NOW, NOW + 60).await.unwrap(), 0);
    }

    async fn after_a_restart_officers_release_again(on) {
        approved(&on).await;
        on.store.add_opening(&opening(10, 1)).await.unwrap();
        on.store.decide_opening(10, &SCOPE, APPROVER, true, None, NOW).await.unwrap();
        for id in [9, 10] {
            on.store.add_release(id, 1, 501, NOW).await.unwrap();
            on.store.start_opening(id).await.unwrap();
        }
        on.store.finish_opening(10, 5, 5, None, NOW).await.unwrap();
        on.store.forget_releases().await.unwrap();
        on.store.forget_releases().await.unwrap();
        assert_eq!(state(&on).await, "approved", "what ran goes back");
        assert!(on.store.releases(9).await.unwrap().is_empty());
        assert!(on.store.add_release(9, 1, 501, NOW + 1).await.unwrap());
        assert_eq!(on.store.releases(10).await.unwrap().len(), 1, "who released what was done stays on record");
        assert_eq!(on.store.opening(10).await.unwrap().unwrap().state, "done");
    }

    async fn lists_are_by_case_and_by_state(on) {
        approved(&on).await;
        on.store.add_case(&case(2, "78"), "DL-2026-").await.unwrap();
        for (id, case_id, at) in [(10, 1, NOW + 2), (11, 2, NOW + 1)] {
            on.store.add_opening(&Opening { requested_at: at, ..opening(id, case_id) }).await.unwrap();
        }
        let ids = |openings: Vec<Opening>| openings.iter().map(|o| o.id).collect::<Vec<_>>();
        assert_eq!(ids(on.store.openings_of_case(1).await.unwrap()), [10, 9], "latest first");
        assert_eq!(ids(on.store.openings_in_state("requested").await.unwrap()), [11, 10], "oldest first");
        assert_eq!(ids(on.store.openings_in_state("approved").await.unwrap()), [9]);
        assert_eq!(ids(on.store.openings_in_state("running").await.unwrap()), []);
    }
}
