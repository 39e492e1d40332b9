//! What handlers answer when they cannot do what was asked: words for people, RFC 9457 for programs.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use minijinja::context;
use serde_json::json;

use crate::{app::App, page::Page};

/// Why a request was not fulfilled. Texts are Vietnamese source texts, translated when shown.
#[derive(Debug)]
pub enum AppError {
    /// Nothing here for this person: unknown, or not his.
    NotFound,
    /// Sign in first.
    SignIn,
    /// The request is wrong; the text says what and what to do.
    BadRequest(&'static str),
    /// The request is wrong in a way only known at run time.
    BadRequestText(String),
    /// Too many tries; come back after so many seconds.
    TooMany(u32),
    /// Cannot work right now; the text says why.
    Unavailable(&'static str),
    /// Too large.
    TooLarge(&'static str),
    /// Our fault. The detail goes to the log, never to the reader.
    Internal(anyhow::Error),
}

/// Result of a handler.
pub type Result<T = Response> = std::result::Result<T, AppError>;

impl<E: Into<anyhow::Error>> From<E> for AppError {
    fn from(error: E) -> Self {
        Self::Internal(error.into())
    }
}

impl AppError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::BadRequest(_) | Self::BadRequestText(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::SignIn => "sign-in",
            Self::BadRequest(_) | Self::BadRequestText(_) => "bad-request",
            Self::TooMany(_) => "too-many",
            Self::Unavailable(_) => "unavailable",
            Self::TooLarge(_) => "too-large",
            Self::Internal(_) => "internal",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::NotFound => {
                "Không tìm thấy trang này, hoặc trang không thuộc phạm vi của anh/chị.".to_owned()
            }
            Self::SignIn => "Hãy đăng nhập trước.".to_owned(),
            Self::BadRequest(text) | Self::Unavailable(text) | Self::TooLarge(text) => (*text).to_owned(),
            Self::BadRequestText(text) => text.clone(),
            Self::TooMany(_) => "Thử quá nhiều lần. Hãy đợi một lát rồi thử lại.".to_owned(),
            Self::Internal(_) => "Hệ thống gặp lỗi. Không có gì bị mất; hãy thử lại sau.".to_owned(),
        }
    }
}

/// What the middleware below turns into a page or a problem document.
#[derive(Clone)]
struct Problem {
    status: StatusCode,
    kind: &'static str,
    text: String,
    retry_after: Option<u32>,
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = format!("{error:#}"), "request failed");
        }
        let retry_after = match &self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(5),
            _ => None,
        };
        let problem = Problem { status: self.status(), kind: self.kind(), text: self.text(), retry_after };
        let mut response = problem.status.into_response();
        response.extensions_mut().insert(problem);
        response
    }
}

/// Gives every failed answer its words: a page for people, `application/problem+json` under `/api`.
pub async fn show_errors(State(app): State<App>, page: Page, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // What scripts ask for, not people.
    let is_api = ["/api/", "/gate/kit", "/gate/state", "/D/me/", "/inspect/"]
        .iter()
        .any(|start| path.starts_with(start));
    let wants_sign_in = page.path.clone();
    let response = next.run(request).await;
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None => match plain_problem(&response) {
            Some(problem) => problem,
            None => return response,
        },
    };
    if problem.status == StatusCode::UNAUTHORIZED && !is_api {
        return axum::response::Redirect::to(&format!("/login?next={}", urlencode(&wants_sign_in)))
            .into_response();
    }
    let text = app.catalog.text(page.lang, &problem.text).to_owned();
    let mut answer = if is_api {
        problem_json(&problem, &text)
    } else {
        let html = page.html("error.html", context! { status => problem.status.as_u16(), text });
        (problem.status, html.unwrap_or_else(|_| Html("Lỗi".to_owned()))).into_response()
    };
    if let Some(seconds) = problem.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// Answers that axum or a layer made without words of ours.
fn plain_problem(response: &Response) -> Option<Problem> {
    let status = response.status();
    let has_words = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"text/html") || kind.as_bytes().starts_with(b"application/problem+json")
    });
    if has_words || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let (kind, text) = match status {
        StatusCode::NOT_FOUND => return Some(problem_of(&AppError::NotFound)),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "Nội dung gửi lên quá lớn."),
        StatusCode::METHOD_NOT_ALLOWED => ("method", "Thao tác này không dùng được ở đây."),
        StatusCode::FORBIDDEN => {
            ("forbidden", "Yêu cầu đến từ trang khác nên bị từ chối. Hãy mở lại trang này rồi thử lại.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", "Kiểu nội dung không được nhận ở đây."),
        _ => ("bad-request", "Yêu cầu không đọc được. Hãy kiểm tra các ô đã nhập rồi gửi lại."),
    };
    Some(Problem { status, kind, text: text.to_owned(), retry_after: None })
}

fn problem_of(error: &AppError) -> Problem {
    Problem { status: error.status(), kind: error.kind(), text: error.text(), retry_after: None }
}

fn problem_json(problem: &Problem, text: &str) -> Response {
    let body = json!({
        "type": format!("/problems/{}", problem.kind),
        "title": text,
        "status": problem.status.as_u16(),
    });
    let mut answer = (problem.status, Json(body)).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer
}

fn urlencode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
