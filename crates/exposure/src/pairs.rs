//! Everybody who met anybody: all pairs of persons who were together long enough.
//!
//! The sweep goes person by person, in order of id. A person's visits are taken in order of time; each looks at
//! the short run of rows in its area that can reach it ([`Index`] keeps them in order of start), and every
//! overlap is added to a tally of the other person. When the person's visits are through, the tallies *are* the
//! pairs: those who reach the minimum are put in order of id and handed out. So a pair's total is known before
//! it leaves, pairs come in order, and only one person's are in memory at a time, which matters, because there
//! are hundreds of times more pairs than visits.
//!
//! A pair is found from the smaller id only. Two threads take turns of [`PERSONS_A_TURN`] persons; the caller
//! reads the turns in order, so the answer does not depend on how fast either is.
//!
//! Each second counts once. Somebody whose own visits do not overlap is in one place at a time, so the overlaps of
//! two such persons lie apart and simply add up; with anybody else (see the index) they are collected and sorted.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::contacts::OVERLAPS_MAX;
use crate::error::with_room;
use crate::span::covered_seconds;
use crate::{Error, ExposureRule, Index, Span, Stop};

pub use crate::threads::THREADS;

/// Persons a thread takes at a time.
pub const PERSONS_A_TURN: usize = 64;

/// Most pairs handed out at once (24 bytes each).
pub const BATCH_PAIRS_MAX: usize = 16_384;

/// Batches that may wait for the caller, for each thread; beyond, the thread waits.
const BATCHES_WAITING_MAX: usize = 4;

/// Below this many visits, starting threads takes longer than the answer.
const VISITS_FOR_THREADS: usize = 20_000;

/// Two persons who were together. The order is that in which they are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The smaller id.
    pub person_a: u64,
    /// The larger id.
    pub person_b: u64,
    /// Total time together inside the window, each second counted once.
    pub overlap_seconds: u32,
    /// How many times a visit of one overlapped a visit of the other.
    pub meetings: u32,
}

/// What a question for pairs found in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PairCounts {
    /// Pairs handed out.
    pub pairs: u64,
    /// Their meetings.
    pub meetings: u64,
}

impl Index {
    /// Calls `found` with all pairs of persons who shared an area or place inside the window for at least the
    /// rule's minimum, in order of both ids, some at a time. `found` may break off.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when `stop` is set or `found` breaks off, [`Error::Memory`] without room for the
    /// tallies, [`Error::TooMany`] when one person whose own visits overlap has over [`OVERLAPS_MAX`] meetings.
    pub fn pairs(
        &self,
        window: Span,
        rule: &ExposureRule,
        stop: Stop,
        mut found: impl FnMut(&[Pair]) -> ControlFlow<()>,
    ) -> Result<PairCounts, Error> {
        let mut counts = PairCounts::default();
        let mut hand_out = |batch: &[Pair]| {
            counts.pairs += batch.len() as u64;
            counts.meetings += batch.iter().map(|pair| u64::from(pair.meetings)).sum::<u64>();
            if !batch.is_empty() && found(batch).is_break() { Err(Error::Cancelled) } else { Ok(()) }
        };
        let question = Question { index: self, window, rule: *rule, stop };
        if self.visit_count() < VISITS_FOR_THREADS {
            let mut sweep = Sweep::new(question, 0)?;
            while sweep.turn(1, |batch| hand_out(&batch.pairs))? {}
        } else {
            question.over_threads(hand_out)?;
        }
        Ok(counts)
    }
}

/// Some of a turn's pairs.
struct Batch {
    pairs: Vec<Pair>,
    ends_turn: bool,
}

#[derive(Clone, Copy)]
struct Question<'a> {
    index: &'a Index,
    window: Span,
    rule: ExposureRule,
    stop: Stop<'a>,
}

impl Question<'_> {
    /// Reads the threads' turns in order. When this returns early, the threads find nobody listening and end.
    fn over_threads(self, mut hand_out: impl FnMut(&[Pair]) -> Result<(), Error>) -> Result<(), Error> {
        std::thread::scope(|scope| {
            let mut listening: Vec<Receiver<Result<Batch, Error>>> = Vec::with_capacity(THREADS);
            for thread in 0..THREADS {
                let (sender, receiver) = sync_channel(BATCHES_WAITING_MAX);
                listening.push(receiver);
                scope.spawn(move || self.work(thread, &sender));
            }
            let turns = self.index.person_count().div_ceil(PERSONS_A_TURN);
            for turn in 0..turns {
                loop {
                    let batch = listening[turn % THREADS].recv().unwrap_or(Err(Error::Cancelled))?;
                    hand_out(&batch.pairs)?;
                    if batch.ends_turn {
                        break;
                    }
                }
            }
            Ok(())
        })
    }

    /// One thread's turns: every [`THREADS`]th, beginning with its own number.
    fn work(self, thread: usize, sender: &SyncSender<Result<Batch, Error>>) {
        let send = |batch| sender.send(batch).map_err(|_| Error::Cancelled);
        let result = Sweep::new(self, thread).and_then(|mut sweep| {
            while sweep.turn(THREADS, |batch| send(Ok(batch)))? {}
            Ok(())
        });
        if let Err(error) = result {
            // Nobody listening means that the caller has its error already.
            send(Err(error)).ok();
        }
    }
}

/// What is known so far of one other person. No meetings: not met yet.
#[derive(Clone, Copy)]
struct Tally {
    seconds: u32,
    meetings: u32,
}

const NOT_MET: Tally = Tally { seconds: 0, meetings: 0 };

/// One thread's way through the persons.
struct Sweep<'a> {
    question: Question<'a>,
    turn: usize,
    /// For each person of the index.
    tallies: Vec<Tally>,
    /// Whose tallies are in use.
    met: Vec<u32>,
    /// Overlaps that must be sorted before they are counted.
    unordered: Vec<(u32, Span)>,
}

impl<'a> Sweep<'a> {
    fn new(question: Question<'a>, turn: usize) -> Result<Self, Error> {
        let persons = question.index.person_count();
        let mut tallies = with_room("persons", persons)?;
        tallies.resize(persons, NOT_MET);
        Ok(Self { question, turn, tallies, met: Vec::new(), unordered: Vec::new() })
    }

    /// Does a turn's persons, and says whether there was such a turn; the next will be `ahead` further on.
    fn turn(
        &mut self,
        ahead: usize,
        mut send: impl FnMut(Batch) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let persons = self.question.index.person_count();
        let first = self.turn * PERSONS_A_TURN;
        if first >= persons {
            return Ok(false);
        }
        self.turn += ahead;
        let mut pairs = Vec::new();
        for person in first..(first + PERSONS_A_TURN).min(persons) {
            self.meet(person as u32)?;
            for other in std::mem::take(&mut self.met) {
                pairs.push(self.pair(person as u32, other));
                if pairs.len() == BATCH_PAIRS_MAX {
                    let full = std::mem::replace(&mut pairs, Vec::with_capacity(BATCH_PAIRS_MAX));
                    send(Batch { pairs: full, ends_turn: false })?;
                }
            }
        }
        send(Batch { pairs, ends_turn: true })?;
        Ok(true)
    }

    /// Takes the pair out of its tally.
    fn pair(&mut self, person: u32, other: u32) -> Pair {
        let tally = std::mem::replace(&mut self.tallies[other as usize], NOT_MET);
        Pair {
            person_a: self.question.index.person_at(person),
            person_b: self.question.index.person_at(other),
            overlap_seconds: tally.seconds,
            meetings: tally.meetings,
        }
    }

    /// Tallies all whom a person met and whose ids are larger; `met` then holds those who reach the minimum.
    fn meet(&mut self, person: u32) -> Result<(), Error> {
        let Question { index, window, rule, stop } = self.question;
        let own_doubled = index.is_doubled(person);
        for visit in index.visits_of(person) {
            stop.check()?;
            let Some(inside) = visit.span().common(window) else { continue };
            for area in index.same_space(visit.area(), rule.same) {
                index.rows(area).overlapping(inside, |_, row, span| {
                    let other = row.who();
                    if other > person {
                        self.add(other, span, own_doubled || index.is_doubled(other));
                    }
                });
            }
        }
        self.add_unordered()?;
        self.drop_short();
        Ok(())
    }

    fn add(&mut self, other: u32, span: Span, doubled: bool) {
        if doubled {
            if self.unordered.len() <= OVERLAPS_MAX {
                self.unordered.push((other, span));
            }
            return;
        }
        let tally = &mut self.tallies[other as usize];
        if tally.meetings == 0 {
            self.met.push(other);
        }
        tally.seconds += span.seconds();
        tally.meetings += 1;
    }

    fn add_unordered(&mut self) -> Result<(), Error> {
        if self.unordered.len() > OVERLAPS_MAX {
            return Err(Error::TooMany { what: "overlaps of one person", limit: OVERLAPS_MAX });
        }
        self.unordered.sort_unstable();
        for own in self.unordered.chunk_by(|a, b| a.0 == b.0) {
            let other = own[0].0;
            self.met.push(other);
            let seconds = covered_seconds(own.iter().map(|&(_, span)| span));
            self.tallies[other as usize] = Tally { seconds, meetings: own.len() as u32 };
        }
        self.unordered.clear();
        Ok(())
    }

    /// Forgets those who do not reach the minimum, and puts the others in order of id.
    fn drop_short(&mut self) {
        let least = self.question.rule.min_overlap_seconds;
        let tallies = &mut self.tallies;
        self.met.retain(|&other| {
            let tally = &mut tallies[other as usize];
            let stays = tally.seconds >= least;
            if !stays {
                *tally = NOT_MET;
            }
            stays
        });
        self.met.sort_unstable();
    }
}
