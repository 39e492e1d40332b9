//! The province at its real size, and how long the server takes for each page of each role.
//!
//! 184 communes, 19,000 places with a point each, 26 weeks of counts for every point, in and out, frozen figures
//! of every unit and the weeks in which points were silent; reports with difficulties and proposals, calls for help,
//! campaigns, letters, inspections and messages of half a year. No sealed scans: no page reads them. Each page is
//! asked for once and then [`ROUNDS`] times, in process, with the session, the officer and the template as in
//! service; while it is measured nothing else runs. A new page is a line in [`PAGES`].
//!
//! `cargo xtask bench pages`, or
//! `cargo run --profile measured -p vaora --example bench_pages [PLACES]` (SQLite; and PostgreSQL where
//! `VAORA_TEST_PG` names one). Times are printed, never judged.

mod office;
mod province;
mod visitor;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::runtime::Builder;
use vaora::{app::App, bootstrap, clock::Clock, config::Config, router::router};

use self::{
    province::{PLACES, Units},
    visitor::Visitor,
};

/// How often each page is measured after it was loaded once.
const ROUNDS: usize = 15;
/// Longest that a page should take.
const GOAL: Duration = Duration::from_millis(100);

/// Login of an officer, and paths. `{unit}` is the officer's own unit, `{commune}`, `{district}`, `{province}` and
/// `{department}` are units that stand for their level, `{place}` is a place.
const PAGES: &[(&str, &[&str])] = &[
    (
        "commune",
        &[
            "/",
            "/coverage/{commune}",
            "/coverage/{commune}/tasks",
            "/coverage/{commune}/screen",
            "/coverage/{commune}/export?of=types&format=csv",
            "/places?unit={commune}&show=submitted",
            "/places?unit={commune}&show=all",
            "/places?unit={commune}&show=silent",
            "/places/{place}",
            "/weekly/{commune}",
            "/cards",
            "/devices",
            "/odd",
            "/imports",
            "/telephone",
            "/inspections",
            "/support",
            "/campaigns",
            "/reports",
            "/proposals",
            "/directives",
            "/messages",
        ],
    ),
    (
        "district",
        &[
            "/",
            "/coverage/{district}",
            "/coverage/{district}/tasks",
            "/coverage/{district}/screen",
            "/places?unit={district}&show=submitted",
            "/places?unit={district}&show=all",
            "/weekly/{district}",
            "/cards",
            "/devices",
            "/odd",
            "/imports",
            "/inspections",
            "/support",
            "/campaigns",
            "/reports",
            "/proposals",
            "/directives",
            "/messages",
        ],
    ),
    (
        "department",
        &[
            "/",
            "/coverage/{department}",
            "/coverage/{department}/tasks",
            "/places?unit={department}&show=all",
            "/places?unit={department}&show=silent",
            "/weekly/{department}",
            "/inspections",
            "/support",
            "/campaigns",
            "/reports",
            "/proposals",
            "/directives",
            "/messages",
        ],
    ),
    (
        "reviewer",
        &[
            "/",
            "/coverage/{province}",
            "/coverage/{province}?sort=missing",
            "/coverage/{province}/tasks",
            "/coverage/{province}/tasks?show=often",
            "/coverage/{province}/screen",
            "/coverage/{province}/export?of=communes&format=csv",
            "/coverage/{province}/export?of=communes&format=xlsx",
            "/coverage/{district}",
            "/coverage/{commune}",
            "/coverage/{department}",
            "/places?unit={province}&show=submitted",
            "/places?unit={province}&show=all",
            "/places?unit={province}&show=silent&q=cho",
            "/places?unit={province}&show=all&sort=commune",
            "/places/{place}",
            "/weekly/{province}",
            "/weekly/{province}?week={older}",
            "/weekly/{district}",
            "/cards",
            "/devices",
            "/odd",
            "/api/v1/coverage",
            "/api/v1/places",
            "/inspections",
            "/support",
            "/campaigns",
            "/reports",
            "/proposals",
            "/directives",
            "/messages",
            "/inspections/ratios",
            "/reports/templates",
            "/reports/signer",
            "/reports?period={period}",
            "/reports/{report}",
            "/reports/{report}/document",
            "/reports/{report}/silent",
            "/reports/{report}/silent?page=40",
            "/reports/items?period={period}&kind=proposal",
            "/proposals?show=ended",
            "/proposals/{proposal}",
        ],
    ),
    (
        "committee",
        &[
            "/",
            "/coverage/{province}",
            "/coverage/{province}/screen",
            "/places?unit={province}&show=all",
            "/weekly/{province}",
            "/inspections",
            "/reports",
            "/reports/{report}/document",
            "/proposals",
            "/proposals?show=sent",
            "/proposals/{proposal}",
            "/directives",
            "/messages",
        ],
    ),
    ("tracer", &["/", "/cases", "/cases/new"]),
    ("approver", &["/", "/openings"]),
    ("auditor", &["/", "/log"]),
    ("administrator", &["/", "/accounts"]),
    ("stranger", &["/", "/privacy", "/login", "/owner"]),
];

fn main() -> Result<()> {
    let places = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => PLACES,
    };
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let config = Config { data_dir: folder.path().join("data"), ..Config::default() };
    runtime.block_on(measure("SQLite", config, places))?;
    if let Ok(url) = std::env::var("VAORA_TEST_PG") {
        let schema = format!("bench_pages_{:016x}", rand::random::<u64>());
        let folder = tempfile::tempdir()?;
        let config = Config {
            data_dir: folder.path().join("data"),
            database_url: Some(url.clone()),
            database_schema: schema.clone(),
            ..Config::default()
        };
        let outcome = runtime.block_on(measure("PostgreSQL", config, places));
        runtime.block_on(province::drop_schemas(&url, &schema))?;
        outcome?;
    }
    Ok(())
}

async fn measure(database: &str, config: Config, places: usize) -> Result<()> {
    let begun = Instant::now();
    let app = bootstrap::open(config, Clock::default()).await?;
    let units = province::fill(&app, places).await?;
    eprintln!("{database}: filled in {} s", begun.elapsed().as_secs());
    println!("\n{database}, {places} places, milliseconds: first load, then median and worst of {ROUNDS}\n");
    println!("| who | page | first | median | worst | KB |\n| --- | --- | ---: | ---: | ---: | ---: |");
    let mut slow = 0;
    for (login, paths) in PAGES {
        let mut visitor = Visitor::new(router(&app));
        if *login != "stranger" {
            visitor.sign_in(&app, login).await?;
        }
        for path in *paths {
            slow += usize::from(page(&app, &mut visitor, login, path, &units).await? > GOAL);
        }
    }
    println!("\n{slow} pages over {} ms", GOAL.as_millis());
    app.scanlog.close().await;
    app.store.close().await;
    Ok(())
}

/// Measures one page; answers its median.
async fn page(app: &App, visitor: &mut Visitor, login: &str, path: &str, units: &Units) -> Result<Duration> {
    let filled = units.fill(path, app.clock.today());
    let mut first = Duration::ZERO;
    let (mut times, mut bytes) = (Vec::new(), 0);
    for round in 0..=ROUNDS {
        let begun = Instant::now();
        let (status, body) = visitor.get(&filled).await?;
        let took = begun.elapsed();
        ensure!(status == 200, "{filled} by {login}: {status}");
        bytes = body.len();
        if round == 0 {
            first = took;
        } else {
            times.push(took);
        }
    }
    times.sort_unstable();
    let (median, worst) = (times[ROUNDS / 2], times[ROUNDS - 1]);
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    println!("| {login} | `{path}` | {} | {} | {} | {} |", ms(first), ms(median), ms(worst), bytes / 1024);
    Ok(median)
}
