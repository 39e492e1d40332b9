//! One-time codes that prove an officer's e-mail address or phone: nothing goes to an address that nobody proved.

use crate::{Result, Store, StoreError, args};

/// What a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The e-mail address.
    Email,
    /// The phone.
    Phone,
}

impl Proof {
    const fn put(self) -> &'static str {
        match self {
            Self::Email => {
                "UPDATE notice_settings SET email_code_hash = $2, email_code_until = $3, email_code_tries = 0
                 WHERE account_id = $1 AND email = $4 AND email <> ''"
            }
            Self::Phone => {
                "UPDATE notice_settings SET code_hash = $2, code_until = $3, code_tries = 0
                 WHERE account_id = $1 AND phone = $4 AND phone <> ''"
            }
        }
    }

    const fn count(self) -> &'static str {
        match self {
            Self::Email => {
                "UPDATE notice_settings SET email_code_tries = email_code_tries + 1
                 WHERE account_id = $1 AND email_code_hash IS NOT NULL AND email_code_until > $2"
            }
            Self::Phone => {
                "UPDATE notice_settings SET code_tries = code_tries + 1
                 WHERE account_id = $1 AND code_hash IS NOT NULL AND code_until > $2"
            }
        }
    }

    const fn read(self) -> &'static str {
        match self {
            Self::Email => {
                "SELECT email_code_hash, email_code_tries FROM notice_settings
                 WHERE account_id = $1 AND email_code_hash IS NOT NULL AND email_code_until > $2"
            }
            Self::Phone => {
                "SELECT code_hash, code_tries FROM notice_settings
                 WHERE account_id = $1 AND code_hash IS NOT NULL AND code_until > $2"
            }
        }
    }

    const fn prove(self) -> &'static str {
        match self {
            Self::Email => {
                "UPDATE notice_settings SET email_verified_at = $2, email_code_hash = NULL
                 WHERE account_id = $1 AND email = $3 AND email_code_hash IS NOT NULL"
            }
            Self::Phone => {
                "UPDATE notice_settings SET phone_verified_at = $2, code_hash = NULL
                 WHERE account_id = $1 AND phone = $3 AND code_hash IS NOT NULL"
            }
        }
    }
}

impl Store {
    /// Keeps the hash of a one-time code for an officer's address or phone; false when another was kept meanwhile.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_notice_code(
        &self,
        account_id: i64,
        proof: Proof,
        address: &str,
        hash: [u8; 32],
        until: i64,
    ) -> Result<bool> {
        Ok(self.db.run(proof.put(), args![account_id, hash, until, address]).await? == 1)
    }

    /// Counts a try at an officer's code; the hash and the tries so far, this one included.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn try_notice_code(
        &self,
        account_id: i64,
        proof: Proof,
        now: i64,
    ) -> Result<Option<(Vec<u8>, i64)>> {
        let mut tx = self.db.begin().await?;
        tx.run(proof.count(), args![account_id, now]).await?;
        let row = tx.first(proof.read(), args![account_id, now]).await?;
        let found = row.map(|row| Ok::<_, StoreError>((row.get(0)?, row.get(1)?))).transpose()?;
        tx.commit().await?;
        Ok(found)
    }

    /// Marks an officer's address or phone as proved; false when another was kept since the code was checked, or the
    /// code was used before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn prove_notice(&self, account_id: i64, proof: Proof, address: &str, now: i64) -> Result<bool> {
        Ok(self.db.run(proof.prove(), args![account_id, now, address]).await? == 1)
    }
}
