//! The way in for check-ins: persons settled, identities and tokens sealed, rows durable, then answered.
//!
//! One task takes everything that waits, so that a crowd costs two commits and not two a person.

pub mod captured;
pub mod counters;
pub mod identity;
pub mod places;
pub mod sealed;
pub mod watch;
pub mod weigh;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use domain::time::{DAY_MS, LOCAL_OFFSET_MS, Millis, Seconds2020, day_start, from_seconds_2020, local_date};
use scanlog::{Appended, ScanKind, ScanLog, ScanRow};
use seal::token::Stamp;
use store::{Store, people::Arrival};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

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

/// Check-ins that came together, and where the answer goes.
struct Waiting {
    check_ins: Vec<CheckIn>,
    answer: oneshot::Sender<Vec<Kept>>,
    /// Their share of what may wait, given back with the answer.
    _room: OwnedSemaphorePermit,
}

/// Sends check-ins to the task that keeps them.
#[derive(Clone)]
pub struct Intake {
    sender: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

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
        // What waits holds at least one check-in, so the room's bound is reached before this one.
        let (sender, mut receiver) = mpsc::channel::<Waiting>(QUEUE_MAX);
        tokio::spawn(async move {
            let mut held = None;
            while let Some(group) = gather(&mut held, &mut receiver).await {
                let (mut check_ins, mut answers) = (Vec::with_capacity(BATCH_MAX), Vec::new());
                for mut waiting in group {
                    let own = std::mem::take(&mut waiting.check_ins);
                    answers.push((own.len(), waiting));
                    check_ins.extend(own);
                }
                let mut outcomes = keeper.keep(check_ins).await.into_iter();
                for (count, waiting) in answers {
                    // A client that hung up does not change what is kept.
                    let _ = waiting.answer.send(outcomes.by_ref().take(count).collect());
                }
            }
        });
        Self { sender, room: Arc::new(Semaphore::new(QUEUE_MAX)) }
    }

    /// Keeps check-ins; answers when all are durable (or refused), in order.
    pub async fn keep(&self, check_ins: Vec<CheckIn>) -> Vec<Kept> {
        let mut outcomes = Vec::with_capacity(check_ins.len());
        let mut answers = Vec::with_capacity(1);
        let mut rest = check_ins.into_iter();
        loop {
            let group: Vec<CheckIn> = rest.by_ref().take(BATCH_MAX).collect();
            if group.is_empty() {
                break;
            }
            answers.push((group.len(), self.send(group)));
        }
        for (count, answered) in answers {
            let kept = match answered {
                Some(answered) => answered.await.ok(),
                None => None,
            };
            outcomes.extend(kept.unwrap_or_else(|| vec![Err(Refusal::Busy); count]));
        }
        outcomes
    }

    /// Hands a group over; `None` when too much waits.
    fn send(&self, check_ins: Vec<CheckIn>) -> Option<oneshot::Receiver<Vec<Kept>>> {
        let count = u32::try_from(check_ins.len()).ok()?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(count).ok()?;
        let (answer, answered) = oneshot::channel();
        self.sender.try_send(Waiting { check_ins, answer, _room: room }).ok()?;
        Some(answered)
    }
}

/// The next group for one commit: what waits, as much as fits; the first that does not is held for the next.
async fn gather(held: &mut Option<Waiting>, receiver: &mut mpsc::Receiver<Waiting>) -> Option<Vec<Waiting>> {
    let first = match held.take() {
        Some(waiting) => waiting,
        None => receiver.recv().await?,
    };
    let mut count = first.check_ins.len();
    let mut group = vec![first];
    while let Ok(next) = receiver.try_recv() {
        count += next.check_ins.len();
        if count > BATCH_MAX {
            *held = Some(next);
            break;
        }
        group.push(next);
    }
    Some(group)
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
        self.watch.begin(local_day(now));
        let mut rows = Vec::with_capacity(check_ins.len());
        let mut looks = Vec::with_capacity(check_ins.len());
        for (check_in, person) in check_ins.iter().zip(persons).filter(|(one, _)| !one.record_only) {
            let looked = self.watch.look(check_in, person, &areas);
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
        let today = local_day(now);
        if self.settled_day != today || self.settled.len() > SETTLED_MAX {
            self.settled.clear();
            self.settled_day = today;
        }
        let mut asked = HashSet::new();
        let mut is_unknown = |one: &&CheckIn| {
            let fingerprint = &one.subject.fingerprint;
            !self.settled.contains_key(fingerprint) && asked.insert(*fingerprint)
        };
        let unknown: Vec<&CheckIn> = check_ins.iter().filter(&mut is_unknown).collect();
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

/// The number of the local day of an instant, without making the date: it is asked for every scan.
fn local_day(at: Millis) -> i64 {
    (at + LOCAL_OFFSET_MS).div_euclid(DAY_MS)
}
