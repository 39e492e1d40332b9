//! Every test: Rust on both databases, then the browser.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::{
    cluster::Cluster,
    house::House,
    run::{run, run_tests},
    tools,
};

/// Where the browser tests stand, as `*.test.mjs`.
const SPECS: &str = "e2e/tests";

/// Longest time that the browser tests may take together; beyond it they end with exit status 124.
const BROWSER_LIMIT: &str = "35m";

/// Installs what is missing and runs everything; the runners' own closing lines come last.
pub fn all(house: &House) -> Result<()> {
    let specs = specs(&house.root.join(SPECS))?;
    tools::provide(house, tools::FOR_TESTS)?;
    tools::node_packages(house, "e2e")?;
    let cluster = Cluster::start()?;
    // One build for both halves: with the tests' features, so that nothing is built twice.
    run(house.cargo("build").args(["--workspace", "--bins", "--tests"]))?;
    let rust = run_tests(
        house.cargo("test").args(["--workspace", "--no-fail-fast"]).env("VAORA_TEST_PG", cluster.url()),
    );
    let browser = browser(house, &specs, &cluster);
    drop(cluster);
    rust.context("Rust tests")?;
    browser.context("browser tests")
}

fn browser(house: &House, specs: &[PathBuf], cluster: &Cluster) -> Result<()> {
    let binary = house.binaries.join("vaora");
    ensure!(binary.is_file(), "the program was not built at {}", binary.display());
    let chromium = tools::in_path("chromium").context("chromium is not in the path")?;
    // A browser that a failed test leaves open keeps node waiting for ever; older nodes know no limit.
    let mut node = house.command("timeout");
    node.args(["--foreground", "--kill-after=10s", BROWSER_LIMIT, "node", "--test", "--test-reporter=spec"])
        .args(specs);
    node.env("VAORA_BIN", binary).env("CHROMIUM", chromium).env("VAORA_TEST_PG", cluster.url());
    run_tests(&mut node)
}

/// The files of browser tests, by name. Node is given each, since its versions disagree on folders.
fn specs(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{SPECS}: no browser tests"))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    ensure!(!files.is_empty(), "{SPECS}: no browser tests");
    files.sort();
    Ok(files)
}
