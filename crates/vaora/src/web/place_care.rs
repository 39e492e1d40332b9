//! Who is responsible for a place beside its commune, and whether it is kept out of what is published: set by its
//! commune.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::admin_unit::UnitTree;
use minijinja::{Value, context};
use serde::Deserialize;
use store::{place_care::DepartmentChoice, places::Place};

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    page::Page,
    web::{
        forms::Errors,
        place_edit::{self, Viewer, viewed},
    },
};

/// The commune's choices, as sent.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CareForm {
    /// Empty: by category; `none`; or a department's id.
    department: String,
    /// Empty: by category; `1` or `0`.
    sensitive: String,
}

/// What a place's page shows of it.
///
/// # Errors
/// When the store refuses.
pub async fn view(app: &App, page: &Page, tree: &UnitTree, place: &Place) -> Result<Value> {
    let Some(care) = app.store.place_care(place.id).await? else { return Ok(Value::UNDEFINED) };
    let rule = app.store.type_rules().await?.into_iter().find(|rule| rule.type_code == place.type_code);
    let by_type = rule.as_ref().and_then(|rule| rule.department_id);
    let nobody = || page.t("Không thuộc sở, ngành nào");
    let name = |unit: Option<i64>| unit.map_or_else(nobody, |unit| tree.name(unit).to_owned());
    let mut options = vec![
        context! { value => "", label => page.tf("Theo loại: {name}", &[("name", name(by_type))]) },
        context! { value => "none", label => nobody() },
    ];
    options.extend(
        departments(tree).map(|unit| context! { value => unit.id.to_string(), label => &unit.full_name }),
    );
    let chosen = match (care.department_set, care.department_id) {
        (false, _) => String::new(),
        (true, None) => "none".to_owned(),
        (true, Some(id)) => id.to_string(),
    };
    let usual = if rule.is_some_and(|rule| rule.sensitive) {
        "Theo loại: nhạy cảm"
    } else {
        "Theo loại: bình thường"
    };
    let sensitive = [("", usual), ("1", "Nhạy cảm"), ("0", "Bình thường")];
    Ok(context! {
        department => name(care.department_id), options, chosen, sensitive => care.sensitive,
        sensitive_chosen => care.sensitive_set.map_or("", |set| if set { "1" } else { "0" }),
        sensitive_options => sensitive.iter().map(|(value, label)| context! { value => *value, label => page.t(label) }).collect::<Vec<_>>(),
    })
}

fn departments(tree: &UnitTree) -> impl Iterator<Item = &domain::admin_unit::AdminUnit> {
    tree.valid().filter(|unit| unit.level == "department")
}

/// Keeps a commune's choices for a place. Sent twice, it stays the same.
///
/// # Errors
/// Not found for all but officers with the commune in their subtree; the page again when a choice is none.
pub async fn set(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<CareForm>,
) -> Result {
    let (viewer, place) = viewed(&app, &page, id).await?;
    let Viewer::Office { login, decides: true, .. } = &viewer else { return Err(AppError::NotFound) };
    let tree = app.tree().await?;
    let department = match form.department.as_str() {
        "" => Some(DepartmentChoice::ByType),
        "none" => Some(DepartmentChoice::Nobody),
        text => text
            .parse()
            .ok()
            .filter(|id| departments(&tree).any(|unit| unit.id == *id))
            .map(DepartmentChoice::Unit),
    };
    let sensitive = match form.sensitive.as_str() {
        "" => Some(None),
        "1" => Some(Some(true)),
        "0" => Some(Some(false)),
        _ => None,
    };
    let (Some(department), Some(sensitive)) = (department, sensitive) else {
        let mut errors = Errors::default();
        errors.add("department", page.t("Hãy chọn một sở, ngành và một mức trong danh sách."));
        return place_edit::render(&app, &page, &viewer, &place, &errors, "", None).await;
    };
    app.store.set_place_care(id, department, sensitive).await?;
    let scope = format!("place {} {}", place.id, place.name);
    audit::record(&app, Act { actor: login, action: "place.care", scope, count: 1, ..Act::default() }, &[])
        .await?;
    page.go(&format!("/places/{id}"), "good", "Đã ghi nơi phụ trách.").await
}
