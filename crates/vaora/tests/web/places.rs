//! A place's life: registered, returned, corrected, approved; codes renewed and retired; areas; gates.

use domain::role::Role;

use crate::common::{
    TestApp,
    client::{Answer, Client},
    places::{OWNER_NAME, OWNER_PHONE},
    scans::check_in,
};

/// Registers as an owner; the answer.
async fn register(app: &TestApp, owner: &mut Client, name: &str) -> Answer {
    let unit = app.home().await.to_string();
    let form = [
        ("name", name),
        ("type_code", "CQNN"),
        ("unit_id", unit.as_str()),
        ("address", "12 Lê Duẩn"),
        ("contact_name", OWNER_NAME),
        ("areas", "Tầng 1\nTầng 2\n\nTầng 1"),
    ];
    owner.post("/owner/new", &form).await
}

fn id_in(location: &str) -> i64 {
    location.rsplit('/').next().unwrap().parse().unwrap()
}

on_both! {
    async fn a_place_is_registered_approved_and_gets_its_codes(app) {
        let mut owner = app.owner().await;
        let id = id_in(register(&app, &mut owner, "Siêu thị Ban Mê").await.is(303).location());
        assert!(app.app.store.points_of_place(id).await.unwrap().is_empty());
        let mut officer = app.officer(Role::UnitOfficer).await;
        assert!(officer.get("/places").await.is(200).words().contains("Siêu thị Ban Mê"));
        let seen = officer.get(&format!("/places/{id}")).await.is(200).words();
        assert!(seen.contains(OWNER_NAME));
        officer.post(&format!("/places/{id}/approve"), &[]).await.is(303);
        officer.refused(&format!("/places/{id}/approve"), &[], "Địa điểm này đã được xử lý rồi.").await;
        let points = app.app.store.points_of_place(id).await.unwrap();
        let areas: Vec<&str> = points.iter().map(|point| point.area_name.as_str()).collect();
        assert_eq!(points.len(), 3, "{areas:?}");
        let page = owner.get(&format!("/owner/places/{id}")).await.is(200).text();
        for point in &points {
            assert!(page.contains(&point.point.code));
        }
        let poster = owner.get(&format!("/owner/places/{id}/poster.pdf")).await.is(200);
        assert!(poster.bytes.starts_with(b"%PDF"));
    }

    async fn a_place_is_returned_with_a_reason_and_corrected(app) {
        let mut owner = app.owner().await;
        let id = id_in(register(&app, &mut owner, "Quán Nhầm Tên").await.is(303).location());
        let mut officer = app.officer(Role::UnitOfficer).await;
        let path = format!("/places/{id}/return");
        officer.post(&path, &[("reason", "")]).await.is(200);
        assert!(owner.get("/owner/places").await.is(200).status == 200);
        assert_eq!(app.app.store.place(id).await.unwrap().unwrap().state, "submitted");
        officer.post(&path, &[("reason", "Tên chưa đúng biển hiệu")]).await.is(303);
        officer.refused(&path, &[("reason", "Lần nữa")], "Địa điểm này đã được xử lý rồi.").await;
        assert!(owner.get(&format!("/owner/places/{id}/edit")).await.is(200).words().contains("Tên chưa đúng biển hiệu"));
        let unit = app.home().await.to_string();
        let form = [
            ("name", "Quán Đúng Tên"),
            ("type_code", "CQNN"),
            ("unit_id", unit.as_str()),
            ("address", "12 Lê Duẩn"),
            ("contact_name", OWNER_NAME),
        ];
        owner.post(&format!("/owner/places/{id}/edit"), &form).await.is(303);
        officer.post(&format!("/places/{id}/approve"), &[]).await.is(303);
        let place = app.app.store.place(id).await.unwrap().unwrap();
        assert_eq!((place.name.as_str(), place.state.as_str()), ("Quán Đúng Tên", "approved"));
        owner.get(&format!("/owner/places/{id}/edit")).await.is(404);
        owner.post(&format!("/owner/places/{id}/edit"), &form).await.is(404);
    }

    async fn what_is_wrong_with_a_registration_is_said(app) {
        let mut owner = app.owner().await;
        let answer = owner.post("/owner/new", &[("name", "Siêu thị Ban Mê")]).await;
        for wrong in ["Hãy chọn xã, phường của địa điểm.", "Hãy chọn loại địa điểm.", "Hãy nhập họ và tên.", "Hãy nhập địa chỉ."] {
            assert!(answer.words().contains(wrong), "{wrong}: {}", answer.words());
        }
        assert!(answer.text().contains("Siêu thị Ban Mê"));
        assert!(app.app.store.places().await.unwrap().is_empty());
    }

    async fn a_phone_is_proved_by_the_latest_code_once(app) {
        let mut owner = app.stranger();
        owner.post("/owner/code-request", &[("phone", OWNER_PHONE)]).await.is(303);
        let message = app.messages.last();
        assert_eq!(message.to, "+84987654321");
        let first = message.code();
        owner.post("/owner/code", &[("code", "000000")]).await.is(200);
        owner.post("/owner/code-request", &[("phone", OWNER_PHONE)]).await.is(303);
        let second = app.messages.last().code();
        if first != second {
            owner.post("/owner/code", &[("code", &first)]).await.is(200);
        }
        // Another browser that knows the code but did not ask for it gets nowhere.
        assert_eq!(app.stranger().post("/owner/code", &[("code", &second)]).await.is(303).location(), "/owner");
        owner.post("/owner/code", &[("code", &second)]).await.is(303);
        assert_eq!(owner.post("/owner/code", &[("code", &second)]).await.is(303).location(), "/owner");
        owner.get("/owner/places").await.is(200);
    }

    async fn codes_for_a_phone_expire_and_are_limited(app) {
        let mut owner = app.stranger();
        owner.post("/owner/code-request", &[("phone", OWNER_PHONE)]).await.is(303);
        let code = app.messages.last().code();
        app.minutes_pass(10);
        owner.post("/owner/code", &[("code", &code)]).await.is(200);
        for _ in 0..2 {
            owner.post("/owner/code-request", &[("phone", OWNER_PHONE)]).await.is(303);
        }
        let refused = owner.post("/owner/code-request", &[("phone", OWNER_PHONE)]).await.is(429);
        assert!(!refused.header("retry-after").is_empty());
        for _ in 0..5 {
            owner.post("/owner/code", &[("code", "000000")]).await.is(200);
        }
        let right = app.messages.last().code();
        owner.post("/owner/code", &[("code", &right)]).await.is(200);
    }

    async fn renewing_retires_the_code_before(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut owner = app.owner().await;
        owner.post(&format!("/owner/places/{}/areas/{}/renew", place.id, place.area_id), &[]).await.is(303);
        let points = app.app.store.points_of_place(place.id).await.unwrap();
        let new = points.iter().find(|point| point.point.retired_at.is_none()).unwrap().point.clone();
        assert_eq!((points.len(), new.version), (2, 2));
        let old = app.stranger().get(&format!("/D/{}", place.code)).await.is(200);
        assert!(old.words().contains("Mã này không còn dùng") && !old.text().contains(&new.code));
        check_in(&mut app.stranger(), &place.code, "in", "Nguyễn Văn A", "0912345678").await.is(200);
        assert!(app.rows().await.is_empty());
        check_in(&mut app.stranger(), &new.code, "in", "Nguyễn Văn A", "0912345678").await.is(200);
        assert_eq!(app.rows().await.len(), 1);
        for _ in 0..2 {
            owner.post(&format!("/owner/places/{}/areas/{}/retire", place.id, place.area_id), &[]).await.is(303);
        }
        check_in(&mut app.stranger(), &new.code, "in", "Nguyễn Văn A", "0912345678").await.is(200);
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn an_area_gets_a_code_of_its_own_and_a_name_once(app) {
        let place = app.place("Chợ Tân Lập").await;
        let mut owner = app.owner().await;
        let path = format!("/owner/places/{}/areas", place.id);
        owner.post(&path, &[("name", "Dãy A")]).await.is(303);
        let again = owner.post(&path, &[("name", "Dãy A")]).await.is(200);
        assert!(again.words().contains("Địa điểm đã có khu vực tên này."));
        let points = app.app.store.points_of_place(place.id).await.unwrap();
        let codes: Vec<&str> = points.iter().map(|point| point.point.code.as_str()).collect();
        assert_eq!(codes.len(), 2);
        assert_ne!(codes[0], codes[1]);
        let area = points.iter().find(|point| point.area_name == "Dãy A").unwrap().point.area_id;
        let other = app.place("Chợ Khác").await;
        owner.post(&format!("/owner/places/{}/areas/{area}/renew", other.id), &[]).await.is(404);
    }

    async fn another_commune_s_place_does_not_exist(app) {
        let place = app.place("Chợ Tân Lập").await;
        let waiting = app.waiting_place("Quán Chờ Duyệt", app.home().await).await;
        let mut other = app.officer_at("khac", Role::UnitOfficer, app.elsewhere().await).await;
        for path in [format!("/places/{}", place.id), format!("/places/{}/poster.pdf", place.id)] {
            other.get(&path).await.is(404);
        }
        for path in [format!("/places/{waiting}/approve"), format!("/places/{}/areas", place.id)] {
            other.post(&path, &[("name", "Dãy A")]).await.is(404);
        }
        other.get(&format!("/places?unit={}&show=all", app.home().await)).await.is(404);
        other.get(&format!("/units/{}/posters.pdf", app.home().await)).await.is(404);
        assert!(!other.get("/places?show=all").await.is(200).words().contains("Chợ Tân Lập"));
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        assert!(district.get("/places?show=all").await.is(200).words().contains("Chợ Tân Lập"));
    }

    async fn another_owner_s_place_does_not_exist(app) {
        let place = app.place("Chợ Tân Lập").await;
        let mut other = app.stranger();
        other.post("/owner/code-request", &[("phone", "0912345670")]).await.is(303);
        let code = app.messages.last().code();
        other.post("/owner/code", &[("code", &code)]).await.is(303);
        assert!(!other.get("/owner/places").await.is(200).words().contains("Chợ Tân Lập"));
        other.get(&format!("/owner/places/{}", place.id)).await.is(404);
        other.post(&format!("/owner/places/{}/areas", place.id), &[("name", "Dãy A")]).await.is(404);
        other.post(&format!("/owner/places/{}/gates", place.id), &[("gate_name", "Cổng")]).await.is(404);
    }

    async fn a_gate_is_enrolled_once_and_revoked(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut owner = app.owner().await;
        let page = owner.post(&format!("/owner/places/{}/gates", place.id), &[("gate_name", "Cổng Đông")]).await.is(200);
        let text = page.words();
        let code = text.split_whitespace().find(|word| word.len() == 9 && word.as_bytes()[4] == b'-' && word.bytes().all(|b| b == b'-' || b.is_ascii_digit() || b.is_ascii_uppercase())).unwrap();
        let mut device = app.stranger();
        device.post("/gate/enrol", &[("code", "0000-0000")]).await.is(200);
        assert_eq!(device.get("/gate").await.is(303).location(), "/gate/enrol");
        device.post("/gate/enrol", &[("code", &code.to_lowercase())]).await.is(303);
        assert!(device.get("/gate").await.is(200).words().contains("Chợ Tân Lập"));
        app.stranger().post("/gate/enrol", &[("code", code)]).await.is(200);
        let gate = app.app.store.gates_of_place(place.id).await.unwrap().remove(0).id;
        owner.post(&format!("/owner/places/{}/gates/{gate}/revoke", place.id), &[]).await.is(303);
        owner.post(&format!("/owner/places/{}/gates/{gate}/revoke", place.id), &[]).await.is(404);
        device.get("/gate").await.is(303);
    }

    async fn an_enrolment_code_expires(app) {
        let place = app.place("Chợ Tân Lập").await;
        let mut owner = app.owner().await;
        let page = owner.post(&format!("/owner/places/{}/gates", place.id), &[("gate_name", "Cổng Đông")]).await.is(200);
        let text = page.words();
        let code = text.split_whitespace().find(|word| word.len() == 9 && word.as_bytes()[4] == b'-').unwrap().to_owned();
        app.minutes_pass(30);
        app.stranger().post("/gate/enrol", &[("code", &code)]).await.is(200);
        assert!(app.app.store.gates_of_place(place.id).await.unwrap()[0].enrolled_at.is_none());
    }
}
