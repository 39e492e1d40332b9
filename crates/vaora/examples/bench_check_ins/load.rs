//! The generator: so many kept-alive connections, each with one request under way.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rand::{Rng as _, RngExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};
use uuid::Uuid;
use vaora::clock::Clock;

use crate::child::Server;

/// People who check in again and again.
pub const PEOPLE: usize = 5000;

/// What one round came to.
#[derive(Clone, Copy, Default)]
pub struct Round {
    /// Requests answered.
    pub answered: f64,
    /// The same, a second.
    pub per_second: f64,
    /// Half of the answers came within this many milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this many milliseconds.
    pub p99_ms: f64,
}

/// The load of all rounds.
pub struct Load {
    people: Arc<Vec<(String, String)>>,
    /// Scans of a request.
    pub scans: usize,
}

impl Load {
    /// Requests of so many scans, of a few thousand people with Vietnamese names.
    pub fn of(scans: usize) -> Self {
        let mut rng = rand::rng();
        let families = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng"];
        let person = |number| {
            let family = families[rng.random_range(0..families.len())];
            (format!("{family} Văn Đông"), format!("0912{number:06}"))
        };
        Self { people: Arc::new((0..PEOPLE).map(person).collect()), scans }
    }

    /// Puts it on a server for so long.
    pub async fn put_on(&self, server: &Server, connections: usize, time: Duration) -> Result<Round> {
        let stop = Arc::new(AtomicBool::new(false));
        let tokens = Arc::new(server.tokens.clone());
        let (address, scans) = (server.address, self.scans);
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let (stop, tokens, people) = (Arc::clone(&stop), Arc::clone(&tokens), Arc::clone(&self.people));
            tasks.spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut took_us = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let token = &tokens[rand::rng().random_range(0..tokens.len())];
                    let request = request(token, &batch(&people, scans));
                    let sent = Instant::now();
                    connection.post(&request, scans).await?;
                    took_us.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                }
                anyhow::Ok(took_us)
            });
        }
        let began = Instant::now();
        tokio::time::sleep(time).await;
        stop.store(true, Ordering::Relaxed);
        let mut took_us = Vec::new();
        while let Some(task) = tasks.join_next().await {
            took_us.extend(task??);
        }
        // Until the last answer: what was under way at the end is in the count as well.
        Ok(round(&mut took_us, began.elapsed()))
    }
}

fn round(took_us: &mut [u32], time: Duration) -> Round {
    took_us.sort_unstable();
    let at = |share: usize| {
        took_us.get(took_us.len() * share / 100).map_or(f64::NAN, |&took| f64::from(took) / 1000.0)
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of seconds are far below 2^52")]
    let answered = took_us.len() as f64;
    Round { answered, per_second: answered / time.as_secs_f64(), p50_ms: at(50), p99_ms: at(99) }
}

fn batch(people: &[(String, String)], scans: usize) -> Value {
    let mut rng = rand::rng();
    // The bench's own clock: what the server's says is seconds away at most.
    let now = jiff::Timestamp::from_millisecond(Clock::default().now()).unwrap_or_default().to_string();
    let mut scan = || {
        let (name, phone) = &people[rng.random_range(0..people.len())];
        let kind = if rng.next_u32() & 1 == 0 { "in" } else { "out" };
        json!({
            "id": Uuid::new_v4(), "kind": kind, "captured_at": now, "typed": { "name": name, "phone": phone },
        })
    };
    let list: Vec<Value> = (0..scans).map(|_| scan()).collect();
    json!({ "scans": list })
}

fn request(token: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST /api/v1/scans HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         cookie: vaora_gate={token}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A kept-alive connection that asks for one thing at a time.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request and makes sure that all its scans were accepted.
    async fn post(&mut self, request: &str, scans: usize) -> Result<()> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
            let Some(head) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.buffer[..head])?.to_lowercase();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .context("no length")?
                .parse()?;
            if self.buffer.len() < head + 4 + length {
                continue;
            }
            let answer = String::from_utf8_lossy(&self.buffer[head + 4..]);
            ensure!(text.starts_with("http/1.1 200"), "{text}\n{answer}");
            ensure!(answer.matches("\"accepted\"").count() == scans, "{answer}");
            return Ok(());
        }
    }
}
