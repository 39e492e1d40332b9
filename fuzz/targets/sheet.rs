//! Uploaded spreadsheets, through the reader of `documents`.
//!
//! The reader's files are taken in one by one: the rest of `documents` sets type, and would make a build with
//! a sanitizer take as long as all the other fuzzers together.
#![no_main]

#[path = "../../crates/documents/src/sheet.rs"]
#[expect(dead_code, reason = "what other modules of the crate use")]
mod sheet;
#[path = "../../crates/documents/src/sheet_csv.rs"]
mod sheet_csv;
#[path = "../../crates/documents/src/sheet_error.rs"]
mod sheet_error;
#[path = "../../crates/documents/src/sheet_xlsx.rs"]
mod sheet_xlsx;
#[path = "../../crates/documents/src/text.rs"]
#[expect(dead_code, reason = "what other modules of the crate use")]
mod text;

use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use sheet::{
    SHEET_CELL_CHARS_MAX, SHEET_COLUMNS_MAX, SHEET_ROWS_MAX, SHEET_TEXT_BYTES_MAX, Sheet, read_sheet,
};
use sheet_error::SheetError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A line of this sets the parts of a workbook apart.
const BREAK: &str = "\n%%\n";

/// The parts of a workbook in the order in which the input has them, with what stands for one that it lacks.
const PARTS: &[(&str, &str)] = &[
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#,
    ),
    ("xl/sharedStrings.xml", r#"<sst uniqueCount="1"><si><t>STT</t></si></sst>"#),
    ("xl/styles.xml", r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
    ("[Content_Types].xml", "<Types/>"),
];

fuzz_target!(
    init: {
        // The reader catches panics of the library that it reads workbooks with, and libFuzzer's own hook would
        // end the run at each. A panic of ours still ends it, as it is not caught before libFuzzer does.
        std::panic::set_hook(Box::new(|panic| {
            let is_ours = panic.location().is_none_or(|at| !at.file().contains("calamine"));
            if is_ours {
                eprintln!("{panic}");
            }
        }));
    },
    |input: &[u8]| {
        check(input);
        if let Some(parts) = input.strip_prefix(b"%%\n") {
            check(&workbook(&String::from_utf8_lossy(parts)));
        }
    }
);

/// A workbook whose archive is sound, so that what it holds is reached.
fn workbook(parts: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut given = parts.split(BREAK);
    for (name, usual) in PARTS {
        let content = given.next().filter(|part| !part.is_empty()).unwrap_or(usual);
        archive.start_file(*name, options).expect("a part can be begun");
        archive.write_all(content.as_bytes()).expect("memory can be written");
    }
    archive.finish().expect("an archive can be ended").into_inner()
}

fn check(bytes: &[u8]) {
    match read_sheet(bytes) {
        Ok(sheet) => check_sheet(&sheet),
        Err(error) => {
            assert!(!error.vi().is_empty() && !error.en().is_empty(), "each refusal is explained: {error}");
        }
    }
}

/// What every sheet promises to whoever reads its rows.
fn check_sheet(sheet: &Sheet) {
    assert!((1..=SHEET_ROWS_MAX).contains(&sheet.rows.len()), "rows are bounded");
    assert!(sheet.rows.is_sorted_by(|row, next| row.number < next.number), "rows stand in order");
    let mut text_bytes = 0;
    for row in &sheet.rows {
        assert!((1..=SHEET_COLUMNS_MAX).contains(&row.cells.len()), "columns are bounded");
        assert!(row.cells.last().is_some_and(|cell| !cell.is_empty()), "up to the last cell with text");
        for cell in &row.cells {
            assert_eq!(cell.trim(), cell, "cells are trimmed");
            assert!(cell.chars().count() <= SHEET_CELL_CHARS_MAX, "a cell is bounded");
            text_bytes += cell.len();
        }
    }
    assert!(text_bytes <= SHEET_TEXT_BYTES_MAX, "all text together is bounded");
    let last = sheet.rows.last().map_or(0, |row| row.number as usize);
    assert_eq!(last, sheet.rows.len() + sheet.skipped_blank, "rows without text are counted");
}
