//! Support tickets of a subtree: what is open, what is late, with filters.

use axum::extract::{Query, State};
use domain::{
    role::Role,
    support::{Reason, State as TicketState, median_hours},
    time::DAY_MS,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::tickets::{Ticket, TicketFilter};

use super::reasons;
use crate::{
    app::App, auth::Officer, error::Result, limits::PAGE_ROWS, page::Page, tree, web::office::Office,
};

/// Milliseconds over which the page's medians look: 30 days.
const LOOKED_BACK_MS: i64 = 30 * DAY_MS;

/// What to list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Filter {
    /// Unit whose subtree is listed; the officer's own when empty.
    unit: String,
    /// State, `open` or `late`; all when empty, open ones when missing.
    state: Option<String>,
    /// Reason.
    reason: String,
    /// Office that has to answer.
    office: String,
    /// Older than so many days.
    older: String,
    /// Page, from 1.
    page: usize,
}

impl Filter {
    /// The unit asked for; empty for the officer's own.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.unit
    }
}

/// Lists tickets.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn list(State(app): State<App>, page: Page, Query(filter): Query<Filter>) -> Result {
    let office = Office::of(&app, &page, &filter.unit).await?;
    let wanted = wanted(&app, &office, &filter);
    let total = usize::try_from(app.store.count_tickets(&wanted).await?).unwrap_or(0);
    let pages = total.div_ceil(PAGE_ROWS).max(1);
    let current = filter.page.clamp(1, pages);
    let limit = i64::try_from(PAGE_ROWS).unwrap_or(50);
    let offset = i64::try_from((current - 1) * PAGE_ROWS).unwrap_or(0);
    let tickets = app.store.tickets(&wanted, limit, offset).await?;
    let today = wanted.today.clone();
    let rows: Vec<Value> =
        tickets.iter().map(|ticket| row(&page, &office.tree, ticket, &today, app.now())).collect();
    let values = context! {
        rows, total, pages, current, query => format!("{}&page=", query_of(&filter, &wanted.state)),
        file_query => query_of(&filter, &wanted.state).trim_start_matches("/support?").to_owned(),
        open_href => query_of(&filter, "open"), late_href => query_of(&filter, "late"),
        unit_id => office.unit.to_string(), unit_name => office.tree.name(office.unit),
        filter => context! {
            unit => office.unit.to_string(), state => &wanted.state, reason => &filter.reason,
            older => &filter.older, office => &filter.office,
        },
        states => states(&page), reasons => reason_choices(&page, true), units => units(&office),
        figures => figures(&app, &office, &wanted).await?,
        may_ask => office.officer.has(Role::UnitOfficer),
        is_reviewer => office.officer.has(Role::Reviewer),
    };
    page.show("support.html", values).await
}

/// What a filter asks of the store.
pub(super) fn wanted(app: &App, office: &Office, filter: &Filter) -> TicketFilter {
    let older: i64 = filter.older.parse().unwrap_or(0);
    let before = if older > 0 { app.now() - older.saturating_mul(DAY_MS) } else { i64::MAX };
    // An office also sees what others handed up to it; a unit chosen from the list shows that unit alone.
    let root = if filter.unit.is_empty() { office.officer.unit_id } else { 0 };
    TicketFilter {
        root,
        state: filter.state.clone().unwrap_or_else(|| "open".to_owned()),
        reason: filter.reason.clone(),
        within: office.unit,
        office_id: filter.office.parse().unwrap_or(0),
        before,
        today: app.clock.today().to_string(),
    }
}

fn query_of(filter: &Filter, state: &str) -> String {
    let encode = |text: &str| minijinja::filters::urlencode(&text.into()).unwrap_or_default();
    let parts = [
        ("unit", filter.unit.as_str()),
        ("state", state),
        ("reason", &filter.reason),
        ("office", &filter.office),
        ("older", &filter.older),
    ];
    let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("/support?{}", parts.join("&"))
}

/// A ticket as a row of a list.
#[must_use]
pub fn row(
    page: &Page,
    tree: &domain::admin_unit::UnitTree,
    ticket: &Ticket,
    today: &str,
    now: i64,
) -> Value {
    let state = TicketState::from_code(&ticket.state).unwrap_or(TicketState::New);
    context! {
        id => ticket.id.to_string(), reason => reasons::label_of(page, &ticket.reason),
        place => &ticket.place_name, unit => tree.name(ticket.unit_id), office => tree.name(ticket.office_id),
        state => reasons::state_view(page, &ticket.state), opened_at => ticket.opened_at,
        is_open => state.is_open(), ack_due_on => &ticket.ack_due_on,
        late => state == TicketState::New && ticket.ack_due_on.as_str() < today,
        days => crate::notify::days_since(now, ticket.opened_at),
    }
}

fn states(page: &Page) -> Vec<Value> {
    let more = [("", "Tất cả"), ("open", "Chưa xong"), ("late", "Quá hạn nhận")];
    let more = more.iter().map(|(value, label)| context! { value => *value, label => page.t(label) });
    let all = TicketState::ALL
        .iter()
        .map(|state| context! { value => state.code(), label => page.t(reasons::state_label(*state)) });
    more.chain(all).collect()
}

/// Reasons for a choice; those of offices alone only for offices.
#[must_use]
pub fn reason_choices(page: &Page, office: bool) -> Vec<Value> {
    Reason::ALL
        .iter()
        .filter(|reason| office || !reason.is_of_office())
        .map(|reason| context! { value => reason.code(), label => page.t(reasons::label(*reason)) })
        .collect()
}

fn units(office: &Office) -> Vec<Value> {
    let root = office.officer.root(&office.tree);
    let tree = &office.tree;
    let mut choices: Vec<Value> = vec![context! { value => "", label => tree.name(root) }];
    choices.extend(
        tree::options(tree, |unit| unit.id != root && tree.is_within(unit.id, root))
            .into_iter()
            .map(|(id, label)| context! { value => id.to_string(), label }),
    );
    choices
}

async fn figures(app: &App, office: &Office, wanted: &TicketFilter) -> Result<Value> {
    let all = |state: &str| TicketFilter { state: state.to_owned(), ..wanted.clone() };
    let now = app.now();
    let spans = app.store.ticket_spans(office.unit, now - LOOKED_BACK_MS, now + 1).await?;
    Ok(context! {
        open => app.store.count_tickets(&all("open")).await?,
        late => app.store.count_tickets(&all("late")).await?,
        closed => spans.len(), median_hours => median_hours(spans),
    })
}

/// True for an officer who may answer a ticket for its office: one of the office or of an office above it.
#[must_use]
pub fn may_answer(tree: &domain::admin_unit::UnitTree, officer: &Officer, ticket: &Ticket) -> bool {
    let answers = officer.has(Role::UnitOfficer) || officer.has(Role::Reviewer);
    answers && tree.is_within(ticket.office_id, officer.root(tree))
}

/// True for an officer of the office that asked.
#[must_use]
pub fn is_asker(officer: &Officer, ticket: &Ticket) -> bool {
    officer.has(Role::UnitOfficer) && ticket.account_id.is_some() && ticket.unit_id == officer.unit_id
}
