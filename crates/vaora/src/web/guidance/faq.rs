//! Frequent questions: those built in, and those published from solved tickets by Sở TTTT.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{
    role::Role,
    support::{Reason, State as TicketState},
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::tickets::FaqEntry;

use super::{prose, reasons};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    web::forms::Errors,
};

/// Published questions that the page shows.
const SHOWN_MAX: i64 = 200;
/// Longest question, in characters.
const QUESTION_MAX: usize = 300;
/// Longest answer, in characters.
const ANSWER_MAX: usize = 2000;

/// Shows the questions.
///
/// # Errors
/// When the store refuses.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let entries = app.store.faq_entries(SHOWN_MAX).await?;
    let is_reviewer = page.officer.as_ref().is_some_and(|officer| officer.has(Role::Reviewer));
    let groups: Vec<Value> = Reason::ALL
        .iter()
        .filter(|reason| **reason != Reason::Other)
        .map(|reason| {
            let asked: Vec<Value> = entries.iter().filter(|e| e.reason == reason.code()).map(view).collect();
            context! {
                code => reason.code(), label => page.t(reasons::label(*reason)),
                help => page.t(reasons::help(*reason)), guide => reason.guide(), asked,
            }
        })
        .collect();
    let other: Vec<Value> = entries
        .iter()
        .filter(|e| Reason::from_code(&e.reason).is_none_or(|r| r == Reason::Other))
        .map(view)
        .collect();
    page.show("faq.html", context! { groups, other, is_reviewer }).await
}

fn view(entry: &FaqEntry) -> Value {
    context! {
        id => entry.id.to_string(), question => &entry.question, answer => &entry.answer,
        published_at => entry.published_at,
    }
}

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FaqForm {
    question: String,
    answer: String,
}

/// Publishes a question from a solved ticket, or changes it.
///
/// # Errors
/// Not found for all but reviewers.
pub async fn publish(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<FaqForm>,
) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Reviewer])?;
    let ticket = app.store.ticket(id).await?.ok_or(AppError::NotFound)?;
    let here = format!("/support/{id}");
    if TicketState::from_code(&ticket.state).is_none_or(TicketState::is_open) {
        let open = AppError::BadRequest("Phiếu chưa giải quyết xong nên chưa đưa lên được.");
        return page.back(&here, open).await;
    }
    let mut errors = Errors::default();
    let question = prose(&page, &mut errors, "question", &form.question, QUESTION_MAX, true);
    let answer = prose(&page, &mut errors, "answer", &form.answer, ANSWER_MAX, true);
    if has_phone(&question) || has_phone(&answer) {
        errors
            .add("answer", page.t("Trong câu hỏi hoặc trả lời có số điện thoại hay số giấy tờ; hãy bỏ đi."));
    }
    if !errors.is_empty() {
        let values = context! {
            here => &here, question => &form.question, answer => &form.answer, errors => errors.view(),
        };
        return page.show("faq_edit.html", values).await;
    }
    let entry = FaqEntry {
        id: new_id(),
        ticket_id: Some(id),
        reason: ticket.reason,
        question,
        answer,
        published_at: app.now(),
    };
    app.store.publish_faq(&entry, officer.id).await?;
    page.go("/guides/faq", "good", "Đã đưa lên trang Câu hỏi thường gặp.").await
}

/// True for a text with nine digits or more in a row, spaces and dots aside: a phone or a card.
fn has_phone(text: &str) -> bool {
    let mut run = 0;
    text.chars().any(|letter| {
        match letter {
            '0'..='9' => run += 1,
            ' ' | '.' | '-' => {}
            _ => run = 0,
        }
        run >= 9
    })
}

/// Takes a question off the page.
///
/// # Errors
/// Not found for all but reviewers.
pub async fn withdraw(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    page.officer()?.require(&[Role::Reviewer])?;
    app.store.withdraw_faq(id, app.now()).await?;
    page.go("/guides/faq", "good", "Đã gỡ câu hỏi.").await
}

#[cfg(test)]
mod tests {
    use super::has_phone;

    #[test]
    fn numbers_of_people_are_seen() {
        assert!(has_phone("gọi 0912 345 678 nhé"));
        assert!(has_phone("066095001234"));
        assert!(!has_phone("cao 130 cm, khổ 15 × 15 cm, ngày 12/11/2021"));
    }
}
