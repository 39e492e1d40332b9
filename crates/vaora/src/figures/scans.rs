//! Scans by day and unit, kept between pages; only days that changed are added up again.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use domain::{admin_unit::UnitTree, time::day_number};
use jiff::civil::Date;
use tokio::sync::Mutex;

use super::{departments_within, is_department};
use crate::app::App;

/// Days kept at once: some weeks and the weeks before them.
const DAYS_KEPT: usize = 120;

/// Scans in and out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Scans in.
    pub entered: i64,
    /// Scans out.
    pub left: i64,
}

impl Flow {
    /// Adds another's scans.
    pub fn add(&mut self, other: Self) {
        self.entered += other.entered;
        self.left += other.left;
    }

    /// In and out together.
    #[must_use]
    pub fn all(self) -> i64 {
        self.entered + self.left
    }
}

/// Scans of one day, by commune and by department: two views on the same scans.
#[derive(Default)]
pub struct DayFlow {
    communes: HashMap<i64, Flow>,
    departments: HashMap<i64, Flow>,
}

impl DayFlow {
    /// Scans at or below a unit; for a department, at the places that it is responsible for.
    #[must_use]
    pub fn within(&self, tree: &UnitTree, unit: i64) -> Flow {
        let mut sum = Flow::default();
        let mut add = |flow: Option<&Flow>| sum.add(flow.copied().unwrap_or_default());
        if is_department(tree, unit) {
            departments_within(tree, unit).iter().for_each(|id| add(self.departments.get(id)));
        } else {
            tree.communes_within(unit).iter().for_each(|commune| add(self.communes.get(&commune.id)));
        }
        sum
    }
}

/// What is kept: each day with the number of the latest change that it holds.
#[derive(Default)]
pub struct Cache(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// Number of the latest change of points that is in: a place may have moved or changed its department.
    ground: i64,
    days: HashMap<i64, (i64, Arc<DayFlow>)>,
}

/// Scans of each day in `from..until`, in order.
///
/// # Errors
/// When the store refuses.
pub async fn in_days(app: &App, from: Date, until: Date) -> Result<Vec<(Date, Arc<DayFlow>)>> {
    app.counters.flush(&app.store).await?;
    let (first, end) = (day_number(from), day_number(until));
    let mut held = app.scans().0.lock().await;
    let ground = app.store.places_moved().await?;
    if held.ground != ground {
        held.days.clear();
        held.ground = ground;
    }
    let marks: HashMap<i64, i64> = app.store.scan_day_marks(first, end).await?.into_iter().collect();
    if held.days.len() > DAYS_KEPT {
        held.days.retain(|day, _| *day >= first && *day < end);
    }
    let mut found = Vec::new();
    for day in first..end {
        let mark = marks.get(&day).copied().unwrap_or(0);
        let kept = held.days.get(&day).filter(|(at, _)| *at == mark).map(|(_, flow)| Arc::clone(flow));
        let flow = match kept {
            Some(flow) => flow,
            None => Arc::new(read(app, day).await?),
        };
        held.days.insert(day, (mark, Arc::clone(&flow)));
        found.push((domain::time::date_of_day_number(day), flow));
    }
    Ok(found)
}

async fn read(app: &App, day: i64) -> Result<DayFlow> {
    let mut flow = DayFlow::default();
    for (unit, department, out, scans) in app.store.scans_of_day(day).await? {
        let one = if out { Flow { entered: 0, left: scans } } else { Flow { entered: scans, left: 0 } };
        flow.communes.entry(unit).or_default().add(one);
        if let Some(department) = department {
            flow.departments.entry(department).or_default().add(one);
        }
    }
    Ok(flow)
}
