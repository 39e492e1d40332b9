//! Opening a case: profile, days, and the index person found by phone or card number. No name is seen here.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect},
};
use domain::{phone::Phone, role::Role};
use jiff::civil::Date;
use minijinja::{Value, context};
use seal::{index::IndexKind, symmetric::CaseKey};
use serde::Deserialize;
use store::cases::Case;

use crate::{
    app::App,
    audit::{self, Act},
    auth::Officer,
    error::Result,
    i18n::Lang,
    ids::new_id,
    intake::identity::{self, index_of},
    page::Page,
    trace::cases,
    web::forms::{self, Errors},
};

/// Lists cases of the tracer's, approver's or auditor's office.
///
/// # Errors
/// Not found for other roles.
pub async fn list(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Tracer])?;
    let tree = app.tree().await?;
    let mut rows = Vec::new();
    for case in
        app.store.cases().await?.into_iter().filter(|case| tree.is_within(case.unit_id, officer.root(&tree)))
    {
        let opening = app.store.openings_of_case(case.id).await?.into_iter().next();
        rows.push(context! {
            id => case.id.to_string(), code => case.code, onset_on => case.onset_on, created_at => case.created_at,
            state => opening.as_ref().map_or("none", |opening| opening.state.as_str()),
            contacts => opening.and_then(|opening| opening.contacts),
        });
    }
    page.show("cases.html", context! { rows }).await
}

/// The form of a new case.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CaseForm {
    profile: String,
    onset_on: String,
    isolated_on: String,
    by: String,
    phone: String,
    /// Name of the index person, where several share the phone.
    name: String,
    number: String,
}

/// Shows the empty form.
///
/// # Errors
/// Not found for all but tracers.
pub async fn form(State(app): State<App>, page: Page) -> Result {
    page.officer()?.require(&[Role::Tracer])?;
    let form =
        CaseForm { by: "phone".to_owned(), onset_on: app.clock.today().to_string(), ..CaseForm::default() };
    show(&app, &page, &form, &Errors::default()).await
}

async fn show(app: &App, page: &Page, form: &CaseForm, errors: &Errors) -> Result {
    let mut profiles: Vec<Value> = Vec::new();
    for rule in app.store.disease_rules().await? {
        let label = if page.lang == Lang::Vi { rule.label_vi } else { rule.label_en };
        let value = context! { value => rule.profile, label };
        if !profiles.contains(&value) {
            profiles.push(value);
        }
    }
    let sample = if app.config.demo { app.store.setting("demo_case_phone").await? } else { None };
    let sample_onset = if app.config.demo { app.store.setting("demo_case_onset").await? } else { None };
    let values = context! {
        profiles, form => view(form), errors => errors.view(), sample, sample_onset, today => app.clock.today().to_string(),
    };
    page.show("case_new.html", values).await
}

fn view(form: &CaseForm) -> Value {
    context! {
        profile => &form.profile, onset_on => &form.onset_on, isolated_on => &form.isolated_on, by => &form.by,
        phone => &form.phone, name => &form.name, number => &form.number,
    }
}

/// Opens the case when the index person is known to the register.
///
/// # Errors
/// Not found for all but tracers.
pub async fn submit(State(app): State<App>, page: Page, Form(form): Form<CaseForm>) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Tracer])?;
    let mut errors = Errors::default();
    let checked = check(&app, &page, &form, &mut errors).await?;
    let Some((case, persons)) = checked else { return show(&app, &page, &form, &errors).await };
    let case = Case { unit_id: officer.unit_id, created_by: officer.id, ..case };
    open(&app, officer, case, &persons).await
}

async fn open(app: &App, officer: &Officer, case: Case, persons: &[u64]) -> Result {
    let act = Act {
        actor: &officer.login,
        action: "case.opened",
        case_id: Some(case.id),
        scope: format!("profile {} onset {}", case.profile, case.onset_on),
        count: i64::try_from(persons.len()).unwrap_or(0),
        ..Act::default()
    };
    audit::record(app, act, persons).await?;
    let prefix = format!("DL-{}-", app.clock.today().year());
    app.store.add_case(&case, &prefix).await?;
    Ok(Redirect::to(&format!("/cases/{}", case.id)).into_response())
}

async fn check(
    app: &App,
    page: &Page,
    form: &CaseForm,
    errors: &mut Errors,
) -> Result<Option<(Case, Vec<u64>)>> {
    let today = app.clock.today();
    let onset = form.onset_on.parse::<Date>().ok().filter(|onset| *onset <= today);
    if onset.is_none() {
        errors.add("onset_on", page.t("Hãy nhập ngày khởi phát (hoặc ngày lấy mẫu), không sau hôm nay."));
    }
    let isolated = match form.isolated_on.trim() {
        "" => None,
        text => match text.parse::<Date>() {
            Ok(day) => Some(day),
            Err(_) => {
                errors.add("isolated_on", page.t("Ngày cách ly chưa đúng."));
                None
            }
        },
    };
    if !app.store.disease_rules().await?.iter().any(|rule| rule.profile == form.profile) {
        errors.add("profile", page.t("Hãy chọn bệnh."));
    }
    let persons = find(app, page, form, errors).await?;
    let (Some(onset), true) = (onset, errors.is_empty()) else { return Ok(None) };
    let id = new_id();
    let now = app.now();
    let case = Case {
        id,
        code: String::new(),
        profile: form.profile.clone(),
        unit_id: 0,
        onset_on: onset.to_string(),
        isolated_on: isolated.map(|day| day.to_string()),
        persons: cases::persons_text(&persons),
        key_sealed: cases::seal_key(app, id, &CaseKey::generate(&mut rand::rng()))?,
        file_sealed: None,
        created_by: 0,
        created_at: now,
        delete_at: now + i64::from(app.config.case_days) * domain::time::DAY_MS,
    };
    Ok(Some((case, persons)))
}

async fn find(app: &App, page: &Page, form: &CaseForm, errors: &mut Errors) -> Result<Vec<u64>> {
    let key = &app.keyfile.index_key;
    let wanted = if form.by == "number" {
        let digits: String =
            form.number.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_uppercase();
        if digits.len() < 6 {
            errors.add("number", page.t("Hãy nhập số căn cước, số thẻ BHYT hoặc mã QID."));
            return Ok(Vec::new());
        }
        let bhyt = if digits.len() == 15 { digits[5..].to_owned() } else { digits.clone() };
        vec![
            index_of(key, IndexKind::IdNumber, &digits),
            index_of(key, IndexKind::BhytNumber, &bhyt),
            index_of(key, IndexKind::Qid, &digits),
        ]
    } else {
        match Phone::parse(&form.phone) {
            Ok(phone) if !form.name.trim().is_empty() => {
                vec![identity::who_index(key, &phone.e164(), form.name.trim())]
            }
            Ok(phone) => vec![index_of(key, IndexKind::Phone, &phone.e164())],
            Err(error) => {
                errors.add("phone", page.t(forms::phone_problem(&error)));
                return Ok(Vec::new());
            }
        }
    };
    let mut persons = Vec::new();
    for (kind, index) in wanted {
        persons.extend(app.store.persons_by_index(kind, index).await?.into_iter().map(i64::cast_unsigned));
    }
    persons.sort_unstable();
    persons.dedup();
    if persons.is_empty() {
        let field = if form.by == "number" { "number" } else { "phone" };
        errors.add(
            field,
            page.t("Chưa có ai ghi vào ra với số này trong thời hạn lưu. Hãy thử số khác của người bệnh."),
        );
    }
    Ok(persons)
}
