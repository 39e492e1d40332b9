use crate::common::rows::{NOW, case, ground, opening};

on_both! {
    async fn a_sitting_begins_and_ends_once(on) {
        ground(&on).await;
        on.store.add_case(&case(1, "77"), "DL-2026-").await.unwrap();
        on.store.add_opening(&opening(9, 1)).await.unwrap();
        on.store.add_opening(&opening(10, 1)).await.unwrap();
        assert!(on.store.latest_sitting(1).await.unwrap().is_none());
        assert!(!on.store.end_sitting(9, "hand", Some(7), NOW).await.unwrap(), "it never began");
        on.store.begin_sitting(9, NOW).await.unwrap();
        on.store.begin_sitting(9, NOW + 5).await.unwrap();
        let going = on.store.sittings_going_on().await.unwrap();
        assert_eq!(going.iter().map(|s| (s.opening_id, s.case_id, s.began_at)).collect::<Vec<_>>(), [(9, 1, NOW)]);
        assert!(on.store.end_sitting(9, "hand", Some(7), NOW + 6).await.unwrap());
        assert!(!on.store.end_sitting(9, "idle", None, NOW + 7).await.unwrap(), "the first end stands");
        assert!(on.store.sittings_going_on().await.unwrap().is_empty());
        on.store.begin_sitting(10, NOW + 8).await.unwrap();
        assert_eq!(on.store.latest_sitting(1).await.unwrap().unwrap().opening_id, 10);
        on.store.end_sitting(10, "restart", None, NOW + 9).await.unwrap();
        let last = on.store.latest_sitting(1).await.unwrap().unwrap();
        assert_eq!((last.ended_at, last.ended_why.as_deref(), last.ended_by), (Some(NOW + 9), Some("restart"), None));
    }
}
