//! Writing the access log: the entry is durable before what it records happens.

use anyhow::{Context as _, Result};
use domain::time::{day_number, local_date};
use seal::{
    access_log::{Entry, Head, Record, SignedHead, Verifier, sign_head},
    index::IndexKind,
    keyfile::KeyFile,
    sign::Signature,
};
use store::{
    Store,
    access_log::{LogHead, LogRow},
};

use crate::app::App;

/// An act to be written down. Holds no personal data: persons stand as keyed indexes.
#[derive(Debug, Clone, Default)]
pub struct Act<'a> {
    /// Who: an account's login, or `server`.
    pub actor: &'a str,
    /// What was done, such as `opening.read`.
    pub action: &'a str,
    /// Case.
    pub case_id: Option<i64>,
    /// Purpose code.
    pub purpose: &'a str,
    /// Scope in words.
    pub scope: String,
    /// Persons or rows it is about.
    pub count: i64,
    /// Ids of the keys used.
    pub key_ids: String,
}

/// Writes an act, durable when this returns, with the persons it is about.
///
/// # Errors
/// When the log cannot be written; then the act must not happen.
pub async fn record(app: &App, act: Act<'_>, persons: &[u64]) -> Result<()> {
    record_in(&app.store, &app.keyfile, app.now(), act, persons).await
}

/// As [`record`], before the app is there.
///
/// # Errors
/// When the log cannot be written.
pub async fn record_in(store: &Store, keys: &KeyFile, now: i64, act: Act<'_>, persons: &[u64]) -> Result<()> {
    let subjects: Vec<[u8; 16]> = persons
        .iter()
        .map(|person| *keys.index_key.index(IndexKind::Subject, &person.to_be_bytes()).as_bytes())
        .collect();
    let record = Record {
        at: now,
        actor: act.actor.to_owned(),
        action: act.action.to_owned(),
        case_id: act.case_id,
        purpose: act.purpose.to_owned(),
        scope: act.scope,
        count: act.count,
        key_ids: act.key_ids,
    };
    let genesis = Head::genesis(&keys.install_id);
    store
        .append_log(&subjects, move |last| {
            let head = last.and_then(row_head).unwrap_or(genesis);
            to_row(&Entry::next(&head, record))
        })
        .await
        .context("the access log cannot be written")?;
    Ok(())
}

fn row_head(row: &LogRow) -> Option<Head> {
    Some(Head { seq: u64::try_from(row.seq).ok()?, hash: row.hash.as_slice().try_into().ok()? })
}

fn to_row(entry: &Entry) -> LogRow {
    let record = entry.record.clone();
    LogRow {
        seq: i64::try_from(entry.seq).unwrap_or(i64::MAX),
        prev: entry.prev.to_vec(),
        at: record.at,
        actor: record.actor,
        action: record.action,
        case_id: record.case_id,
        purpose: record.purpose,
        scope: record.scope,
        count: record.count,
        key_ids: record.key_ids,
        hash: entry.hash.to_vec(),
    }
}

fn to_entry(row: LogRow) -> Entry {
    // A hash of a wrong length is content that was changed: zeros make the verifier say so.
    let bytes = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).unwrap_or_default();
    Entry {
        seq: u64::try_from(row.seq).unwrap_or(0),
        prev: bytes(&row.prev),
        hash: bytes(&row.hash),
        record: Record {
            at: row.at,
            actor: row.actor,
            action: row.action,
            case_id: row.case_id,
            purpose: row.purpose,
            scope: row.scope,
            count: row.count,
            key_ids: row.key_ids,
        },
    }
}

/// Rows checked at a time.
const VERIFY_ROWS: i64 = 1000;

/// Checks the whole chain and every signed head.
///
/// # Errors
/// When the database refuses; a bad entry is the inner error, which names it.
pub async fn verify(
    store: &Store,
    keys: &KeyFile,
) -> Result<std::result::Result<Head, seal::access_log::BadEntry>> {
    let mut heads = Vec::new();
    for head in store.log_heads().await? {
        heads.push(signed_head(&head)?);
    }
    let genesis = Head::genesis(&keys.install_id);
    let mut verifier = match Verifier::against(genesis, &heads, &keys.log_signing_key.verify_key()) {
        Ok(verifier) => verifier,
        Err(bad) => return Ok(Err(bad)),
    };
    let mut from = i64::MIN;
    loop {
        let rows = store.log_rows(from, VERIFY_ROWS).await?;
        let Some(last) = rows.last() else { return Ok(verifier.finish()) };
        from = last.seq + 1;
        for row in rows {
            if let Err(bad) = verifier.push(&to_entry(row)) {
                return Ok(Err(bad));
            }
        }
    }
}

fn signed_head(head: &LogHead) -> Result<SignedHead> {
    let day = head.day_on.parse().context("a signed head has no day")?;
    // Damaged bytes become a signature that cannot verify, which the verifier then names.
    let hash = <[u8; 32]>::try_from(head.hash.as_slice()).unwrap_or_default();
    let signature = <[u8; 64]>::try_from(head.signature.as_slice()).unwrap_or([1; 64]);
    let head = Head { seq: u64::try_from(head.seq).unwrap_or(0), hash };
    Ok(SignedHead { day: day_number(day), head, signature: Signature::from_bytes(signature) })
}

/// Signs the head as it stood at the end of the day before `now`'s, unless that was done.
///
/// # Errors
/// When the database refuses.
pub async fn sign_yesterday(app: &App) -> Result<()> {
    let today = day_number(local_date(app.now()));
    let midnight = domain::time::day_start(local_date(app.now()));
    let Some(row) = app.store.log_head_at(midnight).await? else { return Ok(()) };
    let Some(head) = row_head(&row) else { return Ok(()) };
    let signed = sign_head(&app.keyfile.log_signing_key, today - 1, &head);
    let head = LogHead {
        day_on: domain::time::date_of_day_number(today - 1).to_string(),
        seq: row.seq,
        hash: row.hash,
        signature: signed.signature.as_bytes().to_vec(),
    };
    Ok(app.store.add_log_head(&head).await?)
}

/// The head as it is printed in reports, `seq:hash`; `None` for an empty log.
///
/// # Errors
/// When the database refuses.
pub async fn printed_head(store: &Store, until: i64) -> Result<Option<String>> {
    Ok(store.log_head_at(until).await?.and_then(|row| row_head(&row)).map(|head| head.to_string()))
}
