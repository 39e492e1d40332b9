//! What every handler shares.

use std::sync::Arc;

use anyhow::Result;
use domain::{admin_unit::UnitTree, time::Millis};
use minijinja::Environment;
use scanlog::ScanLog;
use seal::{keyfile::KeyFile, sitting::SittingKeys};
use store::Store;
use tokio::sync::{RwLock, Semaphore};

use crate::{
    cards::RevokedCards,
    clock::Clock,
    config::Config,
    figures,
    gate::heard::Devices,
    i18n::Catalog,
    intake::{Intake, counters::Counters, watch::Found},
    keys::{epoch::Epochs, release::Releases, roster::PendingRoster},
    limits::Limits,
    sms::Sender,
    trace::{cases::CaseViews, sitting::Sittings},
    web::{join::SetupToken, office::PendingSheets},
};

/// The running program's parts, shared by reference.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    parts: Parts,
    tree: RwLock<Option<CachedTree>>,
    figures: figures::Cache,
    scans: figures::ScanCache,
}

/// The parts. Reached through [`App`] by dereference.
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// The one clock.
    pub clock: Clock,
    /// Relational store.
    pub store: Store,
    /// Scan log.
    pub scanlog: Arc<ScanLog>,
    /// The server's own keys.
    pub keyfile: KeyFile,
    /// Translations.
    pub catalog: Arc<Catalog>,
    /// Templates.
    pub templates: Environment<'static>,
    /// Rate limits.
    pub limits: Limits,
    /// Sends one-time codes.
    pub sender: Sender,
    /// The epoch whose keys seal what arrives now.
    pub epochs: Arc<Epochs>,
    /// Way in for check-ins.
    pub intake: Intake,
    /// Counts by day and area.
    pub counters: Arc<Counters>,
    /// What looked odd and waits to be written.
    pub found: Arc<Found>,
    /// Revoked personal cards.
    pub cards: RevokedCards,
    /// Keys of gates' sittings that were met lately.
    pub sitting_keys: SittingKeys,
    /// Sequences of gates' devices.
    pub devices: Devices,
    /// Shares that officers released and that wait for a second officer.
    pub releases: Releases,
    /// A roster that waits for its second signature.
    pub pending_roster: PendingRoster,
    /// The lane of queues that were held during an outage: half the processors at most.
    pub backlog: Semaphore,
    /// Who waits for one of them.
    pub backlog_waiters: Semaphore,
    /// Lists between their dry run and their confirmation.
    pub pending: PendingSheets,
    /// Token of the first administrator's set-up, until it is used.
    pub setup: SetupToken,
    /// When each officer last looked at a case, so that the log holds one entry a sitting.
    pub case_views: CaseViews,
    /// Indexes of openings that may be asked.
    pub sittings: Sittings,
}

struct CachedTree {
    tree: Arc<UnitTree>,
    read_at: Millis,
}

/// How long the tree of units is kept before it is read again.
const TREE_FRESH_MS: i64 = 30_000;

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

impl App {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Shared {
            parts,
            tree: RwLock::new(None),
            figures: Default::default(),
            scans: Default::default(),
        }))
    }

    /// Figures kept between pages; read them with [`figures::on`].
    #[must_use]
    pub fn figures(&self) -> &figures::Cache {
        &self.0.figures
    }

    /// Scans by day kept between pages; read them with [`figures::scans_in_days`].
    #[must_use]
    pub fn scans(&self) -> &figures::ScanCache {
        &self.0.scans
    }

    /// Now, by the one clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The tree of units as it stands today; read again when older than half a minute or another day began.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tree(&self) -> Result<Arc<UnitTree>> {
        let now = self.now();
        let today = self.clock.today().to_string();
        if let Some(cached) = &*self.0.tree.read().await
            && cached.tree.date() == today
            && now - cached.read_at < TREE_FRESH_MS
        {
            return Ok(Arc::clone(&cached.tree));
        }
        let tree = Arc::new(UnitTree::on(self.store.admin_units().await?, &today));
        *self.0.tree.write().await = Some(CachedTree { tree: Arc::clone(&tree), read_at: now });
        Ok(tree)
    }
}
