//! Frozen figures of a period beside those of the period before, by unit.

use std::collections::HashMap;

use domain::{
    coverage::Coverage,
    report::{Kind, Span},
};
use minijinja::{Value, context};
use store::{report_periods::ReportPeriod, unit_periods::UnitPeriod};

use crate::{
    app::App,
    error::{AppError, Result},
    jobs::reports::span_of,
};

/// Frozen figures of one period.
pub struct Frozen {
    /// Days of the period.
    pub span: Span,
    /// Figures by unit.
    pub now: HashMap<i64, UnitPeriod>,
    /// Figures of the period before, where it was frozen.
    pub before: HashMap<i64, UnitPeriod>,
    /// Late scans in and out by unit.
    pub late: HashMap<i64, (i64, i64)>,
}

fn by_unit(rows: Vec<UnitPeriod>) -> HashMap<i64, UnitPeriod> {
    rows.into_iter().map(|row| (row.unit_id, row)).collect()
}

impl Frozen {
    /// Reads what was frozen for a period.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn read(app: &App, period: &ReportPeriod) -> Result<Self> {
        let span = span_of(period).ok_or(AppError::NotFound)?;
        let before = span.before(Kind::from_code(&period.kind).unwrap_or(Kind::AdHoc));
        let rows = app.store.unit_periods_of(&period.from_on, &period.until_on).await?;
        let (from, until) = (before.from.to_string(), before.until.to_string());
        let earlier = app.store.unit_periods_of(&from, &until).await?;
        let late = app.store.unit_corrections(&period.from_on, &period.until_on).await?;
        Ok(Self {
            span,
            now: by_unit(rows),
            before: by_unit(earlier),
            late: late.into_iter().map(|one| (one.unit_id, (one.scans_in, one.scans_out))).collect(),
        })
    }

    /// A unit's figures as pages show them; none when nothing was frozen for it.
    #[must_use]
    pub fn view(&self, unit_id: i64) -> Option<Value> {
        let now = self.now.get(&unit_id)?;
        let before = self.before.get(&unit_id);
        let scans = now.scans_in + now.scans_out;
        let (late_in, late_out) = self.late.get(&unit_id).copied().unwrap_or_default();
        Some(context! {
            registered => now.registered, live => now.live, silent => now.silent,
            never_used => now.never_used, new_points => now.new_points, population => now.population,
            target => now.target, missing => now.missing, scans_in => now.scans_in,
            scans_out => now.scans_out, scans,
            per_100 => per_100(now, now.registered), live_per_100 => per_100(now, now.live),
            registered_change => before.map(|b| now.registered - b.registered),
            live_change => before.map(|b| now.live - b.live),
            scans_change => before.map(|b| scans - b.scans_in - b.scans_out),
            late => late_in + late_out, late_in, late_out,
        })
    }
}

/// Points per 100 residents of a frozen row.
#[must_use]
pub fn per_100(row: &UnitPeriod, points: i64) -> Option<f64> {
    Coverage { population: row.population, ..Coverage::default() }.per_100(points)
}
