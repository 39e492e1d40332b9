use store::cases::Case;

use crate::common::rows::{HOUR, NOW, case, ground};

on_both! {
    async fn cases_are_numbered_by_prefix(on) {
        ground(&on).await;
        assert_eq!(on.store.add_case(&case(1, "77"), "DL-2026-").await.unwrap(), "DL-2026-0001");
        assert_eq!(on.store.add_case(&case(2, "78"), "DL-2026-").await.unwrap(), "DL-2026-0002");
        assert_eq!(on.store.add_case(&case(3, "79"), "DL-2027-").await.unwrap(), "DL-2027-0001");
        assert_eq!(on.store.add_case(&case(4, "80"), "D%-2026-").await.unwrap(), "D%-2026-0001", "no wildcard");
    }

    async fn a_number_is_not_given_again_after_deletion(on) {
        ground(&on).await;
        for id in 1..=3 {
            let ends = if id == 1 { NOW } else { NOW + HOUR };
            on.store.add_case(&Case { delete_at: ends, ..case(id, "77") }, "DL-2026-").await.unwrap();
        }
        on.store.remove_expired(0, NOW).await.unwrap();
        assert_eq!(on.store.add_case(&case(4, "77"), "DL-2026-").await.unwrap(), "DL-2026-0004");
    }

    async fn cases_opened_at_once_get_numbers_of_their_own(on) {
        ground(&on).await;
        let opening: Vec<_> = (0..10)
            .map(|id| {
                let store = on.store.clone();
                tokio::spawn(async move { store.add_case(&case(id, "77"), "DL-2026-").await.unwrap() })
            })
            .collect();
        let mut codes = Vec::new();
        for one in opening {
            codes.push(one.await.unwrap());
        }
        codes.sort();
        assert_eq!((codes.len(), codes[0].as_str(), codes[9].as_str()), (10, "DL-2026-0001", "DL-2026-0010"));
        codes.dedup();
        assert_eq!(codes.len(), 10);
    }

    async fn a_case_that_is_refused_uses_no_number(on) {
        ground(&on).await;
        assert!(on.store.add_case(&Case { unit_id: 999, ..case(1, "77") }, "DL-2026-").await.is_err());
        assert_eq!(on.store.add_case(&case(1, "77"), "DL-2026-").await.unwrap(), "DL-2026-0001");
    }

    async fn a_case_reads_back(on) {
        ground(&on).await;
        let kept = Case { isolated_on: Some("2026-11-22".to_owned()), ..case(1, "77,78") };
        on.store.add_case(&kept, "DL-2026-").await.unwrap();
        let found = on.store.case(1).await.unwrap().unwrap();
        assert_eq!((found.persons.as_str(), found.isolated_on.as_deref()), ("77,78", Some("2026-11-22")));
        assert_eq!((found.key_sealed, found.file_sealed, found.delete_at), (vec![4; 48], None, NOW + HOUR));
        assert!(on.store.case(2).await.unwrap().is_none());
    }

    async fn the_file_of_a_case_is_replaced(on) {
        ground(&on).await;
        on.store.add_case(&case(1, "77"), "DL-2026-").await.unwrap();
        on.store.add_case(&Case { created_at: NOW + 1, ..case(2, "78") }, "DL-2026-").await.unwrap();
        on.store.put_case_file(1, vec![1]).await.unwrap();
        on.store.put_case_file(1, vec![2, 2]).await.unwrap();
        on.store.put_case_file(99, vec![3]).await.unwrap();
        let cases = on.store.cases().await.unwrap();
        let files: Vec<_> = cases.iter().map(|c| (c.id, c.file_sealed.clone())).collect();
        assert_eq!(files, [(2, None), (1, Some(vec![2, 2]))], "latest first");
    }
}
