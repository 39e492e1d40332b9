//! What is asked in a sitting: each question within the opening's scope, in words for the access log that name
//! nobody.

use domain::{opening::QuestionKind, time::Millis};
use exposure::Span;
use serde::{Deserialize, Serialize};

/// A question, with everything that its answer depends on. Persons are left out where it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Question {
    /// Contacts of the case, or of one of the persons it may be.
    Contacts {
        /// The one person; all of the case's where there is none.
        #[serde(skip)]
        person: Option<u64>,
        /// That person's name; empty for all.
        who: String,
        /// Least minutes together.
        minutes: u32,
        /// Most people listed.
        listed: usize,
    },
    /// Contacts of contacts.
    Generations {
        /// Least minutes together with the generation before.
        minutes: u32,
        /// How many generations.
        generations: usize,
        /// Hours until a person can infect others.
        latency_hours: u32,
        /// Most people listed of each.
        listed: usize,
    },
    /// Places ranked by exposure.
    Places {
        /// Least minutes a person must have shared at a place.
        minutes: u32,
        /// Most places listed.
        listed: usize,
    },
    /// Who was at a place then.
    Present {
        /// The place.
        place_id: i64,
        /// The engine's number of it.
        #[serde(skip)]
        number: u32,
        /// Its name.
        place: String,
        /// From.
        from_at: Millis,
        /// Until, not included.
        until_at: Millis,
        /// Most stays listed.
        listed: usize,
    },
    /// A chain of meetings from one case to another.
    Chain {
        /// The other case.
        case_id: i64,
        /// Its code.
        code: String,
        /// Its persons.
        #[serde(skip)]
        persons: Vec<u64>,
        /// When the other case was infectious, where the chain is to begin there.
        #[serde(skip)]
        window: Option<Span>,
        /// From the other case to this one, and not from this one to the other.
        reversed: bool,
        /// Least minutes of each meeting.
        minutes: u32,
        /// Hours until a person can infect others.
        latency_hours: u32,
    },
    /// Where a person was.
    Timeline {
        /// The persons' ids: the case's, or one contact's.
        #[serde(skip)]
        persons: Vec<u64>,
        /// True for the case itself.
        own: bool,
    },
}

impl Question {
    /// The kind that the scope must name; `None` for what belongs to every scope.
    #[must_use]
    pub const fn kind(&self) -> QuestionKind {
        match self {
            Self::Contacts { .. } | Self::Timeline { own: true, .. } => QuestionKind::Contacts,
            Self::Generations { .. } => QuestionKind::Generations,
            Self::Places { .. } | Self::Present { .. } => QuestionKind::Places,
            Self::Chain { .. } => QuestionKind::Chains,
            Self::Timeline { own: false, .. } => QuestionKind::Timelines,
        }
    }

    /// Whom the question is about, whose index the access log keeps.
    #[must_use]
    pub fn about(&self, case: &[u64]) -> Vec<u64> {
        match self {
            Self::Timeline { persons, own: false } => persons.clone(),
            Self::Chain { persons, .. } => case.iter().chain(persons).copied().collect(),
            _ => case.to_vec(),
        }
    }

    /// The question as the access log tells it: limits and days, nobody's name.
    #[must_use]
    pub fn log_text(&self) -> String {
        match self {
            Self::Contacts { person, minutes, listed, .. } => {
                let who = if person.is_some() { "one person" } else { "all persons" };
                format!("contacts of {who} of the case, minutes {minutes}, listed {listed}")
            }
            Self::Generations { minutes, generations, latency_hours, listed } => format!(
                "generations {generations}, minutes {minutes}, latency hours {latency_hours}, listed {listed} each"
            ),
            Self::Places { minutes, listed } => format!("places, minutes {minutes}, listed {listed}"),
            Self::Present { place_id, from_at, until_at, listed, .. } => {
                format!("present at place {place_id} from {from_at} until {until_at}, listed {listed}")
            }
            Self::Chain { case_id, reversed, minutes, latency_hours, .. } => {
                let way = if *reversed { "from" } else { "to" };
                format!("chain {way} case {case_id}, minutes {minutes}, latency hours {latency_hours}")
            }
            Self::Timeline { own: true, .. } => "timeline of the case".to_owned(),
            Self::Timeline { own: false, .. } => "timeline of one contact".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_never_names_anybody_and_each_question_has_its_kind() {
        let contact = Question::Timeline { persons: vec![0x1234_5678_9abc], own: false };
        assert_eq!(contact.kind(), QuestionKind::Timelines);
        assert_eq!(contact.about(&[7]), [0x1234_5678_9abc]);
        assert!(!contact.log_text().contains("1234"));
        let named =
            Question::Contacts { person: Some(7), who: "Tran Van Ca".to_owned(), minutes: 15, listed: 9 };
        assert_eq!(named.kind(), QuestionKind::Contacts);
        assert_eq!(named.log_text(), "contacts of one person of the case, minutes 15, listed 9");
        assert_eq!(Question::Timeline { persons: vec![7], own: true }.kind(), QuestionKind::Contacts);
    }

    #[test]
    fn a_kept_question_holds_no_person() {
        let question = Question::Timeline { persons: vec![0xdead_beef], own: false };
        let text = serde_json::to_string(&question).unwrap_or_default();
        assert_eq!(text, r#"{"of":"timeline","own":false}"#);
    }
}
