//! What half a year of the office's weeks leaves: reports with difficulties and proposals, silent points of the last
//! week, calls for help, campaigns, letters, inspections with findings, and messages.

use anyhow::{Context as _, Result};
use domain::{
    admin_unit::UnitTree,
    period::Week,
    time::{DAY_MS, day_number, day_start},
};
use store::{Db, args, report_periods::ReportPeriod, reports::Report};
use vaora::{app::App, ids::new_id};

/// Weeks of reports, letters and messages.
const WEEKS: i64 = 26;

/// What pages with a name in them are asked for.
pub struct Office {
    /// The last period.
    pub period: i64,
    /// The province's report of it.
    pub report: i64,
    /// A proposal that the Committee has.
    pub proposal: i64,
}

/// Items of every commune's report: a difficulty and a proposal, whose states differ.
const ITEMS: [&str; 2] = [
    "INSERT INTO report_items (id, kind, period_id, unit_id, report_id, root_id, topic, words, state, handling, position,
     made_at) SELECT r.id + 1, 'difficulty', r.period_id, r.unit_id, r.id, r.id + 1, 'network',
     'Sóng di động yếu tại một số thôn, buôn', 'raised', '', 0, r.saved_at FROM reports r WHERE r.level = 'commune'",
    "INSERT INTO report_items (id, kind, period_id, unit_id, report_id, root_id, topic, words, state, handling, office_id,
     due_on, decision, answer, decided_at, position, made_at) SELECT r.id + 2, 'proposal', r.period_id, r.unit_id, r.id,
     r.id + 2, 'devices', 'Cấp máy quét cầm tay cho chợ',
     CASE WHEN r.id % 10 < 2 THEN 'raised' WHEN r.id % 10 < 3 THEN 'sent' WHEN r.id % 10 < 5 THEN 'in_hand' ELSE 'done' END,
     CASE WHEN r.id % 10 < 2 THEN '' ELSE 'Mua 40 máy quét cầm tay' END, CAST($1 AS BIGINT), '2021-12-01',
     CASE WHEN r.id % 10 < 3 THEN NULL ELSE 'accepted' END, 'Chấp thuận theo đề xuất.', r.saved_at, 1, r.saved_at
     FROM reports r WHERE r.level = 'commune'",
];
const STEPS: &str = "INSERT INTO proposal_steps (id, item_id, state, words, made_by, made_at)
     SELECT i.id, i.id, i.state, i.handling, $1, i.made_at FROM report_items i WHERE i.kind = 'proposal'";
/// Points silent at the end of the last week, as they freeze with its figures.
const SILENT: &str = "INSERT INTO frozen_points (from_on, until_on, area_id, place_id, unit_id, code, last_day, hidden)
     SELECT $1, $2, a.id, p.id, p.unit_id, s.code, CASE WHEN a.id % 10 = 9 THEN NULL ELSE CAST($3 AS BIGINT) - a.id % 60 END, 0
     FROM areas a JOIN places p ON p.id = a.place_id JOIN scan_points s ON s.area_id = a.id WHERE a.id % 10 >= 7";
/// A call for help of every fourth place.
const TICKETS: &str = "INSERT INTO tickets (id, place_id, unit_id, office_id, reason, words, state, opened_at, ack_due_on,
     changed_at, solved_at, closed_at) SELECT p.id, p.id, p.unit_id, p.unit_id,
     CASE WHEN p.id % 3 = 0 THEN 'no_network' WHEN p.id % 3 = 1 THEN 'card_not_read' ELSE 'queue_too_long' END,
     'Khách không quét được', CASE WHEN p.id % 5 = 0 THEN 'new' WHEN p.id % 5 = 1 THEN 'taken' ELSE 'closed' END,
     $1 - (p.id % 180) * 86400000, '2021-11-15', $1 - (p.id % 180) * 86400000,
     CASE WHEN p.id % 5 < 2 THEN NULL ELSE $1 END, CASE WHEN p.id % 5 < 2 THEN NULL ELSE $1 END
     FROM places p WHERE p.id % 4 = 0";
/// A campaign of every commune in every fourth week.
const CAMPAIGNS: [&str; 2] = [
    "INSERT INTO campaigns (id, unit_id, title, from_on, until_on, method, places, planned, reached, note, made_by, made_at)
     SELECT u.id + $1, u.id, 'Hướng dẫn quét mã tại chợ', $2, $3, 'training', 'Chợ', 100, 80, '', $4, $5 FROM admin_units u
     WHERE u.level = 'commune'",
    "INSERT INTO campaign_units (campaign_id, unit_id) SELECT u.id + $1, u.id FROM admin_units u WHERE u.level = 'commune'",
];
const LETTER: &str = "INSERT INTO directives (id, unit_id, number, issued_on, issuer, summary, asked, due_on, sent_by, sent_at,
     state) VALUES ($1, $2, '12/UBND', $3, 'UBND tỉnh', 'Đẩy mạnh quét mã QR', 'Rà soát, báo cáo', $3, $4, $5, 'sent')";
const COPIES: &str = "INSERT INTO directive_copies (directive_id, unit_id, from_unit_id, remark, due_on, received_at, read_at,
     acknowledged_at) SELECT $1, u.id, $2, '', $3, $4, CASE WHEN u.id % 5 = 0 THEN NULL ELSE $4 + 1000 END,
     CASE WHEN u.id % 3 = 0 THEN NULL ELSE $4 + 2000 END FROM admin_units u WHERE u.level IN ('district', 'commune')";
/// A visit to every tenth place, most of them done, with a finding at every second.
const INSPECTIONS: [&str; 3] = [
    "INSERT INTO inspections (id, plan_id, place_id, unit_id, inspector_id, day_on, state, score, reasons, root_id, made_at,
     done_on) SELECT p.id, $1, p.id, p.unit_id, $2, $3, CASE WHEN p.id % 50 = 0 THEN 'planned' ELSE 'done' END, 50, 'silent',
     p.id, $4, CASE WHEN p.id % 50 = 0 THEN NULL ELSE $3 END FROM places p WHERE p.id % 10 = 0",
    "INSERT INTO inspection_records (inspection_id, delivery_id, recorded_by, began_at, ended_at, received_at, scans, answers,
     entering, scanning, count_seconds, notes, inspector_title, representative, representative_title, refused_to_sign)
     SELECT i.id, 'bench-' || CAST(i.id AS TEXT), $1, $2, $2 + 900000, $2 + 950000, '[]', '[]', 40, 30, 600, '', '', '', '', 0
     FROM inspections i WHERE i.state = 'done'",
    "INSERT INTO findings (id, root_id, place_id, unit_id, code, note, state, found_on, due_on, answer)
     SELECT i.id, i.id, i.place_id, i.unit_id, 'too_small', '', CASE WHEN i.id % 3 = 0 THEN 'open' ELSE 'closed' END, $1, $1, ''
     FROM inspections i WHERE i.state = 'done' AND i.id % 20 = 0",
];
/// Four messages a week to every office.
const MESSAGES: &str = "INSERT INTO messages (id, dedup_key, unit_id, source, params, href, urgent, made_at)
     SELECT u.id + $1, 'bench-' || CAST(u.id + $1 AS TEXT), u.id, 'Đã quá hạn gửi báo cáo. Hãy gửi ngay trong hôm nay.', '{}',
     '/reports', 0, $2 FROM admin_units u";

/// Fills half a year of the office's weeks.
pub async fn fill(app: &App, db: &Db, tree: &UnitTree, province: i64, district: i64) -> Result<Office> {
    let accounts = app.store.accounts().await?;
    let account = |login: &str| {
        let found = accounts.iter().find(|one| one.login == login).map(|one| one.id);
        found.with_context(|| format!("no account {login}"))
    };
    let (reviewer, officer) = (account("reviewer")?, account("district")?);
    let last = Week::last_closed(app.clock.today(), app.config.week_start());
    let office = reports(app, db, tree, province, (last, reviewer)).await?;
    let today = app.clock.today().to_string();
    let from = last.from.to_string();
    db.run(SILENT, args![&from, last.until.to_string(), day_number(last.until) - 8]).await?;
    db.run(TICKETS, args![app.now()]).await?;
    let plan = "INSERT INTO inspection_plans (id, title, unit_id, from_on, until_on, wanted, random_percent, seed, state, made_by,
                made_at, confirmed_at) VALUES ($1, 'Kiểm tra quý IV', $2, $3, $4, 2000, 20, 7, 'running', $5, $6, $6)";
    let plan_id = new_id();
    db.run(plan, args![plan_id, district, &from, &today, officer, app.now()]).await?;
    let began = app.now() - 20 * DAY_MS;
    db.run(INSPECTIONS[0], args![plan_id, officer, &today, began]).await?;
    db.run(INSPECTIONS[1], args![officer, began]).await?;
    db.run(INSPECTIONS[2], args![&today]).await?;
    for week in 0..WEEKS {
        let at = app.now() - week * 7 * DAY_MS;
        let day = domain::time::local_date(at).to_string();
        for number in 0..4 {
            db.run(MESSAGES, args![1 + week * 4 + number, at - number * 1000]).await?;
        }
        let letter = new_id();
        db.run(LETTER, args![letter, province, &day, reviewer, at]).await?;
        db.run(COPIES, args![letter, province, &day, at]).await?;
        if week % 4 == 0 {
            db.run(CAMPAIGNS[0], args![1 + week, &day, &day, reviewer, at]).await?;
            db.run(CAMPAIGNS[1], args![1 + week]).await?;
        }
    }
    Ok(office)
}

/// Reports of every unit for every week; the last week's wait for the level above.
async fn reports(
    app: &App,
    db: &Db,
    tree: &UnitTree,
    province: i64,
    (last, by): (Week, i64),
) -> Result<Office> {
    let (mut week, mut shown) = (last, None);
    for back in 0..WEEKS {
        let due = week.until.to_string();
        let period = ReportPeriod {
            id: new_id(),
            kind: "weekly".to_owned(),
            title: String::new(),
            from_on: week.from.to_string(),
            until_on: due.clone(),
            commune_due_on: due.clone(),
            district_due_on: due.clone(),
            department_due_on: due.clone(),
            province_due_on: due.clone(),
            opened_at: day_start(week.until),
        };
        let (period, _) = app.store.open_report_period(&period).await?;
        let sent_at = day_start(week.until) + 9 * 3_600_000;
        let report = |unit: &domain::admin_unit::AdminUnit| Report {
            id: new_id(),
            period_id: period.id,
            unit_id: unit.id,
            above_id: unit.parent_id,
            level: unit.level.clone(),
            due_on: due.clone(),
            state: if unit.parent_id.is_none() {
                "draft"
            } else if back == 0 && unit.id % 3 == 0 {
                "submitted"
            } else {
                "accepted"
            }
            .to_owned(),
            version: 1,
            direction: "UBND đã phân công trực hướng dẫn.".to_owned(),
            results: "Số lượt quét tăng ở chợ.".to_owned(),
            support: String::new(),
            next_steps: "Vận động các cơ sở còn lại.".to_owned(),
            saved_at: sent_at,
            first_sent_at: Some(sent_at),
            sent_at: Some(sent_at),
            sent_by: Some(by),
            decided_at: Some(sent_at),
            decided_by: Some(by),
            return_reason: None,
        };
        let rows: Vec<Report> = tree.valid().map(report).collect();
        app.store.add_reports(&rows).await?;
        if back == 0 {
            let own = rows.iter().find(|row| row.unit_id == province).context("no report of the province")?;
            shown = Some((period.id, own.id));
        }
        week = week.before();
    }
    let in_charge = tree.by_code("66-SCT").context("no department")?.id;
    db.run(ITEMS[0], args![]).await?;
    db.run(ITEMS[1], args![in_charge]).await?;
    db.run(STEPS, args![by]).await?;
    let row = db.first("SELECT MAX(id) FROM report_items WHERE state = 'sent'", args![]).await?;
    let proposal = row.context("no proposal")?.get::<Option<i64>>(0)?.context("no proposal was sent")?;
    let (period, report) = shown.context("no week")?;
    Ok(Office { period, report, proposal })
}
