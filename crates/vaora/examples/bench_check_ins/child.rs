//! A contestant's process: started, asked where it listens, and ended with its standard input.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

/// A running server.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Cookies of its gates; peers look at none.
    pub tokens: Vec<String>,
    /// Seconds from opening to listening, as it told itself.
    pub ready_s: f64,
}

impl Server {
    /// Starts one of ours, with these words after `serve`.
    pub fn ours(words: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").args(words);
        let (process, mut output) = spawn(&mut command)?;
        let first = line(&mut output)?;
        let mut parts = first.strip_prefix("ready ").context(first.clone())?.split(' ');
        let address = parts.next().unwrap_or_default().parse().context("its address")?;
        let ready_s = parts.next().unwrap_or_default().parse().context("its seconds")?;
        let tokens = line(&mut output)?.split(' ').map(str::to_owned).collect();
        Ok(Self { process, address, tokens, ready_s })
    }

    /// Starts a peer that prints `ready ADDRESS` once all its processes answer.
    pub fn peer(command: &mut Command) -> Result<Self> {
        let (process, mut output) = spawn(command)?;
        let first = line(&mut output)?;
        let address = first.strip_prefix("ready ").context(first.clone())?.parse().context("its address")?;
        Ok(Self { process, address, tokens: vec!["-".to_owned()], ready_s: 0.0 })
    }

    /// Processor time of this process so far, in seconds.
    pub fn cpu_s(&self) -> Result<f64> {
        // Fields 14 and 15 of proc_pid_stat(5), in hundredths of a second.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        fields.map(|field| Ok(field.parse::<f64>()? / 100.0)).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        for _ in 0..300 {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        eprintln!("process {} did not end with its input; it is killed", self.process.id());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(command: &mut Command) -> Result<(Child, BufReader<ChildStdout>)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut process = started.with_context(|| format!("{name} did not start"))?;
    let output = process.stdout.take().context("it has no output")?;
    Ok((process, BufReader::new(output)))
}

fn line(output: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    ensure!(output.read_line(&mut line)? > 0, "a server ended before it was ready");
    Ok(line.trim_end().to_owned())
}
