//! The real program killed thousands of times: at moments, at system calls, and under a failing disk.

use anyhow::{Context as _, Result};

use crate::{house::House, run::run, tools};

/// Rounds unless told otherwise.
const ROUNDS: &str = "2000";

/// Plays the rounds on the embedded engine, and prints what they came to.
pub fn all(house: &House, rounds: Option<&str>) -> Result<()> {
    let rounds = rounds.unwrap_or(ROUNDS);
    rounds.parse::<u64>().with_context(|| format!("`{rounds}` is no number of rounds"))?;
    tools::provide(house, tools::FOR_TORTURE)?;
    let args = ["test", "--locked", "-p", "vaora", "--test", "kill", "--", "--nocapture", "lite"];
    run(house.cargo(args[0]).args(&args[1..]).env("VAORA_KILLS", rounds))
}
