//! Carrying out an opening: keys rebuilt in memory, rows read, contacts found, the case's file sealed, keys
//! forgotten. The access log entry is durable before the first row is read.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use domain::{
    opening::Scope,
    scan::LATE_DAYS_MAX,
    time::{Millis, day_number, day_start, from_seconds_2020, to_seconds_2020},
};
use exposure::{Certainty, ContactList, ExposureRule, Index, Limits, SameSpace, Span, Visit, WindowRule};
use jiff::civil::Date;
use seal::{
    token::MovementKey,
    wrap::{PrivateKey, purpose, unwrap},
};
use store::{cases::Case, keyring::EpochRow, openings::Opening, reference::DiseaseRule};

use crate::{
    app::App,
    audit::{self, Act},
    intake::identity::Identity,
    keys::{
        REGISTER, epoch_aad,
        release::{ReleasedShares, rebuild},
    },
    trace::{
        answers::Ground,
        file::{self, CaseFile, Contact, Meeting, Stay},
        identities,
        scans::{self, Named},
        sitting::{Memory, Sitting},
    },
};

/// Epochs whose rows may hold scans of the scope's days.
///
/// # Errors
/// When the keyring refuses.
pub async fn epochs_of(app: &App, scope: &Scope) -> Result<Vec<EpochRow>> {
    let until = day_number(scope.until) + LATE_DAYS_MAX + 1;
    Ok(app.store.epochs(day_number(scope.from), until).await?)
}

/// Key pairs whose private halves an opening needs.
///
/// # Errors
/// When the keyring refuses.
pub async fn key_pairs_needed(app: &App, scope: &Scope) -> Result<Vec<i64>> {
    let mut needed: BTreeSet<i64> = epochs_of(app, scope)
        .await?
        .iter()
        .filter(|e| e.movement_wrap.is_some())
        .map(|e| e.movement_key_id)
        .collect();
    needed.extend(
        app.store.key_pairs().await?.iter().filter(|pair| pair.purpose == REGISTER).map(|pair| pair.id),
    );
    Ok(needed.into_iter().collect())
}

/// Carries out a released opening and notes how it ended.
///
/// # Errors
/// When its end cannot be noted.
pub async fn run(
    app: &App,
    opening: &Opening,
    releaser: &str,
    shares: (ReleasedShares, ReleasedShares),
) -> Result<()> {
    let began = app.now();
    let outcome = carry_out(app, opening, releaser, shares, began).await;
    let now = app.now();
    match outcome {
        Ok((rows, contacts)) => app.store.finish_opening(opening.id, rows, contacts, None, now).await?,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), opening = opening.id, "an opening failed");
            let reason = "Không đọc được dữ liệu. Hãy báo quản trị viên xem nhật ký máy chủ.";
            app.store.finish_opening(opening.id, 0, 0, Some(reason), now).await?;
        }
    }
    Ok(())
}

async fn carry_out(
    app: &App,
    opening: &Opening,
    releaser: &str,
    shares: (ReleasedShares, ReleasedShares),
    began: Millis,
) -> Result<(i64, i64)> {
    let scope = Scope::parse(&opening.scope)?;
    let case = app.store.case(opening.case_id).await?.context("the case is gone")?;
    log_reading(app, releaser, opening, &scope).await?;
    // One reading at a time: each may take as much memory as an opening may.
    let turn = app.sittings.readings.acquire().await?;
    let (areas, names) = scans::areas(&app.store).await?;
    let (movement, register) = private_keys(app, &scope, &shares).await?;
    drop(shares);
    let opened = scans::read(&app.scanlog, movement, scope.from, scope.until, areas).await?;
    let (rows, bad, visits) = (opened.rows, opened.bad, opened.visits);
    let rule = rule_for(app, &case).await?;
    let window = window_of(&case, &rule, &scope, app.now())?;
    let persons = scope.persons.clone();
    let exposure_rule = exposure_rule(&rule);
    let (index, timeline, list) = tokio::task::spawn_blocking(move || {
        let index = Index::build(visits, Limits::default())?;
        let timeline: Vec<Visit> = persons.iter().flat_map(|person| index.timeline(*person)).collect();
        let list = index.contacts(&persons, window, &exposure_rule)?;
        Ok::<_, anyhow::Error>((index, timeline, list))
    })
    .await??;
    drop(turn);
    let met: Vec<u64> = list.contacts.iter().map(|contact| contact.person).collect();
    log_persons(app, releaser, &case, &scope, &met).await?;
    let everyone: Vec<u64> = scope.persons.iter().chain(&met).copied().collect();
    let known = identities::read(&app.store, &register, &everyone).await?;
    let tree = app.tree().await?;
    let commune = |unit_id: i64| tree.name(unit_id).to_owned();
    let file = assemble(&scope, timeline, &list, &known, &names, &commune);
    let file = CaseFile {
        window_from_at: from_seconds_2020(window.from),
        window_until_at: from_seconds_2020(window.until),
        rule: rule.source.clone(),
        min_overlap_minutes: rule.min_overlap_minutes,
        rows_read: rows,
        rows_bad: bad,
        days_damaged: opened.damaged.iter().map(Date::to_string).collect(),
        made_at: app.now(),
        took_ms: app.now() - began,
        ..file
    };
    keep(app, case.id, file).await?;
    let until = window_end(&scope, began)?;
    let ground = Ground { persons: scope.persons.clone(), window, until, same: exposure_rule.same };
    let name = |person: &u64| (*person, known.get(person).map(|who| who.name.clone()).unwrap_or_default());
    let case_names = scope.persons.iter().map(name).collect();
    let memory = Memory { index, register: Arc::new(register), names: Arc::new(names) };
    let sitting = Sitting::new((opening.id, scope), rule, ground, case_names, memory, app.now());
    hold(app, sitting).await;
    Ok((rows, i64::try_from(list.contacts.len()).unwrap_or(0)))
}

/// Holds the index for further questions. The list of contacts is what mattered most: without a sitting it is
/// there all the same.
async fn hold(app: &App, sitting: Sitting) {
    let opening = sitting.opening_id;
    if let Err(error) = app.sittings.begin(app, sitting).await {
        tracing::error!(error = format!("{error:#}"), opening, "a sitting did not begin");
    }
}

/// Keeps the file of a fresh opening, with the answers that were kept before.
async fn keep(app: &App, case_id: i64, file: CaseFile) -> Result<()> {
    let held = app.sittings.files.lock().await;
    let case = app.store.case(case_id).await?.context("the case is gone")?;
    let in_words = |error| anyhow::anyhow!("keeping the case's file: {error:?}");
    let kept = file::open(app, &case).map_err(in_words)?.map(|before| before.kept).unwrap_or_default();
    file::keep(app, &case, &CaseFile { kept, ..file }).await.map_err(in_words)?;
    drop(held);
    Ok(())
}

/// The end of the approved days, or now where they go on.
fn window_end(scope: &Scope, now: Millis) -> Result<u32> {
    to_seconds_2020(day_start(scope.until).min(now)).context("scope after 2156")
}

/// The entry that must stand before the first row is read.
async fn log_reading(app: &App, releaser: &str, opening: &Opening, scope: &Scope) -> Result<()> {
    let key_pairs = key_pairs_needed(app, scope).await?;
    let act = Act {
        actor: releaser,
        action: "opening.read",
        case_id: Some(opening.case_id),
        purpose: scope.purpose.code(),
        scope: format!("opening {} event days {} until {}", opening.id, scope.from, scope.until),
        count: i64::try_from(scope.persons.len()).unwrap_or(0),
        key_ids: key_pairs.iter().map(|id| format!("{id:x}")).collect::<Vec<_>>().join(","),
    };
    audit::record(app, act, &scope.persons).await
}

async fn log_persons(app: &App, actor: &str, case: &Case, scope: &Scope, met: &[u64]) -> Result<()> {
    let act = Act {
        actor,
        action: "identities.read",
        case_id: Some(case.id),
        purpose: scope.purpose.code(),
        scope: "index person and contacts of the first generation".to_owned(),
        count: i64::try_from(met.len() + scope.persons.len()).unwrap_or(0),
        key_ids: REGISTER.to_owned(),
    };
    let everyone: Vec<u64> = met.iter().chain(&scope.persons).copied().collect();
    audit::record(app, act, &everyone).await
}

async fn private_keys(
    app: &App,
    scope: &Scope,
    shares: &(ReleasedShares, ReleasedShares),
) -> Result<(HashMap<u32, MovementKey>, PrivateKey)> {
    let mut privates: HashMap<i64, PrivateKey> = HashMap::new();
    let mut movement = HashMap::new();
    for epoch in epochs_of(app, scope).await? {
        // A wrap that is gone was deleted on schedule: those rows stay noise.
        let Some(wrapped) = &epoch.movement_wrap else { continue };
        let id = epoch.movement_key_id;
        let private = match privates.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(rebuild(&shares.0, &shares.1, id)?),
        };
        let aad = epoch_aad(epoch.epoch, id);
        let key = unwrap(private, purpose::MOVEMENT_EPOCH, &aad, wrapped)?;
        movement.insert(u32::try_from(epoch.epoch)?, MovementKey::from_bytes(&key)?);
    }
    let pairs = app.store.key_pairs().await?;
    let register =
        pairs.iter().find(|pair| pair.purpose == REGISTER).context("the keyring lacks the register key")?;
    Ok((movement, rebuild(&shares.0, &shares.1, register.id)?))
}

/// The profile's rule in force on the day of onset; before the first one, the first.
///
/// # Errors
/// When the store refuses, or the profile has no rule.
pub async fn rule_for(app: &App, case: &Case) -> Result<DiseaseRule> {
    let rules: Vec<DiseaseRule> =
        app.store.disease_rules().await?.into_iter().filter(|rule| rule.profile == case.profile).collect();
    let in_force = rules.iter().find(|rule| rule.valid_from_on <= case.onset_on);
    in_force.or(rules.last()).cloned().context("the disease profile has no rule")
}

fn exposure_rule(rule: &DiseaseRule) -> ExposureRule {
    ExposureRule {
        min_overlap_seconds: u32::try_from(rule.min_overlap_minutes.clamp(0, 1440) * 60).unwrap_or(0),
        same: if rule.same_space == "place" { SameSpace::Place } else { SameSpace::Area },
    }
}

/// The infectious window, clipped to the days that were approved.
///
/// # Errors
/// When the approved days do not touch it.
pub fn window_of(case: &Case, rule: &DiseaseRule, scope: &Scope, now: Millis) -> Result<Span> {
    let onset: Date = case.onset_on.parse()?;
    let isolated = case.isolated_on.as_deref().map(str::parse::<Date>).transpose()?;
    // Isolation is known to the day; the whole day counts.
    let isolated_at = isolated.map_or(now, |day| day_start(day) + domain::time::DAY_MS).min(now);
    let look_back_days = u16::try_from(rule.look_back_days)?;
    let span = exposure::infectious_window(WindowRule { look_back_days }, day_start(onset), isolated_at)?;
    let first = to_seconds_2020(day_start(scope.from)).context("scope before 2020")?;
    let end = to_seconds_2020(day_start(scope.until)).context("scope after 2156")?;
    let clipped = Span::new(span.from.max(first), span.until.min(end));
    let clipped = clipped.context("the approved days do not touch the infectious window")?;
    ensure!(clipped.seconds() > 0, "the approved days do not touch the infectious window");
    Ok(clipped)
}

fn assemble(
    scope: &Scope,
    mut timeline: Vec<Visit>,
    list: &ContactList,
    known: &HashMap<u64, Identity>,
    names: &HashMap<u32, Named>,
    commune: &dyn Fn(i64) -> String,
) -> CaseFile {
    timeline.sort_by_key(|visit| (visit.from, visit.until));
    let identity = |person: u64| known.get(&person).cloned().unwrap_or_default();
    let contacts = list
        .contacts
        .iter()
        .map(|contact| contact_of(list, contact, identity(contact.person), names, commune))
        .collect();
    CaseFile {
        index: scope
            .persons
            .iter()
            .map(|person| identity(*person))
            .find(|i| !i.name.is_empty())
            .unwrap_or_default(),
        timeline: timeline.iter().map(|visit| stay_of_visit(visit, names, commune)).collect(),
        contacts,
        cut: list.cut,
        window_from_at: 0,
        window_until_at: 0,
        rule: String::new(),
        min_overlap_minutes: 0,
        rows_read: 0,
        rows_bad: 0,
        days_damaged: Vec::new(),
        made_at: 0,
        took_ms: 0,
        kept: Vec::new(),
    }
}

/// A contact in words.
pub(crate) fn contact_of(
    list: &ContactList,
    contact: &exposure::Contact,
    identity: Identity,
    names: &HashMap<u32, Named>,
    commune: &dyn Fn(i64) -> String,
) -> Contact {
    let meetings = list.meetings_of(contact).iter();
    Contact {
        identity,
        minutes: i64::from(contact.overlap_seconds / 60),
        same_area: contact.same_area,
        last_at: from_seconds_2020(contact.last_until),
        certainty: certainty(contact.certainty).to_owned(),
        meetings: meetings.map(|meeting| meeting_of(meeting, names, commune)).collect(),
    }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Sure => "sure",
        Certainty::Likely => "likely",
        Certainty::Uncertain => "uncertain",
    }
}

fn named(
    area_id: u32,
    names: &HashMap<u32, Named>,
    commune: &dyn Fn(i64) -> String,
) -> (String, String, String) {
    names.get(&area_id).map_or_else(
        || ("?".to_owned(), String::new(), String::new()),
        |named| (named.place.clone(), named.area.clone(), commune(named.unit_id)),
    )
}

/// A visit in words.
pub(crate) fn stay_of_visit(
    visit: &Visit,
    names: &HashMap<u32, Named>,
    commune: &dyn Fn(i64) -> String,
) -> Stay {
    let (place, area, commune) = named(visit.area_id, names, commune);
    Stay {
        place,
        area,
        commune,
        from_at: from_seconds_2020(visit.from),
        until_at: from_seconds_2020(visit.until),
        start_inferred: visit.start_inferred,
        end_inferred: visit.end_inferred,
        assurance: [visit.assurance_in, visit.assurance_out].into_iter().flatten().min().unwrap_or(0),
        place_type: names.get(&visit.area_id).map(|named| named.place_type.clone()).unwrap_or_default(),
    }
}

fn meeting_of(
    meeting: &exposure::Meeting,
    names: &HashMap<u32, Named>,
    commune: &dyn Fn(i64) -> String,
) -> Meeting {
    let (place, area, commune) = named(meeting.area_id, names, commune);
    let (theirs, ours) = (&meeting.contact_visit, &meeting.case_visit);
    Meeting {
        stay: Stay {
            place,
            area,
            commune,
            from_at: from_seconds_2020(theirs.from),
            until_at: from_seconds_2020(theirs.until),
            start_inferred: theirs.start_inferred,
            end_inferred: theirs.end_inferred,
            assurance: [theirs.assurance_in, theirs.assurance_out].into_iter().flatten().min().unwrap_or(0),
            place_type: names.get(&meeting.area_id).map(|named| named.place_type.clone()).unwrap_or_default(),
        },
        from_at: from_seconds_2020(meeting.overlap.from),
        until_at: from_seconds_2020(meeting.overlap.until),
        assurance: meeting.assurance,
        inferred: theirs.start_inferred || theirs.end_inferred || ours.start_inferred || ours.end_inferred,
    }
}
