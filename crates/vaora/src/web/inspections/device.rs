//! The inspector's phone: the shell that opens without a network, what it downloads, and what it hands in.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    response::IntoResponse as _,
};
use data_encoding::BASE64;
use domain::{
    inspection::{Answer, CODE_SIDE_CM_MIN, COUNT_SECONDS, CodeVerdict, Item, POSTER_TOP_CM_MAX},
    role::Role,
    time::Millis,
};
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};
use store::inspections::Recorded;

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    page::Page,
    tree::address_of,
    web::inspections::{
        OWN_MAX, id_of,
        jpeg::PHOTO_BYTES_MAX,
        record::{codes_of, keep},
        record_form::{Raw, RawScan, check},
        type_names, whys,
    },
};

/// Passes those who inspect.
fn inspector(page: &Page) -> Result<Officer> {
    let officer = page.officer()?.clone();
    officer.require(&[Role::UnitOfficer, Role::Reviewer])?;
    Ok(officer)
}

/// The shell. It names nobody: it stays on the phone when another signs in.
///
/// # Errors
/// Not found for those who do not inspect.
pub async fn shell(State(_app): State<App>, page: Page) -> Result {
    inspector(&page)?;
    let items: Vec<Value> = Item::ALL
        .iter()
        .map(|item| context! { code => item.code(), label => page.t(item.label()) })
        .collect();
    let answers: Vec<Value> =
        Answer::ALL.iter().map(|one| context! { code => one.code(), label => page.t(one.label()) }).collect();
    let verdicts: Vec<Value> = CodeVerdict::ALL
        .iter()
        .map(|one| context! { code => one.code(), label => page.t(one.label()) })
        .collect();
    let values = context! {
        items, answers, verdicts, minutes => COUNT_SECONDS / 60, side_cm => CODE_SIDE_CM_MIN,
        top_cm => POSTER_TOP_CM_MAX,
    };
    Ok(page.html("inspect.html", values)?.into_response())
}

/// What a phone downloads.
#[derive(Serialize)]
struct Download {
    account: String,
    name: String,
    server_time: Millis,
    inspections: Vec<Visit>,
}

/// An inspection to be made, with the codes of its place.
#[derive(Serialize)]
struct Visit {
    id: String,
    place: String,
    kind: String,
    address: String,
    commune: String,
    day: String,
    whys: Vec<String>,
    in_force: Vec<Code>,
    retired: Vec<String>,
}

/// A code in force and its area.
#[derive(Serialize)]
struct Code {
    code: String,
    area: String,
}

/// The officer's open inspections.
///
/// # Errors
/// Unauthorised for strangers, not found for those who do not inspect.
pub async fn list(State(app): State<App>, page: Page) -> Result {
    let officer = inspector(&page)?;
    let tree = app.tree().await?;
    let types = type_names(&app, &page).await?;
    let codes = app.store.codes_for_inspector(officer.id).await?;
    let inspections = app.store.inspections_of_inspector(officer.id, OWN_MAX).await?;
    let inspections = inspections
        .into_iter()
        .map(|one| {
            let of_place = || codes.iter().filter(|code| code.place_id == one.place_id);
            let code = |code: &store::inspections::PlaceCode| Code {
                code: code.code.clone(),
                area: code.area.clone(),
            };
            Visit {
                id: one.id.to_string(),
                in_force: of_place().filter(|code| !code.is_retired).map(code).collect(),
                retired: of_place().filter(|code| code.is_retired).map(|code| code.code.clone()).collect(),
                kind: types.get(&one.type_code).cloned().unwrap_or_default(),
                commune: address_of(&tree, one.unit_id),
                day: one.day_on.unwrap_or_default(),
                whys: whys(&page, &one.reasons),
                place: one.place_name,
                address: one.address,
            }
        })
        .collect();
    let download =
        Download { account: officer.id.to_string(), name: officer.name, server_time: app.now(), inspections };
    Ok(Json(download).into_response())
}

/// A visit as a phone hands it in.
#[derive(Deserialize)]
pub struct Handed {
    inspection: String,
    delivery: String,
    began_at: Millis,
    ended_at: Millis,
    #[serde(default)]
    scans: Vec<HandedScan>,
    answers: std::collections::HashMap<String, HandedAnswer>,
    #[serde(default)]
    entering: i64,
    #[serde(default)]
    scanning: i64,
    #[serde(default)]
    count_seconds: i64,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    inspector_title: String,
    #[serde(default)]
    representative: String,
    #[serde(default)]
    representative_title: String,
    #[serde(default)]
    refused: bool,
    /// JPEGs, base64.
    #[serde(default)]
    photos: Vec<String>,
}

/// A poster as the phone judged it; the server judges codes of ours again.
#[derive(Deserialize)]
struct HandedScan {
    verdict: String,
    #[serde(default)]
    kept: String,
}

/// An answer.
#[derive(Deserialize)]
struct HandedAnswer {
    answer: String,
    #[serde(default)]
    note: String,
}

/// What became of it.
#[derive(Serialize)]
struct Outcome {
    /// `accepted`, `duplicate` or `refused`.
    outcome: &'static str,
    text: String,
}

fn raw_of(handed: Handed) -> Raw {
    let scan = |scan: HandedScan| match CodeVerdict::from_code(&scan.verdict) {
        Some(verdict @ CodeVerdict::Foreign) => RawScan::Verdict(verdict, scan.kept),
        Some(CodeVerdict::Unreadable) | None => RawScan::Verdict(CodeVerdict::Unreadable, String::new()),
        Some(_) => RawScan::Text(scan.kept),
    };
    let photo = |text: &String| {
        let fits = text.len() <= PHOTO_BYTES_MAX * 4 / 3 + 8;
        if fits { BASE64.decode(text.as_bytes()).unwrap_or_default() } else { Vec::new() }
    };
    Raw {
        delivery_id: handed.delivery,
        span: (handed.began_at, handed.ended_at),
        scans: handed.scans.into_iter().map(scan).collect(),
        answers: handed.answers.into_iter().map(|(item, one)| (item, (one.answer, one.note))).collect(),
        count: (handed.entering, handed.scanning, handed.count_seconds),
        notes: handed.notes,
        inspector_title: handed.inspector_title,
        representative: (handed.representative, handed.representative_title),
        refused: handed.refused,
        photos: handed.photos.iter().map(photo).collect(),
    }
}

/// Takes a visit, once: the same delivery again gets the same answer.
///
/// # Errors
/// Unauthorised for strangers, not found for those who do not inspect, bad request for what is no visit.
pub async fn take(
    State(app): State<App>,
    page: Page,
    handed: std::result::Result<Json<Handed>, JsonRejection>,
) -> Result {
    let officer = inspector(&page)?;
    let Json(handed) = handed
        .map_err(|_| AppError::BadRequest("Bản ghi không đọc được. Hãy mở lại ứng dụng rồi gửi lại."))?;
    let refused = |words: &str| Ok(Json(Outcome { outcome: "refused", text: page.t(words) }).into_response());
    let id = id_of(&handed.inspection).unwrap_or_default();
    let inspection = app.store.inspection(id).await?.filter(|one| one.inspector_id == Some(officer.id));
    let Some(inspection) = inspection else {
        return refused(
            "Việc này không giao cho tài khoản đang đăng nhập. Hãy đăng nhập đúng tài khoản rồi gửi lại.",
        );
    };
    let codes = codes_of(&app, inspection.place_id).await?;
    let draft = match check(raw_of(handed), &codes, app.now()) {
        Ok(draft) => draft,
        Err(problems) => return refused(problems.first().map_or("", |(_, words)| words)),
    };
    let (outcome, words) = match keep(&app, &officer, &inspection, draft).await? {
        Recorded::Kept => ("accepted", "Đã ghi biên bản."),
        Recorded::Duplicate => ("duplicate", "Đã ghi biên bản."),
        Recorded::NotPlanned => ("refused", "Nơi này đã có biên bản khác, hoặc kế hoạch đã kết thúc."),
    };
    Ok(Json(Outcome { outcome, text: page.t(words) }).into_response())
}
