//! Reference data: place types and the dated rules of disease profiles.

use crate::{Result, Row, Store, args};

/// A category of places.
#[derive(Debug, Clone)]
pub struct PlaceType {
    /// Short code, such as `CHO`.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Group of categories.
    pub type_group: String,
    /// Stay assumed when nobody scans out, in minutes.
    pub default_stay_minutes: i64,
    /// Closing time `HH:MM`, where the type has one.
    pub closes_at: Option<String>,
}

/// One dated rule of a disease profile.
#[derive(Debug, Clone)]
pub struct DiseaseRule {
    /// Profile's code, such as `covid-19`.
    pub profile: String,
    /// Vietnamese label.
    pub label_vi: String,
    /// English label.
    pub label_en: String,
    /// First day of the rule, ISO date.
    pub valid_from_on: String,
    /// Days before onset (or positive sample) from which contacts count.
    pub look_back_days: i64,
    /// Shortest shared stay that counts, in minutes.
    pub min_overlap_minutes: i64,
    /// `area` or `place`: how near is together.
    pub same_space: String,
    /// Days that a question may reach back.
    pub question_days: i64,
    /// Hours from exposure until a person can infect others.
    pub latency_hours: i64,
    /// Document and date of the rule.
    pub source: String,
}

/// A day on which offices do not work, apart from weekends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day, ISO date.
    pub day_on: String,
    /// Its name in Vietnamese.
    pub name: String,
    /// Document that gives it.
    pub source: String,
}

impl Store {
    /// Adds or renews holidays.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_holidays(&self, holidays: &[Holiday]) -> Result<()> {
        let sql = "INSERT INTO holidays (day_on, name, source) VALUES ($1, $2, $3)
                   ON CONFLICT (day_on) DO UPDATE SET name = excluded.name, source = excluded.source";
        let mut tx = self.db.begin().await?;
        for holiday in holidays {
            tx.run(sql, args![&holiday.day_on, &holiday.name, &holiday.source]).await?;
        }
        tx.commit().await
    }

    /// All holidays, earliest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn holidays(&self) -> Result<Vec<Holiday>> {
        let holiday = |row: &Row| Ok(Holiday { day_on: row.get(0)?, name: row.get(1)?, source: row.get(2)? });
        self.db
            .all("SELECT day_on, name, source FROM holidays ORDER BY day_on", args![])
            .await?
            .iter()
            .map(holiday)
            .collect()
    }

    /// Adds or renews place types.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_place_types(&self, types: &[PlaceType]) -> Result<()> {
        let sql =
            "INSERT INTO place_types (code, name_vi, name_en, type_group, default_stay_minutes, closes_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (code) DO UPDATE SET name_vi = excluded.name_vi, name_en = excluded.name_en,
                   type_group = excluded.type_group, default_stay_minutes = excluded.default_stay_minutes,
                   closes_at = excluded.closes_at";
        let mut tx = self.db.begin().await?;
        for t in types {
            let closes = t.closes_at.clone();
            let args = args![&t.code, &t.name_vi, &t.name_en, &t.type_group, t.default_stay_minutes, closes];
            tx.run(sql, args).await?;
        }
        tx.commit().await
    }

    /// All place types, by group and name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn place_types(&self) -> Result<Vec<PlaceType>> {
        let sql = "SELECT code, name_vi, name_en, type_group, default_stay_minutes, closes_at
                   FROM place_types ORDER BY type_group, name_vi, code";
        self.db.all(sql, args![]).await?.iter().map(place_type).collect()
    }

    /// Adds or renews dated rules.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn put_disease_rules(&self, rules: &[DiseaseRule]) -> Result<()> {
        let sql = "INSERT INTO disease_rules (profile, label_vi, label_en, valid_from_on, look_back_days,
                   min_overlap_minutes, same_space, question_days, latency_hours, source)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (profile, valid_from_on) DO UPDATE SET label_vi = excluded.label_vi,
                   label_en = excluded.label_en, look_back_days = excluded.look_back_days,
                   min_overlap_minutes = excluded.min_overlap_minutes, same_space = excluded.same_space,
                   question_days = excluded.question_days, latency_hours = excluded.latency_hours, source = excluded.source";
        let mut tx = self.db.begin().await?;
        for r in rules {
            let (days, minutes, question) = (r.look_back_days, r.min_overlap_minutes, r.question_days);
            let names = (&r.profile, &r.label_vi, &r.label_en, &r.valid_from_on);
            let (space, latency) = (&r.same_space, r.latency_hours);
            let args =
                args![names.0, names.1, names.2, names.3, days, minutes, space, question, latency, &r.source];
            tx.run(sql, args).await?;
        }
        tx.commit().await
    }

    /// All dated rules, newest first within a profile.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn disease_rules(&self) -> Result<Vec<DiseaseRule>> {
        let sql = "SELECT profile, label_vi, label_en, valid_from_on, look_back_days, min_overlap_minutes,
                   same_space, question_days, latency_hours, source FROM disease_rules ORDER BY profile, valid_from_on DESC";
        self.db.all(sql, args![]).await?.iter().map(disease_rule).collect()
    }
}

fn place_type(row: &Row) -> Result<PlaceType> {
    Ok(PlaceType {
        code: row.get(0)?,
        name_vi: row.get(1)?,
        name_en: row.get(2)?,
        type_group: row.get(3)?,
        default_stay_minutes: row.get(4)?,
        closes_at: row.get(5)?,
    })
}

fn disease_rule(row: &Row) -> Result<DiseaseRule> {
    Ok(DiseaseRule {
        profile: row.get(0)?,
        label_vi: row.get(1)?,
        label_en: row.get(2)?,
        valid_from_on: row.get(3)?,
        look_back_days: row.get(4)?,
        min_overlap_minutes: row.get(5)?,
        same_space: row.get(6)?,
        question_days: row.get(7)?,
        latency_hours: row.get(8)?,
        source: row.get(9)?,
    })
}
