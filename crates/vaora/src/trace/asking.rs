//! Putting a question to a sitting: the access log first, the index next, aside from the threads that serve
//! pages, then the names of those listed and of nobody else.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use exposure::Stop;
use seal::wrap::PrivateKey;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{
    app::App,
    audit::{self, Act},
    error::Result,
    keys::REGISTER,
    trace::{
        answers::{self, Found, Words},
        identities,
        questions::Question,
        scans::Named,
        sitting::{ANSWER_BYTES_MAX, AskedState, Memory, Reserved, Sitting},
    },
};

/// How long the asker's browser waits before it is shown the page that waits on.
const WAIT: Duration = Duration::from_millis(1_500);

/// What an asker is told.
pub enum Asking {
    /// The question's number; the answer is there or will be.
    Number(usize),
    /// Too many unanswered questions.
    Busy,
    /// The sitting is over.
    Over,
}

/// Writes a question down and has it looked into. The caller has checked that the scope allows it.
///
/// # Errors
/// When the access log cannot be written: then nothing is looked into.
pub async fn ask(
    app: &App,
    sitting: &Arc<Sitting>,
    login: &str,
    token: &str,
    question: Question,
) -> Result<Asking> {
    let (number, stop) = match sitting.reserve(token, login, question.clone(), app.now()) {
        Reserved::New(number, stop) => (number, stop),
        Reserved::Known(number) => return Ok(Asking::Number(number)),
        Reserved::Busy => return Ok(Asking::Busy),
        Reserved::Over => return Ok(Asking::Over),
    };
    // A task of its own, entry and all: a browser that hangs up neither ends the question nor leaves it waiting.
    let (tell, told) = oneshot::channel();
    let (task_app, task_sitting, login) = (app.clone(), Arc::clone(sitting), login.to_owned());
    let task = tokio::spawn(async move {
        let unanswered = Unanswered { app: &task_app, sitting: &task_sitting, number };
        let written = log_question(&task_app, &task_sitting, &login, number, &question).await;
        let is_written = written.is_ok();
        if !is_written {
            task_sitting.forget(number);
        }
        // Nobody may be there to hear it.
        let _ = tell.send(written);
        if is_written {
            answer(&task_app, &task_sitting, &login, number, question, stop).await;
        }
        drop(unanswered);
    });
    told.await.context("a question's task ended early")??;
    // The page shows what became of it, in time or later.
    drop(tokio::time::timeout(WAIT, task).await);
    Ok(Asking::Number(number))
}

/// Whatever becomes of its task, a question does not wait for ever: it fails unless it ended otherwise.
struct Unanswered<'a> {
    app: &'a App,
    sitting: &'a Sitting,
    number: usize,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.sitting.finish(self.number, AskedState::Failed(FAILED), Vec::new(), self.app.now());
    }
}

/// The question is looked into only after this entry stands.
async fn log_question(
    app: &App,
    sitting: &Sitting,
    login: &str,
    number: usize,
    question: &Question,
) -> anyhow::Result<()> {
    let about = question.about(&sitting.scope.persons);
    let act = Act {
        actor: login,
        action: "question.asked",
        case_id: Some(sitting.case_id),
        purpose: sitting.scope.purpose.code(),
        scope: format!("opening {} question {number}: {}", sitting.opening_id, question.log_text()),
        count: i64::try_from(about.len()).unwrap_or(0),
        ..Act::default()
    };
    audit::record(app, act, &about).await
}

const FAILED: &str = "Không trả lời được câu hỏi này. Hãy báo quản trị viên xem nhật ký máy chủ.";

async fn answer(
    app: &App,
    sitting: &Sitting,
    login: &str,
    number: usize,
    question: Question,
    stop: Arc<AtomicBool>,
) {
    let (state, persons) = match look_into(app, sitting, login, number, question, &stop).await {
        Ok(done) => done,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), opening = sitting.opening_id, "a question failed");
            (AskedState::Failed(FAILED), Vec::new())
        }
    };
    sitting.finish(number, state, persons, app.now());
}

async fn look_into(
    app: &App,
    sitting: &Sitting,
    login: &str,
    number: usize,
    question: Question,
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<(AskedState, Vec<u64>)> {
    let given_up = || Ok((AskedState::Cancelled, Vec::new()));
    let lane = app.sittings.lanes.acquire().await?;
    let Some(memory) = held(sitting, stop) else { return given_up() };
    let (register, names) = (Arc::clone(&memory.register), Arc::clone(&memory.names));
    let found = {
        let stop = Arc::clone(stop);
        let ground = sitting.ground.clone();
        // The index goes with it: none is held while the entry is written and names are opened.
        tokio::task::spawn_blocking(move || {
            answers::find(&memory.index, &ground, &question, Stop::when(&stop))
        })
        .await?
    };
    drop(lane);
    let found = match found {
        Ok(found) => found,
        Err(error) => return Ok((refusal(&error), Vec::new())),
    };
    let persons = found.persons();
    if held(sitting, stop).is_none() {
        return given_up();
    }
    log_persons(app, sitting, login, number, &persons).await?;
    // The key opens nothing of a sitting that was closed meanwhile.
    if held(sitting, stop).is_none() {
        return given_up();
    }
    let text = in_words(app, sitting, (&register, &names), &found, &persons).await?;
    if text.len() > ANSWER_BYTES_MAX {
        return Ok((AskedState::Failed("Câu trả lời quá dài. Hãy giảm số dòng cần hiện."), Vec::new()));
    }
    Ok((AskedState::Done(Arc::new(text)), persons))
}

/// What the sitting holds, unless it is over or the question was given up.
fn held(sitting: &Sitting, stop: &AtomicBool) -> Option<Arc<Memory>> {
    sitting.memory().filter(|_| !stop.load(Ordering::Relaxed))
}

fn refusal(error: &exposure::Error) -> AskedState {
    match error {
        exposure::Error::Cancelled => AskedState::Cancelled,
        exposure::Error::TooMany { .. } => {
            AskedState::Failed("Câu hỏi quá rộng. Hãy tăng số phút, giảm số đời hoặc thu hẹp khung giờ.")
        }
        exposure::Error::Memory { .. } => {
            AskedState::Failed("Máy chủ không đủ bộ nhớ cho câu hỏi này lúc này. Hãy đợi rồi hỏi lại.")
        }
        _ => AskedState::Failed(FAILED),
    }
}

/// Names are opened only after this entry stands.
async fn log_persons(
    app: &App,
    sitting: &Sitting,
    login: &str,
    number: usize,
    persons: &[u64],
) -> anyhow::Result<()> {
    if persons.is_empty() {
        return Ok(());
    }
    let act = Act {
        actor: login,
        action: "identities.read",
        case_id: Some(sitting.case_id),
        purpose: sitting.scope.purpose.code(),
        scope: format!("opening {} question {number}: everybody listed", sitting.opening_id),
        count: i64::try_from(persons.len()).unwrap_or(0),
        key_ids: REGISTER.to_owned(),
    };
    audit::record(app, act, persons).await
}

async fn in_words(
    app: &App,
    sitting: &Sitting,
    (register, names): (&PrivateKey, &HashMap<u32, Named>),
    found: &Found,
    persons: &[u64],
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let known: HashMap<u64, _> = identities::read(&app.store, register, persons).await?;
    let tree = app.tree().await?;
    let commune = |unit_id: i64| tree.name(unit_id).to_owned();
    let words = Words { names, known: &known, commune: &commune, case: &sitting.scope.persons };
    Ok(Zeroizing::new(serde_json::to_vec(&words.answer(found, persons))?))
}
