//! Openings that wait: for an approver, who sees counts and never names, and for key officers.

use axum::{
    Form,
    extract::{Path, State},
};
use data_encoding::HEXLOWER;
use domain::{
    opening::Scope,
    role::Role,
    time::{date_of_day_number, day_number},
};
use minijinja::{Value, context};
use serde::Deserialize;
use store::openings::Opening;

use crate::{
    app::App,
    audit::{self, Act},
    auth::Officer,
    error::{AppError, Result},
    keys::release,
    page::Page,
    trace::opening,
    web::key_officers,
};

/// Openings shown as recently done.
const RECENT: i64 = 10;

/// Lists what waits for this officer.
///
/// # Errors
/// Not found for all but approvers and key officers.
pub async fn list(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Approver, Role::KeyOfficer])?;
    let mut requested = Vec::new();
    if officer.has(Role::Approver) {
        for opening in app.store.openings_in_state("requested").await? {
            requested.push(view(&app, &page, officer, &opening).await?);
        }
    }
    let mut approved = Vec::new();
    if officer.has(Role::KeyOfficer) {
        for opening in app.store.openings_in_state("approved").await? {
            approved.push(view(&app, &page, officer, &opening).await?);
        }
    }
    let mut recent = Vec::new();
    for opening in app.store.latest_openings_done(RECENT).await? {
        recent.push(view(&app, &page, officer, &opening).await?);
    }
    let values = context! {
        requested, approved, recent,
        is_approver => officer.has(Role::Approver), is_key_officer => officer.has(Role::KeyOfficer),
    };
    page.show("openings.html", values).await
}

async fn view(app: &App, page: &Page, officer: &Officer, opening: &Opening) -> Result<Value> {
    let scope = Scope::parse(&opening.scope)?;
    let case = app.store.case(opening.case_id).await?;
    let tree = app.tree().await?;
    let requester = app.store.account(opening.requested_by).await?;
    let waiting = app.releases.officers(opening.id).await;
    let own = app.store.officers().await?.into_iter().find(|row| row.account_id == officer.id);
    Ok(context! {
        id => opening.id.to_string(), state => &opening.state, hash => HEXLOWER.encode(&opening.scope_hash),
        hash_short => HEXLOWER.encode(&opening.scope_hash).chars().take(12).collect::<String>(),
        purpose => page.t(scope.purpose.label()), case_code => case.as_ref().map(|case| case.code.clone()),
        onset_on => case.as_ref().map(|case| case.onset_on.clone()),
        unit => case.as_ref().map(|case| tree.name(case.unit_id).to_owned()),
        from => scope.from.to_string(), last => date_of_day_number(day_number(scope.until) - 1).to_string(),
        days => day_number(scope.until) - day_number(scope.from), persons => scope.persons.len(),
        requester => requester.map(|account| account.name), requested_at => opening.requested_at,
        own_request => opening.requested_by == officer.id,
        released => waiting.len(), own_released => own.is_some_and(|own| waiting.contains(&own.id)),
        finished_at => opening.finished_at, contacts => opening.contacts,
    })
}

/// A decision on exactly the scope shown.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DecisionForm {
    decision: String,
    hash: String,
    reason: String,
}

/// Approves or refuses a request. An approval of another scope than the one waiting is void.
///
/// # Errors
/// Not found for all but approvers; bad request when it was decided, changed, or is the approver's own.
pub async fn decide(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<DecisionForm>,
) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Approver])?;
    let opening = app.store.opening(id).await?.ok_or(AppError::NotFound)?;
    let hash = HEXLOWER
        .decode(form.hash.as_bytes())
        .map_err(|_| AppError::BadRequest("Trang đã cũ. Hãy mở lại."))?;
    let approved = form.decision == "approve";
    if !approved && form.reason.trim().is_empty() {
        return page.go("/openings", "bad", "Hãy ghi lý do từ chối.").await;
    }
    let scope = Scope::parse(&opening.scope)?;
    let act = Act {
        actor: &officer.login,
        action: if approved { "opening.approved" } else { "opening.refused" },
        case_id: Some(opening.case_id),
        purpose: scope.purpose.code(),
        scope: format!("opening {id} scope {}", form.hash),
        count: i64::try_from(scope.persons.len()).unwrap_or(0),
        ..Act::default()
    };
    audit::record(&app, act, &scope.persons).await?;
    let reason = Some(form.reason.trim()).filter(|reason| !approved && !reason.is_empty());
    if !app.store.decide_opening(id, &hash, officer.id, approved, reason, app.now()).await? {
        return Err(AppError::BadRequest(
            "Yêu cầu đã được xử lý, đã đổi phạm vi, hoặc là của chính anh/chị.",
        ));
    }
    page.go("/openings", "good", if approved { "Đã duyệt đúng phạm vi này." } else { "Đã từ chối." }).await
}

/// A passphrase.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ReleaseForm {
    passphrase: String,
}

/// Releases this officer's shares for an approved opening; the second officer's release carries it out.
///
/// # Errors
/// Not found for all but key officers; bad request when the passphrase is wrong or nothing waits.
pub async fn release(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<ReleaseForm>,
) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::KeyOfficer])?;
    let opening = app.store.opening(id).await?.ok_or(AppError::NotFound)?;
    if opening.state != "approved" {
        return Err(AppError::BadRequest("Yêu cầu này không còn chờ người giữ khóa."));
    }
    let (row, key) = match key_officers::unlock(&app, officer, form.passphrase).await {
        Ok(unlocked) => unlocked,
        Err(error) => return page.back("/openings", error).await,
    };
    let scope = Scope::parse(&opening.scope)?;
    let key_pairs = opening::key_pairs_needed(&app, &scope).await?;
    let shares = release::unseal_shares(&app.store, row.id, &key, &key_pairs).await?;
    drop(key);
    let act = Act {
        actor: &officer.login,
        action: "opening.released",
        case_id: Some(opening.case_id),
        purpose: scope.purpose.code(),
        scope: format!("opening {id}"),
        count: i64::try_from(scope.persons.len()).unwrap_or(0),
        key_ids: key_pairs.iter().map(|id| format!("{id:x}")).collect::<Vec<_>>().join(","),
    };
    audit::record(&app, act, &scope.persons).await?;
    if !app.store.add_release(id, row.id, officer.id, app.now()).await? {
        return Err(AppError::BadRequest(
            "Anh/chị đã mở phần khóa của mình rồi. Cần một người giữ khóa khác.",
        ));
    }
    let Some(shares) = app.releases.add(id, row.id, shares).await else {
        return page
            .go("/openings", "good", "Đã mở phần khóa của anh/chị. Cần thêm một người giữ khóa nữa.")
            .await;
    };
    if !app.store.start_opening(id).await? {
        return Err(AppError::BadRequest("Yêu cầu này không còn chờ người giữ khóa."));
    }
    opening::run(&app, &opening, &officer.login, shares).await?;
    let ended = app.store.opening(id).await?.ok_or(AppError::NotFound)?;
    if ended.state == "done" {
        page.go(
            "/openings",
            "good",
            "Đã mở và đóng lại. Cán bộ truy vết đã có kết quả; khóa đã được xóa khỏi bộ nhớ.",
        )
        .await
    } else {
        page.go("/openings", "bad", "Mở không thành công. Quản trị viên xem nhật ký máy chủ để biết lý do.")
            .await
    }
}
