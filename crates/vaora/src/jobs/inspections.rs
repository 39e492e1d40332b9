//! Findings that are not mended in time: three reminders, then a proposal to suspend to the competent office.

use anyhow::{Result, anyhow};
use domain::{
    inspection::ladder::{Ladder, REMINDERS, Step},
    time::DAY_MS,
};
use jiff::civil::Date;
use store::{findings::LateChain, messages::Recipient};

use crate::{
    app::App,
    ids::new_id,
    notify,
    web::inspections::{plan::calendar, suspensions::competent_office, tell},
};

/// Setting of the ladder's days, `1,4,7,10`; the default where it is missing or cannot be read.
const LADDER: &str = "inspection_ladder";
/// Milliseconds for which a place's answer holds the ladder, so that an office can look: five days, of which at least
/// three are working days outside holidays. A place's word alone does not hold it for ever.
const ANSWER_HOLDS_MS: i64 = 5 * DAY_MS;

/// Takes the step that is due today for each chain of findings; twice a day is the same as once.
///
/// # Errors
/// When the store refuses; the next look goes on.
pub async fn remind(app: &App) -> Result<()> {
    let today = app.clock.today();
    let on = today.to_string();
    app.store.end_extra_time(&on).await?;
    app.store.withdraw_mended_proposals().await?;
    let ladder = app.store.setting(LADDER).await?.and_then(|text| Ladder::parse(&text)).unwrap_or_default();
    let calendar = calendar(app).await.map_err(|error| anyhow!("{error:?}"))?;
    for chain in app.store.late_chains(&on, app.now() - ANSWER_HOLDS_MS).await? {
        let due_on: Date = chain.due_on.parse()?;
        let last_sent_on = chain.last_sent_on.as_deref().map(str::parse).transpose()?;
        match ladder.step(due_on, chain.reminders, last_sent_on, today, &calendar) {
            Some(Step::Remind(number)) => send_reminder(app, &chain, number, &on).await?,
            Some(Step::Propose) => propose(app, &chain, &on).await?,
            None => {}
        }
    }
    Ok(())
}

async fn send_reminder(app: &App, chain: &LateChain, number: i64, on: &str) -> Result<()> {
    if !app.store.add_inspection_reminder(chain.root_id, number, chain.unit_id, on).await? {
        return Ok(());
    }
    let params = [
        ("place", chain.place_name.clone()),
        ("n", chain.findings.to_string()),
        ("due", tell::day(&chain.due_on)),
        ("number", number.to_string()),
        ("most", REMINDERS.to_string()),
    ];
    for (to, who, href) in [
        (Recipient::Place(chain.place_id), "place", format!("/owner/places/{}", chain.place_id)),
        (Recipient::Unit(chain.unit_id), "unit", format!("/inspections/{}", chain.root_id)),
    ] {
        let words = tell::Words {
            key: format!("inspection:{}:reminder:{number}:{who}", chain.root_id),
            to,
            source: "Nhắc lần {number}/{most}: {place} còn {n} điều chưa được xác nhận đã khắc phục, hạn {due} đã qua.",
            params: &params,
            href,
            due_on: None,
            urgent: number == REMINDERS,
        };
        tell::post(app, words).await.map_err(|error| anyhow!("{error:?}"))?;
    }
    Ok(())
}

async fn propose(app: &App, chain: &LateChain, on: &str) -> Result<()> {
    let tree = app.tree().await?;
    let office = competent_office(&tree, chain.unit_id, chain.proposer_id);
    let place = (chain.place_id, chain.unit_id);
    let offices = (office, chain.proposer_id.or(chain.department_id));
    if !app.store.propose_suspension(new_id(), chain.root_id, place, offices, on).await? {
        return Ok(());
    }
    let params = [("place", chain.place_name.clone()), ("n", chain.findings.to_string())];
    let deciding =
        notify::deciding_recipients(app, &tree, office).await.map_err(|error| anyhow!("{error:?}"))?;
    let deciding = deciding
        .into_iter()
        .map(|to| (to, format!("office:{}", notify::key_of(to)), "/inspections/suspensions".to_owned()));
    let others = [
        (Recipient::Unit(chain.unit_id), "unit".to_owned(), format!("/inspections/{}", chain.root_id)),
        (Recipient::Place(chain.place_id), "place".to_owned(), format!("/owner/places/{}", chain.place_id)),
    ];
    // A place that its commune named as a department's is proposed in that department's name; by category alone a
    // department is told and reads along.
    let department = chain
        .department_id
        .map(|id| (Recipient::Unit(id), "department".to_owned(), "/inspections/suspensions".to_owned()));
    for (to, who, href) in deciding.chain(others).chain(department) {
        let words = tell::Words {
            key: format!("inspection:{}:proposal:{who}", chain.root_id),
            to,
            source: "Đề xuất tạm dừng hoạt động {place}: {n} điều chưa được xác nhận đã khắc phục sau ba lần nhắc.",
            params: &params,
            href,
            due_on: None,
            urgent: true,
        };
        tell::post(app, words).await.map_err(|error| anyhow!("{error:?}"))?;
    }
    Ok(())
}
