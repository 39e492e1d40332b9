//! One letter: for the office that got it, what it does with it; for those above, who has read, acknowledged and
//! done it.

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{Path, Query, State},
};
use domain::{
    admin_unit::UnitTree,
    directive::{FileKind, Standing},
    role::Role,
};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    directives::{Copy, Directive},
    messages::Recipient,
};

use super::{letter_view, oversees, receives, send, standing, standing_view};
use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    notify,
    page::Page,
    web::{
        forms::Errors,
        guidance::{day, prose},
        posters,
    },
};

/// A letter with what its reader has to do with it.
struct Seen {
    officer: Officer,
    letter: Directive,
    /// The copy of the officer's office.
    copy: Option<Copy>,
}

/// The letter, if the officer may see it: sent by his office, received by it or by one below, or all of them
/// for the Committee and Sở TTTT.
async fn seen(app: &App, page: &Page, id: i64) -> Result<Seen> {
    let officer = page.officer()?.clone();
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let letter = app.store.directive(id).await?.ok_or(AppError::NotFound)?;
    let copy = app.store.directive_copy(id, officer.unit_id).await?;
    if !oversees(&officer) && copy.is_none() && letter.unit_id != officer.unit_id {
        let tree = app.tree().await?;
        let copies = app.store.directive_copies(id).await?;
        // A district sees what the Committee sent straight to its communes.
        if !copies.iter().any(|copy| tree.is_within(copy.unit_id, officer.unit_id)) {
            return Err(AppError::NotFound);
        }
    }
    Ok(Seen { officer, letter, copy })
}

/// Which part of the tree is listed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Part {
    unit: String,
    /// `late`, `unread` or `open`: only those.
    only: String,
}

/// Shows a letter, and notes that the office has opened it.
///
/// # Errors
/// Not found when it is not the officer's.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(part): Query<Part>,
) -> Result {
    let mut seen = seen(&app, &page, id).await?;
    if seen.copy.as_ref().is_some_and(|copy| copy.read_at.is_none()) && receives(&seen.officer) {
        app.store.read_directive(id, seen.officer.unit_id, seen.officer.id, app.now()).await?;
        seen.copy = app.store.directive_copy(id, seen.officer.unit_id).await?;
    }
    render(&app, &page, &seen, &part, context! {}, &Errors::default()).await
}

async fn render(app: &App, page: &Page, seen: &Seen, part: &Part, form: Value, errors: &Errors) -> Result {
    let tree = app.tree().await?;
    let officer = &seen.officer;
    let today = app.clock.today().to_string();
    let copies = app.store.directive_copies(seen.letter.id).await?;
    let root = if oversees(officer) { officer.root(&tree) } else { officer.unit_id };
    let mine: Vec<&Copy> = copies
        .iter()
        .filter(|copy| copy.unit_id != officer.unit_id && tree.is_within(copy.unit_id, root))
        .collect();
    let in_force = seen.letter.state == "sent";
    let to_copy = communes_without(&tree, officer, seen, &copies);
    let values = context! {
        letter => letter_view(page, &tree, &seen.letter),
        has_file => app.store.has_directive_file(seen.letter.id).await?,
        own => seen.copy.as_ref().map(|copy| context! {
            due_on => &copy.due_on, remark => &copy.remark, from => tree.name(copy.from_unit_id),
            received_at => copy.received_at, standing => standing_view(page, copy, &today),
            acknowledged_at => copy.acknowledged_at, acknowledged_name => &copy.acknowledged_name,
            progress => &copy.progress, progress_words => &copy.progress_words, progress_at => copy.progress_at,
        }),
        acts => in_force && seen.copy.is_some() && receives(officer),
        to_copy => to_copy.len(), may_copy => in_force && !to_copy.is_empty(),
        copied => mine.iter().filter(|copy| copy.from_unit_id == officer.unit_id).count(),
        table => table(page, &tree, root, &mine, part, &today),
        counts => counts(&mine, &today), only => &part.only,
        has_copies => !mine.is_empty(),
        may_withdraw => in_force && seen.letter.unit_id == officer.unit_id && send::may_send(&tree, officer),
        form, errors => errors.view(),
    };
    page.show("directive.html", values).await
}

/// Communes of the officer's district that a letter to the district has not reached yet.
fn communes_without(tree: &UnitTree, officer: &Officer, seen: &Seen, copies: &[Copy]) -> Vec<i64> {
    let is_district = tree.get(officer.unit_id).is_some_and(|unit| unit.level == "district");
    if !is_district || !officer.has(Role::UnitOfficer) || seen.copy.is_none() {
        return Vec::new();
    }
    let communes = tree.communes_within(officer.unit_id);
    let missing = communes.iter().filter(|commune| copies.iter().all(|copy| copy.unit_id != commune.id));
    missing.map(|commune| commune.id).collect()
}

fn counts(copies: &[&Copy], today: &str) -> Value {
    let mut by: BTreeMap<Standing, usize> = BTreeMap::new();
    for copy in copies {
        *by.entry(standing(copy, today)).or_default() += 1;
    }
    let of = |all: &[Standing]| all.iter().filter_map(|one| by.get(one)).sum::<usize>();
    let acknowledged = copies.iter().filter(|copy| copy.acknowledged_at.is_some()).count();
    context! {
        all => copies.len(), read => copies.iter().filter(|copy| copy.read_at.is_some()).count(), acknowledged,
        done => of(&[Standing::Done]), late => of(&[Standing::Late, Standing::Overdue]),
        unread => of(&[Standing::Unread]),
    }
}

/// True for a copy that the chosen filter passes.
fn passes(copy: &Copy, only: &str, today: &str) -> bool {
    let standing = standing(copy, today);
    match only {
        "late" => matches!(standing, Standing::Late | Standing::Overdue),
        "unread" => copy.read_at.is_none(),
        "open" => standing != Standing::Done,
        "acknowledged" => copy.acknowledged_at.is_some(),
        "done" => standing == Standing::Done,
        _ => true,
    }
}

/// The copies by tree: departments and districts first, communes counted under their district; a chosen
/// district's communes one by one. A filter lists every office that it passes.
fn table(page: &Page, tree: &UnitTree, root: i64, copies: &[&Copy], part: &Part, today: &str) -> Value {
    let at = part.unit.parse().ok().filter(|unit| tree.is_within(*unit, root)).unwrap_or(root);
    let flat = !part.only.is_empty();
    let mut rows: Vec<(String, Value)> = Vec::new();
    let mut below: BTreeMap<i64, Vec<&Copy>> = BTreeMap::new();
    for copy in copies.iter().filter(|copy| tree.is_within(copy.unit_id, at)) {
        let parent = tree.get(copy.unit_id).and_then(|unit| unit.parent_id);
        if flat {
            if passes(copy, &part.only, today) {
                rows.push((key(tree, copy.unit_id), row(page, tree, copy, today, 0, None)));
            }
        } else if copy.unit_id == at || parent == Some(at) || parent.is_none() {
            below.entry(copy.unit_id).or_default();
        } else if let Some(parent) = parent {
            below.entry(parent).or_default().push(copy);
        }
    }
    for (unit, under) in below {
        let own = copies.iter().find(|copy| copy.unit_id == unit);
        let counts = (!under.is_empty()).then(|| counts(&under, today));
        match own {
            Some(copy) => rows.push((key(tree, unit), row(page, tree, copy, today, under.len(), counts))),
            None => {
                let only_below = context! {
                    id => unit.to_string(), name => tree.name(unit), below => under.len(), counts,
                };
                rows.push((key(tree, unit), only_below));
            }
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let crumb = (at != root).then(|| tree.name(at).to_owned());
    context! { rows => rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>(), within => crumb, flat }
}

fn key(tree: &UnitTree, unit: i64) -> String {
    let level = tree.get(unit).map_or("", |unit| unit.level.as_str());
    let order = match level {
        "district" => 1,
        "commune" => 2,
        _ => 0,
    };
    format!("{order}{}", domain::name::fold(tree.name(unit)))
}

fn row(page: &Page, tree: &UnitTree, copy: &Copy, today: &str, below: usize, counts: Option<Value>) -> Value {
    let district = tree.get(copy.unit_id).filter(|unit| unit.is_commune()).and_then(|unit| unit.parent_id);
    context! {
        id => copy.unit_id.to_string(), name => tree.name(copy.unit_id), district => district.map(|id| tree.name(id)),
        read_at => copy.read_at, acknowledged_at => copy.acknowledged_at,
        acknowledged_name => &copy.acknowledged_name, due_on => &copy.due_on,
        standing => standing_view(page, copy, today), words => &copy.progress_words, progress_at => copy.progress_at,
        below, counts,
    }
}

/// Sends the file.
///
/// # Errors
/// Not found when the letter is not the officer's.
pub async fn file(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let seen = seen(&app, &page, id).await?;
    let file = app.store.directive_file(id).await?.ok_or(AppError::NotFound)?;
    if seen.copy.is_some() && receives(&seen.officer) {
        app.store.read_directive(id, seen.officer.unit_id, seen.officer.id, app.now()).await?;
    }
    let kind = FileKind::from_code(&file.kind).ok_or(AppError::NotFound)?;
    // Always saved, never shown within a page of ours: others made it.
    Ok(posters::file(file.bytes, kind.media_type(), &file.name, false))
}

/// The letter of an office that acts on it.
async fn received(app: &App, page: &Page, id: i64) -> Result<Seen> {
    page.officer()?.require(&[Role::UnitOfficer, Role::Reviewer])?;
    let seen = seen(app, page, id).await?;
    if seen.copy.is_some() { Ok(seen) } else { Err(AppError::NotFound) }
}

const NOT_IN_FORCE: AppError =
    AppError::BadRequest("Công văn này đã thu hồi hoặc được thay thế, không cần làm gì thêm.");

const IS_DONE: AppError =
    AppError::BadRequest("Đơn vị đã báo làm xong công văn này; tiến độ không đổi được nữa.");

/// Acknowledges a letter for the officer's office; twice is the same as once.
///
/// # Errors
/// Not found when the office did not get it.
pub async fn acknowledge(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let seen = received(&app, &page, id).await?;
    let here = format!("/directives/{id}");
    if seen.letter.state != "sent" {
        return page.back(&here, NOT_IN_FORCE).await;
    }
    app.store.acknowledge_directive(id, seen.officer.unit_id, seen.officer.id, app.now()).await?;
    page.go(&here, "good", "Đã xác nhận cho đơn vị.").await
}

/// What an office says of its progress.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ProgressForm {
    progress: String,
    words: String,
}

/// Keeps what the office says of its progress.
///
/// # Errors
/// Not found when the office did not get the letter.
pub async fn progress(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ProgressForm>,
) -> Result {
    let seen = received(&app, &page, id).await?;
    let here = format!("/directives/{id}");
    let mut errors = Errors::default();
    let words = prose(&page, &mut errors, "words", &form.words, 2000, true);
    if !["in_progress", "done"].contains(&form.progress.as_str()) {
        errors.add("progress", page.t("Hãy chọn đang làm hoặc đã xong."));
    }
    if !errors.is_empty() {
        let typed = context! { progress => &form.progress, words => &form.words };
        return render(&app, &page, &seen, &Part::default(), typed, &errors).await;
    }
    if let Some(done) = seen.copy.as_ref().filter(|copy| copy.progress == "done") {
        // What was reported done stands: those above have counted it and read its words.
        return if form.progress == "done" && words == done.progress_words {
            page.go(&here, "good", "Đã ghi tiến độ của đơn vị.").await
        } else {
            page.back(&here, IS_DONE).await
        };
    }
    let (unit, by, now) = (seen.officer.unit_id, seen.officer.id, app.now());
    if !app.store.report_directive(id, unit, &form.progress, &words, by, now).await? {
        return page.back(&here, NOT_IN_FORCE).await;
    }
    if form.progress == "done"
        && let Some(from) = seen.copy.as_ref().map(|copy| copy.from_unit_id)
    {
        let tree = app.tree().await?;
        let key = format!("directive:{id}:{unit}:done");
        let params = [("unit", tree.name(unit)), ("number", &seen.letter.number)];
        let source = "{unit} báo đã làm xong công văn {number}.";
        notify::post(&app, notify::message(key, Recipient::Unit(from), source, &params, here.clone()))
            .await?;
    }
    page.go(&here, "good", "Đã ghi tiến độ của đơn vị.").await
}

/// What a district adds when it copies a letter on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CopyForm {
    remark: String,
    due_on: String,
}

/// Copies a letter on to all communes of the district that lack it.
///
/// # Errors
/// Not found for those who are no district or did not get the letter.
pub async fn copy_on(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<CopyForm>,
) -> Result {
    let seen = received(&app, &page, id).await?;
    let tree = app.tree().await?;
    let is_district = tree.get(seen.officer.unit_id).is_some_and(|unit| unit.level == "district");
    if !is_district || !seen.officer.has(Role::UnitOfficer) {
        return Err(AppError::NotFound);
    }
    let here = format!("/directives/{id}");
    if seen.letter.state != "sent" {
        return page.back(&here, NOT_IN_FORCE).await;
    }
    let mut errors = Errors::default();
    let remark = prose(&page, &mut errors, "remark", &form.remark, 1000, false);
    let due = day(&page, &mut errors, "copy_due_on", &form.due_on);
    check_due(&app, &page, &seen, due, &mut errors);
    let Some(due) = due.filter(|_| errors.is_empty()) else {
        let typed = context! { remark => &form.remark, copy_due_on => &form.due_on };
        return render(&app, &page, &seen, &Part::default(), typed, &errors).await;
    };
    let copies = app.store.directive_copies(id).await?;
    let units = communes_without(&tree, &seen.officer, &seen, &copies);
    let (from, due_on) = (seen.officer.unit_id, due.to_string());
    let fresh = app.store.copy_directive_on(id, from, &units, &remark, &due_on, app.now()).await?;
    app.store.acknowledge_directive(id, from, seen.officer.id, app.now()).await?;
    let params = [
        ("from", tree.name(from)),
        ("number", seen.letter.number.as_str()),
        ("summary", seen.letter.summary.trim_end_matches('.')),
    ];
    let source = "{from} sao gửi công văn {number}: {summary}.";
    let messages: Vec<_> =
        fresh.iter().map(|unit| send::received(id, *unit, source, &params, &due_on)).collect();
    app.store.post_messages(&messages, app.now()).await?;
    let text = page.tf("Đã sao gửi cho {n} xã, phường.", &[("n", fresh.len().to_string())]);
    page.flash_text("good", text).await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&here)))
}

/// A copy's deadline lies between today and the district's own.
fn check_due(app: &App, page: &Page, seen: &Seen, due: Option<Date>, errors: &mut Errors) {
    let Some(due) = due else { return };
    if due < app.clock.today() {
        errors.add("copy_due_on", page.t("Hạn phải từ hôm nay trở đi."));
    }
    let own = seen.copy.as_ref().and_then(|copy| copy.due_on.parse::<Date>().ok());
    if own.is_some_and(|own| due > own && own >= app.clock.today()) {
        errors.add("copy_due_on", page.t("Hạn cho xã, phường không được sau hạn của huyện."));
    }
}

/// Why a letter is withdrawn.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WithdrawForm {
    reason: String,
}

/// Withdraws a letter and tells everybody who got it.
///
/// # Errors
/// Not found for those who did not send it.
pub async fn withdraw(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<WithdrawForm>,
) -> Result {
    let seen = seen(&app, &page, id).await?;
    let tree = app.tree().await?;
    if seen.letter.unit_id != seen.officer.unit_id || !send::may_send(&tree, &seen.officer) {
        return Err(AppError::NotFound);
    }
    let here = format!("/directives/{id}");
    let mut errors = Errors::default();
    let reason = prose(&page, &mut errors, "reason", &form.reason, 500, true);
    if !errors.is_empty() {
        let typed = context! { reason => &form.reason };
        return render(&app, &page, &seen, &Part::default(), typed, &errors).await;
    }
    if !app.store.withdraw_directive(id, &reason).await? {
        return page.back(&here, NOT_IN_FORCE).await;
    }
    let params = [("number", seen.letter.number.as_str()), ("reason", reason.trim_end_matches('.'))];
    let source = "Công văn {number} đã được thu hồi: {reason}.";
    let copies = app.store.directive_copies(id).await?;
    let messages: Vec<_> = copies
        .iter()
        .map(|copy| {
            let key = format!("directive:{id}:{}:withdrawn", copy.unit_id);
            notify::message(key, Recipient::Unit(copy.unit_id), source, &params, here.clone())
        })
        .collect();
    app.store.post_messages(&messages, app.now()).await?;
    send::record(&app, &seen.officer, "directive.withdrawn", &seen.letter, copies.len()).await?;
    page.go(&here, "good", "Đã thu hồi công văn và báo các nơi đã nhận.").await
}
