//! What looked odd at a place on a day, counted. A row names no person and changes no scan.

use crate::{Result, Row, Store, args};

/// One kind of oddity at one area on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// Local day number.
    pub event_day: i64,
    /// The area.
    pub area_id: i64,
    /// Its stable code.
    pub kind: String,
    /// Scans that it concerns.
    pub scans: i64,
    /// First instant.
    pub first_at: i64,
    /// Last instant.
    pub last_at: i64,
    /// When an officer noted that he has seen it.
    pub seen_at: Option<i64>,
}

impl Store {
    /// Adds to the counts of oddities; one that was seen is to be seen again.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn add_oddities(&self, oddities: &[Oddity]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for o in oddities {
            let sql = "INSERT INTO oddities (event_day, area_id, kind, scans, first_at, last_at)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_day, area_id, kind) DO UPDATE SET
                       scans = oddities.scans + excluded.scans, seen_at = NULL,
                       first_at = CASE WHEN excluded.first_at < oddities.first_at THEN excluded.first_at
                                       ELSE oddities.first_at END,
                       last_at = CASE WHEN excluded.last_at > oddities.last_at THEN excluded.last_at
                                      ELSE oddities.last_at END";
            tx.run(sql, args![o.event_day, o.area_id, &o.kind, o.scans, o.first_at, o.last_at]).await?;
        }
        tx.commit().await
    }

    /// Oddities from a day on, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn oddities_since(&self, event_day: i64) -> Result<Vec<Oddity>> {
        let sql = "SELECT event_day, area_id, kind, scans, first_at, last_at, seen_at FROM oddities
                   WHERE event_day >= $1 ORDER BY event_day DESC, last_at DESC, area_id, kind LIMIT 200000";
        let oddity = |row: &Row| {
            Ok(Oddity {
                event_day: row.get(0)?,
                area_id: row.get(1)?,
                kind: row.get(2)?,
                scans: row.get(3)?,
                first_at: row.get(4)?,
                last_at: row.get(5)?,
                seen_at: row.get(6)?,
            })
        };
        self.db.all(sql, args![event_day]).await?.iter().map(oddity).collect()
    }

    /// Notes that an officer has seen an oddity.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn see_oddity(&self, event_day: i64, area_id: i64, kind: &str, now: i64) -> Result<bool> {
        let sql = "UPDATE oddities SET seen_at = $4 WHERE event_day = $1 AND area_id = $2 AND kind = $3";
        Ok(self.db.run(sql, args![event_day, area_id, kind, now]).await? == 1)
    }
}
