//! The plain record form as a browser sends it: with photos where some were chosen, without where the form is a bare
//! one. Read piece by piece, so that a photo that is too large costs no memory and loses nothing that was typed.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{FromRequest as _, Multipart, Request, multipart::Field},
    http::header::CONTENT_TYPE,
};
use data_encoding::BASE64;

use super::jpeg::{self, PHOTO_BYTES_MAX, PHOTOS_MAX};
use crate::error::{AppError, Result};

/// Largest text field, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Most parts of one form.
const PARTS_MAX: usize = 80;
/// Name of the photos that an earlier try of the same form brought, sent back as Base64.
const KEPT: &str = "kept_photos";
/// What is said of a form that breaks off.
const BROKEN: AppError = AppError::BadRequest("Tệp gửi lên bị ngắt giữa chừng. Hãy gửi lại.");

/// Fields by name, and photos as they came: none is looked at yet.
pub type Parts = (HashMap<String, String>, Vec<Vec<u8>>);

/// Reads the form.
///
/// # Errors
/// A bad request when the form breaks off or has far too many parts.
pub async fn read(request: Request) -> Result<Parts> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let Form(typed) = Form::from_request(request, &()).await.map_err(|_| BROKEN)?;
        return Ok((typed, Vec::new()));
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| BROKEN)?;
    let (mut typed, mut photos, mut parts) = (HashMap::new(), Vec::new(), 0);
    while let Some(part) = form.next_field().await.map_err(|_| BROKEN)? {
        parts += 1;
        if parts > PARTS_MAX {
            return Err(BROKEN);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        let bytes_max = match name.as_str() {
            _ if is_file => PHOTO_BYTES_MAX,
            KEPT => PHOTO_BYTES_MAX * 4 / 3 + 8,
            _ => TEXT_BYTES_MAX,
        };
        let bytes = bounded(part, bytes_max).await?;
        if is_file || name == KEPT {
            let photo = if is_file { bytes } else { BASE64.decode(&bytes).unwrap_or_default() };
            // One more than fits is enough to say that there are too many.
            if !photo.is_empty() && photos.len() <= PHOTOS_MAX {
                photos.push(photo);
            }
        } else {
            typed.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok((typed, photos))
}

/// A part up to a bound and one byte over, so that whoever looks sees that it did not fit; the rest is passed over.
async fn bounded(mut part: Field<'_>, bytes_max: usize) -> Result<Vec<u8>> {
    let mut kept = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|_| BROKEN)? {
        let room = (bytes_max + 1).saturating_sub(kept.len());
        kept.extend_from_slice(piece.get(..room).unwrap_or(&piece));
    }
    Ok(kept)
}

/// Photos that are sound, as the form sends them back with the next try.
#[must_use]
pub fn sent_back(photos: &[Vec<u8>]) -> Vec<String> {
    let sound = photos.iter().filter_map(|photo| jpeg::stripped(photo));
    sound.take(PHOTOS_MAX).map(|photo| BASE64.encode(&photo)).collect()
}
