//! One thing of each kind in the home commune, for the matrix to ask for.

use domain::{role::Role, time::day_number};
use store::{oddities::Oddity, place_batches::PlaceBatch, point_weeks::QuietSpell, quarantine::Quarantined};
use vaora::{
    gate,
    ids::{new_id, new_token},
};

use crate::common::TestApp;

/// What stands for each `{name}` of a route, by what comes before it.
pub struct Ground {
    values: Vec<(&'static str, String)>,
}

impl Ground {
    /// Makes the things.
    pub async fn new(app: &TestApp) -> Self {
        let (home, now) = (app.home().await, app.clock.now());
        let place = app.place("Trụ sở UBND phường").await;
        let second = app.place("Nhà văn hóa buôn Kô Siêr").await;
        let waiting = app.waiting_place("Quán Chờ Duyệt", home).await;
        let (sheet, card) = app.card(home).await;
        let store = &app.app.store;
        let gate_id = new_id();
        let hash = gate::hash(&app.app, &new_token());
        store.add_gate(gate_id, place.area_id, "Cổng chính", hash, now + 60_000, now).await.unwrap();
        let held = Quarantined {
            event_id: vec![7; 16],
            gate_id,
            captured_at: now,
            offset_ms: None,
            received_at: now,
            reason: "revoked".to_owned(),
            sealed: vec![7; 200],
        };
        store.quarantine(&[held]).await.unwrap();
        let batch =
            PlaceBatch { id: new_id(), unit_id: home, made_at: now, places: 0, undone_at: None, scans: 0 };
        store.add_place_batch(&batch, 0, &[], || (new_id(), String::new())).await.unwrap();
        let day = day_number(app.app.clock.today());
        let odd = Oddity {
            event_day: day,
            area_id: place.area_id,
            kind: "burst".to_owned(),
            scans: 30,
            first_at: now,
            last_at: now,
            seen_at: None,
        };
        store.add_oddities(&[odd]).await.unwrap();
        let task = new_id();
        let spell = QuietSpell { area_id: place.area_id, in_a_row: 1, weeks: 1, never_used: true };
        store.weigh_point_tasks("2021-11-10", "2021-11-04", &[spell], || task).await.unwrap();
        let campaign = crate::guidance::a_campaign(app).await;
        let ticket = crate::guidance::a_ticket(app, &place).await;
        let letter = crate::directives::a_letter(app).await;
        app.account("thanhtra", &[Role::UnitOfficer], home).await;
        let seen = crate::inspections::seen(app, &place, "thanhtra").await;
        let reports = app.report_things().await;
        Self {
            values: vec![
                ("/reports/items/{item}", format!("/reports/items/{}", reports.merged)),
                ("/reports/{id}", format!("/reports/{}", reports.report)),
                ("/issued/{issued}", format!("/issued/{}", reports.issued)),
                ("/{file}", "/pdf".to_owned()),
                ("/proposals/{id}", format!("/proposals/{}", reports.proposal)),
                ("/coverage/{id}/export", format!("/coverage/{home}/export?of=types&format=csv")),
                ("/tasks/{task}", format!("/tasks/{task}")),
                ("/campaigns/{id}", format!("/campaigns/{campaign}")),
                ("/support/faq/{id}", "/support/faq/77".to_owned()),
                ("/support/{id}", format!("/support/{ticket}")),
                ("/directives/{id}", format!("/directives/{letter}")),
                ("/plans/{id}", format!("/plans/{}", seen.plan)),
                ("/suspensions/{id}", format!("/suspensions/{}", seen.suspension)),
                ("/inspections/findings/{id}", format!("/inspections/findings/{}", seen.finding)),
                ("/inspections/{id}/record", format!("/inspections/{}/record", seen.planned)),
                ("/inspections/{id}", format!("/inspections/{}", seen.done)),
                ("/photos/{number}", "/photos/1".to_owned()),
                ("/places/{id}/approve", format!("/places/{waiting}/approve")),
                ("/places/{id}/return", format!("/places/{waiting}/return")),
                ("/areas/{area}/retire", format!("/areas/{}/retire", place.area_id)),
                ("/areas/{area}", format!("/areas/{}", place.area_id)),
                ("/gates/{gate}", format!("/gates/{gate_id}")),
                ("/odd/posters/{id}", format!("/odd/posters/{}", place.id)),
                ("/odd/{day}/{area}", format!("/odd/{day}/{}", place.area_id)),
                ("/devices/{gate}", format!("/devices/{gate_id}")),
                ("/imports/{id}", format!("/imports/{}", batch.id)),
                ("/cards/sheets/{id}", format!("/cards/sheets/{sheet}")),
                ("/cards/{number}", format!("/cards/{card}")),
                ("/units/{id}", format!("/units/{home}")),
                ("/coverage/{id}", format!("/coverage/{home}")),
                ("/weekly/{id}", format!("/weekly/{home}")),
                ("/places/{id}/close", format!("/places/{}/close", second.id)),
                ("/places/{id}", format!("/places/{}", place.id)),
            ],
        }
    }

    /// A route with its names filled.
    pub fn fill(&self, route: &str) -> String {
        let filled = self.values.iter().fold(route.to_owned(), |path, (from, to)| path.replace(from, to));
        assert!(!filled.contains('{'), "{filled}");
        filled
    }
}
