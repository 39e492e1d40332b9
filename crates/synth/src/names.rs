//! Names after the customs of the province's peoples, from `data/names.csv`.

use std::collections::HashMap;

use serde::Deserialize;

use crate::dice::{Dice, Weighted};
use crate::world::Sex;

/// One line of the list.
#[derive(Deserialize)]
struct Row {
    list: String,
    people: String,
    value: String,
    weight: f64,
}

/// Whose custom a name follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Custom {
    /// Surname, middle, given; the list says whose surnames.
    SurnameFirst(&'static str),
    /// Given name with `Y` or `H'`, then the clan.
    GivenFirst(&'static str),
    /// Surname, `A` or `Thị`, given.
    Hmong,
}

/// The lists, ready to draw from.
pub(crate) struct Names {
    lists: HashMap<(String, String), Weighted<String>>,
    customs: Weighted<Custom>,
}

impl Names {
    /// Reads the embedded list; a line that can't be read is left out (a test counts them).
    pub(crate) fn embedded() -> Self {
        let mut lists: HashMap<(String, String), Weighted<String>> = HashMap::new();
        let text = include_str!("../data/names.csv");
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>().filter_map(Result::ok) {
            lists.entry((row.list, row.people)).or_default().push(row.value, row.weight);
        }
        // Roughly the shares of the province's peoples, rounded; only the look of the names hangs on them.
        let customs = [
            (Custom::SurnameFirst("kinh"), 64.0),
            (Custom::GivenFirst("ede"), 18.0),
            (Custom::SurnameFirst("tay_nung"), 7.0),
            (Custom::GivenFirst("mnong"), 4.0),
            (Custom::Hmong, 3.0),
            (Custom::SurnameFirst("thai"), 1.5),
            (Custom::SurnameFirst("muong"), 1.5),
            (Custom::SurnameFirst("dao"), 1.0),
        ];
        Self { lists, customs: customs.into_iter().collect() }
    }

    /// Draws a custom by its share.
    pub(crate) fn custom(&self, dice: &mut Dice) -> Custom {
        self.customs.draw(dice).copied().unwrap_or(Custom::SurnameFirst("kinh"))
    }

    /// Draws a surname or clan.
    pub(crate) fn surname(&self, custom: Custom, dice: &mut Dice) -> String {
        let people = match custom {
            Custom::SurnameFirst(people) | Custom::GivenFirst(people) => people,
            Custom::Hmong => "hmong",
        };
        self.draw("surname", people, dice)
    }

    /// A whole name with this surname.
    pub(crate) fn full(&self, custom: Custom, surname: &str, sex: Sex, dice: &mut Dice) -> String {
        let (given_list, middle_list) = match sex {
            Sex::Male => ("given_male", "middle_male"),
            Sex::Female => ("given_female", "middle_female"),
        };
        match custom {
            Custom::GivenFirst(_) => format!("{} {surname}", self.draw(given_list, "ede", dice)),
            Custom::SurnameFirst(_) => {
                let middle = self.draw(middle_list, "kinh", dice);
                let mut given = self.draw(given_list, "kinh", dice);
                if given == middle {
                    given = self.draw(given_list, "kinh", dice);
                }
                format!("{surname} {middle} {given}")
            }
            Custom::Hmong => {
                let middle = if sex == Sex::Male { "A" } else { "Thị" };
                format!("{surname} {middle} {}", self.draw(given_list, "kinh", dice))
            }
        }
    }

    /// A given name for a shop's sign ("Cà phê Thanh Hương").
    pub(crate) fn sign(&self, dice: &mut Dice) -> String {
        let first = self.draw("middle_female", "kinh", dice).replace("Thị", "Thanh");
        format!("{first} {}", self.draw("given_female", "kinh", dice))
    }

    fn draw(&self, list: &str, people: &str, dice: &mut Dice) -> String {
        let found = self.lists.get(&(list.to_owned(), people.to_owned()));
        found.and_then(|values| values.draw(dice)).cloned().unwrap_or_default()
    }
}
