//! Points that nobody scans, each a task of its commune: the list, and what was done.

use axum::{
    Form,
    extract::{Path, Query, State},
};
use domain::{
    admin_unit::AdminUnit,
    role::Role,
    silence::{self, Action},
};
use jiff::{ToSpan as _, civil::Date};
use minijinja::{Value, context};
use serde::Deserialize;
use store::point_tasks::{Done, Listed, PointAct, PointTask};

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    figures::is_department,
    ids::new_id,
    limits::PAGE_ROWS,
    page::Page,
    web::{
        coverage::{crumbs, seen},
        forms::{self, Errors},
        places::type_names,
        task::{Task, Tone},
    },
};

/// Days for which closed tasks are listed.
const CLOSED_DAYS: i64 = 28;
/// Communes named with the most open tasks.
const COMMUNES_NAMED: usize = 20;

/// Which tasks to list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Filter {
    /// `open`, `often`, `noted` or `closed`.
    show: String,
    /// Page, from 1.
    page: i64,
}

/// What was done, as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NoteForm {
    action: String,
    note: String,
    done_on: String,
    /// The list and the page of it that the form stood on.
    show: String,
    page: i64,
}

/// A form that came back with errors.
struct Refused<'a> {
    task: i64,
    form: &'a NoteForm,
    errors: &'a Errors,
}

/// What waits for this officer: points without a scan in the officer's unit.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if !officer.has(Role::UnitOfficer) {
        return Ok(());
    }
    let tree = app.tree().await?;
    let root = officer.root(&tree);
    // Communes go to the points; the offices above see to it that they do.
    let goes = tree.get(officer.unit_id).is_some_and(AdminUnit::is_commune);
    let (often, open, tones) = if goes {
        let open = "{n} điểm không ai quét chờ ghi việc đã làm";
        ("{n} điểm im lặng nhiều tuần: hãy đến tận nơi", open, (Tone::Bad, Tone::Warn))
    } else {
        let open = "{n} điểm không ai quét: đôn đốc xã, phường ghi việc đã làm";
        let often = "{n} điểm im lặng nhiều tuần: đôn đốc xã, phường đến tận nơi";
        (often, open, (Tone::Info, Tone::Info))
    };
    let counts = app.store.count_point_tasks(root, silence::OFTEN).await?;
    let href = format!("/coverage/{root}/tasks");
    if counts.repeated > 0 {
        tasks.push(Task::new(page, counts.repeated, often, format!("{href}?show=often"), tones.0));
    }
    if counts.open > 0 {
        tasks.push(Task::new(page, counts.open, open, href, tones.1));
    }
    Ok(())
}

/// Lists the tasks of a unit.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn list(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(filter): Query<Filter>,
) -> Result {
    render(&app, &page, id, &filter, None).await
}

async fn render(app: &App, page: &Page, id: i64, filter: &Filter, refused: Option<Refused<'_>>) -> Result {
    let (tree, _) = seen(app, page, id).await?;
    let officer = page.officer()?;
    let unit = tree.get(id).ok_or(AppError::NotFound)?;
    let counts = app.store.count_point_tasks(id, silence::OFTEN).await?;
    let since = app.clock.today().saturating_sub(CLOSED_DAYS.days()).to_string();
    let closed = app.store.closed_point_tasks(id, &since).await?;
    let (state, often, total) = match filter.show.as_str() {
        "often" => ("open", silence::OFTEN, counts.repeated),
        "noted" => ("noted", 0, counts.noted),
        "closed" => ("closed", 0, closed),
        _ => ("open", 0, counts.open),
    };
    let rows = i64::try_from(PAGE_ROWS).unwrap_or(50);
    let pages = (total + rows - 1).div_euclid(rows).max(1);
    let current = filter.page.clamp(1, pages);
    let listed = Listed { state, of_eight_min: often, limit: rows, offset: (current - 1) * rows };
    let found = app.store.point_tasks(id, listed).await?;
    let acts = app.store.point_task_acts(id, listed).await?;
    let types = type_names(app, page).await?;
    let may_note = officer.has(Role::UnitOfficer) && !is_department(&tree, id);
    let view = |task: &PointTask| {
        let type_name = types.get(&task.type_code);
        context! { acts => acts_view(page, task, &acts), ..task_view(task, tree.name(task.unit_id), type_name) }
    };
    let show = if filter.show.is_empty() { "open" } else { filter.show.as_str() };
    let values = context! {
        unit => context! { id => id.to_string(), name => &unit.full_name },
        is_commune => unit.is_commune(), is_department => is_department(&tree, id),
        crumbs => crumbs(&tree, id, officer.root(&tree)),
        tabs => tabs(page, id, show, [counts.open, counts.repeated, counts.noted, closed]), show,
        rows => found.iter().map(view).collect::<Vec<_>>(), total, pages, current,
        often => silence::OFTEN, weeks_back => silence::WEEKS_BACK, patience => silence::PATIENCE_DAYS,
        communes => if unit.is_commune() || is_department(&tree, id) { Vec::new() } else { communes(app, id).await? },
        may_note, today => app.clock.today().to_string(),
        actions => Action::ALL.iter().map(|a| context! { value => a.code(), label => page.t(a.label()) }).collect::<Vec<_>>(),
        note_max => silence::NOTE_CHARS_MAX,
        refused => refused.as_ref().map(|r| context! {
            task => r.task.to_string(), action => &r.form.action, note => &r.form.note, done_on => &r.form.done_on,
            errors => r.errors.view(),
        }),
        errors => refused.as_ref().map(|r| r.errors.view()),
    };
    page.show("point_tasks.html", values).await
}

/// Communes of a territory with the most open tasks.
async fn communes(app: &App, id: i64) -> Result<Vec<Value>> {
    let tree = app.tree().await?;
    let mut found = app.store.open_tasks_by_commune(silence::OFTEN).await?;
    found.retain(|(unit, _, _)| tree.is_within(*unit, id));
    found.sort_by_key(|(_, open, often)| std::cmp::Reverse((*often, *open)));
    let view = |(unit, open, often): &(i64, i64, i64)| {
        context! {
            href => format!("/coverage/{unit}/tasks"), name => tree.name(*unit), open => open, often => often,
        }
    };
    Ok(found.iter().take(COMMUNES_NAMED).map(view).collect())
}

fn tabs(page: &Page, id: i64, show: &str, counts: [i64; 4]) -> Vec<Value> {
    let all = [
        ("open", "Chờ xử lý ({n})"),
        ("often", "Lặp lại nhiều tuần ({n})"),
        ("noted", "Đã làm, chờ có lượt quét ({n})"),
        ("closed", "Đã xong 28 ngày qua ({n})"),
    ];
    let tab = |((code, label), count): (&(&str, &str), i64)| {
        context! {
            href => format!("/coverage/{id}/tasks?show={code}"), active => *code == show,
            label => page.tf(label, &[("n", crate::render::group_thousands_in(page.lang, count))]),
        }
    };
    all.iter().zip(counts).map(tab).collect()
}

/// What was done about a point, the latest first.
fn acts_view(page: &Page, task: &PointTask, acts: &[PointAct]) -> Vec<Value> {
    let view = |act: &PointAct| {
        let label = Action::from_code(&act.action).map(|action| page.t(action.label()));
        context! {
            action => label, note => &act.note, done_on => &act.done_on, noted_by => &act.noted_by,
            noted_at => act.noted_at,
        }
    };
    acts.iter().filter(|act| act.task_id == task.id).map(view).collect()
}

fn task_view(task: &PointTask, commune: &str, type_name: Option<&String>) -> Value {
    context! {
        id => task.id.to_string(), place_id => task.place_id.to_string(), name => &task.place_name,
        area => &task.area_name, address => &task.address, commune, type_name, sensitive => task.sensitive,
        never => task.never_used, state => &task.state, opened_on => &task.opened_on, weeks => task.weeks,
        of_eight => task.of_eight, often => silence::is_repeated(task.weeks, task.of_eight),
        reopened => task.reopened, closed_on => &task.closed_on, suspended => task.suspended,
    }
}

/// Notes what was done about a point.
///
/// # Errors
/// Not found for all but officers with the point's commune in their subtree; the form again when a field is
/// wrong.
pub async fn note(
    State(app): State<App>,
    page: Page,
    Path((id, task)): Path<(i64, i64)>,
    Form(form): Form<NoteForm>,
) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer])?;
    let tree = app.tree().await?;
    officer.require_unit(&tree, id)?;
    let found = app.store.point_task(task).await?.ok_or(AppError::NotFound)?;
    if !tree.is_within(found.unit_id, id) {
        return Err(AppError::NotFound);
    }
    let mut errors = Errors::default();
    let done = read(&app, &page, &mut errors, &form, &found, officer.id);
    let Some(done) = done.filter(|_| errors.is_empty()) else {
        let refused = Refused { task, form: &form, errors: &errors };
        let filter = Filter { show: form.show.clone(), page: form.page };
        return render(&app, &page, id, &filter, Some(refused)).await;
    };
    let show = ["often", "noted"].into_iter().find(|one| *one == form.show).unwrap_or("open");
    let to = format!("/coverage/{id}/tasks?show={show}&page={}", form.page.max(1));
    if app.store.note_point_task(task, new_id(), &done, app.now()).await? {
        page.go(&to, "good", "Đã ghi việc đã làm. Có lượt quét thì việc này tự xong.").await
    } else {
        page.go(&to, "warn", "Việc này đã được ghi như vậy hoặc đã xong; không ghi thêm.").await
    }
}

fn read(
    app: &App,
    page: &Page,
    errors: &mut Errors,
    form: &NoteForm,
    task: &PointTask,
    by: i64,
) -> Option<Done> {
    let action = Action::from_code(&form.action);
    if action.is_none() {
        errors.add("action", page.t("Hãy chọn việc đã làm."));
    }
    let note = if form.note.trim().is_empty() {
        String::new()
    } else {
        forms::line(page, errors, "note", &form.note, silence::NOTE_CHARS_MAX)
    };
    let today = app.clock.today();
    let opened: Option<Date> = task.opened_on.parse().ok();
    let done_on: Option<Date> = form.done_on.trim().parse().ok();
    // What was done up to a week before the task was opened may count: the poster was silent then already.
    let earliest = opened.map(|day| day.saturating_sub(silence::PATIENCE_DAYS.days()));
    match done_on {
        None => errors.add("done_on", page.t("Hãy nhập ngày đã làm.")),
        Some(day) if day > today => errors.add("done_on", page.t("Ngày đã làm không thể ở sau hôm nay.")),
        Some(day) if earliest.is_some_and(|earliest| day < earliest) => {
            errors.add("done_on", page.t("Ngày đã làm quá xa trước khi có việc này; hãy xem lại."));
        }
        Some(_) => {}
    }
    Some(Done { action: action?.code().to_owned(), note, done_on: done_on?.to_string(), noted_by: by })
}
