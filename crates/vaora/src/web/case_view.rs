//! A case: its openings, the timeline, ranked contacts, and their export.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use documents::{Cell, Column, ColumnKind, Table};
use domain::{
    opening::{Purpose, QuestionKind, Scope},
    phone::Phone,
    role::Role,
    sitting::SittingEnd,
    time::{DAY_MS, LOCAL_OFFSET_MS, date_of_day_number, day_number, local_date},
};
use minijinja::{Value, context};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use store::{cases::Case, openings::Opening};

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    trace::{
        cases,
        file::{self, CaseFile, Contact, Stay},
    },
    web::{inspections::ratios, posters::download, question_words::question_words},
};

/// Days that a question reaches back unless the profile says otherwise.
const QUESTION_DAYS: i64 = 14;

/// The case, for a tracer of its office.
///
/// # Errors
/// Not found for all others.
pub(crate) async fn viewed(app: &App, page: &Page, id: i64) -> Result<Case> {
    let officer = page.officer()?;
    officer.require(&[Role::Tracer])?;
    let case = app.store.case(id).await?.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    officer.require_unit(&tree, case.unit_id)?;
    Ok(case)
}

/// Shows a case. The first look of a sitting is logged before anything is shown.
///
/// # Errors
/// Not found for all but tracers of the case's office.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let case = viewed(&app, &page, id).await?;
    let file = file::open(&app, &case)?;
    if file.is_some() {
        log_view(&app, &page, &case).await?;
    }
    let openings = app.store.openings_of_case(id).await?;
    let mut opening_views = Vec::new();
    for opening in &openings {
        opening_views.push(opening_view(&app, &page, opening).await?);
    }
    let running = openings.iter().any(|o| matches!(o.state.as_str(), "requested" | "approved" | "running"));
    let until = app.clock.today();
    let values = context! {
        case => context! {
            id => case.id.to_string(), code => &case.code, profile => &case.profile, onset_on => &case.onset_on,
            isolated_on => &case.isolated_on, created_at => case.created_at, delete_at => case.delete_at,
            persons => cases::persons(&case).len(),
        },
        openings => opening_views,
        may_ask => !running,
        step => step_of(openings.first()),
        ask => context! {
            from => date_of_day_number(day_number(until) - QUESTION_DAYS + 1).to_string(), until => until.to_string(),
            days => QUESTION_DAYS,
            kinds => FURTHER.iter().map(|(kind, field)| context! { field => *field, label => page.t(kind.label()) }).collect::<Vec<_>>(),
            purposes => Purpose::ALL.iter().map(|p| context! { value => p.code(), label => page.t(p.label()) }).collect::<Vec<_>>(),
        },
        file => file.as_ref().map(|file| file_view(&page, file)),
        sitting => sitting_view(&app, &page, id).await?,
        completeness => completeness(&app, &page, file.as_ref()).await?,
    };
    page.show("case.html", values).await
}

/// Further questions that a request may name, with the field of each.
const FURTHER: [(QuestionKind, &str); 4] = [
    (QuestionKind::Generations, "ask_generations"),
    (QuestionKind::Places, "ask_places"),
    (QuestionKind::Chains, "ask_chains"),
    (QuestionKind::Timelines, "ask_timelines"),
];

/// Whether the case's data may be asked now, or how that ended.
async fn sitting_view(app: &App, page: &Page, id: i64) -> Result<Option<Value>> {
    if let Some(sitting) = app.sittings.of_case(app, id).await? {
        let asked = sitting.asked().0.len();
        return Ok(Some(context! { open => true, closes_at => sitting.closes_at(), asked }));
    }
    let Some(last) = app.store.latest_sitting(id).await? else { return Ok(None) };
    let why = last.ended_why.as_deref().and_then(SittingEnd::from_code);
    Ok(Some(context! { open => false, ended_at => last.ended_at, why => why.map(|why| page.t(why.label())) }))
}

/// How complete the contact list is, in words: what share of people scan at the types of place where the person was.
async fn completeness(app: &App, page: &Page, file: Option<&CaseFile>) -> Result<Vec<String>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let is_inside = |stay: &&Stay| stay.until_at > file.window_from_at && stay.from_at < file.window_until_at;
    let stays = file.timeline.iter().filter(is_inside).filter(|stay| !stay.place_type.is_empty());
    let types: Vec<String> = stays.map(|stay| stay.place_type.clone()).collect();
    let lines = ratios::completeness(app, page, &types).await?;
    Ok(lines.iter().map(|line| line.words(page)).collect())
}

/// Which step of the way a case is at: asked, approved, released, result.
fn step_of(latest: Option<&Opening>) -> usize {
    match latest.map(|opening| opening.state.as_str()) {
        None | Some("refused" | "failed") => 1,
        Some("requested") => 2,
        Some("approved" | "running") => 3,
        Some(_) => 4,
    }
}

/// Writes the first look of a sitting of an account at a case to the access log.
///
/// # Errors
/// When the log cannot be written; then nothing may be shown.
pub(crate) async fn log_view(app: &App, page: &Page, case: &Case) -> Result<()> {
    let officer = page.officer()?;
    if !app.case_views.begins_sitting(officer.id, case.id, app.now()).await {
        return Ok(());
    }
    let act = Act {
        actor: &officer.login,
        action: "case.viewed",
        case_id: Some(case.id),
        scope: case.code.clone(),
        count: 1,
        ..Act::default()
    };
    audit::record(app, act, &[]).await?;
    app.case_views.logged(officer.id, case.id, app.now()).await;
    Ok(())
}

async fn opening_view(app: &App, page: &Page, opening: &Opening) -> Result<Value> {
    let scope = Scope::parse(&opening.scope)?;
    let releases = app.store.releases(opening.id).await?.len();
    Ok(context! {
        state => &opening.state, purpose => page.t(scope.purpose.label()), from => scope.from.to_string(),
        last => date_of_day_number(day_number(scope.until) - 1).to_string(),
        requested_at => opening.requested_at, decided_at => opening.decided_at, reason => &opening.reason,
        finished_at => opening.finished_at, rows_read => opening.rows_read, contacts => opening.contacts, releases,
        kinds => kinds_view(page, &scope),
    })
}

/// What may be asked, in words.
pub(crate) fn kinds_view(page: &Page, scope: &Scope) -> Vec<String> {
    scope.kinds.iter().map(|kind| page.t(kind.label())).collect()
}

/// The person as a list shows him: year, sex, phone, address.
pub(crate) fn identity_view(page: &Page, identity: &crate::intake::identity::Identity) -> Value {
    let phone =
        identity.phone.as_deref().and_then(|phone| Phone::parse(phone).ok()).map(|phone| phone.display());
    let sex = identity.sex.as_deref().map(|sex| page.t(if sex == "male" { "Nam" } else { "Nữ" }));
    let name = if identity.name.is_empty() { page.t("(không có tên)") } else { identity.name.clone() };
    context! { name, phone, sex, birth_year => identity.birth_year, address => &identity.address, id_number => &identity.id_number, also => identity.also.join(", ") }
}

/// A stay as lists show it.
pub(crate) fn stay_view(stay: &Stay) -> Value {
    context! {
        place => &stay.place, area => &stay.area, commune => &stay.commune, from_at => stay.from_at,
        until_at => stay.until_at, start_inferred => stay.start_inferred, end_inferred => stay.end_inferred,
        assurance => stay.assurance, minutes => (stay.until_at - stay.from_at) / 60_000,
        from_minute => (stay.from_at + LOCAL_OFFSET_MS).rem_euclid(DAY_MS) / 60_000,
    }
}

/// A contact as lists show it.
pub(crate) fn contact_view(page: &Page, contact: &Contact) -> Value {
    let meetings: Vec<Value> = contact
        .meetings
        .iter()
        .map(|meeting| {
            context! {
                stay => stay_view(&meeting.stay), from_at => meeting.from_at, until_at => meeting.until_at,
                minutes => (meeting.until_at - meeting.from_at) / 60_000, assurance => meeting.assurance,
                inferred => meeting.inferred,
            }
        })
        .collect();
    context! {
        who => identity_view(page, &contact.identity), minutes => contact.minutes, same_area => contact.same_area,
        last_at => contact.last_at, certainty => &contact.certainty, meetings,
    }
}

/// Stays by the local day on which they began.
pub(crate) fn days(timeline: &[&Stay]) -> Vec<Value> {
    let day = |stay: &Stay| local_date(stay.from_at);
    timeline
        .chunk_by(|a, b| day(a) == day(b))
        .map(|stays| {
            context! {
                on => stays.first().map(|stay| day(stay).to_string()),
                stays => stays.iter().map(|stay| stay_view(stay)).collect::<Vec<_>>(),
            }
        })
        .collect()
}

fn file_view(page: &Page, file: &CaseFile) -> Value {
    let is_inside = |stay: &&Stay| stay.until_at > file.window_from_at && stay.from_at < file.window_until_at;
    let (inside, outside): (Vec<&Stay>, Vec<&Stay>) = file.timeline.iter().partition(is_inside);
    context! {
        index => identity_view(page, &file.index),
        timeline => file.timeline.iter().map(stay_view).collect::<Vec<_>>(),
        days => days(&inside), days_outside => days(&outside), stays_outside => outside.len(),
        contacts => file.contacts.iter().map(|contact| contact_view(page, contact)).collect::<Vec<_>>(),
        cut => file.cut, window_from_at => file.window_from_at, window_until_at => file.window_until_at,
        rule => &file.rule, min_overlap_minutes => file.min_overlap_minutes, rows_read => file.rows_read,
        rows_bad => file.rows_bad, days_damaged => &file.days_damaged, made_at => file.made_at, took_ms => file.took_ms,
        kept => file.kept.iter().map(|kept| context! {
            words => question_words(page, &kept.question), asked_at => kept.asked_at, kept_by => &kept.kept_by,
            kept_at => kept.kept_at,
        }).collect::<Vec<_>>(),
    }
}

/// The form that asks for an opening.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AskForm {
    purpose: String,
    ask_generations: String,
    ask_places: String,
    ask_chains: String,
    ask_timelines: String,
}

impl AskForm {
    fn kinds(&self) -> Vec<QuestionKind> {
        let ticked = [&self.ask_generations, &self.ask_places, &self.ask_chains, &self.ask_timelines];
        let wanted = FURTHER.iter().zip(ticked).filter(|(_, ticked)| !ticked.is_empty());
        wanted.map(|((kind, _), _)| *kind).collect()
    }
}

/// Asks for 14 days of the case's person; an approver decides on exactly that.
///
/// # Errors
/// Not found for all but tracers of the case's office; bad request while another request waits.
pub async fn ask(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<AskForm>,
) -> Result {
    let case = viewed(&app, &page, id).await?;
    let officer = page.officer()?;
    let Some(purpose) = Purpose::from_code(&form.purpose) else {
        return page.go(&format!("/cases/{id}"), "bad", "Hãy chọn mục đích.").await;
    };
    let waits = app.store.openings_of_case(id).await?;
    if waits.iter().any(|o| matches!(o.state.as_str(), "requested" | "approved" | "running")) {
        return Err(AppError::BadRequest("Ca này đã có một yêu cầu đang chờ."));
    }
    let until = day_number(app.clock.today()) + 1;
    let scope = Scope {
        case_id: id,
        purpose,
        persons: cases::persons(&case),
        from: date_of_day_number(until - QUESTION_DAYS),
        until: date_of_day_number(until),
        kinds: form.kinds(),
    };
    let scope = match scope.checked() {
        Ok(scope) => scope,
        Err(_) => {
            let text = "Số này có quá nhiều người dùng chung. Hãy lập ca mới và nhập cả họ tên người bệnh.";
            return page.go(&format!("/cases/{id}"), "bad", text).await;
        }
    };
    let text = scope.to_text();
    let opening = Opening {
        id: new_id(),
        case_id: id,
        purpose: purpose.code().to_owned(),
        scope_hash: Sha256::digest(text.as_bytes()).to_vec(),
        scope: text,
        state: String::new(),
        requested_by: officer.id,
        requested_at: app.now(),
        decided_by: None,
        decided_at: None,
        reason: None,
        finished_at: None,
        rows_read: None,
        contacts: None,
    };
    let act = Act {
        actor: &officer.login,
        action: "opening.requested",
        case_id: Some(id),
        purpose: purpose.code(),
        scope: format!(
            "opening {} event days {} until {} questions {}",
            opening.id,
            scope.from,
            scope.until,
            scope.kinds.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(",")
        ),
        count: i64::try_from(scope.persons.len()).unwrap_or(0),
        ..Act::default()
    };
    audit::record(&app, act, &scope.persons).await?;
    app.store.add_opening(&opening).await?;
    page.flash("good", "Đã gửi yêu cầu. Người duyệt sẽ xem đúng phạm vi này.").await?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}

/// Format of an export.
#[derive(Deserialize)]
pub struct Format {
    format: String,
}

/// Exports the contacts as CSV or XLSX; logged before it is made.
///
/// # Errors
/// Not found for all but tracers of the case's office, or before there is a result.
pub async fn export(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(query): Query<Format>,
) -> Result {
    let case = viewed(&app, &page, id).await?;
    let file = file::open(&app, &case)?.ok_or(AppError::NotFound)?;
    let act = Act {
        actor: &page.officer()?.login,
        action: "contacts.exported",
        case_id: Some(id),
        scope: format!("{} as {}", case.code, query.format),
        count: i64::try_from(file.contacts.len()).unwrap_or(0),
        ..Act::default()
    };
    audit::record(&app, act, &[]).await?;
    let mut table = table(&page, &case, &file);
    let completeness = completeness(&app, &page, Some(&file)).await?;
    if !completeness.is_empty() {
        table
            .notes
            .push(page.t("Mức đầy đủ của danh sách, theo số người đếm tại cửa (khoảng tin cậy 95 %):"));
        table.notes.extend(completeness);
    }
    download(&table, &format!("{}-F1", case.code), &query.format, app.now())
}

fn table(page: &Page, case: &Case, file: &CaseFile) -> Table {
    let names = [
        ("Ca bệnh", ColumnKind::Text),
        ("Thứ tự", ColumnKind::Integer),
        ("Họ và tên", ColumnKind::Text),
        ("Năm sinh", ColumnKind::Integer),
        ("Giới tính", ColumnKind::Text),
        ("Điện thoại", ColumnKind::Text),
        ("Nơi ở", ColumnKind::Text),
        ("Tổng số phút", ColumnKind::Integer),
        ("Số lần gặp", ColumnKind::Integer),
        ("Địa điểm", ColumnKind::Text),
        ("Khu vực", ColumnKind::Text),
        ("Xã, phường", ColumnKind::Text),
        ("Vào", ColumnKind::DateTime),
        ("Ra", ColumnKind::DateTime),
        ("Số phút gặp", ColumnKind::Integer),
        ("Mức chắc chắn", ColumnKind::Text),
        ("Độ tin cậy", ColumnKind::Text),
        ("Giờ suy ra", ColumnKind::Text),
    ];
    let columns = names.into_iter().map(|(name, kind)| Column { name: page.t(name), kind }).collect();
    let mut rows = Vec::new();
    for (rank, contact) in file.contacts.iter().enumerate() {
        for meeting in &contact.meetings {
            rows.push(table_row(page, case, rank, contact, meeting));
        }
    }
    let title = page.tf("Người tiếp xúc (F1) của ca {code}", &[("code", case.code.clone())]);
    Table { title, notes: vec![file.rule.clone()], columns, rows }
}

fn table_row(page: &Page, case: &Case, rank: usize, contact: &Contact, meeting: &file::Meeting) -> Vec<Cell> {
    let who = &contact.identity;
    let text = |value: &Option<String>| Cell::Text(value.clone().unwrap_or_default());
    let phone = who
        .phone
        .as_deref()
        .and_then(|phone| Phone::parse(phone).ok())
        .map(|p| p.display())
        .unwrap_or_default();
    let sex =
        who.sex.as_deref().map(|sex| page.t(if sex == "male" { "Nam" } else { "Nữ" })).unwrap_or_default();
    let count = |n: usize| Cell::Integer(i64::try_from(n).unwrap_or(0));
    vec![
        Cell::Text(case.code.clone()),
        count(rank + 1),
        Cell::Text(who.name.clone()),
        who.birth_year.map_or(Cell::Empty, |year| Cell::Integer(i64::from(year))),
        Cell::Text(sex),
        Cell::Text(phone),
        text(&who.address),
        Cell::Integer(contact.minutes),
        count(contact.meetings.len()),
        Cell::Text(meeting.stay.place.clone()),
        Cell::Text(meeting.stay.area.clone()),
        Cell::Text(meeting.stay.commune.clone()),
        Cell::DateTime(meeting.stay.from_at),
        Cell::DateTime(meeting.stay.until_at),
        Cell::Integer((meeting.until_at - meeting.from_at) / 60_000),
        Cell::Text(page.t(certainty_label(&contact.certainty))),
        Cell::Text(format!("A{}", meeting.assurance)),
        Cell::Text(if meeting.inferred { page.t("có") } else { String::new() }),
    ]
}

/// Words for a certainty.
#[must_use]
pub fn certainty_label(code: &str) -> &'static str {
    match code {
        "sure" => "Chắc chắn",
        "likely" => "Khả năng cao",
        _ => "Chưa chắc",
    }
}
