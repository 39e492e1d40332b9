//! Server-side sessions. Only the hash of a session's id is kept, so a stolen table signs nobody in.

use crate::{Result, Store, args};

impl Store {
    /// Keeps a session's data until `expires_at`, replacing what it held.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_session(&self, id_hash: [u8; 32], data: &str, expires_at: i64) -> Result<()> {
        let sql = "INSERT INTO sessions (id_hash, data, expires_at) VALUES ($1, $2, $3)
                   ON CONFLICT (id_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at";
        self.db.run(sql, args![id_hash, data, expires_at]).await.map(drop)
    }

    /// Data and end of a session that has not ended at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn session(&self, id_hash: [u8; 32], now: i64) -> Result<Option<(String, i64)>> {
        let sql = "SELECT data, expires_at FROM sessions WHERE id_hash = $1 AND expires_at > $2";
        let row = self.db.first(sql, args![id_hash, now]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_session(&self, id_hash: [u8; 32]) -> Result<()> {
        self.db.run("DELETE FROM sessions WHERE id_hash = $1", args![id_hash]).await.map(drop)
    }
}
