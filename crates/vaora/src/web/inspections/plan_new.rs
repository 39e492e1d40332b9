//! A new plan: the form, and the choice of places.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse as _, Redirect},
};
use domain::{
    admin_unit::UnitTree,
    inspection::risk::{self, WANTED_MAX, choose},
    role::Role,
    time::day_number,
};
use jiff::{ToSpan as _, civil::Date};
use minijinja::{Value, context};
use store::{
    accounts::Account,
    inspection_plans::{InspectionPlan, PlannedPlace},
};

use crate::{
    app::App,
    error::Result,
    ids::new_id,
    page::Page,
    tree,
    web::{
        forms::{self, Errors},
        inspections::Desk,
    },
};

/// Longest plan, in days.
const DAYS_MAX: i64 = 92;
/// Share chosen by lot unless the planner says otherwise, in percent.
const RANDOM_PERCENT: i64 = 20;
/// Most inspectors of a plan.
const INSPECTORS_MAX: usize = 60;

/// The form as typed.
struct PlanForm {
    title: String,
    unit_id: String,
    from_on: String,
    until_on: String,
    wanted: String,
    random_percent: String,
    seed: String,
    inspectors: Vec<String>,
}

/// Fields of a form, a name perhaps several times.
pub type Fields = Vec<(String, String)>;

impl PlanForm {
    fn of(fields: &[(String, String)]) -> Self {
        let one = |name: &str| {
            fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Self {
            title: one("title"),
            unit_id: one("unit_id"),
            from_on: one("from_on"),
            until_on: one("until_on"),
            wanted: one("wanted"),
            random_percent: one("random_percent"),
            seed: one("seed"),
            inspectors: fields
                .iter()
                .filter(|(name, _)| name == "inspectors")
                .map(|(_, id)| id.clone())
                .collect(),
        }
    }

    fn empty(desk: &Desk, today: Date) -> Self {
        let monday = today.saturating_add((7 - i64::from(today.weekday().to_monday_zero_offset())).days());
        Self {
            title: String::new(),
            unit_id: desk.root.to_string(),
            from_on: monday.to_string(),
            until_on: monday.saturating_add(4.days()).to_string(),
            wanted: "20".to_owned(),
            random_percent: RANDOM_PERCENT.to_string(),
            // Any number will do; the day's is easy to remember and to defend.
            seed: today.strftime("%Y%m%d").to_string(),
            inspectors: vec![desk.officer.id.to_string()],
        }
    }
}

/// Shows the form.
///
/// # Errors
/// Not found for those who do not plan.
pub async fn form(State(app): State<App>, page: Page) -> Result {
    let desk = Desk::planning(&app, &page).await?;
    let form = PlanForm::empty(&desk, app.clock.today());
    show(&app, &page, &desk, &form, &Errors::default()).await
}

async fn show(app: &App, page: &Page, desk: &Desk, form: &PlanForm, errors: &Errors) -> Result {
    let units: Vec<Value> = tree::options(&desk.tree, |unit| {
        unit.level != "department" && desk.tree.is_within(unit.id, desk.root)
    })
    .into_iter()
    .map(|(id, label)| context! { value => id.to_string(), label })
    .collect();
    let accounts = inspectors(app, desk).await?;
    let view = |account: &Account| {
        let label = format!("{} – {}", account.name, desk.tree.name(account.unit_id));
        context! { value => account.id.to_string(), label }
    };
    let (communes, offices): (Vec<&Account>, Vec<&Account>) =
        accounts.iter().partition(|one| desk.tree.get(one.unit_id).is_some_and(|unit| unit.is_commune()));
    let values = context! {
        unit_name => desk.tree.name(desk.root), units, errors => errors.view(),
        offices => offices.into_iter().map(view).collect::<Vec<_>>(),
        communes => communes.into_iter().map(view).collect::<Vec<_>>(),
        form => context! {
            title => &form.title, unit_id => &form.unit_id, from_on => &form.from_on, until_on => &form.until_on,
            wanted => &form.wanted, random_percent => &form.random_percent, seed => &form.seed,
            inspectors => &form.inspectors,
        },
    };
    page.show("inspection_plan_new.html", values).await
}

/// Who may be sent: officers of the planner's office, and of offices within the planner's territory.
async fn inspectors(app: &App, desk: &Desk) -> Result<Vec<Account>> {
    let may = |account: &Account| {
        let roles: Vec<Role> = account.roles.iter().filter_map(|code| Role::from_code(code)).collect();
        let inspects = roles.contains(&Role::UnitOfficer) || roles.contains(&Role::Reviewer);
        let near = account.unit_id == desk.officer.unit_id || desk.tree.is_within(account.unit_id, desk.root);
        account.active && inspects && near
    };
    Ok(app.store.accounts().await?.into_iter().filter(may).collect())
}

/// Chooses the places and keeps the draft.
///
/// # Errors
/// Not found for those who do not plan.
pub async fn submit(State(app): State<App>, page: Page, Form(fields): Form<Fields>) -> Result {
    let desk = Desk::planning(&app, &page).await?;
    let form = PlanForm::of(&fields);
    let mut errors = Errors::default();
    let Some((plan, accounts)) = check(&app, &page, &desk, &form, &mut errors).await? else {
        return show(&app, &page, &desk, &form, &errors).await;
    };
    let places = chosen(&app, &plan).await?;
    if places.is_empty() {
        errors.add(
            "unit_id",
            page.t("Đơn vị này không có nơi nào để chọn: chưa có mã, hoặc đều vừa được kiểm tra."),
        );
        return show(&app, &page, &desk, &form, &errors).await;
    }
    app.store.add_inspection_plan(&plan, &accounts, &places).await?;
    Ok(Redirect::to(&format!("/inspections/plans/{}", plan.id)).into_response())
}

/// The places of a plan, by risk and by lot.
pub async fn chosen(app: &App, plan: &InspectionPlan) -> Result<Vec<PlannedPlace>> {
    app.counters.flush(&app.store).await?;
    let today = day_number(app.clock.today());
    let candidates = app.store.inspection_candidates(plan.unit_id, today).await?;
    let units: std::collections::HashMap<i64, i64> =
        app.store.place_units(plan.unit_id).await?.into_iter().collect();
    let wanted = usize::try_from(plan.wanted).unwrap_or(0);
    let seed = plan.seed.cast_unsigned();
    Ok(choose(&candidates, wanted, plan.random_percent, seed, today)
        .into_iter()
        .filter_map(|one| {
            Some(PlannedPlace {
                id: new_id(),
                place_id: one.place_id,
                unit_id: *units.get(&one.place_id)?,
                score: one.score,
                reasons: risk::whys_to_text(&one.whys),
            })
        })
        .collect())
}

async fn check(
    app: &App,
    page: &Page,
    desk: &Desk,
    form: &PlanForm,
    errors: &mut Errors,
) -> Result<Option<(InspectionPlan, Vec<i64>)>> {
    let title = forms::line(page, errors, "title", &form.title, 120);
    let unit_id = form.unit_id.parse().ok().filter(|id| is_plannable(&desk.tree, *id, desk.root));
    if unit_id.is_none() {
        errors.add("unit_id", page.t("Hãy chọn địa bàn kiểm tra."));
    }
    let span = dates(page, form, app.clock.today(), errors);
    let number = |text: &str, least: i64, most: i64| {
        text.trim().parse::<i64>().ok().filter(|n| (least..=most).contains(n))
    };
    let wanted = number(&form.wanted, 1, i64::try_from(WANTED_MAX)?);
    if wanted.is_none() {
        errors.add("wanted", page.t("Số nơi kiểm tra từ 1 đến 400."));
    }
    let random_percent = number(&form.random_percent, 0, 100);
    if random_percent.is_none() {
        errors.add("random_percent", page.t("Phần chọn ngẫu nhiên từ 0 đến 100 %."));
    }
    let seed = number(&form.seed, 0, 999_999_999_999);
    if seed.is_none() {
        errors.add("seed", page.t("Số gieo là số nguyên không quá 12 chữ số."));
    }
    let known = inspectors(app, desk).await?;
    let accounts: Vec<i64> =
        known.iter().map(|one| one.id).filter(|id| form.inspectors.contains(&id.to_string())).collect();
    if accounts.is_empty() || accounts.len() > INSPECTORS_MAX {
        errors.add("inspectors", page.t("Hãy chọn từ 1 đến 60 người kiểm tra."));
    }
    let (Some(unit_id), Some((from, until)), Some(wanted), Some(random_percent), Some(seed), true) =
        (unit_id, span, wanted, random_percent, seed, errors.is_empty())
    else {
        return Ok(None);
    };
    let plan = InspectionPlan {
        id: new_id(),
        title,
        unit_id,
        from_on: from.to_string(),
        until_on: until.to_string(),
        wanted,
        random_percent,
        seed,
        state: "draft".to_owned(),
        made_by: desk.officer.id,
        made_at: app.now(),
        confirmed_at: None,
    };
    Ok(Some((plan, accounts)))
}

fn is_plannable(tree: &UnitTree, id: i64, root: i64) -> bool {
    tree.is_within(id, root) && tree.get(id).is_some_and(|unit| unit.level != "department")
}

fn dates(page: &Page, form: &PlanForm, today: Date, errors: &mut Errors) -> Option<(Date, Date)> {
    let from = form.from_on.trim().parse::<Date>().ok().filter(|day| *day >= today);
    if from.is_none() {
        errors.add("from_on", page.t("Hãy chọn ngày bắt đầu từ hôm nay trở đi."));
    }
    let until = form.until_on.trim().parse::<Date>().ok();
    let fits = |from: Date, until: Date| until >= from && day_number(until) - day_number(from) < DAYS_MAX;
    let span = from.zip(until).filter(|(from, until)| fits(*from, *until));
    if from.is_some() && span.is_none() {
        errors.add(
            "until_on",
            page.t("Ngày kết thúc không trước ngày bắt đầu và kế hoạch dài tối đa 92 ngày."),
        );
    }
    span
}
