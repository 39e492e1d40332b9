//! Writing a campaign down, changing it, and closing it with the people reached.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{campaign::Method, role::Role};
use jiff::ToSpan as _;
use minijinja::{Value, context};
use serde::Deserialize;
use store::campaigns::Campaign;

use super::{
    campaigns::{self, leads, method_label},
    day, effects, form_id, prose,
};
use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    tree,
    web::forms::{self, Errors},
};

/// Longest campaign, in days.
const DAYS_MAX: i64 = 92;
/// Most people that one campaign may say it reached: more than the province has is a slip of the keyboard.
const PEOPLE_MAX: i64 = 2_000_000;

/// The form.
#[derive(Default)]
struct CampaignForm {
    id: String,
    title: String,
    from_on: String,
    until_on: String,
    method: String,
    units: Vec<String>,
    places: String,
    planned: String,
    reached: String,
    note: String,
}

impl CampaignForm {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "id" => form.id = value,
                "title" => form.title = value,
                "from_on" => form.from_on = value,
                "until_on" => form.until_on = value,
                "method" => form.method = value,
                "units" => form.units.push(value),
                "places" => form.places = value,
                "planned" => form.planned = value,
                "reached" => form.reached = value,
                "note" => form.note = value,
                _ => {}
            }
        }
        form
    }
}

fn leader(page: &Page) -> Result<Officer> {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer])?;
    Ok(officer.clone())
}

/// Shows the empty form.
///
/// # Errors
/// Not found for those who lead no campaign.
pub async fn form(State(app): State<App>, page: Page) -> Result {
    let officer = leader(&page)?;
    let tree = app.tree().await?;
    let own = officer.root(&tree);
    let units = if choices(&tree, own).len() == 1 { vec![own.to_string()] } else { Vec::new() };
    let form = CampaignForm { id: new_id().to_string(), units, ..CampaignForm::default() };
    show(&app, &page, own, &form, &Errors::default(), None).await
}

/// Units that a campaign of a subtree may be in: itself for a commune, else what lies directly below and, for a
/// department, the province's districts.
fn choices(tree: &domain::admin_unit::UnitTree, root: i64) -> Vec<(i64, String)> {
    let Some(unit) = tree.get(root) else { return Vec::new() };
    let below = match unit.level.as_str() {
        "commune" => return vec![(unit.id, unit.full_name.clone())],
        "department" => unit.parent_id.unwrap_or(root),
        _ => root,
    };
    tree::options(tree, |one| one.parent_id == Some(below) && one.level != "department")
}

async fn show(
    app: &App,
    page: &Page,
    root: i64,
    form: &CampaignForm,
    errors: &Errors,
    edit: Option<i64>,
) -> Result {
    let tree = app.tree().await?;
    let units: Vec<Value> = choices(&tree, root)
        .into_iter()
        .map(|(id, label)| context! { value => id.to_string(), label })
        .collect();
    let methods: Vec<Value> = Method::ALL
        .iter()
        .map(|method| context! { value => method.code(), label => page.t(method_label(*method)) })
        .collect();
    let values = context! {
        form => context! {
            id => &form.id, title => &form.title, from_on => &form.from_on, until_on => &form.until_on,
            method => &form.method, units => &form.units, places => &form.places, planned => &form.planned,
            reached => &form.reached, note => &form.note,
        },
        units, methods, errors => errors.view(), edit => edit.map(|id| id.to_string()),
    };
    page.show("campaign_edit.html", values).await
}

/// Writes a campaign down.
///
/// # Errors
/// Not found for those who lead no campaign.
pub async fn submit(State(app): State<App>, page: Page, Form(pairs): Form<Vec<(String, String)>>) -> Result {
    let officer = leader(&page)?;
    let form = CampaignForm::read(pairs);
    let root = officer.root(&*app.tree().await?);
    let campaign_id = form_id(&form.id);
    if app.store.campaign(campaign_id).await?.is_some() {
        return page.go(&format!("/campaigns/{campaign_id}"), "good", "Đã ghi đợt tuyên truyền.").await;
    }
    let mut errors = Errors::default();
    let checked = check(&app, &page, root, &form, &mut errors).await?;
    let Some((campaign, units)) = checked else { return show(&app, &page, root, &form, &errors, None).await };
    let campaign = Campaign { id: campaign_id, unit_id: officer.unit_id, made_by: officer.id, ..campaign };
    app.store.put_campaign(&campaign, &units).await?;
    effects::measure(&app, &campaign).await?;
    page.go(&format!("/campaigns/{campaign_id}"), "good", "Đã ghi đợt tuyên truyền.").await
}

async fn check(
    app: &App,
    page: &Page,
    root: i64,
    form: &CampaignForm,
    errors: &mut Errors,
) -> Result<Option<(Campaign, Vec<i64>)>> {
    let title = forms::line(page, errors, "title", &form.title, 120);
    let from = day(page, errors, "from_on", &form.from_on);
    let until = day(page, errors, "until_on", &form.until_on);
    if let (Some(from), Some(until)) = (from, until) {
        if until < from {
            errors.add("until_on", page.t("Ngày kết thúc phải từ ngày bắt đầu trở đi."));
        } else if from.saturating_add(DAYS_MAX.days()) < until {
            errors.add("until_on", page.t("Một đợt dài nhất 92 ngày; đợt dài hơn hãy ghi thành nhiều đợt."));
        }
    }
    let method = Method::from_code(&form.method);
    if method.is_none() {
        errors.add("method", page.t("Hãy chọn cách làm."));
    }
    let tree = app.tree().await?;
    let open = choices(&tree, root);
    let units: Vec<i64> = form.units.iter().filter_map(|unit| unit.parse().ok()).collect();
    let units: Vec<i64> = open.iter().map(|(id, _)| *id).filter(|id| units.contains(id)).collect();
    if units.is_empty() {
        errors.add("units", page.t("Hãy chọn ít nhất một địa bàn."));
    }
    let places = prose(page, errors, "places", &form.places, 500, false);
    let note = prose(page, errors, "note", &form.note, 1000, false);
    let planned = people(page, errors, "planned", &form.planned);
    let reached = match form.reached.trim() {
        "" => None,
        text => people(page, errors, "reached", text),
    };
    let (Some(from), Some(until), Some(method), Some(planned)) = (from, until, method, planned) else {
        return Ok(None);
    };
    if !errors.is_empty() {
        return Ok(None);
    }
    let campaign = Campaign {
        id: 0,
        unit_id: 0,
        title,
        from_on: from.to_string(),
        until_on: until.to_string(),
        method: method.code().to_owned(),
        places,
        planned,
        reached,
        note,
        made_by: 0,
        made_at: app.now(),
        closed_at: None,
    };
    Ok(Some((campaign, units)))
}

/// A number of people: digits, with dots or spaces between.
fn people(page: &Page, errors: &mut Errors, field: &'static str, text: &str) -> Option<i64> {
    let digits: String =
        text.chars().filter(|letter| !matches!(letter, '.' | ' ' | ',' | '\u{a0}')).collect();
    let number = digits.parse().ok().filter(|number| (0..=PEOPLE_MAX).contains(number));
    if number.is_none() {
        errors.add(field, page.t("Hãy ghi số người bằng chữ số, ví dụ 250."));
    }
    number
}

async fn changeable(app: &App, page: &Page, id: i64) -> Result<(Officer, Campaign, Vec<i64>)> {
    leader(page)?;
    let (officer, campaign, units) = campaigns::seen(app, page, id).await?;
    let tree = app.tree().await?;
    let may = leads(&officer) && campaigns::may_change(&tree, &officer, &campaign);
    if may { Ok((officer, campaign, units)) } else { Err(AppError::NotFound) }
}

/// Shows the form of a campaign that is open.
///
/// # Errors
/// Not found when it is not the officer's.
pub async fn edit_form(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (_, c, units) = changeable(&app, &page, id).await?;
    let form = CampaignForm {
        id: id.to_string(),
        title: c.title,
        from_on: c.from_on,
        until_on: c.until_on,
        method: c.method,
        units: units.iter().map(ToString::to_string).collect(),
        places: c.places,
        planned: c.planned.to_string(),
        reached: c.reached.map(|reached| reached.to_string()).unwrap_or_default(),
        note: c.note,
    };
    let root = root_of(&app, c.unit_id).await?;
    show(&app, &page, root, &form, &Errors::default(), Some(id)).await
}

/// The subtree that a campaign of an office may be in: the province for Sở TTTT.
async fn root_of(app: &App, unit_id: i64) -> Result<i64> {
    let tree = app.tree().await?;
    let is_department = tree.get(unit_id).is_some_and(|unit| unit.level == "department");
    let top = tree.path(unit_id).last().map(|top| top.id);
    Ok(top.filter(|_| is_department).unwrap_or(unit_id))
}

/// Changes a campaign that is open.
///
/// # Errors
/// Not found when it is not the officer's.
pub async fn edit(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result {
    let (_, old, _) = changeable(&app, &page, id).await?;
    let form = CampaignForm::read(pairs);
    let root = root_of(&app, old.unit_id).await?;
    let mut errors = Errors::default();
    let checked = check(&app, &page, root, &form, &mut errors).await?;
    let Some((campaign, units)) = checked else {
        return show(&app, &page, root, &form, &errors, Some(id)).await;
    };
    let campaign =
        Campaign { id, unit_id: old.unit_id, made_by: old.made_by, made_at: old.made_at, ..campaign };
    let here = format!("/campaigns/{id}");
    if !app.store.put_campaign(&campaign, &units).await? {
        return page.back(&here, AppError::BadRequest("Đợt này đã đóng nên không sửa được nữa.")).await;
    }
    effects::measure(&app, &campaign).await?;
    page.go(&here, "good", "Đã sửa đợt tuyên truyền.").await
}

/// What closes a campaign.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CloseForm {
    reached: String,
    note: String,
}

/// Closes a campaign with the number of people reached.
///
/// # Errors
/// Not found when it is not the officer's.
pub async fn close(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<CloseForm>,
) -> Result {
    let (_, campaign, _) = changeable(&app, &page, id).await?;
    let here = format!("/campaigns/{id}");
    if campaign.from_on > app.clock.today().to_string() {
        return page.back(&here, AppError::BadRequest("Đợt này chưa bắt đầu nên chưa đóng được.")).await;
    }
    let mut errors = Errors::default();
    let reached = people(&page, &mut errors, "reached", &form.reached);
    let note = prose(&page, &mut errors, "note", &form.note, 1000, false);
    let Some(reached) = reached.filter(|_| errors.is_empty()) else {
        let text = errors.view().values().next().cloned().unwrap_or_default();
        return page.back(&here, AppError::BadRequestText(text)).await;
    };
    if !app.store.close_campaign(id, reached, &note, app.now()).await? {
        return page.back(&here, AppError::BadRequest("Đợt này đã đóng rồi.")).await;
    }
    page.go(&here, "good", "Đã ghi kết quả và đóng đợt.").await
}
