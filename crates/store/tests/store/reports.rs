use store::{
    frozen_points::{FrozenPoint, PointsOf},
    issued_reports::{IssuedFile, IssuedFiles},
    proposals::ProposalChange,
    report_items::{Merge, TypedItem},
    report_periods::{ReportPeriod, ReportTemplate},
    reports::{Report, ReportWords},
    scan_counts::ScanCount,
    unit_periods::UnitPeriod,
    unit_signers::UnitSigner,
};

use crate::common::{
    House,
    rows::{COMMUNE, NOW, account, ground, place},
};

const OFFICER: i64 = 100;

fn period(id: i64) -> ReportPeriod {
    ReportPeriod {
        id,
        kind: "weekly".to_owned(),
        title: String::new(),
        from_on: "2021-11-05".to_owned(),
        until_on: "2021-11-12".to_owned(),
        commune_due_on: "2021-11-12".to_owned(),
        district_due_on: "2021-11-15".to_owned(),
        department_due_on: "2021-11-15".to_owned(),
        province_due_on: "2021-11-16".to_owned(),
        opened_at: NOW,
    }
}

fn draft(id: i64, unit_id: i64, above_id: Option<i64>, level: &str) -> Report {
    Report {
        id,
        period_id: 1,
        unit_id,
        above_id,
        level: level.to_owned(),
        due_on: "2021-11-12".to_owned(),
        state: "draft".to_owned(),
        version: 0,
        direction: String::new(),
        results: String::new(),
        support: String::new(),
        next_steps: String::new(),
        saved_at: NOW,
        first_sent_at: None,
        sent_at: None,
        sent_by: None,
        decided_at: None,
        decided_by: None,
        return_reason: None,
    }
}

fn item(id: i64, kind: &str, words: &str) -> TypedItem {
    TypedItem { id, kind: kind.to_owned(), topic: "network".to_owned(), words: words.to_owned() }
}

/// A unit's frozen figures of the period, all of them 0.
fn figures(unit_id: i64) -> UnitPeriod {
    let period = period(1);
    UnitPeriod {
        unit_id,
        from_on: period.from_on,
        until_on: period.until_on,
        registered: 0,
        live: 0,
        silent: 0,
        never_used: 0,
        new_points: 0,
        population: None,
        target: 0,
        missing: 0,
        scans_in: 0,
        scans_out: 0,
        frozen_at: NOW,
    }
}

/// A period with drafts of a commune (20) and its district (21).
async fn begun(on: &House) {
    ground(on).await;
    on.store.add_account(&account(OFFICER, "xa"), NOW).await.unwrap();
    assert!(on.store.open_report_period(&period(1)).await.unwrap().1);
    let drafts = [draft(20, COMMUNE, Some(5), "commune"), draft(21, 5, Some(1), "district")];
    assert_eq!(on.store.add_reports(&drafts).await.unwrap(), 2);
    assert_eq!(on.store.add_reports(&drafts).await.unwrap(), 0);
}

on_both! {
    async fn a_period_opens_once(on) {
        begun(&on).await;
        let (same, is_new) = on.store.open_report_period(&period(2)).await.unwrap();
        assert!(!is_new);
        assert_eq!(same, period(1));
        assert_eq!(on.store.latest_report_period("weekly").await.unwrap(), Some(period(1)));
        assert_eq!(on.store.latest_report_period("monthly").await.unwrap(), None);
    }

    async fn a_template_is_set_again(on) {
        let mut template = ReportTemplate {
            kind: "weekly".to_owned(), active: true, commune_days: 1, district_days: 2, department_days: 2,
            province_days: 3, changed_at: NOW, changed_by: None,
        };
        on.store.put_report_template(&template).await.unwrap();
        template.active = false;
        template.province_days = 5;
        on.store.put_report_template(&template).await.unwrap();
        assert_eq!(on.store.report_templates().await.unwrap(), [template]);
    }

    async fn a_report_is_sent_and_decided_once_and_versions_stay(on) {
        begun(&on).await;
        let words = ReportWords { results: "Tốt".to_owned(), ..ReportWords::default() };
        assert!(on.store.save_report(20, &words, NOW).await.unwrap());
        assert!(!on.store.accept_report(20, 1, OFFICER, NOW).await.unwrap(), "not sent yet");
        assert!(on.store.send_report(20, "{}", OFFICER, NOW + 1).await.unwrap());
        assert!(!on.store.send_report(20, "{}", OFFICER, NOW + 2).await.unwrap());
        assert!(!on.store.save_report(20, &words, NOW).await.unwrap());
        assert!(on.store.return_report(20, 1, "Thiếu số", OFFICER, NOW + 3).await.unwrap());
        assert!(!on.store.return_report(20, 1, "Thiếu số", OFFICER, NOW + 4).await.unwrap());
        assert!(on.store.send_report(20, "{\"n\":2}", OFFICER, NOW + 5).await.unwrap());
        assert_eq!(on.store.reports_waiting(5).await.unwrap(), 1);
        assert!(!on.store.accept_report(20, 1, OFFICER, NOW + 6).await.unwrap(), "it was sent again since");
        assert!(on.store.accept_report(20, 2, OFFICER, NOW + 6).await.unwrap());
        let report = on.store.report(20).await.unwrap().unwrap();
        assert_eq!((report.version, report.first_sent_at, report.sent_at), (2, Some(NOW + 1), Some(NOW + 5)));
        let versions = on.store.report_versions(20).await.unwrap();
        assert_eq!(versions.len(), 2);
        assert_eq!((versions[1].decision.as_deref(), versions[1].reason.as_deref()), (Some("returned"), Some("Thiếu số")));
    }

    async fn items_keep_their_ids_and_nobody_elses_can_be_taken(on) {
        begun(&on).await;
        let items = [item(30, "difficulty", "Sóng yếu"), item(31, "proposal", "In thẻ")];
        assert!(on.store.put_items(20, &items, NOW).await.unwrap());
        assert!(on.store.put_items(20, &[item(30, "difficulty", "Sóng rất yếu")], NOW).await.unwrap());
        // Another report names the same id: it stays where it was.
        assert!(on.store.put_items(21, &[item(30, "difficulty", "Của tôi")], NOW).await.unwrap());
        let found = on.store.items_of_report(20).await.unwrap();
        assert_eq!(found.iter().map(|one| (one.id, one.words.as_str())).collect::<Vec<_>>(), [(30, "Sóng rất yếu")]);
        assert!(on.store.items_of_report(21).await.unwrap().is_empty());
        on.store.send_report(20, "{}", OFFICER, NOW).await.unwrap();
        assert!(!on.store.put_items(20, &[], NOW).await.unwrap(), "what was sent stands");
    }

    async fn merging_is_undone_level_by_level(on) {
        begun(&on).await;
        on.store.put_items(20, &[item(30, "difficulty", "A"), item(31, "difficulty", "B"), item(32, "difficulty", "C")], NOW).await.unwrap();
        on.store.send_report(20, "{}", OFFICER, NOW).await.unwrap();
        assert!(on.store.standing_items("difficulty", 1, None).await.unwrap().is_empty(), "not taken yet");
        on.store.accept_report(20, 1, OFFICER, NOW).await.unwrap();
        let merge = |id, unit_id, items: &[i64]| Merge {
            id, kind: "difficulty", period_id: 1, unit_id, topic: "network".to_owned(), words: "Chung".to_owned(), items: items.to_vec(),
        };
        assert!(on.store.merge_items(&merge(40, 5, &[30, 31]), NOW).await.unwrap());
        assert!(!on.store.merge_items(&merge(41, 5, &[30, 32]), NOW).await.unwrap(), "30 went into 40");
        assert!(on.store.merge_items(&merge(42, 1, &[40, 32]), NOW).await.unwrap());
        assert_eq!(on.store.raisers_of_item(42).await.unwrap().len(), 3);
        assert!(!on.store.unmerge_item(40, 5).await.unwrap(), "it went further");
        assert!(!on.store.unmerge_item(42, 5).await.unwrap(), "not the district's");
        assert!(on.store.unmerge_item(42, 1).await.unwrap());
        assert_eq!(on.store.raisers_of_item(40).await.unwrap().len(), 2);
        // A unit that merges its own again leaves no empty shell.
        assert!(on.store.merge_items(&merge(43, 5, &[40, 32]), NOW).await.unwrap());
        assert!(on.store.report_item(40).await.unwrap().is_none());
        assert!(on.store.unmerge_item(43, 5).await.unwrap());
        let standing = on.store.standing_items("difficulty", 1, Some(5)).await.unwrap();
        assert_eq!(standing.iter().map(|one| one.id).collect::<Vec<_>>(), [30, 31, 32]);
        assert_eq!(on.store.raisers_of_period("difficulty", 1).await.unwrap().len(), 3);
    }

    async fn a_proposal_steps_once_from_where_it_stands(on) {
        begun(&on).await;
        on.store.put_items(20, &[item(31, "proposal", "In thẻ")], NOW).await.unwrap();
        on.store.send_report(20, "{}", OFFICER, NOW).await.unwrap();
        on.store.accept_report(20, 1, OFFICER, NOW).await.unwrap();
        let change = ProposalChange { handling: Some("Cấp tiền".to_owned()), words: "Cấp tiền".to_owned(), ..ProposalChange::default() };
        let step = ("raised", "handling_proposed");
        assert!(on.store.step_proposal((31, 50), step, &change, OFFICER, NOW).await.unwrap());
        assert!(!on.store.step_proposal((31, 51), step, &change, OFFICER, NOW).await.unwrap());
        let none = ProposalChange::default();
        assert!(on.store.step_proposal((31, 52), ("handling_proposed", "sent"), &none, OFFICER, NOW + 1).await.unwrap());
        let decided = ProposalChange {
            office_id: Some(5), due_on: Some("2021-11-20".to_owned()), decision: Some("accepted".to_owned()),
            answer: Some("Đồng ý".to_owned()), ..ProposalChange::default()
        };
        assert!(on.store.step_proposal((31, 53), ("sent", "in_hand"), &decided, OFFICER, NOW + 2).await.unwrap());
        let found = on.store.report_item(31).await.unwrap().unwrap();
        assert_eq!((found.handling.as_str(), found.decided_at, found.office_id), ("Cấp tiền", Some(NOW + 2), Some(5)));
        assert_eq!(on.store.proposal_steps(31).await.unwrap().len(), 3);
        let counts = on.store.proposal_counts("2021-11-21").await.unwrap();
        assert_eq!(counts.iter().map(|one| (one.state.as_str(), one.proposals, one.overdue)).collect::<Vec<_>>(), [("in_hand", 1, 1)]);
        assert_eq!(on.store.proposals(["in_hand"; 3], 10, 0).await.unwrap().len(), 1);
        assert_eq!(on.store.raisers_of_proposals(["in_hand"; 3]).await.unwrap()[0].unit_id, COMMUNE);
        assert_eq!(on.store.proposals_raised_by(COMMUNE, 10).await.unwrap().len(), 1);
        assert_eq!(on.store.proposals_in_hand_of(5, 10).await.unwrap().len(), 1);
    }

    async fn documents_are_kept_as_they_were_made(on) {
        begun(&on).await;
        let (id, is_new) = on.store.begin_issue(60, 21, OFFICER, NOW - 1000, NOW).await.unwrap();
        assert!(is_new);
        assert_eq!(on.store.begin_issue(61, 21, OFFICER, NOW - 1000, NOW + 1).await.unwrap(), (id, false));
        assert!(!on.store.mark_issue(id, OFFICER, NOW).await.unwrap(), "not ready");
        on.store.step_issue(id, 2).await.unwrap();
        let files = |byte: u8| IssuedFiles { pdf: vec![byte; 3], docx: vec![byte], xlsx: vec![byte], hashes: ["a".to_owned(), "b".to_owned(), "c".to_owned()] };
        assert!(on.store.finish_issue(id, files(1), 4, NOW + 5).await.unwrap());
        assert!(!on.store.finish_issue(id, files(2), 4, NOW + 6).await.unwrap());
        assert_eq!(on.store.issued_file(id, IssuedFile::Pdf).await.unwrap(), Some(vec![1; 3]));
        assert!(on.store.mark_issue(id, OFFICER, NOW + 7).await.unwrap());
        assert!(!on.store.mark_issue(id, OFFICER, NOW + 8).await.unwrap());
        let (other, _) = on.store.begin_issue(62, 21, OFFICER, NOW, NOW + 9).await.unwrap();
        assert_eq!(on.store.fail_stale_issues(NOW + 10, NOW + 11).await.unwrap(), 1);
        assert_eq!(on.store.issued_report(other).await.unwrap().unwrap().state, "failed");
        assert_eq!(on.store.issued_file(other, IssuedFile::Pdf).await.unwrap(), None);
        assert_eq!(on.store.issued_reports(21).await.unwrap().len(), 2);
    }

    async fn only_documents_of_the_saved_words_go_up_and_only_once(on) {
        begun(&on).await;
        let files = || IssuedFiles { pdf: vec![1], docx: vec![1], xlsx: vec![1], hashes: ["a".to_owned(), "b".to_owned(), "c".to_owned()] };
        for (id, at) in [(60, NOW), (61, NOW + 10), (62, NOW + 20), (63, NOW + 30)] {
            on.store.begin_issue(id, 21, OFFICER, at, at).await.unwrap();
            assert!(on.store.finish_issue(id, files(), 4, at + 1).await.unwrap());
        }
        let kept = on.store.issued_reports(21).await.unwrap();
        assert_eq!(kept.iter().map(|one| one.id).collect::<Vec<_>>(), [63, 62], "older ones that were not marked go");
        assert!(on.store.save_report(21, &ReportWords::default(), NOW + 25).await.unwrap());
        assert!(!on.store.mark_issue(62, OFFICER, NOW + 40).await.unwrap(), "other words were saved since");
        assert!(on.store.mark_issue(63, OFFICER, NOW + 40).await.unwrap());
        assert!(on.store.save_report(21, &ReportWords::default(), NOW + 26).await.unwrap());
        assert!(!on.store.mark_issue(62, OFFICER, NOW + 41).await.unwrap(), "one set of a report goes up");
        on.store.begin_issue(64, 21, OFFICER, NOW + 50, NOW + 50).await.unwrap();
        let kept = on.store.issued_reports(21).await.unwrap();
        assert_eq!(kept.iter().map(|one| one.id).collect::<Vec<_>>(), [63, 64, 62]);
    }

    async fn what_stood_at_a_cut_off_is_told_later_the_same(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
        let area = on.store.areas_of_place(20).await.unwrap()[0].id;
        on.store.approve_place(20, 0, NOW, &[(area, 70, "AAAAAAAAAA".to_owned())]).await.unwrap();
        let count = |event_day, arrival_day, scans| ScanCount { event_day, area_id: area, out: false, arrival_day, scans };
        on.store.put_scan_counts(&[count(100, 100, 5), count(106, 107, 3), count(99, 101, 2)]).await.unwrap();
        assert_eq!(on.store.scans_arrived(100, 107).await.unwrap(), [(area, false, 5)]);
        assert_eq!(on.store.scans_late(100, 107).await.unwrap(), [(area, false, 2)]);
        assert_eq!(on.store.scans_late(107, 114).await.unwrap(), [(area, false, 3)]);
        assert_eq!(on.store.last_days_arrived(107).await.unwrap(), [(area, 100)]);
        assert!(on.store.points_standing(NOW).await.unwrap().is_empty(), "issued at the cut-off is after it");
        assert_eq!(on.store.points_standing(NOW + 1).await.unwrap().len(), 1);
        on.store.retire_code(70, NOW + 10).await.unwrap();
        assert_eq!(on.store.points_standing(NOW + 5).await.unwrap().len(), 1, "it was in force then");
        assert!(on.store.points_standing(NOW + 11).await.unwrap().is_empty());
        let quiet = on.store.quiet_points(NOW + 5, 101, 108).await.unwrap();
        assert_eq!(quiet.len(), 0, "scanned on day 106");
        assert_eq!(on.store.quiet_points(NOW + 5, 101, 107).await.unwrap()[0].last_day, Some(100));
    }

    async fn the_list_of_silent_points_freezes_with_its_count(on) {
        ground(&on).await;
        on.store.add_place(&place(20), "cho 20", &[]).await.unwrap();
        on.store.add_place(&place(21), "tru so 21", &[]).await.unwrap();
        let one = on.store.areas_of_place(20).await.unwrap()[0].id;
        let other = on.store.areas_of_place(21).await.unwrap()[0].id;
        let quiet = |area_id: i64, place_id: i64, hidden: bool| FrozenPoint {
            area_id, place_id, unit_id: COMMUNE, department_id: None, code: format!("P{place_id}"), last_day: None, hidden,
        };
        let row = UnitPeriod { silent: 0, never_used: 2, ..figures(COMMUNE) };
        let days = (row.from_on.as_str(), row.until_on.as_str());
        let points = [quiet(one, 20, false), quiet(other, 21, true)];
        assert_eq!(on.store.freeze_span(std::slice::from_ref(&row), &points).await.unwrap(), 1);
        // Again, with another list: nothing moves.
        assert_eq!(on.store.freeze_span(std::slice::from_ref(&row), &[quiet(other, 21, false)]).await.unwrap(), 0);
        for of in [PointsOf::Province, PointsOf::Territory(COMMUNE), PointsOf::Territory(5)] {
            assert_eq!(on.store.frozen_point_counts(days, of).await.unwrap(), (1, 1), "{of:?}");
            let named = on.store.frozen_points(days, of, (10, 0)).await.unwrap();
            assert_eq!((named.len(), named[0].code.as_str(), named[0].place_id), (1, "P20", 20));
        }
        for nobody in [PointsOf::Territory(999), PointsOf::Department(999)] {
            assert_eq!(on.store.frozen_point_counts(days, nobody).await.unwrap(), (0, 0));
        }
        assert!(on.store.frozen_points(days, PointsOf::Province, (10, 1)).await.unwrap().is_empty());
        assert_eq!(on.store.frozen_point_counts((days.0, "2030-01-01"), PointsOf::Province).await.unwrap(), (0, 0));
    }

    async fn an_office_sets_its_signer_again_and_empties_it(on) {
        begun(&on).await;
        assert_eq!(on.store.unit_signer(COMMUNE).await.unwrap(), None);
        let mut signer = UnitSigner {
            unit_id: COMMUNE, authority: "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH".to_owned(), name: "Y Thanh Niê".to_owned(),
            changed_at: NOW, changed_by: OFFICER,
        };
        on.store.put_unit_signer(&signer).await.unwrap();
        signer.name = String::new();
        on.store.put_unit_signer(&signer).await.unwrap();
        assert_eq!(on.store.unit_signer(COMMUNE).await.unwrap(), Some(signer));
    }
}
