//! One place: seen by its owner and by its offices, its areas and codes, and what each may do with them.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::code::PlaceCode;
use minijinja::{Value, context};
use rand::Rng as _;
use serde::Deserialize;
use store::{is_unique_violation, places::Place};

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    gate::state::balance,
    ids::new_id,
    limits::AREAS_MAX,
    page::Page,
    tree::address_of,
    web::{
        forms::{self, Errors},
        gates, inbox, inspections, owner, place_care, place_new,
    },
};

/// Who looks at a place.
pub enum Viewer {
    /// Its owner.
    Owner,
    /// An officer of its commune, district or province.
    Office {
        /// The officer's login, for the access log.
        login: String,
        /// The officer's account.
        id: i64,
        /// True for those who decide: the commune's own officers and those above.
        decides: bool,
    },
}

impl Viewer {
    /// Passes those who may change the place: its owner, and officers who decide. For others the act does not
    /// exist.
    ///
    /// # Errors
    /// Not found.
    pub fn may_change(&self) -> Result<()> {
        match self {
            Self::Owner | Self::Office { decides: true, .. } => Ok(()),
            Self::Office { .. } => Err(AppError::NotFound),
        }
    }

    /// Where this viewer's pages of places begin.
    #[must_use]
    pub fn base(&self) -> &'static str {
        match self {
            Self::Owner => "/owner/places",
            Self::Office { .. } => "/places",
        }
    }
}

/// The place, if this session may see it: as its owner, or as an officer with its commune in his subtree.
///
/// # Errors
/// Not found otherwise.
pub async fn viewed(app: &App, page: &Page, id: i64) -> Result<(Viewer, Place)> {
    let place = app.store.place(id).await?.ok_or(AppError::NotFound)?;
    if page.path.starts_with("/owner/") {
        let owner = owner::require(app, page).await?;
        return if place.owner_index == owner.index {
            Ok((Viewer::Owner, place))
        } else {
            Err(AppError::NotFound)
        };
    }
    let officer = page.officer()?;
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let tree = app.tree().await?;
    let root = officer.root(&tree);
    let own = tree.is_within(place.unit_id, root);
    // A department sees the places that it is responsible for; what to do with them their communes decide.
    if !own {
        let care = app.store.place_care(id).await?;
        let department = care.and_then(|care| care.department_id).ok_or(AppError::NotFound)?;
        if !tree.is_within(department, root) {
            return Err(AppError::NotFound);
        }
    }
    let decides = own && officer.has(domain::role::Role::UnitOfficer);
    Ok((Viewer::Office { login: officer.login.clone(), id: officer.id, decides }, place))
}

/// Shows a place.
///
/// # Errors
/// Not found when it is not the viewer's.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (viewer, place) = viewed(&app, &page, id).await?;
    render(&app, &page, &viewer, &place, &Errors::default(), "", None).await
}

/// Renders a place's page; `enrol` is a fresh enrolment code to show once.
///
/// # Errors
/// When the page cannot be made.
pub async fn render(
    app: &App,
    page: &Page,
    viewer: &Viewer,
    place: &Place,
    errors: &Errors,
    area_name: &str,
    enrol: Option<Value>,
) -> Result {
    let tree = app.tree().await?;
    let contact = place_new::open_contact(app, place)?;
    let phone = domain::phone::Phone::parse(&contact.phone).map(|phone| phone.display()).unwrap_or_default();
    let kind = app.store.place_types().await?.into_iter().find(|kind| kind.code == place.type_code);
    let kind = kind.map(|kind| if page.lang.code() == "vi" { kind.name_vi } else { kind.name_en });
    let values = context! {
        base => viewer.base(),
        is_owner => matches!(viewer, Viewer::Owner),
        decides => matches!(viewer, Viewer::Office { decides: true, .. }),
        may_change => viewer.may_change().is_ok(),
        place => context! {
            id => place.id.to_string(), name => &place.name, address => &place.address,
            commune => address_of(&tree, place.unit_id), type_name => kind, state => &place.state,
            return_reason => &place.return_reason, registered_at => place.registered_at,
            decided_at => place.decided_at, contact_name => contact.name, contact_phone => phone,
        },
        care => match viewer {
            Viewer::Owner => Value::from(()),
            Viewer::Office { .. } => place_care::view(app, page, &tree, place).await?,
        },
        hours => hours(app, place).await?,
        areas => areas(app, place).await?,
        gates => gates::list(app, place.id).await?,
        errors => errors.view(), area_name, enrol, messages => owner_messages(app, page, viewer, place.id).await?,
        inspection => inspections::at_place::view(app, page, place).await?,
    };
    page.show("place.html", values).await
}

/// What the owner was told; offices have their own messages.
async fn owner_messages(app: &App, page: &Page, viewer: &Viewer, place_id: i64) -> Result<Vec<Value>> {
    match viewer {
        Viewer::Owner => inbox::of_place(app, page, place_id).await,
        Viewer::Office { .. } => Ok(Vec::new()),
    }
}

async fn hours(app: &App, place: &Place) -> Result<Value> {
    let hours = app.store.place_hours(place.id).await?;
    let since = domain::time::day_start(app.clock.today());
    let closing = app.store.last_closing(place.id, since).await?;
    let balance = balance(app, place.id).await?;
    Ok(context! {
        capacity => hours.capacity, opens_at => hours.opens_at, closes_at => hours.closes_at,
        inside => (balance - closing.map_or(0, |(_, before)| before)).max(0),
        closed_at => closing.map(|(at, _)| at),
    })
}

async fn areas(app: &App, place: &Place) -> Result<Vec<Value>> {
    app.counters.flush(&app.store).await?;
    let points = app.store.points_of_place(place.id).await?;
    let today = domain::time::day_number(app.clock.today());
    let last = app.store.last_scan_days_of_place(place.id, today).await?;
    let areas = app.store.areas_of_place(place.id).await?;
    Ok(areas
        .into_iter()
        .map(|area| {
            let current = points.iter().find(|p| p.point.area_id == area.id && p.point.retired_at.is_none());
            let retired = points.iter().filter(|p| p.point.area_id == area.id && p.point.retired_at.is_some()).count();
            let last_scan = last.iter().find(|(id, _)| *id == area.id).map(|(_, day)| *day);
            context! {
                id => area.id.to_string(), name => area.name, retired,
                code => current.map(|p| grouped(&p.point.code)),
                url => current.map(|p| format!("{}/D/{}", app.config.public_url.trim_end_matches('/'), p.point.code)),
                version => current.map(|p| p.point.version),
                issued_at => current.map(|p| p.point.issued_at),
                last_scan_on => last_scan.map(|day| domain::time::date_of_day_number(day).to_string()),
            }
        })
        .collect())
}

/// A code as it is printed: two groups of five.
#[must_use]
pub fn grouped(code: &str) -> String {
    PlaceCode::parse(code).map_or_else(|_| code.to_owned(), |code| code.grouped())
}

/// A fresh code.
#[must_use]
pub fn new_code() -> String {
    PlaceCode::from_random(rand::rng().next_u64()).as_str().to_owned()
}

/// An area's name.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AreaForm {
    name: String,
}

/// Adds an area; an approved place's area gets its code at once.
///
/// # Errors
/// Not found when the place is not the viewer's.
pub async fn add_area(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<AreaForm>,
) -> Result {
    let (viewer, place) = viewed(&app, &page, id).await?;
    viewer.may_change()?;
    let mut errors = Errors::default();
    let name = forms::line(&page, &mut errors, "area_name", &form.name, 60);
    if app.store.areas_of_place(id).await?.len() >= AREAS_MAX {
        errors.add("area_name", page.t("Mỗi địa điểm có tối đa 200 khu vực."));
    }
    if errors.is_empty() {
        match app.store.add_area(id, &name, app.now()).await {
            Ok(area_id) => {
                if place.state == "approved" {
                    app.store.renew_code(area_id, new_id(), &new_code(), app.now()).await?;
                }
                return page.go(&format!("{}/{id}", viewer.base()), "good", "Đã thêm khu vực.").await;
            }
            Err(error) if is_unique_violation(&error) => {
                errors.add("area_name", page.t("Địa điểm đã có khu vực tên này."));
            }
            Err(error) => return Err(error.into()),
        }
    }
    render(&app, &page, &viewer, &place, &errors, &form.name, None).await
}

/// Issues the next version of an area's code and retires the one in force: a poster was lost or copied.
///
/// # Errors
/// Not found when the place is not the viewer's or was not approved.
pub async fn renew_code(State(app): State<App>, page: Page, Path((id, area)): Path<(i64, i64)>) -> Result {
    let (viewer, _) = area_of(&app, &page, id, area).await?;
    app.store.renew_code(area, new_id(), &new_code(), app.now()).await?;
    page.go(
        &format!("{}/{id}", viewer.base()),
        "good",
        "Đã đổi mã. Hãy in lại áp phích; mã cũ không dùng được nữa.",
    )
    .await
}

/// Retires an area's code without a successor.
///
/// # Errors
/// Not found when the place is not the viewer's or was not approved.
pub async fn retire_code(State(app): State<App>, page: Page, Path((id, area)): Path<(i64, i64)>) -> Result {
    let (viewer, _) = area_of(&app, &page, id, area).await?;
    for point in app.store.points_of_place(id).await? {
        if point.point.area_id == area && point.point.retired_at.is_none() {
            app.store.retire_code(point.point.id, app.now()).await?;
        }
    }
    page.go(&format!("{}/{id}", viewer.base()), "good", "Đã thu hồi mã.").await
}

async fn area_of(app: &App, page: &Page, id: i64, area: i64) -> Result<(Viewer, Place)> {
    let (viewer, place) = viewed(app, page, id).await?;
    viewer.may_change()?;
    let found = app.store.area(area).await?.filter(|area| area.place_id == id);
    if found.is_none() || place.state != "approved" {
        return Err(AppError::NotFound);
    }
    Ok((viewer, place))
}

/// Approves a place: its codes are issued and its posters can be printed.
///
/// # Errors
/// Not found for all but officers with the commune in their subtree.
pub async fn approve(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (viewer, place) = viewed(&app, &page, id).await?;
    let Viewer::Office { login, id: by, decides: true } = &viewer else { return Err(AppError::NotFound) };
    let areas = app.store.areas_of_place(id).await?;
    let codes: Vec<_> = areas.iter().map(|area| (area.id, new_id(), new_code())).collect();
    if !app.store.approve_place(id, *by, app.now(), &codes).await? {
        return Err(AppError::BadRequest("Địa điểm này đã được xử lý rồi."));
    }
    let scope = format!("place {} {}", place.id, place.name);
    audit::record(
        &app,
        Act { actor: login, action: "place.approved", scope, count: 1, ..Act::default() },
        &[],
    )
    .await?;
    page.go(&format!("/places/{id}"), "good", "Đã duyệt. Áp phích đã sẵn sàng để in.").await
}

/// Why a place is returned.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ReturnForm {
    reason: String,
}

/// Returns a place to its owner with a reason.
///
/// # Errors
/// Not found for all but officers with the commune in their subtree.
pub async fn send_back(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ReturnForm>,
) -> Result {
    let (viewer, place) = viewed(&app, &page, id).await?;
    let Viewer::Office { login, id: by, decides: true } = &viewer else { return Err(AppError::NotFound) };
    let mut errors = Errors::default();
    let reason = forms::line(&page, &mut errors, "reason", &form.reason, 300);
    if !errors.is_empty() {
        return render(&app, &page, &viewer, &place, &errors, "", None).await;
    }
    if !app.store.return_place(id, *by, &reason, app.now()).await? {
        return Err(AppError::BadRequest("Địa điểm này đã được xử lý rồi."));
    }
    let scope = format!("place {} {}", place.id, place.name);
    audit::record(
        &app,
        Act { actor: login, action: "place.returned", scope, count: 1, ..Act::default() },
        &[],
    )
    .await?;
    page.go("/places", "good", "Đã trả lại cho chủ địa điểm kèm lý do.").await
}
