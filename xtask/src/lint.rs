//! Form and mistakes.

use anyhow::Result;

use crate::{house::House, run::run};

/// Format check, and clippy over everything with warnings as errors.
pub fn all(house: &House) -> Result<()> {
    run(house.cargo("fmt").args(["--all", "--check"]))?;
    run(house.cargo("clippy").args(["--workspace", "--all-targets", "--", "-D", "warnings"]))
}
