//! Peers that come as Python packages, in a folder of their own beside what is built.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{house::House, run::run};

const PINS: &str = "benches/requirements.txt";

/// Python with the peers exactly as pinned; left alone when they stand already.
pub fn python(house: &House) -> Result<PathBuf> {
    let venv = house.target().join("bench-venv");
    let python = venv.join("bin/python3");
    if !python.exists() {
        run(house.command("python3").args(["-m", "venv"]).arg(&venv))
            .context("on Debian, venv is the package python3-venv")?;
    }
    let pins = std::fs::read(house.root.join(PINS)).context(PINS)?;
    let stamp = venv.join("installed-requirements.txt");
    if !std::fs::read(&stamp).is_ok_and(|installed| installed == pins) {
        run(house.command(&python).args(["-m", "pip", "install", "--quiet", "-r", PINS]))?;
        std::fs::write(stamp, pins)?;
    }
    Ok(python)
}
