//! The command line.

mod code_read;
mod exposure;
mod run;
mod visits_file;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::Config;

/// Vào Ra: QR check-in at the doors of public places, contact tracing, coverage and reports.
#[derive(Parser)]
#[command(name = "vaora", version, about, max_term_width = 100)]
struct Cli {
    /// Settings file (TOML).
    #[arg(long, env = "VAORA_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Data folder; overrides the settings file.
    #[arg(long, env = "VAORA_DATA", global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a fresh folder with the province and made-up people, and serve it.
    Demo {
        /// Address and port to listen on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// Seed of the made-up people.
        #[arg(long, default_value_t = 7341)]
        seed: u64,
    },
    /// Serve. The first start prints the address at which the first administrator is made.
    Serve {
        /// Address and port to listen on; overrides the settings file.
        #[arg(long)]
        listen: Option<String>,
    },
    /// Offices.
    #[command(subcommand)]
    Units(Units),
    /// Codes.
    #[command(subcommand)]
    Code(Code),
    /// The exposure engine on a file of visits in clear.
    #[command(subcommand)]
    Exposure(exposure::Exposure),
    /// Check the access log's chain and signed heads; name the first bad entry.
    VerifyLog,
    /// Confirm that the clock is right after it jumped, so that deletion goes on.
    ConfirmClock,
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(Subcommand)]
enum Units {
    /// Import units from CSV (docs/api-design.md describes the columns).
    Import {
        /// The file.
        file: PathBuf,
        /// The file's tree replaces the one that stands: units not in it end on its first day.
        #[arg(long)]
        replaces: bool,
    },
    /// Import boundaries from GeoJSON: features with a property `code`.
    Boundaries {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum Code {
    /// Read scanned texts from standard input, one a line (JSON string or raw); print one JSON object a line.
    Read,
}

/// Runs the command; its exit code is 0 when all went well, 1 otherwise.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vaora: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn settings(cli: &Cli) -> Result<Config> {
    let mut config = match &cli.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    if let Some(data) = &cli.data {
        config.data_dir.clone_from(data);
    }
    Ok(config)
}

fn dispatch(cli: Cli) -> Result<ExitCode> {
    if let Command::Code(Code::Read) = cli.command {
        return code_read::run();
    }
    if let Command::Exposure(command) = &cli.command {
        return exposure::run(command);
    }
    if let Command::Openapi = cli.command {
        println!("{}", crate::api::document().to_pretty_json()?);
        return Ok(ExitCode::SUCCESS);
    }
    let config = settings(&cli)?;
    let given_data = cli.data.is_some() || cli.config.is_some();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Demo { listen, seed } => run::demo(config, given_data, listen, seed).await,
            Command::Serve { listen } => run::serve(config, listen).await,
            Command::Units(Units::Import { file, replaces }) => {
                run::import_units(&config, &file, replaces).await
            }
            Command::Units(Units::Boundaries { file }) => run::import_boundaries(&config, &file).await,
            Command::VerifyLog => run::verify_log(&config).await,
            Command::ConfirmClock => run::confirm_clock(&config).await,
            Command::Code(Code::Read) | Command::Exposure(_) | Command::Openapi => Ok(ExitCode::SUCCESS),
        }
    })
}
