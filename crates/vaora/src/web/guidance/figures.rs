//! What guidance and support did in a period, for reports.

use domain::{admin_unit::UnitTree, support::median_hours, time::day_start};
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
    /// Median of the hours from raising to solving of those solved or closed in the period; `None` when there was
    /// none.
    pub median_hours_to_close: Option<i64>,
}

/// Guidance and support within a unit (its subtree), from day `from` until the day before `until`.
///
/// # Errors
/// When the store refuses.
pub async fn period_figures(
    app: &App,
    _tree: &UnitTree,
    unit_id: i64,
    from: Date,
    until: Date,
) -> Result<GuidanceFigures> {
    let (from_at, until_at) = (day_start(from), day_start(until));
    let (campaigns, reached) =
        app.store.campaign_figures(unit_id, &from.to_string(), &until.to_string()).await?;
    let (tickets_opened, tickets_open_at_end) = app.store.ticket_figures(unit_id, from_at, until_at).await?;
    let spans = app.store.ticket_spans(unit_id, from_at, until_at).await?;
    Ok(GuidanceFigures {
        campaigns,
        reached,
        tickets_opened,
        tickets_closed: i64::try_from(spans.len()).unwrap_or(i64::MAX),
        tickets_open_at_end,
        median_hours_to_close: median_hours(spans),
    })
}
