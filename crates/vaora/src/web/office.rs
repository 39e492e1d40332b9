//! What pages of an office share: whose page it is, which unit it shows, files handed up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    extract::{Multipart, multipart::MultipartRejection},
};
use documents::read_sheet;
use domain::{
    admin_unit::UnitTree,
    list::{ListRow, Problem, Severity},
    role::Role,
    time::Millis,
};
use minijinja::{Value, context};

use crate::{
    app::App,
    auth::Officer,
    error::{AppError, Result},
    i18n::Lang,
    ids::new_token,
    limits::UPLOAD_BYTES_MAX,
    page::Page,
};

/// An officer's page of one unit.
pub struct Office {
    /// The officer.
    pub officer: Officer,
    /// The tree of today.
    pub tree: Arc<UnitTree>,
    /// The unit shown: named in the address, or the officer's own.
    pub unit: i64,
}

impl Office {
    /// The office of a page: its officer sees coverage, and the unit lies in his subtree.
    ///
    /// # Errors
    /// Not found otherwise.
    pub async fn of(app: &App, page: &Page, unit: &str) -> Result<Self> {
        let officer = page.officer()?.clone();
        if !officer.roles.iter().any(|role| role.sees_coverage()) {
            return Err(AppError::NotFound);
        }
        let tree = app.tree().await?;
        let unit = match unit {
            "" => officer.root(&tree),
            text => text.parse().map_err(|_| AppError::NotFound)?,
        };
        officer.require_unit(&tree, unit)?;
        Ok(Self { officer, tree, unit })
    }

    /// As [`Office::of`], for those who decide.
    ///
    /// # Errors
    /// Not found otherwise.
    pub async fn deciding(app: &App, page: &Page, unit: &str) -> Result<Self> {
        let office = Self::of(app, page, unit).await?;
        office.officer.require(&[Role::UnitOfficer])?;
        Ok(office)
    }

    /// True for those who decide.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.officer.has(Role::UnitOfficer)
    }

    /// True when the unit is a commune.
    #[must_use]
    pub fn is_commune(&self) -> bool {
        self.tree.get(self.unit).is_some_and(|unit| unit.is_commune())
    }

    /// Communes below the unit, for a choice; none when it is one itself.
    #[must_use]
    pub fn communes(&self) -> Vec<Value> {
        if self.is_commune() {
            return Vec::new();
        }
        let communes = self.tree.communes_within(self.unit);
        communes
            .iter()
            .map(|unit| context! { id => unit.id.to_string(), name => unit.full_name.clone() })
            .collect()
    }
}

/// A form with a file, or why it is none: handlers look who asks before they look at it.
pub type Upload = std::result::Result<Multipart, MultipartRejection>;

/// The file of a form.
///
/// # Errors
/// A bad request when the form cannot be read; too large when the file is.
pub async fn read_upload(form: Upload) -> Result<Bytes> {
    const BROKEN: AppError = AppError::BadRequest("Tệp gửi lên bị ngắt giữa chừng. Hãy gửi lại.");
    const TOO_LARGE: AppError = AppError::BadRequest("Tệp lớn quá 8 MB. Hãy chia thành nhiều tệp.");
    let mut form = form.map_err(|_| BROKEN)?;
    let mut file = Bytes::new();
    while let Some(part) = form.next_field().await.map_err(|_| BROKEN)? {
        if part.file_name().is_some() {
            file = part.bytes().await.map_err(|_| TOO_LARGE)?;
            if file.len() > UPLOAD_BYTES_MAX {
                return Err(TOO_LARGE);
            }
        }
    }
    if file.is_empty() {
        return Err(AppError::BadRequest("Hãy chọn tệp rồi gửi lại."));
    }
    Ok(file)
}

/// The rows of a sheet, read aside: a hostile file may take its time.
///
/// # Errors
/// A bad request that says what is wrong with the file and what to do.
pub async fn rows_of(form: Upload, lang: Lang) -> Result<Vec<ListRow>> {
    let bytes = read_upload(form).await?;
    let sheet = tokio::task::spawn_blocking(move || read_sheet(&bytes)).await?;
    let sheet = sheet.map_err(|error| {
        AppError::BadRequestText(match lang {
            Lang::Vi => error.vi().to_string(),
            Lang::En => error.en().to_string(),
        })
    })?;
    Ok(sheet.rows.into_iter().map(|row| ListRow { number: row.number, cells: row.cells }).collect())
}

/// Problems of a list, for its page.
#[must_use]
pub fn problems_view(problems: &[Problem], lang: Lang) -> Vec<Value> {
    let text = |problem: &Problem| match lang {
        Lang::Vi => problem.vi.clone(),
        Lang::En => problem.en.clone(),
    };
    problems
        .iter()
        .map(|problem| {
            context! {
                row => problem.row, column => problem.column.clone(), text => text(problem),
                is_error => problem.severity == Severity::Error,
            }
        })
        .collect()
}

/// A sheet that was looked at and waits to be confirmed.
struct Waiting {
    account_id: i64,
    unit_id: i64,
    at: Millis,
    rows: Arc<Vec<ListRow>>,
}

/// Sheets between their dry run and their confirmation: in memory, for half an hour, some at a time.
#[derive(Default)]
pub struct PendingSheets(Mutex<HashMap<String, Waiting>>);

/// Sheets that may wait.
const PENDING_MAX: usize = 40;
/// Milliseconds for which one waits.
const PENDING_MS: i64 = 30 * 60_000;

impl PendingSheets {
    /// Keeps a sheet; answers the token to confirm it by.
    pub fn put(&self, account_id: i64, unit_id: i64, rows: Vec<ListRow>, now: Millis) -> String {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One list an officer: the one before is done with, and nobody fills the room alone.
        held.retain(|_, waiting| now - waiting.at < PENDING_MS && waiting.account_id != account_id);
        while held.len() >= PENDING_MAX {
            let oldest = held.iter().min_by_key(|(_, waiting)| waiting.at).map(|(token, _)| token.clone());
            oldest.and_then(|token| held.remove(&token));
        }
        let token = new_token();
        held.insert(token.clone(), Waiting { account_id, unit_id, at: now, rows: Arc::new(rows) });
        token
    }

    /// Takes a sheet out, for the officer who handed it up.
    ///
    /// # Errors
    /// A bad request when it is not there any more.
    pub fn take(&self, token: &str, account_id: i64, now: Millis) -> Result<(i64, Arc<Vec<ListRow>>)> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, waiting| now - waiting.at < PENDING_MS);
        match held.remove(token) {
            Some(waiting) if waiting.account_id == account_id => Ok((waiting.unit_id, waiting.rows)),
            _ => Err(AppError::BadRequest("Danh sách đã chờ quá 30 phút. Hãy gửi lại tệp.")),
        }
    }
}
