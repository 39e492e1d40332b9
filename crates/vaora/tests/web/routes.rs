//! Every route by every role and by strangers: who gets in, and that others cannot tell it from nothing.

use std::collections::BTreeSet;

use domain::role::Role;
use vaora::{ids::new_token, web::join::token_hash};

use crate::common::{TestApp, client::Client, source};

/// Strangers, owners, then officers in the order of [`Role::ALL`].
const WHO: [&str; 10] = [
    "stranger",
    "owner",
    "administrator",
    "unit_officer",
    "reviewer",
    "committee_reader",
    "tracer",
    "approver",
    "key_officer",
    "auditor",
];

/// Status for each of [`WHO`], one letter each: `+` 200, `>` 303, `-` 404, `!` 401.
type Expected = &'static str;

const GET: &[(&str, Expected)] = &[
    ("/", "++++++++++"),
    ("/privacy", "++++++++++"),
    ("/healthz", "++++++++++"),
    ("/static/{*path}", "++++++++++"),
    ("/login", "++>>>>>>>>"),
    ("/join/{token}", "++++++++++"),
    ("/D/{code}", "++++++++++"),
    ("/d/{code}", ">>>>>>>>>>"),
    ("/D/{code}/{rotating}", "++++++++++"),
    ("/D/{code}/report", "++++++++++"),
    ("/D/me", "++++++++++"),
    ("/C", "++++++++++"),
    ("/gate", ">>>>>>>>>>"),
    ("/gate/enrol", "++++++++++"),
    ("/gate/kit", "!!!!!!!!!!"),
    ("/gate/state", "!!!!!!!!!!"),
    ("/screen", ">>>>>>>>>>"),
    ("/gate-worker.js", "++++++++++"),
    ("/visit-worker.js", "++++++++++"),
    ("/owner", "+>++++++++"),
    ("/owner/code", ">>>>>>>>>>"),
    ("/owner/new", ">+>>>>>>>>"),
    ("/owner/places", ">+>>>>>>>>"),
    ("/owner/places/{id}", "-+--------"),
    ("/owner/places/{id}/edit", "-+--------"),
    ("/owner/places/{id}/poster.pdf", "-+--------"),
    ("/owner/places/{id}/paper.pdf", "-+--------"),
    ("/owner/places/{id}/keyed", "-+--------"),
    ("/places/{id}/paper.pdf", ">>-+++----"),
    ("/places/{id}/keyed", ">>-+------"),
    ("/units/{id}/posters.zip", ">>-+++----"),
    ("/cards", ">>-+++----"),
    ("/cards/list.xlsx", ">>-+++----"),
    ("/cards/sheets/{id}/cards.pdf", ">>-+------"),
    ("/imports", ">>-+------"),
    ("/imports/list.xlsx", ">>-+------"),
    ("/devices", ">>-+++----"),
    ("/odd", ">>-+++----"),
    ("/telephone", ">>-+------"),
    ("/places", ">>-+++----"),
    ("/places/{id}", ">>-+++----"),
    ("/places/{id}/poster.pdf", ">>-+++----"),
    ("/units/{id}/posters.pdf", ">>-+++----"),
    ("/coverage", ">>->>>----"),
    ("/coverage/{id}", ">>-+++----"),
    ("/weekly", ">>->>>----"),
    ("/weekly/{id}", ">>-+++----"),
    ("/weekly/{id}/report.pdf", ">>-+++----"),
    ("/weekly/{id}/report.docx", ">>-+++----"),
    // Reports and proposals.
    ("/reports", ">>-+++----"),
    ("/reports/templates", ">>--+-----"),
    ("/reports/items", ">>--+-----"),
    ("/reports/signer", ">>-++-----"),
    ("/reports/{id}", ">>-+++----"),
    ("/reports/{id}/silent", ">>-+++----"),
    ("/reports/{id}/document", ">>-+++----"),
    ("/reports/{id}/issued/{issued}", ">>-+++----"),
    ("/reports/{id}/issued/{issued}/{file}", ">>-+++----"),
    ("/proposals", ">>-+++----"),
    ("/proposals/{id}", ">>-+++----"),
    ("/accounts", ">>+-------"),
    ("/cases", ">>----+---"),
    ("/cases/new", ">>----+---"),
    ("/cases/{id}", ">>----+---"),
    // No result yet, so there is nothing to export.
    ("/cases/{id}/contacts", ">>--------"),
    ("/openings", ">>-----++-"),
    ("/keys", ">>------+-"),
    ("/log", ">>-------+"),
    // Guidance, support, directives, messages.
    ("/guides", "++++++++++"),
    ("/guides/faq", "++++++++++"),
    ("/guides/{slug}", "++++++++++"),
    ("/campaigns", ">>-+++----"),
    ("/campaigns/new", ">>-++-----"),
    ("/campaigns/{id}", ">>-+++----"),
    ("/campaigns/{id}/edit", ">>-++-----"),
    ("/support", ">>-+++----"),
    ("/support/export", ">>-+++----"),
    ("/support/new", ">>-+------"),
    ("/support/{id}", ">>-+++----"),
    ("/owner/support", ">+>>>>>>>>"),
    ("/owner/support/new", ">+>>>>>>>>"),
    ("/owner/support/{id}", "-+--------"),
    ("/directives", ">>-+++----"),
    // A commune sends no letters; a district does.
    ("/directives/new", ">>--++----"),
    ("/directives/{id}", ">>-+++----"),
    ("/directives/{id}/file", ">>-+++----"),
    ("/messages", ">>++++++++"),
    ("/messages/settings", ">>++++++++"),
    ("/messages/deliveries", ">>+-------"),
    ("/api/v1/openapi.json", "++++++++++"),
    ("/api/v1/places", "!!-+++----"),
    ("/api/v1/coverage", "!!-+++----"),
    // Coverage as a task.
    ("/coverage/{id}/export", ">>-+++----"),
    ("/coverage/{id}/screen", ">>-+++----"),
    ("/coverage/{id}/tasks", ">>-+++----"),
    // Inspections. The commune's officer is the inspector; plans are for Sở TTTT and districts.
    ("/inspections", ">>-+++----"),
    ("/inspections/list", ">>-+++----"),
    ("/inspections/list.xlsx", ">>-+++----"),
    ("/inspections/ratios", ">>--++----"),
    ("/inspections/plans/new", ">>--+-----"),
    ("/inspections/plans/{id}", ">>--+-----"),
    ("/inspections/plans/{id}/list.xlsx", ">>--+-----"),
    ("/inspections/suspensions", ">>-+++----"),
    ("/inspections/{id}", ">>-+++----"),
    ("/inspections/{id}/record", ">>-+------"),
    ("/inspections/{id}/minutes.pdf", ">>-+++----"),
    ("/inspections/{id}/minutes.docx", ">>-+++----"),
    ("/inspections/{id}/photos/{number}", ">>-+++----"),
    ("/inspect", ">>-++-----"),
    ("/inspect/list", "!!-++-----"),
    ("/inspect-worker.js", "++++++++++"),
    // Not routes of ours.
    ("/admin", "----------"),
    ("/api/v1/people", "----------"),
    ("/static/../Cargo.toml", "----------"),
    // A sitting: that none is open is said; no answer is there yet, and none was kept.
    ("/cases/{id}/sitting", ">>----+---"),
    ("/cases/{id}/sitting/{answer}", ">>--------"),
    ("/cases/{id}/kept/{number}", ">>--------"),
];

/// Routes that take forms, and the officers whom they do not shut out. Owners' and strangers' are `owner`,
/// `anyone`; a gate's device is `gate`.
const POST: &[(&str, &[&str])] = &[
    ("/login", &["anyone"]),
    ("/logout", &["anyone"]),
    ("/join/{token}", &["anyone"]),
    ("/D/{code}", &["anyone"]),
    ("/D/{code}/report", &["anyone"]),
    ("/D/me/visits", &["anyone"]),
    ("/D/me/cards", &["anyone"]),
    ("/D/me/cards/renew", &["anyone"]),
    ("/D/me/cards/give-back", &["anyone"]),
    ("/gate/enrol", &["anyone"]),
    ("/owner/code-request", &["anyone"]),
    ("/owner/code", &["anyone"]),
    ("/owner/new", &["owner"]),
    ("/owner/places/{id}/edit", &["owner"]),
    ("/owner/places/{id}/areas", &["owner"]),
    ("/owner/places/{id}/areas/{area}/renew", &["owner"]),
    ("/owner/places/{id}/areas/{area}/retire", &["owner"]),
    ("/owner/places/{id}/gates", &["owner"]),
    ("/owner/places/{id}/gates/{gate}/revoke", &["owner"]),
    ("/owner/places/{id}/keyed", &["owner"]),
    ("/owner/places/{id}/hours", &["owner"]),
    ("/owner/places/{id}/close", &["owner"]),
    ("/owner/places/{id}/queue-file", &["owner"]),
    ("/places/{id}/keyed", &["unit_officer"]),
    ("/places/{id}/hours", &["unit_officer"]),
    ("/places/{id}/close", &["unit_officer"]),
    ("/places/{id}/queue-file", &["unit_officer"]),
    ("/cards/issue", &["unit_officer"]),
    ("/cards/list", &["unit_officer"]),
    ("/cards/list/confirm", &["unit_officer"]),
    ("/cards/{number}/lost", &["unit_officer"]),
    ("/imports", &["unit_officer"]),
    ("/imports/confirm", &["unit_officer"]),
    ("/imports/{id}/undo", &["unit_officer"]),
    ("/devices/{gate}/quarantine", &["unit_officer"]),
    ("/odd/{day}/{area}", &["unit_officer"]),
    ("/odd/posters/{id}/close", &["unit_officer"]),
    ("/telephone", &["unit_officer"]),
    ("/places/{id}/approve", &["unit_officer"]),
    ("/places/{id}/return", &["unit_officer"]),
    ("/places/{id}/areas", &["unit_officer"]),
    ("/places/{id}/areas/{area}/renew", &["unit_officer"]),
    ("/places/{id}/areas/{area}/retire", &["unit_officer"]),
    ("/places/{id}/gates", &["unit_officer"]),
    ("/places/{id}/gates/{gate}/revoke", &["unit_officer"]),
    ("/coverage/{id}/distancing", &["reviewer"]),
    // Reports and proposals; `unit_officer` sits in a commune, which takes no reports.
    ("/reports/templates", &["reviewer"]),
    ("/reports/periods", &["reviewer"]),
    ("/reports/signer", &["unit_officer", "reviewer"]),
    ("/reports/accept", &["unit_officer", "reviewer"]),
    ("/reports/items/merge", &["reviewer"]),
    ("/reports/items/{item}/unmerge", &["reviewer"]),
    ("/reports/{id}", &["unit_officer"]),
    ("/reports/{id}/decision", &[]),
    ("/reports/{id}/issue", &["unit_officer"]),
    ("/reports/{id}/issued/{issued}/mark", &["unit_officer"]),
    ("/proposals/{id}/handling", &["reviewer"]),
    ("/proposals/{id}/send", &["reviewer"]),
    ("/proposals/{id}/decision", &["committee_reader"]),
    ("/proposals/{id}/finish", &["reviewer"]),
    ("/accounts/invite", &["administrator"]),
    ("/accounts/{id}/active", &["administrator"]),
    ("/cases/new", &["tracer"]),
    ("/cases/{id}/openings", &["tracer"]),
    ("/openings/{id}/decision", &["approver"]),
    ("/openings/{id}/release", &["key_officer"]),
    ("/keys/make", &["key_officer"]),
    ("/keys/propose", &["key_officer"]),
    ("/keys/confirm", &["key_officer"]),
    // Guidance, support, directives, messages.
    ("/campaigns/new", &["unit_officer", "reviewer"]),
    ("/campaigns/{id}/edit", &["unit_officer", "reviewer"]),
    ("/campaigns/{id}/close", &["unit_officer", "reviewer"]),
    ("/support/new", &["unit_officer"]),
    ("/support/{id}/act", &["unit_officer", "reviewer"]),
    ("/support/{id}/publish", &["reviewer"]),
    ("/support/faq/{id}/withdraw", &["reviewer"]),
    ("/owner/support/new", &["owner"]),
    ("/owner/support/{id}/act", &["owner"]),
    ("/directives/new", &["reviewer", "committee_reader"]),
    ("/directives/{id}/acknowledge", &["unit_officer", "reviewer"]),
    ("/directives/{id}/progress", &["unit_officer", "reviewer"]),
    // Districts alone copy on; none is here.
    ("/directives/{id}/copy", &[]),
    ("/directives/{id}/withdraw", &["committee_reader"]),
    ("/messages/read", OFFICERS),
    ("/messages/{id}/open", OFFICERS),
    ("/messages/settings", OFFICERS),
    ("/messages/settings/code-request", OFFICERS),
    ("/messages/settings/code", OFFICERS),
    ("/messages/settings/email-code-request", OFFICERS),
    ("/messages/settings/email-code", OFFICERS),
    ("/messages/deliveries/{id}/retry", &["administrator"]),
    ("/api/v1/scans", &["gate"]),
    ("/api/v1/queue", &["gate"]),
    // Coverage as a task.
    ("/coverage/{id}/tasks/{task}", &["unit_officer"]),
    ("/places/{id}/care", &["unit_officer"]),
    // Inspections. A district decides of suspensions; no role of this table sits in one.
    ("/inspections/plans/new", &["reviewer"]),
    ("/inspections/plans/{id}/strike", &["reviewer"]),
    ("/inspections/plans/{id}/add", &["reviewer"]),
    ("/inspections/plans/{id}/confirm", &["reviewer"]),
    ("/inspections/plans/{id}/close", &["reviewer"]),
    ("/inspections/plans/{id}/discard", &["reviewer"]),
    ("/inspections/suspensions/{id}/decide", &[]),
    ("/inspections/suspensions/{id}/lift", &[]),
    ("/inspections/findings/{id}/reopen", &["unit_officer", "reviewer"]),
    ("/inspections/findings/{id}/close", &["unit_officer", "reviewer"]),
    ("/inspections/{id}/record", &["unit_officer"]),
    ("/inspections/{id}/again", &["unit_officer", "reviewer"]),
    ("/places/{id}/inspections", &["unit_officer"]),
    ("/owner/places/{id}/findings/{finding}", &["owner"]),
    ("/owner/places/{id}/messages/read", &["owner"]),
    ("/inspect/records", &["unit_officer", "reviewer"]),
    // A sitting.
    ("/cases/{id}/sitting/ask", &["tracer"]),
    ("/cases/{id}/sitting/close", &["tracer"]),
    ("/cases/{id}/sitting/{answer}/cancel", &["tracer"]),
    ("/cases/{id}/sitting/{answer}/keep", &["tracer"]),
    ("/openings/{id}/close", &["approver", "key_officer"]),
    ("/admin", &[]),
    ("/api/v1/people", &[]),
];

/// Every officer.
const OFFICERS: &[&str] = &[
    "administrator",
    "unit_officer",
    "reviewer",
    "committee_reader",
    "tracer",
    "approver",
    "key_officer",
    "auditor",
];

const NO_ROUTES: [&str; 3] = ["/admin", "/api/v1/people", "/static/../Cargo.toml"];

#[test]
fn no_route_is_missing_from_the_tables() {
    let listed = |method: &str, paths: Vec<&str>| -> BTreeSet<String> {
        let ours = paths.into_iter().filter(|path| !NO_ROUTES.contains(path));
        ours.map(|path| format!("{method} {path}")).collect()
    };
    let mut tables = listed("GET", GET.iter().map(|(path, _)| *path).collect());
    tables.extend(listed("POST", POST.iter().map(|(path, _)| *path).collect()));
    assert_eq!(tables, source::routes());
}

/// Everybody of [`WHO`].
async fn everybody(app: &TestApp) -> Vec<(&'static str, Client)> {
    let mut all = vec![("stranger", app.stranger()), ("owner", app.owner().await)];
    for role in Role::ALL {
        all.push((role.code(), app.officer(role).await));
    }
    assert!(all.iter().map(|(who, _)| *who).eq(WHO));
    all
}

/// Fills a route's places with what exists.
struct Filler {
    values: Vec<(&'static str, String)>,
}

impl Filler {
    async fn new(app: &TestApp, tracer: &mut Client) -> Self {
        let place = app.place("Chợ Tân Lập").await;
        let waiting = app.waiting_place("Quán Chờ Duyệt", app.home().await).await;
        let token = new_token();
        let invitation = store::accounts::Invitation {
            token_hash: token_hash(&token).to_vec(),
            login: "moi".to_owned(),
            name: "Người Mới".to_owned(),
            unit_id: app.home().await,
            roles: vec!["auditor".to_owned()],
            invited_by: None,
            expires_at: app.clock.now() + 86_400_000,
        };
        app.app.store.add_invitation(&invitation, app.clock.now()).await.unwrap();
        let (sheet, card) = app.card(app.home().await).await;
        let case = crate::tracing::a_case(app, tracer, &place).await;
        let campaign = crate::guidance::a_campaign(app).await;
        let ticket = crate::guidance::a_ticket(app, &place).await;
        let letter = crate::directives::a_letter(app).await;
        let seen = crate::inspections::seen(app, &place, "unit_officer").await;
        let reports = app.report_things().await;
        Self {
            values: vec![
                ("/guides/{slug}", "/guides/gate".to_owned()),
                ("/campaigns/{id}", format!("/campaigns/{campaign}")),
                ("/support/faq/{id}", "/support/faq/77".to_owned()),
                ("/support/{id}", format!("/support/{ticket}")),
                ("/directives/{id}", format!("/directives/{letter}")),
                ("/messages/{id}", "/messages/77".to_owned()),
                ("/deliveries/{id}", "/deliveries/77".to_owned()),
                ("/plans/{id}", format!("/plans/{}", seen.plan)),
                ("/suspensions/{id}", format!("/suspensions/{}", seen.suspension)),
                ("/inspections/findings/{id}", format!("/inspections/findings/{}", seen.finding)),
                ("/findings/{finding}", format!("/findings/{}", seen.finding)),
                ("/inspections/{id}/record", format!("/inspections/{}/record", seen.planned)),
                ("/inspections/{id}", format!("/inspections/{}", seen.done)),
                ("/photos/{number}", "/photos/1".to_owned()),
                ("/join/{token}", format!("/join/{token}")),
                ("/D/{code}", format!("/D/{}", place.code)),
                ("/d/{code}", format!("/d/{}", place.code.to_lowercase())),
                ("/static/{*path}", "/static/app.css".to_owned()),
                ("/owner/places/{id}/edit", format!("/owner/places/{waiting}/edit")),
                ("/cards/sheets/{id}", format!("/cards/sheets/{sheet}")),
                ("/cards/{number}", format!("/cards/{card}")),
                ("/imports/{id}", "/imports/77".to_owned()),
                ("/odd/{day}/{area}", "/odd/77/77".to_owned()),
                ("/devices/{gate}", "/devices/77".to_owned()),
                ("/posters/{id}/close", format!("/posters/{}/close", place.id)),
                ("/{rotating}", "/7K3F9Q".to_owned()),
                ("/places/{id}", format!("/places/{}", place.id)),
                ("/areas/{area}", format!("/areas/{}", place.area_id)),
                ("/gates/{gate}", "/gates/77".to_owned()),
                ("/units/{id}", format!("/units/{}", app.home().await)),
                (
                    "/coverage/{id}/export",
                    format!("/coverage/{}/export?of=types&format=csv", app.home().await),
                ),
                ("/tasks/{task}", "/tasks/77".to_owned()),
                ("/coverage/{id}", format!("/coverage/{}", app.home().await)),
                ("/weekly/{id}", format!("/weekly/{}", app.home().await)),
                ("/reports/items/{item}", "/reports/items/77".to_owned()),
                ("/reports/{id}", format!("/reports/{}", reports.report)),
                ("/issued/{issued}", format!("/issued/{}", reports.issued)),
                ("/{file}", "/pdf".to_owned()),
                ("/proposals/{id}", format!("/proposals/{}", reports.proposal)),
                ("/sitting/{answer}", "/sitting/77".to_owned()),
                ("/kept/{number}", "/kept/77".to_owned()),
                ("/cases/{id}/contacts", format!("/cases/{case}/contacts?format=csv")),
                ("/cases/{id}", format!("/cases/{case}")),
                ("/openings/{id}", "/openings/77".to_owned()),
                ("/accounts/{id}", "/accounts/77".to_owned()),
            ],
        }
    }

    fn fill(&self, route: &str) -> String {
        let filled = self.values.iter().fold(route.to_owned(), |path, (from, to)| path.replace(from, to));
        assert!(!filled.contains('{'), "{filled}");
        filled
    }
}

fn status(letter: char) -> u16 {
    match letter {
        '+' => 200,
        '>' => 303,
        '-' => 404,
        '!' => 401,
        other => panic!("{other}"),
    }
}

on_both! {
    async fn pages_open_to_those_they_are_for(app) {
        app.ceremony().await;
        let mut all = everybody(&app).await;
        let filler = Filler::new(&app, &mut all[6].1).await;
        let mut wrong = Vec::new();
        for (route, expected) in GET {
            let path = filler.fill(route);
            for ((who, client), letter) in all.iter_mut().zip(expected.chars()) {
                let found = client.get(&path).await.status;
                if found != status(letter) {
                    wrong.push(format!("{route} by {who}: {found}, expected {}", status(letter)));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn forms_are_taken_from_those_they_are_for(app) {
        app.ceremony().await;
        let mut all = everybody(&app).await;
        let filler = Filler::new(&app, &mut all[6].1).await;
        let mut wrong = Vec::new();
        for (route, allowed) in POST.iter().filter(|(_, allowed)| *allowed != ["anyone"]) {
            let path = filler.fill(route);
            for (who, client) in all.iter_mut().filter(|(who, _)| !allowed.contains(who)) {
                let found = client.post(&path, &[("active", "0")]).await;
                let nothing = match found.status {
                    404 | 401 => true,
                    303 => found.location().starts_with("/login?next="),
                    _ => false,
                };
                if !nothing {
                    wrong.push(format!("{route} by {who}: {} {}", found.status, found.location()));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(app.rows().await.len() <= 2);
    }

    async fn forms_do_something_for_those_they_are_for(app) {
        app.ceremony().await;
        let mut all = everybody(&app).await;
        let filler = Filler::new(&app, &mut all[6].1).await;
        for (route, allowed) in POST {
            let path = filler.fill(route);
            for (who, client) in all.iter_mut().filter(|(who, _)| allowed.contains(who)) {
                let found = client.post(&path, &[("active", "0")]).await;
                // Of those without a thing behind them (an opening, an account, a gate) there is nothing to find.
                let unknown = path.contains("/77");
                assert!(found.status != 404 || unknown, "{route} by {who}: {} {}", found.status, found.words());
                assert!(found.status < 500, "{route} by {who}: {} {}", found.status, found.words());
            }
        }
    }
}
