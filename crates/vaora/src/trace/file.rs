//! What a case keeps after an opening: the timeline and the contacts, sealed under the case's key.

use serde::{Deserialize, Serialize};
use store::cases::Case;

use crate::{
    app::App,
    error::Result,
    intake::identity::Identity,
    trace::{answers::Answer, cases, questions::Question},
};

/// Name of the record within its case.
const RECORD: &str = "file/1";

/// A case's file.
#[derive(Serialize, Deserialize)]
pub struct CaseFile {
    /// The index person, as known.
    pub index: Identity,
    /// Visits of the index person, by time.
    pub timeline: Vec<Stay>,
    /// Contacts, ranked.
    pub contacts: Vec<Contact>,
    /// How many more contacts there were beyond the limit.
    pub cut: usize,
    /// Infectious window, milliseconds.
    pub window_from_at: i64,
    /// End of the window.
    pub window_until_at: i64,
    /// Rule's source.
    pub rule: String,
    /// Least overlap, minutes.
    pub min_overlap_minutes: i64,
    /// Sealed rows read.
    pub rows_read: i64,
    /// Rows that did not open under their key: moved, altered or made up.
    pub rows_bad: i64,
    /// Arrival days whose scans could not all be read.
    #[serde(default)]
    pub days_damaged: Vec<String>,
    /// When it was made.
    pub made_at: i64,
    /// Milliseconds from release to result.
    pub took_ms: i64,
    /// Answers of sittings that the case team kept, in that order.
    #[serde(default)]
    pub kept: Vec<Kept>,
}

/// Most answers that a case's file keeps.
pub const KEPT_MAX: usize = 20;

/// Most bytes of a case's file, as JSON, to which an answer may still be added.
pub const FILE_BYTES_MAX: usize = 32 << 20;

/// Counts what is written and keeps none of it.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl CaseFile {
    /// Whether the file is within [`FILE_BYTES_MAX`].
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn has_room(&self) -> Result<bool> {
        let mut count = Count(0);
        serde_json::to_writer(&mut count, self)?;
        Ok(count.0 <= FILE_BYTES_MAX)
    }
}

/// An answer that the case team kept.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// The opening in whose sitting it was asked.
    pub opening_id: i64,
    /// Number within the sitting.
    pub number: usize,
    /// Login of who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: i64,
    /// Login of who kept it.
    pub kept_by: String,
    /// When.
    pub kept_at: i64,
    /// What was asked.
    pub question: Question,
    /// What was answered.
    pub answer: Answer,
}

/// A visit in words.
#[derive(Serialize, Deserialize)]
pub struct Stay {
    /// Place's name.
    pub place: String,
    /// Area's name; empty for the place itself.
    pub area: String,
    /// Commune.
    pub commune: String,
    /// First instant.
    pub from_at: i64,
    /// End.
    pub until_at: i64,
    /// Nobody scanned in.
    pub start_inferred: bool,
    /// Nobody scanned out.
    pub end_inferred: bool,
    /// Lowest assurance of its scans.
    pub assurance: u8,
    /// Type of the place; empty in files made before it was kept.
    #[serde(default)]
    pub place_type: String,
}

/// A contact of the first generation.
#[derive(Serialize, Deserialize)]
pub struct Contact {
    /// Who.
    pub identity: Identity,
    /// Minutes together, rounded down.
    pub minutes: i64,
    /// True when they shared an area and not only a place.
    pub same_area: bool,
    /// End of the last time together.
    pub last_at: i64,
    /// `sure`, `likely` or `uncertain`.
    pub certainty: String,
    /// Times together.
    pub meetings: Vec<Meeting>,
}

/// One time together.
#[derive(Serialize, Deserialize)]
pub struct Meeting {
    /// The contact's stay.
    pub stay: Stay,
    /// Beginning of the time together.
    pub from_at: i64,
    /// Its end.
    pub until_at: i64,
    /// The lowest assurance of the scans behind both stays.
    pub assurance: u8,
    /// True when an end of either stay is inferred.
    pub inferred: bool,
}

/// Seals and keeps a case's file.
///
/// # Errors
/// When sealing or the store fails.
pub async fn keep(app: &App, case: &Case, file: &CaseFile) -> Result<()> {
    let key = cases::open_key(app, case)?;
    let text = zeroize::Zeroizing::new(serde_json::to_vec(file)?);
    let sealed = key.seal(case.id, RECORD, &text, &mut rand::rng())?;
    Ok(app.store.put_case_file(case.id, sealed).await?)
}

/// Opens a case's file, if it has one.
///
/// # Errors
/// When the key does not fit or the file was altered.
pub fn open(app: &App, case: &Case) -> Result<Option<CaseFile>> {
    let Some(sealed) = &case.file_sealed else { return Ok(None) };
    let opened = cases::open_key(app, case)?.open(case.id, RECORD, sealed)?;
    Ok(Some(serde_json::from_slice(&opened)?))
}
