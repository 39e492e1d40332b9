//! A sitting: the time in which an opening's index lies in memory and may be asked, and when it ends.

use crate::time::Millis;

/// Milliseconds without a question or a look after which a sitting ends (3-sealed-log, Opening: 30 minutes idle).
pub const IDLE_MS: Millis = 30 * 60_000;
/// Milliseconds after which it ends whatever is asked (3-sealed-log, Opening: 8 hours at most).
pub const LONGEST_MS: Millis = 8 * 3_600_000;

/// Why a sitting ended, or never began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SittingEnd {
    /// Nobody asked or looked for [`IDLE_MS`].
    Idle,
    /// It had lasted [`LONGEST_MS`].
    Limit,
    /// A tracer, an approver or a key officer closed it.
    Hand,
    /// Another opening of the same case took its place.
    Replaced,
    /// The server stopped; what lay in its memory is gone.
    Restart,
    /// It never began: the server held as many as it may.
    Full,
}

impl SittingEnd {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Idle, Self::Limit, Self::Hand, Self::Replaced, Self::Restart, Self::Full];

    /// Stable code, as stored and logged.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Limit => "limit",
            Self::Hand => "hand",
            Self::Replaced => "replaced",
            Self::Restart => "restart",
            Self::Full => "full",
        }
    }

    /// The reason of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.code() == code)
    }

    /// What the tracer is told; Vietnamese, translated by the catalogue.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Idle => "Phiên hỏi đã tự đóng sau 30 phút không ai hỏi hoặc xem gì.",
            Self::Limit => "Phiên hỏi đã tự đóng vì đã đủ 8 giờ.",
            Self::Hand => "Phiên hỏi đã được đóng bằng tay.",
            Self::Replaced => "Phiên hỏi trước đã đóng vì ca này được mở lại.",
            Self::Restart => {
                "Phiên hỏi đã mất vì máy chủ khởi động lại; dữ liệu của phiên chỉ nằm trong bộ nhớ."
            }
            Self::Full => {
                "Chưa mở được phiên hỏi vì máy chủ đang giữ đủ số phiên cho phép. Danh sách F1 vẫn có ở đây; hãy đóng phiên khác rồi xin mở lại."
            }
        }
    }
}

/// Why a sitting is over by now; `None` while it goes on.
#[must_use]
pub fn due(began_at: Millis, last_used_at: Millis, now: Millis) -> Option<SittingEnd> {
    if now - began_at >= LONGEST_MS {
        Some(SittingEnd::Limit)
    } else if now - last_used_at >= IDLE_MS {
        Some(SittingEnd::Idle)
    } else {
        None
    }
}

/// When a sitting ends if nothing more is asked.
#[must_use]
pub fn closes_at(began_at: Millis, last_used_at: Millis) -> Millis {
    (last_used_at + IDLE_MS).min(began_at + LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Millis = 1_636_509_600_000;

    #[test]
    fn it_ends_when_idle_and_after_eight_hours_whatever_is_asked() {
        assert_eq!(due(BEGAN, BEGAN, BEGAN + IDLE_MS - 1), None);
        assert_eq!(due(BEGAN, BEGAN, BEGAN + IDLE_MS), Some(SittingEnd::Idle));
        let used = BEGAN + LONGEST_MS - 1;
        assert_eq!(due(BEGAN, used, used), None);
        assert_eq!(due(BEGAN, used, BEGAN + LONGEST_MS), Some(SittingEnd::Limit));
        assert_eq!(closes_at(BEGAN, BEGAN), BEGAN + IDLE_MS);
        assert_eq!(closes_at(BEGAN, used), BEGAN + LONGEST_MS);
    }

    #[test]
    fn codes_come_back() {
        for end in SittingEnd::ALL {
            assert_eq!(SittingEnd::from_code(end.code()), Some(end));
        }
        assert_eq!(SittingEnd::from_code("other"), None);
    }
}
