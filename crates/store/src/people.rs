//! The register of people: sealed identities behind random ids, found by blind indexes only.

use crate::{Result, Store, StoreError, Tx, args, db::Lock};

/// A person at a door, as the server hands it on: indexes of what was shown, and the sealed record.
pub struct Arrival {
    /// Blind indexes `(kind, index)` that name one person by themselves, strongest first.
    pub naming: Vec<(i64, [u8; 16])>,
    /// Further indexes to find the person by (a phone may be shared).
    pub finding: Vec<(i64, [u8; 16])>,
    /// Random id to give when nobody is found.
    pub fresh_person_id: i64,
    /// Local day number.
    pub seen_day: i64,
    /// True when the record holds a phone.
    pub has_phone: bool,
}

/// Who an arrival turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The person.
    pub person_id: i64,
    /// True when an identity record must be written: somebody new, or a phone not known before.
    pub needs_record: bool,
}

/// A sealed identity record.
#[derive(Debug, Clone)]
pub struct PersonRecord {
    /// The person.
    pub person_id: i64,
    /// Epoch whose identity key seals it.
    pub epoch: i64,
    /// When it was noted.
    pub noted_at: i64,
    /// Sealed bytes.
    pub sealed: Vec<u8>,
}

/// Days by which `seen_day` may lag, so that a person's row is not written on every visit. Retention waits
/// as many days longer.
pub(crate) const SEEN_LAG_DAYS: i64 = 3;
/// Most persons that one look-up answers; a phone shared by more is cut.
const FOUND_MAX: i64 = 50;

impl Store {
    /// Finds or makes the person of each arrival and writes the records that `seal` makes for those who
    /// need one; all in one transaction, durable when this returns. `seal` gets the arrival's position and
    /// the person's id and answers `(row id, epoch, sealed)`, or `None` when it cannot, which undoes all.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn settle_arrivals(
        &self,
        arrivals: &[Arrival],
        now: i64,
        mut seal: impl FnMut(usize, i64) -> Option<(i64, i64, Vec<u8>)> + Send,
    ) -> Result<Vec<i64>> {
        let mut tx = self.db.begin().await?;
        // Two servers that meet the same new person at once must not make two of him.
        tx.lock(Lock::Settle).await?;
        let mut ids = Vec::with_capacity(arrivals.len());
        for (position, arrival) in arrivals.iter().enumerate() {
            let found = settle(&mut tx, arrival).await?;
            if found.needs_record {
                let Some((row_id, epoch, sealed)) = seal(position, found.person_id) else {
                    return Err(StoreError::Conflict("an identity could not be sealed"));
                };
                insert_record(&mut tx, row_id, found.person_id, epoch, now, arrival, sealed).await?;
            }
            ids.push(found.person_id);
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// Persons with this index (a phone may be shared by several).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn persons_by_index(&self, kind: i64, index: [u8; 16]) -> Result<Vec<i64>> {
        let sql =
            "SELECT person_id FROM person_indexes WHERE kind = $1 AND idx = $2 ORDER BY person_id LIMIT $3";
        self.db.all(sql, args![kind, index, FOUND_MAX]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Whether the person with this naming index is known with a phone; `None` when not known at all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn knows_phone(&self, kind: i64, index: [u8; 16]) -> Result<Option<bool>> {
        let sql = "SELECT MAX(p.has_phone) FROM person_indexes i JOIN people p ON p.person_id = i.person_id
                   WHERE i.kind = $1 AND i.idx = $2";
        let row = self.db.first(sql, args![kind, index]).await?;
        let known: Option<i64> = row.map(|row| row.get(0)).transpose()?.flatten();
        Ok(known.map(|has| has != 0))
    }

    /// Identity records of some persons, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn person_records(&self, person_ids: &[i64]) -> Result<Vec<PersonRecord>> {
        let sql = "SELECT person_id, epoch, noted_at, sealed FROM people WHERE person_id = $1 ORDER BY noted_at, id";
        let mut records = Vec::new();
        for person_id in person_ids {
            for row in self.db.all(sql, args![*person_id]).await? {
                records.push(PersonRecord {
                    person_id: row.get(0)?,
                    epoch: row.get(1)?,
                    noted_at: row.get(2)?,
                    sealed: row.get(3)?,
                });
            }
        }
        Ok(records)
    }
}

async fn settle(tx: &mut Tx, arrival: &Arrival) -> Result<Found> {
    let known = find(tx, &arrival.naming).await?;
    let person_id = known.unwrap_or(arrival.fresh_person_id);
    let mut needs_record = known.is_none();
    for (kind, index) in arrival.naming.iter().chain(&arrival.finding) {
        let sql = "INSERT INTO person_indexes (kind, idx, person_id) VALUES ($1, $2, $3)
                   ON CONFLICT (kind, idx, person_id) DO NOTHING";
        needs_record |= tx.run(sql, args![*kind, *index, person_id]).await? == 1;
    }
    if !needs_record {
        let sql = "UPDATE people SET seen_day = $2 WHERE person_id = $1 AND seen_day < $3";
        tx.run(sql, args![person_id, arrival.seen_day, arrival.seen_day - SEEN_LAG_DAYS]).await?;
    }
    Ok(Found { person_id, needs_record })
}

async fn find(tx: &mut Tx, naming: &[(i64, [u8; 16])]) -> Result<Option<i64>> {
    let sql = "SELECT person_id FROM person_indexes WHERE kind = $1 AND idx = $2 ORDER BY person_id LIMIT 1";
    for (kind, index) in naming {
        if let Some(row) = tx.first(sql, args![*kind, *index]).await? {
            return Ok(Some(row.get(0)?));
        }
    }
    Ok(None)
}

async fn insert_record(
    tx: &mut Tx,
    row_id: i64,
    person_id: i64,
    epoch: i64,
    now: i64,
    arrival: &Arrival,
    sealed: Vec<u8>,
) -> Result<()> {
    let sql = "INSERT INTO people (id, person_id, epoch, noted_at, seen_day, has_phone, sealed)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (seen_day, has_phone) = (arrival.seen_day, arrival.has_phone);
    tx.run(sql, args![row_id, person_id, epoch, now, seen_day, has_phone, sealed]).await.map(drop)
}
