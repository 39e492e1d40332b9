//! Deletion on schedule, the clock that guards it, and the document that promises it.

use std::fs;

use domain::{phone::Phone, role::Role, time::DAY_MS};
use seal::index::IndexKind;
use vaora::{intake::identity::index_of, jobs};

use crate::common::{TestApp, scans::check_in};

const NAME: &str = "Nguyễn Thị Khách";
const PHONE: &str = "0912345678";

async fn persons(app: &TestApp) -> usize {
    let phone = Phone::parse(PHONE).unwrap().e164();
    let (kind, index) = index_of(&app.app.keyfile.index_key, IndexKind::Phone, &phone);
    app.app.store.persons_by_index(kind, index).await.unwrap().len()
}

/// Movement keys that could still be opened.
async fn movement_keys(app: &TestApp) -> usize {
    let epochs = app.app.store.epochs(0, 40_000).await.unwrap();
    epochs.iter().filter(|epoch| epoch.movement_wrap.is_some()).count()
}

/// Days go by, one at a time, with their daily work.
async fn days_go_by(app: &TestApp, days: i64) {
    for _ in 0..days {
        app.days_pass(1);
        jobs::daily(&app.app).await.unwrap();
    }
}

async fn one_visit(app: &TestApp) {
    app.ceremony().await;
    let place = app.place("Chợ Tân Lập").await;
    check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(200);
    jobs::daily(&app.app).await.unwrap();
}

on_both! {
    async fn after_the_period_nothing_is_left_to_open(app) {
        one_visit(&app).await;
        let first = movement_keys(&app).await;
        days_go_by(&app, i64::from(app.config.retention_days)).await;
        assert_eq!((app.rows().await.len(), persons(&app).await), (1, 1), "within the period all is there");
        let epochs = app.app.store.epochs(0, 40_000).await.unwrap();
        assert!(epochs[0].movement_wrap.is_some());
        days_go_by(&app, 1).await;
        assert!(app.rows().await.is_empty());
        let epochs = app.app.store.epochs(0, 40_000).await.unwrap();
        assert!(epochs[..first].iter().all(|epoch| epoch.movement_wrap.is_none()));
        // People stay at most three days longer, so that an arrival need not be written down every day.
        days_go_by(&app, 3).await;
        assert_eq!(persons(&app).await, 0);
    }

    async fn a_case_does_not_stop_deletion_and_keeps_its_person(app) {
        one_visit(&app).await;
        let mut tracer = app.officer(Role::Tracer).await;
        let today = app.clock.today().to_string();
        let form = [("profile", "covid19"), ("onset_on", today.as_str()), ("by", "phone"), ("phone", PHONE)];
        tracer.post("/cases/new", &form).await.is(303);
        days_go_by(&app, 30).await;
        assert!(app.rows().await.is_empty());
        assert_eq!(persons(&app).await, 1, "a person of a case stays while the case does");
        days_go_by(&app, i64::from(app.config.case_days)).await;
        assert!(app.app.store.cases().await.unwrap().is_empty());
        assert_eq!(persons(&app).await, 0);
    }

    async fn a_clock_that_jumps_deletes_nothing_until_it_is_confirmed(app) {
        one_visit(&app).await;
        app.days_pass(30);
        for _ in 0..2 {
            jobs::daily(&app.app).await.unwrap();
            assert_eq!((app.rows().await.len(), persons(&app).await), (1, 1));
        }
        let today = domain::time::day_number(app.clock.today()).to_string();
        app.app.store.set_setting("clock_confirmed_day", &today).await.unwrap();
        for _ in 0..2 {
            jobs::daily(&app.app).await.unwrap();
            assert_eq!((app.rows().await.len(), persons(&app).await), (0, 0));
        }
        // One confirmation is for one jump.
        app.days_pass(3);
        let place = app.place("Quán Khác").await;
        check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(200);
        app.days_pass(30);
        jobs::daily(&app.app).await.unwrap();
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn a_clock_that_jumps_packs_nothing_and_keeps_the_ids(app) {
        one_visit(&app).await;
        let packed_files = || {
            let Ok(names) = fs::read_dir(app.config.data_dir.join("scans")) else { return Vec::new() };
            let names = names.map(|name| name.unwrap().file_name().to_string_lossy().into_owned());
            let mut names: Vec<String> =
                names.filter(|name| name.ends_with(".ids") || name.ends_with(".arrow")).collect();
            names.sort();
            names
        };
        days_go_by(&app, 2).await;
        let place = app.place("Quán Khác").await;
        check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(200);
        jobs::pack::run(&app.app).await.unwrap();
        let before = packed_files();
        app.days_pass(12);
        jobs::pack::run(&app.app).await.unwrap();
        assert_eq!(packed_files(), before, "neither are ids deleted nor is a day packed");
        let today = domain::time::day_number(app.clock.today()).to_string();
        app.app.store.set_setting("clock_confirmed_day", &today).await.unwrap();
        jobs::pack::run(&app.app).await.unwrap();
        let after = packed_files();
        assert!(before.is_empty() || (before.len() == 2 && after.len() == 2), "{before:?} {after:?}");
        assert!(!after.iter().any(|name| name.ends_with(".ids")), "{after:?}");
    }

    async fn two_days_away_are_no_jump(app) {
        one_visit(&app).await;
        app.days_pass(2);
        jobs::daily(&app.app).await.unwrap();
        let today = domain::time::day_number(app.clock.today()).to_string();
        assert_eq!(app.app.store.setting("last_daily_day").await.unwrap(), Some(today));
    }

    async fn an_opening_after_the_period_finds_nothing(app) {
        one_visit(&app).await;
        let mut tracer = app.officer(Role::Tracer).await;
        days_go_by(&app, i64::from(app.config.retention_days) + 4).await;
        app.sign_in("khoa1").await;
        let today = app.clock.today().to_string();
        let form = [("profile", "covid19"), ("onset_on", today.as_str()), ("by", "phone"), ("phone", PHONE)];
        let answer = tracer.post("/cases/new", &form).await.is(200);
        assert!(answer.words().contains("Chưa có ai ghi vào ra với số này"), "{}", answer.words());
    }

    async fn rows_restored_from_a_backup_stay_noise(app) {
        one_visit(&app).await;
        let rows = app.rows().await;
        days_go_by(&app, i64::from(app.config.retention_days) + 1).await;
        // Somebody puts the old rows back: their epoch's key is gone.
        let row = rows[0];
        let late = scanlog::ScanRow {
            event_id: [7; 16],
            area_id: row.area_id,
            kind: row.kind,
            captured: row.captured,
            token: row.token,
            assurance: row.assurance,
            epoch: row.epoch,
            received_at: app.clock.now(),
        };
        app.app.scanlog.append(vec![late]).await.unwrap();
        let epoch = app.app.store.epoch(i64::from(row.epoch)).await.unwrap().unwrap();
        assert!(epoch.movement_wrap.is_none());
    }

    async fn the_daily_work_signs_the_log_s_head_once_a_day(app) {
        one_visit(&app).await;
        app.officer(Role::Administrator).await.post("/accounts/77/active", &[("active", "0")]).await.is(404);
        let mut tracer = app.officer(Role::Tracer).await;
        let today = app.clock.today().to_string();
        let form = [("profile", "covid19"), ("onset_on", today.as_str()), ("by", "phone"), ("phone", PHONE)];
        tracer.post("/cases/new", &form).await.is(303);
        app.days_pass(1);
        for _ in 0..2 {
            jobs::daily(&app.app).await.unwrap();
            assert_eq!(app.app.store.log_heads().await.unwrap().len(), 1);
        }
        vaora::audit::verify(&app.app.store, &app.app.keyfile).await.unwrap().unwrap();
        assert!(app.clock.now() > crate::common::START + DAY_MS);
    }

    async fn every_table_stands_in_the_retention_document(app) {
        let path = format!("{}/../../docs/retention.md", env!("CARGO_MANIFEST_DIR"));
        let document = fs::read_to_string(path).unwrap();
        let tables = app.app.store.table_names().await.unwrap();
        assert!(tables.len() > 25);
        let missing: Vec<&String> =
            tables.iter().filter(|table| !document.contains(&format!("`{table}`"))).collect();
        assert!(missing.is_empty(), "docs/retention.md lacks {missing:?}");
    }
}
