//! Who signs the documents of an office, as the office set it.

use crate::{Result, Store, args};

/// The signer of an office's documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitSigner {
    /// Office.
    pub unit_id: i64,
    /// Authority and title, lines divided by `/`; empty for the usual form.
    pub authority: String,
    /// Name; empty leaves it to be typed.
    pub name: String,
    /// When it was set.
    pub changed_at: i64,
    /// By which account.
    pub changed_by: i64,
}

impl Store {
    /// Sets the signer of an office, in place of the one before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_unit_signer(&self, signer: &UnitSigner) -> Result<()> {
        let sql = "INSERT INTO unit_signers (unit_id, authority, name, changed_at, changed_by)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit_id) DO UPDATE SET authority = excluded.authority,
                   name = excluded.name, changed_at = excluded.changed_at, changed_by = excluded.changed_by";
        let s = signer;
        self.db.run(sql, args![s.unit_id, &s.authority, &s.name, s.changed_at, s.changed_by]).await.map(drop)
    }

    /// The signer that an office set; none when it set none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unit_signer(&self, unit_id: i64) -> Result<Option<UnitSigner>> {
        let sql =
            "SELECT unit_id, authority, name, changed_at, changed_by FROM unit_signers WHERE unit_id = $1";
        let Some(row) = self.db.first(sql, args![unit_id]).await? else { return Ok(None) };
        Ok(Some(UnitSigner {
            unit_id: row.get(0)?,
            authority: row.get(1)?,
            name: row.get(2)?,
            changed_at: row.get(3)?,
            changed_by: row.get(4)?,
        }))
    }
}
