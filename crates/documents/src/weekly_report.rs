//! The periodic report of a unit: the figures and words it is made from, and its two files.

use jiff::civil::Date;

use crate::DocumentError;
use crate::docx::letter_docx;
use crate::letter::letter_pdf;
use crate::weekly_sections::letter_of;

/// Most lines of annex I; a province had 184 communes in 2021.
pub const UNIT_ROWS_MAX: usize = 400;

/// Most points listed in annex II; how many more there are is said below the table.
pub const POINT_ROWS_MAX: usize = 500;

/// A subordinate unit's figures of the period.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitLine {
    /// Name with its kind, as in `huyện Cư M'gar`.
    pub name: String,
    /// Registered points at the end of the period.
    pub points: i64,
    /// Points with a scan in the last 7 days.
    pub live: i64,
    /// Scans in and out during the period.
    pub scans: i64,
    /// Registered points per 100 residents; none without a population.
    pub ratio: Option<f64>,
}

/// A point without a scan in the last 7 days.
#[derive(Debug, Clone, PartialEq)]
pub struct PointLine {
    /// Place, and area when the point belongs to one.
    pub place: String,
    /// Commune with its kind.
    pub commune: String,
    /// The code as people read it.
    pub code: String,
    /// Day of the last scan; none when never used.
    pub last_scan: Option<Date>,
}

/// What is proposed, in sentences.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProposalLine {
    /// The proposal itself.
    pub words: String,
    /// The handling proposed for it; empty while there is none.
    pub handling: String,
    /// What the Committee decided, as in `UBND tỉnh đã chấp thuận (Công văn số … ngày …)`; empty while it has not.
    pub decision: String,
}

/// A further annex: a table of texts, with columns of fixed widths that fill the page.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnexTable {
    /// Title, printed in capitals.
    pub title: String,
    /// Columns from left to right; a column of numbers in order is put before them.
    pub columns: Vec<AnnexColumn>,
    /// Rows, each with as many texts as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A column of an [`AnnexTable`].
#[derive(Debug, Clone, PartialEq)]
pub struct AnnexColumn {
    /// Heading.
    pub name: String,
    /// Share of the width, as a whole number beside the others'.
    pub share: u32,
    /// True for numbers, which stand at the right.
    pub is_number: bool,
}

/// Everything the weekly report says. Counts are of whole points and scans; `*_before` are those of the week
/// before, all none in a unit's first report, which then makes no comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct WeeklyReport {
    /// Superior office, as in `Ủy ban nhân dân tỉnh Đắk Lắk`; empty when there is none. Capitals are made here.
    pub parent_agency: String,
    /// Office that issues the report.
    pub issuing_agency: String,
    /// Symbol after the number, as in `BC-STTTT`.
    pub symbol: String,
    /// Place name before the date, as in `Đắk Lắk`.
    pub place_name: String,
    /// What the period is called in sentences: `tuần`, `tháng` or `kỳ`.
    pub period_noun: String,
    /// First day of the period.
    pub period_from: Date,
    /// Last day of the period (inclusive).
    pub period_last: Date,
    /// Day on which the document is made; its month and year are printed, its day is left blank.
    pub made_on: Date,
    /// Unit reported on, as in `tỉnh Đắk Lắk`.
    pub unit_name: String,
    /// Residents, when known.
    pub population: Option<i64>,
    /// Where the population comes from, as in `Tổng điều tra dân số 2019`; may be empty.
    pub population_source: String,
    /// Points the target asks for: of each commune its population / 100, rounded up, and these added up; none where
    /// it does not apply.
    pub target_points: Option<i64>,
    /// The same of the whole population rounded up once, for a note; none where it is the same number.
    pub target_as_one: Option<i64>,
    /// Registered points at the end of the period.
    pub points: i64,
    /// The same a week before.
    pub points_before: Option<i64>,
    /// Points made during the period.
    pub new_points: i64,
    /// Points with a scan in the last 7 days.
    pub live_points: i64,
    /// The same a week before.
    pub live_before: Option<i64>,
    /// Points without a scan in the last 7 days, the never-used among them.
    pub silent_points: i64,
    /// Points without any scan since they were made.
    pub never_used_points: i64,
    /// Scans in during the period.
    pub scans_in: i64,
    /// Scans out during the period.
    pub scans_out: i64,
    /// Scans in and out of the week before.
    pub scans_before: Option<i64>,
    /// Scans in and out of earlier periods that arrived in this one; none when nothing is known of them.
    pub late_scans: Option<(i64, i64)>,
    /// Registered points per 100 residents.
    pub registered_per_100: Option<f64>,
    /// Live points per 100 residents.
    pub live_per_100: Option<f64>,
    /// Units to praise, best first.
    pub best_units: Vec<UnitLine>,
    /// Units without a scan in the period, worst first.
    pub silent_units: Vec<UnitLine>,
    /// All subordinate units, for annex I; no annex when empty.
    pub rows: Vec<UnitLine>,
    /// Title of annex I, as in `KẾT QUẢ THEO HUYỆN, THỊ XÃ, THÀNH PHỐ`.
    pub rows_title: String,
    /// The communes of all of them, each name with its district's, for annex II; no annex when empty.
    pub commune_rows: Vec<UnitLine>,
    /// Silent points, for an annex of their own; no annex when empty. With [`Self::silent_unnamed`] it is all of
    /// [`Self::silent_points`], or is cut and says so.
    pub silent_points_list: Vec<PointLine>,
    /// Silent points of places that no list may name: counted, not listed.
    pub silent_unnamed: i64,
    /// Further annexes, in order; those without rows are left out.
    pub annexes: Vec<AnnexTable>,
    /// Paragraphs on direction and leadership; the heading is left out when empty.
    pub direction: Vec<String>,
    /// Paragraphs on further results; the heading is left out when empty.
    pub results: Vec<String>,
    /// Paragraphs on guidance and support.
    pub support: Vec<String>,
    /// Paragraphs on inspection.
    pub inspection: Vec<String>,
    /// Paragraphs on who reported late or not at all.
    pub punctuality: Vec<String>,
    /// Part II, an item each.
    pub difficulties: Vec<String>,
    /// Part III.
    pub proposals: Vec<ProposalLine>,
    /// Part IV, an item each; when empty it is drawn from the figures.
    pub next_week: Vec<String>,
    /// The signer's authority and title, lines divided by `/`, as in `KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC`.
    pub signer_authority: String,
    /// The signer's name; none leaves it to be typed.
    pub signer_name: Option<String>,
    /// Recipients in order, the last being `Lưu: VT, …`; dashes and punctuation are added here.
    pub recipients: Vec<String>,
    /// Head of the access log's hash chain when the figures were frozen.
    pub access_log_head: Option<String>,
    /// Openings of sealed identities during the period.
    pub openings: i64,
}

/// Sets the weekly report as PDF in the layout of Decree 30/2020/NĐ-CP.
///
/// # Errors
/// [`DocumentError::TooMany`] above [`UNIT_ROWS_MAX`] rows, [`DocumentError::Typeset`] when the typesetter fails.
pub fn weekly_report_pdf(report: &WeeklyReport) -> Result<Vec<u8>, DocumentError> {
    letter_pdf(&letter_of(report)?, report.made_on)
}

/// Writes the weekly report as DOCX with the same content and layout, to be edited.
///
/// # Errors
/// [`DocumentError::TooMany`] above [`UNIT_ROWS_MAX`] rows, [`DocumentError::Docx`] when the writer fails.
pub fn weekly_report_docx(report: &WeeklyReport) -> Result<Vec<u8>, DocumentError> {
    letter_docx(&letter_of(report)?, report.made_on)
}
