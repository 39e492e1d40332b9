//! Signing in and out, invitations, closing accounts.

use domain::role::Role;

use crate::common::{
    TestApp,
    client::{Answer, Client},
    officers::{PASSWORD, SECRET},
};

async fn try_login(client: &mut Client, login: &str, password: &str, code: &str) -> Answer {
    client.post("/login", &[("login", login), ("password", password), ("code", code)]).await
}

const REFUSED: &str = "Tên đăng nhập, mật khẩu hoặc mã xác thực chưa đúng.";

/// Invites as an administrator; the page that answers.
async fn invite(app: &TestApp, admin: &mut Client, login: &str, roles: &[&str]) -> Answer {
    let unit = app.home().await.to_string();
    let mut form = vec![("login", login), ("name", "Lê Thị Mời"), ("unit_id", unit.as_str())];
    form.extend(roles.iter().map(|role| ("roles", *role)));
    admin.post("/accounts/invite", &form).await
}

/// The one-time path on a page that shows one.
fn join_path(answer: &Answer) -> String {
    let text = answer.text();
    let begin = text.find("/join/").unwrap_or_else(|| panic!("no link: {}", answer.words()));
    text[begin..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect()
}

async fn accept(app: &TestApp, path: &str) -> Answer {
    let secret = data_encoding::BASE32_NOPAD.encode(&SECRET);
    let form =
        [("password", PASSWORD), ("password_again", PASSWORD), ("secret", &secret), ("code", &app.totp())];
    app.stranger().post(path, &form).await
}

on_both! {
    async fn the_right_words_sign_in_and_the_session_opens_pages(app) {
        let mut officer = app.officer(Role::Auditor).await;
        officer.get("/log").await.is(200);
        officer.post("/logout", &[]).await.is(303);
        assert_eq!(officer.get("/log").await.is(303).location(), "/login?next=/log");
        officer.post("/logout", &[]).await.is(303);
    }

    async fn wrong_words_are_told_alike(app) {
        app.account("lan", &[Role::Auditor], app.home().await).await;
        let code = app.totp();
        for (login, password, code) in [
            ("lan", "sai mật khẩu rồi nhé", code.as_str()),
            ("lan", PASSWORD, "000000"),
            ("nobody", PASSWORD, code.as_str()),
            ("lan", "", ""),
        ] {
            let mut client = app.stranger();
            let answer = try_login(&mut client, login, password, code).await.is(200);
            assert!(answer.words().contains(REFUSED), "{}", answer.words());
            client.get("/log").await.is(303);
        }
    }

    async fn a_one_time_password_works_once(app) {
        app.account("lan", &[Role::Auditor], app.home().await).await;
        let code = app.totp();
        try_login(&mut app.stranger(), "lan", PASSWORD, &code).await.is(303);
        let again = try_login(&mut app.stranger(), "lan", PASSWORD, &code).await.is(200);
        assert!(again.words().contains(REFUSED));
        app.clock.advance(30_000);
        try_login(&mut app.stranger(), "lan", PASSWORD, &app.totp()).await.is(303);
    }

    async fn signing_in_leads_on_within_this_site_only(app) {
        app.account("lan", &[Role::Auditor], app.home().await).await;
        for (next, leads_to) in [("/log", "/log"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil", "/")] {
            app.clock.advance(60_000);
            let form = [("login", "lan"), ("password", PASSWORD), ("code", &app.totp()), ("next", next)];
            assert_eq!(app.stranger().post("/login", &form).await.is(303).location(), leads_to);
        }
    }

    async fn tries_are_limited_by_name(app) {
        let mut client = app.stranger();
        for _ in 0..10 {
            try_login(&mut client, "lan", "x", "000000").await.is(200);
        }
        let refused = try_login(&mut client, "lan", "x", "000000").await.is(429);
        assert_eq!(refused.header("retry-after"), "30");
        assert!(refused.words().contains("Thử quá nhiều lần"));
        try_login(&mut client, "another", "x", "000000").await.is(200);
    }

    async fn closing_an_account_ends_its_sessions(app) {
        let id = app.account("lan", &[Role::Auditor], app.home().await).await;
        let mut lan = app.sign_in("lan").await;
        let mut admin = app.officer(Role::Administrator).await;
        lan.get("/log").await.is(200);
        for _ in 0..2 {
            admin.post(&format!("/accounts/{id}/active"), &[("active", "0")]).await.is(303);
            lan.get("/log").await.is(303);
        }
        app.clock.advance(60_000);
        try_login(&mut app.stranger(), "lan", PASSWORD, &app.totp()).await.is(200);
        admin.post(&format!("/accounts/{id}/active"), &[("active", "1")]).await.is(303);
        lan.get("/log").await.is(303);
        app.clock.advance(60_000);
        app.sign_in("lan").await.get("/log").await.is(200);
    }

    async fn nobody_closes_his_own_account(app) {
        let id = app.account("root", &[Role::Administrator], app.home().await).await;
        let mut admin = app.sign_in("root").await;
        let own = format!("/accounts/{id}/active");
        admin.refused(&own, &[("active", "0")], "Không thể khóa chính tài khoản đang dùng.").await;
        admin.get("/accounts").await.is(200);
    }

    async fn an_invitation_is_used_once(app) {
        let mut admin = app.officer(Role::Administrator).await;
        let path = join_path(&invite(&app, &mut admin, "moi", &["tracer"]).await.is(200));
        app.stranger().get(&path).await.is(200);
        accept(&app, &path).await.is(303);
        accept(&app, &path).await.is(404);
        app.stranger().get(&path).await.is(404);
        app.minutes_pass(1);
        let mut new = app.sign_in("moi").await;
        new.get("/cases").await.is(200);
        new.get("/accounts").await.is(404);
    }

    async fn an_invitation_expires(app) {
        let mut admin = app.officer(Role::Administrator).await;
        let path = join_path(&invite(&app, &mut admin, "moi", &["tracer"]).await.is(200));
        app.days_pass(7);
        app.stranger().get(&path).await.is(404);
        accept(&app, &path).await.is(404);
        assert_eq!(app.app.store.accounts().await.unwrap().len(), 1);
    }

    async fn roles_that_guard_each_other_are_refused(app) {
        let mut admin = app.officer(Role::Administrator).await;
        for pair in [["tracer", "approver"], ["approver", "key_officer"], ["tracer", "administrator"]] {
            let answer = invite(&app, &mut admin, "moi", &pair).await;
            assert!(answer.words().contains("Một người không được vừa là"), "{}", answer.words());
            assert!(!answer.text().contains("/join/"));
        }
        let answer = invite(&app, &mut admin, "moi", &[]).await;
        assert!(answer.words().contains("Hãy chọn ít nhất một vai trò."));
        assert!(app.app.store.open_invitations(app.clock.now()).await.unwrap().is_empty());
    }

    async fn only_administrators_invite(app) {
        let mut auditor = app.officer(Role::Auditor).await;
        invite(&app, &mut auditor, "moi", &["tracer"]).await.is(404);
        invite(&app, &mut app.stranger(), "moi", &["tracer"]).await.is(303);
        assert!(app.app.store.open_invitations(app.clock.now()).await.unwrap().is_empty());
    }

    async fn a_form_from_another_site_is_refused(app) {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ];
        let post = axum::http::Method::POST;
        app.stranger().send(post, "/login", &headers, b"login=lan".to_vec()).await.is(403);
    }
}
