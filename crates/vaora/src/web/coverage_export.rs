//! The tables of coverage as CSV and XLSX.

use axum::extract::{Path, Query, State};
use documents::{Cell, Column, ColumnKind, Table};
use domain::coverage::Coverage;
use serde::Deserialize;

use crate::{
    app::App,
    error::{AppError, Result},
    figures::{
        is_department,
        parts::{Order, sort},
    },
    page::Page,
    trend,
    web::{coverage, places::type_names, posters::download},
};

/// Which table, in which form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    /// `units`, `communes`, `types`, `departments` or `weeks`.
    of: String,
    /// `csv` or `xlsx`.
    format: String,
    /// Order of the units, as on the page.
    sort: String,
}

/// One table of a unit's coverage.
///
/// # Errors
/// Not found for units outside the officer's subtree, and for tables that are none.
pub async fn export(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Result {
    let (tree, figures) = coverage::seen(&app, &page, id).await?;
    let whole = figures.of(&tree, id);
    let (name, lines) = match wanted.of.as_str() {
        "units" => {
            let mut parts = figures.parts(&tree, id);
            sort(&mut parts, Order::from_code(&wanted.sort));
            let lines = parts.into_iter().map(|part| (part.name, part.coverage)).collect();
            ("Đơn vị", lines)
        }
        "communes" if !is_department(&tree, id) => {
            let communes = tree.communes_within(id).into_iter();
            let lines = communes.map(|unit| (unit.full_name.clone(), figures.of(&tree, unit.id))).collect();
            ("Xã, phường", lines)
        }
        "types" => {
            let names = type_names(&app, &page).await?;
            let by_type = figures.by_type(&tree, id).into_iter();
            ("Loại", by_type.map(|(code, c)| (names.get(&code).cloned().unwrap_or(code), c)).collect())
        }
        "departments" if !is_department(&tree, id) => {
            let nobody = page.t("Không thuộc sở, ngành nào");
            let name =
                |unit: Option<i64>| unit.map_or_else(|| nobody.clone(), |unit| tree.name(unit).to_owned());
            let by_department = figures.by_department(&tree, id).into_iter();
            ("Sở, ngành", by_department.map(|(unit, c)| (name(unit), c)).collect())
        }
        "weeks" => {
            let moments = coverage::moments(&app, id, &whole).await?;
            let line = |m: trend::Moment| {
                let c = Coverage {
                    registered: m.registered,
                    live: m.live,
                    target: m.target,
                    ..Coverage::default()
                };
                (m.on, c)
            };
            return download(
                &weeks(&page, tree.name(id), moments.into_iter().map(line).collect()),
                "do-phu-theo-tuan",
                &wanted.format,
                app.now(),
            );
        }
        _ => return Err(AppError::NotFound),
    };
    let table = table(&page, tree.name(id), &app.clock.today().to_string(), name, lines);
    download(&table, &format!("do-phu-{}", wanted.of), &wanted.format, app.now())
}

fn column(page: &Page, name: &str, kind: ColumnKind) -> Column {
    Column { name: page.t(name), kind }
}

fn title(page: &Page, unit: &str) -> String {
    page.tf("Độ phủ điểm quét – {unit}", &[("unit", unit.to_owned())])
}

fn table(page: &Page, unit: &str, today: &str, first: &str, lines: Vec<(String, Coverage)>) -> Table {
    let count = |value: i64| Cell::Integer(value);
    let ratio = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Decimal);
    let wanted = |c: &Coverage, value: i64| if c.target > 0 { Cell::Integer(value) } else { Cell::Empty };
    Table {
        title: title(page, unit),
        notes: vec![
            page.tf("Số liệu ngày {date}", &[("date", today.to_owned())]),
            page.t("Mỗi 100 dân phải có ít nhất 1 điểm quét, lẻ thì làm tròn lên từng xã, phường."),
        ],
        columns: vec![
            column(page, first, ColumnKind::Text),
            column(page, "Số dân", ColumnKind::Integer),
            column(page, "Chỉ tiêu", ColumnKind::Integer),
            column(page, "Đã đăng ký", ColumnKind::Integer),
            column(page, "Đang hoạt động", ColumnKind::Integer),
            column(page, "Im lặng", ColumnKind::Integer),
            column(page, "Chưa từng dùng", ColumnKind::Integer),
            column(page, "Còn thiếu", ColumnKind::Integer),
            column(page, "Điểm/100 dân", ColumnKind::Decimal),
            column(page, "Điểm hoạt động/100 dân", ColumnKind::Decimal),
        ],
        rows: lines
            .into_iter()
            .map(|(name, c)| {
                vec![
                    Cell::Text(name),
                    c.population.map_or(Cell::Empty, Cell::Integer),
                    wanted(&c, c.target),
                    count(c.registered),
                    count(c.live),
                    count(c.silent),
                    count(c.never_used),
                    wanted(&c, c.missing),
                    ratio(c.per_100(c.registered)),
                    ratio(c.per_100(c.live)),
                ]
            })
            .collect(),
    }
}

fn weeks(page: &Page, unit: &str, lines: Vec<(String, Coverage)>) -> Table {
    let day = |on: &str| on.parse().map_or(Cell::Empty, Cell::Date);
    Table {
        title: title(page, unit),
        notes: Vec::new(),
        columns: vec![
            column(page, "Đến hết ngày", ColumnKind::Date),
            column(page, "Chỉ tiêu", ColumnKind::Integer),
            column(page, "Đã đăng ký", ColumnKind::Integer),
            column(page, "Đang hoạt động", ColumnKind::Integer),
        ],
        rows: lines
            .into_iter()
            .map(|(on, c)| {
                vec![day(&on), Cell::Integer(c.target), Cell::Integer(c.registered), Cell::Integer(c.live)]
            })
            .collect(),
    }
}
