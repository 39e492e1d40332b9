//! Guides: one page each, in both languages, with a version and a day that a printed copy shows too.

use axum::extract::{Path, State};
use minijinja::{Value, context};
use pulldown_cmark::{Event, Options, Parser, html};
use rust_embed::RustEmbed;

use crate::{
    app::App,
    error::{AppError, Result},
    i18n::Lang,
    page::Page,
};

#[derive(RustEmbed)]
#[folder = "guides/"]
struct Files;

/// The guides in the order in which they are listed, with whom each is for.
pub const GUIDES: [(&str, &str); 12] = [
    ("visitor", "Khách"),
    ("visitor-no-phone", "Khách"),
    ("privacy", "Khách"),
    ("gate", "Người gác cổng"),
    ("gate-offline", "Người gác cổng"),
    ("code-trouble", "Người gác cổng"),
    ("owner", "Chủ địa điểm"),
    ("commune-week", "Cán bộ"),
    ("department", "Cán bộ"),
    ("support", "Cán bộ"),
    ("inspector", "Cán bộ"),
    ("tracer", "Cán bộ"),
];

/// A guide as it is written.
pub struct Guide {
    /// Its heading.
    pub title: String,
    /// Version: `1.0`.
    pub version: String,
    /// Day of the version, ISO date.
    pub on: String,
    /// One line that says what it is for.
    pub summary: String,
    /// The text, in Markdown.
    pub body: String,
    /// Versions with their day and what changed, latest first.
    pub changes: Vec<(String, String, String)>,
}

/// Reads a guide: head lines `name: value` up to a line `---`, then the text. `change:` lines hold version, day and
/// words, parted by `|`.
#[must_use]
pub fn read(slug: &str, lang: Lang) -> Option<Guide> {
    GUIDES.iter().find(|(name, _)| *name == slug)?;
    let file = Files::get(&format!("{slug}.{}.md", lang.code()))?;
    let text = String::from_utf8(file.data.into_owned()).ok()?;
    let (head, body) = text.split_once("\n---\n")?;
    let value = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(|line| line.trim().to_owned())
    };
    let changes = head
        .lines()
        .filter_map(|line| line.strip_prefix("change:"))
        .filter_map(|line| {
            let mut parts = line.splitn(3, '|').map(|part| part.trim().to_owned());
            Some((parts.next()?, parts.next()?, parts.next()?))
        })
        .collect();
    Some(Guide {
        title: value("title")?,
        version: value("version")?,
        on: value("on")?,
        summary: value("summary")?,
        body: body.to_owned(),
        changes,
    })
}

/// A guide's text as HTML. The files are ours; HTML within them is shown as text all the same.
fn rendered(body: &str) -> String {
    let events = Parser::new_ext(body, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut out = String::with_capacity(body.len() * 2);
    html::push_html(&mut out, events);
    out
}

/// Lists the guides.
///
/// # Errors
/// When the page cannot be made.
pub async fn list(State(_app): State<App>, page: Page) -> Result {
    let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
    for (slug, group) in GUIDES {
        let Some(guide) = read(slug, page.lang) else { continue };
        let one = context! { slug, title => guide.title, summary => guide.summary, version => guide.version };
        match groups.last_mut().filter(|(name, _)| *name == group) {
            Some((_, guides)) => guides.push(one),
            None => groups.push((group, vec![one])),
        }
    }
    let groups: Vec<Value> =
        groups.into_iter().map(|(name, guides)| context! { name => page.t(name), guides }).collect();
    page.show("guides.html", context! { groups }).await
}

/// Shows a guide.
///
/// # Errors
/// Not found for guides that are none.
pub async fn show(State(app): State<App>, page: Page, Path(slug): Path<String>) -> Result {
    let guide = read(&slug, page.lang).ok_or(AppError::NotFound)?;
    let changes: Vec<Value> =
        guide.changes.iter().map(|(version, on, words)| context! { version, on, words }).collect();
    let url = format!("{}/guides/{slug}", app.config.public_url.trim_end_matches('/'));
    let values = context! {
        title => guide.title, version => guide.version, on => guide.on, summary => guide.summary, changes, url,
        body => Value::from_safe_string(rendered(&guide.body)), hotline => &app.config.hotline,
    };
    page.show("guide.html", values).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_is_there_in_both_languages_and_dated_alike() {
        for (slug, _) in GUIDES {
            let [vi, en] = [Lang::Vi, Lang::En].map(|lang| read(slug, lang));
            let (Some(vi), Some(en)) = (vi, en) else { panic!("{slug}") };
            assert_eq!((&vi.version, &vi.on), (&en.version, &en.on), "{slug}");
            assert!(vi.on.parse::<jiff::civil::Date>().is_ok(), "{slug}");
            assert_eq!(vi.changes.first().map(|change| &change.0), Some(&vi.version), "{slug}");
            assert_eq!(vi.changes.len(), en.changes.len(), "{slug}");
            // One page of A4 in large type.
            let letters = rendered(&vi.body).chars().count();
            assert!((300..4200).contains(&letters), "{slug}: {letters}");
        }
        assert!(read("../config", Lang::Vi).is_none());
    }

    #[test]
    fn reasons_lead_to_guides_that_exist() {
        for reason in domain::support::Reason::ALL {
            assert!(GUIDES.iter().any(|(slug, _)| *slug == reason.guide()), "{}", reason.code());
        }
    }

    #[test]
    fn html_in_a_text_is_text() {
        assert!(rendered("a <script>x</script>").contains("&lt;script&gt;"));
    }
}
