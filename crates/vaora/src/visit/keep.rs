//! Keeping a visitor's own check-in, from the form or from the queue of his phone.

use std::net::IpAddr;

use domain::{
    scan::{self, Capture, Timing, Way},
    time::Millis,
};
use store::places::PointFacts;
use uuid::Uuid;

use super::moment;
use crate::{
    api::scans::keep_all,
    app::App,
    error::{AppError, Result},
    intake::{
        CheckIn, Source,
        identity::{self, Identity},
        weigh::{companion, companion_id},
    },
};

pub use crate::intake::captured::COMPANIONS_MAX;

/// A check-in as the visitor's phone or form gives it.
pub struct Visited {
    /// Made with the page or on the phone.
    pub id: Uuid,
    /// True for out.
    pub out: bool,
    /// By the phone's clock; the server's for a form.
    pub captured_at: Millis,
    /// Server's clock less the phone's, where it was measured.
    pub offset_ms: Option<i64>,
    /// What a screen showed beside the code.
    pub rotating: Option<String>,
    /// True where the visitor typed the time afterwards.
    pub corrected: bool,
    /// Names of those who came along.
    pub companions: Vec<String>,
    /// Network whence it came, as a keyed hash.
    pub network: Source,
}

/// A network address as bursts are counted by it: a keyed hash, kept in memory only.
#[must_use]
pub fn network_of(app: &App, peer: IpAddr) -> Source {
    let mac = app.keyfile.session_key.mac("network v1", peer.to_string().as_bytes());
    let mut short = [0; 8];
    short.copy_from_slice(&mac[..8]);
    Source::Network(short)
}

/// Keeps a check-in with those who came along; answers whether it was new.
///
/// # Errors
/// A bad request when it is too old; unavailable when it cannot be kept right now.
pub async fn keep(
    app: &App,
    facts: &PointFacts,
    person: &Identity,
    visited: &Visited,
) -> Result<scanlog::Appended> {
    let now = app.now();
    let capture = Capture { captured_at: visited.captured_at, offset_ms: visited.offset_ms };
    let Timing::Taken { captured, assurance, .. } =
        scan::decide(capture, way(app, facts, visited, now)?, now)
    else {
        if visited.offset_ms.is_none() {
            return Err(AppError::Unavailable("Đồng hồ của máy chủ sai. Hãy báo đơn vị quản trị."));
        }
        return Err(AppError::BadRequest("Lượt này đã quá 7 ngày nên không nhận được nữa."));
    };
    let key = &app.keyfile.index_key;
    let own = CheckIn {
        event_id: *visited.id.as_bytes(),
        area_id: u32::try_from(facts.point.area_id)?,
        out: visited.out,
        captured,
        assurance,
        subject: identity::prepare(key, person)?,
        source: visited.network,
        record_only: false,
    };
    let mut group = vec![own];
    for (number, name) in visited.companions.iter().enumerate() {
        let along = companion(person, name.clone(), None);
        let event_id = companion_id(visited.id.as_bytes(), number);
        group.push(CheckIn { event_id, subject: identity::prepare(key, &along)?, ..group[0].clone() });
    }
    let kept = keep_all(app, vec![(0, group)]).await?;
    let first = kept.into_iter().next().map(|(_, appended)| appended);
    first.ok_or(AppError::Unavailable("Chưa ghi nhận được. Hãy thử lại ngay."))
}

/// A screen's code of this moment proves that somebody stood before it; a typed time proves nothing. The moment
/// is the server's: a phone could claim any.
fn way(app: &App, facts: &PointFacts, visited: &Visited, now: Millis) -> Result<Way> {
    if visited.corrected {
        return Ok(Way::Typed);
    }
    Ok(match visited.rotating.as_deref() {
        Some(text) if moment::rotating_is_of(app, facts, text, now)? => Way::Rotating,
        _ => Way::Poster,
    })
}
