//! Templates of periodic reports, and the periods that were opened from them.

use crate::{Result, Row, Store, args};

/// How one kind of report runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTemplate {
    /// `weekly`, `monthly` or `ad_hoc` (`domain::report::Kind`).
    pub kind: String,
    /// True when periods open by themselves.
    pub active: bool,
    /// Working days after the cut-off for communes, 1 to 20.
    pub commune_days: i64,
    /// For districts.
    pub district_days: i64,
    /// For departments.
    pub department_days: i64,
    /// For Sở TTTT.
    pub province_days: i64,
    /// When it was changed.
    pub changed_at: i64,
    /// By which account; none for what came with the program.
    pub changed_by: Option<i64>,
}

/// A period that reports are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPeriod {
    /// Random id.
    pub id: i64,
    /// `weekly`, `monthly` or `ad_hoc`.
    pub kind: String,
    /// What an ad hoc report is about; empty for others.
    pub title: String,
    /// First day, ISO date.
    pub from_on: String,
    /// Day after the last, ISO date.
    pub until_on: String,
    /// Last day on which communes are on time.
    pub commune_due_on: String,
    /// Districts.
    pub district_due_on: String,
    /// Departments.
    pub department_due_on: String,
    /// Sở TTTT.
    pub province_due_on: String,
    /// When it was opened.
    pub opened_at: i64,
}

macro_rules! period_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, title, from_on, until_on, commune_due_on, district_due_on, department_due_on, ",
            "province_due_on, opened_at FROM report_periods ",
            $rest
        )
    };
}

fn period(row: &Row) -> Result<ReportPeriod> {
    Ok(ReportPeriod {
        id: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        from_on: row.get(3)?,
        until_on: row.get(4)?,
        commune_due_on: row.get(5)?,
        district_due_on: row.get(6)?,
        department_due_on: row.get(7)?,
        province_due_on: row.get(8)?,
        opened_at: row.get(9)?,
    })
}

fn template(row: &Row) -> Result<ReportTemplate> {
    Ok(ReportTemplate {
        kind: row.get(0)?,
        active: row.get(1)?,
        commune_days: row.get(2)?,
        district_days: row.get(3)?,
        department_days: row.get(4)?,
        province_days: row.get(5)?,
        changed_at: row.get(6)?,
        changed_by: row.get(7)?,
    })
}

impl Store {
    /// Templates that somebody has set; kinds without one run by the program's defaults.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_templates(&self) -> Result<Vec<ReportTemplate>> {
        let sql =
            "SELECT kind, active, commune_days, district_days, department_days, province_days, changed_at,
                   changed_by FROM report_templates ORDER BY kind";
        self.db.all(sql, args![]).await?.iter().map(template).collect()
    }

    /// Sets how a kind of report runs. Periods that are open keep their deadlines.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_report_template(&self, t: &ReportTemplate) -> Result<()> {
        let sql = "INSERT INTO report_templates (kind, active, commune_days, district_days, department_days,
                   province_days, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                   ON CONFLICT (kind) DO UPDATE SET active = excluded.active, commune_days = excluded.commune_days,
                   district_days = excluded.district_days, department_days = excluded.department_days,
                   province_days = excluded.province_days, changed_at = excluded.changed_at,
                   changed_by = excluded.changed_by";
        let (commune, district) = (t.commune_days, t.district_days);
        let (department, province) = (t.department_days, t.province_days);
        let args =
            args![&t.kind, t.active, commune, district, department, province, t.changed_at, t.changed_by];
        self.db.run(sql, args).await.map(drop)
    }

    /// Opens a period; one of the same kind and days that is open already stays as it is. Answers the period
    /// that stands, and whether it is new.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_report_period(&self, p: &ReportPeriod) -> Result<(ReportPeriod, bool)> {
        let sql = "INSERT INTO report_periods (id, kind, title, from_on, until_on, commune_due_on, district_due_on,
                   department_due_on, province_due_on, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (kind, from_on, until_on) DO NOTHING";
        let due = (&p.commune_due_on, &p.district_due_on, &p.department_due_on, &p.province_due_on);
        let args =
            args![p.id, &p.kind, &p.title, &p.from_on, &p.until_on, due.0, due.1, due.2, due.3, p.opened_at];
        let is_new = self.db.run(sql, args).await? == 1;
        let sql = period_sql!("WHERE kind = $1 AND from_on = $2 AND until_on = $3");
        let row = self.db.first(sql, args![&p.kind, &p.from_on, &p.until_on]).await?;
        Ok((row.as_ref().map(period).transpose()?.unwrap_or_else(|| p.clone()), is_new))
    }

    /// A period.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_period(&self, id: i64) -> Result<Option<ReportPeriod>> {
        let row = self.db.first(period_sql!("WHERE id = $1"), args![id]).await?;
        row.as_ref().map(period).transpose()
    }

    /// Periods, those that end latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_periods(&self, limit: i64) -> Result<Vec<ReportPeriod>> {
        let sql = period_sql!("ORDER BY until_on DESC, from_on DESC, id LIMIT $1");
        self.db.all(sql, args![limit]).await?.iter().map(period).collect()
    }

    /// Whether a period of a kind stands for these days.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_period_on(&self, kind: &'static str, from_on: &str, until_on: &str) -> Result<bool> {
        let sql = "SELECT id FROM report_periods WHERE kind = $1 AND from_on = $2 AND until_on = $3";
        Ok(self.db.first(sql, args![kind, from_on, until_on]).await?.is_some())
    }

    /// Periods whose first deadline is before a day and whose last is not before another, at most 100.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report_periods_due(&self, since_on: &str, before_on: &str) -> Result<Vec<ReportPeriod>> {
        let sql = period_sql!(
            "WHERE province_due_on >= $1 AND commune_due_on < $2 ORDER BY commune_due_on DESC, id LIMIT 100"
        );
        self.db.all(sql, args![since_on, before_on]).await?.iter().map(period).collect()
    }

    /// The latest period of a kind.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest_report_period(&self, kind: &str) -> Result<Option<ReportPeriod>> {
        let sql = period_sql!("WHERE kind = $1 ORDER BY until_on DESC, id LIMIT 1");
        let row = self.db.first(sql, args![kind]).await?;
        row.as_ref().map(period).transpose()
    }
}
