//! Marked phone numbers and citizen card numbers.

use std::collections::HashMap;

use crate::world::Sex;

/// Mobile prefixes in use after `+84` (3[2-9], 5[25689], 7[06-9], 8[1-9], 9[0-46-9]).
const PREFIXES: [u8; 36] = [
    90, 91, 92, 93, 94, 96, 97, 98, 99, 32, 33, 34, 35, 36, 37, 38, 39, 52, 55, 56, 58, 59, 70, 76, 77, 78,
    79, 81, 82, 83, 84, 85, 86, 87, 88, 89,
];

/// The last four digits below this are kept for scripted people.
const SCRIPTED: u32 = 100;
/// How many different numbers there are for everybody else.
const COUNT: u32 = (10_000 - SCRIPTED) * PREFIXES.len() as u32;
/// Shares no factor with [`COUNT`] (356,400 = 2⁴ · 3⁴ · 5² · 11), so that steps visit every number once.
const STEP: u64 = 100_003;

/// The phone of the `index`-th subscriber, E.164; different for each index below 356,400.
pub(crate) fn phone(index: u32) -> String {
    let slot = (u64::from(index) * STEP % u64::from(COUNT)) as u32;
    let prefix = PREFIXES[(slot % PREFIXES.len() as u32) as usize];
    format!("+84{prefix}000{:04}", SCRIPTED + slot / PREFIXES.len() as u32)
}

/// The phone of the `index`-th scripted person: `090 000 00xx` (`xx` is one more than the index).
pub(crate) fn scripted_phone(index: u32) -> String {
    format!("+8490000{:04}", (index + 1) % SCRIPTED)
}

/// Hands out citizen card numbers of Đắk Lắk.
#[derive(Default)]
pub(crate) struct CitizenNumbers {
    given: HashMap<(u16, u8), u32>,
}

impl CitizenNumbers {
    /// The next number for this year and sex: 066, one digit for century and sex (0 and 1 for men and women
    /// of the 1900s, 2 and 3 of the 2000s), two of the year, six free ones beginning with 99. `None` outside
    /// 1900 to 2099 and after ten thousand of a kind.
    pub(crate) fn next(&mut self, birth_year: u16, sex: Sex) -> Option<String> {
        let century = match birth_year {
            1900..=1999 => 0,
            2000..=2099 => 2,
            _ => return None,
        };
        let digit = century + u8::from(sex == Sex::Female);
        let serial = self.given.entry((birth_year, digit)).or_insert(0);
        if *serial > 9_999 {
            return None;
        }
        let number = format!("066{digit}{:02}99{serial:04}", birth_year % 100);
        *serial += 1;
        Some(number)
    }
}
