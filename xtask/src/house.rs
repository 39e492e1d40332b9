//! Where things are.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

/// The project's folder and where its binaries are built.
pub struct House {
    /// Folder of the workspace.
    pub root: PathBuf,
    /// Folder of binaries of the development profile.
    pub binaries: PathBuf,
}

impl House {
    /// Finds the folders: Cargo tells the package's own folder, and this program stands among the binaries
    /// wherever the target folder was set to.
    pub fn find() -> Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").context("start this with `cargo xtask`")?;
        let root = Path::new(&package).parent().context("xtask has no parent folder")?.to_owned();
        let me = std::env::current_exe().context("this program's own path")?;
        let binaries = me.parent().context("this program has no folder")?.to_owned();
        Ok(Self { root, binaries })
    }

    /// The folder that holds everything built.
    pub fn target(&self) -> &Path {
        self.binaries.parent().unwrap_or(&self.binaries)
    }

    /// A command that runs in the project's folder.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo as the user started it. What Cargo told this program about its package is taken out again:
    /// build scripts that watch those variables would else be built once more.
    pub fn cargo(&self, word: &str) -> Command {
        let mut command = self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command.env_remove("LD_LIBRARY_PATH").arg(word);
        command
    }
}
