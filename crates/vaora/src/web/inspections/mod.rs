//! Inspections: plans, checks at the door, findings and what follows from them.

use domain::admin_unit::UnitTree;
use jiff::civil::Date;

use crate::{app::App, auth::Officer, error::Result, page::Page, web::task::Task};

/// What inspections came to in a period, for a unit and all below it. Counts of inspections, findings and acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeriodFigures {
    /// Inspections whose planned day lies in the period, done or not.
    pub planned: i64,
    /// Inspections done in the period.
    pub done: i64,
    /// Findings found in the period.
    pub findings: i64,
    /// Findings closed in the period.
    pub findings_closed: i64,
    /// Reminders sent in the period.
    pub reminders: i64,
    /// Proposals to suspend made in the period.
    pub suspensions_proposed: i64,
    /// Places suspended in the period.
    pub suspended: i64,
}

/// Figures of a unit and all below it for the local days `from..until` (half-open).
///
/// # Errors
/// When the store refuses.
pub async fn period_figures(
    _app: &App,
    _tree: &UnitTree,
    _unit_id: i64,
    _from: Date,
    _until: Date,
) -> Result<PeriodFigures> {
    Ok(PeriodFigures::default())
}

/// What waits here for an officer, for the first page.
///
/// # Errors
/// When the store refuses.
pub async fn tasks(_app: &App, _page: &Page, _officer: &Officer, _tasks: &mut Vec<Task>) -> Result<()> {
    Ok(())
}
