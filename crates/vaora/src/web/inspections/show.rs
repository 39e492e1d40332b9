//! One inspection: why, what was seen, what was found and how it stands.

use axum::{
    extract::{Path, State},
    response::Response,
};
use minijinja::{Value, context};
use store::inspections::Inspection;

use crate::{
    app::App,
    error::{AppError, Result},
    page::Page,
    tree::address_of,
    web::{
        inspections::{
            Desk, id_of, line,
            lists::finding_line,
            may_follow, may_read,
            record::{answers_view, scans_view},
            record_form::{answers_of, scans_of},
            type_names,
        },
        posters::file,
    },
};

/// The inspection of a page.
///
/// # Errors
/// Not found for those who may not read it.
pub async fn read(app: &App, page: &Page, id: &str) -> Result<(Desk, Inspection)> {
    let officer = page.officer()?.clone();
    let inspection = app.store.inspection(id_of(id)?).await?.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    may_read(&officer, &tree, &inspection)?;
    let root = officer.root(&tree);
    Ok((Desk { officer, tree, root }, inspection))
}

/// Shows an inspection.
///
/// # Errors
/// Not found for those who may not read it.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let (desk, inspection) = read(&app, &page, &id).await?;
    let today = app.clock.today().to_string();
    let types = type_names(&app, &page).await?;
    let record = match app.store.inspection_record(inspection.id).await? {
        Some(record) => Some(context! {
            began_at => record.began_at, ended_at => record.ended_at, received_at => record.received_at,
            scans => scans_view(&page, &scans_of(&record.scans)),
            answers => answers_view(&page, &answers_of(&record.answers)),
            entering => record.entering, scanning => record.scanning, minutes => (record.count_seconds + 59) / 60,
            notes => record.notes, inspector_title => record.inspector_title,
            representative => record.representative, representative_title => record.representative_title,
            refused => record.refused_to_sign,
            photos => (1..=app.store.inspection_photos(inspection.id).await?).collect::<Vec<_>>(),
        }),
        None => None,
    };
    let findings: Vec<Value> = app
        .store
        .findings_of_root(inspection.root_id)
        .await?
        .iter()
        .map(|one| finding_line(&page, desk.tree.name(one.unit_id), one, &today))
        .collect();
    let open = findings
        .iter()
        .filter(|one| one.get_attr("state").is_ok_and(|state| state.as_str() != Some("closed")));
    let open = open.count();
    let values = context! {
        inspection => line(&page, &desk.tree, &types, &inspection, &today), open,
        full_commune => address_of(&desk.tree, inspection.unit_id), record, findings,
        reminders => app.store.inspection_reminders(inspection.root_id).await?,
        suspension => suspension(&app, &inspection).await?,
        is_mine => inspection.inspector_id == Some(desk.officer.id),
        follows => may_follow(&desk.officer, &desk.tree, inspection.unit_id, inspection.inspector_id).is_ok(),
        root_id => (inspection.root_id != inspection.id).then(|| inspection.root_id.to_string()),
    };
    page.show("inspection.html", values).await
}

async fn suspension(app: &App, inspection: &Inspection) -> Result<Option<Value>> {
    let found = app.store.suspension_of_place(inspection.place_id).await?;
    Ok(found.filter(|one| one.root_id == inspection.root_id).map(|one| {
        context! {
            state => one.state, proposed_on => one.proposed_on, decided_on => one.decided_on, reason => one.reason,
            until_on => one.until_on, lifted_on => one.lifted_on,
        }
    }))
}

/// A photo of an inspection.
///
/// # Errors
/// Not found for those who may not read it.
pub async fn photo(
    State(app): State<App>,
    page: Page,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response> {
    let (_, inspection) = read(&app, &page, &id).await?;
    let jpeg = app.store.inspection_photo(inspection.id, id_of(&number)?).await?.ok_or(AppError::NotFound)?;
    Ok(file(jpeg, "image/jpeg", "anh-kiem-tra.jpg", true))
}
