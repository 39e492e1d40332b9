//! What stands at the doors: cards, quarantine, lists of places, hours, poster reports, oddities.

use domain::time::DAY_MS;
use store::{
    cards::Card,
    gates::Heard,
    oddities::Oddity,
    place_batches::{BatchPlace, PlaceBatch},
    place_hours::{PlaceHours, PlaceNow},
    quarantine::Quarantined,
    scan_counts::ScanCount,
};

use crate::common::{
    House,
    rows::{COMMUNE, HOUR, NOW, ground, place},
};

fn card(number: u8, sheet_id: i64) -> Card {
    Card {
        number: vec![number; 8],
        unit_id: Some(COMMUNE),
        sheet_id,
        kind: "printed".to_owned(),
        masked_name: "H'BHỨT N. K.".to_owned(),
        note: "Buôn Kô Siêr".to_owned(),
        find_index: vec![number; 16],
        card_index: vec![number; 16],
        issued_at: NOW,
        issued_by: Some(1),
        expires_on: "2027-11-24".to_owned(),
        revoked_at: None,
        replaced_by: None,
    }
}

/// The market 20 with a gate 70; its area.
async fn market(on: &House) -> i64 {
    ground(on).await;
    on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
    let area = on.store.areas_of_place(20).await.unwrap()[0].id;
    on.store.add_gate(70, area, "Cổng chính", [1; 32], NOW + HOUR, NOW).await.unwrap();
    area
}

fn scan(id: u8) -> Quarantined {
    Quarantined {
        event_id: vec![id; 16],
        gate_id: 70,
        captured_at: NOW + i64::from(id),
        offset_ms: Some(-3),
        received_at: NOW,
        reason: "revoked".to_owned(),
        sealed: vec![9; 100],
    }
}

fn batch(id: i64) -> PlaceBatch {
    PlaceBatch { id, unit_id: COMMUNE, made_at: NOW, places: 1, undone_at: None, scans: 0 }
}

fn batch_place(id: i64) -> BatchPlace {
    BatchPlace {
        place: store::places::Place { state: "approved".to_owned(), ..place(id) },
        folded: format!("cho {id}"),
        areas: vec!["Dãy cá".to_owned()],
        hours: PlaceHours { capacity: Some(40), opens_at: None, closes_at: Some("18:00".to_owned()) },
    }
}

on_both! {
    async fn cards_are_issued_all_or_none_found_and_revoked_once(on) {
        ground(&on).await;
        on.store.add_cards(&[card(1, 5), card(2, 5)]).await.unwrap();
        assert!(on.store.add_cards(&[card(3, 6), card(1, 6)]).await.is_err());
        assert!(on.store.card(&[3; 8]).await.unwrap().is_none(), "all or none");
        let found = on.store.cards_found(COMMUNE, [2; 16]).await.unwrap();
        assert_eq!(found.iter().map(|card| card.number.clone()).collect::<Vec<_>>(), [vec![2; 8]]);
        assert!(on.store.cards_found(5, [2; 16]).await.unwrap().is_empty(), "of that commune alone");
        assert!(on.store.revoke_card(&[2; 8], Some(vec![1; 8]), NOW + 1).await.unwrap());
        assert!(!on.store.revoke_card(&[2; 8], None, NOW + 2).await.unwrap());
        assert!(!on.store.extend_card(&[2; 8], "2030-01-01").await.unwrap());
        assert_eq!(on.store.revoked_cards("2026-11-24").await.unwrap(), [(vec![2; 8], NOW + 1)]);
        assert!(on.store.revoked_cards("2027-11-25").await.unwrap().is_empty(), "expired ones need no list");
        let sheets = on.store.card_sheets(COMMUNE).await.unwrap();
        assert_eq!((sheets.len(), sheets[0].cards, sheets[0].revoked), (1, 2, 1));
        assert_eq!(on.store.cards_of_sheet(5).await.unwrap().len(), 2);
    }

    async fn quarantine_keeps_each_scan_once_until_it_is_decided(on) {
        market(&on).await;
        for _ in 0..2 {
            on.store.quarantine(&[scan(1), scan(2)]).await.unwrap();
        }
        let counts = on.store.quarantine_counts().await.unwrap();
        assert_eq!((counts.len(), counts[0].scans, counts[0].unit_id), (1, 2, COMMUNE));
        assert_eq!((counts[0].first_at, counts[0].last_at), (NOW + 1, NOW + 2));
        let held = on.store.quarantine_of_gate(70, 1).await.unwrap();
        assert_eq!((held.len(), held[0].sealed.len(), held[0].offset_ms), (1, 100, Some(-3)));
        assert_eq!(on.store.quarantined_of_gate(70).await.unwrap(), 2);
        on.store.leave_quarantine(&[vec![1; 16]]).await.unwrap();
        assert_eq!(on.store.quarantine_of_gate(70, 9).await.unwrap()[0].event_id, [2; 16]);
        on.store.remove_expired(0, NOW).await.unwrap();
        assert_eq!(on.store.quarantine_counts().await.unwrap().len(), 1);
        let later = domain::time::day_number(domain::time::local_date(NOW + 2 * DAY_MS));
        on.store.remove_expired(later, NOW).await.unwrap();
        assert!(on.store.quarantine_counts().await.unwrap().is_empty());
    }

    async fn a_device_is_heard_and_known_even_when_revoked(on) {
        market(&on).await;
        on.store.enrol_gate([1; 32], [2; 32], "Máy chợ", NOW).await.unwrap();
        let heard = Heard {
            left_count: 12,
            left_oldest_at: Some(NOW - HOUR),
            sequences: "1-20".to_owned(),
            repeats: 1,
            clock_offset_ms: Some(-90_000),
        };
        let before = Heard { left_count: 99, ..heard.clone() };
        on.store.gates_heard(&[(70, before), (71, Heard::default()), (70, heard)], NOW + 5).await.unwrap();
        on.store.set_gate_kind(70, "screen").await.unwrap();
        assert!(on.store.revoke_gate(70, 20, NOW + 6).await.unwrap());
        assert!(on.store.gate_by_token([2; 32]).await.unwrap().is_none());
        let gate = on.store.gate_by_any_token([2; 32]).await.unwrap().unwrap();
        assert_eq!((gate.device_name.as_str(), gate.left_count, gate.repeats), ("Máy chợ", 12, 1));
        assert_eq!((gate.sequences.as_str(), gate.clock_offset_ms), ("1-20", Some(-90_000)));
        assert_eq!((gate.kind.as_str(), gate.last_seen_at), ("screen", Some(NOW + 5)));
        let lines = on.store.gates_in_use().await.unwrap();
        assert_eq!((lines.len(), lines[0].1, lines[0].3), (1, 20, COMMUNE));
    }

    async fn a_list_of_places_is_taken_in_whole_and_taken_back_while_fresh(on) {
        ground(&on).await;
        let mut next = 100;
        let mut code = || { next += 1; (next, format!("CODE{next:06}")) };
        on.store.add_place_batch(&batch(1), 7, &[batch_place(20)], &mut code).await.unwrap();
        assert!(on.store.add_place_batch(&batch(2), 7, &[batch_place(21), batch_place(20)], &mut code).await.is_err());
        assert_eq!(on.store.places_of_unit(COMMUNE).await.unwrap().len(), 1, "all or none");
        assert_eq!(on.store.points_of_unit(COMMUNE).await.unwrap().len(), 2);
        assert_eq!(on.store.place_hours(20).await.unwrap().capacity, Some(40));
        let area = i64::from(u32::try_from(on.store.areas_of_place(20).await.unwrap()[0].id).unwrap());
        assert_eq!(on.store.place_batches(COMMUNE).await.unwrap()[0].scans, 0);
        assert!(!on.store.undo_place_batch(1, COMMUNE, NOW + 1, NOW + 2).await.unwrap(), "too old");
        assert!(!on.store.undo_place_batch(1, 5, 0, NOW + 2).await.unwrap(), "of another unit");
        assert!(on.store.undo_place_batch(1, COMMUNE, NOW, NOW + 2).await.unwrap());
        assert!(!on.store.undo_place_batch(1, COMMUNE, NOW, NOW + 3).await.unwrap());
        assert!(on.store.points_of_unit(COMMUNE).await.unwrap().is_empty());
        assert_eq!(on.store.place(20).await.unwrap().unwrap().state, "closed");
        let count = ScanCount { event_day: 1, area_id: area, out: false, arrival_day: 1, scans: 3 };
        on.store.put_scan_counts(&[count]).await.unwrap();
        let batches = on.store.place_batches(COMMUNE).await.unwrap();
        assert_eq!((batches.len(), batches[0].scans, batches[0].undone_at), (1, 3, Some(NOW + 2)));
    }

    async fn hours_and_closings_of_a_place(on) {
        market(&on).await;
        assert_eq!(on.store.place_hours(20).await.unwrap(), PlaceHours::default());
        let hours = PlaceHours { capacity: Some(9), opens_at: Some("05:00".to_owned()), closes_at: None };
        on.store.set_place_hours(20, &hours).await.unwrap();
        let areas: Vec<i64> = on.store.areas_of_place(20).await.unwrap().iter().map(|area| area.id).collect();
        let open = on.store.place_now(areas[0], NOW).await.unwrap();
        assert_eq!((&open.areas, open.capacity, open.closing), (&areas, Some(9), None));
        assert_eq!(on.store.place_now(4_000_000, NOW).await.unwrap(), PlaceNow::default());
        assert_eq!(on.store.all_place_hours().await.unwrap(), [(20, hours)]);
        for _ in 0..2 {
            on.store.close_place_now(20, NOW, 5).await.unwrap();
        }
        on.store.close_place_now(20, NOW + 9, 7).await.unwrap();
        let now = on.store.place_now(areas[0], NOW).await.unwrap();
        assert_eq!((now.areas, now.closing), (areas.clone(), Some((NOW + 9, 7))));
        assert_eq!(on.store.place_now(areas[0], NOW + 10).await.unwrap().closing, None);
        assert_eq!(on.store.place_closings(0).await.unwrap(), [(20, NOW), (20, NOW + 9)]);
    }

    async fn poster_reports_are_counted_up_to_a_bound_and_closed(on) {
        let area = market(&on).await;
        on.store.renew_code(area, 40, "ABCDE12345", NOW).await.unwrap();
        for id in 0..25 {
            let kept = on.store.add_poster_report(id, 40, "dead", NOW + id).await.unwrap();
            assert_eq!(kept, id < 20, "{id}");
        }
        assert!(on.store.add_poster_report(90, 40, "damaged", NOW).await.unwrap());
        let open = on.store.open_poster_reports().await.unwrap();
        assert_eq!(open.iter().map(|one| (one.kind.as_str(), one.times)).collect::<Vec<_>>(), [("dead", 20), ("damaged", 1)]);
        assert_eq!(on.store.close_poster_reports(20, NOW + 99).await.unwrap(), 21);
        assert!(on.store.open_poster_reports().await.unwrap().is_empty());
        assert!(on.store.add_poster_report(91, 40, "dead", NOW).await.unwrap());
    }

    async fn oddities_add_up_by_day_area_and_kind(on) {
        let area = market(&on).await;
        let odd = |scans, first_at, last_at| Oddity {
            event_day: 20_000, area_id: area, kind: "burst".to_owned(), scans, first_at, last_at, seen_at: None,
        };
        on.store.add_oddities(&[odd(2, 50, 60)]).await.unwrap();
        assert!(on.store.see_oddity(20_000, area, "burst", NOW).await.unwrap());
        assert!(!on.store.see_oddity(20_000, area, "clone", NOW).await.unwrap());
        on.store.add_oddities(&[odd(3, 40, 55)]).await.unwrap();
        // Seen before it grew, so it is to be seen again.
        assert_eq!(on.store.oddities_since(20_000).await.unwrap(), [odd(5, 40, 60)]);
        assert!(on.store.oddities_since(20_001).await.unwrap().is_empty());
        on.store.remove_expired(20_001, NOW).await.unwrap();
        assert!(on.store.oddities_since(0).await.unwrap().is_empty());
    }
}
