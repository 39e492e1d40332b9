//! The roster of key officers: proposed by one, confirmed by another, signed by both. The register key is
//! made at the first roster; the key that receives movement keys is made for each month.

use anyhow::{Result, bail};
use domain::time::Millis;
use seal::{
    officer::{OfficerKey, OfficerPublic},
    roster::{Roster, RosterOfficer, RosterSignature},
    shares,
    sign::Signature,
    wrap::{KeyPair, purpose, wrap},
};
use store::{
    Store,
    keyring::{KeyPairRow, Officer, RosterRow, ShareRow},
};
use tokio::sync::Mutex;

use crate::{
    ids::new_id,
    keys::{MOVEMENT, REGISTER, SplitKeyPair, share_aad},
};

/// A roster that one officer signed and that waits for another.
pub struct Proposal {
    /// The roster.
    pub roster: Roster,
    /// First signature.
    pub signature: RosterSignature,
    /// Account of the first signer.
    pub proposed_by: i64,
    /// When it was proposed; it waits for [`PROPOSAL_MS`].
    pub proposed_at: Millis,
}

/// Milliseconds for which a proposal waits for its second signature.
pub const PROPOSAL_MS: i64 = 60 * 60_000;

/// The one proposal that waits, kept in memory only.
#[derive(Default)]
pub struct PendingRoster(pub Mutex<Option<Proposal>>);

/// Reads the chain of rosters and checks every version's signatures; the last one, or `None` when no
/// ceremony was held yet.
///
/// # Errors
/// When a roster was changed without the signatures of two officers of the one before it.
pub async fn verified(store: &Store) -> Result<Option<Roster>> {
    let mut last: Option<Roster> = None;
    for row in store.rosters().await? {
        let roster = Roster::from_bytes(&row.body)?;
        let mut signatures = Vec::with_capacity(2);
        for (officer, bytes) in &row.signatures {
            let Ok(bytes) = <[u8; 64]>::try_from(bytes.as_slice()) else {
                bail!("roster {}: a signature is damaged", row.version)
            };
            signatures.push(RosterSignature {
                officer_id: officer.cast_unsigned(),
                signature: Signature::from_bytes(bytes),
            });
        }
        roster
            .verify(last.as_ref(), &signatures)
            .map_err(|error| anyhow::anyhow!("the roster of key officers was changed: {error}"))?;
        last = Some(roster);
    }
    Ok(last)
}

/// The roster of these officers that follows the present one.
///
/// # Errors
/// When there are fewer than two officers or more than sixteen, or one stands in it twice.
pub fn propose(present: Option<&Roster>, officers: &[Officer], now: Millis) -> Result<Roster> {
    let list = officers
        .iter()
        .map(|officer| {
            let public = OfficerPublic::from_bytes(&officer.public)?;
            Ok(RosterOfficer { id: officer.id.cast_unsigned(), public })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(match present {
        None => Roster::first(list, now)?,
        Some(roster) => roster.next(list, now)?,
    })
}

/// Makes a key pair, splits its private half among the roster's officers, seals each officer's shares to
/// that officer and forgets the private half.
///
/// # Errors
/// When splitting or sealing fails.
pub fn split_key_pair(roster: &Roster, purpose_code: &str, month: &str, now: Millis) -> Result<SplitKeyPair> {
    let pair = KeyPair::generate(&mut rand::rng());
    let row = KeyPairRow {
        id: new_id(),
        purpose: purpose_code.to_owned(),
        month: month.to_owned(),
        public: pair.public.to_bytes().to_vec(),
        made_at: now,
    };
    let shares = split_to(roster, row.id, &*pair.private.expose())?;
    Ok(SplitKeyPair { row, shares })
}

fn split_to(roster: &Roster, key_pair_id: i64, private: &[u8]) -> Result<Vec<ShareRow>> {
    let ids: Vec<u64> = roster.officers().iter().map(|officer| officer.id).collect();
    let mut rows = Vec::with_capacity(ids.len());
    for (holder, set) in shares::by_holder(shares::split(private, &ids, &mut rand::rng())?) {
        let Some(public) = roster.officer(holder) else { bail!("the roster lacks a share's holder") };
        let holder = holder.cast_signed();
        let aad = share_aad(key_pair_id, holder);
        let sealed = wrap(&public.receive, purpose::SHARE, &aad, &shares::to_bytes(&set), &mut rand::rng())?;
        rows.push(ShareRow { key_pair_id, holder, sealed });
    }
    Ok(rows)
}

/// Signs and keeps the first roster, with the register key and the month's movement key.
///
/// # Errors
/// When the second signer is the first one, or not of the roster, or the store refuses.
pub async fn found(
    store: &Store,
    proposal: &Proposal,
    second: RosterSignature,
    month: &str,
    now: Millis,
) -> Result<()> {
    let roster = &proposal.roster;
    let signatures = [proposal.signature, second];
    let present = verified(store).await?;
    roster.verify(present.as_ref(), &signatures)?;
    let row = RosterRow {
        version: i64::from(roster.version()),
        body: roster.to_bytes(),
        signatures: signatures.map(|s| (s.officer_id.cast_signed(), s.signature.as_bytes().to_vec())),
        made_at: roster.made_at(),
    };
    let register = split_key_pair(roster, REGISTER, "", now)?;
    let movement = split_key_pair(roster, MOVEMENT, month, now)?;
    let pairs = [register.row, movement.row];
    let shares: Vec<ShareRow> = register.shares.into_iter().chain(movement.shares).collect();
    Ok(store.add_roster(&row, &pairs, &shares).await?)
}

/// Signs a roster as an officer of it.
#[must_use]
pub fn sign(roster: &Roster, officer_id: i64, key: &OfficerKey) -> RosterSignature {
    roster.sign(officer_id.cast_unsigned(), key)
}
