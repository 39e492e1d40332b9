//! The visitor's page: plain forms, remembered by the device, faults in words, nothing kept where nothing may.

use domain::time::to_seconds_2020;

use crate::common::{TestApp, scans::check_in};

const NAME: &str = "Nguyễn Thị Khách";
const PHONE: &str = "0912345678";

/// A code that was never issued, but adds up.
fn unissued() -> String {
    domain::code::PlaceCode::from_random(0x00AB_CDEF_0123).as_str().to_owned()
}

on_both! {
    async fn a_visitor_goes_in_and_out_without_scripts(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut visitor = app.stranger();
        let page = visitor.get(&format!("/D/{}", place.code)).await.is(200);
        assert!(page.words().contains("Chợ Tân Lập"));
        assert!(page.text().contains("<form method=\"post\""));
        let done = check_in(&mut visitor, &place.code, "in", NAME, PHONE).await.is(200);
        assert!(done.words().contains("09:00 10/11/2021"), "{}", done.words());
        app.minutes_pass(30);
        // The device remembers: no name is asked for again.
        let out = check_in(&mut visitor, &place.code, "out", "", "").await.is(200);
        assert!(out.words().contains("09:30 10/11/2021"), "{}", out.words());
        let rows = app.rows().await;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| i64::from(row.area_id) == place.area_id && row.assurance == 1));
        let at = to_seconds_2020(app.clock.now()).unwrap();
        assert!(at.abs_diff(rows[1].captured) < 60 && rows[1].captured - rows[0].captured >= 1800);
    }

    async fn only_this_device_remembers_and_it_forgets_when_asked(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let path = format!("/D/{}", place.code);
        let mut visitor = app.stranger();
        check_in(&mut visitor, &place.code, "in", NAME, PHONE).await.is(200);
        let known = visitor.get(&path).await.is(200).words();
        assert!(known.contains(NAME) && !known.contains(PHONE), "{known}");
        let stranger = app.stranger().get(&path).await.is(200).words();
        assert!(!stranger.contains(NAME), "{stranger}");
        for _ in 0..2 {
            visitor.post(&path, &[("action", "forget")]).await.is(303);
            assert!(!visitor.get(&path).await.is(200).words().contains(NAME));
        }
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn a_cookie_that_was_altered_counts_as_none(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut visitor = app.stranger();
        check_in(&mut visitor, &place.code, "in", NAME, PHONE).await.is(200);
        let sealed = visitor.cookie("vaora_me").unwrap().to_owned();
        let bytes = data_encoding::BASE64URL_NOPAD.decode(sealed.as_bytes()).unwrap();
        assert!(!bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
        let mut thief = app.stranger();
        let other = if &sealed[20..21] == "A" { "B" } else { "A" };
        thief.put_cookie("vaora_me", &format!("{}{other}{}", &sealed[..20], &sealed[21..]));
        assert!(!thief.get(&format!("/D/{}", place.code)).await.is(200).words().contains(NAME));
    }

    async fn faults_are_told_in_the_reader_s_language_and_nothing_is_lost(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        for (name, phone, vi, en) in [
            ("", PHONE, "Hãy nhập họ và tên.", "name"),
            (NAME, "", "Hãy nhập số điện thoại.", "phone"),
            (NAME, "09123", "Số di động có 10 chữ số và bắt đầu bằng 0.", "10 digits"),
            ("=HYPERLINK", PHONE, "Tên chỉ gồm chữ cái", "letters"),
        ] {
            let mut visitor = app.stranger();
            let answer = check_in(&mut visitor, &place.code, "in", name, phone).await.is(422);
            assert!(answer.words().contains(vi), "{vi}: {}", answer.words());
            // What was typed well stands in the form again.
            assert!(name.is_empty() || name.starts_with('=') || answer.text().contains(name));
            let mut english = app.stranger().english();
            let answer = check_in(&mut english, &place.code, "in", name, phone).await.is(422);
            assert!(!answer.words().contains(vi), "{}", answer.words());
            assert!(answer.words().to_lowercase().contains(en), "{en}: {}", answer.words());
        }
        assert!(app.rows().await.is_empty());
    }

    async fn a_year_of_birth_is_checked(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let path = format!("/D/{}", place.code);
        for (year, status) in [("1985", 200), ("", 200), ("85", 422), ("2031", 422), ("xyz", 422)] {
            let form = [("action", "in"), ("name", NAME), ("phone", PHONE), ("birth_year", year)];
            app.stranger().post(&path, &form).await.is(status);
        }
        assert_eq!(app.rows().await.len(), 2);
    }

    async fn before_the_key_ceremony_nothing_is_kept(app) {
        let place = app.place("Chợ Tân Lập").await;
        let refused = check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(503);
        assert_eq!(refused.header("retry-after"), "5");
        assert!(refused.words().contains("Hệ thống chưa mở"), "{}", refused.words());
        assert!(app.rows().await.is_empty());
        app.ceremony().await;
        check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(200);
        assert_eq!(app.rows().await.len(), 1);
    }

    async fn a_retired_code_says_so_and_keeps_nothing(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let point = app.app.store.points_of_place(place.id).await.unwrap().remove(0).point.id;
        for _ in 0..2 {
            app.app.store.retire_code(point, app.clock.now()).await.unwrap();
            let page = app.stranger().get(&format!("/D/{}", place.code)).await.is(200);
            assert!(page.words().contains("Mã này không còn dùng"), "{}", page.words());
            let answer = check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(200);
            assert!(answer.words().contains("Mã này không còn dùng"));
        }
        assert!(app.rows().await.is_empty());
    }

    async fn codes_that_were_never_issued_do_not_exist(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let swapped = {
            let mut letters: Vec<char> = place.code.chars().collect();
            let at = (0..9).find(|at| letters[*at] != letters[at + 1]).unwrap();
            letters.swap(at, at + 1);
            letters.into_iter().collect::<String>()
        };
        for code in [unissued(), swapped, "X".to_owned(), "%F0%9F".to_owned()] {
            let status = app.stranger().get(&format!("/D/{code}")).await.status;
            assert!([400, 404].contains(&status), "{code}: {status}");
            let status = check_in(&mut app.stranger(), &code, "in", NAME, PHONE).await.status;
            assert!([400, 404].contains(&status), "{code}: {status}");
        }
        assert!(app.rows().await.is_empty());
    }

    async fn typed_forms_of_a_code_lead_to_the_same_page(app) {
        let place = app.place("Chợ Tân Lập").await;
        let grouped = format!("{}-{}", &place.code[..5], &place.code[5..]);
        for typed in [place.code.to_lowercase(), grouped] {
            let answer = app.stranger().get(&format!("/d/{typed}")).await.is(303);
            assert_eq!(answer.location(), format!("/D/{}", place.code));
        }
    }

    async fn a_place_that_was_not_approved_takes_no_visits(app) {
        app.ceremony().await;
        let waiting = app.waiting_place("Quán Chờ Duyệt", app.home().await).await;
        assert!(app.app.store.points_of_place(waiting).await.unwrap().is_empty());
    }

    async fn the_language_is_chosen_by_a_link_and_kept(app) {
        let place = app.place("Chợ Tân Lập").await;
        let path = format!("/D/{}", place.code);
        let mut visitor = app.stranger();
        assert_eq!(visitor.get(&format!("{path}?lang=en")).await.is(303).location(), path);
        assert!(visitor.get(&path).await.is(200).text().contains("lang=\"en\""));
        visitor.get(&format!("{path}?lang=vi")).await.is(303);
        assert!(visitor.get(&path).await.is(200).text().contains("<html lang=\"vi\""));
    }

    async fn a_form_that_is_too_large_is_refused_in_words(app) {
        let place = app.place("Chợ Tân Lập").await;
        let long = "x".repeat(70_000);
        let answer = check_in(&mut app.stranger(), &place.code, "in", &long, PHONE).await.is(413);
        assert!(answer.words().contains("quá lớn"), "{}", answer.words());
    }

    async fn names_never_become_markup(app) {
        app.ceremony().await;
        let place = app.place("<script>alert(1)</script>").await;
        let name = "\"><img src=x onerror=alert(2)>";
        for answer in [
            app.stranger().get(&format!("/D/{}", place.code)).await.is(200),
            check_in(&mut app.stranger(), &place.code, "in", name, PHONE).await.is(422),
        ] {
            let source = String::from_utf8(answer.bytes).unwrap();
            assert!(!source.contains("<script>alert") && !source.contains("<img src=x"), "{source}");
        }
    }

    async fn many_visitors_at_once_are_each_kept(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let all = (0..40).map(|number| {
            let (mut visitor, code) = (app.stranger(), place.code.clone());
            async move {
                let phone = format!("09123450{number:02}");
                check_in(&mut visitor, &code, "in", NAME, &phone).await.status
            }
        });
        let statuses = futures_util::future::join_all(all).await;
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        assert_eq!(app.rows().await.len(), 40);
    }
}

/// The clock of an installation that stands still in another year gives no false visits.
#[tokio::test]
async fn a_server_clock_before_2020_keeps_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let config = crate::common::settings(&folder);
    let app = TestApp::start_at(config, folder, crate::common::clock_at(1_500_000_000_000)).await;
    let place = app.place("Chợ Tân Lập").await;
    check_in(&mut app.stranger(), &place.code, "in", NAME, PHONE).await.is(503);
    assert!(app.rows().await.is_empty());
}
