//! A device's sealed queue: kept once with its own time, kept apart when revoked, refused when unreadable.

use domain::time::{Millis, to_seconds_2020};
use domain::{role::Role, time::DAY_MS};
use seal::{
    sitting::Sender,
    wrap::{PublicKey, purpose, wrap},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::{
    MINUTE_MS, TestApp,
    client::{Answer, Client},
    places::Open,
    scans::CARDS,
};

/// A gate's device as its app works: its kit, and items sealed to the kit's key.
struct Phone {
    client: Client,
    device: String,
    key: PublicKey,
    sitting: Sender,
    seq: u64,
}

impl Phone {
    async fn at(app: &TestApp, place: &Open) -> Self {
        let mut client = app.gate(place).await;
        let kit = client.get("/gate/kit").await.is(200).json();
        let raw =
            data_encoding::BASE64URL_NOPAD.decode(kit["ingest_key"].as_str().unwrap().as_bytes()).unwrap();
        let key = PublicKey::from_bytes(&raw).unwrap();
        let sitting = Sender::begin(&key, &mut rand::rng()).unwrap();
        Self { client, device: kit["device"].as_str().unwrap().to_owned(), key, sitting, seq: 0 }
    }

    /// Seals what was captured at an instant of the device's clock.
    fn capture(&mut self, at: Millis, what: &Value) -> Value {
        let id = Uuid::new_v4();
        let aad = format!("{}.{id}.{at}", self.device);
        let sealed = self.sitting.seal(aad.as_bytes(), what.to_string().as_bytes()).unwrap();
        self.item(id, at, &sealed)
    }

    /// The same as apps seal it that were not brought up to date: each scan by itself.
    fn capture_alone(&mut self, at: Millis, what: &Value) -> Value {
        let id = Uuid::new_v4();
        let aad = format!("{}.{id}.{at}", self.device);
        let plain = what.to_string();
        let sealed = wrap(&self.key, purpose::INGEST, aad.as_bytes(), plain.as_bytes(), &mut rand::rng());
        self.item(id, at, &sealed.unwrap())
    }

    fn item(&mut self, id: Uuid, at: Millis, sealed: &[u8]) -> Value {
        self.seq += 1;
        let sealed = data_encoding::BASE64URL_NOPAD.encode(sealed);
        json!({ "id": id, "device": self.device, "at": at, "seq": self.seq, "sealed": sealed })
    }

    async fn send_at(&mut self, sent_at: Millis, items: &[Value]) -> Answer {
        let body = json!({ "sent_at": sent_at, "left": 0, "oldest_at": null, "items": items });
        self.client.post_json("/api/v1/queue", &body).await
    }

    /// Sends; each item's outcome.
    async fn send(&mut self, app: &TestApp, items: &[Value]) -> Vec<String> {
        let answer = self.send_at(app.clock.now(), items).await.is(200).json();
        outcomes(&answer)
    }
}

fn outcomes(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|result| result["outcome"].as_str().unwrap().to_owned()).collect()
}

fn person(number: usize) -> Value {
    json!({ "typed": { "name": "Trần Văn Đông", "phone": format!("0912{number:06}") } })
}

async fn market(app: &TestApp) -> Open {
    app.ceremony().await;
    app.place("Chợ Tân Lập").await
}

on_both! {
    async fn scans_of_two_days_offline_arrive_once_at_their_own_time(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let began = app.clock.now();
        let items: Vec<Value> = (0..40)
            .map(|number| {
                let (_, code, _) = CARDS[number % CARDS.len()];
                let at = began + i64::try_from(number).unwrap() * MINUTE_MS;
                phone.capture(at, &json!({ "kind": "in", "code": code }))
            })
            .collect();
        app.days_pass(2);
        assert!(phone.send(&app, &items[..25]).await.iter().all(|outcome| outcome == "accepted"));
        // The answer was lost: the same again, with the rest, in another order.
        let mut again: Vec<Value> = items.clone();
        again.reverse();
        let told = phone.send(&app, &again).await;
        assert_eq!(told.iter().filter(|outcome| *outcome == "duplicate").count(), 25);
        assert_eq!(told.iter().filter(|outcome| *outcome == "accepted").count(), 15);
        let mut times: Vec<u32> = app.rows().await.iter().map(|row| row.captured).collect();
        times.sort_unstable();
        let first = to_seconds_2020(began).unwrap();
        assert_eq!(times, (0..40).map(|minute| first + minute * 60).collect::<Vec<_>>());
        // An enrolled device with a sound clock read the cards itself, however late it could tell.
        assert!(app.rows().await.iter().all(|row| row.assurance == 3));
    }

    async fn rows_of_sittings_and_scans_sealed_alone_are_kept_side_by_side(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let now = app.clock.now();
        let mut items = vec![phone.capture(now, &person(1)), phone.capture_alone(now, &person(2))];
        // The page was loaded anew: another sitting.
        phone.sitting = Sender::begin(&phone.key, &mut rand::rng()).unwrap();
        items.extend([phone.capture(now, &person(3)), phone.capture_alone(now, &person(4))]);
        items.reverse();
        assert!(phone.send(&app, &items).await.iter().all(|outcome| outcome == "accepted"));
        assert!(phone.send(&app, &items).await.iter().all(|outcome| outcome == "duplicate"));
        assert_eq!(app.rows().await.len(), 4);
        assert_eq!(app.app.sitting_keys.remembered(), 2);
    }

    async fn a_row_of_a_sitting_is_worth_nothing_in_another_place(app) {
        let (place, other) = (market(&app).await, app.place("Chợ Ea Tam").await);
        let mut phone = Phone::at(&app, &place).await;
        let mut elsewhere = Phone::at(&app, &other).await;
        let now = app.clock.now();
        let (one, two) = (phone.capture(now, &person(1)), phone.capture(now, &person(2)));
        assert_eq!(phone.send(&app, std::slice::from_ref(&one)).await, ["accepted"]);
        // The server knows the sitting by now, which must open nothing more.
        let with = |name: &str, value: &Value| {
            let mut item = one.clone();
            item[name] = value.clone();
            item
        };
        let moved = [
            with("id", &json!(Uuid::new_v4())),
            with("at", &json!(now - 1)),
            with("device", &json!(elsewhere.device)),
            with("sealed", &two["sealed"]),
        ];
        assert!(phone.send(&app, &moved).await.iter().all(|outcome| outcome == "refused"));
        assert_eq!(elsewhere.send(&app, &[one.clone(), moved[2].clone()]).await, ["refused", "refused"]);
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn a_wrong_clock_is_corrected_by_what_it_is_off_and_marked(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let off = 3 * DAY_MS;
        let captured = app.clock.now();
        let item = phone.capture(captured - off, &json!({ "code": CARDS[0].1 }));
        app.minutes_pass(90);
        let answer = phone.send_at(app.clock.now() - off, std::slice::from_ref(&item)).await.is(200).json();
        assert_eq!(outcomes(&answer), ["accepted"]);
        let rows = app.rows().await;
        assert!(rows[0].captured.abs_diff(to_seconds_2020(captured).unwrap()) <= 2);
        assert!(rows[0].assurance <= 1, "{}", rows[0].assurance);
    }

    async fn what_was_altered_or_is_nothing_is_refused_with_words_and_spoils_no_other(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let now = app.clock.now();
        let good = phone.capture(now, &person(1));
        let mut moved = phone.capture(now, &person(2));
        moved["at"] = json!(now - MINUTE_MS);
        let mut cut = phone.capture(now, &person(3));
        cut["sealed"] = json!("AAAA");
        let mut stranger = phone.capture(now, &person(4));
        stranger["device"] = json!("12345");
        let place_code = phone.capture(now, &json!({ "code": format!("https://vaora.example/d/{}", place.code) }));
        let old = phone.capture(now - 8 * DAY_MS, &person(5));
        let items = [good, moved, cut, stranger, place_code, old];
        let answer = phone.send_at(now, &items).await.is(200).json();
        assert_eq!(outcomes(&answer), ["accepted", "refused", "refused", "refused", "refused", "refused"]);
        for (result, reason) in answer["results"].as_array().unwrap().iter().skip(1).zip([
            "unreadable", "unreadable", "unreadable", "place_code", "too_old",
        ]) {
            assert_eq!(result["reason"], reason);
            assert!(!result["title"].as_str().unwrap().is_empty() && !result["text"].as_str().unwrap().is_empty());
        }
        assert_eq!(app.rows().await.len(), 1);
        phone.send_at(now, &[]).await.is(422);
        let mut stranger = app.stranger();
        stranger.post_json("/api/v1/queue", &json!({ "sent_at": now, "items": [items[0]] })).await.is(401);
    }

    async fn a_revoked_device_hands_in_what_is_older_and_the_commune_decides_on_the_rest(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let before = phone.capture(app.clock.now(), &json!({ "code": CARDS[0].1 }));
        app.minutes_pass(10);
        let gate: i64 = phone.device.parse().unwrap();
        assert!(app.app.store.revoke_gate(gate, place.id, app.clock.now()).await.unwrap());
        app.minutes_pass(10);
        let after: Vec<Value> =
            (2..5).map(|number| phone.capture(app.clock.now() - number * 1000, &person(usize::try_from(number).unwrap()))).collect();
        let mut items = vec![before];
        items.extend(after);
        for turn in 0..2 {
            let first = if turn == 0 { "accepted" } else { "duplicate" };
            assert_eq!(phone.send(&app, &items).await, [first, "quarantined", "quarantined", "quarantined"]);
        }
        assert_eq!(app.rows().await.len(), 1);
        phone.client.get("/gate/kit").await.is(401);
        let mut officer = app.officer(Role::UnitOfficer).await;
        let page = officer.get("/devices").await.is(200).words();
        assert!(page.contains("chờ quyết định") && page.contains("Chợ Tân Lập"), "{page}");
        // Somebody else's officer finds nothing to decide.
        let mut other = app.officer_at("noi-khac", Role::UnitOfficer, app.elsewhere().await).await;
        other.post(&format!("/devices/{gate}/quarantine"), &[("action", "accept")]).await.is(404);
        officer.post(&format!("/devices/{gate}/quarantine"), &[("action", "accept")]).await.is(303);
        let rows = app.rows().await;
        assert_eq!(rows.len(), 4);
        assert_eq!(rows.iter().filter(|row| row.assurance == 0).count(), 3);
        officer.post(&format!("/devices/{gate}/quarantine"), &[("action", "accept")]).await.is(404);
    }

    async fn gaps_and_doubles_of_a_device_s_sequence_are_reported(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let now = app.clock.now();
        let first = phone.capture(now, &person(1));
        phone.seq = 6;
        let seventh = phone.capture(now, &person(2));
        assert_eq!(phone.send(&app, &[first.clone(), seventh]).await, ["accepted", "accepted"]);
        // Sent again it is no double; another scan under its number is.
        assert_eq!(phone.send(&app, &[first]).await, ["duplicate"]);
        let mut officer = app.officer(Role::UnitOfficer).await;
        let page = officer.get("/devices").await.is(200).words();
        assert!(page.contains("Thiếu 5 lượt") && !page.contains("số trùng"), "{page}");
        phone.seq = 6;
        let double = phone.capture(now, &person(3));
        assert_eq!(phone.send(&app, &[double]).await, ["accepted"]);
        let page = officer.get("/devices").await.is(200).words();
        assert!(page.contains("1 số trùng"), "{page}");
        assert_eq!(app.rows().await.len(), 3);
    }

    async fn a_phone_number_given_later_joins_the_person_and_nobody_comes_in_by_it(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let now = app.clock.now();
        let scan = phone.capture(now, &json!({ "code": CARDS[0].1 }));
        let id = scan["id"].clone();
        let note = phone.capture(now, &json!({ "code": CARDS[0].1, "phone": "0905 123 456", "phone_of": id }));
        for _ in 0..2 {
            let first = phone.send(&app, std::slice::from_ref(&note)).await;
            assert_eq!(first, ["accepted"]);
        }
        assert_eq!(phone.send(&app, &[scan]).await, ["accepted"]);
        assert_eq!(app.rows().await.len(), 1);
        let gate: i64 = phone.device.parse().unwrap();
        let heard = app.app.store.gate(gate).await.unwrap().unwrap();
        assert_eq!((heard.repeats, heard.sequences.as_str()), (0, "1-2"), "sending again is no second device");
        let (kind, index) = vaora::intake::identity::index_of(
            &app.app.keyfile.index_key,
            seal::index::IndexKind::Phone,
            "+84905123456",
        );
        assert_eq!(app.app.store.persons_by_index(kind, index).await.unwrap().len(), 1);
    }

    async fn a_device_speaks_for_its_own_place_alone(app) {
        let place = market(&app).await;
        let other = app.place_in("Chợ Khác", app.elsewhere().await).await;
        let (mut mine, mut theirs) = (Phone::at(&app, &place).await, Phone::at(&app, &other).await);
        let foreign = theirs.capture(app.clock.now(), &person(1));
        assert_eq!(mine.send(&app, std::slice::from_ref(&foreign)).await, ["refused"]);
        assert!(app.rows().await.is_empty());
        // A revoked one cannot come back under a former enrolment of the place.
        let mut former = Phone::at(&app, &place).await;
        let revoked_at = app.clock.now();
        app.minutes_pass(1);
        let held = former.capture(app.clock.now(), &person(2));
        app.app.store.revoke_gate(mine.device.parse().unwrap(), place.id, revoked_at).await.unwrap();
        assert_eq!(mine.send(&app, &[held]).await, ["quarantined"]);
        assert!(app.rows().await.is_empty());
    }

    async fn clocks_beyond_all_sense_are_refused_and_break_nothing(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let good = phone.capture(app.clock.now(), &person(1));
        for sent_at in [i64::MIN, -1, i64::MAX] {
            phone.send_at(sent_at, std::slice::from_ref(&good)).await.is(422);
        }
        let wild: Vec<Value> = [i64::MIN, i64::MAX].map(|at| phone.capture(at, &person(2))).to_vec();
        assert_eq!(phone.send(&app, &wild).await, ["refused", "refused"]);
        let body = json!({ "sent_at": app.clock.now(), "left": i64::MAX, "oldest_at": i64::MIN, "items": [good] });
        phone.client.post_json("/api/v1/queue", &body).await.is(200);
        let mut officer = app.officer(Role::UnitOfficer).await;
        officer.get("/devices").await.is(200);
        let visit = json!({ "id": Uuid::new_v4(), "code": place.code, "kind": "in", "at": i64::MIN });
        let body = json!({ "sent_at": app.clock.now(), "visits": [visit] });
        app.stranger().post_json("/D/me/visits", &body).await.is(422);
    }

    async fn scans_in_quarantine_too_old_to_keep_stay_there_and_are_told(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let gate: i64 = phone.device.parse().unwrap();
        app.app.store.revoke_gate(gate, place.id, app.clock.now()).await.unwrap();
        app.minutes_pass(1);
        let old = phone.capture(app.clock.now(), &person(1));
        assert_eq!(phone.send(&app, &[old]).await, ["quarantined"]);
        app.days_pass(8);
        // A wrong clock of eight days is corrected as it was measured.
        let off = 8 * DAY_MS;
        let skewed = phone.capture(app.clock.now() - off, &person(2));
        phone.send_at(app.clock.now() - off, &[skewed]).await.is(200);
        let mut officer = app.officer(Role::UnitOfficer).await;
        officer.post(&format!("/devices/{gate}/quarantine"), &[("action", "accept")]).await.is(303);
        let page = officer.get("/devices").await.is(200).words();
        assert!(page.contains("Đã nhận 1 lượt. 1 lượt không nhận được"), "{page}");
        assert_eq!(app.rows().await.len(), 1);
        assert_eq!(app.app.store.quarantined_of_gate(gate).await.unwrap(), 1);
    }

    async fn a_device_enrolled_anew_hands_in_its_former_queue(app) {
        let place = market(&app).await;
        let mut former = Phone::at(&app, &place).await;
        let held = former.capture(app.clock.now(), &person(1));
        let mut now = Phone::at(&app, &place).await;
        assert_eq!(now.send(&app, &[held]).await, ["accepted"]);
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn an_exported_queue_is_taken_from_the_owner_once(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let items: Vec<Value> = (0..150).map(|number| phone.capture(app.clock.now(), &person(number))).collect();
        let file = json!({ "vaora_queue": 1, "exported_at": app.clock.now(), "items": items }).to_string();
        let mut owner = app.owner().await;
        let path = format!("/owner/places/{}", place.id);
        for (turn, words) in [(1, "Đã nhận 150 lượt, 0 lượt có từ trước"), (2, "Đã nhận 0 lượt, 150 lượt có từ trước")] {
            owner.post_file(&format!("{path}/queue-file"), "queue.json", file.as_bytes()).await.is(303);
            let page = owner.get(&path).await.is(200).words();
            assert!(page.contains(words), "{turn}: {page}");
        }
        assert_eq!(app.rows().await.len(), 150);
        owner.post_file(&format!("{path}/queue-file"), "queue.json", b"{}").await.is(303);
        assert!(owner.get(&path).await.is(200).words().contains("không phải tệp hàng đợi"));
        // A device of another place is no business of this owner.
        let other = app.place_in("Chợ Khác", app.elsewhere().await).await;
        let mut theirs = Phone::at(&app, &other).await;
        let foreign = json!({ "vaora_queue": 1, "items": [theirs.capture(app.clock.now(), &person(900))] }).to_string();
        owner.post_file(&format!("{path}/queue-file"), "queue.json", foreign.as_bytes()).await.is(303);
        assert!(owner.get(&path).await.is(200).words().contains("1 lượt của máy nơi khác"));
        assert_eq!(app.rows().await.len(), 150);
    }

    async fn the_number_inside_is_of_the_whole_place_and_begins_anew_when_its_owner_closes_it(app) {
        let place = market(&app).await;
        let (mut front, mut back) = (Phone::at(&app, &place).await, Phone::at(&app, &place).await);
        let now = app.clock.now();
        let came: Vec<Value> = (0..3).map(|number| front.capture(now, &person(number))).collect();
        front.send(&app, &came).await;
        let left = back.capture(now, &json!({ "kind": "out", "typed": { "name": "Trần Văn Đông", "phone": "0912000000" } }));
        let answer = back.send_at(now, &[left]).await.is(200).json();
        assert_eq!((&answer["state"]["inside"], &answer["state"]["in_today"]), (&json!(2), &json!(3)));
        let mut owner = app.owner().await;
        owner.post(&format!("/owner/places/{}/hours", place.id), &[("capacity", "40"), ("closes_at", "18:00")]).await.is(303);
        owner.post(&format!("/owner/places/{}/close", place.id), &[]).await.is(303);
        let state = front.client.get("/gate/state").await.is(200).json();
        assert_eq!((&state["inside"], &state["capacity"]), (&json!(0), &json!(40)));
        app.minutes_pass(1);
        let one = front.capture(app.clock.now(), &person(7));
        front.send(&app, &[one]).await;
        assert_eq!(front.client.get("/gate/state").await.is(200).json()["inside"], 1);
        owner.refused(&format!("/owner/places/{}/hours", place.id), &[("capacity", "không")], "Sức chứa là số người").await;
    }

    async fn the_kit_lets_a_device_work_for_a_week_and_names_nobody(app) {
        let place = market(&app).await;
        let mut phone = Phone::at(&app, &place).await;
        let now = app.clock.now();
        let item = phone.capture(now, &json!({ "code": CARDS[0].1 }));
        phone.send(&app, &[item]).await;
        let kit = phone.client.get("/gate/kit").await.is(200);
        let text = kit.text();
        assert!(!text.contains("Nguyễn Văn A") && !text.contains("066095001234"), "{text}");
        let kit = kit.json();
        let today = domain::time::day_number(app.clock.today());
        for day in today..today + 7 {
            assert!(kit["moment_keys"][day.to_string()].is_string(), "{day}");
        }
        assert_eq!(kit["words"].as_array().unwrap().len(), 256);
        app.stranger().get("/gate/kit").await.is(401);
    }
}
