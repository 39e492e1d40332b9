//! Support tickets: why one is raised, the way it goes, who answers, and when it is late.

use jiff::civil::Date;

use crate::{admin_unit::UnitTree, calendar::Calendar};

/// Working days within which an office acknowledges a ticket.
pub const ACKNOWLEDGE_DAYS: u32 = 2;
/// Days after which a solved ticket closes by itself.
pub const CLOSE_DAYS: i64 = 7;
/// Days after its end within which a ticket may be reopened.
pub const REOPEN_DAYS: i64 = 30;

/// Why somebody asks for help: what went wrong with such systems elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No network at the door.
    NoNetwork,
    /// Visitors' phones are too old to read the code.
    PhoneTooOld,
    /// The poster is lost, damaged, of another place or no longer in force.
    PosterDeadOrWrong,
    /// Codes of other systems hang at the door or are shown.
    ForeignCode,
    /// The browser may not use the camera.
    CameraDenied,
    /// The gate's device is lost or broken.
    GateDeviceLost,
    /// The queue at the door is too long.
    QueueTooLong,
    /// People refuse to scan.
    PeopleRefuse,
    /// Nobody stands at the door to help.
    NobodyToGuide,
    /// A card cannot be read.
    CardNotRead,
    /// A device's clock or a scan's time is wrong.
    WrongTime,
    /// Worry about who sees the data.
    DataWorry,
    /// One-time codes or messages do not arrive.
    SmsNotArriving,
    /// A list cannot be taken in.
    ImportTrouble,
    /// A registered place still waits for its commune.
    ApprovalSlow,
    /// Something else.
    Other,
}

impl Reason {
    /// Every reason, in the order of a form.
    pub const ALL: [Self; 16] = [
        Self::PosterDeadOrWrong,
        Self::NoNetwork,
        Self::CameraDenied,
        Self::CardNotRead,
        Self::PhoneTooOld,
        Self::GateDeviceLost,
        Self::QueueTooLong,
        Self::PeopleRefuse,
        Self::NobodyToGuide,
        Self::ForeignCode,
        Self::WrongTime,
        Self::DataWorry,
        Self::SmsNotArriving,
        Self::ApprovalSlow,
        Self::ImportTrouble,
        Self::Other,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoNetwork => "no_network",
            Self::PhoneTooOld => "phone_too_old",
            Self::PosterDeadOrWrong => "poster_dead_or_wrong",
            Self::ForeignCode => "foreign_code",
            Self::CameraDenied => "camera_denied",
            Self::GateDeviceLost => "gate_device_lost",
            Self::QueueTooLong => "queue_too_long",
            Self::PeopleRefuse => "people_refuse",
            Self::NobodyToGuide => "nobody_to_guide",
            Self::CardNotRead => "card_not_read",
            Self::WrongTime => "wrong_time",
            Self::DataWorry => "data_worry",
            Self::SmsNotArriving => "sms_not_arriving",
            Self::ImportTrouble => "import_trouble",
            Self::ApprovalSlow => "approval_slow",
            Self::Other => "other",
        }
    }

    /// The reason of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The guide that helps first, by its name in the address.
    #[must_use]
    pub const fn guide(self) -> &'static str {
        match self {
            Self::NoNetwork => "gate-offline",
            Self::PosterDeadOrWrong | Self::ApprovalSlow | Self::SmsNotArriving => "owner",
            Self::ForeignCode | Self::CardNotRead | Self::PhoneTooOld | Self::CameraDenied => "code-trouble",
            Self::GateDeviceLost | Self::QueueTooLong | Self::WrongTime => "gate",
            Self::PeopleRefuse | Self::DataWorry => "privacy",
            Self::NobodyToGuide => "visitor-no-phone",
            Self::ImportTrouble => "commune-week",
            Self::Other => "visitor",
        }
    }

    /// True for reasons that only an office can have, not the owner of a place.
    #[must_use]
    pub const fn is_of_office(self) -> bool {
        matches!(self, Self::ImportTrouble)
    }
}

/// How a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nobody has taken it.
    New,
    /// Somebody works at it.
    Taken,
    /// The office asked the asker something.
    WaitingForAsker,
    /// Solved, as the office says.
    Solved,
    /// Closed, by the asker or by itself.
    Closed,
}

impl State {
    /// Every state, in the order of a ticket's life.
    pub const ALL: [Self; 5] = [Self::New, Self::Taken, Self::WaitingForAsker, Self::Solved, Self::Closed];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Taken => "taken",
            Self::WaitingForAsker => "waiting_for_asker",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    /// The state of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// True while somebody still has to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Taken | Self::WaitingForAsker)
    }
}

/// What somebody does with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The office takes it.
    Take,
    /// The office answers and goes on working.
    Answer,
    /// The office asks the asker.
    Ask,
    /// The asker adds something.
    Reply,
    /// The office says that it is solved.
    Solve,
    /// The asker says that it is settled.
    Close,
    /// The asker says that it is not.
    Reopen,
    /// The office hands it up, with a reason.
    Escalate,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 8] = [
        Self::Take,
        Self::Answer,
        Self::Ask,
        Self::Reply,
        Self::Solve,
        Self::Close,
        Self::Reopen,
        Self::Escalate,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Answer => "answer",
            Self::Ask => "ask",
            Self::Reply => "reply",
            Self::Solve => "solve",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Escalate => "escalate",
        }
    }

    /// The act of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    /// True for what the office does, false for what the asker does.
    #[must_use]
    pub const fn is_of_office(self) -> bool {
        matches!(self, Self::Take | Self::Answer | Self::Ask | Self::Solve | Self::Escalate)
    }

    /// True for acts that are nothing without words.
    #[must_use]
    pub const fn needs_words(self) -> bool {
        !matches!(self, Self::Take | Self::Close)
    }

    /// The state after the act; `None` when it is not for this state.
    #[must_use]
    pub const fn after(self, state: State) -> Option<State> {
        match (self, state) {
            (Self::Take, State::New) => Some(State::Taken),
            (Self::Answer, State::New | State::Taken | State::WaitingForAsker) => Some(State::Taken),
            (Self::Ask, State::New | State::Taken | State::WaitingForAsker) => Some(State::WaitingForAsker),
            (Self::Reply, State::New) => Some(State::New),
            (Self::Reply, State::Taken | State::WaitingForAsker) => Some(State::Taken),
            (Self::Solve, State::New | State::Taken | State::WaitingForAsker) => Some(State::Solved),
            (Self::Close, State::New | State::Taken | State::WaitingForAsker | State::Solved) => {
                Some(State::Closed)
            }
            (Self::Reopen, State::Solved | State::Closed) => Some(State::New),
            (Self::Escalate, State::New | State::Taken | State::WaitingForAsker) => Some(State::New),
            _ => None,
        }
    }
}

/// The day by which a ticket that came on `day` is to be acknowledged.
#[must_use]
pub fn acknowledge_by(calendar: &Calendar, day: Date) -> Date {
    calendar.after(day, ACKNOWLEDGE_DAYS)
}

/// The office that helps everybody: Sở TTTT, or the top of the tree where there is none of the name.
#[must_use]
pub fn help_office(tree: &UnitTree) -> Option<i64> {
    let named = tree.valid().find(|unit| unit.level == "department" && unit.code.ends_with("-STTTT"));
    named.or_else(|| tree.tops().next()).map(|unit| unit.id)
}

/// The office to which an office hands a ticket up: a commune to its district, everybody else to
/// [`help_office`]; `None` when there is nobody above.
#[must_use]
pub fn office_above(tree: &UnitTree, office: i64) -> Option<i64> {
    let parent = tree.get(office)?.parent_id.and_then(|id| tree.get(id));
    let above = match parent {
        Some(parent) if parent.level == "district" => Some(parent.id),
        _ => help_office(tree),
    };
    above.filter(|id| *id != office)
}

/// The office that a ticket goes to first: the commune for an owner's, the office above for an office's own.
#[must_use]
pub fn first_office(tree: &UnitTree, unit: i64, by_owner: bool) -> i64 {
    if by_owner { unit } else { office_above(tree, unit).unwrap_or(unit) }
}

/// The middle one of some durations in hours, rounded to whole hours; `None` for none.
#[must_use]
pub fn median_hours(mut spans_ms: Vec<i64>) -> Option<i64> {
    spans_ms.sort_unstable();
    let middle = spans_ms.len() / 2;
    let upper = *spans_ms.get(middle)?;
    let middle_ms = match spans_ms.len() % 2 {
        0 => i64::midpoint(*spans_ms.get(middle - 1)?, upper),
        _ => upper,
    };
    Some((middle_ms + 1_800_000) / 3_600_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin_unit::AdminUnit;
    use jiff::civil::date;

    fn unit(id: i64, parent_id: Option<i64>, level: &str, code: &str) -> AdminUnit {
        AdminUnit {
            id,
            code: code.to_owned(),
            parent_id,
            level: level.to_owned(),
            kind: String::new(),
            name: code.to_owned(),
            full_name: code.to_owned(),
            valid_from_on: "2021-01-01".to_owned(),
            valid_until_on: None,
        }
    }

    fn tree() -> UnitTree {
        let units = vec![
            unit(1, None, "province", "66"),
            unit(2, Some(1), "district", "643"),
            unit(3, Some(2), "commune", "24121"),
            unit(4, Some(1), "department", "66-STTTT"),
            unit(5, Some(1), "department", "66-SYT"),
            unit(6, Some(1), "commune", "99"),
        ];
        UnitTree::on(units, "2021-11-10")
    }

    #[test]
    fn codes_round_trip_and_are_told_apart() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
        for act in Act::ALL {
            assert_eq!(Act::from_code(act.code()), Some(act));
        }
    }

    #[test]
    fn nothing_is_done_to_a_closed_ticket_but_reopening() {
        for act in Act::ALL {
            assert_eq!(act.after(State::Closed).is_some(), act == Act::Reopen, "{act:?}");
        }
        assert_eq!(Act::Take.after(State::Taken), None);
        assert_eq!(Act::Reopen.after(State::Taken), None);
    }

    #[test]
    fn a_reply_wakes_a_waiting_ticket_and_an_escalation_makes_it_new() {
        assert_eq!(Act::Reply.after(State::WaitingForAsker), Some(State::Taken));
        assert_eq!(Act::Escalate.after(State::Taken), Some(State::New));
    }

    #[test]
    fn tickets_go_up_the_tree_and_stop_at_the_top() {
        let tree = tree();
        assert_eq!(office_above(&tree, 3), Some(2));
        assert_eq!(office_above(&tree, 2), Some(4));
        assert_eq!(office_above(&tree, 5), Some(4));
        assert_eq!(office_above(&tree, 6), Some(4));
        assert_eq!(office_above(&tree, 4), None);
        assert_eq!(first_office(&tree, 3, true), 3);
        assert_eq!(first_office(&tree, 3, false), 2);
        assert_eq!(first_office(&tree, 4, false), 4);
    }

    #[test]
    fn a_weekend_does_not_make_an_office_late() {
        let friday = date(2021, 11, 12);
        assert_eq!(acknowledge_by(&Calendar::default(), friday), date(2021, 11, 16));
    }

    #[test]
    fn the_median_is_the_middle() {
        const HOUR: i64 = 3_600_000;
        assert_eq!(median_hours(vec![]), None);
        assert_eq!(median_hours(vec![5 * HOUR]), Some(5));
        assert_eq!(median_hours(vec![HOUR, 100 * HOUR, 3 * HOUR]), Some(3));
        assert_eq!(median_hours(vec![HOUR, 4 * HOUR]), Some(3));
    }
}
