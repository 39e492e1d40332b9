//! Directives: letters sent down the tree. Who may get one, how an office stands to it, when it is reminded.

use jiff::{ToSpan as _, civil::Date};

use crate::calendar::Calendar;

/// Largest file of a letter, in bytes.
pub const FILE_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Working days before the deadline on which an office that has not reported is reminded.
pub const REMIND_BEFORE_DAYS: u32 = 2;
/// Days after the deadline on which it is reminded again.
pub const REMIND_AFTER_DAYS: [i64; 3] = [1, 4, 8];

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// Word document.
    Docx,
}

impl FileKind {
    /// Looks at a file's bytes, whatever its name says: `%PDF-` (ISO 32000), or a ZIP that holds a Word document.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        let is_word = bytes.windows(5).any(|part| part == b"word/");
        // A document that may carry macros is none that an office needs to open.
        let has_macros = bytes.windows(14).any(|part| part == b"vbaProject.bin");
        (bytes.starts_with(b"PK\x03\x04") && is_word && !has_macros).then_some(Self::Docx)
    }

    /// Stable code, as stored; also the ending of the file's name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
        }
    }

    /// The kind of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pdf, Self::Docx].into_iter().find(|kind| kind.code() == code)
    }

    /// The kind's media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// How an office stands to a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Not acknowledged, and the deadline is over.
    Late,
    /// Acknowledged, not done, and the deadline is over.
    Overdue,
    /// Not opened yet.
    Unread,
    /// Opened, not acknowledged.
    Read,
    /// Acknowledged.
    Acknowledged,
    /// In progress, as the office says.
    InProgress,
    /// Done, as the office says.
    Done,
}

/// Facts of an office's copy that tell how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyFacts<'a> {
    /// Somebody of the office opened it.
    pub is_read: bool,
    /// Somebody of the office acknowledged it.
    pub is_acknowledged: bool,
    /// `""`, `in_progress` or `done`.
    pub progress: &'a str,
    /// Deadline, ISO date; its day is still in time.
    pub due_on: &'a str,
}

impl Standing {
    /// How a copy stands on a day (ISO date).
    #[must_use]
    pub fn of(facts: CopyFacts<'_>, today: &str) -> Self {
        let is_past = facts.due_on < today;
        match (facts.progress, facts.is_acknowledged) {
            ("done", _) => Self::Done,
            (_, false) if is_past => Self::Late,
            (_, true) if is_past => Self::Overdue,
            ("in_progress", _) => Self::InProgress,
            (_, true) => Self::Acknowledged,
            _ if facts.is_read => Self::Read,
            _ => Self::Unread,
        }
    }

    /// Stable code for pages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Overdue => "overdue",
            Self::Unread => "unread",
            Self::Read => "read",
            Self::Acknowledged => "acknowledged",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }
}

/// Which reminder of a letter falls on a day: `before`, or `after1` and so on; `None` on other days.
#[must_use]
pub fn reminder_on(calendar: &Calendar, due: Date, today: Date) -> Option<String> {
    if today <= due && calendar.is_working(today) {
        let left = calendar.working_days_between(today, due);
        // A deadline on a day off counts from the last working day before it.
        return (left == REMIND_BEFORE_DAYS).then(|| "before".to_owned());
    }
    REMIND_AFTER_DAYS
        .iter()
        .find(|days| due.saturating_add(days.days()) == today)
        .map(|days| format!("after{days}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const COPY: CopyFacts<'_> =
        CopyFacts { is_read: false, is_acknowledged: false, progress: "", due_on: "2021-11-12" };

    #[test]
    fn files_are_known_by_their_bytes() {
        assert_eq!(FileKind::of(b"%PDF-1.7 ..."), Some(FileKind::Pdf));
        assert_eq!(FileKind::of(b"PK\x03\x04....word/document.xml"), Some(FileKind::Docx));
        assert_eq!(FileKind::of(b"PK\x03\x04....xl/workbook.xml"), None);
        assert_eq!(FileKind::of(b"PK\x03\x04....word/vbaProject.bin"), None);
        assert_eq!(FileKind::of(b"MZ program"), None);
        assert_eq!(FileKind::of(b""), None);
    }

    #[test]
    fn a_copy_is_late_the_day_after_its_deadline() {
        assert_eq!(Standing::of(COPY, "2021-11-12"), Standing::Unread);
        assert_eq!(Standing::of(COPY, "2021-11-13"), Standing::Late);
        let acknowledged = CopyFacts { is_acknowledged: true, is_read: true, ..COPY };
        assert_eq!(Standing::of(acknowledged, "2021-11-12"), Standing::Acknowledged);
        assert_eq!(Standing::of(acknowledged, "2021-11-13"), Standing::Overdue);
        let done = CopyFacts { progress: "done", ..acknowledged };
        assert_eq!(Standing::of(done, "2021-12-01"), Standing::Done);
        let working = CopyFacts { progress: "in_progress", ..acknowledged };
        assert_eq!(Standing::of(working, "2021-11-11"), Standing::InProgress);
        assert_eq!(Standing::of(CopyFacts { is_read: true, ..COPY }, "2021-11-11"), Standing::Read);
    }

    #[test]
    fn reminders_fall_before_and_after_the_deadline() {
        let calendar = Calendar::default();
        // Monday 15 November: two working days before is Thursday 11.
        let due = date(2021, 11, 15);
        let told: Vec<_> = (8..=24)
            .filter_map(|day| Some((day, reminder_on(&calendar, due, date(2021, 11, day))?)))
            .collect();
        let expected = [(11, "before"), (16, "after1"), (19, "after4"), (23, "after8")];
        assert_eq!(told, expected.map(|(day, name)| (day, name.to_owned())));
    }
}
