//! Registering a place, and correcting one that the commune returned.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::name;
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};
use store::places::Place;

use crate::{
    app::App,
    error::{AppError, Result},
    i18n::Lang,
    ids::new_id,
    limits::AREAS_MAX,
    page::Page,
    tree,
    web::{
        forms::{self, Errors},
        owner::{self, Owner},
    },
};

/// Label under which contacts are sealed.
const LABEL: &str = "place contact v1";

/// Whom to call about a place. Kept sealed; shown to the owner and the commune.
#[derive(Serialize, Deserialize)]
pub struct Contact {
    /// Contact's name.
    pub name: String,
    /// Phone, E.164.
    pub phone: String,
}

/// Seals a contact to its place.
///
/// # Errors
/// When sealing fails.
pub fn seal_contact(app: &App, place_id: i64, contact: &Contact) -> Result<Vec<u8>> {
    let text = zeroize::Zeroizing::new(serde_json::to_vec(contact)?);
    Ok(app.keyfile.contact_key.seal(LABEL, &place_id.to_be_bytes(), &text, &mut rand::rng())?)
}

/// Opens a place's contact.
///
/// # Errors
/// When the key file is another one or the row was altered.
pub fn open_contact(app: &App, place: &Place) -> Result<Contact> {
    let opened = app.keyfile.contact_key.open(LABEL, &place.id.to_be_bytes(), &place.contact_sealed)?;
    Ok(serde_json::from_slice(&opened)?)
}

/// The place form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PlaceForm {
    name: String,
    type_code: String,
    unit_id: String,
    address: String,
    contact_name: String,
    areas: String,
}

/// Shows the empty form.
///
/// # Errors
/// When the page cannot be made.
pub async fn form(State(app): State<App>, page: Page) -> Result {
    let Some(owner) = owner::current(&app, page.session()).await? else {
        return Ok(Redirect::to("/owner").into_response());
    };
    show(&app, &page, &owner, &PlaceForm::default(), &Errors::default(), None).await
}

async fn show(
    app: &App,
    page: &Page,
    owner: &Owner,
    form: &PlaceForm,
    errors: &Errors,
    edit: Option<&Place>,
) -> Result {
    let tree = app.tree().await?;
    let communes: Vec<Value> = tree::options(&tree, domain::admin_unit::AdminUnit::is_commune)
        .into_iter()
        .map(|(id, label)| context! { value => id.to_string(), label })
        .collect();
    let types: Vec<Value> = app
        .store
        .place_types()
        .await?
        .into_iter()
        .map(|kind| {
            let label = if page.lang == Lang::Vi { kind.name_vi } else { kind.name_en };
            context! { value => kind.code, label }
        })
        .collect();
    let values = context! {
        communes, types, form => view(form),
        phone => owner.phone.display(),
        errors => errors.view(),
        edit => edit.map(|place| context! { id => place.id.to_string(), reason => &place.return_reason }),
    };
    page.show("place_new.html", values).await
}

fn view(form: &PlaceForm) -> Value {
    context! {
        name => &form.name, type_code => &form.type_code, unit_id => &form.unit_id, address => &form.address,
        contact_name => &form.contact_name, areas => &form.areas,
    }
}

/// Registers the place when everything is right; the commune then decides.
///
/// # Errors
/// Not found when no phone was proved.
pub async fn submit(State(app): State<App>, page: Page, Form(form): Form<PlaceForm>) -> Result {
    let owner = owner::require(&app, &page).await?;
    let mut errors = Errors::default();
    let checked = check(&app, &page, &form, &mut errors).await?;
    let Some((place, areas)) = checked else {
        return show(&app, &page, &owner, &form, &errors, None).await;
    };
    let contact = Contact { name: form.contact_name.trim().to_owned(), phone: owner.phone.e164() };
    let place = Place {
        contact_sealed: seal_contact(&app, place.id, &contact)?,
        owner_index: owner.index.to_vec(),
        ..place
    };
    app.store.add_place(&place, &name::fold(&place.name), &areas).await?;
    page.flash("good", "Đã gửi đăng ký. Xã, phường sẽ duyệt; trang này sẽ có áp phích để in ngay sau đó.")
        .await?;
    Ok(Redirect::to(&format!("/owner/places/{}", place.id)).into_response())
}

async fn check(
    app: &App,
    page: &Page,
    form: &PlaceForm,
    errors: &mut Errors,
) -> Result<Option<(Place, Vec<String>)>> {
    let tree = app.tree().await?;
    let name = forms::line(page, errors, "name", &form.name, 120);
    let address = forms::line(page, errors, "address", &form.address, 160);
    forms::person_name(page, errors, "contact_name", &form.contact_name);
    let unit_id = form
        .unit_id
        .parse::<i64>()
        .ok()
        .filter(|id| tree.get(*id).is_some_and(domain::admin_unit::AdminUnit::is_commune));
    if unit_id.is_none() {
        errors.add("unit_id", page.t("Hãy chọn xã, phường của địa điểm."));
    }
    if !app.store.place_types().await?.iter().any(|kind| kind.code == form.type_code) {
        errors.add("type_code", page.t("Hãy chọn loại địa điểm."));
    }
    let areas = areas(page, errors, &form.areas);
    let Some(unit_id) = unit_id.filter(|_| errors.is_empty()) else { return Ok(None) };
    let place = Place {
        id: new_id(),
        name,
        type_code: form.type_code.clone(),
        unit_id,
        address,
        contact_sealed: Vec::new(),
        owner_index: Vec::new(),
        state: "submitted".to_owned(),
        return_reason: None,
        registered_at: app.now(),
        decided_at: None,
    };
    Ok(Some((place, areas)))
}

/// Names of areas, one a line, each once.
fn areas(page: &Page, errors: &mut Errors, text: &str) -> Vec<String> {
    let mut areas: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let area = forms::line(page, errors, "areas", line, 60);
        if !areas.contains(&area) {
            areas.push(area);
        }
    }
    if areas.len() > AREAS_MAX {
        errors.add("areas", page.t("Mỗi địa điểm có tối đa 200 khu vực."));
    }
    areas
}

/// Shows the form of a place that waits or was returned, to correct it.
///
/// # Errors
/// Not found when the place is not the owner's or was approved.
pub async fn edit_form(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (owner, place) = own_unapproved(&app, &page, id).await?;
    let contact = open_contact(&app, &place)?;
    let form = PlaceForm {
        name: place.name.clone(),
        type_code: place.type_code.clone(),
        unit_id: place.unit_id.to_string(),
        address: place.address.clone(),
        contact_name: contact.name,
        areas: String::new(),
    };
    show(&app, &page, &owner, &form, &Errors::default(), Some(&place)).await
}

async fn own_unapproved(app: &App, page: &Page, id: i64) -> Result<(Owner, Place)> {
    let owner = owner::require(app, page).await?;
    let place = app.store.place(id).await?.ok_or(AppError::NotFound)?;
    let own = place.owner_index == owner.index && matches!(place.state.as_str(), "submitted" | "returned");
    if own { Ok((owner, place)) } else { Err(AppError::NotFound) }
}

/// Sends a corrected place to the commune again.
///
/// # Errors
/// Not found when the place is not the owner's or was approved.
pub async fn edit(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<PlaceForm>,
) -> Result {
    let (owner, old) = own_unapproved(&app, &page, id).await?;
    let mut errors = Errors::default();
    let Some((place, _)) = check(&app, &page, &form, &mut errors).await? else {
        return show(&app, &page, &owner, &form, &errors, Some(&old)).await;
    };
    let contact = Contact { name: form.contact_name.trim().to_owned(), phone: owner.phone.e164() };
    let place = Place { id, contact_sealed: seal_contact(&app, id, &contact)?, ..place };
    if !app.store.resubmit_place(&place, &name::fold(&place.name)).await? {
        return Err(AppError::NotFound);
    }
    page.go(&format!("/owner/places/{id}"), "good", "Đã gửi lại cho xã, phường.").await
}
