//! Openings that wait: for an approver, who sees counts and never names, and for key officers.

use axum::{
    Form,
    extract::{Path, State},
};
use data_encoding::HEXLOWER;
use domain::{
    opening::Scope,
    role::Role,
    sitting::SittingEnd,
    time::{date_of_day_number, day_number},
};
use minijinja::{Value, context};
use seal::officer::OfficerKey;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use store::openings::Opening;

use crate::{
    app::App,
    audit::{self, Act},
    auth::Officer,
    error::{AppError, Result},
    keys::release,
    page::Page,
    trace::opening,
    web::{case_view::kinds_view, demo_sign_in, key_officers},
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
    let mut sittings = Vec::new();
    for sitting in app.sittings.all(&app).await? {
        let case = app.store.case(sitting.case_id).await?;
        sittings.push(context! {
            opening => sitting.opening_id.to_string(), case_code => case.map(|case| case.code),
            began_at => sitting.began_at, closes_at => sitting.closes_at(),
            kinds => kinds_view(&page, &sitting.scope), asked => sitting.asked().0.len(),
        });
    }
    let values = context! {
        requested, approved, recent, sittings,
        demo_passphrase => demo_sign_in::passphrase(&app).await?,
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
        finished_at => opening.finished_at, contacts => opening.contacts, kinds => kinds_view(page, &scope),
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
    let why = "Yêu cầu đã được xử lý, đã đổi phạm vi, hoặc là của chính anh/chị.";
    let waits = opening.state == "requested" && opening.requested_by != officer.id;
    if !waits || hash != opening.scope_hash || hash != scope_hash(&opening) {
        return Err(AppError::BadRequest(why));
    }
    let scope = Scope::parse(&opening.scope)?;
    let act = Act {
        actor: &officer.login,
        action: if approved { APPROVED } else { "opening.refused" },
        case_id: Some(opening.case_id),
        purpose: scope.purpose.code(),
        scope: approval_text(&opening),
        count: i64::try_from(scope.persons.len()).unwrap_or(0),
        ..Act::default()
    };
    audit::record(&app, act, &scope.persons).await?;
    let reason = Some(form.reason.trim()).filter(|reason| !approved && !reason.is_empty());
    if !app.store.decide_opening(id, &hash, officer.id, approved, reason, app.now()).await? {
        return Err(AppError::BadRequest(why));
    }
    page.go("/openings", "good", if approved { "Đã duyệt đúng phạm vi này." } else { "Đã từ chối." }).await
}

/// Action of an approval in the access log.
const APPROVED: &str = "opening.approved";

fn scope_hash(opening: &Opening) -> Vec<u8> {
    Sha256::digest(opening.scope.as_bytes()).to_vec()
}

/// What an approval's entry says: the opening and the hash of exactly what was asked.
fn approval_text(opening: &Opening) -> String {
    format!("opening {} scope {}", opening.id, HEXLOWER.encode(&scope_hash(opening)))
}

/// Passes openings whose scope is the one that the access log says was approved, so that a scope changed in
/// the database afterwards opens nothing.
async fn require_approved_scope(app: &App, opening: &Opening) -> Result<()> {
    let entries = app.store.latest_log_rows(Some(opening.case_id), 1000).await?;
    let text = approval_text(opening);
    let approved = entries.iter().any(|entry| entry.action == APPROVED && entry.scope == text);
    if approved && audit::verify(&app.store, &app.keyfile).await?.is_ok() {
        return Ok(());
    }
    Err(AppError::BadRequest("Phạm vi không còn đúng như đã duyệt, hoặc nhật ký đã bị sửa. Không mở."))
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
    if let Err(error) = require_approved_scope(&app, &opening).await {
        return page.back("/openings", error).await;
    }
    let (row, key) = match key_officers::unlock(&app, officer, form.passphrase).await {
        Ok(unlocked) => unlocked,
        Err(error) => return page.back("/openings", error).await,
    };
    // Carried out by a task of its own: a browser that hangs up must not leave an opening half done.
    let (login, account_id, task_app) = (officer.login.clone(), officer.id, app.clone());
    let task =
        tokio::spawn(async move { carry_out(&task_app, &opening, (row.id, account_id), &login, key).await });
    match task.await? {
        Ok(Released::Waiting) => {
            page.go("/openings", "good", "Đã mở phần khóa của anh/chị. Cần thêm một người giữ khóa nữa.")
                .await
        }
        Ok(Released::Done) => {
            let text = "Đã mở. Cán bộ truy vết đã có kết quả và được hỏi thêm trong phạm vi đã duyệt; phiên hỏi tự đóng sau 30 phút không dùng.";
            page.go("/openings", "good", text).await
        }
        Ok(Released::Failed) => {
            let text = "Mở không thành công. Quản trị viên xem nhật ký máy chủ để biết lý do.";
            page.go("/openings", "bad", text).await
        }
        Err(error) => page.back("/openings", error).await,
    }
}

/// What a release came to.
enum Released {
    /// A second officer is needed.
    Waiting,
    /// Opened, and the result sealed.
    Done,
    /// Could not be opened.
    Failed,
}

async fn carry_out(
    app: &App,
    opening: &Opening,
    (officer_id, account_id): (i64, i64),
    login: &str,
    key: OfficerKey,
) -> Result<Released> {
    let scope = Scope::parse(&opening.scope)?;
    let key_pairs = opening::key_pairs_needed(app, &scope).await?;
    let shares = release::unseal_shares(&app.store, officer_id, &key, &key_pairs).await?;
    drop(key);
    let again = "Anh/chị đã mở phần khóa của mình rồi. Cần một người giữ khóa khác.";
    if app.releases.officers(opening.id).await.contains(&officer_id) {
        return Err(AppError::BadRequest(again));
    }
    let act = Act {
        actor: login,
        action: "opening.released",
        case_id: Some(opening.case_id),
        purpose: scope.purpose.code(),
        scope: format!("opening {}", opening.id),
        count: i64::try_from(scope.persons.len()).unwrap_or(0),
        key_ids: key_pairs.iter().map(|id| format!("{id:x}")).collect::<Vec<_>>().join(","),
    };
    audit::record(app, act, &scope.persons).await?;
    if !app.store.add_release(opening.id, officer_id, account_id, app.now()).await? {
        return Err(AppError::BadRequest(again));
    }
    let Some(shares) = app.releases.add(opening.id, officer_id, shares, app.now()).await else {
        return Ok(Released::Waiting);
    };
    if !app.store.start_opening(opening.id).await? {
        return Err(AppError::BadRequest("Yêu cầu này không còn chờ người giữ khóa."));
    }
    // A task of its own: a browser that hangs up does not leave an opening half carried out.
    let (task_app, task_opening, releaser) = (app.clone(), opening.clone(), login.to_owned());
    let task = tokio::spawn(async move { opening::run(&task_app, &task_opening, &releaser, shares).await });
    task.await.map_err(anyhow::Error::from)??;
    let ended = app.store.opening(opening.id).await?.ok_or(AppError::NotFound)?;
    Ok(if ended.state == "done" { Released::Done } else { Released::Failed })
}

/// Closes the sitting of an opening: the index, its answers and the key are wiped.
///
/// # Errors
/// Not found for all but approvers and key officers.
pub async fn close(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Approver, Role::KeyOfficer])?;
    let open = app.sittings.all(&app).await?;
    let sitting = open.iter().find(|sitting| sitting.opening_id == id);
    let case = match sitting {
        Some(sitting) => sitting.case_id,
        None => app.store.opening(id).await?.ok_or(AppError::NotFound)?.case_id,
    };
    let by = Some((officer.login.as_str(), officer.id));
    if sitting.is_some() && app.sittings.end(&app, case, id, SittingEnd::Hand, by).await? {
        return page.go("/openings", "good", "Đã đóng phiên hỏi; dữ liệu đã được xóa khỏi bộ nhớ.").await;
    }
    page.go("/openings", "good", "Phiên hỏi này đã đóng từ trước.").await
}
