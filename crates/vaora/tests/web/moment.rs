//! What changes with the clock at a door: rotating codes, the word of the minute, visitors' queues, and what
//! visitors say of posters.

use domain::{
    moment,
    role::Role,
    time::{DAY_MS, day_number, to_seconds_2020},
};
use seal::moment::MomentKey;
use serde_json::json;

use crate::common::{TestApp, places::Open};

const PERSON: [(&str, &str); 2] = [("name", "Nguyễn Thị Khách"), ("phone", "0912345678")];

fn key(app: &TestApp, place: &Open) -> MomentKey {
    MomentKey::derive(&app.app.keyfile.session_key, place.id, day_number(app.clock.today()))
}

/// What a screen shows at this moment.
fn shown(app: &TestApp, place: &Open) -> String {
    let mac = key(app, place).code_mac(place.area_id, moment::rotate_step(app.clock.now())).unwrap();
    moment::rotating_text(&mac)
}

on_both! {
    async fn a_screen_s_code_of_now_is_worth_more_than_a_poster_and_a_photo_of_it_is_not(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let text = shown(&app, &place);
        let page = app.stranger().get(&format!("/D/{}/{text}", place.code)).await.is(200).text();
        assert!(page.contains("Chợ Tân Lập"));
        let path = format!("/D/{}", place.code);
        let form = [PERSON[0], PERSON[1], ("action", "in"), ("rotating", &text)];
        app.stranger().post(&path, &form).await.is(200);
        app.minutes_pass(10);
        app.stranger().post(&path, &form).await.is(200);
        let rows = app.rows().await;
        assert_eq!(rows.iter().map(|row| row.assurance).collect::<Vec<_>>(), [2, 1]);
    }

    async fn the_word_on_the_success_page_is_the_gate_s_word_of_that_minute(app) {
        app.ceremony().await;
        let (place, other) = (app.place("Chợ Tân Lập").await, app.place("Chợ Khác").await);
        let form = [PERSON[0], PERSON[1], ("action", "in")];
        let page = app.stranger().post(&format!("/D/{}", place.code), &form).await.is(200).words();
        let word = |place| moment::word(&key(&app, place).word_mac(moment::minute(app.clock.now())).unwrap());
        assert!(page.contains(word(&place)), "{} is not in {page}", word(&place));
        let kit = app.gate(&place).await.get("/gate/kit").await.is(200).json();
        let day = day_number(app.clock.today()).to_string();
        let held = data_encoding::BASE64URL_NOPAD.decode(kit["moment_keys"][&day].as_str().unwrap().as_bytes());
        assert_eq!(held.unwrap(), key(&app, &place).expose());
        assert_ne!(key(&app, &place).expose(), key(&app, &other).expose());
    }

    async fn a_form_sent_twice_is_one_check_in_and_companions_come_along(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let path = format!("/D/{}", place.code);
        let id = "0f0e0d0c-0b0a-4908-8706-050403020100";
        let form = [PERSON[0], PERSON[1], ("action", "in"), ("id", id), ("companions", "Bé Na\nÔng Y Wang")];
        for _ in 0..2 {
            app.stranger().post(&path, &form).await.is(200);
        }
        assert_eq!(app.rows().await.len(), 3);
        let wrong = [PERSON[0], PERSON[1], ("action", "in"), ("companions", "12345")];
        app.stranger().post(&path, &wrong).await.is(422);
        assert_eq!(app.rows().await.len(), 3);
    }

    async fn a_phone_hands_in_what_it_queued_each_once_at_its_time(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let began = app.clock.now();
        app.minutes_pass(180);
        let person = json!({ "name": "Nguyễn Thị Khách", "phone": "0912345678" });
        let visit = |id: u8, kind: &str, at: i64, corrected: bool| json!({
            "id": format!("{id:08}-0b0a-4908-8706-050403020100"), "code": place.code, "kind": kind, "at": at,
            "corrected": corrected, "person": person,
        });
        let dead = json!({ "id": "3f0e0d0c-0b0a-4908-8706-050403020100", "code": "0000000000", "kind": "in", "at": began, "person": person });
        let body = json!({ "sent_at": app.clock.now(), "visits": [visit(1, "in", began, false), visit(2, "out", began + 600_000, true), dead] });
        let mut phone = app.stranger();
        let first = phone.post_json("/D/me/visits", &body).await.is(200).json();
        let again = phone.post_json("/D/me/visits", &body).await.is(200).json();
        let outcomes = |answer: &serde_json::Value| answer["results"].as_array().unwrap().iter()
            .map(|result| result["outcome"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(outcomes(&first), ["accepted", "accepted", "refused"]);
        assert_eq!(outcomes(&again), ["duplicate", "duplicate", "refused"]);
        let rows = app.rows().await;
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].captured, to_seconds_2020(began).unwrap());
        assert!(rows.iter().all(|row| row.assurance == 0), "late, and typed afterwards");
        // Without a person in it, the device's own cookie tells who.
        let bare = json!({ "sent_at": app.clock.now(), "visits": [{ "id": "4f0e0d0c-0b0a-4908-8706-050403020100", "code": place.code, "kind": "in", "at": app.clock.now() }] });
        assert_eq!(outcomes(&app.stranger().post_json("/D/me/visits", &bare).await.is(200).json()), ["refused"]);
        let form = [PERSON[0], PERSON[1], ("action", "in")];
        phone.post(&format!("/D/{}", place.code), &form).await.is(200);
        assert_eq!(outcomes(&phone.post_json("/D/me/visits", &bare).await.is(200).json()), ["accepted"]);
        let none = json!({ "sent_at": app.clock.now(), "visits": [] });
        phone.post_json("/D/me/visits", &none).await.is(422);
        let old = json!({ "sent_at": app.clock.now(), "visits": [{ "id": "5f0e0d0c-0b0a-4908-8706-050403020100", "code": place.code, "kind": "in", "at": app.clock.now() - 9 * DAY_MS, "person": person }] });
        assert_eq!(outcomes(&phone.post_json("/D/me/visits", &old).await.is(200).json()), ["refused"]);
    }

    async fn a_wrong_poster_is_told_to_the_commune_without_who_said_it(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut visitor = app.stranger();
        let path = format!("/D/{}/report", place.code);
        visitor.get(&path).await.is(200);
        for _ in 0..30 {
            visitor.post(&path, &[("kind", "damaged")]).await.is(200);
        }
        visitor.post(&path, &[("kind", "hack")]).await.is(422);
        let mut officer = app.officer(Role::UnitOfficer).await;
        assert!(officer.get("/").await.is(200).words().contains("áp phích bị khách báo"));
        let page = officer.get("/odd").await.is(200).words();
        assert!(page.contains("rách, mờ") && page.contains("20"), "counted up to a bound: {page}");
        officer.post(&format!("/odd/posters/{}/close", place.id), &[]).await.is(303);
        assert!(!officer.get("/odd").await.is(200).words().contains("rách, mờ"));
    }
}
