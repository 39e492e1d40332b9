//! One plan: which places and why, strike out or add, confirm; the list to print.

use axum::{
    Form,
    extract::{Path, State},
};
use documents::{Cell, Column, ColumnKind, Table};
use domain::{
    calendar::Calendar,
    inspection::{
        risk::{WANTED_MAX, Why},
        schedule::{Inspector, Visit, assign},
    },
    name::fold,
    role::Role,
};
use jiff::{ToSpan as _, civil::Date};
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    inspection_plans::{InspectionPlan, PlannedPlace},
    inspections::Inspection,
};

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    web::{
        inspections::{Desk, line, plan_new::Fields, tell, type_names, whys},
        posters::download,
    },
};

/// Places found by a search from which the planner picks by writing more.
const FOUND_MAX: i64 = 8;

/// The plan of a page, to be read: for those who plan and have its unit in their subtree.
async fn own(app: &App, page: &Page, id: i64) -> Result<(Desk, InspectionPlan)> {
    let desk = Desk::planning(app, page).await?;
    let plan = app.store.inspection_plan(id).await?.ok_or(AppError::NotFound)?;
    desk.officer.require_unit(&desk.tree, plan.unit_id)?;
    Ok((desk, plan))
}

/// True for the office whose plan it is, and for Sở TTTT: a district reads what the province plans for its territory,
/// and must not strike itself out of it.
async fn may_change(app: &App, desk: &Desk, plan: &InspectionPlan) -> Result<bool> {
    let planner = app.store.account(plan.made_by).await?;
    let is_own = planner.is_some_and(|planner| planner.unit_id == desk.officer.unit_id);
    Ok(is_own || desk.officer.has(Role::Reviewer))
}

/// The plan of a page, to be changed.
async fn changed(app: &App, page: &Page, id: i64) -> Result<(Desk, InspectionPlan)> {
    let (desk, plan) = own(app, page, id).await?;
    if may_change(app, &desk, &plan).await? { Ok((desk, plan)) } else { Err(AppError::NotFound) }
}

/// Writes a change of a plan into the access log.
async fn record(
    app: &App,
    desk: &Desk,
    action: &'static str,
    plan: &InspectionPlan,
    count: usize,
) -> Result<()> {
    let scope = format!("plan {} {}", plan.id, plan.title);
    let count = i64::try_from(count)?;
    let act = Act { actor: &desk.officer.login, action, scope, count, ..Act::default() };
    Ok(audit::record(app, act, &[]).await?)
}

/// Places of a plan, as many as a plan may have.
pub async fn places(app: &App, plan_id: i64) -> Result<Vec<Inspection>> {
    Ok(app.store.inspections_of_plan(plan_id, i64::try_from(WANTED_MAX * 2)?).await?)
}

/// Shows a plan.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (desk, plan) = own(&app, &page, id).await?;
    let types = type_names(&app, &page).await?;
    let today = app.clock.today().to_string();
    let rows = places(&app, id).await?;
    let by_lot = rows.iter().filter(|one| one.reasons.split(' ').any(|why| why == "random")).count();
    let done = rows.iter().filter(|one| one.state == "done").count();
    let views: Vec<Value> = rows.iter().map(|one| line(&page, &desk.tree, &types, one, &today)).collect();
    let accounts = app.store.accounts().await?;
    let inspectors = app.store.plan_inspectors(id).await?;
    let names: Vec<String> = accounts
        .iter()
        .filter(|one| inspectors.contains(&one.id))
        .map(|one| format!("{} ({})", one.name, desk.tree.name(one.unit_id)))
        .collect();
    let values = context! {
        plan => context! {
            id => plan.id.to_string(), title => &plan.title, unit => desk.tree.name(plan.unit_id),
            from_on => &plan.from_on, until_on => &plan.until_on, wanted => plan.wanted,
            random_percent => plan.random_percent, seed => plan.seed, state => &plan.state,
            confirmed_at => plan.confirmed_at,
        },
        rows => views, total => rows.len(), by_lot, done, inspectors => names,
        changes => may_change(&app, &desk, &plan).await?,
    };
    page.show("inspection_plan.html", values).await
}

/// Strikes out the ticked places.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn strike(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(fields): Form<Fields>,
) -> Result {
    let (desk, plan) = changed(&app, &page, id).await?;
    let to = format!("/inspections/plans/{id}");
    let ids: Vec<i64> = fields
        .into_iter()
        .filter(|(name, _)| name == "strike")
        .filter_map(|(_, value)| value.parse().ok())
        .collect();
    if ids.is_empty() || plan.state != "draft" {
        return page.go(&to, "bad", "Hãy đánh dấu nơi cần bỏ, khi kế hoạch còn là bản nháp.").await;
    }
    let struck = app.store.strike_from_plan(id, &ids).await?;
    record(&app, &desk, "inspection_plan.struck", &plan, usize::try_from(struck)?).await?;
    let words = page.tf("Đã bỏ {n} nơi khỏi kế hoạch.", &[("n", struck.to_string())]);
    page.flash_text("good", words).await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&to)))
}

/// What to add.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AddForm {
    q: String,
}

/// Adds a place by its poster's code, or by its name where that is one place's.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn add(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<AddForm>,
) -> Result {
    let (desk, plan) = changed(&app, &page, id).await?;
    let to = format!("/inspections/plans/{id}#add");
    let Some((place_id, unit_id)) = found(&app, &plan, &form.q).await? else {
        let words =
            "Không tìm ra đúng một nơi. Hãy gõ mã 10 ký tự trên áp phích, hoặc tên đầy đủ của nơi đó.";
        return page.go(&to, "bad", words).await;
    };
    if !desk.tree.is_within(unit_id, plan.unit_id) {
        return page.go(&to, "bad", "Nơi này ở ngoài địa bàn của kế hoạch.").await;
    }
    if places(&app, id).await?.len() >= WANTED_MAX {
        return page.go(&to, "bad", "Kế hoạch đã có 400 nơi. Hãy lập kế hoạch khác.").await;
    }
    let place = PlannedPlace { id: new_id(), place_id, unit_id, score: 0, reasons: Why::Added.to_text() };
    if app.store.add_to_plan(id, &place, app.now()).await? {
        record(&app, &desk, "inspection_plan.added", &plan, 1).await?;
        return page.go(&to, "good", "Đã thêm vào kế hoạch.").await;
    }
    page.go(&to, "warn", "Nơi này đã có trong kế hoạch, hoặc kế hoạch đã được xác nhận.").await
}

async fn found(app: &App, plan: &InspectionPlan, q: &str) -> Result<Option<(i64, i64)>> {
    if let Ok(code) = domain::code::PlaceCode::parse(q) {
        let point = app.store.point_by_code(code.as_str()).await?;
        return Ok(point.map(|point| (point.place_id, point.unit_id)));
    }
    let name = fold(q);
    if name.is_empty() {
        return Ok(None);
    }
    let named = app.store.approved_places_named(plan.unit_id, &name, FOUND_MAX).await?;
    Ok(if let [one] = named.as_slice() { Some(*one) } else { None })
}

/// Confirms the plan: every place gets an inspector and a day, and the inspectors are told.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn confirm(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (desk, plan) = changed(&app, &page, id).await?;
    let to = format!("/inspections/plans/{id}");
    let visits = schedule(&app, &plan).await?;
    if visits.is_empty() {
        return page.go(&to, "bad", "Kế hoạch chưa có nơi nào hoặc chưa có người kiểm tra.").await;
    }
    let Some(given_up) = app.store.confirm_plan(id, &visits, app.now()).await? else {
        return page.go(&to, "warn", "Kế hoạch này đã được xác nhận trước đó.").await;
    };
    let visits: Vec<_> = visits.into_iter().filter(|(visit, _, _)| !given_up.contains(visit)).collect();
    record(&app, &desk, "inspection_plan.confirmed", &plan, visits.len()).await?;
    tell::plan_confirmed(&app, &plan, &visits).await?;
    if !given_up.is_empty() {
        let words =
            "Đã xác nhận và giao {n} nơi. Bỏ {left} nơi vì đã có lượt kiểm tra khác đang chờ thực hiện.";
        let words = page.tf(words, &[("n", visits.len().to_string()), ("left", given_up.len().to_string())]);
        page.flash_text("warn", words).await?;
        return Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&to)));
    }
    page.go(&to, "good", "Đã xác nhận. Từng người kiểm tra đã được báo và thấy việc của mình.").await
}

/// Who goes where on which day of a plan.
///
/// # Errors
/// When the store refuses.
pub async fn schedule(app: &App, plan: &InspectionPlan) -> Result<Vec<(i64, i64, String)>> {
    let tree = app.tree().await?;
    let mut rows = places(app, plan.id).await?;
    rows.sort_by_cached_key(|one| (tree.name(one.unit_id).to_owned(), fold(&one.place_name), one.id));
    let chain = |unit: i64| tree.path(unit).into_iter().map(|unit| unit.id).collect();
    let visits: Vec<Visit> = rows.iter().map(|one| Visit { id: one.id, units: chain(one.unit_id) }).collect();
    let mut inspectors = Vec::new();
    for account_id in app.store.plan_inspectors(plan.id).await? {
        // Who left since the draft was made is sent nowhere.
        let account = app.store.account(account_id).await?.filter(|account| account.active);
        let Some(account) = account else { continue };
        let whole = account.roles.iter().any(|role| role == Role::Reviewer.code());
        let root = if whole {
            tree.path(account.unit_id).last().map_or(account.unit_id, |top| top.id)
        } else {
            account.unit_id
        };
        inspectors.push(Inspector { account_id, root });
    }
    let days = working_days(app, plan).await?;
    Ok(assign(&visits, &inspectors, &days)
        .into_iter()
        .map(|(id, account, day)| (id, account, day.to_string()))
        .collect())
}

/// Working days of a plan; all its days where none is one.
async fn working_days(app: &App, plan: &InspectionPlan) -> Result<Vec<Date>> {
    let calendar = calendar(app).await?;
    let (from, until): (Date, Date) = (plan.from_on.parse()?, plan.until_on.parse()?);
    let all: Vec<Date> =
        (0..=92_i64).map(|n| from.saturating_add(n.days())).take_while(|day| *day <= until).collect();
    let working: Vec<Date> = all.iter().copied().filter(|day| calendar.is_working(*day)).collect();
    Ok(if working.is_empty() { all } else { working })
}

/// The calendar of working days.
///
/// # Errors
/// When the store refuses.
pub async fn calendar(app: &App) -> Result<Calendar> {
    let holidays = app.store.holidays().await?;
    Ok(Calendar::new(holidays.iter().filter_map(|holiday| holiday.day_on.parse().ok())))
}

/// Throws a draft away.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn discard(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (desk, plan) = changed(&app, &page, id).await?;
    if app.store.discard_plan(id).await? {
        record(&app, &desk, "inspection_plan.discarded", &plan, 1).await?;
        return page.go("/inspections", "good", "Đã bỏ bản nháp.").await;
    }
    let to = format!("/inspections/plans/{id}");
    page.go(&to, "bad", "Kế hoạch đã xác nhận thì không bỏ được; hãy kết thúc kế hoạch.").await
}

/// Closes a running plan.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn close(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (desk, plan) = changed(&app, &page, id).await?;
    let to = format!("/inspections/plans/{id}");
    if app.store.close_plan(id, app.now()).await? {
        record(&app, &desk, "inspection_plan.closed", &plan, 1).await?;
        return page.go(&to, "good", "Đã kết thúc kế hoạch. Nơi chưa kiểm tra được ghi là bỏ.").await;
    }
    page.go(&to, "warn", "Kế hoạch này không còn đang chạy.").await
}

/// What a plan's table says of the plan.
fn about(page: &Page, desk: &Desk, plan: &InspectionPlan) -> String {
    let values = [
        ("unit", desk.tree.name(plan.unit_id).to_owned()),
        ("from", plan.from_on.clone()),
        ("until", plan.until_on.clone()),
        ("n", plan.random_percent.to_string()),
        ("seed", plan.seed.to_string()),
    ];
    page.tf("Địa bàn {unit}, từ {from} đến {until}; {n} % chọn ngẫu nhiên theo số gieo {seed}.", &values)
}

/// The plan as a table to print or edit, by day, inspector and commune.
///
/// # Errors
/// Not found for those who do not plan there.
pub async fn list_xlsx(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (desk, plan) = own(&app, &page, id).await?;
    let types = type_names(&app, &page).await?;
    let mut rows = places(&app, id).await?;
    let total = rows.len();
    let sensitive = app.store.sensitive_places().await?;
    rows.retain(|one| !sensitive.contains(&one.place_id));
    let left_out = total - rows.len();
    let mut notes = vec![about(&page, &desk, &plan)];
    if left_out > 0 {
        notes.push(page.tf("Không có trong danh sách: {n} nơi nhạy cảm.", &[("n", left_out.to_string())]));
    }
    let column = |name: &str, kind| Column { name: page.t(name), kind };
    let cells = |one: &Inspection| {
        let day = |text: &Option<String>| {
            text.as_deref().and_then(|day| day.parse().ok()).map_or(Cell::Empty, Cell::Date)
        };
        vec![
            day(&one.day_on),
            Cell::Text(one.inspector.clone().unwrap_or_default()),
            Cell::Text(desk.tree.name(one.unit_id).to_owned()),
            Cell::Text(one.place_name.clone()),
            Cell::Text(types.get(&one.type_code).cloned().unwrap_or_default()),
            Cell::Text(one.address.clone()),
            Cell::Text(whys(&page, &one.reasons).join("; ")),
            day(&one.done_on),
        ]
    };
    let table = Table {
        title: plan.title.clone(),
        notes,
        columns: vec![
            column("Ngày", ColumnKind::Date),
            column("Người kiểm tra", ColumnKind::Text),
            column("Xã, phường", ColumnKind::Text),
            column("Địa điểm", ColumnKind::Text),
            column("Loại", ColumnKind::Text),
            column("Địa chỉ", ColumnKind::Text),
            column("Vì sao chọn", ColumnKind::Text),
            column("Đã kiểm tra", ColumnKind::Date),
        ],
        rows: rows.iter().map(cells).collect(),
    };
    download(&table, "ke-hoach-kiem-tra", "xlsx", app.now())
}
