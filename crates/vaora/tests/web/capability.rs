//! A code is a write-only capability: whoever holds one, but no account, is told nothing with it. Every route is
//! tried with every code, phone and card number that a stranger may come by.

use domain::role::Role;
use serde_json::json;
use vaora::{
    cards::{Issue, issue, symbol_text},
    gate,
    ids::new_id,
    intake::identity::Identity,
};

use crate::common::{
    TestApp,
    client::{Client, encoded},
    places::{OWNER_NAME, OWNER_PHONE},
    scans::{check_in, post_one, scan},
    source,
};

const NAME: &str = "Zuyến Hoàng Oanh Vũ";
const PHONE: &str = "0913579246";
const CARD: &str = "066095009876|241234567|Zuyến Hoàng Oanh Vũ|01021995|Nữ|Tân Lập, Đắk Lắk|15042021";
const NUMBER: &str = "066095009876";

/// What a stranger holds, and what no answer to him may hold.
struct World {
    held: Vec<(&'static str, String)>,
    secret: Vec<String>,
}

impl World {
    async fn new(app: &TestApp) -> Self {
        app.ceremony().await;
        let (place, other) = (app.place("Chợ Tân Lập").await, app.place("Phòng Khám Kín").await);
        let mut gate = app.gate(&place).await;
        let token = gate.cookie("vaora_gate").unwrap().to_owned();
        let one = scan(app, json!({ "code": CARD, "phone": PHONE }));
        assert_eq!(post_one(&mut gate, &one).await["outcome"], "accepted");
        check_in(&mut app.stranger(), &other.code, "in", NAME, PHONE).await.is(200);
        let enrol = "ABCD1234";
        let hash = gate::hash(&app.app, enrol);
        let now = app.clock.now();
        app.app.store.add_gate(new_id(), place.area_id, "Cổng", hash, now - 1, now).await.unwrap();
        // A second version of the same area's code: the old one must not lead to the new.
        let renewed = app.place("Quán Đổi Mã").await;
        let point = app.app.store.points_of_place(renewed.id).await.unwrap().remove(0).point;
        app.app
            .store
            .renew_code(point.area_id, new_id(), &vaora::web::place_edit::new_code(), now)
            .await
            .unwrap();
        let points = app.app.store.points_of_place(renewed.id).await.unwrap();
        let new = points.into_iter().find(|p| p.point.retired_at.is_none()).unwrap().point.code;
        let (printed, on_phone) = cards(app).await;
        let held = vec![
            ("printed card", printed),
            ("card on a phone", on_phone),
            ("place code", place.code.clone()),
            ("retired code", point.code),
            ("gate token", token),
            ("enrolment code", enrol.to_owned()),
            ("phone", PHONE.to_owned()),
            ("owner's phone", OWNER_PHONE.to_owned()),
            ("card number", NUMBER.to_owned()),
            ("card", CARD.to_owned()),
            ("place id", place.id.to_string()),
        ];
        let secret = [NAME, "ZUYEN HOANG OANH VU", PHONE, "+84913579246", "0913 579 246", NUMBER, OWNER_NAME]
            .iter()
            .map(|text| (*text).to_owned())
            .chain([OWNER_PHONE.to_owned(), "+84987654321".to_owned(), "0987 654 321".to_owned()])
            .chain([other.code, new])
            .collect();
        Self { held, secret }
    }

    /// What of the secrets an answer holds that the request did not.
    fn told(&self, request: &str, answer: &str) -> Vec<&String> {
        self.secret.iter().filter(|secret| answer.contains(*secret) && !request.contains(*secret)).collect()
    }
}

/// The symbols of a printed card and of a card on a phone, both of the person who must stay unknown.
async fn cards(app: &TestApp) -> (String, String) {
    let mut texts = Vec::new();
    for (kind, unit_id) in [("printed", Some(app.home().await)), ("phone", None)] {
        let identity =
            Identity { name: NAME.to_owned(), phone: Some("+84913579246".to_owned()), ..Identity::default() };
        let holder =
            Issue { identity, note: String::new(), unit_id, sheet_id: new_id(), kind, issued_by: None };
        let card = issue(&app.app, vec![holder]).await.unwrap().remove(0);
        texts.push(symbol_text(&app.app, &card).unwrap());
    }
    (texts.remove(0), texts.remove(0))
}

/// What a script would send to a route, with what is held in every place.
fn json_body(app: &TestApp, path: &str, held: &str) -> Option<serde_json::Value> {
    let now = app.clock.now();
    let person = json!({ "name": "Kẻ Lạ", "phone": "0905000111" });
    let id = uuid::Uuid::new_v4();
    match path.split('?').next().unwrap_or_default() {
        "/api/v1/scans" => Some(json!({ "scans": [scan(app, json!({ "code": held }))] })),
        "/api/v1/queue" => {
            let item = json!({ "id": id, "device": held, "at": now, "seq": 1, "sealed": held });
            Some(json!({ "sent_at": now, "items": [item] }))
        }
        "/D/me/visits" => {
            let visit = json!({ "id": id, "code": held, "kind": "in", "at": now, "person": person });
            Some(json!({ "sent_at": now, "visits": [visit] }))
        }
        "/D/me/cards" => Some(json!({ "people": [{ "name": "Kẻ Lạ", "phone": held }] })),
        "/D/me/cards/renew" | "/D/me/cards/give-back" => Some(json!({ "number": held, "secret": held })),
        _ => None,
    }
}

/// A route's address with what is held in every place and asked for in every way.
fn address(route: &str, held: &str) -> String {
    let mut path = String::new();
    for part in route.split('/').skip(1) {
        path.push('/');
        path.push_str(&if part.starts_with('{') { encoded(held) } else { part.to_owned() });
    }
    let asked = ["code", "q", "phone", "number", "id", "unit", "week", "next", "as", "format", "export"];
    let query: Vec<String> = asked.iter().map(|name| format!("{name}={}", encoded(held))).collect();
    format!("{path}?{}", query.join("&"))
}

/// Everything a form of ours asks for, filled with what is held.
fn form(held: &str) -> Vec<(&'static str, &str)> {
    let names =
        ["code", "phone", "number", "login", "password", "passphrase", "name", "commune", "hash", "reason"];
    let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, held)).collect();
    fields.extend([("action", "in"), ("by", "phone"), ("active", "0")]);
    fields
}

async fn try_all(app: &TestApp, world: &World, client: impl Fn() -> Client) {
    let mut told = Vec::new();
    for (what, held) in &world.held {
        for route in source::routes() {
            let (method, path) = route.split_once(' ').unwrap();
            // Sending a real person's phone a message is not what is tested.
            if path == "/owner/code-request" {
                continue;
            }
            let path = address(path, held);
            let answer = match (method, json_body(app, &path, held)) {
                ("GET", _) => client().get(&path).await,
                (_, Some(body)) => client().post_json(&path, &body).await,
                _ => client().post(&path, &form(held)).await,
            };
            let text = format!("{} {:?} {}", answer.status, answer.headers, answer.text());
            for secret in world.told(held, &text) {
                told.push(format!("{route} with the {what} told {secret}"));
            }
            assert!(
                answer.status < 500 || answer.status == 503,
                "{route} with the {what}: {}",
                answer.status
            );
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

on_both! {
    async fn a_stranger_with_a_code_is_told_nothing(app) {
        let world = World::new(&app).await;
        try_all(&app, &world, || app.stranger()).await;
    }

    async fn a_lost_gate_device_is_told_nothing(app) {
        let world = World::new(&app).await;
        let token = world.held.iter().find(|(what, _)| *what == "gate token").unwrap().1.clone();
        try_all(&app, &world, || {
            let mut device = app.stranger();
            device.put_cookie("vaora_gate", &token);
            device
        })
        .await;
        // Somebody else's card number with another name: the gate hears its own words back and nothing more.
        let mut device = app.stranger();
        device.put_cookie("vaora_gate", &token);
        let forged = CARD.replace(NAME, "Kẻ Lạ");
        let outcome = post_one(&mut device, &scan(&app, json!({ "code": forged }))).await.to_string();
        assert!(!outcome.contains(NAME) && !outcome.contains(PHONE), "{outcome}");
    }

    async fn a_known_phone_and_an_unknown_one_look_alike(app) {
        let world = World::new(&app).await;
        let code = &world.held.iter().find(|(what, _)| *what == "place code").unwrap().1;
        let (known, unknown) = (
            check_in(&mut app.stranger(), code, "in", "Kẻ Lạ", PHONE).await.is(200).words(),
            check_in(&mut app.stranger(), code, "in", "Kẻ Lạ", "0913579247").await.is(200).words(),
        );
        let without_second = |text: &str| text.split("giây").next().unwrap().to_owned();
        assert_eq!(without_second(&known), without_second(&unknown));
    }

    async fn the_same_search_finds_what_an_officer_may_see(app) {
        // The other side of the same assertion: for its own office the place's contact is there.
        World::new(&app).await;
        let place = app.app.store.places().await.unwrap().into_iter().find(|place| place.name == "Chợ Tân Lập").unwrap();
        let mut officer = app.officer(Role::UnitOfficer).await;
        assert!(officer.get(&format!("/places/{}", place.id)).await.is(200).text().contains(OWNER_NAME));
    }
}
