//! Lists that people bring as a sheet (XLSX or CSV): columns found by their titles in Vietnamese or English,
//! and every problem of every row named with what to do. Texts that begin like a formula are harmless here,
//! as they stay texts; what writes a sheet guards against them.

mod cells;

pub(crate) use cells::{capacity, person, phone, time_of_day};

use crate::card::text;
use crate::name::fold;

/// Most rows that are read below the header.
pub const ROWS_MAX: usize = 5_000;
/// Most problems that are listed; one more then says how many were left off.
pub const PROBLEMS_MAX: usize = 1_000;
/// Longest cell that is looked at, in characters: the longest that a spreadsheet holds.
pub const CELL_CHARACTERS_MAX: usize = 32_767;
/// Longest column title that is repeated in a problem, in characters.
const TITLE_CHARACTERS_MAX: usize = 60;

/// A row of a sheet. It may hold personal data, so `Debug` shows its number alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Its number in the sheet, from 1, so that a person finds it.
    pub number: u32,
    /// Its cells as text.
    pub cells: Vec<String>,
}

impl std::fmt::Debug for ListRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListRow({})", self.number)
    }
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The row cannot be taken.
    Error,
    /// The row is taken; somebody should look at it.
    Warning,
}

/// Something to put right in a list. Its sentences name no person and repeat no number of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Row in the sheet; 0 where it is about the list as a whole.
    pub row: u32,
    /// Title of the column as in the header, or our own where the header has none; empty where it is about
    /// the row.
    pub column: String,
    /// How grave it is.
    pub severity: Severity,
    /// Stable code, in snake case.
    pub code: &'static str,
    /// What is wrong and what to do, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

/// Whether any problem keeps its row out.
#[must_use]
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// A fault found in a cell: code, Vietnamese, English.
pub(crate) type Fault = (&'static str, String, String);

/// Makes a fault.
pub(crate) fn fault(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Fault {
    (code, vi.into(), en.into())
}

/// The problems found so far, bounded.
#[derive(Default)]
pub(crate) struct Problems {
    listed: Vec<Problem>,
    left_off: usize,
    errors: usize,
    errors_left_off: usize,
}

impl Problems {
    /// Adds a problem, or counts it where the list is full.
    pub(crate) fn add(&mut self, row: u32, column: &str, severity: Severity, (code, vi, en): Fault) {
        let is_error = severity == Severity::Error;
        self.errors += usize::from(is_error);
        if self.is_full() {
            self.left_off += 1;
            self.errors_left_off += usize::from(is_error);
        } else {
            self.listed.push(Problem { row, column: column.to_owned(), severity, code, vi, en });
        }
    }

    /// Whether further problems are only counted, so that costly advice can be spared.
    pub(crate) fn is_full(&self) -> bool {
        self.listed.len() >= PROBLEMS_MAX
    }

    /// Errors found, those left off included.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// The problems in the order of rows, with a line that counts those left off.
    pub(crate) fn into_list(mut self) -> Vec<Problem> {
        if self.left_off > 0 {
            let more = self.left_off;
            let severity = if self.errors_left_off > 0 { Severity::Error } else { Severity::Warning };
            let vi = format!("Còn {more} vấn đề nữa chưa liệt kê. Hãy sửa các vấn đề trên rồi thử lại.");
            let en = format!("{more} more problems are not listed. Put these right, then try again.");
            let code = "more_problems";
            self.listed.push(Problem { row: 0, column: String::new(), severity, code, vi, en });
        }
        self.listed
    }
}

/// A column that a list may have.
pub(crate) struct Column {
    /// Name within the program.
    pub(crate) key: &'static str,
    /// Title as the template of the list writes it.
    pub(crate) title: &'static str,
    /// Whether each row must fill it.
    pub(crate) is_required: bool,
    /// Folded titles under which it is recognised, the title itself among them.
    pub(crate) titles: &'static [&'static str],
}

/// The header of a list: where each column stands.
pub(crate) struct Header {
    columns: Vec<Found>,
}

/// A column and where it was found.
struct Found {
    column: &'static Column,
    is_required: bool,
    /// Which cell of a row, from 0, and the title as the header writes it.
    place: Option<(usize, String)>,
}

impl Header {
    /// Finds the columns in the header row, and names those missing, repeated or unknown. `is_required` may
    /// lift the duty of a column.
    pub(crate) fn read(
        row: &ListRow,
        columns: &'static [Column],
        is_required: impl Fn(&Column) -> bool,
        problems: &mut Problems,
    ) -> Self {
        let found =
            columns.iter().map(|column| Found { column, is_required: is_required(column), place: None });
        let mut header = Self { columns: found.collect() };
        for (index, cell) in row.cells.iter().enumerate() {
            let title = shortened(cell);
            let folded = folded_title(&title);
            if folded.is_empty() || IGNORED_TITLES.contains(&folded.as_str()) {
                continue;
            }
            let is_titled = |found: &&mut Found| found.column.titles.contains(&folded.as_str());
            match header.columns.iter_mut().find(is_titled) {
                Some(found) if found.place.is_none() => found.place = Some((index, title)),
                Some(found) => {
                    problems.add(row.number, &title, Severity::Error, column_repeated(found.column));
                }
                None => problems.add(row.number, &title, Severity::Warning, column_unknown()),
            }
        }
        for found in header.columns.iter().filter(|found| found.is_lacking()) {
            problems.add(row.number, found.column.title, Severity::Error, column_missing(found.column));
        }
        header
    }

    /// Whether every column that rows must fill is there.
    pub(crate) fn is_whole(&self) -> bool {
        !self.columns.iter().any(Found::is_lacking)
    }

    fn column(&self, key: &str) -> Option<&Found> {
        self.columns.iter().find(|found| found.column.key == key)
    }
}

impl Found {
    fn is_lacking(&self) -> bool {
        self.is_required && self.place.is_none()
    }
}

/// One row while it is being read.
pub(crate) struct Cells<'a> {
    pub(crate) header: &'a Header,
    pub(crate) row: &'a ListRow,
    pub(crate) problems: &'a mut Problems,
}

impl Cells<'_> {
    /// The cell of a column without spaces around it; empty where the column or the cell is missing, and where
    /// the cell is longer than any sensible one, which is then named.
    pub(crate) fn raw(&mut self, key: &str) -> String {
        let place = self.header.column(key).and_then(|found| found.place.as_ref());
        let cell = place.and_then(|(index, _)| self.row.cells.get(*index)).map_or("", |cell| cell.trim());
        if cell.chars().count() > CELL_CHARACTERS_MAX {
            self.error(key, too_long(CELL_CHARACTERS_MAX));
            return String::new();
        }
        cell.to_owned()
    }

    /// One line of text of at most `characters_max` characters; `None` where it is empty or was named.
    pub(crate) fn line(&mut self, key: &str, characters_max: usize) -> Option<String> {
        let errors = self.problems.errors();
        let cell = self.raw(key);
        let line = text::line(&cell).filter(|_| self.problems.errors() == errors);
        match line {
            Some(line) if line.chars().count() > characters_max => {
                self.error(key, too_long(characters_max));
                None
            }
            Some(line) => Some(line),
            None => {
                if self.problems.errors() == errors {
                    self.require(key);
                }
                None
            }
        }
    }

    /// Reads a line with a reader that may find a fault in it.
    pub(crate) fn parsed<T>(&mut self, key: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        match read(&self.line(key, 200)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.error(key, fault);
                None
            }
        }
    }

    /// Names an error of a column in this row.
    pub(crate) fn error(&mut self, key: &str, fault: Fault) {
        self.note(key, Severity::Error, fault);
    }

    /// Names a problem of a column in this row.
    pub(crate) fn note(&mut self, key: &str, severity: Severity, fault: Fault) {
        let title = self.header.column(key).map_or("", |found| match &found.place {
            Some((_, title)) => title.as_str(),
            None => found.column.title,
        });
        self.problems.add(self.row.number, title, severity, fault);
    }

    /// Names an empty cell where the row must fill it. A column missing as a whole was named once already.
    fn require(&mut self, key: &str) {
        let found = self.header.column(key).filter(|found| found.is_required && found.place.is_some());
        if let Some(found) = found {
            let vi = format!("Ô “{}” còn trống. Hãy điền vào.", found.column.title);
            self.error(key, fault("empty", vi, "The cell is empty. Fill it in."));
        }
    }
}

/// Takes a list apart into its header and the rows below it, at most [`ROWS_MAX`], the empty ones left out.
pub(crate) fn split<'a>(
    rows: &'a [ListRow],
    problems: &mut Problems,
) -> Option<(&'a ListRow, Vec<&'a ListRow>)> {
    let is_filled = |row: &&ListRow| row.cells.iter().any(|cell| !cell.trim().is_empty());
    let (header, below) = rows.split_first()?;
    let mut filled: Vec<&ListRow> = below.iter().filter(is_filled).collect();
    if filled.is_empty() {
        problems.add(0, "", Severity::Error, list_empty());
    }
    if filled.len() > ROWS_MAX {
        let found = filled.len();
        let vi = format!("Danh sách có {found} dòng, mỗi lần tối đa {ROWS_MAX}: hãy chia thành nhiều tệp.");
        let en =
            format!("The list has {found} rows, at most {ROWS_MAX} at a time: split it into several files.");
        problems.add(0, "", Severity::Error, fault("too_many_rows", vi, en));
        filled.truncate(ROWS_MAX);
    }
    Some((header, filled))
}

/// The problem of a list without rows.
pub(crate) fn list_empty() -> Fault {
    fault(
        "list_empty",
        "Danh sách không có dòng nào. Dòng đầu là tiêu đề các cột, mỗi dòng sau là một mục.",
        "The list has no rows. The first row holds the column titles, each row below it one entry.",
    )
}

/// The problem of a text with too many characters.
pub(crate) fn too_long(characters_max: usize) -> Fault {
    fault(
        "too_long",
        format!("Dài quá {characters_max} ký tự. Hãy viết ngắn lại."),
        format!("Longer than {characters_max} characters. Shorten it."),
    )
}

/// Titles of columns that people number or annotate their lists with.
const IGNORED_TITLES: &[&str] = &["stt", "tt", "sott", "sothutu", "no", "ghichu", "remark", "remarks"];

/// A title as it may be repeated in a problem.
fn shortened(cell: &str) -> String {
    let bounded: String = cell.chars().take(4 * TITLE_CHARACTERS_MAX).collect();
    text::line(&bounded).unwrap_or_default().chars().take(TITLE_CHARACTERS_MAX).collect()
}

/// A title folded, without what stands in brackets after it: `Giờ mở cửa (HH:MM) *` is `giomocua`.
fn folded_title(title: &str) -> String {
    let bare = title.split(['(', '[']).map(fold).find(|part| !part.is_empty());
    bare.unwrap_or_default()
}

fn column_missing(column: &Column) -> Fault {
    fault(
        "column_missing",
        format!("Thiếu cột “{}”. Hãy thêm cột này vào dòng tiêu đề.", column.title),
        format!("The column “{}” is missing. Add it to the header row.", column.title),
    )
}

fn column_repeated(column: &Column) -> Fault {
    fault(
        "column_repeated",
        format!("Có hai cột cùng là “{}”. Hãy bỏ một cột.", column.title),
        format!("Two columns stand for “{}”. Remove one.", column.title),
    )
}

fn column_unknown() -> Fault {
    fault(
        "column_unknown",
        "Không rõ cột này là gì nên bỏ qua. Nếu cần, hãy đặt tiêu đề như trong tệp mẫu.",
        "This column is not known and is left out. If it matters, title it as in the template.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_without_remarks_in_brackets() {
        assert_eq!(folded_title("Giờ mở cửa (HH:MM) *"), "giomocua");
        assert_eq!(folded_title("(*) Tên"), "ten");
        assert_eq!(folded_title("(bắt buộc)"), "batbuoc");
        assert_eq!(folded_title("*"), "");
        assert_eq!(shortened(&"x".repeat(500)).len(), TITLE_CHARACTERS_MAX);
    }

    #[test]
    fn problems_are_bounded_and_the_rest_is_counted() {
        let mut problems = Problems::default();
        for row in 0..1_003 {
            let severity = if row < 1_000 { Severity::Error } else { Severity::Warning };
            problems.add(row, "", severity, fault("empty", "", ""));
        }
        assert_eq!(problems.errors(), 1_000);
        let list = problems.into_list();
        assert_eq!(list.len(), PROBLEMS_MAX + 1);
        let last =
            list.last().map(|problem| (problem.code, problem.severity, problem.en.starts_with("3 more")));
        assert_eq!(last, Some(("more_problems", Severity::Warning, true)));
    }

    #[test]
    fn debug_shows_no_cell() {
        let row = ListRow { number: 7, cells: vec!["Nguyễn Văn A".to_owned()] };
        assert_eq!(format!("{row:?}"), "ListRow(7)");
    }
}
