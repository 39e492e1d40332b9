use store::args;

on_both! {
    async fn a_setting_is_kept_and_replaced(on) {
        assert_eq!(on.store.setting("retention_days").await.unwrap(), None);
        on.store.set_setting("retention_days", "21").await.unwrap();
        on.store.set_setting("retention_days", "28").await.unwrap();
        assert_eq!(on.store.setting("retention_days").await.unwrap().as_deref(), Some("28"));
        assert_eq!(on.store.setting("retention").await.unwrap(), None);
    }

    async fn an_open_database_answers_and_a_closed_one_does_not(on) {
        on.store.ping().await.unwrap();
        let other = on.address.open().await.unwrap();
        other.close().await;
        assert!(other.ping().await.is_err());
        on.store.ping().await.unwrap();
    }

    async fn what_was_not_committed_is_gone(on) {
        let mut tx = on.main.begin().await.unwrap();
        tx.run("INSERT INTO settings (name, value) VALUES ('a', 'b')", args![]).await.unwrap();
        drop(tx);
        assert_eq!(on.store.setting("a").await.unwrap(), None);
        on.store.set_setting("a", "c").await.unwrap();
        assert_eq!(on.store.setting("a").await.unwrap().as_deref(), Some("c"));
    }
}
