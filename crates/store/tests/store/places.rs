use store::{
    is_unique_violation,
    places::{Place, PointFacts},
};

use crate::common::{
    House,
    rows::{COMMUNE, NOW, ground, place},
};

/// Market 20 with a hall, approved, with codes `AAAA` and `BBBB`; answers its two areas.
async fn approved(on: &House) -> [i64; 2] {
    ground(on).await;
    on.store.add_place(&place(20), "cho 20", &["Nhà lồng".to_owned()]).await.unwrap();
    let areas = on.store.areas_of_place(20).await.unwrap();
    let codes = [(areas[0].id, 501, "AAAA".to_owned()), (areas[1].id, 502, "BBBB".to_owned())];
    assert!(on.store.approve_place(20, 100, NOW + 1, &codes).await.unwrap());
    [areas[0].id, areas[1].id]
}

fn codes(points: &[PointFacts]) -> Vec<(&str, i64, bool)> {
    points.iter().map(|p| (p.point.code.as_str(), p.point.version, p.point.retired_at.is_some())).collect()
}

on_both! {
    async fn a_place_waits_with_its_areas(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &["Nhà lồng".to_owned(), "Sân".to_owned()]).await.unwrap();
        let kept = on.store.place(20).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.contact_sealed, kept.decided_at), ("submitted", vec![1, 2, 3], None));
        let areas = on.store.areas_of_place(20).await.unwrap();
        let names: Vec<_> = areas.iter().map(|a| (a.id, a.name.as_str())).collect();
        assert_eq!(names, [(1, ""), (2, "Nhà lồng"), (3, "Sân")]);
        assert_eq!(on.store.area(2).await.unwrap().unwrap().place_id, 20);
        assert!(on.store.area(9).await.unwrap().is_none());
        assert!(on.store.place(21).await.unwrap().is_none());
        assert!(on.store.points_of_place(20).await.unwrap().is_empty(), "no code before approval");
    }

    async fn two_areas_of_one_name_keep_nothing(on) {
        ground(&on).await;
        let twice = ["Sân".to_owned(), "Sân".to_owned()];
        let error = on.store.add_place(&place(20), "cho 20", &twice).await.unwrap_err();
        assert!(is_unique_violation(&error));
        assert!(on.store.place(20).await.unwrap().is_none());
        assert!(on.store.areas().await.unwrap().is_empty());
    }

    async fn places_added_at_once_get_areas_of_their_own(on) {
        ground(&on).await;
        let adding: Vec<_> = (0..12)
            .map(|id| {
                let store = on.store.clone();
                tokio::spawn(async move { store.add_place(&place(id), "cho", &["Sân".to_owned()]).await })
            })
            .collect();
        for one in adding {
            one.await.unwrap().unwrap();
        }
        let ids: Vec<i64> = on.store.areas().await.unwrap().iter().map(|a| a.id).collect();
        assert_eq!(ids, (1..=24).collect::<Vec<_>>(), "dense, none twice");
    }

    async fn an_area_is_added_under_a_name_of_its_own(on) {
        approved(&on).await;
        assert_eq!(on.store.add_area(20, "Sân", NOW).await.unwrap(), 3);
        assert!(is_unique_violation(&on.store.add_area(20, "Sân", NOW).await.unwrap_err()));
        assert!(on.store.add_area(999, "Sân", NOW).await.is_err(), "no such place");
    }

    async fn a_place_is_approved_once(on) {
        let [area, _] = approved(&on).await;
        let again = on.store.approve_place(20, 101, NOW + 9, &[(area, 599, "ZZZZ".to_owned())]).await.unwrap();
        assert!(!again);
        let kept = on.store.place(20).await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.decided_at), ("approved", Some(NOW + 1)));
        assert_eq!(codes(&on.store.points_of_place(20).await.unwrap()), [("AAAA", 1, false), ("BBBB", 1, false)]);
    }

    async fn two_approvals_at_once_are_one(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
        let tries: Vec<_> = (0..6)
            .map(|number| {
                let store = on.store.clone();
                let codes = [(1, 600 + number, format!("CODE{number}"))];
                tokio::spawn(async move { store.approve_place(20, 100, NOW, &codes).await.unwrap() })
            })
            .collect();
        let mut approved = 0;
        for one in tries {
            approved += i64::from(one.await.unwrap());
        }
        assert_eq!((approved, on.store.points_of_place(20).await.unwrap().len()), (1, 1));
    }

    async fn an_approval_with_a_taken_code_changes_nothing(on) {
        approved(&on).await;
        on.store.add_place(&place(21), "cho 21", &[]).await.unwrap();
        let error = on.store.approve_place(21, 100, NOW, &[(3, 700, "AAAA".to_owned())]).await.unwrap_err();
        assert!(is_unique_violation(&error));
        assert_eq!(on.store.place(21).await.unwrap().unwrap().state, "submitted");
    }

    async fn a_returned_place_is_corrected_and_comes_again(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
        assert!(on.store.return_place(20, 100, "Thiếu địa chỉ", NOW + 1).await.unwrap());
        assert!(!on.store.return_place(20, 100, "Lần nữa", NOW + 2).await.unwrap());
        let returned = on.store.place(20).await.unwrap().unwrap();
        assert_eq!((returned.state.as_str(), returned.return_reason.as_deref()), ("returned", Some("Thiếu địa chỉ")));
        assert!(!on.store.approve_place(20, 100, NOW, &[]).await.unwrap(), "it does not wait");
        let corrected = Place { address: "12 Lê Duẩn".to_owned(), ..place(20) };
        assert!(on.store.resubmit_place(&corrected, "cho 20").await.unwrap());
        let waiting = on.store.place(20).await.unwrap().unwrap();
        assert_eq!((waiting.state.as_str(), waiting.address.as_str(), waiting.return_reason), ("submitted", "12 Lê Duẩn", None));
    }

    async fn an_approved_place_is_neither_returned_nor_corrected(on) {
        approved(&on).await;
        assert!(!on.store.return_place(20, 100, "Sai", NOW).await.unwrap());
        assert!(!on.store.resubmit_place(&Place { name: "Khác".to_owned(), ..place(20) }, "khac").await.unwrap());
        assert!(!on.store.resubmit_place(&place(99), "x").await.unwrap(), "no such place");
        assert_eq!(on.store.place(20).await.unwrap().unwrap().name, "Chợ 20");
    }

    async fn lists_pick_their_own(on) {
        approved(&on).await;
        let other = Place { owner_index: vec![8; 16], registered_at: NOW + 5, unit_id: 5, ..place(21) };
        on.store.add_place(&other, "a truoc", &[]).await.unwrap();
        on.store.add_place(&Place { registered_at: NOW + 6, ..place(22) }, "b", &[]).await.unwrap();
        let ids = |places: Vec<Place>| places.iter().map(|p| p.id).collect::<Vec<_>>();
        assert_eq!(ids(on.store.places().await.unwrap()), [21, 22, 20], "by folded name");
        assert_eq!(ids(on.store.places_of_owner([6; 16]).await.unwrap()), [22, 20]);
        assert_eq!(ids(on.store.places_of_owner([9; 16]).await.unwrap()), []);
        assert_eq!(ids(on.store.places_of_unit(COMMUNE).await.unwrap()), [22, 20]);
        assert_eq!(ids(on.store.submitted_places().await.unwrap()), [21, 22]);
    }

    async fn a_code_leads_to_its_place(on) {
        let [_, hall] = approved(&on).await;
        let facts = on.store.point_by_code("BBBB").await.unwrap().unwrap();
        assert_eq!((facts.point.area_id, facts.area_name.as_str(), facts.place_id), (hall, "Nhà lồng", 20));
        assert_eq!((facts.place_name.as_str(), facts.type_code.as_str(), facts.state.as_str()), ("Chợ 20", "CHO", "approved"));
        assert_eq!((facts.unit_id, facts.point.issued_at), (COMMUNE, NOW + 1));
        assert!(on.store.point_by_code("bbbb").await.unwrap().is_none());
        assert!(on.store.point_by_code("CCCC").await.unwrap().is_none());
    }

    async fn a_renewed_code_retires_the_former(on) {
        let [area, _] = approved(&on).await;
        on.store.renew_code(area, 510, "CCCC", NOW + 5).await.unwrap();
        let points = on.store.points_of_place(20).await.unwrap();
        assert_eq!(codes(&points), [("CCCC", 2, false), ("AAAA", 1, true), ("BBBB", 1, false)]);
        assert!(on.store.point_by_code("AAAA").await.unwrap().is_some(), "a retired code is still known");
        assert_eq!(codes(&on.store.points_in_force().await.unwrap()), [("CCCC", 2, false), ("BBBB", 1, false)]);
        let taken = on.store.renew_code(area, 511, "BBBB", NOW + 6).await.unwrap_err();
        assert!(is_unique_violation(&taken));
        assert_eq!(on.store.points_in_force().await.unwrap().len(), 2, "a failed renewal retires nothing");
    }

    async fn renewals_at_once_leave_one_code_in_force(on) {
        let [area, _] = approved(&on).await;
        let renewals: Vec<_> = (0..8)
            .map(|number| {
                let store = on.store.clone();
                let code = format!("N{number}");
                tokio::spawn(async move { store.renew_code(area, 520 + number, &code, NOW + 5).await })
            })
            .collect();
        for one in renewals {
            one.await.unwrap().unwrap();
        }
        let points = on.store.points_of_place(20).await.unwrap();
        let of_area: Vec<_> = points.iter().filter(|p| p.point.area_id == area).collect();
        assert_eq!(of_area.len(), 9);
        assert_eq!(of_area.iter().filter(|p| p.point.retired_at.is_none()).count(), 1);
        assert_eq!(of_area[0].point.version, 9);
    }

    async fn a_code_is_retired_once(on) {
        approved(&on).await;
        assert!(on.store.retire_code(501, NOW + 5).await.unwrap());
        assert!(!on.store.retire_code(501, NOW + 6).await.unwrap());
        assert!(!on.store.retire_code(999, NOW).await.unwrap());
        assert_eq!(on.store.point_by_code("AAAA").await.unwrap().unwrap().point.retired_at, Some(NOW + 5));
        assert_eq!(codes(&on.store.points_of_unit(COMMUNE).await.unwrap()), [("BBBB", 1, false)]);
        assert!(on.store.points_of_unit(5).await.unwrap().is_empty());
    }

    async fn many_places_come_in_approved(on) {
        ground(&on).await;
        let places: Vec<_> = (0..300)
            .map(|id| {
                let place = Place { state: "approved".to_owned(), decided_at: Some(NOW + 2), ..place(id) };
                (place, format!("cho {id:03}"), vec!["Sân".to_owned()])
            })
            .collect();
        let mut number = 0;
        let next_code = move || {
            number += 1;
            (number, format!("K{number}"))
        };
        on.store.add_approved_places(&places, next_code).await.unwrap();
        let points = on.store.points_in_force().await.unwrap();
        assert_eq!((points.len(), points[0].point.issued_at), (600, NOW + 2));
        assert_eq!(on.store.areas().await.unwrap().last().unwrap().id, 600);
    }
}
