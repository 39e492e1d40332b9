//! What leaves the product: how each officer wishes to be told, and every delivery with its tries.

use crate::{Result, Row, Store, args, messages::Message};

/// How an officer wishes to be told. Office data, kept in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSettings {
    /// The officer.
    pub account_id: i64,
    /// E-mail address of the office; empty for none.
    pub email: String,
    /// When a one-time code proved the address.
    pub email_verified_at: Option<i64>,
    /// Phone, E.164; empty for none.
    pub phone: String,
    /// When a one-time code proved the phone.
    pub phone_verified_at: Option<i64>,
    /// How urgent messages come: `none`, `email`, `sms` or `both`.
    pub urgent: String,
    /// One e-mail a day.
    pub digest: bool,
    /// Local hour of the digest, 0 to 23.
    pub digest_hour: i64,
    /// First quiet minute of the local day.
    pub quiet_from: i64,
    /// Minute at which quiet ends.
    pub quiet_until: i64,
    /// Urgent messages come in quiet hours too.
    pub urgent_in_quiet: bool,
    /// Language of e-mails: `vi` or `en`.
    pub lang: String,
}

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Random id.
    pub id: i64,
    /// Planned once: `urgent:{message}:{reader}:{channel}` or `digest:{account}:{day}`.
    pub dedup_key: String,
    /// The officer, or none for an owner.
    pub account_id: Option<i64>,
    /// The owner's place, or none for an officer.
    pub place_id: Option<i64>,
    /// The urgent message; none for a digest.
    pub message_id: Option<i64>,
    /// `email` or `sms`.
    pub channel: String,
    /// Local day, ISO date: what daily limits count.
    pub day_on: String,
}

/// A delivery as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Id.
    pub id: i64,
    /// The officer.
    pub account_id: Option<i64>,
    /// The owner's place.
    pub place_id: Option<i64>,
    /// The urgent message; none for a digest.
    pub message_id: Option<i64>,
    /// `email` or `sms`.
    pub channel: String,
    /// `waiting`, `sent`, `failed` or `dropped`.
    pub state: String,
    /// Tries so far.
    pub tries: i64,
    /// When it is tried next.
    pub next_try_at: i64,
    /// When it was planned.
    pub made_at: i64,
    /// Why the last try failed; no address, no words.
    pub error: String,
}

/// An urgent message that has not gone out to a reader yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The message.
    pub message_id: i64,
    /// The officer or the place whose owner it is for.
    pub reader_id: i64,
}

fn settings(row: &Row) -> Result<NoticeSettings> {
    Ok(NoticeSettings {
        account_id: row.get(0)?,
        email: row.get(1)?,
        phone: row.get(2)?,
        phone_verified_at: row.get(3)?,
        urgent: row.get(4)?,
        digest: row.get(5)?,
        digest_hour: row.get(6)?,
        quiet_from: row.get(7)?,
        quiet_until: row.get(8)?,
        urgent_in_quiet: row.get(9)?,
        email_verified_at: row.get(10)?,
        lang: row.get(11)?,
    })
}

fn delivery(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        account_id: row.get(1)?,
        place_id: row.get(2)?,
        message_id: row.get(3)?,
        channel: row.get(4)?,
        state: row.get(5)?,
        tries: row.get(6)?,
        next_try_at: row.get(7)?,
        made_at: row.get(8)?,
        error: row.get(9)?,
    })
}

fn message(row: &Row) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        source: row.get(1)?,
        params: row.get(2)?,
        href: row.get(3)?,
        urgent: row.get(4)?,
        due_on: row.get(5)?,
        made_at: row.get(6)?,
        read_at: row.get(7)?,
    })
}

impl Store {
    /// A page of messages for an officer or the office: unread first, then latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inbox(
        &self,
        account_id: i64,
        unit_id: i64,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Message>> {
        let sql = "SELECT m.id, m.source, m.params, m.href, m.urgent, m.due_on, m.made_at, r.read_at
                   FROM messages m LEFT JOIN message_reads r ON r.message_id = m.id AND r.account_id = $1
                   WHERE m.account_id = $1 OR m.unit_id = $2
                   ORDER BY CASE WHEN r.read_at IS NULL THEN 0 ELSE 1 END, m.made_at DESC, m.id LIMIT $3 OFFSET $4";
        let args = args![account_id, unit_id, limit, offset];
        self.db.all(sql, args).await?.iter().map(message).collect()
    }

    /// How many messages an officer has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn inbox_size(&self, account_id: i64, unit_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM messages WHERE account_id = $1 OR unit_id = $2";
        let row = self.db.first(sql, args![account_id, unit_id]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// How many messages since a moment an officer has not read, counted up to a bound: it stands in the head of
    /// every page.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unread_since(&self, account_id: i64, unit_id: i64, since: i64, bound: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM (SELECT m.id FROM messages m
                   WHERE ((m.account_id = $1 AND m.made_at >= $3) OR (m.unit_id = $2 AND m.made_at >= $3))
                   AND NOT EXISTS (SELECT 1 FROM message_reads r WHERE r.message_id = m.id AND r.account_id = $1)
                   LIMIT $4) AS unread";
        let row = self.db.first(sql, args![account_id, unit_id, since, bound]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// A message, if it is for the officer or the office.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn own_message(&self, id: i64, account_id: i64, unit_id: i64) -> Result<Option<Message>> {
        let sql = "SELECT m.id, m.source, m.params, m.href, m.urgent, m.due_on, m.made_at, r.read_at
                   FROM messages m LEFT JOIN message_reads r ON r.message_id = m.id AND r.account_id = $2
                   WHERE m.id = $1 AND (m.account_id = $2 OR m.unit_id = $3)";
        let row = self.db.first(sql, args![id, account_id, unit_id]).await?;
        row.as_ref().map(message).transpose()
    }

    /// A message by its id, for the job that delivers it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn message(&self, id: i64) -> Result<Option<Message>> {
        let sql = "SELECT id, source, params, href, urgent, due_on, made_at, owner_read_at
                   FROM messages WHERE id = $1";
        let row = self.db.first(sql, args![id]).await?;
        row.as_ref().map(message).transpose()
    }

    /// Marks one message as read by an officer.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read_message(&self, id: i64, account_id: i64, now: i64) -> Result<()> {
        let sql = "INSERT INTO message_reads (message_id, account_id, read_at) VALUES ($1, $2, $3)
                   ON CONFLICT (message_id, account_id) DO NOTHING";
        self.db.run(sql, args![id, account_id, now]).await.map(drop)
    }

    /// How an officer wishes to be told, if he said so.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn notice_settings(&self, account_id: i64) -> Result<Option<NoticeSettings>> {
        let sql =
            "SELECT account_id, email, phone, phone_verified_at, urgent, digest, digest_hour, quiet_from,
                   quiet_until, urgent_in_quiet, email_verified_at, lang FROM notice_settings WHERE account_id = $1";
        let row = self.db.first(sql, args![account_id]).await?;
        row.as_ref().map(settings).transpose()
    }

    /// Keeps how an officer wishes to be told. Another address or phone has to be proved anew.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_notice_settings(&self, s: &NoticeSettings, now: i64) -> Result<()> {
        let sql = "INSERT INTO notice_settings (account_id, email, phone, urgent, digest, digest_hour, quiet_from,
                   quiet_until, urgent_in_quiet, changed_at, lang)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                   ON CONFLICT (account_id) DO UPDATE SET
                   email_verified_at = CASE WHEN notice_settings.email = excluded.email
                   THEN notice_settings.email_verified_at ELSE NULL END,
                   email_code_hash = CASE WHEN notice_settings.email = excluded.email
                   THEN notice_settings.email_code_hash ELSE NULL END, email = excluded.email, lang = excluded.lang,
                   phone_verified_at = CASE WHEN notice_settings.phone = excluded.phone
                   THEN notice_settings.phone_verified_at ELSE NULL END,
                   code_hash = CASE WHEN notice_settings.phone = excluded.phone THEN notice_settings.code_hash ELSE NULL END,
                   phone = excluded.phone, urgent = excluded.urgent, digest = excluded.digest,
                   digest_hour = excluded.digest_hour, quiet_from = excluded.quiet_from,
                   quiet_until = excluded.quiet_until, urgent_in_quiet = excluded.urgent_in_quiet,
                   changed_at = excluded.changed_at";
        let args = args![
            s.account_id,
            &s.email,
            &s.phone,
            &s.urgent,
            s.digest,
            s.digest_hour,
            s.quiet_from,
            s.quiet_until,
            s.urgent_in_quiet,
            now,
            &s.lang
        ];
        self.db.run(sql, args).await.map(drop)
    }

    /// Officers with a proved address who wish for a digest, with the day of their last one and what they have
    /// not read since a moment; accounts that are closed have no part.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn digest_readers(&self, since: i64) -> Result<Vec<(NoticeSettings, Option<String>, i64)>> {
        let sql =
            "SELECT s.account_id, s.email, s.phone, s.phone_verified_at, s.urgent, s.digest, s.digest_hour,
                   s.quiet_from, s.quiet_until, s.urgent_in_quiet, s.email_verified_at, s.lang,
                   (SELECT MAX(d.day_on) FROM message_deliveries d
                    WHERE d.account_id = s.account_id AND d.message_id IS NULL),
                   (SELECT COUNT(*) FROM messages m WHERE m.made_at >= $1
                    AND (m.account_id = a.id OR (m.unit_id = a.unit_id AND EXISTS (SELECT 1 FROM account_roles o WHERE o.account_id = a.id
                    AND o.role IN ('unit_officer', 'reviewer', 'committee_reader')))) AND NOT EXISTS
                    (SELECT 1 FROM message_reads r WHERE r.message_id = m.id AND r.account_id = a.id))
                   FROM notice_settings s JOIN accounts a ON a.id = s.account_id
                   WHERE a.active = 1 AND s.digest = 1 AND s.email <> '' AND s.email_verified_at IS NOT NULL
                   ORDER BY s.account_id LIMIT 5000";
        let read = |row: &Row| Ok((settings(row)?, row.get(12)?, row.get(13)?));
        self.db.all(sql, args![since]).await?.iter().map(read).collect()
    }

    /// Urgent messages since a moment that officers have neither read nor been sent by a channel they proved.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn urgent_for_officers(&self, since: i64, channel: &str) -> Result<Vec<Pending>> {
        let sql = "SELECT m.id, a.id FROM messages m
                   JOIN accounts a ON (a.id = m.account_id OR (a.unit_id = m.unit_id AND EXISTS (SELECT 1 FROM account_roles o WHERE o.account_id = a.id
                    AND o.role IN ('unit_officer', 'reviewer', 'committee_reader')))) AND a.active = 1
                   JOIN notice_settings s ON s.account_id = a.id AND (s.urgent = $2 OR s.urgent = 'both')
                   AND CASE WHEN $2 = 'email' THEN s.email_verified_at ELSE s.phone_verified_at END IS NOT NULL
                   WHERE m.urgent = 1 AND m.made_at >= $1
                   AND NOT EXISTS (SELECT 1 FROM message_reads r WHERE r.message_id = m.id AND r.account_id = a.id)
                   AND NOT EXISTS (SELECT 1 FROM message_deliveries d
                    WHERE d.message_id = m.id AND d.account_id = a.id AND d.channel = $2)
                   ORDER BY m.made_at, m.id, a.id LIMIT 1000";
        let read = |row: &Row| Ok(Pending { message_id: row.get(0)?, reader_id: row.get(1)? });
        self.db.all(sql, args![since, channel]).await?.iter().map(read).collect()
    }

    /// Urgent messages since a moment that owners of places have not been sent.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn urgent_for_owners(&self, since: i64) -> Result<Vec<Pending>> {
        let sql = "SELECT m.id, m.place_id FROM messages m
                   WHERE m.urgent = 1 AND m.made_at >= $1 AND m.place_id IS NOT NULL AND m.owner_read_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM message_deliveries d WHERE d.message_id = m.id)
                   ORDER BY m.made_at, m.id LIMIT 1000";
        let read = |row: &Row| Ok(Pending { message_id: row.get(0)?, reader_id: row.get(1)? });
        self.db.all(sql, args![since]).await?.iter().map(read).collect()
    }

    /// Deliveries of a channel planned on a day for an officer or for the owner of any of the owner's places:
    /// what daily limits count.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn deliveries_on(
        &self,
        account_id: Option<i64>,
        place_id: Option<i64>,
        channel: &str,
        day_on: &str,
    ) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM message_deliveries d WHERE d.channel = $3 AND d.day_on = $4
                   AND (d.account_id = $1 OR d.place_id IN (SELECT p.id FROM places p
                    WHERE p.owner_index = (SELECT q.owner_index FROM places q WHERE q.id = $2)))";
        let row = self.db.first(sql, args![account_id, place_id, channel, day_on]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Plans a delivery; false when it was planned before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn plan_delivery(&self, new: &NewDelivery, now: i64) -> Result<bool> {
        let sql = "INSERT INTO message_deliveries (id, dedup_key, account_id, place_id, message_id, channel, day_on,
                   state, tries, next_try_at, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, $8, $8)
                   ON CONFLICT (dedup_key) DO NOTHING";
        let args = args![
            new.id,
            &new.dedup_key,
            new.account_id,
            new.place_id,
            new.message_id,
            &new.channel,
            &new.day_on,
            now
        ];
        Ok(self.db.run(sql, args).await? == 1)
    }

    /// Puts off a waiting delivery to a moment; costs none of its tries.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_off_delivery(&self, id: i64, until: i64) -> Result<()> {
        let sql = "UPDATE message_deliveries SET next_try_at = $2 WHERE id = $1 AND state = 'waiting'";
        self.db.run(sql, args![id, until]).await.map(drop)
    }

    /// Deliveries that are due, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn due_deliveries(&self, now: i64, limit: i64) -> Result<Vec<Delivery>> {
        let sql =
            "SELECT id, account_id, place_id, message_id, channel, state, tries, next_try_at, made_at, error
                   FROM message_deliveries WHERE state = 'waiting' AND next_try_at <= $1
                   ORDER BY next_try_at, id LIMIT $2";
        self.db.all(sql, args![now, limit]).await?.iter().map(delivery).collect()
    }

    /// Takes a due delivery for one try, so that no other server tries it too; false when another did.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim_delivery(&self, d: &Delivery, next_try_at: i64) -> Result<bool> {
        let sql = "UPDATE message_deliveries SET tries = tries + 1, next_try_at = $3
                   WHERE id = $1 AND state = 'waiting' AND tries = $2";
        Ok(self.db.run(sql, args![d.id, d.tries, next_try_at]).await? == 1)
    }

    /// Ends a delivery, or notes why a try failed: `state` is `sent`, `failed`, `dropped` or `waiting`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle_delivery(&self, id: i64, state: &str, error: &str, now: i64) -> Result<()> {
        let sql = "UPDATE message_deliveries SET state = $2, error = $3,
                   sent_at = CASE WHEN $2 = 'sent' THEN CAST($4 AS BIGINT) ELSE sent_at END WHERE id = $1";
        self.db.run(sql, args![id, state, error, now]).await.map(drop)
    }

    /// Lets a delivery that was given up be tried again; false when it is none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retry_delivery(&self, id: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE message_deliveries SET state = 'waiting', tries = 0, next_try_at = $2, error = ''
                   WHERE id = $1 AND state = 'failed'";
        Ok(self.db.run(sql, args![id, now]).await? == 1)
    }

    /// Deliveries that failed or wait after a failed try, latest first, for the administrator.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn troubled_deliveries(&self, limit: i64) -> Result<Vec<Delivery>> {
        let sql =
            "SELECT id, account_id, place_id, message_id, channel, state, tries, next_try_at, made_at, error
                   FROM message_deliveries WHERE state = 'failed' OR (state = 'waiting' AND tries > 0)
                   ORDER BY made_at DESC, id LIMIT $1";
        self.db.all(sql, args![limit]).await?.iter().map(delivery).collect()
    }

    /// Deliveries given up since a moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn failed_deliveries(&self, since: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM message_deliveries WHERE state = 'failed' AND next_try_at >= $1";
        let row = self.db.first(sql, args![since]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Deliveries since a moment by channel and state.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delivery_counts(&self, since: i64) -> Result<Vec<(String, String, i64)>> {
        let sql = "SELECT channel, state, COUNT(*) FROM message_deliveries WHERE made_at >= $1
                   GROUP BY channel, state ORDER BY channel, state";
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.db.all(sql, args![since]).await?.iter().map(read).collect()
    }
}
