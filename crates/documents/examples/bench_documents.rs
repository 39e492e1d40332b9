//! How long the documents of the whole province take: 15 districts, 184 communes, 29 departments, 19,000 points
//! without a scan, inspections, proposals and late reports, as PDF, DOCX and XLSX.
//!
//! `cargo run -p documents --example bench_documents [FOLDER]` (dev profile, as the first command of the README runs);
//! with a folder the files are kept in it, to be looked at.

use std::time::Instant;

use documents::{
    AnnexColumn, AnnexTable, Cell, Column, ColumnKind, DocumentError, PointLine, ProposalLine, Table,
    UnitLine, WeeklyReport, tables_xlsx, weekly_report_docx, weekly_report_pdf,
};
use jiff::civil::date;

/// Made on 12 November 2021, 8:00 local time.
const NOW: i64 = 1_636_678_800_000;
/// Points without a scan, more than there will ever be.
const POINTS: i64 = 19_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1);
    let report = report();
    let sheets = sheets(&report);
    let begun = (Instant::now(), cpu_seconds());
    let (pdf, beside) = std::thread::scope(|scope| {
        // As the program makes them: the two shorter ones beside the PDF.
        let beside = scope.spawn(|| {
            let xlsx = timed("XLSX", || tables_xlsx(&sheets, NOW))?;
            Ok::<_, DocumentError>((xlsx, timed("DOCX", || weekly_report_docx(&report))?))
        });
        (timed("PDF", || weekly_report_pdf(&report)), beside.join())
    });
    let (xlsx, docx) = beside.map_err(|_| "a thread panicked")??;
    let (wall, cpu) = (begun.0.elapsed().as_secs_f64(), cpu_seconds() - begun.1);
    println!("all three: {wall:.2} s by the clock, {cpu:.2} s of processor time");
    if let Some(folder) = folder {
        for (name, bytes) in [("pdf", &pdf?), ("docx", &docx), ("xlsx", &xlsx)] {
            std::fs::write(format!("{folder}/bao-cao.{name}"), bytes)?;
        }
    }
    Ok(())
}

fn timed(
    name: &str,
    make: impl FnOnce() -> Result<Vec<u8>, DocumentError>,
) -> Result<Vec<u8>, DocumentError> {
    let begun = Instant::now();
    let bytes = make()?;
    println!("{name}: {:.2} s by the clock, {} kB", begun.elapsed().as_secs_f64(), bytes.len() / 1024);
    Ok(bytes)
}

/// Processor time of this process in all its threads, in seconds: what other work on the machine does not lengthen.
/// From Linux's `/proc`, in hundredths of a second; 0 elsewhere.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn unit(name: String, number: i64) -> UnitLine {
    UnitLine { name, points: 90 + number, live: 60 + number, scans: 9_000 + number, ratio: Some(0.97) }
}

fn annex(title: &str, columns: &[(&str, u32, bool)], rows: Vec<Vec<String>>) -> AnnexTable {
    let column = |(name, share, is_number): &(&str, u32, bool)| AnnexColumn {
        name: (*name).to_owned(),
        share: *share,
        is_number: *is_number,
    };
    AnnexTable { title: title.to_owned(), columns: columns.iter().map(column).collect(), rows }
}

fn annexes() -> Vec<AnnexTable> {
    let numbers = |from: i64, count: i64| (from..from + count).map(|number| (number * 37).to_string());
    let departments =
        (1..=29).map(|n| std::iter::once(format!("Sở, ban, ngành số {n}")).chain(numbers(n, 3)).collect());
    let inspections =
        (1..=15).map(|n| std::iter::once(format!("Huyện số {n}")).chain(numbers(n, 5)).collect());
    let proposals = (1..=40).map(|n| {
        vec![
            format!("Trang thiết bị: Cấp máy quét cầm tay cho các chợ đầu mối và bến xe, đợt {n}"),
            "Xã Ea Kao; Xã Hòa Thuận; Phường Tân Lập; Xã Ea Tu; Xã Cư Êbur".to_owned(),
            "Mua 40 máy quét cầm tay, ưu tiên chợ loại 1 và bến xe; giao Sở Công Thương thực hiện."
                .to_owned(),
            "Đang thực hiện".to_owned(),
        ]
    });
    let late = (1..=30).map(|n| {
        vec![
            format!("Xã số {n}"),
            "Huyện Cư M'gar".to_owned(),
            "15/11/2021".to_owned(),
            "Gửi chậm 1 ngày làm việc".to_owned(),
        ]
    });
    vec![
        annex(
            "Kết quả theo sở, ban, ngành (đã tính trong số của địa bàn, không cộng thêm)",
            &[
                ("Đơn vị", 6, false),
                ("Điểm đăng ký", 2, true),
                ("Điểm hoạt động", 2, true),
                ("Lượt quét", 2, true),
            ],
            departments.collect(),
        ),
        annex(
            "Kết quả kiểm tra",
            &[
                ("Đơn vị", 5, false),
                ("Kế hoạch", 2, true),
                ("Đã kiểm tra", 2, true),
                ("Tồn tại", 2, true),
                ("Đã khắc phục", 2, true),
                ("Nhắc nhở", 2, true),
            ],
            inspections.collect(),
        ),
        annex(
            "Kiến nghị, đề xuất và hướng xử lý",
            &[
                ("Kiến nghị", 6, false),
                ("Đơn vị nêu", 4, false),
                ("Hướng xử lý", 5, false),
                ("Tình trạng", 3, false),
            ],
            proposals.collect(),
        ),
        annex(
            "Đơn vị gửi báo cáo chậm hoặc chưa gửi",
            &[("Đơn vị", 5, false), ("Gửi về", 5, false), ("Hạn", 3, false), ("Tình trạng", 5, false)],
            late.collect(),
        ),
    ]
}

fn report() -> WeeklyReport {
    let districts: Vec<UnitLine> = (1..=15).map(|n| unit(format!("Huyện Cư M'gar số {n}"), n)).collect();
    let communes = (1..=184).map(|n| unit(format!("Xã Ea H'đing số {n} – Huyện Cư M'gar"), n)).collect();
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
        population_source: "thống kê năm 2019".to_owned(),
        target_points: Some(19_508),
        target_as_one: Some(18_694),
        points: POINTS,
        points_before: Some(18_700),
        new_points: 320,
        live_points: 13_300,
        live_before: Some(13_000),
        silent_points: POINTS,
        never_used_points: 1_900,
        scans_in: 900_000,
        scans_out: 500_000,
        scans_before: Some(1_300_000),
        late_scans: Some((812, 404)),
        registered_per_100: Some(1.02),
        live_per_100: Some(0.71),
        best_units: districts[..5].to_vec(),
        silent_units: districts[5..10].to_vec(),
        rows: districts,
        rows_title: "Kết quả theo huyện, thị xã, thành phố".to_owned(),
        commune_rows: communes,
        silent_points_list: (1..=POINTS - 12).map(point).collect(),
        silent_unnamed: 12,
        annexes: annexes(),
        direction: vec!["Sở đã ban hành Công văn hướng dẫn số 1234/STTTT-CNTT.".to_owned()],
        results: Vec::new(),
        support: vec!["Đã hướng dẫn trực tuyến 03 buổi cho 184 xã, phường, thị trấn.".to_owned()],
        inspection: vec!["Đã kiểm tra 21 địa điểm, nhắc nhở 04 địa điểm.".to_owned()],
        punctuality: vec!["154 trong số 228 đơn vị gửi báo cáo đúng hạn; 30 đơn vị gửi chậm.".to_owned()],
        difficulties: (1..=20)
            .map(|n| format!("Sóng di động yếu tại một số thôn, buôn, chợ; quét mã rất chậm ({n})."))
            .collect(),
        proposals: (1..=40)
            .map(|n| {
                let words =
                    format!("Cấp máy quét cầm tay cho các chợ đầu mối và bến xe, đợt {n} (5 đơn vị nêu).");
                ProposalLine {
                    words,
                    handling: "Mua 40 máy quét cầm tay, ưu tiên chợ loại 1 và bến xe.".to_owned(),
                    decision: if n % 2 == 0 {
                        "UBND tỉnh đã chấp thuận (ngày 10/11/2021); giao Sở Công Thương thực hiện.".to_owned()
                    } else {
                        String::new()
                    },
                }
            })
            .collect(),
        next_week: Vec::new(),
        signer_authority: "KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC".to_owned(),
        signer_name: None,
        recipients: ["UBND tỉnh (để báo cáo)", "Ban Giám đốc Sở", "Lưu: VT, CNTT"]
            .map(str::to_owned)
            .to_vec(),
        access_log_head: Some("9f2c4a61d0b7e35588a1c0ffee1234567890abcdef9f2c4a61d0b7e35588a1c0".to_owned()),
        openings: 2,
    }
}

fn point(number: i64) -> PointLine {
    PointLine {
        place: format!("Điểm bán hàng Y Bhăm Êban số {number}, quầy H'Drơng"),
        commune: "Xã Ea H'đing".to_owned(),
        code: format!("{number:05}-AB2CD"),
        last_scan: (number % 2 == 0).then_some(date(2021, 10, 28)),
    }
}

/// The worksheets: units, and every point.
fn sheets(report: &WeeklyReport) -> Vec<Table> {
    let column = |name: &str, kind| Column { name: name.to_owned(), kind };
    let units = |title: &str, lines: &[UnitLine]| Table {
        title: title.to_owned(),
        notes: vec!["Số liệu chốt khi hết kỳ.".to_owned()],
        columns: vec![
            column("Đơn vị", ColumnKind::Text),
            column("Điểm", ColumnKind::Integer),
            column("Lượt", ColumnKind::Integer),
        ],
        rows: lines
            .iter()
            .map(|line| {
                vec![Cell::Text(line.name.clone()), Cell::Integer(line.points), Cell::Integer(line.scans)]
            })
            .collect(),
    };
    let points = Table {
        title: "Điểm không có lượt quét".to_owned(),
        notes: Vec::new(),
        columns: ["Điểm quét mã", "Xã, phường, thị trấn", "Mã", "Lượt quét gần nhất", "Trang xem số liệu"]
            .map(|name| column(name, ColumnKind::Text))
            .to_vec(),
        rows: report
            .silent_points_list
            .iter()
            .map(|point| {
                let last = point.last_scan.map_or(Cell::from("Chưa từng sử dụng"), Cell::Date);
                let page = Cell::Text("https://vaora.daklak.gov.vn/places/1234567890123456".to_owned());
                vec![
                    Cell::Text(point.place.clone()),
                    Cell::Text(point.commune.clone()),
                    Cell::Text(point.code.clone()),
                    last,
                    page,
                ]
            })
            .collect(),
    };
    vec![units("Theo huyện", &report.rows), units("Theo xã", &report.commune_rows), points]
}
