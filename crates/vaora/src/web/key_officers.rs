//! Key officers: making one's keys, and the ceremony in which two officers sign the roster.

use axum::{Form, extract::State};
use domain::role::Role;
use minijinja::{Value, context};
use serde::Deserialize;
use store::keyring::Officer;

use crate::{
    app::App,
    audit::{self, Act},
    auth,
    error::{AppError, Result},
    keys::{
        self,
        epoch::month_of,
        roster::{self, PROPOSAL_MS, Proposal},
    },
    page::Page,
};

/// A passphrase.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PassphraseForm {
    passphrase: String,
    passphrase_again: String,
    /// Hash of the roster that the second officer looked at.
    hash: String,
}

async fn own(app: &App, officer: &auth::Officer) -> Result<Option<Officer>> {
    Ok(app.store.officers().await?.into_iter().find(|row| row.account_id == officer.id))
}

/// The officer's keys unlocked with the passphrase typed.
///
/// # Errors
/// Bad request when the officer has no keys or the passphrase is wrong.
pub async fn unlock(
    app: &App,
    officer: &auth::Officer,
    passphrase: String,
) -> Result<(Officer, seal::officer::OfficerKey)> {
    app.limits.passphrase(officer.id)?;
    let row =
        own(app, officer).await?.ok_or(AppError::BadRequest("Anh/chị chưa tạo khóa. Hãy tạo khóa trước."))?;
    let key = keys::officers::unlock(row.protected.clone(), passphrase).await?;
    key.map(|key| (row, key)).ok_or(AppError::BadRequest("Cụm mật khẩu chưa đúng. Hãy thử lại."))
}

/// Shows the officers, the roster and what waits for this officer.
///
/// # Errors
/// Not found for all but key officers.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::KeyOfficer])?;
    let roster = roster::verified(&app.store).await?;
    let in_roster = |id: i64| roster.as_ref().is_some_and(|r| r.officer(id.cast_unsigned()).is_some());
    let officers: Vec<Value> = app
        .store
        .officers()
        .await?
        .iter()
        .map(|row| {
            let public =
                seal::officer::OfficerPublic::from_bytes(&row.public).map(|public| public.fingerprint());
            context! {
                name => &row.name, made_at => row.made_at, own => row.account_id == officer.id,
                in_roster => in_roster(row.id), fingerprint => public.unwrap_or_default(),
            }
        })
        .collect();
    let pending = app.pending_roster.0.lock().await;
    let waiting = pending.as_ref().map(|proposal| {
        context! {
            own => proposal.proposed_by == officer.id, hash => proposal.roster.hash_text(),
            officers => proposal.roster.officers().len(),
        }
    });
    drop(pending);
    let values = context! {
        officers, waiting,
        has_keys => own(&app, officer).await?.is_some(),
        roster => roster.map(|r| context! { version => r.version(), made_at => r.made_at(), hash => r.hash_text(), officers => r.officers().len() }),
        passphrase_min => seal::officer::PASSPHRASE_CHARS_MIN,
    };
    page.show("key_officers.html", values).await
}

/// Makes the officer's own keys.
///
/// # Errors
/// Bad request when the passphrase is short, not typed twice alike, or keys exist that a roster names.
pub async fn make(State(app): State<App>, page: Page, Form(form): Form<PassphraseForm>) -> Result {
    match make_checked(&app, &page, form).await {
        Ok(done) => Ok(done),
        Err(error) => page.back("/keys", error).await,
    }
}

async fn make_checked(app: &App, page: &Page, form: PassphraseForm) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::KeyOfficer])?;
    if own(app, officer).await?.is_some() {
        return Err(AppError::BadRequest(
            "Anh/chị đã có khóa. Khóa cũ còn mở được dữ liệu nên không thay ở đây.",
        ));
    }
    if form.passphrase != form.passphrase_again {
        return Err(AppError::BadRequest("Hai lần nhập cụm mật khẩu chưa giống nhau."));
    }
    if form.passphrase.chars().count() < seal::officer::PASSPHRASE_CHARS_MIN {
        return Err(AppError::BadRequest(
            "Cụm mật khẩu cần ít nhất 12 ký tự; vài từ ngẫu nhiên là tốt nhất.",
        ));
    }
    let row = keys::officers::make(officer.id, officer.name.clone(), form.passphrase, app.now()).await?;
    app.store.add_officer(&row).await?;
    let scope = format!("officer keys of {}", officer.login);
    audit::record(
        app,
        Act { actor: &officer.login, action: "keys.made", scope, count: 1, ..Act::default() },
        &[],
    )
    .await?;
    page.go("/keys", "good", "Đã tạo khóa. Hãy giữ cụm mật khẩu ở nơi an toàn: không ai lấy lại được nó.")
        .await
}

/// Proposes the first roster: all officers who have keys, signed by this one.
///
/// # Errors
/// Bad request with fewer than two officers, or when a roster stands already.
pub async fn propose(State(app): State<App>, page: Page, Form(form): Form<PassphraseForm>) -> Result {
    match propose_checked(&app, &page, form).await {
        Ok(done) => Ok(done),
        Err(error) => page.back("/keys", error).await,
    }
}

async fn propose_checked(app: &App, page: &Page, form: PassphraseForm) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::KeyOfficer])?;
    if roster::verified(&app.store).await?.is_some() {
        return Err(AppError::BadRequest("Danh sách người giữ khóa đã được ký."));
    }
    let officers = app.store.officers().await?;
    if officers.len() < 2 {
        return Err(AppError::BadRequest("Cần ít nhất hai người giữ khóa đã tạo khóa."));
    }
    let (row, key) = unlock(app, officer, form.passphrase).await?;
    let proposed = roster::propose(None, &officers, app.now())?;
    let signature = roster::sign(&proposed, row.id, &key);
    let mut pending = app.pending_roster.0.lock().await;
    let now = app.now();
    if pending.as_ref().is_some_and(|p| p.proposed_by != officer.id && now - p.proposed_at < PROPOSAL_MS) {
        let why = "Người khác vừa ký một danh sách. Hãy đối chiếu và ký xác nhận danh sách đó.";
        return Err(AppError::BadRequest(why));
    }
    *pending = Some(Proposal { roster: proposed, signature, proposed_by: officer.id, proposed_at: now });
    drop(pending);
    page.go("/keys", "good", "Đã ký. Người giữ khóa thứ hai cần đối chiếu mã và ký xác nhận.").await
}

/// Confirms the waiting roster as the second officer: the keys are made and check-ins can begin.
///
/// # Errors
/// Bad request when nothing waits, or the officer is the one who proposed.
pub async fn confirm(State(app): State<App>, page: Page, Form(form): Form<PassphraseForm>) -> Result {
    match confirm_checked(&app, &page, form).await {
        Ok(done) => Ok(done),
        Err(error) => page.back("/keys", error).await,
    }
}

async fn confirm_checked(app: &App, page: &Page, form: PassphraseForm) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::KeyOfficer])?;
    let (row, key) = unlock(app, officer, form.passphrase).await?;
    let mut pending = app.pending_roster.0.lock().await;
    let proposal = pending.as_ref().ok_or(AppError::BadRequest("Không có danh sách nào đang chờ ký."))?;
    if proposal.proposed_by == officer.id {
        return Err(AppError::BadRequest("Người thứ hai phải là người khác."));
    }
    if proposal.roster.hash_text() != form.hash || app.now() - proposal.proposed_at >= PROPOSAL_MS {
        return Err(AppError::BadRequest(
            "Danh sách đang chờ không phải danh sách anh/chị vừa xem. Hãy đối chiếu lại.",
        ));
    }
    let scope =
        format!("roster {} of {} officers", proposal.roster.version(), proposal.roster.officers().len());
    let key_ids = proposal.roster.hash_text();
    let act =
        Act { actor: &officer.login, action: "roster.signed", scope, count: 1, key_ids, ..Act::default() };
    audit::record(app, act, &[]).await?;
    let second = roster::sign(&proposal.roster, row.id, &key);
    let now = app.now();
    roster::found(&app.store, proposal, second, &month_of(app.clock.today()), now).await?;
    *pending = None;
    drop(pending);
    app.epochs.at(&app.store, now).await?;
    page.go("/keys", "good", "Đã ký xong. Hệ thống đã mở: từ giờ có thể ghi người vào ra.").await
}
