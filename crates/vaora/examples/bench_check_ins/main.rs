//! Durable, sealed check-ins over HTTP, one a request, beside the same server answering without the write and
//! beside Fastify and FastAPI with one insert a request into PostgreSQL; and the seconds from start to ready with
//! weeks of history. `cargo xtask bench check-ins` and `bench start-up` bring PostgreSQL and the peers.
//!
//! Every contestant is a process of its own on a loopback socket, all get the same requests from the same
//! generator, which shares the machine's cores with them, and they take turns: ratios say more than figures. Ours
//! are the whole program: accept loop, sessions, the gate's device looked up, JSON read, phone and name parsed,
//! blind indexes made. The durable ones then settle the person, seal, commit and answer; the other answers.

mod batches;
mod child;
mod history;
mod installation;
mod load;
mod no_write;
mod peers;
mod report;
mod rounds;
mod serve;
mod start_up;

use anyhow::Result;
use clap::Parser;

#[derive(Parser)]
#[command(about = "Durable check-ins over HTTP beside peers")]
enum Command {
    /// All contestants, in turns.
    Run(rounds::Wanted),
    /// Seconds from start to ready over so many days of history.
    StartUp(start_up::Wanted),
    /// One of our servers, until standard input ends. The other commands start it.
    #[command(hide = true)]
    Serve(serve::Wanted),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Command::parse() {
        Command::Run(wanted) => rounds::run(&wanted).await,
        Command::StartUp(wanted) => start_up::run(&wanted),
        Command::Serve(wanted) => serve::run(wanted).await,
    }
}
