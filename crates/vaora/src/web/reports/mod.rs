//! Reports of a period: drafts, what is sent, taken, merged, proposed, decided and printed.

pub mod content;
pub mod decide;
pub mod document;
pub mod draft;
pub mod figures;
pub mod merge;
pub mod overview;
pub mod proposals;
pub mod proposals_act;
pub mod signer;
pub mod silent;
pub mod templates;
pub mod view;

use domain::{
    admin_unit::UnitTree,
    calendar::Calendar,
    proposal,
    report::{Kind, Punctuality, State, punctuality},
    role::Role,
    time::local_date,
};
use jiff::civil::Date;
use minijinja::{Value, context};
use store::{report_periods::ReportPeriod, reports::Report};

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    jobs::reports::span_of,
    page::Page,
    web::task::{Task, Tone},
};

/// Who reads reports of their subtree.
pub const READERS: [Role; 3] = [Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader];

/// The unit whose report an officer writes and whose level takes those below: the province for Sở TTTT, the own
/// office for unit officers; none for the Committee, which reads.
#[must_use]
pub fn desk(officer: &Officer, tree: &UnitTree) -> Option<i64> {
    if officer.has(Role::Reviewer) {
        return tree.path(officer.unit_id).last().map(|top| top.id);
    }
    officer.has(Role::UnitOfficer).then_some(officer.unit_id)
}

/// A report within the officer's subtree, with its period.
async fn readable(app: &App, page: &Page, id: i64) -> Result<(Report, ReportPeriod)> {
    let officer = page.officer()?;
    officer.require(&READERS)?;
    let report = app.store.report(id).await?.ok_or(AppError::NotFound)?;
    officer.require_unit(&*app.tree().await?, report.unit_id)?;
    let period = app.store.report_period(report.period_id).await?.ok_or(AppError::NotFound)?;
    Ok((report, period))
}

/// True for a report that another unit is still writing: its words and items are nobody else's until it is sent.
async fn is_unsent_elsewhere(app: &App, page: &Page, report: &Report) -> Result<bool> {
    let own = desk(page.officer()?, &*app.tree().await?) == Some(report.unit_id);
    Ok(!own && state_of(report).is_editable())
}

/// The state of a stored report; a draft when the code is not known.
fn state_of(report: &Report) -> State {
    State::from_code(&report.state).unwrap_or(State::Draft)
}

/// A period as pages show it.
fn period_view(page: &Page, period: &ReportPeriod) -> Value {
    let last = span_of(period).map(|span| span.last().to_string()).unwrap_or_default();
    let kind = Kind::from_code(&period.kind).unwrap_or(Kind::AdHoc);
    context! {
        id => period.id.to_string(), kind => page.t(kind.label()), title => period.title.clone(),
        from => period.from_on.clone(), last, until => period.until_on.clone(), is_weekly => kind == Kind::Weekly,
    }
}

/// How a report stands against its deadline.
fn punctuality_of(report: &Report, today: Date, calendar: &Calendar) -> Punctuality {
    let due = report.due_on.parse().unwrap_or(today);
    punctuality(due, report.first_sent_at.map(local_date), today, calendar)
}

/// Words and tone for the state against the deadline.
fn punctuality_view(page: &Page, punctuality: Punctuality) -> Value {
    let days = |days: u32| vec![("n", days.to_string())];
    let (text, tone) = match punctuality {
        Punctuality::OnTime => (page.t("đúng hạn"), "good"),
        Punctuality::Waiting => (page.t("còn hạn"), ""),
        Punctuality::Late(n) => (page.tf("chậm {n} ngày làm việc", &days(n)), "warn"),
        Punctuality::Silent(n) => (page.tf("chưa gửi, quá hạn {n} ngày làm việc", &days(n)), "bad"),
    };
    context! { text, tone }
}

/// Words and tone for a report's state. Nobody takes the province's: it is done once it went up for signing.
fn state_view(page: &Page, report: &Report) -> Value {
    let state = state_of(report);
    if report.above_id.is_none() && state == State::Submitted {
        return context! { code => state.code(), text => page.t("Đã trình ký"), tone => "good", editable => false };
    }
    let tone = match state {
        State::Draft => "",
        State::Submitted => "info",
        State::Returned => "bad",
        State::Accepted => "good",
    };
    context! { code => state.code(), text => page.t(state.label()), tone, editable => state.is_editable() }
}

/// What waits here for an officer, for the first page.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if !officer.roles.iter().any(|role| READERS.contains(role)) {
        return Ok(());
    }
    let tree = app.tree().await?;
    let today = app.clock.today().to_string();
    if let Some(unit_id) = desk(officer, &tree) {
        let own = app.store.reports_to_send(unit_id).await?;
        // The latest alone is shown as work; older ones stand on the page.
        if let Some(report) = own.first() {
            let href = format!("/reports/{}", report.id);
            let (words, tone) = if report.state == State::Returned.code() {
                ("Báo cáo bị trả lại: hãy sửa và gửi lại", Tone::Bad)
            } else if report.due_on < today {
                ("Báo cáo của đơn vị đã quá hạn gửi", Tone::Bad)
            } else {
                ("Báo cáo của đơn vị chờ anh/chị hoàn thành và gửi", Tone::Warn)
            };
            tasks.push(Task::new(page, 1, words, href, tone));
        }
        let waiting = app.store.reports_waiting(unit_id).await?;
        if waiting > 0 {
            tasks.push(Task::new(page, waiting, "{n} báo cáo chờ tiếp nhận", "/reports", Tone::Warn));
        }
    }
    proposal_tasks(app, page, officer, tasks, &today).await
}

async fn proposal_tasks(
    app: &App,
    page: &Page,
    officer: &Officer,
    tasks: &mut Vec<Task>,
    today: &str,
) -> Result<()> {
    if officer.has(Role::UnitOfficer) && !officer.has(Role::Reviewer) {
        let in_hand = app.store.proposals_in_hand_of(officer.unit_id, 100).await?;
        if !in_hand.is_empty() {
            let late = in_hand.iter().any(|one| one.due_on.as_deref().is_some_and(|due| due < today));
            let count = i64::try_from(in_hand.len()).unwrap_or(0);
            let tone = if late { Tone::Bad } else { Tone::Warn };
            let words = "{n} kiến nghị giao đơn vị anh/chị thực hiện";
            tasks.push(Task::new(page, count, words, "/proposals?show=mine", tone));
        }
        return Ok(());
    }
    let counts = app.store.proposal_counts(today).await?;
    let of = |states: &[proposal::State]| -> i64 {
        let wanted = |state: &str| states.iter().any(|one| one.code() == state);
        counts.iter().filter(|count| wanted(&count.state)).map(|count| count.proposals).sum()
    };
    let overdue: i64 = counts.iter().map(|count| count.overdue).sum();
    let before_sending =
        [proposal::State::Raised, proposal::State::HandlingProposed, proposal::State::MoreInformation];
    let (open, sent) = (of(&before_sending), of(&[proposal::State::Sent]));
    if officer.has(Role::Reviewer) && open > 0 {
        tasks.push(Task::new(page, open, "{n} kiến nghị chờ hướng xử lý", "/proposals", Tone::Warn));
    }
    if officer.has(Role::CommitteeReader) && sent > 0 {
        let words = "{n} kiến nghị chờ UBND tỉnh quyết định";
        tasks.push(Task::new(page, sent, words, "/proposals?show=sent", Tone::Warn));
    }
    if overdue > 0 {
        let words = "{n} kiến nghị đã quá hạn thực hiện";
        tasks.push(Task::new(page, overdue, words, "/proposals?show=in_hand", Tone::Bad));
    }
    Ok(())
}
