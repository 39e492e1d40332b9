//! Campaigns of a subtree, and one of them with the weeks before and after.

use axum::extract::{Path, Query, State};
use domain::{
    admin_unit::UnitTree,
    campaign::{Method, SMALL, Span, change_percent},
    role::Role,
    time::date_of_day_number,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::campaigns::{Campaign, Effect};

use super::effects;
use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    limits::PAGE_ROWS,
    page::Page,
    web::office::Office,
};

/// What a method is called, as a source text.
#[must_use]
pub const fn method_label(method: Method) -> &'static str {
    match method {
        Method::Training => "Tập huấn",
        Method::Loudspeaker => "Loa truyền thanh",
        Method::Leaflet => "Tờ rơi, áp phích",
        Method::Visit => "Đến từng nơi",
        Method::SocialMedia => "Mạng xã hội",
        Method::Other => "Cách khác",
    }
}

/// Which page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    unit: String,
    page: usize,
}

/// True for officers who lead campaigns: of a unit, or of Sở TTTT.
#[must_use]
pub fn leads(officer: &Officer) -> bool {
    officer.has(Role::UnitOfficer) || officer.has(Role::Reviewer)
}

/// Lists campaigns.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn list(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result {
    let office = Office::of(&app, &page, &which.unit).await?;
    let total = usize::try_from(app.store.count_campaigns(office.unit).await?).unwrap_or(0);
    let pages = total.div_ceil(PAGE_ROWS).max(1);
    let current = which.page.clamp(1, pages);
    let limit = i64::try_from(PAGE_ROWS).unwrap_or(50);
    let offset = i64::try_from((current - 1) * PAGE_ROWS).unwrap_or(0);
    let today = app.clock.today().to_string();
    let rows: Vec<Value> = app
        .store
        .campaigns_within(office.unit, limit, offset)
        .await?
        .iter()
        .map(|campaign| view(&page, &office.tree, campaign, &today))
        .collect();
    let values = context! {
        rows, total, pages, current, unit_name => office.tree.name(office.unit), unit_id => office.unit.to_string(),
        leads => leads(&office.officer),
    };
    page.show("campaigns.html", values).await
}

fn view(page: &Page, tree: &UnitTree, c: &Campaign, today: &str) -> Value {
    let state = match (c.closed_at, c.from_on.as_str() > today, c.until_on.as_str() < today) {
        (Some(_), ..) => ("closed", "Đã xong", "good"),
        (None, true, _) => ("planned", "Sắp làm", ""),
        (None, _, true) => ("to_close", "Chờ ghi kết quả", "warn"),
        (None, ..) => ("running", "Đang làm", "info"),
    };
    context! {
        id => c.id.to_string(), title => &c.title, unit => tree.name(c.unit_id), from_on => &c.from_on,
        until_on => &c.until_on, places => &c.places, planned => c.planned, reached => c.reached, note => &c.note,
        method => page.t(method_label(Method::from_code(&c.method).unwrap_or(Method::Other))),
        state => context! { code => state.0, label => page.t(state.1), tone => state.2 },
    }
}

/// The campaign, if the officer may see it: led within his subtree, or touching it.
///
/// # Errors
/// Not found otherwise.
pub async fn seen(app: &App, page: &Page, id: i64) -> Result<(Officer, Campaign, Vec<i64>)> {
    let officer = page.officer()?.clone();
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let campaign = app.store.campaign(id).await?.ok_or(AppError::NotFound)?;
    let units = app.store.campaign_units(id).await?;
    let tree = app.tree().await?;
    let root = officer.root(&tree);
    let touches = std::iter::once(&campaign.unit_id).chain(&units).any(|unit| tree.is_within(*unit, root));
    if touches { Ok((officer, campaign, units)) } else { Err(AppError::NotFound) }
}

/// True when the officer may change the campaign: it is his office's, or one of his subtree.
#[must_use]
pub fn may_change(tree: &UnitTree, officer: &Officer, campaign: &Campaign) -> bool {
    leads(officer) && tree.is_within(campaign.unit_id, officer.root(tree))
}

/// Shows a campaign with the weeks before and after.
///
/// # Errors
/// Not found when it is not of the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (officer, campaign, units) = seen(&app, &page, id).await?;
    effects::measure(&app, &campaign).await?;
    let tree = app.tree().await?;
    let names: Vec<&str> = units.iter().map(|unit| tree.name(*unit)).collect();
    let today = app.clock.today().to_string();
    let measured = app.store.effects(id).await?;
    let around = effects::around(&tree, &units).map(|unit| tree.name(unit).to_owned());
    let values = context! {
        campaign => view(&page, &tree, &campaign, &today), units => names.join(", "), around,
        weeks => weeks(&page, &campaign, &measured), small => SMALL,
        changes => changes(&page, &measured),
        may_change => may_change(&tree, &officer, &campaign) && campaign.closed_at.is_none(),
        may_close => campaign.from_on.as_str() <= today.as_str(),
    };
    page.show("campaign.html", values).await
}

fn span_label(span: Span) -> &'static str {
    match span {
        Span::Before => "7 ngày trước đợt",
        Span::Week1 => "7 ngày sau đợt",
        Span::Week4 => "Tuần thứ tư sau đợt",
    }
}

fn bounded(n: i64) -> Option<i64> {
    (n >= SMALL).then_some(n)
}

fn weeks(page: &Page, campaign: &Campaign, measured: &[Effect]) -> Vec<Value> {
    let Some((from, until)) = effects::days_of(campaign) else { return Vec::new() };
    Span::ALL
        .iter()
        .map(|span| {
            let first = span.first_day(from, until);
            let found = measured.iter().find(|effect| effect.span == span.code());
            context! {
                label => page.t(span_label(*span)),
                from_on => date_of_day_number(first).to_string(), until_on => date_of_day_number(first + 6).to_string(),
                known => found.is_some(),
                live => found.and_then(|e| bounded(e.live)), scans => found.and_then(|e| bounded(e.scans)),
                rest_live => found.and_then(|e| bounded(e.rest_live)),
                rest_scans => found.and_then(|e| bounded(e.rest_scans)),
            }
        })
        .collect()
}

/// Changes from the week before to each week after, there and around.
fn changes(page: &Page, measured: &[Effect]) -> Vec<Value> {
    let find = |span: Span| measured.iter().find(|effect| effect.span == span.code());
    let Some(before) = find(Span::Before) else { return Vec::new() };
    let signed = |change: Option<i64>| change.map(|change| format!("{change:+} %"));
    [Span::Week1, Span::Week4]
        .into_iter()
        .filter_map(|span| Some((span, find(span)?)))
        .map(|(span, after)| {
            context! {
                label => page.t(span_label(span)),
                live => signed(change_percent(before.live, after.live)),
                scans => signed(change_percent(before.scans, after.scans)),
                rest_live => signed(change_percent(before.rest_live, after.rest_live)),
                rest_scans => signed(change_percent(before.rest_scans, after.rest_scans)),
            }
        })
        .collect()
}
