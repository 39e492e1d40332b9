//! Reading sealed scans of some event days under rebuilt keys.

use std::{
    collections::HashMap,
    num::NonZero,
    ops::{ControlFlow, Range},
    sync::{Arc, mpsc},
};

use anyhow::{Context as _, Result};
use domain::{
    scan::LATE_DAYS_MAX,
    time::{date_of_day_number, day_start, to_seconds_2020},
};
use exposure::{AreaFacts, Areas, Gathering, Limits, OpenedScan, Visits};
use jiff::civil::Date;
use scanlog::{ScanBatch, ScanKind, ScanLog, ScanLogError, SealedScan};
use seal::token::{MovementKey, Stamp};
use store::{Store, place_hours::PlaceHours};
use zeroize::Zeroize as _;

/// What reading gave.
pub struct Opened {
    /// Visits of the event days.
    pub visits: Visits,
    /// Rows read.
    pub rows: i64,
    /// Rows that did not open, or whose epoch has no key.
    pub bad: i64,
    /// Arrival days that are damaged: what was read of them before counts.
    pub damaged: Vec<Date>,
}

/// What a batch gave. Person ids are wiped when dropped.
#[derive(Default)]
struct Batch {
    scans: Vec<OpenedScan>,
    rows: i64,
    bad: i64,
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.scans.iter_mut().for_each(|scan| scan.person.zeroize());
    }
}

/// Reads and opens all scans whose event day lies in `from..until`, and makes their visits. They may have arrived
/// later. The keys are forgotten at the end. Opened scans wait in a few batches only; gathered they take 16 bytes each,
/// `exposure::gather::SCANS_MAX` at most. A damaged day does not keep the others from being read.
///
/// # Errors
/// When the log cannot be read, or there is more than one opening may hold.
pub async fn read(
    log: &ScanLog,
    keys: HashMap<u32, MovementKey>,
    from: Date,
    until: Date,
    areas: Areas,
) -> Result<Opened> {
    let last_arrival = date_of_day_number(domain::time::day_number(until) + LATE_DAYS_MAX + 1);
    let first = to_seconds_2020(day_start(from)).context("the first day is before 2020")?;
    let end = to_seconds_2020(day_start(until)).context("the last day is after 2156")?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (sender, batches) = mpsc::sync_channel(threads);
    let gathered = tokio::task::spawn_blocking(move || gather(&areas, &batches));
    let (keys, mut damaged) = (Arc::new(keys), Vec::new());
    for day in log.days().await?.into_iter().filter(|day| from <= *day && *day < last_arrival) {
        let (keys, sender) = (Arc::clone(&keys), sender.clone());
        let work = move |batch: &ScanBatch| match sender.send(open_batch(batch, &keys, first..end)) {
            Ok(()) => ControlFlow::Continue(()),
            // Who gathers has given up, and says why.
            Err(_) => ControlFlow::Break(()),
        };
        match log.read_batches(day, day.tomorrow()?, threads, work).await {
            Err(error @ ScanLogError::Damaged { .. }) => {
                tracing::error!(%error, "an opening goes on without the rest of a day");
                damaged.push(day);
            }
            read => read?,
        }
    }
    drop((keys, sender));
    let (visits, rows, bad) = gathered.await??;
    Ok(Opened { visits, rows, bad, damaged })
}

/// Takes batches until none can come, and makes the visits.
fn gather(areas: &Areas, batches: &mpsc::Receiver<Batch>) -> Result<(Visits, i64, i64), exposure::Error> {
    let gathering = Gathering::new(areas);
    let mut sink = gathering.sink()?;
    let (mut rows, mut bad) = (0, 0);
    for batch in batches {
        sink.add(&batch.scans)?;
        rows += batch.rows;
        bad += batch.bad;
    }
    sink.finish()?;
    Ok((gathering.visits(&Limits::default())?, rows, bad))
}

/// Opens the scans of a batch that were captured in a time, epoch by epoch.
fn open_batch(batch: &ScanBatch, keys: &HashMap<u32, MovementKey>, time: Range<u32>) -> Batch {
    let mut opened = Batch::default();
    let mut rows = batch.rows();
    let (mut kept, mut blocks, mut persons) = (Vec::new(), Vec::new(), Vec::new());
    for (epoch, scans) in batch.epoch_runs() {
        kept.clear();
        kept.extend(rows.by_ref().take(scans.len()).filter(|row| time.contains(&row.captured)));
        let count = i64::try_from(kept.len()).unwrap_or(0);
        opened.rows += count;
        let Some(key) = keys.get(&epoch) else {
            opened.bad += count;
            continue;
        };
        blocks.clear();
        blocks.extend(kept.iter().map(|row: &SealedScan| {
            let out = row.kind == ScanKind::Out;
            (row.token, Stamp { area_id: row.area_id, out, captured: row.captured })
        }));
        persons.clear();
        key.open_many(&blocks, &mut persons);
        for (row, person) in kept.iter().zip(&persons) {
            match *person {
                Some(person) => opened.scans.push(OpenedScan {
                    person,
                    area_id: row.area_id,
                    out: row.kind == ScanKind::Out,
                    captured: row.captured,
                    assurance: row.assurance,
                    // Lateness was weighed when the scan came in: what it is worth stands in its assurance.
                    late: false,
                }),
                None => opened.bad += 1,
            }
        }
    }
    opened
}

/// A place as a case's pages name it.
#[derive(Clone)]
pub struct Named {
    /// Place's id.
    pub place_id: i64,
    /// The engine's number of the place.
    pub number: u32,
    /// Place's name.
    pub place: String,
    /// Area's name.
    pub area: String,
    /// Commune.
    pub unit_id: i64,
    /// The place's type.
    pub place_type: String,
}

/// The areas of all places, as the engine needs them and as pages name them.
///
/// # Errors
/// When the store refuses or an area is out of range.
pub async fn areas(store: &Store) -> Result<(Areas, HashMap<u32, Named>)> {
    let types: HashMap<String, (i64, Option<u32>)> = store
        .place_types()
        .await?
        .into_iter()
        .map(|kind| {
            (kind.code, (kind.default_stay_minutes, kind.closes_at.as_deref().and_then(second_of_day)))
        })
        .collect();
    let mut places = HashMap::new();
    for (number, place) in store.places().await?.into_iter().enumerate() {
        places.insert(place.id, (u32::try_from(number)?, place));
    }
    let hours: HashMap<i64, _> = store.all_place_hours().await?.into_iter().collect();
    let (mut facts, mut names) = (Vec::new(), HashMap::new());
    for area in store.areas().await? {
        let Some((number, place)) = places.get(&area.place_id) else { continue };
        let (minutes, closes) = types.get(&place.type_code).copied().unwrap_or((60, None));
        let area_id = u32::try_from(area.id)?;
        facts.push(AreaFacts {
            area_id,
            place: *number,
            default_stay_seconds: u32::try_from(minutes.clamp(1, 1440) * 60)?,
            closes_at_second_of_day: own_closing(hours.get(&place.id)).or(closes),
        });
        let named = Named {
            place_id: place.id,
            number: *number,
            place: place.name.clone(),
            area: area.name,
            unit_id: place.unit_id,
            place_type: place.type_code.clone(),
        };
        names.insert(area_id, named);
    }
    let by_hand = store.place_closings(0).await?;
    let by_hand = by_hand
        .into_iter()
        .filter_map(|(place_id, at)| Some((places.get(&place_id)?.0, to_seconds_2020(at)?)));
    Ok((Areas::new(facts)?.with_closings(by_hand.collect()), names))
}

/// A place's own closing time stands before that of its type.
fn own_closing(hours: Option<&PlaceHours>) -> Option<u32> {
    second_of_day(hours?.closes_at.as_deref()?)
}

fn second_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    Some(hours.parse::<u32>().ok()? * 3600 + minutes.parse::<u32>().ok()? * 60)
}
