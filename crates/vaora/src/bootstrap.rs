//! Bringing an installation up: data folder, key file, databases, reference data, and the parts of the app.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use data_encoding::HEXLOWER;
use domain::{
    sitting::SittingEnd,
    time::{Millis, day_number},
};
use scanlog::{Options, ScanLog};
use seal::{keyfile::KeyFile, sitting::SittingKeys};
use store::Store;
use tokio::sync::Semaphore;

use crate::{
    api::queue::LANE_WAITERS_MAX,
    app::{App, Parts},
    audit::{self, Act},
    cards::RevokedCards,
    clock::Clock,
    config::Config,
    gate::heard::Devices,
    i18n::Catalog,
    ids::new_token,
    intake::{Intake, Keeper, counters::Counters},
    keys::epoch::Epochs,
    limits::{Limits, SITTING_KEYS_MAX},
    render,
    sms::Sender,
    units_csv,
    web::{
        demo_sign_in::DEMO_PASSWORD,
        join::{SetupToken, token_hash},
    },
};

/// Setting that holds the installation's id, so that another's key file is refused.
const INSTALL_ID: &str = "install_id";

const UNITS: &str = include_str!("../data/units-daklak-2021.csv");
const DEPARTMENTS: &str = include_str!("../data/departments-daklak-2021.csv");
const POPULATIONS: &str = include_str!("../data/populations-daklak.csv");
const PLACE_TYPES: &str = include_str!("../data/place-types.csv");
const DISTANCING: &str = include_str!("../data/distancing-daklak.csv");
const HOLIDAYS: &str = include_str!("../data/holidays.csv");
const TYPE_RULES: &str = include_str!("../data/place-type-rules.csv");
const DISEASE_RULES: &str = include_str!("../data/disease-profiles.csv");

/// Opens the relational store that the settings name.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_store(config: &Config) -> Result<Store> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir)
        .with_context(|| format!("cannot make the data folder {}", config.data_dir.display()))?;
    Ok(match &config.database_url {
        None => Store::open_embedded(&config.data_dir).await?,
        Some(url) => {
            Store::open_postgres(url, config.keyring_url.as_deref(), &config.database_schema).await?
        }
    })
}

/// Opens the scan log that the settings name.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_scanlog(config: &Config) -> Result<ScanLog> {
    Ok(match &config.database_url {
        None => ScanLog::open_embedded(&config.data_dir.join("scans"), Options::default()).await?,
        Some(url) => {
            let schema = format!("{}_scans", config.database_schema);
            ScanLog::open_postgres(url, Some(&schema), Options::default()).await?
        }
    })
}

/// Reads the key file, or makes it for a new installation. Over existing data no new keys are ever made.
///
/// # Errors
/// When the file is missing beside existing data, damaged, readable by others, or of another installation.
pub async fn open_keyfile(config: &Config, store: &Store) -> Result<KeyFile> {
    let path = config.key_path();
    let installed = store.setting(INSTALL_ID).await?;
    if !path.exists() {
        if installed.is_some() {
            bail!(
                "the key file {} is missing, but the database holds data sealed with it. Put the file back; \
                 a new one could open nothing.",
                path.display()
            );
        }
        let keys = KeyFile::generate(&mut rand::rng());
        write_private(&path, keys.to_text().as_bytes())?;
        store.set_setting(INSTALL_ID, &HEXLOWER.encode(&keys.install_id)).await?;
        return Ok(keys);
    }
    refuse_readable_by_others(&path)?;
    let text = zeroize::Zeroizing::new(
        fs::read_to_string(&path).with_context(|| format!("cannot read the key file {}", path.display()))?,
    );
    let keys = KeyFile::parse(&text).with_context(|| format!("the key file {}", path.display()))?;
    let own = HEXLOWER.encode(&keys.install_id);
    match installed {
        Some(id) if id != own => bail!("the key file {} is of another installation", path.display()),
        Some(_) => {}
        None => store.set_setting(INSTALL_ID, &own).await?,
    }
    Ok(keys)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let shown = path.display();
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make the key file {shown}"))?;
    file.write_all(bytes).with_context(|| format!("cannot write the key file {shown}"))?;
    file.sync_all().with_context(|| format!("cannot write the key file {shown}"))?;
    Ok(())
}

fn refuse_readable_by_others(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        bail!("the key file {} can be read by others (mode {mode:o}); run: chmod 600 {0}", path.display());
    }
    Ok(())
}

/// Fills units, populations, place types and rules of Đắk Lắk into a new store; a filled one is left alone.
///
/// # Errors
/// When the store refuses.
pub async fn load_reference(store: &Store, today: &str) -> Result<()> {
    if store.admin_units().await?.is_empty() {
        units_csv::import_units(store, UNITS, false).await?;
        units_csv::import_units(store, DEPARTMENTS, false).await?;
        units_csv::import_populations(store, POPULATIONS, today).await?;
        units_csv::import_place_types(store, PLACE_TYPES).await?;
        units_csv::import_disease_rules(store, DISEASE_RULES).await?;
        units_csv::import_distancing(store, DISTANCING, today).await?;
    }
    if store.holidays().await?.is_empty() {
        units_csv::import_holidays(store, HOLIDAYS).await?;
    }
    if store.type_rules().await?.is_empty() {
        units_csv::import_type_rules(store, TYPE_RULES, today).await?;
    }
    Ok(())
}

/// Builds the app over opened parts and does what a start needs: counts of the last days, releases forgotten.
///
/// # Errors
/// When a part cannot be read.
pub async fn build(
    config: Config,
    clock: Clock,
    store: Store,
    scanlog: ScanLog,
    keyfile: KeyFile,
) -> Result<App> {
    let scanlog = Arc::new(scanlog);
    let catalog = Arc::new(Catalog::load()?);
    let templates = render::environment(&catalog)?;
    let (epochs, counters) = (Arc::new(Epochs::default()), Arc::new(Counters::default()));
    let now = clock.now();
    // Shares that officers had released were in memory only.
    store.forget_releases().await?;
    end_lost_sittings(&store, &keyfile, now).await?;
    // Counts may lack the last seconds before a stop, however long ago that was.
    let last = scanlog.days().await?.last().map_or(i64::MAX, |day| day_number(*day));
    counters.rebuild(&scanlog, &store, last.min(day_number(clock.today())) - 1, now).await?;
    epochs.at(&store, now).await?;
    let keeper = Keeper::new(
        store.clone(),
        Arc::clone(&scanlog),
        Arc::clone(&epochs),
        Arc::clone(&counters),
        clock.clone(),
    );
    let found = Arc::clone(&keeper.found);
    let intake = Intake::start(keeper);
    let cards = RevokedCards::default();
    cards.refresh(&store, clock.today()).await?;
    let sender = Sender::of(&config);
    let limits = Limits::new(config.device_scans_per_second);
    Ok(App::new(Parts {
        config,
        clock,
        store,
        scanlog,
        keyfile,
        catalog,
        templates,
        limits,
        sender,
        epochs,
        intake,
        counters,
        found,
        cards,
        sitting_keys: SittingKeys::new(SITTING_KEYS_MAX),
        devices: Devices::default(),
        releases: Default::default(),
        pending_roster: Default::default(),
        backlog: Semaphore::new(backlog_lanes()),
        backlog_waiters: Semaphore::new(LANE_WAITERS_MAX),
        pending: Default::default(),
        setup: SetupToken::default(),
        case_views: Default::default(),
        sittings: Default::default(),
    }))
}

/// Notes the end of sittings that the memory of the program before this one held.
async fn end_lost_sittings(store: &Store, keyfile: &KeyFile, now: Millis) -> Result<()> {
    for lost in store.sittings_going_on().await? {
        let act = Act {
            actor: "server",
            action: "sitting.closed",
            case_id: Some(lost.case_id),
            scope: format!("opening {} {}", lost.opening_id, SittingEnd::Restart.code()),
            ..Act::default()
        };
        audit::record_in(store, keyfile, now, act, &[]).await?;
        store.end_sitting(lost.opening_id, SittingEnd::Restart.code(), None, now).await?;
    }
    Ok(())
}

/// Batches of held queues that are taken at once: half the processors, so that the others serve who stands at
/// a door now.
fn backlog_lanes() -> usize {
    std::thread::available_parallelism().map_or(1, |count| (count.get() / 2).max(1))
}

/// Opens everything that the settings name.
///
/// # Errors
/// When a part cannot be opened.
pub async fn open(config: Config, clock: Clock) -> Result<App> {
    let store = open_store(&config).await?;
    if store.setting(DEMO_PASSWORD).await?.is_some() {
        bail!(
            "{} holds a demo, whose passwords are known; name another data folder",
            config.data_dir.display()
        );
    }
    let keyfile = open_keyfile(&config, &store).await?;
    load_reference(&store, &clock.today().to_string()).await?;
    let scanlog = open_scanlog(&config).await?;
    build(config, clock, store, scanlog, keyfile).await
}

/// The one-time address of the first administrator's set-up, while no account exists.
///
/// # Errors
/// When the store refuses.
pub async fn setup_address(app: &App) -> Result<Option<String>> {
    if app.store.has_accounts().await? {
        return Ok(None);
    }
    let token = new_token();
    *app.setup.0.lock().await = Some(token_hash(&token));
    Ok(Some(format!("{}/join/{token}", app.config.public_url.trim_end_matches('/'))))
}
