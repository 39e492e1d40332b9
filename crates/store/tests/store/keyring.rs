use store::{
    is_unique_violation,
    keyring::{EpochRow, KeyPairRow, Officer, RosterRow, ShareRow},
};

use crate::common::rows::NOW;

fn officer(id: i64, account_id: i64, made_at: i64) -> Officer {
    Officer {
        id,
        account_id,
        name: format!("Cán bộ {id}"),
        public: vec![id as u8; 65],
        protected: vec![0, id as u8],
        made_at,
    }
}

fn roster(version: i64) -> RosterRow {
    let signatures = [(1, vec![1; 64]), (2, vec![2; 64])];
    RosterRow { version, body: vec![version as u8; 40], signatures, made_at: NOW }
}

pub fn key_pair(id: i64, purpose: &str, month: &str) -> KeyPairRow {
    KeyPairRow {
        id,
        purpose: purpose.to_owned(),
        month: month.to_owned(),
        public: vec![5; 65],
        made_at: NOW + id,
    }
}

pub fn share(key_pair_id: i64, holder: i64) -> ShareRow {
    ShareRow { key_pair_id, holder, sealed: vec![holder as u8; 80] }
}

pub fn epoch(number: i64, arrival_day: i64) -> EpochRow {
    EpochRow {
        epoch: number,
        started_at: NOW,
        arrival_day,
        movement_key_id: 1,
        movement_wrap: Some(vec![8; 97]),
        register_key_id: 2,
        identity_wrap: vec![9; 97],
    }
}

on_both! {
    async fn new_keys_of_an_officer_end_the_former(on) {
        on.store.add_officer(&officer(1, 100, NOW)).await.unwrap();
        on.store.add_officer(&officer(2, 200, NOW + 1)).await.unwrap();
        on.store.add_officer(&officer(3, 100, NOW + 2)).await.unwrap();
        let officers = on.store.officers().await.unwrap();
        assert_eq!(officers.iter().map(|o| (o.id, o.account_id)).collect::<Vec<_>>(), [(2, 200), (3, 100)]);
        assert_eq!((officers[1].public.len(), &officers[1].protected), (65, &vec![0, 3]));
        let taken = on.store.add_officer(&officer(2, 300, NOW)).await.unwrap_err();
        assert!(is_unique_violation(&taken));
    }

    async fn a_roster_comes_with_its_keys_or_not_at_all(on) {
        let pairs = [key_pair(1, "movement", "2026-11"), key_pair(2, "register", "")];
        on.store.add_roster(&roster(1), &pairs, &[share(1, 7), share(1, 8), share(2, 7)]).await.unwrap();
        let rosters = on.store.rosters().await.unwrap();
        assert_eq!((rosters[0].version, &rosters[0].signatures), (1, &[(1, vec![1; 64]), (2, vec![2; 64])]));
        assert_eq!(on.store.shares_of(1, 8).await.unwrap()[0].sealed, vec![8; 80]);
        assert!(on.store.shares_of(2, 8).await.unwrap().is_empty());
        let orphan = on.store.add_roster(&roster(2), &[], &[share(99, 7)]).await;
        assert!(orphan.is_err(), "shares of a key pair that is not there");
        assert_eq!(on.store.rosters().await.unwrap().len(), 1);
        let taken = on.store.add_roster(&roster(1), &[], &[]).await.unwrap_err();
        assert!(is_unique_violation(&taken));
    }

    async fn shares_of_a_new_roster_stand_beside_the_former(on) {
        on.store.add_roster(&roster(1), &[key_pair(2, "register", "")], &[share(2, 7)]).await.unwrap();
        let split = ShareRow { sealed: vec![1], ..share(2, 7) };
        on.store.add_roster(&roster(2), &[], &[split]).await.unwrap();
        let shares = on.store.shares_of(2, 7).await.unwrap();
        assert_eq!(shares.iter().map(|s| s.sealed.len()).collect::<Vec<_>>(), [80, 1], "the newest last");
        assert_eq!(on.store.key_pairs().await.unwrap().len(), 1);
    }

    async fn a_month_has_one_movement_key(on) {
        on.store.add_key_pairs(&[key_pair(1, "movement", "2026-11")], &[share(1, 7)], 1).await.unwrap();
        let again = on.store.add_key_pairs(&[key_pair(2, "movement", "2026-11")], &[share(2, 7)], 1).await;
        assert!(is_unique_violation(&again.unwrap_err()));
        assert!(on.store.shares_of(2, 7).await.unwrap().is_empty());
        on.store.add_key_pairs(&[key_pair(3, "movement", "2026-12")], &[], 1).await.unwrap();
        let pairs = on.store.key_pairs().await.unwrap();
        assert_eq!(pairs.iter().map(|p| p.month.as_str()).collect::<Vec<_>>(), ["2026-11", "2026-12"]);
    }

    async fn epochs_are_numbered_and_found_by_day(on) {
        assert_eq!(on.store.next_epoch().await.unwrap(), 1);
        for (number, day) in [(1, 10), (2, 11), (3, 11), (4, 12)] {
            on.store.add_epoch(&epoch(number, day)).await.unwrap();
        }
        assert_eq!(on.store.next_epoch().await.unwrap(), 5);
        let found = on.store.epochs(11, 12).await.unwrap();
        assert_eq!(found.iter().map(|e| e.epoch).collect::<Vec<_>>(), [2, 3], "half-open");
        let one = on.store.epoch(4).await.unwrap().unwrap();
        assert_eq!((one.movement_wrap, one.identity_wrap, one.arrival_day), (Some(vec![8; 97]), vec![9; 97], 12));
        assert!(on.store.epoch(5).await.unwrap().is_none());
    }

    async fn two_servers_never_share_an_epoch(on) {
        on.store.add_epoch(&epoch(1, 10)).await.unwrap();
        let taken = on.store.add_epoch(&EpochRow { movement_wrap: Some(vec![0]), ..epoch(1, 10) }).await.unwrap_err();
        assert!(is_unique_violation(&taken));
        assert_eq!(on.store.epoch(1).await.unwrap().unwrap().movement_wrap, Some(vec![8; 97]));
    }
}
