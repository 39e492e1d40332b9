//! From a case to its contacts: request, approval, two releases, result, export, the access log.

use domain::role::Role;
use store::args;

use crate::common::{
    TestApp,
    client::{Answer, Client},
    officers::PASSPHRASE,
    places::Open,
    scans::typed,
};

/// The index person.
pub const CASE: (&str, &str) = ("Trần Văn Ca", "0912345671");
/// Together with the index person for 20 minutes.
pub const MET: (&str, &str) = ("Lê Thị Gặp", "0912345672");
/// At the place, but never together.
pub const MISSED: (&str, &str) = ("Phạm Văn Lỡ", "0912345673");

/// The index person alone checks in; a case is opened for the phone. Returns the case's id.
pub async fn a_case(app: &TestApp, tracer: &mut Client, place: &Open) -> String {
    let mut gate = app.gate(place).await;
    typed(app, &mut gate, "in", CASE.0, CASE.1).await;
    open_case(app, tracer).await
}

async fn open_case(app: &TestApp, tracer: &mut Client) -> String {
    let today = app.clock.today().to_string();
    let form = [("profile", "covid19"), ("onset_on", today.as_str()), ("by", "phone"), ("phone", CASE.1)];
    let answer = tracer.post("/cases/new", &form).await.is(303);
    answer.location().strip_prefix("/cases/").unwrap().to_owned()
}

/// At the place: the index person for 30 minutes, one contact for 20 of them, one person afterwards.
pub async fn meet(app: &TestApp, place: &Open) {
    let mut gate = app.gate(place).await;
    typed(app, &mut gate, "in", CASE.0, CASE.1).await;
    app.minutes_pass(10);
    typed(app, &mut gate, "in", MET.0, MET.1).await;
    app.minutes_pass(20);
    typed(app, &mut gate, "out", CASE.0, CASE.1).await;
    app.minutes_pass(5);
    typed(app, &mut gate, "out", MET.0, MET.1).await;
    typed(app, &mut gate, "in", MISSED.0, MISSED.1).await;
    app.minutes_pass(30);
    typed(app, &mut gate, "out", MISSED.0, MISSED.1).await;
}

/// The officers that an opening takes.
pub struct Team {
    /// Asks.
    pub tracer: Client,
    /// Approves.
    pub approver: Client,
    /// Key officer.
    pub first: Client,
    /// Another.
    pub second: Client,
}

impl Team {
    /// Signs all in.
    pub async fn new(app: &TestApp) -> Self {
        Self {
            tracer: app.officer(Role::Tracer).await,
            approver: app.officer(Role::Approver).await,
            first: app.sign_in("khoa1").await,
            second: app.sign_in("khoa2").await,
        }
    }

    async fn ask(&mut self, case: &str) {
        self.ask_for(case, &[]).await;
    }

    /// Requests an opening with further questions ticked.
    async fn ask_for(&mut self, case: &str, ticks: &[&str]) {
        let mut form = vec![("purpose", "trace_contacts")];
        form.extend(ticks.iter().map(|tick| (*tick, "1")));
        self.tracer.post(&format!("/cases/{case}/openings"), &form).await.is(303);
    }

    /// Case, request, approval and both releases; the case's id.
    pub async fn trace(&mut self, app: &TestApp) -> String {
        let case = open_case(app, &mut self.tracer).await;
        self.open(app, &case, &[]).await;
        case
    }

    /// The same with further questions ticked.
    pub async fn trace_for(&mut self, app: &TestApp, ticks: &[&str]) -> String {
        let case = open_case(app, &mut self.tracer).await;
        self.open(app, &case, ticks).await;
        case
    }

    /// Request, approval and both releases for a case that is there.
    pub async fn open(&mut self, app: &TestApp, case: &str, ticks: &[&str]) {
        self.ask_for(case, ticks).await;
        let (id, hash) = waiting(app, "requested").await;
        decide(&mut self.approver, id, "approve", &hash).await.is(303);
        release(&mut self.first, id, PASSPHRASE).await.is(303);
        release(&mut self.second, id, PASSPHRASE).await.is(303);
        assert_eq!(app.app.store.opening(id).await.unwrap().unwrap().state, "done");
    }
}

/// The one opening in a state, with the hash of its scope.
async fn waiting(app: &TestApp, state: &str) -> (i64, String) {
    let mut openings = app.app.store.openings_in_state(state).await.unwrap();
    assert_eq!(openings.len(), 1, "{state}");
    let opening = openings.remove(0);
    (opening.id, data_encoding::HEXLOWER.encode(&opening.scope_hash))
}

async fn decide(approver: &mut Client, id: i64, decision: &str, hash: &str) -> Answer {
    let form = [("decision", decision), ("hash", hash), ("reason", "phạm vi quá rộng")];
    approver.post(&format!("/openings/{id}/decision"), &form).await
}

async fn release(officer: &mut Client, id: i64, passphrase: &str) -> Answer {
    officer.post(&format!("/openings/{id}/release"), &[("passphrase", passphrase)]).await
}

async fn release_refused(officer: &mut Client, id: i64, words: &str) {
    officer.refused(&format!("/openings/{id}/release"), &[("passphrase", PASSPHRASE)], words).await;
}

async fn decision_refused(approver: &mut Client, id: i64, hash: &str, words: &str) {
    let form = [("decision", "approve"), ("hash", hash)];
    approver.refused(&format!("/openings/{id}/decision"), &form, words).await;
}

const DECIDED: &str = "Yêu cầu đã được xử lý, đã đổi phạm vi, hoặc là của chính anh/chị.";
const OVER: &str = "Yêu cầu này không còn chờ người giữ khóa.";

async fn state(app: &TestApp, id: i64) -> String {
    app.app.store.opening(id).await.unwrap().unwrap().state
}

/// Rows of an export, cells apart, the header row first.
fn csv_rows(answer: &Answer) -> Vec<Vec<String>> {
    let text = answer.text();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

on_both! {
    async fn two_officers_release_and_the_contact_is_found(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let page = team.tracer.get(&format!("/cases/{case}")).await.is(200).words();
        for there in [CASE.0, MET.0, "Chợ Tân Lập"] {
            assert!(page.contains(there), "{there} missing: {page}");
        }
        assert!(!page.contains(MISSED.0), "{page}");
        // How complete the list is, from people counted at doors of such places.
        assert!(page.contains("chưa đủ số liệu đếm tại cửa"), "{page}");
        let by = app.account("dem", &[Role::Reviewer], app.home().await).await;
        crate::inspections::counted(&app, by).await;
        let page = team.tracer.get(&format!("/cases/{case}")).await.is(200).words();
        assert!(page.contains("khoảng 60 % (từ 47 đến 71 %) số người có quét"), "{page}");
        let export = team.tracer.get(&format!("/cases/{case}/contacts?format=csv")).await.is(200);
        let rows = csv_rows(&export);
        let head = rows.iter().position(|row| row.iter().any(|cell| cell == "Họ và tên")).unwrap();
        let column = |name: &str| rows[head].iter().position(|cell| cell == name).unwrap();
        let contacts: Vec<&Vec<String>> = rows[head + 1..].iter().filter(|row| row.len() == rows[head].len()).collect();
        assert_eq!(contacts.len(), 1, "{rows:?}");
        let cell = |name: &str| contacts[0][column(name)].trim_start_matches('\'').to_owned();
        assert_eq!(cell("Họ và tên"), MET.0);
        assert_eq!(cell("Điện thoại").replace([' ', '.'], ""), MET.1);
        assert_eq!(cell("Tổng số phút"), "20");
        assert_eq!(cell("Số lần gặp"), "1");
        assert_eq!(cell("Địa điểm"), "Chợ Tân Lập");
        assert_eq!(cell("Độ tin cậy"), "A0");
        let sheet = team.tracer.get(&format!("/cases/{case}/contacts?format=xlsx")).await.is(200);
        assert!(sheet.bytes.starts_with(b"PK"));
        assert!(sheet.header("content-disposition").contains(".xlsx"));
        team.tracer.get(&format!("/cases/{case}/contacts?format=exe")).await.is(404);
    }

    async fn nobody_approves_what_he_asked_for(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        // Such a pair of roles is never given; the store refuses all the same.
        let unit = app.unit("66-CDC").await;
        app.account("both", &[Role::Tracer, Role::Approver], unit).await;
        let mut both = app.sign_in("both").await;
        let case = a_case(&app, &mut both, &place).await;
        both.post(&format!("/cases/{case}/openings"), &[("purpose", "trace_contacts")]).await.is(303);
        let (id, hash) = waiting(&app, "requested").await;
        decision_refused(&mut both, id, &hash, DECIDED).await;
        assert_eq!(state(&app, id).await, "requested");
        let mut other = app.officer(Role::Approver).await;
        decide(&mut other, id, "approve", &hash).await.is(303);
    }

    async fn an_approval_is_for_exactly_the_scope_shown(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = open_case(&app, &mut team.tracer).await;
        team.ask(&case).await;
        let (id, hash) = waiting(&app, "requested").await;
        let other = format!("{}{}", if hash.starts_with('0') { '1' } else { '0' }, &hash[1..]);
        decision_refused(&mut team.approver, id, &other, DECIDED).await;
        decision_refused(&mut team.approver, id, "", DECIDED).await;
        decision_refused(&mut team.approver, id, "zz", "Trang đã cũ. Hãy mở lại.").await;
        assert_eq!(state(&app, id).await, "requested");
        decide(&mut team.approver, id, "approve", &hash).await.is(303);
        decision_refused(&mut team.approver, id, &hash, DECIDED).await;
        assert_eq!(state(&app, id).await, "approved");
    }

    async fn a_refusal_needs_a_reason_and_ends_the_request(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut team = Team::new(&app).await;
        let case = a_case(&app, &mut team.tracer, &place).await;
        team.ask(&case).await;
        let (id, hash) = waiting(&app, "requested").await;
        let form = [("decision", "refuse"), ("hash", hash.as_str())];
        team.approver.refused(&format!("/openings/{id}/decision"), &form, "Hãy ghi lý do từ chối.").await;
        assert_eq!(state(&app, id).await, "requested");
        decide(&mut team.approver, id, "refuse", &hash).await.is(303);
        release_refused(&mut team.first, id, OVER).await;
        assert!(team.tracer.get(&format!("/cases/{case}")).await.words().contains("phạm vi quá rộng"));
        team.ask(&case).await;
    }

    async fn one_request_waits_at_a_time(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut team = Team::new(&app).await;
        let case = a_case(&app, &mut team.tracer, &place).await;
        team.ask(&case).await;
        let path = format!("/cases/{case}/openings");
        team.tracer.refused(&path, &[("purpose", "trace_contacts")], "Ca này đã có một yêu cầu đang chờ.").await;
        team.tracer.refused(&path, &[("purpose", "crime")], "Hãy chọn mục đích.").await;
        waiting(&app, "requested").await;
    }

    async fn one_officer_twice_is_not_two(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = open_case(&app, &mut team.tracer).await;
        team.ask(&case).await;
        let (id, hash) = waiting(&app, "requested").await;
        // Nothing is released before the approval.
        release_refused(&mut team.first, id, OVER).await;
        decide(&mut team.approver, id, "approve", &hash).await.is(303);
        let wrong = [("passphrase", "một cụm mật khẩu sai")];
        team.first.refused(&format!("/openings/{id}/release"), &wrong, "Cụm mật khẩu chưa đúng.").await;
        release(&mut team.first, id, PASSPHRASE).await.is(303);
        release_refused(&mut team.first, id, "Anh/chị đã mở phần khóa của mình rồi.").await;
        assert_eq!(state(&app, id).await, "approved");
        team.tracer.get(&format!("/cases/{case}/contacts?format=csv")).await.is(404);
        release(&mut team.second, id, PASSPHRASE).await.is(303);
        assert_eq!(state(&app, id).await, "done");
        release_refused(&mut team.second, id, OVER).await;
    }

    async fn a_stop_forgets_what_one_officer_released(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = open_case(&app, &mut team.tracer).await;
        team.ask(&case).await;
        let (id, hash) = waiting(&app, "requested").await;
        decide(&mut team.approver, id, "approve", &hash).await.is(303);
        release(&mut team.first, id, PASSPHRASE).await.is(303);
        let app = app.restart().await;
        let (mut first, mut second) = (app.sign_in("khoa1").await, app.sign_in("khoa2").await);
        release(&mut second, id, PASSPHRASE).await.is(303);
        assert_eq!(state(&app, id).await, "approved");
        release(&mut first, id, PASSPHRASE).await.is(303);
        assert_eq!(state(&app, id).await, "done");
    }

    async fn every_step_stands_in_the_access_log_in_order(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        team.tracer.get(&format!("/cases/{case}")).await.is(200);
        team.tracer.get(&format!("/cases/{case}")).await.is(200);
        team.tracer.get(&format!("/cases/{case}/contacts?format=csv")).await.is(200);
        let rows = app.app.store.log_rows(i64::MIN, 100).await.unwrap();
        let steps: Vec<(&str, &str)> = rows.iter().map(|row| (row.actor.as_str(), row.action.as_str())).collect();
        assert_eq!(steps, [
            ("tracer", "case.opened"),
            ("tracer", "opening.requested"),
            ("approver", "opening.approved"),
            ("khoa1", "opening.released"),
            ("khoa2", "opening.released"),
            ("khoa2", "opening.read"),
            ("khoa2", "identities.read"),
            ("tracer", "case.viewed"),
            ("tracer", "contacts.exported"),
        ]);
        assert!(rows.windows(2).all(|pair| pair[0].at <= pair[1].at && pair[0].seq < pair[1].seq));
        vaora::audit::verify(&app.app.store, &app.app.keyfile).await.unwrap().unwrap();
        let mut auditor = app.officer(Role::Auditor).await;
        let page = auditor.get("/log").await.is(200).words();
        assert!(!page.contains(MET.0) && !page.contains(CASE.0), "{page}");
        let whole: String = rows.iter().map(|row| row.scope.clone()).collect();
        assert!(![CASE, MET].iter().any(|(name, phone)| whole.contains(name) || whole.contains(phone)));
    }

    async fn nothing_opens_while_the_log_cannot_be_written(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = open_case(&app, &mut team.tracer).await;
        team.ask(&case).await;
        let (id, hash) = waiting(&app, "requested").await;
        decide(&mut team.approver, id, "approve", &hash).await.is(303);
        release(&mut team.first, id, PASSPHRASE).await.is(303);
        let (main, keyring) = app.databases().await;
        main.run("ALTER TABLE access_log RENAME TO access_log_away", args![]).await.unwrap();
        let failed = release(&mut team.second, id, PASSPHRASE).await.is(500);
        assert!(failed.words().contains("Hệ thống gặp lỗi") && !failed.text().contains("access_log"));
        main.run("ALTER TABLE access_log_away RENAME TO access_log", args![]).await.unwrap();
        assert_eq!(state(&app, id).await, "approved");
        assert!(app.app.store.cases().await.unwrap().remove(0).file_sealed.is_none());
        release(&mut team.second, id, PASSPHRASE).await.is(303);
        assert_eq!(state(&app, id).await, "done");
        main.close().await;
        keyring.close().await;
    }

    async fn a_changed_entry_is_named(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        meet(&app, &place).await;
        Team::new(&app).await.trace(&app).await;
        let verify = || vaora::audit::verify(&app.app.store, &app.app.keyfile);
        verify().await.unwrap().unwrap();
        let entry = app.app.store.log_rows(i64::MIN, 100).await.unwrap().remove(3);
        let (main, keyring) = app.databases().await;
        let sql = "UPDATE access_log SET actor = $1 WHERE seq = $2";
        main.run(sql, args!["somebody", entry.seq]).await.unwrap();
        let bad = verify().await.unwrap().unwrap_err().to_string();
        assert!(bad.contains(&entry.seq.to_string()), "{bad}");
        let mut auditor = app.officer(Role::Auditor).await;
        assert!(auditor.get("/log").await.is(200).words().contains(&bad));
        main.run(sql, args![entry.actor.as_str(), entry.seq]).await.unwrap();
        verify().await.unwrap().unwrap();
        main.run("DELETE FROM access_subjects WHERE seq = $1", args![entry.seq]).await.unwrap();
        main.run("DELETE FROM access_log WHERE seq = $1", args![entry.seq]).await.unwrap();
        verify().await.unwrap().unwrap_err();
        main.close().await;
        keyring.close().await;
    }

    async fn another_office_s_case_does_not_exist(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut tracer = app.officer(Role::Tracer).await;
        let case = a_case(&app, &mut tracer, &place).await;
        let mut other = app.officer_at("xa", Role::Tracer, app.elsewhere().await).await;
        other.get(&format!("/cases/{case}")).await.is(404);
        other.get(&format!("/cases/{case}/contacts?format=csv")).await.is(404);
        other.post(&format!("/cases/{case}/openings"), &[("purpose", "trace_contacts")]).await.is(404);
        let code = app.app.store.cases().await.unwrap().remove(0).code;
        assert!(!other.get("/cases").await.is(200).words().contains(&code));
        assert!(tracer.get("/cases").await.is(200).words().contains(&code));
    }

    async fn a_case_needs_somebody_known_and_says_what_is_wrong(app) {
        app.ceremony().await;
        let mut tracer = app.officer(Role::Tracer).await;
        let tomorrow = domain::time::date_of_day_number(domain::time::day_number(app.clock.today()) + 1).to_string();
        for (onset, profile, phone, wrong) in [
            ("2021-11-10", "covid19", "0912345699", "Chưa có ai ghi vào ra với số này"),
            ("2021-11-10", "covid19", "09123", "Số di động có 10 chữ số"),
            (tomorrow.as_str(), "covid19", CASE.1, "Hãy nhập ngày khởi phát"),
            ("2021-11-10", "plague", CASE.1, "Hãy chọn bệnh."),
        ] {
            let form = [("profile", profile), ("onset_on", onset), ("by", "phone"), ("phone", phone)];
            let answer = tracer.post("/cases/new", &form).await;
            assert!(answer.words().contains(wrong), "{wrong}: {}", answer.words());
        }
        assert!(app.app.store.cases().await.unwrap().is_empty());
    }

    async fn formulas_never_run_from_an_export(app) {
        app.ceremony().await;
        // A visitor's name begins with a letter; a place's may be anything.
        let place = app.place("=1+1").await;
        let mut gate = app.gate(&place).await;
        let refused = typed(&app, &mut gate, "in", "=HYPERLINK(\"http://x\")", MET.1).await;
        assert_eq!((&refused["outcome"], &refused["reason"]), (&"rejected".into(), &"name_invalid".into()));
        meet(&app, &place).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let csv = team.tracer.get(&format!("/cases/{case}/contacts?format=csv")).await.is(200);
        let cells: Vec<String> = csv_rows(&csv).into_iter().flatten().collect();
        assert!(cells.iter().any(|cell| cell == "'=1+1"), "{cells:?}");
        assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@'])), "{cells:?}");
    }
}
