use store::scan_counts::ScanCount;

fn count(event_day: i64, area_id: i64, out: bool, arrival_day: i64, scans: i64) -> ScanCount {
    ScanCount { event_day, area_id, out, arrival_day, scans }
}

on_both! {
    async fn counts_add_up_over_days_of_arrival(on) {
        let counts = [
            count(10, 1, false, 10, 5),
            count(10, 1, false, 12, 2),
            count(10, 1, true, 10, 4),
            count(11, 2, false, 11, 9),
            count(12, 1, false, 12, 1),
        ];
        on.store.put_scan_counts(&counts).await.unwrap();
        let by_area = on.store.scans_by_area(10, 12).await.unwrap();
        assert_eq!(by_area, [(1, false, 7), (1, true, 4), (2, false, 9)]);
        let by_day = on.store.scans_by_day(10, 13).await.unwrap();
        assert_eq!(by_day, [(10, 1, false, 7), (10, 1, true, 4), (11, 2, false, 9), (12, 1, false, 1)]);
        assert!(on.store.scans_by_area(13, 20).await.unwrap().is_empty());
        assert!(on.store.scans_by_area(12, 10).await.unwrap().is_empty(), "a window that ends before it begins");
    }

    async fn writing_a_count_again_replaces_it(on) {
        for scans in [3, 3, 8] {
            on.store.put_scan_counts(&[count(10, 1, false, 10, scans)]).await.unwrap();
        }
        assert_eq!(on.store.scans_by_area(10, 11).await.unwrap(), [(1, false, 8)]);
        on.store.put_scan_counts(&[]).await.unwrap();
        assert_eq!(on.count("SELECT COUNT(*) FROM scan_counts").await, 1);
    }

    async fn the_last_day_of_each_area_is_found_up_to_a_day(on) {
        let counts = [count(10, 1, false, 10, 1), count(14, 1, true, 14, 1), count(9, 2, false, 16, 1)];
        on.store.put_scan_counts(&counts).await.unwrap();
        assert_eq!(on.store.last_scan_days(14).await.unwrap(), [(1, 14), (2, 9)]);
        assert_eq!(on.store.last_scan_days(13).await.unwrap(), [(1, 10), (2, 9)]);
        assert_eq!(on.store.last_scan_days(8).await.unwrap(), []);
    }

    async fn a_long_list_is_kept_whole(on) {
        let counts: Vec<ScanCount> = (0..10_050).map(|area| count(1, area, false, 1, 1)).collect();
        on.store.put_scan_counts(&counts).await.unwrap();
        assert_eq!(on.store.scans_by_area(1, 2).await.unwrap().len(), 10_050);
    }

    async fn sums_beyond_32_bits_hold(on) {
        let big = i64::from(i32::MAX);
        on.store.put_scan_counts(&[count(1, 1, false, 1, big), count(1, 1, false, 2, big)]).await.unwrap();
        assert_eq!(on.store.scans_by_area(1, 2).await.unwrap(), [(1, false, 2 * big)]);
    }
}
