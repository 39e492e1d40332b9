//! Who a check-in is about: the record that is sealed and the blind indexes by which it is found.

use domain::{name, phone::Phone};
use seal::index::{IndexKey, IndexKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What is known of a person, as it is sealed. Has no `Debug`, so that no log shows it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Full name.
    pub name: String,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Year of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<u16>,
    /// `male` or `female`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Commune or address, as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Number of an identity paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    /// Health-insurance number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bhyt_number: Option<String>,
    /// Id on the national platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qid: Option<String>,
    /// Name of the relative who declared for the person, or with whom he came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_by: Option<String>,
    /// Other names and phones that were given with the same number, when opened: none is thrown away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// A person ready for keeping: nothing here is readable without keys, save the record to be sealed.
#[derive(Clone)]
pub struct SealedSubject {
    /// Indexes that name one person by themselves, strongest first.
    pub naming: Vec<(i64, [u8; 16])>,
    /// Further indexes to find the person by.
    pub finding: Vec<(i64, [u8; 16])>,
    /// True when the record holds a phone.
    pub has_phone: bool,
    /// Identity as JSON, wiped when dropped.
    pub record: Zeroizing<Vec<u8>>,
    /// Names this very combination, so that a person settled today is known again.
    pub fingerprint: [u8; 16],
}

/// Number under which an index kind is stored. Never change one.
#[must_use]
pub const fn kind_number(kind: IndexKind) -> i64 {
    match kind {
        IndexKind::Phone => 1,
        IndexKind::IdNumber => 2,
        IndexKind::BhytNumber => 3,
        IndexKind::Qid => 4,
        IndexKind::CardNumber => store::cards::CARD_INDEX_KIND,
        IndexKind::Who => 6,
        IndexKind::Subject => 7,
        IndexKind::Otp => 8,
        IndexKind::Network => 9,
    }
}

/// A stored index: its kind's number and its bytes.
#[must_use]
pub fn index_of(key: &IndexKey, kind: IndexKind, value: &str) -> (i64, [u8; 16]) {
    (kind_number(kind), *key.index(kind, value.as_bytes()).as_bytes())
}

/// The index under which a person is found who gave a phone and a name: relatives may share the phone.
fn who(key: &IndexKey, identity: &Identity) -> Option<(i64, [u8; 16])> {
    let phone = identity.phone.as_deref()?;
    Some(who_index(key, phone, &identity.name))
}

/// The index of somebody who showed no number and gave no phone: name, birth year and address together.
fn nameless_number(key: &IndexKey, identity: &Identity) -> (i64, [u8; 16]) {
    let year = identity.birth_year.unwrap_or(0);
    let address = name::fold(identity.address.as_deref().unwrap_or_default());
    index_of(key, IndexKind::Who, &format!("{year}\n{}\n{address}", name::fold(&identity.name)))
}

/// Names what was said of a person, so that somebody who says otherwise with the same number gets a record
/// of his own: a false card shown first must not hide the true one.
fn record_index(key: &IndexKey, identity: &Identity) -> (i64, [u8; 16]) {
    let year = identity.birth_year.unwrap_or(0);
    let phone = identity.phone.as_deref().unwrap_or_default();
    let said = format!("record\n{}\n{year}\n{phone}", name::fold(&identity.name));
    (RECORD_KIND, index_of(key, IndexKind::Who, &said).1)
}

/// Number under which record indexes are stored; they are found by no look-up.
const RECORD_KIND: i64 = 10;

/// The index of somebody known by phone and name.
#[must_use]
pub fn who_index(key: &IndexKey, phone: &str, person_name: &str) -> (i64, [u8; 16]) {
    index_of(key, IndexKind::Who, &format!("{phone}\n{}", name::fold(person_name)))
}

/// Indexes and record of a person.
///
/// # Errors
/// When the record cannot be written as JSON.
pub fn prepare(key: &IndexKey, identity: &Identity) -> anyhow::Result<SealedSubject> {
    let numbered = [
        (IndexKind::IdNumber, &identity.id_number),
        (IndexKind::BhytNumber, &identity.bhyt_number),
        (IndexKind::Qid, &identity.qid),
    ];
    let mut naming: Vec<_> = numbered
        .into_iter()
        .filter_map(|(kind, value)| Some(index_of(key, kind, value.as_deref()?)))
        .collect();
    naming.extend(who(key, identity));
    if naming.is_empty() {
        naming.push(nameless_number(key, identity));
    }
    let mut finding = phone_index(key, identity);
    finding.push(record_index(key, identity));
    sealed_subject(naming, finding, identity)
}

/// Indexes and record of a phone that was given for a card shown before: the card's number alone names the
/// person, and the phone only finds him, so that a false phone leads nobody's later visits astray.
///
/// # Errors
/// When the record cannot be written as JSON.
pub fn prepare_note(key: &IndexKey, identity: &Identity) -> anyhow::Result<SealedSubject> {
    let bare = Identity { phone: None, ..identity.clone() };
    let mut finding = phone_index(key, identity);
    finding.push(record_index(key, identity));
    sealed_subject(prepare(key, &bare)?.naming, finding, identity)
}

/// Indexes and record of whoever holds one of our own cards: the card alone names the person, whose full
/// record was sealed when it was issued. A phone given at the door is added to it.
///
/// # Errors
/// When the record cannot be written as JSON.
pub fn prepare_card(key: &IndexKey, number: &[u8; 8], shown: &Identity) -> anyhow::Result<SealedSubject> {
    sealed_subject(vec![card_index(key, number)], phone_index(key, shown), shown)
}

/// Indexes and record of a person to whom a card is issued: known before by number, or by phone and name, or
/// new with the card. Two of one name and year in a hamlet stay two.
///
/// # Errors
/// When the record cannot be written as JSON.
pub fn prepare_issued(
    key: &IndexKey,
    number: &[u8; 8],
    identity: &Identity,
) -> anyhow::Result<SealedSubject> {
    let usual = prepare(key, identity)?;
    let named = identity.phone.is_some() || identity.id_number.is_some() || identity.bhyt_number.is_some();
    let mut naming = if named { usual.naming } else { Vec::new() };
    naming.push(card_index(key, number));
    sealed_subject(naming, usual.finding, identity)
}

/// The index by which a card names its holder.
#[must_use]
pub fn card_index(key: &IndexKey, number: &[u8; 8]) -> (i64, [u8; 16]) {
    (kind_number(IndexKind::CardNumber), *key.index(IndexKind::CardNumber, number).as_bytes())
}

fn phone_index(key: &IndexKey, identity: &Identity) -> Vec<(i64, [u8; 16])> {
    identity.phone.iter().map(|phone| index_of(key, IndexKind::Phone, phone)).collect()
}

fn sealed_subject(
    naming: Vec<(i64, [u8; 16])>,
    finding: Vec<(i64, [u8; 16])>,
    identity: &Identity,
) -> anyhow::Result<SealedSubject> {
    let mut hasher = Sha256::new();
    for (kind, index) in naming.iter().chain(&finding) {
        hasher.update(kind.to_be_bytes());
        hasher.update(index);
    }
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&hasher.finalize()[..16]);
    let record = Zeroizing::new(serde_json::to_vec(identity)?);
    Ok(SealedSubject { naming, finding, has_phone: identity.phone.is_some(), record, fingerprint })
}

/// The keyed index by which a commune finds a lost card again: name and birth year.
#[must_use]
pub fn card_find_index(key: &IndexKey, person_name: &str, birth_year: Option<u16>) -> [u8; 16] {
    let said = format!("card\n{}\n{}", name::fold(person_name), birth_year.unwrap_or(0));
    index_of(key, IndexKind::Who, &said).1
}

/// The index by which a place's owner is known: the phone that was proved.
#[must_use]
pub fn owner_index(key: &IndexKey, phone: &Phone) -> [u8; 16] {
    *key.index(IndexKind::Otp, phone.e164().as_bytes()).as_bytes()
}
