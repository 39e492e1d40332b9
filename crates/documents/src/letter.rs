//! An official document as content: what it says in order, before PDF or DOCX give it a form.

use domain::time::day_start;
use jiff::civil::Date;
use serde::Serialize;

use crate::DocumentError;
use crate::headline::balanced;
use crate::official::{MEASURES, MOTTO, Measures, NATIONAL_NAME};
use crate::typeset::{Template, typeset_pdf};

const TEMPLATE: Template = Template { path: "/letter.typ", source: include_str!("../templates/letter.typ") };

/// A document of Decree 30/2020/NĐ-CP. Every string is printed as it stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Letter {
    pub(crate) parent_agency: String,
    pub(crate) issuing_agency: String,
    /// `Số: …/BC-STTTT`; the number itself is given by the registry office.
    pub(crate) number: String,
    /// `Đắk Lắk, ngày … tháng 8 năm 2021`.
    pub(crate) place_and_date: String,
    /// Kind of document, in capitals.
    pub(crate) title: String,
    /// What it is about (trích yếu).
    pub(crate) summary: String,
    /// The period, on a line of its own below the summary.
    pub(crate) summary_period: String,
    pub(crate) body: Vec<Block>,
    pub(crate) recipients: Vec<String>,
    /// Authority and title of the signer, a line each, in capitals.
    pub(crate) signer_titles: Vec<String>,
    pub(crate) signer_name: Option<String>,
    pub(crate) annexes: Vec<Annex>,
}

/// A part of the body or of an annex.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Block {
    /// `I. …` in bold capitals.
    Section { text: String },
    /// `1. …` in bold.
    Heading { text: String },
    /// Justified, first line indented.
    Paragraph { text: String },
    /// A paragraph that leads in what follows, and stays on its page.
    Lead { text: String },
    /// Justified, italic: what stands in place of missing content, or below a figure.
    Note { text: String },
    /// A note that leads in what follows, and stays on its page.
    LeadNote { text: String },
    /// A ruled table.
    Table { columns: Vec<LetterColumn>, rows: Vec<Vec<String>>, total: Option<Vec<String>> },
    /// Two parties side by side, as under minutes.
    Signatures { left: Signature, right: Signature },
}

/// Makes leads of what leads in something: a paragraph that ends with a colon, and a note above a table.
pub(crate) fn with_leads(blocks: Vec<Block>) -> Vec<Block> {
    let above_table: Vec<bool> =
        blocks.iter().skip(1).map(|next| matches!(next, Block::Table { .. })).chain([false]).collect();
    let led = |(block, is_above): (Block, bool)| match block {
        Block::Paragraph { text } if text.trim_end().ends_with(':') || is_above => Block::Lead { text },
        Block::Note { text } if is_above => Block::LeadNote { text },
        block => block,
    };
    blocks.into_iter().zip(above_table).map(led).collect()
}

/// A party's place to sign.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Signature {
    /// Which party, in capitals.
    pub(crate) title: String,
    /// `(Ký, ghi rõ họ tên)`.
    pub(crate) hint: String,
    pub(crate) name: String,
}

/// A column of a ruled table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LetterColumn {
    pub(crate) name: String,
    pub(crate) width_mm: f64,
    pub(crate) align: Align,
}

/// How a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Align {
    Left,
    Center,
    Right,
}

/// An annex, with page numbers of its own.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Annex {
    /// `Phụ lục I`.
    pub(crate) label: String,
    /// Its title, in capitals.
    pub(crate) title: String,
    /// `(Kèm theo Báo cáo số …)`.
    pub(crate) reference: String,
    pub(crate) body: Vec<Block>,
}

#[derive(Serialize)]
struct LetterFile<'a> {
    letter: &'a Letter,
    measures: Measures,
    national_name: &'static str,
    motto: &'static str,
    parent_agency: String,
    issuing_agency: String,
    summary: String,
    annex_heads: Vec<(String, String)>,
}

impl Letter {
    /// The agencies' names and the summary in lines of like length, a line feed between them.
    pub(crate) fn parent_agency_lines(&self) -> String {
        balanced(&self.parent_agency, MEASURES.nation_pt, MEASURES.agency_column_mm)
    }

    pub(crate) fn issuing_agency_lines(&self) -> String {
        balanced(&self.issuing_agency, MEASURES.nation_pt, MEASURES.agency_column_mm)
    }

    pub(crate) fn summary_lines(&self) -> String {
        balanced(&self.summary, MEASURES.body_pt, MEASURES.text_width_mm())
    }
}

impl Annex {
    /// Which document it goes with, in lines of like length.
    pub(crate) fn reference_lines(&self) -> String {
        balanced(&self.reference, MEASURES.body_pt, MEASURES.text_width_mm())
    }

    /// The title in lines of like length.
    pub(crate) fn title_lines(&self) -> String {
        balanced(&self.title, MEASURES.body_pt, MEASURES.text_width_mm())
    }
}

/// Sets the letter as PDF; its creation time is the beginning of the day on which it was made.
pub(crate) fn letter_pdf(letter: &Letter, made_on: Date) -> Result<Vec<u8>, DocumentError> {
    let file = LetterFile {
        letter,
        measures: MEASURES,
        national_name: NATIONAL_NAME,
        motto: MOTTO,
        parent_agency: letter.parent_agency_lines(),
        issuing_agency: letter.issuing_agency_lines(),
        summary: letter.summary_lines(),
        annex_heads: letter.annexes.iter().map(|one| (one.title_lines(), one.reference_lines())).collect(),
    };
    typeset_pdf(&TEMPLATE, &file, day_start(made_on))
}
