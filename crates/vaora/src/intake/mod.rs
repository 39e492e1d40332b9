//! The way in for check-ins: persons settled, identities and tokens sealed, rows durable, then answered.
//!
//! One task takes everything that waits, so that a crowd costs two commits and not two a person.

pub mod captured;
pub mod counters;
pub mod identity;
pub mod places;
pub mod watch;
pub mod weigh;

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context as _, Result};
use domain::time::{Millis, Seconds2020, day_number, day_start, from_seconds_2020, local_date};
use scanlog::{Appended, ScanKind, ScanLog, ScanRow};
use seal::token::Stamp;
use store::{Store, people::Arrival};
use tokio::sync::{mpsc, oneshot};

use self::{
    counters::Counters,
    identity::SealedSubject,
    places::AreaBook,
    watch::{Found, Watch},
};
use crate::{
    clock::Clock,
    ids::{new_id, new_person_id},
    keys::epoch::{Epoch, Epochs},
};

/// Whence a check-in came, to notice bursts; kept in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A gate's device.
    Device(i64),
    /// A network address, as a keyed hash.
    Network([u8; 8]),
    /// An officer at a keyboard, who may well be quick.
    Keyed,
}

/// A check-in that was decided on and only has to be kept.
#[derive(Clone)]
pub struct CheckIn {
    /// Made by the device.
    pub event_id: [u8; 16],
    /// Area scanned.
    pub area_id: u32,
    /// True for out.
    pub out: bool,
    /// When it was captured.
    pub captured: Seconds2020,
    /// 0 to 3.
    pub assurance: u8,
    /// Who.
    pub subject: SealedSubject,
    /// Whence it came.
    pub source: Source,
    /// True when only the person's record is to be kept, and no scan: a card was issued, or a phone added.
    pub record_only: bool,
}

/// Why a check-in was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No key ceremony was held yet, so nothing can be sealed.
    #[error("no key ceremony was held yet")]
    NotOpen,
    /// Too much waits, or the disk refuses; nothing was kept, and trying again is safe.
    #[error("check-ins cannot be kept right now")]
    Busy,
}

/// What became of a check-in that is durable.
pub type Kept = std::result::Result<Appended, Refusal>;

struct Waiting {
    check_in: CheckIn,
    answer: oneshot::Sender<Kept>,
}

/// Sends check-ins to the task that keeps them.
#[derive(Clone)]
pub struct Intake(mpsc::Sender<Waiting>);

/// Check-ins that may wait.
const QUEUE_MAX: usize = 20_000;
/// Check-ins kept in one commit.
const BATCH_MAX: usize = 1_000;
/// Persons remembered as settled today: a day of the whole province, about 100 MB when full.
const SETTLED_MAX: usize = 2_000_000;

/// What the task works with.
pub struct Keeper {
    /// Relational store.
    pub store: Store,
    /// Scan log.
    pub scanlog: Arc<ScanLog>,
    /// Epoch keys.
    pub epochs: Arc<Epochs>,
    /// Counters.
    pub counters: Arc<Counters>,
    /// Clock.
    pub clock: Clock,
    /// Where areas are.
    pub areas: Arc<AreaBook>,
    /// What looked odd.
    pub found: Arc<Found>,
    watch: Watch,
    settled: HashMap<[u8; 16], i64>,
    settled_day: i64,
}

impl Intake {
    /// Starts the task.
    #[must_use]
    pub fn start(mut keeper: Keeper) -> Self {
        let (sender, mut receiver) = mpsc::channel::<Waiting>(QUEUE_MAX);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH_MAX);
            while receiver.recv_many(&mut batch, BATCH_MAX).await > 0 {
                let (check_ins, answers): (Vec<_>, Vec<_>) =
                    batch.drain(..).map(|waiting: Waiting| (waiting.check_in, waiting.answer)).unzip();
                let outcomes = keeper.keep(check_ins).await;
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // A client that hung up does not change what is kept.
                    let _ = answer.send(outcome);
                }
            }
        });
        Self(sender)
    }

    /// Keeps check-ins; answers when all are durable (or refused), in order.
    pub async fn keep(&self, check_ins: Vec<CheckIn>) -> Vec<Kept> {
        let mut answers = Vec::with_capacity(check_ins.len());
        for check_in in check_ins {
            let (answer, answered) = oneshot::channel();
            let sent = self.0.try_send(Waiting { check_in, answer }).is_ok();
            answers.push(sent.then_some(answered));
        }
        let mut outcomes = Vec::with_capacity(answers.len());
        for answered in answers {
            outcomes.push(match answered {
                Some(answered) => answered.await.unwrap_or(Err(Refusal::Busy)),
                None => Err(Refusal::Busy),
            });
        }
        outcomes
    }
}

impl Keeper {
    /// Sets up what keeps check-ins.
    #[must_use]
    pub fn new(
        store: Store,
        scanlog: Arc<ScanLog>,
        epochs: Arc<Epochs>,
        counters: Arc<Counters>,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            scanlog,
            epochs,
            counters,
            clock,
            areas: Arc::default(),
            found: Arc::default(),
            watch: Watch::default(),
            settled: HashMap::new(),
            settled_day: 0,
        }
    }

    async fn keep(&mut self, check_ins: Vec<CheckIn>) -> Vec<Kept> {
        let count = check_ins.len();
        match self.try_keep(check_ins).await {
            Ok(Some(outcomes)) => outcomes.into_iter().map(Ok).collect(),
            Ok(None) => vec![Err(Refusal::NotOpen); count],
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "check-ins were not kept");
                vec![Err(Refusal::Busy); count]
            }
        }
    }

    async fn try_keep(&mut self, check_ins: Vec<CheckIn>) -> Result<Option<Vec<Appended>>> {
        let now = self.clock.now();
        let Some(epoch) = self.epochs.at(&self.store, now).await? else { return Ok(None) };
        let persons = self.settle(&check_ins, &epoch, now).await?;
        let areas = self.areas.areas(&self.store, now).await?;
        let (mut rows, mut looks) = (Vec::with_capacity(check_ins.len()), Vec::new());
        for (check_in, person) in check_ins.iter().zip(persons).filter(|(one, _)| !one.record_only) {
            let looked = self.watch.look(check_in, person, &areas, now);
            rows.push(row(check_in, looked.assurance, person, &epoch, now)?);
            looks.push((check_in, looked.odd));
        }
        let appended = self.scanlog.append(rows.clone()).await?;
        let stored = rows.iter().zip(&appended).filter(|(_, kept)| **kept == Appended::Stored);
        self.counters.add(stored.map(|(row, _)| (*row).into()));
        for ((check_in, odd), kept) in looks.into_iter().zip(&appended) {
            if *kept == Appended::Duplicate {
                self.watch.take_back(check_in);
                continue;
            }
            for oddity in odd {
                self.found.note(check_in.area_id, oddity, 1, from_seconds_2020(check_in.captured));
            }
        }
        let mut appended = appended.into_iter();
        let outcome = |one: &CheckIn| {
            if one.record_only { Some(Appended::Stored) } else { appended.next() }
        };
        let outcomes: Option<Vec<_>> = check_ins.iter().map(outcome).collect();
        outcomes.context("the scan log answered for fewer rows than it was given").map(Some)
    }

    /// Random ids of those who check in. Who was settled today already costs no look at the store.
    async fn settle(&mut self, check_ins: &[CheckIn], epoch: &Epoch, now: Millis) -> Result<Vec<u64>> {
        let today = day_number(local_date(now));
        if self.settled_day != today || self.settled.len() > SETTLED_MAX {
            self.settled.clear();
            self.settled_day = today;
        }
        let unknown: Vec<&CheckIn> =
            check_ins.iter().filter(|one| !self.settled.contains_key(&one.subject.fingerprint)).collect();
        if !unknown.is_empty() {
            let arrivals: Vec<Arrival> = unknown.iter().map(|one| arrival(one, today)).collect();
            let seal = |position: usize, person: i64| seal_record(unknown[position], epoch, person);
            // The day alone: with the instant, a stolen database could join a record to the scan that made it.
            let noted_at = day_start(local_date(now));
            let found = self.store.settle_arrivals(&arrivals, noted_at, seal).await?;
            for (one, person) in unknown.iter().zip(found) {
                self.settled.insert(one.subject.fingerprint, person);
            }
        }
        let person = |one: &CheckIn| self.settled.get(&one.subject.fingerprint).copied();
        check_ins
            .iter()
            .map(|one| person(one).map(i64::cast_unsigned).context("a person was not settled"))
            .collect()
    }
}

fn arrival(check_in: &CheckIn, today: i64) -> Arrival {
    Arrival {
        naming: check_in.subject.naming.clone(),
        finding: check_in.subject.finding.clone(),
        fresh_person_id: new_person_id().cast_signed(),
        seen_day: today,
        has_phone: check_in.subject.has_phone,
    }
}

fn seal_record(check_in: &CheckIn, epoch: &Epoch, person: i64) -> Option<(i64, i64, Vec<u8>)> {
    let number = i64::from(epoch.number);
    let record = &check_in.subject.record;
    let sealed = epoch.identity.seal(number, person.cast_unsigned(), record, &mut rand::rng()).ok()?;
    Some((new_id(), number, sealed))
}

fn row(check_in: &CheckIn, assurance: u8, person: u64, epoch: &Epoch, now: Millis) -> Result<ScanRow> {
    let stamp = Stamp { area_id: check_in.area_id, out: check_in.out, captured: check_in.captured };
    Ok(ScanRow {
        event_id: check_in.event_id,
        area_id: check_in.area_id,
        kind: if check_in.out { ScanKind::Out } else { ScanKind::In },
        captured: check_in.captured,
        token: epoch.movement.seal(person, &stamp)?,
        assurance,
        epoch: epoch.number,
        received_at: now,
    })
}
