use store::{
    inspection_figures::InspectionFigures,
    inspection_plans::{InspectionPlan, PlannedPlace},
    inspections::{Inspection, InspectionRecord, NewFinding, Recorded, Which},
    place_care::DepartmentChoice,
    scan_counts::ScanCount,
    suspensions::Decision,
};

use crate::common::{
    House,
    rows::{COMMUNE, NOW, account, ground, place, unit},
};

const INSPECTOR: i64 = 100;
const DEPARTMENT: i64 = 30;
const DAY: i64 = 86_400_000;

/// A commune with two approved markets, 20 and 21, and an inspector.
async fn markets(on: &House) {
    ground(on).await;
    on.store.add_account(&account(INSPECTOR, "thanhtra"), NOW).await.unwrap();
    for id in [20, 21] {
        on.store.add_place(&place(id), &format!("cho {id}"), &[]).await.unwrap();
        let area = on.store.areas_of_place(id).await.unwrap()[0].id;
        let code = (area, id * 10, format!("CODE{id}0000"));
        assert!(on.store.approve_place(id, INSPECTOR, NOW, &[code]).await.unwrap());
    }
}

fn plan(id: i64) -> InspectionPlan {
    InspectionPlan {
        id,
        title: "Chợ, tuần 47".to_owned(),
        unit_id: 5,
        from_on: "2026-11-23".to_owned(),
        until_on: "2026-11-27".to_owned(),
        wanted: 2,
        random_percent: 20,
        seed: 7,
        state: "draft".to_owned(),
        made_by: INSPECTOR,
        made_at: NOW,
        confirmed_at: None,
    }
}

fn planned(id: i64, place_id: i64) -> PlannedPlace {
    PlannedPlace { id, place_id, unit_id: COMMUNE, score: 40, reasons: "never_used:9".to_owned() }
}

fn record(inspection_id: i64, delivery: &str) -> InspectionRecord {
    InspectionRecord {
        inspection_id,
        delivery_id: delivery.to_owned(),
        recorded_by: INSPECTOR,
        began_at: NOW,
        ended_at: NOW + 600_000,
        received_at: NOW + 700_000,
        scans: "right\tCODE200000".to_owned(),
        answers: "poster\tyes\t".to_owned(),
        entering: 20,
        scanning: 12,
        count_seconds: 600,
        notes: String::new(),
        inspector_title: "Chuyên viên".to_owned(),
        representative: "H'Bình Niê".to_owned(),
        representative_title: String::new(),
        refused_to_sign: false,
    }
}

fn finding(id: i64, code: &str, due_on: &str) -> NewFinding {
    NewFinding { id, code: code.to_owned(), note: "cửa sau".to_owned(), due_on: due_on.to_owned() }
}

/// An inspection of a place outside a plan.
async fn single(on: &House, id: i64, place_id: i64) -> bool {
    let one = Inspection {
        id,
        plan_id: None,
        place_id,
        unit_id: COMMUNE,
        inspector_id: Some(INSPECTOR),
        day_on: Some("2026-11-24".to_owned()),
        state: String::new(),
        score: 0,
        reasons: "own".to_owned(),
        root_id: id,
        done_on: None,
        place_name: String::new(),
        address: String::new(),
        type_code: String::new(),
        inspector: None,
        department_id: None,
    };
    on.store.add_inspection(&one, NOW).await.unwrap()
}

/// Inspection 50 of place 20 with one open finding, due on 20 November.
async fn found(on: &House) {
    markets(on).await;
    assert!(single(on, 50, 20).await);
    let found = [finding(60, "too_high", "2026-11-20")];
    let kept = on.store.record_inspection(&record(50, "d-1"), &found, &[], "2026-11-16").await.unwrap();
    assert_eq!(kept, Recorded::Kept);
}

on_both! {
    async fn a_plan_is_drafted_struck_confirmed_and_closed_once(on) {
        markets(&on).await;
        on.store.add_inspection_plan(&plan(1), &[INSPECTOR], &[planned(50, 20), planned(51, 21)]).await.unwrap();
        assert_eq!(on.store.plan_inspectors(1).await.unwrap(), [INSPECTOR]);
        assert_eq!(on.store.strike_from_plan(1, &[51, 999]).await.unwrap(), 1);
        assert!(on.store.add_to_plan(1, &planned(52, 21), NOW).await.unwrap());
        assert!(!on.store.add_to_plan(1, &planned(53, 21), NOW).await.unwrap(), "twice");
        let visits = [(50, INSPECTOR, "2026-11-23".to_owned()), (52, INSPECTOR, "2026-11-24".to_owned())];
        assert_eq!(on.store.confirm_plan(1, &visits, NOW).await.unwrap(), Some(vec![]));
        assert_eq!(on.store.confirm_plan(1, &visits, NOW).await.unwrap(), None, "twice");
        // Another plan does not send somebody to the same place as well.
        on.store.add_inspection_plan(&plan(3), &[INSPECTOR], &[planned(57, 20)]).await.unwrap();
        let second = [(57, INSPECTOR, "2026-11-25".to_owned())];
        assert_eq!(on.store.confirm_plan(3, &second, NOW).await.unwrap(), Some(vec![57]));
        assert!(on.store.close_plan(3, NOW).await.unwrap());
        assert!(!on.store.discard_plan(1).await.unwrap(), "no draft any more");
        assert_eq!(on.store.strike_from_plan(1, &[50]).await.unwrap(), 0);
        let own = on.store.inspections_of_inspector(INSPECTOR, 10).await.unwrap();
        assert_eq!(own.iter().map(|one| one.id).collect::<Vec<_>>(), [50, 52]);
        let codes = on.store.codes_for_inspector(INSPECTOR).await.unwrap();
        assert_eq!(codes.iter().map(|one| (one.place_id, one.is_retired)).collect::<Vec<_>>(), [(20, false), (21, false)]);
        let (overdue, total) = on.store.inspections_within(1, Which::Overdue, "2026-11-24", 10, 0).await.unwrap();
        assert_eq!((overdue.len(), total), (1, 1));
        let lines = on.store.inspection_plans_within(1, 10).await.unwrap();
        let lines: Vec<_> = lines.into_iter().filter(|line| line.plan.id == 1).collect();
        assert_eq!((lines[0].places, lines[0].done, lines[0].plan.state.as_str()), (2, 0, "running"));
        assert!(on.store.close_plan(1, NOW).await.unwrap());
        assert!(!on.store.close_plan(1, NOW).await.unwrap());
        assert!(on.store.inspections_of_inspector(INSPECTOR, 10).await.unwrap().is_empty());
        on.store.add_inspection_plan(&plan(2), &[INSPECTOR], &[planned(54, 20)]).await.unwrap();
        assert!(on.store.discard_plan(2).await.unwrap());
        assert_eq!(on.store.inspection_plan(2).await.unwrap(), None);
    }

    async fn candidates_carry_what_speaks_for_a_visit(on) {
        markets(&on).await;
        let area = on.store.areas_of_place(20).await.unwrap()[0].id;
        let today = domain::time::day_number(domain::time::local_date(NOW));
        let count = |event_day, scans| ScanCount { event_day, area_id: area, out: false, arrival_day: event_day, scans };
        on.store.put_scan_counts(&[count(today - 3, 4), count(today - 2, 5), count(today - 40, 9)]).await.unwrap();
        on.store.add_poster_report(1, 200, "dead", NOW).await.unwrap();
        let found = on.store.inspection_candidates(5, today).await.unwrap();
        let of = |id| found.iter().find(|one| one.place_id == id).unwrap();
        assert_eq!((of(20).scans, of(20).last_scan_day, of(20).complaints), (9, Some(today - 2), 1));
        assert_eq!((of(21).scans, of(21).last_scan_day, of(21).points, of(21).is_planned), (0, None, 1, false));
        assert!(on.store.inspection_candidates(77, today).await.unwrap().is_empty());
        assert_eq!(on.store.place_units(1).await.unwrap().len(), 2);
        assert_eq!(on.store.approved_places_named(5, "cho 20", 8).await.unwrap(), [(20, COMMUNE)]);
    }

    async fn a_record_is_kept_once_and_findings_go_on_along_the_chain(on) {
        found(&on).await;
        let again = on.store.record_inspection(&record(50, "d-1"), &[], &[], "2026-11-16").await.unwrap();
        assert_eq!(again, Recorded::Duplicate);
        let other = on.store.record_inspection(&record(50, "d-2"), &[], &[], "2026-11-16").await.unwrap();
        assert_eq!(other, Recorded::NotPlanned);
        assert!(on.store.answer_finding(60, "Đã hạ xuống", NOW).await.unwrap());
        // The next visit finds it still, and something new.
        assert!(single(&on, 51, 20).await);
        let stray = on.store.record_inspection(&record(51, "d-1"), &[], &[], "2026-11-24").await.unwrap();
        assert_eq!(stray, Recorded::NotPlanned, "a delivery of another visit is not taken for this one");
        assert!(!single(&on, 52, 20).await, "one is planned already");
        let found = [finding(61, "too_high", "2026-12-01"), finding(62, "no_paper_form", "2026-12-08")];
        let photos = [vec![0xFF, 0xD8], vec![0xFF, 0xD9]];
        on.store.record_inspection(&record(51, "d-3"), &found, &photos, "2026-11-24").await.unwrap();
        assert_eq!(on.store.inspection(51).await.unwrap().unwrap().root_id, 50);
        let chain = on.store.findings_of_root(50).await.unwrap();
        let states: Vec<_> = chain.iter().map(|one| (one.code.as_str(), one.state.as_str(), one.due_on.as_str())).collect();
        assert_eq!(states, [("too_high", "open", "2026-11-20"), ("no_paper_form", "open", "2026-12-08")]);
        assert_eq!(on.store.inspection_photos(51).await.unwrap(), 2);
        assert_eq!(on.store.inspection_photo(51, 2).await.unwrap(), Some(vec![0xFF, 0xD9]));
        // A third visit finds nothing: all is closed.
        assert!(single(&on, 53, 20).await);
        on.store.record_inspection(&record(53, "d-4"), &[], &[], "2026-11-26").await.unwrap();
        let chain = on.store.findings_of_root(50).await.unwrap();
        assert!(chain.iter().all(|one| one.state == "closed" && one.closed_on.as_deref() == Some("2026-11-26")));
        assert_eq!(on.store.inspection_record(51).await.unwrap(), Some(record(51, "d-3")));
        // Then a chain of its own begins.
        assert!(single(&on, 54, 20).await);
        on.store.record_inspection(&record(54, "d-5"), &[finding(63, "too_high", "2026-12-09")], &[], "2026-12-01").await.unwrap();
        assert_eq!(on.store.findings_of_root(54).await.unwrap().len(), 1);
        assert_eq!(on.store.inspections_of_place(20, 10).await.unwrap().len(), 4);
    }

    async fn findings_are_answered_confirmed_and_opened_again(on) {
        found(&on).await;
        assert!(!on.store.reopen_finding(60).await.unwrap(), "it is open");
        assert!(on.store.answer_finding(60, "Đã hạ xuống", NOW).await.unwrap());
        let (answered, total) = on.store.findings_within(1, "answered", "9999-12-31", 10, 0).await.unwrap();
        assert_eq!((answered[0].answer.as_str(), total), ("Đã hạ xuống", 1));
        assert!(on.store.late_chains("2026-11-25", NOW).await.unwrap().is_empty(), "an answer stops the clock");
        assert!(on.store.answer_finding(60, ".", NOW + DAY).await.unwrap());
        assert_eq!(on.store.late_chains("2026-11-25", NOW + 1).await.unwrap().len(), 1, "for a while, and once");
        assert!(on.store.reopen_finding(60).await.unwrap());
        assert_eq!(on.store.late_chains("2026-11-25", NOW).await.unwrap().len(), 1);
        assert!(on.store.close_finding(60, INSPECTOR, "2026-11-25").await.unwrap());
        assert!(!on.store.close_finding(60, INSPECTOR, "2026-11-26").await.unwrap(), "twice");
        assert!(!on.store.answer_finding(60, "nữa", NOW).await.unwrap());
        assert_eq!(on.store.findings_of_place(20, 5).await.unwrap()[0].closed_on.as_deref(), Some("2026-11-25"));
        assert_eq!(on.store.finding(60).await.unwrap().unwrap().place_name, "Chợ 20");
    }

    async fn reminders_are_noted_once_and_a_proposal_is_decided_once(on) {
        found(&on).await;
        for _ in 0..2 {
            on.store.add_inspection_reminder(50, 1, COMMUNE, "2026-11-23").await.unwrap();
        }
        let chain = on.store.late_chains("2026-11-25", NOW).await.unwrap().remove(0);
        assert_eq!((chain.reminders, chain.last_sent_on.as_deref(), chain.due_on.as_str()), (1, Some("2026-11-23"), "2026-11-20"));
        assert_eq!(on.store.inspection_reminders(50).await.unwrap(), ["2026-11-23"]);
        assert!(on.store.propose_suspension(70, 50, (20, COMMUNE), (5, None), "2026-12-04").await.unwrap());
        assert!(!on.store.propose_suspension(71, 50, (20, COMMUNE), (5, None), "2026-12-05").await.unwrap());
        assert!(on.store.late_chains("2026-12-09", NOW).await.unwrap().is_empty());
        assert_eq!(on.store.suspensions_waiting(5).await.unwrap(), 1);
        let extend = Decision::Extend("2026-12-10".to_owned());
        assert!(on.store.decide_suspension(70, &extend, "chờ in", 9, "2026-12-05").await.unwrap());
        assert!(!on.store.decide_suspension(70, &Decision::Reject, "x", 9, "2026-12-05").await.unwrap());
        assert_eq!(on.store.end_extra_time("2026-12-10").await.unwrap(), 0, "its last day");
        assert_eq!(on.store.end_extra_time("2026-12-11").await.unwrap(), 1);
        assert!(on.store.decide_suspension(70, &Decision::Suspend, "không sửa", 9, "2026-12-11").await.unwrap());
        assert!(on.store.suspended_places().await.unwrap().contains(&20));
        let one = on.store.suspension_of_place(20).await.unwrap().unwrap();
        assert_eq!((one.state.as_str(), one.left, one.suspended_on.as_deref()), ("suspended", 1, Some("2026-12-11")));
        assert!(on.store.lift_suspension(70, 9, "2026-12-14").await.unwrap());
        assert!(!on.store.lift_suspension(70, 9, "2026-12-14").await.unwrap());
        assert!(on.store.suspended_places().await.unwrap().is_empty());
        assert_eq!(on.store.suspensions_within(1, 9).await.unwrap().len(), 1);
    }

    async fn a_proposal_is_withdrawn_when_all_was_mended(on) {
        found(&on).await;
        on.store.propose_suspension(70, 50, (20, COMMUNE), (5, None), "2026-12-04").await.unwrap();
        assert_eq!(on.store.withdraw_mended_proposals().await.unwrap(), 0);
        on.store.close_finding(60, INSPECTOR, "2026-12-04").await.unwrap();
        assert_eq!(on.store.withdraw_mended_proposals().await.unwrap(), 1);
        assert_eq!(on.store.suspension(70).await.unwrap().unwrap().state, "withdrawn");
    }

    async fn figures_add_up_by_period_and_unit(on) {
        found(&on).await;
        on.store.add_inspection_reminder(50, 1, COMMUNE, "2026-11-23").await.unwrap();
        on.store.propose_suspension(70, 50, (20, COMMUNE), (5, None), "2026-11-24").await.unwrap();
        on.store.decide_suspension(70, &Decision::Suspend, "x", 9, "2026-11-24").await.unwrap();
        on.store.close_finding(60, INSPECTOR, "2026-11-25").await.unwrap();
        assert!(single(&on, 51, 21).await);
        let figures = on.store.inspection_figures(1, "2026-11-16", "2026-11-26").await.unwrap();
        let expected = InspectionFigures {
            planned: 2, done: 1, findings: 1, findings_closed: 1, reminders: 1, suspensions_proposed: 1, suspended: 1,
        };
        assert_eq!(figures, expected);
        assert_eq!(on.store.inspection_figures(COMMUNE, "2026-11-16", "2026-11-26").await.unwrap(), expected);
        let none = on.store.inspection_figures(1, "2026-11-26", "2026-12-30").await.unwrap();
        assert_eq!(none, InspectionFigures::default());
        let sums = on.store.inspection_sums(1, "2026-11-26", "2026-11-01").await.unwrap();
        assert_eq!((sums.len(), sums[0].planned, sums[0].overdue, sums[0].done, sums[0].suspended), (1, 1, 1, 1, 1));
        assert!(on.store.open_findings_by_code(1).await.unwrap().is_empty());
        let counts = on.store.door_counts("2026-11-01").await.unwrap();
        assert_eq!((counts[0].0.as_str(), counts[0].1.entering, counts[0].1.scanning), ("CHO", 20, 12));
    }

    async fn a_department_has_its_own_side_of_the_same_figures(on) {
        markets(&on).await;
        on.store.put_admin_units(&[unit(DEPARTMENT, "66-SCT", Some(1), "department")], &[]).await.unwrap();
        assert!(on.store.set_place_care(20, DepartmentChoice::Unit(DEPARTMENT), None).await.unwrap());
        assert!(single(&on, 50, 20).await && single(&on, 51, 21).await);
        let found = [finding(60, "too_high", "2026-11-20")];
        on.store.record_inspection(&record(50, "d-1"), &found, &[], "2026-11-16").await.unwrap();
        on.store.record_inspection(&record(51, "d-2"), &[], &[], "2026-11-16").await.unwrap();
        on.store.add_inspection_reminder(50, 1, COMMUNE, "2026-11-23").await.unwrap();
        let chain = on.store.late_chains("2026-11-25", NOW).await.unwrap().remove(0);
        assert_eq!((chain.department_id, chain.proposer_id), (Some(DEPARTMENT), Some(DEPARTMENT)));
        on.store.propose_suspension(70, 50, (20, COMMUNE), (1, chain.department_id), "2026-11-24").await.unwrap();
        let (from, until) = ("2026-11-16", "2026-11-26");
        let own = on.store.inspection_figures(DEPARTMENT, from, until).await.unwrap();
        assert_eq!((own.planned, own.done, own.findings, own.reminders, own.suspensions_proposed), (1, 1, 1, 1, 1));
        let whole = on.store.inspection_figures(1, from, until).await.unwrap();
        assert_eq!((whole.done, whole.findings, whole.reminders), (2, 1, 1), "nothing is counted twice");
        let sums = on.store.inspection_sums(DEPARTMENT, "2026-11-26", "2026-11-01").await.unwrap();
        assert_eq!((sums.len(), sums[0].done, sums[0].open, sums[0].proposed), (1, 1, 1, 1));
        let (rows, total) = on.store.inspections_within(DEPARTMENT, Which::Done, until, 10, 0).await.unwrap();
        assert_eq!((rows[0].id, rows[0].department_id, total), (50, Some(DEPARTMENT), 1));
        assert_eq!(on.store.findings_within(DEPARTMENT, "open", "9999-12-31", 10, 0).await.unwrap().1, 1);
        assert_eq!(on.store.suspensions_within(DEPARTMENT, 9).await.unwrap()[0].department_id, Some(DEPARTMENT));
        // What was found stays with who answered for the place on that day.
        on.store.set_place_care(20, DepartmentChoice::Nobody, None).await.unwrap();
        assert_eq!(on.store.inspection_figures(DEPARTMENT, from, until).await.unwrap(), own);
    }

    async fn photos_go_after_a_year_and_names_after_two(on) {
        markets(&on).await;
        single(&on, 50, 20).await;
        on.store.record_inspection(&record(50, "d-1"), &[], &[vec![1]], "2026-11-24").await.unwrap();
        single(&on, 51, 21).await;
        let untold = InspectionRecord {
            representative: String::new(),
            representative_title: "Chủ chợ".to_owned(),
            ..record(51, "d-2")
        };
        on.store.record_inspection(&untold, &[], &[], "2026-11-24").await.unwrap();
        on.store.remove_expired(0, NOW + 360 * DAY).await.unwrap();
        assert_eq!(on.store.inspection_photos(50).await.unwrap(), 1);
        on.store.remove_expired(0, NOW + 367 * DAY).await.unwrap();
        assert_eq!(on.store.inspection_photos(50).await.unwrap(), 0);
        let name = |on: House| async move { on.store.inspection_record(50).await.unwrap().unwrap().representative };
        assert_eq!(name(on.clone()).await, "H'Bình Niê");
        on.store.remove_expired(0, NOW + 732 * DAY).await.unwrap();
        assert_eq!(name(on.clone()).await, "");
        assert_eq!(on.store.inspection_record(51).await.unwrap().unwrap().representative_title, "");
    }
}
