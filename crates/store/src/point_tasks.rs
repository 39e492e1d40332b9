//! A task for the commune of each point without a scan: open, noted (something was done), closed (scanned again
//! or retired).

use crate::{Result, Row, Store, args, point_weeks::QuietSpell};

/// A task as it stands, with its point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointTask {
    /// Random id.
    pub id: i64,
    /// Area of the point.
    pub area_id: i64,
    /// Area's name; empty for the place itself.
    pub area_name: String,
    /// The place.
    pub place_id: i64,
    /// Its name.
    pub place_name: String,
    /// Its category.
    pub type_code: String,
    /// Its address.
    pub address: String,
    /// Its commune.
    pub unit_id: i64,
    /// True for what no published list may name.
    pub sensitive: bool,
    /// True when the point was never scanned.
    pub never_used: bool,
    /// `open`, `noted` or `closed`.
    pub state: String,
    /// Day on which it was opened, ISO date.
    pub opened_on: String,
    /// Quiet weeks in a row.
    pub weeks: i64,
    /// Quiet weeks of the last eight.
    pub of_eight: i64,
    /// How often it was opened again after something was done.
    pub reopened: i64,
    /// What was done last (see `domain::silence::Action`).
    pub action: Option<String>,
    /// In words.
    pub note: Option<String>,
    /// On which day, ISO date.
    pub done_on: Option<String>,
    /// Name of the officer who noted it.
    pub noted_by: Option<String>,
    /// Day on which it was closed, ISO date.
    pub closed_on: Option<String>,
    /// True while the place is suspended: nobody scans where nobody may go in.
    pub suspended: bool,
}

/// What a commune did about a point.
#[derive(Debug, Clone)]
pub struct Done {
    /// Code of the action.
    pub action: String,
    /// In words.
    pub note: String,
    /// On which day, ISO date.
    pub done_on: String,
    /// Account that notes it.
    pub noted_by: i64,
}

/// One thing that was done about a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointAct {
    /// The task.
    pub task_id: i64,
    /// Code of the action.
    pub action: String,
    /// In words.
    pub note: String,
    /// On which day, ISO date.
    pub done_on: String,
    /// When it was noted.
    pub noted_at: i64,
    /// Name of the officer who noted it.
    pub noted_by: String,
}

/// Things that are noted about one task at most.
pub const ACTS_MAX: i64 = 30;

/// How many tasks of a unit there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// That wait for the commune.
    pub open: i64,
    /// Where something was done and no scan followed yet.
    pub noted: i64,
    /// Of both, points that were quiet in three of the last eight weeks or more.
    pub repeated: i64,
}

/// Which tasks to list.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// `open`, `noted` or `closed`.
    pub state: &'a str,
    /// Least quiet weeks of the last eight.
    pub of_eight_min: i64,
    /// Most rows.
    pub limit: i64,
    /// Rows left out before.
    pub offset: i64,
}

macro_rules! task_sql {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.area_id, a.name, p.id, p.name, p.type_code, p.address, p.unit_id, ",
            "COALESCE(p.sensitive, r.sensitive, 0), t.usage, t.state, t.opened_on, t.weeks, t.of_eight, ",
            "t.reopened, t.action, t.note, t.done_on, c.name, t.closed_on, CASE WHEN EXISTS (SELECT 1 FROM ",
            "suspension_proposals x WHERE x.place_id = p.id AND x.state = 'suspended') THEN CAST(1 AS BIGINT) ",
            "ELSE CAST(0 AS BIGINT) END FROM point_tasks t ",
            "JOIN areas a ON a.id = t.area_id JOIN places p ON p.id = a.place_id ",
            "LEFT JOIN place_type_rules r ON r.type_code = p.type_code ",
            "LEFT JOIN accounts c ON c.id = t.noted_by ",
            $rest
        )
    };
}

// A unit's own points: of the communes at or below it, or of the departments at or below it.
macro_rules! below_sql {
    ($start:literal, $rest:literal) => {
        concat!(
            "WITH RECURSIVE below(id) AS (SELECT CAST($1 AS BIGINT) UNION SELECT u.id FROM admin_units u ",
            "JOIN below b ON u.parent_id = b.id) ",
            $start,
            "(p.unit_id IN (SELECT id FROM below) OR CASE WHEN p.department_set = 1 THEN p.department_id ",
            "ELSE r.department_id END IN (SELECT id FROM below)) ",
            $rest
        )
    };
}

// One page of a unit's tasks: what is asked of them, between the head and what follows.
macro_rules! listed_sql {
    ($head:expr, $tail:literal) => {
        concat!(
            "WITH RECURSIVE below(id) AS (SELECT CAST($1 AS BIGINT) UNION SELECT u.id FROM admin_units u ",
            "JOIN below b ON u.parent_id = b.id) ",
            $head,
            "WHERE t.state = $2 AND t.of_eight >= $3 AND (p.unit_id IN (SELECT id FROM below) ",
            "OR CASE WHEN p.department_set = 1 THEN p.department_id ELSE r.department_id END ",
            "IN (SELECT id FROM below)) ",
            "ORDER BY t.weeks DESC, t.of_eight DESC, p.name_folded, t.id LIMIT $4 OFFSET $5 ",
            $tail
        )
    };
}

fn task(row: &Row) -> Result<PointTask> {
    Ok(PointTask {
        id: row.get(0)?,
        area_id: row.get(1)?,
        area_name: row.get(2)?,
        place_id: row.get(3)?,
        place_name: row.get(4)?,
        type_code: row.get(5)?,
        address: row.get(6)?,
        unit_id: row.get(7)?,
        sensitive: row.get(8)?,
        never_used: row.get::<String>(9)? == "never",
        state: row.get(10)?,
        opened_on: row.get(11)?,
        weeks: row.get(12)?,
        of_eight: row.get(13)?,
        reopened: row.get(14)?,
        action: row.get(15)?,
        note: row.get(16)?,
        done_on: row.get(17)?,
        noted_by: row.get(18)?,
        closed_on: row.get(19)?,
        suspended: row.get(20)?,
    })
}

/// Rows of one transaction.
const CHUNK: usize = 2000;

impl Store {
    /// Opens a task for each quiet point, or renews the weeks of the one there is; a task about which something
    /// was done before `undone_since_on` is open again. Twice on a day is the same as once.
    ///
    /// # Errors
    /// When the database refuses; whole chunks may be kept then, and weighing again is harmless.
    pub async fn weigh_point_tasks(
        &self,
        today_on: &str,
        undone_since_on: &str,
        spells: &[QuietSpell],
        mut next_id: impl FnMut() -> i64 + Send,
    ) -> Result<()> {
        let sql = "INSERT INTO point_tasks (id, area_id, usage, state, opened_on, weeks, of_eight, reopened)
                   VALUES ($1, $2, $3, 'open', $4, $5, $6, 0)
                   ON CONFLICT (area_id) WHERE state <> 'closed' DO UPDATE SET usage = excluded.usage,
                   weeks = excluded.weeks, of_eight = excluded.of_eight,
                   reopened = point_tasks.reopened + CASE WHEN point_tasks.state = 'noted'
                   AND point_tasks.done_on < $7 THEN 1 ELSE 0 END,
                   state = CASE WHEN point_tasks.state = 'noted' AND point_tasks.done_on < $7
                   THEN 'open' ELSE point_tasks.state END";
        for chunk in spells.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            for spell in chunk {
                let usage = if spell.never_used { "never" } else { "silent" };
                let (weeks, of_eight) = (spell.in_a_row, spell.weeks);
                let args = args![next_id(), spell.area_id, usage, today_on, weeks, of_eight, undone_since_on];
                tx.run(sql, args).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Areas with a task that is not closed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn areas_with_tasks(&self) -> Result<Vec<i64>> {
        let sql = "SELECT area_id FROM point_tasks WHERE state <> 'closed' ORDER BY area_id";
        self.db.all(sql, args![]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Closes the tasks of areas that were scanned again or whose code was retired.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn close_point_tasks(&self, areas: &[i64], closed_on: &str) -> Result<u64> {
        let sql = "UPDATE point_tasks SET state = 'closed', closed_on = $2 WHERE area_id = $1 AND state <> 'closed'";
        let mut tx = self.db.begin().await?;
        let mut closed = 0;
        for area in areas {
            closed += tx.run(sql, args![*area, closed_on]).await?;
        }
        tx.commit().await?;
        Ok(closed)
    }

    /// Notes what was done about a point, beside what was noted before; false when the very same was noted before,
    /// the task is closed, or too much is noted already.
    ///
    /// # Errors
    /// When the database refuses; nothing changes then.
    pub async fn note_point_task(&self, id: i64, act_id: i64, done: &Done, now: i64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO point_task_acts (id, task_id, action, note, done_on, noted_by, noted_at)
                   SELECT $1, t.id, $3, $4, $5, $6, $7 FROM point_tasks t WHERE t.id = $2 AND t.state <> 'closed'
                   AND (SELECT COUNT(*) FROM point_task_acts h WHERE h.task_id = t.id) < $8
                   ON CONFLICT (task_id, action, done_on, note, noted_by) DO NOTHING";
        let args = args![act_id, id, &done.action, &done.note, &done.done_on, done.noted_by, now, ACTS_MAX];
        if tx.run(sql, args).await? == 0 {
            return Ok(false);
        }
        let sql =
            "UPDATE point_tasks SET state = 'noted', action = $2, note = $3, done_on = $4, noted_by = $5,
                   noted_at = $6 WHERE id = $1 AND state <> 'closed'";
        let args = args![id, &done.action, &done.note, &done.done_on, done.noted_by, now];
        if tx.run(sql, args).await? == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// One task.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn point_task(&self, id: i64) -> Result<Option<PointTask>> {
        self.db.first(task_sql!("WHERE t.id = $1"), args![id]).await?.as_ref().map(task).transpose()
    }

    /// All that was noted about the tasks of one list, the latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn point_task_acts(&self, unit_id: i64, listed: Listed<'_>) -> Result<Vec<PointAct>> {
        let sql = listed_sql!(
            "SELECT h.task_id, h.action, h.note, h.done_on, h.noted_at, c.name FROM point_task_acts h
             JOIN accounts c ON c.id = h.noted_by WHERE h.task_id IN (SELECT t.id FROM point_tasks t
             JOIN areas a ON a.id = t.area_id JOIN places p ON p.id = a.place_id
             LEFT JOIN place_type_rules r ON r.type_code = p.type_code ",
            ") ORDER BY h.task_id, h.noted_at DESC, h.id"
        );
        let act = |row: &Row| {
            Ok(PointAct {
                task_id: row.get(0)?,
                action: row.get(1)?,
                note: row.get(2)?,
                done_on: row.get(3)?,
                noted_at: row.get(4)?,
                noted_by: row.get(5)?,
            })
        };
        let args = args![unit_id, listed.state, listed.of_eight_min, listed.limit, listed.offset];
        self.db.all(sql, args).await?.iter().map(act).collect()
    }

    /// Tasks of the points of a unit, the longest silence first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn point_tasks(&self, unit_id: i64, listed: Listed<'_>) -> Result<Vec<PointTask>> {
        let sql = listed_sql!(task_sql!(""), "");
        let args = args![unit_id, listed.state, listed.of_eight_min, listed.limit, listed.offset];
        self.db.all(sql, args).await?.iter().map(task).collect()
    }

    /// How many tasks the points of a unit have.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_point_tasks(&self, unit_id: i64, often: i64) -> Result<TaskCounts> {
        let sql = below_sql!(
            "SELECT t.state, COUNT(*), COUNT(CASE WHEN t.of_eight >= $2 THEN 1 END) FROM point_tasks t \
             JOIN areas a ON a.id = t.area_id JOIN places p ON p.id = a.place_id \
             LEFT JOIN place_type_rules r ON r.type_code = p.type_code WHERE t.state <> 'closed' AND ",
            "GROUP BY t.state"
        );
        let mut counts = TaskCounts::default();
        for row in self.db.all(sql, args![unit_id, often]).await? {
            match row.get::<String>(0)?.as_str() {
                "open" => counts.open = row.get(1)?,
                _ => counts.noted = row.get(1)?,
            }
            counts.repeated += row.get::<i64>(2)?;
        }
        Ok(counts)
    }

    /// For each commune with tasks that wait: how many, and how many points were quiet so often.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_tasks_by_commune(&self, often: i64) -> Result<Vec<(i64, i64, i64)>> {
        let sql =
            "SELECT p.unit_id, COUNT(*), COUNT(CASE WHEN t.of_eight >= $1 THEN 1 END) FROM point_tasks t
                   JOIN areas a ON a.id = t.area_id JOIN places p ON p.id = a.place_id
                   WHERE t.state = 'open' GROUP BY p.unit_id ORDER BY p.unit_id";
        let rows = self.db.all(sql, args![often]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Closed tasks of the points of a unit since a day, ISO date.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn closed_point_tasks(&self, unit_id: i64, since_on: &str) -> Result<i64> {
        let sql = below_sql!(
            "SELECT COUNT(*) FROM point_tasks t JOIN areas a ON a.id = t.area_id \
             JOIN places p ON p.id = a.place_id LEFT JOIN place_type_rules r ON r.type_code = p.type_code \
             WHERE t.state = 'closed' AND t.closed_on >= $2 AND ",
            ""
        );
        self.db.first(sql, args![unit_id, since_on]).await?.map_or(Ok(0), |row| row.get(0))
    }
}
