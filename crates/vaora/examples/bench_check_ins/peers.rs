//! The peers: what people would write in an afternoon, with the settings that their own guides recommend.

use std::{path::PathBuf, process::Command, thread::available_parallelism};

use anyhow::Result;

use crate::child::Server;

/// Where the peers are.
#[derive(clap::Args)]
pub struct Peers {
    /// A PostgreSQL that waits for the disk, for us and for the peers.
    #[arg(long)]
    postgres: Option<String>,
    /// Folder of the Fastify server, its packages installed.
    #[arg(long, requires = "postgres")]
    fastify: Option<PathBuf>,
    /// Folder of the FastAPI server.
    #[arg(long, requires_all = ["postgres", "python"])]
    fastapi: Option<PathBuf>,
    /// Python that has FastAPI's packages.
    #[arg(long)]
    python: Option<PathBuf>,
}

impl Peers {
    /// The database's address, where there is one.
    pub fn postgres(&self) -> Option<&str> {
        self.postgres.as_deref()
    }

    /// Fastify, one process a core.
    pub fn fastify(&self) -> Result<Option<Server>> {
        let (Some(url), Some(folder)) = (&self.postgres, &self.fastify) else { return Ok(None) };
        let mut command = Command::new("node");
        command.current_dir(folder).arg("server.mjs").arg(url).arg(cores());
        command.env("NODE_ENV", "production");
        Server::peer(&mut command).map(Some)
    }

    /// FastAPI on uvicorn, one process a core.
    pub fn fastapi(&self) -> Result<Option<Server>> {
        let (Some(url), Some(folder), Some(python)) = (&self.postgres, &self.fastapi, &self.python) else {
            return Ok(None);
        };
        let mut command = Command::new(python);
        command.current_dir(folder).arg("server.py").arg(url).arg(cores());
        Server::peer(&mut command).map(Some)
    }
}

fn cores() -> String {
    available_parallelism().map_or(1, usize::from).to_string()
}
