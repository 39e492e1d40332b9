use store::{
    home_looks::HomeLooks,
    messages::{NewMessage, Recipient},
    unit_periods::UnitPeriod,
};

use crate::common::rows::{COMMUNE, NOW, account as account_row, ground, place};

fn message(id: i64, to: Recipient) -> NewMessage {
    NewMessage {
        id,
        dedup_key: format!("test:{id}"),
        to,
        source: "{n} điểm im lặng".to_owned(),
        params: r#"{"n":"3"}"#.to_owned(),
        href: "/coverage".to_owned(),
        urgent: false,
        due_on: Some("2021-11-19".to_owned()),
    }
}

fn figures(unit_id: i64, from_on: &str, until_on: &str, registered: i64) -> UnitPeriod {
    UnitPeriod {
        unit_id,
        from_on: from_on.to_owned(),
        until_on: until_on.to_owned(),
        registered,
        live: 1,
        silent: 2,
        never_used: 3,
        new_points: 4,
        population: None,
        target: 5,
        missing: 6,
        scans_in: 7,
        scans_out: 8,
        frozen_at: NOW,
    }
}

on_both! {
    async fn a_message_is_said_once_to_whom_it_is_for(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
        for (id, to) in [(1, Recipient::Unit(COMMUNE)), (2, Recipient::Place(20))] {
            assert!(on.store.post_message(&message(id, to), NOW).await.unwrap());
            let again = NewMessage { id: id + 100, ..message(id, to) };
            assert!(!on.store.post_message(&again, NOW).await.unwrap());
        }
        let mine = on.store.messages_for(9, COMMUNE, 10).await.unwrap();
        assert_eq!(mine.iter().map(|one| one.id).collect::<Vec<_>>(), [1]);
        assert!(on.store.messages_for(9, COMMUNE + 1, 10).await.unwrap().is_empty());
        assert_eq!(on.store.messages_of_place(20, 10).await.unwrap().len(), 1);
    }

    async fn what_was_read_is_marked_for_the_reader_alone(on) {
        ground(&on).await;
        let account = 100;
        on.store.add_account(&account_row(account, "xa"), NOW).await.unwrap();
        on.store.post_message(&message(1, Recipient::Unit(COMMUNE)), NOW).await.unwrap();
        on.store.post_message(&message(2, Recipient::Unit(COMMUNE)), NOW + 1000).await.unwrap();
        assert_eq!(on.store.unread_since(account, COMMUNE, 0, 9).await.unwrap(), 2);
        assert_eq!(on.store.read_messages(account, COMMUNE, NOW, NOW + 5).await.unwrap(), 1);
        assert_eq!(on.store.read_messages(account, COMMUNE, NOW, NOW + 6).await.unwrap(), 0);
        assert_eq!(on.store.unread_since(account, COMMUNE, 0, 9).await.unwrap(), 1);
        assert_eq!(on.store.unread_since(account + 1, COMMUNE, 0, 9).await.unwrap(), 2);
    }

    async fn an_owner_reads_what_was_there_and_no_more(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
        for id in 1..=3 {
            on.store.post_message(&message(id, Recipient::Place(20)), NOW + id).await.unwrap();
        }
        let owner: [u8; 16] = place(20).owner_index.try_into().unwrap();
        assert_eq!(on.store.unread_of_owner(owner).await.unwrap(), [(20, 3)]);
        assert!(on.store.unread_of_owner([77; 16]).await.unwrap().is_empty());
        assert_eq!(on.store.read_messages_of_place(20, NOW + 2, NOW + 5).await.unwrap(), 2);
        assert_eq!(on.store.read_messages_of_place(20, NOW + 2, NOW + 6).await.unwrap(), 0, "twice");
        let read = on.store.messages_of_place(20, 10).await.unwrap();
        assert_eq!(read.iter().map(|one| one.read_at).collect::<Vec<_>>(), [None, Some(NOW + 5), Some(NOW + 5)]);
    }

    async fn frozen_figures_stay(on) {
        ground(&on).await;
        let week = figures(COMMUNE, "2021-11-05", "2021-11-12", 10);
        assert_eq!(on.store.freeze_unit_periods(std::slice::from_ref(&week)).await.unwrap(), 1);
        let later = figures(COMMUNE, "2021-11-05", "2021-11-12", 99);
        let next = figures(COMMUNE, "2021-11-12", "2021-11-19", 11);
        assert_eq!(on.store.freeze_unit_periods(&[later, next.clone()]).await.unwrap(), 1);
        assert_eq!(on.store.unit_periods_of("2021-11-05", "2021-11-12").await.unwrap(), std::slice::from_ref(&week));
        let both = on.store.unit_periods_between(COMMUNE, "2021-11-05", "2021-11-19").await.unwrap();
        assert_eq!(both, [week, next.clone()]);
        assert_eq!(on.store.unit_periods_between(COMMUNE, "2021-11-12", "2021-11-19").await.unwrap(), [next]);
    }

    async fn looks_are_kept_and_replaced(on) {
        ground(&on).await;
        on.store.add_account(&account_row(100, "xa"), NOW).await.unwrap();
        assert_eq!(on.store.home_looks(100).await.unwrap(), None);
        let looks = HomeLooks { before_at: 0, before_counts: String::new(), looked_at: NOW, counts: "a=1".to_owned() };
        on.store.keep_home_looks(100, &looks).await.unwrap();
        let next = HomeLooks { before_at: NOW, before_counts: "a=1".to_owned(), looked_at: NOW + 1, counts: "a=2".to_owned() };
        on.store.keep_home_looks(100, &next).await.unwrap();
        assert_eq!(on.store.home_looks(100).await.unwrap(), Some(next));
    }
}
