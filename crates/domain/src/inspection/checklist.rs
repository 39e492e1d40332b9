//! What an inspector answers at the door.

/// A question of the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// Every entrance has a poster.
    Poster,
    /// The printed code is at least 15 × 15 cm.
    Size,
    /// The poster's top is at most 130 cm from the floor.
    Height,
    /// Somebody guides those who come in.
    Guide,
    /// The gate's phone or reader works.
    Reader,
    /// Paper forms lie ready for those without a phone.
    Paper,
}

impl Item {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 6] =
        [Self::Poster, Self::Size, Self::Height, Self::Guide, Self::Reader, Self::Paper];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Size => "size",
            Self::Height => "height",
            Self::Guide => "guide",
            Self::Reader => "reader",
            Self::Paper => "paper",
        }
    }

    /// The question in Vietnamese; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Poster => "Mọi lối vào đều có áp phích",
            Self::Size => "Mã in mỗi cạnh từ 15 cm trở lên",
            Self::Height => "Mép trên áp phích cách sàn không quá 130 cm",
            Self::Guide => "Có người hướng dẫn khách quét",
            Self::Reader => "Điện thoại hoặc máy quét ở cổng dùng được",
            Self::Paper => "Có sẵn tờ giấy cho người không có điện thoại",
        }
    }

    /// The item of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.code() == code)
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not.
    No,
    /// The question does not fit this place.
    NotApplicable,
}

impl Answer {
    /// All.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::NotApplicable];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotApplicable => "na",
        }
    }

    /// In Vietnamese; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Yes => "Đạt",
            Self::No => "Chưa đạt",
            Self::NotApplicable => "Không áp dụng",
        }
    }

    /// The answer of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.code() == code)
    }
}

/// A question with its answer and what the inspector wrote beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub item: Item,
    /// The answer.
    pub answer: Answer,
    /// A note; may be empty.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for item in Item::ALL {
            assert_eq!(Item::from_code(item.code()), Some(item));
        }
        for answer in Answer::ALL {
            assert_eq!(Answer::from_code(answer.code()), Some(answer));
        }
        assert_eq!(Item::from_code("door"), None);
    }
}
