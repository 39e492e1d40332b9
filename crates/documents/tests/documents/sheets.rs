use std::io::{Cursor, Read, Write};

use documents::{
    SHEET_BYTES_MAX, SHEET_CELL_CHARS_MAX, SHEET_COLUMNS_MAX, SHEET_ROWS_MAX, SHEET_TEXT_BYTES_MAX,
    SHEET_UNPACKED_BYTES_MAX, Sheet, SheetError, read_sheet,
};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;

/// Rows as number and cells, which can be compared and shown.
fn rows(sheet: &Sheet) -> Vec<(u32, Vec<&str>)> {
    sheet.rows.iter().map(|row| (row.number, row.cells.iter().map(String::as_str).collect())).collect()
}

fn refused(bytes: &[u8]) -> SheetError {
    read_sheet(bytes).err().expect("the file is refused")
}

fn xlsx(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

/// One part of a workbook.
fn part(workbook: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut content = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

/// The workbook with one part replaced or added.
fn with_part(workbook: &[u8], name: &str, change: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut target = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut is_found = false;
    for index in 0..source.len() {
        let mut part = source.by_index(index).unwrap();
        let part_name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if part_name == name {
            is_found = true;
            content = change(std::str::from_utf8(&content).unwrap());
        }
        target.start_file(part_name, SimpleFileOptions::default()).unwrap();
        target.write_all(&content).unwrap();
    }
    if !is_found {
        target.start_file(name, SimpleFileOptions::default()).unwrap();
        target.write_all(&change("")).unwrap();
    }
    target.finish().unwrap().into_inner()
}

#[test]
fn a_csv_of_any_separator_is_read_with_the_row_numbers_of_a_spreadsheet() {
    for separator in [",", ";", "\t"] {
        for (mark, line_end) in [("", "\n"), ("\u{FEFF}", "\r\n"), ("", "\r")] {
            let lines = [
                "Họ và tên|Điện thoại|Ghi chú",
                "",
                " H'Bhứt Niê Kdăm Ê\u{306}nuôl |0912345678|\"hai\ndòng, một ô; \"\"nháy\"\"\"",
                " | | ",
                "Y Bhăm|'+84912345679",
                "",
                "",
            ];
            let text = format!("{mark}{}", lines.join(line_end).replace('|', separator));
            let sheet = read_sheet(text.as_bytes()).ok().unwrap();
            assert_eq!(
                rows(&sheet),
                [
                    (1, vec!["Họ và tên", "Điện thoại", "Ghi chú"]),
                    (3, vec!["H'Bhứt Niê Kdăm Ê\u{306}nuôl", "0912345678", "hai\ndòng, một ô; \"nháy\""]),
                    (5, vec!["Y Bhăm", "+84912345679"]),
                ],
                "{separator:?} {line_end:?}"
            );
            assert_eq!(sheet.skipped_blank, 2);
            assert_eq!(sheet.rows[2].cell(2), "", "a short row has empty cells at its end");
        }
    }
}

#[test]
fn other_encodings_and_kinds_of_file_are_refused_by_name() {
    let wide: Vec<u8> = "Họ và tên".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide_big: Vec<u8> = "Họ và tên".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        ([b"\xFF\xFE".to_vec(), wide.clone()].concat(), SheetError::Encoding("UTF-16")),
        ([b"\xFE\xFF".to_vec(), wide_big.clone()].concat(), SheetError::Encoding("UTF-16")),
        (wide, SheetError::Encoding("UTF-16")),
        (wide_big, SheetError::Encoding("UTF-16")),
        (b"\xFF\xFE\0\0H\0\0\0".to_vec(), SheetError::Encoding("UTF-32")),
        (b"Ho va ten\nH\xEC n\xEAn\n".to_vec(), SheetError::NotUtf8 { line: 2 }),
        ([ole.clone(), vec![0; 600]].concat(), SheetError::OldExcel),
        ([ole, vec![0; 600], locked].concat(), SheetError::Password),
        (b"%PDF-1.7".to_vec(), SheetError::NotASheet("PDF")),
        (b"  <html><table>".to_vec(), SheetError::NotASheet("HTML or XML")),
        (b"abc\0def".to_vec(), SheetError::NotASheet("binary")),
        (Vec::new(), SheetError::Empty),
        (b"\xEF\xBB\xBF\r\n , ,\n".to_vec(), SheetError::Empty),
        (b"PK\x03\x04 not an archive".to_vec(), SheetError::Damaged),
    ] {
        assert_eq!(refused(&bytes), expected);
    }
}

/// An archive with the given parts, all of them `x`.
fn archive(names: &[&str]) -> Vec<u8> {
    let mut target = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        target.start_file(*name, SimpleFileOptions::default()).unwrap();
        target.write_all(b"x").unwrap();
    }
    target.finish().unwrap().into_inner()
}

#[test]
fn other_archives_are_refused_by_name() {
    for (names, expected) in [
        (&["mimetype", "content.xml"][..], SheetError::OpenDocument),
        (&["[Content_Types].xml", "xl/workbook.bin"], SheetError::BinaryWorkbook),
        (&["[Content_Types].xml", "word/document.xml"], SheetError::NotASheet("Word")),
        (&["Index/Document.iwa"], SheetError::NotASheet("Apple Numbers")),
        (&["photo.jpg"], SheetError::NotASheet("ZIP")),
        (&["[Content_Types].xml"], SheetError::Damaged),
    ] {
        assert_eq!(refused(&archive(names)), expected);
    }
    let many: Vec<String> = (0..2_001).map(|n| format!("{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(refused(&archive(&many)), SheetError::UnpackedTooLarge);
}

#[test]
fn an_xlsx_is_read_as_people_see_it() {
    let bytes = xlsx(|sheet| {
        let day = Format::new().set_num_format("dd/mm/yyyy");
        let both = Format::new().set_num_format("dd/mm/yyyy hh:mm");
        let time = Format::new().set_num_format("hh:mm");
        for (column, name) in (0_u16..).zip(["Họ và tên", "Năm sinh", "Điện thoại", "Ngày"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        sheet.write_string(1, 0, "  H'Bhứt Niê Kdăm Ê\u{306}nuôl ").unwrap();
        sheet.write_number(1, 1, 1985.0).unwrap();
        sheet.write_number(1, 2, 912_345_678.0).unwrap();
        sheet.write_datetime_with_format(1, 3, ExcelDateTime::from_ymd(2021, 8, 5).unwrap(), &day).unwrap();
        // Rows 3 and 4 have formats only, far to the right too.
        sheet.write_blank(2, 0, &day).unwrap();
        sheet.write_blank(3, 16_383, &day).unwrap();
        sheet.write_string(4, 0, "Y Bhăm").unwrap();
        sheet.write_formula(4, 1, Formula::new("=1900+48").set_result("1948")).unwrap();
        sheet.write_formula(4, 2, Formula::new("=\"số \"&\"1\"").set_result("số 1")).unwrap();
        let moment = ExcelDateTime::from_ymd(2021, 8, 5).unwrap().and_hms(7, 30, 0).unwrap();
        sheet.write_datetime_with_format(4, 3, &moment, &both).unwrap();
        sheet.write_datetime_with_format(4, 4, ExcelDateTime::from_hms(7, 0, 0).unwrap(), &time).unwrap();
        sheet.write_boolean(4, 5, true).unwrap();
        sheet.write_number(4, 6, 0.1 + 0.2).unwrap();
        sheet.write_string(5, 0, "Y Bhăm").unwrap();
        sheet.write_string(5, 2, "0912345678").unwrap();
    });
    let sheet = read_sheet(&bytes).ok().unwrap();
    assert_eq!(
        rows(&sheet),
        [
            (1, vec!["Họ và tên", "Năm sinh", "Điện thoại", "Ngày"]),
            (2, vec!["H'Bhứt Niê Kdăm Ê\u{306}nuôl", "1985", "912345678", "2021-08-05"]),
            (5, vec!["Y Bhăm", "1948", "số 1", "2021-08-05 07:30", "07:00", "TRUE", "0.3"]),
            (6, vec!["Y Bhăm", "", "0912345678"]),
        ]
    );
    assert_eq!(sheet.skipped_blank, 2);
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert!(parts.by_name("xl/sharedStrings.xml").is_ok(), "the texts were shared");
}

#[test]
fn the_first_sheet_that_people_see_is_read() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_hidden(true).write_string(0, 0, "ẩn").unwrap();
    workbook.add_worksheet().set_active(true).write_string(0, 0, "hiện").unwrap();
    workbook.add_worksheet().write_string(0, 0, "sau").unwrap();
    let sheet = read_sheet(&workbook.save_to_buffer().unwrap()).ok().unwrap();
    assert_eq!(rows(&sheet), [(1, vec!["hiện"])]);
    assert_eq!(refused(&xlsx(|_| {})), SheetError::Empty);
}

#[test]
fn a_cell_at_the_far_corner_costs_nothing() {
    // As a range, this sheet would be 17 billion cells.
    let corner = xlsx(|sheet| {
        sheet.write_string(0, 0, "đầu").unwrap();
        sheet.write_string(1_048_575, 16_383, "cuối").unwrap();
    });
    assert_eq!(refused(&corner), SheetError::TooManyColumns { row: 1_048_576 });
    let low = xlsx(|sheet| {
        sheet.write_string(0, 0, "đầu").unwrap();
        sheet.write_string(1_048_575, 39, "cuối").unwrap();
    });
    let sheet = read_sheet(&low).ok().unwrap();
    assert_eq!(sheet.rows[1].number, 1_048_576);
    assert_eq!(sheet.rows[1].cell(39), "cuối");
    assert_eq!(sheet.skipped_blank, 1_048_574);
}

#[test]
fn what_unpacks_too_far_is_refused_whatever_it_declares() {
    let honest = xlsx(|sheet| {
        sheet.write_string(0, 0, "a").unwrap();
    });
    let zeros = vec![0; usize::try_from(SHEET_UNPACKED_BYTES_MAX).unwrap() + 1];
    let mut bomb = with_part(&honest, "xl/media/image1.png", |_| zeros.clone());
    assert!(bomb.len() < 1 << 20, "64 MiB of zeros are {} bytes", bomb.len());
    assert_eq!(refused(&bomb), SheetError::UnpackedTooLarge);

    // The same part declared as 1,000 bytes, in both of the archive's places.
    let real = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..bomb.len() - 4).filter(|at| bomb[*at..at + 4] == real).collect();
    assert_eq!(places.len(), 2, "local header and directory");
    for at in places {
        bomb[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
    }
    assert!(matches!(refused(&bomb), SheetError::UnpackedTooLarge | SheetError::Damaged));
    assert!(read_sheet(&honest).is_ok());
}

#[test]
fn a_workbook_made_to_exhaust_its_reader_is_refused() {
    let honest = xlsx(|sheet| {
        sheet.write_string(0, 0, "a").unwrap();
        sheet.write_string(1, 0, "b").unwrap();
    });
    let claim = with_part(&honest, "xl/sharedStrings.xml", |xml| {
        xml.replace("uniqueCount=\"2\"", "uniqueCount=\"99999999999\"").into_bytes()
    });
    assert_eq!(refused(&claim), SheetError::Damaged);
    let overflow = with_part(&honest, "xl/worksheets/sheet1.xml", |xml| {
        assert!(xml.contains("r=\"A2\""));
        xml.replace("r=\"A2\"", "r=\"ZZZZZZZZZZZZ9999999999999\"").into_bytes()
    });
    assert!(matches!(refused(&overflow), SheetError::Damaged | SheetError::TooManyColumns { .. }));
    let backwards = with_part(&honest, "xl/worksheets/sheet1.xml", |xml| {
        xml.replace("r=\"A1\"", "r=\"A9\"").into_bytes()
    });
    assert_eq!(refused(&backwards), SheetError::Damaged);
    let cut = with_part(&honest, "xl/worksheets/sheet1.xml", |xml| xml.as_bytes()[..xml.len() / 2].to_vec());
    assert_eq!(refused(&cut), SheetError::Damaged);
}

/// Bytes changed anywhere, in the archive or in one of its parts, give rows or a refusal and never end the program.
#[test]
fn damage_anywhere_is_answered() {
    let honest = xlsx(|sheet| {
        for row in 0..20 {
            sheet.write_string(row, 0, format!("Y Bhăm {row}")).unwrap();
            sheet.write_number(row, 1, 1985.0).unwrap();
        }
    });
    let csv = "Họ và tên;Năm sinh\n\"Y Bhăm\";1985\n".repeat(20).into_bytes();
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut damage = |bytes: &mut Vec<u8>| {
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] ^= 1 << random(8),
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, b"<>\"9Z\0&;"[random(8)]),
                _ => bytes[at] = b"<>\"9Z\0&;"[random(8)],
            }
        }
    };
    let parts = [
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/workbook.xml",
        "xl/styles.xml",
        "_rels/.rels",
    ];
    let mut refusals = 0;
    for round in 0..300 {
        let mut changed = match round % 3 {
            0 => honest.clone(),
            1 => csv.clone(),
            _ => {
                let name = parts[round % parts.len()];
                let mut content = part(&honest, name);
                damage(&mut content);
                refusals += usize::from(read_sheet(&with_part(&honest, name, |_| content.clone())).is_err());
                continue;
            }
        };
        damage(&mut changed);
        refusals += usize::from(read_sheet(&changed).is_err());
    }
    assert!(refusals > 50, "the damage is real: {refusals} refusals");
}

#[test]
fn one_long_text_named_from_many_cells_is_refused() {
    let long = "W".repeat(SHEET_CELL_CHARS_MAX);
    let cells = SHEET_TEXT_BYTES_MAX / SHEET_CELL_CHARS_MAX + 1;
    let bytes = xlsx(|sheet| {
        for cell in 0..cells {
            let (row, column) = (cell / SHEET_COLUMNS_MAX, cell % SHEET_COLUMNS_MAX);
            sheet.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), &long).unwrap();
        }
    });
    assert!(bytes.len() < 1 << 20);
    assert_eq!(refused(&bytes), SheetError::TooMuchText);
}

#[test]
fn every_limit_holds_at_its_edge_in_both_kinds_of_file() {
    let long = "Ứ".repeat(SHEET_CELL_CHARS_MAX);
    let csv = |text: String| text.into_bytes();
    let cell = |text: &str| xlsx(|sheet| _ = sheet.write_string(2, 27, text).unwrap());
    let column =
        |column: usize| xlsx(|sheet| _ = sheet.write_string(0, u16::try_from(column).unwrap(), "x").unwrap());
    let many = |count: usize| {
        xlsx(|sheet| {
            for row in 0..count {
                sheet.write_number(u32::try_from(row).unwrap(), 0, 7).unwrap();
            }
        })
    };
    for fits in [
        csv(format!("a\n{long}")),
        csv(format!("{}x{}", ",".repeat(SHEET_COLUMNS_MAX - 1), ",".repeat(100))),
        csv("x\n".repeat(SHEET_ROWS_MAX)),
        cell(&long),
        column(SHEET_COLUMNS_MAX - 1),
        many(SHEET_ROWS_MAX),
    ] {
        assert!(read_sheet(&fits).is_ok());
    }
    let too_long = |column: &str, row| SheetError::CellTooLong { row, column: column.to_owned() };
    for (bytes, expected) in [
        (csv(format!("a\n{long}W")), too_long("A", 2)),
        (cell(&format!("{long}W")), too_long("AB", 3)),
        (csv(format!("{}x", ",".repeat(SHEET_COLUMNS_MAX))), SheetError::TooManyColumns { row: 1 }),
        (column(SHEET_COLUMNS_MAX), SheetError::TooManyColumns { row: 1 }),
        (csv("x\n".repeat(SHEET_ROWS_MAX + 1)), SheetError::TooManyRows),
        (many(SHEET_ROWS_MAX + 1), SheetError::TooManyRows),
        (vec![b'x'; SHEET_BYTES_MAX + 1], SheetError::FileTooLarge { bytes: SHEET_BYTES_MAX + 1 }),
    ] {
        assert_eq!(refused(&bytes), expected);
    }
}

#[test]
fn an_open_quote_is_found_before_it_swallows_the_file() {
    let text = format!("tên,ghi chú\nA,\"quên đóng\n{}", "B,c\n".repeat(1_000));
    assert_eq!(refused(text.as_bytes()), SheetError::CellTooLong { row: 2, column: "B".to_owned() });
}

#[test]
fn a_refusal_says_in_both_languages_what_to_do() {
    let errors = [
        SheetError::FileTooLarge { bytes: 9 << 20 },
        SheetError::Empty,
        SheetError::Encoding("UTF-16"),
        SheetError::NotUtf8 { line: 3 },
        SheetError::OldExcel,
        SheetError::Password,
        SheetError::OpenDocument,
        SheetError::BinaryWorkbook,
        SheetError::NotASheet("PDF"),
        SheetError::NoWorksheet,
        SheetError::UnpackedTooLarge,
        SheetError::TooManyRows,
        SheetError::TooManyColumns { row: 7 },
        SheetError::CellTooLong { row: 7, column: "AB".to_owned() },
        SheetError::TooMuchText,
        SheetError::Damaged,
    ];
    for error in errors {
        let (vi, en, log) = (error.vi(), error.en(), error.to_string());
        assert!(vi.contains("Hãy") || vi.contains("chọn"), "{vi}");
        assert!(vi.ends_with('.') && en.ends_with('.'), "{vi} {en}");
        assert_ne!(vi, en);
        assert!(log.is_ascii(), "{log}");
    }
    assert!(SheetError::OldExcel.vi().contains(".xlsx") && SheetError::OldExcel.en().contains(".xlsx"));
    assert!(SheetError::FileTooLarge { bytes: 9 << 20 }.vi().contains("8 MB"));
    assert!(SheetError::TooManyRows.vi().contains("20.000 dòng"));
    assert!(SheetError::CellTooLong { row: 7, column: "AB".to_owned() }.vi().contains("Ô AB7"));
}
