//! `POST /api/v1/scans`: cards, phones asked for once, ids sent again, batches, refusals, problem documents.

use axum::http::Method;
use domain::time::{DAY_MS, to_seconds_2020};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::{
    MINUTE_MS, TestApp,
    client::Client,
    rfc3339,
    scans::{CARDS, post, post_one, scan, typed},
};

const PATH: &str = "/api/v1/scans";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn gate(app: &TestApp) -> Client {
    app.ceremony().await;
    let place = app.place("Chợ Tân Lập").await;
    app.gate(&place).await
}

fn person(number: usize) -> Value {
    json!({ "typed": { "name": "Trần Văn Đông", "phone": format!("0912{number:06}") } })
}

on_both! {
    async fn every_card_is_read_and_kept(app) {
        let mut gate = gate(&app).await;
        for (what, code, name) in CARDS {
            let outcome = post_one(&mut gate, &scan(&app, json!({ "code": code, "phone": "0912345678" }))).await;
            assert_eq!(outcome["outcome"], "accepted", "{what}: {outcome}");
            assert_eq!(outcome["name"], name, "{what}");
            assert_eq!(outcome["title"], "Mời vào", "{what}");
        }
        let rows = app.rows().await;
        assert_eq!(rows.len(), CARDS.len());
        assert!(rows.iter().all(|row| row.assurance == 3));
    }

    async fn a_card_is_taken_with_or_without_a_phone_and_nothing_is_told_of_the_register(app) {
        let mut gate = gate(&app).await;
        let (_, card, _) = CARDS[0];
        let first = post_one(&mut gate, &scan(&app, json!({ "code": card }))).await;
        app.minutes_pass(1);
        let with_phone = json!({ "code": card, "phone": "0912 345 678" });
        let second = post_one(&mut gate, &scan(&app, with_phone)).await;
        app.minutes_pass(1);
        let third = post_one(&mut gate, &scan(&app, json!({ "code": card }))).await;
        // Known or not, with a phone or without: the answers differ in their ids alone.
        for answer in [&second, &third] {
            let mut same = answer.clone();
            same["id"] = first["id"].clone();
            assert_eq!(same, first);
        }
        assert_eq!(app.rows().await.len(), 3);
    }

    async fn companions_come_with_one_scan_each_named_once(app) {
        let mut gate = gate(&app).await;
        let (_, card, _) = CARDS[0];
        let one = scan(&app, json!({ "code": card, "companions": ["H'Lan Niê", "Y Tí Niê"] }));
        assert_eq!(post_one(&mut gate, &one).await["outcome"], "accepted");
        assert_eq!(post_one(&mut gate, &one).await["outcome"], "duplicate");
        let rows = app.rows().await;
        assert_eq!(rows.len(), 3);
        // Another's word for them is less than a card of their own.
        assert_eq!(rows.iter().map(|row| row.assurance).max(), Some(3));
        assert_eq!(rows.iter().filter(|row| row.assurance == 1).count(), 2);
        let wrong = scan(&app, json!({ "code": card, "companions": ["=1+1"] }));
        let refused = post_one(&mut gate, &wrong).await;
        assert_eq!((&refused["outcome"], &refused["reason"]), (&json!("rejected"), &json!("companion_invalid")));
        assert_eq!(app.rows().await.len(), 3);
    }

    async fn somebody_without_a_phone_is_let_in_and_not_asked_again(app) {
        let mut gate = gate(&app).await;
        let (_, card, _) = CARDS[1];
        let first = scan(&app, json!({ "code": card, "no_phone": true }));
        assert_eq!(post_one(&mut gate, &first).await["outcome"], "accepted");
        let later = scan(&app, json!({ "code": card }));
        assert_eq!(post_one(&mut gate, &later).await["outcome"], "accepted");
        assert_eq!(app.rows().await.len(), 2);
    }

    async fn the_same_id_again_keeps_nothing_twice(app) {
        let mut gate = gate(&app).await;
        let one = scan(&app, person(1));
        assert_eq!(post_one(&mut gate, &one).await["outcome"], "accepted");
        for _ in 0..2 {
            assert_eq!(post_one(&mut gate, &one).await["outcome"], "duplicate");
        }
        let both = post(&mut gate, &[one.clone(), one]).await.is(200).json();
        assert!(both["results"].as_array().unwrap().iter().all(|result| result["outcome"] == "duplicate"));
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn the_same_id_is_known_after_a_restart(app) {
        let mut gate = gate(&app).await;
        let one = scan(&app, person(1));
        post_one(&mut gate, &one).await;
        let token = gate.cookie("vaora_gate").unwrap().to_owned();
        let app = app.restart().await;
        let mut gate = app.stranger();
        gate.put_cookie("vaora_gate", &token);
        assert_eq!(post_one(&mut gate, &one).await["outcome"], "duplicate");
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn a_batch_of_a_thousand_is_kept_in_order_and_no_larger_one(app) {
        let mut gate = gate(&app).await;
        let scans: Vec<Value> = (0..1000).map(|number| scan(&app, person(number))).collect();
        let outcomes = post(&mut gate, &scans).await.is(200).json();
        let results = outcomes["results"].as_array().unwrap();
        assert_eq!(results.len(), 1000);
        for (result, scan) in results.iter().zip(&scans) {
            assert_eq!((&result["id"], &result["outcome"]), (&scan["id"], &json!("accepted")));
        }
        assert_eq!(app.rows().await.len(), 1000);
        let more: Vec<Value> = (0..1001).map(|number| scan(&app, person(number))).collect();
        post(&mut gate, &more).await.is(422);
        post(&mut gate, &[]).await.is(422);
        assert_eq!(app.rows().await.len(), 1000);
    }

    async fn a_bad_scan_spoils_no_good_one(app) {
        let mut gate = gate(&app).await;
        let scans = [
            scan(&app, person(1)),
            scan(&app, json!({ "code": "what is this" })),
            scan(&app, json!({ "typed": { "name": "Trần Văn Đông", "phone": "123" } })),
            scan(&app, person(2)),
        ];
        let outcomes = post(&mut gate, &scans).await.is(200).json();
        let kinds: Vec<&str> =
            outcomes["results"].as_array().unwrap().iter().map(|result| result["outcome"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["accepted", "rejected", "rejected", "accepted"]);
        assert_eq!(outcomes["results"][2]["reason"], "phone_invalid");
        assert_eq!(app.rows().await.len(), 2);
    }

    async fn old_late_and_early_scans_are_weighed(app) {
        let mut gate = gate(&app).await;
        let now = app.clock.now();
        let at = |at: i64| json!({ "captured_at": rfc3339(at), "code": CARDS[4].1 });
        let old = post_one(&mut gate, &scan(&app, at(now - 7 * DAY_MS - MINUTE_MS))).await;
        assert_eq!((&old["outcome"], &old["reason"]), (&json!("rejected"), &json!("too_old")));
        assert!(app.rows().await.is_empty());
        post_one(&mut gate, &scan(&app, at(now - 3 * DAY_MS))).await;
        post_one(&mut gate, &scan(&app, at(now + 60 * MINUTE_MS))).await;
        post_one(&mut gate, &scan(&app, at(now - MINUTE_MS))).await;
        let rows = app.rows().await;
        let kept: Vec<(u32, u8)> = rows.iter().map(|row| (row.captured, row.assurance)).collect();
        let second = |at: i64| to_seconds_2020(at).unwrap();
        // The card was read, but nobody measured the clock that says when.
        assert_eq!(kept[0], (second(now - 3 * DAY_MS), 1));
        assert_eq!(kept[1].1, 0);
        assert!(kept[1].0 - second(now) < 60, "a clock that runs ahead is not believed");
        assert_eq!(kept[2], (second(now - MINUTE_MS), 3));
        let unread = scan(&app, json!({ "captured_at": "yesterday", "code": CARDS[4].1 }));
        let refused = post_one(&mut gate, &unread).await;
        assert_eq!((&refused["outcome"], &refused["reason"]), (&json!("rejected"), &json!("captured_at")));
        assert_eq!(app.rows().await.len(), 3);
    }

    async fn foreign_codes_are_named_and_not_kept(app) {
        let mut gate = gate(&app).await;
        for (code, part) in [
            ("UKC19TRACING:1:eyJhbGciOiJFUzI1NiJ9", "NHS"),
            ("NZCOVIDTRACER:eyJ0eXAiOiJlbnRyeSJ9", "NZ"),
            ("https://tokhaiyte.vn/?x=1", "Tờ khai y tế"),
        ] {
            let outcome = post_one(&mut gate, &scan(&app, json!({ "code": code }))).await;
            assert_eq!(outcome["outcome"], "rejected", "{outcome}");
            let title = outcome["title"].as_str().unwrap();
            assert!(title.starts_with("Mã của hệ thống khác: "), "{title}");
            assert!(title.to_lowercase().contains(&part.to_lowercase()), "{part}: {title}");
        }
        assert!(app.rows().await.is_empty());
    }

    async fn a_poster_s_code_is_not_a_person(app) {
        let mut gate = gate(&app).await;
        let other = app.place("Quán Khác").await;
        let code = format!("HTTP://LOCALHOST:8080/D/{}", other.code);
        let outcome = post_one(&mut gate, &scan(&app, json!({ "code": code }))).await;
        assert_eq!(outcome["outcome"], "rejected", "{outcome}");
        assert!(!outcome.to_string().contains("Quán Khác"));
        assert!(app.rows().await.is_empty());
    }

    async fn only_an_enrolled_device_may_post(app) {
        let mut device = gate(&app).await;
        let body = json!({ "scans": [scan(&app, person(1))] });
        for client in [&mut app.stranger(), &mut {
            let mut wrong = app.stranger();
            wrong.put_cookie("vaora_gate", "guessed");
            wrong
        }] {
            let refused = client.post_json(PATH, &body).await.is(401);
            assert_eq!(refused.header("content-type"), "application/problem+json");
            assert_eq!(refused.json()["type"], "/problems/sign-in");
        }
        device.post_json(PATH, &body).await.is(200);
        let place = app.app.store.places().await.unwrap().remove(0).id;
        let gate = app.app.store.gates_of_place(place).await.unwrap().remove(0).id;
        app.app.store.revoke_gate(gate, place, app.clock.now()).await.unwrap();
        device.post_json(PATH, &body).await.is(401);
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn what_cannot_be_read_is_a_problem_document(app) {
        let mut gate = gate(&app).await;
        let large = vec![b' '; 2 * 1024 * 1024 + 1];
        let text: [(&str, &str); 1] = [("content-type", "text/plain")];
        let unknown = json!({ "scans": [scan(&app, json!({ "code": "x", "colour": "red" }))] });
        let wrong_id = json!({ "scans": [scan(&app, json!({ "id": "1", "code": "x" }))] });
        for (headers, body, status) in [
            (&JSON, b"{".to_vec(), 400),
            (&JSON, b"{}".to_vec(), 422),
            (&JSON, serde_json::to_vec(&unknown).unwrap(), 422),
            (&JSON, serde_json::to_vec(&wrong_id).unwrap(), 422),
            (&JSON, large, 413),
            (&text, b"{}".to_vec(), 415),
        ] {
            let answer = gate.send(Method::POST, PATH, headers, body).await.is(status);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem = answer.json();
            assert_eq!(problem["status"], status);
            assert!(problem["type"].as_str().unwrap().starts_with("/problems/"), "{problem}");
            assert!(!problem["title"].as_str().unwrap().is_empty());
        }
        gate.send(Method::GET, PATH, &[], Vec::new()).await.is(405);
        assert!(app.rows().await.is_empty());
    }

    async fn a_device_that_floods_is_told_to_wait(app) {
        let mut device = gate(&app).await;
        let useless: Vec<Value> = (0..1000).map(|_| scan(&app, json!({ "code": "?" }))).collect();
        for _ in 0..2 {
            post(&mut device, &useless).await.is(200);
        }
        let refused = post(&mut device, &useless).await.is(429);
        assert_eq!(refused.json()["type"], "/problems/too-many");
        assert!(!refused.header("retry-after").is_empty());
        let other = app.place("Quán Khác").await;
        post(&mut app.gate(&other).await, &useless).await.is(200);
    }

    async fn words_come_in_the_gate_s_language(app) {
        let device = gate(&app).await;
        let mut english = device.english();
        let outcome = post_one(&mut english, &scan(&app, person(1))).await;
        assert_eq!(outcome["outcome"], "accepted");
        assert_ne!(outcome["title"], "Mời vào");
    }

    async fn before_the_key_ceremony_a_scan_waits_on_the_device(app) {
        let place = app.place("Chợ Tân Lập").await;
        let mut gate = app.gate(&place).await;
        let one = scan(&app, person(1));
        let refused = post(&mut gate, std::slice::from_ref(&one)).await.is(503);
        assert_eq!(refused.json()["type"], "/problems/unavailable");
        assert_eq!(refused.header("retry-after"), "5");
        app.ceremony().await;
        assert_eq!(post_one(&mut gate, &one).await["outcome"], "accepted");
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn a_name_comes_from_what_was_shown_never_from_the_register(app) {
        let mut gate = gate(&app).await;
        typed(&app, &mut gate, "in", "Hoàng Thị Thật", "0912345678").await;
        let other = typed(&app, &mut gate, "in", "Kẻ Lạ", "0912345678").await;
        assert_eq!(other["name"], "Kẻ Lạ");
        assert!(!other.to_string().contains("Thật"));
    }

    async fn the_gate_s_page_counts_and_lists_nobody(app) {
        let mut gate = gate(&app).await;
        for number in 0..3 {
            post_one(&mut gate, &scan(&app, person(number))).await;
        }
        let page = gate.get("/gate").await.is(200).text();
        let state = gate.get("/gate/state").await.is(200);
        assert!(page.contains("Chợ Tân Lập") && state.json()["in_today"] == 3, "{}", state.text());
        assert!(!page.contains("Trần Văn Đông") && !state.text().contains("Trần Văn Đông"));
    }

    async fn ids_are_the_device_s_own(app) {
        let mut gate = gate(&app).await;
        let id = Uuid::new_v4();
        post_one(&mut gate, &scan(&app, json!({ "id": id, "code": CARDS[4].1 }))).await;
        assert_eq!(app.event_ids().await, [*id.as_bytes()]);
    }
}
