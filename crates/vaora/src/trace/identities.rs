//! Opening identity records under the register key.

use std::collections::{HashMap, hash_map::Entry};

use anyhow::Result;
use seal::{
    identity::IdentityKey,
    wrap::{PrivateKey, purpose, unwrap},
};
use store::{Store, people::PersonRecord};

use crate::{intake::identity::Identity, keys::epoch_aad};

/// Opens what is known of some persons; later records fill what earlier ones lack, and what differs stands beside it. A person whose record
/// does not open has an empty identity.
///
/// # Errors
/// When the store refuses.
pub async fn read(store: &Store, register: &PrivateKey, persons: &[u64]) -> Result<HashMap<u64, Identity>> {
    let ids: Vec<i64> = persons.iter().map(|person| person.cast_signed()).collect();
    let mut keys: HashMap<i64, Option<IdentityKey>> = HashMap::new();
    let mut found: HashMap<u64, Identity> = HashMap::new();
    for record in store.person_records(&ids).await? {
        if let Entry::Vacant(slot) = keys.entry(record.epoch) {
            slot.insert(epoch_key(store, register, record.epoch).await?);
        }
        let Some(Some(key)) = keys.get(&record.epoch) else { continue };
        if let Some(identity) = open(key, &record) {
            merge(found.entry(record.person_id.cast_unsigned()).or_default(), &identity);
        }
    }
    Ok(found)
}

async fn epoch_key(store: &Store, register: &PrivateKey, epoch: i64) -> Result<Option<IdentityKey>> {
    let Some(row) = store.epoch(epoch).await? else { return Ok(None) };
    let aad = epoch_aad(epoch, row.register_key_id);
    let opened = unwrap(register, purpose::IDENTITY_EPOCH, &aad, &row.identity_wrap);
    Ok(opened.ok().and_then(|bytes| IdentityKey::from_bytes(&bytes).ok()))
}

fn open(key: &IdentityKey, record: &PersonRecord) -> Option<Identity> {
    let opened = key.open(record.epoch, record.person_id.cast_unsigned(), &record.sealed).ok()?;
    serde_json::from_slice(&opened).ok()
}

/// Fills what is not known yet; what differs is kept beside it, for an officer to judge.
fn merge(known: &mut Identity, newer: &Identity) {
    fill(&mut known.phone, &newer.phone, &mut known.also);
    let mut name = Some(std::mem::take(&mut known.name)).filter(|name| !name.is_empty());
    fill(&mut name, &Some(newer.name.clone()).filter(|name| !name.is_empty()), &mut known.also);
    known.name = name.unwrap_or_default();
    let mut ignored = Vec::new();
    fill(&mut known.sex, &newer.sex, &mut ignored);
    fill(&mut known.address, &newer.address, &mut ignored);
    fill(&mut known.id_number, &newer.id_number, &mut ignored);
    fill(&mut known.bhyt_number, &newer.bhyt_number, &mut ignored);
    fill(&mut known.qid, &newer.qid, &mut ignored);
    known.birth_year = known.birth_year.or(newer.birth_year);
}

fn fill(known: &mut Option<String>, newer: &Option<String>, also: &mut Vec<String>) {
    match (known.as_ref(), newer) {
        (None, _) => known.clone_from(newer),
        (Some(old), Some(new)) if old != new && !also.contains(new) => also.push(new.clone()),
        _ => {}
    }
}
