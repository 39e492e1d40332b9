const PHONE: [u8; 16] = [5; 16];

on_both! {
    async fn tries_are_counted_and_another_code_keeps_them_until_the_first_has_ended(on) {
        on.store.put_phone_proof(PHONE, [1; 32], 0, 1_000).await.unwrap();
        assert_eq!(on.store.try_phone_proof(PHONE, 10).await.unwrap(), Some((vec![1; 32], 1)));
        assert_eq!(on.store.try_phone_proof(PHONE, 10).await.unwrap(), Some((vec![1; 32], 2)));
        on.store.put_phone_proof(PHONE, [2; 32], 20, 2_000).await.unwrap();
        assert_eq!(on.store.try_phone_proof(PHONE, 30).await.unwrap(), Some((vec![2; 32], 3)), "asking again");
        on.store.put_phone_proof(PHONE, [3; 32], 2_000, 3_000).await.unwrap();
        assert_eq!(on.store.try_phone_proof(PHONE, 2_001).await.unwrap(), Some((vec![3; 32], 1)), "afresh");
    }

    async fn a_code_ends_and_is_used_up(on) {
        on.store.put_phone_proof(PHONE, [1; 32], 0, 1_000).await.unwrap();
        assert_eq!(on.store.try_phone_proof(PHONE, 1_000).await.unwrap(), None);
        assert_eq!(on.store.try_phone_proof([6; 16], 10).await.unwrap(), None);
        on.store.delete_phone_proof(PHONE).await.unwrap();
        on.store.delete_phone_proof(PHONE).await.unwrap();
        assert_eq!(on.store.try_phone_proof(PHONE, 10).await.unwrap(), None);
    }

    async fn guesses_at_once_are_all_counted(on) {
        on.store.put_phone_proof(PHONE, [1; 32], 0, 1_000).await.unwrap();
        let tries: Vec<_> = (0..12)
            .map(|_| {
                let store = on.store.clone();
                tokio::spawn(async move { store.try_phone_proof(PHONE, 10).await.unwrap().unwrap().1 })
            })
            .collect();
        let mut counts = Vec::new();
        for one in tries {
            counts.push(one.await.unwrap());
        }
        counts.sort_unstable();
        assert_eq!(counts, (1..=12).collect::<Vec<i64>>());
    }
}
