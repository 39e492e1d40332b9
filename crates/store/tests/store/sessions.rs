const A: [u8; 32] = [1; 32];

on_both! {
    async fn a_session_is_kept_replaced_and_ended(on) {
        on.store.save_session(A, "one", 1_000).await.unwrap();
        on.store.save_session(A, "two", 2_000).await.unwrap();
        assert_eq!(on.store.session(A, 0).await.unwrap(), Some(("two".to_owned(), 2_000)));
        assert_eq!(on.store.session([2; 32], 0).await.unwrap(), None);
        on.store.delete_session(A).await.unwrap();
        on.store.delete_session(A).await.unwrap();
        assert_eq!(on.store.session(A, 0).await.unwrap(), None);
    }

    async fn a_session_is_over_at_its_end(on) {
        on.store.save_session(A, "one", 1_000).await.unwrap();
        assert!(on.store.session(A, 999).await.unwrap().is_some());
        assert!(on.store.session(A, 1_000).await.unwrap().is_none());
    }
}
