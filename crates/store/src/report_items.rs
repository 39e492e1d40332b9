//! Difficulties and proposals: each raised in a unit's report, perhaps merged with others of its kind by the level
//! above. What was merged stays, under the one it went into, so that whoever raised it is never lost.

use crate::{Result, Row, Store, Tx, args, db::Lock};

/// A difficulty or a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportItem {
    /// Random id.
    pub id: i64,
    /// `difficulty` or `proposal`.
    pub kind: String,
    /// Period in which it was raised.
    pub period_id: i64,
    /// Unit that raised it, or that merged it.
    pub unit_id: i64,
    /// Report it was raised in; none for what was merged from others.
    pub report_id: Option<i64>,
    /// The one it went into.
    pub merged_into: Option<i64>,
    /// The one at the top; its own id when it stands by itself.
    pub root_id: i64,
    /// Coded topic (`domain::difficulty::Topic`).
    pub topic: String,
    /// Free words.
    pub words: String,
    /// A proposal's state (`domain::proposal::State`).
    pub state: String,
    /// Handling proposed by Sở TTTT; empty while there is none.
    pub handling: String,
    /// Office in charge.
    pub office_id: Option<i64>,
    /// Day by which it is to be carried out, ISO date.
    pub due_on: Option<String>,
    /// What the Committee decided (`domain::proposal::Decision`).
    pub decision: Option<String>,
    /// The Committee's words.
    pub answer: Option<String>,
    /// When it decided.
    pub decided_at: Option<i64>,
    /// Number and symbol of the document by which it decided.
    pub decision_number: Option<String>,
    /// When it was raised or merged.
    pub made_at: i64,
}

/// An item as typed into a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedItem {
    /// Its id: one of the report's, or a new one.
    pub id: i64,
    /// `difficulty` or `proposal`.
    pub kind: String,
    /// Coded topic.
    pub topic: String,
    /// Free words, not empty.
    pub words: String,
}

/// Several items made one.
#[derive(Debug, Clone)]
pub struct Merge {
    /// Id of the new one.
    pub id: i64,
    /// `difficulty` or `proposal`.
    pub kind: &'static str,
    /// Period of all of them.
    pub period_id: i64,
    /// Unit that merges.
    pub unit_id: i64,
    /// Coded topic.
    pub topic: String,
    /// The words that stand for all.
    pub words: String,
    /// What is merged, at least two.
    pub items: Vec<i64>,
}

/// Who raised an item: the top it counts for, the unit, its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raiser {
    /// The item at the top.
    pub root_id: i64,
    /// Unit that raised it.
    pub unit_id: i64,
    /// The report it stands in.
    pub report_id: i64,
    /// The unit's own words.
    pub words: String,
}

/// Items of one period that are read at once.
pub const ITEMS_MAX: i64 = 2000;

macro_rules! item_sql {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.kind, i.period_id, i.unit_id, i.report_id, i.merged_into, i.root_id, i.topic, i.words, ",
            "i.state, i.handling, i.office_id, i.due_on, i.decision, i.answer, i.decided_at, i.made_at, ",
            "i.decision_number ",
            "FROM report_items i ",
            $rest
        )
    };
}
pub(crate) use item_sql;

pub(crate) fn item(row: &Row) -> Result<ReportItem> {
    Ok(ReportItem {
        id: row.get(0)?,
        kind: row.get(1)?,
        period_id: row.get(2)?,
        unit_id: row.get(3)?,
        report_id: row.get(4)?,
        merged_into: row.get(5)?,
        root_id: row.get(6)?,
        topic: row.get(7)?,
        words: row.get(8)?,
        state: row.get(9)?,
        handling: row.get(10)?,
        office_id: row.get(11)?,
        due_on: row.get(12)?,
        decision: row.get(13)?,
        answer: row.get(14)?,
        decided_at: row.get(15)?,
        made_at: row.get(16)?,
        decision_number: row.get(17)?,
    })
}

pub(crate) fn raiser(row: &Row) -> Result<Raiser> {
    Ok(Raiser { root_id: row.get(0)?, unit_id: row.get(1)?, report_id: row.get(2)?, words: row.get(3)? })
}

impl Store {
    /// Items raised in a report, in the order typed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn items_of_report(&self, report_id: i64) -> Result<Vec<ReportItem>> {
        let sql = item_sql!("WHERE i.report_id = $1 ORDER BY i.kind, i.position, i.id LIMIT 200");
        self.db.all(sql, args![report_id]).await?.iter().map(item).collect()
    }

    /// An item.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_item(&self, id: i64) -> Result<Option<ReportItem>> {
        let row = self.db.first(item_sql!("WHERE i.id = $1"), args![id]).await?;
        row.as_ref().map(item).transpose()
    }

    /// Replaces the items of a report that is a draft or was returned; false when it is neither. What stood under
    /// a known id keeps it; what is missing goes.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn put_items(&self, report_id: i64, items: &[TypedItem], now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE reports SET saved_at = $2 WHERE id = $1 AND state IN ('draft', 'returned')";
        if tx.run(sql, args![report_id, now]).await? != 1 {
            return Ok(false);
        }
        let sql = "SELECT id FROM report_items WHERE report_id = $1";
        let known: Vec<i64> =
            tx.all(sql, args![report_id]).await?.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
        for id in known.iter().filter(|id| !items.iter().any(|typed| typed.id == **id)) {
            tx.run("DELETE FROM report_items WHERE id = $1", args![*id]).await?;
        }
        for (position, typed) in (0_i64..).zip(items) {
            put_item(&mut tx, report_id, typed, position, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Items of a period that stand by themselves, of accepted reports or merged, raised by a unit or by units
    /// directly below it; of the whole province with none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn standing_items(
        &self,
        kind: &'static str,
        period_id: i64,
        unit_id: Option<i64>,
    ) -> Result<Vec<ReportItem>> {
        let sql = item_sql!(
            "LEFT JOIN reports r ON r.id = i.report_id JOIN admin_units u ON u.id = i.unit_id
             WHERE i.period_id = $1 AND i.kind = $2 AND i.merged_into IS NULL
             AND (i.report_id IS NULL OR r.state = 'accepted')
             AND ($3 = 0 OR u.id = $3 OR u.parent_id = $3) ORDER BY i.topic, i.made_at, i.id LIMIT $4"
        );
        let args = args![period_id, kind, unit_id.unwrap_or(0), ITEMS_MAX];
        self.db.all(sql, args).await?.iter().map(item).collect()
    }

    /// Who raised the items of a kind in a period, in reports that were accepted.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn raisers_of_period(&self, kind: &'static str, period_id: i64) -> Result<Vec<Raiser>> {
        let sql = "SELECT i.root_id, i.unit_id, i.report_id, i.words FROM report_items i
                   JOIN reports r ON r.id = i.report_id
                   WHERE i.period_id = $1 AND i.kind = $2 AND r.state = 'accepted' ORDER BY i.made_at, i.id LIMIT $3";
        self.db.all(sql, args![period_id, kind, ITEMS_MAX]).await?.iter().map(raiser).collect()
    }

    /// Who raised what stands under an item.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn raisers_of_item(&self, root_id: i64) -> Result<Vec<Raiser>> {
        let sql = "SELECT root_id, unit_id, report_id, words FROM report_items
                   WHERE root_id = $1 AND report_id IS NOT NULL ORDER BY made_at, id LIMIT 500";
        self.db.all(sql, args![root_id]).await?.iter().map(raiser).collect()
    }

    /// Makes several items one. What the same unit had merged before is taken apart into the new one. False when
    /// one of them does not stand by itself any more, or the Committee has it.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn merge_items(&self, merge: &Merge, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::MergeItems).await?;
        let mut own_groups = Vec::new();
        let mut handling = String::new();
        for id in &merge.items {
            let sql = "SELECT unit_id, report_id, handling FROM report_items WHERE id = $1 AND kind = $2
                       AND period_id = $3 AND merged_into IS NULL AND state IN ('raised', 'handling_proposed')";
            let Some(row) = tx.first(sql, args![*id, merge.kind, merge.period_id]).await? else {
                return Ok(false);
            };
            if row.get::<Option<i64>>(1)?.is_none() && row.get::<i64>(0)? == merge.unit_id {
                own_groups.push(*id);
            }
            if handling.is_empty() {
                handling = row.get(2)?;
            }
        }
        insert_merged(&mut tx, merge, &handling, now).await?;
        for id in &merge.items {
            tx.run("UPDATE report_items SET root_id = $2 WHERE root_id = $1", args![*id, merge.id]).await?;
            if own_groups.contains(id) {
                let sql = "UPDATE report_items SET merged_into = $2 WHERE merged_into = $1";
                tx.run(sql, args![*id, merge.id]).await?;
                tx.run("UPDATE proposal_steps SET item_id = $2 WHERE item_id = $1", args![*id, merge.id])
                    .await?;
                tx.run("DELETE FROM report_items WHERE id = $1", args![*id]).await?;
            } else {
                tx.run("UPDATE report_items SET merged_into = $2 WHERE id = $1", args![*id, merge.id])
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Takes apart what a unit merged; false when it is nothing merged by it, went into another, or the Committee
    /// has it. What the top unit, which alone proposes how to handle, wrote on it goes to its parts; its steps stay
    /// with the first of them.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn unmerge_item(&self, id: i64, unit_id: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        tx.lock(Lock::MergeItems).await?;
        let sql = "SELECT id FROM report_items WHERE id = $1 AND unit_id = $2 AND report_id IS NULL
                   AND merged_into IS NULL AND (state = 'raised' OR (state = 'handling_proposed'
                   AND EXISTS (SELECT 1 FROM admin_units u WHERE u.id = $2 AND u.parent_id IS NULL)))";
        if tx.first(sql, args![id, unit_id]).await?.is_none() {
            return Ok(false);
        }
        // Two levels merge, so what stands below a part is directly below it.
        let sql = "UPDATE report_items SET root_id = merged_into WHERE merged_into IN
                   (SELECT id FROM report_items WHERE merged_into = $1)";
        tx.run(sql, args![id]).await?;
        let sql = "UPDATE report_items SET state = 'handling_proposed',
                   handling = (SELECT whole.handling FROM report_items whole WHERE whole.id = $1),
                   office_id = (SELECT whole.office_id FROM report_items whole WHERE whole.id = $1),
                   due_on = (SELECT whole.due_on FROM report_items whole WHERE whole.id = $1)
                   WHERE merged_into = $1 AND state = 'raised'
                   AND EXISTS (SELECT 1 FROM report_items whole WHERE whole.id = $1 AND whole.state = 'handling_proposed')";
        tx.run(sql, args![id]).await?;
        let sql =
            "UPDATE proposal_steps SET item_id = (SELECT MIN(id) FROM report_items WHERE merged_into = $1)
                   WHERE item_id = $1";
        tx.run(sql, args![id]).await?;
        let sql = "UPDATE report_items SET merged_into = NULL, root_id = id WHERE merged_into = $1";
        tx.run(sql, args![id]).await?;
        tx.run("DELETE FROM report_items WHERE id = $1", args![id]).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn put_item(tx: &mut Tx, report_id: i64, typed: &TypedItem, position: i64, now: i64) -> Result<()> {
    let sql = "INSERT INTO report_items (id, kind, period_id, unit_id, report_id, root_id, topic, words, state, handling,
               position, made_at)
               SELECT $1, $2, period_id, unit_id, id, $1, $4, $5, 'raised', '', $6, $7 FROM reports WHERE id = $3
               ON CONFLICT (id) DO UPDATE SET topic = excluded.topic, words = excluded.words,
               position = excluded.position, kind = excluded.kind WHERE report_items.report_id = $3";
    let args = args![typed.id, &typed.kind, report_id, &typed.topic, &typed.words, position, now];
    tx.run(sql, args).await.map(drop)
}

async fn insert_merged(tx: &mut Tx, merge: &Merge, handling: &str, now: i64) -> Result<()> {
    let state = if handling.is_empty() { "raised" } else { "handling_proposed" };
    let sql = "INSERT INTO report_items (id, kind, period_id, unit_id, root_id, topic, words, state, handling, position,
               made_at) VALUES ($1, $2, $3, $4, $1, $5, $6, $7, $8, 0, $9)";
    let (period, unit) = (merge.period_id, merge.unit_id);
    let args = args![merge.id, merge.kind, period, unit, &merge.topic, &merge.words, state, handling, now];
    tx.run(sql, args).await.map(drop)
}
