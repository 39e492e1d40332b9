//! The key file: the server's own long-lived keys, outside the database and its backups.
//!
//! The text has a line per key, `name = base64`, after a line with the version and before one with a check
//! sum (SHA-256 over the lines above it, trimmed, without blank ones and comments). Lines that begin with
//! `#` are comments. A damaged, cut or mixed-up file is refused by name rather than half read.

use data_encoding::{BASE64, HEXLOWER};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{SealError, index::IndexKey, sign::SigningKey, symmetric::SymmetricKey, wrap::KeyPair};

const VERSION_NAME: &str = "vaora_key_file";
const VERSION: &str = "1";
const CHECK_NAME: &str = "checksum";

/// The names of the values, in the order they are written.
const NAMES: [&str; 8] = [
    "install_id",
    "index_key",
    "contact_key",
    "cookie_key",
    "session_key",
    "log_signing_key",
    "card_signing_key",
    "ingest_key",
];

const HEADER: &str = "\
# Keys of this Vào Ra server. Whoever has this file and the database can look up who is registered.
# Keep it readable by the server alone (mode 0600), and a copy in a safe, apart from the backups.
";

/// Why a key file is refused. Never carries a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// The text does not begin like a key file.
    #[error("not a key file")]
    NotAKeyFile,
    /// The file was written by another version of the program.
    #[error("key file of another version")]
    OtherVersion,
    /// The check sum is missing or does not fit: the file was cut, edited or damaged.
    #[error("the key file is damaged: its check sum does not fit")]
    Damaged,
    /// A line is not `name = value`, or its name is not one of a key file's.
    #[error("line {0} of the key file is not one that belongs there")]
    UnknownLine(usize),
    /// A value stands twice.
    #[error("{0} stands twice in the key file")]
    Twice(&'static str),
    /// A value is missing.
    #[error("{0} is missing from the key file")]
    Missing(&'static str),
    /// A value is not base64 or not a key of its kind.
    #[error("{0} in the key file is not a valid key")]
    BadValue(&'static str),
}

/// The server's own keys.
pub struct KeyFile {
    /// Names this installation; not secret. The access log begins with it.
    pub install_id: [u8; 16],
    /// The key of the blind indexes (`K_index`).
    pub index_key: IndexKey,
    /// Seals the contacts of place owners, and the keys of cases.
    pub contact_key: SymmetricKey,
    /// Seals and authenticates what is kept in visitors' and officers' cookies.
    pub cookie_key: SymmetricKey,
    /// Keyed hashes of session tokens and one-time codes.
    pub session_key: SymmetricKey,
    /// Signs the heads of the access log.
    pub log_signing_key: SigningKey,
    /// Signs our own personal cards.
    pub card_signing_key: SigningKey,
    /// Receives the queues that gate devices seal to the server.
    pub ingest_key: KeyPair,
}

impl KeyFile {
    /// Makes the keys of a new installation.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut install_id = [0; 16];
        rng.fill_bytes(&mut install_id);
        Self {
            install_id,
            index_key: IndexKey::generate(rng),
            contact_key: SymmetricKey::generate(rng),
            cookie_key: SymmetricKey::generate(rng),
            session_key: SymmetricKey::generate(rng),
            log_signing_key: SigningKey::generate(rng),
            card_signing_key: SigningKey::generate(rng),
            ingest_key: KeyPair::generate(rng),
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // Reserved at once: growing would leave unwiped copies behind.
        let mut text = Zeroizing::new(String::with_capacity(2048));
        text.push_str(HEADER);
        let mut check = Sha256::new();
        let mut line = |name: &str, push_value: &dyn Fn(&mut String)| {
            let start = text.len();
            text.push_str(name);
            text.push_str(" = ");
            push_value(&mut text);
            text.push('\n');
            check.update(&text.as_bytes()[start..]);
        };
        line(VERSION_NAME, &|text| text.push_str(VERSION));
        let values: [&[u8]; 8] = [
            &self.install_id,
            self.index_key.expose(),
            self.contact_key.expose(),
            self.cookie_key.expose(),
            self.session_key.expose(),
            &*self.log_signing_key.expose(),
            &*self.card_signing_key.expose(),
            &*self.ingest_key.private.expose(),
        ];
        for (name, value) in NAMES.into_iter().zip(values) {
            line(name, &|text| BASE64.encode_append(value, text));
        }
        text.push_str(CHECK_NAME);
        text.push_str(" = ");
        HEXLOWER.encode_append(&check.finalize(), &mut text);
        text.push('\n');
        text
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// The [`KeyFileError`] that names what is wrong with the file.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let values = Values::read(text)?;
        Ok(Self {
            install_id: values
                .key(0, |bytes| bytes.try_into().map_err(|_| SealError::BadKey("install id")))?,
            index_key: values.key(1, IndexKey::from_bytes)?,
            contact_key: values.key(2, SymmetricKey::from_bytes)?,
            cookie_key: values.key(3, SymmetricKey::from_bytes)?,
            session_key: values.key(4, SymmetricKey::from_bytes)?,
            log_signing_key: values.key(5, SigningKey::from_bytes)?,
            card_signing_key: values.key(6, SigningKey::from_bytes)?,
            ingest_key: values.key(7, KeyPair::from_private_bytes)?,
        })
    }
}

/// The values of a file whose check sum fits, in the order of [`NAMES`].
struct Values<'a>([Option<&'a str>; 8]);

impl<'a> Values<'a> {
    fn read(text: &'a str) -> Result<Self, KeyFileError> {
        let mut lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let (_, first) = lines.next().ok_or(KeyFileError::NotAKeyFile)?;
        match pair(first) {
            Some((VERSION_NAME, VERSION)) => {}
            Some((VERSION_NAME, _)) => return Err(KeyFileError::OtherVersion),
            _ => return Err(KeyFileError::NotAKeyFile),
        }
        let mut check = Sha256::new().chain_update(first).chain_update("\n");
        let mut values = Self([None; 8]);
        let mut unknown = None;
        let mut twice = None;
        for (number, line) in lines.by_ref() {
            match pair(line) {
                Some((CHECK_NAME, sum)) => {
                    let fits = sum == HEXLOWER.encode(&check.finalize()) && lines.next().is_none();
                    return match (fits, twice, unknown) {
                        (false, _, _) => Err(KeyFileError::Damaged),
                        (true, Some(name), _) => Err(KeyFileError::Twice(name)),
                        (true, None, Some(number)) => Err(KeyFileError::UnknownLine(number)),
                        (true, None, None) => Ok(values),
                    };
                }
                found => match found.and_then(|(name, value)| Some((position(name)?, value))) {
                    Some((at, _)) if values.0[at].is_some() => twice = Some(NAMES[at]),
                    Some((at, value)) => values.0[at] = Some(value),
                    None => unknown = Some(number),
                },
            }
            check.update(line);
            check.update("\n");
        }
        Err(KeyFileError::Damaged)
    }

    fn key<K>(&self, at: usize, read: impl Fn(&[u8]) -> Result<K, SealError>) -> Result<K, KeyFileError> {
        let name = NAMES[at];
        let text = self.0[at].ok_or(KeyFileError::Missing(name))?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| KeyFileError::BadValue(name))?;
        read(&Zeroizing::new(bytes)).map_err(|_| KeyFileError::BadValue(name))
    }
}

fn pair(line: &str) -> Option<(&str, &str)> {
    line.split_once('=').map(|(name, value)| (name.trim(), value.trim()))
}

fn position(name: &str) -> Option<usize> {
    NAMES.iter().position(|&known| known == name)
}
