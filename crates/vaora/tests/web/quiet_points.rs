//! Coverage as a task: points that nobody scans, departments, sensitive places, and figures that are never stale.

use domain::{admin_unit::UnitTree, coverage::Usage, role::Role};
use vaora::{figures, jobs::quiet_points};

use crate::common::{TestApp, client::Client, places::Open, scans::typed};

/// A week, in days.
const WEEK: i64 = 7;

async fn scan(app: &TestApp, place: &Open) {
    let mut gate = app.gate(place).await;
    typed(app, &mut gate, "in", "Nguyễn Văn A", "0912345678").await;
}

/// Runs the week's work as the clock stands.
async fn work(app: &TestApp) {
    quiet_points::run(&app.app).await.unwrap();
}

/// Words of the list of tasks.
async fn tasks(client: &mut Client, unit: i64, show: &str) -> String {
    client.get(&format!("/coverage/{unit}/tasks?show={show}")).await.is(200).words()
}

async fn only_task(app: &TestApp, unit: i64) -> store::point_tasks::PointTask {
    let listed = store::point_tasks::Listed { state: "open", of_eight_min: 0, limit: 9, offset: 0 };
    let mut found = app.app.store.point_tasks(unit, listed).await.unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Counts of a unit by reading everything anew, without what is kept between pages.
async fn anew(app: &TestApp, tree: &UnitTree, unit: i64, day: i64) -> [i64; 4] {
    let store = &app.app.store;
    let last: std::collections::HashMap<i64, i64> =
        store.last_scan_days(day).await.unwrap().into_iter().collect();
    let points = store.points_in_force().await.unwrap();
    let within = points.iter().filter(|point| tree.is_within(point.unit_id, unit));
    let mut counts = [0; 4];
    for point in within {
        counts[0] += 1;
        match Usage::of(last.get(&point.point.area_id).copied(), day) {
            Usage::Live => counts[1] += 1,
            Usage::Silent => counts[2] += 1,
            Usage::NeverUsed => counts[3] += 1,
        }
    }
    counts
}

async fn agree(app: &TestApp, days_ago: i64) {
    let today = domain::time::day_number(app.clock.today());
    let day = domain::time::date_of_day_number(today - days_ago);
    let tree = app.tree().await;
    let kept = figures::on(&app.app, day).await.unwrap();
    for unit in [app.unit("66").await, app.unit("643").await, app.home().await, app.elsewhere().await] {
        let c = kept.of(&tree, unit);
        let found = [c.registered, c.live, c.silent, c.never_used];
        assert_eq!(found, anew(app, &tree, unit, today - days_ago).await, "{unit} {days_ago} days ago");
    }
}

on_both! {
    async fn what_is_kept_between_pages_is_never_stale(app) {
        app.ceremony().await;
        let market = app.place("Chợ").await;
        for ago in [0, 3, 0] { agree(&app, ago).await; }
        scan(&app, &market).await;
        agree(&app, 0).await;
        let shop = app.place("Quán").await;
        agree(&app, 0).await;
        app.days_pass(3);
        for ago in [0, 1, 3, 5] { agree(&app, ago).await; }
        // Scans of the day before yesterday arrive late, for a point that was never scanned.
        let today = domain::time::day_number(app.clock.today());
        let late = |area_id, event_day, arrival_day| store::scan_counts::ScanCount {
            event_day, area_id, out: false, arrival_day, scans: 2,
        };
        app.app.store.put_scan_counts(&[late(shop.area_id, today - 2, today)]).await.unwrap();
        for ago in [0, 1, 2, 3] { agree(&app, ago).await; }
        // Then the market is scanned today: as of yesterday it still was not.
        scan(&app, &market).await;
        for ago in [0, 1, 2, 3, 4] { agree(&app, ago).await; }
        app.app.store.put_scan_counts(&[late(market.area_id, today - 1, today)]).await.unwrap();
        for ago in [0, 1, 2, 3, 4] { agree(&app, ago).await; }
        let point = app.app.store.points_of_place(shop.id).await.unwrap().remove(0).point;
        app.app.store.retire_code(point.id, app.clock.now()).await.unwrap();
        for ago in [0, 1] { agree(&app, ago).await; }
        app.place_in("Nơi khác", app.elsewhere().await).await;
        app.days_pass(8);
        for ago in [0, 1, 9] { agree(&app, ago).await; }
    }

    async fn a_change_shows_on_the_next_page(app) {
        app.ceremony().await;
        let home = app.home().await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let mut weekly = app.officer_at("thongke", Role::Reviewer, app.unit("66-STTTT").await).await;
        officer.get(&format!("/coverage/{home}")).await.is(200);
        let place = app.place("Chợ Mới Toanh").await;
        let words = officer.get(&format!("/places?unit={home}&show=never")).await.is(200).words();
        assert!(words.contains("Chợ Mới Toanh"), "{words}");
        scan(&app, &place).await;
        let words = officer.get(&format!("/places?unit={home}&show=live")).await.is(200).words();
        assert!(words.contains("Chợ Mới Toanh"), "{words}");
        // The level of distancing and a figure of residents, too.
        let path = format!("/coverage/{home}/distancing");
        let today = app.clock.today().to_string();
        let level = [("level", "ct16"), ("from_on", today.as_str()), ("until_on", ""), ("source", "CT 16")];
        weekly.post(&path, &level).await.is(303);
        let words = officer.get(&format!("/coverage/{home}")).await.is(200).words();
        assert!(words.contains("Chỉ tiêu đang tạm ngừng ở đây"), "{words}");
    }

    async fn a_silent_point_is_a_task_until_it_is_scanned_again(app) {
        app.ceremony().await;
        let home = app.home().await;
        let place = app.place("Chợ Im Lặng").await;
        app.place("Quán Chưa Dùng").await;
        scan(&app, &place).await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        work(&app).await;
        assert!(tasks(&mut officer, home, "open").await.contains("Không có điểm nào phải nhắc"));
        // Two whole weeks of reports (Friday to Thursday) go by without a scan of the market.
        app.days_pass(2 * WEEK + 2);
        for _ in 0..2 { work(&app).await; }
        let words = tasks(&mut officer, home, "open").await;
        assert!(words.contains("Chợ Im Lặng") && words.contains("Quán Chưa Dùng"), "{words}");
        let told = app.app.store.messages_for(0, home, 9).await.unwrap();
        assert_eq!(told.len(), 1, "one message a commune and week");
        let home_page = officer.get("/").await.is(200).words();
        assert!(home_page.contains("điểm không ai quét chờ ghi việc đã làm"), "{home_page}");
        let id = {
            let listed = store::point_tasks::Listed { state: "open", of_eight_min: 0, limit: 9, offset: 0 };
            let found = app.app.store.point_tasks(home, listed).await.unwrap();
            assert_eq!(found.len(), 2);
            found.iter().find(|task| task.place_id == place.id).unwrap().id
        };
        // The phone of the owner stands on the place's own page only.
        assert!(!words.contains("0987"), "{words}");
        let path = format!("/coverage/{home}/tasks/{id}");
        let today = app.clock.today().to_string();
        let tomorrow = domain::time::date_of_day_number(domain::time::day_number(app.clock.today()) + 1).to_string();
        for (form, said) in [
            ([("action", ""), ("note", "Đang giữ chữ này"), ("done_on", today.as_str())], "Hãy chọn việc đã làm."),
            ([("action", "called"), ("note", ""), ("done_on", "")], "Hãy nhập ngày đã làm."),
            ([("action", "called"), ("note", ""), ("done_on", tomorrow.as_str())], "không thể ở sau hôm nay"),
            ([("action", "called"), ("note", ""), ("done_on", "2021-01-01")], "quá xa trước khi có việc này"),
        ] {
            let page = officer.post(&path, &form).await.is(200).text();
            assert!(page.contains(said), "{said}");
            assert!(form[1].1.is_empty() || page.contains(form[1].1), "nothing typed is lost");
        }
        let good = [("action", "visited"), ("note", "Hẹn dán lại ở cửa"), ("done_on", today.as_str())];
        officer.post(&path, &good).await.is(303);
        let again = [("action", "called"), ("note", "khác"), ("done_on", today.as_str())];
        officer.post(&path, &again).await.is(303);
        let noted = tasks(&mut officer, home, "noted").await;
        assert!(noted.contains("Đã đến tận nơi") && noted.contains("Hẹn dán lại ở cửa"), "{noted}");
        // Both are kept, the latest first, each once, with who noted it.
        officer.post(&path, &again).await.is(303);
        assert_eq!((noted.matches(": khác").count(), noted.matches("Cán bộ unit_officer ghi").count()), (1, 2), "{noted}");
        assert!(noted.find(": khác") < noted.find("Hẹn dán lại ở cửa") && noted.contains("Những lần trước (1)"), "{noted}");
        let wrong = [("action", ""), ("note", "Đang giữ chữ này"), ("done_on", today.as_str()), ("show", "noted"), ("page", "1")];
        let shown = officer.post(&path, &wrong).await.is(200).text();
        assert!(shown.contains("Đang giữ chữ này") && shown.contains("Hãy chọn việc đã làm."));
        // Still silent a week later: open again, and named as one that repeats.
        app.days_pass(WEEK);
        work(&app).await;
        let often = tasks(&mut officer, home, "often").await;
        assert!(often.contains("Chợ Im Lặng") && often.contains("Mở lại 1 lần"), "{often}");
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let above = district.get(&format!("/coverage/{}", app.unit("643").await)).await.is(200).words();
        assert!(above.contains("Im lặng lâu nhất") && above.contains("Chợ Im Lặng"), "{above}");
        // Scanned again: closed by itself, and another post is told so.
        scan(&app, &place).await;
        work(&app).await;
        assert!(!tasks(&mut officer, home, "open").await.contains("Chợ Im Lặng"));
        assert!(tasks(&mut officer, home, "closed").await.contains("Chợ Im Lặng"));
        officer.post(&path, &good).await.is(303);
        assert_eq!(app.app.store.point_task(id).await.unwrap().unwrap().state, "closed");
    }

    async fn a_retired_code_closes_its_task(app) {
        app.ceremony().await;
        let place = app.place("Quán Đóng Cửa").await;
        app.days_pass(WEEK + 2);
        work(&app).await;
        let task = only_task(&app, app.home().await).await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        officer.post(&format!("/places/{}/areas/{}/retire", place.id, place.area_id), &[]).await.is(303);
        work(&app).await;
        assert_eq!(app.app.store.point_task(task.id).await.unwrap().unwrap().state, "closed");
    }

    async fn tasks_belong_to_the_commune(app) {
        app.ceremony().await;
        app.place("Chợ").await;
        app.days_pass(WEEK + 2);
        work(&app).await;
        let (home, other) = (app.home().await, app.elsewhere().await);
        let task = only_task(&app, home).await;
        let today = app.clock.today().to_string();
        let form = [("action", "called"), ("note", ""), ("done_on", today.as_str())];
        let mut neighbour = app.officer_at("xa2", Role::UnitOfficer, other).await;
        neighbour.post(&format!("/coverage/{home}/tasks/{}", task.id), &form).await.is(404);
        // Not under one's own address either.
        neighbour.post(&format!("/coverage/{other}/tasks/{}", task.id), &form).await.is(404);
        neighbour.get(&format!("/coverage/{home}/tasks")).await.is(404);
        neighbour.get(&format!("/coverage/{home}/screen")).await.is(404);
        neighbour.get(&format!("/coverage/{home}/export?of=types&format=csv")).await.is(404);
        let mut reviewer = app.officer(Role::Reviewer).await;
        reviewer.get(&format!("/coverage/{home}/tasks")).await.is(200);
        reviewer.post(&format!("/coverage/{home}/tasks/{}", task.id), &form).await.is(404);
        assert_eq!(app.app.store.point_task(task.id).await.unwrap().unwrap().state, "open");
    }

    async fn a_department_sees_its_places_and_no_others(app) {
        app.ceremony().await;
        let home = app.home().await;
        // Places of tests are offices, for which the department of home affairs is responsible.
        let place = app.place("Trụ sở A").await;
        let trade = app.unit("66-SCT").await;
        let mut officer = app.officer_at("congthuong", Role::UnitOfficer, trade).await;
        officer.get(&format!("/places/{}", place.id)).await.is(404);
        let words = officer.get(&format!("/coverage/{trade}")).await.is(200).words();
        assert!(words.contains("cách nhìn khác trên cùng những điểm ấy") && !words.contains("Còn thiếu"), "{words}");
        officer.get(&format!("/coverage/{home}")).await.is(404);
        let mut commune = app.officer(Role::UnitOfficer).await;
        let path = format!("/places/{}/care", place.id);
        let trade_text = trade.to_string();
        let care = [("department", trade_text.as_str()), ("sensitive", "")];
        officer.post(&path, &care).await.is(404);
        for _ in 0..2 {
            commune.post(&path, &care).await.is(303);
        }
        let words = officer.get(&format!("/places?unit={trade}")).await.is(200).words();
        assert!(words.contains("Trụ sở A"), "{words}");
        let words = officer.get(&format!("/places/{}", place.id)).await.is(200).words();
        assert!(words.contains("Sở Công Thương") && !words.contains("Đổi nơi phụ trách"), "{words}");
        officer.post(&path, &care).await.is(404);
        officer.post(&format!("/places/{}/close", place.id), &[]).await.is(404);
        officer.get(&format!("/weekly/{trade}")).await.is(200);
        officer.get("/").await.is(200);
        // The territory counts it all the same, once.
        let tree = app.tree().await;
        let figures = figures::on(&app.app, app.clock.today()).await.unwrap();
        assert_eq!(figures.of(&tree, app.unit("66").await).registered, 1);
        assert_eq!(figures.of(&tree, trade).registered, 1);
        let by_department = figures.by_department(&tree, app.unit("66").await);
        assert_eq!(by_department.iter().map(|(_, c)| c.registered).sum::<i64>(), 1);
        commune.post(&path, &[("department", "none"), ("sensitive", "")]).await.is(303);
        officer.get(&format!("/places/{}", place.id)).await.is(404);
        let wrong = commune.post(&path, &[("department", "77"), ("sensitive", "")]).await.is(200).words();
        assert!(wrong.contains("Hãy chọn một sở, ngành"), "{wrong}");
        commune.post(&path, &[("department", &home.to_string()), ("sensitive", "")]).await.is(200);
    }

    async fn sensitive_places_are_in_nothing_that_is_published(app) {
        app.ceremony().await;
        let home = app.home().await;
        let place = app.place("Doanh Trại Kín").await;
        app.place("Chợ Mở").await;
        let mut commune = app.officer(Role::UnitOfficer).await;
        commune.post(&format!("/places/{}/care", place.id), &[("department", ""), ("sensitive", "1")]).await.is(303);
        app.days_pass(WEEK + 2);
        // Those responsible see it, marked.
        let list = commune.get(&format!("/places?unit={home}&show=all")).await.is(200).words();
        assert!(list.contains("Doanh Trại Kín") && list.contains("Nhạy cảm"), "{list}");
        let mut reviewer = app.officer(Role::Reviewer).await;
        for client in [&mut commune, &mut reviewer] {
            let csv = client.get(&format!("/places?unit={home}&show=all&export=csv")).await.is(200).text();
            assert!(csv.contains("Chợ Mở") && !csv.contains("Doanh Trại Kín"), "{csv}");
            let api = client.get("/api/v1/places").await.is(200).text();
            assert!(api.contains("Chợ Mở") && !api.contains("Doanh Trại Kín"), "{api}");
            let api = client.get("/api/v1/coverage").await.is(200).text();
            assert!(!api.contains("Doanh Trại Kín"), "{api}");
            let screen = client.get(&format!("/coverage/{home}/screen")).await.is(200).text();
            assert!(!screen.contains("Doanh Trại Kín"));
            for of in ["units", "communes", "types", "departments", "weeks"] {
                let table = client.get(&format!("/coverage/{home}/export?of={of}&format=csv")).await.is(200).text();
                assert!(!table.contains("Doanh Trại Kín"), "{of}");
            }
        }
        // Strangers and other communes learn nothing; the counts still hold it.
        let mut neighbour = app.officer_at("xa2", Role::UnitOfficer, app.elsewhere().await).await;
        neighbour.get(&format!("/places/{}", place.id)).await.is(404);
        let welcome = app.stranger().get("/").await.is(200).text();
        assert!(!welcome.contains("Doanh Trại Kín"));
        assert_eq!(commune.get("/api/v1/coverage").await.json()["unit"]["registered"], 2);
    }

    async fn what_is_missing_is_named(app) {
        app.ceremony().await;
        let home = app.home().await;
        let mut commune = app.officer(Role::UnitOfficer).await;
        let words = commune.get(&format!("/coverage/{home}")).await.is(200).words();
        assert!(words.contains("Còn thiếu gì ở đây") && words.contains("Trạm y tế xã, phường : chưa có điểm nào"), "{words}");
        let place = app.place("Trụ sở").await;
        let words = commune.get(&format!("/coverage/{home}")).await.is(200).words();
        assert!(words.contains("trụ sở UBND : có mã nhưng không ai quét"), "{words}");
        scan(&app, &place).await;
        let words = commune.get(&format!("/coverage/{home}")).await.is(200).words();
        assert!(!words.contains("trụ sở UBND :"), "{words}");
        let mut reviewer = app.officer(Role::Reviewer).await;
        let words = reviewer.get(&format!("/coverage/{}", app.unit("66").await)).await.is(200).words();
        assert!(words.contains("15 trên 15 nơi"), "no district has a bus station: {words}");
    }

    async fn the_units_furthest_behind_stand_first(app) {
        app.ceremony().await;
        let district = app.unit("643").await;
        let place = app.place("Chợ").await;
        scan(&app, &place).await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        let csv = |text: String| -> Vec<String> {
            text.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
        };
        let home = app.tree().await.name(app.home().await).to_owned();
        let behind = csv(reviewer.get(&format!("/coverage/{district}/export?of=units&format=csv")).await.is(200).text());
        assert_eq!(behind.last(), Some(&home), "{behind:?}");
        let most = csv(reviewer.get(&format!("/coverage/{district}/export?of=units&sort=live&format=csv")).await.is(200).text());
        assert_eq!(most.first(), Some(&home), "{most:?}");
        for sort in ["behind", "name", "missing", "registered", "live", "silent", "never", "nonsense"] {
            reviewer.get(&format!("/coverage/{district}?sort={sort}")).await.is(200);
        }
        let book = reviewer.get(&format!("/coverage/{district}/export?of=units&format=xlsx")).await.is(200);
        assert!(book.bytes.starts_with(b"PK"));
        reviewer.get(&format!("/coverage/{district}/export?of=secrets&format=csv")).await.is(404);
        reviewer.get(&format!("/coverage/{district}/export?of=units&format=exe")).await.is(404);
    }

    async fn the_trend_needs_closed_weeks(app) {
        let unit = app.unit("66").await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        let words = reviewer.get(&format!("/coverage/{unit}/screen")).await.is(200).words();
        assert!(words.contains("Chưa có số liệu của tuần nào đã khép"), "{words}");
        let period = |from: &str, until: &str, live| store::unit_periods::UnitPeriod {
            unit_id: unit, from_on: from.to_owned(), until_on: until.to_owned(), registered: 900, live, silent: 10,
            never_used: 5, new_points: 1, population: None, target: 1000, missing: 100, scans_in: 1, scans_out: 1,
            frozen_at: 1,
        };
        // A month of 31 days is not a week of the trend.
        let periods = [period("2021-10-22", "2021-10-29", 871), period("2021-10-29", "2021-11-05", 872), period("2021-10-01", "2021-11-01", 999)];
        app.app.store.freeze_unit_periods(&periods).await.unwrap();
        for path in ["", "/screen"] {
            let words = reviewer.get(&format!("/coverage/{unit}{path}")).await.is(200).words();
            assert!(words.contains("28/10/2021"), "{words}");
            assert!(!words.contains("999"), "{words}");
        }
        let csv = reviewer.get(&format!("/coverage/{unit}/export?of=weeks&format=csv")).await.is(200).text();
        assert!(csv.contains("871") && csv.contains("872"), "{csv}");
    }
}
