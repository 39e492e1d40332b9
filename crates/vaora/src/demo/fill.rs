//! Fills places, people and scans of a made-up world through the same sealing as real ones.

use std::collections::{HashMap, hash_map::Entry};

use anyhow::{Context as _, Result};
use domain::{
    name::fold,
    phone::Phone,
    time::{Millis, day_number, day_start, local_date, to_seconds_2020},
};
use rand::Rng as _;
use scanlog::{ScanKind, ScanLog, ScanRow};
use seal::{keyfile::KeyFile, token::Stamp};
use store::{Store, people::Arrival, places::Place, scan_counts::ScanCount};
use synth::{Sex, SynthPerson, SynthScan, World};

use crate::{
    ids::{new_id, new_person_id},
    intake::identity::{self, Identity, SealedSubject},
    keys::epoch::{self, Epoch},
    web::{place_edit::new_code, place_new::Contact},
};

/// What was filled.
pub struct Filled {
    /// Scans.
    pub scans: usize,
    /// Code of the story's market, to try as a visitor.
    pub market_code: String,
}

/// Scans appended at a time.
const BATCH: usize = 8000;
/// People settled in one transaction.
const PEOPLE_BATCH: usize = 2000;
/// Places left waiting for their commune, for the approval walk.
const WAITING: usize = 3;

/// Fills a store and a scan log.
///
/// # Errors
/// When one of them refuses.
pub async fn fill(
    store: &Store,
    scanlog: &ScanLog,
    keys: &KeyFile,
    communes: &[i64],
    world: &World,
    now: Millis,
) -> Result<Filled> {
    let place_ids = places(store, keys, communes, world).await?;
    let areas = areas(store, &place_ids).await?;
    let mut epochs: HashMap<i64, Epoch> = HashMap::new();
    for scan in &world.scans {
        let day = day_number(local_date(scan.at));
        if let Entry::Vacant(slot) = epochs.entry(day) {
            let epoch = epoch::begin(store, day_start(local_date(scan.at)), day).await?;
            slot.insert(epoch.context("the key ceremony was not held")?);
        }
    }
    let persons = people(store, keys, world, &epochs, now).await?;
    append(store, scanlog, world, &areas, &persons, &epochs).await?;
    waiting_places(store, keys, communes, world, now).await?;
    let market = place_ids[usize::try_from(world.story.market)?];
    let points = store.points_of_place(market).await?;
    let market_code = points.first().context("the market has no code")?.point.code.clone();
    Ok(Filled { scans: world.scans.len(), market_code })
}

fn sealed_contact(keys: &KeyFile, id: i64, name: &str, phone: &str) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(&Contact { name: name.to_owned(), phone: phone.to_owned() })?;
    Ok(keys.contact_key.seal("place contact v1", &id.to_be_bytes(), &text, &mut rand::rng())?)
}

fn place(keys: &KeyFile, communes: &[i64], made: &synth::SynthPlace, state: &str) -> Result<Place> {
    let id = new_id();
    let opened_at = day_start(made.opened_on);
    let phone = Phone::parse(&made.owner_phone).map_err(|error| anyhow::anyhow!("made-up phone: {error}"))?;
    Ok(Place {
        id,
        name: made.name.clone(),
        type_code: made.type_code.clone(),
        unit_id: communes[made.commune],
        address: made.address.clone(),
        contact_sealed: sealed_contact(keys, id, &made.owner_name, &made.owner_phone)?,
        owner_index: identity::owner_index(&keys.index_key, &phone).to_vec(),
        state: state.to_owned(),
        return_reason: None,
        registered_at: opened_at,
        decided_at: (state == "approved").then_some(opened_at),
    })
}

async fn places(store: &Store, keys: &KeyFile, communes: &[i64], world: &World) -> Result<Vec<i64>> {
    let mut rows = Vec::with_capacity(world.places.len());
    for made in &world.places {
        let place = place(keys, communes, made, "approved")?;
        rows.push((place, fold(&made.name), made.areas.clone()));
    }
    let ids = rows.iter().map(|(place, _, _)| place.id).collect();
    store.add_approved_places(&rows, || (new_id(), new_code())).await?;
    Ok(ids)
}

/// A few places registered today that wait for the commune of the story's market.
async fn waiting_places(
    store: &Store,
    keys: &KeyFile,
    communes: &[i64],
    world: &World,
    now: Millis,
) -> Result<()> {
    let home = world.places[usize::try_from(world.story.market)?].commune;
    let names = ["Quán phở Hương Quê", "Tạp hóa H'Loan Niê Kđăm", "Phòng khám đa khoa Thiện Tâm"];
    let types = ["NHANG", "CHTL", "PKHAM"];
    for (number, made) in world.places.iter().filter(|made| made.commune == home).take(WAITING).enumerate() {
        let mut row = place(keys, communes, made, "submitted")?;
        names[number].clone_into(&mut row.name);
        types[number].clone_into(&mut row.type_code);
        row.registered_at = now - i64::try_from(number)? * 3_600_000;
        store.add_place(&row, &fold(&row.name), &[]).await?;
    }
    Ok(())
}

/// Area ids by place, the place itself first.
async fn areas(store: &Store, place_ids: &[i64]) -> Result<Vec<Vec<u32>>> {
    let number: HashMap<i64, usize> =
        place_ids.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let mut areas = vec![Vec::new(); place_ids.len()];
    for area in store.areas().await? {
        if let Some(number) = number.get(&area.place_id) {
            areas[*number].push(u32::try_from(area.id)?);
        }
    }
    Ok(areas)
}

fn identity_of(person: &SynthPerson) -> Identity {
    Identity {
        name: person.name.clone(),
        phone: person.phone.clone(),
        birth_year: Some(person.birth_year),
        sex: Some(if person.sex == Sex::Male { "male" } else { "female" }.to_owned()),
        address: None,
        // A card is what people without a phone show; the others were asked for name and phone.
        id_number: person.id_number.clone().filter(|_| person.phone.is_none()),
        ..Identity::default()
    }
}

async fn people(
    store: &Store,
    keys: &KeyFile,
    world: &World,
    epochs: &HashMap<i64, Epoch>,
    now: Millis,
) -> Result<Vec<u64>> {
    let first = epochs.keys().min().and_then(|day| epochs.get(day)).context("the world has no scans")?;
    let today = day_number(local_date(now));
    let subjects: Vec<SealedSubject> = world
        .people
        .iter()
        .map(|person| identity::prepare(&keys.index_key, &identity_of(person)))
        .collect::<Result<_>>()?;
    let mut persons = Vec::with_capacity(subjects.len());
    for batch in subjects.chunks(PEOPLE_BATCH) {
        let arrivals: Vec<Arrival> = batch
            .iter()
            .map(|subject| Arrival {
                naming: subject.naming.clone(),
                finding: subject.finding.clone(),
                fresh_person_id: new_person_id().cast_signed(),
                seen_day: today,
                has_phone: subject.has_phone,
            })
            .collect();
        let number = i64::from(first.number);
        let seal = |position: usize, person: i64| {
            let record = &batch[position].record;
            let sealed =
                first.identity.seal(number, person.cast_unsigned(), record, &mut rand::rng()).ok()?;
            Some((new_id(), number, sealed))
        };
        let found = store.settle_arrivals(&arrivals, now, seal).await?;
        persons.extend(found.into_iter().map(i64::cast_unsigned));
    }
    Ok(persons)
}

async fn append(
    store: &Store,
    scanlog: &ScanLog,
    world: &World,
    areas: &[Vec<u32>],
    persons: &[u64],
    epochs: &HashMap<i64, Epoch>,
) -> Result<()> {
    for batch in world.scans.chunks(BATCH) {
        let rows = batch.iter().map(|scan| row(scan, areas, persons, epochs)).collect::<Result<Vec<_>>>()?;
        scanlog.append(rows).await?;
    }
    for day in scanlog.days().await? {
        let arrival_day = day_number(day);
        let counts: Vec<ScanCount> = scanlog
            .counts(day)
            .await?
            .into_iter()
            .map(|count| ScanCount {
                event_day: count.event_day,
                area_id: i64::from(count.area_id),
                out: count.kind == ScanKind::Out,
                arrival_day,
                scans: count.scans,
            })
            .collect();
        store.put_scan_counts(&counts).await?;
    }
    Ok(())
}

fn row(
    scan: &SynthScan,
    areas: &[Vec<u32>],
    persons: &[u64],
    epochs: &HashMap<i64, Epoch>,
) -> Result<ScanRow> {
    let epoch = epochs.get(&day_number(local_date(scan.at))).context("a day without an epoch")?;
    let area_id = areas[usize::try_from(scan.place)?][usize::from(scan.area)];
    let captured = to_seconds_2020(scan.at).context("a scan before 2020")?;
    let mut event_id = [0; 16];
    rand::rng().fill_bytes(&mut event_id);
    Ok(ScanRow {
        event_id,
        area_id,
        kind: if scan.out { ScanKind::Out } else { ScanKind::In },
        captured,
        token: epoch
            .movement
            .seal(persons[usize::try_from(scan.person)?], &Stamp { area_id, out: scan.out, captured })?,
        assurance: scan.assurance,
        epoch: epoch.number,
        received_at: scan.at + 400,
    })
}
