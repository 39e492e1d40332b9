//! Sending a letter: the Committee and Sở TTTT to any office, a district to its communes.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    admin_unit::UnitTree,
    directive::{FILE_BYTES_MAX, FileKind},
    role::Role,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    directives::{Directive, DirectiveFile},
    messages::{NewMessage, Recipient},
};

use crate::{
    app::App,
    audit::{self, Act},
    auth::Officer,
    error::{AppError, Result},
    ids::new_id,
    notify,
    page::Page,
    tree,
    web::{
        forms::{self, Errors},
        guidance::{day, form_id, prose},
        office::Upload,
    },
};

/// Longest text field of the form, in bytes.
const FIELD_BYTES_MAX: usize = 16 * 1024;
/// Fields of the form at most: each office that may be ticked is one.
const FIELDS_MAX: usize = 600;

/// The form.
#[derive(Default)]
struct LetterForm {
    id: String,
    replaces: String,
    number: String,
    issued_on: String,
    issuer: String,
    summary: String,
    asked: String,
    due_on: String,
    groups: Vec<String>,
    units: Vec<String>,
    file: Option<(String, Vec<u8>)>,
}

/// True for those who send letters: the Committee, Sở TTTT, and districts to their communes.
#[must_use]
pub fn may_send(tree: &UnitTree, officer: &Officer) -> bool {
    super::oversees(officer)
        || (officer.has(Role::UnitOfficer)
            && tree.get(officer.unit_id).is_some_and(|unit| unit.level == "district"))
}

/// Offices that an officer may send to, as `(group, id, label)`: communes only of the own district.
fn open_units(tree: &UnitTree, officer: &Officer) -> Vec<(&'static str, i64, String)> {
    let root = officer.root(tree);
    let whole = super::oversees(officer);
    let group = |level: &str| match level {
        "department" => Some("departments").filter(|_| whole),
        "district" => Some("districts").filter(|_| whole),
        "commune" => Some("communes"),
        _ => None,
    };
    tree::options(tree, |unit| unit.id != officer.unit_id && tree.is_within(unit.id, root))
        .into_iter()
        .filter_map(|(id, label)| Some((group(&tree.get(id)?.level)?, id, label)))
        .collect()
}

/// Which letter a new one replaces.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Replaces {
    replaces: String,
}

/// Shows the form.
///
/// # Errors
/// Not found for those who send none.
pub async fn form(State(app): State<App>, page: Page, Query(query): Query<Replaces>) -> Result {
    let officer = sender(&app, &page).await?;
    let mut form = LetterForm { id: new_id().to_string(), ..LetterForm::default() };
    form.issuer = issuer_of(&app, &officer).await?;
    if let Some(old) = replaced(&app, &officer, &query.replaces).await? {
        form.replaces = old.id.to_string();
        (form.issuer, form.summary, form.asked) = (old.issuer, old.summary, old.asked);
        form.due_on = old.due_on;
    }
    show(&app, &page, &officer, &form, &Errors::default()).await
}

/// The agency in whose name an officer's letters are issued.
async fn issuer_of(app: &App, officer: &Officer) -> Result<String> {
    if officer.has(Role::CommitteeReader) {
        return Ok(app.config.parent_agency.clone());
    }
    if officer.has(Role::Reviewer) {
        return Ok(app.config.issuing_agency.clone());
    }
    Ok(app.tree().await?.name(officer.unit_id).to_owned())
}

async fn sender(app: &App, page: &Page) -> Result<Officer> {
    let officer = page.officer()?;
    if may_send(&*app.tree().await?, officer) { Ok(officer.clone()) } else { Err(AppError::NotFound) }
}

/// The letter in force of the officer's office that a new one replaces.
async fn replaced(app: &App, officer: &Officer, id: &str) -> Result<Option<Directive>> {
    let Ok(id) = id.parse::<i64>() else { return Ok(None) };
    let old = app.store.directive(id).await?;
    Ok(old.filter(|old| old.unit_id == officer.unit_id && old.state == "sent"))
}

async fn show(app: &App, page: &Page, officer: &Officer, form: &LetterForm, errors: &Errors) -> Result {
    let tree = app.tree().await?;
    let open = open_units(&tree, officer);
    let count = |group: &str| open.iter().filter(|(one, ..)| *one == group).count();
    let groups: Vec<Value> = [
        ("departments", "Mọi sở, ban, ngành"),
        ("districts", "Mọi huyện, thị xã, thành phố"),
        ("communes", "Mọi xã, phường, thị trấn"),
    ]
    .iter()
    .filter(|(group, _)| count(group) > 0)
    .map(|(group, label)| {
        let units: Vec<Value> = open
            .iter()
            .filter(|(one, ..)| one == group)
            .map(|(_, id, label)| context! { value => id.to_string(), label })
            .collect();
        context! { value => *group, label => page.t(label), n => units.len(), units }
    })
    .collect();
    let values = context! {
        form => context! {
            id => &form.id, replaces => &form.replaces, number => &form.number, issued_on => &form.issued_on,
            issuer => &form.issuer, summary => &form.summary, asked => &form.asked, due_on => &form.due_on,
            groups => &form.groups, units => &form.units,
        },
        // Only those who oversee the province name another agency than their own office.
        names_issuer => super::oversees(officer),
        groups, errors => errors.view(), mb_max => FILE_BYTES_MAX / 1024 / 1024,
    };
    page.show("directive_new.html", values).await
}

/// Sends a letter.
///
/// # Errors
/// Not found for those who send none; a bad request when the form was cut off.
pub async fn submit(State(app): State<App>, page: Page, upload: Upload) -> Result {
    let officer = sender(&app, &page).await?;
    let mut form = read(upload).await?;
    if !super::oversees(&officer) {
        form.issuer = issuer_of(&app, &officer).await?;
    }
    let mut errors = Errors::default();
    let Some((letter, file, units)) = check(&app, &page, &officer, &form, &mut errors).await? else {
        return show(&app, &page, &officer, &form, &errors).await;
    };
    let replaces = replaced(&app, &officer, &form.replaces).await?;
    let here = format!("/directives/{}", letter.id);
    if app.store.send_directive(&letter, Some(&file), &units, replaces.as_ref().map(|old| old.id)).await? {
        tell(&app, &letter, &units, replaces.as_ref()).await?;
        record(&app, &officer, "directive.sent", &letter, units.len()).await?;
    } else if app.store.directive(letter.id).await?.is_none_or(|sent| !is_same(&sent, &letter)) {
        // The browser's "back" shows a form that has been sent: what it says now is another letter.
        form.id = new_id().to_string();
        errors.add("number", page.t("Biểu mẫu này đã gửi một công văn khác. Hãy xem lại rồi gửi lần nữa."));
        errors.add("file", page.t("Sửa xong các ô trên, hãy chọn lại tệp công văn."));
        return show(&app, &page, &officer, &form, &errors).await;
    }
    page.flash("good", "Đã gửi công văn.").await?;
    Ok(Redirect::to(&here).into_response())
}

/// True for the same letter sent twice.
fn is_same(sent: &Directive, letter: &Directive) -> bool {
    let words = |one: &Directive| {
        let words = [&one.number, &one.issued_on, &one.issuer, &one.summary, &one.asked, &one.due_on];
        words.map(String::clone)
    };
    sent.unit_id == letter.unit_id && words(sent) == words(letter)
}

/// Writes into the access log who sent or withdrew a letter, and to how many offices.
///
/// # Errors
/// When the log cannot be written.
pub async fn record(
    app: &App,
    officer: &Officer,
    action: &'static str,
    letter: &Directive,
    copies: usize,
) -> Result<()> {
    let scope = format!("directive {} {}", letter.id, letter.number);
    let count = i64::try_from(copies).unwrap_or(i64::MAX);
    let act = Act { actor: &officer.login, action, scope, count, ..Act::default() };
    Ok(audit::record(app, act, &[]).await?)
}

async fn tell(app: &App, letter: &Directive, units: &[i64], old: Option<&Directive>) -> Result<()> {
    let source = match old {
        Some(_) => "Công văn {number} của {issuer} (thay công văn {old}): {summary}.",
        None => "Công văn {number} của {issuer}: {summary}.",
    };
    let old = old.map(|old| old.number.clone()).unwrap_or_default();
    let params = [
        ("number", letter.number.as_str()),
        ("issuer", &letter.issuer),
        ("summary", letter.summary.trim_end_matches('.')),
        ("old", &old),
    ];
    let messages: Vec<NewMessage> =
        units.iter().map(|unit| received(letter.id, *unit, source, &params, &letter.due_on)).collect();
    app.store.post_messages(&messages, app.now()).await?;
    Ok(())
}

/// The message of a letter that came.
#[must_use]
pub fn received(id: i64, unit: i64, source: &str, params: &[(&str, &str)], due_on: &str) -> NewMessage {
    let key = format!("directive:{id}:{unit}:received");
    let href = format!("/directives/{id}");
    NewMessage {
        due_on: Some(due_on.to_owned()),
        ..notify::message(key, Recipient::Unit(unit), source, params, href)
    }
}

async fn check(
    app: &App,
    page: &Page,
    officer: &Officer,
    form: &LetterForm,
    errors: &mut Errors,
) -> Result<Option<(Directive, DirectiveFile, Vec<i64>)>> {
    let number = forms::line(page, errors, "number", &form.number, 60);
    let issued = day(page, errors, "issued_on", &form.issued_on);
    let issuer = forms::line(page, errors, "issuer", &form.issuer, 160);
    let summary = forms::line(page, errors, "summary", &form.summary, 300);
    let asked = prose(page, errors, "asked", &form.asked, 3000, true);
    let due = day(page, errors, "due_on", &form.due_on);
    let today = app.clock.today();
    if due.is_some_and(|due| due < today) {
        errors.add("due_on", page.t("Hạn phải từ hôm nay trở đi."));
    }
    if issued.is_some_and(|issued| issued > today) {
        errors.add("issued_on", page.t("Ngày ban hành không thể sau hôm nay."));
    }
    let file = file(page, errors, form);
    let tree = app.tree().await?;
    let units: Vec<i64> = open_units(&tree, officer)
        .into_iter()
        .filter(|(group, id, _)| {
            form.groups.iter().any(|one| one == group) || form.units.contains(&id.to_string())
        })
        .map(|(_, id, _)| id)
        .collect();
    if units.is_empty() {
        errors.add("groups", page.t("Hãy chọn nơi nhận."));
    }
    let (Some(issued), Some(due), Some(file)) = (issued, due, file) else { return Ok(None) };
    if !errors.is_empty() {
        return Ok(None);
    }
    let letter = Directive {
        id: form_id(&form.id),
        unit_id: officer.unit_id,
        number,
        issued_on: issued.to_string(),
        issuer,
        summary,
        asked,
        due_on: due.to_string(),
        sent_by: officer.id,
        sent_at: app.now(),
        state: "sent".to_owned(),
        state_reason: String::new(),
        replaced_by: None,
    };
    Ok(Some((letter, file, units)))
}

/// The file by its bytes, under a name of ours.
fn file(page: &Page, errors: &mut Errors, form: &LetterForm) -> Option<DirectiveFile> {
    let Some((_, bytes)) = form.file.as_ref().filter(|(_, bytes)| !bytes.is_empty()) else {
        errors.add("file", page.t("Hãy chọn tệp công văn (PDF hoặc DOCX)."));
        return None;
    };
    if bytes.len() > FILE_BYTES_MAX {
        errors.add("file", page.t("Tệp lớn quá 5 MB. Hãy lưu lại ở độ phân giải thấp hơn rồi chọn lại."));
        return None;
    }
    let Some(kind) = FileKind::of(bytes) else {
        errors.add(
            "file",
            page.t("Tệp không phải PDF hay DOCX (hoặc có macro). Hãy lưu lại thành PDF rồi chọn lại."),
        );
        return None;
    };
    if !errors.is_empty() {
        // Browsers do not keep a chosen file: said here, so that nobody sends without it.
        errors.add("file", page.t("Sửa xong các ô trên, hãy chọn lại tệp công văn."));
    }
    // A name that any system can save: letters and digits of the number.
    let name: String = domain::notice::sms_text(&form.number)
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(60)
        .collect();
    let name = format!("cong-van-{}.{}", name.trim_matches('-').to_lowercase(), kind.code());
    Some(DirectiveFile { name, kind: kind.code().to_owned(), bytes: bytes.clone() })
}

/// Reads the form with its file.
async fn read(upload: Upload) -> Result<LetterForm> {
    const BROKEN: AppError = AppError::BadRequest("Tệp gửi lên bị ngắt giữa chừng. Hãy gửi lại.");
    const TOO_LARGE: AppError =
        AppError::TooLarge("Tệp lớn quá 5 MB. Hãy lưu lại ở độ phân giải thấp hơn rồi chọn lại.");
    let mut upload = upload.map_err(|_| BROKEN)?;
    let mut form = LetterForm::default();
    let mut fields = 0;
    while let Some(part) = upload.next_field().await.map_err(|_| BROKEN)? {
        fields += 1;
        if fields > FIELDS_MAX {
            return Err(BROKEN);
        }
        if let Some(name) = part.file_name().map(str::to_owned) {
            let bytes = part.bytes().await.map_err(|_| TOO_LARGE)?;
            form.file = Some((name, bytes.to_vec()));
            continue;
        }
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| BROKEN)?;
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(BROKEN);
        }
        let value = String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "id" => form.id = value,
            "replaces" => form.replaces = value,
            "number" => form.number = value,
            "issued_on" => form.issued_on = value,
            "issuer" => form.issuer = value,
            "summary" => form.summary = value,
            "asked" => form.asked = value,
            "due_on" => form.due_on = value,
            "groups" => form.groups.push(value),
            "units" => form.units.push(value),
            _ => {}
        }
    }
    Ok(form)
}
