use store::{
    accounts::NewAccount,
    tickets::{FaqEntry, Ticket, TicketChange, TicketFilter},
};

use crate::common::{
    House,
    rows::{COMMUNE, HOUR, NOW, account, ground, place},
};

fn ticket(id: i64, account_id: Option<i64>) -> Ticket {
    Ticket {
        id,
        place_id: account_id.is_none().then_some(20),
        place_name: account_id.is_none().then(|| "Chợ 20".to_owned()),
        unit_id: COMMUNE,
        account_id,
        office_id: if account_id.is_none() { COMMUNE } else { 5 },
        reason: "no_network".to_owned(),
        words: "Cửa sau không có sóng.".to_owned(),
        state: "new".to_owned(),
        opened_at: NOW,
        ack_due_on: "2026-11-26".to_owned(),
        acknowledged_at: None,
        answered_at: None,
        solved_at: None,
        closed_at: None,
        reopened: 0,
    }
}

fn change<'a>(from: &'a str, to: &'a str, act: &'a str, post_id: i64) -> TicketChange<'a> {
    TicketChange {
        ticket_id: 1,
        from,
        from_office: COMMUNE,
        to,
        office_id: COMMUNE,
        ack_due_on: None,
        act,
        by_office: !matches!(act, "reply" | "close" | "reopen"),
        account_id: None,
        unit_id: None,
        post_id,
        words: "Đã xem.",
    }
}

fn filter(state: &str) -> TicketFilter {
    TicketFilter {
        root: 1,
        within: 1,
        state: state.to_owned(),
        before: i64::MAX,
        today: "2026-11-27".to_owned(),
        ..TicketFilter::default()
    }
}

async fn begin(on: &House) {
    ground(on).await;
    on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
    let officer = NewAccount { id: 100, ..account(100, "xa") };
    on.store.add_account(&officer, NOW).await.unwrap();
    assert!(on.store.open_ticket(&ticket(1, None), None).await.unwrap());
}

on_both! {
    async fn a_ticket_is_raised_once_and_changed_only_as_it_stands(on) {
        begin(&on).await;
        assert!(!on.store.open_ticket(&ticket(1, None), None).await.unwrap());
        assert!(on.store.change_ticket(&change("new", "taken", "take", 50), NOW + HOUR).await.unwrap());
        // The same words again, and other words for a state that is over.
        assert!(!on.store.change_ticket(&change("taken", "taken", "answer", 50), NOW + HOUR).await.unwrap());
        assert!(!on.store.change_ticket(&change("new", "taken", "take", 51), NOW + HOUR).await.unwrap());
        assert!(on.store.change_ticket(&change("taken", "solved", "solve", 52), NOW + 2 * HOUR).await.unwrap());
        let seen = on.store.ticket(1).await.unwrap().unwrap();
        assert_eq!((seen.acknowledged_at, seen.answered_at, seen.solved_at), (Some(NOW + HOUR), Some(NOW + 2 * HOUR), Some(NOW + 2 * HOUR)));
        let acts: Vec<String> = on.store.ticket_posts(1).await.unwrap().into_iter().map(|post| post.act).collect();
        assert_eq!(acts, ["open", "take", "solve"]);
        let reopened = TicketChange { ack_due_on: Some("2026-12-01".to_owned()), ..change("solved", "new", "reopen", 53) };
        assert!(on.store.change_ticket(&reopened, NOW + 3 * HOUR).await.unwrap());
        let seen = on.store.ticket(1).await.unwrap().unwrap();
        assert_eq!((seen.solved_at, seen.acknowledged_at, seen.reopened, seen.ack_due_on.as_str()), (None, None, 1, "2026-12-01"));
    }

    async fn tickets_are_found_by_subtree_state_reason_and_lateness(on) {
        begin(&on).await;
        assert!(on.store.open_ticket(&ticket(2, Some(100)), Some(COMMUNE)).await.unwrap());
        let ids = |filter: TicketFilter| {
            let store = on.store.clone();
            async move {
                let found = store.tickets(&filter, 10, 0).await.unwrap();
                assert_eq!(store.count_tickets(&filter).await.unwrap(), found.len() as i64);
                found.into_iter().map(|one| one.id).collect::<Vec<_>>()
            }
        };
        assert_eq!(ids(filter("")).await, [1, 2]);
        assert_eq!(ids(filter("late")).await, [1, 2]);
        assert_eq!(ids(filter("open")).await, [1, 2]);
        assert_eq!(ids(filter("solved")).await, [0_i64; 0]);
        assert_eq!(ids(TicketFilter { reason: "other".to_owned(), ..filter("") }).await, [0_i64; 0]);
        assert_eq!(ids(TicketFilter { office_id: 5, ..filter("") }).await, [2]);
        assert_eq!(ids(TicketFilter { before: NOW, ..filter("") }).await, [0_i64; 0]);
        // Nothing of it is another subtree's; an office sees what it has to answer.
        assert_eq!(ids(TicketFilter { root: 77, within: 77, ..filter("") }).await, [0_i64; 0]);
        assert_eq!(on.store.tickets_of_office(5, "2026-11-27").await.unwrap(), (1, 1, 0));
        assert_eq!(on.store.tickets_of_owner([6; 16], 10).await.unwrap().len(), 1);
        assert!(on.store.tickets_of_owner([7; 16], 10).await.unwrap().is_empty());
        assert_eq!(on.store.tickets_by_reason(1, 0).await.unwrap(), [("no_network".to_owned(), 2, 2)]);
    }

    async fn figures_of_a_period_count_what_was_open_at_its_end(on) {
        begin(&on).await;
        on.store.change_ticket(&change("new", "solved", "solve", 52), NOW + 3 * HOUR).await.unwrap();
        assert_eq!(on.store.ticket_figures(1, NOW, NOW + HOUR).await.unwrap(), (1, 1));
        assert_eq!(on.store.ticket_figures(1, NOW + 1, NOW + 4 * HOUR).await.unwrap(), (0, 0));
        assert_eq!(on.store.ticket_spans(1, NOW, NOW + 4 * HOUR).await.unwrap(), [3 * HOUR]);
        assert_eq!(on.store.ticket_figures(77, NOW, NOW + HOUR).await.unwrap(), (0, 0));
    }

    async fn solved_tickets_close_by_themselves_and_leave_after_a_year(on) {
        begin(&on).await;
        on.store.change_ticket(&change("new", "solved", "solve", 52), NOW).await.unwrap();
        assert_eq!(on.store.close_solved_tickets(NOW, NOW + 1).await.unwrap(), 0);
        assert_eq!(on.store.close_solved_tickets(NOW + 1, NOW + 2).await.unwrap(), 1);
        let entry = FaqEntry { id: 9, ticket_id: Some(1), reason: "no_network".to_owned(), question: "Hỏi?".to_owned(), answer: "Đáp.".to_owned(), published_at: NOW };
        on.store.publish_faq(&entry, 100).await.unwrap();
        on.store.publish_faq(&FaqEntry { id: 10, answer: "Đáp khác.".to_owned(), ..entry.clone() }, 100).await.unwrap();
        let shown = on.store.faq_entries(10).await.unwrap();
        assert_eq!(shown.iter().map(|one| (one.id, one.answer.as_str())).collect::<Vec<_>>(), [(9, "Đáp khác.")]);
        on.store.remove_expired(0, NOW + 366 * 24 * HOUR).await.unwrap();
        assert!(on.store.ticket(1).await.unwrap().is_none());
        assert_eq!(on.count("SELECT COUNT(*) FROM ticket_posts").await, 0);
        assert_eq!(on.store.faq_entries(10).await.unwrap()[0].ticket_id, None);
        assert!(on.store.withdraw_faq(9, NOW).await.unwrap());
        assert!(!on.store.withdraw_faq(9, NOW).await.unwrap());
        assert!(on.store.faq_entries(10).await.unwrap().is_empty());
    }
}
