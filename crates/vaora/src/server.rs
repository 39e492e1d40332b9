//! The accept loop: every connection has a limit on its headers, so that a dribbling client cannot hold one
//! for ever; a stop lets requests under way end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use axum::{Router, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::Service as _;

/// Connections served at once unless the settings say otherwise: every gate of the province (19,000) may come back
/// within a minute of an outage, and visitors with them. More wait in the system's queue.
pub const CONNECTIONS_MAX: usize = 20_480;
/// File descriptors that are kept for databases, scan files and pages: running out of these must hit connections
/// that wait, never the log that keeps what was acknowledged.
pub const DESCRIPTORS_RESERVED: usize = 512;
/// Longest time a client may take to send its headers.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time that requests under way get at a stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// The address at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// How many connections may be served at once, for what the settings ask (`connections_max`) and the file
/// descriptors that the system lets this process have.
///
/// # Errors
/// When the settings ask for more than the descriptors allow, or these allow none.
pub fn connections_max(wanted: Option<usize>) -> Result<usize> {
    // Where there is no such file (other systems than Linux) nothing is known, and nothing is cut.
    let descriptors = std::fs::read_to_string("/proc/self/limits").ok().and_then(|text| open_files(&text));
    let allowed = allowed(wanted, descriptors)?;
    tracing::info!(allowed, ?descriptors, "connections served at once");
    Ok(allowed)
}

/// The soft limit of open files in the text of proc_pid_limits(5); none where there is no limit.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn allowed(wanted: Option<usize>, descriptors: Option<usize>) -> Result<usize> {
    let room = descriptors.map_or(usize::MAX, |limit| limit.saturating_sub(DESCRIPTORS_RESERVED));
    ensure!(
        wanted.unwrap_or(1).max(1) <= room,
        "connections_max = {} needs {} file descriptors, and this process may have {}. Raise the limit (systemd: \
         LimitNOFILE=65536; a shell: ulimit -n 65536) or set fewer connections",
        wanted.unwrap_or(1),
        wanted.unwrap_or(1).saturating_add(DESCRIPTORS_RESERVED),
        descriptors.unwrap_or_default(),
    );
    Ok(wanted.unwrap_or_else(|| CONNECTIONS_MAX.min(room)))
}

/// Serves so many connections at once (see [`connections_max`]) until the process is told to stop.
///
/// # Errors
/// When the signal handlers cannot be set.
pub async fn serve(listener: TcpListener, router: Router, connections_max: usize) -> Result<()> {
    let room = Arc::new(Semaphore::new(connections_max));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop_signal());
    loop {
        tokio::select! {
            accepted = accept(&listener, &room) => match accepted {
                Ok((stream, peer, permit)) => spawn_connection(stream, peer, router.clone(), &graceful, permit),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            signal = &mut stop => {
                signal?;
                break;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    Ok(())
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

fn spawn_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    graceful: &GracefulShutdown,
    permit: OwnedSemaphorePermit,
) {
    // Answers are small and latency counts: do not wait to fill packets.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().call(request)
    });
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_TIMEOUT);
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(error = %error, "a connection ended early");
        }
        drop(permit);
    });
}

async fn stop_signal() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        signal = tokio::signal::ctrl_c() => signal.context("cannot listen for Ctrl-C")?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        time::timeout,
    };

    use super::*;

    const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units     \n\
        Max processes             95000                95000                processes \n\
        Max open files            1024                 524288               files     \n";

    #[test]
    fn the_soft_limit_counts() {
        assert_eq!(open_files(LIMITS), Some(1024));
        assert_eq!(
            open_files("Max open files            unlimited            unlimited            files"),
            None
        );
        assert_eq!(open_files(""), None);
    }

    #[test]
    fn without_a_setting_connections_fit_the_descriptors() {
        assert_eq!(allowed(None, None).unwrap(), CONNECTIONS_MAX);
        assert_eq!(allowed(None, Some(65_536)).unwrap(), CONNECTIONS_MAX);
        assert_eq!(allowed(None, Some(1024)).unwrap(), 1024 - DESCRIPTORS_RESERVED);
        assert!(allowed(None, Some(DESCRIPTORS_RESERVED)).is_err());
    }

    #[test]
    fn a_setting_that_the_descriptors_do_not_allow_is_refused_with_what_to_do() {
        assert_eq!(allowed(Some(30_000), Some(65_536)).unwrap(), 30_000);
        assert_eq!(allowed(Some(512), Some(1024)).unwrap(), 512);
        let refused = allowed(Some(19_000), Some(1024)).unwrap_err().to_string();
        for part in ["connections_max = 19000", "19512", "1024", "LimitNOFILE"] {
            assert!(refused.contains(part), "{refused}");
        }
    }

    async fn ask(stream: &mut TcpStream) -> std::io::Result<usize> {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
        stream.read(&mut [0; 512]).await
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_waits_until_another_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Router::new().route("/", get(|| async { "here" })), 2));
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            assert!(ask(&mut stream).await.unwrap() > 0);
            open.push(stream);
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        let early = timeout(Duration::from_millis(200), ask(&mut third)).await;
        assert!(early.is_err(), "it was served beside the two");
        open.pop();
        let late = timeout(Duration::from_secs(30), third.read(&mut [0; 512])).await;
        assert!(late.unwrap().unwrap() > 0, "its request was kept and is answered");
    }
}
