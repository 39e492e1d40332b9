//! Service workers: the shells that open without the network. Each is one script with the list of files it
//! keeps and a version that follows from their bytes, so that a device runs either the old app or the new one
//! and never half of each.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::{
    error::{AppError, Result},
    web::assets,
};

/// Folders and files of static files that the gate's shell keeps.
const GATE_FILES: &[&str] = &[
    "app.css",
    "gate.css",
    "gate.js",
    "gate/",
    "screen.css",
    "screen.js",
    "queue/",
    "reader/",
    "vendor/hpke/",
    "vendor/zxing-wasm/reader/",
    "vendor/zxing-wasm/share.js",
    "vendor/zxing-wasm/zxing_reader.wasm",
    "vendor/qrcode-generator/",
    "icons.svg",
    "favicon.svg",
    "gate.webmanifest",
    "icons/",
    "fonts/be-vietnam-pro-",
];

/// Folders and files of static files that the visitor's shell keeps.
const VISIT_FILES: &[&str] =
    &["visit.css", "visit.js", "visit/", "favicon.svg", "visit.webmanifest", "icons/"];

/// Folders and files of static files that the inspector's shell keeps.
const INSPECT_FILES: &[&str] = &[
    "app.css",
    "inspect/",
    "gate/camera.js",
    "gate/decode-worker.js",
    "gate/shell.js",
    "reader/",
    "vendor/zxing-wasm/reader/",
    "vendor/zxing-wasm/share.js",
    "vendor/zxing-wasm/zxing_reader.wasm",
    "icons.svg",
    "favicon.svg",
    "fonts/be-vietnam-pro-",
];

/// The gate's service worker.
///
/// # Errors
/// When its script is missing from the program.
pub async fn gate() -> Result {
    script("gate-worker.js", "gate", GATE_FILES)
}

/// The visitor's service worker.
///
/// # Errors
/// When its script is missing from the program.
pub async fn visit() -> Result {
    script("visit-worker.js", "visit", VISIT_FILES)
}

/// The inspector's service worker: the gate's script, for another page and its files.
///
/// # Errors
/// When its script is missing from the program.
pub async fn inspect() -> Result {
    script("gate-worker.js", "inspect", INSPECT_FILES)
}

fn script(name: &str, app: &str, wanted: &[&str]) -> Result {
    let mut hasher = Sha256::new();
    let mut files = Vec::new();
    for path in assets::names() {
        let text_of_licence = path.contains("LICENSE") || path.ends_with(".md") || path.ends_with("SUMS");
        if text_of_licence || !wanted.iter().any(|prefix| path.starts_with(prefix)) {
            continue;
        }
        hasher.update(path.as_bytes());
        hasher.update(assets::bytes(&path).ok_or(AppError::NotFound)?);
        files.push(format!("/static/{path}"));
    }
    let source = assets::bytes(name).ok_or(AppError::NotFound)?;
    hasher.update(&source);
    // The pages themselves are part of the shell; a new program has new ones.
    hasher.update(env!("CARGO_PKG_VERSION"));
    let version = &HEXLOWER.encode(&hasher.finalize())[..16];
    let head = format!(
        "const APP = \"{app}\";\nconst VERSION = \"{version}\";\nconst FILES = {};\n",
        serde_json::to_string(&files)?
    );
    let mut response: Response = [head.into_bytes(), source].concat().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
