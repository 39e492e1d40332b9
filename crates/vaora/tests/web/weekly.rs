//! The weekly figure against counts made anew here, as page, PDF and DOCX.

use domain::role::Role;
use serde_json::json;

use crate::common::{
    TestApp,
    client::{Answer, Client},
    scans::{post, scan},
};

/// Posts many scans of one kind at once.
async fn many(app: &TestApp, gate: &mut Client, kind: &str, count: usize) {
    let scans: Vec<_> = (0..count)
        .map(|number| {
            let phone = format!("0912{number:06}");
            scan(app, json!({ "kind": kind, "typed": { "name": "Trần Văn Đông", "phone": phone } }))
        })
        .collect();
    post(gate, &scans).await.is(200);
}

/// The clock stands on Wednesday 10 November 2021. 11 in on that day belong to the week of Friday 5 to Thursday
/// 11; the week of 12 to 18 then has 37 in and 26 out, and one new point.
async fn two_weeks(app: &TestApp) {
    app.ceremony().await;
    let place = app.place("Chợ").await;
    let mut gate = app.gate(&place).await;
    many(app, &mut gate, "in", 11).await;
    app.days_pass(3);
    app.place("Quán Mới").await;
    many(app, &mut gate, "in", 37).await;
    many(app, &mut gate, "out", 26).await;
    let other = app.place_in("Nơi khác", app.elsewhere().await).await;
    let mut far = app.gate(&other).await;
    many(app, &mut far, "in", 500).await;
}

fn says(page: &Answer, numbers: &[&str]) {
    let words = page.words();
    for number in numbers {
        let alone = words.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '+' && c != '-');
        assert!(
            alone.map(|word| word.trim_matches('.')).any(|word| word == *number),
            "no {number} in: {words}"
        );
    }
}

on_both! {
    async fn figures_agree_with_counts_made_anew(app) {
        two_weeks(&app).await;
        app.days_pass(7);
        let mut officer = app.officer(Role::UnitOfficer).await;
        let home = app.home().await;
        // Without a week, the last closed one: 12 to 18 November.
        let page = officer.get(&format!("/weekly/{home}")).await.is(200);
        says(&page, &["63", "37", "26", "+52"]);
        assert!(page.words().contains("12/11/2021") && page.words().contains("18/11/2021"), "{}", page.words());
        assert_eq!(officer.get(&format!("/weekly/{home}?week=2021-11-15")).await.is(200).words(), page.words());
        let before = officer.get(&format!("/weekly/{home}?week=2021-11-11")).await.is(200);
        says(&before, &["11"]);
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        says(&district.get(&format!("/weekly/{}", app.unit("643").await)).await.is(200), &["63", "37", "26"]);
        let mut reviewer = app.officer(Role::Reviewer).await;
        says(&reviewer.get(&format!("/weekly/{}", app.unit("66").await)).await.is(200), &["563", "537", "26"]);
    }

    async fn documents_are_made_with_number_and_day_left_blank(app) {
        two_weeks(&app).await;
        app.days_pass(7);
        let mut officer = app.officer(Role::UnitOfficer).await;
        let path = format!("/weekly/{}", app.home().await);
        let pdf = officer.get(&format!("{path}/report.pdf")).await.is(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
        assert_eq!(pdf.header("content-type"), "application/pdf");
        let docx = officer.get(&format!("{path}/report.docx")).await.is(200);
        assert!(docx.bytes.starts_with(b"PK"));
        assert_eq!(officer.get(&format!("{path}/report.pdf")).await.is(200).bytes.len(), pdf.bytes.len());
    }

    async fn a_week_that_is_no_day_is_refused_in_words(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        let answer = officer.get(&format!("/weekly/{}?week=soon", app.home().await)).await.is(422);
        assert!(answer.words().contains("năm-tháng-ngày"), "{}", answer.words());
        officer.get(&format!("/weekly/{}?week=2019-02-30", app.home().await)).await.is(422);
    }

    async fn a_week_without_scans_says_so_and_breaks_nothing(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        let path = format!("/weekly/{}", app.home().await);
        officer.get(&path).await.is(200);
        officer.get(&format!("{path}/report.pdf")).await.is(200);
    }

    async fn figures_stay_the_same_after_a_restart(app) {
        two_weeks(&app).await;
        let app = app.restart().await;
        app.days_pass(7);
        let mut officer = app.officer(Role::UnitOfficer).await;
        says(&officer.get(&format!("/weekly/{}", app.home().await)).await.is(200), &["63", "37", "26"]);
    }
}
