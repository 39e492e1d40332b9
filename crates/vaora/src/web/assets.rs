//! Static files, built into the binary (read from the folder in development).

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;

use crate::error::{AppError, Result};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Static;

/// Paths of all static files, in order.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = Static::iter().map(|name| name.to_string()).collect();
    names.sort();
    names
}

/// The bytes of a static file.
#[must_use]
pub fn bytes(path: &str) -> Option<Vec<u8>> {
    Static::get(path).map(|file| file.data.into_owned())
}

/// A static file by path, with its hash as tag so that an unchanged one is not sent twice.
///
/// # Errors
/// Not found.
pub async fn file(Path(path): Path<String>, headers: HeaderMap) -> Result {
    let file = Static::get(&path).ok_or(AppError::NotFound)?;
    let tag = format!("\"{}\"", HEXLOWER.encode(&file.metadata.sha256_hash()[..12]));
    let unchanged =
        headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response: Response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_owned().into_response()
    };
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    let set = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        set.insert(header::CONTENT_TYPE, kind);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        set.insert(header::ETAG, tag);
    }
    // Asked for anew each time, mostly answered by "not modified": parts of an app must be of one version.
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
