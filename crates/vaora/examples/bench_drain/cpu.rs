//! Processor time by thread, so that the server's is told from the gates'.

use anyhow::{Context as _, Result};

/// Processor time so far: the server's and its store's, and the gates'.
pub struct Cpu {
    pub server_s: f64,
    pub clients_s: f64,
}

impl Cpu {
    pub fn now() -> Result<Self> {
        // Fields 14 and 15 of proc_pid_stat(5): in hundredths of a second, of threads that ended too.
        let stat = std::fs::read_to_string("/proc/self/stat")?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let process_s = fields.map(|field| Ok(field.parse::<f64>()? / 100.0)).sum::<Result<f64>>()?;
        let mut clients_s = 0.0;
        for thread in std::fs::read_dir("/proc/self/task")? {
            let path = thread?.path().display().to_string();
            let name = std::fs::read_to_string(format!("{path}/comm")).unwrap_or_default();
            if name.starts_with("client") {
                clients_s += thread_cpu_s(&path)?;
            }
        }
        Ok(Self { server_s: process_s - clients_s, clients_s })
    }

    pub fn since(&self, before: &Self) -> Self {
        Self { server_s: self.server_s - before.server_s, clients_s: self.clients_s - before.clients_s }
    }
}

/// Processor time of a thread, in seconds.
pub fn thread_cpu_s(thread: &str) -> Result<f64> {
    let text = std::fs::read_to_string(format!("{thread}/schedstat"))?;
    Ok(text.split(' ').next().context("schedstat is empty")?.parse::<f64>()? / 1e9)
}
