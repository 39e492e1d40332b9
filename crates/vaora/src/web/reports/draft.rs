//! What an officer types into a report: words and items, read from the form and checked.

use std::collections::HashSet;

use domain::difficulty::Topic;
use minijinja::{Value, context};
use store::{
    report_items::{ReportItem, TypedItem},
    reports::{Report, ReportWords},
};

use crate::{ids::new_id, page::Page, web::forms::Errors};

/// Longest text of one field, in characters.
pub const WORDS_MAX: usize = 3000;
/// Most difficulties and proposals of one report, together.
pub const ITEMS_MAX: usize = 40;
/// Empty rows offered of each kind.
const EMPTY_ROWS: usize = 2;

/// Kinds of items.
pub const KINDS: [&str; 2] = ["difficulty", "proposal"];

/// An item as it stands in the form.
#[derive(Debug, Clone, Default)]
pub struct DraftItem {
    id: Option<i64>,
    kind: String,
    topic: String,
    words: String,
}

/// The form.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The words.
    pub words: ReportWords,
    /// True to send, false to save.
    pub send: bool,
    /// True to go on to the documents once it is saved.
    pub document: bool,
    items: Vec<DraftItem>,
}

impl Draft {
    /// The form as the report stands.
    #[must_use]
    pub fn of(report: &Report, items: &[ReportItem]) -> Self {
        let item = |item: &ReportItem| DraftItem {
            id: Some(item.id),
            kind: item.kind.clone(),
            topic: item.topic.clone(),
            words: item.words.clone(),
        };
        Self {
            words: ReportWords {
                direction: report.direction.clone(),
                results: report.results.clone(),
                support: report.support.clone(),
                next_steps: report.next_steps.clone(),
            },
            send: false,
            document: false,
            items: items.iter().map(item).collect(),
        }
    }

    /// Reads the pairs of a form; each `item_kind` begins a row.
    #[must_use]
    pub fn read(pairs: Vec<(String, String)>) -> Self {
        let mut draft = Self::default();
        for (key, value) in pairs {
            match key.as_str() {
                "direction" => draft.words.direction = tidy(&value),
                "results" => draft.words.results = tidy(&value),
                "support" => draft.words.support = tidy(&value),
                "next_steps" => draft.words.next_steps = tidy(&value),
                "action" => (draft.send, draft.document) = (value == "send", value == "document"),
                "item_kind" => draft.items.push(DraftItem { kind: value, ..DraftItem::default() }),
                key => {
                    let Some(item) = draft.items.last_mut() else { continue };
                    match key {
                        "item_id" => item.id = value.parse().ok(),
                        "item_topic" => item.topic = value,
                        "item_words" => item.words = tidy(&value),
                        _ => {}
                    }
                }
            }
        }
        draft
    }

    /// The items to keep, with what is wrong noted. Rows without words are left out.
    pub fn check(&self, page: &Page, errors: &mut Errors) -> Vec<TypedItem> {
        let words = [
            ("direction", &self.words.direction),
            ("results", &self.words.results),
            ("support", &self.words.support),
            ("next_steps", &self.words.next_steps),
        ];
        let too_long = || page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", WORDS_MAX.to_string())]);
        for (field, text) in words {
            if text.chars().count() > WORDS_MAX {
                errors.add(field, too_long());
            }
        }
        let mut seen = HashSet::new();
        let mut items = Vec::new();
        for item in self.items.iter().filter(|item| !item.words.is_empty()) {
            let field = if item.kind == "proposal" { "proposal-items" } else { "items" };
            if item.words.chars().count() > WORDS_MAX {
                errors.add(field, too_long());
            }
            if !KINDS.contains(&item.kind.as_str()) || Topic::from_code(&item.topic).is_none() {
                errors.add(field, page.t("Hãy chọn loại cho từng khó khăn, kiến nghị đã ghi."));
            }
            let id = item.id.filter(|id| seen.insert(*id)).unwrap_or_else(new_id);
            let (kind, topic) = (item.kind.clone(), item.topic.clone());
            items.push(TypedItem { id, kind, topic, words: item.words.clone() });
        }
        if items.len() > ITEMS_MAX {
            errors.add("items", page.t("Một báo cáo có tối đa 40 khó khăn và kiến nghị; hãy gộp bớt."));
        }
        items
    }

    /// As the template reads it, with empty rows to type into.
    #[must_use]
    pub fn view(&self) -> Value {
        let of = |kind: &str| -> Vec<Value> {
            let filled = self.items.iter().filter(|item| item.kind == kind && !item.words.is_empty());
            let filled = filled.map(|item| {
                let id = item.id.map(|id| id.to_string()).unwrap_or_default();
                context! { id, topic => item.topic.clone(), words => item.words.clone() }
            });
            let empty = (0..EMPTY_ROWS).map(|_| context! { id => "", topic => "", words => "" });
            filled.chain(empty).collect()
        };
        context! {
            direction => self.words.direction.clone(), results => self.words.results.clone(),
            support => self.words.support.clone(), next_steps => self.words.next_steps.clone(),
            difficulties => of("difficulty"), proposals => of("proposal"),
        }
    }
}

/// Line ends as `\n`, no other control characters, nothing at the ends.
#[must_use]
pub fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let kept: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    kept.trim().to_owned()
}

/// Topics as choices of a form.
#[must_use]
pub fn topics(page: &Page) -> Vec<Value> {
    Topic::ALL
        .iter()
        .map(|topic| context! { value => topic.code(), label => page.t(topic.label()) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_in_order() {
        let pairs = [
            ("direction", " Đã họp\r\ngiao ban \u{0}"),
            ("item_kind", "difficulty"),
            ("item_id", "77"),
            ("item_topic", "network"),
            ("item_words", "Sóng yếu"),
            ("item_kind", "proposal"),
            ("item_id", ""),
            ("item_topic", "money"),
            ("item_words", ""),
            ("action", "send"),
        ];
        let draft = Draft::read(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec());
        assert_eq!(draft.words.direction, "Đã họp\ngiao ban");
        assert!(draft.send);
        assert_eq!((draft.items.len(), draft.items[0].id), (2, Some(77)));
        assert_eq!(draft.items[1].kind, "proposal");
    }
}
