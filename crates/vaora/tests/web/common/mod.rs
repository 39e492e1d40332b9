//! A whole installation of its own for each test, on SQLite or PostgreSQL, spoken to as over HTTP.

pub mod client;
pub mod messages;
pub mod officers;
pub mod places;
pub mod reports;
pub mod scans;
pub mod source;

use std::{collections::HashMap, future::Future, path::PathBuf, sync::Mutex};

use axum::Router;
use domain::{
    admin_unit::UnitTree,
    time::{DAY_MS, LOCAL_OFFSET_MS, Millis},
};
use store::{Db, args};
use tempfile::TempDir;
use vaora::{
    app::App,
    bootstrap,
    clock::Clock,
    config::{Config, SmsGateway},
    router::router,
};

use client::Client;
use messages::Messages;

/// Wednesday 10 November 2021, 09:00 in Đắk Lắk: where every test's clock starts. It lies before the present,
/// since browser sessions end by the system's own clock.
pub const START: Millis = 1_636_509_600_000;
/// A minute, in milliseconds.
pub const MINUTE_MS: i64 = 60_000;

/// An installation and its address.
pub struct TestApp {
    /// The program's parts.
    pub app: App,
    /// Its clock, to be moved.
    pub clock: Clock,
    /// Its settings.
    pub config: Config,
    /// Text messages sent.
    pub messages: Messages,
    /// When each login last used a one-time password, so that none is used twice.
    used_codes: Mutex<HashMap<String, Millis>>,
    router: Router,
    folder: TempDir,
}

/// Settings of an installation in a folder, on SQLite.
pub fn settings(folder: &TempDir) -> Config {
    Config { data_dir: folder.path().join("data"), ..Config::default() }
}

/// A clock that stands at an instant and goes on from there.
pub fn clock_at(at: Millis) -> Clock {
    let clock = Clock::default();
    clock.advance(at - clock.now());
    clock
}

/// Opens an installation as the program does.
pub async fn open(config: &Config, clock: &Clock) -> anyhow::Result<App> {
    let store = bootstrap::open_store(config).await?;
    let keyfile = bootstrap::open_keyfile(config, &store).await?;
    bootstrap::load_reference(&store, &clock.today().to_string()).await?;
    let scanlog = bootstrap::open_scanlog(config).await?;
    bootstrap::build(config.clone(), clock.clone(), store, scanlog, keyfile).await
}

impl TestApp {
    /// Opens an installation with these settings at [`START`].
    pub async fn start(config: Config, folder: TempDir) -> Self {
        Self::start_at(config, folder, clock_at(START)).await
    }

    /// Opens an installation with these settings and this clock.
    pub async fn start_at(config: Config, folder: TempDir, clock: Clock) -> Self {
        let (url, messages) = Messages::start().await;
        let config = Config { sms: Some(SmsGateway { url, token_file: None }), ..config };
        let app = open(&config, &clock).await.unwrap();
        Self { router: router(&app), app, clock, config, messages, used_codes: Mutex::default(), folder }
    }

    /// Opens the same installation again, as after a stop; the clock stays as it was moved.
    pub async fn restart(self) -> Self {
        self.close().await;
        let app = open(&self.config, &self.clock).await.unwrap();
        Self { router: router(&app), app, ..self }
    }

    /// Closes the databases.
    pub async fn close(&self) {
        self.app.counters.flush(&self.app.store).await.unwrap();
        self.app.scanlog.close().await;
        self.app.store.close().await;
    }

    /// A folder that is removed with the test.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// A browser that knows nothing.
    pub fn stranger(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Moves the clock on.
    pub fn minutes_pass(&self, minutes: i64) {
        self.clock.advance(minutes * MINUTE_MS);
    }

    /// Moves the clock on.
    pub fn days_pass(&self, days: i64) {
        self.clock.advance(days * DAY_MS);
    }

    /// The tree of units as it stands.
    pub async fn tree(&self) -> std::sync::Arc<UnitTree> {
        self.app.tree().await.unwrap()
    }

    /// Id of the unit of a GSO code.
    pub async fn unit(&self, code: &str) -> i64 {
        self.tree().await.by_code(code).unwrap().id
    }

    /// The first commune of Buôn Ma Thuột: where tests happen.
    pub async fn home(&self) -> i64 {
        let tree = self.tree().await;
        tree.communes_within(tree.by_code("643").unwrap().id)[0].id
    }

    /// The first commune of Buôn Hồ: somewhere else.
    pub async fn elsewhere(&self) -> i64 {
        let tree = self.tree().await;
        tree.communes_within(tree.by_code("644").unwrap().id)[0].id
    }

    /// The main database and the keyring, past all public functions.
    pub async fn databases(&self) -> (Db, Db) {
        match &self.config.database_url {
            None => (
                Db::open_file(&self.config.data_dir.join("vaora.sqlite")).await.unwrap(),
                Db::open_file(&self.config.data_dir.join("keyring.sqlite")).await.unwrap(),
            ),
            Some(url) => {
                let schema = &self.config.database_schema;
                (
                    Db::open_postgres(url, schema).await.unwrap(),
                    Db::open_postgres(url, &format!("{schema}_keyring")).await.unwrap(),
                )
            }
        }
    }

    /// The time now in a device's form.
    pub fn now_text(&self) -> String {
        rfc3339(self.clock.now())
    }
}

/// An instant as devices write it.
pub fn rfc3339(at: Millis) -> String {
    let local = jiff::Timestamp::from_millisecond(at + LOCAL_OFFSET_MS).unwrap();
    local.to_string().replace('Z', "+07:00")
}

/// Runs a test on SQLite files in a folder of its own.
pub async fn on_lite<F: Future<Output = ()> + 'static>(test: impl FnOnce(TestApp) -> F) {
    let folder = TempDir::new().unwrap();
    test(TestApp::start(settings(&folder), folder).await).await;
}

/// Address of the PostgreSQL for tests.
pub fn postgres() -> String {
    let Ok(url) = std::env::var("VAORA_TEST_PG") else {
        panic!("VAORA_TEST_PG is not set: run `cargo xtask test`");
    };
    url
}

/// A schema name that nobody else uses.
pub fn random_schema() -> String {
    format!("web_{:032x}", rand::random::<u128>())
}

/// Drops what an installation made in PostgreSQL.
pub async fn drop_schemas(url: &str, schema: &str) {
    let db = Db::open_postgres(url, "public").await.unwrap();
    for name in [schema.to_owned(), format!("{schema}_keyring"), format!("{schema}_scans")] {
        db.run(Box::leak(format!("DROP SCHEMA IF EXISTS {name} CASCADE").into_boxed_str()), args![])
            .await
            .unwrap();
    }
    db.close().await;
}

/// Runs a test on PostgreSQL in schemas of its own, which are dropped also when the test fails.
pub async fn on_pg<F: Future<Output = ()> + 'static>(test: impl FnOnce(TestApp) -> F) {
    let (url, schema) = (postgres(), random_schema());
    let folder = TempDir::new().unwrap();
    let config =
        Config { database_url: Some(url.clone()), database_schema: schema.clone(), ..settings(&folder) };
    let local = tokio::task::LocalSet::new();
    let outcome = local
        .run_until(async move {
            let app = TestApp::start(config, folder).await;
            tokio::task::spawn_local(test(app)).await
        })
        .await;
    drop_schemas(&url, &schema).await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// Makes two tests of each function: `lite` and `pg`.
macro_rules! on_both {
    ($(async fn $name:ident($app:ident) $body:block)*) => {$(
        async fn $name($app: $crate::common::TestApp) $body

        mod $name {
            #[tokio::test]
            async fn lite() {
                $crate::common::on_lite(super::$name).await;
            }

            #[tokio::test]
            async fn pg() {
                $crate::common::on_pg(super::$name).await;
            }
        }
    )*};
}
