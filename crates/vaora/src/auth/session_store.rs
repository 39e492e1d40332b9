//! Sessions of the browser, kept in the store under the hash of their id.

use std::fmt;

use sha2::{Digest as _, Sha256};
use store::Store;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::clock::Clock;

/// Keeps sessions in the relational store.
#[derive(Clone)]
pub struct StoredSessions {
    store: Store,
    clock: Clock,
}

impl StoredSessions {
    /// Over a store, by the one clock.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

impl fmt::Debug for StoredSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSessions")
    }
}

fn hash(id: &Id) -> [u8; 32] {
    Sha256::digest(id.0.to_be_bytes()).into()
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait::async_trait]
impl SessionStore for StoredSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits do not collide in practice; should they, the next id is taken.
        while self.load(&record.id).await?.is_some() {
            record.id = Id::default();
        }
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let expires_at = record.expiry_date.unix_timestamp() * 1000;
        self.store.save_session(hash(&record.id), &data, expires_at).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.store.session(hash(id), self.clock.now()).await.map_err(backend)?;
        let Some((data, expires_at)) = found else { return Ok(None) };
        let data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(expires_at / 1000).map_err(backend)?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.delete_session(hash(id)).await.map_err(backend)
    }
}
