//! Lists of places taken in by an office: a dry run that tells every problem, then all at once, to be taken
//! back within a day while nobody has scanned there.

use std::collections::HashSet;

use axum::{
    Form,
    extract::{Path, Query, State},
};
use documents::{SheetTemplate, template_xlsx};
use domain::{
    list::{ListRow, has_errors},
    name::fold,
    phone::Phone,
    place_list::{self, NewPlace, PlaceList, PlaceListFacts},
    time::DAY_MS,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    place_batches::{BatchPlace, PlaceBatch},
    place_hours::PlaceHours,
    places::Place,
};

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    ids::new_id,
    intake::identity::owner_index,
    page::Page,
    web::{
        cards::Confirm,
        office::{Office, Upload, problems_view, rows_of},
        place_edit::new_code,
        place_new::{Contact, seal_contact},
        posters::file,
    },
};

/// Milliseconds for which a list can be taken back.
const UNDO_MS: i64 = DAY_MS;

/// Which unit.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    unit: String,
}

/// Shows what to do, and the lists taken in so far.
///
/// # Errors
/// Not found for all but officers who decide.
pub async fn show(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let office = Office::deciding(&app, &page, &asked.unit).await?;
    let now = app.now();
    app.counters.flush(&app.store).await?;
    let batches: Vec<Value> = app
        .store
        .place_batches(office.unit)
        .await?
        .into_iter()
        .map(|batch| {
            context! {
                id => batch.id.to_string(), made_at => batch.made_at, places => batch.places,
                undone_at => batch.undone_at, scans => batch.scans,
                may_undo => batch.undone_at.is_none() && now - batch.made_at < UNDO_MS && batch.scans == 0,
            }
        })
        .collect();
    let values = context! {
        unit_id => office.unit.to_string(), unit_name => office.tree.name(office.unit), batches,
        is_commune => office.is_commune(),
    };
    page.show("place_import.html", values).await
}

async fn look(app: &App, office: &Office, rows: &[ListRow]) -> Result<PlaceList> {
    let types: Vec<_> = app
        .store
        .place_types()
        .await?
        .into_iter()
        .map(|kind| (kind.code, kind.name_vi, kind.name_en))
        .collect();
    let communes: Vec<_> = office
        .tree
        .communes_within(office.unit)
        .into_iter()
        .map(|unit| {
            let above = unit.parent_id.map(|id| office.tree.name(id)).unwrap_or_default();
            (unit.code.clone(), format!("{}, {above}", unit.full_name), unit.id)
        })
        .collect();
    let known = app.store.places().await?;
    let existing: HashSet<(i64, String)> = known
        .into_iter()
        .filter(|place| place.state != "closed")
        .map(|place| (place.unit_id, fold(&place.name)))
        .collect();
    let default_commune = office.is_commune().then_some(office.unit);
    let facts = PlaceListFacts { types: &types, communes: &communes, existing: &existing, default_commune };
    Ok(place_list::read(rows, &facts))
}

/// Looks at a list and tells every problem; nothing is taken in yet.
///
/// # Errors
/// Not found for all but officers who decide; a bad request when the file cannot be read.
pub async fn check(State(app): State<App>, page: Page, Query(asked): Query<Asked>, form: Upload) -> Result {
    let office = Office::deciding(&app, &page, &asked.unit).await?;
    let back = format!("/imports?unit={}", office.unit);
    let rows = match rows_of(form, page.lang).await {
        Ok(rows) => rows,
        Err(error) => return page.back(&back, error).await,
    };
    let list = look(&app, &office, &rows).await?;
    let token = if !has_errors(&list.problems) && !list.places.is_empty() {
        app.pending.put(office.officer.id, office.unit, rows, app.now())
    } else {
        String::new()
    };
    let values = context! {
        what => "places", back, unit_name => office.tree.name(office.unit), good => list.places.len(),
        problems => problems_view(&list.problems, page.lang), token, too_many => false,
        sample => list.places.iter().take(5).map(|place| context! {
            row => place.row, first => &place.name, second => office.tree.name(place.unit_id),
        }).collect::<Vec<_>>(),
    };
    page.show("list_check.html", values).await
}

/// Takes in a list that was looked at.
///
/// # Errors
/// A bad request when it has waited too long, or something changed meanwhile.
pub async fn confirm(State(app): State<App>, page: Page, Form(form): Form<Confirm>) -> Result {
    let account = Office::deciding(&app, &page, "").await?.officer.id;
    let (unit, rows) = match app.pending.take(&form.token, account, app.now()) {
        Ok(taken) => taken,
        Err(error) => return page.back("/imports", error).await,
    };
    let office = Office::deciding(&app, &page, &unit.to_string()).await?;
    let list = look(&app, &office, &rows).await?;
    if has_errors(&list.problems) || list.places.is_empty() {
        return page
            .back(
                "/imports",
                AppError::BadRequest("Có địa điểm vừa được đăng ký ở nơi khác. Hãy gửi lại tệp."),
            )
            .await;
    }
    let places = list.places.into_iter().map(|place| batch_place(&app, place)).collect::<Result<Vec<_>>>()?;
    let count = i64::try_from(places.len()).unwrap_or(0);
    let batch = PlaceBatch {
        id: new_id(),
        unit_id: unit,
        made_at: app.now(),
        places: count,
        undone_at: None,
        scans: 0,
    };
    let scope = format!("list {} of {}", batch.id, office.tree.name(unit));
    let act = Act { actor: &office.officer.login, action: "places.imported", scope, count, ..Act::default() };
    audit::record(&app, act, &[]).await?;
    app.store.add_place_batch(&batch, office.officer.id, &places, || (new_id(), new_code())).await?;
    page.go(
        &format!("/imports?unit={unit}"),
        "good",
        "Đã nhận danh sách, mọi nơi có mã. Trong một ngày còn hoàn tác được.",
    )
    .await
}

fn batch_place(app: &App, place: NewPlace) -> Result<BatchPlace> {
    let id = new_id();
    let now = app.now();
    let phone = Phone::parse(&place.phone_e164).map_err(|_| AppError::BadRequest("Sai số điện thoại"))?;
    let contact = Contact { name: place.contact_name, phone: place.phone_e164 };
    Ok(BatchPlace {
        folded: fold(&place.name),
        place: Place {
            id,
            name: place.name,
            type_code: place.type_code,
            unit_id: place.unit_id,
            address: place.address,
            contact_sealed: seal_contact(app, id, &contact)?,
            owner_index: owner_index(&app.keyfile.index_key, &phone).to_vec(),
            state: "approved".to_owned(),
            return_reason: None,
            registered_at: now,
            decided_at: Some(now),
        },
        areas: place.areas,
        hours: PlaceHours {
            capacity: place.capacity.map(i64::from),
            opens_at: place.opens_at,
            closes_at: place.closes_at,
        },
    })
}

/// Takes a list back: its codes are retired and its places closed.
///
/// # Errors
/// A bad request once a day has passed or somebody has scanned there.
pub async fn undo(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result {
    let office = Office::deciding(&app, &page, &asked.unit).await?;
    let back = format!("/imports?unit={}", office.unit);
    app.counters.flush(&app.store).await?;
    let batches = app.store.place_batches(office.unit).await?;
    let batch = batches.iter().find(|batch| batch.id == id).ok_or(AppError::NotFound)?;
    if batch.scans > 0 {
        let error = AppError::BadRequest(
            "Đã có lượt quét ở danh sách này nên không hoàn tác được; hãy thu hồi mã từng nơi.",
        );
        return page.back(&back, error).await;
    }
    let since = app.now() - UNDO_MS;
    if !app.store.undo_place_batch(id, office.unit, since, app.now()).await? {
        return page
            .back(&back, AppError::BadRequest("Danh sách này đã quá một ngày hoặc đã được hoàn tác."))
            .await;
    }
    let scope = format!("list {id} of {}", office.tree.name(office.unit));
    let act = Act {
        actor: &office.officer.login,
        action: "places.import_undone",
        scope,
        count: batch.places,
        ..Act::default()
    };
    audit::record(&app, act, &[]).await?;
    page.go(&back, "good", "Đã hoàn tác danh sách. Các mã của nó không còn dùng được.").await
}

/// The empty list to fill in, with the types and communes to choose from.
///
/// # Errors
/// Not found for all but officers who decide.
pub async fn template(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let office = Office::deciding(&app, &page, &asked.unit).await?;
    let types = app.store.place_types().await?;
    let types: Vec<(&str, &str)> =
        types.iter().map(|kind| (kind.code.as_str(), kind.name_vi.as_str())).collect();
    let communes = office.tree.communes_within(office.unit);
    let communes: Vec<(&str, &str)> =
        communes.iter().map(|unit| (unit.code.as_str(), unit.full_name.as_str())).collect();
    let template = SheetTemplate::Places { place_types: &types, communes: &communes };
    let bytes = template_xlsx(template, app.now())?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(bytes, kind, "danh-sach-dia-diem.xlsx", false))
}
