//! Support tickets with what was said in them, and the questions published from solved ones.

use crate::{Result, Row, Store, args};

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Random id; the form carries it, so that sending twice raises one.
    pub id: i64,
    /// The place, where it is about one.
    pub place_id: Option<i64>,
    /// The place's name, where it is about one.
    pub place_name: Option<String>,
    /// The commune of the place, or the office that asks.
    pub unit_id: i64,
    /// The officer who asks; none for the owner of the place.
    pub account_id: Option<i64>,
    /// The office that has to answer.
    pub office_id: i64,
    /// Code of the reason (`domain::support::Reason`).
    pub reason: String,
    /// What was asked.
    pub words: String,
    /// Code of the state (`domain::support::State`).
    pub state: String,
    /// When it was raised.
    pub opened_at: i64,
    /// Day by which the office acknowledges it, ISO date.
    pub ack_due_on: String,
    /// When the office at hand took or answered it.
    pub acknowledged_at: Option<i64>,
    /// When anybody answered first.
    pub answered_at: Option<i64>,
    /// When it was solved.
    pub solved_at: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// How often it was reopened.
    pub reopened: i64,
}

/// Something said or done in a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Id.
    pub id: i64,
    /// When.
    pub at: i64,
    /// The officer; none for the owner and for what happened by itself.
    pub account_id: Option<i64>,
    /// The officer's name.
    pub account_name: Option<String>,
    /// The officer's office, or the office a ticket was handed to.
    pub unit_id: Option<i64>,
    /// Code of the act (`domain::support::Act`), or `open` or `expire`.
    pub act: String,
    /// The words.
    pub words: String,
}

/// A change of a ticket, with what is said.
#[derive(Debug, Clone)]
pub struct TicketChange<'a> {
    /// The ticket.
    pub ticket_id: i64,
    /// State that it must have.
    pub from: &'a str,
    /// Office that it must have.
    pub from_office: i64,
    /// State afterwards.
    pub to: &'a str,
    /// Office afterwards.
    pub office_id: i64,
    /// New day to acknowledge by, where the ticket is new again.
    pub ack_due_on: Option<String>,
    /// Code of the act.
    pub act: &'a str,
    /// True when the office did it.
    pub by_office: bool,
    /// Who.
    pub account_id: Option<i64>,
    /// From which office.
    pub unit_id: Option<i64>,
    /// Id of what is said: the form carries it.
    pub post_id: i64,
    /// What is said.
    pub words: &'a str,
}

/// Which tickets to list.
#[derive(Debug, Clone, Default)]
pub struct TicketFilter {
    /// Unit whose subtree is listed.
    pub root: i64,
    /// State code, `open`, `late`, or empty for all.
    pub state: String,
    /// Reason code, or empty for all.
    pub reason: String,
    /// Only of this unit's subtree (within `root`).
    pub within: i64,
    /// Only tickets assigned to this office; 0 for all.
    pub office_id: i64,
    /// Only those opened before this moment; `i64::MAX` for all.
    pub before: i64,
    /// Today, ISO date: what is late.
    pub today: String,
}

/// A published question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaqEntry {
    /// Id.
    pub id: i64,
    /// The ticket it came from.
    pub ticket_id: Option<i64>,
    /// Code of the reason.
    pub reason: String,
    /// The question, edited, without names.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// When it was published.
    pub published_at: i64,
}

fn ticket(row: &Row) -> Result<Ticket> {
    Ok(Ticket {
        id: row.get(0)?,
        place_id: row.get(1)?,
        place_name: row.get(2)?,
        unit_id: row.get(3)?,
        account_id: row.get(4)?,
        office_id: row.get(5)?,
        reason: row.get(6)?,
        words: row.get(7)?,
        state: row.get(8)?,
        opened_at: row.get(9)?,
        ack_due_on: row.get(10)?,
        acknowledged_at: row.get(11)?,
        answered_at: row.get(12)?,
        solved_at: row.get(13)?,
        closed_at: row.get(14)?,
        reopened: row.get(15)?,
    })
}

fn faq(row: &Row) -> Result<FaqEntry> {
    Ok(FaqEntry {
        id: row.get(0)?,
        ticket_id: row.get(1)?,
        reason: row.get(2)?,
        question: row.get(3)?,
        answer: row.get(4)?,
        published_at: row.get(5)?,
    })
}

impl Store {
    /// Raises a ticket; false when it was raised before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_ticket(&self, t: &Ticket, post_unit: Option<i64>) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO tickets (id, place_id, unit_id, account_id, office_id, reason, words, state, opened_at,
                   ack_due_on, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'new', $8, $9, $8)
                   ON CONFLICT (id) DO NOTHING";
        let args = args![
            t.id,
            t.place_id,
            t.unit_id,
            t.account_id,
            t.office_id,
            &t.reason,
            &t.words,
            t.opened_at,
            &t.ack_due_on
        ];
        if tx.run(sql, args).await? == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO ticket_posts (id, ticket_id, at, account_id, unit_id, act, words)
                   VALUES ($1, $1, $2, $3, $4, 'open', $5)";
        tx.run(sql, args![t.id, t.opened_at, t.account_id, post_unit, &t.words]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Changes a ticket that stands as expected; false when somebody else was quicker or the words were sent
    /// before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn change_ticket(&self, change: &TicketChange<'_>, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let said = "INSERT INTO ticket_posts (id, ticket_id, at, account_id, unit_id, act, words)
                    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
        let post = args![
            change.post_id,
            change.ticket_id,
            now,
            change.account_id,
            change.unit_id,
            change.act,
            change.words
        ];
        if tx.run(said, post).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE tickets SET state = $4, office_id = $5, changed_at = $6,
                   ack_due_on = COALESCE($7, ack_due_on),
                   acknowledged_at = CASE WHEN $7 IS NOT NULL THEN NULL
                    WHEN $8 = 1 THEN COALESCE(acknowledged_at, $6) ELSE acknowledged_at END,
                   answered_at = CASE WHEN $8 = 1 AND $9 <> 'take' AND $9 <> 'escalate'
                    THEN COALESCE(answered_at, $6) ELSE answered_at END,
                   solved_at = CASE WHEN $4 = 'solved' THEN $6 WHEN $9 = 'reopen' THEN NULL ELSE solved_at END,
                   closed_at = CASE WHEN $4 = 'closed' THEN $6 WHEN $9 = 'reopen' THEN NULL ELSE closed_at END,
                   reopened = reopened + CASE WHEN $9 = 'reopen' THEN 1 ELSE 0 END
                   WHERE id = $1 AND state = $2 AND office_id = $3";
        let args = args![
            change.ticket_id,
            change.from,
            change.from_office,
            change.to,
            change.office_id,
            now,
            change.ack_due_on.clone(),
            change.by_office,
            change.act
        ];
        if tx.run(sql, args).await? == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Closes tickets that were solved before a moment; those closed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_solved_tickets(&self, before: i64, now: i64) -> Result<u64> {
        let sql = "UPDATE tickets SET state = 'closed', closed_at = $2, changed_at = $2
                   WHERE state = 'solved' AND changed_at < $1 AND solved_at < $1";
        self.db.run(sql, args![before, now]).await
    }

    /// A ticket.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn ticket(&self, id: i64) -> Result<Option<Ticket>> {
        let sql = "SELECT t.id, t.place_id, p.name, t.unit_id, t.account_id, t.office_id, t.reason, t.words, t.state,
                   t.opened_at, t.ack_due_on, t.acknowledged_at, t.answered_at, t.solved_at, t.closed_at, t.reopened
                   FROM tickets t LEFT JOIN places p ON p.id = t.place_id WHERE t.id = $1";
        let row = self.db.first(sql, args![id]).await?;
        row.as_ref().map(ticket).transpose()
    }

    /// What was said and done in a ticket, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn ticket_posts(&self, ticket_id: i64) -> Result<Vec<Post>> {
        let sql = "SELECT p.id, p.at, p.account_id, a.name, p.unit_id, p.act, p.words FROM ticket_posts p
                   LEFT JOIN accounts a ON a.id = p.account_id WHERE p.ticket_id = $1 ORDER BY p.at, p.id LIMIT 500";
        let post = |row: &Row| {
            Ok(Post {
                id: row.get(0)?,
                at: row.get(1)?,
                account_id: row.get(2)?,
                account_name: row.get(3)?,
                unit_id: row.get(4)?,
                act: row.get(5)?,
                words: row.get(6)?,
            })
        };
        self.db.all(sql, args![ticket_id]).await?.iter().map(post).collect()
    }

    /// Tickets of an owner's places, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tickets_of_owner(&self, owner_index: [u8; 16], limit: i64) -> Result<Vec<Ticket>> {
        let sql = "SELECT t.id, t.place_id, p.name, t.unit_id, t.account_id, t.office_id, t.reason, t.words, t.state,
                   t.opened_at, t.ack_due_on, t.acknowledged_at, t.answered_at, t.solved_at, t.closed_at, t.reopened
                   FROM tickets t JOIN places p ON p.id = t.place_id
                   WHERE p.owner_index = $1 AND t.account_id IS NULL ORDER BY t.opened_at DESC, t.id LIMIT $2";
        self.db.all(sql, args![owner_index, limit]).await?.iter().map(ticket).collect()
    }

    /// A page of tickets, those late first, then those that changed last.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tickets(&self, f: &TicketFilter, limit: i64, offset: i64) -> Result<Vec<Ticket>> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT t.id, t.place_id, p.name, t.unit_id, t.account_id, t.office_id, t.reason, t.words, t.state,
                   t.opened_at, t.ack_due_on, t.acknowledged_at, t.answered_at, t.solved_at, t.closed_at, t.reopened
                   FROM tickets t LEFT JOIN places p ON p.id = t.place_id
                   WHERE (t.unit_id IN (SELECT id FROM mine) OR t.office_id = $2)
                   AND ($3 = '' OR t.state = $3
                    OR ($3 = 'open' AND t.state IN ('new', 'taken', 'waiting_for_asker'))
                    OR ($3 = 'late' AND t.state = 'new' AND t.acknowledged_at IS NULL AND t.ack_due_on < $7))
                   AND ($4 = '' OR t.reason = $4) AND (CAST($5 AS BIGINT) = 0 OR t.office_id = $5)
                   AND t.opened_at < $6
                   ORDER BY CASE WHEN t.state = 'new' AND t.acknowledged_at IS NULL AND t.ack_due_on < $7 THEN 0
                    WHEN t.state IN ('new', 'taken', 'waiting_for_asker') THEN 1 ELSE 2 END,
                   t.changed_at DESC, t.id LIMIT $8 OFFSET $9";
        let args =
            args![f.within, f.root, &f.state, &f.reason, f.office_id, f.before, &f.today, limit, offset];
        self.db.all(sql, args).await?.iter().map(ticket).collect()
    }

    /// How many tickets a filter passes.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_tickets(&self, f: &TicketFilter) -> Result<i64> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT COUNT(*) FROM tickets t
                   WHERE (t.unit_id IN (SELECT id FROM mine) OR t.office_id = $2)
                   AND ($3 = '' OR t.state = $3
                    OR ($3 = 'open' AND t.state IN ('new', 'taken', 'waiting_for_asker'))
                    OR ($3 = 'late' AND t.state = 'new' AND t.acknowledged_at IS NULL AND t.ack_due_on < $7))
                   AND ($4 = '' OR t.reason = $4) AND (CAST($5 AS BIGINT) = 0 OR t.office_id = $5)
                   AND t.opened_at < $6";
        let args = args![f.within, f.root, &f.state, &f.reason, f.office_id, f.before, &f.today];
        let row = self.db.first(sql, args).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// An office's tickets: those that nobody has taken, of these the late ones, and those it works at.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tickets_of_office(&self, office_id: i64, today: &str) -> Result<(i64, i64, i64)> {
        let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'new' THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN state = 'new' AND ack_due_on < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN state = 'taken' THEN 1 ELSE 0 END), 0) AS BIGINT)
                   FROM tickets WHERE office_id = $1 AND state IN ('new', 'taken')";
        let row = self.db.first(sql, args![office_id, today]).await?;
        row.map_or(Ok((0, 0, 0)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// Tickets that wait for an office that asked: those whose answer came back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tickets_waiting_for_unit(&self, unit_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM tickets WHERE unit_id = $1 AND account_id IS NOT NULL
                   AND state IN ('waiting_for_asker', 'solved')";
        let row = self.db.first(sql, args![unit_id]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Tickets of a subtree by reason: all opened since a moment, and of these the open ones.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tickets_by_reason(&self, root: i64, since: i64) -> Result<Vec<(String, i64, i64)>> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT reason, COUNT(*),
                   CAST(SUM(CASE WHEN state IN ('new', 'taken', 'waiting_for_asker') THEN 1 ELSE 0 END) AS BIGINT)
                   FROM tickets WHERE opened_at >= $2 AND unit_id IN (SELECT id FROM mine)
                   GROUP BY reason ORDER BY COUNT(*) DESC, reason";
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.db.all(sql, args![root, since]).await?.iter().map(read).collect()
    }

    /// Tickets of a subtree in a period: opened in it, and open at its end.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn ticket_figures(&self, root: i64, from: i64, until: i64) -> Result<(i64, i64)> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT CAST(COALESCE(SUM(CASE WHEN opened_at >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                   CAST(COALESCE(SUM(CASE WHEN COALESCE(solved_at, closed_at, $3) >= $3 THEN 1 ELSE 0 END), 0) AS BIGINT)
                   FROM tickets WHERE opened_at < $3 AND unit_id IN (SELECT id FROM mine)";
        let row = self.db.first(sql, args![root, from, until]).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// How long tickets of a subtree took that were solved or closed in a period, in milliseconds.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn ticket_spans(&self, root: i64, from: i64, until: i64) -> Result<Vec<i64>> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT COALESCE(solved_at, closed_at) - opened_at FROM tickets
                   WHERE COALESCE(solved_at, closed_at) >= $2 AND COALESCE(solved_at, closed_at) < $3
                   AND unit_id IN (SELECT id FROM mine) LIMIT 20000";
        self.db.all(sql, args![root, from, until]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Publishes a question, or changes it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn publish_faq(&self, entry: &FaqEntry, by: i64) -> Result<()> {
        let sql = "INSERT INTO faq_entries (id, ticket_id, reason, question, answer, published_by, published_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (ticket_id) DO UPDATE SET question = excluded.question, answer = excluded.answer,
                   published_by = excluded.published_by, published_at = excluded.published_at, withdrawn_at = NULL";
        let args = args![
            entry.id,
            entry.ticket_id,
            &entry.reason,
            &entry.question,
            &entry.answer,
            by,
            entry.published_at
        ];
        self.db.run(sql, args).await.map(drop)
    }

    /// Takes a question off the page; false when it was not there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn withdraw_faq(&self, id: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE faq_entries SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
        Ok(self.db.run(sql, args![id, now]).await? == 1)
    }

    /// Published questions, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn faq_entries(&self, limit: i64) -> Result<Vec<FaqEntry>> {
        let sql = "SELECT id, ticket_id, reason, question, answer, published_at FROM faq_entries
                   WHERE withdrawn_at IS NULL ORDER BY published_at DESC, id LIMIT $1";
        self.db.all(sql, args![limit]).await?.iter().map(faq).collect()
    }

    /// The question published from a ticket, if it stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn faq_of_ticket(&self, ticket_id: i64) -> Result<Option<FaqEntry>> {
        let sql = "SELECT id, ticket_id, reason, question, answer, published_at FROM faq_entries
                   WHERE ticket_id = $1 AND withdrawn_at IS NULL";
        let row = self.db.first(sql, args![ticket_id]).await?;
        row.as_ref().map(faq).transpose()
    }
}
