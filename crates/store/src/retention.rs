//! Deletion on schedule: what docs/retention.md promises, in one place.

use crate::{Result, Store, args};

/// How many rows each step removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Movement keys of epochs older than the period.
    pub movement_keys: u64,
    /// Identity records of people not seen within the period.
    pub people: u64,
    /// Cases past their date, with all they kept.
    pub cases: u64,
    /// Ended sessions, used or expired invitations and phone codes.
    pub leftovers: u64,
}

impl Store {
    /// Removes what is older than the retention period: `first_day` is the oldest local day number kept.
    /// A case's persons stay in the register while the case does.
    ///
    /// # Errors
    /// When the database refuses; steps already made stay, and the next run goes on.
    pub async fn remove_expired(&self, first_day: i64, now: i64) -> Result<Removed> {
        Ok(Removed {
            movement_keys: self.remove_movement_keys(first_day).await?,
            people: self.remove_people(first_day).await?,
            cases: self.remove_cases(now).await?,
            leftovers: self.remove_leftovers(now).await?,
        })
    }

    async fn remove_movement_keys(&self, first_day: i64) -> Result<u64> {
        let sql = "UPDATE epochs SET movement_wrap = NULL WHERE arrival_day < $1 AND movement_wrap IS NOT NULL";
        self.keyring.run(sql, args![first_day]).await
    }

    async fn remove_people(&self, first_day: i64) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM person_indexes WHERE person_id IN
                   (SELECT person_id FROM people GROUP BY person_id HAVING MAX(seen_day) < $1)";
        tx.run(sql, args![first_day]).await?;
        let sql = "DELETE FROM people WHERE person_id IN
                   (SELECT person_id FROM people GROUP BY person_id HAVING MAX(seen_day) < $1)";
        let removed = tx.run(sql, args![first_day]).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn remove_cases(&self, now: i64) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM opening_releases WHERE opening_id IN (SELECT o.id FROM openings o
                   JOIN cases c ON c.id = o.case_id WHERE c.delete_at <= $1)";
        tx.run(sql, args![now]).await?;
        let sql = "DELETE FROM openings WHERE case_id IN (SELECT id FROM cases WHERE delete_at <= $1)";
        tx.run(sql, args![now]).await?;
        let removed = tx.run("DELETE FROM cases WHERE delete_at <= $1", args![now]).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn remove_leftovers(&self, now: i64) -> Result<u64> {
        let sessions = self.db.run("DELETE FROM sessions WHERE expires_at <= $1", args![now]).await?;
        let codes = self.db.run("DELETE FROM phone_proofs WHERE expires_at <= $1", args![now]).await?;
        let sql = "DELETE FROM invitations WHERE expires_at <= $1 OR used_at IS NOT NULL";
        Ok(sessions + codes + self.db.run(sql, args![now]).await?)
    }
}
