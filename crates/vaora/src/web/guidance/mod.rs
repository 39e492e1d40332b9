//! Guidance and support: guides, campaigns, tickets.

pub mod campaign_edit;
pub mod campaigns;
pub mod effects;
pub mod faq;
pub mod figures;
pub mod guides;
pub mod reasons;
pub mod support;
pub mod support_export;
pub mod support_new;
pub mod ticket;

pub use figures::{GuidanceFigures, period_figures};

use domain::role::Role;

use crate::{
    app::App,
    auth::Officer,
    error::Result,
    page::Page,
    web::{
        forms::Errors,
        task::{Task, Tone},
    },
};

/// What waits here for an officer, for the first page.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if officer.has(Role::Administrator) {
        let week_ago = app.now() - 7 * domain::time::DAY_MS;
        let failed = app.store.failed_deliveries(week_ago).await?;
        if failed > 0 {
            let words = "{n} thư, tin nhắn không gửi được trong tuần qua";
            tasks.push(Task::new(page, failed, words, "/messages/deliveries", Tone::Bad));
        }
    }
    if !officer.has(Role::UnitOfficer) && !officer.has(Role::Reviewer) {
        return Ok(());
    }
    let today = app.clock.today().to_string();
    let office = officer.unit_id;
    let (new, late, taken) = app.store.tickets_of_office(office, &today).await?;
    let back = app.store.tickets_waiting_for_unit(office).await?;
    let to_close = app.store.campaigns_to_close(office, &today).await?;
    let mine = format!("/support?office={office}&state=");
    for (n, words, href, tone) in [
        (late, "{n} phiếu hỗ trợ quá hạn mà chưa ai nhận", format!("{mine}late"), Tone::Bad),
        (new - late, "{n} phiếu hỗ trợ mới chờ nhận", format!("{mine}new"), Tone::Warn),
        (taken, "{n} phiếu hỗ trợ đang xử lý", format!("{mine}taken"), Tone::Info),
        (back, "{n} phiếu của đơn vị đã có trả lời", "/support?state=".to_owned(), Tone::Warn),
        (
            to_close,
            "{n} đợt tuyên truyền đã xong, chờ ghi số người tiếp cận",
            "/campaigns".to_owned(),
            Tone::Warn,
        ),
    ] {
        if n > 0 {
            tasks.push(Task::new(page, n, words, href, tone));
        }
    }
    Ok(())
}

/// Text of several lines from a field: trimmed, bounded, without control characters but line ends. Empty text is
/// wrong where it is `required`.
pub fn prose(
    page: &Page,
    errors: &mut Errors,
    field: &'static str,
    text: &str,
    chars_max: usize,
    required: bool,
) -> String {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() && required {
        errors.add(field, page.t("Ô này không được để trống."));
    } else if text.chars().count() > chars_max {
        let max = chars_max.to_string();
        errors.add(field, page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", max)]));
    } else if text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t') {
        errors.add(field, page.t("Có ký tự không in được; hãy gõ lại."));
    }
    text
}

/// A day from a field, as browsers send it.
pub fn day(page: &Page, errors: &mut Errors, field: &'static str, text: &str) -> Option<jiff::civil::Date> {
    let day = text.trim().parse::<jiff::civil::Date>().ok();
    let day = day.filter(|day| (2020..=2100).contains(&day.year()));
    if day.is_none() {
        errors.add(field, page.t("Hãy chọn một ngày."));
    }
    day
}

/// The id that a form carries, so that sending it twice is the same as once; a fresh one where it carries none.
#[must_use]
pub fn form_id(text: &str) -> i64 {
    text.parse().ok().filter(|id| *id > 0).unwrap_or_else(crate::ids::new_id)
}
