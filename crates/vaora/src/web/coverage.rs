//! Coverage of the province, a district, a commune or a department: figures, parts, what is missing, the trend;
//! each number leads to its list.

use std::collections::HashMap;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{admin_unit::UnitTree, coverage::Coverage, distancing::Level, role::Role, silence};
use jiff::ToSpan as _;
use minijinja::{Value, context};
use serde::Deserialize;
use store::point_tasks::Listed;

use crate::{
    app::App,
    error::{AppError, Result},
    figures::{
        self, Figures, is_department,
        parts::{Missing, Order, Part, sort},
    },
    map,
    page::Page,
    trend::{self, Moment},
    web::places::type_names,
};

/// Weeks of the trend.
const TREND_WEEKS: i64 = 26;
/// Days of a frozen period that counts as a week.
const WEEK_DAYS: i64 = 7;
/// Repeat offenders named on the page; the list holds the others.
const REPEATED_NAMED: i64 = 10;
/// Units named for a category that they lack.
const UNITS_NAMED: usize = 30;

/// How to order the units below.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Sorting {
    /// See [`Order`].
    sort: String,
}

/// Goes to the officer's own unit.
///
/// # Errors
/// Not signed in, or no role that sees coverage.
pub async fn own(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader])?;
    let tree = app.tree().await?;
    Ok(Redirect::to(&format!("/coverage/{}", officer.root(&tree))).into_response())
}

/// The tree and the figures of today, for officers who see coverage and have the unit in their subtree.
///
/// # Errors
/// Not signed in, or not found.
pub async fn seen(
    app: &App,
    page: &Page,
    id: i64,
) -> Result<(std::sync::Arc<UnitTree>, std::sync::Arc<Figures>)> {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader])?;
    let tree = app.tree().await?;
    officer.require_unit(&tree, id)?;
    tree.get(id).ok_or(AppError::NotFound)?;
    let figures = figures::on(app, app.clock.today()).await?;
    Ok((tree, figures))
}

/// Coverage of a unit.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(sorting): Query<Sorting>,
) -> Result {
    let (tree, figures) = seen(&app, &page, id).await?;
    let officer = page.officer()?;
    let unit = tree.get(id).ok_or(AppError::NotFound)?;
    let order = Order::from_code(&sorting.sort);
    let whole = figures.of(&tree, id);
    let mut parts = figures.parts(&tree, id);
    sort(&mut parts, order);
    let values = context! {
        unit => context! { id => id.to_string(), name => &unit.full_name, level => &unit.level },
        crumbs => crumbs(&tree, id, officer.root(&tree)),
        c => view(&whole),
        is_department => is_department(&tree, id), is_commune => unit.is_commune(),
        rows => parts.iter().map(|part| row(&page, part)).collect::<Vec<_>>(),
        parts_level => parts.first().and_then(|part| tree.get(part.id)).map(|unit| unit.level.clone()),
        sort => order.code(),
        today => app.clock.today().to_string(),
        trend => trend::draw(&moments(&app, id, &whole).await?),
        ..by_kind(&app, &page, &tree, &figures, id).await?,
    };
    let values = context! { ..own_figure(&page, &figures, id), ..values };
    let values = context! { ..level_values(&app, &page, &tree, &figures, id).await?, ..values };
    let values = context! { ..task_values(&app, id).await?, ..values };
    let values = context! { ..map_values(&app, &page, &tree, &parts).await?, ..values };
    page.show("coverage.html", values).await
}

fn own_figure(page: &Page, figures: &Figures, id: i64) -> Value {
    let own = figures.populations.get(&id).map(|p| context! {
        population => p.population, year => &p.year, basis => source_words(page, &p.basis), grade => &p.grade,
        source => source_words(page, &p.source),
        target => domain::coverage::target_points(p.population),
    });
    context! { own_population => own }
}

async fn level_values(app: &App, page: &Page, tree: &UnitTree, figures: &Figures, id: i64) -> Result<Value> {
    let level = figures.level(tree, id);
    let exempt = figures.exempt(tree, id);
    Ok(context! {
        level => page.t(level.label()), target_applies => level.target_applies(),
        exempt => exempt.iter().map(|id| link(tree, *id)).collect::<Vec<_>>(),
        levels => Level::ALL.iter().map(|l| context! { value => l.code(), label => page.t(l.label()) }).collect::<Vec<_>>(),
        dated_levels => dated_levels(app, page, id).await?,
        may_set_level => page.officer()?.has(Role::Reviewer) && !is_department(tree, id),
    })
}

/// Points by category and by department, and what is missing.
async fn by_kind(app: &App, page: &Page, tree: &UnitTree, figures: &Figures, id: i64) -> Result<Value> {
    let names = type_names(app, page).await?;
    let name = |code: &str| names.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let root = page.officer()?.root(tree);
    let types: Vec<Value> = figures
        .by_type(tree, id)
        .into_iter()
        .map(|(code, c)| context! { name => name(&code), code, c => view(&c) })
        .collect();
    let departments: Vec<Value> = if is_department(tree, id) {
        Vec::new()
    } else {
        figures
            .by_department(tree, id)
            .into_iter()
            .map(|(unit, c)| department_row(tree, unit, root, &c))
            .collect()
    };
    let rules = app.store.type_rules().await?;
    let missing = if is_department(tree, id) { Vec::new() } else { figures.missing(tree, id, &rules) };
    let missing: Vec<Value> =
        missing.iter().map(|one| missing_row(tree, one, &name(&one.type_code))).collect();
    Ok(context! { types, departments, missing })
}

fn department_row(tree: &UnitTree, unit: Option<i64>, root: i64, c: &Coverage) -> Value {
    context! {
        name => unit.map(|unit| tree.name(unit).to_owned()),
        href => unit.filter(|unit| tree.is_within(*unit, root)).map(|unit| format!("/coverage/{unit}")),
        c => view(c),
    }
}

fn missing_row(tree: &UnitTree, one: &Missing, name: &str) -> Value {
    let named =
        |units: &[i64]| -> Vec<Value> { units.iter().take(UNITS_NAMED).map(|id| link(tree, *id)).collect() };
    context! {
        name, code => &one.type_code, units => one.units,
        without => one.without.len(), without_units => named(&one.without),
        not_live => one.not_live.len(), not_live_units => named(&one.not_live),
        named => UNITS_NAMED,
    }
}

fn link(tree: &UnitTree, id: i64) -> Value {
    context! { href => format!("/coverage/{id}"), name => tree.name(id) }
}

/// Frozen figures of the last weeks, and today's.
///
/// # Errors
/// When the store refuses.
pub async fn moments(app: &App, id: i64, now: &Coverage) -> Result<Vec<Moment>> {
    let today = app.clock.today();
    let after = today.saturating_sub((TREND_WEEKS * WEEK_DAYS).days()).to_string();
    let periods = app.store.unit_periods_between(id, &after, &today.to_string()).await?;
    let week = |from: &str, until: &str| {
        let (from, until) = (from.parse().ok()?, until.parse::<jiff::civil::Date>().ok()?);
        let days = domain::time::day_number(until) - domain::time::day_number(from);
        (days == WEEK_DAYS).then(|| until.saturating_sub(1.days()).to_string())
    };
    let mut moments: Vec<Moment> = periods
        .iter()
        .filter_map(|p| {
            let on = week(&p.from_on, &p.until_on)?;
            Some(Moment { on, registered: p.registered, live: p.live, target: p.target })
        })
        .collect();
    moments.push(Moment {
        on: today.to_string(),
        registered: now.registered,
        live: now.live,
        target: now.target,
    });
    Ok(moments)
}

async fn task_values(app: &App, id: i64) -> Result<Value> {
    let counts = app.store.count_point_tasks(id, silence::OFTEN).await?;
    let named = Listed { state: "open", of_eight_min: silence::OFTEN, limit: REPEATED_NAMED, offset: 0 };
    let repeated = app.store.point_tasks(id, named).await?;
    let tree = app.tree().await?;
    let repeated: Vec<Value> = repeated
        .iter()
        .map(|task| {
            context! {
                place_id => task.place_id.to_string(), name => &task.place_name, area => &task.area_name,
                commune => tree.name(task.unit_id), weeks => task.weeks, of_eight => task.of_eight,
                sensitive => task.sensitive, never => task.never_used,
            }
        })
        .collect();
    Ok(context! {
        tasks => context! { open => counts.open, noted => counts.noted, repeated => counts.repeated }, repeated,
    })
}

async fn map_values(app: &App, page: &Page, tree: &UnitTree, parts: &[Part]) -> Result<Value> {
    let boundaries = app.store.boundaries().await?;
    let shares: HashMap<i64, &Coverage> = parts.iter().map(|part| (part.id, &part.coverage)).collect();
    let units: Vec<_> = parts.iter().filter_map(|part| tree.get(part.id)).collect();
    Ok(context! {
        map => map::draw(&boundaries, &units, |part| class_of(shares[&part])),
        tiles => parts.iter().map(|part| context! {
            id => part.id.to_string(), name => tree.get(part.id).map(|unit| unit.name.clone()),
            class => class_of(&part.coverage), share => share_text(&part.coverage),
        }).collect::<Vec<_>>(),
        legend => legend(page),
    })
}

/// How the sources of populations say it, by how each begins, in words that an officer reads.
const SOURCE_WORDS: [(&str, &str); 6] = [
    ("scaled estimate", "ước tính: số dân của huyện chia theo tỷ lệ các xã, phường"),
    ("resident population as printed", "số dân như nguồn đã in, không rõ cách tính"),
    ("population in the 2024 merger resolution", "số dân trong nghị quyết sắp xếp năm 2024"),
    ("census 1 Apr 2019", "tổng điều tra dân số 01/4/2019"),
    ("commune population, undated", "số dân của xã, phường, không rõ năm"),
    ("computed from the grade B figure", "tính từ số của huyện và số của các xã, phường"),
];

/// A remark of a source in the reader's words, or as it stands where it is a name.
fn source_words(page: &Page, remark: &str) -> String {
    let known = SOURCE_WORDS.iter().find(|(start, _)| remark.starts_with(start));
    known.map_or_else(|| remark.to_owned(), |(_, words)| page.t(words))
}

/// The way down to a unit from the officer's own.
#[must_use]
pub fn crumbs(tree: &UnitTree, id: i64, root: i64) -> Vec<Value> {
    let mut chain = tree.path(id);
    let keep = chain.iter().position(|unit| unit.id == root).map_or(chain.len(), |at| at + 1);
    chain.truncate(keep);
    chain
        .iter()
        .rev()
        .map(|unit| context! { href => format!("/coverage/{}", unit.id), label => &unit.full_name })
        .collect()
}

/// Figures as templates read them.
#[must_use]
pub fn view(c: &Coverage) -> Value {
    context! {
        population => c.population, target => c.target, registered => c.registered, live => c.live,
        silent => c.silent, never_used => c.never_used, missing => c.missing, communes => c.communes,
        exempt => c.exempt_communes,
        registered_per_100 => c.per_100(c.registered), live_per_100 => c.per_100(c.live),
        registered_share => c.share_of_target(c.registered),
        live_share => c.share_of_target(c.live),
        live_of_registered => (c.registered > 0).then(|| ratio(c.live, c.registered)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of points are far below 2^52")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

fn row(page: &Page, part: &Part) -> Value {
    context! {
        id => part.id.to_string(), name => &part.name, missing => part.coverage.missing, c => view(&part.coverage),
        level => page.t(part.level.label()), applies => part.level.target_applies(),
    }
}

async fn dated_levels(app: &App, page: &Page, id: i64) -> Result<Vec<Value>> {
    let rows = app.store.distancing_levels().await?;
    let own = rows.into_iter().filter(|row| row.unit_id == id);
    Ok(own
        .filter_map(|row| {
            let label = page.t(Level::from_code(&row.level)?.label());
            Some(context! { label, from_on => row.from_on, until_on => row.until_on, source => row.source })
        })
        .collect())
}

/// Class of a unit on the map by live points as a share of the target: q0 below 20 %, then in fifths, q5 reached.
/// The class of a unit's colour, by the share of the target that live points reach.
#[must_use]
pub fn class_of(c: &Coverage) -> &'static str {
    match c.share_of_target(c.live) {
        None => "none",
        Some(share) if share >= 1.0 => "q5",
        Some(share) if share >= 0.8 => "q4",
        Some(share) if share >= 0.6 => "q3",
        Some(share) if share >= 0.4 => "q2",
        Some(share) if share >= 0.2 => "q1",
        Some(_) => "q0",
    }
}

/// The share of the target that live points reach, in words.
#[must_use]
pub fn share_text(c: &Coverage) -> String {
    c.share_of_target(c.live).map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

/// Words of the six classes.
#[must_use]
pub fn legend(page: &Page) -> Vec<String> {
    ["dưới 20 %", "20–39 %", "40–59 %", "60–79 %", "80–99 %", "đạt 100 %"]
        .iter()
        .map(|text| page.t(text))
        .collect()
}
