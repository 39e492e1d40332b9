//! Lists of inspections and findings within a unit, a page at a time.

use axum::extract::{Query, State};
use domain::inspection::FindingCode;
use minijinja::{Value, context};
use serde::Deserialize;
use store::{findings::Finding, inspections::Which};

use crate::{
    app::App,
    error::Result,
    limits::PAGE_ROWS,
    page::Page,
    web::inspections::{Desk, line, type_names},
};

/// What to list, with the words of its tab.
const TABS: [(&str, &str); 6] = [
    ("planned", "Chưa kiểm tra"),
    ("overdue", "Quá ngày"),
    ("done", "Đã kiểm tra"),
    ("open", "Tồn tại đang mở"),
    ("late", "Tồn tại quá hạn"),
    ("answered", "Chờ xác nhận"),
];
/// Last page that is looked for; no list is so long.
const PAGES_MAX: usize = 1_000_000;
/// Later than any deadline.
const NEVER: &str = "9999-12-31";

/// Which list, and which page of it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    show: String,
    page: usize,
}

/// Shows a list.
///
/// # Errors
/// Not found for those who see no inspections.
pub async fn show(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let desk = Desk::of(&app, &page).await?;
    let show = TABS.iter().map(|(code, _)| *code).find(|code| *code == asked.show).unwrap_or("planned");
    let today = app.clock.today().to_string();
    let rows_max = i64::try_from(PAGE_ROWS)?;
    let current = asked.page.clamp(1, PAGES_MAX);
    let offset = i64::try_from(current - 1)?.saturating_mul(rows_max);
    let (mut inspections, mut findings) = (Vec::new(), Vec::new());
    let which = match show {
        "planned" => Some(Which::Planned),
        "overdue" => Some(Which::Overdue),
        "done" => Some(Which::Done),
        _ => None,
    };
    let total = if let Some(which) = which {
        let types = type_names(&app, &page).await?;
        let (rows, total) = app.store.inspections_within(desk.root, which, &today, rows_max, offset).await?;
        inspections = rows.iter().map(|one| line(&page, &desk.tree, &types, one, &today)).collect();
        total
    } else {
        let (state, before) = match show {
            "answered" => ("answered", NEVER),
            "late" => ("open", today.as_str()),
            _ => ("open", NEVER),
        };
        let (rows, total) = app.store.findings_within(desk.root, state, before, rows_max, offset).await?;
        findings =
            rows.iter().map(|one| finding_line(&page, desk.tree.name(one.unit_id), one, &today)).collect();
        total
    };
    let tabs: Vec<Value> = TABS
        .iter()
        .map(|(code, label)| {
            context! { href => format!("/inspections/list?show={code}"), label => page.t(label), active => *code == show }
        })
        .collect();
    let pages = usize::try_from(total).unwrap_or(0).div_ceil(PAGE_ROWS).max(1);
    let values = context! {
        unit_name => desk.tree.name(desk.root), show, tabs, inspections, findings, total, pages, current,
    };
    page.show("inspection_lists.html", values).await
}

/// A finding as lists show it.
#[must_use]
pub fn finding_line(page: &Page, commune: &str, one: &Finding, today: &str) -> Value {
    let code = FindingCode::from_code(&one.code);
    context! {
        id => one.id.to_string(), inspection => one.root_id.to_string(), place => &one.place_name,
        place_id => one.place_id.to_string(), commune,
        words => code.map(|code| page.t(code.label())), remedy => code.map(|code| page.t(code.remedy())),
        note => &one.note, state => &one.state, found_on => &one.found_on, due_on => &one.due_on,
        answer => &one.answer, answered_at => one.answered_at, closed_on => &one.closed_on,
        is_late => one.state == "open" && one.due_on.as_str() < today,
    }
}
