//! Guides, campaigns and support tickets, as owners and offices use them.

use domain::role::Role;
use jiff::civil::date;
use store::{campaigns::Campaign, tickets::Ticket};
use vaora::{
    ids::new_id,
    jobs::remind,
    web::guidance::{GuidanceFigures, period_figures},
};

use crate::common::{TestApp, places::Open};

/// A campaign led by the home commune, still open.
pub async fn a_campaign(app: &TestApp) -> i64 {
    let home = app.home().await;
    let campaign = Campaign {
        id: new_id(),
        unit_id: home,
        title: "Phát tờ rơi ở chợ".to_owned(),
        from_on: "2021-11-08".to_owned(),
        until_on: "2021-11-09".to_owned(),
        method: "leaflet".to_owned(),
        places: "Chợ".to_owned(),
        planned: 300,
        reached: None,
        note: String::new(),
        made_by: 0,
        made_at: app.clock.now(),
        closed_at: None,
    };
    assert!(app.app.store.put_campaign(&campaign, &[home]).await.unwrap());
    campaign.id
}

/// A ticket of a place's owner, which nobody has taken.
pub async fn a_ticket(app: &TestApp, place: &Open) -> i64 {
    let home = app.home().await;
    let ticket = Ticket {
        id: new_id(),
        place_id: Some(place.id),
        place_name: None,
        unit_id: home,
        account_id: None,
        office_id: home,
        reason: "no_network".to_owned(),
        words: "Cửa sau không có sóng.".to_owned(),
        state: "new".to_owned(),
        opened_at: app.clock.now(),
        ack_due_on: "2021-11-12".to_owned(),
        acknowledged_at: None,
        answered_at: None,
        solved_at: None,
        closed_at: None,
        reopened: 0,
    };
    assert!(app.app.store.open_ticket(&ticket, None).await.unwrap());
    ticket.id
}

async fn state_of(app: &TestApp, id: i64) -> String {
    app.app.store.ticket(id).await.unwrap().unwrap().state
}

on_both! {
    async fn guides_are_open_to_everybody_in_both_languages_and_say_their_version(app) {
        let mut visitor = app.stranger();
        assert!(visitor.get("/guides").await.is(200).words().contains("Người gác cổng"));
        let page = visitor.get("/guides/owner").await.is(200).words();
        assert!(page.contains("15 × 15 cm") && page.contains("130 cm") && page.contains("Bản 1.0, ngày"), "{page}");
        let english = app.stranger().english().get("/guides/owner").await.is(200).words();
        assert!(english.contains("at every door") && english.contains("Version 1.0"), "{english}");
        visitor.get("/guides/../Cargo.toml").await.is(404);
        visitor.get("/guides/unknown").await.is(404);
        assert!(visitor.get("/").await.is(200).text().contains("/guides"));
    }

    async fn an_owner_is_helped_before_asking_and_sends_one_ticket(app) {
        let place = app.place("Chợ Tân Lập").await;
        let mut owner = app.owner().await;
        let first = owner.get("/owner/support/new").await.is(200).text();
        assert!(first.contains("reason=no_network") && !first.contains("reason=import_trouble"));
        let second = owner.get("/owner/support/new?reason=no_network").await.is(200);
        assert!(second.words().contains("Thử cách này trước") && second.text().contains("/guides/gate-offline"));
        owner.refused("/owner/support/new", &[("reason", "no_network"), ("words", "")], "Ô này không được để trống.").await;
        let place_id = place.id.to_string();
        let form = [("id", "4242"), ("reason", "no_network"), ("place", &*place_id), ("words", "Cửa sau\nkhông có sóng")];
        for _ in 0..2 {
            assert_eq!(owner.post("/owner/support/new", &form).await.is(303).location(), "/owner/support/4242");
        }
        assert_eq!(app.app.store.ticket_posts(4242).await.unwrap().len(), 1);
        assert!(owner.get("/owner/support").await.is(200).words().contains("Ở cửa không có mạng"));
        // The commune is told, and finds it on the first page.
        let mut officer = app.officer(Role::UnitOfficer).await;
        assert!(officer.get("/").await.is(200).words().contains("phiếu hỗ trợ mới chờ nhận"));
        assert!(officer.get("/messages").await.is(200).words().contains("Phiếu hỗ trợ mới từ Chợ Tân Lập"));
        assert!(officer.get("/support").await.is(200).words().contains("Chợ Tân Lập"));
        // The list as a file keeps the filters, and what was asked out of it.
        let csv = officer.get("/support/export?state=open&reason=no_network&format=csv").await.is(200).text();
        assert!(csv.contains("Chợ Tân Lập") && !csv.contains("không có sóng"), "{csv}");
        let csv = officer.get("/support/export?state=open&reason=slow_queue&format=csv").await.is(200).text();
        assert!(!csv.contains("Chợ Tân Lập"), "{csv}");
        assert_eq!(officer.get("/support/export?state=&format=xlsx").await.is(200).bytes[..2], *b"PK");
        officer.get("/support/export?state=&format=exe").await.is(404);
        let elsewhere = app.elsewhere().await;
        officer.get(&format!("/support/export?unit={elsewhere}&format=csv")).await.is(404);
        app.app.store.set_place_care(place.id, store::place_care::DepartmentChoice::ByType, Some(true)).await.unwrap();
        let csv = officer.get("/support/export?state=&format=csv").await.is(200).text();
        assert!(csv.contains("nơi nhạy cảm") && !csv.contains("Chợ Tân Lập"), "{csv}");
        app.app.store.set_place_care(place.id, store::place_care::DepartmentChoice::ByType, None).await.unwrap();
        // Somebody else's place is none to ask about.
        let other = app.place("Chợ Khác").await;
        let mut stranger = app.stranger();
        stranger.post("/owner/code-request", &[("phone", "0912345670")]).await.is(303);
        let code = app.messages.last().code();
        stranger.post("/owner/code", &[("code", &code)]).await.is(303);
        let other_id = other.id.to_string();
        stranger.refused("/owner/support/new", &[("reason", "no_network"), ("place", &*other_id), ("words", "x")], "Hãy chọn địa điểm.").await;
        stranger.get("/owner/support/4242").await.is(404);
        stranger.post("/owner/support/4242/act", &[("act", "close")]).await.is(404);
    }

    async fn a_ticket_goes_from_taken_to_solved_and_back(app) {
        let place = app.place("Chợ Tân Lập").await;
        let id = a_ticket(&app, &place).await;
        let (here, theirs) = (format!("/support/{id}"), format!("/owner/support/{id}"));
        let act = format!("{here}/act");
        let mut officer = app.officer(Role::UnitOfficer).await;
        officer.post(&act, &[("act", "take"), ("post", "1")]).await.is(303);
        officer.post(&act, &[("act", "take"), ("post", "1")]).await.is(303);
        assert_eq!(state_of(&app, id).await, "taken");
        officer.refused(&act, &[("act", "take"), ("post", "2")], "Phiếu đã đổi trạng thái").await;
        officer.refused(&act, &[("act", "answer"), ("words", "  "), ("post", "3")], "Ô này không được để trống.").await;
        officer.post(&act, &[("act", "ask"), ("words", "Máy hiệu gì?"), ("post", "4")]).await.is(303);
        assert_eq!(state_of(&app, id).await, "waiting_for_asker");
        let mut owner = app.owner().await;
        let page = owner.get(&theirs).await.is(200).words();
        assert!(page.contains("Máy hiệu gì?") && !page.contains("Cán bộ unit_officer"), "{page}");
        let place_page = owner.get(&format!("/owner/places/{}", place.id)).await.is(200).words();
        assert!(place_page.contains("đơn vị hỏi lại, xin trả lời"), "{place_page}");
        // An owner does what an asker does and nothing else.
        owner.refused(&format!("{theirs}/act"), &[("act", "solve"), ("words", "tự xong"), ("post", "5")], "Phiếu đã đổi trạng thái").await;
        owner.post(&format!("{theirs}/act"), &[("act", "reply"), ("words", "Máy cũ"), ("post", "6")]).await.is(303);
        officer.post(&act, &[("act", "solve"), ("words", "Dùng thẻ giấy."), ("post", "7")]).await.is(303);
        owner.post(&format!("{theirs}/act"), &[("act", "reopen"), ("words", "Vẫn chưa"), ("post", "8")]).await.is(303);
        let ticket = app.app.store.ticket(id).await.unwrap().unwrap();
        assert_eq!((ticket.state.as_str(), ticket.reopened, ticket.acknowledged_at), ("new", 1, None));
        officer.post(&act, &[("act", "solve"), ("words", "Đã xong."), ("post", "9")]).await.is(303);
        app.days_pass(8);
        remind::run(&app.app).await.unwrap();
        assert_eq!(state_of(&app, id).await, "closed");
        app.days_pass(31);
        let mut owner = app.owner().await;
        owner.refused(&format!("{theirs}/act"), &[("act", "reopen"), ("words", "Muộn"), ("post", "10")], "Phiếu đã đổi trạng thái").await;
    }

    async fn an_asker_does_not_flood_a_ticket(app) {
        let place = app.place("Chợ Tân Lập").await;
        let act = format!("/owner/support/{}/act", a_ticket(&app, &place).await);
        let mut owner = app.owner().await;
        for post in ["71", "72", "73", "74", "75"] {
            owner.post(&act, &[("act", "reply"), ("words", "Còn nữa"), ("post", post)]).await.is(303);
        }
        let answer = owner.post(&act, &[("act", "reply"), ("words", "Lần thứ sáu"), ("post", "76")]).await.is(200);
        assert!(answer.words().contains("Xin đợi trả lời rồi hãy gửi tiếp") && answer.text().contains("Lần thứ sáu"));
        let told = app.app.store.messages_for(0, app.home().await, 50).await.unwrap();
        assert_eq!(told.iter().filter(|one| one.source.contains("vừa bổ sung")).count(), 1);
    }

    async fn a_ticket_is_handed_up_and_late_ones_stand_out(app) {
        let place = app.place("Chợ Tân Lập").await;
        let id = a_ticket(&app, &place).await;
        let act = format!("/support/{id}/act");
        let mut officer = app.officer(Role::UnitOfficer).await;
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let mut elsewhere = app.officer_at("khac", Role::UnitOfficer, app.elsewhere().await).await;
        elsewhere.get(&format!("/support/{id}")).await.is(404);
        elsewhere.post(&act, &[("act", "take")]).await.is(404);
        assert!(!elsewhere.get("/support?state=").await.is(200).words().contains("Chợ Tân Lập"));
        officer.post(&act, &[("act", "escalate"), ("words", "Phường không có máy dự phòng."), ("post", "1")]).await.is(303);
        // It is no longer the commune's to answer; it may still read it.
        officer.post(&act, &[("act", "escalate"), ("words", "Lần nữa"), ("post", "2")]).await.is(404);
        officer.get(&format!("/support/{id}")).await.is(200);
        assert!(district.get("/").await.is(200).words().contains("phiếu hỗ trợ mới chờ nhận"));
        app.days_pass(6);
        let mut district = app.sign_in("huyen").await;
        assert!(district.get("/").await.is(200).words().contains("phiếu hỗ trợ quá hạn mà chưa ai nhận"));
        assert!(district.get("/support?state=late").await.is(200).words().contains("Quá hạn nhận"));
        district.post(&act, &[("act", "escalate"), ("words", "Nhờ Sở."), ("post", "3")]).await.is(303);
        let mut reviewer = app.officer(Role::Reviewer).await;
        assert!(reviewer.get(&format!("/support/{id}")).await.is(200).words().contains("Phường không có máy dự phòng."));
        reviewer.refused(&act, &[("act", "escalate"), ("words", "Lên nữa"), ("post", "4")], "Phiếu đã đổi trạng thái").await;
        reviewer.post(&act, &[("act", "solve"), ("words", "Đã cấp máy."), ("post", "5")]).await.is(303);
        let mut committee = app.officer(Role::CommitteeReader).await;
        committee.get(&format!("/support/{id}")).await.is(200);
        committee.post(&act, &[("act", "take")]).await.is(404);
    }

    async fn an_office_asks_the_office_above_and_the_best_is_published(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        let form = [("id", "77001"), ("reason", "import_trouble"), ("words", "Tệp báo sai cột.")];
        officer.post("/support/new", &form).await.is(303);
        assert_eq!(app.app.store.ticket(77001).await.unwrap().unwrap().office_id, app.unit("643").await);
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        let publish = [("question", "Tệp báo sai cột thì sao?"), ("answer", "Chép vào tệp mẫu.")];
        reviewer.refused("/support/77001/publish", &publish, "Phiếu chưa giải quyết xong").await;
        // The asker does not answer itself.
        officer.refused("/support/77001/act", &[("act", "solve"), ("words", "x"), ("post", "1")], "Phiếu đã đổi trạng thái").await;
        district.post("/support/77001/act", &[("act", "solve"), ("words", "Dùng tệp mẫu."), ("post", "2")]).await.is(303);
        assert!(officer.get("/").await.is(200).words().contains("phiếu của đơn vị đã có trả lời"));
        district.post("/support/77001/publish", &publish).await.is(404);
        let with_phone = [("question", "Gọi ai?"), ("answer", "Gọi 0912 345 678.")];
        reviewer.refused("/support/77001/publish", &with_phone, "số điện thoại hay số giấy tờ").await;
        for _ in 0..2 {
            reviewer.post("/support/77001/publish", &publish).await.is(303);
        }
        let faq = app.stranger().get("/guides/faq").await.is(200).words();
        assert_eq!(faq.matches("Tệp báo sai cột thì sao?").count(), 1);
        let entry = app.app.store.faq_of_ticket(77001).await.unwrap().unwrap();
        reviewer.post(&format!("/support/faq/{}/withdraw", entry.id), &[]).await.is(303);
        assert!(!app.stranger().get("/guides/faq").await.is(200).words().contains("Tệp báo sai cột thì sao?"));
    }

    async fn a_campaign_is_written_changed_and_closed(app) {
        let mut officer = app.officer(Role::UnitOfficer).await;
        let home = app.home().await.to_string();
        let answer = officer.post("/campaigns/new", &[("title", "Loa phường"), ("planned", "nhiều")]).await.is(200);
        for wrong in ["Hãy chọn một ngày.", "Hãy chọn cách làm.", "Hãy chọn ít nhất một địa bàn.", "Hãy ghi số người bằng chữ số"] {
            assert!(answer.words().contains(wrong), "{wrong}: {}", answer.words());
        }
        assert!(answer.text().contains("Loa phường"));
        let form = [
            ("id", "55001"), ("title", "Loa phường"), ("from_on", "2021-11-08"), ("until_on", "2021-11-09"),
            ("method", "loudspeaker"), ("units", &*home), ("planned", "1.200"), ("places", "Tổ 5"),
        ];
        for _ in 0..2 {
            assert_eq!(officer.post("/campaigns/new", &form).await.is(303).location(), "/campaigns/55001");
        }
        assert!(officer.get("/").await.is(200).words().contains("chờ ghi số người tiếp cận"));
        let mut elsewhere = app.officer_at("khac", Role::UnitOfficer, app.elsewhere().await).await;
        elsewhere.get("/campaigns/55001").await.is(404);
        elsewhere.post("/campaigns/55001/close", &[("reached", "1")]).await.is(404);
        // Another commune's area cannot be claimed, nor an id that is taken be written over.
        let stolen = app.elsewhere().await.to_string();
        let wide = [("id", "55002"), ("title", "Loa"), ("from_on", "2021-11-08"), ("until_on", "2021-11-09"), ("method", "loudspeaker"), ("units", &*stolen), ("planned", "5")];
        officer.refused("/campaigns/new", &wide, "Hãy chọn ít nhất một địa bàn.").await;
        officer.refused("/campaigns/55001/close", &[("reached", "rất đông")], "Hãy ghi số người bằng chữ số").await;
        officer.post("/campaigns/55001/close", &[("reached", "1.085")]).await.is(303);
        officer.refused("/campaigns/55001/close", &[("reached", "9")], "Đợt này đã đóng rồi.").await;
        assert_eq!(app.app.store.campaign(55001).await.unwrap().unwrap().reached, Some(1085));
        let page = officer.get("/campaigns/55001").await.is(200).words();
        assert!(page.contains("1.085") && page.contains("chưa đến ngày") && page.contains("chưa chắc do đợt này"), "{page}");
    }

    async fn effects_are_measured_when_the_week_is_over_and_small_ones_hidden(app) {
        let place = app.place("Chợ Tân Lập").await;
        let id = a_campaign(&app).await;
        let day = domain::time::day_number(date(2021, 11, 3));
        let count = |event_day, scans| store::scan_counts::ScanCount { event_day, area_id: place.area_id, out: false, arrival_day: event_day, scans };
        app.app.store.put_scan_counts(&[count(day, 40), count(day + 8, 7)]).await.unwrap();
        let mut officer = app.officer(Role::UnitOfficer).await;
        let page = officer.get(&format!("/campaigns/{id}")).await.is(200).words();
        assert!(page.contains("40") && page.contains("dưới 10") && page.contains("chưa đến ngày"), "{page}");
        app.days_pass(10);
        remind::run(&app.app).await.unwrap();
        remind::run(&app.app).await.unwrap();
        let effects = app.app.store.effects(id).await.unwrap();
        assert_eq!(effects.iter().map(|effect| (effect.span.as_str(), effect.scans)).collect::<Vec<_>>(), [("before", 40), ("week1", 7)]);
    }

    async fn figures_of_a_period_are_those_of_the_subtree(app) {
        let place = app.place("Chợ Tân Lập").await;
        let (campaign, ticket) = (a_campaign(&app).await, a_ticket(&app, &place).await);
        let mut officer = app.officer(Role::UnitOfficer).await;
        app.minutes_pass(180);
        officer.post(&format!("/support/{ticket}/act"), &[("act", "solve"), ("words", "Xong."), ("post", "1")]).await.is(303);
        app.app.store.close_campaign(campaign, 250, "", app.clock.now()).await.unwrap();
        let tree = app.tree().await;
        let (from, until) = (date(2021, 11, 5), date(2021, 11, 12));
        let figures = period_figures(&app.app, &tree, app.unit("643").await, from, until).await.unwrap();
        let expected = GuidanceFigures { campaigns: 1, reached: 250, tickets_opened: 1, tickets_closed: 1, tickets_open_at_end: 0, median_hours_to_close: Some(3) };
        assert_eq!(figures, expected);
        let none = period_figures(&app.app, &tree, app.elsewhere().await, from, until).await.unwrap();
        assert_eq!(none, GuidanceFigures::default());
    }
}
