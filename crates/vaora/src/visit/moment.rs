//! The word of the minute and the rotating code of a place: what stands on a success page and at the gate at
//! the same time, so that a screenshot or a check-in from home shows.

use domain::{
    moment::{self, ROTATE_S},
    time::{Millis, day_number, local_date},
};
use seal::moment::MomentKey;
use store::places::PointFacts;

use crate::{app::App, error::Result};

/// Half minutes for which a screen's code counts after it was shown: the page is read and filled meanwhile.
const STEPS_BEFORE: i64 = 5;

fn key(app: &App, place_id: i64, at: Millis) -> MomentKey {
    MomentKey::derive(&app.keyfile.session_key, place_id, day_number(local_date(at)))
}

/// The word of the minute at a place.
///
/// # Errors
/// When it cannot be made.
pub fn word(app: &App, place_id: i64, at: Millis) -> Result<&'static str> {
    Ok(moment::word(&key(app, place_id, at).word_mac(moment::minute(at))?))
}

/// Whether a screen of this point showed a text at an instant or shortly before.
///
/// # Errors
/// When the codes cannot be made.
pub fn rotating_is_of(app: &App, facts: &PointFacts, text: &str, at: Millis) -> Result<bool> {
    let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let mut candidates = Vec::new();
    for back in -1..=STEPS_BEFORE {
        let then = at - back * ROTATE_S * 1000;
        let mac = key(app, facts.place_id, then).code_mac(facts.point.area_id, moment::rotate_step(then))?;
        candidates.push(moment::rotating_text(&mac));
    }
    Ok(moment::rotating_fits(&text, &candidates))
}
