//! The province under measure, filled by set-wise statements: millions of rows in a minute.

use std::path::Path;

use anyhow::{Context as _, Result};
use domain::{
    admin_unit::UnitTree,
    name::fold,
    period::Week,
    role::Role,
    time::{DAY_MS, day_number, day_start},
};
use jiff::{ToSpan as _, civil::Date};
use store::{Db, accounts::NewAccount, args, places::Place, unit_periods::UnitPeriod};
use vaora::{
    app::App,
    auth::{password, totp},
    ids::new_id,
    jobs,
    web::{
        place_edit::new_code,
        place_new::{Contact, seal_contact},
    },
};

use crate::office::{self, Office};

/// Places of the province.
pub const PLACES: usize = 19_000;
/// Password of all officers of this bench.
pub const PASSWORD: &str = "for-this-bench-only";
/// Secret of all officers' one-time passwords.
pub const SECRET: [u8; 20] = *b"secret of this bench";
/// Weeks of counts, figures and silence.
const WEEKS: i64 = 26;

/// Login, role, code of the office (empty: the commune that stands for all).
const OFFICERS: [(&str, Role, &str); 9] = [
    ("commune", Role::UnitOfficer, ""),
    ("district", Role::UnitOfficer, "643"),
    ("department", Role::UnitOfficer, "66-SCT"),
    ("reviewer", Role::Reviewer, "66-STTTT"),
    ("committee", Role::CommitteeReader, "66-UBND"),
    ("tracer", Role::Tracer, "66-CDC"),
    ("approver", Role::Approver, "66-SYT"),
    ("auditor", Role::Auditor, "66-UBND"),
    ("administrator", Role::Administrator, "66-STTTT"),
];

/// Counts of every day and point: seven of ten points are scanned all days, two fell silent at some day, one was
/// never scanned.
const COUNTS: &str = "INSERT INTO scan_counts (event_day, area_id, kind, arrival_day, scans)
     WITH RECURSIVE days(d) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT d + 1 FROM days WHERE d < $2)
     SELECT d, a.id, k.kind, d, 1 + (a.id * 7 + d) % 40 FROM days CROSS JOIN areas a
     CROSS JOIN (SELECT 0 AS kind UNION ALL SELECT 1 AS kind) k
     WHERE a.id % 10 < 7 OR (a.id % 10 < 9 AND d < $2 - a.id % 60)";
const LAST_DAYS: &str = "INSERT INTO area_last_scans (area_id, last_day, mark)
     SELECT area_id, MAX(event_day), 2 FROM scan_counts GROUP BY area_id";
const DAYS: &str = "INSERT INTO scan_day_changes (event_day, mark)
     SELECT DISTINCT event_day, CAST(2 AS BIGINT) FROM scan_counts";
/// Weeks of silence, counted backwards from the last.
const QUIET: &str = "INSERT INTO point_weeks (area_id, week_on, usage, in_a_row)
     SELECT a.id, $1, CASE WHEN a.id % 10 = 9 THEN 'never' ELSE 'silent' END, CAST($2 AS BIGINT) FROM areas a
     WHERE a.id % 10 = 9 OR (a.id % 10 >= 7 AND a.id % 60 >= $3)";

/// Units that stand for their level, and a place.
pub struct Units {
    commune: i64,
    district: i64,
    department: i64,
    province: i64,
    place: i64,
    office: Office,
}

impl Units {
    /// A path with what exists in its places.
    pub fn fill(&self, path: &str, today: Date) -> String {
        let older = today.saturating_sub(70.days()).to_string();
        [
            ("{commune}", self.commune.to_string()),
            ("{district}", self.district.to_string()),
            ("{department}", self.department.to_string()),
            ("{province}", self.province.to_string()),
            ("{place}", self.place.to_string()),
            ("{older}", older),
            ("{period}", self.office.period.to_string()),
            ("{report}", self.office.report.to_string()),
            ("{proposal}", self.office.proposal.to_string()),
        ]
        .iter()
        .fold(path.to_owned(), |path, (from, to)| path.replace(from, to))
    }
}

/// Fills an empty installation.
pub async fn fill(app: &App, places: usize) -> Result<Units> {
    let tree = app.tree().await?;
    let unit = |code: &str| tree.by_code(code).map(|unit| unit.id).with_context(|| format!("no unit {code}"));
    let (province, district, department) = (unit("66")?, unit("643")?, unit("66-SCT")?);
    let commune = tree.communes_within(district).first().context("no commune")?.id;
    officers(app, &tree, commune).await?;
    let place = fill_places(app, &tree, province, commune, places).await?;
    let today = app.clock.today();
    let (db, end) = (open(app).await?, day_number(today));
    db.run(COUNTS, args![end - WEEKS * 7, end]).await?;
    db.run(LAST_DAYS, args![]).await?;
    db.run(DAYS, args![]).await?;
    let mut week = Week::last_closed(today, app.config.week_start());
    for back in 0..WEEKS {
        if back > 0 {
            db.run(QUIET, args![week.from.to_string(), WEEKS - back, back * 2]).await?;
        }
        freeze(app, &tree, week, back).await?;
        week = week.before();
    }
    db.run("UPDATE figure_marks SET mark = 3", args![]).await?;
    jobs::quiet_points::run(app).await?;
    let office = office::fill(app, &db, &tree, province, district).await?;
    if !db.is_lite() {
        db.run("ANALYZE", args![]).await?;
    }
    db.close().await;
    Ok(Units { commune, district, department, province, place, office })
}

/// Past all public functions: what fills millions of rows is of no use elsewhere.
async fn open(app: &App) -> Result<Db> {
    Ok(match &app.config.database_url {
        None => Db::open_file(&Path::new(&app.config.data_dir).join("vaora.sqlite")).await?,
        Some(url) => Db::open_postgres(url, &app.config.database_schema).await?,
    })
}

/// Drops what was made in PostgreSQL.
pub async fn drop_schemas(url: &str, schema: &str) -> Result<()> {
    let db = Db::open_postgres(url, "public").await?;
    for name in [schema.to_owned(), format!("{schema}_keyring"), format!("{schema}_scans")] {
        let sql = format!("DROP SCHEMA IF EXISTS {name} CASCADE").leak();
        db.run(sql, args![]).await?;
    }
    db.close().await;
    Ok(())
}

async fn officers(app: &App, tree: &UnitTree, commune: i64) -> Result<()> {
    let hash = password::hash(PASSWORD.to_owned()).await?;
    for (login, role, office) in OFFICERS {
        let unit_id = tree.by_code(office).map_or(commune, |unit| unit.id);
        let (id, totp_sealed) = totp::for_new_account(&app.keyfile.contact_key, &SECRET)?;
        let account = NewAccount {
            id,
            login: login.to_owned(),
            name: format!("Cán bộ {login}"),
            unit_id,
            password_hash: hash.clone(),
            totp_sealed,
            roles: vec![role.code().to_owned()],
        };
        app.store.add_account(&account, app.now()).await?;
    }
    Ok(())
}

/// Places of all kinds in all communes; answers one of the commune that stands for all.
async fn fill_places(app: &App, tree: &UnitTree, province: i64, commune: i64, count: usize) -> Result<i64> {
    let communes: Vec<i64> = tree.communes_within(province).iter().map(|unit| unit.id).collect();
    let types: Vec<String> = app.store.place_types().await?.into_iter().map(|kind| kind.code).collect();
    let issued = day_start(app.clock.today()) - (WEEKS + 1) * 7 * DAY_MS;
    let mut rows = Vec::with_capacity(count);
    let mut found = 0;
    for number in 0..count {
        let (id, name) = (new_id(), format!("Chợ, quán, trường số {number}"));
        let unit_id = communes[number % communes.len()];
        if unit_id == commune {
            found = id;
        }
        let contact = Contact { name: "Chủ địa điểm".to_owned(), phone: "+84987654321".to_owned() };
        let place = Place {
            id,
            name: name.clone(),
            type_code: types[number / communes.len() % types.len()].clone(),
            unit_id,
            address: format!("Thôn {}", number % 20),
            contact_sealed: seal_contact(app, id, &contact)
                .map_err(|_| anyhow::anyhow!("a contact that cannot be sealed"))?,
            owner_index: vec![0; 16],
            state: "approved".to_owned(),
            return_reason: None,
            registered_at: issued,
            decided_at: Some(issued),
        };
        rows.push((place, fold(&name), Vec::new()));
    }
    app.store.add_approved_places(&rows, || (new_id(), new_code())).await?;
    Ok(found)
}

async fn freeze(app: &App, tree: &UnitTree, week: Week, back: i64) -> Result<()> {
    let periods: Vec<UnitPeriod> = tree
        .valid()
        .map(|unit| UnitPeriod {
            unit_id: unit.id,
            from_on: week.from.to_string(),
            until_on: week.until.to_string(),
            registered: 900 - back * 20,
            live: 600 - back * 15,
            silent: 200 - back * 3,
            never_used: 100 - back * 2,
            new_points: 20,
            population: Some(100_000),
            target: 1000,
            missing: 100 + back * 20,
            scans_in: 50_000,
            scans_out: 30_000,
            frozen_at: app.now(),
        })
        .collect();
    app.store.freeze_unit_periods(&periods).await?;
    Ok(())
}
