//! Batches as a device sends them, over a kept-alive connection of its own.

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, ensure};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::installation::{Gate, Item};

/// How long a device waits for an answer, as `net.js` does.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// A batch as a device writes it: its first scan has this number, and so many are left after it.
pub fn body_of(gate: &Gate, batch: &[Item], first: usize, left: usize, now: i64) -> String {
    let mut body = format!(r#"{{"sent_at":{now},"left":{left},"oldest_at":null,"items":["#);
    for (number, item) in batch.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let (id, device, at, seq) = (item.id, &gate.device, item.at, first + number);
        let sealed = BASE64URL_NOPAD.encode(&item.sealed);
        // Writing to a string does not fail.
        let _ = write!(
            body,
            r#"{comma}{{"id":"{id}","device":"{device}","at":{at},"seq":{seq},"sealed":"{sealed}"}}"#
        );
    }
    body.push_str("]}");
    body
}

/// What came back.
pub enum Reply {
    /// One outcome a scan.
    Taken(Vec<String>),
    /// Not now: status, and seconds of Retry-After.
    Busy(u16, u64),
    /// No answer in time, or the server hung up.
    Nothing,
    /// Anything else is a mistake of this bench or of the server.
    Wrong(String),
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    outcome: String,
}

/// Posts a batch on a device's connection, opened (again) where it is not open.
pub async fn post(
    connection: &mut Option<Connection>,
    address: SocketAddr,
    token: &str,
    body: &str,
) -> Reply {
    let asked = async {
        // An idle connection is closed by the server after a while; a browser then opens another.
        if let Some(open) = connection.as_mut()
            && let Ok(answer) = open.post(token, body).await
        {
            return Ok(answer);
        }
        connection.insert(Connection::open(address).await?).post(token, body).await
    };
    match timeout(ANSWER_MAX, asked).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(_)) | Err(_) => {
            *connection = None;
            Reply::Nothing
        }
    }
}

/// A kept-alive connection that asks for one thing at a time.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    async fn post(&mut self, token: &str, body: &str) -> Result<Reply> {
        let head = format!(
            "POST /api/v1/queue HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             cookie: vaora_gate={token}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all((head + body).as_bytes()).await?;
        self.buffer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_lowercase();
            let length: usize = header(&head, "content-length").context("no length")?.parse()?;
            if self.buffer.len() >= end + 4 + length {
                return reply(&head, &self.buffer[end + 4..]);
            }
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn reply(head: &str, body: &[u8]) -> Result<Reply> {
    let status: u16 = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(match status {
        200 => {
            let answer: Answer = serde_json::from_slice(body)?;
            Reply::Taken(answer.results.into_iter().map(|result| result.outcome).collect())
        }
        429 | 503 => Reply::Busy(status, header(head, "retry-after").map_or(Ok(0), str::parse)?),
        _ => Reply::Wrong(format!("{head}\n{}", String::from_utf8_lossy(body))),
    })
}
