//! The first page: for strangers what this is, for officers what waits for them now.

use std::collections::{BTreeMap, HashMap};

use axum::{extract::State, response::IntoResponse};
use domain::{
    admin_unit::UnitTree,
    coverage::Coverage,
    look::{Look, Looks},
    role::Role,
};
use minijinja::{Value, context};
use store::home_looks::HomeLooks;

use crate::{
    app::App,
    auth::Officer,
    error::Result,
    figures::{self, is_department},
    keys::roster,
    page::Page,
    web::{
        demo_sign_in, devices, directives, guidance, inbox, inspections, point_tasks, reports,
        task::{Task, Tone},
    },
};

/// Unread messages shown on the first page.
const NEWS_MAX: i64 = 5;

/// Shows the first page.
///
/// # Errors
/// When the store fails.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let Some(officer) = page.officer.clone() else {
        let sample = if app.config.demo { app.store.setting("demo_poster").await? } else { None };
        let values = context! { demo_logins => demo_sign_in::list(&app, &page).await?, sample };
        return Ok(page.show("welcome.html", values).await?.into_response());
    };
    let mut tasks = Vec::new();
    place_tasks(&app, &page, &officer, &mut tasks).await?;
    door_tasks(&app, &page, &officer, &mut tasks).await?;
    reports::tasks(&app, &page, &officer, &mut tasks).await?;
    inspections::tasks(&app, &page, &officer, &mut tasks).await?;
    guidance::tasks(&app, &page, &officer, &mut tasks).await?;
    directives::tasks(&app, &page, &officer, &mut tasks).await?;
    opening_tasks(&app, &page, &officer, &mut tasks).await?;
    setup_tasks(&app, &page, &officer, &mut tasks).await?;
    let looks = look(&app, &officer, &tasks).await?;
    let news = app.store.inbox(officer.id, officer.inbox_unit(), NEWS_MAX, 0).await?;
    let news: Vec<Value> = news
        .iter()
        .filter(|one| one.read_at.is_none())
        .map(|one| inbox::view(&app, page.lang, one))
        .collect();
    let values = context! {
        tasks => tasks.iter().map(|task| task.view(looks.change(&task.kind))).collect::<Vec<_>>(),
        looked_before => (looks.before.at > 0).then_some(looks.before.at),
        news, name => officer.name,
    };
    page.show("home.html", values).await
}

/// Keeps this look and compares it with the sitting before.
async fn look(app: &App, officer: &Officer, tasks: &[Task]) -> Result<Looks> {
    let kept = app.store.home_looks(officer.id).await?;
    let looks = kept.map_or_else(Looks::default, |kept| Looks {
        before: Look { at: kept.before_at, counts: counts_of(&kept.before_counts) },
        latest: Look { at: kept.looked_at, counts: counts_of(&kept.counts) },
    });
    let counts = tasks.iter().map(|task| (task.kind.clone(), task.count)).collect();
    let looks = looks.and_then(Look { at: app.now(), counts });
    let row = HomeLooks {
        before_at: looks.before.at,
        before_counts: text_of(&looks.before),
        looked_at: looks.latest.at,
        counts: text_of(&looks.latest),
    };
    app.store.keep_home_looks(officer.id, &row).await?;
    Ok(looks)
}

/// Counts as they are stored: a line each, the number first.
fn text_of(look: &Look) -> String {
    look.counts.iter().map(|(kind, count)| format!("{count} {kind}\n")).collect()
}

fn counts_of(text: &str) -> BTreeMap<String, i64> {
    let line = |line: &str| {
        let (count, kind) = line.split_once(' ')?;
        Some((kind.to_owned(), count.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

async fn place_tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if !officer.roles.iter().any(|role| role.sees_coverage()) {
        return Ok(());
    }
    let tree = app.tree().await?;
    let root = officer.root(&tree);
    let of_department = is_department(&tree, root);
    let waiting = app.store.submitted_places().await?;
    let waiting = waiting.iter().filter(|place| tree.is_within(place.unit_id, root)).count();
    if waiting > 0 && !of_department && officer.has(Role::UnitOfficer) {
        let count = i64::try_from(waiting).unwrap_or(0);
        tasks.push(Task::new(
            page,
            count,
            "{n} địa điểm chờ duyệt",
            format!("/places?unit={root}&show=submitted"),
            Tone::Warn,
        ));
    }
    let c = figures::on(app, app.clock.today()).await?.of(&tree, root);
    if c.missing > 0 {
        tasks.push(Task::new(
            page,
            c.missing,
            "Còn thiếu {n} điểm quét so với chỉ tiêu",
            format!("/coverage/{root}"),
            Tone::Bad,
        ));
    }
    let before = tasks.len();
    point_tasks::tasks(app, page, officer, tasks).await?;
    // Where silent points are tasks already, one line is enough.
    if tasks.len() == before {
        let tone = if officer.has(Role::CommitteeReader) { Tone::Info } else { Tone::Warn };
        quiet_points(page, root, &c, tone, tasks);
    }
    tasks.push(Task::new(
        page,
        c.live,
        "{n} điểm đang hoạt động trong 7 ngày qua",
        format!("/places?unit={root}&show=live"),
        Tone::Good,
    ));
    tasks.push(Task::new(page, 1, "Số liệu của tuần, đổi từng ngày", format!("/weekly/{root}"), Tone::Info));
    Ok(())
}

fn quiet_points(page: &Page, root: i64, c: &Coverage, tone: Tone, tasks: &mut Vec<Task>) {
    for (n, words, show) in [
        (c.silent, "{n} điểm im lặng hơn 7 ngày", "silent"),
        (c.never_used, "{n} điểm chưa từng có lượt quét", "never"),
    ] {
        if n > 0 {
            tasks.push(Task::new(page, n, words, format!("/places?unit={root}&show={show}"), tone));
        }
    }
}

/// What waits at the doors of the officer's unit: scans of revoked devices, oddities, posters, devices.
async fn door_tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    if !officer.has(Role::UnitOfficer) {
        return Ok(());
    }
    let tree = app.tree().await?;
    let root = officer.root(&tree);
    let mine = |unit_id: i64| tree.is_within(unit_id, root);
    let count = |n: usize| i64::try_from(n).unwrap_or(0);
    let waiting: i64 = app
        .store
        .quarantine_counts()
        .await?
        .iter()
        .filter(|one| mine(one.unit_id))
        .map(|one| one.scans)
        .sum();
    let posters = app.store.open_poster_reports().await?.iter().filter(|one| mine(one.unit_id)).count();
    let now = app.now();
    let troubled = app.store.gates_in_use().await?;
    let troubled = troubled
        .iter()
        .filter(|(gate, _, _, unit_id)| gate.revoked_at.is_none() && mine(*unit_id))
        .filter(|(gate, ..)| !devices::facts(gate, now).troubles.is_empty())
        .count();
    let odd = unseen_oddities(app, &tree, root).await?;
    for (n, words, href) in [
        (waiting, "{n} lượt của máy đã thu hồi chờ anh/chị quyết định", "/devices"),
        (count(posters), "{n} áp phích bị khách báo sai hoặc hỏng", "/odd"),
        (odd, "{n} điều bất thường chưa xem", "/odd"),
        (count(troubled), "{n} máy ở cổng cần xem lại", "/devices"),
    ] {
        if n > 0 {
            tasks.push(Task::new(page, n, words, href, Tone::Warn));
        }
    }
    Ok(())
}

async fn unseen_oddities(app: &App, tree: &UnitTree, root: i64) -> Result<i64> {
    let since = domain::time::day_number(app.clock.today()) - 6;
    let odd = app.store.oddities_since(since).await?;
    // Every area of the province is read for these alone, and mostly there are none.
    if odd.iter().all(|one| one.seen_at.is_some()) {
        return Ok(0);
    }
    let units: HashMap<i64, i64> = app.store.area_units().await?.into_iter().collect();
    let unseen = odd.iter().filter(|one| {
        one.seen_at.is_none() && units.get(&one.area_id).is_some_and(|unit| tree.is_within(*unit, root))
    });
    Ok(i64::try_from(unseen.count()).unwrap_or(0))
}

async fn opening_tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    let count = |n: usize| i64::try_from(n).unwrap_or(0);
    if officer.has(Role::Approver) {
        let waiting = app.store.openings_in_state("requested").await?;
        let waiting = waiting.iter().filter(|opening| opening.requested_by != officer.id).count();
        tasks.push(Task::new(
            page,
            count(waiting),
            "{n} yêu cầu mở dữ liệu chờ anh/chị duyệt",
            "/openings",
            if waiting > 0 { Tone::Warn } else { Tone::Good },
        ));
    }
    if officer.has(Role::KeyOfficer) {
        let approved = app.store.openings_in_state("approved").await?.len();
        tasks.push(Task::new(
            page,
            count(approved),
            "{n} yêu cầu đã duyệt chờ người giữ khóa",
            "/openings",
            if approved > 0 { Tone::Warn } else { Tone::Good },
        ));
    }
    if officer.has(Role::KeyOfficer) || officer.has(Role::Approver) {
        let open = app.sittings.all(app).await?.len();
        if open > 0 {
            tasks.push(Task::new(
                page,
                count(open),
                "{n} phiên hỏi dữ liệu đang mở",
                "/openings#sittings",
                Tone::Info,
            ));
        }
    }
    if officer.has(Role::Tracer) {
        tasks.push(Task::new(page, 1, "Mở ca bệnh mới và tìm người tiếp xúc", "/cases/new", Tone::Info));
    }
    if officer.has(Role::Auditor) {
        tasks.push(Task::new(page, 1, "Xem ai đã mở dữ liệu, để làm gì", "/log", Tone::Info));
    }
    Ok(())
}

async fn setup_tasks(app: &App, page: &Page, officer: &Officer, tasks: &mut Vec<Task>) -> Result<()> {
    let ready = roster::verified(&app.store).await?.is_some();
    if !ready && officer.has(Role::KeyOfficer) {
        tasks.push(Task::new(
            page,
            1,
            "Hệ thống chưa mở: tạo khóa và ký danh sách người giữ khóa",
            "/keys",
            Tone::Bad,
        ));
    }
    if officer.has(Role::Administrator) {
        if !ready {
            tasks.push(Task::new(
                page,
                1,
                "Hệ thống chưa mở: hãy mời ít nhất hai người giữ khóa",
                "/accounts",
                Tone::Bad,
            ));
        }
        tasks.push(Task::new(page, 1, "Tài khoản và lời mời", "/accounts", Tone::Info));
    }
    Ok(())
}
