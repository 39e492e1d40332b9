//! A browser in process: cookies, the sign-in form, pages.

use anyhow::{Context as _, Result, ensure};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use vaora::{app::App, auth::totp};

use crate::province::{PASSWORD, SECRET};

/// A browser that keeps one cookie: the session's.
pub struct Visitor {
    router: Router,
    cookie: String,
}

impl Visitor {
    /// A browser that knows nothing.
    pub fn new(router: Router) -> Self {
        Self { router, cookie: String::new() }
    }

    /// Signs in through the form.
    pub async fn sign_in(&mut self, app: &App, login: &str) -> Result<()> {
        let code = totp::code_at(&SECRET, u64::try_from(app.now() / 1000)?)?;
        let form = format!("login={login}&password={PASSWORD}&code={code}");
        let (status, _) = self.send(Method::POST, "/login", form).await?;
        ensure!(status == 303, "{login} could not sign in: {status}");
        Ok(())
    }

    /// Loads a page: its status and body.
    pub async fn get(&mut self, path: &str) -> Result<(u16, Vec<u8>)> {
        self.send(Method::GET, path, String::new()).await
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> Result<(u16, Vec<u8>)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8080")
            .header(header::ACCEPT_LANGUAGE, "vi")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, &self.cookie)
            .body(Body::from(body))?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status().as_u16();
        if let Some(set) = response.headers().get(header::SET_COOKIE) {
            set.to_str()?.split(';').next().context("a cookie without a value")?.clone_into(&mut self.cookie);
        }
        Ok((status, response.into_body().collect().await?.to_bytes().to_vec()))
    }
}
