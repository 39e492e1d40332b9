//! A private PostgreSQL for one run: its own folder and port, stopped whatever happens to this program.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::tools;

const SCRIPT: &str = include_str!("cluster.sh");

/// Nothing of value is ever kept in the tests' cluster.
const FOR_TESTS: &[&str] =
    &["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=300"];

/// A running cluster; dropping it stops the server and removes its folder.
pub struct Cluster {
    keeper: Child,
    port: u16,
}

impl Cluster {
    /// A cluster for tests: quick, because it does not wait for the disk.
    pub fn start() -> Result<Self> {
        Self::with(FOR_TESTS)
    }

    /// Makes and starts a cluster with these settings, and waits until it answers.
    pub fn with(settings: &[&str]) -> Result<Self> {
        let bin = tools::postgres()?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = shell();
        command.args(["-c", SCRIPT, "cluster.sh"]).arg(bin).arg(port.to_string());
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        // A group of its own: an interrupt from the keyboard ends this program, and that ends the cluster,
        // in this order.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut keeper = command.spawn().context("the shell that keeps PostgreSQL did not start")?;
        let mut word = String::new();
        if let Some(output) = keeper.stdout.take() {
            BufReader::new(output).read_line(&mut word)?;
        }
        let cluster = Self { keeper, port };
        ensure!(word.trim() == "ready", "PostgreSQL did not start; what it said stands above");
        Ok(cluster)
    }

    /// The address of the server, for the superuser that everyone on this machine may be.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("xtask: PostgreSQL on port {} was not seen to stop: {error}", self.port);
        }
    }
}

/// A shell as a user as whom PostgreSQL runs.
fn shell() -> Command {
    if tools::is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    }
}
