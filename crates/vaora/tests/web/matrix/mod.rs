//! Roles × routes × units: every page and form about a thing of one unit, by officers of that unit, beside it,
//! above it and elsewhere. A route without a row, or a row without a cell, fails.

mod ground;
mod rows;

use std::collections::BTreeSet;

use domain::role::Role;

use crate::common::{TestApp, client::Client, source};
use ground::Ground;
use rows::{ELSEWHERE, FORM, ONCE, ROWS};

/// Officers by where they sit, in the order of a row's cells.
pub const WHO: [&str; 8] = [
    "own commune",
    "sister commune",
    "district above",
    "other district",
    "department in charge",
    "other department",
    "Sở TTTT",
    "Committee",
];

/// Everybody of [`WHO`], signed in.
async fn everybody(app: &TestApp) -> Vec<Client> {
    let tree = app.tree().await;
    let district = tree.by_code("643").unwrap().id;
    let sister = tree.communes_within(district)[1].id;
    let offices = [
        ("xa", Role::UnitOfficer, app.home().await),
        ("xa.ben", Role::UnitOfficer, sister),
        ("huyen", Role::UnitOfficer, district),
        ("huyen.khac", Role::UnitOfficer, app.unit("644").await),
        ("so", Role::UnitOfficer, app.unit("66-SNV").await),
        ("so.khac", Role::UnitOfficer, app.unit("66-SXD").await),
        ("sotttt", Role::Reviewer, app.unit("66-STTTT").await),
        ("ubnd", Role::CommitteeReader, app.unit("66-UBND").await),
    ];
    let mut all = Vec::new();
    for (login, role, unit) in offices {
        all.push(app.officer_at(login, role, unit).await);
    }
    all
}

/// True for routes about a thing of a unit that officers work with.
fn is_about_a_thing(route: &str) -> bool {
    let (_, path) = route.split_once(' ').unwrap();
    path.contains('{') && !ELSEWHERE.iter().any(|prefix| path.starts_with(prefix))
}

#[test]
fn no_route_is_without_a_row() {
    let ours: BTreeSet<String> =
        source::routes().into_iter().filter(|route| is_about_a_thing(route)).collect();
    let listed: BTreeSet<String> = ROWS.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(listed, ours);
    assert_eq!(listed.len(), ROWS.len(), "a route stands twice");
    for (route, cells) in ROWS {
        assert_eq!(cells.len(), WHO.len(), "{route}");
        assert!(cells.chars().all(|cell| "+-".contains(cell)), "{route}");
    }
}

/// Sends what a row asks for; for a form, one that says too little to do anything.
async fn ask(client: &mut Client, method: &str, path: &str) -> u16 {
    let answer = if method == "GET" { client.get(path).await } else { client.post(path, FORM).await };
    assert!(answer.status < 500, "{method} {path}: {}", answer.words());
    answer.status
}

on_both! {
    async fn each_thing_is_open_to_the_units_it_concerns(app) {
        app.ceremony().await;
        let ground = Ground::new(&app).await;
        let mut all = everybody(&app).await;
        let mut wrong = Vec::new();
        // Strangers to a thing first: what they may not do must not have happened when the others come.
        for cell in ['-', '+'] {
            for (route, cells) in ROWS {
                let (method, path) = route.split_once(' ').unwrap();
                let path = ground.fill(path);
                let mut done = 0;
                for ((who, client), expected) in WHO.iter().zip(&mut all).zip(cells.chars()) {
                    if expected != cell {
                        continue;
                    }
                    let status = ask(client, method, &path).await;
                    done += usize::from(cell == '+');
                    if done > 1 && ONCE.contains(route) {
                        continue;
                    }
                    if (status == 404) != (cell == '-') {
                        wrong.push(format!("{route} by {who}: {status}, expected {cell}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
