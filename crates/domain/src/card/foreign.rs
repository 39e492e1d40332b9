//! Place codes of other contact-tracing systems: named, refused, never opened.
//!
//! Dead posters of such systems still hang at doors, and a code refused without a name is scanned again.

use super::link::{host_of, strip_prefix_any_case};
use super::{Fields, Kind, Reading, Reason};

/// Systems known by how their texts begin, in any case of letters.
const PREFIXES: [(&str, &str); 3] = [
    ("UKC19TRACING:", "NHS COVID-19 (England and Wales)"),
    ("NZCOVIDTRACER:", "NZ COVID Tracer (New Zealand)"),
    ("SMSTO:1922", "1922 SMS (Taiwan)"),
];

/// Systems known by their host; subdomains belong to them.
const HOSTS: [(&str, &str); 7] = [
    ("tracing.covid19.govt.nz", "NZ COVID Tracer (New Zealand)"),
    ("e.coronawarn.app", "Corona-Warn-App (Germany)"),
    ("luca-app.de", "luca (Germany)"),
    ("tac.gouv.fr", "TousAntiCovid (France)"),
    ("qr.notify-me.ch", "NotifyMe (Switzerland)"),
    ("tokhaiyte.vn", "Tờ khai y tế (former national system, Việt Nam)"),
    ("pccovid.gov.vn", "PC-Covid (former national system, Việt Nam)"),
];

/// Names the foreign system of a text; `None` where it belongs to none that we know.
pub(super) fn read(text: &str) -> Option<Reading> {
    let system = by_prefix(text).or_else(|| by_host(&host_of(text)?))?;
    let mut reading = Reading::new(Kind::Foreign, Fields::default(), vec![Reason::ForeignSystem]);
    reading.system = Some(system);
    Some(reading)
}

fn by_prefix(text: &str) -> Option<&'static str> {
    PREFIXES.iter().find_map(|(prefix, system)| {
        let rest = strip_prefix_any_case(text, prefix)?;
        // A longer number than 1922 is somebody else's.
        (!rest.starts_with(|next: char| next.is_ascii_digit()) || prefix.ends_with(':')).then_some(*system)
    })
}

fn by_host(host: &str) -> Option<&'static str> {
    HOSTS.iter().find_map(|(owned, system)| {
        let before = host.strip_suffix(owned)?;
        (before.is_empty() || before.ends_with('.')).then_some(*system)
    })
}
