//! The list of tickets as a table to keep or to work on: the filters of the page hold. What was asked stays in the
//! product, for it may name people.

use axum::extract::{Query, State};
use documents::{Cell, Column, ColumnKind, Table};
use domain::support::State as TicketState;
use serde::Deserialize;
use store::tickets::Ticket;

use super::{
    reasons,
    support::{Filter, wanted},
};
use crate::{
    app::App,
    error::Result,
    page::Page,
    web::{office::Office, posters::download},
};

/// Tickets in one file at most, the latest first.
const ROWS_MAX: i64 = 10_000;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// Which kind of file.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Kind {
    /// `xlsx` or `csv`.
    format: String,
}

/// The tickets that the page lists, as a file.
///
/// # Errors
/// Not found for units outside the officer's subtree, and for kinds of file that there are not.
pub async fn export(
    State(app): State<App>,
    page: Page,
    Query(filter): Query<Filter>,
    Query(kind): Query<Kind>,
) -> Result {
    let office = Office::of(&app, &page, filter.unit()).await?;
    let wanted = wanted(&app, &office, &filter);
    let total = app.store.count_tickets(&wanted).await?;
    let tickets = app.store.tickets(&wanted, ROWS_MAX, 0).await?;
    let sensitive = app.store.sensitive_places().await?;
    let mut notes =
        vec![page.tf("Số liệu ngày {date}", &[("date", app.clock.today().strftime("%d/%m/%Y").to_string())])];
    if total > ROWS_MAX {
        let numbers = [("n", ROWS_MAX.to_string()), ("all", total.to_string())];
        notes.push(page.tf("Chỉ có {n} phiếu mới nhất trong {all} phiếu; hãy lọc hẹp hơn.", &numbers));
    }
    let rows = tickets.iter().map(|ticket| row(&page, &office, ticket, &sensitive)).collect();
    let title = page.tf("Phiếu hỗ trợ, {unit}", &[("unit", office.tree.name(office.unit).to_owned())]);
    let table = Table { title, notes, columns: columns(&page), rows };
    let format = if kind.format.is_empty() { "xlsx" } else { kind.format.as_str() };
    download(&table, "phieu-ho-tro", format, app.now())
}

fn columns(page: &Page) -> Vec<Column> {
    let all = [
        ("Gửi lúc", ColumnKind::DateTime),
        ("Lý do", ColumnKind::Text),
        ("Địa điểm", ColumnKind::Text),
        ("Nơi gửi", ColumnKind::Text),
        ("Nơi xử lý", ColumnKind::Text),
        ("Tình trạng", ColumnKind::Text),
        ("Hạn nhận", ColumnKind::Date),
        ("Nhận lúc", ColumnKind::DateTime),
        ("Giải quyết lúc", ColumnKind::DateTime),
        ("Số giờ giải quyết", ColumnKind::Integer),
        ("Số lần mở lại", ColumnKind::Integer),
    ];
    all.into_iter().map(|(name, kind)| Column { name: page.t(name), kind }).collect()
}

fn row(page: &Page, office: &Office, ticket: &Ticket, sensitive: &[i64]) -> Vec<Cell> {
    let at = |moment: Option<i64>| moment.map_or(Cell::Empty, Cell::DateTime);
    // No exported list names a sensitive place.
    let hidden = ticket.place_id.is_some_and(|id| sensitive.binary_search(&id).is_ok());
    let place = match &ticket.place_name {
        Some(_) if hidden => Cell::Text(page.t("nơi nhạy cảm")),
        Some(name) => Cell::Text(name.clone()),
        None => Cell::Empty,
    };
    let state = TicketState::from_code(&ticket.state).unwrap_or(TicketState::New);
    vec![
        Cell::DateTime(ticket.opened_at),
        Cell::Text(reasons::label_of(page, &ticket.reason)),
        place,
        Cell::Text(office.tree.name(ticket.unit_id).to_owned()),
        Cell::Text(office.tree.name(ticket.office_id).to_owned()),
        Cell::Text(page.t(reasons::state_label(state))),
        ticket.ack_due_on.parse().map_or(Cell::Empty, Cell::Date),
        at(ticket.acknowledged_at),
        at(ticket.solved_at),
        ticket
            .solved_at
            .map_or(Cell::Empty, |solved| Cell::Integer((solved - ticket.opened_at).max(0) / HOUR_MS)),
        Cell::Integer(ticket.reopened),
    ]
}
