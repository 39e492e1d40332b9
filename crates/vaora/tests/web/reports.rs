//! Reports from the commune to the Committee: what freezes, who sends, takes, returns, merges, proposes and decides;
//! twice is the same as once, and strangers find nothing.

use domain::{report::Kind, role::Role};
use store::scan_counts::ScanCount;
use vaora::jobs::reports::{look, remind};

use crate::common::{client::Answer, places::Open, reports::typed};

fn count(place: &Open, event_day: i64, arrival_day: i64, out: bool, scans: i64) -> ScanCount {
    ScanCount { event_day, area_id: place.area_id, out, arrival_day, scans }
}

fn day(date: jiff::civil::Date) -> i64 {
    domain::time::day_number(date)
}

/// Where a form's field with this name begins a row, its value.
fn value_of(page: &Answer, name: &str) -> String {
    let text = page.text();
    let at = text.find(&format!("name=\"{name}\"")).unwrap();
    text[at..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

on_both! {
    async fn figures_freeze_at_the_cut_off_and_late_scans_become_a_correction(app) {
        let place = app.place("Chợ").await;
        app.days_pass(14);
        let week = app.last_week();
        let (from, until) = (day(week.from), day(week.until));
        let counts = [
            count(&place, from + 1, from + 1, false, 30),
            count(&place, from + 2, from + 2, true, 12),
            // Made in the week, arrived after its cut-off.
            count(&place, until - 1, until + 1, false, 7),
            // Made the week before, arrived in this one.
            count(&place, from - 1, from, false, 5),
        ];
        app.app.store.put_scan_counts(&counts).await.unwrap();
        let period = app.open_week(week).await;
        let home = app.home().await;
        let frozen = app.app.store.unit_periods_of(&period.from_on, &period.until_on).await.unwrap();
        let of = |id: i64| frozen.iter().find(|row| row.unit_id == id).unwrap().clone();
        assert_eq!((of(home).scans_in, of(home).scans_out, of(home).live), (30, 12, 1));
        let province = of(app.unit("66").await);
        assert_eq!((province.scans_in, province.scans_out, province.registered), (30, 12, 1));
        let late = app.app.store.unit_corrections(&period.from_on, &period.until_on).await.unwrap();
        assert!(late.iter().all(|one| (one.scans_in, one.scans_out) == (5, 0)), "{late:?}");
        assert_eq!(late.len(), 4, "commune, district, province and the department in charge");
        // Again, with more counts: nothing moves.
        app.app.store.put_scan_counts(&[count(&place, from + 3, until + 2, true, 99)]).await.unwrap();
        assert_eq!(app.open_week(week).await, period);
        assert_eq!(app.app.store.unit_periods_of(&period.from_on, &period.until_on).await.unwrap(), frozen);
        // What came late is told a week later.
        app.days_pass(7);
        let next = app.open_week(app.last_week()).await;
        let late = app.app.store.unit_corrections(&next.from_on, &next.until_on).await.unwrap();
        assert!(late.iter().all(|one| (one.scans_in, one.scans_out) == (7, 99)), "{late:?}");
    }

    async fn the_job_opens_each_week_once_and_catches_up(app) {
        look(&app.app).await.unwrap();
        look(&app.app).await.unwrap();
        let first = app.app.store.report_periods(10).await.unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].from_on.as_str(), first[0].commune_due_on.as_str()), ("2021-10-29", "2021-11-05"));
        assert_eq!(app.app.store.reports_of_period(first[0].id).await.unwrap().len(), 184 + 15 + 1);
        app.days_pass(21);
        look(&app.app).await.unwrap();
        let all = app.app.store.report_periods(10).await.unwrap();
        let begins: Vec<&str> = all.iter().map(|one| one.from_on.as_str()).collect();
        assert_eq!(begins, ["2021-11-19", "2021-11-12", "2021-11-05", "2021-10-29"]);
        remind(&app.app).await.unwrap();
        remind(&app.app).await.unwrap();
        let told = app.app.store.messages_for(0, app.home().await, 100).await.unwrap();
        assert_eq!(told.iter().filter(|one| one.urgent).count(), 4, "of every week due within the last thirty days");
    }

    async fn a_commune_sends_the_district_returns_and_takes(app) {
        let period = app.open_week(app.last_week()).await;
        let home = app.home().await;
        let report = app.report_of(&period, home).await;
        let here = format!("/reports/{}", report.id);
        let mut commune = app.officer(Role::UnitOfficer).await;
        let page = commune.get("/reports").await.is(200);
        assert!(page.text().contains(&here) && page.words().contains("Chưa gửi"), "{}", page.words());
        let form = [
            ("direction", "Đã họp giao ban"), ("results", "Quét nhiều ở chợ"), ("support", ""), ("next_steps", ""),
            ("item_kind", "difficulty"), ("item_id", ""), ("item_topic", "network"), ("item_words", "Sóng yếu ở buôn"),
            ("item_kind", "proposal"), ("item_id", ""), ("item_topic", "money"), ("item_words", "In thẻ"),
        ];
        // Saved, not sent: the level above reads no word of it. Then what is wrong is said and nothing typed is lost.
        commune.post(&here, &form).await.is(303);
        let mut above = app.officer_at("huyen.doc", Role::UnitOfficer, app.unit("643").await).await;
        for page in [here.clone(), format!("{here}/document")] {
            let words = above.get(&page).await.is(200).words();
            assert!(words.contains("chưa gửi") && !words.contains("Đã họp giao ban"), "{words}");
            assert!(!words.contains("Sóng yếu ở buôn") && !words.contains("In thẻ"), "{words}");
        }
        let proposal = app.app.store.items_of_report(report.id).await.unwrap().into_iter().find(|one| one.kind == "proposal");
        above.get(&format!("/proposals/{}", proposal.unwrap().id)).await.is(404);
        let mut wrong = form.to_vec();
        wrong[1].1 = "Lời chưa lưu";
        wrong[6].1 = "";
        wrong.push(("action", "send"));
        let refused = commune.post(&here, &wrong).await.is(200);
        assert!(refused.words().contains("Hãy chọn loại") && refused.text().contains("Lời chưa lưu"));
        assert_eq!(app.report_of(&period, home).await.state, "draft");
        // Sent with the kept ids; twice is once.
        let page = commune.get(&here).await.is(200);
        let id = value_of(&page, "item_id");
        let sent = [
            ("direction", "Đã họp giao ban"), ("results", "Quét nhiều ở chợ"), ("support", ""), ("next_steps", ""),
            ("item_kind", "difficulty"), ("item_id", id.as_str()), ("item_topic", "network"), ("item_words", "Sóng yếu ở buôn"),
            ("action", "send"),
        ];
        commune.post(&here, &sent).await.is(303);
        commune.post(&here, &sent).await.is(303);
        let now = app.report_of(&period, home).await;
        assert_eq!((now.state.as_str(), now.version), ("submitted", 1));
        assert_eq!(app.app.store.items_of_report(report.id).await.unwrap()[0].id.to_string(), id);
        // The district returns with a reason, which must be there.
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let decision = format!("{here}/decision");
        let silent = district.post(&decision, &[("version", "1"), ("decision", "return"), ("reason", "")]).await.is(200);
        assert!(silent.words().contains("Hãy ghi lý do."), "{}", silent.words());
        commune.post(&decision, &[("decision", "accept")]).await.is(404);
        district.post(&decision, &[("version", "1"), ("decision", "return"), ("reason", "Thiếu số chợ")]).await.is(303);
        let back = commune.get(&here).await.is(200);
        assert!(back.words().contains("Thiếu số chợ") && back.text().contains("Quét nhiều ở chợ"));
        let told = app.app.store.messages_for(0, home, 10).await.unwrap();
        assert!(told.iter().any(|one| one.params.contains("Thiếu số chợ") && one.urgent));
        // Mended, sent again, taken together with the others.
        commune.post(&here, &sent).await.is(303);
        let id = report.id;
        let take = [("period", period.id.to_string()), ("report", format!("{id}-2"))];
        let take: Vec<(&str, &str)> = take.iter().map(|(name, value)| (*name, value.as_str())).collect();
        // On a page from before it was sent again, nothing happens.
        district.post(&decision, &[("version", "1"), ("decision", "accept")]).await.is(303);
        assert_eq!(app.report_of(&period, home).await.state, "submitted");
        district.post("/reports/accept", &take).await.is(303);
        let now = app.report_of(&period, home).await;
        assert_eq!((now.state.as_str(), now.version), ("accepted", 2));
        district.post(&decision, &[("decision", "return"), ("reason", "Muộn rồi")]).await.is(303);
        assert_eq!(app.report_of(&period, home).await.state, "accepted");
        let versions = app.app.store.report_versions(report.id).await.unwrap();
        let said: Vec<_> = versions.iter().map(|one| one.decision.as_deref().unwrap()).collect();
        assert_eq!(said, ["accepted", "returned"]);
    }

    async fn who_is_late_is_named_with_how_late(app) {
        let period = app.open_week(app.last_week()).await;
        // Due on Friday 5 November; today is Wednesday the 10th: three working days.
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let page = district.get(&format!("/reports?period={}", period.id)).await.is(200).words();
        assert!(page.contains("chưa gửi, quá hạn 3 ngày làm việc"), "{page}");
        let by = app.account("gui", &[Role::Auditor], app.home().await).await;
        app.taken(&period, app.home().await, by, &[]).await;
        let page = district.get(&format!("/reports?period={}", period.id)).await.is(200).words();
        assert!(page.contains("chậm 3 ngày làm việc"), "{page}");
    }

    async fn merging_keeps_who_raised_and_can_be_undone(app) {
        let period = app.open_week(app.last_week()).await;
        let tree = app.tree().await;
        let district = tree.by_code("643").unwrap().id;
        let communes = tree.communes_within(district);
        let by = app.account("gui", &[Role::Auditor], communes[0].id).await;
        let words = ["Sóng di động yếu tại buôn Ea Tar", "Sóng di động yếu tại buôn Ea Sin", "Thiếu máy in"];
        let mut ids = Vec::new();
        for (commune, words) in communes.iter().zip(words) {
            let item = typed("difficulty", "network", words);
            ids.push(item.id.to_string());
            app.taken(&period, commune.id, by, &[item]).await;
        }
        let mut officer = app.officer_at("huyen", Role::UnitOfficer, district).await;
        let here = format!("/reports/items?period={}&kind=difficulty", period.id);
        let page = officer.get(&here).await.is(200).words();
        assert!(page.contains("Có vẻ giống nhau") && page.contains("Nhóm 1: 2 nội dung"), "{page}");
        let period_id = period.id.to_string();
        let form = [
            ("period", period_id.as_str()), ("kind", "difficulty"), ("topic", "network"), ("words", "Sóng yếu ở các buôn"),
            ("item", ids[0].as_str()), ("item", ids[1].as_str()),
        ];
        officer.refused("/reports/items/merge", &form[..5], "Hãy đánh dấu từ hai nội dung").await;
        officer.post("/reports/items/merge", &form).await.is(303);
        officer.post("/reports/items/merge", &form).await.is(303);
        let standing = app.app.store.standing_items("difficulty", period.id, Some(district)).await.unwrap();
        assert_eq!(standing.len(), 2, "merged twice is merged once");
        let merged = standing.iter().find(|item| item.report_id.is_none()).unwrap();
        // Sở TTTT merges again; all three raisers are still known, and undoing gives back what was.
        let mut reviewer = app.officer(Role::Reviewer).await;
        let merged_id = merged.id.to_string();
        let form = [
            ("period", period_id.as_str()), ("kind", "difficulty"), ("topic", "network"), ("words", "Hạ tầng yếu"),
            ("item", merged_id.as_str()), ("item", ids[2].as_str()),
        ];
        reviewer.post("/reports/items/merge", &form).await.is(303);
        let top = app.app.store.standing_items("difficulty", period.id, None).await.unwrap();
        assert_eq!(top.len(), 1);
        let raisers = app.app.store.raisers_of_item(top[0].id).await.unwrap();
        let units: Vec<i64> = raisers.iter().map(|one| one.unit_id).collect();
        assert!(communes[..3].iter().all(|commune| units.contains(&commune.id)), "{units:?}");
        officer.post(&format!("/reports/items/{merged_id}/unmerge"), &[]).await.is(303);
        assert_eq!(app.app.store.standing_items("difficulty", period.id, None).await.unwrap().len(), 1);
        reviewer.post(&format!("/reports/items/{}/unmerge", top[0].id), &[]).await.is(303);
        officer.post(&format!("/reports/items/{merged_id}/unmerge"), &[]).await.is(303);
        let after = app.app.store.standing_items("difficulty", period.id, None).await.unwrap();
        assert_eq!(after.len(), 3);
        assert!(after.iter().all(|item| item.root_id == item.id && item.merged_into.is_none()));
    }

    async fn a_proposal_goes_to_the_committee_and_comes_back_to_who_raised_it(app) {
        let things = app.report_things().await;
        let here = format!("/proposals/{}", things.proposal);
        let mut reviewer = app.officer(Role::Reviewer).await;
        let mut committee = app.officer(Role::CommitteeReader).await;
        let mut commune = app.officer(Role::UnitOfficer).await;
        committee.post(&format!("{here}/decision"), &[("decision", "accepted")]).await.is(303);
        assert_eq!(app.app.store.report_item(things.proposal).await.unwrap().unwrap().state, "raised");
        let handling = [("words", "Cấp kinh phí in thẻ"), ("office", ""), ("due_on", ""), ("action", "send")];
        let mut empty = handling;
        empty[0].1 = "";
        reviewer.refused(&format!("{here}/handling"), &empty, "Hãy ghi hướng xử lý đề xuất.").await;
        reviewer.post(&format!("{here}/handling"), &handling).await.is(303);
        reviewer.post(&format!("{here}/handling"), &handling).await.is(303);
        let waiting = committee.get("/proposals").await.is(200).words();
        assert!(waiting.contains("Hỗ trợ kinh phí in thẻ") && waiting.contains("Cấp kinh phí in thẻ"), "{waiting}");
        let office = app.unit("66-STC").await.to_string();
        let decision = [("decision", "partly"), ("words", "In trước 5.000 thẻ"), ("office", office.as_str()), ("due_on", "2021-11-12"), ("number", "1234/UBND-KGVX")];
        let mut no_office = decision;
        no_office[2].1 = "";
        let refused = committee.post(&format!("{here}/decision"), &no_office).await.is(200);
        assert!(refused.words().contains("Hãy chọn cơ quan thực hiện.") && refused.text().contains("In trước 5.000 thẻ"));
        committee.post(&format!("{here}/decision"), &decision).await.is(303);
        committee.post(&format!("{here}/decision"), &[("decision", "refused"), ("words", "Không")]).await.is(303);
        let item = app.app.store.report_item(things.proposal).await.unwrap().unwrap();
        assert_eq!((item.state.as_str(), item.decision.as_deref()), ("in_hand", Some("partly")));
        // The report of that period says who decided what, by which document.
        let report = app.report_of(&app.app.store.report_period(item.period_id).await.unwrap().unwrap(), app.unit("66").await).await;
        let letter = app.letter(&report).await;
        let said = letter.proposals.iter().find(|one| one.words.contains("Hỗ trợ kinh phí in thẻ")).unwrap();
        let day = domain::time::local_date(item.decided_at.unwrap()).strftime("%d/%m/%Y");
        assert_eq!(said.decision, format!(
            "UBND tỉnh đã chấp thuận một phần (Văn bản số 1234/UBND-KGVX, quyết định ngày {day}): In trước 5.000 thẻ; giao Sở \
             Tài chính thực hiện, xong trước ngày 12/11/2021."
        ));
        assert_eq!(said.handling, "Cấp kinh phí in thẻ.");
        let told = app.app.store.messages_for(0, app.home().await, 20).await.unwrap();
        assert_eq!(told.iter().filter(|one| one.params.contains("In trước 5.000 thẻ")).count(), 1);
        assert!(reviewer.get("/messages").await.is(200).words().contains("In trước 5.000 thẻ"));
        // The next draft shows the answer; once the day is over, it is named as overdue.
        assert!(commune.get(&format!("/reports/{}", things.report)).await.is(200).words().contains("In trước 5.000 thẻ"));
        app.days_pass(4);
        assert!(reviewer.get("/proposals?show=in_hand").await.is(200).words().contains("quá hạn thực hiện"));
        let mut department = app.officer_at("stc", Role::UnitOfficer, app.unit("66-STC").await).await;
        assert!(department.get("/").await.is(200).words().contains("kiến nghị giao đơn vị anh/chị thực hiện"));
        department.post(&format!("{here}/finish"), &[("words", "Đã in và phát")]).await.is(303);
        assert_eq!(app.app.store.report_item(things.proposal).await.unwrap().unwrap().state, "done");
        let mut other = app.officer_at("snv", Role::UnitOfficer, app.unit("66-SNV").await).await;
        other.get(&here).await.is(404);
    }

    async fn templates_hold_the_decree_and_ad_hoc_periods_open_by_hand(app) {
        let mut reviewer = app.officer(Role::Reviewer).await;
        let form = |commune: &'static str, district: &'static str| {
            [("kind", "weekly"), ("active", "1"), ("commune_days", commune), ("district_days", district), ("department_days", "2"), ("province_days", "4")]
        };
        reviewer.refused("/reports/templates", &form("0", "1"), "ít nhất 1 ngày làm việc").await;
        reviewer.refused("/reports/templates", &form("3", "2"), "Hạn của cấp dưới không được sau").await;
        reviewer.refused("/reports/templates", &form("hai", "2"), "phải là số từ 1 đến 20").await;
        reviewer.post("/reports/templates", &form("2", "3")).await.is(303);
        let period = app.open_week(app.last_week()).await;
        assert_eq!((period.commune_due_on.as_str(), period.province_due_on.as_str()), ("2021-11-08", "2021-11-10"));
        let ad_hoc = |last: &'static str| [("title", "Đợt cao điểm"), ("from_on", "2021-10-01"), ("last_on", last)];
        reviewer.refused("/reports/periods", &ad_hoc("2021-11-10"), "Kỳ báo cáo phải đã hết").await;
        reviewer.refused("/reports/periods", &ad_hoc("2021-09-10"), "Ngày cuối phải từ ngày đầu").await;
        reviewer.post("/reports/periods", &ad_hoc("2021-10-20")).await.is(303);
        reviewer.post("/reports/periods", &ad_hoc("2021-10-20")).await.is(303);
        assert!(reviewer.get("/").await.is(200).words().contains("đã mở từ trước; không mở thêm kỳ nào"));
        let old = [("title", "Xưa"), ("from_on", "0001-01-01"), ("last_on", "0001-01-02")];
        reviewer.refused("/reports/periods", &old, "Hãy chọn ngày.").await;
        let all = app.app.store.report_periods(10).await.unwrap();
        assert_eq!(all.iter().filter(|one| one.kind == Kind::AdHoc.code()).count(), 1);
    }

    async fn documents_are_made_in_the_background_and_kept_as_they_were(app) {
        app.place("Chợ H'Drơng").await;
        app.days_pass(7);
        let period = app.open_week(app.last_week()).await;
        let province = app.unit("66").await;
        let report = app.report_of(&period, province).await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        reviewer.get(&format!("/reports/{}/document", report.id)).await.is(200);
        let to = reviewer.post(&format!("/reports/{}/issue", report.id), &[]).await.is(303).location().to_owned();
        let again = reviewer.post(&format!("/reports/{}/issue", report.id), &[]).await.is(303).location().to_owned();
        let mut page = reviewer.get(&to).await.is(200);
        assert!(page.header("refresh") == "2" || page.words().contains("Tải DOCX"), "{}", page.words());
        for _ in 0..600 {
            if page.header("refresh").is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            page = reviewer.get(&to).await.is(200);
        }
        assert!(page.words().contains("Tải DOCX"), "{}", page.words());
        for (name, starts) in [("pdf", &b"%PDF"[..]), ("docx", b"PK"), ("xlsx", b"PK")] {
            let file = reviewer.get(&format!("{to}/{name}")).await.is(200);
            assert!(file.bytes.starts_with(starts), "{name}");
        }
        let kept = reviewer.get(&format!("{to}/pdf")).await.is(200).bytes;
        assert!(again == to || reviewer.get(&again).await.status == 200);
        reviewer.post(&format!("{to}/mark"), &[]).await.is(303);
        reviewer.post(&format!("{to}/mark"), &[]).await.is(303);
        assert_eq!(app.report_of(&period, province).await.state, "submitted");
        assert_eq!(reviewer.get(&format!("{to}/pdf")).await.is(200).bytes, kept);
        let mut committee = app.officer(Role::CommitteeReader).await;
        assert_eq!(committee.get(&format!("{to}/pdf")).await.is(200).bytes, kept);
        let mut commune = app.officer(Role::UnitOfficer).await;
        commune.get(&format!("{to}/pdf")).await.is(404);
    }

    async fn the_list_of_silent_points_is_the_one_that_was_counted(app) {
        let (market, shelter) = (app.place("Chợ H'Drơng").await, app.place("Nhà tạm lánh").await);
        let mut commune = app.officer(Role::UnitOfficer).await;
        let care = format!("/places/{}/care", shelter.id);
        commune.post(&care, &[("department", ""), ("sensitive", "1")]).await.is(303);
        app.days_pass(14);
        let period = app.open_week(app.last_week()).await;
        for unit in [app.home().await, app.unit("643").await, app.unit("66").await] {
            let report = app.report_of(&period, unit).await;
            let letter = app.letter(&report).await;
            assert_eq!((letter.silent_points, letter.silent_points_list.len(), letter.silent_unnamed), (2, 1, 1));
            assert_eq!(letter.silent_points_list[0].place, "Chợ H'Drơng");
        }
        let report = app.report_of(&period, app.home().await).await;
        let here = format!("/reports/{}/silent", report.id);
        let page = commune.get(&here).await.is(200).words();
        assert!(page.contains("Chợ H'Drơng") && !page.contains("Nhà tạm lánh"), "{page}");
        assert!(page.contains("2 điểm không có lượt quét") && page.contains("Trong đó 1 điểm"), "{page}");
        assert!(commune.get(&format!("/reports/{}/document", report.id)).await.is(200).text().contains(&here));
        // What happens afterwards changes nothing: the market is scanned, and a new place never is.
        let until = day(app.last_week().until);
        app.app.store.put_scan_counts(&[count(&market, until, until, false, 3)]).await.unwrap();
        app.place("Quán mới").await;
        let after = commune.get(&here).await.is(200).words();
        assert!(after.contains("Chợ H'Drơng") && !after.contains("Quán mới"), "{after}");
        // A place that became sensitive since is not named any more, and still counted.
        commune.post(&format!("/places/{}/care", market.id), &[("department", ""), ("sensitive", "1")]).await.is(303);
        let letter = app.letter(&report).await;
        assert_eq!((letter.silent_points, letter.silent_points_list.len(), letter.silent_unnamed), (2, 0, 2));
        let mut stranger = app.officer_at("khac", Role::UnitOfficer, app.unit("644").await).await;
        stranger.get(&here).await.is(404);
    }

    async fn an_office_says_who_signs_its_reports(app) {
        let period = app.open_week(app.last_week()).await;
        let report = app.report_of(&period, app.home().await).await;
        let usual = app.letter(&report).await;
        assert_eq!((usual.signer_authority.as_str(), usual.signer_name), ("TM. ỦY BAN NHÂN DÂN / CHỦ TỊCH", None));
        let mut commune = app.officer(Role::UnitOfficer).await;
        let form = [("authority", "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH"), ("name", "  Y Thanh  Niê Kđăm ")];
        commune.post("/reports/signer", &form).await.is(303);
        commune.post("/reports/signer", &form).await.is(303);
        let long = "x".repeat(121);
        let refused = commune.post("/reports/signer", &[("authority", long.as_str()), ("name", "An")]).await.is(200);
        assert!(refused.words().contains("Tối đa 120 ký tự") && refused.text().contains(&long));
        let set = app.letter(&report).await;
        assert_eq!(set.signer_authority, "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH");
        assert_eq!(set.signer_name.as_deref(), Some("Y Thanh Niê Kđăm"));
        let page = commune.get("/reports/signer").await.is(200).words();
        assert!(page.contains("PHÓ CHỦ TỊCH") && page.contains("Y Thanh Niê Kđăm"), "{page}");
        // Another office has its own.
        let other = app.letter(&app.report_of(&period, app.unit("66").await).await).await;
        assert_eq!((other.signer_authority.as_str(), other.signer_name), ("KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC", None));
        commune.post("/reports/signer", &[("authority", ""), ("name", "")]).await.is(303);
        assert_eq!(app.letter(&report).await.signer_authority, "TM. ỦY BAN NHÂN DÂN / CHỦ TỊCH");
        app.officer(Role::CommitteeReader).await.get("/reports/signer").await.is(404);
    }

    async fn a_department_reports_beside_the_territory_and_is_not_added_to_it(app) {
        app.officer_at("so", Role::UnitOfficer, app.unit("66-SNV").await).await;
        let period = app.open_week(app.last_week()).await;
        let report = app.report_of(&period, app.unit("66-SNV").await).await;
        assert_eq!((report.level.as_str(), report.above_id), ("department", Some(app.unit("66").await)));
        assert_eq!(app.app.store.reports_of_period(period.id).await.unwrap().len(), 184 + 15 + 1 + 1);
        let mut reviewer = app.officer(Role::Reviewer).await;
        let mut department = app.sign_in("so").await;
        let sent = department.post(&format!("/reports/{}", report.id), &[("results", "Đã làm"), ("action", "send")]).await.is(303);
        assert_eq!(sent.location(), format!("/reports/{}", report.id));
        assert!(reviewer.get("/messages").await.is(200).words().contains("gửi lên, chờ tiếp nhận"));
        reviewer.post(&format!("/reports/{}/decision", report.id), &[("version", "1"), ("decision", "accept")]).await.is(303);
        assert_eq!(app.report_of(&period, app.unit("66-SNV").await).await.state, "accepted");
    }
}
