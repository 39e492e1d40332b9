//! One-time passwords by time (RFC 6238): six digits, 30 seconds, one step of tolerance, each usable once.

use anyhow::Result;
use rand::Rng as _;
use seal::symmetric::SymmetricKey;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::ids::new_id;

/// Seconds of a step.
pub const STEP_S: u64 = 30;
const LABEL: &str = "totp secret v1";

/// A fresh secret.
#[must_use]
pub fn new_secret() -> Zeroizing<Vec<u8>> {
    let mut secret = Zeroizing::new(vec![0; 20]);
    rand::rng().fill_bytes(&mut secret);
    secret
}

/// Seals a secret for an account; it is opened only to check a code.
///
/// # Errors
/// When sealing fails.
pub fn seal_secret(key: &SymmetricKey, account_id: i64, secret: &[u8]) -> Result<Vec<u8>> {
    Ok(key.seal(LABEL, &account_id.to_be_bytes(), secret, &mut rand::rng())?)
}

/// Opens an account's sealed secret.
///
/// # Errors
/// When the key file is another one or the row was altered.
pub fn open_secret(key: &SymmetricKey, account_id: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    Ok(key.open(LABEL, &account_id.to_be_bytes(), sealed)?)
}

fn totp(secret: &[u8], login: &str) -> Result<Totp> {
    Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_account_name(login)
        .with_issuer(Some("Vao Ra"))
        .build()
        .map_err(|error| anyhow::anyhow!("one-time password: {error}"))
}

/// The step that a code belongs to, if it is right at `now_s` (seconds since 1970) give or take one step.
///
/// # Errors
/// When the secret is unusable.
pub fn check(secret: &[u8], code: &str, now_s: u64) -> Result<Option<i64>> {
    let totp = totp(secret, "check")?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    Ok(totp.check(&code, now_s).map(|step| i64::try_from(step).unwrap_or(i64::MAX)))
}

/// The code of a moment; the demo shows it, an authenticator app computes it.
///
/// # Errors
/// When the secret is unusable.
pub fn code_at(secret: &[u8], now_s: u64) -> Result<String> {
    Ok(totp(secret, "code")?.generate(now_s).to_string())
}

/// The `otpauth:` address for an authenticator app.
///
/// # Errors
/// When the secret is unusable.
pub fn address(secret: &[u8], login: &str) -> Result<String> {
    totp(secret, login)?.to_url().map_err(|error| anyhow::anyhow!("one-time password: {error}"))
}

/// The secret in base32, to type by hand.
#[must_use]
pub fn typed(secret: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(secret)
}

/// A new account's id with its sealed secret.
///
/// # Errors
/// When sealing fails.
pub fn for_new_account(key: &SymmetricKey, secret: &[u8]) -> Result<(i64, Vec<u8>)> {
    let id = new_id();
    Ok((id, seal_secret(key, id, secret)?))
}
