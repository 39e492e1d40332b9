//! Posters of many places in one ZIP, a PDF a place.

use std::io::{Cursor, Write as _};

use domain::time::Millis;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{DocumentError, POSTERS_MAX, Poster, posters_pdf};

/// Longest name of a file in the archive, in characters, without its number and ending.
const NAME_CHARS_MAX: usize = 60;

/// One PDF for each place, named by number and the place's folded name (ASCII, so that every system unpacks
/// it). `places` are folded names with their posters.
///
/// # Errors
/// When there are none, more than [`POSTERS_MAX`] posters in all, or one cannot be made.
pub fn posters_zip(places: &[(String, Vec<Poster>)], now: Millis) -> Result<Vec<u8>, DocumentError> {
    let count = places.iter().map(|(_, posters)| posters.len()).sum();
    if count == 0 {
        return Err(DocumentError::Nothing("posters"));
    }
    if count > POSTERS_MAX {
        return Err(DocumentError::TooMany { what: "posters", count, max: POSTERS_MAX });
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // PDF is compressed already.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (number, (name, posters)) in places.iter().enumerate() {
        let plain: String = name
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
            .take(NAME_CHARS_MAX)
            .collect();
        archive.start_file(format!("{:03}-{plain}.pdf", number + 1), options)?;
        archive.write_all(&posters_pdf(posters, now)?)?;
    }
    Ok(archive.finish()?.into_inner())
}
