//! Fresh stores on both databases, and the rows that many tests start from.

pub mod rows;

use std::future::Future;

use sqlx::{Connection as _, postgres::PgConnection};
use store::{Db, Store, args};
use tempfile::TempDir;

/// A fresh store, with a second way in for looking at rows that no public function shows.
#[derive(Clone)]
pub struct House {
    /// What is tested.
    pub store: Store,
    /// The main database.
    pub main: Db,
    /// The keyring.
    pub keyring: Db,
    /// How to open the same databases once more.
    pub address: Address,
}

/// Where a store lives.
#[derive(Clone)]
pub enum Address {
    /// Folder of SQLite files.
    Folder(std::path::PathBuf),
    /// PostgreSQL's address and the schema.
    Schema(String, String),
}

impl Address {
    /// Opens the store that lives here, as another server would.
    pub async fn open(&self) -> store::Result<Store> {
        match self {
            Self::Folder(folder) => Store::open_embedded(folder).await,
            Self::Schema(url, schema) => Store::open_postgres(url, None, schema).await,
        }
    }

    async fn house(self) -> House {
        let store = self.open().await.unwrap();
        let (main, keyring) = match &self {
            Self::Folder(folder) => (
                Db::open_file(&folder.join("vaora.sqlite")).await.unwrap(),
                Db::open_file(&folder.join("keyring.sqlite")).await.unwrap(),
            ),
            Self::Schema(url, schema) => (
                Db::open_postgres(url, schema).await.unwrap(),
                Db::open_postgres(url, &format!("{schema}_keyring")).await.unwrap(),
            ),
        };
        House { store, main, keyring, address: self }
    }
}

impl House {
    /// The number that a counting statement on the main database answers.
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.main.first(sql, args![]).await.unwrap().unwrap().get(0).unwrap()
    }

    /// The number that a counting statement on the keyring answers.
    pub async fn count_keyring(&self, sql: &'static str) -> i64 {
        self.keyring.first(sql, args![]).await.unwrap().unwrap().get(0).unwrap()
    }

    async fn close(self) {
        self.main.close().await;
        self.keyring.close().await;
        self.store.close().await;
    }
}

/// Runs a test on SQLite files in a folder of its own.
pub async fn on_lite<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(House) -> F) {
    let folder = TempDir::new().unwrap();
    let house = Address::Folder(folder.path().to_owned()).house().await;
    test(house.clone()).await;
    house.close().await;
}

/// Runs a test on PostgreSQL in a schema of its own, which is dropped also when the test fails.
pub async fn on_pg<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(House) -> F) {
    let Ok(url) = std::env::var("VAORA_TEST_PG") else {
        panic!("VAORA_TEST_PG is not set: run `cargo xtask test`");
    };
    let schema = format!("store_{:032x}", rand::random::<u128>());
    let house = Address::Schema(url.clone(), schema.clone()).house().await;
    let outcome = tokio::spawn(test(house.clone())).await;
    house.close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let drop = format!("DROP SCHEMA {schema} CASCADE; DROP SCHEMA {schema}_keyring CASCADE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// Makes two tests of each function: `lite` and `pg`.
macro_rules! on_both {
    ($(async fn $name:ident($house:ident) $body:block)*) => {$(
        async fn $name($house: $crate::common::House) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn lite() {
                $crate::common::on_lite(super::$name).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn pg() {
                $crate::common::on_pg(super::$name).await;
            }
        }
    )*};
}
