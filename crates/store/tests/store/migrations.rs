use store::{StoreError, args, migrations};

use crate::common::{Address, House, on_pg};

on_both! {
    async fn migrating_twice_is_the_same_as_once(on) {
        on.store.set_setting("kept", "yes").await.unwrap();
        let names = on.store.table_names().await.unwrap();
        migrations::migrate(&on.main, migrations::MAIN).await.unwrap();
        migrations::migrate(&on.keyring, migrations::KEYRING).await.unwrap();
        assert_eq!(on.store.table_names().await.unwrap(), names);
        assert_eq!(on.store.setting("kept").await.unwrap().as_deref(), Some("yes"));
    }

    async fn both_databases_have_the_same_tables(on) {
        let expected = "access_log access_subjects account_roles accounts admin_units area_last_scans areas \
            boundaries campaign_effects campaign_units campaigns cards cases directive_copies \
            directive_files directives disease_rules distancing_levels epochs faq_entries \
            figure_marks findings frozen_points gates holidays home_looks inspection_photos \
            inspection_plan_inspectors inspection_plans inspection_records inspection_reminders \
            inspections invitations issued_reports key_pairs log_heads message_deliveries \
            message_reads messages notice_settings oddities officers opening_releases openings \
            people person_indexes phone_proofs place_batches place_closings place_type_rules \
            place_types places point_task_acts point_tasks point_weeks populations poster_reports proposal_steps \
            quarantine report_items report_periods report_templates report_versions reports rosters \
            scan_counts scan_day_changes scan_points schema_versions sessions settings shares \
            sittings suspension_proposals ticket_posts tickets unit_changes unit_corrections unit_periods \
            unit_predecessors unit_signers";
        assert_eq!(on.store.table_names().await.unwrap().join(" "), expected);
    }

    async fn a_database_of_a_newer_program_is_refused(on) {
        let sql = "INSERT INTO schema_versions (version) VALUES ($1)";
        on.main.run(sql, args![migrations::MAIN.last().map_or(0, |(version, _)| *version) + 1]).await.unwrap();
        assert!(matches!(on.address.open().await, Err(StoreError::Conflict(_))));
    }

    async fn a_step_that_fails_leaves_nothing(on) {
        const BROKEN: &[(i64, &str)] =
            &[(900, "CREATE TABLE half (id BIGINT PRIMARY KEY) STRICT; CREATE TABLE half (id BIGINT) STRICT;")];
        assert!(migrations::migrate(&on.main, BROKEN).await.is_err());
        assert!(!on.store.table_names().await.unwrap().contains(&"half".to_owned()));
        assert_eq!(on.count("SELECT COUNT(*) FROM schema_versions WHERE version = 900").await, 0);
    }

    async fn text_is_ordered_alike(on) {
        for name in ["Đà", "Ea", "an", "Buôn", "Ân", "buôn"] {
            on.store.set_setting(name, "x").await.unwrap();
        }
        let rows = on.main.all("SELECT name FROM settings ORDER BY name", args![]).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        assert_eq!(names, ["Buôn", "Ea", "an", "buôn", "Ân", "Đà"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_together_on_postgres_all_come_up() {
    on_pg(servers_that_start_together).await;
}

async fn servers_that_start_together(on: House) {
    let (Address::Schema(url, schema), store::Db::Pg(pool)) = (&on.address, &on.main) else { return };
    let schema = format!("{schema}_b");
    let fresh = Address::Schema(url.clone(), schema.clone());
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let address = fresh.clone();
            tokio::spawn(async move { address.open().await })
        })
        .collect();
    let mut stores = Vec::new();
    for start in starts {
        stores.push(start.await.unwrap());
    }
    let drop = format!("DROP SCHEMA {schema} CASCADE; DROP SCHEMA {schema}_keyring CASCADE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(pool).await.unwrap();
    for store in stores {
        store.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_schema_may_not_carry_words_of_sql() {
    for name in ["", "a b", "a;drop", "A", "a\"b"] {
        let refused = store::Db::open_postgres("postgres://nobody@127.0.0.1:1/none", name).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{name}");
    }
}
