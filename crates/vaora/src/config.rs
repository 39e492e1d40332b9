//! Settings: one TOML file, unknown keys refused, every key with a default that works on one machine.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use domain::period::DEFAULT_WEEK_START;
use jiff::civil::Weekday;
use serde::Deserialize;

use crate::mail::MailServer;

/// Fewest days that scans are kept (the incubation period the rules look back over).
pub const RETENTION_DAYS_MIN: u32 = 14;
/// Most days that scans are kept.
pub const RETENTION_DAYS_MAX: u32 = 28;

/// All settings of an installation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: String,
    /// Address that people open; posters carry it. HTTPS outside of trials on one machine.
    pub public_url: String,
    /// Folder of the embedded databases, the scan log and, unless set otherwise, the key file.
    pub data_dir: PathBuf,
    /// PostgreSQL instead of the embedded databases.
    pub database_url: Option<String>,
    /// Another PostgreSQL for the keyring, so that its backups are kept apart.
    pub keyring_url: Option<String>,
    /// Schema of all tables in PostgreSQL.
    pub database_schema: String,
    /// Key file; must never lie in a backup of the databases.
    pub key_file: Option<PathBuf>,
    /// Days that scans can be opened, 14 to 28 (docs/retention.md).
    pub retention_days: u32,
    /// Days that a case and what it keeps stay after it was opened.
    pub case_days: u32,
    /// Seconds after a start before closed days of the scan log are packed: scans that waited in devices come first.
    pub pack_after_start_s: u32,
    /// Scans a second that one gate may send in the long run (2,000 at once after an outage).
    pub device_scans_per_second: u32,
    /// Connections served at once; without it, as many as the file descriptors allow, 20,480 at most.
    pub connections_max: Option<usize>,
    /// Weekday on which reporting weeks begin, in English.
    pub week_starts: String,
    /// Hotline printed on posters.
    pub hotline: Option<String>,
    /// Office in whose name documents are issued.
    pub issuing_agency: String,
    /// Its parent, printed above it.
    pub parent_agency: String,
    /// Registry symbol after the number, such as `BC-STTTT`.
    pub document_symbol: String,
    /// Office that answers questions about personal data.
    pub privacy_contact: String,
    /// Gateway that sends one-time codes; without one, owners cannot prove phones.
    pub sms: Option<SmsGateway>,
    /// Server that e-mails to officers are handed to; without one, none are sent.
    pub mail: Option<MailServer>,
    /// Demo mode: red banner, codes shown on screen. Set by `vaora demo` only.
    #[serde(skip)]
    pub demo: bool,
}

/// An HTTP gateway for text messages: `POST url` with JSON `{"to": "+84…", "text": "…"}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsGateway {
    /// Address to post to.
    pub url: String,
    /// File that holds the bearer token.
    pub token_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: "http://localhost:8080".into(),
            data_dir: "vaora-data".into(),
            database_url: None,
            keyring_url: None,
            database_schema: "vaora".into(),
            key_file: None,
            retention_days: 21,
            case_days: 90,
            pack_after_start_s: 300,
            device_scans_per_second: 2,
            connections_max: None,
            week_starts: "friday".into(),
            hotline: None,
            issuing_agency: "Sở Thông tin và Truyền thông".into(),
            parent_agency: "UBND tỉnh Đắk Lắk".into(),
            document_symbol: "BC-STTTT".into(),
            privacy_contact: "Sở Thông tin và Truyền thông tỉnh Đắk Lắk".into(),
            sms: None,
            mail: None,
            demo: false,
        }
    }
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// When the file cannot be read, holds an unknown key, or a value out of its bounds.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the settings file {}", path.display()))?;
        let config: Self = toml::from_str(&text)
            .with_context(|| format!("the settings file {} is wrong", path.display()))?;
        config.checked()
    }

    /// Checks bounds that types alone do not hold.
    ///
    /// # Errors
    /// When a value is out of its bounds; the text names the key and what is allowed.
    pub fn checked(self) -> Result<Self> {
        if !(RETENTION_DAYS_MIN..=RETENTION_DAYS_MAX).contains(&self.retention_days) {
            bail!("retention_days must be {RETENTION_DAYS_MIN} to {RETENTION_DAYS_MAX}");
        }
        if !self.public_url.starts_with("https://") && !self.public_url.starts_with("http://") {
            bail!("public_url must begin with https:// (or http:// for a trial on one machine)");
        }
        if self.connections_max == Some(0) {
            bail!("connections_max must be 1 or more");
        }
        if weekday(&self.week_starts).is_none() {
            bail!("week_starts must be a weekday in English, such as friday");
        }
        if let Some(mail) = &self.mail {
            mail.check()?;
        }
        Ok(self)
    }

    /// True where cookies may demand HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Where the key file lies.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("vaora.key"))
    }

    /// The weekday on which reporting weeks begin.
    #[must_use]
    pub fn week_start(&self) -> Weekday {
        weekday(&self.week_starts).unwrap_or(DEFAULT_WEEK_START)
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("retention_dayz = 21").is_err());
    }

    #[test]
    fn numbers_have_bounds() {
        assert!(Config { retention_days: 13, ..Config::default() }.checked().is_err());
        assert!(Config { retention_days: 29, ..Config::default() }.checked().is_err());
        assert!(Config { connections_max: Some(0), ..Config::default() }.checked().is_err());
        assert!(Config::default().checked().is_ok());
    }
}
