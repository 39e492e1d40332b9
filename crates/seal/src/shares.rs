//! Sharing by pairs: any two of 2 to 16 officers can rebuild a secret, one alone learns nothing of it.
//!
//! For each pair of officers a fresh random pad goes to the one with the lower id, and the secret xor the
//! pad to the other. Either share alone is uniformly random whatever the secret is, and pads of different
//! pairs are independent, so all the shares of one officer together are too. A check sum goes with the
//! secret, so that shares of different splittings or altered ones are refused instead of giving a wrong key.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    SealError,
    encode::{Reader, Writer},
};

/// The fewest officers who can share a secret.
pub const OFFICERS_MIN: usize = 2;

/// The most officers who can share a secret: 120 pairs.
pub const OFFICERS_MAX: usize = 16;

const CHECK_LEN: usize = 16;
const SHARES_LABEL: &str = "vaora pair shares v1";

/// One officer's half of what a pair of officers holds.
pub struct PairShare {
    /// The two officers, the lower id first.
    pub pair: (u64, u64),
    /// Which of the two holds this share.
    pub holder: u64,
    /// The pad or the padded secret.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Splits a secret among officers. Each officer gets one share for every other officer; the shares with
/// the same `holder` go to that officer, sealed.
///
/// # Errors
/// [`SealError::OfficerCount`] unless there are 2 to 16; [`SealError::OfficerTwice`] when an id repeats.
pub fn split(
    secret: &[u8],
    officer_ids: &[u64],
    rng: &mut impl CryptoRng,
) -> Result<Vec<PairShare>, SealError> {
    let ids = distinct_sorted(officer_ids)?;
    let checked = with_check(secret);
    let mut shares = Vec::with_capacity(ids.len() * (ids.len() - 1));
    for (at, &low) in ids.iter().enumerate() {
        for &high in &ids[at + 1..] {
            let mut pad = Zeroizing::new(vec![0; checked.len()]);
            rng.fill_bytes(&mut pad);
            let padded = xor(&checked, &pad);
            shares.push(PairShare { pair: (low, high), holder: low, bytes: pad });
            shares.push(PairShare { pair: (low, high), holder: high, bytes: padded });
        }
    }
    Ok(shares)
}

/// Rebuilds the secret from the shares of two different officers.
///
/// # Errors
/// [`SealError::SameOfficer`] when both sets are of one officer; [`SealError::NoCommonPair`] when a set is
/// empty, of several officers, or lacks the pair; [`SealError::SharesDisagree`] when the shares are of
/// different splittings or were altered.
pub fn rebuild(a: &[PairShare], b: &[PairShare]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (holder_a, holder_b) = (only_holder(a)?, only_holder(b)?);
    if holder_a == holder_b {
        return Err(SealError::SameOfficer(holder_a));
    }
    let pair = (holder_a.min(holder_b), holder_a.max(holder_b));
    let of_pair = |shares: &'_ [PairShare]| shares.iter().position(|share| share.pair == pair);
    let (Some(at_a), Some(at_b)) = (of_pair(a), of_pair(b)) else {
        return Err(SealError::NoCommonPair);
    };
    let (share_a, share_b) = (&a[at_a].bytes, &b[at_b].bytes);
    if share_a.len() != share_b.len() {
        return Err(SealError::SharesDisagree);
    }
    without_check(&xor(share_a, share_b))
}

/// The shares by officer, each set ready to be sealed to its holder.
#[must_use]
pub fn by_holder(shares: Vec<PairShare>) -> BTreeMap<u64, Vec<PairShare>> {
    let mut sets: BTreeMap<u64, Vec<PairShare>> = BTreeMap::new();
    for share in shares {
        sets.entry(share.holder).or_default().push(share);
    }
    sets
}

/// The bytes of one officer's shares, to be wrapped to the officer.
#[must_use]
pub fn to_bytes(shares: &[PairShare]) -> Zeroizing<Vec<u8>> {
    let length: usize = shares.iter().map(|share| share.bytes.len() + 32).sum();
    let capacity = length + SHARES_LABEL.len() + 16;
    let mut writer = Writer::labelled_with_capacity(SHARES_LABEL, capacity).u64(shares.len() as u64);
    for share in shares {
        let (low, high) = share.pair;
        writer = writer.u64(low).u64(high).u64(share.holder).bytes(&share.bytes);
    }
    Zeroizing::new(writer.done())
}

/// Reads what [`to_bytes`] wrote.
///
/// # Errors
/// [`SealError::Malformed`] when the bytes are anything else.
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<PairShare>, SealError> {
    parse(bytes).ok_or(SealError::Malformed("set of shares"))
}

fn parse(bytes: &[u8]) -> Option<Vec<PairShare>> {
    let mut reader = Reader::new(bytes);
    reader.label(SHARES_LABEL)?;
    let count = usize::try_from(reader.u64()?).ok()?;
    if count > OFFICERS_MAX * (OFFICERS_MAX - 1) {
        return None;
    }
    let mut shares = Vec::with_capacity(count);
    for _ in 0..count {
        let pair = (reader.u64()?, reader.u64()?);
        let holder = reader.u64()?;
        let bytes = Zeroizing::new(reader.bytes()?.to_vec());
        shares.push(PairShare { pair, holder, bytes });
    }
    reader.end()?;
    Some(shares)
}

fn distinct_sorted(officer_ids: &[u64]) -> Result<Vec<u64>, SealError> {
    if !(OFFICERS_MIN..=OFFICERS_MAX).contains(&officer_ids.len()) {
        return Err(SealError::OfficerCount(officer_ids.len()));
    }
    let mut ids = officer_ids.to_vec();
    ids.sort_unstable();
    match ids.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(SealError::OfficerTwice(two[0])),
        None => Ok(ids),
    }
}

/// The one officer whose shares these are.
fn only_holder(shares: &[PairShare]) -> Result<u64, SealError> {
    let holder = shares.first().ok_or(SealError::NoCommonPair)?.holder;
    if shares.iter().all(|share| share.holder == holder) { Ok(holder) } else { Err(SealError::NoCommonPair) }
}

fn check_of(secret: &[u8]) -> Zeroizing<[u8; 32]> {
    let digest = Sha256::new().chain_update(b"vaora share check v1").chain_update(secret).finalize();
    Zeroizing::new(digest.into())
}

fn with_check(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut checked = Zeroizing::new(Vec::with_capacity(secret.len() + CHECK_LEN));
    checked.extend_from_slice(secret);
    checked.extend_from_slice(&check_of(secret)[..CHECK_LEN]);
    checked
}

fn without_check(checked: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (secret, check) = checked.split_last_chunk::<CHECK_LEN>().ok_or(SealError::SharesDisagree)?;
    if bool::from(check_of(secret)[..CHECK_LEN].ct_eq(check)) {
        Ok(Zeroizing::new(secret.to_vec()))
    } else {
        Err(SealError::SharesDisagree)
    }
}

fn xor(a: &[u8], b: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(a.iter().zip(b).map(|(a, b)| a ^ b).collect())
}
