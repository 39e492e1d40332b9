//! Messages in the product: what an office, an officer or a place's owner should know, said once.

use crate::{Result, Row, Store, args};

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// Everybody of an office.
    Unit(i64),
    /// One officer.
    Account(i64),
    /// The owner of a place.
    Place(i64),
}

/// A message to post.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Random id.
    pub id: i64,
    /// What it is about, so that a job that runs twice says it once: `inspection:77:reminder:2`.
    pub dedup_key: String,
    /// Whom it is for.
    pub to: Recipient,
    /// The words in Vietnamese, with `{names}`; the catalogue translates them.
    pub source: String,
    /// Values of the names, as JSON: an object of texts.
    pub params: String,
    /// Where to go, within the product.
    pub href: String,
    /// True for what cannot wait for a digest.
    pub urgent: bool,
    /// Day by which something is to be done, ISO date.
    pub due_on: Option<String>,
}

/// A message as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Id.
    pub id: i64,
    /// The words in Vietnamese, with `{names}`.
    pub source: String,
    /// Values of the names, as JSON.
    pub params: String,
    /// Where to go.
    pub href: String,
    /// True for what cannot wait.
    pub urgent: bool,
    /// Day by which something is to be done.
    pub due_on: Option<String>,
    /// When it was posted.
    pub made_at: i64,
    /// When this officer, or the owner of the place, read it.
    pub read_at: Option<i64>,
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

/// The statement that posts a message, unless one with its key was posted before.
fn posting(new: &NewMessage, now: i64) -> (&'static str, Vec<crate::Value>) {
    let (unit, account, place) = match new.to {
        Recipient::Unit(id) => (Some(id), None, None),
        Recipient::Account(id) => (None, Some(id), None),
        Recipient::Place(id) => (None, None, Some(id)),
    };
    let sql =
        "INSERT INTO messages (id, dedup_key, unit_id, account_id, place_id, source, params, href, urgent,
               due_on, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (dedup_key) DO NOTHING";
    let args = args![
        new.id,
        &new.dedup_key,
        unit,
        account,
        place,
        &new.source,
        &new.params,
        &new.href,
        new.urgent,
        new.due_on.clone(),
        now
    ];
    (sql, args)
}

impl Store {
    /// Posts messages in one transaction; how many had not been posted before.
    ///
    /// # Errors
    /// When the database refuses; none is posted then.
    pub async fn post_messages(&self, all: &[NewMessage], now: i64) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let mut posted = 0;
        for new in all {
            let (sql, args) = posting(new, now);
            posted += tx.run(sql, args).await?;
        }
        tx.commit().await?;
        Ok(posted)
    }

    /// Posts a message; false when one with the same key was posted before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn post_message(&self, new: &NewMessage, now: i64) -> Result<bool> {
        let (sql, args) = posting(new, now);
        Ok(self.db.run(sql, args).await? == 1)
    }

    /// Messages for an officer or the office, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn messages_for(&self, account_id: i64, unit_id: i64, limit: i64) -> Result<Vec<Message>> {
        let sql = "SELECT m.id, m.source, m.params, m.href, m.urgent, m.due_on, m.made_at, r.read_at
                   FROM messages m LEFT JOIN message_reads r ON r.message_id = m.id AND r.account_id = $1
                   WHERE m.account_id = $1 OR m.unit_id = $2 ORDER BY m.made_at DESC, m.id LIMIT $3";
        self.db.all(sql, args![account_id, unit_id, limit]).await?.iter().map(message).collect()
    }

    /// Messages for a place's owner, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn messages_of_place(&self, place_id: i64, limit: i64) -> Result<Vec<Message>> {
        let sql = "SELECT id, source, params, href, urgent, due_on, made_at, owner_read_at
                   FROM messages WHERE place_id = $1 ORDER BY made_at DESC, id LIMIT $2";
        self.db.all(sql, args![place_id, limit]).await?.iter().map(message).collect()
    }

    /// Marks what a place's owner was told up to a moment as read.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read_messages_of_place(&self, place_id: i64, until: i64, now: i64) -> Result<u64> {
        let sql = "UPDATE messages SET owner_read_at = $3
                   WHERE place_id = $1 AND made_at <= $2 AND owner_read_at IS NULL";
        self.db.run(sql, args![place_id, until, now]).await
    }

    /// How many messages the owner of places has not read, by place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unread_of_owner(&self, owner_index: [u8; 16]) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT m.place_id, COUNT(*) FROM messages m JOIN places p ON p.id = m.place_id
                   WHERE p.owner_index = $1 AND m.owner_read_at IS NULL GROUP BY m.place_id ORDER BY m.place_id";
        let rows = self.db.all(sql, args![owner_index]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Marks what an officer has read, up to and with a moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read_messages(&self, account_id: i64, unit_id: i64, until: i64, now: i64) -> Result<u64> {
        let sql = "INSERT INTO message_reads (message_id, account_id, read_at)
                   SELECT m.id, $1, $4 FROM messages m WHERE (m.account_id = $1 OR m.unit_id = $2)
                   AND m.made_at <= $3 ON CONFLICT (message_id, account_id) DO NOTHING";
        self.db.run(sql, args![account_id, unit_id, until, now]).await
    }
}
