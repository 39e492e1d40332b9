use store::directives::{Directive, DirectiveFile};

use crate::common::{
    House,
    rows::{COMMUNE, NOW, account, ground},
};

fn letter(id: i64) -> Directive {
    Directive {
        id,
        unit_id: 1,
        number: format!("{id}/UBND-KGVX"),
        issued_on: "2026-11-20".to_owned(),
        issuer: "UBND tỉnh Đắk Lắk".to_owned(),
        summary: "Đẩy mạnh quét mã QR".to_owned(),
        asked: "Báo cáo kết quả.".to_owned(),
        due_on: "2026-11-30".to_owned(),
        sent_by: 100,
        sent_at: NOW,
        state: "sent".to_owned(),
        state_reason: String::new(),
        replaced_by: None,
    }
}

async fn begin(on: &House) {
    ground(on).await;
    on.store.add_account(&account(100, "xa"), NOW).await.unwrap();
    let file = DirectiveFile { name: "cv.pdf".to_owned(), kind: "pdf".to_owned(), bytes: b"%PDF-".to_vec() };
    assert!(on.store.send_directive(&letter(1), Some(&file), &[5], None).await.unwrap());
}

on_both! {
    async fn a_letter_is_sent_once_with_its_file(on) {
        begin(&on).await;
        assert!(!on.store.send_directive(&letter(1), None, &[5, COMMUNE], None).await.unwrap());
        assert_eq!(on.store.directive_copies(1).await.unwrap().len(), 1);
        assert_eq!(on.store.directive_file(1).await.unwrap().unwrap().bytes, b"%PDF-");
        assert!(on.store.has_directive_file(1).await.unwrap());
        assert!(on.store.directive_file(2).await.unwrap().is_none());
    }

    async fn a_letter_is_copied_on_acknowledged_and_done(on) {
        begin(&on).await;
        let fresh = on.store.copy_directive_on(1, 5, &[COMMUNE], "Xin làm sớm", "2026-11-27", NOW).await.unwrap();
        assert_eq!(fresh, [COMMUNE]);
        assert!(on.store.copy_directive_on(1, 5, &[COMMUNE], "Lần nữa", "2026-11-28", NOW).await.unwrap().is_empty());
        assert_eq!(on.store.directives_waiting(COMMUNE, "2026-11-28").await.unwrap(), (1, 1, 0));
        on.store.read_directive(1, COMMUNE, 100, NOW + 1).await.unwrap();
        on.store.read_directive(1, COMMUNE, 100, NOW + 9).await.unwrap();
        assert!(on.store.acknowledge_directive(1, COMMUNE, 100, NOW + 2).await.unwrap());
        assert!(!on.store.acknowledge_directive(1, COMMUNE, 100, NOW + 3).await.unwrap());
        assert!(!on.store.acknowledge_directive(1, 1, 100, NOW + 3).await.unwrap());
        let copy = on.store.directive_copy(1, COMMUNE).await.unwrap().unwrap();
        assert_eq!((copy.read_at, copy.acknowledged_at, copy.remark.as_str()), (Some(NOW + 1), Some(NOW + 2), "Xin làm sớm"));
        assert_eq!(copy.acknowledged_name.as_deref(), Some("Cán bộ xa"));
        assert_eq!(on.store.directives_waiting(COMMUNE, "2026-11-28").await.unwrap(), (0, 0, 1));
        let to_remind = on.store.directives_to_remind("2026-11-27", "2026-11-30").await.unwrap();
        assert_eq!(to_remind.len(), 2);
        assert!(on.store.report_directive(1, COMMUNE, "done", "Xong.", 100, NOW + 4).await.unwrap());
        assert_eq!(on.store.directives_to_remind("2026-11-27", "2026-11-30").await.unwrap().len(), 1);
        let tally = on.store.directives_sent(0, "2026-12-05", 10, 0).await.unwrap().remove(0);
        assert_eq!((tally.copies, tally.acknowledged, tally.done, tally.late), (2, 1, 1, 1));
        assert_eq!(on.store.directives_received(COMMUNE, 10, 0).await.unwrap().len(), 1);
        assert_eq!(on.store.count_directives_received(COMMUNE).await.unwrap(), 1);
    }

    async fn a_withdrawn_or_replaced_letter_asks_nothing(on) {
        begin(&on).await;
        assert!(on.store.send_directive(&letter(2), None, &[5], Some(1)).await.unwrap());
        let old = on.store.directive(1).await.unwrap().unwrap();
        assert_eq!((old.state.as_str(), old.replaced_by), ("replaced", Some(2)));
        assert!(!on.store.acknowledge_directive(1, 5, 100, NOW).await.unwrap());
        assert!(!on.store.withdraw_directive(1, "Nhầm").await.unwrap());
        assert!(on.store.withdraw_directive(2, "Nhầm").await.unwrap());
        assert!(!on.store.withdraw_directive(2, "Nhầm").await.unwrap());
        assert!(!on.store.report_directive(2, 5, "done", "Xong.", 100, NOW).await.unwrap());
        assert_eq!(on.store.directives_waiting(5, "2027-01-01").await.unwrap(), (0, 0, 0));
        assert_eq!(on.store.count_directives_sent(0).await.unwrap(), 2);
        assert_eq!(on.store.count_directives_sent(5).await.unwrap(), 0);
    }
}
