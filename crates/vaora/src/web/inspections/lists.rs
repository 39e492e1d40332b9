//! Lists of inspections and findings within a unit, a page at a time.

use axum::extract::{Query, State};
use domain::inspection::FindingCode;
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    findings::Finding,
    inspections::{Inspection, Which},
};

use crate::{
    app::App,
    error::Result,
    limits::PAGE_ROWS,
    page::Page,
    web::inspections::{Desk, id_of, line, type_names},
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

/// Which list, of which unit, and which page of it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    show: String,
    /// A unit within the officer's own; the officer's own when empty.
    unit: String,
    page: usize,
}

impl Asked {
    /// The unit that is listed.
    ///
    /// # Errors
    /// Not found outside the officer's subtree.
    pub fn unit(&self, desk: &Desk) -> Result<i64> {
        if self.unit.is_empty() {
            return Ok(desk.root);
        }
        let unit = id_of(&self.unit)?;
        desk.officer.require_unit(&desk.tree, unit)?;
        Ok(unit)
    }
}

/// One page of a list.
pub enum Listed {
    /// Visits, made or to be made.
    Inspections(Vec<Inspection>),
    /// Findings.
    Findings(Vec<Finding>),
}

impl Listed {
    /// Rows of it.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Inspections(all) => all.len(),
            Self::Findings(all) => all.len(),
        }
    }

    /// True without rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Rows of a list of a unit, with the list's code and words, and how many rows there are.
///
/// # Errors
/// When the store refuses.
pub async fn listed(
    app: &App,
    unit: i64,
    asked: &Asked,
    today: &str,
    rows_max: i64,
    offset: i64,
) -> Result<((&'static str, &'static str), Listed, i64)> {
    let show = TABS.into_iter().find(|(code, _)| *code == asked.show).unwrap_or(TABS[0]);
    let which = match show.0 {
        "planned" => Some(Which::Planned),
        "overdue" => Some(Which::Overdue),
        "done" => Some(Which::Done),
        _ => None,
    };
    if let Some(which) = which {
        let (rows, total) = app.store.inspections_within(unit, which, today, rows_max, offset).await?;
        return Ok((show, Listed::Inspections(rows), total));
    }
    let (state, before) = match show.0 {
        "answered" => ("answered", NEVER),
        "late" => ("open", today),
        _ => ("open", NEVER),
    };
    let (rows, total) = app.store.findings_within(unit, state, before, rows_max, offset).await?;
    Ok((show, Listed::Findings(rows), total))
}

/// Shows a list.
///
/// # Errors
/// Not found for those who see no inspections, and for units outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let desk = Desk::of(&app, &page).await?;
    let unit = asked.unit(&desk)?;
    let today = app.clock.today().to_string();
    let rows_max = i64::try_from(PAGE_ROWS)?;
    let current = asked.page.clamp(1, PAGES_MAX);
    let offset = i64::try_from(current - 1)?.saturating_mul(rows_max);
    let ((show, _), found, total) = listed(&app, unit, &asked, &today, rows_max, offset).await?;
    let (mut inspections, mut findings) = (Vec::new(), Vec::new());
    match found {
        Listed::Inspections(rows) => {
            let types = type_names(&app, &page).await?;
            inspections = rows.iter().map(|one| line(&page, &desk.tree, &types, one, &today)).collect();
        }
        Listed::Findings(rows) => {
            findings = rows
                .iter()
                .map(|one| finding_line(&page, desk.tree.name(one.unit_id), one, &today))
                .collect();
        }
    }
    let of_unit = if unit == desk.root { String::new() } else { format!("&unit={unit}") };
    let tabs: Vec<Value> = TABS
        .iter()
        .map(|(code, label)| {
            let href = format!("/inspections/list?show={code}{of_unit}");
            context! { href, label => page.t(label), active => *code == show }
        })
        .collect();
    let pages = usize::try_from(total).unwrap_or(0).div_ceil(PAGE_ROWS).max(1);
    let values = context! {
        unit_name => desk.tree.name(unit), show, of_unit, tabs, inspections, findings, total, pages, current,
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
