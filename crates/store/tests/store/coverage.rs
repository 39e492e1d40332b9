//! What figures are made from: marks of changes, care of places, quiet weeks and tasks of points.

use store::{
    figure_marks::{EVERYTHING, REFERENCE},
    place_care::{DepartmentChoice, TypeRule},
    point_tasks::{Done, Listed, TaskCounts},
    point_weeks::{QuietSpell, QuietWeek},
    scan_counts::ScanCount,
};

use crate::common::{
    House,
    rows::{COMMUNE, NOW, account, ground, place, unit},
};

const DEPARTMENT: i64 = 70;

/// Market 20 with one point; answers its area. The department of markets is [`DEPARTMENT`].
async fn market(on: &House) -> i64 {
    ground(on).await;
    on.store.put_admin_units(&[unit(DEPARTMENT, "66-SCT", Some(1), "department")], &[]).await.unwrap();
    let rule = TypeRule {
        type_code: "CHO".to_owned(),
        department_id: Some(DEPARTMENT),
        sensitive: false,
        expected_in: "commune".to_owned(),
    };
    on.store.put_type_rules(&[rule]).await.unwrap();
    on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
    let area = on.store.areas_of_place(20).await.unwrap()[0].id;
    assert!(on.store.approve_place(20, 100, NOW, &[(area, 501, "AAAA".to_owned())]).await.unwrap());
    area
}

fn count(event_day: i64, area_id: i64, arrival_day: i64) -> ScanCount {
    ScanCount { event_day, area_id, out: false, arrival_day, scans: 3 }
}

fn open(limit: i64) -> Listed<'static> {
    Listed { state: "open", of_eight_min: 0, limit, offset: 0 }
}

fn done(on: &str) -> Done {
    Done {
        action: "called".to_owned(),
        note: "Hẹn dán lại".to_owned(),
        done_on: on.to_owned(),
        noted_by: 100,
    }
}

on_both! {
    async fn each_change_is_told_once(on) {
        let area = market(&on).await;
        let seen = on.store.figure_changes(0).await.unwrap();
        assert!(seen.units.contains(&COMMUNE) && seen.units.contains(&REFERENCE) && seen.units.contains(&EVERYTHING));
        let nothing = on.store.figure_changes(seen.mark).await.unwrap();
        assert_eq!((nothing.mark, nothing.units.len(), nothing.areas.len()), (seen.mark, 0, 0));
        on.store.put_scan_counts(&[count(10, area, 10)]).await.unwrap();
        let changes = on.store.figure_changes(seen.mark).await.unwrap();
        assert_eq!((changes.units.len(), changes.areas.as_slice()), (0, [(area, 10)].as_slice()));
        on.store.renew_code(area, 502, "BBBB", NOW + 1).await.unwrap();
        let renewed = on.store.figure_changes(changes.mark).await.unwrap();
        assert_eq!((renewed.units.as_slice(), renewed.areas.len()), ([COMMUNE].as_slice(), 0));
        assert!(on.store.retire_code(502, NOW + 2).await.unwrap());
        assert!(!on.store.retire_code(502, NOW + 3).await.unwrap(), "retired before");
        assert_eq!(on.store.figure_changes(renewed.mark).await.unwrap().units, [COMMUNE]);
    }

    async fn the_last_day_moves_on_and_never_back(on) {
        let area = market(&on).await;
        on.store.put_scan_counts(&[count(14, area, 14)]).await.unwrap();
        let mark = on.store.figure_mark().await.unwrap();
        assert_eq!(on.store.scans_changed_until(13).await.unwrap(), 0);
        // A scan of four days before arrives late.
        on.store.put_scan_counts(&[count(10, area, 15)]).await.unwrap();
        let changes = on.store.figure_changes(mark).await.unwrap();
        assert!(changes.areas.is_empty() && changes.mark > mark);
        assert_eq!(on.store.area_last_days().await.unwrap(), [(area, 14)]);
        assert!(on.store.scans_changed_until(13).await.unwrap() > mark, "figures of the 13th are to be read anew");
        assert_eq!(on.store.scans_changed_until(9).await.unwrap(), 0);
        assert_eq!(on.store.last_days_until(13).await.unwrap(), [(area, Some(10))]);
        assert_eq!(on.store.last_days_until(9).await.unwrap(), [(area, None)]);
        assert_eq!(on.store.last_days_until(14).await.unwrap(), []);
        assert_eq!(on.store.last_scan_days_of_place(20, 13).await.unwrap(), [(area, 10)]);
        let days: Vec<i64> = on.store.scan_day_marks(0, 99).await.unwrap().iter().map(|(day, _)| *day).collect();
        assert_eq!(days, [10, 14]);
        assert_eq!(on.store.scans_of_day(10).await.unwrap(), [(COMMUNE, Some(DEPARTMENT), false, 3)]);
    }

    async fn another_store_on_the_same_data_is_told_too(on) {
        let area = market(&on).await;
        let other = on.address.open().await.unwrap();
        let mark = other.figure_mark().await.unwrap();
        on.store.put_scan_counts(&[count(10, area, 10)]).await.unwrap();
        other.put_scan_counts(&[count(12, area, 12)]).await.unwrap();
        // What this store remembers to have written must not keep it from writing what is newer.
        on.store.put_scan_counts(&[count(11, area, 11)]).await.unwrap();
        assert_eq!(other.figure_changes(mark).await.unwrap().areas, [(area, 12)]);
        other.close().await;
    }

    async fn a_commune_chooses_a_department_and_what_is_sensitive(on) {
        market(&on).await;
        let point = || async { on.store.points_of_unit(COMMUNE).await.unwrap().remove(0) };
        assert_eq!((point().await.department_id, point().await.sensitive), (Some(DEPARTMENT), false), "by category");
        let moved = on.store.places_moved().await.unwrap();
        for _ in 0..2 {
            assert!(on.store.set_place_care(20, DepartmentChoice::Nobody, Some(true)).await.unwrap());
            assert_eq!((point().await.department_id, point().await.sensitive), (None, true));
        }
        assert!(on.store.places_moved().await.unwrap() > moved);
        assert_eq!(on.store.sensitive_places().await.unwrap(), [20]);
        let (total, named) = on.store.named_places_below(COMMUNE, 10, 0).await.unwrap();
        assert_eq!((total, named.len()), (0, 0));
        let care = on.store.place_care(20).await.unwrap().unwrap();
        assert_eq!((care.department_set, care.sensitive_set), (true, Some(true)));
        assert!(on.store.set_place_care(20, DepartmentChoice::Unit(DEPARTMENT), Some(false)).await.unwrap());
        assert_eq!(point().await.department_id, Some(DEPARTMENT));
        assert!(on.store.set_place_care(20, DepartmentChoice::ByType, None).await.unwrap());
        assert_eq!(on.store.place_care(20).await.unwrap().unwrap().sensitive_set, None);
        assert!(!on.store.set_place_care(21, DepartmentChoice::ByType, None).await.unwrap(), "no such place");
        assert!(on.store.place_care(21).await.unwrap().is_none());
    }

    async fn weeks_in_a_row_are_counted_and_corrected(on) {
        let area = market(&on).await;
        let quiet = [QuietWeek { area_id: area, never_used: false }];
        let weeks = ["2021-10-15", "2021-10-22", "2021-10-29", "2021-11-05"];
        let mut before = "2021-10-08";
        for week in weeks {
            assert_eq!(on.store.note_quiet_weeks(week, before, &quiet).await.unwrap(), 1);
            assert_eq!(on.store.note_quiet_weeks(week, before, &quiet).await.unwrap(), 0, "twice is once");
            before = week;
        }
        let spell = |in_a_row, weeks| QuietSpell { area_id: area, in_a_row, weeks, never_used: false };
        assert_eq!(on.store.quiet_spells("2021-10-15", "2021-11-05").await.unwrap(), [spell(4, 3)]);
        // Scans of the second week arrive late: day numbers stand for its days.
        on.store.put_scan_counts(&[count(105, area, 120)]).await.unwrap();
        assert_eq!(on.store.correct_quiet_week("2021-10-22", "2021-10-15", 100, 107).await.unwrap(), 1);
        assert_eq!(on.store.correct_quiet_week("2021-10-29", "2021-10-22", 107, 114).await.unwrap(), 0);
        assert_eq!(on.store.correct_quiet_week("2021-11-05", "2021-10-29", 114, 121).await.unwrap(), 0);
        assert_eq!(on.store.quiet_spells("2021-10-08", "2021-11-05").await.unwrap(), [spell(2, 3)]);
        let of_place = on.store.quiet_weeks_of_place(20, "2021-10-15").await.unwrap();
        assert_eq!(of_place, [(area, "2021-10-29".to_owned()), (area, "2021-11-05".to_owned())]);
    }

    async fn a_task_is_opened_noted_reopened_and_closed(on) {
        let area = market(&on).await;
        on.store.add_account(&account(100, "xa"), NOW).await.unwrap();
        let spell = |weeks| [QuietSpell { area_id: area, in_a_row: weeks, weeks, never_used: true }];
        let mut id = 900;
        let mut next = || { id += 1; id };
        on.store.weigh_point_tasks("2021-11-12", "2021-11-06", &spell(2), &mut next).await.unwrap();
        on.store.weigh_point_tasks("2021-11-12", "2021-11-06", &spell(2), &mut next).await.unwrap();
        let tasks = on.store.point_tasks(COMMUNE, open(9)).await.unwrap();
        assert_eq!(tasks.len(), 1, "twice is once");
        let task = &tasks[0];
        assert_eq!((task.id, task.weeks, task.never_used, task.reopened), (901, 2, true, 0));
        for above in [1, 5, COMMUNE, DEPARTMENT] {
            let counts = TaskCounts { open: 1, noted: 0, repeated: 0 };
            assert_eq!(on.store.count_point_tasks(above, 3).await.unwrap(), counts, "{above}");
        }
        assert_eq!(on.store.count_point_tasks(99, 3).await.unwrap(), TaskCounts::default());
        assert!(on.store.note_point_task(901, 1, &done("2021-11-12"), NOW).await.unwrap());
        assert!(!on.store.note_point_task(901, 2, &done("2021-11-12"), NOW + 5).await.unwrap(), "the very same");
        assert!(on.store.note_point_task(901, 3, &done("2021-11-13"), NOW + 9).await.unwrap());
        let listed = Listed { state: "noted", ..open(9) };
        let acts = on.store.point_task_acts(COMMUNE, listed).await.unwrap();
        let told = acts.iter().map(|act| (act.task_id, act.done_on.as_str(), act.noted_at, act.noted_by.as_str()));
        assert_eq!(told.collect::<Vec<_>>(), [(901, "2021-11-13", NOW + 9, "Cán bộ xa"), (901, "2021-11-12", NOW, "Cán bộ xa")]);
        assert!(on.store.point_task_acts(99, listed).await.unwrap().is_empty());
        let noted = on.store.point_task(901).await.unwrap().unwrap();
        assert_eq!((noted.state.as_str(), noted.done_on.as_deref()), ("noted", Some("2021-11-13")));
        assert_eq!(noted.noted_by.as_deref(), Some("Cán bộ xa"));
        on.store.weigh_point_tasks("2021-11-19", "2021-11-13", &spell(3), &mut next).await.unwrap();
        assert_eq!(on.store.point_task(901).await.unwrap().unwrap().state, "noted", "not a week yet");
        for _ in 0..2 {
            on.store.weigh_point_tasks("2021-11-20", "2021-11-14", &spell(3), &mut next).await.unwrap();
        }
        let again = on.store.point_task(901).await.unwrap().unwrap();
        assert_eq!((again.state.as_str(), again.reopened, again.weeks), ("open", 1, 3));
        assert_eq!(on.store.open_tasks_by_commune(3).await.unwrap(), [(COMMUNE, 1, 1)]);
        assert_eq!(on.store.areas_with_tasks().await.unwrap(), [area]);
        assert_eq!(on.store.close_point_tasks(&[area], "2021-11-21").await.unwrap(), 1);
        assert_eq!(on.store.close_point_tasks(&[area], "2021-11-22").await.unwrap(), 0);
        assert!(!on.store.note_point_task(901, 4, &done("2021-11-22"), NOW).await.unwrap(), "closed");
        assert_eq!(on.store.closed_point_tasks(COMMUNE, "2021-11-21").await.unwrap(), 1);
        assert_eq!(on.store.closed_point_tasks(COMMUNE, "2021-11-22").await.unwrap(), 0);
        // Silent again later: a task of its own.
        on.store.weigh_point_tasks("2021-12-10", "2021-12-04", &spell(1), &mut next).await.unwrap();
        assert_ne!(on.store.point_tasks(COMMUNE, open(9)).await.unwrap()[0].id, 901);
    }

    async fn weeks_and_closed_tasks_are_kept_a_year(on) {
        let area = market(&on).await;
        let quiet = [QuietWeek { area_id: area, never_used: true }];
        for week in ["2020-01-03", "2026-11-06"] {
            on.store.note_quiet_weeks(week, "2019-12-27", &quiet).await.unwrap();
        }
        let spell = [QuietSpell { area_id: area, in_a_row: 1, weeks: 1, never_used: true }];
        on.store.weigh_point_tasks("2020-01-10", "2020-01-04", &spell, || 901).await.unwrap();
        on.store.close_point_tasks(&[area], "2020-01-12").await.unwrap();
        on.store.weigh_point_tasks("2020-02-10", "2020-02-04", &spell, || 902).await.unwrap();
        on.store.remove_expired(20_000, NOW).await.unwrap();
        assert!(on.store.point_task(901).await.unwrap().is_none());
        assert!(on.store.point_task(902).await.unwrap().is_some(), "not closed");
        assert_eq!(on.store.quiet_weeks_of_place(20, "2019-01-01").await.unwrap().len(), 1);
    }

    async fn places_below_a_unit_are_those_of_its_communes(on) {
        market(&on).await;
        for at in [1, 5, COMMUNE] {
            assert_eq!(on.store.places_below(at).await.unwrap().len(), 1, "{at}");
            let (total, named) = on.store.named_places_below(at, 10, 0).await.unwrap();
            assert_eq!((total, named.len()), (1, 1), "{at}");
            assert!(on.store.named_places_below(at, 10, 1).await.unwrap().1.is_empty());
        }
        assert!(on.store.places_below(DEPARTMENT).await.unwrap().is_empty());
    }
}
