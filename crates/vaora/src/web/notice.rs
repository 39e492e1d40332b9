//! How an officer is told outside the product: e-mail, phone, which for what, the digest's hour, quiet hours.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{
    notice::{QUIET, SMS_A_DAY_MAX, Urgent},
    phone::Phone,
    role::Role,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::notice::NoticeSettings;

use crate::{
    app::App,
    error::{AppError, Result},
    i18n::Lang,
    page::Page,
    sms::Sender,
    web::forms::{self, Errors},
};

/// Deliveries in trouble that the administrator is shown.
const TROUBLED_MAX: i64 = 100;
/// Milliseconds of deliveries that are counted for the administrator: a week.
const COUNTED_MS: i64 = 7 * 86_400_000;

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NoticeForm {
    email: String,
    phone: String,
    urgent: String,
    digest: String,
    digest_hour: String,
    quiet_from: String,
    quiet_until: String,
    urgent_in_quiet: String,
    lang: String,
}

/// What holds until an officer says something: nothing leaves the product.
fn unset(account_id: i64, lang: Lang) -> NoticeSettings {
    NoticeSettings {
        account_id,
        email: String::new(),
        email_verified_at: None,
        phone: String::new(),
        phone_verified_at: None,
        urgent: Urgent::None.code().to_owned(),
        digest: false,
        digest_hour: 7,
        quiet_from: QUIET.from,
        quiet_until: QUIET.until,
        urgent_in_quiet: false,
        lang: lang.code().to_owned(),
    }
}

fn clock_text(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn minute_of(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}

/// Shows the settings.
///
/// # Errors
/// Sign-in for strangers.
pub async fn form(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    let kept = app.store.notice_settings(officer.id).await?.unwrap_or_else(|| unset(officer.id, page.lang));
    let phone = Phone::parse(&kept.phone).map(|phone| phone.display()).unwrap_or_default();
    let form = NoticeForm {
        email: kept.email.clone(),
        phone,
        urgent: kept.urgent.clone(),
        digest: if kept.digest { "1".to_owned() } else { String::new() },
        digest_hour: kept.digest_hour.to_string(),
        quiet_from: clock_text(kept.quiet_from),
        quiet_until: clock_text(kept.quiet_until),
        urgent_in_quiet: if kept.urgent_in_quiet { "1".to_owned() } else { String::new() },
        lang: kept.lang.clone(),
    };
    show(&app, &page, &form, &Errors::default()).await
}

async fn show(app: &App, page: &Page, form: &NoticeForm, errors: &Errors) -> Result {
    let officer = page.officer()?;
    let kept = app.store.notice_settings(officer.id).await?;
    let hours: Vec<Value> =
        (5..=19).map(|hour| context! { value => hour.to_string(), label => format!("{hour}:00") }).collect();
    let values = context! {
        form => context! {
            email => &form.email, phone => &form.phone, urgent => &form.urgent, digest => form.digest == "1",
            digest_hour => &form.digest_hour, quiet_from => &form.quiet_from, quiet_until => &form.quiet_until,
            urgent_in_quiet => form.urgent_in_quiet == "1", lang => &form.lang,
        },
        errors => errors.view(), hours, sms_max => SMS_A_DAY_MAX,
        has_email => kept.as_ref().is_some_and(|kept| !kept.email.is_empty()),
        email_proved => kept.as_ref().is_some_and(|kept| kept.email_verified_at.is_some()),
        has_phone => kept.as_ref().is_some_and(|kept| !kept.phone.is_empty()),
        proved => kept.as_ref().is_some_and(|kept| kept.phone_verified_at.is_some()),
        mail_works => app.config.mail.is_some() || app.config.demo,
        sms_works => !matches!(app.sender, Sender::Missing),
        is_administrator => officer.has(Role::Administrator),
    };
    page.show("notice.html", values).await
}

/// Keeps the settings.
///
/// # Errors
/// Sign-in for strangers.
pub async fn save(State(app): State<App>, page: Page, Form(form): Form<NoticeForm>) -> Result {
    let officer = page.officer()?;
    let mut errors = Errors::default();
    let checked = check(&page, officer.id, &form, &mut errors);
    if !errors.is_empty() {
        return show(&app, &page, &form, &errors).await;
    }
    app.store.put_notice_settings(&checked, app.now()).await?;
    page.go("/messages/settings", "good", "Đã lưu cách nhận tin.").await
}

fn check(page: &Page, account_id: i64, form: &NoticeForm, errors: &mut Errors) -> NoticeSettings {
    let email = form.email.trim().to_owned();
    if !email.is_empty() && !is_address(&email) {
        errors.add("email", page.t("Địa chỉ thư chưa đúng; hãy viết như ten@daklak.gov.vn."));
    }
    let phone = match form.phone.trim() {
        "" => String::new(),
        text => forms::phone(page, errors, "phone", text).map(|phone| phone.e164()).unwrap_or_default(),
    };
    let urgent = Urgent::from_code(&form.urgent).unwrap_or(Urgent::None);
    let wants_mail = matches!(urgent, Urgent::Email | Urgent::Both) || form.digest == "1";
    if wants_mail && email.is_empty() {
        errors.add("email", page.t("Muốn nhận thư thì hãy ghi địa chỉ thư."));
    }
    if matches!(urgent, Urgent::Sms | Urgent::Both) && form.phone.trim().is_empty() {
        errors.add("phone", page.t("Muốn nhận tin nhắn thì hãy ghi số điện thoại."));
    }
    let mut minute = |field, text: &str, unset: i64| {
        minute_of(text).unwrap_or_else(|| {
            errors.add(field, page.t("Hãy ghi giờ như 20:00."));
            unset
        })
    };
    NoticeSettings {
        account_id,
        email,
        email_verified_at: None,
        phone,
        phone_verified_at: None,
        urgent: urgent.code().to_owned(),
        digest: form.digest == "1",
        digest_hour: form.digest_hour.parse().ok().filter(|hour| (0..24).contains(hour)).unwrap_or(7),
        quiet_from: minute("quiet_from", &form.quiet_from, QUIET.from),
        quiet_until: minute("quiet_until", &form.quiet_until, QUIET.until),
        urgent_in_quiet: form.urgent_in_quiet == "1",
        lang: Lang::from_code(&form.lang).unwrap_or(page.lang).code().to_owned(),
    }
}

/// True for what looks like one e-mail address; nothing that could end a header.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain =
        text.len() <= 120 && text.chars().all(|c| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c));
    plain && !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

/// Shows the administrator what did not go out.
///
/// # Errors
/// Not found for all but administrators.
pub async fn deliveries(State(app): State<App>, page: Page) -> Result {
    page.officer()?.require(&[Role::Administrator])?;
    let troubled = app.store.troubled_deliveries(TROUBLED_MAX).await?;
    let accounts = app.store.accounts().await?;
    let name = |id: i64| accounts.iter().find(|account| account.id == id).map(|account| account.name.clone());
    let rows: Vec<Value> = troubled
        .iter()
        .map(|one| {
            context! {
                id => one.id.to_string(), channel => &one.channel, state => &one.state, tries => one.tries,
                next_try_at => one.next_try_at, made_at => one.made_at, error => page.t(&one.error),
                who => one.account_id.and_then(name),
            }
        })
        .collect();
    let counts: Vec<Value> = app
        .store
        .delivery_counts(app.now() - COUNTED_MS)
        .await?
        .into_iter()
        .map(|(channel, state, n)| context! { channel, state, n })
        .collect();
    page.show("deliveries.html", context! { rows, counts }).await
}

/// Lets a delivery that was given up be tried again.
///
/// # Errors
/// Not found for all but administrators.
pub async fn retry(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    page.officer()?.require(&[Role::Administrator])?;
    if !app.store.retry_delivery(id, app.now()).await? {
        return page
            .back("/messages/deliveries", AppError::BadRequest("Tin này không còn nằm trong danh sách lỗi."))
            .await;
    }
    page.go("/messages/deliveries", "good", "Sẽ gửi lại trong ít phút.").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_hours_are_bounded() {
        assert!(is_address("xa.tanlap@daklak.gov.vn"));
        for wrong in ["xa", "xa@", "@daklak.vn", "a b@c.vn", "a@b", "a@b.vn\r\nBcc: x@y.vn", "a@b.vn,c@d.vn"]
        {
            assert!(!is_address(wrong), "{wrong}");
        }
        assert_eq!(minute_of("20:00"), Some(1200));
        assert_eq!(minute_of("06:30"), Some(390));
        for wrong in ["24:00", "7", "aa:bb", ""] {
            assert_eq!(minute_of(wrong), None, "{wrong}");
        }
    }
}
