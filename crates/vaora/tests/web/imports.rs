//! Lists of places: looked at first, taken in at once, taken back within a day while nobody has scanned.

use domain::role::Role;

use crate::common::{TestApp, client::Client, scans::check_in};

const HEAD: &str =
    "Tên địa điểm,Loại,Xã/phường,Địa chỉ,Người liên hệ,Điện thoại,Khu vực,Sức chứa,Giờ mở,Giờ đóng\n";

fn list(rows: &[&str]) -> String {
    format!("{HEAD}{}\n", rows.join("\n"))
}

async fn token_of(officer: &mut Client, text: &str) -> Option<String> {
    let page = officer.post_file("/imports", "noi.csv", text.as_bytes()).await.is(200).text();
    page.split("name=\"token\" value=\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned())
}

async fn names(app: &TestApp) -> Vec<String> {
    let home = app.home().await;
    app.app.store.places_of_unit(home).await.unwrap().into_iter().map(|place| place.name).collect()
}

on_both! {
    async fn a_list_is_taken_in_with_areas_hours_and_codes(app) {
        app.ceremony().await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let text = list(&[
            "Chợ Mới,CHO,,12 Lê Duẩn,Y Thắng Êban,0912345678,Dãy thịt; Dãy cá,300,05:00,18:00",
            "Quán Xoan,Quán ăn,,14 Lê Duẩn,H'Hen Niê,0912345679,,,,",
        ]);
        let Some(token) = token_of(&mut officer, &text).await else {
            panic!("{}", officer.post_file("/imports", "noi.csv", text.as_bytes()).await.words());
        };
        assert!(names(&app).await.is_empty(), "a dry run keeps nothing");
        officer.post("/imports/confirm", &[("token", &token)]).await.is(303);
        assert_eq!(names(&app).await, ["Chợ Mới", "Quán Xoan"]);
        let home = app.home().await;
        let points = app.app.store.points_of_unit(home).await.unwrap();
        assert_eq!(points.len(), 4, "the market with two rows, and the shop");
        let market = points[0].place_id;
        let hours = app.app.store.place_hours(market).await.unwrap();
        assert_eq!((hours.capacity, hours.closes_at.as_deref()), (Some(300), Some("18:00")));
        // The contact can sign in as the owner at once, and the posters come in one file.
        let zip = officer.get(&format!("/units/{home}/posters.zip")).await.is(200);
        assert!(zip.bytes.starts_with(b"PK"));
        assert_eq!(token_of(&mut officer, &text).await, None, "both are registered now");
    }

    async fn every_problem_of_every_row_is_told(app) {
        app.ceremony().await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let text = list(&[
            "Chợ Mới,KHÔNG CÓ LOẠI NÀY,Xã Không Có,,Y Thắng,123,,nhiều,25:00,",
            "Chợ Hai,CHO,,12 Lê Duẩn,Y Thắng Êban,0912345678,,,,",
            "chợ hai,CHO,,12 Lê Duẩn,Y Thắng Êban,0912345678,,,,",
        ]);
        let page = officer.post_file("/imports", "noi.csv", text.as_bytes()).await.is(200).words();
        for word in ["Loại", "Xã/phường", "Địa chỉ", "Điện thoại", "Sức chứa", "Giờ mở"] {
            assert!(page.contains(word), "{word}: {page}");
        }
        assert!(!page.contains("Nhận 1 địa điểm"), "{page}");
        assert!(names(&app).await.is_empty());
        let utf16 = [&[0xFF, 0xFE][..], &"Tên".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
        officer.post_file("/imports", "noi.csv", &utf16).await.is(303);
        assert!(officer.get("/imports").await.is(200).text().contains("notice bad"));
    }

    async fn a_list_is_taken_back_within_a_day_and_not_when_it_is_in_use(app) {
        app.ceremony().await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let one = list(&["Chợ Mới,CHO,,12 Lê Duẩn,Y Thắng Êban,0912345678,,,,"]);
        let token = token_of(&mut officer, &one).await.unwrap();
        officer.post("/imports/confirm", &[("token", &token)]).await.is(303);
        let home = app.home().await;
        let batch = app.app.store.place_batches(home).await.unwrap()[0].id;
        let code = app.app.store.points_of_unit(home).await.unwrap()[0].point.code.clone();
        let mut other = app.officer_at("noi-khac", Role::UnitOfficer, app.elsewhere().await).await;
        other.post(&format!("/imports/{batch}/undo"), &[]).await.is(404);
        officer.post(&format!("/imports/{batch}/undo"), &[]).await.is(303);
        assert!(app.app.store.points_of_unit(home).await.unwrap().is_empty());
        // A poster that was printed meanwhile is known, and named as dead.
        let dead = app.stranger().get(&format!("/D/{code}")).await.is(200).words();
        assert!(dead.contains("không còn dùng"), "{dead}");
        let two = list(&["Chợ Ba,CHO,,12 Lê Duẩn,Y Thắng Êban,0912345678,,,,"]);
        let token = token_of(&mut officer, &two).await.unwrap();
        officer.post("/imports/confirm", &[("token", &token)]).await.is(303);
        let code = app.app.store.points_of_unit(home).await.unwrap()[0].point.code.clone();
        check_in(&mut app.stranger(), &code, "in", "Nguyễn Thị Khách", "0912345678").await.is(200);
        let batch = app.app.store.place_batches(home).await.unwrap().iter().find(|b| b.undone_at.is_none()).unwrap().id;
        officer.refused(&format!("/imports/{batch}/undo"), &[], "Đã có lượt quét").await;
        assert_eq!(app.app.store.points_of_unit(home).await.unwrap().len(), 1);
    }
}
