//! Cases' keys, and who looked at a case when.

use std::collections::HashMap;

use seal::symmetric::CaseKey;
use store::cases::Case;
use tokio::sync::Mutex;

use crate::{app::App, error::Result};

const LABEL: &str = "case key v1";

/// Seals a case's key under the key file.
///
/// # Errors
/// When sealing fails.
pub fn seal_key(app: &App, case_id: i64, key: &CaseKey) -> Result<Vec<u8>> {
    Ok(app.keyfile.contact_key.seal(LABEL, &case_id.to_be_bytes(), key.expose(), &mut rand::rng())?)
}

/// Opens a case's key.
///
/// # Errors
/// When the key file is another one or the row was altered.
pub fn open_key(app: &App, case: &Case) -> Result<CaseKey> {
    let opened = app.keyfile.contact_key.open(LABEL, &case.id.to_be_bytes(), &case.key_sealed)?;
    Ok(CaseKey::from_bytes(&opened)?)
}

/// The random ids of a case's index person.
#[must_use]
pub fn persons(case: &Case) -> Vec<u64> {
    case.persons.split(',').filter_map(|text| u64::from_str_radix(text, 16).ok()).collect()
}

/// Ids as a case keeps them.
#[must_use]
pub fn persons_text(ids: &[u64]) -> String {
    ids.iter().map(|id| format!("{id:016x}")).collect::<Vec<_>>().join(",")
}

/// When each account last looked at each case.
#[derive(Default)]
pub struct CaseViews(Mutex<HashMap<(i64, i64), i64>>);

/// Milliseconds of one sitting: looks within it are one entry of the log.
const SITTING_MS: i64 = 15 * 60_000;

impl CaseViews {
    /// True when no look of this account at this case was logged within the sitting.
    pub async fn begins_sitting(&self, account: i64, case: i64, now: i64) -> bool {
        let mut seen = self.0.lock().await;
        seen.retain(|_, at| now - *at < SITTING_MS);
        !seen.contains_key(&(account, case))
    }

    /// Notes a look that was logged; later ones within the sitting do not prolong it.
    pub async fn logged(&self, account: i64, case: i64, now: i64) {
        self.0.lock().await.insert((account, case), now);
    }
}
