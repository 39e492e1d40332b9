//! Templates: their environment, filters and what every page is told.

use anyhow::{Context as _, Result};
use domain::time::{local_date, local_datetime};
use jiff::civil::Date;
use minijinja::{
    Environment, Error, State, UndefinedBehavior, Value,
    value::{Kwargs, ValueKind},
};
use rust_embed::RustEmbed;
use std::sync::Arc;

use crate::i18n::{Catalog, Lang};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// Reads all templates and sets the filters that they use.
///
/// # Errors
/// When a template does not compile; the error names it.
pub fn environment(catalog: &Arc<Catalog>) -> Result<Environment<'static>> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    for name in Templates::iter() {
        let file = Templates::get(&name).context("template vanished")?;
        let source = String::from_utf8(file.data.into_owned()).context("template is not UTF-8")?;
        env.add_template_owned(name.to_string(), source).with_context(|| format!("template {name}"))?;
    }
    let translations = Arc::clone(catalog);
    env.add_filter("t", move |state: &State, source: &str, values: Kwargs| {
        translate(&translations, state, source, &values)
    });
    env.add_filter("num", |state: &State, value: Value| Ok::<_, Error>(number(&value, lang_of(state))));
    env.add_filter("ratio", |state: &State, value: Value| Ok::<_, Error>(decimal(&value, 2, lang_of(state))));
    env.add_filter("pct", |value: Value| Ok::<_, Error>(percent(&value)));
    env.add_filter("date", |value: Value| Ok::<_, Error>(date(&value)));
    env.add_filter("datetime", |value: Value| Ok::<_, Error>(datetime(&value)));
    env.add_filter("clock", |value: Value| Ok::<_, Error>(clock_time(&value)));
    Ok(env)
}

fn lang_of(state: &State) -> Lang {
    let code = state.lookup("lang").and_then(|lang| lang.as_str().map(str::to_owned)).unwrap_or_default();
    Lang::from_code(&code).unwrap_or(Lang::Vi)
}

fn translate(catalog: &Catalog, state: &State, source: &str, values: &Kwargs) -> Result<String, Error> {
    let lang = lang_of(state);
    let mut filled = Vec::new();
    for name in values.args() {
        let value: Value = values.get(name)?;
        let text = if value.kind() == ValueKind::Number { number(&value, lang) } else { value.to_string() };
        filled.push((name, text));
    }
    Ok(catalog.fill(lang, source, &filled))
}

/// A whole number with points between thousands, as Vietnamese writes it: `1.869.322`; a dash for none.
fn number(value: &Value, lang: Lang) -> String {
    value.as_i64().map_or_else(|| dash(value), |number| group_thousands_in(lang, number))
}

/// Digits in groups of three, with the separator of a language.
#[must_use]
pub fn group_thousands_in(lang: Lang, number: i64) -> String {
    let text = group_thousands(number);
    if lang == Lang::En { text.replace('.', ",") } else { text }
}

/// Digits of a number in groups of three with points between.
#[must_use]
pub fn group_thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

fn decimal(value: &Value, places: usize, lang: Lang) -> String {
    let number = f64::try_from(value.clone()).ok();
    let text = number.map_or_else(|| dash(value), |number| format!("{number:.places$}"));
    if lang == Lang::Vi { text.replace('.', ",") } else { text }
}

fn percent(value: &Value) -> String {
    let share = f64::try_from(value.clone()).ok();
    share.map_or_else(|| dash(value), |share| format!("{:.0} %", share * 100.0))
}

fn dash(value: &Value) -> String {
    if value.is_none() || value.is_undefined() { "–".to_owned() } else { value.to_string() }
}

fn date(value: &Value) -> String {
    let day = match value.as_i64() {
        Some(at) => Some(local_date(at)),
        None => value.as_str().and_then(|text| text.parse::<Date>().ok()),
    };
    day.map_or_else(|| dash(value), |day| day.strftime("%d/%m/%Y").to_string())
}

fn datetime(value: &Value) -> String {
    value.as_i64().map_or_else(|| dash(value), |at| local_datetime(at).strftime("%H:%M %d/%m/%Y").to_string())
}

fn clock_time(value: &Value) -> String {
    value.as_i64().map_or_else(|| dash(value), |at| local_datetime(at).strftime("%H:%M").to_string())
}

/// Renders a template.
///
/// # Errors
/// When the template asks for what it was not given; the error names the place.
pub fn render(env: &Environment<'static>, name: &str, context: Value) -> Result<String> {
    let template = env.get_template(name)?;
    template.render(context).map_err(|error| {
        let mut whole = error.to_string();
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
        while let Some(next) = cause {
            whole.push_str(": ");
            whole.push_str(&next.to_string());
            cause = next.source();
        }
        anyhow::anyhow!("template {name}: {whole}")
    })
}

#[cfg(test)]
mod tests {
    use super::group_thousands;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(group_thousands(0), "0");
        assert_eq!(group_thousands(999), "999");
        assert_eq!(group_thousands(1_869_322), "1.869.322");
        assert_eq!(group_thousands(-1000), "-1.000");
    }
}
