//! Steps of a proposal: handling, sending, decision, carried out. Each is taken once, and whoever raised it is told.

use std::collections::BTreeSet;

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{
    proposal::{Decision, State as Stand, Step},
    role::Role,
};
use jiff::civil::Date;
use store::{
    messages::{NewMessage, Recipient},
    proposals::ProposalChange,
    report_items::{Raiser, ReportItem},
};

use super::{
    draft::{WORDS_MAX, tidy},
    proposals::{ProposalForm, may_finish, render, visible},
};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    web::forms::Errors,
};

/// What is said when somebody else was first, or the page is old.
const ALREADY: &str = "Kiến nghị này đã chuyển sang bước khác; hãy xem lại tình trạng hiện nay.";

/// Most characters of a document's number and symbol.
const NUMBER_CHARS_MAX: usize = 60;

fn stand(item: &ReportItem) -> Stand {
    Stand::from_code(&item.state).unwrap_or(Stand::Raised)
}

/// The step's words, with what is wrong noted.
fn words(page: &Page, errors: &mut Errors, text: &str, empty: &'static str) -> String {
    let text = tidy(text);
    if text.is_empty() {
        errors.add("words", page.t(empty));
    } else if text.chars().count() > WORDS_MAX {
        let max = WORDS_MAX.to_string();
        errors.add("words", page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", max)]));
    }
    text
}

/// Number and symbol of a document, as in `1234/UBND-KGVX`; none when nothing was typed.
fn document_number(page: &Page, errors: &mut Errors, text: &str) -> Option<String> {
    let number = tidy(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if number.chars().count() > NUMBER_CHARS_MAX {
        let max = NUMBER_CHARS_MAX.to_string();
        errors.add("number", page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", max)]));
    }
    (!number.is_empty()).then_some(number)
}

/// Office and day, when typed; both asked for where `needed`.
async fn office_and_day(
    app: &App,
    page: &Page,
    errors: &mut Errors,
    form: &ProposalForm,
    needed: bool,
) -> Result<(Option<i64>, Option<String>)> {
    let tree = app.tree().await?;
    let office = form.office.parse::<i64>().ok().filter(|id| {
        tree.get(*id).is_some_and(|unit| matches!(unit.level.as_str(), "department" | "district"))
    });
    let day = form.due_on.parse::<Date>().ok();
    if office.is_none() && (needed || !form.office.is_empty()) {
        errors.add("office", page.t("Hãy chọn cơ quan thực hiện."));
    }
    match day {
        None if needed || !form.due_on.is_empty() => {
            errors.add("due_on", page.t("Hãy chọn ngày hoàn thành."));
        }
        Some(day) if day < app.clock.today() => {
            errors.add("due_on", page.t("Ngày hoàn thành phải từ hôm nay trở đi."));
        }
        _ => {}
    }
    Ok((office, day.map(|day| day.to_string())))
}

/// Sở TTTT writes the handling, and may send it to the Committee at once.
///
/// # Errors
/// Not found for all but Sở TTTT.
pub async fn handle(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ProposalForm>,
) -> Result {
    page.officer()?.require(&[Role::Reviewer])?;
    let (item, raisers) = visible(&app, &page, id).await?;
    let mut errors = Errors::default();
    let handling = words(&page, &mut errors, &form.words, "Hãy ghi hướng xử lý đề xuất.");
    let (office_id, due_on) = office_and_day(&app, &page, &mut errors, &form, false).await?;
    if !errors.is_empty() {
        return render(&app, &page, &item, &raisers, Some(&form), &errors).await;
    }
    let change = ProposalChange {
        handling: Some(handling.clone()),
        office_id,
        due_on,
        words: handling,
        ..ProposalChange::default()
    };
    if !step(&app, &page, &item, Step::ProposeHandling, &change).await? {
        return page.go(&format!("/proposals/{id}"), "info", ALREADY).await;
    }
    if form.action != "send" {
        return page.go(&format!("/proposals/{id}"), "good", "Đã lưu hướng xử lý.").await;
    }
    send_on(&app, &page, id).await
}

/// Sở TTTT sends a proposal with its handling to the Committee.
///
/// # Errors
/// Not found for all but Sở TTTT.
pub async fn send(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    page.officer()?.require(&[Role::Reviewer])?;
    visible(&app, &page, id).await?;
    send_on(&app, &page, id).await
}

async fn send_on(app: &App, page: &Page, id: i64) -> Result {
    let item = app.store.report_item(id).await?.ok_or(AppError::NotFound)?;
    let here = format!("/proposals/{id}");
    if !step(app, page, &item, Step::Send, &ProposalChange::default()).await? {
        return page.go(&here, "info", ALREADY).await;
    }
    for account in app.store.accounts().await? {
        if account.active && account.roles.iter().any(|role| role == Role::CommitteeReader.code()) {
            let key = format!("proposals:sent:{}:{}", account.id, app.clock.today());
            let source = "Sở TTTT trình kiến nghị mới, chờ UBND tỉnh quyết định.";
            tell(
                app,
                key,
                Recipient::Account(account.id),
                source,
                "{}".to_owned(),
                "/proposals?show=sent",
                None,
            )
            .await?;
        }
    }
    page.go("/proposals", "good", "Đã trình UBND tỉnh.").await
}

/// The Committee answers and decides.
///
/// # Errors
/// Not found for all but the Committee.
pub async fn decide(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ProposalForm>,
) -> Result {
    page.officer()?.require(&[Role::CommitteeReader])?;
    let (item, raisers) = visible(&app, &page, id).await?;
    if stand(&item) != Stand::Sent {
        return page.go(&format!("/proposals/{id}"), "info", ALREADY).await;
    }
    let mut errors = Errors::default();
    let decision = Decision::from_code(&form.decision);
    if decision.is_none() {
        errors.add("decision", page.t("Hãy chọn quyết định."));
    }
    // An acceptance may go without words; everything else must say why or what.
    let answer = match decision {
        Some(Decision::Accepted) if tidy(&form.words).is_empty() => page.t("Chấp thuận theo đề xuất."),
        _ => words(&page, &mut errors, &form.words, "Hãy ghi ý kiến trả lời."),
    };
    let number = document_number(&page, &mut errors, &form.number);
    let needed = decision.is_some_and(Decision::needs_office);
    let (office_id, due_on) =
        if needed { office_and_day(&app, &page, &mut errors, &form, true).await? } else { (None, None) };
    let Some(decision) = decision.filter(|_| errors.is_empty()) else {
        return render(&app, &page, &item, &raisers, Some(&form), &errors).await;
    };
    let change = ProposalChange {
        office_id,
        due_on: due_on.clone(),
        decision: Some(decision.code().to_owned()),
        answer: Some(answer.clone()),
        decision_number: number,
        words: answer.clone(),
        ..ProposalChange::default()
    };
    if !step(&app, &page, &item, Step::Decide(decision), &change).await? {
        return page.go(&format!("/proposals/{id}"), "info", ALREADY).await;
    }
    tell_decided(&app, &item, &raisers, decision, &answer, office_id, due_on).await?;
    page.go("/proposals?show=sent", "good", "Đã ghi quyết định; các đơn vị đã nêu được báo ngay.").await
}

/// The office in charge reports it carried out.
///
/// # Errors
/// Not found for all but the office in charge and Sở TTTT.
pub async fn finish(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ProposalForm>,
) -> Result {
    let (item, raisers) = visible(&app, &page, id).await?;
    if !may_finish(page.officer()?, &*app.tree().await?, &item) {
        return Err(AppError::NotFound);
    }
    let mut errors = Errors::default();
    let done = words(&page, &mut errors, &form.words, "Hãy ghi kết quả thực hiện.");
    if !errors.is_empty() {
        return render(&app, &page, &item, &raisers, Some(&form), &errors).await;
    }
    let change = ProposalChange { words: done.clone(), ..ProposalChange::default() };
    if !step(&app, &page, &item, Step::Finish, &change).await? {
        return page.go(&format!("/proposals/{id}"), "info", ALREADY).await;
    }
    let params = serde_json::json!({ "words": shortened(&item.words), "done": done }).to_string();
    for unit_id in units(&raisers) {
        let key = format!("proposal:{id}:done:{unit_id}");
        let source = "Kiến nghị “{words}” đã thực hiện xong: {done}";
        tell(&app, key, Recipient::Unit(unit_id), source, params.clone(), &format!("/proposals/{id}"), None)
            .await?;
    }
    page.go(&format!("/proposals/{id}"), "good", "Đã ghi kết quả thực hiện.").await
}

/// Takes a step where the state allows it; false when it does not, or when somebody else was first.
async fn step(
    app: &App,
    page: &Page,
    item: &ReportItem,
    step: Step,
    change: &ProposalChange,
) -> Result<bool> {
    let from = stand(item);
    let Some(to) = from.after(step) else { return Ok(false) };
    let (by, now) = (page.officer()?.id, app.now());
    Ok(app.store.step_proposal((item.id, new_id()), (from.code(), to.code()), change, by, now).await?)
}

fn units(raisers: &[Raiser]) -> BTreeSet<i64> {
    raisers.iter().map(|raiser| raiser.unit_id).collect()
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    if short.chars().count() < text.chars().count() { format!("{short}…") } else { short }
}

/// Tells every unit that raised it, and the office in charge.
async fn tell_decided(
    app: &App,
    item: &ReportItem,
    raisers: &[Raiser],
    decision: Decision,
    answer: &str,
    office_id: Option<i64>,
    due_on: Option<String>,
) -> Result<()> {
    let (href, day) = (format!("/proposals/{}", item.id), app.now());
    let params = serde_json::json!({
        "words": shortened(&item.words), "decision": decision.label(), "answer": answer,
    });
    for unit_id in units(raisers) {
        let key = format!("proposal:{}:decided:{day}:{unit_id}", item.id);
        let source = "UBND tỉnh trả lời kiến nghị “{words}”: {decision}. {answer}";
        tell(app, key, Recipient::Unit(unit_id), source, params.to_string(), &href, None).await?;
    }
    if let Some(office_id) = office_id {
        let key = format!("proposal:{}:office:{day}", item.id);
        let source = "UBND tỉnh giao thực hiện kiến nghị “{words}”: {answer}";
        tell(app, key, Recipient::Unit(office_id), source, params.to_string(), &href, due_on).await?;
    }
    // Sở TTTT sent it up: it learns of every decision.
    let source = match decision {
        Decision::MoreInformation => "UBND tỉnh yêu cầu bổ sung về kiến nghị “{words}”: {answer}",
        _ => "UBND tỉnh trả lời kiến nghị “{words}”: {decision}. {answer}",
    };
    for account in app.store.accounts().await? {
        if account.active && account.roles.iter().any(|role| role == Role::Reviewer.code()) {
            let key = format!("proposal:{}:desk:{day}:{}", item.id, account.id);
            tell(app, key, Recipient::Account(account.id), source, params.to_string(), &href, None).await?;
        }
    }
    Ok(())
}

async fn tell(
    app: &App,
    dedup_key: String,
    to: Recipient,
    source: &'static str,
    params: String,
    href: &str,
    due_on: Option<String>,
) -> Result<()> {
    let (source, href) = (source.to_owned(), href.to_owned());
    let message = NewMessage { id: new_id(), dedup_key, to, source, params, href, urgent: false, due_on };
    app.store.post_message(&message, app.now()).await?;
    Ok(())
}
