//! What an opening may be asked for, and its exact scope in a canonical text that the approval is bound to.

use jiff::civil::Date;

/// Purposes for which sealed rows may be read: a closed list, with none for crime (3-sealed-log, Opening).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Trace the contacts of a confirmed case.
    TraceContacts,
    /// Trace the contacts of a suspected case while its test is pending.
    TraceSuspected,
    /// Drill with a made-up person.
    Drill,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::TraceContacts, Self::TraceSuspected, Self::Drill];

    /// Stable code, as stored and hashed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TraceContacts => "trace_contacts",
            Self::TraceSuspected => "trace_suspected",
            Self::Drill => "drill",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::TraceContacts => "Truy vết người tiếp xúc của ca bệnh (F0)",
            Self::TraceSuspected => "Truy vết người tiếp xúc của ca nghi mắc",
            Self::Drill => "Diễn tập",
        }
    }

    /// The purpose of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// What may be asked of the data that an opening reads. Each kind shows other people, so the scope names it and
/// the approver sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionKind {
    /// Contacts of the index person, and where that person was. Belongs to every scope.
    Contacts,
    /// Contacts of contacts, and so on.
    Generations,
    /// Places ranked by exposure, and who was at a place of the index person then.
    Places,
    /// Chains of meetings between this case and another.
    Chains,
    /// Where a contact was in the days of the scope.
    Timelines,
}

impl QuestionKind {
    /// Every kind, in the order of the canonical text.
    pub const ALL: [Self; 5] =
        [Self::Contacts, Self::Generations, Self::Places, Self::Chains, Self::Timelines];

    /// Stable code, as hashed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Contacts => "f1",
            Self::Generations => "generations",
            Self::Places => "places",
            Self::Chains => "chains",
            Self::Timelines => "timelines",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Contacts => "Người tiếp xúc (F1) và lịch trình của người bệnh",
            Self::Generations => "F2 và các đời sau",
            Self::Places => "Địa điểm phơi nhiễm, và ai đã ở đó cùng khung giờ",
            Self::Chains => "Đường lây giữa ca này và ca khác",
            Self::Timelines => "Lịch trình của một người tiếp xúc",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Most days that one scope may span.
pub const SCOPE_DAYS_MAX: i64 = 28;
/// Most person ids in one scope (one person may have several).
pub const SCOPE_PERSONS_MAX: usize = 50;

/// Whose movements, and of which event days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Case.
    pub case_id: i64,
    /// Purpose.
    pub purpose: Purpose,
    /// Random ids of the index person, ascending.
    pub persons: Vec<u64>,
    /// First event day.
    pub from: Date,
    /// Day after the last event day.
    pub until: Date,
    /// What may be asked, ascending; [`QuestionKind::Contacts`] always.
    pub kinds: Vec<QuestionKind>,
}

/// Why a scope cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// No person.
    #[error("the scope names nobody")]
    Nobody,
    /// Too many persons.
    #[error("the scope names more than {SCOPE_PERSONS_MAX} person ids")]
    TooManyPersons,
    /// No day, or too many.
    #[error("the scope must span 1 to {SCOPE_DAYS_MAX} days")]
    Days,
    /// Text that is no scope.
    #[error("not a scope")]
    Unreadable,
}

impl Scope {
    /// Checks limits and puts persons and kinds of question in order.
    ///
    /// # Errors
    /// When nobody or too many are named, or the days are none or too many.
    pub fn checked(mut self) -> Result<Self, ScopeError> {
        self.persons.sort_unstable();
        self.persons.dedup();
        self.kinds.push(QuestionKind::Contacts);
        self.kinds.sort_unstable();
        self.kinds.dedup();
        let days = crate::time::day_number(self.until) - crate::time::day_number(self.from);
        match self.persons.len() {
            0 => Err(ScopeError::Nobody),
            count if count > SCOPE_PERSONS_MAX => Err(ScopeError::TooManyPersons),
            _ if !(1..=SCOPE_DAYS_MAX).contains(&days) => Err(ScopeError::Days),
            _ => Ok(self),
        }
    }

    /// True when the scope allows such a question.
    #[must_use]
    pub fn allows(&self, kind: QuestionKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// The canonical text; its hash is what the approver approves. A scope of contacts alone has the text that
    /// it had before other questions could be asked (`v1`), so that what was approved then still stands.
    #[must_use]
    pub fn to_text(&self) -> String {
        let persons: Vec<String> = self.persons.iter().map(|person| format!("{person:016x}")).collect();
        let rest = format!(
            "case={} purpose={} from={} until={} persons={}",
            self.case_id,
            self.purpose.code(),
            self.from,
            self.until,
            persons.join(",")
        );
        if self.kinds == [QuestionKind::Contacts] {
            return format!("v1 {rest}");
        }
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.code()).collect();
        format!("v2 {rest} ask={}", kinds.join(","))
    }

    /// Reads a canonical text back.
    ///
    /// # Errors
    /// When it is not one, or breaks a limit.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let (version, rest) = text.split_once(' ').ok_or(ScopeError::Unreadable)?;
        let (rest, kinds) = match version {
            "v1" => (rest, vec![QuestionKind::Contacts]),
            "v2" => with_kinds(rest)?,
            _ => return Err(ScopeError::Unreadable),
        };
        let mut parts = rest.split(' ');
        let mut next =
            |key: &str| parts.next().and_then(|part| part.strip_prefix(key)).ok_or(ScopeError::Unreadable);
        let scope = Self {
            kinds,
            case_id: next("case=")?.parse().map_err(|_| ScopeError::Unreadable)?,
            purpose: Purpose::from_code(next("purpose=")?).ok_or(ScopeError::Unreadable)?,
            from: next("from=")?.parse().map_err(|_| ScopeError::Unreadable)?,
            until: next("until=")?.parse().map_err(|_| ScopeError::Unreadable)?,
            persons: next("persons=")?
                .split(',')
                .map(|person| u64::from_str_radix(person, 16).map_err(|_| ScopeError::Unreadable))
                .collect::<Result<_, _>>()?,
        };
        if parts.next().is_some() {
            return Err(ScopeError::Unreadable);
        }
        scope.checked()
    }
}

/// Takes the kinds of question off the end of a text of the second version.
fn with_kinds(text: &str) -> Result<(&str, Vec<QuestionKind>), ScopeError> {
    let (rest, codes) = text.rsplit_once(" ask=").ok_or(ScopeError::Unreadable)?;
    let kinds = codes.split(',').map(|code| QuestionKind::from_code(code).ok_or(ScopeError::Unreadable));
    Ok((rest, kinds.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn scope() -> Scope {
        let purpose = Purpose::TraceContacts;
        let (from, until) = (date(2026, 11, 1), date(2026, 11, 15));
        Scope { case_id: 7, purpose, persons: vec![9, 3], from, until, kinds: Vec::new() }
    }

    #[test]
    fn the_text_round_trips_in_one_order() -> Result<(), ScopeError> {
        let scope = scope().checked()?;
        assert_eq!(Scope::parse(&scope.to_text())?, scope);
        assert!(scope.to_text().ends_with("persons=0000000000000003,0000000000000009"));
        Ok(())
    }

    #[test]
    fn a_scope_of_contacts_keeps_the_text_it_always_had() -> Result<(), ScopeError> {
        let text = "v1 case=7 purpose=trace_contacts from=2026-11-01 until=2026-11-15 \
                    persons=0000000000000003,0000000000000009";
        assert_eq!(scope().checked()?.to_text(), text);
        assert_eq!(Scope::parse(text)?.kinds, [QuestionKind::Contacts]);
        assert_eq!(Scope::parse(&format!("{text} ask=generations")), Err(ScopeError::Unreadable));
        Ok(())
    }

    #[test]
    fn further_questions_stand_in_the_text() -> Result<(), ScopeError> {
        let kinds = vec![QuestionKind::Timelines, QuestionKind::Generations];
        let wide = Scope { kinds, ..scope() }.checked()?;
        assert!(
            wide.to_text().starts_with("v2 ") && wide.to_text().ends_with(" ask=f1,generations,timelines")
        );
        assert_eq!(Scope::parse(&wide.to_text())?, wide);
        assert!(wide.allows(QuestionKind::Generations) && !wide.allows(QuestionKind::Places));
        let unknown = wide.to_text().replace("timelines", "everything");
        assert_eq!(Scope::parse(&unknown), Err(ScopeError::Unreadable));
        Ok(())
    }

    #[test]
    fn limits_hold() {
        assert_eq!(Scope { persons: vec![], ..scope() }.checked(), Err(ScopeError::Nobody));
        assert_eq!(Scope { until: date(2026, 11, 1), ..scope() }.checked(), Err(ScopeError::Days));
        assert_eq!(Scope { until: date(2026, 12, 1), ..scope() }.checked(), Err(ScopeError::Days));
        assert_eq!(
            Scope { persons: (0..51).collect(), ..scope() }.checked(),
            Err(ScopeError::TooManyPersons)
        );
        assert_eq!(Scope::parse("v1 case=1"), Err(ScopeError::Unreadable));
    }
}
