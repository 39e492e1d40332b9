//! Scans as they are written down.

use domain::time::Millis;

use crate::world::SynthScan;

/// Collects scans and drops those after "now".
pub(crate) struct Log {
    scans: Vec<SynthScan>,
    end_at: Millis,
}

impl Log {
    /// An empty log; scans at or after `end_at` are dropped.
    pub(crate) fn new(end_at: Millis) -> Self {
        Self { scans: Vec::new(), end_at }
    }

    /// Notes a scan.
    pub(crate) fn push(&mut self, scan: SynthScan) {
        if scan.at < self.end_at {
            self.scans.push(scan);
        }
    }

    /// All scans by time; people at the same millisecond in their order.
    pub(crate) fn sorted(mut self) -> Vec<SynthScan> {
        self.scans.sort_unstable_by_key(|scan| (scan.at, scan.person, scan.out));
        self.scans
    }
}
