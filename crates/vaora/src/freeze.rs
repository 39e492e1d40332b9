//! Freezing: the figures of every unit for a span as they stood at its cut-off, computed once and kept.
//!
//! A scan counts in the span in which it was made when it had arrived by the cut-off; otherwise it is a correction of
//! the span in which it arrived. So every scan is told exactly once, whenever the freezing itself happens.

use std::collections::HashMap;

use anyhow::Result;
use domain::{
    admin_unit::UnitTree,
    coverage::{Coverage, LIVE_DAYS, Usage},
    distancing::level_on,
    report::Span,
    time::{day_number, day_start},
};
use store::{frozen_points::FrozenPoint, standing::UnitCorrection, unit_periods::UnitPeriod};

use crate::{app::App, figures};

/// What one unit had.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    coverage: Coverage,
    new_points: i64,
    scans: [i64; 2],
    late: [i64; 2],
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.coverage.add(&other.coverage);
        self.new_points += other.new_points;
        for direction in 0..2 {
            self.scans[direction] += other.scans[direction];
            self.late[direction] += other.late[direction];
        }
    }
}

/// Points, scans and late scans before they are put together for units.
#[derive(Default)]
struct Raw {
    usages: HashMap<i64, Vec<Usage>>,
    sums: HashMap<i64, Sums>,
    /// The points that are counted as silent or never used, one by one.
    quiet: Vec<FrozenPoint>,
}

impl Raw {
    fn of(&mut self, unit_id: i64) -> &mut Sums {
        self.sums.entry(unit_id).or_default()
    }
}

/// Freezes a span for communes, districts, the province, and departments by the places they are responsible for
/// (`departments`: department by place). Twice is the same as once. Answers how many rows are new.
///
/// # Errors
/// When the store refuses; some rows may be kept then, and freezing again is harmless.
pub async fn freeze(app: &App, span: Span, departments: &HashMap<i64, i64>) -> Result<u64> {
    app.counters.flush(&app.store).await?;
    let tree = UnitTree::on(app.store.admin_units().await?, &span.last().to_string());
    let mut raw = Raw::default();
    read_points(app, span, departments, &mut raw).await?;
    read_scans(app, span, departments, &mut raw).await?;
    let sums = by_unit(app, &tree, span, &raw).await?;
    let (from_on, until_on) = (span.from.to_string(), span.until.to_string());
    let now = app.now();
    let late = |(unit_id, sums): (&i64, &Sums)| UnitCorrection {
        unit_id: *unit_id,
        from_on: from_on.clone(),
        until_on: until_on.clone(),
        scans_in: sums.late[0],
        scans_out: sums.late[1],
    };
    let corrections: Vec<UnitCorrection> =
        sums.iter().filter(|(_, sums)| sums.late != [0, 0]).map(late).collect();
    app.store.put_unit_corrections(&corrections).await?;
    let row = |(unit_id, sums): (&i64, &Sums)| {
        let c = sums.coverage;
        UnitPeriod {
            unit_id: *unit_id,
            from_on: from_on.clone(),
            until_on: until_on.clone(),
            registered: c.registered,
            live: c.live,
            silent: c.silent,
            never_used: c.never_used,
            new_points: sums.new_points,
            population: c.population,
            target: c.target,
            missing: c.missing,
            scans_in: sums.scans[0],
            scans_out: sums.scans[1],
            frozen_at: now,
        }
    };
    let periods: Vec<UnitPeriod> = sums.iter().map(row).collect();
    Ok(app.store.freeze_span(&periods, &raw.quiet).await?)
}

async fn read_points(app: &App, span: Span, departments: &HashMap<i64, i64>, raw: &mut Raw) -> Result<()> {
    let (begins, ends) = (day_start(span.from), day_start(span.until));
    let until = day_number(span.until);
    let last: HashMap<i64, i64> = app.store.last_days_arrived(until).await?.into_iter().collect();
    for point in app.store.points_standing(ends).await? {
        let last_day = last.get(&point.area_id).copied();
        let usage = Usage::of(last_day, until - 1);
        let department_id = departments.get(&point.place_id).copied();
        if usage != Usage::Live {
            raw.quiet.push(FrozenPoint {
                area_id: point.area_id,
                place_id: point.place_id,
                unit_id: point.unit_id,
                department_id,
                code: point.code,
                last_day,
                hidden: point.sensitive,
            });
        }
        let is_new = i64::from(point.issued_at >= begins);
        for unit_id in std::iter::once(point.unit_id).chain(department_id) {
            raw.usages.entry(unit_id).or_default().push(usage);
            raw.of(unit_id).new_points += is_new;
        }
    }
    Ok(())
}

async fn read_scans(app: &App, span: Span, departments: &HashMap<i64, i64>, raw: &mut Raw) -> Result<()> {
    let (from, until) = (day_number(span.from), day_number(span.until));
    // Areas whose code was retired since still count: their scans were made.
    let places: HashMap<i64, (i64, i64)> = app
        .store
        .area_places()
        .await?
        .into_iter()
        .map(|(area_id, place_id, unit_id)| (area_id, (place_id, unit_id)))
        .collect();
    let units_of = |area_id: i64| {
        let (place_id, unit_id) = places.get(&area_id).copied()?;
        Some(std::iter::once(unit_id).chain(departments.get(&place_id).copied()))
    };
    for (area_id, out, count) in app.store.scans_arrived(from, until).await? {
        for unit_id in units_of(area_id).into_iter().flatten() {
            raw.of(unit_id).scans[usize::from(out)] += count;
        }
    }
    for (area_id, out, count) in app.store.scans_late(from, until).await? {
        for unit_id in units_of(area_id).into_iter().flatten() {
            raw.of(unit_id).late[usize::from(out)] += count;
        }
    }
    Ok(())
}

/// Communes by their target; everything above as the sum of its communes; departments by their places alone.
async fn by_unit(app: &App, tree: &UnitTree, span: Span, raw: &Raw) -> Result<HashMap<i64, Sums>> {
    let populations: HashMap<i64, i64> =
        app.store.preferred_populations().await?.into_iter().map(|p| (p.unit_id, p.population)).collect();
    let levels = figures::levels(app).await.map_err(|error| anyhow::anyhow!("levels: {error:?}"))?;
    let date = span.last().to_string();
    let mut all: HashMap<i64, Sums> = HashMap::new();
    for unit in tree.valid() {
        let own = raw.sums.get(&unit.id).copied().unwrap_or_default();
        let usages = raw.usages.get(&unit.id).into_iter().flatten().copied();
        if unit.level == "department" {
            let coverage = Coverage { communes: 0, ..Coverage::of_commune(None, false, usages) };
            if coverage.registered > 0 {
                all.insert(unit.id, Sums { coverage: Coverage { exempt_communes: 0, ..coverage }, ..own });
            }
        } else if unit.is_commune() {
            let chain: Vec<i64> = tree.path(unit.id).into_iter().map(|above| above.id).collect();
            let applies = level_on(&levels, &chain, &date).target_applies();
            let population = populations.get(&unit.id).copied();
            let sums = Sums { coverage: Coverage::of_commune(population, applies, usages), ..own };
            for above in chain {
                all.entry(above).or_default().add(&sums);
            }
        }
    }
    Ok(all)
}

/// Local day number from which on a scan makes a point live at the end of a span.
#[must_use]
pub fn live_from(span: Span) -> i64 {
    day_number(span.until) - LIVE_DAYS
}
