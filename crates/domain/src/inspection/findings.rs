//! What an inspection finds, coded; and the days a place has to mend it.

use jiff::civil::Date;

use crate::calendar::Calendar;

use super::{Answer, Answered, CodeVerdict, Item};

/// Share of people entering who scan below which it is a finding: half, so that bad luck of ten people is no finding.
const SCANNED_PERCENT_MIN: i64 = 50;

/// People counted at least before too little scanning is a finding.
const COUNTED_MIN: i64 = 10;

/// How soon a finding is to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nobody can scan properly here: 3 working days.
    Serious,
    /// Scanning is hindered: 5 working days.
    Middle,
    /// To be put in order: 10 working days.
    Light,
}

impl Severity {
    /// Working days to mend. Our rule, as no document sets one.
    #[must_use]
    pub const fn working_days(self) -> u32 {
        match self {
            Self::Serious => 3,
            Self::Middle => 5,
            Self::Light => 10,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingCode {
    /// An entrance without a poster.
    NoPosterAtEntrance,
    /// A poster of another place.
    CodeElsewhere,
    /// A code of another system hangs there.
    ForeignCode,
    /// A code that was retired hangs there.
    RetiredCode,
    /// A code that cannot be read.
    UnreadableCode,
    /// Printed too small.
    TooSmall,
    /// Hung too high.
    TooHigh,
    /// Nobody guides.
    NobodyGuiding,
    /// The gate's phone or reader does not work.
    ReaderBroken,
    /// No paper forms.
    NoPaperForm,
    /// Few of those who come in scan.
    NotScannedEnough,
}

impl FindingCode {
    /// All, gravest first.
    pub const ALL: [Self; 11] = [
        Self::NoPosterAtEntrance,
        Self::CodeElsewhere,
        Self::ForeignCode,
        Self::RetiredCode,
        Self::UnreadableCode,
        Self::TooSmall,
        Self::TooHigh,
        Self::NobodyGuiding,
        Self::ReaderBroken,
        Self::NoPaperForm,
        Self::NotScannedEnough,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoPosterAtEntrance => "no_poster_at_entrance",
            Self::CodeElsewhere => "code_elsewhere",
            Self::ForeignCode => "foreign_code",
            Self::RetiredCode => "retired_code",
            Self::UnreadableCode => "unreadable_code",
            Self::TooSmall => "too_small",
            Self::TooHigh => "too_high",
            Self::NobodyGuiding => "nobody_guiding",
            Self::ReaderBroken => "reader_broken",
            Self::NoPaperForm => "no_paper_form",
            Self::NotScannedEnough => "not_scanned_enough",
        }
    }

    /// In Vietnamese, as in minutes; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoPosterAtEntrance => "Có lối vào chưa dán áp phích",
            Self::CodeElsewhere => "Dán nhầm mã của nơi khác",
            Self::ForeignCode => "Dán mã của hệ thống khác",
            Self::RetiredCode => "Dán mã đã thu hồi",
            Self::UnreadableCode => "Mã hỏng, không đọc được",
            Self::TooSmall => "Mã in nhỏ hơn 15 × 15 cm",
            Self::TooHigh => "Áp phích dán cao quá 130 cm",
            Self::NobodyGuiding => "Không có người hướng dẫn khách quét",
            Self::ReaderBroken => "Điện thoại hoặc máy quét ở cổng không dùng được",
            Self::NoPaperForm => "Không có tờ giấy cho người không có điện thoại",
            Self::NotScannedEnough => "Dưới một nửa số người vào có quét mã",
        }
    }

    /// What the place is to do, in Vietnamese; the catalogue translates it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoPosterAtEntrance => "In và dán áp phích ở mọi lối vào, lối ra.",
            Self::CodeElsewhere | Self::ForeignCode | Self::RetiredCode => {
                "Gỡ tờ này, in và dán đúng mã đang dùng của cơ sở."
            }
            Self::UnreadableCode => "In lại áp phích, dán chỗ sáng, không bị che.",
            Self::TooSmall => "In lại khổ A4 đúng mẫu, mã mỗi cạnh từ 15 cm.",
            Self::TooHigh => "Dán lại để mép trên cách sàn không quá 130 cm.",
            Self::NobodyGuiding => "Cử người đứng ở cổng hướng dẫn khách quét.",
            Self::ReaderBroken => "Sửa hoặc thay điện thoại, máy quét ở cổng.",
            Self::NoPaperForm => "In tờ giấy từ trang của địa điểm và để sẵn ở cổng.",
            Self::NotScannedEnough => "Nhắc từng khách quét trước khi vào.",
        }
    }

    /// How soon it is to be mended.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::NoPosterAtEntrance
            | Self::CodeElsewhere
            | Self::ForeignCode
            | Self::RetiredCode
            | Self::UnreadableCode => Severity::Serious,
            Self::TooSmall | Self::TooHigh | Self::NobodyGuiding | Self::ReaderBroken => Severity::Middle,
            Self::NoPaperForm | Self::NotScannedEnough => Severity::Light,
        }
    }

    /// The day by which it is to be mended, when found on a day.
    #[must_use]
    pub fn due_on(self, found_on: Date, calendar: &Calendar) -> Date {
        calendar.after(found_on, self.severity().working_days())
    }

    /// The finding of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.code() == code)
    }

    const fn of_item(item: Item) -> Self {
        match item {
            Item::Poster => Self::NoPosterAtEntrance,
            Item::Size => Self::TooSmall,
            Item::Height => Self::TooHigh,
            Item::Guide => Self::NobodyGuiding,
            Item::Reader => Self::ReaderBroken,
            Item::Paper => Self::NoPaperForm,
        }
    }

    const fn of_verdict(verdict: CodeVerdict) -> Option<Self> {
        match verdict {
            CodeVerdict::Right => None,
            CodeVerdict::Elsewhere => Some(Self::CodeElsewhere),
            CodeVerdict::Retired => Some(Self::RetiredCode),
            CodeVerdict::Foreign => Some(Self::ForeignCode),
            CodeVerdict::Unreadable => Some(Self::UnreadableCode),
        }
    }
}

/// What a record shows: each code once with the note beside its question, gravest first. `entering` and `scanning`
/// are people counted in the same time.
#[must_use]
pub fn derive(
    answers: &[Answered],
    scans: &[CodeVerdict],
    entering: i64,
    scanning: i64,
) -> Vec<(FindingCode, String)> {
    let mut found: Vec<(FindingCode, String)> = Vec::new();
    let mut add = |code: FindingCode, note: &str| {
        if !found.iter().any(|(known, _)| *known == code) {
            found.push((code, note.to_owned()));
        }
    };
    for one in answers.iter().filter(|one| one.answer == Answer::No) {
        add(FindingCode::of_item(one.item), &one.note);
    }
    for code in scans.iter().filter_map(|verdict| FindingCode::of_verdict(*verdict)) {
        add(code, "");
    }
    if entering >= COUNTED_MIN && scanning * 100 < entering * SCANNED_PERCENT_MIN {
        add(FindingCode::NotScannedEnough, &format!("{scanning}/{entering}"));
    }
    found.sort_by_key(|(code, _)| *code);
    found
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what is missing")]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn answered(item: Item, answer: Answer) -> Answered {
        Answered { item, answer, note: format!("ghi chú {}", item.code()) }
    }

    #[test]
    fn every_no_and_every_wrong_code_is_one_finding() {
        let answers: Vec<_> = Item::ALL.iter().map(|item| answered(*item, Answer::No)).collect();
        let scans = [CodeVerdict::Right, CodeVerdict::Foreign, CodeVerdict::Foreign, CodeVerdict::Retired];
        let found = derive(&answers, &scans, 20, 9);
        let codes: Vec<_> = found.iter().map(|(code, _)| *code).collect();
        assert_eq!(
            codes,
            [
                FindingCode::NoPosterAtEntrance,
                FindingCode::ForeignCode,
                FindingCode::RetiredCode,
                FindingCode::TooSmall,
                FindingCode::TooHigh,
                FindingCode::NobodyGuiding,
                FindingCode::ReaderBroken,
                FindingCode::NoPaperForm,
                FindingCode::NotScannedEnough,
            ]
        );
        assert_eq!(found[0].1, "ghi chú poster");
        assert_eq!(found.last().unwrap().1, "9/20");
    }

    #[test]
    fn what_fits_or_does_not_apply_is_no_finding() {
        let answers = [answered(Item::Poster, Answer::Yes), answered(Item::Reader, Answer::NotApplicable)];
        assert!(derive(&answers, &[CodeVerdict::Right], 9, 0).is_empty(), "nine people say nothing");
        assert!(derive(&answers, &[], 10, 5).is_empty(), "half is enough");
        assert_eq!(derive(&answers, &[], 10, 4).len(), 1);
    }

    #[test]
    fn deadlines_count_working_days() {
        // Friday 12 November 2021.
        let (friday, calendar) = (date(2021, 11, 12), Calendar::default());
        assert_eq!(FindingCode::RetiredCode.due_on(friday, &calendar), date(2021, 11, 17));
        assert_eq!(FindingCode::TooHigh.due_on(friday, &calendar), date(2021, 11, 19));
        assert_eq!(FindingCode::NoPaperForm.due_on(friday, &calendar), date(2021, 11, 26));
        for code in FindingCode::ALL {
            assert_eq!(FindingCode::from_code(code.code()), Some(code));
        }
    }
}
