//! What does not add up is counted by place and day and lowers a scan's assurance; nothing is dropped, and no
//! page names a person.

use domain::{role::Role, time::day_number};
use serde_json::json;
use vaora::jobs;

use crate::common::{
    TestApp,
    scans::{CARDS, check_in, post, post_one, scan, typed},
};

async fn kinds(app: &TestApp) -> Vec<String> {
    jobs::write_oddities(&app.app).await.unwrap();
    let since = day_number(app.clock.today()) - 7;
    let mut kinds: Vec<String> =
        app.app.store.oddities_since(since).await.unwrap().into_iter().map(|one| one.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

on_both! {
    async fn one_person_at_two_far_places_at_once_is_kept_and_flagged(app) {
        app.ceremony().await;
        let (here, there) = (app.place("Chợ Tân Lập").await, app.place_in("Chợ Buôn Hồ", app.elsewhere().await).await);
        let (mut first, mut second) = (app.gate(&here).await, app.gate(&there).await);
        post_one(&mut first, &scan(&app, json!({ "code": CARDS[0].1 }))).await;
        app.minutes_pass(2);
        let outcome = post_one(&mut second, &scan(&app, json!({ "code": CARDS[0].1 }))).await;
        assert_eq!(outcome["outcome"], "accepted", "the gate is told nothing of it");
        let rows = app.rows().await;
        assert_eq!(rows.iter().map(|row| row.assurance).collect::<Vec<_>>(), [3, 0]);
        assert_eq!(kinds(&app).await, ["too_far"]);
        let mut officer = app.officer_at("buonho", Role::UnitOfficer, app.elsewhere().await).await;
        let page = officer.get("/odd").await.is(200);
        let words = page.words();
        assert!(words.contains("Chợ Buôn Hồ") && !words.contains("Nguyễn Văn A"), "{words}");
        let see = page.text().split("action=\"").find(|part| part.starts_with("/odd/")).unwrap()
            .split('"').next().unwrap().to_owned();
        officer.post(&see, &[("kind", "too_far")]).await.is(303);
        assert!(officer.get("/odd").await.is(200).words().contains("đã xem"));
        // The commune of the other place has nothing to see.
        let mut home = app.officer(Role::UnitOfficer).await;
        assert!(home.get("/odd").await.is(200).words().contains("Không có điều gì bất thường"));
    }

    async fn nobody_pulls_down_a_gate_s_scan_by_a_word_typed_elsewhere(app) {
        app.ceremony().await;
        let (here, there) = (app.place("Chợ Tân Lập").await, app.place_in("Chợ Buôn Hồ", app.elsewhere().await).await);
        let mut gate = app.gate(&here).await;
        let code = CARDS[4].1;
        post_one(&mut gate, &scan(&app, json!({ "code": code }))).await;
        // A stranger knows name and phone, and claims them on a poster far away.
        check_in(&mut app.stranger(), &there.code, "in", "Nguyen Van A", "0912345678").await.is(200);
        app.minutes_pass(1);
        post_one(&mut gate, &scan(&app, json!({ "code": code, "kind": "out" }))).await;
        assert_eq!(app.rows().await.iter().map(|row| row.assurance).collect::<Vec<_>>(), [3, 0, 3]);
        assert_eq!(kinds(&app).await, ["too_far"]);
    }

    async fn an_hour_later_the_same_way_is_nothing_odd(app) {
        app.ceremony().await;
        let (here, there) = (app.place("Chợ Tân Lập").await, app.place_in("Chợ Buôn Hồ", app.elsewhere().await).await);
        let (mut first, mut second) = (app.gate(&here).await, app.gate(&there).await);
        post_one(&mut first, &scan(&app, json!({ "code": CARDS[0].1 }))).await;
        app.minutes_pass(61);
        post_one(&mut second, &scan(&app, json!({ "code": CARDS[0].1 }))).await;
        assert!(app.rows().await.iter().all(|row| row.assurance == 3));
        assert!(kinds(&app).await.is_empty());
    }

    async fn a_burst_from_one_device_and_a_visit_at_night_are_flagged_and_kept(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut gate = app.gate(&place).await;
        let many: Vec<_> = (0..150)
            .map(|number| scan(&app, json!({ "typed": { "name": "Trần Văn Đông", "phone": format!("0912{number:06}") } })))
            .collect();
        post(&mut gate, &many).await.is(200);
        assert_eq!(app.rows().await.len(), 150);
        assert_eq!(kinds(&app).await, ["burst"]);
        let mut owner = app.owner().await;
        let hours = [("opens_at", "05:00"), ("closes_at", "07:00")];
        owner.post(&format!("/owner/places/{}/hours", place.id), &hours).await.is(303);
        app.minutes_pass(2);
        let outcome = typed(&app, &mut gate, "in", "H'Khuya Niê", "0905000111").await;
        assert_eq!(outcome["outcome"], "accepted");
        assert_eq!(kinds(&app).await, ["burst", "closed_hours"]);
        assert_eq!(app.rows().await.len(), 151);
    }

    async fn a_place_that_falls_silent_is_told_once_a_day(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        for _ in 0..7 {
            for number in 0..25 {
                let phone = format!("0912{number:06}");
                check_in(&mut app.stranger(), &place.code, "in", "Trần Văn Đông", &phone).await.is(200);
            }
            app.days_pass(1);
        }
        jobs::look_for_silence(&app.app).await.unwrap();
        assert!(!kinds(&app).await.contains(&"fell_silent".to_owned()), "nine in the morning is early");
        app.minutes_pass(6 * 60);
        jobs::look_for_silence(&app.app).await.unwrap();
        jobs::look_for_silence(&app.app).await.unwrap();
        assert!(kinds(&app).await.contains(&"fell_silent".to_owned()));
        let since = day_number(app.clock.today());
        let silent = app.app.store.oddities_since(since).await.unwrap();
        assert_eq!(silent.iter().filter(|one| one.kind == "fell_silent").map(|one| one.scans).sum::<i64>(), 1);
    }
}
