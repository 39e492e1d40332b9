//! Personal cards: issued singly and by list, scanned, lost, revoked, replaced; shown on phones.

use documents::{SheetTemplate, template_xlsx};
use domain::role::Role;
use serde_json::json;

use crate::common::{
    TestApp,
    client::Client,
    scans::{post_one, scan},
};

const NAME: &str = "H'Bhứt Niê Kdăm";

/// The officer of the home commune, and a gate somewhere in it.
async fn office(app: &TestApp) -> (Client, Client) {
    app.ceremony().await;
    let place = app.place("Chợ Tân Lập").await;
    (app.officer(Role::UnitOfficer).await, app.gate(&place).await)
}

/// The texts of a sheet's symbols.
async fn symbols(app: &TestApp) -> Vec<String> {
    let sheets = app.app.store.card_sheets(app.home().await).await.unwrap();
    let mut texts = Vec::new();
    for sheet in sheets {
        for card in app.app.store.cards_of_sheet(sheet.sheet_id).await.unwrap() {
            texts.push(vaora::cards::symbol_text(&app.app, &card).unwrap());
        }
    }
    texts
}

async fn issue_one(officer: &mut Client) {
    let form = [("name", NAME), ("birth_year", "1950"), ("note", "Buôn Kô Siêr"), ("phone", "")];
    officer.post("/cards/issue", &form).await.is(303);
}

on_both! {
    async fn a_card_is_issued_printed_and_scanned(app) {
        let (mut officer, mut gate) = office(&app).await;
        issue_one(&mut officer).await;
        let page = officer.get("/cards").await.is(200);
        let words = page.words();
        assert!(words.contains("Buôn Kô Siêr") && !words.contains(NAME), "{words}");
        let link = page.text().split("href=\"").find(|part| part.starts_with("/cards/sheets/")).unwrap()
            .split('"').next().unwrap().to_owned();
        let pdf = officer.get(&link).await.is(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
        let text = symbols(&app).await.remove(0);
        let outcome = post_one(&mut gate, &scan(&app, json!({ "code": text }))).await;
        assert_eq!((&outcome["outcome"], &outcome["name"]), (&json!("accepted"), &json!("H'BHỨT N. K.")));
        let rows = app.rows().await;
        assert_eq!((rows.len(), rows[0].assurance), (1, 3));
        // The register holds nothing of the name in clear.
        let (main, _) = app.databases().await;
        let held = main.all("SELECT masked_name, note FROM cards", store::args![]).await.unwrap();
        assert_eq!(held[0].get::<String>(0).unwrap(), "H'BHỨT N. K.");
    }

    async fn a_false_signature_lets_nobody_in(app) {
        let (mut officer, mut gate) = office(&app).await;
        issue_one(&mut officer).await;
        let text = symbols(&app).await.remove(0);
        let (head, last) = text.split_at(text.len() - 4);
        let forged = format!("{head}{}", if last == "AAAA" { "BBBB" } else { "AAAA" });
        let outcome = post_one(&mut gate, &scan(&app, json!({ "code": forged }))).await;
        assert_eq!((&outcome["outcome"], &outcome["reason"]), (&json!("rejected"), &json!("card_false")));
        assert!(app.rows().await.is_empty());
    }

    async fn a_lost_card_is_found_by_name_and_year_and_replaced(app) {
        let (mut officer, mut gate) = office(&app).await;
        issue_one(&mut officer).await;
        let old = symbols(&app).await.remove(0);
        let nobody = officer.get("/cards?name=Nguy%E1%BB%85n+V%C4%83n+A&year=1950").await.is(200).words();
        assert!(nobody.contains("Không có thẻ nào"), "{nobody}");
        let page = officer.get("/cards?name=h%27bhut+nie+kdam&year=1950").await.is(200);
        assert!(page.words().contains("H'BHỨT N. K."), "{}", page.words());
        let lost = page.text().split("action=\"").find(|part| part.contains("/lost")).unwrap()
            .split('"').next().unwrap().to_owned();
        // Another commune's officer can do nothing with it.
        let mut other = app.officer_at("noi-khac", Role::UnitOfficer, app.elsewhere().await).await;
        other.post(&lost, &[("action", "revoke")]).await.is(404);
        officer.post(&lost, &[("action", "replace"), ("name", "Người Khác"), ("year", "1950")]).await.is(422);
        officer.post(&lost, &[("action", "replace"), ("name", NAME), ("year", "1950")]).await.is(303);
        let outcome = post_one(&mut gate, &scan(&app, json!({ "code": old }))).await;
        assert_eq!(outcome["reason"], "card_revoked");
        let all = symbols(&app).await;
        let new = all.into_iter().find(|text| *text != old).unwrap();
        assert_eq!(post_one(&mut gate, &scan(&app, json!({ "code": new }))).await["outcome"], "accepted");
        // Gates get its number with their kit.
        let kit = gate.get("/gate/kit").await.is(200).json();
        let revoked = data_encoding::BASE64URL_NOPAD.decode(kit["revoked_cards"].as_str().unwrap().as_bytes());
        assert_eq!(revoked.unwrap().len(), 8);
    }

    async fn a_hamlet_s_list_tells_every_problem_before_anything_is_issued(app) {
        let (mut officer, _) = office(&app).await;
        let list = "Họ và tên;Năm sinh;Giới tính;Điện thoại;Thôn/buôn\n\
            H'Lan Niê;1948;Nữ;;Buôn Alê A\n\
            ;1950;Nam;;Buôn Alê A\n\
            Y Tí Êban;19x0;Nam;123;Buôn Alê A\n";
        let page = officer.post_file("/cards/list", "buon.csv", list.as_bytes()).await.is(200).words();
        assert!(page.contains("Chưa nhận được danh sách này"), "{page}");
        for row in ["3", "4"] {
            assert!(page.contains(&format!(" {row} ")), "row {row}: {page}");
        }
        assert!(symbols(&app).await.is_empty());
        let good = "Họ và tên;Năm sinh;Giới tính;Điện thoại;Thôn/buôn\n\
            H'Lan Niê;1948;Nữ;;Buôn Alê A\nY Tí Êban;1950;Nam;0912345678;Buôn Alê A\n";
        let page = officer.post_file("/cards/list", "buon.csv", good.as_bytes()).await.is(200);
        let token = page.text().split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let mut other = app.officer_at("noi-khac", Role::UnitOfficer, app.elsewhere().await).await;
        other.post("/cards/list/confirm", &[("token", &token)]).await;
        assert!(symbols(&app).await.is_empty());
        let page = officer.post_file("/cards/list", "buon.csv", good.as_bytes()).await.is(200);
        let token = page.text().split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        officer.post("/cards/list/confirm", &[("token", &token)]).await.is(303);
        assert_eq!(symbols(&app).await.len(), 2);
        // The same confirmation twice issues nothing twice.
        officer.post("/cards/list/confirm", &[("token", &token)]).await.is(303);
        assert_eq!(symbols(&app).await.len(), 2);
        officer.post_file("/cards/list", "x.xlsx", b"PK\x03\x04 no workbook").await.is(303);
        assert!(officer.get("/cards").await.is(200).text().contains("notice bad"));
        let empty = template_xlsx(SheetTemplate::Cards, app.clock.now()).unwrap();
        let page = officer.post_file("/cards/list", "mau.xlsx", &empty).await.is(200).words();
        assert!(page.contains("Chưa nhận được"), "{page}");
    }

    async fn a_family_s_cards_live_on_one_phone_and_are_renewed_there(app) {
        let (_, mut gate) = office(&app).await;
        let mut phone = app.stranger();
        let people = json!({ "people": [
            { "name": "Nguyễn Thị Mẹ", "phone": "0912345678", "birth_year": 1985 },
            { "name": "Nguyễn Văn Con", "phone": "", "birth_year": 2015 },
        ] });
        let cards = phone.post_json("/D/me/cards", &people).await.is(200).json();
        assert_eq!(cards.as_array().unwrap().len(), 2);
        assert!(cards[1]["svg"].as_str().unwrap().starts_with("<svg"));
        let text = cards[1]["text"].as_str().unwrap();
        assert_eq!(post_one(&mut gate, &scan(&app, json!({ "code": text }))).await["outcome"], "accepted");
        app.days_pass(20);
        let held = json!({ "number": cards[1]["number"], "secret": cards[1]["secret"] });
        let renewed = phone.post_json("/D/me/cards/renew", &held).await.is(200).json();
        assert_eq!(renewed["number"], cards[1]["number"]);
        assert!(renewed["expires_on"].as_str() > cards[1]["expires_on"].as_str());
        app.days_pass(15);
        let old = post_one(&mut gate, &scan(&app, json!({ "code": text }))).await;
        assert_eq!(old["reason"], "card_expired");
        let new = renewed["text"].as_str().unwrap();
        assert_eq!(post_one(&mut gate, &scan(&app, json!({ "code": new }))).await["outcome"], "accepted");
        // A phone says of itself who its holder is: less than a card that an office gave.
        assert!(app.rows().await.iter().all(|row| row.assurance == 1));
        // Whoever has a photograph of the symbol alone renews nothing.
        let photo = json!({ "number": cards[1]["number"], "secret": cards[0]["secret"] });
        phone.post_json("/D/me/cards/renew", &photo).await.is(422);
        phone.post_json("/D/me/cards/give-back", &photo).await.is(422);
        phone.post_json("/D/me/cards/give-back", &held).await.is(204);
        phone.post_json("/D/me/cards/renew", &held).await.is(422);
        let back = post_one(&mut gate, &scan(&app, json!({ "code": new }))).await;
        assert_eq!(back["reason"], "card_revoked");
        let bad = json!({ "people": [{ "name": "=1+1", "phone": "" }] });
        phone.post_json("/D/me/cards", &bad).await.is(422);
        assert!(phone.get("/C").await.is(200).words().contains("thẻ"));
    }

    async fn the_register_keeps_whoever_holds_a_card_in_force(app) {
        let (mut officer, _) = office(&app).await;
        issue_one(&mut officer).await;
        let (main, _) = app.databases().await;
        let people = async || main.all("SELECT person_id FROM people", store::args![]).await.unwrap().len();
        assert_eq!(people().await, 1);
        for _ in 0..60 {
            app.days_pass(1);
            vaora::jobs::daily(&app.app).await.unwrap();
        }
        assert_eq!(people().await, 1, "unused for two months, the card still names its holder");
        let page = officer_again(&app).await.get("/cards?name=h%27bhut+nie+kdam&year=1950").await.is(200).text();
        let lost = page.split("action=\"").find(|part| part.contains("/lost")).unwrap()
            .split('"').next().unwrap().to_owned();
        officer_again(&app).await.post(&lost, &[("action", "revoke")]).await.is(303);
        app.days_pass(1);
        vaora::jobs::daily(&app.app).await.unwrap();
        assert_eq!(people().await, 0, "a revoked card keeps nobody");
    }
}

/// The same officer after sessions have ended.
async fn officer_again(app: &TestApp) -> Client {
    app.sign_in(Role::UnitOfficer.code()).await
}
