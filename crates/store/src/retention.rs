//! Deletion on schedule: what docs/retention.md promises, in one place.

use std::collections::HashSet;

use domain::time::{date_of_day_number, local_date};

use crate::{Result, Store, StoreError, args, cards::CARD_INDEX_KIND, db::Lock, people::SEEN_LAG_DAYS};

/// How many rows each step removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Movement keys of epochs older than the period.
    pub movement_keys: u64,
    /// Officers' shares of movement key pairs whose month is older than the period.
    pub movement_shares: u64,
    /// Cases past their date, with all they kept.
    pub cases: u64,
    /// Identity records of people not seen within the period.
    pub people: u64,
    /// Ended sessions, used or expired invitations and phone codes.
    pub leftovers: u64,
}

/// Persons removed in one transaction, so that arrivals do not wait long.
const PERSONS_AT_ONCE: i64 = 500;

/// How long photos of inspections are kept: a year after the visit.
const INSPECTION_PHOTOS_MS: i64 = 365 * 86_400_000;
/// How long minutes name who spoke for the place: two years after the visit.
const REPRESENTATIVES_MS: i64 = 2 * 365 * 86_400_000;

/// How long messages, weeks of points and closed tasks are kept: a year.
const MESSAGES_MS: i64 = 365 * 86_400_000;
/// How long deliveries of messages are kept: 90 days.
const DELIVERIES_MS: i64 = 90 * 86_400_000;
/// How long closed tickets are kept: a year after they were closed.
const TICKETS_MS: i64 = 365 * 86_400_000;

impl Store {
    /// Removes what is older than the retention period: `first_day` is the oldest local day number kept.
    /// A case's persons stay in the register while the case does; others leave it at the latest three days
    /// after the period (see `people::SEEN_LAG_DAYS`), never within it.
    ///
    /// # Errors
    /// When the database refuses; steps already made stay, and the next run goes on.
    pub async fn remove_expired(&self, first_day: i64, now: i64) -> Result<Removed> {
        Ok(Removed {
            movement_keys: self.remove_movement_keys(first_day).await?,
            movement_shares: self.remove_movement_shares(first_day).await?,
            cases: self.remove_cases(now).await?,
            leftovers: self.remove_leftovers(first_day, now).await?,
            people: self.remove_people(first_day, &local_date(now).to_string()).await?,
        })
    }

    async fn remove_movement_keys(&self, first_day: i64) -> Result<u64> {
        let sql =
            "UPDATE epochs SET movement_wrap = NULL WHERE arrival_day < $1 AND movement_wrap IS NOT NULL";
        self.keyring.run(sql, args![first_day]).await
    }

    /// A month's key pair is of use until the last day of its month leaves the period.
    async fn remove_movement_shares(&self, first_day: i64) -> Result<u64> {
        let month = date_of_day_number(first_day).strftime("%Y-%m").to_string();
        let sql = "DELETE FROM shares WHERE key_pair_id IN
                   (SELECT id FROM key_pairs WHERE purpose = 'movement' AND month < $1)";
        self.keyring.run(sql, args![month]).await
    }

    /// Goes through the expired persons in the order of their ids, some at a time. Arrivals wait meanwhile:
    /// one that was just found must not lose its indexes.
    async fn remove_people(&self, first_day: i64, today: &str) -> Result<u64> {
        self.remove_indexes_of_nobody().await?;
        let (mut removed, mut after) = (0, i64::MIN);
        loop {
            let mut tx = self.db.begin().await?;
            tx.lock(Lock::Settle).await?;
            let kept = persons_of_cases(&tx.all("SELECT persons FROM cases", args![]).await?)?;
            // Whoever holds a printed card in force stays known, or the card would name nobody the next time. A
            // card on a phone, which anybody can make, keeps nobody.
            let sql = "SELECT person_id FROM people WHERE person_id > $1 AND NOT EXISTS
                       (SELECT c.number FROM person_indexes i JOIN cards c ON c.card_index = i.idx
                        WHERE i.person_id = people.person_id AND i.kind = $4 AND c.kind = 'printed' AND c.revoked_at IS NULL
                        AND c.expires_on >= $5)
                       GROUP BY person_id HAVING MAX(seen_day) < $2 ORDER BY person_id LIMIT $3";
            let last_day = first_day - SEEN_LAG_DAYS;
            let args = args![after, last_day, PERSONS_AT_ONCE, CARD_INDEX_KIND, today];
            let expired = tx.all(sql, args).await?;
            let Some(last) = expired.last() else { return Ok(removed) };
            after = last.get(0)?;
            for row in &expired {
                let person_id: i64 = row.get(0)?;
                if !kept.contains(&person_id) {
                    tx.run("DELETE FROM person_indexes WHERE person_id = $1", args![person_id]).await?;
                    removed += tx.run("DELETE FROM people WHERE person_id = $1", args![person_id]).await?;
                }
            }
            tx.commit().await?;
        }
    }

    /// An index whose person has no record serves nobody, and nothing else would ever remove it.
    async fn remove_indexes_of_nobody(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::Settle).await?;
        let sql = "DELETE FROM person_indexes WHERE NOT EXISTS
                   (SELECT person_id FROM people WHERE people.person_id = person_indexes.person_id)";
        tx.run(sql, args![]).await?;
        tx.commit().await
    }

    async fn remove_cases(&self, now: i64) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM opening_releases WHERE opening_id IN (SELECT o.id FROM openings o
                   JOIN cases c ON c.id = o.case_id WHERE c.delete_at <= $1)";
        tx.run(sql, args![now]).await?;
        let sql = "DELETE FROM sittings WHERE opening_id IN (SELECT o.id FROM openings o
                   JOIN cases c ON c.id = o.case_id WHERE c.delete_at <= $1)";
        tx.run(sql, args![now]).await?;
        let sql = "DELETE FROM openings WHERE case_id IN (SELECT id FROM cases WHERE delete_at <= $1)";
        tx.run(sql, args![now]).await?;
        let removed = tx.run("DELETE FROM cases WHERE delete_at <= $1", args![now]).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Quarantined scans, oddities, closings and settled poster reports older than the period, and cards a
    /// year after their last day.
    async fn remove_door_leftovers(&self, first_day: i64) -> Result<()> {
        let before = domain::time::day_start(date_of_day_number(first_day));
        self.db.run("DELETE FROM quarantine WHERE received_at < $1", args![before]).await?;
        self.db.run("DELETE FROM oddities WHERE event_day < $1", args![first_day]).await?;
        self.db.run("DELETE FROM place_closings WHERE closed_at < $1", args![before]).await?;
        self.db.run("DELETE FROM poster_reports WHERE closed_at < $1", args![before]).await?;
        let month_ago = date_of_day_number(first_day - 30).to_string();
        self.db.run("DELETE FROM cards WHERE kind = 'phone' AND expires_on < $1", args![month_ago]).await?;
        let year_ago = date_of_day_number(first_day - 365).to_string();
        self.db.run("DELETE FROM cards WHERE expires_on < $1", args![year_ago]).await.map(drop)
    }

    /// Closed tickets with what was said; a question that was published from one stays, without its ticket.
    async fn remove_old_tickets(&self, now: i64) -> Result<()> {
        let before = now - TICKETS_MS;
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE faq_entries SET ticket_id = NULL WHERE ticket_id IN
                   (SELECT id FROM tickets WHERE state = 'closed' AND closed_at < $1)";
        tx.run(sql, args![before]).await?;
        let sql = "DELETE FROM ticket_posts WHERE ticket_id IN
                   (SELECT id FROM tickets WHERE state = 'closed' AND closed_at < $1)";
        tx.run(sql, args![before]).await?;
        tx.run("DELETE FROM tickets WHERE state = 'closed' AND closed_at < $1", args![before]).await?;
        tx.commit().await
    }

    async fn remove_old_messages(&self, now: i64) -> Result<()> {
        let deliveries = "DELETE FROM message_deliveries WHERE made_at < $1";
        self.db.run(deliveries, args![now - DELIVERIES_MS]).await?;
        let before = now - MESSAGES_MS;
        let reads =
            "DELETE FROM message_reads WHERE message_id IN (SELECT id FROM messages WHERE made_at < $1)";
        self.db.run(reads, args![before]).await?;
        self.db.run("DELETE FROM messages WHERE made_at < $1", args![before]).await.map(drop)
    }

    /// Weeks of points without a scan, their lists in reports, and closed tasks, a year later.
    async fn remove_old_point_weeks(&self, now: i64) -> Result<()> {
        let before = local_date(now - MESSAGES_MS).to_string();
        self.db.run("DELETE FROM frozen_points WHERE until_on < $1", args![&before]).await?;
        self.db.run("DELETE FROM point_weeks WHERE week_on < $1", args![&before]).await?;
        let acts = "DELETE FROM point_task_acts WHERE task_id IN
                    (SELECT id FROM point_tasks WHERE state = 'closed' AND closed_on < $1)";
        self.db.run(acts, args![&before]).await?;
        let sql = "DELETE FROM point_tasks WHERE state = 'closed' AND closed_on < $1";
        self.db.run(sql, args![&before]).await.map(drop)
    }

    /// Photos of inspections after a year; names of representatives after two. The findings stay.
    async fn remove_inspection_details(&self, now: i64) -> Result<()> {
        let photos = "DELETE FROM inspection_photos WHERE inspection_id IN
                      (SELECT inspection_id FROM inspection_records WHERE ended_at < $1)";
        self.db.run(photos, args![now - INSPECTION_PHOTOS_MS]).await?;
        let names = "UPDATE inspection_records SET representative = '', representative_title = ''
                     WHERE ended_at < $1 AND (representative <> '' OR representative_title <> '')";
        self.db.run(names, args![now - REPRESENTATIVES_MS]).await.map(drop)
    }

    async fn remove_leftovers(&self, first_day: i64, now: i64) -> Result<u64> {
        let sessions = self.db.run("DELETE FROM sessions WHERE expires_at <= $1", args![now]).await?;
        let codes = self.db.run("DELETE FROM phone_proofs WHERE expires_at <= $1", args![now]).await?;
        self.remove_door_leftovers(first_day).await?;
        self.remove_old_messages(now).await?;
        self.remove_old_point_weeks(now).await?;
        self.remove_old_tickets(now).await?;
        self.remove_inspection_details(now).await?;
        let sql = "DELETE FROM invitations WHERE expires_at <= $1 OR used_at IS NOT NULL";
        Ok(sessions + codes + self.db.run(sql, args![now]).await?)
    }
}

/// Persons named by cases, as the register numbers them.
fn persons_of_cases(rows: &[crate::Row]) -> Result<HashSet<i64>> {
    let mut persons = HashSet::new();
    for row in rows {
        let list: String = row.get(0)?;
        for id in list.split(',').filter(|id| !id.is_empty()) {
            let person = u64::from_str_radix(id, 16).map_err(|_| StoreError::Unreadable("cases.persons"))?;
            persons.insert(person.cast_signed());
        }
    }
    Ok(persons)
}
