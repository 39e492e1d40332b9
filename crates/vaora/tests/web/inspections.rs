//! Inspections: plan, visit by form and by phone, findings, reminders, suspension, scan ratio.

use data_encoding::BASE64;
use domain::role::Role;
use serde_json::{Value as Json, json};
use store::{
    inspection_plans::InspectionPlan,
    inspections::{Inspection, InspectionRecord, NewFinding},
    place_care::DepartmentChoice,
};
use vaora::{ids::new_id, jobs, web::inspections};

use crate::common::{TestApp, client::Client, places::Open};

/// What was made of a place: a draft plan, a visit to make, a visit made with a finding and a photo, a proposal.
pub struct Seen {
    /// Draft of Sở TTTT.
    pub plan: i64,
    /// Visit to make.
    pub planned: i64,
    /// Visit made.
    pub done: i64,
    /// Its finding.
    pub finding: i64,
    /// Proposal to suspend.
    pub suspension: i64,
}

fn visit(id: i64, place: &Open, unit_id: i64, inspector: i64) -> Inspection {
    Inspection {
        id,
        plan_id: None,
        place_id: place.id,
        unit_id,
        inspector_id: Some(inspector),
        day_on: Some("2021-11-10".to_owned()),
        state: "planned".to_owned(),
        score: 0,
        reasons: "own".to_owned(),
        root_id: id,
        done_on: None,
        place_name: String::new(),
        address: String::new(),
        type_code: String::new(),
        inspector: None,
        department_id: None,
    }
}

async fn account_id(app: &TestApp, login: &str) -> i64 {
    app.app.store.accounts().await.unwrap().into_iter().find(|one| one.login == login).unwrap().id
}

fn record(inspection_id: i64, by: i64, now: i64) -> InspectionRecord {
    InspectionRecord {
        inspection_id,
        delivery_id: format!("made-{inspection_id}"),
        recorded_by: by,
        began_at: now - 600_000,
        ended_at: now,
        received_at: now,
        scans: String::new(),
        answers: "poster\tno\tcửa sau".to_owned(),
        entering: 20,
        scanning: 12,
        count_seconds: 600,
        notes: String::new(),
        inspector_title: String::new(),
        representative: "H'Bình Niê".to_owned(),
        representative_title: String::new(),
        refused_to_sign: false,
    }
}

/// Makes everything that a route of this area may lead to, with the officer of a login as inspector.
pub async fn seen(app: &TestApp, place: &Open, login: &str) -> Seen {
    let (store, now, home) = (&app.app.store, app.clock.now(), app.home().await);
    let by = account_id(app, login).await;
    let (plan, planned, done, finding, suspension) = (new_id(), new_id(), new_id(), new_id(), new_id());
    assert!(store.add_inspection(&visit(done, place, home, by), now).await.unwrap());
    let found = NewFinding {
        id: finding,
        code: "no_poster_at_entrance".to_owned(),
        note: "cửa sau".to_owned(),
        due_on: "2021-11-15".to_owned(),
    };
    store
        .record_inspection(&record(done, by, now), &[found], &[vec![0xFF, 0xD8]], "2021-11-10")
        .await
        .unwrap();
    assert!(store.add_inspection(&visit(planned, place, home, by), now).await.unwrap());
    let draft = InspectionPlan {
        id: plan,
        title: "Kiểm tra chợ".to_owned(),
        unit_id: home,
        from_on: "2021-11-11".to_owned(),
        until_on: "2021-11-12".to_owned(),
        wanted: 3,
        random_percent: 20,
        seed: 1,
        state: "draft".to_owned(),
        made_by: by,
        made_at: now,
        confirmed_at: None,
    };
    store.add_inspection_plan(&draft, &[by], &[]).await.unwrap();
    let district = app.unit("643").await;
    store
        .propose_suspension(suspension, done, (place.id, home), (district, None), "2021-11-10")
        .await
        .unwrap();
    Seen { plan, planned, done, finding, suspension }
}

/// An inspection of a place made on a day, with one finding.
pub async fn inspected(app: &TestApp, place: &Open, by: i64, day_on: &str) {
    let (store, now, id) = (&app.app.store, app.clock.now(), new_id());
    let visit = Inspection { day_on: Some(day_on.to_owned()), ..visit(id, place, app.home().await, by) };
    assert!(store.add_inspection(&visit, now).await.unwrap());
    let found = NewFinding {
        id: new_id(),
        code: "no_poster_at_entrance".to_owned(),
        note: String::new(),
        due_on: day_on.to_owned(),
    };
    store.record_inspection(&record(id, by, now), &[found], &[], day_on).await.unwrap();
}

/// Counts at the doors of three places of the type that all places of tests have: 36 of 60 people scanned.
pub async fn counted(app: &TestApp, by: i64) {
    let (now, home) = (app.clock.now(), app.home().await);
    for number in 0..3 {
        let place = app.place(&format!("Cơ quan {number}")).await;
        let id = new_id();
        app.app.store.add_inspection(&visit(id, &place, home, by), now).await.unwrap();
        app.app.store.record_inspection(&record(id, by, now), &[], &[], "2021-11-10").await.unwrap();
    }
}

/// The plan form of a week for the home commune.
async fn plan_form(app: &TestApp, inspector: i64) -> Vec<(&'static str, String)> {
    vec![
        ("title", "Kiểm tra chợ, tuần 45".to_owned()),
        ("unit_id", app.home().await.to_string()),
        ("from_on", "2021-11-11".to_owned()),
        ("until_on", "2021-11-12".to_owned()),
        ("wanted", "2".to_owned()),
        ("random_percent", "50".to_owned()),
        ("seed", "7".to_owned()),
        ("inspectors", inspector.to_string()),
    ]
}

fn borrowed(form: &[(&'static str, String)]) -> Vec<(&'static str, &'static str)> {
    form.iter().map(|(name, value)| (*name, &*value.clone().leak())).collect()
}

/// A visit as the phone hands it in.
fn handed(inspection: i64, delivery: &str, now: i64) -> Json {
    let yes = json!({ "answer": "yes", "note": "" });
    json!({
        "inspection": inspection.to_string(), "delivery": delivery, "began_at": now - 900_000, "ended_at": now,
        "scans": [{ "verdict": "foreign", "kept": "Tờ khai y tế" }],
        "answers": { "poster": yes, "size": yes, "height": { "answer": "no", "note": "cao 170 cm" }, "guide": yes,
                     "reader": { "answer": "na" }, "paper": yes },
        "entering": 30, "scanning": 10, "count_seconds": 600, "representative": "Y Bhăm Êban",
        "representative_title": "Chủ quán", "notes": "", "photos": [],
    })
}

/// The place's only open visit of an officer.
async fn visit_of(app: &TestApp, login: &str) -> i64 {
    let by = account_id(app, login).await;
    app.app.store.inspections_of_inspector(by, 10).await.unwrap()[0].id
}

/// An officer of the home commune who opened a visit to a place.
async fn at_the_door(app: &TestApp) -> (Client, Open, i64) {
    let place = app.place("Quán Hương Xoan").await;
    let mut officer = app.officer(Role::UnitOfficer).await;
    officer.post(&format!("/places/{}/inspections", place.id), &[]).await.is(303);
    let id = visit_of(app, "unit_officer").await;
    (officer, place, id)
}

const FORM: [(&str, &str); 10] = [
    ("delivery", "form-delivery-1"),
    ("answer_poster", "no"),
    ("note_poster", "cửa sau chưa có"),
    ("answer_size", "yes"),
    ("answer_height", "yes"),
    ("answer_guide", "yes"),
    ("answer_reader", "na"),
    ("answer_paper", "yes"),
    ("representative", "H'Bình Niê"),
    ("notes", "Chủ quán hứa dán thêm."),
];

on_both! {
    async fn a_plan_is_made_looked_at_and_confirmed(app) {
        for name in ["Chợ Một", "Chợ Hai", "Chợ Ba"] {
            app.place(name).await;
        }
        app.days_pass(10);
        let mut commune = app.officer(Role::UnitOfficer).await;
        let inspector = account_id(&app, "unit_officer").await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        let mut form = plan_form(&app, inspector).await;
        form[2].1 = "2021-11-22".to_owned();
        form[3].1 = "2021-11-23".to_owned();
        let wrong: Vec<_> = form.iter().cloned().map(|(name, value)| (name, if name == "wanted" { "0".to_owned() } else { value })).collect();
        let shown = reviewer.post("/inspections/plans/new", &borrowed(&wrong)).await.is(200);
        assert!(shown.words().contains("Số nơi kiểm tra từ 1 đến 400.") && shown.text().contains("Kiểm tra chợ, tuần 45"));
        let to = reviewer.post("/inspections/plans/new", &borrowed(&form)).await.is(303).location().to_owned();
        let page = reviewer.get(&to).await.is(200);
        assert!(page.words().contains("chưa từng có lượt quét, mã cấp 10 ngày trước"), "{}", page.words());
        assert!(page.words().contains("chọn ngẫu nhiên") && page.words().contains("50 % theo số gieo 7"));
        let plan: i64 = to.rsplit('/').next().unwrap().parse().unwrap();
        let rows = app.app.store.inspections_of_plan(plan, 10).await.unwrap();
        assert_eq!(rows.len(), 2);
        // Strike one, add the third by name; a name that is nobody's is refused.
        reviewer.post(&format!("{to}/strike"), &[("strike", &rows[0].id.to_string())]).await.is(303);
        let all = app.app.store.places().await.unwrap();
        let other = all.iter().find(|place| rows.iter().all(|row| row.place_id != place.id)).unwrap();
        reviewer.refused(&format!("{to}/add"), &[("q", "Chợ Bốn")], "Không tìm ra đúng một nơi").await;
        reviewer.post(&format!("{to}/add"), &[("q", &other.name.to_uppercase())]).await.is(303);
        commune.post(&format!("{to}/confirm"), &[]).await.is(404);
        reviewer.post(&format!("{to}/confirm"), &[]).await.is(303);
        reviewer.refused(&format!("{to}/confirm"), &[], "đã được xác nhận trước đó").await;
        let messages = app.app.store.messages_for(inspector, 0, 10).await.unwrap();
        assert_eq!(messages.iter().filter(|one| one.source.contains("được giao kiểm tra {n} nơi")).count(), 1);
        let mine = commune.get("/inspections").await.is(200).words();
        assert!(mine.contains(&other.name) && mine.contains("Ghi biên bản"), "{mine}");
        assert!(commune.get("/").await.words().contains("2 nơi anh/chị sẽ đến kiểm tra") || commune.get("/").await.words().contains("nơi anh/chị sẽ đến kiểm tra"));
        assert_eq!(reviewer.get(&format!("{to}/list.xlsx")).await.is(200).bytes[..2], *b"PK");
        reviewer.post(&format!("{to}/close"), &[]).await.is(303);
        assert!(app.app.store.inspections_of_inspector(inspector, 10).await.unwrap().is_empty());
    }

    async fn a_district_plans_for_its_own_territory_only(app) {
        app.place("Chợ Một").await;
        let (own, other) = (app.unit("643").await, app.unit("644").await);
        let mut here = app.officer_at("huyen", Role::UnitOfficer, own).await;
        let mut there = app.officer_at("huyen2", Role::UnitOfficer, other).await;
        let form = plan_form(&app, account_id(&app, "huyen").await).await;
        let to = here.post("/inspections/plans/new", &borrowed(&form)).await.is(303).location().to_owned();
        there.get(&to).await.is(404);
        there.post(&format!("{to}/confirm"), &[]).await.is(404);
        // What Sở TTTT plans for the district is read there, and changed by Sở TTTT alone.
        let mut reviewer = app.officer(Role::Reviewer).await;
        let theirs = reviewer.post("/inspections/plans/new", &borrowed(&form)).await.is(303).location().to_owned();
        assert!(!here.get(&theirs).await.is(200).text().contains("<button class=\"button\">"));
        for act in ["strike", "add", "confirm", "close", "discard"] {
            here.post(&format!("{theirs}/{act}"), &[("q", "Chợ Một")]).await.is(404);
        }
        reviewer.post(&format!("{theirs}/discard"), &[]).await.is(303);
        reviewer.post(&format!("{to}/confirm"), &[]).await.is(303);
        reviewer.get("/inspections/list?page=18446744073709551615").await.is(200);
        let mine = account_id(&app, "huyen2").await.to_string();
        let stolen: Vec<_> = form.iter().cloned().map(|(name, value)| (name, if name == "inspectors" { mine.clone() } else { value })).collect();
        let shown = there.post("/inspections/plans/new", &borrowed(&stolen)).await.is(200);
        assert!(shown.words().contains("Hãy chọn địa bàn kiểm tra."));
    }

    async fn a_visit_is_recorded_by_the_plain_form_once(app) {
        let (mut officer, place, id) = at_the_door(&app).await;
        let path = format!("/inspections/{id}/record");
        officer.get(&path).await.is(200);
        // What was typed stays when something is missing.
        let shown = officer.post(&path, &[("delivery", "form-delivery-1"), ("notes", "Chủ quán hứa dán thêm.")]).await.is(200);
        assert!(shown.words().contains("Hãy chọn một câu trả lời cho mỗi dòng.") && shown.text().contains("Chủ quán hứa dán thêm."));
        let mut other = app.officer_at("xa2", Role::UnitOfficer, app.elsewhere().await).await;
        other.post(&path, &FORM).await.is(404);
        officer.post(&path, &FORM).await.is(303);
        officer.post(&path, &FORM).await.is(303);
        let page = officer.get(&format!("/inspections/{id}")).await.is(200).words();
        assert!(page.contains("Có lối vào chưa dán áp phích") && page.contains("cửa sau chưa có"), "{page}");
        assert!(page.contains("hạn 15/11/2021"), "three working days: {page}");
        assert_eq!(officer.get(&format!("/inspections/{id}/minutes.pdf")).await.is(200).bytes[..5], *b"%PDF-");
        assert_eq!(officer.get(&format!("/inspections/{id}/minutes.docx")).await.is(200).bytes[..2], *b"PK");
        other.get(&format!("/inspections/{id}")).await.is(404);
        other.get(&format!("/inspections/{id}/minutes.pdf")).await.is(404);
        assert_eq!(app.app.store.messages_of_place(place.id, 10).await.unwrap().len(), 1);
    }

    async fn the_owner_answers_and_the_commune_confirms_or_looks_again(app) {
        let (mut officer, place, id) = at_the_door(&app).await;
        officer.post(&format!("/inspections/{id}/record"), &FORM).await.is(303);
        let finding = app.app.store.findings_of_root(id).await.unwrap()[0].id;
        let mut owner = app.owner().await;
        let path = format!("/owner/places/{}", place.id);
        assert!(owner.get(&path).await.is(200).words().contains("Hạn 15/11/2021."));
        owner.refused(&format!("{path}/findings/{finding}"), &[("answer", " ")], "Hãy ghi ngắn gọn đã làm gì").await;
        owner.post(&format!("{path}/findings/{finding}"), &[("answer", "Đã dán ở cửa sau")]).await.is(303);
        app.stranger().post(&format!("{path}/findings/{finding}"), &[("answer", "x")]).await.is(404);
        assert!(officer.get("/").await.words().contains("tồn tại cơ sở báo đã khắc phục, chờ xác nhận"));
        assert!(officer.get("/inspections/list?show=answered").await.is(200).words().contains("Đã dán ở cửa sau"));
        officer.post(&format!("/inspections/findings/{finding}/reopen"), &[]).await.is(303);
        assert!(owner.get(&path).await.words().contains("Báo đã khắc phục"));
        // Another visit, which finds all in order.
        let to = officer.post(&format!("/inspections/{id}/again"), &[]).await.is(303).location().to_owned();
        officer.refused(&format!("/inspections/{id}/again"), &[], "đã có một lượt kiểm tra chờ").await;
        let good: Vec<_> = FORM.iter().map(|(name, value)| match *name {
            "answer_poster" => ("answer_poster", "yes"),
            "delivery" => ("delivery", "form-delivery-2"),
            _ => (*name, *value),
        }).chain([("codes", &*place.code.to_lowercase().leak())]).collect();
        officer.post(&format!("{to}/record"), &good).await.is(303);
        assert_eq!(app.app.store.finding(finding).await.unwrap().unwrap().state, "closed");
        assert!(officer.get(&to).await.words().contains("Đúng mã của nơi này"));
        officer.refused(&format!("/inspections/findings/{finding}/close"), &[], "xác nhận trước đó").await;
    }

    async fn a_phone_downloads_and_delivers_once(app) {
        let (mut officer, place, id) = at_the_door(&app).await;
        let list = officer.get("/inspect/list").await.is(200).json();
        let one = &list["inspections"][0];
        assert_eq!((one["id"].as_str(), one["in_force"][0]["code"].as_str()), (Some(&*id.to_string()), Some(&*place.code)));
        assert_eq!(app.stranger().get("/inspect/list").await.status, 401);
        let now = app.clock.now();
        let mut other = app.officer_at("xa2", Role::UnitOfficer, app.home().await).await;
        let refused = other.post_json("/inspect/records", &handed(id, "phone-0001", now)).await.is(200).json();
        assert_eq!(refused["outcome"], "refused");
        let mut wrong = handed(id, "phone-0001", now);
        wrong["answers"]["paper"] = json!({ "answer": "maybe" });
        let refused = officer.post_json("/inspect/records", &wrong).await.is(200).json();
        assert_eq!((refused["outcome"].as_str(), refused["text"].as_str()), (Some("refused"), Some("Hãy chọn một câu trả lời cho mỗi dòng.")));
        let first = officer.post_json("/inspect/records", &handed(id, "phone-0001", now)).await.is(200).json();
        let second = officer.post_json("/inspect/records", &handed(id, "phone-0001", now)).await.is(200).json();
        assert_eq!((first["outcome"].as_str(), second["outcome"].as_str()), (Some("accepted"), Some("duplicate")));
        let third = officer.post_json("/inspect/records", &handed(id, "phone-0002", now)).await.is(200).json();
        assert_eq!(third["outcome"], "refused", "another record of the same visit");
        let codes: Vec<String> = app.app.store.findings_of_root(id).await.unwrap().into_iter().map(|one| one.code).collect();
        assert_eq!(codes, ["foreign_code", "too_high", "not_scanned_enough"]);
        assert_eq!(app.stranger().post_json("/inspect/records", &handed(id, "phone-0003", now)).await.status, 401);
        assert_eq!(officer.post_json("/inspect/records", &json!({ "inspection": 7 })).await.status, 422);
    }

    async fn photos_lose_place_and_time(app) {
        let (mut officer, _, id) = at_the_door(&app).await;
        let segment = |marker: u8, content: &[u8]| {
            [&[0xFF, marker], u16::try_from(content.len() + 2).unwrap().to_be_bytes().as_slice(), content].concat()
        };
        let picture = [segment(0xDB, &[0; 65]), segment(0xDA, &[1, 1, 0, 0, 63, 0]), vec![0x12, 0xFF, 0xD9]].concat();
        let photo = [vec![0xFF, 0xD8], segment(0xE1, b"Exif\0\0GPS12.6667N"), picture.clone()].concat();
        let mut visit = handed(id, "phone-0001", app.clock.now());
        visit["photos"] = json!([BASE64.encode(b"GIF89a")]);
        assert_eq!(officer.post_json("/inspect/records", &visit).await.json()["text"], "Ảnh phải là JPEG, mỗi ảnh dưới 300 KB, tối đa 3 ảnh.");
        visit["photos"] = json!([BASE64.encode(&photo)]);
        assert_eq!(officer.post_json("/inspect/records", &visit).await.json()["outcome"], "accepted");
        let kept = officer.get(&format!("/inspections/{id}/photos/1")).await.is(200).bytes;
        assert_eq!(kept, [vec![0xFF, 0xD8], picture].concat());
        officer.get(&format!("/inspections/{id}/photos/2")).await.is(404);
    }

    async fn the_plain_form_takes_photos_and_loses_nothing(app) {
        let (mut officer, _, id) = at_the_door(&app).await;
        let path = format!("/inspections/{id}/record");
        let segment = |marker: u8, content: &[u8]| {
            [&[0xFF, marker], u16::try_from(content.len() + 2).unwrap().to_be_bytes().as_slice(), content].concat()
        };
        let picture = [segment(0xDB, &[0; 65]), segment(0xDA, &[1, 1, 0, 0, 63, 0]), vec![0x12, 0xFF, 0xD9]].concat();
        let photo = [vec![0xFF, 0xD8], segment(0xE1, b"Exif\0\0GPS12.6667N"), picture.clone()].concat();
        // As a phone takes it: far too large, told so, and all that was typed is still there.
        let large = vec![0xFF; 9 * 1024 * 1024];
        let shown = officer.post_parts(&path, &FORM, ("anh.jpg", &large)).await.is(200);
        assert!(shown.words().contains("mỗi ảnh dưới 300 KB") && shown.text().contains("H'Bình Niê"), "{}", shown.words());
        // A sound photo waits with the form while something else is missing.
        let shown = officer.post_parts(&path, &FORM[..2], ("anh.jpg", &photo)).await.is(200);
        let clean = [vec![0xFF, 0xD8], picture].concat();
        assert!(shown.words().contains("Đã nhận 1 ảnh") && shown.text().contains(&BASE64.encode(&clean)), "{}", shown.text());
        let kept = BASE64.encode(&clean);
        let again: Vec<(&str, &str)> = FORM.iter().copied().chain([("kept_photos", &*kept)]).collect();
        // No file chosen: a browser sends an empty one without a name.
        officer.post_parts(&path, &again, ("", b"")).await.is(303);
        assert_eq!(officer.get(&format!("/inspections/{id}/photos/1")).await.is(200).bytes, clean);
        officer.get(&format!("/inspections/{id}/photos/2")).await.is(404);
    }

    async fn three_reminders_then_the_district_decides(app) {
        let (mut officer, place, id) = at_the_door(&app).await;
        officer.post(&format!("/inspections/{id}/record"), &FORM).await.is(303);
        // Wednesday 10 November; due Monday 15; reminders on 16, 19 and 24, the proposal on 29.
        let mut days = Vec::new();
        for _ in 0..22 {
            app.days_pass(1);
            let before = app.app.store.inspection_reminders(id).await.unwrap().len();
            for _ in 0..2 {
                jobs::remind_of_findings(&app.app).await.unwrap();
            }
            if app.app.store.inspection_reminders(id).await.unwrap().len() > before {
                days.push(app.clock.today().to_string());
            }
        }
        assert_eq!(days, ["2021-11-16", "2021-11-19", "2021-11-24"]);
        let told = app.app.store.messages_of_place(place.id, 20).await.unwrap();
        assert_eq!(told.iter().filter(|one| one.source.starts_with("Nhắc lần")).count(), 3);
        let proposal = app.app.store.suspension_of_place(place.id).await.unwrap().unwrap();
        assert_eq!((proposal.proposed_on.as_str(), proposal.state.as_str()), ("2021-11-29", "waiting"));
        let district = app.unit("643").await;
        let mut decider = app.officer_at("huyen", Role::UnitOfficer, district).await;
        assert!(decider.get("/").await.words().contains("đề xuất tạm dừng hoạt động chờ quyết định"));
        let path = format!("/inspections/suspensions/{}", proposal.id);
        let mut commune = app.sign_in("unit_officer").await;
        commune.post(&format!("{path}/decide"), &[("decision", "suspend"), ("reason", "x")]).await.is(404);
        let shown = decider.post(&format!("{path}/decide"), &[("decision", ""), ("reason", "Không sửa")]).await.is(200);
        assert!(shown.words().contains("Hãy chọn một quyết định.") && shown.text().contains("Không sửa"));
        decider.post(&format!("{path}/decide"), &[("decision", "suspend"), ("reason", "Không sửa")]).await.is(303);
        decider.refused(&format!("{path}/decide"), &[("decision", "reject"), ("reason", "y")], "quyết định trước đó").await;
        // Marked wherever it is seen, and still scanned.
        assert!(commune.get(&format!("/places/{}", place.id)).await.words().contains("Đang bị tạm dừng hoạt động"));
        assert!(commune.get("/places?show=all").await.words().contains("Tạm dừng hoạt động"));
        let mut owner = app.owner().await;
        assert!(owner.get("/owner/places").await.words().contains("Bị tạm dừng hoạt động"));
        assert!(owner.get(&format!("/owner/places/{}", place.id)).await.words().contains("Mã vẫn quét được"));
        assert!(app.stranger().get(&format!("/D/{}", place.code)).await.is(200).text().contains("<form"));
        // Mended: the district is told and lifts.
        let finding = app.app.store.findings_of_root(id).await.unwrap()[0].id;
        commune.post(&format!("/inspections/findings/{finding}/close"), &[]).await.is(303);
        let told = app.app.store.messages_for(0, district, 20).await.unwrap();
        assert!(told.iter().any(|one| one.source.contains("xem xét cho hoạt động lại")));
        decider.post(&format!("{path}/lift"), &[]).await.is(303);
        assert!(app.app.store.suspended_places().await.unwrap().is_empty());
        let tree = app.tree().await;
        let (from, until) = (jiff::civil::date(2021, 11, 1), jiff::civil::date(2022, 1, 1));
        let figures = inspections::period_figures(&app.app, &tree, district, from, until).await.unwrap();
        assert_eq!((figures.done, figures.findings, figures.findings_closed, figures.reminders), (1, 1, 1, 3));
        assert_eq!((figures.suspensions_proposed, figures.suspended), (1, 1));
    }

    async fn a_department_proposes_and_the_committee_decides(app) {
        let (mut officer, place, id) = at_the_door(&app).await;
        let trade = app.unit("66-SCT").await;
        app.app.store.set_place_care(place.id, DepartmentChoice::Unit(trade), None).await.unwrap();
        officer.post(&format!("/inspections/{id}/record"), &FORM).await.is(303);
        for _ in 0..22 {
            app.days_pass(1);
            jobs::remind_of_findings(&app.app).await.unwrap();
        }
        let proposal = app.app.store.suspension_of_place(place.id).await.unwrap().unwrap();
        let top = app.unit("66").await;
        assert_eq!((proposal.office_id, proposal.department_id), (top, Some(trade)));
        let mut department = app.officer_at("congthuong", Role::UnitOfficer, trade).await;
        let words = department.get("/inspections/suspensions").await.is(200).words();
        assert!(words.contains("phụ trách: Sở Công Thương") && !words.contains("Ghi quyết định"), "{words}");
        assert!(department.get("/inspections").await.words().contains("Theo địa bàn"));
        department.get(&format!("/inspections/{id}")).await.is(200);
        department.get(&format!("/inspections/{id}/minutes.pdf")).await.is(200);
        let finding = app.app.store.findings_of_root(id).await.unwrap()[0].id;
        department.post(&format!("/inspections/findings/{finding}/close"), &[]).await.is(404);
        let told = app.app.store.messages_for(0, trade, 20).await.unwrap();
        assert!(told.iter().any(|one| one.source.starts_with("Đề xuất tạm dừng")));
        // The list of the department's places, by page and as a file; no unit of others.
        assert!(department.get("/inspections/list?show=late").await.is(200).words().contains("Có lối vào chưa dán áp phích"));
        assert_eq!(department.get("/inspections/list.xlsx?show=late").await.is(200).bytes[..2], *b"PK");
        for page in ["list", "list.xlsx"] {
            department.get(&format!("/inspections/{page}?show=late&unit={}", app.home().await)).await.is(404);
            officer.get(&format!("/inspections/{page}?show=done&unit={}", app.home().await)).await.is(200);
            officer.get(&format!("/inspections/{page}?show=done&unit=x")).await.is(404);
        }
        let path = format!("/inspections/suspensions/{}/decide", proposal.id);
        let decision = [("decision", "suspend"), ("reason", "Không sửa")];
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        for other in [&mut department, &mut district] {
            other.post(&path, &decision).await.is(404);
        }
        let mut committee = app.officer(Role::CommitteeReader).await;
        // What is left to mend stands where it is decided.
        assert!(committee.get("/inspections/suspensions").await.is(200).words().contains("Có lối vào chưa dán áp phích"));
        committee.post(&path, &decision).await.is(303);
        let told = app.app.store.messages_for(0, trade, 20).await.unwrap();
        assert!(told.iter().any(|one| one.source.contains("bị tạm dừng hoạt động")));
        let (tree, from, until) = (app.tree().await, jiff::civil::date(2021, 11, 1), jiff::civil::date(2022, 1, 1));
        for unit in [trade, top] {
            let figures = inspections::period_figures(&app.app, &tree, unit, from, until).await.unwrap();
            assert_eq!((figures.done, figures.findings, figures.suspended), (1, 1, 1));
        }
    }

    async fn the_ratio_is_for_the_province_and_the_committee(app) {
        let mut reviewer = app.officer(Role::Reviewer).await;
        let by = account_id(&app, "reviewer").await;
        assert!(reviewer.get("/inspections/ratios").await.is(200).words().contains("Chưa có lần đếm nào"));
        counted(&app, by).await;
        let words = reviewer.get("/inspections/ratios").await.is(200).words();
        // 36 of 60: Wilson from 47 to 71 %.
        assert!(words.contains("60 %") && words.contains("từ 47 đến 71 %"), "{words}");
        let mut tracer = app.officer(Role::Tracer).await;
        tracer.get("/inspections/ratios").await.is(404);
    }
}
