use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use documents::{COLUMNS_MAX, Cell, Column, ColumnKind, DocumentError, Table, table_csv, table_xlsx};
use jiff::civil::date;

use crate::sample::NOW;

fn column(name: &str, kind: ColumnKind) -> Column {
    Column { name: name.to_owned(), kind }
}

fn table() -> Table {
    Table {
        title: "Danh sách F1: ca 12/[Đắk Lắk] của H'Hen Niê".to_owned(),
        notes: vec!["=HYPERLINK(\"x\")".to_owned()],
        columns: vec![
            column("Họ tên", ColumnKind::Text),
            column("Điện thoại", ColumnKind::Text),
            column("Phút", ColumnKind::Integer),
            column("Điểm", ColumnKind::Decimal),
            column("Ngày", ColumnKind::Date),
            column("Vào lúc", ColumnKind::DateTime),
        ],
        rows: vec![
            vec![
                "=cmd|' /C calc'!A0".into(),
                "0912345678".into(),
                Cell::Integer(-20),
                Cell::Decimal(0.5),
                Cell::Date(date(2021, 8, 5)),
                Cell::DateTime(NOW),
            ],
            vec![
                "Y Bhăm \"Ê\u{306}ban\", 1\nhàng 2".into(),
                "+84912345678".into(),
                "＝1+1".into(),
                Cell::Decimal(f64::NAN),
                Cell::Date(date(1899, 1, 2)),
                Cell::Empty,
            ],
        ],
    }
}

#[test]
fn a_csv_opens_safely_and_loses_nothing() {
    let bytes = table_csv(&table()).unwrap();
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").expect("byte-order mark")).unwrap();
    assert_eq!(
        text,
        "Họ tên,Điện thoại,Phút,Điểm,Ngày,Vào lúc\r\n\
         '=cmd|' /C calc'!A0,0912345678,-20,0.5,2021-08-05,2021-08-05 10:00\r\n\
         \"Y Bhăm \"\"Ê\u{306}ban\"\", 1\nhàng 2\",'+84912345678,'＝1+1,,1899-01-02,\r\n"
    );
}

#[test]
fn an_xlsx_reads_back_with_its_types() {
    let bytes = table_xlsx(&table(), NOW).unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = workbook.sheet_names()[0].clone();
    assert_eq!(name, "Danh sách F1  ca 12  Đắk Lắk  c");
    let range = workbook.worksheet_range(&name).unwrap();
    let at = |row: u32, column: u32| range.get_value((row, column)).unwrap().clone();
    let string = |text: &str| Data::String(text.to_owned());
    assert_eq!(at(0, 0), string(&table().title));
    assert_eq!(at(1, 0), string("=HYPERLINK(\"x\")"));
    assert_eq!(at(3, 1), string("Điện thoại"));
    assert_eq!(at(4, 0), string("=cmd|' /C calc'!A0"));
    assert_eq!(at(4, 1), string("0912345678"), "a leading zero stays");
    assert_eq!(at(4, 2), Data::Float(-20.0));
    assert_eq!(at(4, 3), Data::Float(0.5));
    assert_eq!(at(4, 4).to_string(), "44413", "serial day of 5 August 2021");
    assert!(matches!(at(4, 5), Data::DateTime(moment) if (moment.as_f64() - 44_413.416_666).abs() < 1e-4));
    assert_eq!(at(5, 1), string("+84912345678"));
    assert_eq!(at(5, 2), string("＝1+1"));
    assert_eq!(at(5, 4), string("02/01/1899"), "a day no spreadsheet knows is text");
    assert!(workbook.worksheet_formula(&name).unwrap().cells().all(|(_, _, formula)| formula.is_empty()));
}

#[test]
fn an_xlsx_holds_no_formula_and_no_link_and_repeats_exactly() {
    let bytes = table_xlsx(&table(), NOW).unwrap();
    assert_eq!(bytes, table_xlsx(&table(), NOW).unwrap());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut sheet = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert!(!sheet.contains("<f>") && !sheet.contains("<hyperlink"));
}

#[test]
fn control_characters_do_not_break_the_file() {
    let hostile = Table {
        title: "\u{0}[]:*?/\\".to_owned(),
        notes: Vec::new(),
        columns: vec![column("\u{1}", ColumnKind::Text)],
        rows: vec![vec!["a\u{0}b\u{B}c\u{FFFF}<&>".into()], vec![Cell::Text("W".repeat(40_000))]],
    };
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(table_xlsx(&hostile, NOW).unwrap())).unwrap();
    let range = workbook.worksheet_range("Bảng").unwrap();
    assert_eq!(range.get_value((3, 0)), Some(&Data::String("a b c <&>".to_owned())));
    assert_eq!(range.get_value((4, 0)).unwrap().to_string().chars().count(), 32_767);
    assert!(table_csv(&hostile).is_ok());
}

#[test]
fn a_table_out_of_its_limits_is_refused() {
    let wide = Table { columns: vec![column("x", ColumnKind::Text); COLUMNS_MAX + 1], ..table() };
    let none = Table { columns: Vec::new(), ..table() };
    let ragged = Table { rows: vec![vec![Cell::Empty]], ..table() };
    for make in [|table: &Table| table_csv(table), |table: &Table| table_xlsx(table, NOW)] {
        assert!(matches!(make(&wide), Err(DocumentError::TooMany { what: "columns", .. })));
        assert!(matches!(make(&none), Err(DocumentError::Nothing("columns"))));
        assert!(matches!(make(&ragged), Err(DocumentError::RowShape { row: 0, cells: 1, columns: 6 })));
    }
}
