//! Rate limits and named bounds of what comes in.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{Quota, RateLimiter, clock::DefaultClock, state::keyed::HashMapStateStore};

use crate::error::AppError;

/// Largest form body, in bytes.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Largest form of a report: 40 items and four texts of 3,000 characters, percent-encoded.
pub const REPORT_BYTES_MAX: usize = 1500 * 1024;
/// Largest batch body of the API, in bytes.
pub const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most scans in one batch of the API.
pub const BATCH_SCANS_MAX: usize = 1000;
/// Largest form with photos, in bytes: three as a phone takes them. They are read piece by piece and dropped where
/// they are too large to keep.
pub const PHOTOS_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest file that a form hands up, in bytes.
pub const UPLOAD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most sealed scans in one batch of a device's queue.
pub const QUEUE_ITEMS_MAX: usize = 100;
/// Most scans of a revoked device that wait for the commune.
pub const QUARANTINE_MAX: i64 = 5_000;
/// Longest sealed scan, in bytes.
pub const SEALED_BYTES_MAX: usize = 12 * 1024;
/// Sittings of devices whose keys are remembered, some 200 bytes each: three of each gate of the province.
pub const SITTING_KEYS_MAX: usize = 60_000;
/// Most areas that one place may have.
pub const AREAS_MAX: usize = 200;
/// Most gates that one place may have.
pub const GATES_MAX: usize = 50;
/// Longest free text of a form, in characters.
pub const TEXT_CHARS_MAX: usize = 500;
/// Rows of a list on one page.
pub const PAGE_ROWS: usize = 50;
/// Most posters in one PDF or ZIP: more take longer than a browser waits.
pub const POSTERS_MAX: usize = 150;

/// Scans that a device may send at once.
pub const DEVICE_BURST: u32 = 2_000;

/// The network that an address is counted by: itself, or its /64, of which one customer has the whole.
fn network_of(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => IpAddr::V4(mapped),
            None => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        },
    }
}

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// The limits that guard doors strangers can knock at.
pub struct Limits {
    sign_in: Keyed<(String, IpAddr)>,
    passphrase: Keyed<i64>,
    phone: Keyed<[u8; 16]>,
    network: Keyed<IpAddr>,
    check_in: Keyed<IpAddr>,
    device: Keyed<i64>,
}

impl Limits {
    /// The limits of an installation: a gate's device may keep `device_scans_per_second` scans a second, and
    /// [`DEVICE_BURST`] at once after an outage. What a gate learns of a card (known here or not) is thereby
    /// worth nothing: to try all numbers of the province would take it years.
    #[must_use]
    pub fn new(device_scans_per_second: u32) -> Self {
        let burst = DEVICE_BURST.max(device_scans_per_second);
        let per_second = NonZeroU32::new(device_scans_per_second).unwrap_or(NonZeroU32::MIN);
        Self {
            device: RateLimiter::hashmap(
                Quota::per_second(per_second).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)),
            ),
            sign_in: RateLimiter::hashmap(per_minute(10)),
            phone: RateLimiter::hashmap(per_minute(3)),
            network: RateLimiter::hashmap(per_minute(60)),
            passphrase: RateLimiter::hashmap(per_minute(10)),
            // One address may stand for a whole mobile network, so this one only stops floods.
            check_in: RateLimiter::hashmap(per_minute(3000)),
        }
    }
}

fn per_minute(count: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))
}

/// Seconds a client is told to wait.
const RETRY_S: u32 = 30;

impl Limits {
    /// Counts a try to sign in under a name from a network address: nobody can shut out a login from elsewhere.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 10 a minute.
    pub fn sign_in(&self, login: &str, peer: IpAddr) -> Result<(), AppError> {
        self.sign_in.check_key(&(login.to_owned(), peer)).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts a try at a key officer's passphrase.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 10 a minute.
    pub fn passphrase(&self, account_id: i64) -> Result<(), AppError> {
        self.passphrase.check_key(&account_id).map_err(|_| AppError::TooMany(RETRY_S))
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
        self.network.check_key(&network_of(peer)).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts a check-in from a network address.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond 3000 a minute.
    pub fn check_in(&self, peer: IpAddr) -> Result<(), AppError> {
        if peer.is_loopback() {
            return Ok(());
        }
        self.check_in.check_key(&network_of(peer)).map_err(|_| AppError::TooMany(RETRY_S))
    }

    /// Counts the scans of a gate's device.
    ///
    /// # Errors
    /// [`AppError::TooMany`] beyond the installation's rate and [`DEVICE_BURST`].
    pub fn device(&self, gate_id: i64, scans: usize) -> Result<(), AppError> {
        let count = u32::try_from(scans).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        match self.device.check_key_n(&gate_id, count) {
            Ok(Ok(())) => Ok(()),
            _ => Err(AppError::TooMany(RETRY_S)),
        }
    }

    /// Forgets keys that are back at rest, so that the maps stay small.
    pub fn forget_resting(&self) {
        self.sign_in.retain_recent();
        self.passphrase.retain_recent();
        self.phone.retain_recent();
        self.network.retain_recent();
        self.check_in.retain_recent();
        self.device.retain_recent();
    }
}
