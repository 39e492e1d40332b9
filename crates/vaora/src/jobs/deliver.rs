//! Takes messages out of the product, as `domain::notice` decides: plans what is due, then sends what is planned.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::{
    notice::{Channel, OWNER, Quiet, URGENT_DAYS, Urgent, Wishes, back_off_ms, sms_text},
    phone::Phone,
    role::Role,
    time::DAY_MS,
};
use store::{
    accounts::Account,
    notice::{Delivery, NewDelivery, NoticeSettings, Pending},
};

use crate::{
    app::App,
    auth::office_read_by,
    i18n::Lang,
    ids::new_id,
    mail::{self, Letter},
    notify,
    sms::Sent,
    web::place_new::open_contact,
};

/// Deliveries that one look sends at most; the next look, a minute later, goes on.
const AT_ONCE: i64 = 200;
/// Messages that one digest lists at most.
const DIGEST_LINES: i64 = 30;
/// Milliseconds of unread messages that a digest speaks of: 30 days.
const DIGEST_MS: i64 = 30 * DAY_MS;

/// What a try came to, when not an error.
enum Outcome {
    Sent,
    /// Nobody needs it any more.
    Dropped,
}

/// Plans and sends what is due now.
///
/// # Errors
/// When the store refuses; what was planned stays planned.
pub async fn run(app: &App) -> Result<()> {
    plan_urgent(app).await?;
    plan_digests(app).await?;
    let due = app.store.due_deliveries(app.now(), AT_ONCE).await?;
    for delivery in due {
        attempt(app, &delivery).await?;
    }
    Ok(())
}

/// What an officer's settings wish.
#[must_use]
pub fn wishes(settings: &NoticeSettings) -> Wishes {
    Wishes {
        has_email: !settings.email.is_empty() && settings.email_verified_at.is_some(),
        has_phone: !settings.phone.is_empty() && settings.phone_verified_at.is_some(),
        urgent: Urgent::from_code(&settings.urgent).unwrap_or(Urgent::None),
        digest: settings.digest,
        digest_hour: settings.digest_hour,
        quiet: Quiet { from: settings.quiet_from, until: settings.quiet_until },
        urgent_in_quiet: settings.urgent_in_quiet,
    }
}

async fn plan_urgent(app: &App) -> Result<()> {
    let since = app.now() - URGENT_DAYS * DAY_MS;
    for channel in [Channel::Email, Channel::Sms] {
        for pending in app.store.urgent_for_officers(since, channel.code()).await? {
            let Some(settings) = app.store.notice_settings(pending.reader_id).await? else { continue };
            plan_one(app, &wishes(&settings), channel, &pending, true).await?;
        }
    }
    for pending in app.store.urgent_for_owners(since).await? {
        plan_one(app, &OWNER, Channel::Sms, &pending, false).await?;
    }
    Ok(())
}

/// Plans an urgent message for one reader by one channel, if it may go now.
async fn plan_one(
    app: &App,
    wishes: &Wishes,
    channel: Channel,
    pending: &Pending,
    officer: bool,
) -> Result<()> {
    let day_on = app.clock.today().to_string();
    let account_id = officer.then_some(pending.reader_id);
    let place_id = (!officer).then_some(pending.reader_id);
    let today = app.store.deliveries_on(account_id, place_id, channel.code(), &day_on).await?;
    if !wishes.urgent_now(app.now(), |_| today).contains(&channel) {
        return Ok(());
    }
    let new = NewDelivery {
        id: new_id(),
        dedup_key: format!("urgent:{}:{}:{}", pending.message_id, pending.reader_id, channel.code()),
        account_id,
        place_id,
        message_id: Some(pending.message_id),
        channel: channel.code().to_owned(),
        day_on,
    };
    app.store.plan_delivery(&new, app.now()).await?;
    Ok(())
}

async fn plan_digests(app: &App) -> Result<()> {
    let (now, today) = (app.now(), app.clock.today());
    for (settings, last_on, unread) in app.store.digest_readers(now - DIGEST_MS).await? {
        let last = last_on.and_then(|day| day.parse().ok());
        if !wishes(&settings).digest_now(now, last, unread) {
            continue;
        }
        let new = NewDelivery {
            id: new_id(),
            dedup_key: format!("digest:{}:{today}", settings.account_id),
            account_id: Some(settings.account_id),
            place_id: None,
            message_id: None,
            channel: Channel::Email.code().to_owned(),
            day_on: today.to_string(),
        };
        app.store.plan_delivery(&new, now).await?;
    }
    Ok(())
}

/// Tries a delivery once, and settles it.
async fn attempt(app: &App, delivery: &Delivery) -> Result<()> {
    let now = app.now();
    let settings = match delivery.account_id {
        Some(id) => app.store.notice_settings(id).await?,
        None => None,
    };
    let wishes = settings.as_ref().map_or(OWNER, wishes);
    // A try that was put off into the night waits for the morning, costs none of its tries, and leaves its turn
    // to those that may go now.
    if wishes.quiet.holds(now) && !(delivery.message_id.is_some() && wishes.urgent_in_quiet) {
        app.store.put_off_delivery(delivery.id, wishes.quiet.end_after(now)).await?;
        return Ok(());
    }
    let next = back_off_ms(delivery.tries + 1);
    if !app.store.claim_delivery(delivery, now + next.unwrap_or(0)).await? {
        return Ok(());
    }
    let (state, error) = match send(app, delivery, settings.as_ref()).await {
        Ok(Outcome::Sent) => ("sent", String::new()),
        Ok(Outcome::Dropped) => ("dropped", String::new()),
        Err(error) => (if next.is_some() { "waiting" } else { "failed" }, reason(delivery, &error)),
    };
    Ok(app.store.settle_delivery(delivery.id, state, &error, now).await?)
}

/// Why a try failed, in the administrator's words; details go to the log.
fn reason(delivery: &Delivery, error: &anyhow::Error) -> String {
    tracing::warn!(channel = delivery.channel, error = format!("{error:#}"), "a message was not delivered");
    let text = match delivery.channel.as_str() {
        "email" => "Máy gửi thư không trả lời hoặc từ chối.",
        _ => "Cổng tin nhắn không trả lời hoặc từ chối.",
    };
    text.to_owned()
}

async fn send(app: &App, delivery: &Delivery, settings: Option<&NoticeSettings>) -> Result<Outcome> {
    match (delivery.channel.as_str(), delivery.message_id) {
        ("email", message_id) => {
            let Some(settings) = settings.filter(|kept| kept.email_verified_at.is_some()) else {
                return Ok(Outcome::Dropped);
            };
            let letter = match message_id {
                Some(id) => urgent_letter(app, id, settings).await?,
                None => digest_letter(app, settings).await?,
            };
            match letter {
                Some(letter) => post_letter(app, letter).await,
                None => Ok(Outcome::Dropped),
            }
        }
        (_, Some(message_id)) => send_text(app, delivery, message_id, settings).await,
        _ => Ok(Outcome::Dropped),
    }
}

/// A message that its reader has not read yet; none when he has, or the account is gone.
async fn unread(app: &App, account_id: i64, message_id: i64) -> Result<Option<store::messages::Message>> {
    let Some(account) = app.store.account(account_id).await?.filter(|account| account.active) else {
        return Ok(None);
    };
    let message = app.store.own_message(message_id, account.id, office_of(&account)).await?;
    Ok(message.filter(|message| message.read_at.is_none()))
}

/// The office whose messages an account reads.
fn office_of(account: &Account) -> i64 {
    let roles: Vec<Role> = account.roles.iter().filter_map(|code| Role::from_code(code)).collect();
    office_read_by(account.unit_id, &roles)
}

/// Language of a reader's e-mails.
fn lang_of(settings: &NoticeSettings) -> Lang {
    Lang::from_code(&settings.lang).unwrap_or(Lang::Vi)
}

/// The words of a message as they leave the product: no published list names a sensitive place, nor does a letter
/// or a text message.
async fn words_outside(app: &App, lang: Lang, source: &str, params: &str) -> Result<String> {
    let mut values: BTreeMap<String, String> = serde_json::from_str(params).unwrap_or_default();
    if let Some(name) = values.get_mut("place")
        && app.store.is_name_of_sensitive_place(name).await?
    {
        *name = app.catalog.text(lang, "một địa điểm").to_owned();
    }
    Ok(notify::words(&app.catalog, lang, source, &serde_json::to_string(&values)?))
}

fn address(app: &App, path: &str) -> String {
    format!("{}{path}", app.config.public_url.trim_end_matches('/'))
}

async fn urgent_letter(app: &App, message_id: i64, settings: &NoticeSettings) -> Result<Option<Letter>> {
    let Some(message) = unread(app, settings.account_id, message_id).await? else { return Ok(None) };
    let lang = lang_of(settings);
    let words = words_outside(app, lang, &message.source, &message.params).await?;
    let values = [("words", words), ("link", address(app, "/messages"))];
    let body = "{words}\n\nMở trong hệ thống: {link}\n\nThư này do hệ thống Vào Ra gửi; xin không trả lời. Đổi cách nhận tin ở trang Tin nhắn.\n";
    Ok(Some(Letter {
        to: settings.email.clone(),
        subject: app.catalog.fill(lang, "Vào Ra: có việc gấp", &[]),
        body: app.catalog.fill(lang, body, &values),
    }))
}

async fn digest_letter(app: &App, settings: &NoticeSettings) -> Result<Option<Letter>> {
    let Some(account) = app.store.account(settings.account_id).await?.filter(|account| account.active) else {
        return Ok(None);
    };
    let (since, lang) = (app.now() - DIGEST_MS, lang_of(settings));
    let waiting = app.store.inbox(account.id, office_of(&account), DIGEST_LINES, 0).await?;
    let waiting: Vec<_> =
        waiting.iter().filter(|message| message.read_at.is_none() && message.made_at >= since).collect();
    if waiting.is_empty() {
        return Ok(None);
    }
    let all = app.store.unread_since(account.id, office_of(&account), since, 1000).await?;
    let mut lines = String::new();
    for message in waiting {
        let words = words_outside(app, lang, &message.source, &message.params).await?;
        let day = domain::time::local_date(message.made_at).strftime("%d/%m");
        let mark = if message.urgent { "! " } else { "" };
        lines.push_str(&format!("- {mark}{words} ({day})\n"));
    }
    let values = [
        ("name", account.name.clone()),
        ("n", all.to_string()),
        ("lines", lines),
        ("link", address(app, "/messages")),
    ];
    let body = "Kính gửi anh/chị {name},\n\nAnh/chị có {n} tin chưa đọc:\n\n{lines}\nMở trong hệ thống: {link}\n\nThư này gửi mỗi ngày một lần, chỉ khi có tin. Đổi cách nhận tin ở trang Tin nhắn.\n";
    Ok(Some(Letter {
        to: settings.email.clone(),
        subject: app.catalog.fill(lang, "Vào Ra: {n} tin chưa đọc", &values),
        body: app.catalog.fill(lang, body, &values),
    }))
}

async fn post_letter(app: &App, letter: Letter) -> Result<Outcome> {
    if app.config.demo {
        tracing::info!("demo: no e-mail is sent");
        return Ok(Outcome::Sent);
    }
    let Some(server) = app.config.mail.clone() else { anyhow::bail!("no mail server is set") };
    tokio::task::spawn_blocking(move || mail::send(&server, &letter)).await??;
    Ok(Outcome::Sent)
}

async fn send_text(
    app: &App,
    delivery: &Delivery,
    message_id: i64,
    settings: Option<&NoticeSettings>,
) -> Result<Outcome> {
    let (message, phone, path) = match (delivery.account_id, delivery.place_id) {
        (Some(account_id), _) => {
            let phone = settings.filter(|kept| kept.phone_verified_at.is_some());
            let phone = phone.and_then(|kept| Phone::parse(&kept.phone).ok());
            (unread(app, account_id, message_id).await?, phone, "/messages")
        }
        (None, Some(place_id)) => {
            let message = app.store.message(message_id).await?;
            let place = app.store.place(place_id).await?;
            let contact = place.and_then(|place| open_contact(app, &place).ok());
            (message, contact.and_then(|contact| Phone::parse(&contact.phone).ok()), "/owner")
        }
        _ => return Ok(Outcome::Dropped),
    };
    let (Some(message), Some(phone)) = (message, phone) else { return Ok(Outcome::Dropped) };
    let words = words_outside(app, Lang::Vi, &message.source, &message.params).await?;
    let link = address(app, path);
    // The address stands whole at the end, however long the words are.
    let room = domain::notice::SMS_CHARS_MAX.saturating_sub(link.len() + 9);
    let words: String = sms_text(&words).chars().take(room).collect();
    match app.sender.send(&phone, format!("Vao Ra: {words} {link}"), "-").await? {
        Sent::OnItsWay | Sent::ShowOnScreen(_) => Ok(Outcome::Sent),
        Sent::NoGateway => anyhow::bail!("no SMS gateway is set"),
    }
}
