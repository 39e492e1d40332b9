//! Weighing what was captured at a door: who, when, how far to trust it; into check-ins that only have to be
//! kept, or a refusal in words.

use domain::{
    scan::{self, Capture, Timing},
    time::{Millis, local_date},
};
use sha2::{Digest as _, Sha256};

use super::{
    CheckIn, Source,
    captured::{Captured, Direction, Refused, Subject, refusal, subject},
    identity::{self, Identity},
};
use crate::{app::App, cards::short_number, error::Result, i18n::Lang};

/// Where and when something was captured.
#[derive(Clone, Copy)]
pub struct At {
    /// Made on the device.
    pub event_id: [u8; 16],
    /// Area of the gate.
    pub area_id: u32,
    /// By the device's clock.
    pub captured_at: Millis,
    /// Server's clock less the device's, where it was measured.
    pub offset_ms: Option<i64>,
    /// Whence it came.
    pub source: Source,
    /// True when the person was let in already, so that only what is malformed may be refused.
    pub already_in: bool,
    /// The most that it can be trusted, by who hands it in.
    pub assurance_max: u8,
}

/// What is shown of a scan that will be kept.
pub struct Shown {
    /// Name as it stands on what was shown; never from the register.
    pub name: Option<String>,
    /// What to look at.
    pub warnings: Vec<String>,
}

/// What became of it.
pub enum Weighed {
    /// To keep: the person, then those who came along.
    Keep(Vec<CheckIn>, Shown),
    /// Not to keep, and why.
    Refused(Refused),
}

/// Weighs what was captured.
///
/// # Errors
/// When a record cannot be written.
pub fn weigh(app: &App, at: At, captured: &Captured, lang: Lang) -> Result<Weighed> {
    let now = app.now();
    let capture = Capture { captured_at: at.captured_at, offset_ms: at.offset_ms };
    let day = local_date(capture.corrected_at().min(now));
    let found = match subject(app, captured, day, lang) {
        Ok(found) => found,
        Err(refused) => return Ok(Weighed::Refused(refused)),
    };
    let Timing::Taken { captured: second, assurance, .. } = scan::decide(capture, found.way, now) else {
        let words = ("Quá cũ", "Lượt quét này đã quá 7 ngày nên không nhận được nữa.");
        return Ok(Weighed::Refused(refusal(app, lang, "too_old", words)));
    };
    let mut assurance = assurance.min(at.assurance_max).min(found.assurance_max);
    if found.card_number.is_some_and(|number| app.cards.is_revoked(&number, capture.corrected_at())) {
        if !at.already_in {
            let words = ("Thẻ đã bị thu hồi", "Thẻ này đã được báo mất hoặc thay. Hãy hỏi giấy tờ khác.");
            return Ok(Weighed::Refused(refusal(app, lang, "card_revoked", words)));
        }
        assurance = 0;
    }
    let own = check_in(app, at, captured, &found, second, assurance)?;
    let mut kept = vec![own];
    for (number, name) in captured.companions.iter().enumerate() {
        let Ok(name) = domain::name::Name::parse(name) else {
            let words = ("Sai tên người đi cùng", "Tên người đi cùng chỉ gồm chữ cái. Hãy sửa rồi ghi lại.");
            return Ok(Weighed::Refused(refusal(app, lang, "companion_invalid", words)));
        };
        let tag = found.card_number.map(|number| short_number(&number));
        let identity = companion(&found.identity, name.into_string(), tag.as_deref());
        kept.push(CheckIn {
            event_id: companion_id(&at.event_id, number),
            subject: identity::prepare(&app.keyfile.index_key, &identity)?,
            // Somebody else's word, not a card of one's own.
            assurance: assurance.min(1),
            ..kept[0].clone()
        });
    }
    let name = Some(found.identity.name).filter(|name| !name.is_empty());
    Ok(Weighed::Keep(kept, Shown { name, warnings: found.warnings }))
}

fn check_in(
    app: &App,
    at: At,
    captured: &Captured,
    found: &Subject,
    second: u32,
    assurance: u8,
) -> Result<CheckIn> {
    let key = &app.keyfile.index_key;
    let subject = match &found.card_number {
        Some(number) => identity::prepare_card(key, number, &found.identity)?,
        None if captured.phone_of.is_some() => identity::prepare_note(key, &found.identity)?,
        None => identity::prepare(key, &found.identity)?,
    };
    Ok(CheckIn {
        event_id: at.event_id,
        area_id: at.area_id,
        out: captured.direction() == Direction::Out,
        captured: second,
        assurance,
        subject,
        source: at.source,
        record_only: captured.phone_of.is_some(),
    })
}

/// Somebody who came along: named, reachable by the phone of the one who was scanned. `tag` tells apart those
/// who came with bearers of one shortened name.
#[must_use]
pub fn companion(with: &Identity, name: String, tag: Option<&str>) -> Identity {
    let beside = format!("Đi cùng {} {}", with.name, tag.or(with.id_number.as_deref()).unwrap_or_default());
    Identity {
        name,
        phone: with.phone.clone(),
        address: with.phone.is_none().then(|| beside.trim_end().to_owned()),
        declared_by: Some(with.name.clone()).filter(|name| !name.is_empty()),
        ..Identity::default()
    }
}

/// A companion's own id follows from the scan's, so that sending again keeps nothing twice.
#[must_use]
pub fn companion_id(event_id: &[u8; 16], number: usize) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(b"companion v1");
    hasher.update(event_id);
    hasher.update(number.to_be_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize()[..16]);
    id
}
