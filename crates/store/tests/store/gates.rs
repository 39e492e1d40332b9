use crate::common::{
    House,
    rows::{HOUR, NOW, ground, place},
};

const CODE: [u8; 32] = [1; 32];
const TOKEN: [u8; 32] = [2; 32];

/// Gate 70 at the market 20, and its area.
async fn gate(on: &House) -> i64 {
    ground(on).await;
    on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
    let area = on.store.areas_of_place(20).await.unwrap()[0].id;
    on.store.add_gate(70, area, "Cổng chính", CODE, NOW + HOUR, NOW).await.unwrap();
    area
}

on_both! {
    async fn a_device_is_enrolled_once(on) {
        let area = gate(&on).await;
        assert_eq!(on.store.enrol_gate(CODE, TOKEN, "Máy 1", NOW + 1).await.unwrap(), Some(70));
        assert_eq!(on.store.enrol_gate(CODE, [3; 32], "", NOW + 2).await.unwrap(), None);
        let found = on.store.gate_by_token(TOKEN).await.unwrap().unwrap();
        assert_eq!((found.id, found.area_id, found.name.as_str()), (70, area, "Cổng chính"));
        assert_eq!((found.enrolled_at, found.last_seen_at), (Some(NOW + 1), Some(NOW + 1)));
        assert!(on.store.gate_by_token([3; 32]).await.unwrap().is_none());
    }

    async fn two_devices_at_once_get_one_gate(on) {
        gate(&on).await;
        let tries: Vec<_> = (0..8u8)
            .map(|device| {
                let store = on.store.clone();
                tokio::spawn(async move { store.enrol_gate(CODE, [10 + device; 32], "", NOW).await.unwrap() })
            })
            .collect();
        let mut won = 0;
        for one in tries {
            won += i64::from(one.await.unwrap().is_some());
        }
        assert_eq!(won, 1);
    }

    async fn a_code_ends(on) {
        gate(&on).await;
        assert_eq!(on.store.enrol_gate(CODE, TOKEN, "", NOW + HOUR).await.unwrap(), None);
        assert_eq!(on.store.enrol_gate([9; 32], TOKEN, "", NOW).await.unwrap(), None);
        assert_eq!(on.store.enrol_gate(CODE, TOKEN, "", NOW + HOUR - 1).await.unwrap(), Some(70));
    }

    async fn a_revoked_gate_is_closed_for_good(on) {
        gate(&on).await;
        on.store.enrol_gate(CODE, TOKEN, "", NOW).await.unwrap();
        assert!(!on.store.revoke_gate(70, 999, NOW).await.unwrap(), "of another place");
        assert!(on.store.revoke_gate(70, 20, NOW + 5).await.unwrap());
        assert!(!on.store.revoke_gate(70, 20, NOW + 6).await.unwrap());
        assert!(on.store.gate_by_token(TOKEN).await.unwrap().is_none());
        assert_eq!(on.store.gates_of_place(20).await.unwrap()[0].revoked_at, Some(NOW + 5));
    }

    async fn a_code_revoked_before_use_enrols_nobody(on) {
        gate(&on).await;
        on.store.revoke_gate(70, 20, NOW).await.unwrap();
        assert_eq!(on.store.enrol_gate(CODE, TOKEN, "", NOW).await.unwrap(), None);
    }

    async fn gates_are_listed_latest_first_and_touched(on) {
        let area = gate(&on).await;
        on.store.add_gate(71, area, "Cổng sau", [4; 32], NOW + HOUR, NOW + 1).await.unwrap();
        on.store.touch_gate(71, NOW + 9).await.unwrap();
        let gates = on.store.gates_of_place(20).await.unwrap();
        assert_eq!(gates.iter().map(|g| (g.id, g.last_seen_at)).collect::<Vec<_>>(), [(71, Some(NOW + 9)), (70, None)]);
        assert!(on.store.gates_of_place(21).await.unwrap().is_empty());
    }

    async fn codes_of_two_gates_never_meet(on) {
        let area = gate(&on).await;
        let again = on.store.add_gate(71, area, "Cổng sau", CODE, NOW + HOUR, NOW).await;
        assert!(store::is_unique_violation(&again.unwrap_err()));
        assert!(on.store.add_gate(72, 999, "Không nơi", [5; 32], NOW, NOW).await.is_err(), "no such area");
    }
}
