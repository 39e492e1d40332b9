//! Commands that open an installation.

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use tokio::net::TcpListener;

use crate::{
    app::App, audit, bootstrap, clock::Clock, config::Config, demo, jobs, router::router, server, units_csv,
};

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("VAORA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn run_server(app: &App, listen: &str, ready: impl FnOnce()) -> Result<ExitCode> {
    let connections_max = server::connections_max(app.config.connections_max)?;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen}; is another program there? Try --listen 127.0.0.1:8081")
    })?;
    jobs::start(app);
    ready();
    server::serve(listener, router(app), connections_max).await?;
    app.counters.flush(&app.store).await?;
    app.scanlog.close().await;
    app.store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Serves an installation.
///
/// # Errors
/// When it cannot be opened or the address is taken.
pub async fn serve(mut config: Config, listen: Option<String>) -> Result<ExitCode> {
    log_to_stderr();
    if let Some(listen) = listen {
        // Unless an address was set for people, they open the one that is listened on.
        if config.public_url == Config::default().public_url {
            config.public_url = format!("http://localhost:{}", listen.rsplit(':').next().unwrap_or("8080"));
        }
        config.listen = listen;
    }
    let config = config.checked()?;
    let listen = config.listen.clone();
    let app = bootstrap::open(config, Clock::default()).await?;
    let setup = bootstrap::setup_address(&app).await?;
    let public_url = app.config.public_url.clone();
    run_server(&app, &listen, || {
        println!("Vào Ra is ready: {public_url} (listening on {listen})");
        if let Some(address) = setup {
            println!("No account exists yet. Make the first administrator here (this address works once):\n  {address}");
        }
    })
    .await
}

/// Makes a demo in a fresh folder and serves it.
///
/// # Errors
/// When the folder holds something else, or the address is taken.
pub async fn demo(given: Config, given_data: bool, listen: String, seed: u64) -> Result<ExitCode> {
    // Nothing but the folder is taken from the settings: a demo must never touch a real database or key file.
    let mut config = Config { data_dir: "vaora-demo".into(), ..Config::default() };
    if given_data {
        config.data_dir = given.data_dir;
    }
    clear_former_demo(&config.data_dir)?;
    log_quietly();
    let port = listen.rsplit(':').next().unwrap_or("8080").to_owned();
    config.public_url = format!("http://localhost:{port}");
    config.hotline.get_or_insert_with(|| "0262 3 000 000".to_owned());
    config.demo = true;
    let config = config.checked()?;
    println!("Making the demo in {} …", config.data_dir.display());
    let made = demo::make(config, Clock::default(), seed).await?;
    run_server(&made.app, &listen, || println!("{}", made.words)).await
}

fn log_quietly() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("VAORA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,vaora::sms=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Removes a folder that an earlier demo made, and nothing else.
fn clear_former_demo(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let is_empty = fs::read_dir(folder)?.next().is_none();
    if !is_empty && !folder.join(demo::MARK).exists() {
        bail!("{} holds something that is no demo; name another folder with --data", folder.display());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove the former demo {}", folder.display()))
}

/// Imports units.
///
/// # Errors
/// When the file is wrong; the error names the row and nothing is imported.
pub async fn import_units(config: &Config, file: &Path, replaces: bool) -> Result<ExitCode> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let store = bootstrap::open_store(config).await?;
    bootstrap::open_keyfile(config, &store).await?;
    bootstrap::load_reference(&store, &Clock::default().today().to_string()).await?;
    let done = units_csv::import_units(&store, &text, replaces)
        .await
        .with_context(|| format!("{} was not imported", file.display()))?;
    println!(
        "{} units imported, {} predecessor links ({} predecessors unknown here), {} former units closed, \
         {} places moved to the unit that follows theirs ({} of them of divided units: check these)",
        done.units,
        done.links,
        done.unknown_predecessors,
        done.closed,
        done.places_moved,
        done.places_to_check
    );
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Imports boundaries.
///
/// # Errors
/// When the file is wrong; the error names the feature and nothing is imported.
pub async fn import_boundaries(config: &Config, file: &Path) -> Result<ExitCode> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let store = bootstrap::open_store(config).await?;
    bootstrap::open_keyfile(config, &store).await?;
    let clock = Clock::default();
    bootstrap::load_reference(&store, &clock.today().to_string()).await?;
    let (found, unknown) =
        units_csv::import_boundaries(&store, &text, &clock.today().to_string(), clock.now()).await?;
    println!("{found} boundaries imported, {unknown} of units that are not known here");
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Checks the access log.
///
/// # Errors
/// When the installation cannot be opened.
pub async fn verify_log(config: &Config) -> Result<ExitCode> {
    let store = bootstrap::open_store(config).await?;
    let keys = bootstrap::open_keyfile(config, &store).await?;
    let checked = audit::verify(&store, &keys).await?;
    store.close().await;
    match checked {
        Ok(head) => {
            println!("The access log is whole. Head: {head}");
            Ok(ExitCode::SUCCESS)
        }
        Err(bad) => {
            println!("The access log was changed. First bad entry: {bad}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Confirms the clock.
///
/// # Errors
/// When the installation cannot be opened.
pub async fn confirm_clock(config: &Config) -> Result<ExitCode> {
    let store = bootstrap::open_store(config).await?;
    let today = Clock::default().today();
    store.set_setting("clock_confirmed_day", &domain::time::day_number(today).to_string()).await?;
    store.close().await;
    println!("Confirmed that today is {today}. Deletion goes on within a minute of the running server.");
    Ok(ExitCode::SUCCESS)
}
