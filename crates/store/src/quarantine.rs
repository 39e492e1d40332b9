//! Scans of revoked devices, kept sealed until the commune decides: a scan is a fact, never dropped unseen.

use crate::{Result, Row, Store, args};

/// A sealed scan that waits for a decision.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// Id made on the device.
    pub event_id: Vec<u8>,
    /// The device's gate.
    pub gate_id: i64,
    /// Time by the device's clock.
    pub captured_at: i64,
    /// Server's clock less the device's, where it was measured.
    pub offset_ms: Option<i64>,
    /// When it arrived.
    pub received_at: i64,
    /// Why it is here, as a stable code.
    pub reason: String,
    /// As the device sealed it to the server's ingest key.
    pub sealed: Vec<u8>,
}

/// Scans in quarantine of one gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineCount {
    /// The gate.
    pub gate_id: i64,
    /// Its name.
    pub gate_name: String,
    /// Its place.
    pub place_id: i64,
    /// The place's name.
    pub place_name: String,
    /// The place's commune.
    pub unit_id: i64,
    /// How many wait.
    pub scans: i64,
    /// Time of the first, by the device's clock.
    pub first_at: i64,
    /// Time of the last, by the device's clock.
    pub last_at: i64,
}

impl Store {
    /// Puts scans into quarantine in one transaction; one that is there already stays as it is.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn quarantine(&self, scans: &[Quarantined]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for scan in scans {
            let sql = "INSERT INTO quarantine (event_id, gate_id, captured_at, received_at, reason, sealed,
                       offset_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (event_id) DO NOTHING";
            let (id, sealed) = (scan.event_id.clone(), scan.sealed.clone());
            let args = args![
                id,
                scan.gate_id,
                scan.captured_at,
                scan.received_at,
                &scan.reason,
                sealed,
                scan.offset_ms
            ];
            tx.run(sql, args).await?;
        }
        tx.commit().await
    }

    /// What waits, by gate, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn quarantine_counts(&self) -> Result<Vec<QuarantineCount>> {
        let sql = "SELECT q.gate_id, g.name, p.id, p.name, p.unit_id, COUNT(*), MIN(q.captured_at), MAX(q.captured_at)
                   FROM quarantine q JOIN gates g ON g.id = q.gate_id JOIN areas a ON a.id = g.area_id
                   JOIN places p ON p.id = a.place_id
                   GROUP BY q.gate_id, g.name, p.id, p.name, p.unit_id ORDER BY MAX(q.captured_at) DESC, q.gate_id";
        let count = |row: &Row| {
            Ok(QuarantineCount {
                gate_id: row.get(0)?,
                gate_name: row.get(1)?,
                place_id: row.get(2)?,
                place_name: row.get(3)?,
                unit_id: row.get(4)?,
                scans: row.get(5)?,
                first_at: row.get(6)?,
                last_at: row.get(7)?,
            })
        };
        self.db.all(sql, args![]).await?.iter().map(count).collect()
    }

    /// How many scans of a gate are in quarantine.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn quarantined_of_gate(&self, gate_id: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM quarantine WHERE gate_id = $1";
        self.db.first(sql, args![gate_id]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// The oldest scans of a gate in quarantine.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn quarantine_of_gate(&self, gate_id: i64, limit: i64) -> Result<Vec<Quarantined>> {
        let sql =
            "SELECT event_id, gate_id, captured_at, received_at, reason, sealed, offset_ms FROM quarantine
                   WHERE gate_id = $1 ORDER BY captured_at, event_id LIMIT $2";
        let scan = |row: &Row| {
            Ok(Quarantined {
                event_id: row.get(0)?,
                gate_id: row.get(1)?,
                captured_at: row.get(2)?,
                received_at: row.get(3)?,
                reason: row.get(4)?,
                sealed: row.get(5)?,
                offset_ms: row.get(6)?,
            })
        };
        self.db.all(sql, args![gate_id, limit]).await?.iter().map(scan).collect()
    }

    /// Takes scans out of quarantine, once they are kept elsewhere or were decided against.
    ///
    /// # Errors
    /// When the database refuses; all stay then.
    pub async fn leave_quarantine(&self, event_ids: &[Vec<u8>]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for id in event_ids {
            tx.run("DELETE FROM quarantine WHERE event_id = $1", args![id.clone()]).await?;
        }
        tx.commit().await
    }
}
