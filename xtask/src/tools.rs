//! Tools that the tests need, and how a machine without them gets them.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{house::House, run::run};

/// How a tool shows that it is there.
enum Sign {
    /// A program of this name stands in the path.
    Program(&'static str),
    /// This file or folder exists.
    File(&'static str),
    /// PostgreSQL's server programs, which Debian keeps out of the path.
    Postgres,
}

/// A tool and the Debian package that holds it.
pub struct Tool {
    sign: Sign,
    package: &'static str,
}

const fn program(name: &'static str, package: &'static str) -> Tool {
    Tool { sign: Sign::Program(name), package }
}

/// What `cargo xtask test` needs. The fonts are those that Chromium falls back to.
pub const FOR_TESTS: &[Tool] = &[
    Tool { sign: Sign::Postgres, package: "postgresql" },
    program("node", "nodejs"),
    program("npm", "npm"),
    program("chromium", "chromium"),
    program("ffmpeg", "ffmpeg"),
    program("pdftoppm", "poppler-utils"),
    program("sqlite3", "sqlite3"),
    program("strace", "strace"),
    Tool {
        sign: Sign::File("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
        package: "fonts-dejavu-core",
    },
];

/// What `cargo xtask bench` needs besides Rust.
pub const FOR_BENCHES: &[Tool] = &[
    program("python3", "python3"),
    program("node", "nodejs"),
    program("npm", "npm"),
    Tool { sign: Sign::Postgres, package: "postgresql" },
];

/// What `cargo xtask torture` needs.
pub const FOR_TORTURE: &[Tool] = &[program("strace", "strace")];

/// Installs the missing ones; without the right to do so, an error that says what to type.
pub fn provide(house: &House, tools: &[Tool]) -> Result<()> {
    let packages: Vec<&str> = tools.iter().filter(|tool| !tool.is_there()).map(|tool| tool.package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if in_path("apt-get").is_none() {
        bail!("these are missing, and apt-get with them (the names are Debian's packages): {list}");
    }
    if !is_root() {
        bail!(
            "these are missing: {list}. Type\n\n  sudo apt-get update && sudo apt-get install \
             --no-install-recommends -y {list}\n\nand start again"
        );
    }
    run(house.command("apt-get").arg("update"))?;
    let mut install = house.command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install.args(["install", "--no-install-recommends", "-y"]).args(&packages))?;
    match tools.iter().find(|tool| !tool.is_there()) {
        Some(tool) => bail!("{} was installed, but what it should bring is not found", tool.package),
        None => Ok(()),
    }
}

impl Tool {
    fn is_there(&self) -> bool {
        match self.sign {
            Sign::Program(name) => in_path(name).is_some(),
            Sign::File(path) => Path::new(path).exists(),
            Sign::Postgres => postgres().is_ok(),
        }
    }
}

/// Packages of a Node folder of the project exactly as locked; left alone when they stand already.
pub fn node_packages(house: &House, folder: &str) -> Result<()> {
    let path = house.root.join(folder);
    let lock = std::fs::read(path.join("package-lock.json")).with_context(|| folder.to_owned())?;
    let stamp = path.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    run(house.command("npm").current_dir(&path).args(words))?;
    std::fs::write(stamp, lock).with_context(|| format!("{folder}/node_modules"))
}

/// The first file of this name in the path.
pub fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The folder of PostgreSQL's server programs, of the newest version installed.
pub fn postgres() -> Result<PathBuf> {
    let is_server = |folder: &PathBuf| folder.join("postgres").is_file() && folder.join("initdb").is_file();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, folder)| is_server(folder))
        .max()
        .map(|(_, folder)| folder);
    let elsewhere = || in_path("postgres")?.parent().map(Path::to_owned).filter(is_server);
    debian.or_else(elsewhere).context("PostgreSQL's server programs are not found")
}

/// True for the superuser, as whom PostgreSQL refuses to run.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}
