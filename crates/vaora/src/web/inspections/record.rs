//! Recording a visit: the plain form that works without JavaScript, and the keeping that phone and form share.

use std::collections::HashMap;

use axum::extract::{Path, Request, State};
use domain::{
    inspection::{Answer, Answered, CodeVerdict, Item, codes::Judged, findings},
    time::local_date,
};
use minijinja::{Value, context};
use store::inspections::{Inspection, InspectionRecord, NewFinding, Recorded};

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    ids::{new_id, new_token},
    page::Page,
    web::inspections::{
        id_of, jpeg, plan,
        record_form::{Draft, PlaceCodes, Problems, Raw, RawScan, answers_to_text, check, scans_to_text},
        record_parts, tell, whys,
    },
};

/// The codes of an inspection's place.
///
/// # Errors
/// When the store refuses.
pub async fn codes_of(app: &App, place_id: i64) -> Result<PlaceCodes> {
    let points = app.store.points_of_place(place_id).await?;
    let (in_force, retired): (Vec<_>, Vec<_>) =
        points.into_iter().partition(|point| point.point.retired_at.is_none());
    let code = |point: store::places::PointFacts| point.point.code;
    Ok(PlaceCodes {
        in_force: in_force.into_iter().map(code).collect(),
        retired: retired.into_iter().map(code).collect(),
    })
}

/// Keeps a sound visit, derives its findings and tells those concerned.
///
/// # Errors
/// When the store refuses; nothing is kept then.
pub async fn keep(app: &App, officer: &Officer, inspection: &Inspection, draft: Draft) -> Result<Recorded> {
    let today = app.clock.today();
    let calendar = plan::calendar(app).await?;
    let verdicts: Vec<CodeVerdict> = draft.scans.iter().map(|scan| scan.verdict).collect();
    // A phone may have been without a network for days: the place's days begin when the record is here.
    let found: Vec<NewFinding> = findings::derive(&draft.answers, &verdicts, draft.entering, draft.scanning)
        .into_iter()
        .map(|(code, note)| NewFinding {
            id: new_id(),
            code: code.code().to_owned(),
            note,
            due_on: code.due_on(today, &calendar).to_string(),
        })
        .collect();
    let record = record_of(officer, inspection, &draft, app.now());
    let done_on = local_date(draft.ended_at).to_string();
    let outcome = app.store.record_inspection(&record, &found, &draft.photos, &done_on).await?;
    if outcome == Recorded::Kept {
        tell::recorded(app, inspection, &found, &done_on).await?;
        tell::mended(app, inspection.place_id).await?;
    }
    Ok(outcome)
}

fn record_of(officer: &Officer, inspection: &Inspection, draft: &Draft, now: i64) -> InspectionRecord {
    InspectionRecord {
        inspection_id: inspection.id,
        delivery_id: draft.delivery_id.clone(),
        recorded_by: officer.id,
        began_at: draft.began_at,
        ended_at: draft.ended_at,
        received_at: now,
        scans: scans_to_text(&draft.scans),
        answers: answers_to_text(&draft.answers),
        entering: draft.entering,
        scanning: draft.scanning,
        count_seconds: draft.count_seconds,
        notes: draft.notes.clone(),
        inspector_title: draft.inspector_title.clone(),
        representative: draft.representative.clone(),
        representative_title: draft.representative_title.clone(),
        refused_to_sign: draft.refused,
    }
}

/// The inspection of an officer who is to make it.
///
/// # Errors
/// Not found for everybody else.
pub async fn own(app: &App, officer: &Officer, id: i64) -> Result<Inspection> {
    let inspection = app.store.inspection(id).await?.ok_or(AppError::NotFound)?;
    let is_own = inspection.inspector_id == Some(officer.id) && inspection.state != "proposed";
    if is_own { Ok(inspection) } else { Err(AppError::NotFound) }
}

/// Shows the form.
///
/// # Errors
/// Not found for all but the inspector.
pub async fn form(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let inspection = own(&app, page.officer()?, id_of(&id)?).await?;
    if inspection.state != "planned" {
        return page.go(&format!("/inspections/{id}"), "warn", "Nơi này đã có biên bản.").await;
    }
    let typed = HashMap::new();
    show(&app, &page, &inspection, &typed, &Problems::new(), &[]).await
}

async fn show(
    app: &App,
    page: &Page,
    inspection: &Inspection,
    typed: &HashMap<String, String>,
    problems: &Problems,
    photos: &[Vec<u8>],
) -> Result {
    let tree = app.tree().await?;
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let mut errors: std::collections::BTreeMap<&str, String> = std::collections::BTreeMap::new();
    for (field, words) in problems {
        errors.entry(field).or_insert_with(|| page.t(words));
    }
    let items: Vec<Value> = Item::ALL
        .iter()
        .map(|item| {
            context! {
                code => item.code(), label => page.t(item.label()), value => of(&format!("answer_{}", item.code())),
                note => of(&format!("note_{}", item.code())), error => errors.get(item.code()),
            }
        })
        .collect();
    let or = |text: String, other: String| if text.is_empty() { other } else { text };
    let (delivery, began) = (or(of("delivery"), new_token()), or(of("began"), app.now().to_string()));
    let choices: Vec<Value> = Answer::ALL
        .iter()
        .map(|one| context! { value => one.code(), label => page.t(one.label()) })
        .collect();
    let values = context! {
        inspection => context! {
            id => inspection.id.to_string(), place => &inspection.place_name, address => &inspection.address,
            commune => crate::tree::address_of(&tree, inspection.unit_id), day_on => &inspection.day_on,
            whys => whys(page, &inspection.reasons),
        },
        items, choices, errors, typed, delivery, began, kept_photos => record_parts::sent_back(photos),
        photos_max => jpeg::PHOTOS_MAX,
    };
    page.show("inspection_record.html", values).await
}

fn raw_of(typed: &HashMap<String, String>, photos: Vec<Vec<u8>>, now: i64) -> Raw {
    let of = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let number = |name: &str| match of(name).trim() {
        "" => 0,
        text => text.parse().unwrap_or(-1),
    };
    let answers = Item::ALL.iter().map(|item| {
        let code = item.code();
        (code.to_owned(), (of(&format!("answer_{code}")), of(&format!("note_{code}"))))
    });
    let lines = of("codes");
    Raw {
        delivery_id: of("delivery"),
        span: (of("began").parse().unwrap_or(now), now),
        scans: lines
            .lines()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| RawScan::Text(text.to_owned()))
            .collect(),
        answers: answers.collect(),
        count: (number("entering"), number("scanning"), number("minutes").max(0).saturating_mul(60)),
        notes: of("notes"),
        inspector_title: of("inspector_title"),
        representative: (of("representative"), of("representative_title")),
        refused: typed.contains_key("refused"),
        photos,
    }
}

/// Takes the form; sent twice it is the same record.
///
/// # Errors
/// Not found for all but the inspector.
pub async fn submit(State(app): State<App>, page: Page, Path(id): Path<String>, request: Request) -> Result {
    let officer = page.officer()?;
    let inspection = own(&app, officer, id_of(&id)?).await?;
    let (typed, photos) = record_parts::read(request).await?;
    let codes = codes_of(&app, inspection.place_id).await?;
    let draft = match check(raw_of(&typed, photos.clone(), app.now()), &codes, app.now()) {
        Ok(draft) => draft,
        Err(problems) => return show(&app, &page, &inspection, &typed, &problems, &photos).await,
    };
    let to = format!("/inspections/{id}");
    match keep(&app, officer, &inspection, draft).await? {
        Recorded::Kept | Recorded::Duplicate => {
            page.go(&to, "good", "Đã ghi biên bản. Cơ sở và xã, phường đã được báo.").await
        }
        Recorded::NotPlanned => {
            page.go(&to, "warn", "Nơi này đã có biên bản khác; bản vừa gửi không được ghi.").await
        }
    }
}

/// Answers as pages show them.
#[must_use]
pub fn answers_view(page: &Page, answers: &[Answered]) -> Vec<Value> {
    answers
        .iter()
        .map(|one| {
            context! {
                item => page.t(one.item.label()), answer => page.t(one.answer.label()), code => one.answer.code(),
                note => &one.note,
            }
        })
        .collect()
}

/// What is kept of a poster, as people read it: our code in groups, a foreign system by its name without the remark
/// in English.
#[must_use]
pub fn kept_words(one: &Judged) -> String {
    if one.verdict == CodeVerdict::Foreign {
        return one.kept.split(" (").next().unwrap_or_default().to_owned();
    }
    crate::web::place_edit::grouped(&one.kept)
}

/// Posters as pages show them.
#[must_use]
pub fn scans_view(page: &Page, scans: &[Judged]) -> Vec<Value> {
    scans
        .iter()
        .map(|one| {
            let kept = kept_words(one);
            context! { words => page.t(one.verdict.label()), is_right => one.verdict == CodeVerdict::Right, kept }
        })
        .collect()
}
