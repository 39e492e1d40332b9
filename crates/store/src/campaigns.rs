//! Campaigns: who told whom, when and how, and what was measured before and after.

use crate::{Result, Row, Store, args};

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Random id; the form carries it, so that sending twice makes one.
    pub id: i64,
    /// The office that leads it.
    pub unit_id: i64,
    /// What it is called.
    pub title: String,
    /// First day, ISO date.
    pub from_on: String,
    /// Last day, ISO date.
    pub until_on: String,
    /// Code of the method (`domain::campaign::Method`).
    pub method: String,
    /// Places or villages, in words.
    pub places: String,
    /// People whom it was to reach.
    pub planned: i64,
    /// People whom it reached; none until the office has said so.
    pub reached: Option<i64>,
    /// A note.
    pub note: String,
    /// Who wrote it down.
    pub made_by: i64,
    /// When.
    pub made_at: i64,
    /// When it was closed.
    pub closed_at: Option<i64>,
}

/// A measured week of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Code of the span (`domain::campaign::Span`).
    pub span: String,
    /// First local day number of the seven.
    pub from_day: i64,
    /// Points of the campaign's units that were used in the week.
    pub live: i64,
    /// Scans in and out there.
    pub scans: i64,
    /// The same around them: the rest of the district, or of the province.
    pub rest_live: i64,
    /// The same around them.
    pub rest_scans: i64,
}

fn campaign(row: &Row) -> Result<Campaign> {
    Ok(Campaign {
        id: row.get(0)?,
        unit_id: row.get(1)?,
        title: row.get(2)?,
        from_on: row.get(3)?,
        until_on: row.get(4)?,
        method: row.get(5)?,
        places: row.get(6)?,
        planned: row.get(7)?,
        reached: row.get(8)?,
        note: row.get(9)?,
        made_by: row.get(10)?,
        made_at: row.get(11)?,
        closed_at: row.get(12)?,
    })
}

impl Store {
    /// Writes a campaign down with its units, or changes it while it is open; false when it was closed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_campaign(&self, c: &Campaign, units: &[i64]) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO campaigns (id, unit_id, title, from_on, until_on, method, places, planned, reached, note,
                   made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                   ON CONFLICT (id) DO UPDATE SET title = excluded.title, from_on = excluded.from_on,
                   until_on = excluded.until_on, method = excluded.method, places = excluded.places,
                   planned = excluded.planned, reached = excluded.reached, note = excluded.note
                   WHERE campaigns.closed_at IS NULL AND campaigns.unit_id = excluded.unit_id";
        let args = args![
            c.id,
            c.unit_id,
            &c.title,
            &c.from_on,
            &c.until_on,
            &c.method,
            &c.places,
            c.planned,
            c.reached,
            &c.note,
            c.made_by,
            c.made_at
        ];
        if tx.run(sql, args).await? == 0 {
            return Ok(false);
        }
        tx.run("DELETE FROM campaign_units WHERE campaign_id = $1", args![c.id]).await?;
        // What was measured stood for other days or other units, perhaps.
        tx.run("DELETE FROM campaign_effects WHERE campaign_id = $1", args![c.id]).await?;
        for unit in units {
            let sql = "INSERT INTO campaign_units (campaign_id, unit_id) VALUES ($1, $2)
                       ON CONFLICT (campaign_id, unit_id) DO NOTHING";
            tx.run(sql, args![c.id, *unit]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Closes a campaign with the number of people reached; false when it was closed before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close_campaign(&self, id: i64, reached: i64, note: &str, now: i64) -> Result<bool> {
        let sql = "UPDATE campaigns SET closed_at = $4, reached = $2, note = CASE WHEN $3 = '' THEN note ELSE $3 END
                   WHERE id = $1 AND closed_at IS NULL";
        Ok(self.db.run(sql, args![id, reached, note, now]).await? == 1)
    }

    /// A campaign.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn campaign(&self, id: i64) -> Result<Option<Campaign>> {
        let sql =
            "SELECT id, unit_id, title, from_on, until_on, method, places, planned, reached, note, made_by,
                   made_at, closed_at FROM campaigns WHERE id = $1";
        let row = self.db.first(sql, args![id]).await?;
        row.as_ref().map(campaign).transpose()
    }

    /// Units of a campaign.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn campaign_units(&self, id: i64) -> Result<Vec<i64>> {
        let sql = "SELECT unit_id FROM campaign_units WHERE campaign_id = $1 ORDER BY unit_id";
        self.db.all(sql, args![id]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// A page of the campaigns led within a subtree or that touch it, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn campaigns_within(&self, root: i64, limit: i64, offset: i64) -> Result<Vec<Campaign>> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT c.id, c.unit_id, c.title, c.from_on, c.until_on, c.method, c.places, c.planned, c.reached,
                   c.note, c.made_by, c.made_at, c.closed_at FROM campaigns c
                   WHERE c.unit_id IN (SELECT id FROM mine) OR EXISTS (SELECT 1 FROM campaign_units cu
                    WHERE cu.campaign_id = c.id AND cu.unit_id IN (SELECT id FROM mine))
                   ORDER BY c.from_on DESC, c.id LIMIT $2 OFFSET $3";
        self.db.all(sql, args![root, limit, offset]).await?.iter().map(campaign).collect()
    }

    /// How many campaigns are led within a subtree or touch it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_campaigns(&self, root: i64) -> Result<i64> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT COUNT(*) FROM campaigns c
                   WHERE c.unit_id IN (SELECT id FROM mine) OR EXISTS (SELECT 1 FROM campaign_units cu
                    WHERE cu.campaign_id = c.id AND cu.unit_id IN (SELECT id FROM mine))";
        let row = self.db.first(sql, args![root]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Campaigns led within a subtree that ran on a day of a period (ISO dates, the last excluded), and the
    /// people whom they reached.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn campaign_figures(&self, root: i64, from_on: &str, until_on: &str) -> Result<(i64, i64)> {
        let sql = "WITH RECURSIVE mine AS (SELECT CAST($1 AS BIGINT) AS id
                    UNION ALL SELECT u.id FROM admin_units u JOIN mine m ON u.parent_id = m.id)
                   SELECT COUNT(*), CAST(COALESCE(SUM(COALESCE(reached, 0)), 0) AS BIGINT) FROM campaigns
                   WHERE from_on < $3 AND until_on >= $2 AND unit_id IN (SELECT id FROM mine)";
        let row = self.db.first(sql, args![root, from_on, until_on]).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Open campaigns of an office whose last day is over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn campaigns_to_close(&self, unit_id: i64, today: &str) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM campaigns WHERE unit_id = $1 AND closed_at IS NULL AND until_on < $2";
        let row = self.db.first(sql, args![unit_id, today]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Campaigns that ended after a day (ISO date) and lack a measured span, each with how many it has, for the job
    /// that measures.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn campaigns_to_measure(&self, after_on: &str, limit: i64) -> Result<Vec<(Campaign, i64)>> {
        let sql =
            "SELECT id, unit_id, title, from_on, until_on, method, places, planned, reached, note, made_by,
                   made_at, closed_at, known FROM (SELECT c.*, (SELECT COUNT(*) FROM campaign_effects e
                    WHERE e.campaign_id = c.id) AS known FROM campaigns c WHERE c.until_on > $1) AS latest
                   WHERE known < 3 ORDER BY made_at, id LIMIT $2";
        let read = |row: &Row| Ok((campaign(row)?, row.get(13)?));
        self.db.all(sql, args![after_on, limit]).await?.iter().map(read).collect()
    }

    /// Points used and scans by commune on the seven days from a local day number on.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn use_by_commune(&self, from_day: i64) -> Result<Vec<(i64, i64, i64)>> {
        let sql = "SELECT p.unit_id, COUNT(*), CAST(SUM(s.scans) AS BIGINT) FROM
                   (SELECT area_id, CAST(SUM(scans) AS BIGINT) AS scans FROM scan_counts
                    WHERE event_day >= $1 AND event_day < $2 GROUP BY area_id) s
                   JOIN areas a ON a.id = s.area_id JOIN places p ON p.id = a.place_id
                   WHERE s.scans > 0 GROUP BY p.unit_id ORDER BY p.unit_id";
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.db.all(sql, args![from_day, from_day + 7]).await?.iter().map(read).collect()
    }

    /// Keeps a measured week; one that was kept before stays.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_effect(&self, campaign_id: i64, e: &Effect) -> Result<()> {
        let sql =
            "INSERT INTO campaign_effects (campaign_id, span, from_day, live, scans, rest_live, rest_scans)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (campaign_id, span) DO NOTHING";
        let args = args![campaign_id, &e.span, e.from_day, e.live, e.scans, e.rest_live, e.rest_scans];
        self.db.run(sql, args).await.map(drop)
    }

    /// Measured weeks of a campaign, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn effects(&self, campaign_id: i64) -> Result<Vec<Effect>> {
        let sql = "SELECT span, from_day, live, scans, rest_live, rest_scans FROM campaign_effects
                   WHERE campaign_id = $1 ORDER BY from_day";
        let effect = |row: &Row| {
            Ok(Effect {
                span: row.get(0)?,
                from_day: row.get(1)?,
                live: row.get(2)?,
                scans: row.get(3)?,
                rest_live: row.get(4)?,
                rest_scans: row.get(5)?,
            })
        };
        self.db.all(sql, args![campaign_id]).await?.iter().map(effect).collect()
    }
}
