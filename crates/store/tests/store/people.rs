use store::people::Arrival;

use crate::common::rows::{CARD, NOW, PHONE, arrival, settle};

const DAY: i64 = 20_000;

on_both! {
    async fn a_new_person_is_made_and_found_again(on) {
        assert_eq!(on.store.knows_phone(CARD, [1; 16]).await.unwrap(), None);
        assert_eq!(settle(&on, arrival(77, 1, Some(2), DAY), 1).await, 77);
        assert_eq!(settle(&on, arrival(78, 1, Some(2), DAY), 2).await, 77, "the card names the same person");
        assert_eq!(on.store.persons_by_index(CARD, [1; 16]).await.unwrap(), [77]);
        assert_eq!(on.store.persons_by_index(PHONE, [2; 16]).await.unwrap(), [77]);
        assert_eq!(on.store.persons_by_index(PHONE, [1; 16]).await.unwrap(), [], "a kind of its own");
        assert_eq!(on.count("SELECT COUNT(*) FROM people").await, 1, "no second record");
        assert_eq!(on.store.knows_phone(CARD, [1; 16]).await.unwrap(), Some(true));
    }

    async fn a_phone_not_known_before_makes_a_record(on) {
        settle(&on, arrival(77, 1, None, DAY), 1).await;
        assert_eq!(on.store.knows_phone(CARD, [1; 16]).await.unwrap(), Some(false));
        assert_eq!(settle(&on, arrival(78, 1, Some(2), DAY + 1), 2).await, 77);
        assert_eq!(on.store.knows_phone(CARD, [1; 16]).await.unwrap(), Some(true));
        let records = on.store.person_records(&[77, 99]).await.unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!((records[0].epoch, records[0].noted_at, &records[0].sealed), (1, NOW, &77i64.to_be_bytes().to_vec()));
    }

    async fn a_shared_phone_names_nobody(on) {
        assert_eq!(settle(&on, arrival(77, 1, Some(2), DAY), 1).await, 77);
        assert_eq!(settle(&on, arrival(78, 3, Some(2), DAY), 2).await, 78);
        assert_eq!(on.store.persons_by_index(PHONE, [2; 16]).await.unwrap(), [77, 78]);
    }

    async fn the_strongest_index_decides_and_further_ones_are_learnt(on) {
        settle(&on, arrival(77, 1, None, DAY), 1).await;
        let both = Arrival { naming: vec![(CARD, [1; 16]), (3, [9; 16])], ..arrival(78, 1, None, DAY) };
        assert_eq!(settle(&on, both, 2).await, 77);
        let second = Arrival { naming: vec![(3, [9; 16])], ..arrival(79, 1, None, DAY) };
        assert_eq!(settle(&on, second, 3).await, 77);
    }

    async fn ids_above_the_signed_range_hold(on) {
        let id = u64::MAX.cast_signed() - 5;
        assert_eq!(settle(&on, arrival(id, 1, None, DAY), 1).await, id);
        assert_eq!(on.store.person_records(&[id]).await.unwrap()[0].person_id, id);
    }

    async fn one_batch_answers_in_order(on) {
        let batch = [arrival(77, 1, None, DAY), arrival(78, 2, None, DAY), arrival(79, 1, None, DAY)];
        let mut sealed = Vec::new();
        let seal = |position: usize, person: i64| {
            sealed.push((position, person));
            Some((person * 10, 1, vec![0]))
        };
        assert_eq!(on.store.settle_arrivals(&batch, NOW, seal).await.unwrap(), [77, 78, 77]);
        assert_eq!(sealed, [(0, 77), (1, 78)]);
        assert!(on.store.settle_arrivals(&[], NOW, |_, _| None).await.unwrap().is_empty());
    }

    async fn a_batch_that_fails_keeps_nothing(on) {
        settle(&on, arrival(77, 1, None, DAY), 1).await;
        let batch = [arrival(78, 2, None, DAY), arrival(79, 3, None, DAY)];
        let same_row = |_: usize, _: i64| Some((1, 1, vec![0]));
        assert!(on.store.settle_arrivals(&batch, NOW, same_row).await.is_err());
        assert!(on.store.persons_by_index(CARD, [2; 16]).await.unwrap().is_empty());
    }

    async fn the_same_new_person_at_two_doors_is_one(on) {
        let doors: Vec<_> = (0..20)
            .map(|door| {
                let on = on.clone();
                tokio::spawn(async move { settle(&on, arrival(100 + door, 1, Some(2), DAY), 200 + door).await })
            })
            .collect();
        let mut persons = Vec::new();
        for door in doors {
            persons.push(door.await.unwrap());
        }
        persons.dedup();
        assert_eq!(persons.len(), 1);
        assert_eq!(on.store.persons_by_index(CARD, [1; 16]).await.unwrap(), persons);
        assert_eq!(on.count("SELECT COUNT(*) FROM people").await, 1);
        assert_eq!(on.count("SELECT COUNT(*) FROM person_indexes").await, 2);
    }

    async fn the_day_last_seen_moves_forward_only(on) {
        let seen = "SELECT MAX(seen_day) FROM people";
        settle(&on, arrival(77, 1, None, DAY), 1).await;
        settle(&on, arrival(77, 1, None, DAY + 3), 2).await;
        assert_eq!(on.count(seen).await, DAY, "three days are not worth a write");
        settle(&on, arrival(77, 1, None, DAY + 4), 3).await;
        assert_eq!(on.count(seen).await, DAY + 4);
        settle(&on, arrival(77, 1, None, DAY), 4).await;
        assert_eq!(on.count(seen).await, DAY + 4);
    }
}
