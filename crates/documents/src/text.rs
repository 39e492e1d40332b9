//! Text as it is printed: cleaned of what cannot be printed, numbers and dates in the Vietnamese way.

use jiff::civil::Date;
use unicode_segmentation::UnicodeSegmentation;

/// Most graphemes of one typed field that are printed; the rest is cut with an ellipsis.
pub(crate) const FIELD_GRAPHEMES_MAX: usize = 200;

/// A run of this many graphemes without a space may be broken anywhere, so that it cannot leave its box.
const UNBROKEN_GRAPHEMES_MAX: usize = 24;

/// Makes typed text printable on one paragraph: control characters become spaces, characters that turn the
/// reading direction or that XML forbids go, and what is longer than `graphemes_max` is cut with `…`.
pub(crate) fn clean(text: &str, graphemes_max: usize) -> String {
    let printable: String =
        text.chars().filter(|c| !is_forbidden(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let trimmed = printable.trim();
    match trimmed.grapheme_indices(true).nth(graphemes_max) {
        Some((end, _)) => format!("{}…", trimmed[..end].trim_end()),
        None => trimmed.to_owned(),
    }
}

/// [`clean`] with places to break inside very long words (zero-width spaces).
pub(crate) fn clean_breakable(text: &str, graphemes_max: usize) -> String {
    let cleaned = clean(text, graphemes_max);
    let mut out = String::with_capacity(cleaned.len());
    let mut unbroken = 0;
    for grapheme in cleaned.graphemes(true) {
        unbroken = if grapheme.trim().is_empty() { 0 } else { unbroken + 1 };
        if unbroken > UNBROKEN_GRAPHEMES_MAX {
            out.push('\u{200B}');
        }
        out.push_str(grapheme);
    }
    out
}

/// Bidirectional controls could show a name in another order; U+FFFE and U+FFFF are not XML characters.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// A whole number with a dot between thousands: `45.536`.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// A number with a decimal comma and dots between thousands: `1.234,50`.
pub(crate) fn decimal(number: f64, places: usize) -> String {
    let fixed = format!("{number:.places$}");
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), count);
    // -0.4 has the whole part -0, which loses its sign as an integer.
    let sign = if fixed.starts_with("-0.") { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole},{fraction}") }
}

/// A share of a whole as a percentage with one decimal: `86,4%`; `None` of nothing.
pub(crate) fn percent(part: i64, whole: i64) -> Option<String> {
    (whole > 0).then(|| format!("{}%", decimal(part as f64 * 100.0 / whole as f64, 1)))
}

/// A date as `05/08/2021`.
pub(crate) fn day(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_the_vietnamese_way() {
        for (number, text) in [
            (0, "0"),
            (7, "7"),
            (999, "999"),
            (1_393, "1.393"),
            (45_536, "45.536"),
            (-1_234_567, "-1.234.567"),
        ] {
            assert_eq!(count(number), text);
        }
        for (number, places, text) in [
            (0.745, 2, "0,74"),
            (1234.5, 1, "1.234,5"),
            (-0.4, 1, "-0,4"),
            (3.0, 0, "3"),
            (f64::NAN, 1, "NaN"),
        ] {
            assert_eq!(decimal(number, places), text);
        }
        assert_eq!(percent(1_204, 1_393).as_deref(), Some("86,4%"));
        assert_eq!(percent(1, 0), None);
        assert_eq!(day(jiff::civil::date(2021, 8, 5)), "05/08/2021");
    }

    #[test]
    fn text_that_cannot_be_printed_is_replaced_or_cut() {
        assert_eq!(clean("Chợ\u{0}\r\nTân\u{202E} Lợi \u{FFFF}", 50), "Chợ   Tân Lợi");
        assert_eq!(
            clean("Ê\u{306}Ô\u{306}Ơ\u{306}", 2),
            "Ê\u{306}Ô\u{306}…",
            "a letter and its mark are one"
        );
        assert_eq!(clean("ngắn", 4), "ngắn");
    }

    #[test]
    fn only_very_long_words_get_places_to_break() {
        assert_eq!(clean_breakable("Nghĩa trang H'Drơng", 50), "Nghĩa trang H'Drơng");
        assert_eq!(clean_breakable(&"W".repeat(26), 50), format!("{}\u{200B}W\u{200B}W", "W".repeat(24)));
    }
}
