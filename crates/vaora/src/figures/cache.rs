//! Figures between pages: points and last days stay in memory, and each page reads only what changed since.
//!
//! What changed is told by running numbers in the database (`store::figure_marks`), so that a write by anybody,
//! also by the command line beside a running server, shows on the next page.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use domain::{
    distancing::{DatedLevel, Level},
    time::day_number,
};
use jiff::civil::Date;
use store::{
    Store,
    admin_units::Population,
    figure_marks::{EVERYTHING, REFERENCE},
    places::PointFacts,
};
use tokio::sync::Mutex;

use super::Figures;

/// Days whose figures are kept at once: today, and the ends of some weeks.
const DAYS_KEPT: usize = 8;

/// What is kept.
#[derive(Default)]
pub struct Cache(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// Number up to which all changes are in; 0 before the first reading.
    mark: i64,
    /// Counts the changes of points, populations and levels.
    ground: u64,
    communes: HashMap<i64, Vec<Arc<PointFacts>>>,
    last_days: HashMap<i64, i64>,
    populations: Arc<HashMap<i64, Population>>,
    levels: Arc<Vec<DatedLevel>>,
    days: Vec<Kept>,
}

/// Figures of one day.
struct Kept {
    date: Date,
    day: i64,
    ground: u64,
    /// Last days as of this day, of areas that were scanned after it, and the number they were read at.
    earlier: HashMap<i64, Option<i64>>,
    read_at: i64,
    /// True when an area's last day as of this day moved since the figures were made.
    stale: bool,
    figures: Arc<Figures>,
}

impl Cache {
    /// Figures of a day.
    pub(super) async fn on(&self, store: &Store, date: Date) -> Result<Arc<Figures>> {
        let mut held = self.0.lock().await;
        held.catch_up(store).await?;
        held.on(store, date).await
    }
}

impl Held {
    /// Reads what changed since the last page.
    async fn catch_up(&mut self, store: &Store) -> Result<()> {
        let changes = store.figure_changes(self.mark).await?;
        if changes.mark == self.mark {
            return Ok(());
        }
        let first = self.mark == 0;
        if first || changes.units.contains(&EVERYTHING) {
            self.communes.clear();
            for point in store.points_in_force().await? {
                self.communes.entry(point.unit_id).or_default().push(Arc::new(point));
            }
        } else {
            for unit in changes.units.iter().filter(|unit| **unit > REFERENCE) {
                let mut points: Vec<_> =
                    store.points_of_unit(*unit).await?.into_iter().map(Arc::new).collect();
                points.sort_by_key(|point| point.point.area_id);
                self.communes.insert(*unit, points);
            }
        }
        if first || changes.units.contains(&REFERENCE) || changes.units.contains(&EVERYTHING) {
            let figures = store.preferred_populations().await?;
            self.populations = Arc::new(figures.into_iter().map(|figure| (figure.unit_id, figure)).collect());
            self.levels = Arc::new(levels(store).await?);
        }
        self.ground += u64::from(first || !changes.units.is_empty());
        let moved = if first { store.area_last_days().await? } else { changes.areas };
        for (area, day) in moved {
            let former = self.last_days.insert(area, day);
            self.days.iter_mut().for_each(|kept| kept.moved(area, former, day));
        }
        self.mark = changes.mark;
        Ok(())
    }

    async fn on(&mut self, store: &Store, date: Date) -> Result<Arc<Figures>> {
        let day = day_number(date);
        let at = self.days.iter().position(|kept| kept.date == date);
        let kept = at.map(|at| self.days.remove(at));
        let (earlier, read_at, same, former) = match kept {
            // No scan of that day or before it arrived since.
            Some(kept) if store.scans_changed_until(day).await? <= kept.read_at => {
                let same = kept.ground == self.ground && !kept.stale;
                (kept.earlier, kept.read_at, same, Some(kept.figures))
            }
            Some(kept) => {
                let earlier = self.earlier(store, day).await?;
                let same = kept.ground == self.ground && !kept.stale && earlier == kept.earlier;
                (earlier, self.mark, same, Some(kept.figures))
            }
            None => (self.earlier(store, day).await?, self.mark, false, None),
        };
        let figures = match former.filter(|_| same) {
            Some(figures) => figures,
            None => Arc::new(self.figures(date, day, &earlier)),
        };
        let (ground, stale) = (self.ground, false);
        let fresh = Kept { date, day, ground, earlier, read_at, stale, figures: Arc::clone(&figures) };
        self.days.insert(0, fresh);
        self.days.truncate(DAYS_KEPT);
        Ok(figures)
    }

    async fn earlier(&self, store: &Store, day: i64) -> Result<HashMap<i64, Option<i64>>> {
        if self.last_days.values().all(|last| *last <= day) {
            return Ok(HashMap::new());
        }
        Ok(store.last_days_until(day).await?.into_iter().collect())
    }

    fn figures(&self, date: Date, day: i64, earlier: &HashMap<i64, Option<i64>>) -> Figures {
        let last = |area: i64| {
            let own = self.last_days.get(&area).copied();
            earlier.get(&area).copied().unwrap_or_else(|| own.filter(|last| *last <= day))
        };
        let mut communes: Vec<(&i64, &Vec<Arc<PointFacts>>)> = self.communes.iter().collect();
        communes.sort_by_key(|(unit, _)| **unit);
        let points = communes.into_iter().flat_map(|(_, points)| points.iter().cloned());
        let (populations, levels) = (Arc::clone(&self.populations), Arc::clone(&self.levels));
        Figures::new(points, last, populations, levels, (date.to_string(), day))
    }
}

impl Kept {
    /// An area's last day moved on. A scan after this day changes nothing here, but the last day that the area
    /// had must be remembered.
    fn moved(&mut self, area: i64, former: Option<i64>, last: i64) {
        if last <= self.day {
            self.stale = true;
        } else if former.is_none_or(|former| former <= self.day) {
            self.earlier.insert(area, former);
        }
    }
}

/// All dated levels that this program knows.
pub(super) async fn levels(store: &Store) -> Result<Vec<DatedLevel>> {
    let rows = store.distancing_levels().await?;
    let known = rows.into_iter().filter_map(|row| {
        let level = Level::from_code(&row.level)?;
        Some(DatedLevel { unit_id: row.unit_id, level, from_on: row.from_on, until_on: row.until_on })
    });
    Ok(known.collect())
}
