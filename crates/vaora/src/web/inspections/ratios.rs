//! What share of people scan, by place type, from inspections' counts; and what that says of a traced case.

use std::collections::{BTreeMap, HashMap};

use axum::extract::State;
use domain::{
    inspection::ratio::{self, Count, Ratio},
    role::Role,
};
use jiff::ToSpan as _;
use minijinja::{Value, context};

use crate::{
    app::App,
    error::Result,
    page::Page,
    web::inspections::{Desk, type_names},
};

/// Days of counts that a ratio is made from: habits at doors change.
pub const RATIO_DAYS: i64 = 180;

/// The shares of a day.
pub struct Ratios {
    /// By place type; none where there are too few counts.
    pub by_type: BTreeMap<String, Option<Ratio>>,
    /// Over all types.
    pub whole: Option<Ratio>,
}

/// The shares as they stand today.
///
/// # Errors
/// When the store refuses.
pub async fn on_today(app: &App) -> Result<Ratios> {
    let since = app.clock.today().saturating_sub(RATIO_DAYS.days()).to_string();
    let counts = app.store.door_counts(&since).await?;
    let mut types: BTreeMap<String, Vec<Count>> = BTreeMap::new();
    for (kind, count) in &counts {
        types.entry(kind.clone()).or_default().push(*count);
    }
    let all: Vec<Count> = counts.into_iter().map(|(_, count)| count).collect();
    let by_type = types.into_iter().map(|(kind, counts)| (kind, ratio::of(&counts))).collect();
    Ok(Ratios { by_type, whole: ratio::of(&all) })
}

/// Shows the shares.
///
/// # Errors
/// Not found for all but Sở TTTT and the Committee.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let desk = Desk::of(&app, &page).await?;
    desk.officer.require(&[Role::Reviewer, Role::CommitteeReader])?;
    let names = type_names(&app, &page).await?;
    let ratios = on_today(&app).await?;
    let rows: Vec<Value> = ratios
        .by_type
        .iter()
        .map(|(kind, ratio)| context! { name => names.get(kind), ratio => ratio.as_ref().map(view) })
        .collect();
    let values = context! {
        rows, whole => ratios.whole.as_ref().map(view), days => RATIO_DAYS, places_min => ratio::PLACES_MIN,
        people_min => ratio::PEOPLE_MIN,
    };
    page.show("inspection_ratios.html", values).await
}

/// A share in whole percent.
fn percent(share: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a share of 0 to 1 gives 0 to 100")]
    let whole = (share * 100.0).round() as i64;
    whole
}

/// A share as pages show it.
#[must_use]
pub fn view(ratio: &Ratio) -> Value {
    context! {
        places => ratio.places, entering => ratio.entering, scanning => ratio.scanning, share => percent(ratio.share),
        low => percent(ratio.low), high => percent(ratio.high), effect => ratio.design_effect,
    }
}

/// One line of how complete a case's list is.
pub struct Completeness {
    /// Type's name in the reader's language; none for all types together.
    pub kind: Option<String>,
    /// Places of the timeline of this type.
    pub places: usize,
    /// The share, where there are counts enough.
    pub ratio: Option<Ratio>,
}

/// How complete the list of a case is: for each type of place that the index person was at, the share of people who
/// scan there.
///
/// # Errors
/// When the store refuses.
pub async fn completeness(app: &App, page: &Page, place_types: &[String]) -> Result<Vec<Completeness>> {
    if place_types.is_empty() {
        return Ok(Vec::new());
    }
    let names = type_names(app, page).await?;
    let ratios = on_today(app).await?;
    let mut counts: HashMap<&String, usize> = HashMap::new();
    for kind in place_types {
        *counts.entry(kind).or_default() += 1;
    }
    let mut lines: Vec<Completeness> = counts
        .into_iter()
        .map(|(kind, places)| Completeness {
            kind: Some(names.get(kind).cloned().unwrap_or_else(|| kind.clone())),
            places,
            ratio: ratios.by_type.get(kind).copied().flatten(),
        })
        .collect();
    lines.sort_by(|a, b| b.places.cmp(&a.places).then(a.kind.cmp(&b.kind)));
    lines.push(Completeness { kind: None, places: place_types.len(), ratio: ratios.whole });
    Ok(lines)
}

impl Completeness {
    /// In the reader's words, as stand above a list and in its export.
    #[must_use]
    pub fn words(&self, page: &Page) -> String {
        let kind = self.kind.clone().unwrap_or_else(|| page.t("mọi loại nơi"));
        match &self.ratio {
            None => page.tf("{kind}: chưa đủ số liệu đếm tại cửa.", &[("kind", kind)]),
            Some(ratio) => page.tf(
                "{kind}: khoảng {n} % (từ {low} đến {high} %) số người có quét.",
                &[
                    ("kind", kind),
                    ("n", percent(ratio.share).to_string()),
                    ("low", percent(ratio.low).to_string()),
                    ("high", percent(ratio.high).to_string()),
                ],
            ),
        }
    }
}
