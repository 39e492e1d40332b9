//! Rows keyed in from paper, and check-ins told by telephone: kept once, at their time, marked as such.

use domain::{role::Role, time::to_seconds_2020};

use crate::common::{MINUTE_MS, START};

on_both! {
    async fn a_sheet_of_paper_is_keyed_in_and_faults_stay_in_the_form(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut owner = app.owner().await;
        let path = format!("/owner/places/{}/keyed", place.id);
        let batch = "0f0e0d0c-0b0a-4908-8706-050403020100";
        let rows = [
            ("batch", batch), ("on", "2021-11-09"),
            ("came0", "8:05"), ("left0", "9h30"), ("name0", "Nguyễn Thị Khách"), ("phone0", "0912345678"),
            ("came1", "0815"), ("name1", "Bà Không Điện Thoại"), ("year1", "1950"),
            ("came2", "26:00"), ("name2", "Giờ Sai"), ("phone2", "0912345679"),
            ("came3", "10:00"), ("name3", "Số Sai"), ("phone3", "12"),
        ];
        let page = owner.post(&path, &rows).await.is(200);
        let words = page.words();
        assert!(words.contains("2 dòng chưa ghi được") && words.contains("Giờ viết như"), "{words}");
        assert!(page.text().contains("Giờ Sai") && !page.text().contains("value=\"Nguyễn Thị Khách\""));
        let day = START - 9 * 60 * MINUTE_MS - domain::time::DAY_MS;
        let second = |minutes: i64| to_seconds_2020(day + minutes * MINUTE_MS).unwrap();
        let mut times: Vec<u32> = app.rows().await.iter().map(|row| row.captured).collect();
        times.sort_unstable();
        assert_eq!(times, [second(485), second(495), second(570)]);
        assert!(app.rows().await.iter().all(|row| row.assurance == 0));
        // The page sent twice keeps nothing twice.
        owner.post(&path, &rows).await.is(200);
        assert_eq!(app.rows().await.len(), 3);
        let future = [("batch", "1f0e0d0c-0b0a-4908-8706-050403020100"), ("on", "2021-11-10"), ("came0", "23:00"), ("name0", "Mai Sau"), ("phone0", "0912345678")];
        let words = owner.post(&path, &future).await.is(200).words();
        assert!(words.contains("chưa tới"), "{words}");
        let pdf = owner.get(&format!("/owner/places/{}/paper.pdf", place.id)).await.is(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
    }

    async fn somebody_calls_and_reads_the_ten_characters(app) {
        app.ceremony().await;
        let place = app.place("Chợ Tân Lập").await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let code = format!("{} {}", &place.code[..5].to_lowercase(), &place.code[5..]);
        let call = [
            ("id", "2f0e0d0c-0b0a-4908-8706-050403020100"), ("code", code.as_str()), ("name", "Y Gọi Niê"),
            ("phone", "0905111222"), ("kind", "in"), ("time", "08:30"),
        ];
        for _ in 0..2 {
            officer.post("/telephone", &call).await.is(303);
        }
        let rows = app.rows().await;
        assert_eq!((rows.len(), rows[0].assurance), (1, 0));
        assert_eq!(rows[0].captured, to_seconds_2020(START - 30 * MINUTE_MS).unwrap());
        let mut wrong = call;
        wrong[1].1 = "AAAAA AAAAA";
        officer.refused("/telephone", &wrong, "Không có mã này").await;
        wrong = call;
        wrong[4].1 = "out";
        wrong[5].1 = "giờ nào đó";
        officer.refused("/telephone", &wrong, "Giờ viết như").await;
        assert_eq!(app.rows().await.len(), 1);
    }
}
