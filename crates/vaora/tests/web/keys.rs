//! Keys: the ceremony on the pages, a roster that was changed, the key file beside the data.

use std::{fs, os::unix::fs::PermissionsExt as _};

use domain::role::Role;
use store::args;
use vaora::bootstrap;

use crate::common::{
    TestApp,
    officers::PASSPHRASE,
    open,
    scans::{check_in, typed},
};

const TWICE: [(&str, &str); 2] = [("passphrase", PASSPHRASE), ("passphrase_again", PASSPHRASE)];
const ONCE: [(&str, &str); 1] = [("passphrase", PASSPHRASE)];

/// Why the installation does not open, in words.
async fn refusal(app: &TestApp) -> String {
    match open(&app.config, &app.clock).await {
        Ok(_) => panic!("it opened"),
        Err(error) => format!("{error:#}"),
    }
}

on_both! {
    async fn two_officers_hold_the_ceremony_on_the_page(app) {
        let place = app.place("Chợ Tân Lập").await;
        let unit = app.unit("66-UBND").await;
        let mut first = app.officer_at("mot", Role::KeyOfficer, unit).await;
        let mut second = app.officer_at("hai", Role::KeyOfficer, unit).await;
        first.get("/keys").await.is(200);
        let two = "Cần ít nhất hai người giữ khóa đã tạo khóa.";
        first.refused("/keys/propose", &ONCE, two).await;
        let short = [("passphrase", "ngắn"), ("passphrase_again", "ngắn")];
        first.refused("/keys/make", &short, "Cụm mật khẩu cần ít nhất 12 ký tự").await;
        let unlike = [TWICE[0], ("passphrase_again", "một cụm khác hẳn")];
        first.refused("/keys/make", &unlike, "Hai lần nhập cụm mật khẩu chưa giống nhau.").await;
        first.post("/keys/make", &TWICE).await.is(303);
        first.refused("/keys/make", &TWICE, "Anh/chị đã có khóa.").await;
        // One officer alone opens nothing.
        first.refused("/keys/propose", &ONCE, two).await;
        second.refused("/keys/confirm", &ONCE, "Anh/chị chưa tạo khóa.").await;
        second.post("/keys/make", &TWICE).await.is(303);
        let wrong = [("passphrase", "một cụm khác hẳn")];
        first.refused("/keys/propose", &wrong, "Cụm mật khẩu chưa đúng.").await;
        first.post("/keys/propose", &ONCE).await.is(303);
        first.refused("/keys/confirm", &ONCE, "Người thứ hai phải là người khác.").await;
        second.refused("/keys/propose", &ONCE, "Người khác vừa ký một danh sách.").await;
        // The second officer signs the very list that the page showed.
        second.refused("/keys/confirm", &ONCE, "không phải danh sách anh/chị vừa xem").await;
        check_in(&mut app.stranger(), &place.code, "in", "Nguyễn Văn A", "0912345678").await.is(503);
        let page = second.get("/keys").await.is(200).text();
        let hash = page.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let seen = [ONCE[0], ("hash", hash)];
        assert_eq!(second.post("/keys/confirm", &seen).await.is(303).location(), "/keys");
        second.refused("/keys/confirm", &ONCE, "Không có danh sách nào đang chờ ký.").await;
        first.refused("/keys/propose", &ONCE, "Danh sách người giữ khóa đã được ký.").await;
        check_in(&mut app.stranger(), &place.code, "in", "Nguyễn Văn A", "0912345678").await.is(200);
        assert_eq!(app.app.store.rosters().await.unwrap().len(), 1);
    }

    async fn a_changed_roster_begins_no_epoch(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut gate = app.gate(&place).await;
        assert_eq!(typed(&app, &mut gate, "in", "Nguyễn Văn A", "0912345678").await["outcome"], "accepted");
        let (main, keyring) = app.databases().await;
        let row = app.app.store.rosters().await.unwrap().remove(0);
        let mut body = row.body.clone();
        let last = body.len() - 1;
        body[last] ^= 1;
        let sql = "UPDATE rosters SET body = $1 WHERE version = $2";
        keyring.run(sql, args![body, row.version]).await.unwrap();
        // The next day's epoch is refused, and so is a start.
        app.days_pass(1);
        check_in(&mut app.stranger(), &place.code, "in", "Nguyễn Văn A", "0912345678").await.is(503);
        assert_eq!(app.rows().await.len(), 1);
        app.close().await;
        let why = refusal(&app).await;
        assert!(why.contains("roster"), "{why}");
        keyring.run(sql, args![row.body, row.version]).await.unwrap();
        let app = app.restart().await;
        check_in(&mut app.stranger(), &place.code, "in", "Nguyễn Văn A", "0912345678").await.is(200);
        main.close().await;
        keyring.close().await;
    }

    async fn a_key_file_missing_beside_data_is_not_made_anew(app) {
        app.close().await;
        let path = app.config.key_path();
        let kept = app.folder().join("kept.key");
        fs::rename(&path, &kept).unwrap();
        for _ in 0..2 {
            let why = refusal(&app).await;
            assert!(why.contains("is missing") && why.contains("Put the file back"), "{why}");
            assert!(!path.exists());
        }
        fs::rename(&kept, &path).unwrap();
        open(&app.config, &app.clock).await.unwrap().store.close().await;
    }

    async fn a_key_file_that_others_can_read_is_refused(app) {
        app.close().await;
        let path = app.config.key_path();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o644, 0o640, 0o604] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let why = refusal(&app).await;
            assert!(why.contains("can be read by others") && why.contains("chmod 600"), "{why}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        open(&app.config, &app.clock).await.unwrap().store.close().await;
    }

    async fn another_installation_s_key_file_is_refused(app) {
        app.close().await;
        let path = app.config.key_path();
        let own = fs::read(&path).unwrap();
        let other = seal::keyfile::KeyFile::generate(&mut rand::rng());
        fs::write(&path, other.to_text().as_bytes()).unwrap();
        let why = refusal(&app).await;
        assert!(why.contains("of another installation"), "{why}");
        fs::write(&path, &own[..own.len() / 2]).unwrap();
        refusal(&app).await;
        fs::write(&path, &own).unwrap();
        open(&app.config, &app.clock).await.unwrap().store.close().await;
    }

    async fn a_start_with_data_keeps_its_keys(app) {
        let before = fs::read(app.config.key_path()).unwrap();
        let app = app.restart().await;
        assert_eq!(fs::read(app.config.key_path()).unwrap(), before);
        let store = bootstrap::open_store(&app.config).await.unwrap();
        let keys = bootstrap::open_keyfile(&app.config, &store).await.unwrap();
        assert_eq!(keys.install_id, app.app.keyfile.install_id);
        store.close().await;
    }
}
