//! Messages: the inbox, and what leaves the product by e-mail and text message.

use std::sync::{Arc, Mutex};

use domain::role::Role;
use store::{
    messages::{NewMessage, Recipient},
    notice_proofs::Proof,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use vaora::{config::Config, jobs::deliver, mail::MailServer};

use crate::common::{START, TestApp, clock_at, settings};

/// An SMTP server that keeps what it is handed, and refuses for as long as it is told to.
#[derive(Clone, Default)]
struct Post {
    letters: Arc<Mutex<Vec<String>>>,
    refuses: Arc<Mutex<bool>>,
}

impl Post {
    async fn start() -> (u16, Self) {
        let post = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = post.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move { kept.talk(stream).await });
            }
        });
        (port, post)
    }

    async fn talk(self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let _ = write.write_all(b"220 post\r\n").await;
        let (mut data, mut letter) = (false, String::new());
        while let Ok(Some(line)) = lines.next_line().await {
            if data {
                if line == "." {
                    data = false;
                    self.letters.lock().unwrap().push(std::mem::take(&mut letter));
                    let _ = write.write_all(b"250 kept\r\n").await;
                } else {
                    letter.push_str(&line);
                    letter.push('\n');
                }
                continue;
            }
            let refuses = *self.refuses.lock().unwrap();
            let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                "RCPT" if refuses => b"451 later\r\n",
                "DATA" => {
                    data = true;
                    b"354 go on\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 fine\r\n",
            };
            if write.write_all(answer).await.is_err() {
                return;
            }
        }
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }
}

/// An installation with a mail server, on SQLite.
async fn with_post() -> (TestApp, Post) {
    let (port, post) = Post::start().await;
    let folder = TempDir::new().unwrap();
    let mail = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        from: "Vao Ra <vaora@daklak.example.vn>".to_owned(),
        user: None,
        password_file: None,
        tls: "none".to_owned(),
    };
    let config = Config { mail: Some(mail), ..settings(&folder) };
    (TestApp::start_at(config, folder, clock_at(START)).await, post)
}

async fn tell(app: &TestApp, key: &str, to: Recipient, urgent: bool) {
    let message = NewMessage {
        id: vaora::ids::new_id(),
        dedup_key: key.to_owned(),
        to,
        source: "Nhắc: công văn {number} đã quá hạn, đơn vị chưa báo đã làm xong.".to_owned(),
        params: format!(r#"{{"number":"{key}"}}"#),
        href: "/directives".to_owned(),
        urgent,
        due_on: None,
    };
    assert!(app.app.store.post_message(&message, app.clock.now()).await.unwrap());
}

async fn look(app: &TestApp) {
    deliver::run(&app.app).await.unwrap();
}

/// Proves the address of the usual officer, as the code of a letter does.
async fn prove(app: &TestApp) {
    let (store, email) = (&app.app.store, WISHES[0].1);
    let accounts = store.accounts().await.unwrap();
    let id = accounts.iter().find(|one| one.login == "unit_officer").unwrap().id;
    assert!(store.put_notice_code(id, Proof::Email, email, [7; 32], app.clock.now() + 9).await.unwrap());
    assert!(store.prove_notice(id, Proof::Email, email, app.clock.now()).await.unwrap());
}

const WISHES: [(&str, &str); 7] = [
    ("email", "xa@daklak.example.vn"),
    ("phone", "0912345678"),
    ("urgent", "both"),
    ("digest", "1"),
    ("digest_hour", "7"),
    ("quiet_from", "20:00"),
    ("quiet_until", "06:30"),
];

on_both! {
    async fn the_inbox_counts_opens_and_marks_for_its_reader_alone(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        let mut other = app.officer_at("khac", Role::UnitOfficer, app.elsewhere().await).await;
        assert!(officer.get("/messages").await.is(200).words().contains("Chưa có tin nào"));
        tell(&app, "12/UBND", Recipient::Unit(app.home().await), true).await;
        tell(&app, "13/UBND", Recipient::Unit(app.home().await), false).await;
        assert!(officer.get("/").await.is(200).text().contains("Tin nhắn: 2 chưa đọc"));
        assert!(!other.get("/messages").await.is(200).words().contains("12/UBND"));
        let page = officer.get("/messages").await.is(200).text();
        let id = page.split("/messages/").filter_map(|part| part.split_once("/open")).map(|(id, _)| id).next().unwrap().to_owned();
        other.post(&format!("/messages/{id}/open"), &[]).await.is(404);
        for _ in 0..2 {
            assert_eq!(officer.post(&format!("/messages/{id}/open"), &[]).await.is(303).location(), "/directives");
        }
        assert!(officer.get("/").await.is(200).text().contains("Tin nhắn: 1 chưa đọc"));
        let until = app.clock.now().to_string();
        officer.post("/messages/read", &[("until", &until)]).await.is(303);
        assert!(!officer.get("/").await.is(200).text().contains("chưa đọc"));
        // A tracer of the same office reads none of the office's messages.
        let mut tracer = app.officer_at("truyvet", Role::Tracer, app.home().await).await;
        assert!(tracer.get("/messages").await.is(200).words().contains("Chưa có tin nào"));
        tracer.post(&format!("/messages/{id}/open"), &[]).await.is(404);
        let english = app.officer_at("en", Role::UnitOfficer, app.home().await).await;
        assert!(english.english().get("/messages").await.is(200).words().contains("Reminder: letter 12/UBND is past its deadline"));
    }

    async fn settings_say_what_is_wrong_and_a_phone_is_proved(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        officer.refused("/messages/settings", &[("email", "không phải thư"), ("quiet_from", "20:00"), ("quiet_until", "06:30")], "Địa chỉ thư chưa đúng").await;
        officer.refused("/messages/settings", &[("urgent", "both"), ("quiet_from", "20:00"), ("quiet_until", "khuya")], "Hãy ghi giờ như 20:00.").await;
        officer.refused("/messages/settings/code-request", &[], "Hãy ghi số điện thoại và lưu trước.").await;
        officer.post("/messages/settings", &WISHES).await.is(303);
        officer.post("/messages/settings/code-request", &[]).await.is(303);
        let message = app.messages.last();
        assert_eq!(message.to, "+84912345678");
        officer.refused("/messages/settings/code", &[("code", "000000")], "Mã chưa đúng").await;
        officer.post("/messages/settings/code", &[("code", &message.code())]).await.is(303);
        assert!(officer.get("/messages/settings").await.is(200).words().contains("Đã xác thực"));
        officer.refused("/messages/settings/code", &[("code", &message.code())], "Mã chưa đúng").await;
        let mut changed = WISHES;
        changed[1].1 = "0912345679";
        officer.post("/messages/settings", &changed).await.is(303);
        assert!(!officer.get("/messages/settings").await.is(200).words().contains("Đổi số thì phải xác thực lại."));
    }

    async fn an_owner_marks_what_was_read(app) {
        let place = app.place("Chợ Tân Lập").await;
        tell(&app, "1/UBND", Recipient::Place(place.id), true).await;
        let mut owner = app.owner().await;
        assert!(owner.get("/owner/places").await.is(200).words().contains("1 tin chưa đọc"));
        let (page, path) = (format!("/owner/places/{}", place.id), format!("/owner/places/{}/messages/read", place.id));
        assert!(owner.get(&page).await.is(200).words().contains("Tôi đã đọc các tin này"));
        let until = app.clock.now().to_string();
        let mut officer = app.officer(Role::UnitOfficer).await;
        officer.post(&path, &[("until", &until)]).await.is(404);
        for _ in 0..2 {
            owner.post(&path, &[("until", &until)]).await.is(303);
        }
        // A message that comes later is not marked by a time in the future.
        app.minutes_pass(1);
        tell(&app, "2/UBND", Recipient::Place(place.id), false).await;
        assert!(owner.get("/owner/places").await.is(200).words().contains("1 tin chưa đọc"));
        // What was read needs no text message any more.
        let before = app.messages.count();
        look(&app).await;
        assert_eq!(app.messages.count(), before);
    }

    async fn owners_get_urgent_text_messages_by_day_and_few(app) {
        let place = app.place("Chợ Tân Lập").await;
        let before = app.messages.count();
        for key in ["1/UBND", "2/UBND", "3/UBND", "4/UBND"] {
            tell(&app, key, Recipient::Place(place.id), true).await;
        }
        tell(&app, "5/UBND", Recipient::Place(place.id), false).await;
        // 09:00 in the morning: three of them, and again none.
        look(&app).await;
        look(&app).await;
        assert_eq!(app.messages.count() - before, 3);
        let last = app.messages.last();
        assert_eq!(last.to, "+84987654321");
        assert!(last.text.is_ascii() && last.text.starts_with("Vao Ra: Nhac: cong van") && last.text.ends_with("/owner"), "{}", last.text);
        // The fourth goes the next morning, not in the night.
        app.minutes_pass(12 * 60);
        look(&app).await;
        assert_eq!(app.messages.count() - before, 3);
        app.minutes_pass(12 * 60);
        look(&app).await;
        assert_eq!(app.messages.count() - before, 4);
    }
}

#[tokio::test]
async fn an_urgent_message_goes_out_once_and_the_digest_once_a_day() {
    let (app, post) = with_post().await;
    let mut officer = app.officer(Role::UnitOfficer).await;
    officer.post("/messages/settings", &WISHES).await.is(303);
    look(&app).await;
    assert!(post.letters().is_empty(), "no digest without a message");
    tell(&app, "12/UBND", Recipient::Unit(app.home().await), true).await;
    tell(&app, "13/UBND", Recipient::Unit(app.home().await), false).await;
    look(&app).await;
    assert!(post.letters().is_empty(), "nothing goes to an address that nobody proved");
    prove(&app).await;
    look(&app).await;
    look(&app).await;
    // One urgent letter, one digest; no text message, since the phone was not proved.
    assert_eq!(post.letters().len(), 2);
    assert_eq!(app.messages.count(), 0);
    assert!(post.letters().iter().all(|letter| letter.contains("To: xa@daklak.example.vn")));
    app.days_pass(1);
    look(&app).await;
    look(&app).await;
    assert_eq!(post.letters().len(), 3, "the next day's digest");
    let mut officer = app.sign_in("unit_officer").await;
    let until = app.clock.now().to_string();
    officer.post("/messages/read", &[("until", &until)]).await.is(303);
    app.days_pass(1);
    look(&app).await;
    assert_eq!(post.letters().len(), 3, "nothing unread, nothing sent");
}

#[tokio::test]
async fn an_address_is_proved_by_the_code_of_a_letter_in_the_readers_language() {
    let (app, post) = with_post().await;
    let mut officer = app.officer(Role::UnitOfficer).await.english();
    officer.refused("/messages/settings/email-code-request", &[], "Write the e-mail address and save").await;
    let wishes: Vec<(&str, &str)> = WISHES.iter().copied().chain([("lang", "en")]).collect();
    officer.post("/messages/settings", &wishes).await.is(303);
    officer.post("/messages/settings/email-code-request", &[]).await.is(303);
    let letter = post.letters().remove(0);
    assert!(letter.contains("To: xa@daklak.example.vn"), "{letter}");
    let code = letter.split("in Vào Ra is ").nth(1).or_else(|| letter.split(" is ").nth(1)).unwrap();
    let code: String = code.chars().take(6).collect();
    assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{letter}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    officer
        .refused("/messages/settings/email-code", &[("code", wrong)], "The code is wrong or has expired")
        .await;
    // The code of the address proves no phone.
    officer.refused("/messages/settings/code", &[("code", &code)], "wrong or has expired").await;
    officer.post("/messages/settings/email-code", &[("code", &code)]).await.is(303);
    officer.refused("/messages/settings/email-code", &[("code", &code)], "wrong or has expired").await;
    assert!(
        officer
            .get("/messages/settings")
            .await
            .is(200)
            .words()
            .contains("Another address must be verified again.")
    );
    tell(&app, "12/UBND", Recipient::Unit(app.home().await), true).await;
    look(&app).await;
    let letters = post.letters();
    assert!(letters[1..].iter().all(|one| one.contains("Reminder: letter 12/UBND")), "{letters:?}");
    // Another address is to be proved anew, and five wrong tries spend its code.
    let mut changed = wishes.clone();
    changed[0].1 = "khac@daklak.example.vn";
    officer.post("/messages/settings", &changed).await.is(303);
    let before = post.letters().len();
    officer.post("/messages/settings/email-code-request", &[]).await.is(303);
    let letter = post.letters().remove(before);
    let code: String = letter.split(" is ").nth(1).unwrap().chars().take(6).collect();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        officer.refused("/messages/settings/email-code", &[("code", wrong)], "wrong or has expired").await;
    }
    officer.refused("/messages/settings/email-code", &[("code", &code)], "wrong or has expired").await;
    // Nobody sends codes without end, whatever addresses are kept.
    officer.post("/messages/settings/email-code-request", &[]).await.is(303);
    changed[0].1 = "nua@daklak.example.vn";
    officer.post("/messages/settings", &changed).await.is(303);
    officer.post("/messages/settings/email-code-request", &[]).await.is(429);
}

#[tokio::test]
async fn quiet_hours_hold_urgent_messages_back_until_morning() {
    let (app, post) = with_post().await;
    let mut officer = app.officer(Role::UnitOfficer).await;
    let mut wishes = WISHES;
    (wishes[2].1, wishes[3].1) = ("email", "");
    officer.post("/messages/settings", &wishes).await.is(303);
    prove(&app).await;
    // 09:00 + 12 hours: 21:00.
    app.minutes_pass(12 * 60);
    tell(&app, "12/UBND", Recipient::Unit(app.home().await), true).await;
    look(&app).await;
    assert!(post.letters().is_empty());
    app.minutes_pass(9 * 60 + 31);
    look(&app).await;
    assert_eq!(post.letters().len(), 1);
}

#[tokio::test]
async fn a_refused_e_mail_is_tried_again_later_and_shown_when_given_up() {
    let (app, post) = with_post().await;
    let mut officer = app.officer(Role::UnitOfficer).await;
    let mut wishes = WISHES;
    (wishes[2].1, wishes[3].1) = ("email", "");
    officer.post("/messages/settings", &wishes).await.is(303);
    prove(&app).await;
    *post.refuses.lock().unwrap() = true;
    tell(&app, "12/UBND", Recipient::Unit(app.home().await), true).await;
    look(&app).await;
    look(&app).await;
    let waiting = app.app.store.troubled_deliveries(10).await.unwrap().remove(0);
    assert_eq!((waiting.tries, waiting.state.as_str()), (1, "waiting"));
    for _ in 0..18 {
        app.minutes_pass(721);
        look(&app).await;
    }
    let failed = app.app.store.troubled_deliveries(10).await.unwrap().remove(0);
    assert_eq!(failed.state, "failed");
    let mut administrator = app.officer(Role::Administrator).await;
    assert!(administrator.get("/").await.is(200).words().contains("không gửi được trong tuần qua"));
    let page = administrator.get("/messages/deliveries").await.is(200).words();
    assert!(
        page.contains("Máy gửi thư không trả lời hoặc từ chối.") && !page.contains("xa@daklak"),
        "{page}"
    );
    *post.refuses.lock().unwrap() = false;
    let retry = format!("/messages/deliveries/{}/retry", failed.id);
    officer = app.sign_in("unit_officer").await;
    officer.post(&retry, &[]).await.is(404);
    administrator.post(&retry, &[]).await.is(303);
    administrator.refused(&retry, &[], "Tin này không còn nằm trong danh sách lỗi.").await;
    // By day, whatever the tries have made of the clock.
    let hour = i64::from(domain::time::local_datetime(app.clock.now()).hour());
    app.minutes_pass((33 - hour) % 24 * 60);
    look(&app).await;
    assert_eq!(post.letters().len(), 1);
}
