//! Scans of gates and check-ins of visitors.

use domain::time::date_of_day_number;
use scanlog::SealedScan;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use uuid::Uuid;

use super::{
    TestApp,
    client::{Answer, Client},
};

/// Made-up samples of every card that a gate meets: name of the kind, text, name as shown.
pub const CARDS: [(&str, &str, &str); 6] = [
    (
        "CCCD of 2021",
        "066095001234|241234567|Y Nguyễn Văn A|01021995|Nam|Buôn Kô Siêr, Tân Lập, Thành phố Buôn Ma Thuột, Đắk Lắk|15042021",
        "Y Nguyễn Văn A",
    ),
    (
        "CCCD of 2024",
        "066195001235||H'Nguyễn Thị B|01021995|Nữ|Thôn 2, Ea Kao, Đắk Lắk|05072024||||",
        "H'Nguyễn Thị B",
    ),
    (
        "BHYT, old",
        "GD4666600000001|4e677579e1bb856e2056c4836e2041|01/02/1995|1|5468c3a06e68207068e1bb91204275c3b46e204d6120546875e1bb9974|66 - 001|01/01/2021|-|02/01/2021|66666600000001|-|4|01/01/2025|abc123-7102|$",
        "Nguyễn Văn A",
    ),
    (
        "BHYT, new",
        "6600000001|4e677579e1bb856e2056c4836e2041|1995|2|-|66 - 001|01/07/2023|-|31/07/2023|66016600000001|-|4| 01/10/2027|abc123-1202|4|5468c3a06e68207068e1bb91204275c3b46e204d6120546875e1bb9974|$",
        "Nguyễn Văn A",
    ),
    (
        "1405",
        "066095001234|NGUYEN VAN A|1995-02-01|0|162900000000000001|<1<GD4666600000001<0912345678",
        "NGUYEN VAN A",
    ),
    (
        "1405, masked",
        "******001234|NGUYEN VAN A|1995-**-**|1|162900000000000002|162900000000000001<0<<",
        "NGUYEN VAN A",
    ),
];

/// A scan of a code now; `more` is merged over it.
pub fn scan(app: &TestApp, more: Value) -> Value {
    let mut scan = json!({ "id": Uuid::new_v4(), "kind": "in", "captured_at": app.now_text() });
    for (key, value) in more.as_object().unwrap() {
        scan[key] = value.clone();
    }
    scan
}

/// Posts a batch.
pub async fn post(gate: &mut Client, scans: &[Value]) -> Answer {
    gate.post_json("/api/v1/scans", &json!({ "scans": scans })).await
}

/// Posts one scan; its outcome.
pub async fn post_one(gate: &mut Client, scan: &Value) -> Value {
    post(gate, std::slice::from_ref(scan)).await.is(200).json()["results"][0].clone()
}

/// Somebody typed at a gate, in or out.
pub async fn typed(app: &TestApp, gate: &mut Client, kind: &str, name: &str, phone: &str) -> Value {
    let one = scan(app, json!({ "kind": kind, "typed": { "name": name, "phone": phone } }));
    post_one(gate, &one).await
}

/// A visitor's own check-in on the poster's page.
pub async fn check_in(visitor: &mut Client, code: &str, action: &str, name: &str, phone: &str) -> Answer {
    let form = [("action", action), ("name", name), ("phone", phone)];
    visitor.post(&format!("/D/{code}"), &form).await
}

impl TestApp {
    /// Every row of the scan log.
    pub async fn rows(&self) -> Vec<SealedScan> {
        let mut all = Vec::new();
        let (from, until) = (date_of_day_number(18_000), date_of_day_number(40_000));
        let sink = |rows: &[SealedScan]| {
            all.extend_from_slice(rows);
            ControlFlow::Continue(())
        };
        self.app.scanlog.read_days(from, until, sink).await.unwrap();
        all
    }

    /// The event ids that the scan log still keeps.
    pub async fn event_ids(&self) -> Vec<[u8; 16]> {
        let mut all = Vec::new();
        let (from, until) = (date_of_day_number(18_000), date_of_day_number(40_000));
        let sink = |ids: &[[u8; 16]]| {
            all.extend_from_slice(ids);
            ControlFlow::Continue(())
        };
        self.app.scanlog.read_ids(from, until, sink).await.unwrap();
        all
    }
}
