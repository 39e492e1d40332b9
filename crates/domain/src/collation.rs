//! The order of Vietnamese names in lists: by syllable, letters before tones, đ after d, numbers by their value.
//!
//! Unicode's order of code points puts Đ, Ô and Ư after Z. Dictionaries and offices order by the alphabet a ă â b c
//! d đ e ê … o ô ơ … u ư v x y, and within the same letters of a syllable by tone: ngang, huyền, hỏi, ngã, sắc,
//! nặng. Ê Đê letters stand after the letter they are made from, in the order of its own alphabet (e ĕ ê ê̆, o ŏ ô
//! ô̆ ơ ơ̆, b ƀ, c č, n ñ). Apostrophes (`H'Drơng`, `M'gar`) and case make no difference.

use unicode_normalization::UnicodeNormalization as _;

/// Ends letters, tones and syllables: less than everything else.
const END: u8 = 1;
/// Begins a number: before all letters.
const NUMBER: u8 = 2;
/// The letter a; each letter has eight places for its forms.
const FIRST_LETTER: u8 = 16;
/// Begins a letter of another script: after all of ours.
const FOREIGN: u8 = 230;
/// Added to a letter with a short mark, as in ă and ĕ.
const BREVE: u8 = 1;
/// Added to a letter with a roof, as in â and ê.
const ROOF: u8 = 2;
/// Added to a letter with a horn, as in ơ and ư.
const HORN: u8 = 4;
/// Added to đ, ƀ, č and ñ, which have no other forms.
const STROKE: u8 = 6;

/// A text's place in lists: texts in the order of their keys are in the order of a Vietnamese list. Texts that a
/// reader takes for the same (but for case and apostrophes) have the same key.
#[must_use]
pub fn key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() + 8);
    let (mut tones, mut begun) = (Vec::new(), false);
    let mut number = String::new();
    for c in text.nfd().flat_map(char::to_lowercase) {
        if c.is_ascii_digit() {
            number.push(c);
            begun = true;
            continue;
        }
        end_number(&mut key, &mut number);
        match c {
            'a'..='z' => key.push(letter(c as u8)),
            'đ' | 'ð' => key.push(letter(b'd') + STROKE),
            'ƀ' => key.push(letter(b'b') + STROKE),
            '\u{300}' => tones.push(END + 1),
            '\u{309}' => tones.push(END + 2),
            '\u{303}' if key.last() == Some(&letter(b'n')) => form(&mut key, STROKE),
            '\u{303}' => tones.push(END + 3),
            '\u{301}' => tones.push(END + 4),
            '\u{323}' => tones.push(END + 5),
            '\u{306}' => form(&mut key, BREVE),
            '\u{302}' => form(&mut key, ROOF),
            '\u{31b}' => form(&mut key, HORN),
            '\u{30c}' => form(&mut key, STROKE),
            '\'' | '’' | '‘' | '\u{2bc}' => continue,
            c if c.is_alphabetic() => {
                key.push(FOREIGN);
                key.extend(c.to_string().into_bytes());
            }
            _ => {
                end_syllable(&mut key, &mut tones, &mut begun);
                continue;
            }
        }
        begun = true;
    }
    end_number(&mut key, &mut number);
    end_syllable(&mut key, &mut tones, &mut begun);
    key
}

/// A small Latin letter without marks.
const fn letter(letter: u8) -> u8 {
    FIRST_LETTER + (letter - b'a') * 8
}

/// Turns the letter before into another of its forms.
fn form(key: &mut [u8], by: u8) {
    if let Some(letter) = key.last_mut().filter(|letter| (FIRST_LETTER..FOREIGN).contains(*letter)) {
        *letter = letter.saturating_add(by).min(FOREIGN - 1);
    }
}

/// A number by its value: how many digits it has (and one, so that no byte is 0), then the digits.
fn end_number(key: &mut Vec<u8>, number: &mut String) {
    if number.is_empty() {
        return;
    }
    let digits = number.trim_start_matches('0');
    key.push(NUMBER);
    key.push(u8::try_from(digits.len() + 1).unwrap_or(u8::MAX));
    key.extend(digits.bytes());
    number.clear();
}

/// Letters, then tones: the tone decides only where the letters are the same.
fn end_syllable(key: &mut Vec<u8>, tones: &mut Vec<u8>, begun: &mut bool) {
    if *begun {
        key.push(END);
        key.append(tones);
        key.push(END);
    }
    *begun = false;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn in_order(names: &[&str]) {
        let mut sorted = names.to_vec();
        sorted.reverse();
        sorted.sort_by_key(|name| key(name));
        assert_eq!(sorted, names);
        let different: std::collections::BTreeSet<Vec<u8>> = names.iter().map(|name| key(name)).collect();
        assert_eq!(different.len(), names.len(), "each has a place of its own");
    }

    #[test]
    fn the_alphabet_decides_before_the_tone() {
        in_order(&[
            "a",
            "ă",
            "â",
            "b",
            "ƀ",
            "c",
            "č",
            "d",
            "đ",
            "e",
            "ĕ",
            "ê",
            "ê\u{306}",
            "g",
            "h",
            "i",
            "ĭ",
            "k",
            "l",
        ]);
        in_order(&[
            "m",
            "n",
            "ñ",
            "o",
            "ŏ",
            "ô",
            "ô\u{306}",
            "ơ",
            "ơ\u{306}",
            "p",
            "q",
            "r",
            "s",
            "t",
            "u",
            "ŭ",
            "ư",
        ]);
        in_order(&["ư\u{306}", "v", "x", "y"]);
        in_order(&["ma", "mà", "mả", "mã", "má", "mạ", "man"]);
        in_order(&["ta", "tạ", "tă", "tặ", "tâ", "tậ"]);
    }

    #[test]
    fn units_of_the_province_stand_as_in_an_office() {
        in_order(&[
            "Buôn Đôn",
            "Buôn Hồ",
            "Buôn Ma Thuột",
            "Cư Kuin",
            "Cư M'gar",
            "Ea H'leo",
            "Ea Kar",
            "Ea Súp",
        ]);
        in_order(&[
            "Ea Súp",
            "Krông A Na",
            "Krông Bông",
            "Krông Búk",
            "Krông Năng",
            "Krông Pắc",
            "Lắk",
            "M'Drắk",
        ]);
        in_order(&[
            "Cư Dliê Mnông",
            "Cư Êbur",
            "Dliê Ya",
            "Dray Bhăng",
            "Đắk Liêng",
            "Đoàn Kết",
            "Ea Bar",
            "Ea Drơng",
        ]);
        in_order(&["Ea Drông", "Ea Drơng", "Ea Ô", "Ea Ô\u{306}", "Ea Phê", "Ê Đê", "H'Drơng", "Hòa An"]);
        in_order(&[
            "Tân An",
            "Tân Hòa",
            "Tân Lập",
            "Tân Lợi",
            "Tân Thành",
            "Thắng Lợi",
            "Thống Nhất",
            "Tự An",
        ]);
    }

    #[test]
    fn syllables_are_compared_one_by_one_and_numbers_by_value() {
        in_order(&["Ba Na", "Ba Vì", "Bà Rịa", "Bả", "Bac"]);
        in_order(&["Thôn 2", "Thôn 10", "Thôn 10 A", "Thôn A"]);
        in_order(&["", "1", "A"]);
    }

    #[test]
    fn case_apostrophes_and_normal_forms_make_no_difference() {
        for (one, other) in
            [("Cư M'gar", "CƯ M’GAR"), ("Ðắk Lắk", "đắk lắk"), ("Hòa", "Ho\u{300}a"), ("Thôn 02", "thôn  2")]
        {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_made_of_any_text(text in "\\PC{0,40}") {
            let one = key(&text);
            prop_assert!(!one.contains(&0));
            prop_assert_eq!(one, key(&text.nfd().collect::<String>()));
        }
    }
}
