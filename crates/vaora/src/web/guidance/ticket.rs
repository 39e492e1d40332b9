//! One ticket: its thread, and what its asker or its office may do next.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{
    role::Role,
    support::{Act, REOPEN_DAYS, Reason, State as TicketState, acknowledge_by, office_above},
    time::DAY_MS,
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::{
    messages::Recipient,
    tickets::{Post, Ticket, TicketChange},
};

use super::{form_id, prose, reasons, support, support_new::WORDS_CHARS_MAX, support_new::post_view};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    jobs::remind::calendar,
    notify,
    page::Page,
    web::{forms::Errors, owner},
};

/// What an asker may add at most before the office says something.
const UNANSWERED_MAX: usize = 5;
/// Posts of a ticket after which its asker adds nothing more.
const POSTS_MAX: usize = 200;

/// Who looks at a ticket, and what he may do.
struct Viewer {
    is_owner: bool,
    asks: bool,
    answers: bool,
    may_publish: bool,
    account_id: Option<i64>,
    unit_id: Option<i64>,
}

impl Viewer {
    fn base(&self) -> &'static str {
        if self.is_owner { "/owner/support" } else { "/support" }
    }
}

async fn viewed(app: &App, page: &Page, id: i64) -> Result<(Viewer, Ticket)> {
    let ticket = app.store.ticket(id).await?.ok_or(AppError::NotFound)?;
    if page.path.starts_with("/owner/") {
        let owner = owner::require(app, page).await?;
        let place = app.store.place(ticket.place_id.ok_or(AppError::NotFound)?).await?;
        if ticket.account_id.is_some() || place.is_none_or(|place| place.owner_index != owner.index) {
            return Err(AppError::NotFound);
        }
        let viewer = Viewer {
            is_owner: true,
            asks: true,
            answers: false,
            may_publish: false,
            account_id: None,
            unit_id: None,
        };
        return Ok((viewer, ticket));
    }
    let officer = page.officer()?;
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Err(AppError::NotFound);
    }
    let tree = app.tree().await?;
    if ticket.office_id != officer.unit_id {
        officer.require_unit(&tree, ticket.unit_id)?;
    }
    let viewer = Viewer {
        is_owner: false,
        asks: support::is_asker(officer, &ticket),
        answers: support::may_answer(&tree, officer, &ticket),
        may_publish: officer.has(Role::Reviewer),
        account_id: Some(officer.id),
        unit_id: Some(officer.unit_id),
    };
    Ok((viewer, ticket))
}

/// Shows a ticket.
///
/// # Errors
/// Not found when it is not the viewer's.
pub async fn show(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (viewer, ticket) = viewed(&app, &page, id).await?;
    render(&app, &page, &viewer, &ticket, "", &Errors::default()).await
}

/// True when the act is for this viewer and for the ticket as it stands.
fn is_open_to(viewer: &Viewer, ticket: &Ticket, act: Act, now: i64) -> bool {
    let Some(state) = TicketState::from_code(&ticket.state) else { return false };
    let by_him = if act.is_of_office() { viewer.answers } else { viewer.asks };
    let ended = ticket.closed_at.or(ticket.solved_at).unwrap_or(now);
    let in_time = act != Act::Reopen || now - ended <= REOPEN_DAYS * DAY_MS;
    // An office that asks itself answers; it does not talk to itself as its asker too.
    let twofold = viewer.answers && viewer.asks && act == Act::Reply;
    by_him && in_time && !twofold && act.after(state).is_some()
}

async fn render(
    app: &App,
    page: &Page,
    viewer: &Viewer,
    ticket: &Ticket,
    words: &str,
    errors: &Errors,
) -> Result {
    let tree = app.tree().await?;
    let now = app.now();
    let posts: Vec<Value> = app
        .store
        .ticket_posts(ticket.id)
        .await?
        .iter()
        .map(|post| post_view(page, &tree, post, viewer.is_owner))
        .collect();
    let above = office_above(&tree, ticket.office_id);
    let acts: Vec<Act> = Act::ALL
        .into_iter()
        .filter(|act| is_open_to(viewer, ticket, *act, now) && (*act != Act::Escalate || above.is_some()))
        .collect();
    let button = |act: &Act| context! { code => act.code(), label => page.t(reasons::act_button(*act)) };
    let talk = [Act::Answer, Act::Solve, Act::Ask, Act::Reply, Act::Reopen];
    let solved = TicketState::from_code(&ticket.state).is_some_and(|state| !state.is_open());
    let published = if viewer.may_publish { app.store.faq_of_ticket(ticket.id).await? } else { None };
    let values = context! {
        base => viewer.base(), is_owner => viewer.is_owner, post_id => new_id().to_string(), posts, words,
        ticket => support::row(page, &tree, ticket, &app.clock.today().to_string(), now),
        facts => context! {
            place_id => ticket.place_id.map(|id| id.to_string()), first_answer_ms => ticket.answered_at.map(|at| at - ticket.opened_at),
            first_answer_hours => hours(ticket.opened_at, ticket.answered_at),
            solved_hours => hours(ticket.opened_at, ticket.solved_at.or(ticket.closed_at)),
            reopened => ticket.reopened,
        },
        guide => Reason::from_code(&ticket.reason).unwrap_or(Reason::Other).guide(),
        talk => talk.iter().filter(|act| acts.contains(act)).map(button).collect::<Vec<_>>(),
        plain => [Act::Take, Act::Close].iter().filter(|act| acts.contains(act)).map(button).collect::<Vec<_>>(),
        above => above.filter(|_| acts.contains(&Act::Escalate)).map(|id| tree.name(id).to_owned()),
        may_publish => viewer.may_publish && solved,
        published => published.map(|entry| context! { id => entry.id.to_string(), question => entry.question, answer => entry.answer }),
        errors => errors.view(), words_max => WORDS_CHARS_MAX,
    };
    page.show("ticket.html", values).await
}

fn hours(from: i64, until: Option<i64>) -> Option<i64> {
    until.map(|until| (until - from + 1_800_000) / 3_600_000)
}

/// What is done, and the words with it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ActForm {
    act: String,
    post: String,
    words: String,
}

/// Does something with a ticket.
///
/// # Errors
/// Not found when it is not the viewer's; a bad request when it is not for the ticket as it stands.
pub async fn act(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ActForm>,
) -> Result {
    let (viewer, ticket) = viewed(&app, &page, id).await?;
    if !viewer.asks && !viewer.answers {
        return Err(AppError::NotFound);
    }
    let here = format!("{}/{id}", viewer.base());
    const GONE: AppError =
        AppError::BadRequest("Phiếu đã đổi trạng thái. Hãy xem lại rồi làm tiếp nếu vẫn cần.");
    let Some(act) = Act::from_code(&form.act) else { return page.back(&here, GONE).await };
    let post_id = form_id(&form.post);
    let posts = app.store.ticket_posts(id).await?;
    if posts.iter().any(|post| post.id == post_id) {
        return page.go(&here, "good", "Đã gửi.").await;
    }
    let mut errors = Errors::default();
    let words = prose(&page, &mut errors, "words", &form.words, WORDS_CHARS_MAX, act.needs_words());
    if !errors.is_empty() {
        return render(&app, &page, &viewer, &ticket, &form.words, &errors).await;
    }
    if !is_open_to(&viewer, &ticket, act, app.now()) {
        page.flash("bad", "Phiếu đã đổi trạng thái. Hãy xem lại rồi làm tiếp nếu vẫn cần.").await?;
        return render(&app, &page, &viewer, &ticket, &form.words, &errors).await;
    }
    if let Some(text) = too_many(&posts, act) {
        page.flash("bad", text).await?;
        return render(&app, &page, &viewer, &ticket, &form.words, &errors).await;
    }
    if !carry_out(&app, &viewer, &ticket, act, post_id, &words).await? {
        return page.back(&here, GONE).await;
    }
    page.go(&here, "good", "Đã gửi.").await
}

/// Why an asker may not add to a ticket: so much was said since the office's last word, or in all. Closing goes
/// always.
fn too_many(posts: &[Post], act: Act) -> Option<&'static str> {
    if act.is_of_office() || act == Act::Close {
        return None;
    }
    if posts.len() >= POSTS_MAX {
        return Some("Phiếu này đã quá dài. Hãy đóng phiếu rồi gửi phiếu mới nếu vẫn cần.");
    }
    let by_office = |post: &&Post| Act::from_code(&post.act).is_some_and(Act::is_of_office);
    let since = posts.iter().rev().take_while(|post| !by_office(post)).filter(|post| post.act != "open");
    (since.count() >= UNANSWERED_MAX)
        .then_some("Anh/chị đã gửi nhiều lần mà đơn vị chưa trả lời. Xin đợi trả lời rồi hãy gửi tiếp.")
}

async fn carry_out(
    app: &App,
    viewer: &Viewer,
    ticket: &Ticket,
    act: Act,
    post_id: i64,
    words: &str,
) -> Result<bool> {
    let tree = app.tree().await?;
    let state = TicketState::from_code(&ticket.state).unwrap_or(TicketState::New);
    let Some(to) = act.after(state) else { return Ok(false) };
    let office_id = match act {
        Act::Escalate => match office_above(&tree, ticket.office_id) {
            Some(above) => above,
            None => return Ok(false),
        },
        _ => ticket.office_id,
    };
    let anew = matches!(act, Act::Escalate | Act::Reopen);
    let ack_due_on = match anew {
        true => Some(acknowledge_by(&calendar(app).await?, app.clock.today()).to_string()),
        false => None,
    };
    let change = TicketChange {
        ticket_id: ticket.id,
        from: &ticket.state,
        from_office: ticket.office_id,
        to: to.code(),
        office_id,
        ack_due_on,
        act: act.code(),
        by_office: act.is_of_office(),
        account_id: viewer.account_id,
        unit_id: viewer.unit_id,
        post_id,
        words,
    };
    if !app.store.change_ticket(&change, app.now()).await? {
        return Ok(false);
    }
    // What an asker adds is told once a day, however often it comes.
    let key = match act {
        Act::Reply => format!("ticket:{}:reply:{}", ticket.id, app.clock.today()),
        _ => format!("ticket:{}:{post_id}", ticket.id),
    };
    tell(app, ticket, act, office_id, key).await?;
    Ok(true)
}

/// Tells the other side.
async fn tell(app: &App, ticket: &Ticket, act: Act, office_id: i64, key: String) -> Result<()> {
    let reason = reasons::label(Reason::from_code(&ticket.reason).unwrap_or(Reason::Other));
    let asker = match (ticket.account_id, ticket.place_id) {
        (None, Some(place_id)) => (Recipient::Place(place_id), format!("/owner/support/{}", ticket.id)),
        _ => (Recipient::Unit(ticket.unit_id), format!("/support/{}", ticket.id)),
    };
    let office = (Recipient::Unit(office_id), format!("/support/{}", ticket.id));
    let ((to, href), source) = match act {
        Act::Take => (asker, "Phiếu hỗ trợ “{reason}” đã có người nhận."),
        Act::Answer => (asker, "Phiếu hỗ trợ “{reason}” có trả lời mới."),
        Act::Ask => (asker, "Phiếu hỗ trợ “{reason}”: đơn vị hỏi lại, xin trả lời."),
        Act::Solve => (asker, "Phiếu hỗ trợ “{reason}” đã được giải quyết. Nếu chưa xong, xin mở lại."),
        Act::Reply => (office, "Người gửi phiếu “{reason}” vừa bổ sung."),
        Act::Close => (office, "Người gửi đã đóng phiếu “{reason}”."),
        Act::Reopen => (office, "Người gửi mở lại phiếu “{reason}”: việc chưa xong."),
        Act::Escalate => (office, "Phiếu hỗ trợ “{reason}” được cấp dưới chuyển lên."),
    };
    notify::post(app, notify::message(key, to, source, &[("reason", reason)], href)).await
}
