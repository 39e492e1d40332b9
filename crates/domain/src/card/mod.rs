//! Readers of every code a gate meets: our own, the national cards, and those of others (`2-domain.md`).
//!
//! A text is trimmed, bounded and normalised to NFC, then recognised by its shape. Nothing is fetched and no
//! link is followed. The same bytes give the same verdict here and in the browser; the cases both readers
//! must agree on are in `tests/fixtures/codes.jsonl`.

mod bhyt;
mod cccd;
mod fields;
mod foreign;
mod link;
pub mod own_card;
mod place;
mod qr1405;
mod reason;
mod reason_texts;
pub(crate) mod text;

pub(crate) use cccd::check_number;
pub use fields::{Fields, Sex};
use jiff::civil::Date;
pub use reason::{HexFault, HexField, Reason};
use unicode_normalization::UnicodeNormalization;

/// Longest input, in bytes after trimming: what the largest QR symbol (version 40-L) holds in its
/// alphanumeric mode; in byte mode it holds 2,953. ISO/IEC 18004.
pub const INPUT_BYTES_MAX: usize = 4_296;

/// What a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Our code of a place, from a poster or typed.
    Place,
    /// Our personal card.
    Card,
    /// The national citizen card with chip.
    Cccd,
    /// The health-insurance card.
    Bhyt,
    /// The national personal QR of Decision 1405/QĐ-BTTTT.
    Qr1405,
    /// A place code of another contact-tracing system.
    Foreign,
    /// Anything else.
    Unknown,
}

/// Whether a code lets a person in, in ascending order of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Read and sound.
    Accept,
    /// Read; something should be looked at, and nobody is turned away for it.
    Warn,
    /// Not usable.
    Reject,
}

/// What reading a code gave. Serialised, it is the line that `vaora code read` prints.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    /// What the code is.
    pub kind: Kind,
    /// The gravest verdict among the reasons; accept where there is none.
    pub verdict: Verdict,
    /// The name of the foreign system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<&'static str>,
    /// What could be read soundly, on a refusal too, so that a gate need not type it again.
    pub fields: Fields,
    /// Why the verdict is not plain accept, in the order found.
    pub reasons: Vec<Reason>,
}

impl Reading {
    /// A reading whose verdict follows from its reasons.
    fn new(kind: Kind, fields: Fields, reasons: Vec<Reason>) -> Self {
        let verdict = reasons.iter().map(|reason| reason.verdict()).max().unwrap_or(Verdict::Accept);
        Self { kind, verdict, system: None, fields, reasons }
    }

    /// A refusal of which nothing could be read.
    fn refused(kind: Kind, reason: Reason) -> Self {
        Self::new(kind, Fields::default(), vec![reason])
    }
}

/// Reads a scanned or typed text. `today` is the local day: birth dates after it and cards expired before it
/// are refused.
#[must_use]
pub fn read(input: &str, today: Date) -> Reading {
    let trimmed = input.trim_matches(text::is_trimmed);
    if trimmed.len() > INPUT_BYTES_MAX {
        return Reading::refused(Kind::Unknown, Reason::TooLong);
    }
    if trimmed.is_empty() {
        return Reading::refused(Kind::Unknown, Reason::Empty);
    }
    let composed: String = trimmed.nfc().collect();
    recognise(&composed, today)
}

/// Reads scanned bytes; see [`read`]. Bytes that are not UTF-8 are refused, as their accents cannot be known.
#[must_use]
pub fn read_bytes(input: &[u8], today: Date) -> Reading {
    let trimmed = text::trim_bytes(input);
    match std::str::from_utf8(trimmed) {
        Ok(valid) => read(valid, today),
        Err(_) if trimmed.len() > INPUT_BYTES_MAX => Reading::refused(Kind::Unknown, Reason::TooLong),
        Err(_) => Reading::refused(Kind::Unknown, Reason::NotUtf8),
    }
}

/// Tries each shape in turn; the first that fits decides the kind.
fn recognise(text: &str, today: Date) -> Reading {
    if let Some(reading) = foreign::read(text) {
        return reading;
    }
    if let Some(link) = link::parse(text) {
        return place::read_link(&link)
            .or_else(|| own_card::read_link(&link, today))
            .unwrap_or_else(|| Reading::refused(Kind::Unknown, Reason::NotOurLink));
    }
    if text.contains('|') {
        let fields: Vec<&str> = text.split('|').collect();
        return bhyt::read(&fields, today)
            .or_else(|| qr1405::read(&fields, today))
            .or_else(|| cccd::read(&fields, today))
            .unwrap_or_else(|| Reading::refused(Kind::Unknown, Reason::NotACode));
    }
    place::read_typed(text).unwrap_or_else(|| Reading::refused(Kind::Unknown, unknown_reason(text)))
}

/// Payment codes hang beside every till in Viet Nam, so they are named. EMVCo's merchant-presented codes
/// begin with the format indicator `000201` and carry their checksum in the data object `6304`.
fn unknown_reason(text: &str) -> Reason {
    if text.starts_with("000201") && text.contains("6304") { Reason::PaymentCode } else { Reason::NotACode }
}
