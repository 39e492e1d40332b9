//! Messages of the area: who has to act or learns a result is told, once.

use serde_json::{Map, Value as Json};
use store::{
    inspection_plans::InspectionPlan,
    inspections::{Inspection, NewFinding},
    messages::{NewMessage, Recipient},
    suspensions::Suspension,
};

use crate::{app::App, error::Result, ids::new_id, notify};

/// One message.
pub struct Words<'a> {
    /// What it is about, once.
    pub key: String,
    /// Whom it is for.
    pub to: Recipient,
    /// Source words with `{names}`.
    pub source: &'a str,
    /// Values of the names.
    pub params: &'a [(&'a str, String)],
    /// Where to go.
    pub href: String,
    /// Day by which something is to be done, ISO date.
    pub due_on: Option<String>,
    /// True for what cannot wait for a digest.
    pub urgent: bool,
}

/// Posts a message; twice is the same as once.
///
/// # Errors
/// When the store refuses.
pub async fn post(app: &App, words: Words<'_>) -> Result<()> {
    let params: Map<String, Json> =
        words.params.iter().map(|(name, value)| ((*name).to_owned(), Json::String(value.clone()))).collect();
    let message = NewMessage {
        id: new_id(),
        dedup_key: words.key,
        to: words.to,
        source: words.source.to_owned(),
        params: Json::Object(params).to_string(),
        href: words.href,
        urgent: words.urgent,
        due_on: words.due_on,
    };
    app.store.post_message(&message, app.now()).await?;
    Ok(())
}

/// A date as people read it.
#[must_use]
pub fn day(on: &str) -> String {
    on.parse::<jiff::civil::Date>().map_or_else(|_| on.to_owned(), |day| day.strftime("%d/%m/%Y").to_string())
}

/// Tells the inspectors of a confirmed plan what is theirs.
///
/// # Errors
/// When the store refuses.
pub async fn plan_confirmed(app: &App, plan: &InspectionPlan, visits: &[(i64, i64, String)]) -> Result<()> {
    let mut counts: std::collections::BTreeMap<i64, usize> = std::collections::BTreeMap::new();
    for (_, account, _) in visits {
        *counts.entry(*account).or_default() += 1;
    }
    for (account, n) in counts {
        let params = [
            ("n", n.to_string()),
            ("title", plan.title.clone()),
            ("from", day(&plan.from_on)),
            ("until", day(&plan.until_on)),
        ];
        post(
            app,
            Words {
                key: format!("inspection-plan:{}:{account}", plan.id),
                to: Recipient::Account(account),
                source: "Anh/chị được giao kiểm tra {n} nơi theo kế hoạch “{title}”, từ {from} đến {until}.",
                params: &params,
                href: "/inspections".to_owned(),
                due_on: Some(plan.until_on.clone()),
                urgent: false,
            },
        )
        .await?;
    }
    Ok(())
}

/// Tells owner and commune what an inspection found.
///
/// # Errors
/// When the store refuses.
pub async fn recorded(app: &App, inspection: &Inspection, found: &[NewFinding], done_on: &str) -> Result<()> {
    let due_on = found.iter().map(|finding| finding.due_on.clone()).min();
    let place = inspection.place_name.clone();
    let (source, params) = match &due_on {
        None => (
            "Kiểm tra ngày {date} tại {place}: không có điều gì cần khắc phục. Cảm ơn cơ sở.",
            vec![("date", day(done_on)), ("place", place)],
        ),
        Some(due) => (
            "Kiểm tra ngày {date} tại {place}: {n} điều cần khắc phục, hạn sớm nhất {due}.",
            vec![("date", day(done_on)), ("place", place), ("n", found.len().to_string()), ("due", day(due))],
        ),
    };
    for (to, who, href) in [
        (Recipient::Place(inspection.place_id), "place", format!("/owner/places/{}", inspection.place_id)),
        (Recipient::Unit(inspection.unit_id), "unit", format!("/inspections/{}", inspection.id)),
    ] {
        let key = format!("inspection:{}:recorded:{who}", inspection.id);
        let (href, due_on) = (href, due_on.clone());
        post(app, Words { key, to, source, params: &params, href, due_on, urgent: false }).await?;
    }
    Ok(())
}

/// When nothing is left to mend: proposals that wait are withdrawn, and an office that suspended the place is told.
///
/// # Errors
/// When the store refuses.
pub async fn mended(app: &App, place_id: i64) -> Result<()> {
    let Some(suspension) = app.store.suspension_of_place(place_id).await? else { return Ok(()) };
    if suspension.left > 0 {
        return Ok(());
    }
    app.store.withdraw_mended_proposals().await?;
    if suspension.state != "suspended" {
        return Ok(());
    }
    let params = [("place", suspension.place_name.clone())];
    let tree = app.tree().await?;
    for to in notify::deciding_recipients(app, &tree, suspension.office_id).await? {
        let words = Words {
            key: format!("suspension:{}:mended:{}", suspension.id, notify::key_of(to)),
            to,
            source: "{place} đã khắc phục xong; đề nghị xem xét cho hoạt động lại.",
            params: &params,
            href: "/inspections/suspensions".to_owned(),
            due_on: None,
            urgent: true,
        };
        post(app, words).await?;
    }
    Ok(())
}

/// Tells owner, commune and the department that proposed what was decided of a proposal.
///
/// # Errors
/// When the store refuses.
pub async fn decided(
    app: &App,
    suspension: &Suspension,
    what: &str,
    source: &str,
    params: &[(&str, String)],
) -> Result<()> {
    // A proposal may be decided again when extra time has passed, so the day is part of the key.
    let key = format!("suspension:{}:{what}:{}", suspension.id, app.clock.today());
    let href = format!("/inspections/{}", suspension.root_id);
    let department = suspension.department_id.map(|id| (Recipient::Unit(id), "department", href.clone()));
    for (to, who, href) in [
        (Recipient::Place(suspension.place_id), "place", format!("/owner/places/{}", suspension.place_id)),
        (Recipient::Unit(suspension.unit_id), "unit", href),
    ]
    .into_iter()
    .chain(department)
    {
        let key = format!("{key}:{who}");
        post(app, Words { key, to, source, params, href, due_on: None, urgent: true }).await?;
    }
    Ok(())
}
