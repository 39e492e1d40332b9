//! Proposals on their way: handling, decision, who carries them out, and every step with who made it.

use crate::{
    Result, Row, Store, args,
    report_items::{Raiser, ReportItem, item, item_sql, raiser},
};

/// What a step changes besides the state; what is none stays as it was.
#[derive(Debug, Clone, Default)]
pub struct ProposalChange {
    /// Handling proposed by Sở TTTT.
    pub handling: Option<String>,
    /// Office in charge.
    pub office_id: Option<i64>,
    /// Day by which it is to be carried out, ISO date.
    pub due_on: Option<String>,
    /// The Committee's decision.
    pub decision: Option<String>,
    /// The Committee's words.
    pub answer: Option<String>,
    /// Number and symbol of the document by which it decided.
    pub decision_number: Option<String>,
    /// Words of this step, as the list of steps shows them.
    pub words: String,
}

/// A step that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalStep {
    /// State after it.
    pub state: String,
    /// Words.
    pub words: String,
    /// Account.
    pub made_by: i64,
    /// When.
    pub made_at: i64,
}

/// How many proposals stand in which state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalCount {
    /// State.
    pub state: String,
    /// How many.
    pub proposals: i64,
    /// Of these, past their day.
    pub overdue: i64,
}

impl Store {
    /// Takes a proposal from one state to another, once; false when it does not stand in the first any more.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn step_proposal(
        &self,
        (id, step_id): (i64, i64),
        (from, to): (&'static str, &'static str),
        change: &ProposalChange,
        by: i64,
        now: i64,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE report_items SET state = $3, handling = COALESCE($4, handling),
                   office_id = COALESCE($5, office_id), due_on = COALESCE($6, due_on),
                   decision = COALESCE($7, decision), answer = COALESCE($8, answer),
                   decided_at = CASE WHEN $7 IS NULL THEN decided_at ELSE $9 END,
                   decision_number = CASE WHEN $7 IS NULL THEN decision_number ELSE $10 END
                   WHERE id = $1 AND state = $2 AND kind = 'proposal' AND merged_into IS NULL";
        let c = change.clone();
        let args = args![
            id,
            from,
            to,
            c.handling,
            c.office_id,
            c.due_on,
            c.decision,
            c.answer,
            now,
            c.decision_number
        ];
        if tx.run(sql, args).await? != 1 {
            return Ok(false);
        }
        let sql = "INSERT INTO proposal_steps (id, item_id, state, words, made_by, made_at)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        tx.run(sql, args![step_id, id, to, &change.words, by, now]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Steps of a proposal, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn proposal_steps(&self, id: i64) -> Result<Vec<ProposalStep>> {
        let sql = "SELECT state, words, made_by, made_at FROM proposal_steps WHERE item_id = $1
                   ORDER BY made_at, id LIMIT 200";
        let step = |row: &Row| {
            Ok(ProposalStep {
                state: row.get(0)?,
                words: row.get(1)?,
                made_by: row.get(2)?,
                made_at: row.get(3)?,
            })
        };
        self.db.all(sql, args![id]).await?.iter().map(step).collect()
    }

    /// Proposals that stand by themselves in one of three states (repeat one for fewer), of accepted reports or
    /// merged; oldest due first, then oldest.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn proposals(&self, states: [&str; 3], limit: i64, offset: i64) -> Result<Vec<ReportItem>> {
        let sql = item_sql!(
            "LEFT JOIN reports r ON r.id = i.report_id WHERE i.kind = 'proposal' AND i.merged_into IS NULL
             AND i.state IN ($1, $2, $3) AND (i.report_id IS NULL OR r.state = 'accepted')
             ORDER BY COALESCE(i.due_on, '9999'), i.made_at DESC, i.id LIMIT $4 OFFSET $5"
        );
        let args = args![states[0], states[1], states[2], limit, offset];
        self.db.all(sql, args).await?.iter().map(item).collect()
    }

    /// Who raised the proposals that [`Self::proposals`] answers, without its limit.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn raisers_of_proposals(&self, states: [&str; 3]) -> Result<Vec<Raiser>> {
        let sql = "SELECT i.root_id, i.unit_id, i.report_id, i.words FROM report_items i
                   JOIN report_items t ON t.id = i.root_id WHERE i.report_id IS NOT NULL AND t.kind = 'proposal'
                   AND t.state IN ($1, $2, $3) ORDER BY i.made_at DESC, i.id LIMIT 5000";
        let args = args![states[0], states[1], states[2]];
        self.db.all(sql, args).await?.iter().map(raiser).collect()
    }

    /// Proposals that a unit raised, latest first, each as the one it went into.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn proposals_raised_by(&self, unit_id: i64, limit: i64) -> Result<Vec<ReportItem>> {
        let sql = item_sql!(
            "WHERE i.id IN (SELECT root_id FROM report_items WHERE unit_id = $1 AND kind = 'proposal'
             AND report_id IS NOT NULL) ORDER BY i.made_at DESC, i.id LIMIT $2"
        );
        self.db.all(sql, args![unit_id, limit]).await?.iter().map(item).collect()
    }

    /// Proposals that an office carries out, those due first before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn proposals_in_hand_of(&self, office_id: i64, limit: i64) -> Result<Vec<ReportItem>> {
        let sql = item_sql!(
            "WHERE i.office_id = $1 AND i.state = 'in_hand' AND i.merged_into IS NULL
             ORDER BY COALESCE(i.due_on, '9999'), i.id LIMIT $2"
        );
        self.db.all(sql, args![office_id, limit]).await?.iter().map(item).collect()
    }

    /// How many proposals stand in which state, and how many are past their day.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn proposal_counts(&self, today: &str) -> Result<Vec<ProposalCount>> {
        let sql = "SELECT i.state, COUNT(*), CAST(SUM(CASE WHEN i.state = 'in_hand' AND i.due_on < $1 THEN 1 ELSE 0 END)
                   AS BIGINT) FROM report_items i LEFT JOIN reports r ON r.id = i.report_id
                   WHERE i.kind = 'proposal' AND i.merged_into IS NULL
                   AND (i.report_id IS NULL OR r.state = 'accepted') GROUP BY i.state ORDER BY i.state";
        let count = |row: &Row| {
            Ok(ProposalCount { state: row.get(0)?, proposals: row.get(1)?, overdue: row.get(2)? })
        };
        self.db.all(sql, args![today]).await?.iter().map(count).collect()
    }
}
