//! Scans that a device sealed: opened, and judged by who hands them in.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use data_encoding::BASE64URL_NOPAD;
use domain::scan::{CLOCK_MS, Capture};
use seal::sitting::Opener;
use store::{gates::Gate, quarantine::Quarantined};
use uuid::Uuid;

use super::{
    CheckIn, Source,
    captured::{Captured, Refused, refusal},
    weigh::{At, Weighed, weigh},
};
use crate::{
    api::queue::QueueItem,
    app::App,
    error::Result,
    i18n::Lang,
    limits::{QUARANTINE_MAX, SEALED_BYTES_MAX},
};

const UNREADABLE: (&str, &str) =
    ("Không mở được lượt này", "Dữ liệu của lượt này bị hỏng. Hãy hỏi và ghi lại người đó nếu còn kịp.");

/// What is to become of a scan.
pub enum Judged {
    /// To keep: the person, then those who came along.
    Keep(Vec<CheckIn>),
    /// To keep apart until the commune decides, and why.
    Apart(Quarantined, Refused),
    /// Not to keep, and why.
    Refuse(Refused),
}

/// Who hands scans in: an enrolled device, or an officer with its file.
pub struct Bearer {
    app: App,
    gate: Gate,
    /// The gate as its scans name it.
    device: String,
    /// Former enrolments at the same place, by what scans call them; nothing for a stranger's.
    formers: HashMap<String, Option<Gate>>,
    /// Scans of this bearer that are in quarantine already.
    quarantined: i64,
    offset_ms: Option<i64>,
    lang: Lang,
}

impl Bearer {
    /// Whoever hands in these scans at a gate, with all that is to be looked up for them.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn of(
        app: &App,
        gate: &Gate,
        items: &[QueueItem],
        offset_ms: Option<i64>,
        lang: Lang,
    ) -> Result<Self> {
        let quarantined = match gate.revoked_at {
            Some(_) => app.store.quarantined_of_gate(gate.id).await?,
            None => 0,
        };
        let device = gate.id.to_string();
        let mut formers = HashMap::new();
        for item in items.iter().filter(|item| item.device != device) {
            if !formers.contains_key(&item.device) {
                formers.insert(item.device.clone(), former(app, gate, &item.device).await?);
            }
        }
        Ok(Self { app: app.clone(), gate: gate.clone(), device, formers, quarantined, offset_ms, lang })
    }

    /// Opens and judges a batch aside: it is work for the processor, and those who stand at a door meanwhile
    /// must not wait.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub async fn judge(self, items: &Arc<[QueueItem]>) -> Result<Vec<Judged>> {
        let items = Arc::clone(items);
        let judge_all = move || {
            let mut opener = self.app.sitting_keys.opener(&self.app.keyfile.ingest_key);
            items.iter().map(|item| self.judge_one(&mut opener, item)).collect()
        };
        tokio::task::spawn_blocking(judge_all).await?
    }

    fn judge_one(&self, opener: &mut Opener, item: &QueueItem) -> Result<Judged> {
        let sealed = BASE64URL_NOPAD.decode(item.sealed.as_bytes()).unwrap_or_default();
        let is_sane = sealed.len() <= SEALED_BYTES_MAX && CLOCK_MS.contains(&item.at);
        let captured = if is_sane { open(opener, &item.device, &item.id, item.at, &sealed) } else { None };
        let Some(captured) = captured else {
            return Ok(Judged::Refuse(self.refusal("unreadable", UNREADABLE)));
        };
        let mut former = None;
        if item.device != self.device {
            // A device enrolled anew hands in what it captured under its former enrolment, at the same place.
            former = self.formers.get(&item.device).and_then(Option::as_ref);
            if former.is_none() {
                let words = ("Máy lạ", "Lượt này mang mã của một máy không thuộc địa điểm này.");
                return Ok(Judged::Refuse(self.refusal("unknown_device", words)));
            }
        }
        let of = former.unwrap_or(&self.gate);
        let capture = Capture { captured_at: item.at, offset_ms: self.offset_ms };
        let is_revoked = |gate: &Gate| gate.revoked_at.is_some_and(|at| capture.corrected_at() >= at);
        if is_revoked(of) || is_revoked(&self.gate) {
            return Ok(self.apart(of, item, sealed));
        }
        let at = At {
            event_id: *item.id.as_bytes(),
            area_id: u32::try_from(of.area_id)?,
            captured_at: item.at,
            offset_ms: self.offset_ms,
            source: Source::Device(self.gate.id),
            already_in: true,
            // Whoever holds a revoked device may well have set its clock back.
            assurance_max: if self.gate.revoked_at.is_some() || of.revoked_at.is_some() { 1 } else { 3 },
        };
        Ok(match weigh(&self.app, at, &captured, self.lang)? {
            Weighed::Keep(check_ins, _) => Judged::Keep(check_ins),
            Weighed::Refused(refused) => Judged::Refuse(refused),
        })
    }

    fn apart(&self, of: &Gate, item: &QueueItem, sealed: Vec<u8>) -> Judged {
        if self.quarantined >= QUARANTINE_MAX {
            let words =
                ("Máy đã bị thu hồi", "Đã có quá nhiều lượt chờ xã, phường quyết định; không nhận thêm.");
            return Judged::Refuse(self.refusal("quarantine_full", words));
        }
        let words = ("Máy đã bị thu hồi", "Lượt này ghi sau khi máy bị thu hồi; xã, phường sẽ xem xét.");
        let why = self.refusal("revoked", words);
        let scan = Quarantined {
            event_id: item.id.as_bytes().to_vec(),
            gate_id: of.id,
            captured_at: item.at,
            offset_ms: self.offset_ms,
            received_at: self.app.now(),
            reason: why.reason.clone(),
            sealed,
        };
        Judged::Apart(scan, why)
    }

    fn refusal(&self, reason: &str, words: (&str, &str)) -> Refused {
        refusal(&self.app, self.lang, reason, words)
    }
}

/// The gate of a former enrolment, where it stood at the same place.
async fn former(app: &App, gate: &Gate, device: &str) -> Result<Option<Gate>> {
    let Ok(id) = device.parse() else { return Ok(None) };
    let Some(former) = app.store.gate(id).await? else { return Ok(None) };
    Ok((place_of(app, &former).await? == place_of(app, gate).await?).then_some(former))
}

async fn place_of(app: &App, gate: &Gate) -> Result<i64> {
    Ok(app.store.area(gate.area_id).await?.map_or(0, |area| area.place_id))
}

/// Opens a sealed scan of a device by what its seal is bound to.
#[must_use]
pub fn open_sealed(app: &App, device: &str, id: &Uuid, at: i64, sealed: &[u8]) -> Option<Captured> {
    open(&mut app.sitting_keys.opener(&app.keyfile.ingest_key), device, id, at, sealed)
}

fn open(opener: &mut Opener, device: &str, id: &Uuid, at: i64, sealed: &[u8]) -> Option<Captured> {
    // An id of our own has 19 digits at most, a UUID 36 signs, an instant 13 digits.
    let mut bound = String::with_capacity(device.len() + 52);
    // Writing to a string does not fail.
    let _ = write!(bound, "{device}.{id}.{at}");
    let plain = opener.open(bound.as_bytes(), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
