//! Difficulties and proposals as units raise them: a coded kind and free words, and which of them look alike.

use std::collections::BTreeSet;

use crate::name::fold;

/// What an item is about. The list follows what units wrote in 2021 (Bắc Kạn, Hà Nội, Đắk Lắk).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// People without a smartphone.
    NoPhone,
    /// No or weak network.
    Network,
    /// People are not willing or do not know how.
    People,
    /// Owners of places do not register or do not hang the code.
    Owners,
    /// Too few officers or too little time.
    Staff,
    /// No money for printing, devices, cards.
    Money,
    /// Devices: readers, printers, tablets.
    Devices,
    /// The system itself: slow, wrong, hard to use.
    System,
    /// Rules or directions that are missing or unclear.
    Rules,
    /// Handling of places that do not comply.
    Sanctions,
    /// Anything else.
    Other,
}

impl Topic {
    /// Every topic, in the order shown.
    pub const ALL: [Self; 11] = [
        Self::NoPhone,
        Self::Network,
        Self::People,
        Self::Owners,
        Self::Staff,
        Self::Money,
        Self::Devices,
        Self::System,
        Self::Rules,
        Self::Sanctions,
        Self::Other,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoPhone => "no_phone",
            Self::Network => "network",
            Self::People => "people",
            Self::Owners => "owners",
            Self::Staff => "staff",
            Self::Money => "money",
            Self::Devices => "devices",
            Self::System => "system",
            Self::Rules => "rules",
            Self::Sanctions => "sanctions",
            Self::Other => "other",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoPhone => "Người dân không có điện thoại thông minh",
            Self::Network => "Mạng yếu hoặc không có mạng",
            Self::People => "Người dân chưa quen, chưa tự giác quét",
            Self::Owners => "Chủ địa điểm chưa đăng ký, chưa dán mã",
            Self::Staff => "Thiếu người, thiếu thời gian",
            Self::Money => "Thiếu kinh phí",
            Self::Devices => "Thiếu máy quét, máy in, thiết bị",
            Self::System => "Hệ thống khó dùng hoặc có lỗi",
            Self::Rules => "Quy định, hướng dẫn chưa rõ",
            Self::Sanctions => "Xử lý nơi không chấp hành",
            Self::Other => "Nội dung khác",
        }
    }

    /// The topic of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }
}

/// Share of common words from which two items of one topic are shown as likely the same.
pub const ALIKE_SHARE: f64 = 0.4;

/// Most items compared with one another at once; every pair is looked at.
pub const COMPARED_MAX: usize = 600;

/// Folded words of a text, without those of one letter.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation())
        .map(fold)
        .filter(|word| word.chars().count() > 1)
        .collect()
}

/// Share of words that two texts have in common, of all words of either: 0 to 1; 0 for texts without words.
#[must_use]
pub fn likeness(a: &str, b: &str) -> f64 {
    share(&words(a), &words(b))
}

fn share(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    #[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
    let share = if all == 0 { 0.0 } else { common as f64 / all as f64 };
    share
}

/// Groups of items that look alike: same topic, and each like the first of its group. Positions in the given list,
/// groups of one left out. Only the first [`COMPARED_MAX`] items are compared.
#[must_use]
pub fn alike(items: &[(&str, &str)]) -> Vec<Vec<usize>> {
    let folded: Vec<(&str, BTreeSet<String>)> =
        items.iter().take(COMPARED_MAX).map(|(topic, text)| (*topic, words(text))).collect();
    let mut taken = vec![false; folded.len()];
    let mut groups = Vec::new();
    for first in 0..folded.len() {
        if taken[first] {
            continue;
        }
        let (topic, of_first) = &folded[first];
        let mut group = vec![first];
        for other in first + 1..folded.len() {
            let (other_topic, of_other) = &folded[other];
            if !taken[other] && topic == other_topic && share(of_first, of_other) >= ALIKE_SHARE {
                taken[other] = true;
                group.push(other);
            }
        }
        if group.len() > 1 {
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_said_otherwise_is_alike() {
        let items = [
            ("network", "Sóng di động yếu tại buôn Ea Tar"),
            ("network", "song di dong YẾU tai buon Ea Sin."),
            ("money", "Sóng di động yếu tại buôn Ea Tar"),
            ("network", "Chưa có kinh phí in thẻ cho người già"),
        ];
        assert_eq!(alike(&items), [vec![0, 1]]);
        assert!(likeness(items[0].1, items[1].1) > 0.6);
        assert!(likeness("", "").abs() < f64::EPSILON);
    }

    #[test]
    fn each_item_is_in_one_group_at_most() {
        let items = vec![("other", "Thiếu máy quét ở chợ"); 5];
        assert_eq!(alike(&items), [vec![0, 1, 2, 3, 4]]);
    }

    #[test]
    fn codes_round_trip() {
        assert!(Topic::ALL.iter().all(|topic| Topic::from_code(topic.code()) == Some(*topic)));
    }
}
