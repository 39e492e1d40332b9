//! One line of the first page: something to do, or to watch.

use minijinja::{Value, context};

use crate::page::Page;

/// How pressing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Late or wrong.
    Bad,
    /// Waits for the officer.
    Warn,
    /// In order.
    Good,
    /// To know.
    Info,
}

/// A task.
#[derive(Debug, Clone)]
pub struct Task {
    /// What kind of task, whatever the language: its words in Vietnamese.
    pub kind: String,
    /// How many.
    pub count: i64,
    /// What, with the count in it, in the reader's language.
    pub text: String,
    /// Where to do it.
    pub href: String,
    /// How pressing.
    pub tone: Tone,
}

impl Task {
    /// A task in the reader's words: `source` may name the count as `{n}`.
    #[must_use]
    pub fn new(page: &Page, count: i64, source: &str, href: impl Into<String>, tone: Tone) -> Self {
        let text = page.tf(source, &[("n", crate::render::group_thousands_in(page.lang, count))]);
        Self { kind: source.to_owned(), count, text, href: href.into(), tone }
    }

    /// As the template reads it; `change` since the officer last looked.
    #[must_use]
    pub fn view(&self, change: Option<i64>) -> Value {
        let tone = match self.tone {
            Tone::Bad => "bad",
            Tone::Warn => "warn",
            Tone::Good => "good",
            Tone::Info => "info",
        };
        context! { count => self.count, text => self.text.clone(), href => self.href.clone(), tone, change }
    }
}
