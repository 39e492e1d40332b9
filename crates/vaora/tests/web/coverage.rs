//! Coverage: figures against counts made anew here, levels of distancing, who may set them.

use domain::{coverage::target_points, role::Role};
use serde_json::Value;

use crate::common::{TestApp, client::Client, places::Open, scans::typed};

async fn figures(client: &mut Client, unit: &str) -> Value {
    client.get(&format!("/api/v1/coverage?unit={unit}")).await.is(200).json()
}

fn numbers(unit: &Value) -> [i64; 6] {
    ["target", "registered", "live", "silent", "never_used", "missing"]
        .map(|name| unit[name].as_i64().unwrap())
}

/// Three points of the home commune: one scanned today, one 7 days before, one never; one point elsewhere.
async fn points(app: &TestApp) -> Vec<Open> {
    app.ceremony().await;
    let mut places = Vec::new();
    for name in ["Chợ", "Quán", "Trường"] {
        places.push(app.place(name).await);
    }
    places.push(app.place_in("Nơi khác", app.elsewhere().await).await);
    let mut silent = app.gate(&places[1]).await;
    typed(app, &mut silent, "in", "Nguyễn Văn A", "0912345678").await;
    app.days_pass(7);
    let mut live = app.gate(&places[0]).await;
    typed(app, &mut live, "in", "Nguyễn Văn A", "0912345678").await;
    places
}

async fn code(app: &TestApp, unit: i64) -> String {
    app.tree().await.get(unit).unwrap().code.clone()
}

/// Target of the communes below a unit, from the populations in use.
async fn target(app: &TestApp, unit: i64) -> i64 {
    let tree = app.tree().await;
    let communes: Vec<i64> = tree.communes_within(unit).iter().map(|commune| commune.id).collect();
    let populations = app.app.store.preferred_populations().await.unwrap();
    let own = populations.iter().filter(|figure| communes.contains(&figure.unit_id));
    own.map(|figure| target_points(figure.population)).sum()
}

on_both! {
    async fn figures_agree_with_counts_made_anew(app) {
        points(&app).await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        let home = app.home().await;
        let commune = figures(&mut reviewer, &code(&app, home).await).await;
        let goal = target(&app, home).await;
        assert!(goal > 0);
        assert_eq!(numbers(&commune["unit"]), [goal, 3, 1, 1, 1, goal - 3]);
        let district = figures(&mut reviewer, "643").await;
        let goal = target(&app, app.unit("643").await).await;
        assert_eq!(numbers(&district["unit"])[..5], [goal, 3, 1, 1, 1]);
        let province = figures(&mut reviewer, "66").await;
        let goal = target(&app, app.unit("66").await).await;
        assert_eq!(numbers(&province["unit"])[..5], [goal, 4, 1, 1, 2]);
        // What stands above is the sum of what stands below.
        for whole in [district, province] {
            let parts = whole["parts"].as_array().unwrap();
            for at in 0..6 {
                assert_eq!(parts.iter().map(|part| numbers(part)[at]).sum::<i64>(), numbers(&whole["unit"])[at]);
            }
        }
    }

    async fn the_page_leads_to_the_list_of_each_figure(app) {
        points(&app).await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let home = app.home().await;
        officer.get(&format!("/coverage/{home}")).await.is(200);
        for (show, there, not) in [
            ("live", "Chợ", "Quán"),
            ("silent", "Quán", "Trường"),
            ("never", "Trường", "Quán"),
            ("all", "Trường", "Nơi khác"),
        ] {
            let csv = officer.get(&format!("/places?unit={home}&show={show}&export=csv")).await.is(200).text();
            assert!(csv.contains(there) && !csv.contains(not), "{show}: {csv}");
            officer.get(&format!("/places?unit={home}&show={show}")).await.is(200);
        }
        let found = officer.get(&format!("/places?unit={home}&show=all&q=truong")).await.is(200).words();
        assert!(found.contains("Trường") && !found.contains("Quán"), "{found}");
    }

    async fn directive_16_suspends_the_target_from_its_day(app) {
        points(&app).await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        let home = app.home().await;
        let (district, path) = (app.unit("643").await, format!("/coverage/{home}/distancing"));
        let code = code(&app, home).await;
        let goal = target(&app, home).await;
        let whole = target(&app, district).await;
        let today = app.clock.today();
        let tomorrow = domain::time::date_of_day_number(domain::time::day_number(today) + 1).to_string();
        let level = |from: &str, until: &str| {
            [("level", "ct16".to_owned()), ("from_on", from.to_owned()), ("until_on", until.to_owned()), ("source", "CT 16/CT-TTg".to_owned())]
        };
        let later = domain::time::date_of_day_number(domain::time::day_number(today) + 3).to_string();
        let form = level(&tomorrow, &later);
        let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        reviewer.post(&path, &fields).await.is(303);
        assert_eq!(figures(&mut reviewer, &code).await["unit"]["target"], goal);
        app.days_pass(1);
        let during = figures(&mut reviewer, &code).await;
        assert_eq!((&during["unit"]["target"], &during["unit"]["missing"]), (&0.into(), &0.into()));
        assert_eq!(during["unit"]["registered"], 3);
        assert_eq!(figures(&mut reviewer, "643").await["unit"]["target"], whole - goal);
        app.days_pass(2);
        assert_eq!(figures(&mut reviewer, &code).await["unit"]["target"], goal, "the last day is over");
    }

    async fn a_level_needs_its_words_and_its_office(app) {
        let mut reviewer = app.officer(Role::Reviewer).await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let path = format!("/coverage/{}/distancing", app.home().await);
        let good = [("level", "ct16"), ("from_on", "2021-11-10"), ("until_on", ""), ("source", "CT 16/CT-TTg")];
        officer.post(&path, &good).await.is(404);
        app.stranger().post(&path, &good).await.is(303);
        for (at, value, words) in [
            (0, "lockdown", "Hãy chọn cấp độ giãn cách."),
            (1, "mai", "Hãy nhập ngày bắt đầu."),
            (2, "2021-11-10", "Ngày kết thúc phải sau ngày bắt đầu."),
            (3, "", "Hãy ghi văn bản làm căn cứ."),
        ] {
            let mut form = good;
            form[at].1 = value;
            reviewer.refused(&path, &form, words).await;
        }
        let home = app.home().await;
        let levels = app.app.store.distancing_levels().await.unwrap();
        assert!(!levels.iter().any(|level| level.unit_id == home));
    }

    async fn a_unit_outside_the_subtree_does_not_exist(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        let other = app.elsewhere().await;
        officer.get(&format!("/coverage/{other}")).await.is(404);
        officer.get(&format!("/weekly/{other}")).await.is(404);
        officer.get(&format!("/api/v1/coverage?unit={}", code(&app, other).await)).await.is(404);
        officer.get("/api/v1/coverage?unit=66").await.is(404);
        officer.get("/api/v1/coverage?unit=99999").await.is(404);
        let own = officer.get("/api/v1/coverage").await.is(200).json();
        assert_eq!(own["unit"]["code"], code(&app, app.home().await).await);
    }
}
