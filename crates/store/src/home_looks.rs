//! What officers saw on the first page: counts by kind, at two looks.

use crate::{Result, Store, args};

/// Two looks of an officer; counts as `kind=number` lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeLooks {
    /// The last look of the sitting before.
    pub before_at: i64,
    /// What it showed.
    pub before_counts: String,
    /// The latest look.
    pub looked_at: i64,
    /// What it showed.
    pub counts: String,
}

impl Store {
    /// The looks of an officer, if there were any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn home_looks(&self, account_id: i64) -> Result<Option<HomeLooks>> {
        let sql = "SELECT before_at, before_counts, looked_at, counts FROM home_looks WHERE account_id = $1";
        let row = self.db.first(sql, args![account_id]).await?;
        row.map(|row| {
            Ok(HomeLooks {
                before_at: row.get(0)?,
                before_counts: row.get(1)?,
                looked_at: row.get(2)?,
                counts: row.get(3)?,
            })
        })
        .transpose()
    }

    /// Keeps the looks of an officer.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn keep_home_looks(&self, account_id: i64, looks: &HomeLooks) -> Result<()> {
        let sql = "INSERT INTO home_looks (account_id, before_at, before_counts, looked_at, counts)
                   VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (account_id) DO UPDATE SET before_at = excluded.before_at,
                   before_counts = excluded.before_counts, looked_at = excluded.looked_at, counts = excluded.counts";
        let args = args![account_id, looks.before_at, &looks.before_counts, looks.looked_at, &looks.counts];
        self.db.run(sql, args).await.map(drop)
    }
}
