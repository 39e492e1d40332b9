//! The documents as people get them: files are read back with other programs (poppler, calamine, a ZIP reader, a
//! QR reader) and compared with what went in.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod cards;
mod decree;
mod inspection_minutes;
mod paper_form;
mod poppler;
mod posters;
mod qr;
mod sample;
mod sheet_templates;
mod sheets;
mod tables;
mod weekly_docx;
mod weekly_pdf;
