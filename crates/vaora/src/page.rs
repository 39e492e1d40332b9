//! The reader of a page: language, officer, message left by the last act; and rendering for that reader.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use minijinja::{Value, context};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::{
    app::App,
    auth::{Officer, current_officer},
    error::{AppError, Result},
    i18n::Lang,
    nav, render,
};

/// Name of the cookie that keeps a chosen language.
pub const LANG_COOKIE: &str = "lang";
/// Session key of the message shown once on the next page.
const FLASH: &str = "flash";
/// Unread messages older than this (60 days) no longer stand in the head of pages.
const UNREAD_MS: i64 = 60 * 86_400_000;
/// Unread messages that are counted at most.
const UNREAD_MAX: i64 = 100;

/// A message shown once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flash {
    /// `good`, `warn` or `bad`.
    pub tone: String,
    /// Words, already in the reader's language.
    pub text: String,
}

/// Who reads, in which language, where.
#[derive(Clone)]
pub struct Page {
    app: App,
    session: Session,
    /// Reader's language.
    pub lang: Lang,
    /// Path of the request.
    pub path: String,
    /// The signed-in officer, if any.
    pub officer: Option<Officer>,
}

impl<S> FromRequestParts<S> for Page
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let app = App::from_ref(state);
        let session = Session::from_request_parts(parts, state)
            .await
            .map_err(|(_, why)| AppError::Internal(anyhow::anyhow!("session: {why}")))?;
        let officer = current_officer(&app, &session).await?;
        let lang = reader_lang(&parts.headers);
        Ok(Self { app, session, lang, path: parts.uri.path().to_owned(), officer })
    }
}

impl Page {
    /// The words of a source text in the reader's language.
    #[must_use]
    pub fn t(&self, source: &str) -> String {
        self.app.catalog.text(self.lang, source).to_owned()
    }

    /// The words of a source text with its places filled.
    #[must_use]
    pub fn tf(&self, source: &str, values: &[(&str, String)]) -> String {
        self.app.catalog.fill(self.lang, source, values)
    }

    /// The signed-in officer.
    ///
    /// # Errors
    /// [`AppError::SignIn`] when nobody is signed in.
    pub fn officer(&self) -> Result<&Officer> {
        self.officer.as_ref().ok_or(AppError::SignIn)
    }

    /// Session of the browser.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Leaves a message for the next page.
    ///
    /// # Errors
    /// When the session cannot be kept.
    pub async fn flash(&self, tone: &str, source: &str) -> Result<()> {
        self.flash_text(tone, self.t(source)).await
    }

    /// Leaves a message that is already in the reader's language.
    ///
    /// # Errors
    /// When the session cannot be kept.
    pub async fn flash_text(&self, tone: &str, text: String) -> Result<()> {
        Ok(self.session.insert(FLASH, Flash { tone: tone.to_owned(), text }).await?)
    }

    /// Leaves a message and goes to another page.
    ///
    /// # Errors
    /// When the session cannot be kept.
    pub async fn go(&self, to: &str, tone: &str, source: &str) -> Result {
        self.flash(tone, source).await?;
        Ok(Redirect::to(to).into_response())
    }

    /// Goes back to a form with what was wrong in words; other errors pass on.
    ///
    /// # Errors
    /// The error itself, unless it is [`AppError::BadRequest`].
    pub async fn back(&self, to: &str, error: AppError) -> Result {
        match error {
            AppError::BadRequest(text) => self.go(to, "bad", text).await,
            AppError::BadRequestText(text) => {
                self.flash_text("bad", text).await?;
                Ok(Redirect::to(to).into_response())
            }
            other => Err(other),
        }
    }

    /// Renders a page with its frame, taking the waiting message.
    ///
    /// # Errors
    /// When the template or the session fails.
    pub async fn show(&self, template: &str, values: Value) -> Result {
        // Removing writes the session, so only a message that is there is removed.
        let flash: Option<Flash> = match self.session.get::<Flash>(FLASH).await? {
            Some(_) => self.session.remove(FLASH).await?,
            None => None,
        };
        let unread = self.unread().await?;
        Ok(self.html_with(template, flash, unread, values)?.into_response())
    }

    /// Renders a page without touching the session.
    ///
    /// # Errors
    /// When the template fails.
    pub fn html(&self, template: &str, values: Value) -> Result<Html<String>> {
        self.html_with(template, None, 0, values)
    }

    /// Messages that the officer has not read: one indexed query, for officers only.
    async fn unread(&self) -> Result<i64> {
        let Some(officer) = &self.officer else { return Ok(0) };
        let since = self.app.now() - UNREAD_MS;
        Ok(self.app.store.unread_since(officer.id, officer.inbox_unit(), since, UNREAD_MAX).await?)
    }

    fn html_with(
        &self,
        template: &str,
        flash: Option<Flash>,
        unread: i64,
        values: Value,
    ) -> Result<Html<String>> {
        let frame = context! {
            lang => self.lang.code(),
            demo => self.app.config.demo,
            demo_notice => self.t("Bản trình diễn: mọi người, địa điểm và lượt quét ở đây đều là dữ liệu giả."),
            user => self.officer.as_ref().map(|officer| context! {
                name => &officer.name,
                unit_name => &officer.unit_name,
                role_label => officer.roles.iter().map(|role| self.t(role.label())).collect::<Vec<_>>().join(", "),
            }),
            nav => self.officer.as_ref().map(|officer| nav::view(officer, &self.path, |text| self.t(text))).unwrap_or_default(),
            flash => flash.map(|flash| context! { tone => flash.tone, text => flash.text }),
            path => &self.path,
            unread, unread_more => unread == UNREAD_MAX,
        };
        let html = render::render(&self.app.templates, template, context! { ..values, ..frame })?;
        Ok(Html(html))
    }
}

/// The reader's language: chosen before, or the browser's, or Vietnamese.
#[must_use]
pub fn reader_lang(headers: &HeaderMap) -> Lang {
    let chosen = cookie(headers, LANG_COOKIE).and_then(|code| Lang::from_code(&code));
    let wanted = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Lang::from_header);
    chosen.or_else(wanted).unwrap_or(Lang::Vi)
}

/// Value of a cookie of the request.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Adds a `Set-Cookie` header to an answer. Cookies demand HTTPS where the installation has it.
pub fn set_cookie(app: &App, response: &mut Response, name: &str, value: &str, path: &str, max_age_s: i64) {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(value) = line.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
