//! Gates: staffed scan positions, each with an enrolled device.

use crate::{Result, Row, Store, args};

/// A gate and its device.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Random id.
    pub id: i64,
    /// Area it stands at.
    pub area_id: i64,
    /// Name given by the owner.
    pub name: String,
    /// End of the enrolment code.
    pub enrol_expires_at: i64,
    /// When a device was enrolled.
    pub enrolled_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Last time the device spoke.
    pub last_seen_at: Option<i64>,
    /// `gate` reads people's codes, `screen` shows a rotating code.
    pub kind: String,
    /// What the device's user calls it.
    pub device_name: String,
    /// Scans that the device last said it still holds.
    pub left_count: i64,
    /// Time of the oldest of these, by the device's clock.
    pub left_oldest_at: Option<i64>,
    /// Sequence numbers that have arrived, as `domain::sequence` writes them.
    pub sequences: String,
    /// Sequence numbers that came a second time with another scan: two devices under one token.
    pub repeats: i64,
    /// Server's clock less the device's, as last measured, in milliseconds.
    pub clock_offset_ms: Option<i64>,
}

/// What a device told of itself with a batch.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// Scans that it still holds.
    pub left_count: i64,
    /// Time of the oldest of these, by the device's clock.
    pub left_oldest_at: Option<i64>,
    /// Sequence numbers that have arrived.
    pub sequences: String,
    /// Repeated sequence numbers, in all.
    pub repeats: i64,
    /// Server's clock less the device's, in milliseconds.
    pub clock_offset_ms: Option<i64>,
}

macro_rules! gate_sql {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.area_id, g.name, g.enrol_expires_at, g.enrolled_at, g.revoked_at, g.last_seen_at, ",
            "g.kind, g.device_name, g.left_count, g.left_oldest_at, g.sequences, g.repeats, g.clock_offset_ms ",
            "FROM gates g ",
            $rest
        )
    };
}

impl Store {
    /// Makes a gate that waits for a device with the enrolment code of this hash.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_gate(
        &self,
        id: i64,
        area_id: i64,
        name: &str,
        enrol_hash: [u8; 32],
        expires_at: i64,
        now: i64,
    ) -> Result<()> {
        let sql = "INSERT INTO gates (id, area_id, name, enrol_hash, enrol_expires_at, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        self.db.run(sql, args![id, area_id, name, enrol_hash, expires_at, now]).await.map(drop)
    }

    /// Gates of a place, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn gates_of_place(&self, place_id: i64) -> Result<Vec<Gate>> {
        let sql = gate_sql!(
            "JOIN areas a ON a.id = g.area_id WHERE a.place_id = $1 ORDER BY g.created_at DESC, g.id"
        );
        self.db.all(sql, args![place_id]).await?.iter().map(gate).collect()
    }

    /// Says what a gate's device is for: `gate` or `screen`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_gate_kind(&self, id: i64, kind: &str) -> Result<()> {
        self.db.run("UPDATE gates SET kind = $2 WHERE id = $1", args![id, kind]).await.map(drop)
    }

    /// Keeps what devices told of themselves, all in one transaction; of two words of one device the later counts.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn gates_heard(&self, heard: &[(i64, Heard)], now: i64) -> Result<()> {
        let sql = "UPDATE gates SET left_count = $2, left_oldest_at = $3, sequences = $4, repeats = $5,
                   clock_offset_ms = $6, last_seen_at = $7 WHERE id = $1";
        // Two servers that write the same gates must not wait for each other in a ring.
        let mut in_order: Vec<&(i64, Heard)> = heard.iter().collect();
        in_order.sort_by_key(|(id, _)| *id);
        let mut tx = self.db.begin().await?;
        for (id, heard) in in_order {
            let args = args![
                *id,
                heard.left_count,
                heard.left_oldest_at,
                heard.sequences.clone(),
                heard.repeats,
                heard.clock_offset_ms,
                now
            ];
            tx.run(sql, args).await?;
        }
        tx.commit().await
    }

    /// Gates of approved places with their place and commune: `(gate, place id, place name, commune)`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn gates_in_use(&self) -> Result<Vec<(Gate, i64, String, i64)>> {
        let sql = "SELECT g.id, g.area_id, g.name, g.enrol_expires_at, g.enrolled_at, g.revoked_at, g.last_seen_at,
                   g.kind, g.device_name, g.left_count, g.left_oldest_at, g.sequences, g.repeats, g.clock_offset_ms,
                   p.id, p.name, p.unit_id FROM gates g JOIN areas a ON a.id = g.area_id
                   JOIN places p ON p.id = a.place_id WHERE g.enrolled_at IS NOT NULL
                   ORDER BY g.last_seen_at DESC, g.id LIMIT 50000";
        let line = |row: &Row| Ok((gate(row)?, row.get(14)?, row.get(15)?, row.get(16)?));
        self.db.all(sql, args![]).await?.iter().map(line).collect()
    }

    /// The gate of a device's token, revoked or not.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn gate_by_any_token(&self, token_hash: [u8; 32]) -> Result<Option<Gate>> {
        let sql = gate_sql!("WHERE g.token_hash = $1");
        self.db.first(sql, args![token_hash]).await?.as_ref().map(gate).transpose()
    }

    /// A gate by id, revoked or not.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn gate(&self, id: i64) -> Result<Option<Gate>> {
        let sql = gate_sql!("WHERE g.id = $1");
        self.db.first(sql, args![id]).await?.as_ref().map(gate).transpose()
    }

    /// Uses up an enrolment code for a device's token; the gate, or `None` when the code is not in force.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn enrol_gate(
        &self,
        enrol_hash: [u8; 32],
        token_hash: [u8; 32],
        device_name: &str,
        now: i64,
    ) -> Result<Option<i64>> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE gates SET enrol_hash = NULL, token_hash = $2, enrolled_at = $3, last_seen_at = $3,
                   device_name = $4
                   WHERE enrol_hash = $1 AND enrol_expires_at > $3 AND revoked_at IS NULL RETURNING id";
        let row = tx.first(sql, args![enrol_hash, token_hash, now, device_name]).await?;
        tx.commit().await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// The gate of a device's token, unless revoked.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn gate_by_token(&self, token_hash: [u8; 32]) -> Result<Option<Gate>> {
        let sql = gate_sql!("WHERE g.token_hash = $1 AND g.revoked_at IS NULL");
        self.db.first(sql, args![token_hash]).await?.as_ref().map(gate).transpose()
    }

    /// Notes that a device spoke.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn touch_gate(&self, id: i64, now: i64) -> Result<()> {
        self.db.run("UPDATE gates SET last_seen_at = $2 WHERE id = $1", args![id, now]).await.map(drop)
    }

    /// Revokes a gate of a place; false when it was revoked before or is not of that place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn revoke_gate(&self, id: i64, place_id: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE gates SET revoked_at = $3, enrol_hash = NULL WHERE id = $1 AND revoked_at IS NULL
                   AND area_id IN (SELECT id FROM areas WHERE place_id = $2)";
        Ok(self.db.run(sql, args![id, place_id, now]).await? == 1)
    }
}

fn gate(row: &Row) -> Result<Gate> {
    Ok(Gate {
        id: row.get(0)?,
        area_id: row.get(1)?,
        name: row.get(2)?,
        enrol_expires_at: row.get(3)?,
        enrolled_at: row.get(4)?,
        revoked_at: row.get(5)?,
        last_seen_at: row.get(6)?,
        kind: row.get(7)?,
        device_name: row.get(8)?,
        left_count: row.get(9)?,
        left_oldest_at: row.get(10)?,
        sequences: row.get(11)?,
        repeats: row.get(12)?,
        clock_offset_ms: row.get(13)?,
    })
}
