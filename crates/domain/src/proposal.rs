//! A proposal's way: raised by a unit, given a handling by Sở TTTT, decided by the Committee, carried out by an office.

use jiff::civil::Date;

/// Where a proposal stands. One that was merged stands where the one it went into stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Raised by a unit, or merged from several.
    Raised,
    /// Sở TTTT wrote how it should be handled.
    HandlingProposed,
    /// Lies before the Committee.
    Sent,
    /// The Committee asks for more; Sở TTTT answers and sends again.
    MoreInformation,
    /// Accepted, wholly or in part: an office carries it out by a day.
    InHand,
    /// The Committee refused.
    Refused,
    /// Carried out.
    Done,
}

/// What the Committee says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// As proposed.
    Accepted,
    /// In part; the answer says which.
    Partly,
    /// Not.
    Refused,
    /// Not yet: more is wanted.
    MoreInformation,
}

/// What somebody does to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Sở TTTT writes or changes the handling.
    ProposeHandling,
    /// Sở TTTT sends it to the Committee.
    Send,
    /// The Committee decides.
    Decide(Decision),
    /// The office in charge, or Sở TTTT, reports it carried out.
    Finish,
}

impl State {
    /// Every state, in the order of the way.
    pub const ALL: [Self; 7] = [
        Self::Raised,
        Self::HandlingProposed,
        Self::Sent,
        Self::MoreInformation,
        Self::InHand,
        Self::Refused,
        Self::Done,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::HandlingProposed => "handling_proposed",
            Self::Sent => "sent",
            Self::MoreInformation => "more_information",
            Self::InHand => "in_hand",
            Self::Refused => "refused",
            Self::Done => "done",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Raised => "Mới nêu",
            Self::HandlingProposed => "Đã có hướng xử lý",
            Self::Sent => "Đang trình UBND tỉnh",
            Self::MoreInformation => "UBND tỉnh yêu cầu bổ sung",
            Self::InHand => "Đang thực hiện",
            Self::Refused => "Không chấp thuận",
            Self::Done => "Đã xong",
        }
    }

    /// The state of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The state after a step; none when the step is not open from here.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<Self> {
        Some(match (self, step) {
            (Self::Raised | Self::HandlingProposed, Step::ProposeHandling) => Self::HandlingProposed,
            (Self::MoreInformation, Step::ProposeHandling) => Self::MoreInformation,
            (Self::HandlingProposed | Self::MoreInformation, Step::Send) => Self::Sent,
            (Self::Sent, Step::Decide(decision)) => match decision {
                Decision::Accepted | Decision::Partly => Self::InHand,
                Decision::Refused => Self::Refused,
                Decision::MoreInformation => Self::MoreInformation,
            },
            (Self::InHand, Step::Finish) => Self::Done,
            _ => return None,
        })
    }

    /// True while it can still be merged with another or taken apart: before the Committee has it.
    #[must_use]
    pub const fn is_mergeable(self) -> bool {
        matches!(self, Self::Raised | Self::HandlingProposed)
    }

    /// True when it is carried out by nobody by the day promised.
    #[must_use]
    pub fn is_overdue(self, due: Option<Date>, today: Date) -> bool {
        matches!(self, Self::InHand) && due.is_some_and(|due| due < today)
    }
}

impl Decision {
    /// Every decision, in the order shown.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Partly, Self::Refused, Self::MoreInformation];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Partly => "partly",
            Self::Refused => "refused",
            Self::MoreInformation => "more_information",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "Chấp thuận",
            Self::Partly => "Chấp thuận một phần",
            Self::Refused => "Không chấp thuận",
            Self::MoreInformation => "Yêu cầu bổ sung",
        }
    }

    /// The decision of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.code() == code)
    }

    /// True when an office in charge and a day must be named.
    #[must_use]
    pub const fn needs_office(self) -> bool {
        matches!(self, Self::Accepted | Self::Partly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const STEPS: [Step; 7] = [
        Step::ProposeHandling,
        Step::Send,
        Step::Decide(Decision::Accepted),
        Step::Decide(Decision::Partly),
        Step::Decide(Decision::Refused),
        Step::Decide(Decision::MoreInformation),
        Step::Finish,
    ];

    #[test]
    fn the_whole_way() {
        let mut state = State::Raised;
        for (step, next) in [
            (Step::ProposeHandling, State::HandlingProposed),
            (Step::Send, State::Sent),
            (Step::Decide(Decision::MoreInformation), State::MoreInformation),
            (Step::ProposeHandling, State::MoreInformation),
            (Step::Send, State::Sent),
            (Step::Decide(Decision::Partly), State::InHand),
            (Step::Finish, State::Done),
        ] {
            assert_eq!(state.after(step), Some(next));
            state = next;
        }
    }

    #[test]
    fn nothing_is_decided_before_it_was_sent_and_nothing_leaves_the_end() {
        for state in State::ALL {
            for step in STEPS {
                if matches!(step, Step::Decide(_)) {
                    assert_eq!(state.after(step).is_some(), state == State::Sent, "{state:?} {step:?}");
                }
                assert!(!matches!(state, State::Refused | State::Done) || state.after(step).is_none());
            }
        }
    }

    #[test]
    fn only_what_is_in_hand_is_overdue() {
        let due = Some(date(2021, 11, 10));
        assert!(State::InHand.is_overdue(due, date(2021, 11, 11)));
        assert!(!State::InHand.is_overdue(due, date(2021, 11, 10)));
        assert!(!State::Done.is_overdue(due, date(2021, 11, 11)));
        assert!(!State::InHand.is_overdue(None, date(2021, 11, 11)));
    }

    #[test]
    fn codes_round_trip() {
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
        assert!(Decision::ALL.iter().all(|one| Decision::from_code(one.code()) == Some(*one)));
    }
}
