//! The nouns of the made-up world and the one function that makes it.

use domain::time::Millis;
use jiff::civil::Date;

use crate::config::Config;
use crate::emit::Log;
use crate::kind::Kinds;
use crate::names::Names;
use crate::story::Story;
use crate::{people, places, routine, story};

/// A commune to fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commune {
    /// GSO code.
    pub code: String,
    /// Name with or without its kind ("Phường Tân Lập"); with it, wards get street addresses.
    pub name: String,
    /// Residents.
    pub population: u32,
}

/// A type of place that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceType {
    /// Code as in `place-types.csv`. Codes the generator does not know are left out.
    pub code: String,
    /// Vietnamese name.
    pub vi: String,
    /// Default stay in minutes; stays are drawn around it.
    pub default_stay_minutes: u32,
}

/// Sex as citizen card numbers carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Man or boy.
    Male,
    /// Woman or girl.
    Female,
}

/// How a place's codes are used, as the scans of the world say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// Scanned in the last seven days of the window.
    Live,
    /// Scanned, but not in the last seven days.
    Silent,
    /// Never scanned.
    NeverUsed,
}

/// A place with an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthPlace {
    /// Index into the communes given to [`generate`].
    pub commune: usize,
    /// One of the type codes given, or of the story's.
    pub type_code: String,
    /// Unique within its commune.
    pub name: String,
    /// House number and street, or village, without the commune.
    pub address: String,
    /// Contact person.
    pub owner_name: String,
    /// E.164, marked as made up.
    pub owner_phone: String,
    /// Names of parts with their own code; most places have none.
    pub areas: Vec<String>,
    /// The local day its code was published; no scan is earlier.
    pub opened_on: Date,
    /// What its scans say of it.
    pub usage: Usage,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthPerson {
    /// Full name in the order of its custom, NFC.
    pub name: String,
    /// E.164, marked as made up; `None` for those who use a card. Families may share one.
    pub phone: Option<String>,
    /// Year of birth.
    pub birth_year: u16,
    /// Sex.
    pub sex: Sex,
    /// Index of the home commune.
    pub commune: usize,
    /// Citizen card number (12 digits) for most people of 14 and more.
    pub id_number: Option<String>,
}

/// One read of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynthScan {
    /// Index into [`World::people`].
    pub person: u32,
    /// Index into [`World::places`].
    pub place: u32,
    /// 0 is the place itself, otherwise one more than the index into its areas.
    pub area: u16,
    /// True on the way out.
    pub out: bool,
    /// When.
    pub at: Millis,
    /// 0 typed, 1 poster, 2 rotating code, 3 personal code read by a gate.
    pub assurance: u8,
}

/// A whole made-up world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// Places; the scripted ones come first.
    pub places: Vec<SynthPlace>,
    /// People; the scripted ones come first.
    pub people: Vec<SynthPerson>,
    /// Scans by time.
    pub scans: Vec<SynthScan>,
    /// What can be found in it by name.
    pub story: Story,
}

/// Makes a world. The same arguments always give the same one.
///
/// Places are spread unevenly over the communes on purpose: the smallest has more points (places and areas)
/// than one for 100 residents, the others fewer, some very few. With no communes the world is empty
/// and the story has no contacts.
#[must_use]
pub fn generate(communes: &[Commune], types: &[PlaceType], config: &Config) -> World {
    let config = config.bounded();
    if communes.is_empty() {
        return World { places: vec![], people: vec![], scans: vec![], story: Story::empty(config.first_on) };
    }
    let names = Names::embedded();
    let kinds = Kinds::of(types);
    let mut sites = places::make(communes, &kinds, &names, &config);
    let people = people::make(communes, &names, &config);
    let mut log = Log::new(config.end_at());
    routine::walk(&people, &sites, communes, &config, &mut log);
    let story = story::play(&kinds, &config, &mut log);
    let scans = log.sorted();
    places::judge_usage(&mut sites, &scans, config.end_at());
    World { places: sites.into_iter().map(|site| site.place).collect(), people, scans, story }
}
