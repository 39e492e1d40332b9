//! Proposals to suspend: seen within the unit, decided by the competent office.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{admin_unit::UnitTree, role::Role, time::day_number};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;
use store::suspensions::{Decision, Suspension};

use crate::{
    app::App,
    audit::{self, Act},
    auth::Officer,
    error::{AppError, Result},
    page::Page,
    web::{
        forms::{self, Errors},
        inspections::{Desk, id_of, lists::finding_line, tell},
    },
};

/// Proposals on the page.
const ROWS_MAX: i64 = 200;
/// Longest extra time, in days.
const EXTRA_DAYS_MAX: i64 = 60;

/// The office that decides about a place: its district's People's Committee, or the province's where there is no
/// district, or where the commune named a department that the place belongs to (`proposer`): no district stands above
/// a department. A department that looks after places of a category has no such say: a café is its district's.
#[must_use]
pub fn competent_office(tree: &UnitTree, commune: i64, proposer: Option<i64>) -> i64 {
    let path = tree.path(commune);
    if proposer.is_some() {
        return path.last().map_or(commune, |top| top.id);
    }
    let district = path.iter().find(|unit| unit.level == "district");
    district.or(path.last()).map_or(commune, |unit| unit.id)
}

/// The office in whose name an officer decides, if any: his district, or the province for the Committee.
#[must_use]
pub fn deciding_office(officer: &Officer, tree: &UnitTree) -> Option<i64> {
    if officer.has(Role::CommitteeReader) {
        return tree.path(officer.unit_id).last().map(|top| top.id);
    }
    let of_district = tree.get(officer.unit_id).is_some_and(|unit| unit.level == "district");
    (officer.has(Role::UnitOfficer) && of_district).then_some(officer.unit_id)
}

/// Shows proposals.
///
/// # Errors
/// Not found for those who see no inspections.
pub async fn list(State(app): State<App>, page: Page) -> Result {
    let desk = Desk::of(&app, &page).await?;
    render(&app, &page, &desk, &Errors::default(), None).await
}

async fn render(
    app: &App,
    page: &Page,
    desk: &Desk,
    errors: &Errors,
    typed: Option<(i64, &DecideForm)>,
) -> Result {
    let own = deciding_office(&desk.officer, &desk.tree);
    let today = app.clock.today().to_string();
    // Who decides reads what it is about where he decides it.
    let findings = match own {
        Some(office) => app.store.findings_to_decide(office).await?,
        None => Vec::new(),
    };
    let facts = |one: &Suspension| -> Vec<Value> {
        let of_chain = findings.iter().filter(|finding| finding.root_id == one.root_id);
        of_chain.map(|finding| finding_line(page, "", finding, &today)).collect()
    };
    let rows: Vec<Value> = app
        .store
        .suspensions_within(desk.root, ROWS_MAX)
        .await?
        .iter()
        .map(|one| {
            let form = typed.filter(|(id, _)| *id == one.id).map(|(_, form)| form);
            context! { findings => facts(one), ..view(desk, one, own, form) }
        })
        .collect();
    let values = context! {
        unit_name => desk.tree.name(desk.root), rows, errors => errors.view(),
        decides => own.is_some(),
    };
    page.show("suspensions.html", values).await
}

fn view(desk: &Desk, one: &Suspension, own: Option<i64>, form: Option<&DecideForm>) -> Value {
    context! {
        id => one.id.to_string(), inspection => one.root_id.to_string(), place => &one.place_name,
        place_id => one.place_id.to_string(), commune => desk.tree.name(one.unit_id),
        office => desk.tree.name(one.office_id), department => one.department_id.map(|id| desk.tree.name(id)),
        state => &one.state, proposed_on => &one.proposed_on,
        decided_on => &one.decided_on, reason => &one.reason, until_on => &one.until_on,
        suspended_on => &one.suspended_on, lifted_on => &one.lifted_on, left => one.left,
        is_mine => own == Some(one.office_id),
        form => form.map(|form| context! { decision => &form.decision, reason => &form.reason, until_on => &form.until_on }),
    }
}

/// A decision as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DecideForm {
    decision: String,
    reason: String,
    until_on: String,
}

/// The proposal of a page, for the office that decides it.
async fn own(app: &App, page: &Page, id: &str) -> Result<(Desk, Suspension)> {
    let desk = Desk::of(app, page).await?;
    let office = deciding_office(&desk.officer, &desk.tree).ok_or(AppError::NotFound)?;
    let suspension = app.store.suspension(id_of(id)?).await?.filter(|one| one.office_id == office);
    Ok((desk, suspension.ok_or(AppError::NotFound)?))
}

/// Decides.
///
/// # Errors
/// Not found for all but the competent office.
pub async fn decide(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    Form(form): Form<DecideForm>,
) -> Result {
    let (desk, suspension) = own(&app, &page, &id).await?;
    let mut errors = Errors::default();
    let reason = forms::line(&page, &mut errors, "reason", &form.reason, 300);
    let decision = decision(&page, &form, app.clock.today(), &mut errors);
    let (Some(decision), true) = (decision, errors.is_empty()) else {
        return render(&app, &page, &desk, &errors, Some((suspension.id, &form))).await;
    };
    let today = app.clock.today().to_string();
    let to = "/inspections/suspensions";
    if !app.store.decide_suspension(suspension.id, &decision, &reason, desk.officer.id, &today).await? {
        return page.go(to, "warn", "Đề xuất này đã được quyết định trước đó.").await;
    }
    let place = ("place", suspension.place_name.clone());
    let why = ("reason", reason);
    let (words, params): (&str, Vec<(&str, String)>) = match &decision {
        Decision::Suspend => {
            ("{place} bị tạm dừng hoạt động đến khi khắc phục xong. Lý do: {reason}", vec![place, why])
        }
        Decision::Extend(until) => (
            "{place} được thêm thời gian khắc phục đến hết ngày {until}. Lý do: {reason}",
            vec![place, ("until", tell::day(until)), why],
        ),
        Decision::Reject => ("Không tạm dừng hoạt động {place}. Lý do: {reason}", vec![place, why]),
    };
    tell::decided(&app, &suspension, &form.decision, words, &params).await?;
    record(&app, &desk, "suspension.decided", &suspension).await?;
    page.go(to, "good", "Đã ghi quyết định và báo cho cơ sở, xã, phường.").await
}

fn decision(page: &Page, form: &DecideForm, today: Date, errors: &mut Errors) -> Option<Decision> {
    match form.decision.as_str() {
        "suspend" => Some(Decision::Suspend),
        "reject" => Some(Decision::Reject),
        "extend" => {
            let until = form.until_on.trim().parse::<Date>().ok();
            let fits = |day: &Date| *day > today && day_number(*day) - day_number(today) <= EXTRA_DAYS_MAX;
            let until = until.filter(fits);
            if until.is_none() {
                errors.add("until_on", page.t("Hãy chọn ngày sau hôm nay, trong vòng 60 ngày."));
            }
            until.map(|day| Decision::Extend(day.to_string()))
        }
        _ => {
            errors.add("decision", page.t("Hãy chọn một quyết định."));
            None
        }
    }
}

/// Lifts a suspension.
///
/// # Errors
/// Not found for all but the competent office.
pub async fn lift(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let (desk, suspension) = own(&app, &page, &id).await?;
    let today = app.clock.today().to_string();
    let to = "/inspections/suspensions";
    if !app.store.lift_suspension(suspension.id, desk.officer.id, &today).await? {
        return page.go(to, "warn", "Nơi này không còn bị tạm dừng.").await;
    }
    let params = [("place", suspension.place_name.clone())];
    tell::decided(&app, &suspension, "lifted", "{place} được hoạt động trở lại.", &params).await?;
    record(&app, &desk, "suspension.lifted", &suspension).await?;
    page.go(to, "good", "Đã cho hoạt động trở lại và báo cho cơ sở, xã, phường.").await
}

async fn record(app: &App, desk: &Desk, action: &'static str, suspension: &Suspension) -> Result<()> {
    let scope = format!("place {} {}", suspension.place_id, suspension.place_name);
    let act = Act { actor: &desk.officer.login, action, scope, count: 1, ..Act::default() };
    Ok(audit::record(app, act, &[]).await?)
}
