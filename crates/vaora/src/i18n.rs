//! Languages. The source text is Vietnamese and is its own key, as with gettext; a language is one `.po`
//! file in `locales/`.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Locales;

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Vietnamese, the source.
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Code as it stands in `lang` attributes, cookies and file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Vi, Self::En].into_iter().find(|lang| lang.code() == code)
    }

    /// The reader's language from an `Accept-Language` header: the first one that we have.
    #[must_use]
    pub fn from_header(header: &str) -> Option<Self> {
        header.split(',').find_map(|part| Self::from_code(part.trim().get(..2)?))
    }
}

/// Translations of every language but the source.
pub struct Catalog {
    english: HashMap<String, String>,
}

impl Catalog {
    /// Reads the embedded `.po` files.
    ///
    /// # Errors
    /// When a file is malformed.
    pub fn load() -> Result<Self> {
        let file = Locales::get("en.po").context("locales/en.po is missing from the build")?;
        let catalog = polib::po_file::parse_from_reader(&*file.data)
            .map_err(|error| anyhow::anyhow!("locales/en.po is malformed: {error}"))?;
        let english = catalog
            .messages()
            .filter_map(|message| Some((message.msgid().to_owned(), message.msgstr().ok()?.to_owned())))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        Ok(Self { english })
    }

    /// A source text in a language; the source itself where no translation is known.
    #[must_use]
    pub fn text<'a>(&'a self, lang: Lang, source: &'a str) -> &'a str {
        match lang {
            Lang::Vi => source,
            Lang::En => self.english.get(source).map_or(source, String::as_str),
        }
    }

    /// A source text with its `{name}` places filled.
    #[must_use]
    pub fn fill(&self, lang: Lang, source: &str, values: &[(&str, String)]) -> String {
        let mut text = self.text(lang, source).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// True when a translation into English is known.
    #[must_use]
    pub fn has_english(&self, source: &str) -> bool {
        self.english.contains_key(source)
    }
}
