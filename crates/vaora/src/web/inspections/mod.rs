//! Inspections: plans, checks at the door, findings and what follows from them.

pub mod at_place;
pub mod device;
pub mod follow;
mod jpeg;
pub mod lists;
pub mod lists_export;
pub mod minutes;
pub mod overview;
pub mod plan;
pub mod plan_new;
pub mod ratios;
pub mod record;
pub mod record_form;
pub mod record_parts;
pub mod show;
pub mod suspensions;
pub mod tell;

use std::collections::HashMap;

use domain::{admin_unit::UnitTree, inspection::risk, role::Role};
use jiff::civil::Date;
use minijinja::{Value, context};
use store::inspections::Inspection;

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    figures::is_department,
    i18n::Lang,
    page::Page,
    web::task::{Task, Tone},
};

/// What inspections came to in a period, for a unit and all below it. Counts of inspections, findings and acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeriodFigures {
    /// Inspections whose planned day lies in the period, done or not.
    pub planned: i64,
    /// Inspections done in the period.
    pub done: i64,
    /// Findings found in the period.
    pub findings: i64,
    /// Findings closed in the period.
    pub findings_closed: i64,
    /// Reminders sent in the period.
    pub reminders: i64,
    /// Proposals to suspend made in the period.
    pub suspensions_proposed: i64,
    /// Places suspended in the period.
    pub suspended: i64,
}

/// Figures of a unit and all below it for the local days `from..until` (half-open); of a department, those of the
/// places that it answered for when they were inspected. They are the same inspections seen from another side: a
/// department's are never added to a territory's.
///
/// # Errors
/// When the store refuses.
pub async fn period_figures(
    app: &App,
    _tree: &UnitTree,
    unit_id: i64,
    from: Date,
    until: Date,
) -> Result<PeriodFigures> {
    let f = app.store.inspection_figures(unit_id, &from.to_string(), &until.to_string()).await?;
    Ok(PeriodFigures {
        planned: f.planned,
        done: f.done,
        findings: f.findings,
        findings_closed: f.findings_closed,
        reminders: f.reminders,
        suspensions_proposed: f.suspensions_proposed,
        suspended: f.suspended,
    })
}

/// Inspections of one officer that a first page or a phone looks at.
const OWN_MAX: i64 = 200;

/// What waits here for an officer, for the first page.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if !sees(officer) {
        return Ok(());
    }
    let tree = app.tree().await?;
    let today = app.clock.today().to_string();
    let own = app.store.inspections_of_inspector(officer.id, OWN_MAX).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(0);
    let due = own.iter().filter(|one| one.day_on.as_deref().is_some_and(|day| day <= today.as_str())).count();
    if due > 0 {
        let words = "{n} nơi anh/chị cần đến kiểm tra, đã tới ngày";
        tasks.push(Task::new(page, count(due), words, "/inspections", Tone::Warn));
    } else if !own.is_empty() {
        let words = "{n} nơi anh/chị sẽ đến kiểm tra";
        tasks.push(Task::new(page, count(own.len()), words, "/inspections", Tone::Info));
    }
    if officer.has(Role::UnitOfficer) {
        let root = officer.root(&tree);
        let sums = app.store.inspection_sums(root, &today, &today).await?;
        // What a place answers is confirmed by its commune; a department urges.
        let urges = is_department(&tree, root);
        let answered: i64 = sums.iter().map(|sum| sum.answered).sum();
        if answered > 0 && !urges {
            let words = "{n} tồn tại cơ sở báo đã khắc phục, chờ xác nhận";
            tasks.push(Task::new(page, answered, words, "/inspections/list?show=answered", Tone::Warn));
        }
        let late: i64 = sums.iter().map(|sum| sum.late).sum();
        if late > 0 {
            let (words, tone) = if urges {
                ("{n} tồn tại quá hạn ở nơi sở, ngành phụ trách: đôn đốc cơ sở", Tone::Warn)
            } else {
                ("{n} tồn tại quá hạn khắc phục", Tone::Bad)
            };
            tasks.push(Task::new(page, late, words, "/inspections/list?show=late", tone));
        }
    }
    if let Some(office) = suspensions::deciding_office(officer, &tree) {
        let waiting = app.store.suspensions_waiting(office).await?;
        if waiting > 0 {
            let words = "{n} đề xuất tạm dừng hoạt động chờ quyết định";
            tasks.push(Task::new(page, waiting, words, "/inspections/suspensions", Tone::Bad));
        }
    }
    Ok(())
}

/// True for those who see inspections of their subtree.
#[must_use]
pub fn sees(officer: &Officer) -> bool {
    officer.roles.iter().any(|role| role.sees_coverage())
}

/// True for those who plan: Sở TTTT for the province, a district's officers for its territory.
#[must_use]
pub fn may_plan(officer: &Officer, tree: &UnitTree) -> bool {
    let of_district = tree.get(officer.unit_id).is_some_and(|unit| unit.level == "district");
    officer.has(Role::Reviewer) || (officer.has(Role::UnitOfficer) && of_district)
}

/// Passes those who follow an inspection up: its inspector, and offices with the commune in their subtree. The
/// Committee reads and decides, it does not tick off findings.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn may_follow(officer: &Officer, tree: &UnitTree, unit_id: i64, inspector: Option<i64>) -> Result<()> {
    if inspector == Some(officer.id) {
        return Ok(());
    }
    officer.require(&[Role::UnitOfficer, Role::Reviewer])?;
    officer.require_unit(tree, unit_id)
}

/// Passes those who may read an inspection.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn may_read(officer: &Officer, tree: &UnitTree, inspection: &Inspection) -> Result<()> {
    if inspection.inspector_id == Some(officer.id) {
        return Ok(());
    }
    if !sees(officer) {
        return Err(AppError::NotFound);
    }
    // A department reads of the places that it answers for; what follows is seen to by their communes.
    if inspection.department_id.is_some_and(|id| tree.is_within(id, officer.root(tree))) {
        return Ok(());
    }
    officer.require_unit(tree, inspection.unit_id)
}

/// An officer of the area's pages, with the tree and the unit he sees.
pub struct Desk {
    /// The officer.
    pub officer: Officer,
    /// The tree of today.
    pub tree: std::sync::Arc<UnitTree>,
    /// The unit whose subtree is his.
    pub root: i64,
}

impl Desk {
    /// The desk of a page.
    ///
    /// # Errors
    /// Not found for those who see no inspections.
    pub async fn of(app: &App, page: &Page) -> Result<Self> {
        let officer = page.officer()?.clone();
        if !sees(&officer) {
            return Err(AppError::NotFound);
        }
        let tree = app.tree().await?;
        let root = officer.root(&tree);
        Ok(Self { officer, tree, root })
    }

    /// As [`Desk::of`], for those who plan.
    ///
    /// # Errors
    /// Not found otherwise.
    pub async fn planning(app: &App, page: &Page) -> Result<Self> {
        let desk = Self::of(app, page).await?;
        if may_plan(&desk.officer, &desk.tree) { Ok(desk) } else { Err(AppError::NotFound) }
    }
}

/// Names of place types in the reader's language, by code.
///
/// # Errors
/// When the store refuses.
pub async fn type_names(app: &App, page: &Page) -> Result<HashMap<String, String>> {
    let types = app.store.place_types().await?.into_iter();
    let vi = page.lang == Lang::Vi;
    Ok(types.map(|kind| (kind.code, if vi { kind.name_vi } else { kind.name_en })).collect())
}

/// Stored reasons in the reader's words.
#[must_use]
pub fn whys(page: &Page, reasons: &str) -> Vec<String> {
    risk::whys_of(reasons)
        .into_iter()
        .map(|why| page.tf(why.label(), &[("n", why.number().to_string())]))
        .collect()
}

/// An inspection as lists show it.
#[must_use]
pub fn line(
    page: &Page,
    tree: &UnitTree,
    types: &HashMap<String, String>,
    one: &Inspection,
    today: &str,
) -> Value {
    let district = tree.path(one.unit_id).into_iter().find(|unit| unit.level == "district");
    context! {
        id => one.id.to_string(), place_id => one.place_id.to_string(), place => &one.place_name,
        address => &one.address, commune => tree.name(one.unit_id),
        district => district.map(|unit| unit.full_name.clone()),
        type_name => types.get(&one.type_code), day_on => &one.day_on, done_on => &one.done_on,
        inspector => &one.inspector, state => &one.state, score => one.score, whys => whys(page, &one.reasons),
        is_overdue => one.state == "planned" && one.day_on.as_deref().is_some_and(|day| day < today),
    }
}

/// The id in an address or a form; not found when it is none.
fn id_of(text: &str) -> Result<i64> {
    text.parse().map_err(|_| AppError::NotFound)
}
