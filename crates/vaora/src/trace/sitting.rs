//! A sitting: the index of an opening in memory, and the questions put to it.
//!
//! It lives for `domain::sitting` (30 minutes idle, 8 hours at most, closed by hand) and in the memory of one
//! server only: a restart loses it, and says so. At its end the index, the register key and every answer are
//! wiped. A question is written to the access log before it is looked into; whoever is listed, before a name is
//! opened.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{
        Arc, Mutex as SyncMutex,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Result;
use domain::{
    opening::Scope,
    sitting::{self, SittingEnd},
    time::Millis,
};
use exposure::Index;
use seal::wrap::PrivateKey;
use store::reference::DiseaseRule;
use tokio::sync::{Mutex, Semaphore};
use zeroize::Zeroizing;

use crate::{
    app::App,
    audit::{self, Act},
    trace::{answers::Ground, questions::Question, scans::Named},
};

/// Most sittings at once; a further opening gives its list of contacts and no sitting.
pub const SITTINGS_MAX: usize = 4;
/// Most visits that all sittings hold together: an index takes 32 bytes a visit (`exposure::Index::build`), so this
/// is just under 4 GB. 14 days of the province are 80 million.
pub const VISITS_HELD_MAX: usize = 120_000_000;
/// Most questions that are looked into at once, over all sittings; others wait their turn.
pub const QUESTIONS_AT_ONCE: usize = 2;
/// Most questions of one sitting that wait or are looked into.
pub const UNANSWERED_MAX: usize = 3;
/// Most answers that a sitting holds; the oldest makes room, and the page says so.
pub const ANSWERS_MAX: usize = 20;
/// Most bytes of one answer.
pub const ANSWER_BYTES_MAX: usize = 24 << 20;

/// The sittings of this server, one a case at most.
pub struct Sittings {
    open: Mutex<HashMap<i64, Arc<Sitting>>>,
    /// Turns of questions.
    pub lanes: Semaphore,
    /// The turn of the opening that reads scans.
    pub readings: Semaphore,
    /// Held while a case's file is read, changed and written.
    pub files: Mutex<()>,
}

impl Default for Sittings {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            lanes: Semaphore::new(QUESTIONS_AT_ONCE),
            readings: Semaphore::new(1),
            files: Mutex::default(),
        }
    }
}

/// What is wiped when a sitting ends: person ids and the key by their own drop.
pub struct Memory {
    /// The visits of the approved days.
    pub index: Index,
    /// Opens identities of those whom an answer lists. Shared, so that whoever puts an answer in words need not
    /// hold the index.
    pub register: Arc<PrivateKey>,
    /// Areas by id.
    pub names: Arc<HashMap<u32, Named>>,
}

/// One sitting.
pub struct Sitting {
    /// The opening.
    pub opening_id: i64,
    /// Its case.
    pub case_id: i64,
    /// What was approved.
    pub scope: Scope,
    /// The profile's rule.
    pub rule: DiseaseRule,
    /// What every question rests on.
    pub ground: Ground,
    /// Names of the case's persons, by id; empty where none is known.
    pub case_names: Vec<(u64, String)>,
    /// When it began.
    pub began_at: Millis,
    memory: SyncMutex<Option<Arc<Memory>>>,
    desk: SyncMutex<Desk>,
}

/// Questions and answers.
struct Desk {
    last_used_at: Millis,
    asked: usize,
    dropped: usize,
    slots: VecDeque<Slot>,
}

struct Slot {
    view: Asked,
    /// By which a form sent twice is known again.
    token: String,
    /// Whom the answer lists, in its order.
    persons: Zeroizing<Vec<u64>>,
    stop: Arc<AtomicBool>,
}

/// A question as the case team sees it.
#[derive(Clone)]
pub struct Asked {
    /// Number within the sitting, from 1.
    pub number: usize,
    /// Login of who asked.
    pub by: String,
    /// When.
    pub at: Millis,
    /// What.
    pub question: Question,
    /// What became of it.
    pub state: AskedState,
    /// Milliseconds from the question to its answer.
    pub took_ms: i64,
    /// True once it is in the case's file.
    pub kept: bool,
}

/// What became of a question.
#[derive(Clone)]
pub enum AskedState {
    /// Waits or is looked into.
    Running,
    /// The answer as JSON (`trace::answers::Answer`).
    Done(Arc<Zeroizing<Vec<u8>>>),
    /// Why there is none; a source text.
    Failed(&'static str),
    /// Somebody gave it up.
    Cancelled,
}

/// What became of a wish to ask.
pub enum Reserved {
    /// It has this number; the flag gives it up.
    New(usize, Arc<AtomicBool>),
    /// The same form came before and has this number.
    Known(usize),
    /// Too many unanswered.
    Busy,
    /// The sitting is over.
    Over,
}

fn locked<T>(lock: &SyncMutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Each change under a lock is whole before anything can panic.
    lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Sitting {
    /// A sitting over a fresh index.
    #[must_use]
    pub fn new(
        (opening_id, scope): (i64, Scope),
        rule: DiseaseRule,
        ground: Ground,
        case_names: Vec<(u64, String)>,
        memory: Memory,
        now: Millis,
    ) -> Self {
        Self {
            opening_id,
            case_id: scope.case_id,
            scope,
            rule,
            ground,
            case_names,
            began_at: now,
            memory: SyncMutex::new(Some(Arc::new(memory))),
            desk: SyncMutex::new(Desk { last_used_at: now, asked: 0, dropped: 0, slots: VecDeque::new() }),
        }
    }

    /// The index and what goes with it; `None` once the sitting is over.
    #[must_use]
    pub fn memory(&self) -> Option<Arc<Memory>> {
        locked(&self.memory).clone()
    }

    /// When the sitting ends if nothing more is asked.
    #[must_use]
    pub fn closes_at(&self) -> Millis {
        sitting::closes_at(self.began_at, locked(&self.desk).last_used_at)
    }

    fn due(&self, now: Millis) -> Option<SittingEnd> {
        sitting::due(self.began_at, locked(&self.desk).last_used_at, now)
    }

    /// Notes that the case team is here.
    pub fn touch(&self, now: Millis) {
        locked(&self.desk).last_used_at = now;
    }

    /// The questions, latest first, and how many old answers made room.
    #[must_use]
    pub fn asked(&self) -> (Vec<Asked>, usize) {
        let desk = locked(&self.desk);
        (desk.slots.iter().rev().map(|slot| slot.view.clone()).collect(), desk.dropped)
    }

    /// A question by number, while the sitting holds it.
    #[must_use]
    pub fn one(&self, number: usize) -> Option<Asked> {
        locked(&self.desk).slots.iter().find(|slot| slot.view.number == number).map(|slot| slot.view.clone())
    }

    /// The person at a position of an answer.
    #[must_use]
    pub fn person(&self, number: usize, at: usize) -> Option<u64> {
        let desk = locked(&self.desk);
        desk.slots.iter().find(|slot| slot.view.number == number)?.persons.get(at).copied()
    }

    /// Gives a question its number; nothing is looked into yet.
    pub fn reserve(&self, token: &str, by: &str, question: Question, now: Millis) -> Reserved {
        let mut desk = locked(&self.desk);
        // Under the desk's lock: what is wiped meanwhile clears the desk after this.
        if self.memory().is_none() {
            return Reserved::Over;
        }
        if let Some(slot) = desk.slots.iter().find(|slot| !token.is_empty() && slot.token == token) {
            return Reserved::Known(slot.view.number);
        }
        let running = |slot: &&Slot| matches!(slot.view.state, AskedState::Running);
        if desk.slots.iter().filter(running).count() >= UNANSWERED_MAX {
            return Reserved::Busy;
        }
        desk.last_used_at = now;
        desk.asked += 1;
        let (number, stop) = (desk.asked, Arc::new(AtomicBool::new(false)));
        if desk.slots.len() >= ANSWERS_MAX
            && let Some(oldest) = desk.slots.iter().position(|slot| !running(&slot))
        {
            desk.slots.remove(oldest);
            desk.dropped += 1;
        }
        let state = AskedState::Running;
        let view = Asked { number, by: by.to_owned(), at: now, question, state, took_ms: 0, kept: false };
        desk.slots.push_back(Slot {
            view,
            token: token.to_owned(),
            persons: Zeroizing::default(),
            stop: Arc::clone(&stop),
        });
        Reserved::New(number, stop)
    }

    /// Takes back a question that could not be written down.
    pub fn forget(&self, number: usize) {
        locked(&self.desk).slots.retain(|slot| slot.view.number != number);
    }

    /// Notes how a question ended; one that was given up meanwhile stays so.
    pub fn finish(&self, number: usize, state: AskedState, persons: Vec<u64>, now: Millis) {
        let persons = Zeroizing::new(persons);
        let mut desk = locked(&self.desk);
        let slot = desk.slots.iter_mut().find(|slot| slot.view.number == number);
        if let Some(slot) = slot.filter(|slot| matches!(slot.view.state, AskedState::Running)) {
            slot.view.took_ms = now - slot.view.at;
            slot.view.state = state;
            slot.persons = persons;
        }
    }

    /// Gives a question up; false when it was answered or is not there.
    pub fn cancel(&self, number: usize) -> bool {
        let mut desk = locked(&self.desk);
        let slot = desk.slots.iter_mut().find(|slot| slot.view.number == number);
        let Some(slot) = slot.filter(|slot| matches!(slot.view.state, AskedState::Running)) else {
            return false;
        };
        slot.stop.store(true, Ordering::Relaxed);
        slot.view.state = AskedState::Cancelled;
        true
    }

    /// Notes that an answer is in the case's file.
    pub fn kept(&self, number: usize) {
        let mut desk = locked(&self.desk);
        if let Some(slot) = desk.slots.iter_mut().find(|slot| slot.view.number == number) {
            slot.view.kept = true;
        }
    }

    /// Ends everything: questions are given up, answers wiped, the index let go. A question that is being looked
    /// into holds the index for the milliseconds until it sees the flag.
    fn wipe(&self) {
        locked(&self.memory).take();
        let mut desk = locked(&self.desk);
        desk.slots.iter().for_each(|slot| slot.stop.store(true, Ordering::Relaxed));
        desk.slots.clear();
    }
}

impl Sittings {
    /// The case's sitting, unless it is over by now.
    ///
    /// # Errors
    /// When the end of one that is due cannot be noted; it is wiped all the same.
    pub async fn of_case(&self, app: &App, case_id: i64) -> Result<Option<Arc<Sitting>>> {
        let Some(sitting) = self.open.lock().await.get(&case_id).cloned() else { return Ok(None) };
        match sitting.due(app.now()) {
            None => Ok(Some(sitting)),
            Some(why) => {
                self.end(app, case_id, sitting.opening_id, why, None).await?;
                Ok(None)
            }
        }
    }

    /// All sittings, oldest first.
    ///
    /// # Errors
    /// When the end of one that is due cannot be noted.
    pub async fn all(&self, app: &App) -> Result<Vec<Arc<Sitting>>> {
        self.end_due(app).await?;
        let mut all: Vec<_> = self.open.lock().await.values().cloned().collect();
        all.sort_by_key(|sitting| (sitting.began_at, sitting.opening_id));
        Ok(all)
    }

    /// Ends what is due.
    ///
    /// # Errors
    /// When an end cannot be noted; what is due is wiped all the same.
    pub async fn end_due(&self, app: &App) -> Result<()> {
        let now = app.now();
        let all: Vec<_> = self.open.lock().await.values().cloned().collect();
        let mut outcome = Ok(());
        for (one, why) in all.iter().filter_map(|one| Some((one, one.due(now)?))) {
            outcome = outcome.and(self.end(app, one.case_id, one.opening_id, why, None).await.map(drop));
        }
        outcome
    }

    /// Ends the sitting of an opening: wiped first, then noted, though whoever asked for it goes away meanwhile.
    /// False when there is none; that of a later opening of the case is left alone. `by` is the login and account of
    /// who closed it.
    ///
    /// # Errors
    /// When the end cannot be noted.
    pub async fn end(
        &self,
        app: &App,
        case_id: i64,
        opening_id: i64,
        why: SittingEnd,
        by: Option<(&str, i64)>,
    ) -> Result<bool> {
        let mut open = self.open.lock().await;
        let Entry::Occupied(found) = open.entry(case_id) else { return Ok(false) };
        if found.get().opening_id != opening_id {
            return Ok(false);
        }
        let sitting = found.remove();
        drop(open);
        // Nothing is awaited from here until the task of its own runs: no sitting is wiped and not noted.
        sitting.wipe();
        note_end(app, sitting, why, by).await?;
        Ok(true)
    }

    /// Begins a sitting, in place of an earlier one of the case; false where the server holds as many as it may.
    ///
    /// # Errors
    /// When the store refuses; nothing is held then.
    pub async fn begin(&self, app: &App, sitting: Sitting) -> Result<bool> {
        self.end_due(app).await?;
        let earlier = self.open.lock().await.get(&sitting.case_id).map(|one| one.opening_id);
        if let Some(earlier) = earlier {
            self.end(app, sitting.case_id, earlier, SittingEnd::Replaced, None).await?;
        }
        app.store.begin_sitting(sitting.opening_id, sitting.began_at).await?;
        let mut open = self.open.lock().await;
        let visits = |one: &Sitting| one.memory().map_or(0, |memory| memory.index.visit_count());
        let held: usize = open.values().map(|one| visits(one)).sum();
        if open.len() < SITTINGS_MAX && held + visits(&sitting) <= VISITS_HELD_MAX {
            let earlier = open.insert(sitting.case_id, Arc::new(sitting));
            drop(open);
            if let Some(earlier) = earlier {
                // Another opening of the case came between.
                earlier.wipe();
                note_end(app, earlier, SittingEnd::Replaced, None).await?;
            }
            return Ok(true);
        }
        drop(open);
        sitting.wipe();
        app.store.end_sitting(sitting.opening_id, SittingEnd::Full.code(), None, app.now()).await?;
        Ok(false)
    }
}

/// Notes the end of a sitting that is wiped, in a task of its own: a browser that hangs up must not lose the entry.
fn note_end(
    app: &App,
    sitting: Arc<Sitting>,
    why: SittingEnd,
    by: Option<(&str, i64)>,
) -> impl Future<Output = Result<()>> + use<> {
    let (app, by) = (app.clone(), by.map(|(login, account)| (login.to_owned(), account)));
    let task = tokio::spawn(async move {
        let act = Act {
            actor: by.as_ref().map_or("server", |(login, _)| login),
            action: "sitting.closed",
            case_id: Some(sitting.case_id),
            purpose: sitting.scope.purpose.code(),
            scope: format!("opening {} {}", sitting.opening_id, why.code()),
            ..Act::default()
        };
        // An entry that fails must not hide the end from the case's page.
        let written = audit::record(&app, act, &[]).await;
        let account = by.as_ref().map(|(_, account)| *account);
        app.store.end_sitting(sitting.opening_id, why.code(), account, app.now()).await?;
        written
    });
    async { task.await? }
}
