//! Letters sent down the tree: sent once, copied on, acknowledged, reminded of, withdrawn.

use domain::role::Role;
use store::directives::{Directive, DirectiveFile};
use vaora::{ids::new_id, jobs::remind};

use crate::common::{TestApp, client::Client};

/// A letter of the Committee to the home commune and to Sở TTTT, due in a week.
pub async fn a_letter(app: &TestApp) -> i64 {
    let letter = Directive {
        id: new_id(),
        unit_id: app.unit("66-UBND").await,
        number: "5869/UBND-KGVX".to_owned(),
        issued_on: "2021-11-09".to_owned(),
        issuer: "UBND tỉnh Đắk Lắk".to_owned(),
        summary: "Đẩy mạnh quét mã QR".to_owned(),
        asked: "Báo cáo kết quả.".to_owned(),
        due_on: "2021-11-17".to_owned(),
        sent_by: 0,
        sent_at: app.clock.now(),
        state: "sent".to_owned(),
        state_reason: String::new(),
        replaced_by: None,
    };
    let file =
        DirectiveFile { name: "cv.pdf".to_owned(), kind: "pdf".to_owned(), bytes: b"%PDF-1.4 x".to_vec() };
    let units = [app.home().await, app.unit("66-STTTT").await];
    assert!(app.app.store.send_directive(&letter, Some(&file), &units, None).await.unwrap());
    letter.id
}

fn fields<'a>(id: &'a str, groups: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("id", id),
        ("number", "5869/UBND-KGVX"),
        ("issued_on", "2021-11-09"),
        ("issuer", "UBND tỉnh Đắk Lắk"),
        ("summary", "Đẩy mạnh quét mã QR"),
        ("asked", "1. Triển khai.\n2. Báo cáo."),
        ("due_on", "2021-11-19"),
        ("groups", groups),
    ]
}

const PDF: (&str, &[u8]) = ("cong van.pdf", b"%PDF-1.7 made up");

async fn send(client: &mut Client, id: &str, groups: &str) {
    let answer = client.post_parts("/directives/new", &fields(id, groups), PDF).await.is(303);
    assert_eq!(answer.location(), format!("/directives/{id}"));
}

on_both! {
    async fn a_letter_is_sent_once_and_downloaded_by_those_who_got_it(app) {
        let mut committee = app.officer(Role::CommitteeReader).await;
        send(&mut committee, "9001", "districts").await;
        send(&mut committee, "9001", "communes").await;
        assert_eq!(app.app.store.directive_copies(9001).await.unwrap().len(), 15);
        let page = committee.get("/directives").await.is(200).words();
        assert!(page.contains("5869/UBND-KGVX") && page.contains("15"), "{page}");
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        assert!(district.get("/").await.is(200).words().contains("công văn chờ đơn vị xác nhận"));
        let file = district.get("/directives/9001/file").await.is(200);
        assert_eq!((file.bytes.as_slice(), file.header("content-type")), (PDF.1, "application/pdf"));
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"cong-van-5869-ubnd-kgvx.pdf\"");
        // A commune that did not get it knows nothing of it.
        let mut commune = app.officer(Role::UnitOfficer).await;
        for path in ["/directives/9001", "/directives/9001/file"] {
            commune.get(path).await.is(404);
        }
        commune.post("/directives/9001/acknowledge", &[]).await.is(404);
        commune.post("/directives/9001/copy", &[("due_on", "2021-11-15")]).await.is(404);
    }

    async fn what_is_wrong_with_a_letter_is_said_and_what_was_typed_stays(app) {
        let mut committee = app.officer(Role::CommitteeReader).await;
        let answer = committee.post_parts("/directives/new", &[("number", "12/UBND"), ("due_on", "2021-11-01")], ("x.exe", b"MZ program")).await.is(200);
        for wrong in ["Hạn phải từ hôm nay trở đi.", "Hãy chọn một ngày.", "Hãy chọn nơi nhận.", "Tệp không phải PDF hay DOCX"] {
            assert!(answer.words().contains(wrong), "{wrong}: {}", answer.words());
        }
        assert!(answer.text().contains("12/UBND"));
        let answer = committee.post_parts("/directives/new", &fields("9002", "nobody"), PDF).await.is(200);
        assert!(answer.words().contains("hãy chọn lại tệp công văn") || answer.words().contains("Hãy chọn nơi nhận."));
        let large = vec![b'%'; 5 * 1024 * 1024 + 10];
        let mut bytes = b"%PDF-".to_vec();
        bytes.extend(large);
        let answer = committee.post_parts("/directives/new", &fields("9002", "districts"), ("a.pdf", &bytes)).await.is(200);
        assert!(answer.words().contains("Tệp lớn quá 5 MB"), "{}", answer.words());
        assert!(app.app.store.directive(9002).await.unwrap().is_none());
        // A commune sends none; a district sends to its communes alone.
        let mut commune = app.officer(Role::UnitOfficer).await;
        commune.post_parts("/directives/new", &fields("9003", "communes"), PDF).await.is(404);
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let answer = district.post_parts("/directives/new", &fields("9004", "districts"), PDF).await.is(200);
        assert!(answer.words().contains("Hãy chọn nơi nhận."));
        send(&mut district, "9004", "communes").await;
        // Whatever it types, it issues in its own name; and a form that was sent sends no other letter.
        let sent = app.app.store.directive(9004).await.unwrap().unwrap();
        assert_eq!(sent.issuer, app.tree().await.name(app.unit("643").await));
        send(&mut district, "9004", "communes").await;
        let mut other = fields("9004", "communes");
        other[1].1 = "1/UBND";
        let answer = district.post_parts("/directives/new", &other, PDF).await.is(200);
        assert!(answer.words().contains("Biểu mẫu này đã gửi một công văn khác."), "{}", answer.words());
        let tree = app.tree().await;
        let communes = tree.communes_within(app.unit("643").await).len();
        assert_eq!(app.app.store.directive_copies(9004).await.unwrap().len(), communes);
    }

    async fn a_district_copies_on_in_one_act_with_an_earlier_deadline(app) {
        let mut committee = app.officer(Role::CommitteeReader).await;
        send(&mut committee, "9005", "districts").await;
        let mut district = app.officer_at("huyen", Role::UnitOfficer, app.unit("643").await).await;
        let copy = "/directives/9005/copy";
        district.refused(copy, &[("remark", "Nhớ làm"), ("due_on", "2021-11-20")], "Hạn cho xã, phường không được sau hạn của huyện.").await;
        for _ in 0..2 {
            district.post(copy, &[("remark", "Gửi kết quả trước thứ Tư"), ("due_on", "2021-11-17")]).await.is(303);
        }
        let mut commune = app.officer(Role::UnitOfficer).await;
        let page = commune.get("/directives/9005").await.is(200).words();
        assert!(page.contains("Gửi kết quả trước thứ Tư") && page.contains("17/11/2021"), "{page}");
        assert!(commune.get("/messages").await.is(200).words().contains("sao gửi công văn 5869/UBND-KGVX"));
        for _ in 0..2 {
            commune.post("/directives/9005/acknowledge", &[]).await.is(303);
        }
        commune.refused("/directives/9005/progress", &[("progress", "done"), ("words", "")], "Ô này không được để trống.").await;
        commune.post("/directives/9005/progress", &[("progress", "done"), ("words", "Đã dán 12 áp phích.")]).await.is(303);
        commune.refused("/directives/9005/progress", &[("progress", "in_progress"), ("words", "Chưa.")], "tiến độ không đổi được nữa").await;
        let seen = district.get("/directives/9005?only=done").await.is(200).words();
        assert!(seen.contains("Đã dán 12 áp phích."), "{seen}");
        assert!(district.get("/messages").await.is(200).words().contains("báo đã làm xong công văn"));
        let whole = committee.get("/directives/9005").await.is(200).words();
        assert!(whole.contains("1 xong"), "{whole}");
    }

    async fn offices_are_reminded_before_and_after_the_deadline_once(app) {
        let id = a_letter(&app).await;
        let home = app.home().await;
        // The deadline is Wednesday 17 November; two working days before is Monday 15.
        app.days_pass(5);
        for _ in 0..2 {
            remind::run(&app.app).await.unwrap();
        }
        let told = |expected: usize, app: &TestApp| {
            let store = app.app.store.clone();
            async move {
                let all = store.messages_for(0, home, 50).await.unwrap();
                let all: Vec<_> = all.into_iter().filter(|one| one.source.starts_with("Nhắc:")).collect();
                assert_eq!(all.len(), expected);
                all.first().is_some_and(|one| one.urgent)
            }
        };
        assert!(!told(1, &app).await);
        app.days_pass(3);
        remind::run(&app.app).await.unwrap();
        assert!(told(2, &app).await);
        let mut officer = app.officer(Role::UnitOfficer).await;
        assert!(officer.get("/").await.is(200).words().contains("công văn quá hạn mà đơn vị chưa xác nhận"));
        officer.post(&format!("/directives/{id}/progress"), &[("progress", "done"), ("words", "Xong.")]).await.is(303);
        app.days_pass(3);
        remind::run(&app.app).await.unwrap();
        told(2, &app).await;
    }

    async fn a_letter_is_withdrawn_or_replaced_by_its_sender(app) {
        let id = a_letter(&app).await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let mut reviewer = app.officer(Role::Reviewer).await;
        reviewer.post(&format!("/directives/{id}/withdraw"), &[("reason", "Nhầm")]).await.is(404);
        let mut committee = app.officer(Role::CommitteeReader).await;
        committee.refused(&format!("/directives/{id}/withdraw"), &[("reason", " ")], "Ô này không được để trống.").await;
        committee.post(&format!("/directives/{id}/withdraw"), &[("reason", "Gửi nhầm nơi")]).await.is(303);
        committee.refused(&format!("/directives/{id}/withdraw"), &[("reason", "Lần nữa")], "đã thu hồi").await;
        assert!(officer.get("/messages").await.is(200).words().contains("đã được thu hồi: Gửi nhầm nơi"));
        officer.refused(&format!("/directives/{id}/acknowledge"), &[], "đã thu hồi hoặc được thay thế").await;
        send(&mut committee, "9006", "departments").await;
        let mut form = fields("9007", "departments");
        form.push(("replaces", "9006"));
        committee.post_parts("/directives/new", &form, PDF).await.is(303);
        let old = committee.get("/directives/9006").await.is(200);
        assert!(old.words().contains("Đã thay thế") && old.text().contains("/directives/9007"));
        assert!(!officer.get("/").await.is(200).words().contains("công văn chờ đơn vị"));
    }
}
