//! What looked odd at places of a unit: counted, shown, never held against a person.

use std::collections::{HashMap, HashSet};

use axum::{
    Form,
    extract::{Path, Query, State},
};
use domain::{
    plausible,
    time::{date_of_day_number, day_number},
};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::{
    app::App,
    error::{AppError, Result},
    figures,
    i18n::Lang,
    jobs,
    page::Page,
    web::{devices::Asked, office::Office},
};

/// Days shown.
const DAYS: i64 = 7;

/// Shows the oddities of a week, and what visitors said of posters.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let office = Office::of(&app, &page, &asked.unit).await?;
    jobs::write_oddities(&app).await?;
    let since = day_number(app.clock.today()) - DAYS + 1;
    let found = app.store.oddities_since(since).await?;
    let areas = areas(&app, &found).await?;
    let suspended = app.store.suspended_places().await?;
    let odd: Vec<Value> = found
        .into_iter()
        .filter_map(|oddity| {
            let (place_id, place, area, unit_id) = areas.get(&oddity.area_id)?;
            if !office.tree.is_within(*unit_id, office.unit) {
                return None;
            }
            let kind = plausible::Oddity::parse(&oddity.kind)?;
            let words = if page.lang == Lang::Vi { kind.vi() } else { kind.en() };
            Some(context! {
                day => oddity.event_day, on => date_of_day_number(oddity.event_day).to_string(),
                area_id => oddity.area_id, kind => oddity.kind, words, place, area,
                place_id => place_id.to_string(), commune => office.tree.name(*unit_id), scans => oddity.scans,
                suspended => suspended.contains(place_id), first_at => oddity.first_at, last_at => oddity.last_at, seen_at => oddity.seen_at,
            })
        })
        .collect();
    let values = context! {
        unit_id => office.unit.to_string(), unit_name => office.tree.name(office.unit), odd,
        decides => office.decides(), reports => reports(&app, &page, &office, &suspended).await?,
    };
    page.show("oddities.html", values).await
}

type AreaFacts = (i64, String, String, i64);

/// The areas of oddities: of points in force as the figures know them, others one by one.
async fn areas(app: &App, odd: &[store::oddities::Oddity]) -> Result<HashMap<i64, AreaFacts>> {
    let mut wanted: HashSet<i64> = odd.iter().map(|one| one.area_id).collect();
    let mut areas = HashMap::new();
    if wanted.is_empty() {
        return Ok(areas);
    }
    for point in &figures::on(app, app.clock.today()).await?.points {
        let facts = &point.facts;
        if wanted.remove(&facts.point.area_id) {
            let named = (facts.place_id, facts.place_name.clone(), facts.area_name.clone(), facts.unit_id);
            areas.insert(facts.point.area_id, named);
        }
    }
    for id in wanted {
        let Some(area) = app.store.area(id).await? else { continue };
        let Some(place) = app.store.place(area.place_id).await? else { continue };
        areas.insert(id, (place.id, place.name, area.name, place.unit_id));
    }
    Ok(areas)
}

async fn reports(app: &App, page: &Page, office: &Office, suspended: &HashSet<i64>) -> Result<Vec<Value>> {
    let words = |kind: &str| {
        let known = crate::visit::report::KINDS.iter().find(|(code, _)| *code == kind);
        known.map(|(_, label)| page.t(label)).unwrap_or_default()
    };
    let open = app.store.open_poster_reports().await?;
    Ok(open
        .into_iter()
        .filter(|report| office.tree.is_within(report.unit_id, office.unit))
        .map(|report| {
            context! {
                place => report.place_name, area => report.area_name, place_id => report.place_id.to_string(),
                commune => office.tree.name(report.unit_id), words => words(&report.kind), times => report.times,
                last_at => report.last_at, suspended => suspended.contains(&report.place_id),
            }
        })
        .collect())
}

/// Which oddity.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Seen {
    unit: String,
    kind: String,
}

/// Notes that an officer has seen an oddity.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn see(
    State(app): State<App>,
    page: Page,
    Path((day, area_id)): Path<(i64, i64)>,
    Form(form): Form<Seen>,
) -> Result {
    let office = Office::deciding(&app, &page, &form.unit).await?;
    let place = match app.store.area(area_id).await? {
        Some(area) => app.store.place(area.place_id).await?,
        None => None,
    };
    let unit = place.map(|place| place.unit_id);
    office.officer.require_unit(&office.tree, unit.ok_or(AppError::NotFound)?)?;
    if !app.store.see_oddity(day, area_id, &form.kind, app.now()).await? {
        return Err(AppError::NotFound);
    }
    page.go(&format!("/odd?unit={}", office.unit), "good", "Đã ghi là đã xem.").await
}

/// Notes that somebody saw to a place's posters.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn close_reports(
    State(app): State<App>,
    page: Page,
    Path(place_id): Path<i64>,
    Form(form): Form<Seen>,
) -> Result {
    let office = Office::deciding(&app, &page, &form.unit).await?;
    let place = app.store.place(place_id).await?.ok_or(AppError::NotFound)?;
    office.officer.require_unit(&office.tree, place.unit_id)?;
    app.store.close_poster_reports(place_id, app.now()).await?;
    page.go(&format!("/odd?unit={}", office.unit), "good", "Đã ghi là đã xử lý áp phích.").await
}
