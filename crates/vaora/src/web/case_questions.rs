//! A sitting's pages: the questions that the case team puts to the opened data, the answers, and those it kept.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::sitting::SittingEnd;
use minijinja::{Value, context};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};
use store::cases::Case;

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    ids::new_token,
    page::Page,
    trace::{
        asking::{self, Asking},
        file::{self, KEPT_MAX, Kept},
        sitting::{Asked, AskedState, Memory, Sitting},
    },
    web::{
        case_view::{kinds_view, log_view, viewed},
        forms::Errors,
        question_form::{Prefill, QuestionForm, Reading, forms_view},
        question_words::{answer_view, question_words},
    },
};

/// What a tracer is told whose sitting is over.
const OVER: &str = "Phiên hỏi không còn mở. Muốn hỏi thêm thì xin mở dữ liệu lần nữa.";
/// What a tracer is told of an answer that is not there.
const GONE: &str = "Câu hỏi này không còn trong phiên.";

/// The case's sitting with what it holds, marked as used now unless a page loaded itself.
async fn sitting_of(app: &App, case: &Case, reload: &Reload) -> Result<Option<(Arc<Sitting>, Arc<Memory>)>> {
    let Some(sitting) = app.sittings.of_case(app, case.id).await? else { return Ok(None) };
    let Some(memory) = sitting.memory() else { return Ok(None) };
    if reload.by_itself.is_empty() {
        sitting.touch(app.now());
    }
    Ok(Some((sitting, memory)))
}

/// Whether a page that waits loaded itself: nobody may sit before it, so the idle clock goes on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Reload {
    /// Anything, in the address by which a page loads itself.
    #[serde(rename = "tu-dong")]
    by_itself: String,
}

/// Shows the questions that may be asked and those that were.
///
/// # Errors
/// Not found for all but tracers of the case's office.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(prefill): Query<Prefill>,
    Query(reload): Query<Reload>,
) -> Result {
    let case = viewed(&app, &page, id).await?;
    let Some((sitting, memory)) = sitting_of(&app, &case, &reload).await? else {
        return page.show("sitting_over.html", over_view(&app, &page, &case).await?).await;
    };
    log_view(&app, &page, &case).await?;
    let reading =
        Reading { app: &app, page: &page, sitting: &sitting, memory: &memory, errors: Errors::default() };
    desk(&reading, &case, &QuestionForm::default(), &prefill).await
}

/// How the last sitting of a case ended.
async fn over_view(app: &App, page: &Page, case: &Case) -> Result<Value> {
    let last = app.store.latest_sitting(case.id).await?;
    let ended_at = last.as_ref().and_then(|last| last.ended_at);
    let why = last.and_then(|last| last.ended_why).as_deref().and_then(SittingEnd::from_code);
    let case = context! { id => case.id.to_string(), code => &case.code };
    Ok(context! { case, ended_at, why => why.map(|why| page.t(why.label())) })
}

async fn desk(reading: &Reading<'_>, case: &Case, form: &QuestionForm, prefill: &Prefill) -> Result {
    let (app, page, sitting) = (reading.app, reading.page, reading.sitting);
    let tree = app.tree().await?;
    let officer = page.officer()?;
    let others: Vec<Case> = app
        .store
        .cases()
        .await?
        .into_iter()
        .filter(|other| other.id != case.id && other.profile == case.profile)
        .filter(|other| tree.is_within(other.unit_id, officer.root(&tree)))
        .collect();
    let (asked, dropped) = sitting.asked();
    let values = context! {
        case => context! { id => case.id.to_string(), code => &case.code },
        closes_at => sitting.closes_at(), began_at => sitting.began_at, dropped,
        scope => context! {
            from => sitting.scope.from.to_string(), kinds => kinds_view(page, &sitting.scope),
            last => sitting.scope.until.yesterday().map(|day| day.to_string()).unwrap_or_default(),
        },
        rule => &sitting.rule.source, token => new_token(),
        forms => forms_view(reading, &others, form, prefill).await?,
        errors => reading.errors.view(), summary => summary(&reading.errors, &form.question),
        asked => asked.iter().map(|one| asked_view(page, one)).collect::<Vec<_>>(),
        reload_query => prefill.query(),
        waits => asked.iter().any(|one| matches!(one.state, AskedState::Running)),
    };
    page.show("sitting.html", values).await
}

/// What is wrong, by the id of the field: each kind of question has fields of its own.
fn summary(errors: &Errors, kind: &str) -> BTreeMap<String, String> {
    let id = |field: &str| if field == "question" { field.to_owned() } else { format!("{kind}-{field}") };
    errors.view().iter().map(|(field, text)| (id(field), text.clone())).collect()
}

fn asked_view(page: &Page, asked: &Asked) -> Value {
    let (state, text) = match &asked.state {
        AskedState::Running => ("running", None),
        AskedState::Done(_) => ("done", None),
        AskedState::Failed(text) => ("failed", Some(page.t(text))),
        AskedState::Cancelled => ("cancelled", None),
    };
    context! {
        number => asked.number, words => question_words(page, &asked.question), by => &asked.by, at => asked.at,
        state, text, took_ms => asked.took_ms, kept => asked.kept,
    }
}

/// Asks. What is wrong with the form is said beside its fields, and nothing typed is lost.
///
/// # Errors
/// Not found for all but tracers of the case's office; our fault when the access log cannot be written.
pub async fn ask(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<QuestionForm>,
) -> Result {
    let case = viewed(&app, &page, id).await?;
    let to_case = format!("/cases/{id}");
    let Some((sitting, memory)) = sitting_of(&app, &case, &Reload::default()).await? else {
        return page.go(&to_case, "bad", OVER).await;
    };
    // A form that is refused shows the desk, as `show` does.
    log_view(&app, &page, &case).await?;
    let mut reading =
        Reading { app: &app, page: &page, sitting: &sitting, memory: &memory, errors: Errors::default() };
    let Some(question) = reading.question(&form).await? else {
        return desk(&reading, &case, &form, &Prefill::default()).await;
    };
    drop(reading);
    drop(memory);
    let login = page.officer()?.login.clone();
    match asking::ask(&app, &sitting, &login, &form.token, question).await? {
        Asking::Number(number) => Ok(Redirect::to(&format!("/cases/{id}/sitting/{number}")).into_response()),
        Asking::Busy => {
            let text = "Phiên này đang có đủ số câu hỏi chưa trả lời xong. Hãy đợi, hoặc dừng một câu.";
            page.go(&format!("/cases/{id}/sitting"), "warn", text).await
        }
        Asking::Over => page.go(&to_case, "bad", OVER).await,
    }
}

/// Shows an answer, or that it is being looked for: that page loads itself again.
///
/// # Errors
/// Not found for all but tracers of the case's office, and without such a question in the sitting.
pub async fn answer(
    State(app): State<App>,
    page: Page,
    Path((id, number)): Path<(i64, usize)>,
    Query(reload): Query<Reload>,
) -> Result {
    let case = viewed(&app, &page, id).await?;
    let (sitting, _) = sitting_of(&app, &case, &reload).await?.ok_or(AppError::NotFound)?;
    let asked = sitting.one(number).ok_or(AppError::NotFound)?;
    log_view(&app, &page, &case).await?;
    let answer = match &asked.state {
        AskedState::Done(text) => Some(answer_view(&page, &serde_json::from_slice(text)?)),
        _ => None,
    };
    let values = context! {
        case => context! { id => case.id.to_string(), code => &case.code },
        asked => asked_view(&page, &asked), answer, closes_at => sitting.closes_at(), token => new_token(),
        may_follow => sitting.scope.allows(domain::opening::QuestionKind::Timelines),
        may_ask_places => true, is_kept => false,
    };
    page.show("case_answer.html", values).await
}

/// Gives a question up.
///
/// # Errors
/// Not found for all but tracers of the case's office.
pub async fn cancel(State(app): State<App>, page: Page, Path((id, number)): Path<(i64, usize)>) -> Result {
    let case = viewed(&app, &page, id).await?;
    let Some((sitting, _)) = sitting_of(&app, &case, &Reload::default()).await? else {
        return page.go(&format!("/cases/{id}"), "bad", OVER).await;
    };
    let text = if sitting.cancel(number) {
        "Đã dừng câu hỏi."
    } else {
        "Câu hỏi này đã xong từ trước."
    };
    page.go(&format!("/cases/{id}/sitting"), "good", text).await
}

/// Keeps an answer in the case's sealed file, once.
///
/// # Errors
/// Not found for all but tracers of the case's office; our fault when the access log cannot be written.
pub async fn keep(State(app): State<App>, page: Page, Path((id, number)): Path<(i64, usize)>) -> Result {
    let case = viewed(&app, &page, id).await?;
    let Some((sitting, _)) = sitting_of(&app, &case, &Reload::default()).await? else {
        return page.go(&format!("/cases/{id}"), "bad", OVER).await;
    };
    let to_desk = format!("/cases/{id}/sitting");
    let Some(asked) = sitting.one(number) else { return page.go(&to_desk, "bad", GONE).await };
    let AskedState::Done(text) = &asked.state else {
        return page.go(&to_desk, "bad", "Câu hỏi này chưa có câu trả lời để lưu.").await;
    };
    let held = app.sittings.files.lock().await;
    // The lock may have been long in coming.
    let open = app.sittings.of_case(&app, case.id).await?;
    if open.is_none_or(|open| open.opening_id != sitting.opening_id) {
        return page.go(&format!("/cases/{id}"), "bad", OVER).await;
    }
    // Read again under the lock: a colleague may have kept another answer.
    let case = app.store.case(case.id).await?.ok_or(AppError::NotFound)?;
    let mut file = file::open(&app, &case)?.ok_or(AppError::NotFound)?;
    let is_kept = |kept: &Kept| kept.opening_id == sitting.opening_id && kept.number == number;
    if file.kept.iter().any(is_kept) {
        return page.go(&format!("/cases/{id}#kept"), "good", "Câu trả lời này đã có trong hồ sơ.").await;
    }
    if file.kept.len() >= KEPT_MAX {
        let text = "Hồ sơ đã giữ đủ số câu trả lời cho phép của một ca.";
        return page.go(&to_desk, "bad", text).await;
    }
    let officer = page.officer()?;
    file.kept.push(Kept {
        opening_id: sitting.opening_id,
        number,
        asked_by: asked.by,
        asked_at: asked.at,
        kept_by: officer.login.clone(),
        kept_at: app.now(),
        question: asked.question,
        answer: serde_json::from_slice(text)?,
    });
    if !file.has_room()? {
        let text = "Hồ sơ của ca đã gần đủ dung lượng nên không lưu thêm được câu trả lời này. Hãy hỏi lại với ít dòng hơn rồi lưu.";
        return page.go(&to_desk, "bad", text).await;
    }
    let act = Act {
        actor: &officer.login,
        action: "answer.kept",
        case_id: Some(id),
        purpose: sitting.scope.purpose.code(),
        scope: format!("opening {} question {number}", sitting.opening_id),
        count: 1,
        ..Act::default()
    };
    audit::record(&app, act, &[]).await?;
    file::keep(&app, &case, &file).await?;
    drop(held);
    sitting.kept(number);
    page.go(&format!("/cases/{id}#kept"), "good", "Đã lưu câu trả lời vào hồ sơ của ca.").await
}

/// Shows an answer that the case's file keeps.
///
/// # Errors
/// Not found for all but tracers of the case's office, and for a number that the file does not have.
pub async fn kept(State(app): State<App>, page: Page, Path((id, number)): Path<(i64, usize)>) -> Result {
    let case = viewed(&app, &page, id).await?;
    let file = file::open(&app, &case)?.ok_or(AppError::NotFound)?;
    let kept = number.checked_sub(1).and_then(|at| file.kept.get(at)).ok_or(AppError::NotFound)?;
    log_view(&app, &page, &case).await?;
    let values = context! {
        case => context! { id => case.id.to_string(), code => &case.code },
        asked => context! {
            number, words => question_words(&page, &kept.question), by => &kept.asked_by, at => kept.asked_at,
            state => "done", kept => true, kept_by => &kept.kept_by, kept_at => kept.kept_at,
        },
        answer => answer_view(&page, &kept.answer), is_kept => true, may_follow => false, may_ask_places => false,
    };
    page.show("case_answer.html", values).await
}

/// Closes the sitting: index, answers and key are wiped.
///
/// # Errors
/// Not found for all but tracers of the case's office.
pub async fn close(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    viewed(&app, &page, id).await?;
    let officer = page.officer()?;
    let by = Some((officer.login.as_str(), officer.id));
    let open = app.sittings.of_case(&app, id).await?.map(|sitting| sitting.opening_id);
    let is_closed = match open {
        Some(opening_id) => app.sittings.end(&app, id, opening_id, SittingEnd::Hand, by).await?,
        None => false,
    };
    let text = if is_closed {
        "Đã đóng phiên hỏi; dữ liệu đã được xóa khỏi bộ nhớ."
    } else {
        "Phiên hỏi này đã đóng từ trước."
    };
    page.go(&format!("/cases/{id}"), "good", text).await
}
