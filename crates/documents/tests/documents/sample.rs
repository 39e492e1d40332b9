//! Made-up posters and reports; no real person or place of business.

use documents::{
    AnnexColumn, AnnexTable, PaperForm, PersonalCard, PointLine, Poster, ProposalLine, UnitLine, WeeklyReport,
};
use jiff::civil::date;

/// 5 August 2021, 10:00 local time.
pub const NOW: i64 = 1_628_132_400_000;

pub fn poster() -> Poster {
    Poster {
        place_name: "Chợ Buôn Ma Thuột".to_owned(),
        area_name: Some("Cổng số 2 – dãy rau quả".to_owned()),
        commune: "phường Thắng Lợi".to_owned(),
        district: Some("thành phố Buôn Ma Thuột".to_owned()),
        province: "tỉnh Đắk Lắk".to_owned(),
        address: "2 Quang Trung".to_owned(),
        code: "7Q4ZKM2T9X".to_owned(),
        code_grouped: "7Q4ZK-M2T9X".to_owned(),
        url: "HTTPS://VAORA.DAKLAK.GOV.VN/D/7Q4ZKM2T9X".to_owned(),
        hotline: Some("1900 0000".to_owned()),
        agency: "UBND phường Thắng Lợi".to_owned(),
        issued_on: date(2021, 8, 5),
        version: 1,
    }
}

/// Names with every mark of Ê Đê and M'Nông, long enough to wrap.
pub fn long_poster() -> Poster {
    Poster {
        place_name:
            "Trường Phổ thông Dân tộc nội trú Trung học cơ sở H'Drơng Ê\u{306}ban Buôn Čư\u{306} M'gar \
                     Krông Ô\u{306} Ơ\u{306} Ŏng Ŭ Ĕa ƀ"
                .to_owned(),
        area_name: Some("Nhà đa năng tầng 2, phòng sinh hoạt cộng đồng Buôn Akŏ Dhŏng".to_owned()),
        commune: "xã Cư M'gar".to_owned(),
        district: Some("huyện Cư M'gar".to_owned()),
        address: "Buôn H'Drơng, quốc lộ 14 kéo dài".to_owned(),
        code: "0A1B2C3D4E".to_owned(),
        code_grouped: "0A1B2-C3D4E".to_owned(),
        url: "HTTPS://QR.DAKLAK.GOV.VN/D/0A1B2C3D4E".to_owned(),
        hotline: None,
        agency: "Sở Thông tin và Truyền thông phối hợp với Ủy ban nhân dân huyện Cư M'gar".to_owned(),
        version: 12,
        ..poster()
    }
}

/// Text that would do harm if it were read as markup, and text beyond any sensible length.
pub fn hostile_poster() -> Poster {
    Poster {
        place_name: "#panic(\"x\") *đậm* _nghiêng_ $x^2$ <nhãn> @ref \\ ]{}[ \u{0}\u{202E}\r\n// `mã`"
            .to_owned(),
        area_name: Some("W".repeat(5_000)),
        commune: "Ê\u{306}".repeat(900),
        district: None,
        province: "{\"a\":1}".to_owned(),
        address: "😀 漢字 العربية ".repeat(300),
        agency: "Ứ".repeat(2_000),
        hotline: Some("=1+1 #x".to_owned()),
        ..poster()
    }
}

/// A token of the real length for a name of 25 bytes, in the characters of base64url.
pub fn card_url(n: usize) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".as_bytes();
    let token: String =
        (0..136).map(|at| char::from(letters[(at * 37 + n * 11 + at * at * n) % 64])).collect();
    format!("https://vaora.daklak.gov.vn/C#{token}")
}

pub fn card() -> PersonalCard {
    PersonalCard {
        masked_name: "H'Bhứt N. K. Ênuôl".to_owned(),
        note: "Buôn Akŏ Dhŏng".to_owned(),
        commune: "phường Tân Lợi".to_owned(),
        district: Some("thành phố Buôn Ma Thuột".to_owned()),
        province: "tỉnh Đắk Lắk".to_owned(),
        number_short: "K7F2-9QXM".to_owned(),
        url: card_url(0),
        expires_on: date(2022, 12, 31),
        issued_on: date(2021, 8, 5),
        hotline: Some("0262 000 0000".to_owned()),
        agency: "UBND phường Tân Lợi".to_owned(),
    }
}

/// Names with every mark of Ê Đê, as long as they come.
pub fn long_card() -> PersonalCard {
    PersonalCard {
        masked_name: "H'Bhứt Niê Kdăm Ê\u{306}nuôl Ô\u{306} Ơ\u{306} Ư\u{306} Mlô Duôn Du".to_owned(),
        note: "Tổ dân phố 7B, buôn Ea Ô\u{306}, đội 4 Nông trường cà phê".to_owned(),
        commune: "thị trấn Quảng Phú".to_owned(),
        district: Some("huyện Cư M'gar".to_owned()),
        agency: "Ban Chỉ đạo phòng, chống dịch COVID-19 thị trấn Quảng Phú, huyện Cư M'gar".to_owned(),
        hotline: None,
        url: card_url(1),
        ..card()
    }
}

/// Text that would do harm if it were read as markup, and text beyond any sensible length.
pub fn hostile_card() -> PersonalCard {
    PersonalCard {
        masked_name: "#panic(\"x\") *đậm* $x^2$ <nhãn> @ref \\ ]{}[".to_owned(),
        note: "W".repeat(5_000),
        commune: "Ê\u{306}".repeat(900),
        district: None,
        province: "😀 漢字 العربية ".repeat(300),
        agency: "Ứ".repeat(2_000),
        hotline: Some("=1+1 #x".to_owned()),
        url: card_url(2),
        ..card()
    }
}

pub fn form() -> PaperForm {
    PaperForm {
        place_name: "Chợ Buôn Ma Thuột".to_owned(),
        area_name: Some("Cổng số 2 – dãy rau quả".to_owned()),
        address: "2 Quang Trung".to_owned(),
        commune: "phường Thắng Lợi".to_owned(),
        district: Some("thành phố Buôn Ma Thuột".to_owned()),
        province: "tỉnh Đắk Lắk".to_owned(),
        code_grouped: "7Q4ZK-M2T9X".to_owned(),
        hotline: Some("1900 0000".to_owned()),
        agency: "UBND phường Thắng Lợi".to_owned(),
        pages: 2,
    }
}

pub fn unit(name: &str, points: i64, live: i64, scans: i64, ratio: Option<f64>) -> UnitLine {
    UnitLine { name: name.to_owned(), points, live, scans, ratio }
}

pub fn report() -> WeeklyReport {
    WeeklyReport {
        parent_agency: "Ủy ban nhân dân tỉnh Đắk Lắk".to_owned(),
        issuing_agency: "Sở Thông tin và Truyền thông".to_owned(),
        symbol: "BC-STTTT".to_owned(),
        place_name: "Đắk Lắk".to_owned(),
        period_noun: "tuần".to_owned(),
        period_from: date(2021, 11, 5),
        period_last: date(2021, 11, 11),
        made_on: date(2021, 11, 12),
        unit_name: "tỉnh Đắk Lắk".to_owned(),
        population: Some(1_869_322),
        population_source: "Tổng điều tra dân số 2019".to_owned(),
        target_points: Some(19_508),
        target_as_one: Some(18_694),
        points: 1_393,
        points_before: Some(1_260),
        new_points: 140,
        live_points: 1_111,
        live_before: Some(1_120),
        silent_points: 282,
        never_used_points: 209,
        scans_in: 30_112,
        scans_out: 15_424,
        scans_before: Some(38_126),
        late_scans: Some((812, 404)),
        registered_per_100: Some(0.0745),
        live_per_100: Some(0.0594),
        best_units: vec![
            unit("thành phố Buôn Ma Thuột", 801, 700, 30_120, Some(0.21)),
            unit("thị xã Buôn Hồ", 204, 160, 9_410, Some(0.2)),
            unit("huyện Cư M'gar", 188, 141, 4_002, Some(0.11)),
        ],
        silent_units: vec![unit("huyện M'Drắk", 12, 0, 0, Some(0.02)), unit("huyện Ea Súp", 9, 0, 0, Some(0.01))],
        rows: districts(),
        rows_title: "Kết quả theo huyện, thị xã, thành phố".to_owned(),
        commune_rows: (1..=30).map(|n| unit("xã Ea Ô\u{306} – huyện Cư M'gar", n, n, n * 30, Some(0.2))).collect(),
        silent_points_list: (1..=40).map(silent_point).collect(),
        silent_unnamed: 12,
        annexes: vec![late_annex()],
        direction: vec!["Sở đã ban hành Công văn hướng dẫn số 1234/STTTT-CNTT.".to_owned()],
        results: Vec::new(),
        support: vec!["Đã hướng dẫn trực tuyến 03 buổi cho 184 xã, phường, thị trấn.".to_owned()],
        inspection: vec!["Đã kiểm tra 21 địa điểm, nhắc nhở 04 địa điểm.".to_owned()],
        punctuality: vec!["Có 02 đơn vị gửi báo cáo chậm, 01 đơn vị chưa gửi (Phụ lục IV).".to_owned()],
        difficulties: vec![
            "Nhiều tiểu thương tại chợ không có điện thoại thông minh; người đi cùng khai hộ còn lúng túng.".to_owned(),
            "Sóng di động yếu tại một số buôn của huyện Krông Bông.".to_owned(),
        ],
        proposals: vec![
            ProposalLine {
                words: "Cấp thẻ in mã cá nhân cho người không có điện thoại thông minh.".to_owned(),
                handling: "Sở Thông tin và Truyền thông cấp phôi thẻ, Ủy ban nhân dân cấp xã in và phát trước ngày 20/11/2021.".to_owned(),
                decision: "UBND tỉnh đã chấp thuận (Công văn số 1234/UBND-KGVX ngày 10/11/2021); giao Sở Tài chính thực hiện.".to_owned(),
            },
            ProposalLine { words: "Bổ sung máy quét cầm tay cho các chợ loại 1.".to_owned(), ..ProposalLine::default() },
        ],
        next_week: Vec::new(),
        signer_authority: "KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC".to_owned(),
        signer_name: None,
        recipients: ["UBND tỉnh (báo cáo)", "Giám đốc Sở", "UBND các huyện, thị xã, thành phố", "Lưu: VT, CNTT"]
            .map(str::to_owned)
            .to_vec(),
        access_log_head: Some("9f2c4a61d0b7e35588a1c0ffee1234567890abcdef9f2c4a61d0b7e35588a1c0".to_owned()),
        openings: 2,
    }
}

fn late_annex() -> AnnexTable {
    let column = |name: &str, share, is_number| AnnexColumn { name: name.to_owned(), share, is_number };
    AnnexTable {
        title: "Đơn vị gửi báo cáo chậm hoặc chưa gửi".to_owned(),
        columns: vec![column("Đơn vị", 5, false), column("Hạn", 2, false), column("Chậm (ngày)", 1, true)],
        rows: vec![vec!["Thị trấn M'Drắk".to_owned(), "12/11/2021".to_owned(), "2".to_owned()]],
    }
}

fn districts() -> Vec<UnitLine> {
    let names = [
        "thành phố Buôn Ma Thuột",
        "thị xã Buôn Hồ",
        "huyện Ea H'leo",
        "huyện Ea Súp",
        "huyện Buôn Đôn",
        "huyện Cư M'gar",
        "huyện Krông Búk",
        "huyện Krông Năng",
        "huyện Ea Kar",
        "huyện M'Drắk",
        "huyện Krông Bông",
        "huyện Krông Pắc",
        "huyện Krông A Na",
        "huyện Lắk",
        "huyện Cư Kuin",
    ];
    names
        .iter()
        .zip(1_i64..)
        .map(|(name, n)| unit(name, n * 11, n * 9, n * 379, (n > 1).then_some(0.07)))
        .collect()
}

fn silent_point(n: i64) -> PointLine {
    PointLine {
        place: format!("Điểm bán hàng Y Bhăm Êban số {n}, quầy H'Drơng"),
        commune: "xã Ea Ô\u{306}".to_owned(),
        code: format!("{n:05}-AB2CD"),
        last_scan: (n % 2 == 0).then_some(date(2021, 10, 28)),
    }
}

/// A unit's first report, with nothing before it and nothing typed in.
pub fn first_report() -> WeeklyReport {
    WeeklyReport {
        points_before: None,
        live_before: None,
        scans_before: None,
        population: None,
        target_points: None,
        target_as_one: None,
        silent_unnamed: 0,
        best_units: Vec::new(),
        silent_units: Vec::new(),
        rows: Vec::new(),
        silent_points_list: Vec::new(),
        late_scans: None,
        commune_rows: Vec::new(),
        annexes: Vec::new(),
        direction: Vec::new(),
        support: Vec::new(),
        inspection: Vec::new(),
        punctuality: Vec::new(),
        difficulties: Vec::new(),
        proposals: Vec::new(),
        access_log_head: None,
        openings: 0,
        made_on: date(2022, 1, 7),
        ..report()
    }
}
