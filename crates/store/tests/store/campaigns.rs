use store::{
    campaigns::{Campaign, Effect},
    scan_counts::ScanCount,
};

use crate::common::rows::{COMMUNE, NOW, ground, place};

fn campaign(id: i64) -> Campaign {
    Campaign {
        id,
        unit_id: COMMUNE,
        title: "Phát tờ rơi".to_owned(),
        from_on: "2026-11-09".to_owned(),
        until_on: "2026-11-10".to_owned(),
        method: "leaflet".to_owned(),
        places: "Chợ xã".to_owned(),
        planned: 300,
        reached: Some(250),
        note: String::new(),
        made_by: 100,
        made_at: NOW,
        closed_at: None,
    }
}

fn effect(span: &str, live: i64) -> Effect {
    Effect { span: span.to_owned(), from_day: 20_000, live, scans: 100, rest_live: 50, rest_scans: 500 }
}

on_both! {
    async fn a_campaign_is_written_changed_and_closed_once(on) {
        ground(&on).await;
        assert!(on.store.put_campaign(&campaign(1), &[COMMUNE, COMMUNE]).await.unwrap());
        on.store.put_effect(1, &effect("before", 10)).await.unwrap();
        on.store.put_effect(1, &effect("before", 99)).await.unwrap();
        assert_eq!(on.store.effects(1).await.unwrap(), [effect("before", 10)]);
        // Changing it measures anew.
        let changed = Campaign { title: "Tờ rơi và loa".to_owned(), ..campaign(1) };
        assert!(on.store.put_campaign(&changed, &[COMMUNE]).await.unwrap());
        assert!(on.store.effects(1).await.unwrap().is_empty());
        // Another office cannot write over it.
        assert!(!on.store.put_campaign(&Campaign { unit_id: 5, ..campaign(1) }, &[5]).await.unwrap());
        assert!(on.store.close_campaign(1, 280, "", NOW).await.unwrap());
        assert!(!on.store.close_campaign(1, 281, "", NOW).await.unwrap());
        assert!(!on.store.put_campaign(&campaign(1), &[COMMUNE]).await.unwrap());
        let seen = on.store.campaign(1).await.unwrap().unwrap();
        assert_eq!((seen.title.as_str(), seen.reached), ("Tờ rơi và loa", Some(280)));
    }

    async fn campaigns_belong_to_their_subtree_and_period(on) {
        ground(&on).await;
        on.store.put_campaign(&campaign(1), &[COMMUNE]).await.unwrap();
        let led_above = Campaign { unit_id: 1, ..campaign(2) };
        on.store.put_campaign(&led_above, &[COMMUNE]).await.unwrap();
        assert_eq!(on.store.count_campaigns(COMMUNE).await.unwrap(), 2);
        assert_eq!(on.store.campaigns_within(5, 10, 0).await.unwrap().len(), 2);
        assert_eq!(on.store.campaigns_within(77, 10, 0).await.unwrap().len(), 0);
        assert_eq!(on.store.campaign_figures(COMMUNE, "2026-11-06", "2026-11-13").await.unwrap(), (1, 250));
        assert_eq!(on.store.campaign_figures(1, "2026-11-06", "2026-11-13").await.unwrap(), (2, 500));
        assert_eq!(on.store.campaign_figures(1, "2026-11-11", "2026-11-13").await.unwrap(), (0, 0));
        assert_eq!(on.store.campaigns_to_close(COMMUNE, "2026-11-11").await.unwrap(), 1);
        assert_eq!(on.store.campaigns_to_measure("2026-11-01", 10).await.unwrap().len(), 2);
        assert_eq!(on.store.campaigns_to_measure("2026-11-10", 10).await.unwrap().len(), 0);
    }

    async fn a_week_counts_points_that_were_used_and_their_scans(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &["Dãy A".to_owned()]).await.unwrap();
        let areas = on.store.areas_of_place(20).await.unwrap();
        let count = |area_id, event_day, scans| ScanCount { event_day, area_id, out: false, arrival_day: event_day, scans };
        let counts = [count(areas[0].id, 100, 5), count(areas[0].id, 106, 6), count(areas[1].id, 107, 50)];
        on.store.put_scan_counts(&counts).await.unwrap();
        assert_eq!(on.store.use_by_commune(100).await.unwrap(), [(COMMUNE, 1, 11)]);
        assert_eq!(on.store.use_by_commune(101).await.unwrap(), [(COMMUNE, 2, 56)]);
        assert!(on.store.use_by_commune(200).await.unwrap().is_empty());
    }
}
