//! The real program as a process of its own, with or without faults put into its system calls.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A fault that `strace` puts into the program's system calls.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// System call.
    pub call: &'static str,
    /// What happens to it, in strace's words: `signal=KILL`, `error=EIO`.
    pub effect: &'static str,
    /// At which of its calls, counted from 1.
    pub at: u32,
    /// True when it goes on from there, as a full disk does.
    pub goes_on: bool,
}

/// A running `vaora serve`, killed when dropped.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub url: String,
}

impl Server {
    /// Starts the program; `None` when a fault ended it before it was ready. With paths, only calls that touch one of
    /// them are counted and struck.
    pub fn start(settings: &Path, fault: Option<Fault>, paths: &[PathBuf]) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = command(fault, paths);
        command.arg("--config").arg(settings).args(["serve", "--listen", &listen]);
        command.env("VAORA_LOG", if fault.is_some() { "off" } else { "error" }).env_remove("VAORA_DATA");
        if fault.is_some() {
            command.stderr(Stdio::null());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.contains("is ready") {
            return Some(Self { child, url: format!("http://{listen}") });
        }
        assert!(fault.is_some(), "the program did not start: {line:?}");
        let _ = child.kill();
        child.wait().unwrap();
        None
    }

    /// True when it has ended by itself, or by a fault.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGKILL: no destructor, no flush, no goodbye.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, under strace when a fault is asked for. With `-D` the child is the program itself and strace
/// its grandchild, so that a kill meets the program and not its tracer. Without `--seccomp-bpf`, with which strace
/// 6.1 puts in no signals.
fn command(fault: Option<Fault>, paths: &[PathBuf]) -> Command {
    let program = env!("CARGO_BIN_EXE_vaora");
    let Some(fault) = fault else { return Command::new(program) };
    let more = if fault.goes_on { "+" } else { "" };
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-qqq", "-o", "/dev/null"]);
    command.arg(format!("--trace={}", fault.call));
    command.arg(format!("--inject={}:{}:when={}{more}", fault.call, fault.effect, fault.at));
    for path in paths {
        command.arg("-P").arg(path);
    }
    command.args(["--", program]);
    command
}
