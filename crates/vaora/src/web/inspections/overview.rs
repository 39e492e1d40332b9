//! The area's first page: my visits, plans, and where each unit stands.

use std::collections::HashMap;

use axum::extract::State;
use domain::{admin_unit::UnitTree, inspection::FindingCode, role::Role};
use jiff::ToSpan as _;
use minijinja::{Value, context};
use store::inspection_figures::InspectionSum;

use crate::{
    app::App,
    error::Result,
    figures::is_department,
    page::Page,
    web::inspections::{Desk, OWN_MAX, line, may_plan, suspensions, type_names},
};

/// Days of inspections made that are counted.
pub const DONE_DAYS: i64 = 90;
/// Plans on the page.
const PLANS_MAX: i64 = 20;

/// Shows it.
///
/// # Errors
/// Not found for those who see no inspections.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let desk = Desk::of(&app, &page).await?;
    let today = app.clock.today();
    let day = today.to_string();
    let since = today.saturating_sub(DONE_DAYS.days()).to_string();
    let sums = app.store.inspection_sums(desk.root, &day, &since).await?;
    let types = type_names(&app, &page).await?;
    let own = app.store.inspections_of_inspector(desk.officer.id, OWN_MAX).await?;
    let own: Vec<Value> = own.iter().map(|one| line(&page, &desk.tree, &types, one, &day)).collect();
    let codes = app.store.open_findings_by_code(desk.root).await?;
    let kinds: Vec<Value> = codes
        .into_iter()
        .filter_map(|(code, n)| Some(context! { label => page.t(FindingCode::from_code(&code)?.label()), n }))
        .collect();
    let values = context! {
        unit_name => desk.tree.name(desk.root), own, kinds, days => DONE_DAYS,
        is_department => is_department(&desk.tree, desk.root),
        total => view(&total(&sums)), units => units(&desk.tree, desk.root, &sums),
        plans => plans(&app, &desk).await?, may_plan => may_plan(&desk.officer, &desk.tree),
        sees_ratios => desk.officer.has(Role::Reviewer) || desk.officer.has(Role::CommitteeReader),
        decides => suspensions::deciding_office(&desk.officer, &desk.tree).is_some(),
    };
    page.show("inspections.html", values).await
}

fn total(sums: &[InspectionSum]) -> InspectionSum {
    let mut total = InspectionSum::default();
    for sum in sums {
        add(&mut total, sum);
    }
    total
}

fn add(total: &mut InspectionSum, sum: &InspectionSum) {
    total.planned += sum.planned;
    total.overdue += sum.overdue;
    total.done += sum.done;
    total.open += sum.open;
    total.late += sum.late;
    total.answered += sum.answered;
    total.proposed += sum.proposed;
    total.suspended += sum.suspended;
}

fn view(sum: &InspectionSum) -> Value {
    context! {
        planned => sum.planned, overdue => sum.overdue, done => sum.done, open => sum.open, late => sum.late,
        answered => sum.answered, proposed => sum.proposed, suspended => sum.suspended,
    }
}

/// Sums by the units directly below, those with most left to do first; units with nothing are left out.
fn units(tree: &UnitTree, root: i64, sums: &[InspectionSum]) -> Vec<Value> {
    let mut by_child: HashMap<i64, InspectionSum> = HashMap::new();
    for sum in sums {
        let path = tree.path(sum.unit_id);
        // A department's places lie in communes that are not below it: named by their districts.
        let top = path.iter().position(|unit| unit.id == root).or(path.len().checked_sub(1));
        let child = top.and_then(|at| path.get(at.checked_sub(1)?));
        if let Some(child) = child {
            add(by_child.entry(child.id).or_default(), sum);
        }
    }
    let mut rows: Vec<(i64, InspectionSum)> = by_child.into_iter().collect();
    rows.sort_by_key(|(id, sum)| (std::cmp::Reverse((sum.proposed, sum.late, sum.overdue, sum.open)), *id));
    rows.iter()
        .map(|(id, sum)| context! { id => id.to_string(), name => tree.name(*id), ..view(sum) })
        .collect()
}

async fn plans(app: &App, desk: &Desk) -> Result<Vec<Value>> {
    if !may_plan(&desk.officer, &desk.tree) {
        return Ok(Vec::new());
    }
    let plans = app.store.inspection_plans_within(desk.root, PLANS_MAX).await?;
    Ok(plans
        .into_iter()
        .map(|one| {
            context! {
                id => one.plan.id.to_string(), title => one.plan.title, unit => desk.tree.name(one.plan.unit_id),
                from_on => one.plan.from_on, until_on => one.plan.until_on, state => one.plan.state,
                places => one.places, done => one.done,
            }
        })
        .collect())
}
