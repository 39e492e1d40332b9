//! Who is responsible for a place beside its commune, and whether it may be shown to the public: by the place's
//! category, unless its commune said otherwise.

use crate::{
    Result, Row, Store, args,
    figure_marks::{EVERYTHING, RESPONSIBLE, touch_place, touch_unit},
};

/// What follows from a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRule {
    /// Category's code.
    pub type_code: String,
    /// Department that is responsible for such places.
    pub department_id: Option<i64>,
    /// True for what no published list or map may show.
    pub sensitive: bool,
    /// `commune` or `district` where each of them should have such a place with a live point; empty otherwise.
    pub expected_in: String,
}

/// What holds for one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCare {
    /// The department in effect.
    pub department_id: Option<i64>,
    /// True when the commune chose it, or chose none.
    pub department_set: bool,
    /// Sensitive in effect.
    pub sensitive: bool,
    /// The commune's choice, if it made one.
    pub sensitive_set: Option<bool>,
}

/// A commune's choice for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepartmentChoice {
    /// As the category says.
    ByType,
    /// No department.
    Nobody,
    /// This one.
    Unit(i64),
}

fn rule(row: &Row) -> Result<TypeRule> {
    Ok(TypeRule {
        type_code: row.get(0)?,
        department_id: row.get(1)?,
        sensitive: row.get(2)?,
        expected_in: row.get(3)?,
    })
}

impl Store {
    /// Adds or renews what follows from categories.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_type_rules(&self, rules: &[TypeRule]) -> Result<()> {
        let sql = "INSERT INTO place_type_rules (type_code, department_id, sensitive, expected_in)
                   VALUES ($1, $2, $3, $4) ON CONFLICT (type_code) DO UPDATE SET
                   department_id = excluded.department_id, sensitive = excluded.sensitive,
                   expected_in = excluded.expected_in";
        let mut tx = self.db.begin().await?;
        for rule in rules {
            tx.run(sql, args![&rule.type_code, rule.department_id, rule.sensitive, &rule.expected_in])
                .await?;
        }
        touch_unit(&mut tx, EVERYTHING).await?;
        tx.commit().await
    }

    /// What follows from each category.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn type_rules(&self) -> Result<Vec<TypeRule>> {
        let sql = "SELECT type_code, department_id, sensitive, expected_in FROM place_type_rules ORDER BY type_code";
        self.db.all(sql, args![]).await?.iter().map(rule).collect()
    }

    /// What holds for a place.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_care(&self, place_id: i64) -> Result<Option<PlaceCare>> {
        let sql = "SELECT CASE WHEN p.department_set = 1 THEN p.department_id ELSE r.department_id END,
                   p.department_set, COALESCE(p.sensitive, r.sensitive, 0), p.sensitive
                   FROM places p LEFT JOIN place_type_rules r ON r.type_code = p.type_code WHERE p.id = $1";
        let care = |row: Row| {
            Ok(PlaceCare {
                department_id: row.get(0)?,
                department_set: row.get(1)?,
                sensitive: row.get(2)?,
                sensitive_set: row.get::<Option<i64>>(3)?.map(|set| set != 0),
            })
        };
        self.db.first(sql, args![place_id]).await?.map(care).transpose()
    }

    /// Keeps a commune's choices for a place; false when there is no such place.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn set_place_care(
        &self,
        place_id: i64,
        department: DepartmentChoice,
        sensitive: Option<bool>,
    ) -> Result<bool> {
        let (set, id) = match department {
            DepartmentChoice::ByType => (false, None),
            DepartmentChoice::Nobody => (true, None),
            DepartmentChoice::Unit(id) => (true, Some(id)),
        };
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE places SET department_set = $2, department_id = $3, sensitive = $4 WHERE id = $1";
        let found = tx.run(sql, args![place_id, set, id, sensitive.map(i64::from)]).await? == 1;
        touch_place(&mut tx, place_id).await?;
        touch_unit(&mut tx, RESPONSIBLE).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// True when a place of this name may be named by no published list.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_name_of_sensitive_place(&self, name: &str) -> Result<bool> {
        let sql = "SELECT p.id FROM places p LEFT JOIN place_type_rules r ON r.type_code = p.type_code
                   WHERE p.name = $1 AND COALESCE(p.sensitive, r.sensitive, 0) = 1 LIMIT 1";
        Ok(self.db.first(sql, args![name]).await?.is_some())
    }

    /// Ids of places that no published list may name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sensitive_places(&self) -> Result<Vec<i64>> {
        let sql = "SELECT p.id FROM places p LEFT JOIN place_type_rules r ON r.type_code = p.type_code
                   WHERE COALESCE(p.sensitive, r.sensitive, 0) = 1 ORDER BY p.id";
        self.db.all(sql, args![]).await?.iter().map(|row| row.get(0)).collect()
    }
}
