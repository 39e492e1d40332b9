//! Personal cards that were issued. A row names nobody in clear: a masked name, and a keyed index to find it by.

use crate::{Result, Row, Store, args};

/// Kind of the index in `person_indexes` by which a card names its holder.
pub const CARD_INDEX_KIND: i64 = 5;

/// A personal card.
#[derive(Debug, Clone)]
pub struct Card {
    /// Random number, 8 bytes.
    pub number: Vec<u8>,
    /// Commune that issued it; none for a card on a visitor's own phone.
    pub unit_id: Option<i64>,
    /// The sheet it was printed on, or the phone it is shown by.
    pub sheet_id: i64,
    /// `printed` or `phone`.
    pub kind: String,
    /// Name shortened as on the card.
    pub masked_name: String,
    /// Hamlet or group, as printed.
    pub note: String,
    /// Keyed index of name and birth year.
    pub find_index: Vec<u8>,
    /// Keyed index of the number, as it names the holder: while the card is in force, the register keeps him.
    pub card_index: Vec<u8>,
    /// When it was issued.
    pub issued_at: i64,
    /// Account that issued it.
    pub issued_by: Option<i64>,
    /// Last valid day, `YYYY-MM-DD`.
    pub expires_on: String,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Number of the card that replaced it.
    pub replaced_by: Option<Vec<u8>>,
}

/// A sheet of cards issued together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSheet {
    /// Its id.
    pub sheet_id: i64,
    /// When it was issued.
    pub issued_at: i64,
    /// Cards on it.
    pub cards: i64,
    /// Of these, revoked ones.
    pub revoked: i64,
    /// The note of the first card: usually the hamlet.
    pub note: String,
}

macro_rules! card_sql {
    ($rest:literal) => {
        concat!(
            "SELECT number, unit_id, sheet_id, kind, masked_name, note, find_index, issued_at, issued_by, ",
            "expires_on, revoked_at, replaced_by, card_index FROM cards ",
            $rest
        )
    };
}

impl Store {
    /// Keeps issued cards, all or none.
    ///
    /// # Errors
    /// When a number was issued before or the database refuses; nothing is kept then.
    pub async fn add_cards(&self, cards: &[Card]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for c in cards {
            let sql = "INSERT INTO cards (number, unit_id, sheet_id, kind, masked_name, note, find_index, issued_at,
                       issued_by, expires_on, card_index) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
            let (number, find, index) = (c.number.clone(), c.find_index.clone(), c.card_index.clone());
            let head = (c.unit_id, c.sheet_id, &c.kind, &c.masked_name, &c.note);
            let args = args![
                number,
                head.0,
                head.1,
                head.2,
                head.3,
                head.4,
                find,
                c.issued_at,
                c.issued_by,
                &c.expires_on,
                index
            ];
            tx.run(sql, args).await?;
        }
        tx.commit().await
    }

    /// A card by number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn card(&self, number: &[u8]) -> Result<Option<Card>> {
        self.db.first(card_sql!("WHERE number = $1"), args![number]).await?.as_ref().map(card).transpose()
    }

    /// Cards of a commune by the keyed index of name and birth year, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cards_found(&self, unit_id: i64, find_index: [u8; 16]) -> Result<Vec<Card>> {
        let sql =
            card_sql!("WHERE find_index = $2 AND unit_id = $1 ORDER BY issued_at DESC, number LIMIT 50");
        self.db.all(sql, args![unit_id, find_index]).await?.iter().map(card).collect()
    }

    /// Cards of a sheet, by number as issued.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cards_of_sheet(&self, sheet_id: i64) -> Result<Vec<Card>> {
        let sql = card_sql!("WHERE sheet_id = $1 ORDER BY masked_name, number");
        self.db.all(sql, args![sheet_id]).await?.iter().map(card).collect()
    }

    /// Sheets that a commune issued, latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn card_sheets(&self, unit_id: i64) -> Result<Vec<CardSheet>> {
        let sql = "SELECT sheet_id, MIN(issued_at), COUNT(*), COUNT(revoked_at), MIN(note) FROM cards
                   WHERE unit_id = $1 AND kind = 'printed' GROUP BY sheet_id ORDER BY MIN(issued_at) DESC, sheet_id
                   LIMIT 100";
        let sheet = |row: &Row| {
            Ok(CardSheet {
                sheet_id: row.get(0)?,
                issued_at: row.get(1)?,
                cards: row.get(2)?,
                revoked: row.get(3)?,
                note: row.get(4)?,
            })
        };
        self.db.all(sql, args![unit_id]).await?.iter().map(sheet).collect()
    }

    /// Gives a card that is not revoked a later last day.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn extend_card(&self, number: &[u8], expires_on: &str) -> Result<bool> {
        let sql = "UPDATE cards SET expires_on = $2 WHERE number = $1 AND revoked_at IS NULL";
        Ok(self.db.run(sql, args![number, expires_on]).await? == 1)
    }

    /// Revokes a card; false when it was revoked before. `replaced_by` is the number of the new one, if any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn revoke_card(&self, number: &[u8], replaced_by: Option<Vec<u8>>, now: i64) -> Result<bool> {
        let sql =
            "UPDATE cards SET revoked_at = $2, replaced_by = $3 WHERE number = $1 AND revoked_at IS NULL";
        Ok(self.db.run(sql, args![number, now, replaced_by]).await? == 1)
    }

    /// Numbers of revoked cards that would still be valid on a day, with the instant of revocation: what a
    /// gate needs offline.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn revoked_cards(&self, today: &str) -> Result<Vec<(Vec<u8>, i64)>> {
        let sql = "SELECT number, revoked_at FROM cards WHERE revoked_at IS NOT NULL AND expires_on >= $1
                   ORDER BY number";
        self.db.all(sql, args![today]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

fn card(row: &Row) -> Result<Card> {
    Ok(Card {
        number: row.get(0)?,
        unit_id: row.get(1)?,
        sheet_id: row.get(2)?,
        kind: row.get(3)?,
        masked_name: row.get(4)?,
        note: row.get(5)?,
        find_index: row.get(6)?,
        issued_at: row.get(7)?,
        issued_by: row.get(8)?,
        expires_on: row.get(9)?,
        revoked_at: row.get(10)?,
        replaced_by: row.get(11)?,
        card_index: row.get(12)?,
    })
}
