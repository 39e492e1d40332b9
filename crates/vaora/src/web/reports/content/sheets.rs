//! The annexes as worksheets: everything, where the PDF shows only the first of a long list, and the page behind
//! each row.

use documents::{AnnexTable, Cell, Column, ColumnKind, Table, UnitLine, WeeklyReport};

use super::{Source, lines};
use crate::render::group_thousands;

/// A worksheet for each annex.
pub(super) fn all(source: &Source<'_>, letter: &WeeklyReport, inspected: &[lines::Inspected]) -> Vec<Table> {
    let mut sheets = vec![figures(source, letter)];
    let parts: Vec<i64> = source.parts().iter().map(|part| part.id).collect();
    if !parts.is_empty() {
        let title = if source.is_province() { "Theo huyện" } else { "Theo xã" };
        sheets.push(units(source, title, &letter.rows, &parts));
    }
    if source.is_province() {
        let communes: Vec<i64> = source
            .parts()
            .iter()
            .flat_map(|part| source.tree.communes_within(part.id))
            .map(|commune| commune.id)
            .collect();
        sheets.push(units(source, "Theo xã", &letter.commune_rows, &communes));
        let pages: Vec<String> =
            lines::department_ids(source).into_iter().map(|id| format!("/coverage/{id}")).collect();
        sheets.push(texts(source, "Theo sở, ban, ngành", &lines::departments(source), |row| {
            pages[row].clone()
        }));
    }
    sheets.push(points(source, letter));
    sheets.push(texts(source, "Kiểm tra", &lines::inspection_annex(inspected), |_| {
        "/inspections".to_owned()
    }));
    sheets.push(difficulties(source));
    let proposal = |row: usize| format!("/proposals/{}", source.proposals[row].id);
    sheets.push(texts(source, "Kiến nghị", &lines::proposal_annex(source), proposal));
    let late = format!("/reports?period={}", source.period.id);
    sheets.push(texts(source, "Báo cáo chậm, chưa gửi", &lines::late_annex(source), |_| late.clone()));
    sheets
}

fn column(name: &str, kind: ColumnKind) -> Column {
    Column { name: name.to_owned(), kind }
}

fn page(source: &Source<'_>, path: &str) -> Cell {
    Cell::Text(format!("{}{path}", source.app.config.public_url.trim_end_matches('/')))
}

/// Lines under each heading: whose figures, of which days, frozen when.
fn notes(source: &Source<'_>) -> Vec<String> {
    let span = source.frozen.span;
    vec![
        source.tree.name(source.report.unit_id).to_owned(),
        format!("Kỳ {} – {}", span.from.strftime("%d/%m/%Y"), span.last().strftime("%d/%m/%Y")),
        "Số liệu chốt khi hết kỳ; lượt quét gửi về sau ghi ở kỳ sau.".to_owned(),
    ]
}

fn table(source: &Source<'_>, title: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
    Table { title: title.to_owned(), notes: notes(source), columns, rows }
}

/// The report's own figures, one a row.
fn figures(source: &Source<'_>, letter: &WeeklyReport) -> Table {
    let unit = source.report.unit_id;
    let places = |show: &str| format!("/places?unit={unit}&show={show}");
    let weekly = format!("/weekly/{unit}?week={}", source.period.from_on);
    let silent = format!("/reports/{}/silent", source.report.id);
    let (late_in, late_out) = letter.late_scans.unwrap_or_default();
    let rows = [
        ("Điểm đã đăng ký", letter.points, letter.points_before, places("all")),
        ("Điểm tạo mới trong kỳ", letter.new_points, None, places("all")),
        ("Điểm đang hoạt động", letter.live_points, letter.live_before, places("live")),
        ("Điểm không phát sinh lượt quét", letter.silent_points, None, silent),
        ("Trong đó chưa từng sử dụng", letter.never_used_points, None, places("never")),
        ("Lượt quét vào", letter.scans_in, None, weekly.clone()),
        ("Lượt quét ra", letter.scans_out, None, weekly.clone()),
        ("Lượt quét", letter.scans_in + letter.scans_out, letter.scans_before, weekly.clone()),
        ("Lượt của kỳ trước gửi về sau khi chốt", late_in + late_out, None, weekly),
        ("Lần mở dữ liệu định danh", letter.openings, None, "/reports".to_owned()),
    ];
    let rows = rows.map(|(name, now, before, path)| {
        vec![
            Cell::from(name),
            Cell::Integer(now),
            before.map_or(Cell::Empty, Cell::Integer),
            page(source, &path),
        ]
    });
    let columns = vec![
        column("Chỉ số", ColumnKind::Text),
        column("Kỳ này", ColumnKind::Integer),
        column("Kỳ trước", ColumnKind::Integer),
        column("Trang xem số liệu", ColumnKind::Text),
    ];
    table(source, "Số liệu chung", columns, rows.to_vec())
}

fn units(source: &Source<'_>, title: &str, rows: &[UnitLine], ids: &[i64]) -> Table {
    let columns = vec![
        column("Đơn vị", ColumnKind::Text),
        column("Số dân", ColumnKind::Integer),
        column("Chỉ tiêu", ColumnKind::Integer),
        column("Điểm đăng ký", ColumnKind::Integer),
        column("Điểm mới", ColumnKind::Integer),
        column("Điểm hoạt động", ColumnKind::Integer),
        column("Im lặng", ColumnKind::Integer),
        column("Chưa từng dùng", ColumnKind::Integer),
        column("Điểm/100 dân", ColumnKind::Decimal),
        column("Lượt vào", ColumnKind::Integer),
        column("Lượt ra", ColumnKind::Integer),
        column("Lượt quét kỳ trước", ColumnKind::Integer),
        column("Trang xem số liệu", ColumnKind::Text),
    ];
    let row = |(line, id): (&UnitLine, &i64)| {
        let now = source.frozen.now.get(id);
        let number = |of: fn(&store::unit_periods::UnitPeriod) -> i64| {
            now.map_or(Cell::Empty, |row| Cell::Integer(of(row)))
        };
        let before = source.frozen.before.get(id);
        vec![
            Cell::Text(line.name.clone()),
            now.and_then(|row| row.population).map_or(Cell::Empty, Cell::Integer),
            number(|row| row.target),
            number(|row| row.registered),
            number(|row| row.new_points),
            number(|row| row.live),
            number(|row| row.silent),
            number(|row| row.never_used),
            line.ratio.map_or(Cell::Empty, Cell::Decimal),
            number(|row| row.scans_in),
            number(|row| row.scans_out),
            before.map_or(Cell::Empty, |row| Cell::Integer(row.scans_in + row.scans_out)),
            page(source, &format!("/coverage/{id}")),
        ]
    };
    table(source, title, columns, rows.iter().zip(ids).map(row).collect())
}

/// Every point without a scan, of which the PDF prints the first.
fn points(source: &Source<'_>, letter: &WeeklyReport) -> Table {
    let columns = vec![
        column("Điểm quét mã", ColumnKind::Text),
        column("Xã, phường, thị trấn", ColumnKind::Text),
        column("Mã", ColumnKind::Text),
        column("Lượt quét gần nhất", ColumnKind::Date),
        column("Trang xem số liệu", ColumnKind::Text),
    ];
    let rows = source.quiet.iter().map(|point| {
        let line = super::point_line(&source.tree, point);
        vec![
            Cell::Text(line.place),
            Cell::Text(line.commune),
            Cell::Text(line.code),
            line.last_scan.map_or(Cell::from("Chưa từng sử dụng"), Cell::Date),
            page(source, &format!("/places/{}", point.place_id)),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let mut table = table(source, "Điểm không có lượt quét", columns, rows);
    let count = group_thousands(letter.silent_points);
    table
        .notes
        .push(format!("{count} điểm không có lượt quét trong 7 ngày cuối kỳ, như đã đếm khi chốt số liệu."));
    if letter.silent_unnamed > 0 {
        let unnamed = group_thousands(letter.silent_unnamed);
        table.notes.push(format!(
            "Trong đó {unnamed} điểm của địa điểm không nêu tên trong danh sách được phổ biến."
        ));
    }
    table
}

/// Each with all who raised it: the letter names the first only.
fn difficulties(source: &Source<'_>) -> Table {
    let path = format!("/reports/items?period={}&kind=difficulty", source.period.id);
    let said = lines::with_raisers(source, &source.difficulties, &source.difficulty_raisers, usize::MAX);
    let rows = said.into_iter().map(|line| vec![Cell::Text(line), page(source, &path)]);
    let columns =
        vec![column("Khó khăn, vướng mắc", ColumnKind::Text), column("Trang xem số liệu", ColumnKind::Text)];
    table(source, "Khó khăn", columns, rows.collect())
}

/// A table of texts, with the page behind each row.
fn texts(source: &Source<'_>, title: &str, annex: &AnnexTable, path: impl Fn(usize) -> String) -> Table {
    let kind = |is_number: bool| if is_number { ColumnKind::Integer } else { ColumnKind::Text };
    let mut columns: Vec<Column> =
        annex.columns.iter().map(|one| column(&one.name, kind(one.is_number))).collect();
    columns.push(column("Trang xem số liệu", ColumnKind::Text));
    let cell = |(text, is_number): (&String, bool)| match text.replace('.', "").parse::<i64>() {
        Ok(number) if is_number => Cell::Integer(number),
        _ => Cell::Text(text.clone()),
    };
    let rows = annex.rows.iter().enumerate().map(|(at, row)| {
        let numbers = annex.columns.iter().map(|one| one.is_number);
        row.iter().zip(numbers).map(cell).chain([page(source, &path(at))]).collect()
    });
    let mut table = table(source, title, columns, rows.collect());
    if table.rows.is_empty() {
        table.notes.push("Không có.".to_owned());
    }
    table
}
