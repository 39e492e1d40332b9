//! People, made household by household.

use jiff::civil::Date;

use crate::config::Config;
use crate::dice::{Dice, Weighted};
use crate::names::{Custom, Names};
use crate::numbers::{self, CitizenNumbers};
use crate::story;
use crate::world::{Commune, Sex, SynthPerson};

/// Stream of the dice for people.
const STREAM: u64 = 2;

/// Nobody younger leaves scans; a companion count stands for them at the door.
const AGE_MIN: u16 = 6;

/// The age from which most people have a citizen card.
const CARD_AGE_MIN: u16 = 14;

/// Makes everybody, the scripted people first.
pub(crate) fn make(communes: &[Commune], names: &Names, config: &Config) -> Vec<SynthPerson> {
    let mut dice = Dice::new(config.seed, STREAM);
    let mut cards = CitizenNumbers::default();
    let mut people = story::people(communes, &mut cards);
    let homes: Weighted<usize> = communes
        .iter()
        .enumerate()
        .map(|(index, commune)| (index, f64::from(commune.population.max(1))))
        .collect();
    let year = year_of(config.first_on);
    let wanted = config.people as usize;
    while people.len() < wanted {
        let commune = homes.draw(&mut dice).copied().unwrap_or(0);
        let house = Household::found(commune, year, names, &mut dice);
        for (age, sex) in house.members(&mut dice) {
            if people.len() < wanted {
                let person = house.person(age, sex, &people, config, (names, &mut cards), &mut dice);
                people.push(person);
            }
        }
    }
    people
}

fn year_of(date: Date) -> u16 {
    date.year().unsigned_abs()
}

/// What the members of a household share.
struct Household {
    commune: usize,
    custom: Custom,
    surname: String,
    year: u16,
}

impl Household {
    fn found(commune: usize, year: u16, names: &Names, dice: &mut Dice) -> Self {
        let custom = names.custom(dice);
        let surname = names.surname(custom, dice);
        Self { commune, custom, surname, year }
    }

    /// Ages and sexes: one or two adults, their children, sometimes a grandparent.
    fn members(&self, dice: &mut Dice) -> Vec<(u16, Sex)> {
        let elder = if dice.chance(0.5) { Sex::Male } else { Sex::Female };
        let age = dice.between(20, 68) as u16;
        let mut members = vec![(age, elder)];
        if dice.chance(0.75) {
            let other = if elder == Sex::Male { Sex::Female } else { Sex::Male };
            members.push(((age + 3).saturating_sub(dice.below(7) as u16).max(18), other));
        }
        for _ in 0..dice.count_of_mean(1.6, 4) {
            let child = age.saturating_sub(dice.between(20, 36) as u16);
            if (AGE_MIN..=30).contains(&child) {
                members.push((child, if dice.chance(0.52) { Sex::Male } else { Sex::Female }));
            }
        }
        if age < 50 && dice.chance(0.15) {
            members.push((
                age + dice.between(22, 34) as u16,
                if dice.chance(0.4) { Sex::Male } else { Sex::Female },
            ));
        }
        members
    }

    /// One member; `before` ends with the members already made.
    fn person(
        &self,
        age: u16,
        sex: Sex,
        before: &[SynthPerson],
        config: &Config,
        (names, cards): (&Names, &mut CitizenNumbers),
        dice: &mut Dice,
    ) -> SynthPerson {
        // The name is handed down in one line (the father's for most, the mother's among the Ê Đê and
        // M'Nông); who marries in keeps his or her own.
        let heir = match self.custom {
            Custom::GivenFirst(_) => Sex::Female,
            Custom::SurnameFirst(_) | Custom::Hmong => Sex::Male,
        };
        let married_in = age >= 31 && sex != heir;
        let surname = if married_in { names.surname(self.custom, dice) } else { self.surname.clone() };
        let birth_year = self.year.saturating_sub(age);
        let index = before.len() as u32;
        let carded = age >= CARD_AGE_MIN && dice.chance(0.9);
        SynthPerson {
            name: names.full(self.custom, &surname, sex, dice),
            phone: self.phone(age, index, before, config, dice),
            birth_year,
            sex,
            commune: self.commune,
            id_number: if carded { cards.next(birth_year, sex) } else { None },
        }
    }

    /// A phone of one's own, that of the one before in the household, or none. Children and the old go
    /// without three times as often as others.
    fn phone(
        &self,
        age: u16,
        index: u32,
        before: &[SynthPerson],
        config: &Config,
        dice: &mut Dice,
    ) -> Option<String> {
        let weak = !(13..70).contains(&age);
        let share = config.no_phone_share;
        let without = share * if weak { 2.4 } else { 0.8 + 0.2 * share };
        if dice.chance(without) {
            return None;
        }
        let family =
            before.last().filter(|last| last.commune == self.commune && last.name.contains(&self.surname));
        let shared = family.and_then(|last| last.phone.clone());
        if shared.is_some() && dice.chance(if weak { 0.5 } else { 0.02 }) {
            return shared;
        }
        Some(numbers::phone(index))
    }
}
