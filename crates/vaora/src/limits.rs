//! Rate limits and named bounds of what comes in.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{Quota, RateLimiter, clock::DefaultClock, state::keyed::HashMapStateStore};

use crate::error::AppError;

/// Largest form body, in bytes.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Largest batch body of the API, in bytes.
pub const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most scans in one batch of the API.
pub const BATCH_SCANS_MAX: usize = 1000;
/// Most areas that one place may have.
pub const AREAS_MAX: usize = 200;
/// Most gates that one place may have.
pub const GATES_MAX: usize = 50;
/// Longest free text of a form, in characters.
pub const TEXT_CHARS_MAX: usize = 500;
/// Rows of a list on one page.
pub const PAGE_ROWS: usize = 50;
/// Most posters in one PDF.
pub const POSTERS_MAX: usize = 300;

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// The limits that guard doors strangers can knock at.
pub struct Limits {
    sign_in: Keyed<String>,
    phone: Keyed<[u8; 16]>,
    network: Keyed<IpAddr>,
    check_in: Keyed<IpAddr>,
    device: Keyed<i64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in: RateLimiter::hashmap(per_minute(10)),
            phone: RateLimiter::hashmap(per_minute(3)),
            network: RateLimiter::hashmap(per_minute(60)),
            // One address may stand for a whole mobile network, so this one only stops floods.
            check_in: RateLimiter::hashmap(per_minute(3000)),
            device: RateLimiter::hashmap(per_minute(6000)),
        }
    }
}

fn per_minute(count: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))
}

/// Seconds a client is told to wait.
const RETRY_S: u32 = 30;

impl Limits {
    /// Counts a try to sign in under a name.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 10 a minute.
    pub fn sign_in(&self, login: &str) -> Result<(), AppError> {
        self.sign_in.check_key(&login.to_owned()).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts a one-time code asked for or tried on a phone.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 3 a minute.
    pub fn phone(&self, index: [u8; 16]) -> Result<(), AppError> {
        self.phone.check_key(&index).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts a request of a costly kind (sign-in, registration, enrolment) from a network address.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 60 a minute.
    pub fn network(&self, peer: IpAddr) -> Result<(), AppError> {
        if peer.is_loopback() {
            return Ok(());
        }
        self.network.check_key(&peer).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts a check-in from a network address.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 3000 a minute.
    pub fn check_in(&self, peer: IpAddr) -> Result<(), AppError> {
        if peer.is_loopback() {
            return Ok(());
        }
        self.check_in.check_key(&peer).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts the scans of a gate's device.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 6000 a minute.
    pub fn device(&self, gate_id: i64) -> Result<(), AppError> {
        self.device.check_key(&gate_id).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Forgets keys that are back at rest, so that the maps stay small.
    pub fn forget_resting(&self) {
        self.sign_in.retain_recent();
        self.phone.retain_recent();
        self.network.retain_recent();
        self.check_in.retain_recent();
        self.device.retain_recent();
    }
}
