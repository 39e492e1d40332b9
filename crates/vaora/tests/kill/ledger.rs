//! What was sent to the program, what it acknowledged, and what must hold of its log afterwards.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use uuid::Uuid;
use vaora::clock::Clock;

use crate::common::rfc3339;

/// Scans of one request: so that some requests are cut in their middle.
const BATCH: usize = 3;

/// What the connections sent and what was acknowledged.
#[derive(Default)]
pub struct Ledger {
    /// Scans sent.
    pub sent: Vec<Value>,
    /// Ids that were answered `accepted`.
    pub acknowledged: HashSet<Uuid>,
}

/// An agent that waits at most ten seconds.
pub fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(10));
    ureq::Agent::new_with_config(ureq::Agent::config_builder().timeout_global(timeout).build())
}

/// Posts a batch; its outcomes by id, or `None` when no whole answer came.
pub fn post(agent: &ureq::Agent, url: &str, token: &str, scans: &[Value]) -> Option<HashMap<Uuid, String>> {
    let request = agent.post(format!("{url}/api/v1/scans")).header("cookie", format!("vaora_gate={token}"));
    let body: Value = request.send_json(json!({ "scans": scans })).ok()?.body_mut().read_json().ok()?;
    let outcomes = body["results"].as_array()?.iter();
    outcomes
        .map(|result| Some((result["id"].as_str()?.parse().ok()?, result["outcome"].as_str()?.to_owned())))
        .collect()
}

/// A batch of fresh scans.
pub fn scans(rng: &mut StdRng, clock: &Clock) -> Vec<Value> {
    let one = |rng: &mut StdRng| {
        let phone = format!("0912{:06}", rng.random_range(0..1_000_000));
        json!({
            "id": Uuid::from_u128(rng.random()),
            "kind": if rng.random_bool(0.5) { "in" } else { "out" },
            "captured_at": rfc3339(clock.now()),
            "typed": { "name": "Trần Văn Đông", "phone": phone },
        })
    };
    (0..BATCH).map(|_| one(rng)).collect()
}

/// What the log holds, expired days left out.
pub struct Kept {
    /// Event ids, each as often as it stands there.
    pub ids: Vec<Uuid>,
    /// Number of scans.
    pub scans: usize,
}

/// Every acknowledged scan and every laid one stands in the log, once, and nothing else does.
pub fn assert_once(kept: &Kept, ledger: &Ledger, laid: &HashSet<Uuid>) {
    let distinct: HashSet<Uuid> = kept.ids.iter().copied().collect();
    assert_eq!(distinct.len(), kept.ids.len(), "a scan stands twice in the log");
    assert_eq!(kept.scans, kept.ids.len(), "scans and event ids are not the same in number");
    let lost: Vec<&Uuid> = ledger.acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged scans are lost", lost.len(), ledger.acknowledged.len());
    assert!(laid.is_subset(&distinct), "scans of a closed day are lost");
    let mut sent: HashSet<Uuid> =
        ledger.sent.iter().map(|scan| scan["id"].as_str().unwrap().parse().unwrap()).collect();
    sent.extend(laid);
    assert!(distinct.is_subset(&sent), "the log holds a scan that nobody sent");
}
