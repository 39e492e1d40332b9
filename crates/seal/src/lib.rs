//! The sealed log's cryptography: bytes in, bytes out.
//!
//! Nothing here reads a clock, a file or the system's randomness: instants and random generators are
//! arguments. Secret types have neither `Debug` nor `Clone`, are wiped when dropped, and errors never
//! carry a secret.
//!
//! | Module | Seals |
//! | --- | --- |
//! | [`token`] | a scan's person under the movement epoch key, one AES block |
//! | [`identity`] | who a person is, under the identity epoch key |
//! | [`index`] | numbers to look persons up by, as keyed hashes |
//! | [`wrap`] | any secret to the holder of a P-256 private key (HPKE) |
//! | [`sitting`] | the scans of a device between two looks away, by one key agreement (HPKE exporter) |
//! | [`shares`] | a private half among officers, any two of whom can rebuild it |
//! | [`officer`], [`roster`] | an officer's keys under a passphrase; who the officers are, signed by two |
//! | [`symmetric`] | what the server keeps for itself, and what a case keeps |
//! | [`keyfile`] | the server's own long-lived keys, as the text of one file |
//! | [`access_log`] | nothing: a hash chain that shows every change to the access log |

pub mod access_log;
mod encode;
mod error;
pub mod identity;
pub mod index;
pub mod keyfile;
pub mod moment;
pub mod officer;
pub mod roster;
mod secret;
pub mod shares;
pub mod sign;
pub mod sitting;
pub mod symmetric;
pub mod token;
pub mod wrap;

pub use error::SealError;
