//! Proposals: those that wait for the reader first, one page for the Committee to decide on, and one a proposal.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use domain::{
    admin_unit::UnitTree,
    difficulty::Topic,
    proposal::{Decision, State as Stand, Step},
    role::Role,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::report_items::{Raiser, ReportItem};

use super::{READERS, desk, merge::named, period_view};
use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    page::Page,
    tree,
    web::forms::Errors,
};

/// Proposals on one page.
const PAGE_ROWS: i64 = 25;

/// Which proposals.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    show: String,
    page: String,
}

/// A form of a proposal as typed: one for all its steps, so that nothing typed is lost.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct ProposalForm {
    /// Handling, answer or what was done.
    pub words: String,
    /// Office in charge.
    pub office: String,
    /// Day by which it is carried out.
    pub due_on: String,
    /// The Committee's decision.
    pub decision: String,
    /// Number and symbol of the document by which it decided.
    pub number: String,
    /// `send` to send the handling to the Committee at once.
    pub action: String,
}

/// A list: its code, its words and the states in it.
type List = (&'static str, &'static str, [&'static str; 3]);

const LISTS: [List; 4] = [
    ("open", "Chờ hướng xử lý", ["raised", "handling_proposed", "more_information"]),
    ("sent", "Chờ UBND tỉnh quyết định", ["sent", "sent", "sent"]),
    ("in_hand", "Đang thực hiện", ["in_hand", "in_hand", "in_hand"]),
    ("ended", "Đã xong, không chấp thuận", ["done", "refused", "done"]),
];

/// Lists proposals: for Sở TTTT and the Committee those of the province, for others their own.
///
/// # Errors
/// Not found for those without a role that reads reports.
pub async fn list(State(app): State<App>, page: Page, Query(which): Query<Which>) -> Result {
    let officer = page.officer()?.clone();
    officer.require(&READERS)?;
    let whole = officer.has(Role::Reviewer) || officer.has(Role::CommitteeReader);
    let values = if whole {
        of_province(&app, &page, &officer, &which).await?
    } else {
        own(&app, &page, &officer, &which).await?
    };
    page.show("proposals.html", values).await
}

async fn of_province(app: &App, page: &Page, officer: &Officer, which: &Which) -> Result<Value> {
    let decides = officer.has(Role::CommitteeReader);
    let usual = if decides { "sent" } else { "open" };
    let list = LISTS.iter().find(|(code, _, _)| *code == which.show);
    let (code, _, states) =
        *list.or_else(|| LISTS.iter().find(|(code, ..)| *code == usual)).unwrap_or(&LISTS[0]);
    let tree = app.tree().await?;
    let counts = app.store.proposal_counts(&app.clock.today().to_string()).await?;
    let of = |states: &[&str]| -> i64 {
        counts.iter().filter(|one| states.contains(&one.state.as_str())).map(|one| one.proposals).sum()
    };
    let tabs: Vec<Value> = LISTS
        .iter()
        .map(|(one, label, states)| {
            let count = crate::render::group_thousands_in(page.lang, of(states));
            context! {
                href => format!("/proposals?show={one}"), label => format!("{} ({count})", page.t(label)),
                active => *one == code,
            }
        })
        .collect();
    let total = of(&states);
    let pages = total.div_euclid(PAGE_ROWS) + i64::from(total % PAGE_ROWS != 0);
    let number = which.page.parse::<i64>().unwrap_or(1).clamp(1, pages.max(1));
    let items = app.store.proposals(states, PAGE_ROWS, (number - 1) * PAGE_ROWS).await?;
    let raisers = app.store.raisers_of_proposals(states).await?;
    Ok(context! {
        tabs, items => views(app, page, &tree, &items, &raisers), total, pages, number,
        base => format!("/proposals?show={code}&page="), show => code,
        may_decide => decides && code == "sent", may_handle => officer.has(Role::Reviewer),
        decisions => decisions(page), offices => offices(&tree), whole => true,
    })
}

async fn own(app: &App, page: &Page, officer: &Officer, which: &Which) -> Result<Value> {
    let tree = app.tree().await?;
    let mine = which.show == "mine";
    let items = if mine {
        app.store.proposals_in_hand_of(officer.unit_id, 100).await?
    } else {
        app.store.proposals_raised_by(officer.unit_id, 100).await?
    };
    let tab = |show: &str, label: &str, active: bool| context! { href => format!("/proposals?show={show}"), label => page.t(label), active };
    Ok(context! {
        tabs => vec![tab("raised", "Đơn vị đã nêu", !mine), tab("mine", "Giao đơn vị thực hiện", mine)],
        total => items.len(), items => views(app, page, &tree, &items, &[]), pages => 1, number => 1,
        base => "/proposals?page=", show => if mine { "mine" } else { "raised" }, whole => false,
    })
}

fn views(app: &App, page: &Page, tree: &UnitTree, items: &[ReportItem], raisers: &[Raiser]) -> Vec<Value> {
    let mut by_root: HashMap<i64, Vec<&Raiser>> = HashMap::new();
    for raiser in raisers {
        by_root.entry(raiser.root_id).or_default().push(raiser);
    }
    items
        .iter()
        .map(|item| {
            let raisers = by_root.get(&item.id).map(|raisers| named(tree, raisers));
            context! { raisers, ..view(app, page, tree, item) }
        })
        .collect()
}

fn view(app: &App, page: &Page, tree: &UnitTree, item: &ReportItem) -> Value {
    let state = Stand::from_code(&item.state).unwrap_or(Stand::Raised);
    let due = item.due_on.as_deref().and_then(|due| due.parse().ok());
    let tone = match state {
        Stand::Raised | Stand::MoreInformation => "warn",
        Stand::HandlingProposed | Stand::Sent | Stand::InHand => "info",
        Stand::Done => "good",
        Stand::Refused => "",
    };
    let topic = Topic::from_code(&item.topic).map_or("", Topic::label);
    let decision = item.decision.as_deref().and_then(Decision::from_code);
    context! {
        id => item.id.to_string(), words => item.words.clone(), topic => page.t(topic),
        state => context! { code => state.code(), text => page.t(state.label()), tone },
        handling => item.handling.clone(), office => item.office_id.map(|id| tree.name(id).to_owned()),
        office_id => item.office_id.map(|id| id.to_string()), due => item.due_on.clone(),
        overdue => state.is_overdue(due, app.clock.today()), answer => item.answer.clone(),
        decision => decision.map(|one| page.t(one.label())), decided_at => item.decided_at, number => item.decision_number.clone(),
        is_merged => item.report_id.is_none(), made_at => item.made_at,
    }
}

fn decisions(page: &Page) -> Vec<Value> {
    Decision::ALL.iter().map(|one| context! { value => one.code(), label => page.t(one.label()) }).collect()
}

/// Offices that can be put in charge: departments and districts.
fn offices(tree: &UnitTree) -> Vec<Value> {
    tree::options(tree, |unit| matches!(unit.level.as_str(), "department" | "district"))
        .into_iter()
        .map(|(id, label)| context! { value => id.to_string(), label })
        .collect()
}

/// A proposal that the officer may see, with who raised it.
///
/// # Errors
/// Not found for others.
pub(super) async fn visible(app: &App, page: &Page, id: i64) -> Result<(ReportItem, Vec<Raiser>)> {
    let officer = page.officer()?;
    officer.require(&READERS)?;
    let item = app.store.report_item(id).await?.filter(|item| item.kind == "proposal");
    let item = item.ok_or(AppError::NotFound)?;
    let tree = app.tree().await?;
    let raisers = app.store.raisers_of_item(item.root_id).await?;
    let root = officer.root(&tree);
    let within = |unit_id: i64| tree.is_within(unit_id, root);
    let whole = officer.has(Role::Reviewer) || officer.has(Role::CommitteeReader);
    let report = match item.report_id {
        Some(report_id) => app.store.report(report_id).await?,
        None => None,
    };
    let in_report = report.as_ref().is_none_or(|report| report.state == "accepted");
    let is_sent = in_report || report.as_ref().is_some_and(|report| report.state == "submitted");
    let raised = |unit_id: i64| unit_id == officer.unit_id || (is_sent && within(unit_id));
    let own = raisers.iter().any(|raiser| raised(raiser.unit_id)) || item.office_id.is_some_and(within);
    // What a unit has not sent, or what was not taken yet, is nobody else's.
    if (whole && in_report) || (!whole && own) { Ok((item, raisers)) } else { Err(AppError::NotFound) }
}

/// Shows a proposal with its way and the forms that are open to the officer.
///
/// # Errors
/// Not found for those whom it does not concern.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (item, raisers) = visible(&app, &page, id).await?;
    render(&app, &page, &item, &raisers, None, &Errors::default()).await
}

/// Shows a proposal, with a form as it was typed.
pub(super) async fn render(
    app: &App,
    page: &Page,
    item: &ReportItem,
    raisers: &[Raiser],
    typed: Option<&ProposalForm>,
    errors: &Errors,
) -> Result {
    let officer = page.officer()?;
    let tree = app.tree().await?;
    let state = Stand::from_code(&item.state).unwrap_or(Stand::Raised);
    let standing = item.merged_into.is_none();
    let open = |step: Step| standing && state.after(step).is_some();
    let accounts = app.store.accounts().await?;
    let name = |id: i64| accounts.iter().find(|one| one.id == id).map(|one| one.name.clone());
    let steps = app.store.proposal_steps(item.id).await?;
    let steps: Vec<Value> = steps
        .into_iter()
        .map(|step| {
            let label = Stand::from_code(&step.state).map_or("", Stand::label);
            context! { state => page.t(label), words => step.words, by => name(step.made_by), at => step.made_at }
        })
        .collect();
    let period = app.store.report_period(item.period_id).await?;
    let form = typed.cloned().unwrap_or_else(|| ProposalForm {
        words: if officer.has(Role::Reviewer) { item.handling.clone() } else { String::new() },
        office: item.office_id.map(|id| id.to_string()).unwrap_or_default(),
        due_on: item.due_on.clone().unwrap_or_default(),
        decision: String::new(),
        number: String::new(),
        action: String::new(),
    });
    let values = context! {
        item => view(app, page, &tree, item), steps,
        root => item.merged_into.map(|_| item.root_id.to_string()),
        period => period.as_ref().map(|period| period_view(page, period)),
        raisers => raisers.iter().map(|one| context! {
            unit => tree.name(one.unit_id), words => one.words.clone(), report => one.report_id.to_string(),
        }).collect::<Vec<_>>(),
        may_handle => officer.has(Role::Reviewer) && open(Step::ProposeHandling),
        may_send => officer.has(Role::Reviewer) && open(Step::Send),
        may_decide => officer.has(Role::CommitteeReader) && open(Step::Decide(Decision::Accepted)),
        may_finish => may_finish(officer, &tree, item) && open(Step::Finish),
        decisions => decisions(page), offices => offices(&tree), errors => errors.view(),
        form => context! {
            words => form.words, office => form.office, due_on => form.due_on, decision => form.decision,
            number => form.number,
        },
    };
    page.show("proposal.html", values).await
}

/// The office in charge reports what was carried out; Sở TTTT may do it for one without an account.
pub(super) fn may_finish(officer: &Officer, tree: &UnitTree, item: &ReportItem) -> bool {
    officer.has(Role::Reviewer) || (desk(officer, tree).is_some() && desk(officer, tree) == item.office_id)
}
