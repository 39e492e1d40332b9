//! The first start: a one-time address makes the administrator; there is no default password anywhere.

use vaora::bootstrap::setup_address;

use crate::common::{
    TestApp,
    client::{Answer, Client},
    officers::{PASSWORD, SECRET},
    source,
};

/// Path of the one-time address.
async fn path(app: &TestApp) -> String {
    let address = setup_address(&app.app).await.unwrap().unwrap();
    address.strip_prefix("http://localhost:8080").unwrap().to_owned()
}

async fn join(app: &TestApp, client: &mut Client, path: &str, login: &str) -> Answer {
    let secret = data_encoding::BASE32_NOPAD.encode(&SECRET);
    let form = [
        ("name", "Bùi Anh Tuấn"),
        ("login", login),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("secret", &secret),
        ("code", &app.totp()),
    ];
    client.post(path, &form).await
}

on_both! {
    async fn the_address_makes_the_administrator_and_works_once(app) {
        let path = path(&app).await;
        let mut client = app.stranger();
        client.get(&path).await.is(200);
        assert_eq!(join(&app, &mut client, &path, "quantri").await.is(303).location(), "/login");
        client.get(&path).await.is(404);
        join(&app, &mut client, &path, "another").await.is(404);
        assert_eq!(setup_address(&app.app).await.unwrap(), None);
        app.minutes_pass(1);
        app.sign_in("quantri").await.get("/accounts").await.is(200);
        assert_eq!(app.app.store.accounts().await.unwrap().len(), 1);
    }

    async fn a_wrong_address_makes_nobody(app) {
        let path = path(&app).await;
        let mut client = app.stranger();
        let wrong = format!("{path}x");
        client.get(&wrong).await.is(404);
        join(&app, &mut client, &wrong, "quantri").await.is(404);
        assert!(!app.app.store.has_accounts().await.unwrap());
    }

    async fn what_is_wrong_is_said_and_nothing_is_made(app) {
        let path = path(&app).await;
        let mut client = app.stranger();
        let secret = data_encoding::BASE32_NOPAD.encode(&SECRET);
        let form = |password: &'static str, code: String| {
            let secret = secret.clone();
            move |name: &str| match name {
                "password" => password.to_owned(),
                "code" => code.clone(),
                _ => secret.clone(),
            }
        };
        for (password, code, wrong) in [
            ("ngắn", app.totp(), "Mật khẩu cần ít nhất"),
            (PASSWORD, "000000".to_owned(), "Mã chưa đúng"),
        ] {
            let field = form(password, code);
            let fields = [
                ("name", "Bùi Anh Tuấn".to_owned()),
                ("login", "quantri".to_owned()),
                ("password", field("password")),
                ("password_again", field("password")),
                ("secret", field("secret")),
                ("code", field("code")),
            ];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = client.post(&path, &fields).await;
            assert!(answer.words().contains(wrong), "{}", answer.words());
        }
        assert!(!app.app.store.has_accounts().await.unwrap());
        client.get(&path).await.is(200);
    }

    async fn a_second_start_makes_the_first_address_void(app) {
        let first = path(&app).await;
        let app = app.restart().await;
        let second = path(&app).await;
        assert_ne!(first, second);
        app.stranger().get(&first).await.is(404);
        app.stranger().get(&second).await.is(200);
    }
}

#[test]
fn no_password_stands_in_the_source_or_settings() {
    for (name, text) in source::files("src", ".rs") {
        for literal in source::literals(&text) {
            let low = literal.to_lowercase();
            assert!(
                !["password123", "admin123", "changeme", "123456"].contains(&low.as_str()),
                "{name}: {literal}"
            );
        }
        assert!(!text.contains("DEFAULT_PASSWORD"), "{name}");
    }
}
