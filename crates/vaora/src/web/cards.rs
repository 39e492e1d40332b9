//! Personal cards that a commune prints for people without a phone: one, or a hamlet's list; found again when
//! lost, revoked and replaced.

use axum::{
    Form,
    extract::{Path, Query, State},
};
use data_encoding::HEXLOWER;
use documents::{PersonalCard, SheetTemplate, cards_pdf, template_xlsx};
use domain::{
    card::Sex,
    card_list::{self, NewCardHolder},
    list::has_errors,
    name::Name,
    time::local_date,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::cards::Card;

use crate::{
    app::App,
    audit::{self, Act},
    cards::{Issue, issue, revoke, short_number, symbol_text},
    error::{AppError, Result},
    ids::new_id,
    intake::identity::{Identity, card_find_index},
    page::Page,
    web::{
        forms::{self, Errors},
        office::{Office, Upload, problems_view, rows_of},
        posters::file,
    },
};

/// Cards in one file to print: more take longer than a browser waits.
const CARDS_A_PART: usize = 200;
/// Most cards issued from one list.
const LIST_MAX: usize = 2_000;

/// Which unit, and whom to find.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    unit: String,
    /// Name of the holder to find.
    name: String,
    /// Birth year of the holder to find.
    year: String,
}

/// Shows a commune's cards.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Query(asked): Query<Asked>) -> Result {
    let office = Office::of(&app, &page, &asked.unit).await?;
    render(&app, &page, &office, &asked, &CardForm::default(), &Errors::default()).await
}

async fn render(
    app: &App,
    page: &Page,
    office: &Office,
    asked: &Asked,
    form: &CardForm,
    errors: &Errors,
) -> Result {
    let sheets: Vec<Value> = app
        .store
        .card_sheets(office.unit)
        .await?
        .into_iter()
        .map(|sheet| {
            let cards = usize::try_from(sheet.cards).unwrap_or(0);
            context! {
                id => sheet.sheet_id.to_string(), issued_at => sheet.issued_at, cards => sheet.cards,
                revoked => sheet.revoked, note => sheet.note, parts => cards.div_ceil(CARDS_A_PART),
            }
        })
        .collect();
    let values = context! {
        unit_id => office.unit.to_string(), unit_name => office.tree.name(office.unit),
        is_commune => office.is_commune(), decides => office.decides(), communes => office.communes(),
        sheets, found => found(app, office, asked).await?, asked => !asked.name.trim().is_empty(),
        name => &asked.name, year => &asked.year, errors => errors.view(),
        form => context! {
            name => &form.name, birth_year => &form.birth_year, phone => &form.phone, note => &form.note,
            id_number => &form.id_number, sex => &form.sex,
        },
    };
    page.show("cards.html", values).await
}

async fn found(app: &App, office: &Office, asked: &Asked) -> Result<Vec<Value>> {
    let year = asked.year.trim().parse().ok();
    let index = card_find_index(&app.keyfile.index_key, &asked.name, year);
    let cards = app.store.cards_found(office.unit, index).await?;
    Ok(cards
        .into_iter()
        .map(|card| {
            context! {
                number => HEXLOWER.encode(&card.number), short => short_number(&card.number),
                masked_name => card.masked_name, note => card.note, issued_at => card.issued_at,
                expires_on => card.expires_on, revoked_at => card.revoked_at,
            }
        })
        .collect())
}

/// Somebody who gets a card.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CardForm {
    unit: String,
    name: String,
    birth_year: String,
    sex: String,
    phone: String,
    note: String,
    id_number: String,
}

/// Issues one card and shows it to print.
///
/// # Errors
/// Not found for all but officers who decide in that commune.
pub async fn issue_one(State(app): State<App>, page: Page, Form(form): Form<CardForm>) -> Result {
    let office = Office::deciding(&app, &page, &form.unit).await?;
    let mut errors = Errors::default();
    let identity = read_person(&app, &page, &form, &mut errors);
    let (Some(identity), true) = (identity, errors.is_empty() && office.is_commune()) else {
        let asked = Asked { unit: form.unit.clone(), ..Asked::default() };
        let mut answer = render(&app, &page, &office, &asked, &form, &errors).await?;
        *answer.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(answer);
    };
    let people = vec![(identity, form.note.trim().to_owned())];
    let sheet_id = issue_sheet(&app, &office, people).await?;
    page.flash("good", "Đã cấp thẻ. In ngay ở dòng đầu danh sách bên dưới.").await?;
    Ok(redirect(&office, sheet_id))
}

fn redirect(office: &Office, sheet_id: i64) -> axum::response::Response {
    let to = format!("/cards?unit={}#sheet-{sheet_id}", office.unit);
    axum::response::IntoResponse::into_response(axum::response::Redirect::to(&to))
}

fn read_person(app: &App, page: &Page, form: &CardForm, errors: &mut Errors) -> Option<Identity> {
    let name = forms::person_name(page, errors, "name", &form.name);
    let year_max = u16::try_from(app.clock.today().year()).unwrap_or(u16::MAX);
    let birth_year = form.birth_year.trim().parse().ok().filter(|year| (1900..=year_max).contains(year));
    if birth_year.is_none() {
        errors.add("birth_year", page.t("Năm sinh gồm 4 chữ số, ví dụ 1985."));
    }
    let phone = match form.phone.trim() {
        "" => None,
        text => forms::phone(page, errors, "phone", text).map(|phone| phone.e164()),
    };
    let id_number: String = form.id_number.chars().filter(char::is_ascii_digit).collect();
    if !matches!(id_number.len(), 0 | 9 | 12) {
        errors.add("id_number", page.t("Số căn cước có 12 số, chứng minh nhân dân có 9 số."));
    }
    if form.note.chars().count() > card_list::NOTE_CHARACTERS_MAX {
        errors.add("note", page.t("Tối đa 80 ký tự; hãy viết gọn lại."));
    }
    Some(Identity {
        name: name?.into_string(),
        phone,
        birth_year,
        sex: matches!(form.sex.as_str(), "male" | "female").then(|| form.sex.clone()),
        address: Some(form.note.trim().to_owned()).filter(|note| !note.is_empty()),
        id_number: Some(id_number).filter(|number| !number.is_empty()),
        ..Identity::default()
    })
}

async fn issue_sheet(app: &App, office: &Office, people: Vec<(Identity, String)>) -> Result<i64> {
    let sheet_id = new_id();
    let count = i64::try_from(people.len()).unwrap_or(0);
    let scope = format!("cards of {}, sheet {sheet_id}", office.tree.name(office.unit));
    let act = Act { actor: &office.officer.login, action: "cards.issued", scope, count, ..Act::default() };
    audit::record(app, act, &[]).await?;
    let issues = people
        .into_iter()
        .map(|(identity, note)| Issue {
            identity,
            note,
            unit_id: Some(office.unit),
            sheet_id,
            kind: "printed",
            issued_by: Some(office.officer.id),
        })
        .collect();
    issue(app, issues).await?;
    Ok(sheet_id)
}

/// Looks at a hamlet's list and tells every problem; nothing is issued yet.
///
/// # Errors
/// Not found for all but officers who decide; a bad request when the file cannot be read.
pub async fn check_list(
    State(app): State<App>,
    page: Page,
    Query(asked): Query<Asked>,
    form: Upload,
) -> Result {
    let office = Office::deciding(&app, &page, &asked.unit).await?;
    let back = format!("/cards?unit={}", office.unit);
    if !office.is_commune() {
        return page.back(&back, AppError::BadRequest("Hãy chọn xã, phường cấp thẻ.")).await;
    }
    let rows = match rows_of(form, page.lang).await {
        Ok(rows) => rows,
        Err(error) => return page.back(&back, error).await,
    };
    let list = card_list::read(&rows, app.clock.today());
    let too_many = list.people.len() > LIST_MAX;
    let may_confirm = !has_errors(&list.problems) && !list.people.is_empty() && !too_many;
    let token = if may_confirm {
        app.pending.put(office.officer.id, office.unit, rows, app.now())
    } else {
        String::new()
    };
    let values = context! {
        what => "cards", back, unit_name => office.tree.name(office.unit), good => list.people.len(),
        problems => problems_view(&list.problems, page.lang), token, too_many,
        sample => list.people.iter().take(5).map(|person| context! {
            row => person.row, first => domain::name::mask(&person.name), second => person.note.clone(),
        }).collect::<Vec<_>>(),
    };
    page.show("list_check.html", values).await
}

/// What confirms a list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Confirm {
    /// Token given with the dry run.
    pub token: String,
}

/// Issues the cards of a list that was looked at.
///
/// # Errors
/// A bad request when the list has waited too long.
pub async fn confirm_list(State(app): State<App>, page: Page, Form(form): Form<Confirm>) -> Result {
    let account = Office::deciding(&app, &page, "").await?.officer.id;
    let (unit, rows) = match app.pending.take(&form.token, account, app.now()) {
        Ok(taken) => taken,
        Err(error) => return page.back("/cards", error).await,
    };
    let office = Office::deciding(&app, &page, &unit.to_string()).await?;
    let list = card_list::read(&rows, app.clock.today());
    if has_errors(&list.problems) {
        return Err(AppError::BadRequest("Danh sách có lỗi. Hãy gửi lại tệp."));
    }
    let people = list.people.into_iter().map(identity_of).collect();
    let sheet_id = issue_sheet(&app, &office, people).await?;
    page.flash("good", "Đã cấp thẻ cho cả danh sách. In ở dòng đầu bên dưới.").await?;
    Ok(redirect(&office, sheet_id))
}

fn identity_of(person: NewCardHolder) -> (Identity, String) {
    let note = person.note.clone().unwrap_or_default();
    let sex = match person.sex {
        Sex::Male => Some("male".to_owned()),
        Sex::Female => Some("female".to_owned()),
        Sex::Unknown => None,
    };
    let identity = Identity {
        name: person.name,
        phone: person.phone_e164,
        birth_year: Some(person.birth_year),
        sex,
        address: person.note,
        id_number: person.id_number,
        ..Identity::default()
    };
    (identity, note)
}

/// The empty list to fill in.
///
/// # Errors
/// When it cannot be made.
pub async fn template(State(app): State<App>, page: Page) -> Result {
    Office::of(&app, &page, "").await?;
    let bytes = template_xlsx(SheetTemplate::Cards, app.now())?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(bytes, kind, "danh-sach-cap-the.xlsx", false))
}

/// Which part of a sheet.
#[derive(Deserialize, Default)]
pub struct Part {
    part: Option<usize>,
}

/// The cards of a sheet to print, revoked ones left out.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn pdf(
    State(app): State<App>,
    page: Page,
    Path(sheet_id): Path<i64>,
    Query(part): Query<Part>,
) -> Result {
    let cards = app.store.cards_of_sheet(sheet_id).await?;
    let unit = cards.first().and_then(|card| card.unit_id).ok_or(AppError::NotFound)?;
    let office = Office::deciding(&app, &page, &unit.to_string()).await?;
    let skip = part.part.unwrap_or(1).saturating_sub(1).saturating_mul(CARDS_A_PART);
    let in_force = cards.iter().filter(|card| card.revoked_at.is_none()).skip(skip).take(CARDS_A_PART);
    let printed = in_force.map(|card| printed(&app, &office, card)).collect::<Result<Vec<_>>>()?;
    if printed.is_empty() {
        return Err(AppError::NotFound);
    }
    let now = app.now();
    let bytes = tokio::task::spawn_blocking(move || cards_pdf(&printed, now)).await??;
    Ok(file(bytes, "application/pdf", "the-ca-nhan.pdf", true))
}

fn printed(app: &App, office: &Office, card: &Card) -> Result<PersonalCard> {
    let level = |level: &str| {
        let path = office.tree.path(office.unit);
        path.into_iter().find(|unit| unit.level == level).map(|unit| unit.full_name.clone())
    };
    Ok(PersonalCard {
        masked_name: card.masked_name.clone(),
        note: card.note.clone(),
        commune: office.tree.name(office.unit).to_owned(),
        district: level("district"),
        province: level("province").unwrap_or_default(),
        number_short: short_number(&card.number),
        url: symbol_text(app, card)?,
        expires_on: card.expires_on.parse()?,
        issued_on: local_date(card.issued_at),
        hotline: app.config.hotline.clone(),
        agency: office
            .tree
            .get(office.unit)
            .map_or_else(|| app.config.parent_agency.clone(), |unit| format!("UBND {}", unit.full_name)),
    })
}

/// Revokes a lost card, or replaces it by a new one for the same holder.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LostForm {
    /// `revoke` or `replace`.
    action: String,
    /// Name, for the new card: the register can't be read here.
    name: String,
    /// Birth year.
    year: String,
}

/// Revokes a card; with `replace`, issues another for whom the officer names.
///
/// # Errors
/// Not found for cards of other communes.
pub async fn lost(
    State(app): State<App>,
    page: Page,
    Path(number): Path<String>,
    Form(form): Form<LostForm>,
) -> Result {
    let number = HEXLOWER.decode(number.as_bytes()).map_err(|_| AppError::NotFound)?;
    let card = app.store.card(&number).await?.ok_or(AppError::NotFound)?;
    let unit = card.unit_id.ok_or(AppError::NotFound)?;
    let office = Office::deciding(&app, &page, &unit.to_string()).await?;
    let scope = format!("card {} of {}", short_number(&number), office.tree.name(unit));
    let act = Act { actor: &office.officer.login, action: "card.revoked", scope, count: 1, ..Act::default() };
    audit::record(&app, act, &[]).await?;
    if form.action != "replace" {
        revoke(&app, &number, None).await?;
        return page.go(&format!("/cards?unit={unit}"), "good", "Đã thu hồi thẻ.").await;
    }
    let year: Option<u16> = form.year.trim().parse().ok();
    let same = card_find_index(&app.keyfile.index_key, &form.name, year) == card.find_index.as_slice();
    let (Ok(name), true) = (Name::parse(&form.name), same) else {
        return Err(AppError::BadRequest("Họ tên và năm sinh không khớp với thẻ này."));
    };
    let identity = Identity {
        name: name.into_string(),
        birth_year: year,
        address: Some(card.note.clone()).filter(|note| !note.is_empty()),
        ..Identity::default()
    };
    let sheet_id = new_id();
    let new = Issue {
        identity,
        note: card.note.clone(),
        unit_id: Some(unit),
        sheet_id,
        kind: "printed",
        issued_by: Some(office.officer.id),
    };
    let issued = issue(&app, vec![new]).await?;
    revoke(&app, &number, issued.first().map(|card| card.number.clone())).await?;
    page.flash("good", "Đã thu hồi thẻ cũ và cấp thẻ mới. In ở dòng đầu bên dưới.").await?;
    Ok(redirect(&office, sheet_id))
}
