//! Passwords: Argon2id in worker threads, a bounded number at a time.

use std::time::Duration;

use anyhow::Result;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::AppError;

/// Fewest characters of a password (NIST SP 800-63B-4 asks for 15 alone, 8 with a second factor).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most characters, so that hashing stays bounded.
pub const PASSWORD_CHARS_MAX: usize = 200;

/// Hashes being computed at once; each takes about 19 MiB.
static ROOM: Semaphore = Semaphore::const_new(2);

/// Longest wait for room: a flood of sign-ins must not queue without end.
const WAIT: Duration = Duration::from_secs(5);

const BUSY: AppError = AppError::Unavailable("Nhiều người đang đăng nhập cùng lúc. Hãy thử lại sau ít giây.");

/// Hashes a password for keeping.
///
/// # Errors
/// When the hasher fails.
pub async fn hash(password: String) -> Result<String> {
    let password = Zeroizing::new(password);
    let _room = ROOM.acquire().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    })
    .await?;
    hashed.map_err(|error| anyhow::anyhow!("hashing a password: {error}"))
}

/// True when the password belongs to the hash. Without a hash the same work is done on a dummy, so that a
/// wrong name takes as long as a wrong password.
///
/// # Errors
/// [`AppError::Unavailable`] when too many wait; internal when the worker fails.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, AppError> {
    let password = Zeroizing::new(password);
    let _room = tokio::time::timeout(WAIT, ROOM.acquire()).await.map_err(|_| BUSY)??;
    let verified = tokio::task::spawn_blocking(move || {
        let Some(hash) = hash else {
            return Argon2::default().hash_password(password.as_bytes()).is_err();
        };
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(verified)
}
