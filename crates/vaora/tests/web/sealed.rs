//! The sealed log: what lies on the disk tells nobody who went where.

use std::{
    fs,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::json;
use store::{Db, args};

use crate::common::{
    TestApp,
    scans::{check_in, post_one, scan},
};

const NAME: &str = "Nguyễn Quỳnh Zuyến Hwing";
const PHONE: &str = "0919283746";
const NUMBER: &str = "066095314159";
const CARD: &str =
    "066095314159|241234567|Nguyễn Quỳnh Zuyến Hwing|01021995|Nữ|Xóm Cổ Tích, Đắk Lắk|15042021";
const PLACE: &str = "Chợ Tân Lập Kiểm Thử";

/// Forms in which the person might stand somewhere: as given, folded, as a number, as UTF-16 and in hex.
fn traces() -> Vec<Vec<u8>> {
    let words = [
        NAME,
        "Zuyến Hwing",
        "NGUYEN QUYNH ZUYEN HWING",
        "nguyen quynh zuyen hwing",
        "nguyenquynhzuyenhwing",
        PHONE,
        "84919283746",
        "919283746",
        NUMBER,
        "Xóm Cổ Tích",
        CARD,
    ];
    let mut traces = Vec::new();
    for word in words {
        let plain = word.as_bytes().to_vec();
        let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide_be: Vec<u8> = word.encode_utf16().flat_map(u16::to_be_bytes).collect();
        traces.push(data_encoding::HEXLOWER.encode(&plain).into_bytes());
        traces.push(data_encoding::HEXUPPER.encode(&plain).into_bytes());
        traces.extend([plain, wide, wide_be]);
    }
    traces
}

fn holds(bytes: &[u8], trace: &[u8]) -> bool {
    bytes.windows(trace.len()).any(|part| part == trace)
}

/// Traces of the person within bytes.
fn found(bytes: &[u8]) -> Vec<String> {
    let traces = traces().into_iter().filter(|trace| holds(bytes, trace));
    traces.map(|trace| String::from_utf8_lossy(&trace).into_owned()).collect()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    all
}

/// Every row of every table of the installation's schemas, as PostgreSQL writes it: bytes in hex.
async fn tables(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let Some(url) = &app.config.database_url else { return Vec::new() };
    let schema = &app.config.database_schema;
    let db = Db::open_postgres(url, schema).await.unwrap();
    let mut all = Vec::new();
    for schema in [schema.clone(), format!("{schema}_keyring"), format!("{schema}_scans")] {
        let sql = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = $1";
        for row in db.all(sql, args![schema.as_str()]).await.unwrap() {
            let table: String = row.get(0).unwrap();
            let sql = format!("SELECT CAST(t AS TEXT) FROM {schema}.{table} AS t");
            let mut text = String::new();
            for row in db.all(Box::leak(sql.into_boxed_str()), args![]).await.unwrap() {
                text.push_str(&row.get::<String>(0).unwrap());
                text.push('\n');
            }
            all.push((format!("{schema}.{table}"), text.into_bytes()));
        }
    }
    db.close().await;
    all
}

/// Where log lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn visits(app: &TestApp) {
    let place = app.place(PLACE).await;
    let mut gate = app.gate(&place).await;
    let card = |kind: &str| scan(app, json!({ "code": CARD, "phone": PHONE, "kind": kind }));
    assert_eq!(post_one(&mut gate, &card("in")).await["outcome"], "accepted");
    app.minutes_pass(5);
    assert_eq!(post_one(&mut gate, &card("out")).await["outcome"], "accepted");
    let mut visitor = app.stranger();
    check_in(&mut visitor, &place.code, "in", NAME, PHONE).await.is(200);
    check_in(&mut visitor, &place.code, "out", "", "").await.is(200);
    check_in(&mut app.stranger(), &place.code, "in", NAME, "09192").await.is(422);
    let typed = scan(app, json!({ "typed": { "name": NAME, "phone": PHONE } }));
    assert_eq!(post_one(&mut gate, &typed).await["outcome"], "accepted");
}

on_both! {
    async fn no_file_table_or_log_line_holds_a_person(app) {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        let guard = ::tracing::subscriber::set_default(subscriber);
        app.ceremony().await;
        visits(&app).await;
        app.app.counters.flush(&app.app.store).await.unwrap();
        drop(guard);
        let mut all = tables(&app).await;
        app.close().await;
        all.extend(files(&app.folder()));
        let logged = lines.0.lock().unwrap().clone();
        assert!(!logged.is_empty());
        all.push(("log lines".to_owned(), logged));
        for (what, bytes) in &all {
            assert!(found(bytes).is_empty(), "{what}: {:?}", found(bytes));
        }
        // The search itself works: a place's name is public and does lie there.
        assert!(all.iter().any(|(_, bytes)| holds(bytes, PLACE.as_bytes())));
    }

    async fn tokens_of_one_person_differ_and_link_nothing(app) {
        app.ceremony().await;
        let (market, clinic) = (app.place("Chợ").await, app.place("Phòng khám").await);
        for place in [&market, &clinic, &market] {
            check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(200);
            app.minutes_pass(1);
        }
        app.days_pass(1);
        check_in(&mut app.stranger(), &market.code, "in", NAME, PHONE).await.is(200);
        let rows = app.rows().await;
        assert_eq!(rows.len(), 4);
        for (at, row) in rows.iter().enumerate() {
            for other in &rows[at + 1..] {
                assert_ne!(row.token, other.token);
                assert!(!row.token.windows(6).any(|part| holds(&other.token, part)));
            }
        }
        assert_ne!(rows[0].epoch, rows[3].epoch, "a new day has new keys");
        // One person, though: the register knows the phone once.
        let phone = domain::phone::Phone::parse(PHONE).unwrap();
        let (kind, index) = vaora::intake::identity::index_of(
            &app.app.keyfile.index_key, seal::index::IndexKind::Phone, &phone.e164());
        assert_eq!(app.app.store.persons_by_index(kind, index).await.unwrap().len(), 1);
    }

    async fn epoch_keys_lie_nowhere_in_clear(app) {
        app.ceremony().await;
        let epoch = app.app.epochs.at(&app.app.store, app.clock.now()).await.unwrap().unwrap();
        let (movement, identity) = (epoch.movement.expose().to_vec(), epoch.identity.expose().to_vec());
        let mut all = tables(&app).await;
        app.close().await;
        all.extend(files(&app.folder()));
        for (what, bytes) in &all {
            for key in [&movement, &identity] {
                assert!(!holds(bytes, key), "{what}");
                assert!(!holds(bytes, data_encoding::HEXLOWER.encode(key).as_bytes()), "{what}");
            }
        }
    }
}
