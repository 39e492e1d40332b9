//! Directives: letters sent down the tree, read and acknowledged.

pub mod letter;
pub mod send;

use axum::extract::{Query, State};
use domain::{
    directive::{CopyFacts, Standing},
    role::Role,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::directives::{Copy, Directive, Tally};

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    limits::PAGE_ROWS,
    page::Page,
    web::task::{Task, Tone},
};

/// What waits here for an officer, for the first page.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if !receives(officer) {
        return Ok(());
    }
    let today = app.clock.today().to_string();
    let (waiting, late, overdue) = app.store.directives_waiting(officer.unit_id, &today).await?;
    for (n, words, tone) in [
        (late, "{n} công văn quá hạn mà đơn vị chưa xác nhận", Tone::Bad),
        (waiting - late, "{n} công văn chờ đơn vị xác nhận", Tone::Warn),
        (overdue, "{n} công văn quá hạn, đơn vị chưa báo đã làm xong", Tone::Bad),
    ] {
        if n > 0 {
            tasks.push(Task::new(page, n, words, "/directives", tone));
        }
    }
    Ok(())
}

/// True for those who act for an office that letters come to.
#[must_use]
pub fn receives(officer: &Officer) -> bool {
    officer.has(Role::UnitOfficer) || officer.has(Role::Reviewer)
}

/// True for those who oversee the whole province's letters.
#[must_use]
pub fn oversees(officer: &Officer) -> bool {
    officer.has(Role::Reviewer) || officer.has(Role::CommitteeReader)
}

/// Which list and page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    /// `received` or `sent`.
    show: String,
    page: usize,
}

/// Lists the letters that the office got, or those that were sent.
///
/// # Errors
/// Not found for those whom letters are no business of.
pub async fn list(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result {
    let officer = page.officer()?;
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let tree = app.tree().await?;
    let may_send = send::may_send(&tree, officer);
    let sent = may_send && (which.show == "sent" || (which.show.is_empty() && oversees(officer)));
    let of = if oversees(officer) { 0 } else { officer.unit_id };
    let total = match sent {
        true => app.store.count_directives_sent(of).await?,
        false => app.store.count_directives_received(officer.unit_id).await?,
    };
    let total = usize::try_from(total).unwrap_or(0);
    let pages = total.div_ceil(PAGE_ROWS).max(1);
    let current = which.page.clamp(1, pages);
    let limit = i64::try_from(PAGE_ROWS).unwrap_or(50);
    let offset = i64::try_from((current - 1) * PAGE_ROWS).unwrap_or(0);
    let today = app.clock.today().to_string();
    let rows: Vec<Value> = if sent {
        let found = app.store.directives_sent(of, &today, limit, offset).await?;
        found.iter().map(|tally| tally_view(&page, &tree, tally)).collect()
    } else {
        let found = app.store.directives_received(officer.unit_id, limit, offset).await?;
        found.iter().map(|(letter, copy)| received_view(&page, &tree, letter, copy, &today)).collect()
    };
    let show = if sent { "sent" } else { "received" };
    let tab = |code: &str, label: &str| context! { href => format!("/directives?show={code}"), label => page.t(label), active => code == show };
    let values = context! {
        rows, total, pages, current, show, may_send,
        tabs => [tab("received", "Đã nhận"), tab("sent", "Đã gửi")],
        oversees => oversees(officer),
    };
    page.show("directives.html", values).await
}

/// How a letter itself stands, as words and tone.
#[must_use]
pub fn state_view(page: &Page, letter: &Directive) -> Value {
    let (label, tone) = match letter.state.as_str() {
        "withdrawn" => ("Đã thu hồi", "bad"),
        "replaced" => ("Đã thay thế", ""),
        _ => ("Còn hiệu lực", "good"),
    };
    context! { code => &letter.state, label => page.t(label), tone }
}

/// A letter for a template.
#[must_use]
pub fn letter_view(page: &Page, tree: &domain::admin_unit::UnitTree, letter: &Directive) -> Value {
    context! {
        id => letter.id.to_string(), number => &letter.number, issued_on => &letter.issued_on,
        issuer => &letter.issuer, summary => &letter.summary, asked => &letter.asked, due_on => &letter.due_on,
        sender => tree.name(letter.unit_id), sent_at => letter.sent_at, state => state_view(page, letter),
        state_reason => &letter.state_reason, replaced_by => letter.replaced_by.map(|id| id.to_string()),
    }
}

fn tally_view(page: &Page, tree: &domain::admin_unit::UnitTree, tally: &Tally) -> Value {
    let late = if tally.directive.state == "sent" { tally.late } else { 0 };
    context! {
        letter => letter_view(page, tree, &tally.directive), copies => tally.copies,
        acknowledged => tally.acknowledged, done => tally.done, late,
    }
}

fn received_view(
    page: &Page,
    tree: &domain::admin_unit::UnitTree,
    letter: &Directive,
    copy: &Copy,
    today: &str,
) -> Value {
    context! {
        letter => letter_view(page, tree, letter), due_on => &copy.due_on, from => tree.name(copy.from_unit_id),
        received_at => copy.received_at, standing => standing_view(page, copy, today),
    }
}

/// How a copy stands, as words and tone.
#[must_use]
pub fn standing_view(page: &Page, copy: &Copy, today: &str) -> Value {
    let standing = standing(copy, today);
    let (label, tone) = match standing {
        Standing::Late => ("Quá hạn, chưa xác nhận", "bad"),
        Standing::Overdue => ("Quá hạn, chưa xong", "bad"),
        Standing::Unread => ("Chưa mở", "warn"),
        Standing::Read => ("Đã mở, chưa xác nhận", "warn"),
        Standing::Acknowledged => ("Đã xác nhận", "info"),
        Standing::InProgress => ("Đang làm", "info"),
        Standing::Done => ("Đã làm xong", "good"),
    };
    context! { code => standing.code(), label => page.t(label), tone }
}

/// How a copy stands.
#[must_use]
pub fn standing(copy: &Copy, today: &str) -> Standing {
    let facts = CopyFacts {
        is_read: copy.read_at.is_some(),
        is_acknowledged: copy.acknowledged_at.is_some(),
        progress: &copy.progress,
        due_on: &copy.due_on,
    };
    Standing::of(facts, today)
}
