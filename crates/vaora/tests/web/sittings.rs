//! A sitting: questions within the approved scope, written down before they are answered, and how it ends.

use std::sync::atomic::Ordering;

use domain::{
    opening::{Purpose, Scope},
    role::Role,
    sitting::SittingEnd,
};
use exposure::{Index, Limits, SameSpace, Span, Visits};
use seal::wrap::PrivateKey;
use store::{args, reference::DiseaseRule};
use vaora::trace::{
    answers::Ground,
    questions::Question,
    sitting::{
        ANSWERS_MAX, AskedState, Memory, QUESTIONS_AT_ONCE, Reserved, SITTINGS_MAX, Sitting, UNANSWERED_MAX,
    },
};

use crate::{
    common::{
        TestApp,
        client::{Answer, Client},
        scans::typed,
    },
    tracing::{CASE, MET, MISSED, Team, meet},
};

/// Met the contact, after the contact had met the case.
const NEXT: (&str, &str) = ("Hoàng Thị Sau", "0912345674");
/// Everything that may be ticked.
const ALL: [&str; 4] = ["ask_generations", "ask_places", "ask_chains", "ask_timelines"];

/// The case and its contact at the market, then the contact and the next one at a shop.
async fn story(app: &TestApp) {
    let (market, shop) = (app.place("Chợ Tân Lập").await, app.place("Quán Hai").await);
    meet(app, &market).await;
    let mut gate = app.gate(&shop).await;
    typed(app, &mut gate, "in", MET.0, MET.1).await;
    typed(app, &mut gate, "in", NEXT.0, NEXT.1).await;
    app.minutes_pass(40);
    typed(app, &mut gate, "out", MET.0, MET.1).await;
    typed(app, &mut gate, "out", NEXT.0, NEXT.1).await;
}

/// Asks and waits for the answer's page.
async fn ask(tracer: &mut Client, case: &str, form: &[(&str, &str)]) -> Answer {
    let asked = tracer.post(&format!("/cases/{case}/sitting/ask"), form).await.is(303);
    let path = asked.location().to_owned();
    for _ in 0..200 {
        let answer = tracer.get(&path).await.is(200);
        if !answer.words().contains("Trang này tự tải lại") {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no answer: {path}");
}

fn contacts(minutes: &str) -> [(&str, &str); 3] {
    [("question", "contacts"), ("minutes", minutes), ("listed", "100")]
}

/// Actions of the access log, latest last.
async fn actions(app: &TestApp) -> Vec<String> {
    let rows = app.app.store.log_rows(i64::MIN, 1000).await.unwrap();
    rows.into_iter().map(|row| row.action).collect()
}

async fn why_ended(app: &TestApp, case: &str) -> Option<String> {
    app.app.store.latest_sitting(case.parse().unwrap()).await.unwrap().unwrap().ended_why
}

/// A sitting over an empty index.
fn empty() -> Sitting {
    let visits = Visits::from_list(Vec::new(), &Limits::default()).unwrap();
    let memory = Memory {
        index: Index::build(visits, Limits::default()).unwrap(),
        register: PrivateKey::from_bytes(&[1; 32]).unwrap().into(),
        names: Default::default(),
    };
    let day = jiff::civil::date(2021, 11, 10);
    let scope = Scope {
        case_id: 1,
        purpose: Purpose::Drill,
        persons: vec![1],
        from: day,
        until: day.tomorrow().unwrap(),
        kinds: Vec::new(),
    };
    let rule = DiseaseRule {
        profile: "covid19".to_owned(),
        label_vi: String::new(),
        label_en: String::new(),
        valid_from_on: "2020-01-01".to_owned(),
        look_back_days: 2,
        min_overlap_minutes: 15,
        same_space: "area".to_owned(),
        question_days: 14,
        latency_hours: 0,
        source: String::new(),
    };
    let ground = Ground { persons: vec![1], window: Span::ALWAYS, until: 9, same: SameSpace::Area };
    Sitting::new((9, scope), rule, ground, Vec::new(), memory, 0)
}

fn own() -> Question {
    Question::Timeline { persons: vec![1], own: true }
}

#[test]
fn questions_and_answers_are_bounded() {
    let sitting = empty();
    let mut stops = Vec::new();
    for number in 1..=UNANSWERED_MAX {
        match sitting.reserve("", "tracer", own(), 0) {
            Reserved::New(given, stop) => {
                assert_eq!(given, number);
                stops.push(stop);
            }
            _ => panic!("question {number} was refused"),
        }
    }
    assert!(matches!(sitting.reserve("", "tracer", own(), 0), Reserved::Busy));
    assert!(sitting.cancel(1) && !sitting.cancel(1), "given up once");
    assert!(stops[0].load(Ordering::Relaxed) && !stops[1].load(Ordering::Relaxed));
    sitting.finish(1, AskedState::Failed("late"), vec![7], 5);
    assert!(matches!(sitting.one(1).unwrap().state, AskedState::Cancelled), "what was given up stays so");
    for number in 2..=UNANSWERED_MAX {
        sitting.finish(number, AskedState::Failed("none"), vec![7], 5);
    }
    assert_eq!((sitting.person(2, 0), sitting.person(2, 1), sitting.person(99, 0)), (Some(7), None, None));
    for number in UNANSWERED_MAX + 1..=ANSWERS_MAX + 2 {
        assert!(
            matches!(sitting.reserve("", "tracer", own(), 0), Reserved::New(given, _) if given == number)
        );
        sitting.finish(number, AskedState::Failed("none"), Vec::new(), 5);
    }
    let (asked, dropped) = sitting.asked();
    assert_eq!((asked.len(), dropped), (ANSWERS_MAX, 2));
    assert!(sitting.one(1).is_none() && sitting.one(2).is_none() && sitting.one(3).is_some());
}

on_both! {
    async fn the_team_asks_all_that_was_approved(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace_for(&app, &ALL).await;
        let desk = team.tracer.get(&format!("/cases/{case}/sitting")).await.is(200).words();
        assert!(desk.contains("Phiên tự đóng lúc") && desk.contains("Đường lây giữa hai ca"), "{desk}");
        let found = ask(&mut team.tracer, &case, &contacts("15")).await.words();
        assert!(found.contains(MET.0) && !found.contains(NEXT.0) && !found.contains(MISSED.0), "{found}");
        let none = ask(&mut team.tracer, &case, &contacts("21")).await.words();
        assert!(none.contains("Không ai đủ số phút này") && !none.contains(MET.0), "{none}");
        let generations = [("question", "generations"), ("minutes", "15"), ("generations", "2"),
            ("latency_hours", "0"), ("listed", "100")];
        let found = ask(&mut team.tracer, &case, &generations).await.words();
        assert!(found.contains(MET.0) && found.contains(NEXT.0) && found.contains("Quán Hai"), "{found}");
        let late = [("question", "generations"), ("minutes", "15"), ("generations", "2"), ("latency_hours", "48"),
            ("listed", "100")];
        let found = ask(&mut team.tracer, &case, &late).await.words();
        assert!(found.contains(MET.0) && !found.contains(NEXT.0), "{found}");
        assert!(found.contains("1 người của đời này không được lần tiếp"), "{found}");
        let places = [("question", "places"), ("minutes", "15"), ("listed", "100")];
        let found = ask(&mut team.tracer, &case, &places).await;
        assert!(found.words().contains("Chợ Tân Lập") && !found.words().contains("Quán Hai"), "{}", found.words());
        assert!(!found.words().contains(MET.0), "places name nobody");
        let own = ask(&mut team.tracer, &case, &[("question", "timeline")]).await.words();
        assert!(own.contains(CASE.0) && own.contains("Chợ Tân Lập"), "{own}");
        // The first question's first row is the contact.
        let of_contact = [("question", "timeline"), ("answer", "1"), ("at", "0")];
        let way = ask(&mut team.tracer, &case, &of_contact).await.words();
        assert!(way.contains(MET.0) && way.contains("Quán Hai") && !way.contains(NEXT.0), "{way}");
    }

    async fn who_was_there_is_asked_of_the_case_s_places_and_days_only(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace_for(&app, &["ask_places"]).await;
        let places = app.app.store.places().await.unwrap();
        let id = |name: &str| places.iter().find(|place| place.name == name).unwrap().id.to_string();
        let (market, shop) = (id("Chợ Tân Lập"), id("Quán Hai"));
        let window = |place: &str, from: &str, until: &str| -> Vec<(String, String)> {
            [("question", "present"), ("place", place), ("from", from), ("until", until), ("listed", "100")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
        };
        let form = window(&market, "2021-11-10T09:00", "2021-11-10T12:00");
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let found = ask(&mut team.tracer, &case, &form).await.words();
        assert!(found.contains(CASE.0) && found.contains(MET.0) && found.contains(MISSED.0), "{found}");
        assert!(!found.contains(NEXT.0), "{found}");
        let path = format!("/cases/{case}/sitting/ask");
        for (place, from, until, words) in [
            (shop.as_str(), "2021-11-10T09:00", "2021-11-10T10:00", "Chỉ hỏi được nơi người bệnh đã đến"),
            (market.as_str(), "2021-10-01T09:00", "2021-10-01T10:00", "nằm ngoài phạm vi đã duyệt (từ 28/10/2021 đến hết 10/11/2021)"),
            (market.as_str(), "2021-11-08T09:00", "2021-11-10T10:00", "Mỗi câu hỏi xem tối đa 24 giờ"),
            (market.as_str(), "2021-11-10T09:00", "2021-11-10T08:00", "Giờ kết thúc phải sau giờ bắt đầu."),
            (market.as_str(), "", "2021-11-10T08:00", "Hãy nhập đủ ngày và giờ."),
        ] {
            let form = window(place, from, until);
            let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            team.tracer.refused(&path, &form, words).await;
        }
        let asked = actions(&app).await.iter().filter(|action| *action == "question.asked").count();
        assert_eq!(asked, 1, "what is refused is not asked");
    }

    async fn a_question_beyond_the_scope_is_refused_and_the_approver_sees_the_scope(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace_for(&app, &["ask_places"]).await;
        let path = format!("/cases/{case}/sitting/ask");
        let generations = [("question", "generations"), ("minutes", "15"), ("generations", "2"),
            ("latency_hours", "0"), ("listed", "100")];
        let refusal = "Phạm vi đã duyệt không có câu hỏi này: F2 và các đời sau.";
        team.tracer.refused(&path, &generations, refusal).await;
        ask(&mut team.tracer, &case, &contacts("15")).await;
        let of_contact = [("question", "timeline"), ("answer", "1"), ("at", "0")];
        team.tracer.refused(&path, &of_contact, "Lịch trình của một người tiếp xúc").await;
        team.tracer.refused(&path, &[("question", "everything")], "Hãy chọn một câu hỏi.").await;
        team.tracer.refused(&path, &contacts("5000"), "Hãy nhập số nguyên từ 0 đến 1440.").await;
        let typed = team.tracer.post(&path, &contacts("5000")).await.text();
        assert!(typed.contains("value=\"5000\""), "what was typed stays");
        // Asked again with more: the approver and the key officers see it.
        let ticks = [("purpose", "trace_contacts"), ("ask_generations", "1"), ("ask_chains", "1")];
        team.tracer.post(&format!("/cases/{case}/openings"), &ticks).await.is(303);
        let seen = team.approver.get("/openings").await.is(200).words();
        assert!(seen.contains("F2 và các đời sau") && seen.contains("Đường lây giữa ca này và ca khác"), "{seen}");
    }

    async fn a_chain_joins_two_cases(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let today = app.clock.today().to_string();
        let form = [("profile", "covid19"), ("onset_on", today.as_str()), ("by", "phone"), ("phone", NEXT.1)];
        let answer = team.tracer.post("/cases/new", &form).await.is(303);
        let other = answer.location().strip_prefix("/cases/").unwrap().to_owned();
        let case = team.trace_for(&app, &["ask_chains"]).await;
        let form = |to: &'static str, way: &'static str| [("question", "chain"), ("way", way), ("minutes", "15"),
            ("latency_hours", "0"), ("other", to)];
        let other: &'static str = other.leak();
        let found = ask(&mut team.tracer, &case, &form(other, "forward")).await.words();
        for there in [CASE.0, MET.0, NEXT.0, "Chợ Tân Lập", "Quán Hai"] {
            assert!(found.contains(there), "{there}: {found}");
        }
        let back = ask(&mut team.tracer, &case, &form(other, "reversed")).await.words();
        assert!(back.contains("Không thấy đường lây nào"), "{back}");
        let path = format!("/cases/{case}/sitting/ask");
        let own: &'static str = case.clone().leak();
        team.tracer.refused(&path, &form(own, "forward"), "Hãy chọn một ca khác của đơn vị mình.").await;
        team.tracer.refused(&path, &form("12", "forward"), "Hãy chọn một ca khác của đơn vị mình.").await;
    }

    async fn nothing_is_answered_that_is_not_written_down(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        team.tracer.get(&format!("/cases/{case}/sitting")).await.is(200);
        let (main, keyring) = app.databases().await;
        main.run("ALTER TABLE access_log RENAME TO access_log_away", args![]).await.unwrap();
        let failed = team.tracer.post(&format!("/cases/{case}/sitting/ask"), &contacts("15")).await.is(500);
        assert!(!failed.text().contains(MET.0));
        main.run("ALTER TABLE access_log_away RENAME TO access_log", args![]).await.unwrap();
        let desk = team.tracer.get(&format!("/cases/{case}/sitting")).await.is(200).words();
        assert!(desk.contains("Chưa hỏi câu nào"), "{desk}");
        team.tracer.get(&format!("/cases/{case}/sitting/1")).await.is(404);
        ask(&mut team.tracer, &case, &contacts("15")).await;
        let log = actions(&app).await;
        assert_eq!(log[log.len() - 2..], ["question.asked", "identities.read"], "{log:?}");
        let rows = app.app.store.log_rows(i64::MIN, 1000).await.unwrap();
        let whole: String = rows.iter().map(|row| row.scope.clone()).collect();
        assert!(!whole.contains(MET.0) && !whole.contains(MET.1), "{whole}");
        main.close().await;
        keyring.close().await;
    }

    async fn a_long_question_waits_on_a_page_of_its_own_and_is_given_up(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let path = format!("/cases/{case}/sitting/ask");
        // Others are being looked into.
        let turns = app.app.sittings.lanes.acquire_many(QUESTIONS_AT_ONCE as u32).await.unwrap();
        team.tracer.post(&path, &contacts("15")).await.is(303);
        let waiting = team.tracer.get(&format!("/cases/{case}/sitting/1")).await.is(200);
        assert!(waiting.text().contains("http-equiv=\"refresh\"") && waiting.words().contains("Đang tính"));
        let keep = format!("/cases/{case}/sitting/1/keep");
        team.tracer.refused(&keep, &[], "Câu hỏi này chưa có câu trả lời để lưu.").await;
        let cancel = format!("/cases/{case}/sitting/1/cancel");
        team.tracer.refused(&cancel, &[], "Đã dừng câu hỏi.").await;
        team.tracer.refused(&cancel, &[], "Câu hỏi này đã xong từ trước.").await;
        let given_up = team.tracer.get(&format!("/cases/{case}/sitting/1")).await.is(200);
        assert!(given_up.words().contains("Câu hỏi đã được dừng") && !given_up.text().contains("http-equiv"));
        for _ in 0..UNANSWERED_MAX {
            team.tracer.post(&path, &contacts("15")).await.is(303);
        }
        team.tracer.refused(&path, &contacts("15"), "đủ số câu hỏi chưa trả lời xong").await;
        let before = actions(&app).await.iter().filter(|action| *action == "identities.read").count();
        team.tracer.post(&format!("/cases/{case}/sitting/close"), &[]).await.is(303);
        drop(turns);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        team.tracer.post(&keep, &[]).await.is(303);
        let after = actions(&app).await.iter().filter(|action| *action == "identities.read").count();
        assert_eq!(before, after, "nothing is opened of a sitting that is over");
    }

    async fn it_ends_when_idle_and_after_eight_hours(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let desk = format!("/cases/{case}/sitting");
        app.minutes_pass(29);
        assert!(team.tracer.get(&desk).await.is(200).words().contains("Các câu đã hỏi"));
        // A page that loads itself does not keep the sitting open.
        app.minutes_pass(29);
        assert!(team.tracer.get(&format!("{desk}?tu-dong=1")).await.is(200).words().contains("Các câu đã hỏi"));
        app.minutes_pass(1);
        let over = team.tracer.get(&desk).await.is(200).words();
        assert!(over.contains("Phiên hỏi đã tự đóng sau 30 phút") && !over.contains("Các câu đã hỏi"), "{over}");
        assert_eq!(why_ended(&app, &case).await.as_deref(), Some("idle"));
        team.tracer.refused(&format!("{desk}/ask"), &contacts("15"), "Phiên hỏi không còn mở.").await;
        team.open(&app, &case, &[]).await;
        for _ in 0..23 {
            app.minutes_pass(20);
            assert!(team.tracer.get(&desk).await.is(200).words().contains("Các câu đã hỏi"));
        }
        app.minutes_pass(20);
        // The minute's job ends it too, though nobody looks.
        vaora::jobs::expire(&app.app).await.unwrap();
        assert_eq!(why_ended(&app, &case).await.as_deref(), Some("limit"));
        assert!(team.tracer.get(&format!("/cases/{case}")).await.words().contains("vì đã đủ 8 giờ"));
        let closed = actions(&app).await.iter().filter(|action| *action == "sitting.closed").count();
        assert_eq!(closed, 2);
    }

    async fn a_restart_loses_it_and_says_so(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        ask(&mut team.tracer, &case, &contacts("15")).await;
        team.tracer.post(&format!("/cases/{case}/sitting/1/keep"), &[]).await.is(303);
        let app = app.restart().await;
        let mut tracer = app.sign_in("tracer").await;
        let page = tracer.get(&format!("/cases/{case}")).await.is(200).words();
        assert!(page.contains("Phiên hỏi đã mất vì máy chủ khởi động lại"), "{page}");
        let log = app.app.store.log_rows(i64::MIN, 1000).await.unwrap();
        let last = log.iter().rfind(|row| row.action == "sitting.closed").unwrap();
        assert!(last.actor == "server" && last.scope.ends_with("restart"), "{}", last.scope);
        // What was kept is there still.
        let kept = tracer.get(&format!("/cases/{case}/kept/1")).await.is(200).words();
        assert!(kept.contains(MET.0) && kept.contains("lưu vào hồ sơ"), "{kept}");
        tracer.get(&format!("/cases/{case}/kept/2")).await.is(404);
    }

    async fn a_refused_form_shows_the_desk_only_once_the_look_is_written_down(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let views = async || actions(&app).await.iter().filter(|action| *action == "case.viewed").count();
        let before = views().await;
        let office = app.app.store.case(case.parse().unwrap()).await.unwrap().unwrap().unit_id;
        let mut other = app.officer_at("dong-nghiep", Role::Tracer, office).await;
        other.post(&format!("/cases/{case}/sitting/ask"), &contacts("-1")).await;
        assert_eq!(views().await, before + 1);
    }

    async fn an_end_meant_for_an_earlier_opening_leaves_the_later_one(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let id: i64 = case.parse().unwrap();
        let earlier = app.app.store.latest_sitting(id).await.unwrap().unwrap().opening_id;
        team.open(&app, &case, &[]).await;
        let sittings = &app.app.sittings;
        assert!(!sittings.end(&app.app, id, earlier, SittingEnd::Hand, None).await.unwrap());
        assert!(why_ended(&app, &case).await.is_none());
        let later = sittings.of_case(&app.app, id).await.unwrap().unwrap();
        assert_ne!(later.opening_id, earlier);
        // Whoever asked for the end goes away at once: it is noted all the same.
        let end = sittings.end(&app.app, id, later.opening_id, SittingEnd::Hand, None);
        let _ = tokio::time::timeout(std::time::Duration::ZERO, end).await;
        for _ in 0..200 {
            if why_ended(&app, &case).await.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(why_ended(&app, &case).await.as_deref(), Some("hand"));
        assert!(actions(&app).await.contains(&"sitting.closed".to_owned()));
        assert!(matches!(later.reserve("", "tracer", own(), 0), Reserved::Over));
    }

    async fn an_asker_who_hangs_up_leaves_no_question_waiting(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let sitting = app.app.sittings.of_case(&app.app, case.parse().unwrap()).await.unwrap().unwrap();
        let question = Question::Timeline { persons: sitting.scope.persons.clone(), own: true };
        let asking = vaora::trace::asking::ask(&app.app, &sitting, "tracer", "", question);
        let _ = tokio::time::timeout(std::time::Duration::ZERO, asking).await;
        for _ in 0..200 {
            if !matches!(sitting.one(1).unwrap().state, AskedState::Running) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(matches!(sitting.one(1).unwrap().state, AskedState::Done(_)));
        assert!(actions(&app).await.contains(&"question.asked".to_owned()));
    }

    async fn officers_and_the_team_close_it_once(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace(&app).await;
        let opening = app.app.store.latest_sitting(case.parse().unwrap()).await.unwrap().unwrap().opening_id;
        let seen = team.second.get("/openings").await.is(200).words();
        assert!(seen.contains("Phiên hỏi đang mở") && !seen.contains(CASE.0), "{seen}");
        let path = format!("/openings/{opening}/close");
        team.tracer.post(&path, &[]).await.is(404);
        team.second.post(&path, &[]).await.is(303);
        assert_eq!(why_ended(&app, &case).await.as_deref(), Some("hand"));
        let log = actions(&app).await.len();
        team.second.refused(&path, &[], "Phiên hỏi này đã đóng từ trước.").await;
        assert_eq!(actions(&app).await.len(), log, "twice is the same as once");
        team.open(&app, &case, &[]).await;
        let close = format!("/cases/{case}/sitting/close");
        team.tracer.refused(&close, &[], "Đã đóng phiên hỏi").await;
        team.tracer.refused(&close, &[], "Phiên hỏi này đã đóng từ trước.").await;
    }

    async fn a_form_sent_twice_is_one_question_and_an_answer_is_kept_once(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace_for(&app, &["ask_generations"]).await;
        let form = [("question", "contacts"), ("minutes", "15"), ("listed", "1"), ("token", "once")];
        ask(&mut team.tracer, &case, &form).await;
        ask(&mut team.tracer, &case, &form).await;
        let asked = actions(&app).await.iter().filter(|action| *action == "question.asked").count();
        assert_eq!(asked, 1);
        let keep = format!("/cases/{case}/sitting/1/keep");
        team.tracer.refused(&keep, &[], "Đã lưu câu trả lời vào hồ sơ của ca.").await;
        team.tracer.refused(&keep, &[], "Câu trả lời này đã có trong hồ sơ.").await;
        let page = team.tracer.get(&format!("/cases/{case}")).await.is(200).words();
        assert_eq!(page.matches("Người tiếp xúc (F1) từ 15 phút").count(), 1, "{page}");
        team.tracer.post(&format!("/cases/{case}/sitting/1/cancel"), &[]).await.is(303);
        // Another opening keeps what the file kept.
        team.open(&app, &case, &[]).await;
        let kept = team.tracer.get(&format!("/cases/{case}/kept/1")).await.is(200).words();
        assert!(kept.contains(MET.0), "{kept}");
        let closed = actions(&app).await;
        assert!(closed.contains(&"sitting.closed".to_owned()), "the second opening took its place");
    }

    async fn another_office_finds_no_sitting(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        let case = team.trace_for(&app, &ALL).await;
        ask(&mut team.tracer, &case, &contacts("15")).await;
        let mut other = app.officer_at("xa", Role::Tracer, app.elsewhere().await).await;
        for path in ["sitting", "sitting/1", "kept/1"] {
            other.get(&format!("/cases/{case}/{path}")).await.is(404);
            team.approver.get(&format!("/cases/{case}/{path}")).await.is(404);
        }
        for path in ["ask", "close", "1/cancel", "1/keep"] {
            other.post(&format!("/cases/{case}/sitting/{path}"), &contacts("15")).await.is(404);
            team.second.post(&format!("/cases/{case}/sitting/{path}"), &contacts("15")).await.is(404);
        }
        assert!(why_ended(&app, &case).await.is_none());
    }

    async fn beyond_the_limit_of_sittings_the_list_of_contacts_is_there_all_the_same(app) {
        app.ceremony().await;
        story(&app).await;
        let mut team = Team::new(&app).await;
        for _ in 0..SITTINGS_MAX {
            let case = team.trace(&app).await;
            assert!(why_ended(&app, &case).await.is_none());
        }
        let case = team.trace(&app).await;
        assert_eq!(why_ended(&app, &case).await.as_deref(), Some("full"));
        let page = team.tracer.get(&format!("/cases/{case}")).await.is(200).words();
        assert!(page.contains(MET.0) && page.contains("máy chủ đang giữ đủ số phiên"), "{page}");
        let seen = team.first.get("/openings").await.is(200).words();
        assert!(seen.contains(&format!("Phiên hỏi đang mở ({SITTINGS_MAX})")), "{seen}");
    }
}
