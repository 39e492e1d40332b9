//! What follows findings: the place answers, an office confirms or does not, or orders another visit.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::inspection::risk::Why;
use serde::Deserialize;
use store::{findings::Finding, inspections::Inspection, messages::Recipient};

use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    limits::TEXT_CHARS_MAX,
    page::Page,
    web::{
        inspections::{Desk, id_of, may_follow, plan, show, tell},
        place_edit::{self, Viewer},
    },
};

/// Working days until another visit.
const AGAIN_DAYS: u32 = 1;

/// What an owner did.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AnswerForm {
    answer: String,
}

/// The owner says that a finding was mended, in words.
///
/// # Errors
/// Not found for places that are not the owner's.
pub async fn answer(
    State(app): State<App>,
    page: Page,
    Path((id, finding)): Path<(String, String)>,
    Form(form): Form<AnswerForm>,
) -> Result {
    let (viewer, place) = place_edit::viewed(&app, &page, id_of(&id)?).await?;
    let Viewer::Owner = viewer else { return Err(AppError::NotFound) };
    let to = format!("/owner/places/{id}#inspection");
    let found = app.store.finding(id_of(&finding)?).await?.filter(|one| one.place_id == place.id);
    let Some(found) = found else { return Err(AppError::NotFound) };
    let answer = form.answer.split_whitespace().collect::<Vec<_>>().join(" ");
    if answer.is_empty() {
        return page.go(&to, "bad", "Hãy ghi ngắn gọn đã làm gì, ví dụ: Đã dán lại ở cửa sau.").await;
    }
    let answer: String = answer.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect();
    if !app.store.answer_finding(found.id, &answer, app.now()).await? {
        return page.go(&to, "warn", "Tồn tại này đã được xác nhận là khắc phục xong.").await;
    }
    let params = [("place", place.name.clone())];
    let words = tell::Words {
        key: format!("finding:{}:answered:{}", found.id, app.clock.today()),
        to: Recipient::Unit(place.unit_id),
        source: "{place} báo đã khắc phục; đề nghị xác nhận hoặc kiểm tra lại.",
        params: &params,
        href: format!("/inspections/{}", found.root_id),
        due_on: None,
        urgent: false,
    };
    tell::post(&app, words).await?;
    page.go(&to, "good", "Đã gửi. Xã, phường sẽ xác nhận hoặc đến xem lại.").await
}

/// The finding of a page, for those who follow it up.
async fn followed(app: &App, page: &Page, id: &str) -> Result<(Desk, Finding)> {
    let finding = app.store.finding(id_of(id)?).await?.ok_or(AppError::NotFound)?;
    let (desk, root) = show::read(app, page, &finding.root_id.to_string()).await?;
    may_follow(&desk.officer, &desk.tree, finding.unit_id, root.inspector_id)?;
    Ok((desk, finding))
}

/// An officer saw that a finding was mended.
///
/// # Errors
/// Not found for those who do not follow it up.
pub async fn close(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let (desk, finding) = followed(&app, &page, &id).await?;
    let to = format!("/inspections/{}", finding.root_id);
    let today = app.clock.today().to_string();
    if !app.store.close_finding(finding.id, desk.officer.id, &today).await? {
        return page.go(&to, "warn", "Tồn tại này đã được xác nhận trước đó.").await;
    }
    tell::mended(&app, finding.place_id).await?;
    tell_place(&app, &finding, "closed", "Đã xác nhận khắc phục một tồn tại ở {place}. Cảm ơn cơ sở.")
        .await?;
    page.go(&to, "good", "Đã xác nhận khắc phục xong.").await
}

/// An officer saw that it was not.
///
/// # Errors
/// Not found for those who do not follow it up.
pub async fn reopen(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let (_, finding) = followed(&app, &page, &id).await?;
    let to = format!("/inspections/{}", finding.root_id);
    if !app.store.reopen_finding(finding.id).await? {
        return page.go(&to, "warn", "Tồn tại này không ở trạng thái chờ xác nhận.").await;
    }
    tell_place(
        &app,
        &finding,
        "reopened",
        "Một tồn tại ở {place} chưa khắc phục xong; xin xem lại và làm tiếp.",
    )
    .await?;
    page.go(&to, "good", "Đã ghi là chưa đạt; cơ sở được báo.").await
}

async fn tell_place(app: &App, finding: &Finding, what: &str, source: &str) -> Result<()> {
    let params = [("place", finding.place_name.clone())];
    let words = tell::Words {
        key: format!("finding:{}:{what}:{}", finding.id, app.clock.today()),
        to: Recipient::Place(finding.place_id),
        source,
        params: &params,
        href: format!("/owner/places/{}", finding.place_id),
        due_on: None,
        urgent: false,
    };
    tell::post(app, words).await
}

/// Orders another visit, by the same inspector, or by who orders it when the inspector's account was closed.
///
/// # Errors
/// Not found for those who do not follow the inspection up.
pub async fn again(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let (desk, old) = show::read(&app, &page, &id).await?;
    may_follow(&desk.officer, &desk.tree, old.unit_id, old.inspector_id)?;
    let to = format!("/inspections/{id}");
    if old.state != "done" {
        return page.go(&to, "bad", "Nơi này chưa kiểm tra lần đầu.").await;
    }
    let calendar = plan::calendar(&app).await?;
    let day = calendar.after(app.clock.today(), AGAIN_DAYS).to_string();
    let before = app.store.account(old.inspector_id.unwrap_or(desk.officer.id)).await?;
    let inspector = before.filter(|account| account.active).map_or(desk.officer.id, |account| account.id);
    let visit = Inspection {
        id: new_id(),
        plan_id: None,
        inspector_id: Some(inspector),
        day_on: Some(day.clone()),
        reasons: Why::Again.to_text(),
        score: 0,
        done_on: None,
        ..old
    };
    if !app.store.add_inspection(&visit, app.now()).await? {
        return page.go(&to, "warn", "Nơi này đã có một lượt kiểm tra chờ thực hiện.").await;
    }
    let params = [("place", visit.place_name.clone()), ("date", tell::day(&day))];
    let words = tell::Words {
        key: format!("inspection:{}:again", visit.id),
        to: Recipient::Account(inspector),
        source: "Anh/chị được giao kiểm tra lại {place}, ngày {date}.",
        params: &params,
        href: format!("/inspections/{}", visit.id),
        due_on: Some(day),
        urgent: false,
    };
    tell::post(&app, words).await?;
    page.go(&format!("/inspections/{}", visit.id), "good", "Đã giao kiểm tra lại.").await
}

/// An office goes to a place by itself, today.
///
/// # Errors
/// Not found for all but offices with the place in their subtree.
pub async fn start(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let (viewer, place) = place_edit::viewed(&app, &page, id_of(&id)?).await?;
    let Viewer::Office { id: officer_id, decides: true, .. } = viewer else { return Err(AppError::NotFound) };
    if place.state != "approved" {
        return page.go(&format!("/places/{id}"), "bad", "Chỉ kiểm tra nơi đã được duyệt.").await;
    }
    let visit = Inspection {
        id: new_id(),
        plan_id: None,
        place_id: place.id,
        unit_id: place.unit_id,
        inspector_id: Some(officer_id),
        day_on: Some(app.clock.today().to_string()),
        state: "planned".to_owned(),
        score: 0,
        reasons: Why::Own.to_text(),
        root_id: 0,
        done_on: None,
        place_name: place.name,
        address: place.address,
        type_code: place.type_code,
        inspector: None,
        department_id: None,
    };
    let visit = Inspection { root_id: visit.id, ..visit };
    if !app.store.add_inspection(&visit, app.now()).await? {
        return page
            .go(&format!("/places/{id}"), "warn", "Nơi này đã có một lượt kiểm tra chờ thực hiện.")
            .await;
    }
    page.go(&format!("/inspections/{}", visit.id), "good", "Đã mở lượt kiểm tra hôm nay.").await
}
