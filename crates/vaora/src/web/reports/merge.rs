//! Merging difficulties and proposals that say the same, keeping who raised them; and taking them apart again.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{Path, Query, State},
};
use domain::{
    admin_unit::UnitTree,
    difficulty::{Topic, alike},
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::report_items::{Merge, Raiser, ReportItem};

use super::{READERS, desk, draft::WORDS_MAX, draft::tidy, draft::topics, period_view};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    web::forms::Errors,
};

/// Most items merged at once.
const MERGED_MAX: usize = 300;
/// Groups suggested on one page.
const GROUPS_SHOWN: usize = 20;
/// Items listed on one page.
const ITEMS_SHOWN: usize = 200;
/// Raisers named beside an item before the rest is only counted.
const RAISERS_NAMED: usize = 6;

/// Which items.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    period: String,
    kind: String,
}

/// A merge as typed.
#[derive(Default)]
struct MergeForm {
    period: String,
    kind: String,
    topic: String,
    words: String,
    items: Vec<i64>,
}

impl MergeForm {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (key, value) in pairs {
            match key.as_str() {
                "period" => form.period = value,
                "kind" => form.kind = value,
                "topic" => form.topic = value,
                "words" => form.words = tidy(&value),
                "item" => form.items.extend(value.parse::<i64>().ok()),
                _ => {}
            }
        }
        form.items.sort_unstable();
        form.items.dedup();
        form
    }
}

fn kind_of(code: &str) -> &'static str {
    if code == "proposal" { "proposal" } else { "difficulty" }
}

/// Lists what can be merged, with what looks alike first.
///
/// # Errors
/// Not found for those who merge nothing.
pub async fn show(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result {
    let form = MergeForm { period: which.period, kind: which.kind, ..MergeForm::default() };
    render(&app, &page, &form, &Errors::default()).await
}

async fn desk_of(app: &App, page: &Page) -> Result<i64> {
    let officer = page.officer()?;
    officer.require(&READERS)?;
    let tree = app.tree().await?;
    let unit_id = desk(officer, &tree).ok_or(AppError::NotFound)?;
    // A commune or a department takes no reports, so it has nothing to merge.
    let level = tree.get(unit_id).map(|unit| unit.level.as_str());
    if matches!(level, Some("district" | "province")) { Ok(unit_id) } else { Err(AppError::NotFound) }
}

/// The unit that standing items are looked for below; none for the whole province.
fn scope(tree: &UnitTree, unit_id: i64) -> Option<i64> {
    tree.get(unit_id).is_some_and(|unit| unit.parent_id.is_some()).then_some(unit_id)
}

async fn render(app: &App, page: &Page, form: &MergeForm, errors: &Errors) -> Result {
    let unit_id = desk_of(app, page).await?;
    let tree = app.tree().await?;
    let kind = kind_of(&form.kind);
    let period = match form.period.parse::<i64>() {
        Ok(id) => app.store.report_period(id).await?.ok_or(AppError::NotFound)?,
        Err(_) => app.store.report_periods(1).await?.into_iter().next().ok_or(AppError::NotFound)?,
    };
    let items = app.store.standing_items(kind, period.id, scope(&tree, unit_id)).await?;
    let raisers = app.store.raisers_of_period(kind, period.id).await?;
    let mut by_root: HashMap<i64, Vec<&Raiser>> = HashMap::new();
    for raiser in &raisers {
        by_root.entry(raiser.root_id).or_default().push(raiser);
    }
    let open: Vec<&ReportItem> =
        items.iter().filter(|item| matches!(item.state.as_str(), "raised" | "handling_proposed")).collect();
    let texts: Vec<(&str, &str)> =
        open.iter().map(|item| (item.topic.as_str(), item.words.as_str())).collect();
    let view = |item: &ReportItem| item_view(page, &tree, item, &by_root, unit_id);
    let groups: Vec<Value> = alike(&texts)
        .into_iter()
        .take(GROUPS_SHOWN)
        .map(|group| {
            let first = open[group[0]];
            let items: Vec<Value> = group.iter().map(|at| view(open[*at])).collect();
            context! { topic => first.topic.clone(), words => longest(&group, &open), items }
        })
        .collect();
    let values = context! {
        period => period_view(page, &period), kind, groups, topics => topics(page),
        items => open.iter().take(ITEMS_SHOWN).map(|item| view(item)).collect::<Vec<_>>(),
        more => open.len().saturating_sub(ITEMS_SHOWN), total => open.len(),
        form => context! { topic => form.topic.clone(), words => form.words.clone(),
            items => form.items.iter().map(i64::to_string).collect::<Vec<_>>() },
        errors => errors.view(), unit => tree.name(unit_id),
    };
    page.show("report_items.html", values).await
}

/// The longest words of a group: the one that says most stands for all until the officer writes better ones.
fn longest(group: &[usize], items: &[&ReportItem]) -> String {
    let longest = group.iter().map(|at| &items[*at].words).max_by_key(|words| words.chars().count());
    longest.cloned().unwrap_or_default()
}

fn item_view(
    page: &Page,
    tree: &UnitTree,
    item: &ReportItem,
    by_root: &HashMap<i64, Vec<&Raiser>>,
    unit_id: i64,
) -> Value {
    let topic = Topic::from_code(&item.topic).map_or("", Topic::label);
    let raisers: &[&Raiser] = by_root.get(&item.id).map_or(&[], Vec::as_slice);
    context! {
        id => item.id.to_string(), topic => page.t(topic), words => item.words.clone(),
        is_merged => item.report_id.is_none(), may_unmerge => item.report_id.is_none() && item.unit_id == unit_id
            && (item.state == "raised" || tree.get(unit_id).is_some_and(|unit| unit.parent_id.is_none())),
        raisers => named(tree, raisers), count => raisers.len(),
    }
}

/// Names of the units that raised something, the rest counted: `Xã Ea Tu, Xã Cư Êbur và 3 đơn vị khác`.
pub(super) fn named(tree: &UnitTree, raisers: &[&Raiser]) -> Value {
    let mut units: Vec<i64> = raisers.iter().map(|raiser| raiser.unit_id).collect();
    units.sort_by_key(|unit| tree.rank(*unit));
    let mut names: Vec<&str> = units.into_iter().map(|unit| tree.name(unit)).collect();
    names.dedup();
    let more = names.len().saturating_sub(RAISERS_NAMED);
    let all = names.len();
    names.truncate(RAISERS_NAMED);
    context! { names => names.join(", "), more, all }
}

/// Makes the ticked items one.
///
/// # Errors
/// Not found for those who merge nothing, and for items that are not theirs.
pub async fn merge(State(app): State<App>, page: Page, Form(pairs): Form<Vec<(String, String)>>) -> Result {
    let unit_id = desk_of(&app, &page).await?;
    let tree = app.tree().await?;
    let form = MergeForm::read(pairs);
    let kind = kind_of(&form.kind);
    let Ok(period_id) = form.period.parse::<i64>() else {
        return page.go("/reports", "bad", "Hãy đánh dấu từ hai nội dung trở lên để gộp.").await;
    };
    let here = format!("/reports/items?period={period_id}&kind={kind}");
    let standing = app.store.standing_items(kind, period_id, scope(&tree, unit_id)).await?;
    let known = |id: &i64| standing.iter().any(|item| item.id == *id);
    let mut errors = Errors::default();
    if form.items.len() < 2 || form.items.len() > MERGED_MAX {
        errors.add("items", page.t("Hãy đánh dấu từ hai nội dung trở lên để gộp."));
    } else if !form.items.iter().all(known) {
        return page
            .go(&here, "info", "Có nội dung vừa được gộp hoặc tách bởi người khác; hãy xem lại.")
            .await;
    }
    if form.words.is_empty() {
        errors.add("words", page.t("Hãy ghi nội dung chung sau khi gộp."));
    } else if form.words.chars().count() > WORDS_MAX {
        errors.add(
            "words",
            page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", WORDS_MAX.to_string())]),
        );
    }
    if Topic::from_code(&form.topic).is_none() {
        errors.add("topic", page.t("Hãy chọn loại nội dung."));
    }
    if !errors.is_empty() {
        return render(&app, &page, &form, &errors).await;
    }
    let merge = Merge {
        id: new_id(),
        kind,
        period_id,
        unit_id,
        topic: form.topic,
        words: form.words,
        items: form.items,
    };
    if !app.store.merge_items(&merge, app.now()).await? {
        return page
            .go(&here, "info", "Có nội dung vừa được gộp hoặc tách bởi người khác; hãy xem lại.")
            .await;
    }
    page.go(&here, "good", "Đã gộp. Tên các đơn vị đã nêu được giữ nguyên.").await
}

/// Takes apart what the officer's unit merged.
///
/// # Errors
/// Not found when it is not the unit's.
pub async fn unmerge(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let unit_id = desk_of(&app, &page).await?;
    let item = app.store.report_item(id).await?.filter(|item| item.unit_id == unit_id);
    let item = item.filter(|item| item.report_id.is_none()).ok_or(AppError::NotFound)?;
    let here = format!("/reports/items?period={}&kind={}", item.period_id, item.kind);
    if app.store.unmerge_item(id, unit_id).await? {
        page.go(&here, "good", "Đã tách ra như trước khi gộp.").await
    } else {
        page.go(&here, "bad", "Không tách được nữa: nội dung đã được cấp trên gộp tiếp hoặc đã trình.").await
    }
}
