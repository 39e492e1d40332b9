//! Proving that an officer's e-mail address and phone are his: a one-time code goes there and comes back. Nothing
//! else goes to an address that nobody proved.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse as _, Redirect},
};
use domain::phone::Phone;
use seal::index::IndexKind;
use serde::Deserialize;
use store::{notice::NoticeSettings, notice_proofs::Proof};

use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_six_digits,
    mail::{self, Letter},
    page::Page,
    sms::Sent,
};

/// Milliseconds for which a one-time code stands.
const CODE_MS: i64 = 10 * 60_000;
/// Tries at one code.
const TRIES_MAX: i64 = 5;
/// Where it all happens.
const PAGE: &str = "/messages/settings";

/// The kept address that a code proves; empty for none.
fn address(kept: Option<NoticeSettings>, proof: Proof) -> String {
    match (kept, proof) {
        (Some(kept), Proof::Email) => kept.email,
        (Some(kept), Proof::Phone) => kept.phone,
        (None, _) => String::new(),
    }
}

/// What the hash of a code is bound to, so that a code of one kind proves nothing of the other.
const fn label(proof: Proof) -> &'static str {
    match proof {
        Proof::Email => "notice e-mail code v1",
        Proof::Phone => "notice code v1",
    }
}

/// Sends a code to the phone.
///
/// # Errors
/// When no phone is kept, too many codes were asked for, or the gateway is away.
pub async fn send_code(State(app): State<App>, page: Page) -> Result {
    const NONE: AppError = AppError::BadRequest("Hãy ghi số điện thoại và lưu trước.");
    let Some((kept, code)) = new_code(&app, &page, Proof::Phone).await? else {
        return page.back(PAGE, NONE).await;
    };
    let Ok(phone) = Phone::parse(&kept) else { return page.back(PAGE, NONE).await };
    let text = page.tf(
        "Ma xac thuc Vao Ra cua ban la {code}, dung trong 10 phut. Khong dua ma nay cho ai.",
        &[("code", code.clone())],
    );
    match app.sender.send(&phone, text, &code).await {
        Ok(Sent::OnItsWay) => page.go(PAGE, "good", "Đã gửi mã tới điện thoại của anh/chị.").await,
        Ok(Sent::ShowOnScreen(code)) => {
            on_screen(&page, "Bản trình diễn không gửi tin nhắn. Mã của bạn là {code}.", code).await
        }
        Ok(Sent::NoGateway) => Err(AppError::Unavailable(
            "Chưa cài cổng gửi tin nhắn nên chưa xác thực được số điện thoại. Hãy báo đơn vị quản trị.",
        )),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a one-time code was not sent");
            Err(AppError::Unavailable("Chưa gửi được tin nhắn. Hãy thử lại sau ít phút."))
        }
    }
}

/// Sends a code to the e-mail address.
///
/// # Errors
/// When no address is kept, too many codes were asked for, or the mail server is away.
pub async fn send_email_code(State(app): State<App>, page: Page) -> Result {
    let kept = address(app.store.notice_settings(page.officer()?.id).await?, Proof::Email);
    if !kept.is_empty() && app.config.mail.is_none() && !app.config.demo {
        return Err(AppError::Unavailable(
            "Chưa khai máy gửi thư nên chưa xác thực được địa chỉ thư. Hãy báo đơn vị quản trị.",
        ));
    }
    let Some((to, code)) = new_code(&app, &page, Proof::Email).await? else {
        return page.back(PAGE, AppError::BadRequest("Hãy ghi địa chỉ thư và lưu trước.")).await;
    };
    let Some(server) = app.config.mail.clone().filter(|_| !app.config.demo) else {
        return on_screen(&page, "Bản trình diễn không gửi thư. Mã của bạn là {code}.", code).await;
    };
    let body = "Mã xác thực địa chỉ thư của anh/chị trong hệ thống Vào Ra là {code}, dùng trong 10 phút.\n\nNếu anh/chị không xin mã này, hãy bỏ qua thư; đừng đưa mã cho ai.\n";
    let letter = Letter {
        to,
        subject: page.t("Vào Ra: mã xác thực địa chỉ thư"),
        body: page.tf(body, &[("code", code)]),
    };
    match tokio::task::spawn_blocking(move || mail::send(&server, &letter)).await? {
        Ok(()) => page.go(PAGE, "good", "Đã gửi mã tới địa chỉ thư của anh/chị.").await,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a one-time code was not sent");
            Err(AppError::Unavailable("Chưa gửi được thư. Hãy thử lại sau ít phút."))
        }
    }
}

/// Keeps a new code and gives the address that it goes to; none while no address is kept.
async fn new_code(app: &App, page: &Page, proof: Proof) -> Result<Option<(String, String)>> {
    let officer = page.officer()?;
    let kept = address(app.store.notice_settings(officer.id).await?, proof);
    if kept.is_empty() {
        return Ok(None);
    }
    // By address, and by officer: nobody sends codes to a list of strangers.
    for key in [kept.clone(), format!("officer {}", officer.id)] {
        app.limits.phone(*app.keyfile.index_key.index(IndexKind::Otp, key.as_bytes()).as_bytes())?;
    }
    let code = new_six_digits();
    let hash = app.keyfile.session_key.mac(label(proof), code.as_bytes());
    // Another address may have been kept meanwhile: the code proves the one that it goes to, and no other.
    let put = app.store.put_notice_code(officer.id, proof, &kept, hash, app.now() + CODE_MS).await?;
    Ok(put.then_some((kept, code)))
}

async fn on_screen(page: &Page, words: &str, code: String) -> Result {
    page.flash_text("warn", page.tf(words, &[("code", code)])).await?;
    Ok(Redirect::to(PAGE).into_response())
}

/// The code form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CodeForm {
    code: String,
}

/// Checks the code of the phone, which is then proved.
///
/// # Errors
/// Sign-in for strangers.
pub async fn check_code(State(app): State<App>, page: Page, Form(form): Form<CodeForm>) -> Result {
    if !is_proved(&app, &page, Proof::Phone, &form.code).await? {
        let text = "Mã chưa đúng hoặc đã hết hạn. Hãy kiểm tra tin nhắn mới nhất, hoặc xin mã khác.";
        return page.go(PAGE, "bad", text).await;
    }
    page.go(PAGE, "good", "Đã xác thực số điện thoại.").await
}

/// Checks the code of the e-mail address, which is then proved.
///
/// # Errors
/// Sign-in for strangers.
pub async fn check_email_code(State(app): State<App>, page: Page, Form(form): Form<CodeForm>) -> Result {
    if !is_proved(&app, &page, Proof::Email, &form.code).await? {
        let text = "Mã chưa đúng hoặc đã hết hạn. Hãy xem thư mới nhất, hoặc xin mã khác.";
        return page.go(PAGE, "bad", text).await;
    }
    page.go(PAGE, "good", "Đã xác thực địa chỉ thư.").await
}

async fn is_proved(app: &App, page: &Page, proof: Proof, typed: &str) -> Result<bool> {
    let officer = page.officer()?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    // Read before the code: whoever keeps another address between the two proves neither.
    let kept = address(app.store.notice_settings(officer.id).await?, proof);
    let wanted = app.store.try_notice_code(officer.id, proof, app.now()).await?;
    let right = wanted.is_some_and(|(hash, tries)| {
        tries <= TRIES_MAX && app.keyfile.session_key.mac_is(label(proof), digits.as_bytes(), &hash)
    });
    Ok(right && app.store.prove_notice(officer.id, proof, &kept, app.now()).await?)
}
