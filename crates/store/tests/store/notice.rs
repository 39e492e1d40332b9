use store::{
    accounts::NewAccount,
    messages::{NewMessage, Recipient},
    notice::{NewDelivery, NoticeSettings},
    notice_proofs::Proof,
};

use crate::common::{
    House,
    rows::{COMMUNE, NOW, account, ground, place},
};

fn message(id: i64, to: Recipient, urgent: bool) -> NewMessage {
    NewMessage {
        id,
        dedup_key: format!("test:{id}"),
        to,
        source: "Có việc".to_owned(),
        params: "{}".to_owned(),
        href: "/".to_owned(),
        urgent,
        due_on: None,
    }
}

fn settings(urgent: &str) -> NoticeSettings {
    NoticeSettings {
        account_id: 100,
        email: "xa@daklak.vn".to_owned(),
        email_verified_at: None,
        phone: "+84912345678".to_owned(),
        phone_verified_at: None,
        urgent: urgent.to_owned(),
        digest: true,
        digest_hour: 7,
        quiet_from: 1200,
        quiet_until: 390,
        urgent_in_quiet: false,
        lang: "vi".to_owned(),
    }
}

fn planned(id: i64, message_id: Option<i64>) -> NewDelivery {
    NewDelivery {
        id,
        dedup_key: format!("delivery:{message_id:?}"),
        account_id: Some(100),
        place_id: None,
        message_id,
        channel: "email".to_owned(),
        day_on: "2026-11-24".to_owned(),
    }
}

async fn begin(on: &House) {
    ground(on).await;
    let officer = NewAccount { roles: vec!["unit_officer".to_owned()], ..account(100, "xa") };
    on.store.add_account(&officer, NOW).await.unwrap();
    on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
    on.store.post_message(&message(1, Recipient::Unit(COMMUNE), true), NOW).await.unwrap();
    on.store.post_message(&message(2, Recipient::Account(100), false), NOW + 1).await.unwrap();
    on.store.post_message(&message(3, Recipient::Place(20), true), NOW + 2).await.unwrap();
}

/// Proves address and phone of an officer.
async fn prove(on: &House, account: i64) {
    for (proof, address) in [(Proof::Email, "xa@daklak.vn"), (Proof::Phone, "+84912345678")] {
        assert!(on.store.put_notice_code(account, proof, address, [9; 32], NOW + 1000).await.unwrap());
        assert!(on.store.prove_notice(account, proof, address, NOW).await.unwrap());
    }
}

on_both! {
    async fn the_inbox_has_unread_first_and_a_bounded_count(on) {
        begin(&on).await;
        on.store.read_message(2, 100, NOW + 5).await.unwrap();
        on.store.read_message(2, 100, NOW + 6).await.unwrap();
        let ids: Vec<i64> = on.store.inbox(100, COMMUNE, 10, 0).await.unwrap().iter().map(|one| one.id).collect();
        assert_eq!(ids, [1, 2]);
        assert_eq!(on.store.inbox_size(100, COMMUNE).await.unwrap(), 2);
        assert_eq!(on.store.unread_since(100, COMMUNE, NOW, 99).await.unwrap(), 1);
        assert_eq!(on.store.unread_since(100, COMMUNE, NOW + 1, 99).await.unwrap(), 0);
        assert_eq!(on.store.unread_since(101, COMMUNE, NOW, 1).await.unwrap(), 1);
        assert!(on.store.own_message(2, 101, COMMUNE).await.unwrap().is_none());
        assert_eq!(on.store.own_message(1, 101, COMMUNE).await.unwrap().unwrap().id, 1);
        assert!(on.store.own_message(3, 100, COMMUNE).await.unwrap().is_none());
    }

    async fn another_phone_must_be_proved_anew(on) {
        begin(&on).await;
        on.store.put_notice_settings(&settings("sms"), NOW).await.unwrap();
        let phone = "+84912345678";
        assert!(!on.store.put_notice_code(100, Proof::Phone, "+84912345679", [1; 32], NOW + 1000).await.unwrap());
        assert!(on.store.put_notice_code(100, Proof::Phone, phone, [1; 32], NOW + 1000).await.unwrap());
        assert_eq!(on.store.try_notice_code(100, Proof::Phone, NOW).await.unwrap(), Some((vec![1; 32], 1)));
        assert_eq!(on.store.try_notice_code(100, Proof::Phone, NOW).await.unwrap(), Some((vec![1; 32], 2)));
        assert_eq!(on.store.try_notice_code(100, Proof::Phone, NOW + 1000).await.unwrap(), None);
        assert!(!on.store.prove_notice(100, Proof::Phone, "+84912345679", NOW).await.unwrap());
        assert!(on.store.prove_notice(100, Proof::Phone, phone, NOW).await.unwrap());
        assert_eq!(on.store.try_notice_code(100, Proof::Phone, NOW).await.unwrap(), None);
        on.store.put_notice_settings(&settings("both"), NOW).await.unwrap();
        assert_eq!(on.store.notice_settings(100).await.unwrap().unwrap().phone_verified_at, Some(NOW));
        let other = NoticeSettings { phone: "+84912345679".to_owned(), ..settings("both") };
        on.store.put_notice_settings(&other, NOW).await.unwrap();
        assert_eq!(on.store.notice_settings(100).await.unwrap().unwrap().phone_verified_at, None);
    }

    async fn an_address_is_proved_apart_from_the_phone(on) {
        begin(&on).await;
        on.store.put_notice_settings(&settings("both"), NOW).await.unwrap();
        assert!(on.store.digest_readers(NOW).await.unwrap().is_empty(), "nobody proved the address");
        let email = "xa@daklak.vn";
        assert!(!on.store.put_notice_code(100, Proof::Email, "khac@daklak.vn", [2; 32], NOW + 9).await.unwrap());
        assert!(on.store.put_notice_code(100, Proof::Email, email, [2; 32], NOW + 9).await.unwrap());
        assert_eq!(on.store.try_notice_code(100, Proof::Phone, NOW).await.unwrap(), None);
        assert_eq!(on.store.try_notice_code(100, Proof::Email, NOW).await.unwrap(), Some((vec![2; 32], 1)));
        assert!(!on.store.prove_notice(100, Proof::Phone, "+84912345678", NOW).await.unwrap());
        assert!(on.store.prove_notice(100, Proof::Email, email, NOW).await.unwrap());
        assert!(!on.store.prove_notice(100, Proof::Email, email, NOW).await.unwrap(), "twice");
        let kept = on.store.notice_settings(100).await.unwrap().unwrap();
        assert_eq!((kept.email_verified_at, kept.phone_verified_at), (Some(NOW), None));
        assert_eq!(on.store.digest_readers(NOW).await.unwrap().len(), 1);
        let other = NoticeSettings { email: "khac@daklak.vn".to_owned(), lang: "en".to_owned(), ..settings("both") };
        on.store.put_notice_settings(&other, NOW).await.unwrap();
        let kept = on.store.notice_settings(100).await.unwrap().unwrap();
        assert_eq!((kept.email_verified_at, kept.lang.as_str()), (None, "en"));
    }

    async fn urgent_messages_wait_until_they_are_planned_or_read(on) {
        begin(&on).await;
        on.store.put_notice_settings(&settings("both"), NOW).await.unwrap();
        assert!(on.store.urgent_for_officers(NOW, "email").await.unwrap().is_empty(), "nothing was proved");
        prove(&on, 100).await;
        let waiting = on.store.urgent_for_officers(NOW, "email").await.unwrap();
        assert_eq!(waiting.iter().map(|one| (one.message_id, one.reader_id)).collect::<Vec<_>>(), [(1, 100)]);
        assert!(on.store.plan_delivery(&planned(7, Some(1)), NOW).await.unwrap());
        assert!(!on.store.plan_delivery(&planned(8, Some(1)), NOW).await.unwrap());
        assert!(on.store.urgent_for_officers(NOW, "email").await.unwrap().is_empty());
        assert_eq!(on.store.urgent_for_officers(NOW, "sms").await.unwrap().len(), 1);
        on.store.read_message(1, 100, NOW).await.unwrap();
        assert!(on.store.urgent_for_officers(NOW, "sms").await.unwrap().is_empty());
        assert_eq!(on.store.urgent_for_owners(NOW).await.unwrap()[0].message_id, 3);
        assert_eq!(on.store.deliveries_on(Some(100), None, "email", "2026-11-24").await.unwrap(), 1);
        assert_eq!(on.store.deliveries_on(None, Some(20), "email", "2026-11-24").await.unwrap(), 0);
        // Another account of the office that does not do the office's work is told nothing of it.
        on.store.add_account(&account(101, "truy vet"), NOW).await.unwrap();
        on.store.put_notice_settings(&NoticeSettings { account_id: 101, ..settings("both") }, NOW).await.unwrap();
        prove(&on, 101).await;
        assert!(on.store.urgent_for_officers(NOW, "sms").await.unwrap().is_empty());
        assert_eq!(on.store.digest_readers(NOW).await.unwrap()[1].2, 0);
        let (_, last, unread) = on.store.digest_readers(NOW).await.unwrap().remove(0);
        assert_eq!((last, unread), (None, 1));
        on.store.plan_delivery(&planned(9, None), NOW).await.unwrap();
        assert_eq!(on.store.digest_readers(NOW).await.unwrap()[0].1.as_deref(), Some("2026-11-24"));
    }

    async fn a_delivery_is_claimed_once_and_ends(on) {
        begin(&on).await;
        on.store.plan_delivery(&planned(7, Some(1)), NOW).await.unwrap();
        on.store.put_off_delivery(7, NOW + 5).await.unwrap();
        assert!(on.store.due_deliveries(NOW, 10).await.unwrap().is_empty());
        on.store.put_off_delivery(7, NOW).await.unwrap();
        let due = on.store.due_deliveries(NOW, 10).await.unwrap().remove(0);
        assert_eq!(due.tries, 0);
        assert!(on.store.claim_delivery(&due, NOW + 60).await.unwrap());
        assert!(!on.store.claim_delivery(&due, NOW + 60).await.unwrap());
        assert!(on.store.due_deliveries(NOW, 10).await.unwrap().is_empty());
        on.store.settle_delivery(7, "waiting", "the server is away", NOW).await.unwrap();
        assert_eq!(on.store.troubled_deliveries(10).await.unwrap()[0].error, "the server is away");
        on.store.settle_delivery(7, "failed", "the server is away", NOW).await.unwrap();
        assert_eq!(on.store.failed_deliveries(NOW).await.unwrap(), 1);
        assert!(on.store.retry_delivery(7, NOW).await.unwrap());
        assert!(!on.store.retry_delivery(7, NOW).await.unwrap());
        on.store.settle_delivery(7, "sent", "", NOW + 9).await.unwrap();
        assert!(on.store.troubled_deliveries(10).await.unwrap().is_empty());
        assert_eq!(on.store.delivery_counts(NOW).await.unwrap(), [("email".to_owned(), "sent".to_owned(), 1)]);
        on.store.remove_expired(0, NOW + 400 * 86_400_000).await.unwrap();
        assert_eq!(on.count("SELECT COUNT(*) FROM message_deliveries").await, 0);
        assert_eq!(on.count("SELECT COUNT(*) FROM messages").await, 0);
    }
}
