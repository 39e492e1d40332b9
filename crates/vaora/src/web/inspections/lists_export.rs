//! Lists of inspections and findings as a table: an annex of the unit and all below it.

use axum::extract::{Query, State};
use documents::{Cell, Column, ColumnKind, Table};
use domain::inspection::FindingCode;
use store::{findings::Finding, inspections::Inspection};

use super::{
    Desk,
    lists::{Asked, Listed, listed},
    type_names, whys,
};
use crate::{app::App, error::Result, page::Page, web::posters::download};

/// Rows in one file at most.
const ROWS_MAX: i64 = 10_000;

/// The list that the page shows, whole, as XLSX. Sensitive places are left out and counted.
///
/// # Errors
/// Not found for those who see no inspections, and for units outside the officer's subtree.
pub async fn xlsx(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let desk = Desk::of(&app, &page).await?;
    let unit = asked.unit(&desk)?;
    let today = app.clock.today().to_string();
    let sensitive = app.store.sensitive_places().await?;
    let is_open = |place_id: i64| sensitive.binary_search(&place_id).is_err();
    let (show, found, total) = listed(&app, unit, &asked, &today, ROWS_MAX, 0).await?;
    let (columns, rows) = match &found {
        Listed::Inspections(all) => {
            let types = type_names(&app, &page).await?;
            let kept = all.iter().filter(|one| is_open(one.place_id));
            (visit_columns(&page), kept.map(|one| visit(&page, &desk, &types, one)).collect::<Vec<_>>())
        }
        Listed::Findings(all) => {
            let kept = all.iter().filter(|one| is_open(one.place_id));
            (finding_columns(&page), kept.map(|one| finding(&page, &desk, one)).collect())
        }
    };
    let mut notes = vec![page.t(show.1)];
    let left_out = found.len().saturating_sub(rows.len());
    if left_out > 0 {
        notes.push(page.tf("Không có trong danh sách: {n} nơi nhạy cảm.", &[("n", left_out.to_string())]));
    }
    if total > ROWS_MAX {
        notes.push(page.tf(
            "Chỉ có {n} dòng đầu trong {all} dòng.",
            &[("n", ROWS_MAX.to_string()), ("all", total.to_string())],
        ));
    }
    let title = page.tf("Kiểm tra, {unit}", &[("unit", desk.tree.name(unit).to_owned())]);
    download(&Table { title, notes, columns, rows }, "kiem-tra", "xlsx", app.now())
}

fn columns(page: &Page, all: &[(&str, ColumnKind)]) -> Vec<Column> {
    all.iter().map(|(name, kind)| Column { name: page.t(name), kind: *kind }).collect()
}

fn visit_columns(page: &Page) -> Vec<Column> {
    let all = [
        ("Địa điểm", ColumnKind::Text),
        ("Loại", ColumnKind::Text),
        ("Địa chỉ", ColumnKind::Text),
        ("Xã, phường", ColumnKind::Text),
        ("Sở, ngành phụ trách", ColumnKind::Text),
        ("Người kiểm tra", ColumnKind::Text),
        ("Ngày", ColumnKind::Date),
        ("Đã kiểm tra", ColumnKind::Date),
        ("Vì sao", ColumnKind::Text),
    ];
    columns(page, &all)
}

fn finding_columns(page: &Page) -> Vec<Column> {
    let all = [
        ("Địa điểm", ColumnKind::Text),
        ("Xã, phường", ColumnKind::Text),
        ("Tồn tại", ColumnKind::Text),
        ("Ghi chú", ColumnKind::Text),
        ("Phát hiện", ColumnKind::Date),
        ("Hạn", ColumnKind::Date),
        ("Cơ sở trả lời", ColumnKind::Text),
    ];
    columns(page, &all)
}

fn day(text: Option<&str>) -> Cell {
    text.and_then(|day| day.parse().ok()).map_or(Cell::Empty, Cell::Date)
}

fn visit(
    page: &Page,
    desk: &Desk,
    types: &std::collections::HashMap<String, String>,
    one: &Inspection,
) -> Vec<Cell> {
    vec![
        Cell::Text(one.place_name.clone()),
        Cell::Text(types.get(&one.type_code).cloned().unwrap_or_default()),
        Cell::Text(one.address.clone()),
        Cell::Text(desk.tree.name(one.unit_id).to_owned()),
        one.department_id.map_or(Cell::Empty, |id| Cell::Text(desk.tree.name(id).to_owned())),
        Cell::Text(one.inspector.clone().unwrap_or_default()),
        day(one.day_on.as_deref()),
        day(one.done_on.as_deref()),
        Cell::Text(whys(page, &one.reasons).join("; ")),
    ]
}

fn finding(page: &Page, desk: &Desk, one: &Finding) -> Vec<Cell> {
    let words = FindingCode::from_code(&one.code).map(|code| page.t(code.label())).unwrap_or_default();
    vec![
        Cell::Text(one.place_name.clone()),
        Cell::Text(desk.tree.name(one.unit_id).to_owned()),
        Cell::Text(words),
        Cell::Text(one.note.clone()),
        day(Some(&one.found_on)),
        day(Some(&one.due_on)),
        Cell::Text(one.answer.clone()),
    ]
}
