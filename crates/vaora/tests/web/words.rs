//! Words: every text that a reader may see has an English translation.

use std::collections::BTreeSet;

use domain::{
    difficulty::Topic,
    distancing::Level,
    inspection::{Answer, CodeVerdict, FindingCode, Item, risk::Why},
    opening::{Purpose, QuestionKind},
    proposal, report,
    role::Role,
    sitting::SittingEnd,
};
use vaora::i18n::Catalog;

use crate::common::source;

/// Texts that stay Vietnamese in every language: names, documents of the administration, what is never shown.
const VIETNAMESE_ONLY: [&str; 5] = [
    // Made documents are Vietnamese by law (Decree 30/2020/NĐ-CP).
    "src/web/weekly.rs",
    "src/web/reports/content/",
    // Defaults of settings: names of offices.
    "src/config.rs",
    // Made-up people and places, and what the command line prints.
    "src/demo/",
    "src/cli/",
];

/// Source texts that templates translate: `"…"|t`.
fn of_templates() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (name, text) in source::files("templates", ".html") {
        // No route shows it: it is for those who make pages.
        if name.ends_with("/styleguide.html") {
            continue;
        }
        for (at, _) in text.match_indices("|t") {
            let after = text[at + 2..].chars().next().unwrap_or(' ');
            let before = &text[..at];
            let Some(quote) = before.chars().last().filter(|quote| ['"', '\''].contains(quote)) else {
                continue;
            };
            if after.is_ascii_alphanumeric() || after == '_' {
                continue;
            }
            let literal = &before[..before.len() - 1];
            let begin = literal.rfind(quote).unwrap();
            found.insert((name.clone(), literal[begin + 1..].to_owned()));
        }
    }
    found
}

fn is_vietnamese(text: &str) -> bool {
    text.chars().any(|letter| {
        ('\u{1EA0}'..='\u{1EF9}').contains(&letter)
            || "ăâđêôơưáàãéèíìĩóòõúùũýĂÂĐÊÔƠƯÁÀÃÉÈÍÌÓÒÕÚÙÝ".contains(letter)
    })
}

/// Vietnamese literals of the source.
fn of_source() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (name, text) in source::files("src", ".rs") {
        if VIETNAMESE_ONLY.iter().any(|part| name.starts_with(part)) {
            continue;
        }
        for literal in source::literals(&text) {
            if is_vietnamese(&literal) {
                found.insert((name.clone(), literal));
            }
        }
    }
    found
}

fn inspection_labels() -> Vec<&'static str> {
    let whys = [
        Why::NeverUsed(1),
        Why::Silent(1),
        Why::FarBelow(1),
        Why::Complaints(1),
        Why::Findings(1),
        Why::Random,
        Why::Added,
        Why::Again,
        Why::Own,
    ];
    let mut labels: Vec<&str> = Item::ALL.iter().map(|item| item.label()).collect();
    labels.extend(Answer::ALL.iter().map(|answer| answer.label()));
    labels.extend(CodeVerdict::ALL.iter().map(|verdict| verdict.label()));
    labels.extend(FindingCode::ALL.iter().flat_map(|code| [code.label(), code.remedy()]));
    labels.extend(whys.iter().map(|why| why.label()));
    labels
}

#[test]
fn every_text_has_an_english_one() {
    let catalog = Catalog::load().unwrap();
    let (templates, source) = (of_templates(), of_source());
    assert!(templates.len() > 200 && source.len() > 100, "{} and {}", templates.len(), source.len());
    let labels = Role::ALL
        .iter()
        .map(|role| role.label())
        .chain(Purpose::ALL.iter().map(|purpose| purpose.label()))
        .chain(QuestionKind::ALL.iter().map(|kind| kind.label()))
        .chain(SittingEnd::ALL.iter().map(|end| end.label()))
        .chain(Level::ALL.iter().map(|level| level.label()))
        .chain(inspection_labels())
        .chain(Topic::ALL.iter().map(|topic| topic.label()))
        .chain(proposal::State::ALL.iter().map(|state| state.label()))
        .chain(proposal::Decision::ALL.iter().map(|decision| decision.label()))
        .chain(report::State::ALL.iter().map(|state| state.label()))
        .chain(report::Kind::ALL.iter().map(|kind| kind.label()))
        .map(|label| ("domain".to_owned(), label.to_owned()));
    let missing: Vec<String> = templates
        .into_iter()
        .chain(source)
        .chain(labels)
        .filter(|(_, text)| !catalog.has_english(text))
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    assert!(missing.is_empty(), "locales/en.po lacks {}:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn translations_keep_the_places_to_fill() {
    let text = source::read("locales/en.po");
    let places = |text: &str| -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
    };
    let catalog = Catalog::load().unwrap();
    for (_, source) in of_templates().into_iter().chain(of_source()) {
        let english = catalog.text(vaora::i18n::Lang::En, &source);
        assert_eq!(places(&source), places(english), "{source}");
    }
    assert!(!text.contains("fuzzy"));
}
