//! Measures weeks before and after campaigns, once each week is over, so that pages only read.

use anyhow::Result;
use domain::{
    admin_unit::UnitTree,
    campaign::Span,
    time::{day_number, local_date},
};
use jiff::{ToSpan as _, civil::Date};
use store::campaigns::{Campaign, Effect};

use crate::app::App;

/// Days after a week before it is measured: gates that were offline still send.
const SETTLE_DAYS: i64 = 1;
/// Days for which a campaign is looked at: four weeks after its end and what arrives late.
const LOOKED_AT_DAYS: i64 = 60;

/// Campaigns that are looked at in one go; only those with a week that is due cost anything.
const LOOKED_AT_MAX: i64 = 5_000;

/// Measures what is due of the latest campaigns, so many of them at once.
///
/// # Errors
/// When the store refuses.
pub async fn measure_due(app: &App, at_once: usize) -> Result<()> {
    let today = day_number(local_date(app.now()));
    let after = app.clock.today().saturating_sub(LOOKED_AT_DAYS.days()).to_string();
    let waiting = app.store.campaigns_to_measure(&after, LOOKED_AT_MAX).await?;
    let is_due = |(campaign, known): &(Campaign, i64)| {
        let over =
            |(from, until)| Span::ALL.iter().filter(|span| is_over(**span, from, until, today)).count();
        days_of(campaign).is_some_and(|days| i64::try_from(over(days)).is_ok_and(|over| over > *known))
    };
    for (campaign, _) in waiting.into_iter().filter(is_due).take(at_once) {
        measure(app, &campaign).await?;
    }
    Ok(())
}

/// True when a week has ended and what gates held back has had its day to arrive.
fn is_over(span: Span, from: Date, until: Date, today: i64) -> bool {
    span.first_day(from, until) + 7 + SETTLE_DAYS <= today
}

/// Measures the weeks of one campaign that are over and were not measured yet.
///
/// # Errors
/// When the store refuses.
pub async fn measure(app: &App, campaign: &Campaign) -> Result<()> {
    let known = app.store.effects(campaign.id).await?;
    let Some((from, until)) = days_of(campaign) else { return Ok(()) };
    let today = day_number(local_date(app.now()));
    let due: Vec<(Span, i64)> = Span::ALL
        .into_iter()
        .map(|span| (span, span.first_day(from, until)))
        .filter(|(span, _)| {
            is_over(*span, from, until, today) && known.iter().all(|one| one.span != span.code())
        })
        .collect();
    if due.is_empty() {
        return Ok(());
    }
    app.counters.flush(&app.store).await?;
    let tree = app.tree().await?;
    let units = app.store.campaign_units(campaign.id).await?;
    let around = around(&tree, &units);
    for (span, first) in due {
        let mut effect = Effect {
            span: span.code().to_owned(),
            from_day: first,
            live: 0,
            scans: 0,
            rest_live: 0,
            rest_scans: 0,
        };
        for (commune, live, scans) in app.store.use_by_commune(first).await? {
            if units.iter().any(|unit| tree.is_within(commune, *unit)) {
                effect.live += live;
                effect.scans += scans;
            } else if around.is_some_and(|around| tree.is_within(commune, around)) {
                effect.rest_live += live;
                effect.rest_scans += scans;
            }
        }
        app.store.put_effect(campaign.id, &effect).await?;
    }
    Ok(())
}

/// A campaign's first and last day.
#[must_use]
pub fn days_of(campaign: &Campaign) -> Option<(Date, Date)> {
    Some((campaign.from_on.parse().ok()?, campaign.until_on.parse().ok()?))
}

/// What a campaign's units are compared with: the rest of their one district, or of the province.
#[must_use]
pub fn around(tree: &UnitTree, units: &[i64]) -> Option<i64> {
    let first = *units.first()?;
    let holds_all = |id: i64| units.iter().all(|unit| tree.is_within(*unit, id) && *unit != id);
    tree.path(first).into_iter().map(|unit| unit.id).find(|id| holds_all(*id))
}
