//! Rows keyed in afterwards: from a paper form after an outage, or told by telephone. Marked as such by their
//! assurance, the lowest there is.

use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use documents::{PaperForm, paper_form_pdf};
use domain::time::{LOCAL_OFFSET_MS, Millis, day_start, local_date, local_datetime};
use jiff::civil::{Date, Time};
use minijinja::{Value, context};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use store::places::{Area, Place};
use uuid::Uuid;

use crate::{
    api::scans::keep_all,
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    intake::{
        CheckIn, Source,
        captured::{Captured, Direction, How, Typed},
        weigh::{At, Weighed, weigh},
    },
    page::Page,
    visit::point,
    web::{office::Office, place_edit, posters::file},
};

/// Rows on the page.
const ROWS: usize = 10;
/// Sheets of a paper form.
const PAGES: u8 = 2;

/// One row as typed.
#[derive(Default, Clone)]
struct Row {
    came: String,
    left: String,
    name: String,
    year: String,
    phone: String,
    address: String,
    error: String,
}

impl Row {
    fn is_blank(&self) -> bool {
        [&self.came, &self.left, &self.name, &self.year, &self.phone, &self.address]
            .iter()
            .all(|cell| cell.trim().is_empty())
    }

    fn view(&self) -> Value {
        context! {
            came => &self.came, left => &self.left, name => &self.name, year => &self.year,
            phone => &self.phone, address => &self.address, error => &self.error,
        }
    }
}

/// The whole form: names with the row's number behind, such as `name3`.
pub type Cells = Vec<(String, String)>;

/// Shows an empty page to key rows in.
///
/// # Errors
/// Not found when the place is not the viewer's.
pub async fn form(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (viewer, place) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    let today = app.clock.today().to_string();
    render(&app, &page, &viewer, &place, Shown { on: today, ..Shown::default() }).await
}

#[derive(Default)]
struct Shown {
    on: String,
    area_id: String,
    rows: Vec<Row>,
    kept: usize,
    day_error: String,
}

async fn render(
    app: &App,
    page: &Page,
    viewer: &place_edit::Viewer,
    place: &Place,
    shown: Shown,
) -> Result<Response> {
    let mut rows = shown.rows;
    let faults = rows.iter().filter(|row| !row.error.is_empty()).count();
    rows.resize(ROWS.max(rows.len()), Row::default());
    let areas: Vec<Value> = app
        .store
        .areas_of_place(place.id)
        .await?
        .into_iter()
        .map(|area| context! { id => area.id.to_string(), name => area.name })
        .collect();
    let values = context! {
        base => viewer.base(), place => context! { id => place.id.to_string(), name => &place.name },
        on => shown.on, area_id => shown.area_id, areas, kept => shown.kept, faults, day_error => shown.day_error,
        rows => rows.iter().map(Row::view).collect::<Vec<_>>(), batch => Uuid::new_v4().to_string(),
        first_day => domain::time::date_of_day_number(
            domain::time::day_number(app.clock.today()) - domain::scan::LATE_DAYS_MAX,
        ).to_string(),
        today => app.clock.today().to_string(),
    };
    page.show("keyed.html", values).await
}

/// Keeps the good rows; those with a fault stand in the form again, with what is wrong.
///
/// # Errors
/// Not found when the place is not the viewer's; unavailable when nothing can be kept right now.
pub async fn submit(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(cells): Form<Cells>,
) -> Result {
    let (viewer, place) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    if place.state != "approved" {
        return Err(AppError::NotFound);
    }
    let cell = |name: &str| {
        cells
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let areas = app.store.areas_of_place(id).await?;
    let area = areas.iter().find(|area| area.id.to_string() == cell("area_id")).or(areas.first());
    let Some(area) = area else { return Err(AppError::NotFound) };
    let batch = Uuid::parse_str(&cell("batch")).unwrap_or_else(|_| Uuid::new_v4());
    let rows: Vec<Row> = (0..ROWS)
        .map(|number| {
            let of = |name: &str| cell(&format!("{name}{number}"));
            Row {
                came: of("came"),
                left: of("left"),
                name: of("name"),
                year: of("year"),
                phone: of("phone"),
                address: of("address"),
                error: String::new(),
            }
        })
        .collect();
    let (on, area_id) = (cell("on"), area.id.to_string());
    let Ok(day) = on.parse::<Date>() else {
        let day_error = page.t("Hãy chọn ngày trên tờ giấy.");
        return render(
            &app,
            &page,
            &viewer,
            &place,
            Shown { on, area_id, rows, day_error, ..Shown::default() },
        )
        .await;
    };
    let (groups, faulty, kept) = weigh_rows(&app, &page, area, batch, day, rows)?;
    if let (place_edit::Viewer::Office { login, .. }, true) = (&viewer, kept > 0) {
        log(&app, login, "scans.keyed", format!("place {} {}", place.id, place.name), kept).await?;
    }
    keep_all(&app, groups).await?;
    if faulty.is_empty() && kept > 0 {
        let words = page.tf("Đã ghi {n} người từ tờ giấy.", &[("n", kept.to_string())]);
        page.flash_text("good", words).await?;
    } else if faulty.is_empty() {
        page.flash("warn", "Chưa có dòng nào được gõ. Hãy gõ ít nhất một dòng rồi bấm Ghi.").await?;
    }
    render(&app, &page, &viewer, &place, Shown { on, area_id, rows: faulty, kept, ..Shown::default() }).await
}

type Groups = Vec<(usize, Vec<CheckIn>)>;

fn weigh_rows(
    app: &App,
    page: &Page,
    area: &Area,
    batch: Uuid,
    day: Date,
    rows: Vec<Row>,
) -> Result<(Groups, Vec<Row>, usize)> {
    let (mut groups, mut faulty, mut kept) = (Vec::new(), Vec::new(), 0);
    for (number, row) in rows.into_iter().enumerate().filter(|(_, row)| !row.is_blank()) {
        match weigh_row(app, page, area, batch, day, number, &row)? {
            Ok(own) => {
                let begin = groups.len();
                groups.extend(own.into_iter().enumerate().map(|(at, group)| (begin + at, group)));
                kept += 1;
            }
            Err(error) => faulty.push(Row { error, ..row }),
        }
    }
    Ok((groups, faulty, kept))
}

fn weigh_row(
    app: &App,
    page: &Page,
    area: &Area,
    batch: Uuid,
    day: Date,
    number: usize,
    row: &Row,
) -> Result<std::result::Result<Vec<Vec<CheckIn>>, String>> {
    let fault = |text: &str| Ok(Err(page.t(text)));
    let times = [(Direction::In, &row.came), (Direction::Out, &row.left)];
    if row.came.trim().is_empty() && row.left.trim().is_empty() {
        return fault("Hãy gõ giờ vào hoặc giờ ra.");
    }
    let birth_year = match row.year.trim() {
        "" => None,
        text => match text.parse::<u16>().ok().filter(|year| (1850..=2200).contains(year)) {
            Some(year) => Some(year),
            None => return fault("Năm sinh gồm 4 chữ số, ví dụ 1985."),
        },
    };
    let mut groups = Vec::new();
    for (kind, text) in times.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
        let Some(time) = time_of(text) else { return fault("Giờ viết như 8:05 hoặc 17:30.") };
        let captured_at = day_start(day) + time;
        if captured_at > app.now() {
            return fault("Giờ này chưa tới; hãy xem lại ngày và giờ.");
        }
        let captured = Captured {
            kind: Some(kind),
            typed: Some(Typed {
                name: row.name.clone(),
                phone: row.phone.clone(),
                birth_year,
                address: Some(row.address.clone()),
            }),
            no_phone: row.phone.trim().is_empty(),
            how: How::Paper,
            ..Captured::default()
        };
        let at = At {
            event_id: row_id(batch, number, kind),
            area_id: u32::try_from(area.id)?,
            captured_at,
            offset_ms: None,
            source: Source::Keyed,
            already_in: true,
            assurance_max: 0,
        };
        match weigh(app, at, &captured, page.lang)? {
            Weighed::Keep(check_ins, _) => groups.push(check_ins),
            Weighed::Refused(refused) => return Ok(Err(refused.text)),
        }
    }
    Ok(Ok(groups))
}

/// Writes down that an officer keyed in what others told.
async fn log(app: &App, actor: &str, action: &'static str, scope: String, count: usize) -> Result<()> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    audit::record(app, Act { actor, action, scope, count, ..Act::default() }, &[]).await?;
    Ok(())
}

/// Milliseconds of the day of a typed time: `8:05`, `8h05`, `0805`.
fn time_of(text: &str) -> Option<Millis> {
    let digits: Vec<&str> =
        text.trim().split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (hour, minute) = match digits.as_slice() {
        [hour, minute] => (hour.parse().ok()?, minute.parse().ok()?),
        [both] if both.len() == 4 => (both.get(..2)?.parse().ok()?, both.get(2..)?.parse().ok()?),
        [hour] if hour.len() <= 2 => (hour.parse().ok()?, 0),
        _ => return None,
    };
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some((i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60_000)
}

/// A row's id follows from the page it stood on, so that sending the page twice keeps nothing twice.
fn row_id(batch: Uuid, number: usize, kind: Direction) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(b"keyed row v1");
    hasher.update(batch.as_bytes());
    hasher.update(number.to_be_bytes());
    hasher.update([u8::from(kind == Direction::Out)]);
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize()[..16]);
    id
}

/// The paper form of a place, to print before an outage.
///
/// # Errors
/// Not found when the place is not the viewer's or was not approved.
pub async fn paper(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (_, place) = place_edit::viewed(&app, &page, id).await?;
    let points = app.store.points_of_place(id).await?;
    let point = points.iter().find(|p| p.point.retired_at.is_none()).ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    let level = |level: &str| {
        tree.path(place.unit_id)
            .into_iter()
            .find(|unit| unit.level == level)
            .map(|unit| unit.full_name.clone())
    };
    let form = PaperForm {
        place_name: place.name.clone(),
        area_name: Some(point.area_name.clone()).filter(|name| !name.is_empty()),
        address: place.address.clone(),
        commune: tree.name(place.unit_id).to_owned(),
        district: level("district"),
        province: level("province").unwrap_or_default(),
        code_grouped: place_edit::grouped(&point.point.code),
        hotline: app.config.hotline.clone(),
        agency: app.config.parent_agency.clone(),
        pages: PAGES,
    };
    let now = app.now();
    let bytes = tokio::task::spawn_blocking(move || paper_form_pdf(&form, now)).await??;
    Ok(file(bytes, "application/pdf", "phieu-giay.pdf", true))
}

/// A check-in told by telephone.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CallForm {
    code: String,
    name: String,
    phone: String,
    kind: String,
    time: String,
    id: String,
}

/// The page for an officer on the telephone.
///
/// # Errors
/// Not found for all but officers who decide.
pub async fn call_form(State(app): State<App>, page: Page) -> Result {
    Office::deciding(&app, &page, "").await?;
    show_call(&app, &page, &CallForm::default(), "").await
}

async fn show_call(app: &App, page: &Page, form: &CallForm, error: &str) -> Result<Response> {
    let now = local_datetime(app.now()).strftime("%H:%M").to_string();
    let values = context! {
        form => context! {
            code => &form.code, name => &form.name, phone => &form.phone, kind => &form.kind,
            time => if form.time.is_empty() { now } else { form.time.clone() },
        },
        id => Uuid::new_v4().to_string(), error,
    };
    page.show("telephone.html", values).await
}

/// Keeps a check-in told by telephone.
///
/// # Errors
/// Not found for all but officers who decide; unavailable when it cannot be kept right now.
pub async fn call(State(app): State<App>, page: Page, Form(form): Form<CallForm>) -> Result {
    let office = Office::deciding(&app, &page, "").await?;
    let facts = match point(&app, &form.code).await {
        Ok(facts) if !office.tree.is_within(facts.unit_id, office.officer.root(&office.tree)) => {
            let text = "Nơi này không thuộc địa bàn của anh/chị. Hãy chuyển máy cho xã, phường nơi đó.";
            return show_call(&app, &page, &form, &page.t(text)).await;
        }
        Ok(facts) if crate::visit::is_open(&facts) => facts,
        Ok(_) => return show_call(&app, &page, &form, &page.t("Mã này không còn dùng")).await,
        Err(AppError::NotFound) => {
            let text = "Không có mã này. Nhờ người gọi đọc lại mười ký tự dưới hình.";
            return show_call(&app, &page, &form, &page.t(text)).await;
        }
        Err(error) => return Err(error),
    };
    let Some(time) = time_of(&form.time) else {
        return show_call(&app, &page, &form, &page.t("Giờ viết như 8:05 hoặc 17:30.")).await;
    };
    let today = local_date(app.now());
    // Just before midnight somebody may tell of the evening; a time still to come was yesterday's.
    let at_today = day_start(today) + time;
    let captured_at =
        if at_today > app.now() + LOCAL_OFFSET_MS.min(60_000) { at_today - 86_400_000 } else { at_today };
    let kind = if form.kind == "out" { Direction::Out } else { Direction::In };
    let typed = Typed { name: form.name.clone(), phone: form.phone.clone(), birth_year: None, address: None };
    let captured =
        Captured { kind: Some(kind), typed: Some(typed), how: How::Telephone, ..Captured::default() };
    let at = At {
        event_id: *Uuid::parse_str(&form.id).unwrap_or_else(|_| Uuid::new_v4()).as_bytes(),
        area_id: u32::try_from(facts.point.area_id)?,
        captured_at,
        offset_ms: None,
        source: Source::Keyed,
        already_in: true,
        assurance_max: 0,
    };
    match weigh(&app, at, &captured, page.lang)? {
        Weighed::Keep(check_ins, _) => {
            let scope = format!("place {} {}", facts.place_id, facts.place_name);
            log(&app, &office.officer.login, "scan.by_telephone", scope, 1).await?;
            keep_all(&app, vec![(0, check_ins)]).await.map(drop)?;
        }
        Weighed::Refused(refused) => return show_call(&app, &page, &form, &refused.text).await,
    }
    let place = if facts.area_name.is_empty() {
        facts.place_name
    } else {
        format!("{} · {}", facts.place_name, facts.area_name)
    };
    page.flash_text("good", page.tf("Đã ghi ở {place}.", &[("place", place)])).await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to("/telephone")))
}
